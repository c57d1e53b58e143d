/* SPDX-License-Identifier: MPL-2.0 */
/* Errands: what is counted after any number of records, corrections and other windows, in any order, is what is counted
 * of all that is left at once. */
#include "suite.h"

#include "count/errand.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
#define N      8

static uint64_t state = 5;

static uint32_t dice(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((state >> 33) % n);
}

/* A task's standing is another from day 10 on. */
static uint16_t standing_on(void *ctx, uint16_t standing, int32_t day)
{
	(void)ctx;
	return (uint16_t)(standing / 2 * 2 + (day >= 10));
}

static const struct errand_rules rules = { 3 * DAY_MS, standing_on, NULL };

static struct errand_record any_record(uint64_t id)
{
	static const char *const ties[] = { "a", "ab", "b", "" };
	int32_t day = (int32_t)dice(20);
	struct cell cell = { .day = day, .channel = (uint8_t)dice(EFFORT_CHANNELS), .kind = (uint8_t)dice(4) };
	struct errand_record r = { .id = id, .count = 1 + dice(3), .seconds = dice(100), .tie = ties[dice(4)] };

	if (cell.channel == EFFORT_SELFSERVICE)
		cell.assisted = (uint8_t)dice(4);
	cell.standing = standing_on(NULL, (uint16_t)dice(6), day);
	r.time_ms = day * DAY_MS + dice(3) * 1000;
	r.cell = cell_pack(&cell);
	r.tie_len = strlen(r.tie);
	return r;
}

/* Compared here and told once: the checks are millions, and each that the framework hears of costs a write. */
static bool is_same(const struct errand_record *a, const struct errand_record *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].counted != b[i].counted || a[i].counted_seconds != b[i].counted_seconds ||
		    (a[i].counted > 0 && a[i].counted_cell != b[i].counted_cell))
			return false;
	return true;
}

static void check_same(const struct errand_record *records, size_t n, const struct errand_rules *in_force)
{
	struct errand_record whole[N];

	memcpy(whole, records, n * sizeof(*whole));
	for (size_t i = 0; i < n; i++)
		whole[i].counted = 0;
	errand_count(whole, n, in_force);
	if (!is_same(records, whole, n))
		ck_abort_msg("step by step %zu records are not what they are at once", n);
}

static void take(struct errand_record *records, size_t n, const struct errand_rules *in_force)
{
	size_t at = dice((uint32_t)n);

	if (records[at].count == 0)
		return;
	records[at].count -= dice(2) == 0 ? records[at].count : 1;
	if (records[at].count == 0)
		records[at].seconds = 0;
	errand_count(records, n, in_force);
}

START_TEST(step_by_step_is_as_all_at_once)
{
	for (int round = 0; round < 30000; round++) {
		struct errand_rules in_force = rules;
		struct errand_record records[N];
		size_t n = 0;

		while (n < N) {
			if (round % 2 == 0)
				in_force.window_ms = dice(6) * DAY_MS;
			records[n] = any_record(n + 1);
			n++;
			errand_count(records, n, &in_force);
			check_same(records, n, &in_force);
			if (dice(4) == 0)
				take(records, n, &in_force);
			check_same(records, n, &in_force);
		}
	}
}
END_TEST

static int by_id(const void *va, const void *vb)
{
	const struct errand_record *a = va, *b = vb;

	return (a->id > b->id) - (a->id < b->id);
}

START_TEST(the_order_is_of_no_account)
{
	for (int round = 0; round < 5000; round++) {
		struct errand_record given[N], first[N], second[N];

		for (size_t i = 0; i < N; i++)
			given[i] = any_record(i + 1);
		for (int turn = 0; turn < 4; turn++) {
			for (size_t i = N - 1; i > 0; i--) {
				size_t k = dice((uint32_t)i + 1);
				struct errand_record swap = given[i];

				given[i] = given[k];
				given[k] = swap;
			}
			for (size_t i = 0; i < N; i++) {
				second[i] = given[i];
				errand_count(second, i + 1, &rules);
			}
			qsort(second, N, sizeof(*second), by_id);
			if (turn == 0)
				memcpy(first, second, sizeof(first));
			if (!is_same(first, second, N))
				ck_abort_msg("round %d: another order is counted otherwise", round);
		}
	}
}
END_TEST

