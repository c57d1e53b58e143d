/* SPDX-License-Identifier: MPL-2.0 */
/* See totals_index.h. */
#include "journal/totals_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64

static void put(uint64_t *slots, size_t mask, uint64_t slot)
{
	size_t i = (size_t)(slot >> 32) & mask;

	while (slots[i] != 0)
		i = (i + 1) & mask;
	slots[i] = slot;
}

static int grow(struct totals_index *index)
{
	size_t n = index->slots == NULL ? FIRST_SLOTS : (index->mask + 1) * 2;
	uint64_t *slots = calloc(n, sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; index->slots != NULL && i <= index->mask; i++)
		if (index->slots[i] != 0)
			put(slots, n - 1, index->slots[i]);
	free(index->slots);
	index->slots = slots;
	index->mask = n - 1;
	return 0;
}

int totals_index_add(struct totals_index *index, uint32_t hash, uint32_t number)
{
	if (index->slots == NULL || index->used * 2 > index->mask) {
		int r = grow(index);

		if (r < 0)
			return r;
	}
	put(index->slots, index->mask, (uint64_t)hash << 32 | (number + 1));
	index->used++;
	return 0;
}

void totals_index_clear(struct totals_index *index)
{
	if (index->slots != NULL)
		memset(index->slots, 0, (index->mask + 1) * sizeof(*index->slots));
	index->used = 0;
}

void totals_index_done(struct totals_index *index)
{
	free(index->slots);
	*index = (struct totals_index){ 0 };
}

int totals_reserve(void **array, size_t *cap, size_t n, size_t size)
{
	size_t wanted = *cap == 0 ? 16 : *cap * 2;
	void *bigger;

	if (n < *cap)
		return 0;
	bigger = realloc(*array, wanted * size);
	if (bigger == NULL)
		return -ENOMEM;
	*array = bigger;
	*cap = wanted;
	return 0;
}
