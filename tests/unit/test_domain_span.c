/* SPDX-License-Identifier: MPL-2.0 */
/* Dates and periods as people write them, and counts of periods booked on their days (case 10 of the sources:
 * a month's reading is not booked on the day it arrives). */
#include "suite.h"

#include "domain/span.h"

#include <stdio.h>
#include <string.h>

static const char *date(enum span_date form, const char *text)
{
	static char out[64];
	int32_t day, second;
	struct date d;

	if (!span_parse_date(form, text, strlen(text), &day, &second))
		return "none";
	d = date_of_day(day);
	if (second < 0)
		snprintf(out, sizeof(out), "%04d-%02d-%02d", d.year, d.month, d.day);
	else
		snprintf(out, sizeof(out), "%04d-%02d-%02d %d", d.year, d.month, d.day, second);
	return out;
}

START_TEST(dates)
{
	ck_assert_str_eq(date(SPAN_AUTO, "2026-11-21"), "2026-11-21");
	ck_assert_str_eq(date(SPAN_AUTO, "21-11-2026"), "2026-11-21");
	ck_assert_str_eq(date(SPAN_AUTO, "1.2.2026"), "2026-02-01");
	ck_assert_str_eq(date(SPAN_AUTO, "01/02/2026"), "2026-02-01");
	ck_assert_str_eq(date(SPAN_AUTO, "21-11-2026 14:05"), "2026-11-21 50700");
	ck_assert_str_eq(date(SPAN_AUTO, "2026-11-21T14:05:30"), "2026-11-21 50730");
	ck_assert_str_eq(date(SPAN_AUTO, "21.11.2026 kl. 9.05"), "2026-11-21 32700");
	ck_assert_str_eq(date(SPAN_MDY, "11/21/2026"), "2026-11-21");
	ck_assert_str_eq(date(SPAN_DMY2, "21-11-26"), "2026-11-21");
	ck_assert_str_eq(date(SPAN_COMPACT, "20261121"), "2026-11-21");
	ck_assert_str_eq(date(SPAN_EXCEL, "46347"), "2026-11-21");
	ck_assert_str_eq(date(SPAN_EXCEL, "46347,5"), "2026-11-21 43200");
}
END_TEST

