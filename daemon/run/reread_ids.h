/* SPDX-License-Identifier: MPL-2.0 */
/* Ids read back, on their way to dedup: collected by where they lie in memory and offered many of a place at
 * once. Once one place has many (a start with hundreds of thousands of them) a thread of its own offers them
 * while reading goes on, which is half of the work; it lives until reread_ids_end() or reread_ids_free().
 * Until then nobody else touches dedup. At most 3 MiB. Part of reread.c. */
#ifndef RUN_REREAD_IDS_H
#define RUN_REREAD_IDS_H

#include "journal/dedup.h"

struct reread_ids;

struct reread_ids *reread_ids_new(struct dedup *); /* NULL: no memory */
void reread_ids_free(struct reread_ids *);         /* what was not offered is not; NULL is allowed */
/* 0 or a negative errno, also of one before. */
int reread_ids_add(struct reread_ids *, uint64_t id, uint32_t content, int32_t day, uint64_t segment);
/* All of them are known, and nothing is added any more. 0 or a negative errno, every time. */
int reread_ids_end(struct reread_ids *);

#endif
