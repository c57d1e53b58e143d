/* SPDX-License-Identifier: MPL-2.0 */
/* The table of positions against a plain array, with everything it can hold at its edges. */
#include "suite.h"

#include "count/positions.h"
#include "count/tally.h"

#include <stdio.h>
#include <string.h>

static struct positions *table;

static void setup(void)
{
	table = positions_new();
	ck_assert_ptr_nonnull(table);
}

static void teardown(void)
{
	positions_free(table);
}

START_TEST(test_set_and_raise)
{
	struct place_key key = { 751, WINDOW_WEEK, 20778 };

	ck_assert_uint_eq(positions_get(table, key), 0);
	positions_remove(table, key);
	ck_assert_int_eq(positions_set(table, key, 5), 0);
	ck_assert_int_eq(positions_raise(table, key, 4), 0);
	ck_assert_uint_eq(positions_get(table, key), 5);
	ck_assert_int_eq(positions_raise(table, key, UINT64_C(9007199254740992)), 0);
	ck_assert_uint_eq(positions_get(table, key), UINT64_C(9007199254740992));
	ck_assert_int_eq(positions_set(table, key, 3), 0);
	ck_assert_uint_eq(positions_get(table, key), 3);
	ck_assert_uint_eq(positions_len(table), 1);
	ck_assert_int_eq(positions_set(table, key, 0), 0);
	ck_assert_uint_eq(positions_len(table), 0);
}
END_TEST

/* Neighbours in every part of the key are different places. */
START_TEST(test_keys_are_whole)
{
	static const int32_t firsts[] = { -CELL_DAYS, -1, 0, 1, 20778, CELL_DAYS - 1 };
	static const uint16_t municipalities[] = { 0, 1, 511, 512, CELL_MUNICIPALITIES - 1, CELL_COUNTRY };
	uint64_t n = 0;

	for (int round = 0; round < 2; round++, n = 0)
		for (size_t m = 0; m < SUITE_LENGTH(municipalities); m++)
			for (uint8_t place = 0; place < PLACES; place++)
				for (size_t f = 0; f < SUITE_LENGTH(firsts); f++) {
					struct place_key key = { municipalities[m], place, firsts[f] };

					n++;
					if (round == 0)
						ck_assert_int_eq(positions_set(table, key, n), 0);
					else
						ck_assert_uint_eq(positions_get(table, key), n);
				}
	ck_assert_uint_eq(positions_len(table), SUITE_LENGTH(municipalities) * PLACES * SUITE_LENGTH(firsts));
}
END_TEST

START_TEST(test_raise_day)
{
	int32_t day = day_of_date(2026, 11, 21);

	ck_assert_int_eq(positions_raise_day(table, 3, day, 9), 0);
	ck_assert_int_eq(positions_raise_day(table, 3, day + 1, 8), 0);
	ck_assert_uint_eq(positions_len(table), 7);
	ck_assert_uint_eq(positions_get(table, (struct place_key){ 3, WINDOW_DAY, day }), 9);
	ck_assert_uint_eq(positions_get(table, (struct place_key){ 3, WINDOW_DAY, day + 1 }), 8);
	ck_assert_uint_eq(
		positions_get(table, (struct place_key){ 3, WINDOW_WEEK, day_of_date(2026, 11, 16) }), 9);
	ck_assert_uint_eq(
		positions_get(table, (struct place_key){ 3, WINDOW_SEASON, day_of_date(2026, 7, 1) }), 9);
}
END_TEST

