/* SPDX-License-Identifier: MPL-2.0 */
/* See tally.h. Open addressing with linear probing, at most half full. */
#include "count/tally.h"

#include "base/large.h"

#include <effort/plugin.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024
#define SORT_FEW    512 /* are sorted by comparing */

uint64_t cell_pack(const struct cell *c)
{
	uint64_t day = (uint64_t)(uint32_t)(c->day + CELL_DAYS) & 0x3ffff;
	uint64_t form = c->direction == EFFORT_OUT ? c->form : c->hours;

	return (uint64_t)c->municipality << 54 | day << 36 | (uint64_t)c->standing << 22 |
	       (uint64_t)c->channel << 18 | (uint64_t)c->direction << 17 | (uint64_t)c->kind << 15 |
	       form << 13 | (uint64_t)c->population << 11 | (uint64_t)c->outcome << 8 |
	       (uint64_t)c->assisted << 5 | (uint64_t)c->is_exempt << 4 | (uint64_t)c->is_ignored << 3;
}

struct cell cell_unpack(uint64_t packed)
{
	bool is_out = (packed >> 17 & 1) == EFFORT_OUT;
	uint8_t form = packed >> 13 & 3;

	return (struct cell){
		.municipality = cell_municipality(packed),
		.day = cell_day(packed),
		.standing = packed >> 22 & 0x3fff,
		.channel = packed >> 18 & 0xf,
		.direction = packed >> 17 & 1,
		.kind = packed >> 15 & 3,
		.form = is_out ? form : EFFORT_FORM_NONE,
		.hours = is_out ? CELL_HOURS_UNKNOWN : form,
		.population = packed >> 11 & 3,
		.outcome = packed >> 8 & 7,
		.assisted = packed >> 5 & 7,
		.is_exempt = packed >> 4 & 1,
		.is_ignored = packed >> 3 & 1,
	};
}

static size_t home(const struct tally *tally, uint64_t cell)
{
	uint64_t h = cell * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h >> 32 ^ h >> 54) & tally->mask;
}

static struct amount *new_slots(size_t n)
{
	struct amount *slots = malloc(n * sizeof(*slots));

	if (slots != NULL)
		large_advise(slots, n * sizeof(*slots));
	for (size_t i = 0; slots != NULL && i < n; i++)
		slots[i] = (struct amount){ .cell = TALLY_EMPTY };
	return slots;
}

int tally_init(struct tally *tally, size_t max_cells)
{
	*tally = (struct tally){ .mask = FIRST_SLOTS - 1, .max_cells = max_cells };
	tally->slots = new_slots(FIRST_SLOTS);
	return tally->slots == NULL ? -ENOMEM : 0;
}

void tally_done(struct tally *tally)
{
	free(tally->slots);
	*tally = (struct tally){ 0 };
}

static struct amount *find(const struct tally *tally, uint64_t cell)
{
	size_t i = home(tally, cell);

	while (tally->slots[i].cell != cell && tally->slots[i].cell != TALLY_EMPTY)
		i = (i + 1) & tally->mask;
	return &tally->slots[i];
}

/* One slot in four lies in two lines of memory. */
void tally_prefetch(const struct tally *tally, uint64_t cell)
{
	const struct amount *slot = &tally->slots[home(tally, cell)];

	__builtin_prefetch(slot, 1);
	__builtin_prefetch((const char *)(slot + 1) - 1, 1);
}

const struct amount *tally_get(const struct tally *tally, uint64_t cell)
{
	const struct amount *slot = find(tally, cell);

	return slot->cell == TALLY_EMPTY ? NULL : slot;
}

static int grow(struct tally *tally)
{
	struct tally bigger = *tally;

	bigger.mask = tally->mask * 2 + 1;
	bigger.slots = new_slots(bigger.mask + 1);
	if (bigger.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= tally->mask; i++)
		if (tally->slots[i].cell != TALLY_EMPTY)
			*find(&bigger, tally->slots[i].cell) = tally->slots[i];
	free(tally->slots);
	*tally = bigger;
	return 0;
}