static struct errand_record record_of(uint64_t id, uint8_t channel, int64_t time_ms, const char *tie)
{
	struct cell cell = { .day = (int32_t)(time_ms / DAY_MS), .channel = channel };

	return (struct errand_record){ .id = id,
				       .time_ms = time_ms,
				       .cell = cell_pack(&cell),
				       .count = 1,
				       .tie = tie,
				       .tie_len = strlen(tie) };
}

/* As the contract has it, the most digital first. */
START_TEST(the_most_digital_leads_then_the_earliest_then_the_id)
{
	static const uint8_t order[] = { EFFORT_SELFSERVICE, EFFORT_DIGITALPOST, EFFORT_WEB,    EFFORT_EMAIL,
					 EFFORT_CHAT,        EFFORT_SMS,         EFFORT_VIDEO,  EFFORT_SOCIAL,
					 EFFORT_PHONE,       EFFORT_LETTER,      EFFORT_COUNTER, EFFORT_OTHER };

	for (size_t i = 0; i + 1 < sizeof(order); i++) {
		struct errand_record r[2] = { record_of(1, order[i + 1], 5 * DAY_MS, "a"),
					      record_of(2, order[i], 6 * DAY_MS, "b") };

		errand_count(r, 2, &rules);
		ck_assert_int_eq(r[0].counted, 0);
		ck_assert_int_eq(r[1].counted, 1);
		ck_assert_int_eq(cell_day(r[1].counted_cell), 5);
	}
	for (int i = 0; i < 2; i++) {
		struct errand_record r[2] = { record_of(1, EFFORT_PHONE, 5 * DAY_MS + 1, "b"),
					      record_of(2, EFFORT_PHONE, 5 * DAY_MS + i, "ab") };

		errand_count(r, 2, &rules);
		ck_assert_int_eq(r[1].counted, 1);
		ck_assert_int_eq(r[0].counted, 0);
	}
}
END_TEST

START_TEST(the_window_counts_from_record_to_record)
{
	struct errand_record r[3] = { record_of(1, EFFORT_PHONE, 0, "a"),
				      record_of(2, EFFORT_PHONE, 6 * DAY_MS, "b"),
				      record_of(3, EFFORT_PHONE, 3 * DAY_MS, "c") };

	errand_count(r, 2, &rules);
	ck_assert_uint_eq(errand_contacts(r, 2), 2);
	errand_count(r, 3, &rules);
	ck_assert_uint_eq(errand_contacts(r, 3), 1);
	r[1].time_ms++;
	errand_count(r, 3, &rules);
	ck_assert_uint_eq(errand_contacts(r, 3), 2);
}
END_TEST

static uint16_t standing_after_a_reload(void *ctx, uint16_t standing, int32_t day)
{
	return (uint16_t)(standing_on(ctx, standing, day) + 100);
}

START_TEST(what_is_counted_keeps_its_standing_until_it_is_counted_on_another_day)
{
	static const struct errand_rules after = { 3 * DAY_MS, standing_after_a_reload, NULL };
	struct errand_record r[4] = { record_of(1, EFFORT_PHONE, 8 * DAY_MS, "a"),
				      record_of(2, EFFORT_SELFSERVICE, 9 * DAY_MS, "b"),
				      record_of(3, EFFORT_PHONE, 9 * DAY_MS, "c"),
				      record_of(4, EFFORT_LETTER, 5 * DAY_MS, "d") };
	uint16_t before;

	errand_count(r, 2, &rules);
	before = cell_unpack(r[1].counted_cell).standing;
	errand_count(r, 3, &after);
	ck_assert_uint_eq(cell_unpack(r[1].counted_cell).standing, before);
	errand_count(r, 4, &after);
	ck_assert_uint_eq(cell_unpack(r[1].counted_cell).standing, before + 100);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { step_by_step_is_as_all_at_once, the_order_is_of_no_account,
				       the_most_digital_leads_then_the_earliest_then_the_id,
				       the_window_counts_from_record_to_record,
				       what_is_counted_keeps_its_standing_until_it_is_counted_on_another_day };

	return RUN_TESTS("count/errand", tests);
}
