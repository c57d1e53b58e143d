/* SPDX-License-Identifier: MPL-2.0 */
/* The journal: what has been accepted is written here and forced to disk before anybody is told so, and
 * before Redis hears of it.
 *
 * Records collect in the open block. A commit closes it, writes it and forces it to disk on the committing
 * worker; meanwhile the next block collects. One commit is on its way at a time; an idle journal commits at
 * once, a busy one keeps JOURNAL_SPACING_MS or JOURNAL_COMMIT_BYTES. What is not durable stays in memory, so
 * a failed write or sync loses nothing: a file whose sync failed is never synced again, its undurable blocks
 * go to a new segment; while that fails too the journal is stalled and tries again every JOURNAL_RETRY_MS.
 *
 * Segments end with a mark. Behind a mark everything before it can be folded into totals and id files
 * (fold.h), on the keeping worker, and the segment is removed. So a start reads at most what has not been
 * folded. Loop's thread, except what the workers do. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "journal/identity.h"
#include "journal/job.h"
#include "journal/segment.h"

struct journal;

#define JOURNAL_SPACING_MS    1
#define JOURNAL_COMMIT_BYTES  (256 * 1024)
#define JOURNAL_SEGMENT_BYTES (64 << 20)
#define JOURNAL_RESERVE_BYTES (4 << 20)  /* kept free in a file, to end orderly on a full disk */
#define JOURNAL_PENDING_MAX   (64 << 20) /* undurable bytes in memory past which nothing more may be read */
#define JOURNAL_RETRY_MS      500

enum journal_state {
	JOURNAL_FINE,
	JOURNAL_BEHIND,    /* undurable bytes past JOURNAL_PENDING_MAX: the disk is slow */
	JOURNAL_STALLED,   /* the disk fails; tried again */
	JOURNAL_FULL,      /* no space on the disk, or too little left to go on (ENOSPC, EDQUOT) */
	JOURNAL_OVER_QUOTA /* more unfolded journal than journal.quota */
};

struct journal_settings {
	const char *dir; /* the journal's own folder; made when missing */
	const struct disk *disk;
	struct worker commits; /* nothing else is given to it */
	int64_t quota;
	size_t segment_bytes; /* JOURNAL_SEGMENT_BYTES */
	/* Number of the new segment at least: one more than any that totals or ids were folded with, so that
	 * a journal whose folder was emptied by somebody never uses a number twice. 0: no matter. */
	uint64_t segment_floor;
	int64_t (*mono_ms)(void);
	int64_t (*now_ms)(void); /* only for what is to differ from run to run: marks say what time it is */
	/* What numbers stand for; borrowed, they outlive the journal. */
	const struct standings *standings;
	const struct names *names;
	const char (*codes)[5]; /* by municipality index */
};

struct journal_owner {
	void *ctx;
	/* Every block up to this one is on disk. Not called from within a journal_ function. */
	void (*on_durable)(void *ctx, uint64_t block);
	/* Told when it changes; why: for people, with the errno's text and the path. */
	void (*on_state)(void *ctx, enum journal_state, const char *why);
	/* A segment has been sealed durably and can be folded. */
	void (*on_sealed)(void *ctx, uint64_t segment);
	/* Call journal_tick() in `ms`: the journal has no clock of its own. Only the last wish counts. */
	void (*wake_in)(void *ctx, int64_t ms);
};

/* What opening found. */
struct journal_found {
	uint64_t segments, blocks, effects, damages;
	uint64_t position; /* the last mark's in it, or before it; 0: none ever */
	uint64_t freeze;   /* the last MARK_FREEZE's; 0: none */
	uint64_t settled;  /* as the last mark says */
	uint64_t cut;      /* position of the last mark before the first segment read: everything up to it has
			      been folded; 0: none */
	int64_t horizon_ms; /* INT64_MIN: none */
	/* For journal_open(): the last segment that was read (0: none), and where it ends. */
	uint64_t last_segment;
	struct segment_end end;
};

