/* SPDX-License-Identifier: MPL-2.0 */
/* What earlier runs left, read back: what Redis must hold (from the totals' positions and the journal), the
 * batch that was in flight, what had been counted since, the ids. Calls no plugin and no rule: records hold what
 * was counted. Part of core_load(). */
#ifndef RUN_RECOVER_H
#define RUN_RECOVER_H

#include "base/error.h"

#include <stdint.h>

struct core;

/* A run that became a new writer and ended before it could write the name down: the name stands in its last segment,
 * and is taken on. */
int recover_name(struct core *, struct error *reterr);
/* Positions of everything that has been folded. */
int recover_positions(struct core *, struct error *reterr);
/* The journal: fills found.journal, ledger, dedup and the keeping's list; what was in flight is frozen in the
 * ledger and core->batch its position. */
int recover_journal(struct core *, int64_t now_ms, struct error *reterr);

#endif
