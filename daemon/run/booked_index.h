/* SPDX-License-Identifier: MPL-2.0 */
/* Bookings of what has not been folded: which id, how much of which kind, in which segment. Made by reading the
 * journal's unfolded segments and what waits for the disk, then fed with what is appended. Of run/booked only.
 * Loop's thread. */
#ifndef RUN_BOOKED_INDEX_H
#define RUN_BOOKED_INDEX_H

#include "journal/bookings.h"
#include "journal/journal.h"
#include "run/ledger.h"

struct booked_index;

/* Reads everything. NULL: no memory, or a segment cannot be read. */
struct booked_index *booked_index_new(const struct ledger *, const struct journal *, const struct disk *);
void booked_index_free(struct booked_index *);

/* Adds what was appended, in the ledger's numbers. 0 or a negative errno: then it is incomplete. */
int booked_index_effect(struct booked_index *, const struct effect *, uint64_t segment);
int booked_index_change(struct booked_index *, const struct change *, uint64_t segment);

/* Visits the bookings of an id in segments behind this one; those of earlier ones are forgotten. */
int booked_index_find(struct booked_index *, uint64_t id, uint64_t segment, const struct bookings_visit *);
/* Its dictionary holds far more than what is booked: time to make it anew. */
bool booked_index_is_stale(const struct booked_index *);

#endif
