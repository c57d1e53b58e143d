/* SPDX-License-Identifier: MPL-2.0 */
/* Meters: differences between readings, over the days between them, exactly. */
#include "suite.h"

#include "count/meter.h"

#include "domain/calendar.h"

static struct meter_reading reading(int32_t day, int64_t value)
{
	struct cell cell = { .day = day, .direction = EFFORT_OUT, .channel = EFFORT_LETTER };

	return (struct meter_reading){
		.id = (uint64_t)value, .time_ms = day * DAY_MS, .value = value, .cell = cell_pack(&cell), .is_there = true
	};
}

#define MARCH 20513 /* 2026-03-01 */

START_TEST(a_month_is_counted_in_that_month)
{
	struct meter_reading from = reading(MARCH - 1, 1000), to = reading(MARCH + 30, 4100);
	struct meter_piece pieces[METER_PIECES];

	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 1);
	ck_assert_int_eq(pieces[0].count, 3100);
	ck_assert_uint_eq(pieces[0].days, 31);
	ck_assert_int_eq(cell_day(pieces[0].cell), MARCH + 30);
	ck_assert_uint_eq(cell_unpack(pieces[0].cell).channel, EFFORT_LETTER);
	to = reading(MARCH + 14, 1001);
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 1);
	ck_assert_int_eq(pieces[0].count, 1);
	to = reading(MARCH - 1, 1007);
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 1);
	ck_assert_int_eq(pieces[0].count, 7);
	ck_assert_uint_eq(pieces[0].days, 1);
}
END_TEST

START_TEST(nothing_is_lost_between_months_and_days)
{
	for (int32_t apart = 0; apart < METER_APART_DAYS; apart++) {
		struct meter_reading from = reading(MARCH - 1 - apart % 40, 0), to = reading(MARCH - 1 - apart % 40 + apart, 7919);
		struct meter_piece pieces[METER_PIECES];
		size_t n = meter_pieces(&from, &to, pieces);
		int64_t sum = 0, parts = 0, days = 0;

		for (size_t i = 0; i < n; i++) {
			for (int k = 0; k < pieces[i].days; k++)
				parts += meter_part(pieces[i].count, k, pieces[i].days);
			sum += pieces[i].count;
			days += pieces[i].days;
		}
		ck_assert_int_eq(sum, 7919);
		ck_assert_int_eq(parts, 7919);
		ck_assert_int_eq(days, apart == 0 ? 1 : apart);
	}
}
END_TEST

START_TEST(a_lower_reading_is_a_new_beginning)
{
	struct meter_reading from = reading(MARCH, 99990), to = reading(MARCH + 3, 30);
	struct meter_piece pieces[METER_PIECES];

	ck_assert(meter_is_reset(&from, &to));
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 1);
	ck_assert_int_eq(pieces[0].count, 30);
	to = reading(MARCH + METER_APART_DAYS + 1, 100000);
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 0);
	to = reading(MARCH + 3, 99990);
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 0);
}
END_TEST

START_TEST(what_no_meter_counts_is_no_count)
{
	struct meter_reading from = reading(MARCH, 1000), to = reading(MARCH + 3, 1000 + METER_COUNT_MAX);
	struct meter_piece pieces[METER_PIECES];

	ck_assert(!meter_is_too_much(&from, &to));
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 1);
	to.value++;
	ck_assert(meter_is_too_much(&from, &to));
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 0);
	/* A new beginning anyhow. */
	to = reading(MARCH + METER_APART_DAYS + 1, 999999999);
	ck_assert(!meter_is_too_much(&from, &to));
	/* A meter that began anew shows no more than any other. */
	from = reading(MARCH, 999999999);
	to = reading(MARCH + 3, 999999998);
	ck_assert(meter_is_too_much(&from, &to));
	ck_assert_uint_eq(meter_pieces(&from, &to, pieces), 0);
}
END_TEST

START_TEST(neighbours_are_found_in_any_order)
{
	struct meter_reading r[] = { reading(9, 90), reading(3, 30), reading(6, 60), reading(1, 10), reading(6, 61) };

	ck_assert_uint_eq(meter_before(r, 5, 0), 4);
	ck_assert_uint_eq(meter_behind(r, 5, 0), 5);
	ck_assert_uint_eq(meter_before(r, 5, 2), 1);
	ck_assert_uint_eq(meter_behind(r, 5, 2), 4);
	r[1].is_there = false;
	ck_assert_uint_eq(meter_before(r, 5, 2), 3);
	ck_assert_uint_eq(meter_behind(r, 5, 3), 2);
}
END_TEST

START_TEST(before_noon_is_the_end_of_the_day_before)
{
	ck_assert_int_eq(meter_day(100, 0), 99);
	ck_assert_int_eq(meter_day(100, 12 * 60 - 1), 99);
	ck_assert_int_eq(meter_day(100, 12 * 60), 100);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_month_is_counted_in_that_month, nothing_is_lost_between_months_and_days,
				       a_lower_reading_is_a_new_beginning, what_no_meter_counts_is_no_count,
				       neighbours_are_found_in_any_order,
				       before_noon_is_the_end_of_the_day_before };

	return RUN_TESTS("count/meter", tests);
}
