/* SPDX-License-Identifier: MPL-2.0 */
/* A file of bookings, byte by byte; of bookings*.c only. Everything little-endian.
 *
 *   head      BOOKINGS_HEAD bytes, see enum bookings_head
 *   blocks    up to BOOKINGS_BLOCK bookings in ascending order of their ids: ids (8 bytes each), kinds (4),
 *             seconds (4), days (2), XXH3-64 of these, seeded with the last segment and the block's number
 *   index     the first id of each block (8 each)
 *   kinds     kinds_put()
 *   checksum  XXH3-64 of index and kinds, seeded with that of the head */
#ifndef JOURNAL_BOOKINGS_INSIDE_H
#define JOURNAL_BOOKINGS_INSIDE_H

#include "journal/bookings.h"

#define BOOKINGS_MAGIC       "effortbk"
#define BOOKINGS_VERSION     1
#define BOOKINGS_BLOCK       128
#define BOOKINGS_ENTRY       18
#define BOOKINGS_SUM         8
#define BOOKINGS_BLOCK_BYTES (BOOKINGS_BLOCK * BOOKINGS_ENTRY + BOOKINGS_SUM)
#define BOOKINGS_PATH_MAX    4200
#define BOOKINGS_ASIDE       "damaged-"

enum bookings_head {
	BOOKINGS_HEAD_MAGIC = 0,
	BOOKINGS_HEAD_VERSION = 8, /* 4 */
	BOOKINGS_HEAD_DAY = 12,    /* 4 */
	BOOKINGS_HEAD_FIRST = 16,
	BOOKINGS_HEAD_LAST = 24,
	BOOKINGS_HEAD_ENTRIES = 32,
	BOOKINGS_HEAD_KINDS = 40, /* bytes */
	BOOKINGS_HEAD = 48
};

/* As a file's name has it. */
struct bookings_name {
	uint64_t first, last; /* segments */
	int32_t day;
};

struct bookings_list {
	struct bookings_name *list; /* owned; ascending, the longer of two that begin alike first */
	size_t n, cap;
};

struct bookings_file {
	const struct disk *disk; /* borrowed */
	int fd;
	struct bookings_name name;
	size_t n, blocks;
	uint64_t *index;     /* owned */
	struct kinds *kinds; /* owned */
};

bool bookings_parse(const char *name, struct bookings_name *ret);
void bookings_path(char path[BOOKINGS_PATH_MAX], const char *dir, const char *prefix,
		   const struct bookings_name *);
/* Believed only when two lists in a row say the same: files are joined meanwhile. */
int bookings_list_read(const struct disk *, const char *dir, struct bookings_list *ret);
/* True: another one holds all of it. */
bool bookings_is_covered(const struct bookings_list *, size_t i);

/* 0 or a negative errno; -EBADMSG: damaged. bookings_file_close() after success only. */
int bookings_file_open(struct bookings_file *, const struct disk *, const char *dir,
		       const struct bookings_name *);
void bookings_file_close(struct bookings_file *);
/* The bookings of one block. 0 or a negative errno. */
int bookings_file_block(const struct bookings_file *, size_t block, struct booking[BOOKINGS_BLOCK],
			size_t *ret_len);

uint64_t bookings_block_sum(const uint8_t *bytes, size_t len, uint64_t last, size_t block);
uint64_t bookings_tail_sum(const uint8_t head[BOOKINGS_HEAD], const uint8_t *tail, size_t len);

#endif
