/* SPDX-License-Identifier: MPL-2.0 */
/* The table of ids in memory: what is in it is found, what left it is not, and it is as small as promised.
 * And the filter for those that left: it never says of one of them that it is not there. */
#include "suite.h"

#include "journal/id_filter.h"
#include "journal/id_table.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t seed = 1;

static uint64_t dice(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

#define IDS 100000

static bool is_even(void *ctx, struct id_slot *slot)
{
	(void)ctx;
	return slot->content % 2 == 0;
}

static size_t table_count(const struct id_table *t, const uint64_t *ids, size_t n, size_t step)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i += step) {
		uint64_t key = id_key(ids[i]);
		struct id_slot *at = id_table_find(t, key);

		found += at != NULL && at->key == key && at->content == i;
	}
	return found;
}

START_TEST(the_table_holds_what_was_added)
{
	uint64_t *ids = malloc(IDS * sizeof(*ids));
	struct id_table t;

	ck_assert_int_eq(id_table_init(&t), 0);
	for (size_t i = 0; i < IDS; i++) {
		ids[i] = i < 300 ? i : i < 500 ? UINT64_MAX - 1 - i : dice();
		uint64_t key = id_key(ids[i]);

		ck_assert_ptr_null(id_table_find(&t, key));
		ck_assert_int_eq(id_table_add(&t, (struct id_slot){ key, (uint32_t)i, 7, 8 }), 0);
		if (i % 7777 == 0)
			ck_assert_uint_eq(table_count(&t, ids, i + 1, 1), i + 1);
	}
	ck_assert_uint_eq(t.ids, IDS);
	ck_assert_uint_eq(table_count(&t, ids, IDS, 1), IDS);

	for (size_t i = 0; i < IDS; i += 4)
		id_table_remove(&t, id_table_find(&t, id_key(ids[i])));
	ck_assert_uint_eq(t.ids, IDS / 4 * 3);
	ck_assert_uint_eq(table_count(&t, ids, IDS, 4), 0);
	ck_assert_uint_eq(table_count(&t, ids, IDS, 1), IDS / 4 * 3);

	for (unsigned i = 0; i < ID_SHARDS; i++)
		id_table_sweep(&t, i, is_even, NULL);
	ck_assert_uint_eq(t.ids, IDS / 4);
	ck_assert_uint_eq(table_count(&t, ids, IDS, 1), IDS / 4);
	id_table_done(&t);
	free(ids);
}
END_TEST

/* Keys that all belong to the end of one shard, where there is the least room. */
START_TEST(keys_that_lie_close_find_room)
{
	struct id_table t;

	ck_assert_int_eq(id_table_init(&t), 0);
	for (uint64_t i = 0; i < 3000; i++) {
		uint64_t key = UINT64_MAX - 1 - i * 3;
		struct id_slot slot = { key, (uint32_t)i, 0, 0 };

		ck_assert_int_eq(id_table_add(&t, slot), 0);
	}
	for (uint64_t i = 0; i < 3000; i++)
		ck_assert_uint_eq(id_table_find(&t, UINT64_MAX - 1 - i * 3)->content, i);
	ck_assert_uint_eq(t.shards[0].used, 0);
	ck_assert_uint_eq(t.shards[255].used, 3000);
	id_table_done(&t);
}
END_TEST

START_TEST(an_id_takes_at_most_24_bytes)
{
	struct id_table t;
	double sum = 0, worst = 0;
	int n = 0;

	ck_assert_int_eq(id_table_init(&t), 0);
	for (uint32_t i = 1; i <= 600000; i++) {
		uint64_t key = id_key(dice());

		ck_assert_int_eq(id_table_add(&t, (struct id_slot){ key, i, 0, 0 }), 0);
		if (i < 50000 || i % 1000 != 0)
			continue;

		double each = (double)t.bytes / i;

		sum += each;
		worst = each > worst ? each : worst;
		n++;
	}
	printf("bytes an id: %.2f on average, %.2f at most\n", sum / n, worst);
	ck_assert(sum / n <= 24);
	ck_assert(worst <= 27);
	id_table_done(&t);
}
END_TEST

static size_t held(const struct id_filter *filter, uint64_t from, size_t n, uint64_t spread)
{
	size_t found = 0;

	for (uint64_t i = 0; i < n; i++)
		found += id_filter_may_hold(filter, id_key((from + i) * spread));
	return found;
}

/* Ids as hashes are, and as nobody makes them. */
START_TEST(a_filter_misses_nothing)
{
	static const uint64_t spreads[] = { UINT64_C(0xd6e8feb86659fd93), 1, UINT64_C(1) << 32 };

	for (size_t s = 0; s < 3; s++) {
		struct id_filter filter = { .parts_len = 0 };
		uint64_t n = 400000;
		size_t wrong;

		ck_assert_uint_eq(held(&filter, 0, 1000, 1), 0);
		for (uint64_t i = 0; i < n; i++) {
			if (!id_filter_has_room(&filter))
				ck_assert_int_eq(id_filter_grow(&filter, id_filter_growth(&filter, 1)), 0);
			id_filter_add(&filter, id_key(i * spreads[s]));
		}
		ck_assert_uint_eq(held(&filter, 0, n, spreads[s]), n);
		ck_assert_uint_le(filter.parts_len, 5);
		ck_assert_uint_le(id_filter_bytes(&filter), 4 * n);
		wrong = held(&filter, n, n, spreads[s]);
		printf("filter: %zu of %d new ids may be there\n", wrong, (int)n);
		if (s == 0)
			ck_assert_uint_le(wrong, n / 50);
		id_filter_done(&filter);
		ck_assert_uint_eq(id_filter_bytes(&filter), 0);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_table_holds_what_was_added,
		keys_that_lie_close_find_room,
		an_id_takes_at_most_24_bytes,
		a_filter_misses_nothing,
	};

	return RUN_TESTS("journal/id_table", tests);
}
