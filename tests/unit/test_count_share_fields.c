/* SPDX-License-Identifier: MPL-2.0 */
/* Share hashes made of pictures: which fields, nulls, the target, and that rounding never reaches it. */
#include "count/share_fields.h"

#include "base/str.h"

#include "suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct picture *picture;
static char got[16384];

static void set_up(void)
{
	picture = picture_new();
	ck_assert_ptr_nonnull(picture);
	got[0] = '\0';
}

static void tear_down(void)
{
	picture_free(picture);
}

static void add(const char *field, int64_t amount)
{
	ck_assert_int_eq(picture_add(picture, str_of(field), amount), 0);
}

static void scope(const char *name, int64_t contacts, int64_t n, int64_t self, int64_t assisted, int64_t digital)
{
	const struct {
		const char *name;
		int64_t amount;
	} sums[] = { { "contacts", contacts }, { "n", n },		 { "self", self },	   { "assisted", assisted },
		     { "digital", digital },   { "target_n", n },	 { "target_self", self },  { "movable", n - self },
		     { "ch.selfservice", self }, { "ch.phone", n - self } };
	char field[128];

	for (size_t i = 0; i < SUITE_LENGTH(sums); i++) {
		snprintf(field, sizeof(field), "%s.%s", name, sums[i].name);
		add(field, sums[i].amount);
	}
}

static void take(void *ctx, const char *name, bool is_percent, int64_t value)
{
	size_t len = strlen(got);

	(void)ctx;
	snprintf(got + len, sizeof(got) - len, is_percent ? "%s=%" PRId64 "bp " : "%s=%" PRId64 " ", name, value);
}

static bool has(const char *text)
{
	return strstr(got, text) != NULL;
}

START_TEST(all_fields_of_scopes_and_none_of_tasks)
{
	scope("all", 120, 100, 68, 5, 80);
	scope("group:target", 100, 100, 68, 5, 80);
	scope("school/school-enrolment", 7, 7, 7, 0, 7);
	add("n:school/school-enrolment/phone/transaction", 32);
	ck_assert_int_eq(share_fields_each(picture, SHARE_FIELDS_SCOPES, 8000, take, NULL), 0);
	ck_assert(strncmp(got, "all.contacts=120 ", 17) == 0);
	ck_assert(has("all.information=0 ") && has("all.n=100 ") && has("all.ch.phone=32 ") && has("all.ch.other=0 "));
	ck_assert(has("all.share=6800bp ") && has("all.share_incl_assisted=7300bp ") && has("all.share_digital=8000bp "));
	ck_assert(has("all.target=8000bp ") && has("all.gap_pp=-1200bp ") && has("all.move=12 ") && has("all.met=0 "));
	ck_assert(has("group:target.movable=32 "));
	ck_assert(!has("school/"));
}
END_TEST

START_TEST(tasks_have_no_channels)
{
	scope("all", 7, 7, 7, 0, 7);
	scope("school/school-enrolment", 7, 7, 7, 0, 7);
	ck_assert_int_eq(share_fields_each(picture, SHARE_FIELDS_TASKS, 8000, take, NULL), 0);
	ck_assert(has("school/school-enrolment.share=10000bp ") && has("school/school-enrolment.met=1 "));
	ck_assert(!has("all.") && !has(".ch."));
}
END_TEST

START_TEST(nothing_to_divide_by_is_no_number)
{
	scope("daycare", 9, 0, 0, 0, 0);
	ck_assert_int_eq(share_fields_each(picture, SHARE_FIELDS_SCOPES, 8000, take, NULL), 0);
	ck_assert(has("daycare.contacts=9 ") && has("daycare.n=0 ") && has("daycare.target=8000bp "));
	ck_assert(!has("share") && !has("gap_pp") && !has("move=") && !has("met"));
}
END_TEST

START_TEST(a_rounded_share_never_reaches_a_target_that_is_missed)
{
	int64_t bp;

	scope("all", 25000, 25000, 19999, 0, 20000); /* 79.996 */
	ck_assert_int_eq(share_fields_each(picture, SHARE_FIELDS_SCOPES, 8000, take, NULL), 0);
	ck_assert(has("all.share=7999bp ") && has("all.gap_pp=-1bp ") && has("all.met=0 ") && has("all.move=1 "));
	ck_assert(has("all.share_digital=8000bp "));
	ck_assert(share_fields_ratio(picture, "all", SHARE_STRICT, -1, &bp));
	ck_assert_int_eq(bp, 8000);
	ck_assert(!share_fields_ratio(picture, "school", SHARE_STRICT, -1, &bp));
}
END_TEST

START_TEST(no_target_no_target_fields)
{
	scope("all", 10, 10, 5, 0, 5);
	ck_assert_int_eq(share_fields_each(picture, SHARE_FIELDS_SCOPES, -1, take, NULL), 0);
	ck_assert(has("all.share=5000bp ") && has("all.target_n=10 "));
	ck_assert(!has("all.target=") && !has("gap_pp") && !has("move=") && !has("met"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { all_fields_of_scopes_and_none_of_tasks, tasks_have_no_channels,
				       nothing_to_divide_by_is_no_number,
				       a_rounded_share_never_reaches_a_target_that_is_missed,
				       no_target_no_target_fields };

	return RUN_TESTS_WITHIN("count/share_fields", tests, set_up, tear_down);
}
