/* SPDX-License-Identifier: MPL-2.0 */
/* What Redis must hold of this writer: for each municipality and period the position of the last batch that
 * changed its hashes. A period's cells, share and tasks hashes change together, so they have one position;
 * the hashes of names have their own, by dimension and month. Work and memory grow with periods that have
 * data. Owned by the loop's thread. Pure. */
#ifndef COUNT_POSITIONS_H
#define COUNT_POSITIONS_H

#include "count/names.h"
#include "domain/period.h"

/* 0 .. WINDOWS-1: enum window; then PLACE_NAMES + enum dimension (BY_REASON has no hash of its own). */
#define PLACE_NAMES WINDOWS
#define PLACES      (WINDOWS + DIMENSIONS)

struct place_key {
	uint16_t municipality; /* CELL_COUNTRY: the country */
	uint8_t place;
	int32_t first; /* first day of the period */
};

struct positions;

struct positions *positions_new(void); /* NULL: no memory */
void positions_free(struct positions *);

/* 0: this writer has never written there. */
uint64_t positions_get(const struct positions *, struct place_key);
int positions_set(struct positions *, struct place_key, uint64_t position); /* 0 or -ENOMEM */
/* Keeps the greater one. */
int positions_raise(struct positions *, struct place_key, uint64_t position);
void positions_remove(struct positions *, struct place_key);
void positions_clear(struct positions *);
size_t positions_len(const struct positions *);

/* Walks a part of the entries, in no order: from *cursor (0 at first) at most n of them, which moves on;
 * returns how many were visited, less than n at the end (*cursor is 0 again). What is set or removed
 * meanwhile may be visited or not; where positions_moves() is another then, others may have been left out. */
size_t positions_walk(const struct positions *, size_t *cursor, size_t n,
		      void (*visit)(void *ctx, struct place_key, uint64_t position), void *ctx);

/* Changes when entries change their places in a walk: one that must not miss any begins again. */
uint64_t positions_moves(const struct positions *);

/* The six windows of a day at once. */
int positions_raise_day(struct positions *, uint16_t municipality, int32_t day, uint64_t position);

#endif
