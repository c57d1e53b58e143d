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

static void begin_with(struct ledger *ledger, size_t names_per_key)
{
	ck_assert_int_eq(ledger_init(ledger, names_per_key, 4096), 0);
	for (int i = 0; i < 3; i++) {
		char task[] = { 't', (char)('0' + i), '\0' };

		ck_assert_int_eq(standings_intern(ledger->standings, "school", task, 0, i != 1, true), i);
	}
	ck_assert_int_eq(ledger_municipality(ledger, "0751"), 0);
	ck_assert_int_eq(ledger_municipality(ledger, "0101"), 1);
}

static void begin(struct ledger *ledger)
{
	begin_with(ledger, 8);
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

		ck_assert_int_eq(ledger_count(&first, &(struct spot){ cell, cell_pack(&cell), NULL }, &ev, 1, &effect), 0);
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

static int take_again(const struct cell *cell, const struct effect *effect)
{
	struct change_part part = { .cell = cell_pack(cell),
				    .time_ms = effect->time_ms,
				    .count = effect->count,
				    .seconds = effect->seconds };
	struct effort_str names[DIMENSIONS];

	for (int d = 0; d < DIMENSIONS; d++)
		names[d] = name_of(effect, (enum dimension)d);
	return ledger_change(&second, &part, names, 1);
}

/* Takes back of cells and names as they come: some of what was counted, some that was counted elsewhere. */
static void take_some(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct cell cell = { .municipality = (uint16_t)(random() % 2),
				     .day = random() % 2 == 0 ? DAY : DAY - 40,
				     .standing = (uint16_t)(random() % 3),
				     .channel = (uint8_t)(random() % 3),
				     .direction = random() % 5 == 0 ? EFFORT_OUT : EFFORT_IN };
		struct change_part part = { .cell = cell_pack(&cell), .count = -1 - random() % 9 };
		char texts[DIMENSIONS][8];
		struct effort_str names[DIMENSIONS];

		part.seconds = -(random() % 100);
		for (int d = 0; d < DIMENSIONS; d++)
			names[d] = some_name(texts[d], 3);
		ck_assert_int_eq(ledger_change(&first, &part, names, 1), 0);
	}
}

/* What a start does with it. */
static int count_again(void *ctx, const struct effect *effect)
{
	struct cell cell = cell_unpack(effect->cell);
	struct effort_str names[DIMENSIONS];

	(void)ctx;
	for (int d = 0; d < DIMENSIONS; d++)
		names[d] = name_of(effect, (enum dimension)d);
	effects++;
	ck_assert_int_ne(effect->count, 0);
	ck_assert_int_lt(labs(effect->count), 1 << 20);
	ck_assert_int_ge(effect->count < 0 ? -effect->seconds : effect->seconds, 0);
	if (effect->count < 0)
		return take_again(&cell, effect);
	return ledger_recount(&second, effect, names, 1);
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

static void is_there_taken(void *ctx, const struct name_record *record)
{
	const struct name_record *same;
	uint32_t number;

	(void)ctx;
	if (record->waiting.contacts == 0 && record->waiting.n == 0 && record->waiting.self == 0)
		return;
	ck_assert_int_eq(names_add_known(second.names, record->municipality, (enum dimension)record->dimension,
					 record->period, record->name, (struct name_amount){ 0 }, 0, &number),
			 0);
	same = names_get(second.names, number);
	ck_assert_int_eq(same->waiting.contacts, record->waiting.contacts);
	ck_assert_int_eq(same->waiting.n, record->waiting.n);
	ck_assert_int_eq(same->waiting.self, record->waiting.self);
}

START_TEST(what_was_taken_back_is_carried_as_well)
{
	for (size_t round = 0; round < 30; round++) {
		struct amount a[512];
		size_t n;

		tear_down();
		begin_with(&first, 64);
		begin_with(&second, 64);
		count_some(round % 3 * 40);
		take_some(1 + round * 5);
		ck_assert_int_eq(carry(&first.waiting, first.standings, first.names, 5, count_again, NULL), 0);
		n = tally_sorted(&first.waiting, a);
		for (size_t i = 0; i < n; i++) {
			const struct amount *b = tally_get(&second.waiting, a[i].cell);

			ck_assert_int_eq(b == NULL ? 0 : b->count, a[i].count);
			ck_assert_int_eq(b == NULL ? 0 : b->seconds, a[i].seconds);
		}
		names_waiting(first.names, is_there_taken, NULL);
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
	const TTest *const tests[] = { sums_stay, what_was_taken_back_is_carried_as_well, frozen_names_wait_again, ends_with_what_it_is_told,
				       names_without_cells };

	return RUN_TESTS_WITHIN("run/carry", tests, set_up, tear_down);
}
