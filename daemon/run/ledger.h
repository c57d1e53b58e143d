/* SPDX-License-Identifier: MPL-2.0 */
/* Everything that has been counted, as far as it is in memory: what waits, what is being sent, what has not
 * been folded into the totals files; and the numbers that cells are made of (municipalities, standings), which
 * outlive every configuration.
 *
 *   waiting --cut--> next --freeze--> frozen --settle--> gone
 *         \--cut--> young (until its segment is folded)
 *
 * Files, young, and minus what is cut and not frozen (`next`, the cut part of the names): that is what Redis
 * holds of this writer once the frozen batch is settled. Loop's thread. */
#ifndef RUN_LEDGER_H
#define RUN_LEDGER_H

#include "count/names.h"
#include "count/spread.h"
#include "journal/record.h"
#include "run/young.h"

#include <effort/plugin.h>

struct ledger {
	struct standings *standings;        /* owned */
	struct names *names;                /* owned */
	struct tally waiting;               /* counted since the last mark */
	struct tally next;                  /* before a mark, in no batch */
	struct tally frozen;                /* the batch in flight */
	struct young *youngest, *oldest;    /* owned, oldest->next ... youngest */
	int64_t oldest_ms;                  /* arrival of the oldest count in no batch; 0: none */
	char codes[CELL_MUNICIPALITIES][5]; /* municipality codes by index, append-only */
	size_t codes_len;
	struct {
		int32_t day, month;
	} last; /* first day of the month of the day asked for last */
};

/* Where an event is counted. */
struct spot {
	struct cell cell;
	uint64_t packed;	  /* cell_pack(&cell) */
	struct name_hint *source; /* of the event's source in this municipality, kept up to date; NULL: there is none */
};

/* 0 or -ENOMEM. names_max: records kept for counts per name. */
int ledger_init(struct ledger *, size_t names_per_key, size_t names_max);
void ledger_done(struct ledger *);

/* Index of a municipality's code, added when new; -ENOSPC. */
int ledger_municipality(struct ledger *, const char *code);

/* Asks the memory for what counting an event there will look at. */
void ledger_prefetch(const struct ledger *, const struct spot *);
/* Counts one classified event; *ret_effect: the same for the journal, but for id, content and id_day. Of the event
 * only count, duration, time and the names are looked at. arrival_ms: now. 0 or -ENOMEM: nothing was counted. */
int ledger_count(struct ledger *, const struct spot *, const struct effort_event *, int64_t arrival_ms,
		 struct effect *ret_effect);
/* The same for an effect read back: names as they were counted, by their texts (len 0: none). */
int ledger_recount(struct ledger *, const struct effect *, const struct effort_str names[DIMENSIONS], int64_t arrival_ms);
/* Handling time is kept in whole seconds, rounded half up. */
int64_t ledger_seconds(const struct effort_event *);
/* Takes an event back that was counted a moment ago. Its names stay known, with nothing. */
void ledger_uncount(struct ledger *, const struct effect *);

/* Counts one part of a change, or takes it back: its cell, count, seconds and time. names: texts, len 0: none.
 * Fills in the numbers of its names. 0 or -ENOMEM: nothing was counted. */
int ledger_change(struct ledger *, struct change_part *, const struct effort_str names[DIMENSIONS], int64_t arrival_ms);
/* Takes a part back that was counted a moment ago. */
void ledger_unchange(struct ledger *, const struct change_part *);

/* Cells that wait or are being sent. */
size_t ledger_cells(const struct ledger *);
bool ledger_waits(const struct ledger *);
/* Different days among what waits: a municipality's calls in the next batch are no more. */
size_t ledger_days(const struct ledger *);

/* A mark: what waits is known to be in this segment or before it. 0; -ENOMEM: nothing has changed that counts,
 * call it again before the next mark. */
int ledger_cut(struct ledger *, uint64_t segment);
/* What is cut becomes the frozen batch; nothing may be frozen. */
void ledger_freeze(struct ledger *);
bool ledger_is_frozen(const struct ledger *);
/* Redis has the frozen batch: forgets it. */
void ledger_settle(struct ledger *);
/* The totals files hold everything up to this segment: the oldest young that lies there, now the caller's; NULL: none. */
struct young *ledger_take_folded(struct ledger *, uint64_t segment);

#endif
