/* SPDX-License-Identifier: MPL-2.0 */
/* What has been appended and is not durable: blocks, oldest first; the last one is open. The records of a
 * block lie in pieces of memory, which are used again, so a busy journal allocates nothing. Loop's thread;
 * the committing worker reads the oldest block while it is being committed, and nobody changes that one. */
#ifndef JOURNAL_PENDING_H
#define JOURNAL_PENDING_H

#include "journal/block.h"
#include "journal/labels.h"
#include "journal/segment.h"

#define PENDING_CHUNK_BYTES (256 * 1024)
#define PENDING_SPARE       16 /* chunks kept for use, at most */

struct pending_chunk {
	struct pending_chunk *next; /* owned */
	size_t len;                 /* of bytes; the first one of a block begins with room for its frame */
	uint8_t bytes[PENDING_CHUNK_BYTES];
};

struct pending_block {
	struct pending_block *next; /* owned; newer */
	uint64_t sequence;
	struct pending_chunk *first, *last; /* owned */
	size_t len;                         /* of its records */
	char writer[SEGMENT_WRITER_MAX];    /* who they are of */
	/* What the block must begin with where it opens a segment that takes over: room for the frame, then
	 * words. NULL: nothing. Owned. */
	uint8_t *prefix;
	size_t prefix_len;         /* with the frame */
	bool is_last;              /* of its segment */
	struct labels_words words; /* is_last: all of that segment. Owned */
	/* Of its last marks; 0: none. */
	uint64_t position, freeze, settled;
	int64_t horizon_ms;
};

struct pending {
	struct pending_block *first, *open; /* owned; from oldest to the open one, never empty */
	struct pending_block *spare;        /* owned */
	struct pending_chunk *spare_chunks; /* owned */
	size_t spare_chunks_len;
	size_t closed_bytes; /* records of all blocks but the open one */
};

/* The first block will be `sequence`. 0 or -ENOMEM. */
int pending_init(struct pending *, uint64_t sequence);
void pending_done(struct pending *);

/* Place for n bytes (at most PENDING_CHUNK_BYTES - BLOCK_HEAD_BYTES) at the end of the open block. NULL: no
 * memory. What was written there is taken by pending_took(). */
uint8_t *pending_room(struct pending *, size_t n);
static inline void pending_took(struct pending *pending, size_t n)
{
	pending->open->last->len += n;
	pending->open->len += n;
}
/* Copies any number of bytes to the end of the open block, all or nothing. 0 or -ENOMEM. */
int pending_put(struct pending *, const uint8_t *bytes, size_t len);
/* Closes the open block and opens the next one. 0 or -ENOMEM. */
int pending_close(struct pending *);
/* The oldest block is durable. It must be closed. */
void pending_forget_first(struct pending *);

static inline size_t pending_bytes(const struct pending *pending)
{
	return pending->closed_bytes + pending->open->len;
}

#endif
