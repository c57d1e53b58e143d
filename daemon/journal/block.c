/* SPDX-License-Identifier: MPL-2.0 */
/* See block.h. */
#include "journal/block.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journal files are little-endian");

static const uint8_t magic[4] = { 0xfe, 0xb1, 0x0c, 0xff };

static uint64_t seed_of(uint64_t nonce, int64_t at)
{
	return nonce ^ (uint64_t)at * UINT64_C(0x9e3779b97f4a7c15);
}

void block_head_write(uint8_t to[BLOCK_HEAD_BYTES], uint64_t nonce, int64_t at, uint64_t sequence,
		      bool (*next)(void *ctx, struct block_piece *ret), void *ctx)
{
	uint64_t seed = seed_of(nonce, at), sum;
	struct block_piece piece;
	uint32_t len = 0;
	XXH3_state_t state;

	XXH3_INITSTATE(&state);
	XXH3_64bits_reset_withSeed(&state, seed);
	while (next(ctx, &piece)) {
		XXH3_64bits_update(&state, piece.bytes, piece.len);
		len += (uint32_t)piece.len;
	}
	sum = XXH3_64bits_digest(&state);
	memcpy(to, magic, 4);
	memcpy(to + 4, &len, 4);
	memcpy(to + 8, &sequence, 8);
	memcpy(to + 16, &sum, 8);
	sum = XXH3_64bits_withSeed(to, 24, seed);
	memcpy(to + 24, &sum, 8);
}

bool block_head_read(const uint8_t from[BLOCK_HEAD_BYTES], uint64_t nonce, int64_t at, struct block_head *ret)
{
	uint64_t sum;

	memcpy(&sum, from + 24, 8);
	if (memcmp(from, magic, 4) != 0 || sum != XXH3_64bits_withSeed(from, 24, seed_of(nonce, at)))
		return false;
	memcpy(&ret->len, from + 4, 4);
	memcpy(&ret->sequence, from + 8, 8);
	memcpy(&ret->sum, from + 16, 8);
	return true;
}

bool block_is_whole(const struct block_head *head, uint64_t nonce, int64_t at, const uint8_t *records)
{
	return XXH3_64bits_withSeed(records, head->len, seed_of(nonce, at)) == head->sum;
}

size_t block_search(const uint8_t *bytes, size_t len)
{
	const uint8_t *found = memmem(bytes, len, magic, sizeof(magic));

	return found == NULL ? len : (size_t)(found - bytes);
}
