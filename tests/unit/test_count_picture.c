/* SPDX-License-Identifier: MPL-2.0 */
/* Pictures: what of a hash is counted, adding up, order, and what does not fit. */
#include "suite.h"

#include "count/picture.h"

#include "base/str.h"

#include <errno.h>
#include <stdio.h>

static struct picture *picture;

static void set_up(void)
{
	picture = picture_new();
	ck_assert_ptr_nonnull(picture);
}

static void tear_down(void)
{
	picture_free(picture);
}

static int add_texts(size_t n, const char *const *text)
{
	size_t len[64];

	for (size_t i = 0; i < n; i++)
		len[i] = strlen(text[i]);
	return picture_add_hash(picture, n, text, len);
}

START_TEST(only_sums_and_cells_of_a_hash_are_counted)
{
	const char *const text[] = {
		"all.n", "10", "all.share", "70.00", "all.move", "3", "all.met", "0", "all.target", "80.00",
		"group:waves.ch.phone", "4", "n:school/school-enrolment/phone/transaction", "5", "reason:no-mailbox", "2",
		"as_of", "1790000000000", "_n", "99", "_w:abc", "17", "period", "year:2026", "all.gap_pp", "-10.00",
		"school/-.self", "1", "seconds:school/-/phone/case", "12.5", "all.n2", "3",
	};

	ck_assert_int_eq(add_texts(SUITE_LENGTH(text), text), 0);
	ck_assert_int_eq(picture_sum(picture, "all", "n"), 10);
	ck_assert_int_eq(picture_sum(picture, "group:waves", "ch.phone"), 4);
	ck_assert_int_eq(picture_get(picture, "n:school/school-enrolment/phone/transaction"), 5);
	ck_assert_int_eq(picture_get(picture, "reason:no-mailbox"), 2);
	ck_assert_int_eq(picture_sum(picture, "school/-", "self"), 1);
	for (const char *const *no = (const char *const[]){ "all.share", "all.move", "all.met", "all.target",
							    "as_of", "_n", "_w:abc", "period", "all.gap_pp",
							    "seconds:school/-/phone/case", "all.n2", NULL };
	     *no != NULL; no++)
		ck_assert_msg(!picture_has(picture, *no), "%s is in", *no);
}
END_TEST

START_TEST(hashes_of_several_periods_add_up)
{
	struct picture *more = picture_new();

	ck_assert(picture_is_empty(picture));
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(add_texts(4, (const char *const[]){ "all.n", "7", "all.self", "-2" }), 0);
	ck_assert_int_eq(picture_add(more, str_of("all.n"), 1), 0);
	ck_assert_int_eq(picture_add_picture(picture, more), 0);
	ck_assert_int_eq(picture_sum(picture, "all", "n"), 22);
	ck_assert_int_eq(picture_sum(picture, "all", "self"), -6);
	ck_assert(!picture_is_empty(picture));
	picture_free(more);
}
END_TEST

START_TEST(what_overflows_is_told_and_changes_nothing)
{
	ck_assert_int_eq(picture_add(picture, str_of("all.n"), INT64_MAX), 0);
	ck_assert_int_eq(picture_add(picture, str_of("all.n"), 1), -ERANGE);
	ck_assert_int_eq(add_texts(2, (const char *const[]){ "all.self", "99999999999999999999" }), 0);
	ck_assert(!picture_has(picture, "all.self"));
}
END_TEST

static int remember(void *ctx, struct effort_str field, int64_t amount)
{
	char *line = ctx;

	ck_assert_uint_eq(strlen(field.ptr), field.len);
	sprintf(line + strlen(line), "%s=%d ", field.ptr, (int)amount);
	return strcmp(field.ptr, "stop:here") == 0 ? 5 : 0;
}

START_TEST(fields_come_in_the_order_of_their_names)
{
	char line[256] = "";

	add_texts(10, (const char *const[]){ "out:b/-/letter/none", "2", "n:z/-/phone/case", "9", "out:a/-/letter/none",
					     "1", "out:a/-/email/none", "3", "stop:here", "0" });
	ck_assert_int_eq(picture_each(picture, "out:", remember, line), 0);
	ck_assert_str_eq(line, "out:a/-/email/none=3 out:a/-/letter/none=1 out:b/-/letter/none=2 ");
	ck_assert_int_eq(picture_each(picture, "stop:", remember, line), 5);
	line[0] = '\0';
	ck_assert_int_eq(picture_scan(picture, "n:", remember, line), 0);
	ck_assert_str_eq(line, "n:z/-/phone/case=9 ");
}
END_TEST

START_TEST(many_fields_are_found_again)
{
	char name[32];

	for (int i = 0; i < 50000; i++) {
		snprintf(name, sizeof(name), "n:area/task-%d", i);
		ck_assert_int_eq(picture_add(picture, str_of(name), i), 0);
	}
	for (int i = 0; i < 50000; i++) {
		snprintf(name, sizeof(name), "n:area/task-%d", i);
		ck_assert_int_eq(picture_get(picture, name), i);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { only_sums_and_cells_of_a_hash_are_counted, hashes_of_several_periods_add_up,
				       what_overflows_is_told_and_changes_nothing,
				       fields_come_in_the_order_of_their_names, many_fields_are_found_again };

	return RUN_TESTS_WITHIN("count/picture", tests, set_up, tear_down);
}