START_TEST(what_is_no_date)
{
	const char *const bad[] = { "29-02-2026",
				    "31-04-2026",
				    "21-11-26",
				    "11-21-2026",
				    "21-11/2026",
				    "2026-11",
				    "",
				    "i dag",
				    "21-11-2026 25:00",
				    "21-11-2026 14",
				    "2026-11-21 14:05 x",
				    "21--11-2026",
				    "1899-12-31" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(strcmp(date(SPAN_AUTO, bad[i]), "none") == 0, "%s is read as %s", bad[i],
			      date(SPAN_AUTO, bad[i]));
	ck_assert_str_eq(date(SPAN_EXCEL, "46347x"), "none");
	ck_assert_str_eq(date(SPAN_EXCEL, "1"), "none");
	ck_assert_str_eq(date(SPAN_COMPACT, "2026-11-21"), "none");
}
END_TEST

static void period(bool (*parse)(const char *, size_t, int *, int *), const char *text, int year, int number)
{
	int y = -1, n = -1;

	ck_assert_msg(parse(text, strlen(text), &y, &n), "\"%s\" is refused", text);
	ck_assert_msg(y == year && n == number, "\"%s\" is %d of %d", text, n, y);
}

START_TEST(weeks_months_and_quarters)
{
	int year, number;

	period(span_parse_week, "47", 0, 47);
	period(span_parse_week, "2026-W47", 2026, 47);
	period(span_parse_week, "2026W07", 2026, 7);
	period(span_parse_week, "uge 47, 2026", 2026, 47);
	period(span_parse_week, "47/2026", 2026, 47);
	period(span_parse_month, "11", 0, 11);
	period(span_parse_month, "2026-11", 2026, 11);
	period(span_parse_month, "November 2026", 2026, 11);
	period(span_parse_month, "maj", 0, 5);
	period(span_parse_month, "okt. 2026", 2026, 10);
	period(span_parse_quarter, "2026-Q4", 2026, 4);
	period(span_parse_quarter, "4. kvartal 2026", 2026, 4);
	ck_assert(!span_parse_week("55", 2, &year, &number));
	ck_assert(!span_parse_week("47 48", 5, &year, &number));
	ck_assert(!span_parse_month("13", 2, &year, &number));
	ck_assert(!span_parse_month("november 11", 11, &year, &number));
	ck_assert(!span_parse_quarter("5", 1, &year, &number));
}
END_TEST

static const char *days(struct span span)
{
	static char out[64];
	struct date a = date_of_day(span.first), b = date_of_day(span.end - 1);

	snprintf(out, sizeof(out), "%04d-%02d-%02d..%04d-%02d-%02d", a.year, a.month, a.day, b.year, b.month,
		 b.day);
	return out;
}

START_TEST(the_days_of_periods)
{
	struct span span;

	ck_assert(span_of_week(SPAN_ISO, 2026, 47, &span));
	ck_assert_str_eq(days(span), "2026-11-16..2026-11-22");
	ck_assert(span_of_week(SPAN_ISO, 2026, 53, &span));
	ck_assert_str_eq(days(span), "2026-12-28..2027-01-03");
	ck_assert(!span_of_week(SPAN_ISO, 2025, 53, &span));
	ck_assert(!span_of_week(SPAN_ISO, 2026, 0, &span));
	ck_assert(span_of_week(SPAN_EXCEL_MONDAY, 2026, 1, &span));
	ck_assert_str_eq(days(span), "2026-01-01..2026-01-04");
	ck_assert(span_of_week(SPAN_EXCEL_MONDAY, 2026, 53, &span));
	ck_assert_str_eq(days(span), "2026-12-28..2026-12-31");
	ck_assert(span_of_week(SPAN_EXCEL_SUNDAY, 2026, 1, &span));
	ck_assert_str_eq(days(span), "2026-01-01..2026-01-03");
	ck_assert(!span_of_week(SPAN_EXCEL_SUNDAY, 2026, 54, &span));
	ck_assert(span_of_month(2028, 2, &span));
	ck_assert_str_eq(days(span), "2028-02-01..2028-02-29");
	ck_assert(span_of_quarter(2026, 4, &span));
	ck_assert_str_eq(days(span), "2026-10-01..2026-12-31");
}
END_TEST

START_TEST(case_10_a_months_count_is_booked_on_its_days)
{
	struct span month;

	span_of_month(2026, 11, &month);
	for (int64_t count = 0; count < 200; count += 7) {
		for (int spread = 0; spread < SPAN_SPREADS; spread++) {
			int64_t sum = 0, most = 0;

			for (int32_t i = 0; i < month.end - month.first; i++) {
				int64_t share = span_share((enum span_spread)spread, month, count, i);
				int weekday = weekday_of_day(month.first + i);

				ck_assert(share >= 0);
				ck_assert(spread != SPAN_WORKDAYS || weekday <= 5 || share == 0);
				ck_assert(spread != SPAN_FIRST || i == 0 || share == 0);
				most = share > most ? share : most;
				sum += share;
			}
			ck_assert_int_eq(sum, count);
			ck_assert(spread == SPAN_FIRST || most <= count / 21 + 1);
		}
	}
}
END_TEST

START_TEST(a_weekend_has_no_workday)
{
	struct span weekend = { day_of_date(2026, 11, 21), day_of_date(2026, 11, 23) };

	ck_assert_int_eq(span_share(SPAN_WORKDAYS, weekend, 5, 0), 3);
	ck_assert_int_eq(span_share(SPAN_WORKDAYS, weekend, 5, 1), 2);
	ck_assert_int_eq(span_share(SPAN_DAYS, weekend, 5, 2), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { dates,
				       what_is_no_date,
				       weeks_months_and_quarters,
				       the_days_of_periods,
				       case_10_a_months_count_is_booked_on_its_days,
				       a_weekend_has_no_workday };

	return RUN_TESTS("domain/span", tests);
}
