/* SPDX-License-Identifier: MPL-2.0 */
/* What was folded before Redis had it (journal/unsent.h), taken back into the ledger when earlier runs are read back: the
 * batch that was in flight is frozen again as it was, what was in none waits for the next. Where the file cannot be used
 * it is removed, and what Redis lacks is found and repaired. Part of recover.c. */
#ifndef RUN_RESEND_H
#define RUN_RESEND_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct core;

/* Removes those of names this writer has left, and reads its own into core->unsent, which stays NULL where there is none that fits to the journal. 0 or a negative errno
 * with reterr. */
int resend_read(struct core *, struct error *reterr);
void resend_free(struct core *);
/* The position this place had in Redis before; false: the totals tell. */
bool resend_place(const struct core *, const char *code, int dimension, int32_t period, uint64_t *ret);
/* The segment is in it already. */
bool resend_has(const struct core *, uint64_t segment);
/* In the place of what the ledger read back from segments up to `segment` and has not given to Redis. The batch at hand
 * ends at core->unsent->from then. 0 or a negative errno. */
int resend_load(struct core *, uint64_t segment, int64_t now_ms);

#endif
