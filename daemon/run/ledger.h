/* SPDX-License-Identifier: MPL-2.0 */
/* Everything that has been counted and is not yet in Redis, for the life of the process: the tally that
 * grows, the one that is being sent, the counts per name, and the numbers that cells are made of
 * (municipalities, standings), which outlive every configuration. Loop's thread. */
#ifndef RUN_LEDGER_H
#define RUN_LEDGER_H

#include "count/names.h"
#include "count/spread.h"

struct ledger {
	struct standings *standings;        /* owned */
	struct names *names;                /* owned */
	struct tally waiting;               /* counted, not sent */
	struct tally frozen;                /* sent, not answered */
	int64_t oldest_ms;                  /* arrival of the oldest waiting count; 0: none */
	char codes[CELL_MUNICIPALITIES][5]; /* municipality codes by index, append-only */
	size_t codes_len;
	struct {
		int32_t day, month;
	} last; /* first day of the month of the day asked for last */
};

/* 0 or -ENOMEM. names_max: records kept for counts per name. */
int ledger_init(struct ledger *, size_t names_per_key, size_t names_max);
void ledger_done(struct ledger *);

/* Index of a municipality's code, added when new; -ENOSPC. */
int ledger_municipality(struct ledger *, const char *code);

/* Counts one classified event. packed: cell_pack(cell). arrival_ms: now. 0 or -ENOMEM: nothing was counted.
 */
int ledger_count(struct ledger *, const struct cell *, uint64_t packed, const struct effort_event *,
		 int64_t arrival_ms);

/* Cells that wait or are being sent. */
size_t ledger_cells(const struct ledger *);
bool ledger_waits(const struct ledger *);

/* Makes what waits the frozen batch; nothing may be frozen. */
void ledger_freeze(struct ledger *);
bool ledger_is_frozen(const struct ledger *);
/* Redis has the frozen batch: forgets it. */
void ledger_settle(struct ledger *);

#endif