/* Reads every segment in `settings->dir` in order through `replay` (damage is told, also missing segments,
 * and read over) and fills *ret_found. Numbers in it are the segment's: before each segment
 * on_segment(replay->ctx, head) is called (may be NULL), so that the caller can begin a new translation; it
 * returns 0, 1 to leave the segment out (another writer's: told as damage), or a negative errno. A folder
 * that is not there is an empty journal. Changes nothing. Synchronous. 0 or a negative errno with reterr;
 * -EPROTONOSUPPORT: a segment is of a later version. */
int journal_replay(const struct journal_settings *, const struct replay *,
		   int (*on_segment)(void *ctx, const struct segment_head *), struct journal_found *ret_found,
		   struct error *reterr);

/* Opens for writing after journal_replay: closes the last segment with `mark` (MARK_CUT) where it does not
 * end with one (torn bytes are cut off), forces it to disk, sets files aside whose header is damaged (as
 * "<name>.damaged"), begins a new segment. Synchronous: durable on return; every segment that the replay told
 * is sealed then (on_sealed is not called for them). owner and settings are copied with what they point to
 * but disk, standings, names and codes; `identity` is borrowed. */
struct journal *journal_open(const struct journal_settings *, const struct journal_owner *,
			     const struct identity *, const struct journal_found *, const struct mark *,
			     struct error *reterr);
/* Waits for nothing: what is not durable is lost with the process. Not while the worker has a job, unless it
 * has ended. NULL is allowed. */
void journal_close(struct journal *);

/* Appends; what the effect's numbers stand for is added where this segment does not have it. 0 or -ENOMEM. */
int journal_effect(struct journal *, const struct effect *);
/* The same of a change; names of its parts are numbers of name records. */
int journal_change(struct journal *, const struct change *);
/* Appends a mark. MARK_CUT also ends the segment: what follows goes to the next one. So does MARK_FREEZE when
 * the segment is past its size or a cut was asked for. 0 or -ENOMEM (then there is no mark). */
int journal_mark(struct journal *, const struct mark *);
/* Commits when it may; called at the end of every turn that appended, and by journal_tick(). */
void journal_commit(struct journal *);
void journal_tick(struct journal *);

/* The block that what is appended now will lie in; what was appended so far is durable when on_durable has
 * told journal_last(). */
uint64_t journal_last(const struct journal *);    /* block of the last record appended */
uint64_t journal_durable(const struct journal *); /* last durable block */
uint64_t journal_segment(const struct journal *); /* number of the segment it will lie in */

/* True: the segment has grown past its size by a quarter, or journal_ask_cut() was called, or the quota is
 * used up and folding this one would help: make a MARK_CUT soon. */
bool journal_wants_cut(const struct journal *);
void journal_ask_cut(struct journal *);

/* The owner has folded a segment and its results are durable: its file is removed, once there is a later one.
 */
void journal_folded(struct journal *, uint64_t segment);

/* What has been appended and is not durable, segment by segment: on_segment with the number it will have, all
 * its words, then its effects and changes (no marks). Numbers are the segment's. 0, -ENOMEM, or what a visitor
 * returned. */
int journal_undurable(const struct journal *, void (*on_segment)(void *ctx, uint64_t number),
		      const struct replay *);
/* Visits the segments that have a file and are not known to be folded, in their order. */
int journal_unfolded(const struct journal *, int (*visit)(void *ctx, const char *path, uint64_t number),
		     void *ctx);

struct journal_status {
	enum journal_state state;
	char why[256];
	uint64_t segment, segments;   /* present number; files that are not folded, the present one with it */
	int64_t bytes, pending_bytes; /* on disk in segments; in memory, not durable */
	uint64_t commits, effects;    /* since the start */
	int64_t commit_us, commit_max_us; /* last commit; longest since the start */
};
void journal_status(const struct journal *, struct journal_status *ret);
void journal_set_quota(struct journal *, int64_t quota);

#endif
