/* SPDX-License-Identifier: MPL-2.0 */
/* What targets have been is never changed by what is configured today, across restarts and damaged files. */
#include "suite.h"

#include "run/target_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TODAY 20000

static char dir[] = "/tmp/effort-book-XXXXXX", path[64];
static struct target_book *book;
static struct target_step steps[8];
static struct target_def def;

static void set_up(void)
{
	strcpy(dir, "/tmp/effort-book-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/targets", dir);
	book = target_book_open(&disk_real, dir);
	def = (struct target_def){ .id = "kl-80", .scope = "all", .steps = steps, .steps_len = 1, .from = TODAY - 100,
				   .end = INT32_MAX };
	steps[0] = (struct target_step){ INT32_MIN, 8000 };
}

static void tear_down(void)
{
	target_book_close(book);
	unlink(path);
	rmdir(dir);
}

static void restart(void)
{
	target_book_close(book);
	book = target_book_open(&disk_real, dir);
	ck_assert_ptr_nonnull(book);
}

static struct target_item item(int32_t today)
{
	struct target_item item;

	ck_assert_int_eq(target_book_item(book, &def, today, &item), 0);
	return item;
}

/* Takes what is configured into force on that day. */
static void take(int32_t today)
{
	struct target_item now = item(today);

	target_book_keep(book, &now, 1);
	free(now.steps);
}

static void expect_values(int32_t today, int32_t at, int64_t value, int32_t then, int64_t other)
{
	struct target_item now = item(today);

	ck_assert_int_eq(target_value(now.def.steps, now.def.steps_len, at), value);
	ck_assert_int_eq(target_value(now.def.steps, now.def.steps_len, then), other);
	free(now.steps);
}

START_TEST(case_19_a_changed_value_is_in_force_from_the_next_midnight)
{
	take(TODAY);
	steps[0].value = 9000;
	for (int restarted = 0; restarted < 2; restarted++) {
		expect_values(TODAY, TODAY, 8000, TODAY + 1, 9000);
		expect_values(TODAY, INT32_MIN, 8000, INT32_MAX, 9000);
		restart();
	}
	take(TODAY);
	restart();
	/* Known now: it does not move on with every look. */
	expect_values(TODAY + 5, TODAY, 8000, TODAY + 1, 9000);
	steps[0].value = 8000;
	expect_values(TODAY + 5, TODAY + 5, 9000, TODAY + 6, 8000);
	expect_values(TODAY + 5, TODAY, 8000, TODAY + 1, 9000);
}
END_TEST

START_TEST(a_change_on_the_same_day_it_was_made_is_forgotten)
{
	take(TODAY);
	steps[0].value = 9000;
	take(TODAY);
	steps[0].value = 8000;
	expect_values(TODAY, TODAY, 8000, TODAY + 1, 8000);
}
END_TEST

START_TEST(dated_values_of_days_gone_cannot_be_rewritten)
{
	steps[1] = (struct target_step){ TODAY - 10, 8500 };
	steps[2] = (struct target_step){ TODAY + 10, 9000 };
	def.steps_len = 3;
	take(TODAY);
	steps[1].value = 6000;
	steps[2].value = 9500;
	expect_values(TODAY, TODAY - 10, 8500, TODAY, 8500);
	expect_values(TODAY, TODAY + 1, 6000, TODAY + 10, 9500);
}
END_TEST

START_TEST(a_first_day_that_has_come_stays)
{
	struct target_item now;

	take(TODAY);
	def.from = TODAY - 500;
	now = item(TODAY);
	ck_assert_int_eq(now.def.from, TODAY - 100);
	ck_assert_int_eq(now.since, INT32_MIN);
	free(now.steps);
	def.id = "new";
	def.from = TODAY + 50;
	take(TODAY);
	def.from = TODAY - 50;
	now = item(TODAY);
	ck_assert_int_eq(now.def.from, TODAY + 1);
	free(now.steps);
	def.from = TODAY + 80;
	now = item(TODAY);
	ck_assert_int_eq(now.def.from, TODAY + 80);
	free(now.steps);
}
END_TEST

START_TEST(another_definition_begins_at_the_next_midnight)
{
	struct target_item now;

	take(TODAY);
	def.scope = "school";
	take(TODAY);
	restart();
	now = item(TODAY + 40);
	ck_assert_int_eq(now.since, TODAY + 1);
	free(now.steps);
	/* What says nothing about the past is no other definition. */
	def.due = TODAY;
	def.least_n = 5;
	def.name_da = "Andet";
	now = item(TODAY + 40);
	ck_assert_int_eq(now.since, TODAY + 1);
	free(now.steps);
}
END_TEST

