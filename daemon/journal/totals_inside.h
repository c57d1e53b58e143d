/* SPDX-License-Identifier: MPL-2.0 */
/* What struct totals is made of, for the files that write, read and fold it; nobody else includes this.
 * Numbers of municipalities and standings are places in `codes` and `standings`; a cell of the tally is
 * packed with them. */
#ifndef JOURNAL_TOTALS_INSIDE_H
#define JOURNAL_TOTALS_INSIDE_H

#include "journal/totals.h"
#include "journal/totals_bytes.h"
#include "journal/totals_index.h"

struct totals_name {
	uint16_t municipality;
	uint8_t dimension;
	int32_t period;
	struct effort_str name; /* owned */
	struct name_amount amount;
	int64_t last_ms;
};

struct totals_place {
	uint16_t municipality;
	int8_t dimension; /* -1: cells, share and tasks of a day */
	int32_t period;
	uint64_t position;
};

struct totals {
	char (*codes)[5]; /* owned */
	size_t codes_len, codes_cap;
	struct standing_text *standings; /* owned, with all their text; groups sorted */
	size_t standings_len, standings_cap;
	struct totals_index standings_index;
	struct tally cells;
	struct totals_name *names; /* owned */
	size_t names_len, names_cap;
	struct totals_index names_index;
	struct totals_place *places; /* owned */
	size_t places_len, places_cap;
	struct totals_index places_index;
	uint64_t segment; /* greatest of the files read */
};

/* Number in `names` of a name, added with nothing when it is new: 0 or a negative errno. */
int totals_find_name(struct totals *, uint16_t municipality, enum dimension, int32_t period,
		     struct effort_str, uint32_t *ret_number);
/* Adds to a name that is there. */
void totals_gain(struct totals *, uint32_t number, const struct name_amount *, int64_t last_ms);

/* What a cell comes to; 0: it is not there. */
int64_t totals_count(const struct totals *, uint64_t cell);
/* Position of a place; false: it is not there. */
bool totals_position(const struct totals *, uint16_t municipality, int dimension, int32_t period, uint64_t *ret);

/* The bytes of a totals file of day 0, as a part of another file. `out` has nothing yet. 0 or a negative errno. */
int totals_image(const struct totals *, struct bytes_out *out);
/* Adds what an image holds, as totals_read() does; path: of the file it is a part of. */
int totals_add_image(struct totals *, const char *path, const uint8_t *bytes, size_t len, struct error *reterr);

/* By task, what it stood under, groups: the order of standings in a file. */
int totals_compare_standings(const struct standing_text *, const struct standing_text *);

static inline uint64_t totals_recell(uint64_t cell, uint16_t municipality, uint16_t standing)
{
	return (cell & ~(UINT64_C(0x3ff) << 54 | UINT64_C(0x3fff) << 22)) | (uint64_t)municipality << 54 |
	       (uint64_t)standing << 22;
}

#endif
