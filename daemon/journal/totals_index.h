/* SPDX-License-Identifier: MPL-2.0 */
/* Finds a number by what it stands for: open addressing over 32-bit hashes, at most half full. What the
 * numbers stand for lies with the owner, who says whether a number is the one looked for. Of the files of
 * totals and folding only. */
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

/* The number `is_same` agrees to, or TOTALS_NO_NUMBER. Here, so that is_same is no call. */
static inline uint32_t totals_index_find(const struct totals_index *index, uint32_t hash,
					 bool (*is_same)(const void *list, uint32_t number, const void *key),
					 const void *list, const void *key)
{
	if (index->slots == NULL)
		return TOTALS_NO_NUMBER;
	for (size_t i = hash & index->mask; index->slots[i] != 0; i = (i + 1) & index->mask) {
		uint32_t number = (uint32_t)index->slots[i] - 1;

		if (index->slots[i] >> 32 == hash && is_same(list, number, key))
			return number;
	}
	return TOTALS_NO_NUMBER;
}

/* Asks the memory for where a hash has its place. */
static inline void totals_index_prefetch(const struct totals_index *index, uint32_t hash)
{
	if (index->slots != NULL)
		__builtin_prefetch(&index->slots[hash & index->mask]);
}

/* The number in that place, often the one that is looked for; TOTALS_NO_NUMBER. */
static inline uint32_t totals_index_peek(const struct totals_index *index, uint32_t hash)
{
	return index->slots == NULL ? TOTALS_NO_NUMBER : (uint32_t)index->slots[hash & index->mask] - 1;
}

/* Adds a number that is not there. 0 or -ENOMEM. */
int totals_index_add(struct totals_index *, uint32_t hash, uint32_t number);
void totals_index_clear(struct totals_index *);
void totals_index_done(struct totals_index *);

/* Room for one more element of an array that doubles. 0 or -ENOMEM. */
int totals_reserve(void **array, size_t *cap, size_t n, size_t size);

#endif
