/* SPDX-License-Identifier: MPL-2.0 */
/* Days, local time and periods: against the C library where it can say, against known dates where it cannot.
 */
#include "danish_zone.h"
#include "suite.h"

#include "domain/calendar.h"
#include "domain/period.h"

#include <time.h>

/* Copenhagen in 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC. */
#define SPRING_2026 INT64_C(1774746000000)
#define AUTUMN_2026 INT64_C(1792890000000)

static const struct zone copenhagen = { .n = 3,
					.at_ms = { INT64_MIN, SPRING_2026, AUTUMN_2026 },
					.offset_s = { 3600, 7200, 3600 } };

START_TEST(days_agree_with_the_c_library)
{
	for (int32_t day = -200000; day < 200000; day += 7) {
		time_t at = (time_t)day * 86400;
		struct date date = date_of_day(day);
		struct tm tm;

		gmtime_r(&at, &tm);
		ck_assert_int_eq(date.year, tm.tm_year + 1900);
		ck_assert_int_eq(date.month, tm.tm_mon + 1);
		ck_assert_int_eq(date.day, tm.tm_mday);
		ck_assert_int_eq(day_of_date(date.year, date.month, date.day), day);
		ck_assert_int_eq(weekday_of_day(day), tm.tm_wday == 0 ? 7 : tm.tm_wday);
	}
}
END_TEST

START_TEST(only_real_dates_are_dates)
{
	static const char *const bad[] = { "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
					   "2026-4-31a", "2026/04/30", "20x6-04-30" };
	int32_t day;

	ck_assert(day_parse("2024-02-29", 10, &day));
	ck_assert_int_eq(day, day_of_date(2024, 2, 29));
	ck_assert_str_eq(DAY_STR(day), "2024-02-29");
	ck_assert_str_eq(DAY_STR(INT32_MAX), "5881580-07-11"); /* there is room for any */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!day_parse(bad[i], 10, &day), "%s", bad[i]);
	ck_assert(!day_parse("2026-01-1", 9, &day));
}
END_TEST

START_TEST(local_days_begin_at_local_midnight)
{
	int32_t spring = day_of_date(2026, 3, 29), autumn = day_of_date(2026, 10, 25);
	int64_t day_ms;

	ck_assert_int_eq(zone_midnight_ms(&copenhagen, spring), SPRING_2026 - 2 * 3600000);
	day_ms = zone_midnight_ms(&copenhagen, spring + 1) - zone_midnight_ms(&copenhagen, spring);
	ck_assert_int_eq(day_ms, 23 * 3600000);
	day_ms = zone_midnight_ms(&copenhagen, autumn + 1) - zone_midnight_ms(&copenhagen, autumn);
	ck_assert_int_eq(day_ms, 25 * 3600000);
}
END_TEST

START_TEST(a_contact_half_past_midnight_is_of_the_local_day)
{
	/* 2026-07-01 00:30 in Copenhagen is 30 June 22:30 UTC */
	int64_t at = (int64_t)day_of_date(2026, 6, 30) * DAY_MS + 22 * 3600000 + 1800000;

	ck_assert_int_eq(zone_day(&copenhagen, at), day_of_date(2026, 7, 1));
}
END_TEST

START_TEST(the_cache_never_answers_for_another_day)
{
	struct day_cache cache = { 0 };
	uint64_t seed = 42;

	for (int i = 0; i < 200000; i++) {
		int64_t at;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		at = SPRING_2026 - 3 * DAY_MS + (int64_t)(seed >> 30) % (6 * DAY_MS);
		ck_assert_int_eq(zone_day_cached(&copenhagen, &cache, at), zone_day(&copenhagen, at));
	}
}
END_TEST

static const struct {
	int year, month, day;
	enum window window;
	const char *label;
} periods[] = {
	{ 2026, 11, 21, WINDOW_DAY, "day:2026-11-21" },
	{ 2026, 11, 21, WINDOW_WEEK, "week:2026-W47" },
	{ 2026, 11, 21, WINDOW_MONTH, "month:2026-11" },
	{ 2026, 11, 21, WINDOW_QUARTER, "quarter:2026-Q4" },
	{ 2026, 11, 21, WINDOW_SEASON, "season:2026-autumn" },
	{ 2026, 11, 21, WINDOW_YEAR, "year:2026" },
	{ 2026, 6, 30, WINDOW_SEASON, "season:2026-spring" },
	{ 2026, 7, 1, WINDOW_SEASON, "season:2026-autumn" },
	{ 2027, 1, 1, WINDOW_WEEK, "week:2026-W53" }, /* a Friday: still the old year's last week */
	{ 2026, 12, 31, WINDOW_WEEK, "week:2026-W53" },
	{ 2024, 12, 30, WINDOW_WEEK, "week:2025-W01" }, /* a Monday: already the new year's first */
	{ 2026, 3, 31, WINDOW_QUARTER, "quarter:2026-Q1" },
	{ 2026, 4, 1, WINDOW_QUARTER, "quarter:2026-Q2" },
};

START_TEST(labels)
{
	char label[PERIOD_LABEL];
	int32_t day = day_of_date(periods[_i].year, periods[_i].month, periods[_i].day);
	size_t n = period_label(period_of(periods[_i].window, day), label);

	ck_assert_str_eq(label, periods[_i].label);
	ck_assert_uint_eq(n, strlen(label));
}
END_TEST

START_TEST(periods_follow_each_other_without_a_gap)
{
	for (int window = 0; window < WINDOWS; window++) {
		for (int32_t day = day_of_date(2011, 1, 1); day < day_of_date(2031, 1, 1); day++) {
			struct period period = period_of((enum window)window, day);

			ck_assert(period.first <= day && day < period.end);
			ck_assert_int_eq(period_of((enum window)window, period.end).first, period.end);
			ck_assert_int_eq(period_of((enum window)window, period.first).end, period.end);
		}
	}
}
END_TEST

START_TEST(minutes_of_the_local_clock)
{
	static struct zone zone;

	danish_zone(&zone);
	/* 2026-03-10 08:59:59.999 and 09:00 in winter time, 2026-07-01 00:00 in summer time */
	ck_assert_int_eq(zone_minute(&zone, INT64_C(1773129600000) - 1), 8 * 60 + 59);
	ck_assert_int_eq(zone_minute(&zone, INT64_C(1773129600000)), 9 * 60);
	ck_assert_int_eq(zone_minute(&zone, zone_midnight_ms(&zone, day_of_date(2026, 7, 1))), 0);
	/* the clock goes from 02:00 to 03:00 on 2026-03-29: ten hours after midnight it is 11 */
	ck_assert_int_eq(zone_minute(&zone, zone_midnight_ms(&zone, day_of_date(2026, 3, 29)) + 10 * 3600000), 11 * 60);
	ck_assert_int_eq(zone_minute(&zone, -1), 59);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		days_agree_with_the_c_library,           only_real_dates_are_dates,
		local_days_begin_at_local_midnight,      a_contact_half_past_midnight_is_of_the_local_day,
		the_cache_never_answers_for_another_day, periods_follow_each_other_without_a_gap,
		minutes_of_the_local_clock,
	};
	TCase *tcase = suite_case("domain/calendar", NULL, NULL);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, labels, 0, SUITE_LENGTH(periods));
	return suite_run("domain/calendar", tcase);
}
