/* SPDX-License-Identifier: MPL-2.0 */
/* What definitions have been in force is neither changed nor taken out, also after a restart; what lies ahead may be. */
#include "run/definition_book.h"

#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TODAY 1000

static char dir[] = "/tmp/effort-definitions-XXXXXX";
static struct definition list[4];
static struct conf conf;

static void set_up(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	list[0] = (struct definition){ SHARE_SHIPPED, INT32_MIN, share_kl_2014, { NULL, 0, 0 } };
	list[1] = (struct definition){ "local", TODAY + 1, share_kl_2014, { "x", 1, 1 } };
	list[1].rule.is_exempt_out = true;
	conf = (struct conf){ .definitions = list, .definitions_len = 2 };
}

static void tear_down(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/definitions", dir);
	unlink(path);
	rmdir(dir);
}

/* A start on this day: judged, and kept where it is good. */
static bool start(int32_t today, bool has_counted, int32_t ahead)
{
	struct definition_book *book = definition_book_open(&disk_real, dir);
	struct faults faults = { 0 };
	int r;

	ck_assert_ptr_nonnull(book);
	r = definition_book_judge(book, &conf, today, has_counted, ahead, &faults);
	ck_assert_int_eq(r == 0, faults.n == 0);
	for (size_t i = 0; i < faults.n; i++)
		ck_assert_ptr_nonnull(faults.list[i].hint);
	if (r == 0)
		definition_book_keep(book, &conf);
	definition_book_close(book);
	faults_done(&faults);
	return r == 0;
}

START_TEST(one_that_lies_ahead_may_be_changed_and_taken_back)
{
	ck_assert(start(TODAY, true, 0));
	list[1].from = TODAY + 5;
	ck_assert(start(TODAY, true, 0));
	list[1].rule.kinds = 0xf;
	ck_assert(start(TODAY, true, 0));
	conf.definitions_len = 1;
	ck_assert(start(TODAY, true, 0));
}
END_TEST

START_TEST(one_whose_day_has_come_stays)
{
	ck_assert(start(TODAY, true, 0));
	ck_assert(start(TODAY + 1, true, 0));
	list[1].rule.kinds = 0xf;
	ck_assert(!start(TODAY + 1, true, 0));
	list[1].rule.kinds = share_kl_2014.kinds;
	list[1].id = "other";
	ck_assert(!start(TODAY + 1, true, 0));
	list[1].id = "local";
	list[1].from = TODAY + 2;
	ck_assert(!start(TODAY + 1, true, 0));
	list[1].from = TODAY + 1;
	conf.definitions_len = 1;
	ck_assert(!start(TODAY + 1, true, 0));
	list[2] = (struct definition){ SHARE_SHIPPED, TODAY + 2, share_kl_2014, { NULL, 0, 0 } };
	conf.definitions_len = 3;
	ck_assert(start(TODAY + 1, true, 0));
	list[0].rule.is_exempt_out = true;
	ck_assert(!start(TODAY + 1, true, 0));
}
END_TEST

START_TEST(none_reaches_back)
{
	list[1].from = TODAY;
	ck_assert(!start(TODAY, true, 0));
	list[1].from = TODAY + 1;
	ck_assert(!start(TODAY, true, 1)); /* contacts of tomorrow may be there already */
	list[1].from = TODAY + 2;
	ck_assert(start(TODAY, true, 1));
}
END_TEST

START_TEST(where_nothing_has_been_counted_any_day_will_do)
{
	list[1].from = TODAY - 500;
	ck_assert(!start(TODAY, true, 0));
	ck_assert(start(TODAY, false, 0));
	ck_assert(start(TODAY, true, 0)); /* it is remembered */
	conf.definitions_len = 1;
	ck_assert(!start(TODAY, false, 0));
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_begun_anew)
{
	char path[128];
	FILE *f;

	ck_assert(start(TODAY, true, 0));
	snprintf(path, sizeof(path), "%s/definitions", dir);
	for (const char *const *bad = (const char *const[]){ "", "effortd-definitions 1\n", "effortd-definitions 1\nkl-2014 5 _share:0\n",
							     "effortd-definitions 2\nkl-2014 - x\n", NULL };
	     *bad != NULL; bad++) {
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fputs(*bad, f);
		fclose(f);
		ck_assert(start(TODAY, true, 0));
	}
}
END_TEST

static char *content_of(const char *path, size_t *ret_len)
{
	static char text[4096];
	FILE *f = fopen(path, "r");

	ck_assert_ptr_nonnull(f);
	*ret_len = fread(text, 1, sizeof(text), f);
	fclose(f);
	return text;
}

static void write_to(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	fclose(f);
}

/* Nobody knows what has been in force then: it is no obstacle, whatever is configured. */
START_TEST(whatever_byte_is_damaged_it_starts)
{
	char path[128], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/definitions", dir);
	list[0].rule.channels ^= 1;
	ck_assert(start(TODAY, false, 0));
	text = content_of(path, &len);
	for (size_t at = 0; at < len; at++) {
		text[at] ^= 4;
		write_to(path, text, len);
		ck_assert_msg(start(TODAY, true, 0), "byte %zu", at);
		text[at] ^= 4;
		write_to(path, text, at);
		ck_assert_msg(start(TODAY, true, 0), "cut to %zu", at);
	}
	list[0].rule.channels ^= 1;
	ck_assert(!start(TODAY, true, 0)); /* and remembered again */
}
END_TEST

/* As version 1 wrote it: the same lines, and no check. */
START_TEST(a_file_without_a_check_is_taken_as_it_is)
{
	char path[128], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/definitions", dir);
	ck_assert(start(TODAY, true, 0));
	text = content_of(path, &len);
	text[strlen("effortd-definitions ")] = '1';
	write_to(path, text, len - strlen("check 0123456789abcdef\n"));
	list[0].rule.channels ^= 1;
	ck_assert(!start(TODAY, true, 0));
	list[0].rule.channels ^= 1;
	ck_assert(start(TODAY, true, 0));
	text = content_of(path, &len);
	ck_assert_int_eq(strncmp(text, "effortd-definitions 2\n", 22), 0);
	ck_assert_int_eq(strncmp(text + len - 23, "check ", 6), 0);
	list[0].rule.channels ^= 1;
	ck_assert(!start(TODAY, true, 0));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { one_that_lies_ahead_may_be_changed_and_taken_back, one_whose_day_has_come_stays,
				       none_reaches_back, where_nothing_has_been_counted_any_day_will_do,
				       a_file_that_cannot_be_read_is_begun_anew, whatever_byte_is_damaged_it_starts,
				       a_file_without_a_check_is_taken_as_it_is };

	return RUN_TESTS_WITHIN("run/definition_book", tests, set_up, tear_down);
}
