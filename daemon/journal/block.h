/* SPDX-License-Identifier: MPL-2.0 */
/* The frame of what one commit made durable: 32 bytes in front of its records.
 *
 *	0  magic (bytes that no UTF-8 text has)	  4  bytes of records that follow
 *	8  sequence number			 16  checksum of the records
 *	24 checksum of these 24 bytes
 *
 * Both checksums (XXH3-64) are seeded with the segment's nonce and the block's place, so that bytes of another
 * segment or place never pass. The second one makes a place known for a block in one step, and tells how much is
 * gone where only the records are damaged. Little-endian. Pure. */
#ifndef JOURNAL_BLOCK_H
#define JOURNAL_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_HEAD_BYTES 32

struct block_head {
	uint32_t len; /* of the records */
	uint64_t sequence, sum;
};

struct block_piece {
	const void *bytes;
	size_t len;
};

/* Writes the frame of a block whose records are the pieces `next` gives, until it says false. */
void block_head_write(uint8_t to[BLOCK_HEAD_BYTES], uint64_t nonce, int64_t at, uint64_t sequence,
		      bool (*next)(void *ctx, struct block_piece *ret), void *ctx);
/* False: no block begins here. */
bool block_head_read(const uint8_t from[BLOCK_HEAD_BYTES], uint64_t nonce, int64_t at,
		     struct block_head *ret);
/* True: these are the records it was written with. */
bool block_is_whole(const struct block_head *, uint64_t nonce, int64_t at, const uint8_t *records);
/* The next place in bytes where a block might begin; len: nowhere. */
size_t block_search(const uint8_t *bytes, size_t len);

#endif
