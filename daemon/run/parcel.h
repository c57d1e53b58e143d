/* SPDX-License-Identifier: MPL-2.0 */
/* Lines of one connection as far as each can be taken by itself: framed, decoded, searched for personal data, held
 * against what the configuration and the clock allow, day and keys made. What they mean together (accounts, ids,
 * counts) is run/receive's. Holds at most PARCEL_LINES at a time; the bytes stay where they are and must outlive it.
 * Touches nothing but itself and reads nothing but its terms, so each parcel may be unpacked on any thread. */
#ifndef RUN_PARCEL_H
#define RUN_PARCEL_H

#include "event/decode.h"
#include "run/core.h"
#include "run/snapshot.h"

#define PARCEL_LINES 512 /* settled in one go: what they need stays in the cache */

/* What lines are held against. All borrowed; nothing of it that is read here may change while a parcel is unpacked. */
struct parcel_terms {
	const struct snapshot *snapshot; /* municipalities, zone, limits */
	const struct core *core;	 /* keys, horizon */
	struct effort_str source;	 /* of lines that name none; len 0: there is none */
	int64_t now_ms;
};

/* What becomes of one line. */
struct parcel_line {
	struct account *account; /* these two are the receiver's */
	uint64_t number;
	struct effort_str line, source, id; /* source, id: len 0 when they may not be told */
	const char *field, *detail; /* constant text */
	bool is_expected; /* detail says what was expected */
	int32_t event; /* its place among the parcel's events; -1: refused already */
	enum code code;
};

struct parcel {
	struct decoder *decoder; /* owned */
	struct day_cache day_cache;
	const char *at, *end;	 /* what has not been unpacked yet */
	size_t lines_len, n;	 /* lines; events among them */
	struct parcel_line lines[PARCEL_LINES];
	struct effort_event events[PARCEL_LINES];
	uint16_t municipalities[PARCEL_LINES];
	struct event_key keys[PARCEL_LINES];
};

struct parcel *parcel_new(void); /* NULL: no memory */
void parcel_free(struct parcel *);

/* Whole lines from here on; DECODE_PADDING readable bytes behind end. */
void parcel_fill(struct parcel *, const char *lines, const char *end);
/* Takes the next lines in place of those it held: up to PARCEL_LINES. Done when at is end. */
void parcel_unpack(struct parcel *, const struct parcel_terms *);

#endif
