/* SPDX-License-Identifier: MPL-2.0 */
/* What is left of what an id was counted for, so that it can be taken back: the files of bookings
 * (journal/bookings.h), and behind them an index over what has not been folded. The index is made when it is
 * asked for, from the segments and what waits for the disk, kept up to date from then on, and forgotten when
 * nobody has asked for ten minutes; so those who never correct anything pay nothing. It takes about 50 bytes
 * for each event that is not folded. Loop's thread. */
#ifndef RUN_BOOKED_H
#define RUN_BOOKED_H

#include "count/names.h"
#include "journal/bookings.h"
#include "journal/record.h"

#include <effort/plugin.h>

struct core;

#define BOOKED_TEXT 1024

/* What is left of one id. Numbers are the ledger's. */
struct booked_event {
	uint64_t cell;
	int64_t count, seconds;
	int32_t day; /* the id is filed under */
	struct effort_str names[DIMENSIONS]; /* in text; len 0: none */
	char text[BOOKED_TEXT];
};

struct booked {
	struct core *core;	/* borrowed */
	struct bookings *files; /* owned */
	char dir[4096];
	struct booked_index *index; /* owned; NULL: not made */
	int64_t asked_ms;	/* monotonic, last time */
	uint64_t damaged;	/* files told */
};

int booked_init(struct booked *, struct core *, const char *dir); /* 0 or -ENOMEM */
void booked_done(struct booked *);

/* 1 and what is left, which may be nothing (count 0); 0: nothing is known of this id, or not any more; a
 * negative errno (-EBADMSG: a file is damaged where it would stand). */
int booked_find(struct booked *, uint64_t id, struct booked_event *ret);

/* What the journal has been given. */
void booked_effect(struct booked *, const struct effect *);
void booked_change(struct booked *, const struct change *);
/* Numbers of segments may have changed: the index is forgotten. */
void booked_forget(struct booked *);
void booked_tick(struct booked *, int64_t mono_ms);

#endif
