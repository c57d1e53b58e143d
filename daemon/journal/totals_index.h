/* SPDX-License-Identifier: MPL-2.0 */
/* Finds a number by what it stands for: open addressing over 32-bit hashes, at most half full. What the
 * numbers stand for lies with the owner, who says whether a number is the one looked for. Of totals*.c only.
 */
#ifndef JOURNAL_TOTALS_INDEX_H
#define JOURNAL_TOTALS_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTALS_NO_NUMBER UINT32_MAX

struct totals_index {
	uint64_t *slots; /* owned; hash << 32 | number + 1, 0: free; NULL while empty */
	size_t mask, used;
};

/* The number `is_same` agrees to, or TOTALS_NO_NUMBER. */
uint32_t totals_index_find(const struct totals_index *, uint32_t hash,
			   bool (*is_same)(const void *list, uint32_t number, const void *key),
			   const void *list, const void *key);
/* Adds a number that is not there. 0 or -ENOMEM. */
int totals_index_add(struct totals_index *, uint32_t hash, uint32_t number);
void totals_index_clear(struct totals_index *);
void totals_index_done(struct totals_index *);

/* Room for one more element of an array that doubles. 0 or -ENOMEM. */
int totals_reserve(void **array, size_t *cap, size_t n, size_t size);

#endif
