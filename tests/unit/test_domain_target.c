/* SPDX-License-Identifier: MPL-2.0 */
/* Which days a target is measured on, which value is in force, and labels read back. */
#include "suite.h"

#include "domain/target.h"

#include <string.h>

static int32_t day(const char *text)
{
	int32_t day;

	ck_assert(day_parse(text, strlen(text), &day));
	return day;
}

static const struct target_step eighty[] = { { INT32_MIN, 8000 } };

static struct target_def share(const char *from)
{
	return (struct target_def){ .measure = MEASURE_SELFSERVICE, .scope = "all", .steps = eighty, .steps_len = 1,
				    .from = day(from), .end = INT32_MAX, .due = INT32_MAX, .window = WINDOW_YEAR };
}

static void expect(const struct target_def *def, int32_t since, const char *today, const char *first, const char *last)
{
	struct target_days days = target_days(def, since, day(today));

	ck_assert_int_eq(days.reason, TARGET_FINE);
	ck_assert_int_eq(days.first, day(first));
	ck_assert_int_eq(days.end - 1, day(last));
}

static void expect_none(const struct target_def *def, int32_t since, const char *today, enum target_reason reason)
{
	struct target_days days = target_days(def, since, day(today));

	ck_assert_int_eq(days.reason, reason);
	ck_assert_int_ge(days.first, days.end);
}

START_TEST(shares_are_of_the_running_window_from_the_first_day_on)
{
	struct target_def def = share("2026-03-01");

	expect_none(&def, INT32_MIN, "2026-02-28", TARGET_NOT_STARTED);
	expect(&def, INT32_MIN, "2026-03-01", "2026-03-01", "2026-12-31");
	expect(&def, INT32_MIN, "2027-02-01", "2027-01-01", "2027-12-31");
	def.window = WINDOW_SEASON;
	expect(&def, INT32_MIN, "2026-11-21", "2026-07-01", "2026-12-31");
	def.end = day("2026-10-01");
	expect(&def, INT32_MIN, "2026-11-21", "2026-07-01", "2026-09-30");
	ck_assert(target_days(&def, INT32_MIN, day("2026-11-21")).is_over);
}
END_TEST

START_TEST(another_definition_counts_from_its_first_day)
{
	struct target_def def = share("2012-12-01");

	expect_none(&def, day("2026-11-22"), "2026-11-21", TARGET_NOT_STARTED);
	expect(&def, day("2026-11-22"), "2026-11-22", "2026-11-22", "2026-12-31");
	expect(&def, day("2026-11-22"), "2027-01-01", "2027-01-01", "2027-12-31");
}
END_TEST

START_TEST(case_19_a_period_keeps_the_value_it_began_with)
{
	const struct target_step steps[] = { { INT32_MIN, 7000 }, { day("2026-07-01"), 7500 }, { day("2027-01-01"), 8000 } };

	ck_assert_int_eq(target_value(steps, 3, day("2026-01-01")), 7000);
	ck_assert_int_eq(target_value(steps, 3, day("2026-06-30")), 7000);
	ck_assert_int_eq(target_value(steps, 3, day("2026-07-01")), 7500);
	ck_assert_int_eq(target_value(steps, 3, day("2030-01-01")), 8000);
	ck_assert_int_eq(target_next_change(steps, 3, day("2026-01-01")), day("2026-07-01"));
	ck_assert_int_eq(target_next_change(steps, 3, day("2026-07-01")), day("2027-01-01"));
	ck_assert_int_eq(target_next_change(steps, 3, day("2027-01-01")), INT32_MAX);
}
END_TEST

static struct target_def reduction(const char *first, const char *last)
{
	struct target_def def = share("2012-12-01");

	def.measure = MEASURE_REDUCTION_TRANSACTIONS;
	def.baseline = (struct target_baseline){ AGAINST_DAYS, day(first), day(last) + 1, 0, "" };
	return def;
}

