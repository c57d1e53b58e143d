/* SPDX-License-Identifier: MPL-2.0 */
/* The follow-up cycle: every follow_interval it looks at the municipalities with changes, and once a minute, at
 * local midnight, when a source falls silent and after a reload at all that have data, and lets each follower make its hashes (targets,
 * measures, efforts, counting periods) of what Redis holds of all writers. One municipality after the other, with
 * pauses four times as long as the work, so that counting always comes first; nothing waits for it. Whatever is
 * lost on the way comes again with the next cycle, and several writers on one Redis write the same.
 *
 * A new kind of hash is one struct follower in the table of run/followers.c. Loop's thread. */
#ifndef RUN_FOLLOW_H
#define RUN_FOLLOW_H

#include "run/look.h"
#include "run/ranges.h"

struct follower {
	const char *name;
	/* Names what it wants of this municipality: look_want(), look_want_hash(). */
	void (*want)(void *ctx, struct look *);
	/* The hashes it named are there, and no range has been read that is asked for here: what it finds in them says
	 * which days it wants, look_want(). Or NULL. */
	void (*choose)(void *ctx, struct look *);
	/* Everything is there: look_picture(), look_hash(); puts its hashes: look_put(), look_keep(). */
	void (*see)(void *ctx, struct look *);
	void *ctx; /* borrowed */
};

#define FOLLOWERS_MAX 16

struct follow;

/* All borrowed; followers' ctx and the snapshot must outlive it. NULL: no memory. */
struct follow *follow_new(struct core *, struct ranges *, const struct snapshot *, const struct follower *, size_t n);
void follow_free(struct follow *);
/* After it nothing is asked or written any more; before the core is closed. */
void follow_stop(struct follow *);
/* After a reload; looks at everything again, and what no follower puts any more goes. */
void follow_set_snapshot(struct follow *, const struct snapshot *);
void follow_tick(struct follow *, int64_t now_ms); /* several times a second */
/* Looks at everything as soon as it can: something a follower depends on has changed. */
void follow_hurry(struct follow *);

struct follow_status {
	uint64_t rounds;    /* of all municipalities */
	uint64_t looks, puts, failures;
	int64_t last_ms;    /* Unix ms when the last round was done; 0: none */
};
void follow_status(const struct follow *, struct follow_status *ret);

#endif