START_TEST(a_target_that_is_new_may_look_back)
{
	struct target_item now = item(TODAY);

	ck_assert_int_eq(now.since, INT32_MIN);
	ck_assert_int_eq(now.def.from, TODAY - 100);
	free(now.steps);
	ck_assert_int_eq(target_book_item(NULL, &def, TODAY, &now), 0);
	ck_assert_int_eq(now.since, INT32_MIN);
	free(now.steps);
}
END_TEST

START_TEST(a_damaged_file_is_no_obstacle)
{
	static const char *const bad[] = { "", "effortd-targets 3\n", "effortd-targets 2\n", "effortd-targets 1\nstep - 5\n",
					   "effortd-targets 1\ntarget a 1 - s\n",
					   "effortd-targets 1\ntarget a 1 - s\nstep 5 80\n",
					   "effortd-targets 1\ntarget a x - s\nstep - 80\n",
					   "effortd-targets 1\ntarget a 1 - s\nstep - 80\nstep 9 1\nstep 9 2\n",
					   "effortd-targets 1\ntarget a 1 - s\nstep - \n", "\xff\x00garbage" };

	for (size_t i = 0; i < SUITE_LENGTH(bad); i++) {
		FILE *out = fopen(path, "w");

		fputs(bad[i], out);
		fclose(out);
		restart();
		expect_values(TODAY, TODAY, 8000, TODAY + 1, 8000);
	}
	take(TODAY);
	steps[0].value = 9000;
	restart();
	expect_values(TODAY, TODAY, 8000, TODAY + 1, 9000);
}
END_TEST

static size_t read_file(char *text, size_t max)
{
	FILE *in = fopen(path, "r");
	size_t len;

	ck_assert_ptr_nonnull(in);
	len = fread(text, 1, max, in);
	fclose(in);
	return len;
}

/* As version 1 wrote it: the same lines, and no check. */
START_TEST(a_file_without_a_check_is_taken_as_it_is)
{
	char text[1024];
	FILE *out;
	size_t len;

	take(TODAY);
	len = read_file(text, sizeof(text));
	text[strlen("effortd-targets ")] = '1';
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fwrite(text, 1, len - strlen("check 0123456789abcdef\n"), out);
	fclose(out);
	restart();
	steps[0].value = 9000;
	expect_values(TODAY, TODAY, 8000, TODAY + 1, 9000);
	steps[0].value = 8000;
	take(TODAY);
	len = read_file(text, sizeof(text));
	ck_assert_int_eq(strncmp(text, "effortd-targets 2\n", 18), 0);
	ck_assert_int_eq(strncmp(text + len - 23, "check ", 6), 0);
	restart();
	steps[0].value = 9000;
	expect_values(TODAY, TODAY, 8000, TODAY + 1, 9000);
}
END_TEST

/* A folder in the way of the file: not even root writes there. */
START_TEST(what_could_not_be_written_is_written_with_the_next)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	take(TODAY);
	ck_assert_int_eq(rmdir(path), 0);
	take(TODAY);
	restart();
	steps[0].value = 9000;
	expect_values(TODAY, TODAY, 8000, TODAY + 1, 9000);
}
END_TEST

START_TEST(a_value_changed_every_day_stays_within_bounds)
{
	for (int i = 0; i < 500; i++) {
		steps[0].value = 5000 + i;
		take(TODAY + i);
	}
	restart();
	expect_values(TODAY + 500, TODAY + 498, 5497, TODAY + 500, 5499);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		case_19_a_changed_value_is_in_force_from_the_next_midnight,
		a_change_on_the_same_day_it_was_made_is_forgotten,
		dated_values_of_days_gone_cannot_be_rewritten,
		a_first_day_that_has_come_stays,
		another_definition_begins_at_the_next_midnight,
		a_target_that_is_new_may_look_back,
		a_damaged_file_is_no_obstacle,
		a_file_without_a_check_is_taken_as_it_is,
		what_could_not_be_written_is_written_with_the_next,
		a_value_changed_every_day_stays_within_bounds,
	};

	return RUN_TESTS_WITHIN("run/target_book", tests, set_up, tear_down);
}