/* Random sets and removals, all of it compared all the time. */
START_TEST(test_against_an_array)
{
	static uint64_t plain[4][PLACES][512];
	unsigned seed = 20261122;
	size_t used = 0;

	memset(plain, 0, sizeof(plain));
	for (int i = 0; i < 200000; i++) {
		uint16_t m = (uint16_t)(rand_r(&seed) % 4);
		uint8_t place = (uint8_t)(rand_r(&seed) % PLACES);
		int32_t first = rand_r(&seed) % 512;
		struct place_key key = { m, place, 20000 + first };
		uint64_t *cell = &plain[m][place][first];

		ck_assert_uint_eq(positions_get(table, key), *cell);
		used -= *cell != 0;
		/* Fills up, then mostly empties. */
		if (rand_r(&seed) % 100 < (i < 100000 ? 80 : 30)) {
			*cell = (uint64_t)i + 1;
			ck_assert_int_eq(positions_set(table, key, *cell), 0);
		} else {
			*cell = 0;
			positions_remove(table, key);
		}
		used += *cell != 0;
		ck_assert_uint_eq(positions_len(table), used);
	}
	for (uint16_t m = 0; m < 4; m++)
		for (uint8_t place = 0; place < PLACES; place++)
			for (int32_t first = 0; first < 512; first++)
				ck_assert_uint_eq(
					positions_get(table, (struct place_key){ m, place, 20000 + first }),
					plain[m][place][first]);
}
END_TEST

static uint64_t visits[1000];

static void on_visit(void *ctx, struct place_key key, uint64_t position)
{
	(void)ctx;
	ck_assert_uint_eq(position, (uint64_t)key.first + 1);
	ck_assert_uint_eq(key.municipality, 98);
	ck_assert_uint_eq(key.place, PLACE_NAMES + BY_UNIT);
	visits[key.first]++;
}

/* Every entry once a round, whatever the parts; an end that falls on the end of a part too. */
START_TEST(test_walk)
{
	static const size_t parts[] = { 1, 7, 200, 500, 1000, 1001, SIZE_MAX };
	size_t cursor = 0;

	ck_assert_uint_eq(positions_walk(table, &cursor, 10, on_visit, NULL), 0);
	for (int i = 0; i < 1000; i++)
		positions_set(table, (struct place_key){ 98, PLACE_NAMES + BY_UNIT, i }, (uint64_t)i + 1);
	for (size_t p = 0; p < SUITE_LENGTH(parts); p++) {
		size_t seen = 0, n;

		memset(visits, 0, sizeof(visits));
		do {
			n = positions_walk(table, &cursor, parts[p], on_visit, NULL);
			seen += n;
		} while (n == parts[p]);
		ck_assert_uint_eq(cursor, 0);
		ck_assert_uint_eq(seen, 1000);
		for (int i = 0; i < 1000; i++)
			ck_assert_uint_eq(visits[i], 1);
	}
	positions_clear(table);
	ck_assert_uint_eq(positions_len(table), 0);
	ck_assert_uint_eq(positions_walk(table, &cursor, 10, on_visit, NULL), 0);
}
END_TEST

static void on_last(void *ctx, struct place_key key, uint64_t position)
{
	*(struct place_key *)ctx = key;
	on_visit(NULL, key, position);
}

static void fill(void)
{
	memset(visits, 0, sizeof(visits));
	for (int i = 0; i < 1000; i++)
		positions_set(table, (struct place_key){ 98, PLACE_NAMES + BY_UNIT, i }, (uint64_t)i + 1);
}

/* A walk in parts may leave out others than those that are removed meanwhile, and is told so. */
START_TEST(test_walk_among_changes)
{
	size_t cursor = 0, n, left_out = 0, unnoticed = 0;

	for (size_t part = 1; part <= 50; part++) {
		uint64_t moves;

		fill();
		moves = positions_moves(table);
		do {
			struct place_key last;

			n = positions_walk(table, &cursor, part, on_last, &last);
			if (n > 0)
				positions_remove(table, last);
		} while (n == part);
		for (int i = 0; i < 1000; i++) {
			left_out += visits[i] == 0;
			unnoticed += visits[i] == 0 && moves == positions_moves(table);
		}
	}
	ck_assert_uint_gt(left_out, 0); /* else nothing was tried */
	ck_assert_uint_eq(unnoticed, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_set_and_raise, test_keys_are_whole, test_raise_day, test_against_an_array, test_walk, test_walk_among_changes,
	};

	return RUN_TESTS_WITHIN("count/positions", tests, setup, teardown);
}
