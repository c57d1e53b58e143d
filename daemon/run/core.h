/* SPDX-License-Identifier: MPL-2.0 */
/* The core: from a classified event to Redis, exactly once. Deduplication, ledger, journal, batches, repairs,
 * folding; everything that must be right when anything dies. It knows no sockets of producers, no plugins and
 * no configuration files, and reaches disk, worker threads, clock and Redis through what can be replaced, so
 * that simulation can run it.
 *
 *   core_load    reads what earlier runs left: identity, totals' positions, id files, journal
 *   core_open    from here on events are taken and Redis is fed
 *   core_event   one event; core_turn at the end of each turn of the loop that had any
 *   core_close
 *
 * Loop's thread; workers' jobs touch nothing of it but what the journal's layer hands them. */
#ifndef RUN_CORE_H
#define RUN_CORE_H

#include "journal/dedup.h"
#include "journal/journal.h"
#include "run/booked.h"
#include "run/errand_book.h"
#include "run/event_key.h"
#include "run/flush.h"
#include "run/keep.h"
#include "run/ledger.h"
#include "run/repair.h"

#define CORE_NEVER INT64_MAX

struct core_limits {
	int64_t late_ms;	   /* CORE_NEVER: any age */
	int64_t dedup_ms;	   /* an id is remembered at least so long */
	int64_t keep_day_ms, keep_week_ms; /* CORE_NEVER */
	int64_t journal_quota;
	size_t dedup_max_ids, cells;
	int64_t errand_window_ms;
	size_t errand_max; /* records of errands that are remembered */
	int64_t flush_interval_ms, share_interval_ms, probe_interval_ms;
};

struct core_settings {
	struct event_base *base;
	const char *state_dir;
	const struct disk *disk;
	struct worker commits, keeper;
	size_t segment_bytes; /* JOURNAL_SEGMENT_BYTES */
	size_t names_per_key, names_max;
	struct core_limits limits;
};

struct core_owner {
	void *ctx;
	void (*on_durable)(void *ctx, uint64_t block);
	void (*on_paused)(void *ctx); /* core_paused() may answer otherwise now */
	void (*on_settled)(void *ctx);
	/* The standing that a task has on a day, by one it has on another. NULL: the same. */
	uint16_t (*standing_on)(void *ctx, uint16_t standing, int32_t day);
	/* This standing under the definition of a day, and the day before which that is the same; always the same answer for a
	 * day that has come, with at most DEFINITIONS_MAX - 1 changes. NULL: one definition. */
	uint16_t (*ruled_on)(void *ctx, uint16_t standing, int32_t day, int32_t *ret_until);
};

/* What earlier runs left. */
struct core_found {
	struct journal_found journal;
	uint64_t damages, ids;
	bool is_new;
	int64_t took_ms;
};

enum core_answer {
	CORE_ACCEPTED,
	CORE_DUPLICATE,
	CORE_CONFLICT,
	CORE_NEW_AND_REFUSED,
	CORE_NOT_KNOWN, /* a correction of an id that is not known, or not any more */
	CORE_TOO_MUCH,	/* a correction of more than remains */
	CORE_DAMAGED,	/* a correction of what cannot be read any more */
	CORE_CANNOT
};

