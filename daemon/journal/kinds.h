/* SPDX-License-Identifier: MPL-2.0 */
/* What can be booked, each once: a cell, the names it goes with, and how much of it (an event's count, negative
 * where it was taken back). Bookings of millions of ids refer to few thousand of these.
 *
 * Words are this dictionary's own numbers: municipalities and standings as they stand in the cells, names as
 * texts. So it can be filled on one thread and read on another, and is understood by itself in a file. Owns its
 * text. Not thread-safe. */
#ifndef JOURNAL_KINDS_H
#define JOURNAL_KINDS_H

#include "journal/totals.h"
#include "journal/totals_bytes.h"

struct booking_kind {
	uint64_t cell; /* packed with numbers of this dictionary */
	int64_t count;
	uint32_t names[DIMENSIONS]; /* texts of this dictionary; RECORD_NO_NAME */
};

struct kinds;

/* words: where municipalities and standings have their numbers, borrowed; NULL: words of its own. NULL: no
 * memory. */
struct kinds *kinds_new(struct totals *words);
void kinds_free(struct kinds *);

/* Numbers, added where they are new. Negative errno. */
int kinds_municipality(struct kinds *, const char *code);
int kinds_standing(struct kinds *, const struct standing_text *);
int kinds_text(struct kinds *, struct effort_str, uint32_t *ret);
int kinds_add(struct kinds *, const struct booking_kind *, uint32_t *ret);
/* Asks the memory for what adding these will look at: worth it for some ten of them. */
void kinds_prefetch(const struct kinds *, const struct booking_kind *, size_t n);

size_t kinds_len(const struct kinds *);
const struct booking_kind *kinds_get(const struct kinds *, uint32_t number);
const char *kinds_code(const struct kinds *, uint64_t cell);
const struct standing_text *kinds_standing_text(const struct kinds *, uint64_t cell);
struct effort_str kinds_name(const struct kinds *, uint32_t text); /* RECORD_NO_NAME: len 0 */

/* The number in `to` of what is this kind in `from`. */
int kinds_copy(struct kinds *to, const struct kinds *from, uint32_t number, uint32_t *ret);

/* All of it as bytes, and back: 0, -EBADMSG (what was read is none) or -ENOMEM. */
void kinds_put(const struct kinds *, struct bytes_out *);
int kinds_take(struct bytes_in *, struct kinds **ret);

#endif
