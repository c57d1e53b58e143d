/* SPDX-License-Identifier: MPL-2.0 */
/* Who was silent when a day ended is known later, also after a restart, and also of days nobody ran. */
#include "run/silence_book.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY    20780
#define MINUTE 60000

#define CHECK_LEN 23 /* check 0123456789abcdef */

static char dir[] = "/tmp/effort-silences-XXXXXX", path[128];
static struct silence_book *book;
static int64_t now_ms;

static void open_book(void)
{
	book = silence_book_open(&disk_real, dir);
	ck_assert_ptr_nonnull(book);
}

static void set_up(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/silences", dir);
	now_ms = 10 * MINUTE;
	open_book();
}

static void tear_down(void)
{
	silence_book_close(book);
	unlink(path);
	rmdir(dir);
}

static void note(int32_t day, const char *names)
{
	now_ms += 1000;
	silence_book_note(book, day, names, now_ms);
}

static size_t read_file(char *text, size_t size)
{
	FILE *in = fopen(path, "r");
	size_t len;

	ck_assert_ptr_nonnull(in);
	len = fread(text, 1, size - 1, in);
	fclose(in);
	text[len] = '\0';
	return len;
}

START_TEST(those_silent_at_midnight_are_known)
{
	note(DAY, "");
	note(DAY, "phones,post");
	note(DAY, "phones");
	note(DAY + 1, "phones");
	note(DAY + 1, "");
	note(DAY + 2, "");
	ck_assert_str_eq(silence_book_at(book, DAY), "phones");
	ck_assert_str_eq(silence_book_at(book, DAY + 1), "");
	ck_assert_str_eq(silence_book_at(book, DAY - 1), "");
	ck_assert_str_eq(silence_book_at(NULL, DAY), "");
}
END_TEST

START_TEST(a_restart_forgets_nothing)
{
	note(DAY, "phones");
	note(DAY + 1, "post");
	silence_book_close(book);
	open_book();
	ck_assert_str_eq(silence_book_at(book, DAY), "phones");
	note(DAY + 3, "");
	ck_assert_str_eq(silence_book_at(book, DAY + 1), "post");
	ck_assert_str_eq(silence_book_at(book, DAY + 2), "post");
	ck_assert_str_eq(silence_book_at(book, DAY + 3), "");
}
END_TEST

START_TEST(what_changes_is_written_within_a_minute)
{
	struct silence_book *kept = book;

	note(DAY, "phones");
	now_ms += MINUTE;
	note(DAY, "phones");
	open_book();
	silence_book_close(kept);
	note(DAY + 1, "");
	ck_assert_str_eq(silence_book_at(book, DAY), "phones");
}
END_TEST

/* A folder in the way of the file: not even root writes there. */
START_TEST(what_could_not_be_written_is_written_later)
{
	char text[1024];

	note(DAY, "phones");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	note(DAY + 1, "phones");
	ck_assert_int_eq(rmdir(path), 0);
	note(DAY + 1, "phones");
	ck_assert_int_eq(access(path, F_OK), -1);
	now_ms += MINUTE;
	note(DAY + 1, "phones");
	read_file(text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "20780 20780 phones\n"));
}
END_TEST

START_TEST(the_oldest_go_first)
{
	for (int32_t i = 0; i <= SILENCE_RUNS_MAX; i++)
		note(DAY + i, i % 2 == 0 ? "phones" : "post");
	ck_assert(silence_book_reaches(book, DAY) && silence_book_reaches(NULL, DAY));
	note(DAY + SILENCE_RUNS_MAX + 1, "");
	ck_assert_str_eq(silence_book_at(book, DAY), "");
	ck_assert(!silence_book_reaches(book, DAY));
	ck_assert(silence_book_reaches(book, DAY + 1));
	ck_assert_str_eq(silence_book_at(book, DAY + 1), "post");
	ck_assert_str_eq(silence_book_at(book, DAY + SILENCE_RUNS_MAX), "phones");
}
END_TEST

/* What a program wrote that knew no check: a day with a silent source, and `more` behind. */
static void open_unchecked(const char *more)
{
	char text[1024];
	size_t len;
	FILE *out;

	note(DAY, "phones");
	note(DAY + 1, "");
	silence_book_close(book);
	len = read_file(text, sizeof(text));
	ck_assert_int_eq(strncmp(text, "effortd-silences 2\n", 19), 0);
	ck_assert_int_eq(strncmp(text + len - CHECK_LEN, "check ", 6), 0);
	text[strlen("effortd-silences ")] = '1';
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fwrite(text, 1, len - CHECK_LEN, out);
	fputs(more, out);
	fclose(out);
	open_book();
}

START_TEST(a_file_without_a_check_is_taken_as_it_is)
{
	char text[1024];

	open_unchecked("");
	ck_assert_str_eq(silence_book_at(book, DAY), "phones");
	silence_book_close(book);
	read_file(text, sizeof(text));
	ck_assert_int_eq(strncmp(text, "effortd-silences 2\n", 19), 0);
	open_book();
	ck_assert_str_eq(silence_book_at(book, DAY), "phones");
}
END_TEST

START_TEST(damage_is_told_and_begun_anew)
{
	open_unchecked("x y z\n");
	ck_assert_str_eq(silence_book_at(book, DAY), "");
	note(DAY, "phones");
	note(DAY + 1, "");
	ck_assert_str_eq(silence_book_at(book, DAY), "phones");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { those_silent_at_midnight_are_known,
				       a_restart_forgets_nothing,
				       what_changes_is_written_within_a_minute,
				       what_could_not_be_written_is_written_later,
				       the_oldest_go_first,
				       a_file_without_a_check_is_taken_as_it_is,
				       damage_is_told_and_begun_anew };

	return RUN_TESTS_WITHIN("run/silence_book", tests, set_up, tear_down);
}
