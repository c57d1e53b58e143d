/* SPDX-License-Identifier: MPL-2.0 */
/* The one way lost counts come back: the store tells a gap, the keeping worker adds up the period's totals
 * files, the young are added and what is in no batch yet is taken off, and the store replaces this writer's part
 * of the period's hashes. Gaps of one period are repaired together, whatever their number. Loop's thread. */
#ifndef RUN_REPAIR_H
#define RUN_REPAIR_H

#include "count/positions.h"
#include "journal/fold.h"
#include "journal/job.h"

#include <stdbool.h>

struct core;

enum gap { GAP_NONE, GAP_WANTED, GAP_GIVEN /* the store has the totals */ };

struct repair {
	struct core *core; /* borrowed */
	struct positions *gaps; /* owned: a table of gaps; the value is enum gap */
	size_t cursor;
	struct job job;
	bool is_working;
	char totals_dir[TOTALS_PATH_MAX]; /* the writer's whose totals are added up */
	struct place_key at; /* place and period being added up */
	struct totals *sum;  /* owned; the job's result */
	int r;
	uint64_t damaged;
	uint64_t unwhole;  /* since the start: periods added up of totals that are damaged or set aside */
	bool is_set_aside; /* part of the totals has been lost: they are less than was counted */
	struct error error;
};

int repair_init(struct repair *, struct core *); /* 0 or -ENOMEM */
void repair_done(struct repair *);
void repair_gap(struct repair *, struct place_key);
void repair_settled(struct repair *, struct place_key);
size_t repair_len(const struct repair *); /* gaps that are not settled */
/* Begins the next one when nothing stands in the way. */
void repair_next(struct repair *);

#endif
