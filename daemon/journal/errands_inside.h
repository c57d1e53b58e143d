/* SPDX-License-Identifier: MPL-2.0 */
/* What errands.c and errands_file.c share. */
#ifndef JOURNAL_ERRANDS_INSIDE_H
#define JOURNAL_ERRANDS_INSIDE_H

#include "journal/errands.h"

#define ERRANDS_NONE UINT32_MAX

/* Finds numbers by 64-bit hashes that their owners lie under: open addressing, at most half full. */
struct errands_table {
	uint32_t *slots; /* owned; number + 1, 0: free */
	size_t mask, used;
};

struct errand {
	uint64_t key;
	int64_t arrival_ms, latest_ms; /* of its last record; the latest time of one */
	uint32_t first, last;          /* records, in the order they came */
	uint32_t records_n;
	uint32_t older, newer;         /* errands by the arrival of their last record; free ones: newer is the next */
};

struct errands {
	struct kinds *kinds;          /* owned */
	struct errand_entry *records; /* owned */
	struct errand *list;          /* owned */
	size_t records_n, records_cap, list_n, list_cap; /* places ever used */
	size_t records_len, len;                         /* in use */
	uint32_t spare_record, spare;                    /* first of the free ones */
	uint32_t oldest, newest;
	uint64_t generation; /* of the dictionary */
	struct errands_table by_key, by_id;
};

/* Adds one with no records, as the newest. ERRANDS_NONE: no memory. */
uint32_t errands_add(struct errands *, uint64_t key, int64_t arrival_ms);
/* Adds a record to an errand; what is in it but for `errand` and `next` is copied. 0 or -ENOMEM. */
int errands_add_record(struct errands *, uint32_t errand, const struct errand_entry *);

#endif
