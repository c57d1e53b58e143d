/* SPDX-License-Identifier: MPL-2.0 */
/* What targets have been: for each id the values and dates that days gone have known, in state_dir/targets. With
 * it a changed configuration never reaches back, whether it came by a reload or a restart: another value is in
 * force from the next midnight on, another definition (measure, scope, channel, comparator, municipality,
 * window, baseline) too. Targets that are gone from the configuration are remembered: they may come back. Main
 * thread. */
#ifndef RUN_TARGET_BOOK_H
#define RUN_TARGET_BOOK_H

#include "conf/conf.h"
#include "journal/disk.h"

struct target_book;

/* A target as it is in force. */
struct target_item {
	struct target_def def;	   /* as configured, but for `from` and the values of days gone; text borrowed from conf */
	struct target_step *steps; /* owned: what def.steps points to */
	int32_t since;		   /* the present definition's first day; INT32_MIN: it was never another one */
};

/* Reads the file; one that is not there is empty, one that cannot be read is told in the log and begun anew. Bounded
 * to TARGETS_MAX * 4 targets. NULL: no memory. */
struct target_book *target_book_open(const struct disk *, const char *state_dir);
void target_book_close(struct target_book *);

/* The item of a configured target on this day. book NULL: nothing is remembered. 0 or -ENOMEM. */
int target_book_item(const struct target_book *, const struct target_def *, int32_t today, struct target_item *ret);
/* Remembers items that are in force now and writes the file when it changed. What cannot be written is told in the
 * log: the next start will not know of it. */
void target_book_keep(struct target_book *, const struct target_item *, size_t n);

#endif
