/* SPDX-License-Identifier: MPL-2.0 */
/* See id_filter.h. */
#include "journal/id_filter.h"

#include <errno.h>
#include <stdlib.h>

#define BLOCK_BYTES  (ID_FILTER_WORDS * sizeof(uint32_t))
#define IDS_OF_BLOCK 16

void id_filter_done(struct id_filter *filter)
{
	for (unsigned i = 0; i < filter->parts_len; i++)
		free(filter->parts[i].blocks);
	*filter = (struct id_filter){ .parts_len = 0 };
}

bool id_filter_has_room(const struct id_filter *filter)
{
	unsigned n = filter->parts_len;

	return n > 0 && filter->parts[n - 1].ids < filter->parts[n - 1].room;
}

/* As large as all there is, so that there are never many. */
size_t id_filter_growth(const struct id_filter *filter, size_t ids)
{
	size_t blocks = ids / IDS_OF_BLOCK + 1, all = id_filter_bytes(filter) / BLOCK_BYTES;

	blocks = blocks > all ? blocks : all;
	if (blocks < ID_FILTER_LEAST / BLOCK_BYTES)
		blocks = ID_FILTER_LEAST / BLOCK_BYTES;
	return filter->parts_len == ID_FILTER_PARTS || blocks > UINT32_MAX ? 0 : blocks * BLOCK_BYTES;
}

int id_filter_grow(struct id_filter *filter, size_t bytes)
{
	struct id_filter_part *part = &filter->parts[filter->parts_len];
	size_t blocks = bytes / BLOCK_BYTES;

	*part = (struct id_filter_part){ .blocks = calloc(blocks, BLOCK_BYTES),
					 .blocks_len = (uint32_t)blocks,
					 .room = blocks * IDS_OF_BLOCK };
	if (part->blocks == NULL)
		return -ENOMEM;
	filter->parts_len++;
	return 0;
}

bool id_filter_stretch(struct id_filter *filter)
{
	struct id_filter_part *last;

	if (filter->parts_len == 0 || filter->parts[filter->parts_len - 1].is_stretched)
		return false;
	last = &filter->parts[filter->parts_len - 1];
	last->is_stretched = true;
	last->room *= 3;
	return true;
}

size_t id_filter_bytes(const struct id_filter *filter)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < filter->parts_len; i++)
		bytes += (size_t)filter->parts[i].blocks_len * BLOCK_BYTES;
	return bytes;
}

/* The constants are those of the filter's authors (Apache Parquet, "BloomFilter.md"). */
static void bits_of(uint64_t key, uint32_t bits[ID_FILTER_WORDS])
{
	static const uint32_t salts[ID_FILTER_WORDS] = {
		0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
		0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31,
	};
	uint32_t low = (uint32_t)(key ^ key >> 29);

	for (int i = 0; i < ID_FILTER_WORDS; i++)
		bits[i] = (uint32_t)1 << (low * salts[i] >> 27);
}

static uint32_t *block_of(const struct id_filter_part *part, uint64_t key)
{
	return part->blocks[(key >> 32) * part->blocks_len >> 32];
}

void id_filter_add(struct id_filter *filter, uint64_t key)
{
	struct id_filter_part *part = &filter->parts[filter->parts_len - 1];
	uint32_t *block = block_of(part, key), bits[ID_FILTER_WORDS];

	bits_of(key, bits);
	for (int i = 0; i < ID_FILTER_WORDS; i++)
		block[i] |= bits[i];
	part->ids++;
}

bool id_filter_may_hold(const struct id_filter *filter, uint64_t key)
{
	uint32_t bits[ID_FILTER_WORDS];
	bool may = false;

	bits_of(key, bits);
	for (unsigned p = 0; p < filter->parts_len && !may; p++) {
		const uint32_t *block = block_of(&filter->parts[p], key);
		uint32_t missing = 0;

		for (int i = 0; i < ID_FILTER_WORDS; i++)
			missing |= bits[i] & ~block[i];
		may = missing == 0;
	}
	return may;
}
