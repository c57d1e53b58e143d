/* SPDX-License-Identifier: MPL-2.0 */
/* An id file, byte by byte; of ids*.c only. Everything little-endian.
 *
 *   head      IDS_HEAD bytes, see enum ids_head
 *   blocks    up to IDS_BLOCK entries in ascending order: their ids (8 bytes each), their contents (4 each),
 *             XXH3-64 of both, seeded with day, segment and the block's number; so one read answers
 *   index     the first id of each block
 *   checksum  XXH3-64 of the index, seeded with that of the head */
#ifndef JOURNAL_IDS_INSIDE_H
#define JOURNAL_IDS_INSIDE_H

#include "journal/ids.h"

#include <stddef.h>

#define IDS_MAGIC        "effortid"
#define IDS_VERSION      1
#define IDS_BLOCK        128
#define IDS_ENTRY        12
#define IDS_SUM          8
#define IDS_BLOCK_BYTES  (IDS_BLOCK * IDS_ENTRY + IDS_SUM)
#define IDS_CHUNK_BLOCKS 64 /* read and written at once */
#define IDS_PATH_MAX     4200

/* Places in the head. */
enum ids_head {
	IDS_HEAD_MAGIC = 0,
	IDS_HEAD_VERSION = 8, /* 4 */
	IDS_HEAD_JOINED = 12, /* 4: 1 when it holds what several segments filed */
	IDS_HEAD_DAY = 16,    /* 4 */
	IDS_HEAD_SEGMENT = 24,
	IDS_HEAD_ENTRIES = 32,
	IDS_HEAD = 40
};

struct ids {
	const struct disk *disk; /* borrowed */
	int fd;
	int32_t day;
	uint64_t segment;
	bool is_joined;
	size_t n, blocks;
	uint64_t *index; /* owned: first id of each block */
	char path[];
};

/* Reads an open file from its beginning to its end. */
struct ids_reader {
	struct ids *ids;         /* borrowed */
	size_t block, at;        /* next entry: of this block, this one */
	size_t first, chunk_end; /* blocks in the chunk */
	uint64_t before;         /* the last id, once is_begun */
	bool is_begun;
	uint8_t *chunk; /* owned */
};

int ids_reader_init(struct ids_reader *, struct ids *); /* 0 or -ENOMEM */
void ids_reader_done(struct ids_reader *);
/* 1 and an entry, 0 at the end, negative errno. After -EBADMSG the block is passed over: going on is allowed.
 */
int ids_reader_next(struct ids_reader *, uint64_t *ret_id, uint32_t *ret_content);

/* 0 or a negative errno with reterr. */
int ids_open_file(const struct disk *, const char *path, struct ids **ret, struct error *reterr);

/* By day, id and content. */
void ids_sort(struct id_entry *, size_t n);
uint64_t ids_block_sum(const uint8_t *entries, size_t n, int32_t day, uint64_t segment, size_t block);
uint64_t ids_index_sum(const uint8_t head[IDS_HEAD], const uint8_t *index, size_t len);
void ids_path(char path[IDS_PATH_MAX], const char *dir, int32_t day, uint64_t segment);

#endif
