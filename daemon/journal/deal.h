/* SPDX-License-Identifier: MPL-2.0 */
/* Sorting what begins with an id of 64 bits. Ids are hashes, spread evenly: dealt out by their first bits into piles, and
 * each pile by the next ones, they lie nearly in order, and few comparisons are left to do. A pile and what it is dealt to
 * fit a near cache. Ids that are not spread evenly only make it slower. Here, so that the size of an element and the
 * comparison are known to the compiler. */
#ifndef JOURNAL_DEAL_H
#define JOURNAL_DEAL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEAL_BITS      12
#define DEAL_ENDS      ((size_t)1 << DEAL_BITS) /* piles at most, and places a pile is dealt to at most */
#define DEAL_PILE_BITS 11			/* of the elements in a pile */
#define DEAL_NEAR      48			/* elements moved into place one by one */
#define DEAL_SIZE      32			/* bytes of the largest element there is */

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

/* `bits` of an element's id, behind the first `skip`. */
static inline size_t deal_bits(const char *element, unsigned skip, unsigned bits)
{
	uint64_t id;

	memcpy(&id, element, sizeof(id));
	return (size_t)(id << skip >> (64 - bits));
}

/* From one array to the other by those bits; ends: where each place of the other ends. */
static inline void deal_out(const char *from, char *to, size_t n, size_t size, unsigned skip, unsigned bits,
			    size_t *ends)
{
	size_t at = 0, places = (size_t)1 << bits;

	memset(ends, 0, places * sizeof(*ends));
	for (size_t i = 0; i < n; i++)
		ends[deal_bits(from + i * size, skip, bits)]++;
	for (size_t i = 0; i < places; i++) {
		size_t here = ends[i];

		ends[i] = at;
		at += here;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(to + ends[deal_bits(from + i * size, skip, bits)]++ * size, from + i * size, size);
}

/* Bits to deal n elements by, so that about 2^left of them come to a place. */
static inline unsigned deal_bits_for(size_t n, unsigned left)
{
	unsigned bits = 1;

	while (bits < DEAL_BITS && n >> bits >> left > 0)
		bits++;
	return bits;
}

/* Sorts. spare: room for as many elements; ends: 2 * DEAL_ENDS. */
static inline void deal(void *elements, void *spare, size_t n, size_t size, int (*compare)(const void *, const void *),
			size_t *ends)
{
	unsigned bits = deal_bits_for(n, DEAL_PILE_BITS);
	size_t *places = ends + DEAL_ENDS, begin = 0;

	deal_out(elements, spare, n, size, 0, bits, ends);
	for (size_t i = 0; i < (size_t)1 << bits; i++) {
		size_t pile = ends[i] - begin, from = 0;
		unsigned more = deal_bits_for(pile, 0);
		char *to = (char *)elements + begin * size;

		deal_out((const char *)spare + begin * size, to, pile, size, bits, more, places);
		for (size_t k = 0; k < (size_t)1 << more; k++) {
			if (places[k] - from > 1)
				deal_near(to + from * size, places[k] - from, size, compare);
			from = places[k];
		}
		begin = ends[i];
	}
}

#endif
