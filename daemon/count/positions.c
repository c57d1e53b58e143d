/* SPDX-License-Identifier: MPL-2.0 */
/* See positions.h. An open-addressed table with linear probing; a key is 10 bits municipality, 4 bits place
 * and 18 bits first day. What is removed leaves no mark: what lies behind it moves up. */
#include "count/positions.h"

#include "count/tally.h"

#include <errno.h>
#include <stdlib.h>

_Static_assert(PLACES <= 16, "a place has 4 bits");

struct entry {
	uint32_t key;
	uint64_t position; /* 0: empty */
};

struct positions {
	struct entry *entries; /* owned */
	size_t mask, used;
	uint64_t moves;
};

static uint32_t pack(struct place_key key)
{
	return (uint32_t)(key.municipality & 1023) << 22 | (uint32_t)(key.place & 15) << 18 |
	       ((uint32_t)(key.first + CELL_DAYS) & 0x3ffff);
}

static struct place_key unpack(uint32_t key)
{
	return (struct place_key){ .municipality = (uint16_t)(key >> 22),
				   .place = (uint8_t)(key >> 18 & 15),
				   .first = (int32_t)(key & 0x3ffff) - CELL_DAYS };
}

static size_t home_of(const struct positions *positions, uint32_t key)
{
	return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 24) & positions->mask;
}

/* The slot of the key, or the empty one where it would go. */
static struct entry *slot_of(const struct positions *positions, uint32_t key)
{
	size_t i = home_of(positions, key);

	while (positions->entries[i].position != 0 && positions->entries[i].key != key)
		i = (i + 1) & positions->mask;
	return &positions->entries[i];
}

struct positions *positions_new(void)
{
	struct positions *positions = calloc(1, sizeof(*positions));

	if (positions == NULL)
		return NULL;
	positions->mask = 255;
	positions->entries = calloc(positions->mask + 1, sizeof(*positions->entries));
	if (positions->entries == NULL) {
		free(positions);
		return NULL;
	}
	return positions;
}

void positions_free(struct positions *positions)
{
	if (positions == NULL)
		return;
	free(positions->entries);
	free(positions);
}

void positions_clear(struct positions *positions)
{
	for (size_t i = 0; i <= positions->mask; i++)
		positions->entries[i].position = 0;
	positions->used = 0;
}

uint64_t positions_get(const struct positions *positions, struct place_key key)
{
	return slot_of(positions, pack(key))->position;
}

static int grow(struct positions *positions)
{
	struct positions bigger = { .mask = positions->mask * 2 + 1 };

	bigger.entries = calloc(bigger.mask + 1, sizeof(*bigger.entries));
	if (bigger.entries == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= positions->mask; i++)
		if (positions->entries[i].position != 0)
			*slot_of(&bigger, positions->entries[i].key) = positions->entries[i];
	free(positions->entries);
	positions->entries = bigger.entries;
	positions->mask = bigger.mask;
	positions->moves++;
	return 0;
}

int positions_set(struct positions *positions, struct place_key key, uint64_t position)
{
	struct entry *entry = slot_of(positions, pack(key));

	if (position == 0) {
		positions_remove(positions, key);
		return 0;
	}
	if (entry->position == 0) {
		if (positions->used >= positions->mask / 3 * 2) {
			if (grow(positions) < 0)
				return -ENOMEM;
			entry = slot_of(positions, pack(key));
		}
		entry->key = pack(key);
		positions->used++;
	}
	entry->position = position;
	return 0;
}

int positions_raise(struct positions *positions, struct place_key key, uint64_t position)
{
	return positions_get(positions, key) >= position ? 0 : positions_set(positions, key, position);
}

int positions_raise_day(struct positions *positions, uint16_t municipality, int32_t day, uint64_t position)
{
	int r = 0;

	for (int w = 0; w < WINDOWS && r == 0; w++)
		r = positions_raise(
			positions,
			(struct place_key){ municipality, (uint8_t)w, period_of((enum window)w, day).first },
			position);
	return r;
}

void positions_remove(struct positions *positions, struct place_key key)
{
	struct entry *entries = positions->entries;
	size_t hole = (size_t)(slot_of(positions, pack(key)) - entries), at = hole;

	if (entries[hole].position == 0)
		return;
	for (;;) {
		size_t home;

		at = (at + 1) & positions->mask;
		if (entries[at].position == 0)
			break;
		home = home_of(positions, entries[at].key);
		/* It may move up to the hole unless its home lies behind the hole. */
		if (((at - home) & positions->mask) >= ((at - hole) & positions->mask)) {
			entries[hole] = entries[at];
			hole = at;
			positions->moves++;
		}
	}
	entries[hole].position = 0;
	positions->used--;
}

size_t positions_len(const struct positions *positions)
{
	return positions->used;
}

size_t positions_walk(const struct positions *positions, size_t *cursor, size_t n,
		      void (*visit)(void *ctx, struct place_key, uint64_t position), void *ctx)
{
	size_t at = *cursor, visited = 0;

	for (; at <= positions->mask && visited < n; at++)
		if (positions->entries[at].position != 0) {
			visit(ctx, unpack(positions->entries[at].key), positions->entries[at].position);
			visited++;
		}
	*cursor = visited < n ? 0 : at;
	return visited;
}

uint64_t positions_moves(const struct positions *positions)
{
	return positions->moves;
}