struct core {
	struct core_settings settings;
	struct core_owner owner;
	char journal_dir[4096], totals_dir[4200], ids_dir[4096], totals_root[4096], bookings_dir[4096];
	struct identity identity;
	struct key_maker keys;
	struct ledger ledger;
	struct positions *positions; /* owned */
	struct dedup *dedup;	     /* owned */
	struct journal *journal;     /* owned */
	struct store *store;	     /* owned */
	struct flush flush;
	struct keep keep;
	struct repair repair;
	struct booked booked;
	struct errand_book errands, meters;
	uint64_t resets;	     /* meters that began anew, since the start */
	uint64_t doubtful;	     /* readings that may be mistyped: those, and what shows too much more */
	uint64_t corrected;	     /* corrections taken, since the start */
	uint64_t below;		     /* cells that came to less than nothing when they were folded */
	struct event *timer;	     /* owned: the journal's wishes */
	struct core_found found;
	uint64_t position;	     /* of the last mark */
	uint64_t batch;		     /* position whose content Redis holds or is being sent: the last MARK_FREEZE, or the
					last folded mark of an earlier run */
	uint64_t batch_block;	     /* journal's block of that mark */
	uint64_t covered;	     /* nothing that is in no batch lies before this position: when the one on its way is
					settled, so is everything up to here */
	uint64_t last_settled;	     /* everything before it is; 0: nothing yet */
	uint64_t settled;	     /* the same, as far as it is proven: what marks tell the next start */
	uint64_t settled_marked, settled_block; /* as the last mark says, and the journal's block it is in */
	uint64_t settled_durable;    /* as a durable mark says */
	bool is_proven;		     /* Redis has been looked through since a start that could not be sure */
	int64_t horizon_ms;	     /* events before it are refused; never moves back */
	int64_t horizon_marked, horizon_durable; /* as the last mark says; as a durable one does */
	uint64_t segment;	     /* the journal's, as far as our marks led it */
	uint64_t refolded;	     /* it went on to this one by itself: see keep.h */
	const char *paused;	     /* reason reading is paused; "" */
	enum journal_state journal_state;
	const struct store_view *view; /* borrowed */
	const struct silence_book *silences; /* borrowed, set before core_open(); NULL: nobody was silent */
	uint64_t last_segment;	     /* read back */
	uint64_t folded_segment;     /* the totals were last folded with; 0: none */
	uint64_t segment_before;     /* no segment of this run is before or at it */
	int32_t forgotten_day;	     /* ids before it are gone */
	int64_t ids_again_ms;	     /* monotonic: they are not tried to be removed before */
	uint64_t frozen_before;	     /* the last MARK_FREEZE of earlier runs under this name, or of an earlier name */
	uint64_t last_freeze;	     /* the same, of this one too */
	bool has_settled;	     /* a batch of this run is in Redis */
	struct young *apart;	     /* owned, the last first: what was folded before that; by run (renewal.h) */
	uint64_t resent_segment;     /* what segments up to this one hold of what Redis lacks is in `apart`; 0: none */
	uint64_t common_run;	     /* when is_foreign: the last run that the other one's journal has too; 0: not known */
	uint64_t common_block;	     /* the last block of it; STORE_NO_BLOCK: not known */
	bool is_short;		     /* what was counted in this run was left to one that may not have it (parting.h) */
	struct unsent *unsent;	     /* owned, while earlier runs are read back: what was folded before Redis had it */
	uint64_t name_block;	     /* when it is durable the new writer's name is written; 0: it is */
	size_t forget_at, forget_found; /* cursor of retention, and what there was in this round */
	int64_t forget_again_ms, retain_ms; /* monotonic: not before */
	int64_t clock_ms, clock_mono_ms;    /* the clock when it was last trusted */
	bool is_clock_told;		    /* that it is not */
	struct {
		bool is_wanted;
		int municipality;
		char period[PERIOD_LABEL]; /* "": all */
		bool is_bold;		   /* also what writers have a part in that do not run */
	} rebuild;
	char advice[STORE_ADVICES][160];      /* of this connection to Redis; "": none */
	char advice_said[STORE_ADVICES][160]; /* in the log */
	struct store_keeping keeping;	      /* as the log was told */
	struct watermark *watermark;	      /* owned: on its way to the disk (retention.c); NULL: none */
	bool was_ready, is_refused, is_foreign, is_forgetting, is_name_refused;
	bool is_watermark_owed; /* it could not be written */
	bool is_name_torn; /* half of what the new name begins with is in the journal: no mark may say that it has begun */
	int64_t quiet_until_ms;	     /* Redis is only just starting: not being there is no news */
};

/* Reads. Afterwards the ledger knows every number it needs, so a configuration can be built on it. 0 or a
 * negative errno with reterr. Damage is logged, never a failure. */
int core_load(struct core *, const struct core_settings *, int64_t now_ms, struct error *reterr);
/* settings: of the store; positions, writer and limits are filled in here. */
int core_open(struct core *, const struct core_owner *, const struct store_settings *,
	      const struct store_view *, int64_t now_ms, struct error *reterr);
/* The workers must have ended. NULL parts are fine: after a failed load or open too. */
void core_close(struct core *);

struct event_key core_key(const struct core *, const struct effort_event *, int64_t now_ms);
/* Judges and counts one event. is_wanted false: its plugin refuses it; then it is CORE_NEW_AND_REFUSED unless its
 * id is known. CORE_CANNOT: out of memory or an id file cannot be read; nothing was
 * counted. The answer may be told when journal_last() is durable. */
enum core_answer core_event(struct core *, const struct event_key *, const struct spot *, const struct effort_event *,
			    bool is_wanted, int64_t now_ms);
/* Judges one event that corrects another: takes its count back from what was counted for the id it names. The
 * rest as for core_event(). correct.c */
enum core_answer core_correct(struct core *, const struct event_key *, const struct effort_event *, int64_t now_ms);
/* The same as core_event() for an event with an errand: its contact is counted once with those of the same errand that
 * have come, or will. errand.c */
enum core_answer core_errand(struct core *, const struct event_key *, const struct spot *, const struct effort_event *,
			     bool is_wanted, int64_t now_ms);
/* The same for a reading of a meter, or a level. meter.c */
enum core_answer core_meter(struct core *, const struct event_key *, const struct spot *, const struct effort_event *,
			    bool is_wanted, int64_t now_ms);
void core_turn(struct core *);
void core_tick(struct core *, int64_t now_ms, const char *state); /* several times a second */

/* Why nothing may be read at present: "cells", "journal", "disk", "quota", "memory" (ids), "name" (another counts under ours: becoming a
 * new writer); "" when it may. */
const char *core_paused(struct core *);
void core_set_limits(struct core *, const struct core_limits *);
/* After a reload. */
void core_set_view(struct core *, const struct store_view *);
/* Everything counted is in Redis, and everything is durable. */
bool core_is_settled(const struct core *);
bool core_is_durable(const struct core *);
/* Rewrites this writer's part of hashes in Redis from its totals, whatever is there: of one municipality
 * (CELL_COUNTRY: the country; -1: all) and one period ("day:2026-11-21"; NULL: all; names of months go with their
 * month). Begins with the next tick that finds no batch in flight, once it is known which other writers run: what others
 * have a part in is left as it is, unless is_bold (store_set_bold()). Returns the number of hash groups. */
size_t core_rebuild(struct core *, int municipality, const char *period, bool is_bold);
/* At a clean end: a mark that says that everything is settled, once; afterwards core_is_settled() waits for it. */
void core_note_settled(struct core *);
/* Sends what waits without keeping distance: a shutdown. */
void core_hurry(struct core *);

#endif
