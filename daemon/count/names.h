/* SPDX-License-Identifier: MPL-2.0 */
/* Counts per name that senders choose freely: units, portals, answering municipalities, sources, and reasons
 * of physical letters, per municipality and month (reasons: per day). Bounded twice: `per_key` names for each
 * municipality, dimension and month (further ones are counted under "_other") and about `max` records in all.
 *
 * Amounts are added up until they are frozen for sending, and forgotten when Redis has answered; the names
 * stay known until room is needed: with three quarters of `max` records there, those of past months with
 * nothing on its way go. Owned by the loop's thread; owns its text. Pure. */
#ifndef COUNT_NAMES_H
#define COUNT_NAMES_H

#include <effort/plugin.h>

#define NAME_OTHER "_other"

enum dimension { BY_SOURCE, BY_UNIT, BY_PORTAL, BY_HANDLED_BY, BY_REASON, DIMENSIONS };

extern const char *const dimension_name[DIMENSIONS]; /* "source", "unit", "portal", "handled_by", "reason" */

struct name_amount {
	int64_t events; /* at least 1: that the name was seen at all */
	int64_t contacts, n, self;
};

/* One name of one municipality, dimension and period. */
struct name_record {
	uint16_t municipality;
	uint8_t dimension;
	int32_t period; /* first day of the month; BY_REASON: the day */
	struct effort_str name;
	int64_t last_ms; /* newest event time */
	struct name_amount waiting, frozen;
	uint32_t number; /* private */
	uint64_t hash;   /* private */
};

struct names;

struct names *names_new(size_t per_key, size_t max); /* NULL: no memory */
void names_free(struct names *);

/* Adds to the record of this name, or of "_other". 0 or -ENOMEM (no memory, or counts that wait or are on
 * their way have taken twice `max` records). */
int names_add(struct names *, uint16_t municipality, enum dimension, int32_t period, struct effort_str name,
	      struct name_amount, int64_t time_ms);

/* Moves what waits to frozen, and adds it to the country's frozen records. Nothing may be frozen already. A
 * country's record that finds no room is left out: its municipalities' are sent all the same. */
void names_freeze(struct names *);
/* Visits the frozen records, in no order. */
void names_frozen(const struct names *, void (*visit)(void *ctx, const struct name_record *), void *ctx);
size_t names_frozen_len(const struct names *);
/* Redis has them: forgets the frozen amounts, and makes room when there is none (see above). */
void names_settle(struct names *);
/* True when something waits. */
bool names_wait(const struct names *);

#endif
