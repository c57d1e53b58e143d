/* SPDX-License-Identifier: MPL-2.0 */
/* Sums made effects again: counted once more they come to the same cells and names. */
#include "run/carry.h"
#include "run/ledger.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#define DAY 20000

static struct ledger first, second;
static size_t effects;

static void begin(struct ledger *ledger)
{
	ck_assert_int_eq(ledger_init(ledger, 8, 4096), 0);
	for (int i = 0; i < 3; i++) {
		char task[] = { 't', (char)('0' + i), '\0' };

		ck_assert_int_eq(standings_intern(ledger->standings, "school", task, 0, i != 1, true), i);
	}
	ck_assert_int_eq(ledger_municipality(ledger, "0751"), 0);
	ck_assert_int_eq(ledger_municipality(ledger, "0101"), 1);
}

static void set_up(void)
{
	begin(&first);
	begin(&second);
	effects = 0;
	srandom(7);
}

static void tear_down(void)
{
	ledger_done(&first);
	ledger_done(&second);
}

static struct effort_str some_name(char text[8], int of)
{
	text[0] = (char)('a' + random() % of);
	return (struct effort_str){ text, random() % 4 != 0 };
}

static void count_some(size_t n)
{
	static const int32_t days[] = { DAY, DAY - 1, DAY - 40 };
	char names[DIMENSIONS][8];

	for (size_t i = 0; i < n; i++) {
		bool is_out = random() % 5 == 0;
		struct cell cell = { .municipality = (uint16_t)(random() % 2),
				     .day = days[random() % 3],
				     .standing = (uint16_t)(random() % 3),
				     .channel = (uint8_t)(is_out ? EFFORT_DIGITALPOST : random() % 3),
				     .direction = is_out ? EFFORT_OUT : EFFORT_IN,
				     .kind = (uint8_t)(random() % 2),
				     .is_ignored = random() % 9 == 0 };
		struct effort_event ev = { .flags = EFFORT_EVENT_DURATION,
					   .count = 1 + random() % 9 * (random() % 50 == 0 ? 1000000 : 1),
					   .time_ms = random() % 1000,
					   .duration_ms = random() % 100000,
					   .source = some_name(names[0], 12),
					   .unit = some_name(names[1], 3),
					   .portal = some_name(names[2], 2),
					   .handled_by = some_name(names[3], 5),
					   .reason = some_name(names[4], 3) };
		struct effect effect;

		ck_assert_int_eq(ledger_count(&first, &cell, cell_pack(&cell), &ev, 1, &effect), 0);
	}
}

static struct effort_str name_of(const struct effect *effect, enum dimension dimension)
{
	const struct name_record *record;

	if (effect->names[dimension] == RECORD_NO_NAME)
		return (struct effort_str){ "", 0 };
	record = names_get(first.names, effect->names[dimension]);
	ck_assert_uint_eq(record->dimension, dimension);
	return record->name;
}

/* What a start does with it. */
static int count_again(void *ctx, const struct effect *effect)
{
	struct cell cell = cell_unpack(effect->cell);
	struct effort_event ev = { .flags = EFFORT_EVENT_DURATION,
				   .count = effect->count,
				   .time_ms = effect->time_ms,
				   .duration_ms = effect->seconds * 1000,
				   .source = name_of(effect, BY_SOURCE),
				   .unit = name_of(effect, BY_UNIT),
				   .portal = name_of(effect, BY_PORTAL),
				   .handled_by = name_of(effect, BY_HANDLED_BY),
				   .reason = name_of(effect, BY_REASON) };
	struct effect again;

	(void)ctx;
	effects++;
	ck_assert_int_gt(effect->count, 0);
	ck_assert_int_lt(effect->count, 1 << 20);
	ck_assert_int_ge(effect->seconds, 0);
	return ledger_count(&second, &cell, effect->cell, &ev, 1, &again);
}

static void is_there(void *ctx, const struct name_record *record)
{
	const struct name_record *same;
	uint32_t number;

	(void)ctx;
	ck_assert_int_eq(names_add(second.names, record->municipality, (enum dimension)record->dimension, record->period,
				   record->name, (struct name_amount){ 0 }, 0, &number),
			 0);
	same = names_get(second.names, number);
	ck_assert_int_gt(same->waiting.events, 0);
	ck_assert_int_eq(same->waiting.contacts, record->waiting.contacts);
	ck_assert_int_eq(same->waiting.n, record->waiting.n);
	ck_assert_int_eq(same->waiting.self, record->waiting.self);
	if (record->dimension == BY_SOURCE && record->waiting.contacts > 0)
		ck_assert_int_eq(same->last_ms, record->last_ms);
}

static void compare(void)
{
	struct amount a[512], b[512];
	size_t n = first.waiting.used;

	ck_assert_uint_lt(n, 512);
	ck_assert_uint_eq(second.waiting.used, n);
	tally_sorted(&first.waiting, a);
	tally_sorted(&second.waiting, b);
	ck_assert_mem_eq(a, b, n * sizeof(*a));
	ck_assert_uint_eq(names_waiting_len(second.names), names_waiting_len(first.names));
	names_waiting(first.names, is_there, NULL);
}

START_TEST(sums_stay)
{
	for (int round = 0; round < 20; round++) {
		tear_down();
		begin(&first);
		begin(&second);
		count_some(1 + (size_t)round * round * 10);
		ck_assert_int_eq(carry(&first.waiting, first.standings, first.names, 5, count_again, NULL), 0);
		compare();
	}
}
END_TEST

/* What waits may have gone through a cut and a batch that was given up. */
START_TEST(frozen_names_wait_again)
{
	struct tally whole;

	count_some(50);
	ck_assert_int_eq(ledger_cut(&first, 1), 0);
	ledger_freeze(&first);
	whole = first.frozen;
	first.frozen = first.waiting;
	first.waiting = whole;
	names_thaw(first.names);
	count_some(50);
	ck_assert_int_eq(carry(&first.waiting, first.standings, first.names, 5, count_again, NULL), 0);
	compare();
}
END_TEST

static int refuse(void *ctx, const struct effect *effect)
{
	(void)ctx;
	(void)effect;
	return ++effects == 3 ? -5 : 0;
}

START_TEST(ends_with_what_it_is_told)
{
	count_some(50);
	ck_assert_int_eq(carry(&first.waiting, first.standings, first.names, 5, refuse, NULL), -5);
	ck_assert_uint_eq(effects, 3);
}
END_TEST

/* Names of counts that are somewhere else are left out. */
START_TEST(names_without_cells)
{
	count_some(50);
	tally_clear(&first.waiting);
	ck_assert_int_eq(carry(&first.waiting, first.standings, first.names, 5, count_again, NULL), 0);
	ck_assert_uint_eq(effects, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { sums_stay, frozen_names_wait_again, ends_with_what_it_is_told,
				       names_without_cells };

	return RUN_TESTS_WITHIN("run/carry", tests, set_up, tear_down);
}