int tally_reserve(struct tally *tally, size_t more)
{
	int r = 0;

	while (r == 0 && (tally->used + more) * 2 > tally->mask + 1)
		r = grow(tally);
	return r;
}

static int add_new(struct tally *tally, struct amount *slot, uint64_t cell)
{
	if (tally->used >= tally->max_cells)
		return -ENOSPC;
	if (tally->used * 2 > tally->mask) {
		int r = grow(tally);

		if (r < 0)
			return r;
		slot = find(tally, cell);
	}
	slot->cell = cell;
	tally->used++;
	return 0;
}

int tally_add(struct tally *tally, uint64_t cell, int64_t count, int64_t seconds)
{
	struct amount *slot = find(tally, cell);

	if (slot->cell == TALLY_EMPTY) {
		int r = add_new(tally, slot, cell);

		if (r < 0)
			return r;
		slot = find(tally, cell);
	}
	slot->count += count;
	slot->seconds += seconds;
	tally->events += count;
	return 0;
}

/* A table that was once large and is now used little costs more to empty than to make anew. */
static void shrink(struct tally *tally)
{
	size_t slots = tally->mask + 1;
	struct amount *smaller;

	while (slots > FIRST_SLOTS && tally->used * 8 < slots)
		slots /= 2;
	if (slots == tally->mask + 1 || (smaller = new_slots(slots)) == NULL)
		return;
	free(tally->slots);
	tally->slots = smaller;
	tally->mask = slots - 1;
}

void tally_clear(struct tally *tally)
{
	shrink(tally);
	for (size_t i = 0; i <= tally->mask; i++)
		tally->slots[i] = (struct amount){ .cell = TALLY_EMPTY };
	tally->used = 0;
	tally->events = 0;
}

static int by_cell(const void *a, const void *b)
{
	uint64_t x = ((const struct amount *)a)->cell, y = ((const struct amount *)b)->cell;

	return (x > y) - (x < y);
}

static uint8_t digit(const struct amount *amount, unsigned place)
{
	return (uint8_t)(amount->cell >> 8 * place);
}

/* Into `to` by one digit, what is equal in it as it came; counts: how often each digit is there. */
static void deal_out(const struct amount *from, struct amount *to, size_t n, unsigned place, const size_t counts[256])
{
	size_t at[256], next = 0;

	for (unsigned value = 0; value < 256; value++) {
		at[value] = next;
		next += counts[value];
	}
	for (size_t i = 0; i < n; i++)
		to[at[digit(&from[i], place)]++] = from[i];
}

/* Digit by digit from the last one, without those that are the same in all. */
static void sort_digits(struct amount *amounts, struct amount *spare, size_t n)
{
	size_t counts[sizeof(amounts->cell)][256] = { { 0 } };
	struct amount *from = amounts, *to = spare;

	for (size_t i = 0; i < n; i++)
		for (unsigned place = 0; place < sizeof(amounts->cell); place++)
			counts[place][digit(&amounts[i], place)]++;
	for (unsigned place = 0; place < sizeof(amounts->cell); place++) {
		struct amount *dealt = to;

		if (counts[place][digit(from, place)] == n)
			continue;
		deal_out(from, to, n, place, counts[place]);
		to = from;
		from = dealt;
	}
	if (from != amounts)
		memcpy(amounts, from, n * sizeof(*amounts));
}

void tally_sort(struct amount *amounts, size_t n)
{
	struct amount *spare = n < SORT_FEW ? NULL : malloc(n * sizeof(*spare));

	if (spare == NULL) {
		qsort(amounts, n, sizeof(*amounts), by_cell);
		return;
	}
	large_advise(spare, n * sizeof(*spare));
	sort_digits(amounts, spare, n);
	free(spare);
}

size_t tally_sorted(const struct tally *tally, struct amount *dst)
{
	size_t n = 0;

	for (size_t i = 0; i <= tally->mask; i++)
		if (tally->slots[i].cell != TALLY_EMPTY)
			dst[n++] = tally->slots[i];
	tally_sort(dst, n);
	return n;
}
