/* SPDX-License-Identifier: MPL-2.0 */
/* What has been counted since a journal segment began, until the segment has been folded into the totals
 * files: the files and the young together are everything. One for each segment that is not folded, oldest
 * first. Numbers are the ledger's; names are pinned meanwhile. Loop's thread. */
#ifndef RUN_YOUNG_H
#define RUN_YOUNG_H

#include "count/names.h"
#include "count/tally.h"

struct young_name {
	uint32_t number; /* of the record; UINT32_MAX: empty */
	struct name_amount amount;
};

struct young {
	struct young *next;
	uint64_t segment;
	struct tally cells;
	struct young_name *slots; /* owned; open addressing by number, at most half full */
	size_t mask, used;
	struct names *names; /* borrowed */
};

struct young *young_new(struct names *, uint64_t segment); /* NULL: no memory */
void young_free(struct young *);

/* Room for this many further cells and names. 0 or -ENOMEM; after it adding them does not fail. */
int young_reserve(struct young *, size_t cells, size_t names);
void young_cell(struct young *, const struct amount *);
void young_name(struct young *, const struct name_record *, const struct name_amount *);
/* Adds all of another one. 0, or -ENOMEM: nothing was added. */
int young_add(struct young *, const struct young *more);
/* What it has of a record; nothing of most. */
struct name_amount young_get_name(const struct young *, uint32_t number);

#endif
