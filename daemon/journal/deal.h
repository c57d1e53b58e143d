/* SPDX-License-Identifier: MPL-2.0 */
/* Sorting what begins with an id of 64 bits. Ids are hashes, spread evenly: dealt out by their first bits they lie
 * nearly in order, and few comparisons are left to do. Ids that are not spread evenly only make it slower. Here, so that
 * the size of an element and the comparison are known to the compiler. */
#ifndef JOURNAL_DEAL_H
#define JOURNAL_DEAL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEAL_BITS 16
#define DEAL_ENDS ((size_t)1 << DEAL_BITS)
#define DEAL_NEAR 48 /* elements moved into place one by one */
#define DEAL_SIZE 32 /* bytes of the largest element there is */

static inline void deal_near(void *elements, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	char *list = elements, held[DEAL_SIZE];

	if (n > DEAL_NEAR) {
		qsort(list, n, size, compare);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		size_t at = i;

		memcpy(held, list + i * size, size);
		for (; at > 0 && compare(list + (at - 1) * size, held) > 0; at--)
			memcpy(list + at * size, list + (at - 1) * size, size);
		memcpy(list + at * size, held, size);
	}
}

static inline uint64_t deal_first_bits(const char *element)
{
	uint64_t id;

	memcpy(&id, element, sizeof(id));
	return id >> (64 - DEAL_BITS);
}

/* From one array to the other, sorted. ends: DEAL_ENDS of them. */
static inline void deal(const void *elements, void *sorted, size_t n, size_t size,
			int (*compare)(const void *, const void *), size_t *ends)
{
	const char *from = elements;
	char *to = sorted;
	size_t at = 0, begin = 0;

	memset(ends, 0, DEAL_ENDS * sizeof(*ends));
	for (size_t i = 0; i < n; i++)
		ends[deal_first_bits(from + i * size)]++;
	for (size_t i = 0; i < DEAL_ENDS; i++) {
		size_t here = ends[i];

		ends[i] = at;
		at += here;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(to + ends[deal_first_bits(from + i * size)]++ * size, from + i * size, size);
	for (size_t i = 0; i < DEAL_ENDS; i++) {
		deal_near(to + begin * size, ends[i] - begin, size, compare);
		begin = ends[i];
	}
}

#endif
