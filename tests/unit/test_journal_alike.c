/* SPDX-License-Identifier: MPL-2.0 */
/* Effects that are alike are one, and only those. */
#include "suite.h"

#include "journal/alike.h"

#include <string.h>

static struct alikes alikes;

static void set_up(void)
{
	memset(&alikes, 0, sizeof(alikes));
}

static void tear_down(void)
{
	alikes_done(&alikes);
}

static struct effect some(void)
{
	struct effect effect = { .id = 1, .cell = UINT64_C(0x1230000000), .time_ms = 5, .count = 2, .seconds = 30 };

	memset(effect.names, 0xff, sizeof(effect.names));
	effect.names[BY_SOURCE] = 7;
	return effect;
}

START_TEST(what_differs_in_id_time_and_seconds_is_alike)
{
	struct effect effect = some();
	struct alike *first = alikes_add(&alikes, &effect);

	ck_assert_ptr_nonnull(first);
	ck_assert_int_eq(first->times, 1);
	ck_assert_uint_eq(first->booked, RECORD_NO_NAME);
	effect.id = 2;
	effect.content = 9;
	effect.id_day = 3;
	effect.time_ms = -5;
	effect.seconds = 0;
	ck_assert_ptr_eq(alikes_add(&alikes, &effect), first);
	ck_assert_uint_eq(alikes.len, 1);
	ck_assert_int_eq(first->times, 2);
	ck_assert_int_eq(first->seconds, 30);
	ck_assert_int_eq(first->last_ms, 5);
}
END_TEST

START_TEST(what_differs_in_anything_else_is_not)
{
	struct effect all[4 + DIMENSIONS];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		all[i] = some();
	all[1].cell += 8;
	all[2].count = -2;
	all[3].count = 3;
	for (int d = 0; d < DIMENSIONS; d++)
		all[4 + d].names[d] = 8;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			ck_assert_ptr_eq(alikes_add(&alikes, &all[i]), &alikes.list[i]);
			ck_assert_uint_eq(alikes.list[i].cell, all[i].cell);
			ck_assert_int_eq(alikes.list[i].count, all[i].count);
		}
	ck_assert_uint_eq(alikes.len, sizeof(all) / sizeof(all[0]));
}
END_TEST

/* Seconds without a count are counted; without either only the names were seen. */
START_TEST(what_only_shows_names_is_apart)
{
	struct effect effect = some();

	effect.count = 0;
	ck_assert(alikes_add(&alikes, &effect)->is_counted);
	effect.seconds = 0;
	ck_assert(!alikes_add(&alikes, &effect)->is_counted);
	ck_assert_uint_eq(alikes.len, 2);
}
END_TEST

START_TEST(begun_anew_there_is_nothing)
{
	struct effect effect = some();

	for (int round = 0; round < 3; round++) {
		int64_t n = round == 1 ? 3 : 5000;

		for (int64_t i = 1; i <= n; i++) {
			effect.count = i;
			alikes_prefetch(&alikes, &effect, 1);
			ck_assert_ptr_nonnull(alikes_add(&alikes, &effect));
		}
		ck_assert_uint_eq(alikes.len, (size_t)n);
		for (int64_t i = 0; i < n; i++)
			ck_assert_int_eq(alikes.list[i].times, 1);
		alikes_clear(&alikes);
		ck_assert_uint_eq(alikes.len, 0);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_differs_in_id_time_and_seconds_is_alike,
		what_differs_in_anything_else_is_not,
		what_only_shows_names_is_apart,
		begun_anew_there_is_nothing,
	};

	return RUN_TESTS_WITHIN("journal/alike", tests, set_up, tear_down);
}
