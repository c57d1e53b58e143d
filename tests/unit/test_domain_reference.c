/* SPDX-License-Identifier: MPL-2.0 */
/* Reference data: what holds on which day, whose opening hours count, and how they are written. */
#include "suite.h"

#include "base/str.h"
#include "domain/calendar.h"
#include "domain/reference.h"

#include <string.h>

#define NONE str_of("")

static int32_t day(const char *text)
{
	int32_t day;

	ck_assert(day_parse(text, 10, &day));
	return day;
}

/* 09:00-15:00 on all weekdays but Saturday and Sunday. */
static struct reference_hours hours(const char *from, int channel, const char *unit, const char *week)
{
	struct reference_hours h = { .from = day(from), .channel = channel, .unit = unit };

	for (int i = 0; i < 5; i++)
		ck_assert(reference_spans_parse(week, h.days[i].spans, &h.days[i].n));
	return h;
}

START_TEST(a_number_holds_from_its_day_until_the_next)
{
	const struct reference_step steps[] = { { day("2025-01-01"), 1000 }, { day("2026-01-01"), 1100 } };
	struct reference r = { .municipality = "0751", .numbers = { [REFERENCE_INHABITANTS] = { steps, 2 } } };
	int64_t number = -1;

	ck_assert(!reference_number(&r, REFERENCE_INHABITANTS, day("2024-12-31"), &number));
	ck_assert_int_eq(number, -1);
	ck_assert(reference_number(&r, REFERENCE_INHABITANTS, day("2025-12-31"), &number));
	ck_assert_int_eq(number, 1000);
	ck_assert(reference_number(&r, REFERENCE_INHABITANTS, day("2026-01-01"), &number));
	ck_assert_int_eq(number, 1100);
	ck_assert(!reference_number(&r, REFERENCE_CHILDREN, day("2026-01-01"), &number));
	ck_assert(!reference_number(NULL, REFERENCE_INHABITANTS, day("2026-01-01"), &number));
}
END_TEST

START_TEST(what_a_contact_takes_is_by_channel_and_day)
{
	const struct reference_cost costs[] = {
		{ .channel = EFFORT_PHONE, .from = day("2026-01-01"), .has_minutes = true, .minutes = 700 },
		{ .channel = EFFORT_PHONE, .from = day("2025-01-01"), .has_minutes = true, .minutes = 600 },
		{ .channel = EFFORT_COUNTER, .from = day("2025-01-01"), .has_price = true, .ore = 7500 },
	};
	struct reference r = { .municipality = "0751", .costs = costs, .costs_len = 3 };

	ck_assert_ptr_null(reference_cost(&r, EFFORT_PHONE, day("2024-06-01")));
	ck_assert_int_eq(reference_cost(&r, EFFORT_PHONE, day("2025-06-01"))->minutes, 600);
	ck_assert_int_eq(reference_cost(&r, EFFORT_PHONE, day("2026-06-01"))->minutes, 700);
	ck_assert_int_eq(reference_cost(&r, EFFORT_COUNTER, day("2026-06-01"))->ore, 7500);
	ck_assert_ptr_null(reference_cost(&r, EFFORT_LETTER, day("2026-06-01")));
	ck_assert_ptr_null(reference_cost(NULL, EFFORT_PHONE, day("2026-06-01")));
}
END_TEST

START_TEST(hours_hold_to_the_minute)
{
	const struct reference_hours list[] = { hours("2026-01-01", -1, NULL, "09:00-12:00, 13:00-15:00") };
	const int32_t closed[] = { day("2026-12-24") };
	struct reference r = { .hours = list, .hours_len = 1, .closed = closed, .closed_len = 1 };
	int32_t monday = day("2026-03-09");

	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, monday, 9 * 60 - 1), REFERENCE_CLOSED);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, monday, 9 * 60), REFERENCE_OPEN);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, monday, 12 * 60 - 1), REFERENCE_OPEN);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, monday, 12 * 60), REFERENCE_CLOSED);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, monday, 15 * 60 - 1), REFERENCE_OPEN);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, monday, 15 * 60), REFERENCE_CLOSED);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, day("2026-03-08"), 600), REFERENCE_CLOSED);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, day("2026-12-23"), 600), REFERENCE_OPEN);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, day("2026-12-24"), 600), REFERENCE_CLOSED);
	ck_assert_int_eq(reference_open(&r, EFFORT_PHONE, NONE, day("2025-12-31"), 600), REFERENCE_HOURS_UNKNOWN);
}
END_TEST

START_TEST(the_nearest_hours_count)
{
	const struct reference_hours list[] = {
		hours("2026-06-01", -1, NULL, "10:00-11:00"),	       hours("2026-01-01", -1, NULL, "09:00-10:00"),
		hours("2026-01-01", EFFORT_PHONE, NULL, "11:00-12:00"), hours("2026-01-01", -1, "library", "12:00-13:00"),
		hours("2026-01-01", EFFORT_PHONE, "library", "13:00-14:00"),
	};
	struct reference r = { .hours = list, .hours_len = 5 };
	static const struct {
		int channel;
		const char *unit, *day;
		int hour; /* the one that is open */
	} cases[] = {
		{ EFFORT_COUNTER, "", "2026-03-09", 9 },	  { EFFORT_COUNTER, "", "2026-06-08", 10 },
		{ EFFORT_PHONE, "", "2026-06-08", 11 },	  { EFFORT_PHONE, "elsewhere", "2026-06-08", 11 },
		{ EFFORT_COUNTER, "library", "2026-06-08", 12 }, { EFFORT_PHONE, "library", "2026-06-08", 13 },
	};

	for (size_t i = 0; i < SUITE_LENGTH(cases); i++)
		for (int hour = 8; hour < 16; hour++)
			ck_assert_int_eq(reference_open(&r, cases[i].channel, str_of(cases[i].unit), day(cases[i].day), hour * 60 + 30),
					 hour == cases[i].hour ? REFERENCE_OPEN : REFERENCE_CLOSED);
}
END_TEST

START_TEST(hours_as_they_are_written)
{
	static const char *const good[] = { "09:00-15:00", " 09:00 - 15:00 ", "00:00-24:00", "08:00-10:00,10:00-12:00" };
	static const char *const bad[] = { "",		     "9-15",	     "09:00",	    "15:00-09:00", "09:00-09:00",
					   "09:00-24:01",    "09:60-10:00",  "09:00-15:00,", "09:00-15:00 x",
					   "10:00-12:00, 09:00-10:00", "09:00-12:00, 11:00-13:00",
					   "00:00-01:00,02:00-03:00,04:00-05:00,06:00-07:00,08:00-09:00" };
	struct reference_span spans[REFERENCE_SPANS_MAX];
	uint8_t n = 9;

	for (size_t i = 0; i < SUITE_LENGTH(bad); i++)
		ck_assert_msg(!reference_spans_parse(bad[i], spans, &n), "%s", bad[i]);
	ck_assert_uint_eq(n, 9);
	for (size_t i = 0; i < SUITE_LENGTH(good); i++)
		ck_assert_msg(reference_spans_parse(good[i], spans, &n), "%s", good[i]);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(spans[1].opens, 600);
	ck_assert_uint_eq(spans[1].closes, 720);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_number_holds_from_its_day_until_the_next, what_a_contact_takes_is_by_channel_and_day,
				       hours_hold_to_the_minute, the_nearest_hours_count, hours_as_they_are_written };

	return RUN_TESTS("domain/reference", tests);
}
