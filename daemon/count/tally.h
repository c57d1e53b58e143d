/* SPDX-License-Identifier: MPL-2.0 */
/* The tally: what has been counted and is not yet in Redis. One table from cell to amount; a cell is
 * everything about a contact that any counter depends on, packed into 64 bits, so that counting one event is
 * one probe of one table and everything else (Redis cells, sums, shares) is derived per changed cell when the
 * tally is sent.
 *
 * Owned by the loop's thread. Bounded by max_cells, past which tally_add fails. effortd sets it out of reach:
 * what was read must be counted, so it bounds cells (limits.cells) by ceasing to read. Pure. */
#ifndef COUNT_TALLY_H
#define COUNT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether it was open when a contact came in; only where opening hours are configured. */
enum cell_hours { CELL_HOURS_UNKNOWN, CELL_OPEN, CELL_CLOSED };

/* Parts of a cell, from the most significant bits down, so that sorted cells lie by municipality, then day.
 */
struct cell {
	uint16_t municipality; /* index, < CELL_MUNICIPALITIES */
	int32_t day;           /* days since 1970, within +-CELL_DAYS */
	uint16_t standing;
	uint8_t channel, direction, kind;
	uint8_t form;  /* of what goes out; of what comes in always EFFORT_FORM_NONE */
	uint8_t hours; /* enum cell_hours, of what comes in; the two share their bits */
	uint8_t population, outcome, assisted;
	bool is_exempt, is_ignored;
};

#define CELL_MUNICIPALITIES 1023 /* index 1023 is the country */
#define CELL_COUNTRY        1023
#define CELL_DAYS           (1 << 17)

uint64_t cell_pack(const struct cell *);
struct cell cell_unpack(uint64_t);

static inline uint16_t cell_municipality(uint64_t packed)
{
	return (uint16_t)(packed >> 54);
}

static inline int32_t cell_day(uint64_t packed)
{
	return (int32_t)(packed >> 36 & 0x3ffff) - CELL_DAYS;
}

static inline uint16_t cell_standing(uint64_t packed)
{
	return (uint16_t)(packed >> 22 & 0x3fff);
}

struct amount {
	uint64_t cell;
	int64_t count;
	int64_t seconds;
};

struct tally {
	struct amount *slots; /* owned; a slot is empty when cell == TALLY_EMPTY */
	size_t mask, used, max_cells;
	int64_t events; /* sum of counts added since the last clear */
};

#define TALLY_EMPTY UINT64_MAX

int tally_init(struct tally *, size_t max_cells); /* 0 or -ENOMEM */
void tally_done(struct tally *);

/* Asks the memory for the place of a cell, so that a later tally_add finds it near. */
void tally_prefetch(const struct tally *, uint64_t cell);
/* 0; -ENOSPC: max_cells reached and the cell is not there; -ENOMEM. */
int tally_add(struct tally *, uint64_t cell, int64_t count, int64_t seconds);
/* NULL: the cell is not there. Valid until the tally changes. */
const struct amount *tally_get(const struct tally *, uint64_t cell);
/* Makes room for `more` further cells, so that adding them cannot fail for memory. 0 or -ENOMEM. */
int tally_reserve(struct tally *, size_t more);
void tally_clear(struct tally *);

/* Copies the used slots out, sorted by cell. dst has room for tally->used. Returns their number. */
size_t tally_sorted(const struct tally *, struct amount *dst);
/* Sorts by cell. */
void tally_sort(struct amount *, size_t n);

#endif
