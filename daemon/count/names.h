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

#include <stdbool.h>

#define NAME_OTHER "_other"

/* BY_UNIT_END: how contacts to a unit ended, "resolved/<unit>" (named.h). */
enum dimension { BY_SOURCE, BY_UNIT, BY_PORTAL, BY_HANDLED_BY, BY_REASON, BY_UNIT_END, DIMENSIONS };

extern const char *const dimension_name[DIMENSIONS]; /* "source", "unit", "portal", "handled_by", "reason", "unit_end" */

struct name_amount {
	int64_t events; /* at least 1: that the name was seen at all */
	int64_t contacts, n, self;
};

static inline void name_amount_add(struct name_amount *sum, const struct name_amount *more)
{
	sum->events += more->events;
	sum->contacts += more->contacts;
	sum->n += more->n;
	sum->self += more->self;
}

/* One name of one municipality, dimension and period. */
struct name_record {
	/* What every event looks at comes first and lies together: 64 bytes. */
	struct name_amount waiting;
	int64_t last_ms; /* newest event time */
	int32_t period;	 /* first day of the month; BY_REASON: the day */
	uint16_t municipality;
	uint8_t dimension;
	uint32_t number; /* of the record, for names_get() */
	uint32_t serial; /* of the name: numbers are used again, serials are not */
	uint64_t hash;	 /* private */
	struct effort_str name;
	struct name_amount frozen;
	struct name_amount cut; /* what names_cut() has told of waiting */
	uint32_t pins;		/* private */
};

/* Where one name was counted, for who counts under it again and again. Any other name asks with another hint;
 * municipality, dimension and period may change. All zero: it is not known. */
struct name_hint {
	uint32_t number, serial;
};

struct names;

struct names *names_new(size_t per_key, size_t max); /* NULL: no memory */
void names_free(struct names *);

/* Adds to the record of this name, or of "_other"; *ret_number (may be NULL): which. 0 or -ENOMEM (no memory, or
 * counts that wait or are on their way have taken twice `max` records). */
int names_add(struct names *, uint16_t municipality, enum dimension, int32_t period, struct effort_str name,
	      struct name_amount, int64_t time_ms, uint32_t *ret_number);

/* The same for a name that has been counted before: it is not bound by `per_key`, so that what is taken back
 * comes off the name it was counted for. With nothing to add it is only found, to be pinned. */
int names_add_known(struct names *, uint16_t municipality, enum dimension, int32_t period, struct effort_str name,
		    struct name_amount, int64_t time_ms, uint32_t *ret_number);

/* The same without looking for the record. False, and nothing is added: the hint does not lead there, or there is no
 * memory; names_add() knows. */
bool names_add_hinted(struct names *, struct name_hint, uint16_t municipality, enum dimension, int32_t period,
		      const struct name_amount *, int64_t time_ms);
/* What leads to this record of this name; to none when the name is counted under "_other" there. */
struct name_hint names_hint(const struct names *, uint32_t number, struct effort_str name);
/* Asks the memory for the record that names_add_hinted() will look at. */
void names_prefetch(const struct names *, struct name_hint);

/* Adds to what waits of a record, contacts, n and self only (negative amounts take back). */
void names_take_back(struct names *, uint32_t number, struct name_amount);
/* The record of a number names_add() gave; valid while something of it waits, is frozen or pinned. */
const struct name_record *names_get(const struct names *, uint32_t number);
size_t names_capacity(const struct names *); /* above every number there can be */
/* A pinned name is not forgotten. */
void names_pin(struct names *, uint32_t number);
void names_unpin(struct names *, uint32_t number);

/* Visits what has come to wait since the last cut: `more` of each record. */
void names_cut(struct names *,
	       void (*visit)(void *ctx, const struct name_record *, const struct name_amount *more), void *ctx);

/* Moves what waits (all of it cut) to frozen, and adds it to the country's frozen records. Nothing may be frozen already. A
 * country's record that finds no room is left out: its municipalities' are sent all the same. */
void names_freeze(struct names *);
/* Visits the frozen records, in no order. */
void names_frozen(const struct names *, void (*visit)(void *ctx, const struct name_record *), void *ctx);
size_t names_frozen_len(const struct names *);
/* Redis has them: forgets the frozen amounts, and makes room when there is none (see above). */
void names_settle(struct names *);
/* True when something waits. */
bool names_wait(const struct names *);
/* True when names_cut() would visit nothing. */
bool names_are_cut(const struct names *);
size_t names_waiting_len(const struct names *);
/* Visits the records with something waiting. */
void names_waiting(const struct names *, void (*visit)(void *ctx, const struct name_record *), void *ctx);
/* What is frozen waits again, and nothing is cut (a country's is forgotten: it comes of its municipalities). */
void names_thaw(struct names *);

#endif