START_TEST(a_reduction_is_of_whole_periods_at_the_same_time_of_year)
{
	struct target_def def = reduction("2012-01-01", "2012-12-31");

	expect(&def, INT32_MIN, "2026-11-21", "2025-01-01", "2025-12-31");
	expect(&def, INT32_MIN, "2026-01-01", "2025-01-01", "2025-12-31");
	expect_none(&def, INT32_MIN, "2013-12-31", TARGET_NO_PERIOD);
	def = reduction("2011-07-01", "2011-12-31");
	expect(&def, INT32_MIN, "2026-11-21", "2025-07-01", "2025-12-31");
	def = reduction("2011-09-05", "2011-09-25");
	expect(&def, INT32_MIN, "2026-11-21", "2026-09-05", "2026-09-25");
	expect(&def, INT32_MIN, "2026-09-25", "2025-09-05", "2025-09-25");
	def.end = day("2020-01-01");
	expect(&def, INT32_MIN, "2026-11-21", "2019-09-05", "2019-09-25");
	/* The target began in December 2012: autumn 2012 does not count. */
	expect_none(&def, INT32_MIN, "2013-01-10", TARGET_NO_PERIOD);
}
END_TEST

START_TEST(a_reduction_against_a_number_is_of_the_last_whole_window)
{
	struct target_def def = share("2024-01-01");

	def.measure = MEASURE_REDUCTION_INFORMATION;
	expect_none(&def, INT32_MIN, "2026-11-21", TARGET_NO_BASELINE);
	def.baseline = (struct target_baseline){ AGAINST_NUMBER, 0, 0, 12000, "12000" };
	expect(&def, INT32_MIN, "2026-11-21", "2025-01-01", "2025-12-31");
	expect_none(&def, INT32_MIN, "2024-12-31", TARGET_NO_PERIOD);
	def.window = WINDOW_MONTH;
	expect(&def, INT32_MIN, "2026-12-01", "2026-11-01", "2026-11-30");
	def.end = day("2026-08-15");
	expect(&def, INT32_MIN, "2026-12-01", "2026-07-01", "2026-07-31");
}
END_TEST

START_TEST(every_label_is_read_back_and_nothing_else_is)
{
	static const char *const bad[] = { "", "year", "year:", "year:26", "year:2026x", "week:2026-W54", "week:2026-W00",
					   "month:2026-13", "month:2026-1", "quarter:2026-Q5", "season:2026-winter",
					   "season:2026-spring ", "day:2026-02-30", "period:x", "2026", "week:2026-47" };
	char label[PERIOD_LABEL];
	struct period back;

	for (int32_t d = day("2015-12-20"); d < day("2027-01-10"); d++)
		for (int w = 0; w < WINDOWS; w++) {
			struct period period = period_of((enum window)w, d);
			size_t len = period_label(period, label);

			ck_assert_msg(period_parse(label, len, &back), "%s", label);
			ck_assert(back.window == period.window && back.first == period.first && back.end == period.end);
			period_label_days(period.first, period.end, label);
			ck_assert(period_parse(label, strlen(label), &back));
			ck_assert(back.first == period.first && back.end == period.end);
		}
	for (size_t i = 0; i < SUITE_LENGTH(bad); i++)
		ck_assert_msg(!period_parse(bad[i], strlen(bad[i]), &back), "%s", bad[i]);
	period_label_days(day("2026-09-05"), day("2026-09-26"), label);
	ck_assert_str_eq(label, "2026-09-05..2026-09-25");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		shares_are_of_the_running_window_from_the_first_day_on,
		another_definition_counts_from_its_first_day,
		case_19_a_period_keeps_the_value_it_began_with,
		a_reduction_is_of_whole_periods_at_the_same_time_of_year,
		a_reduction_against_a_number_is_of_the_last_whole_window,
		every_label_is_read_back_and_nothing_else_is,
	};

	return RUN_TESTS("domain/target", tests);
}
