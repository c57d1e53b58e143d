/* SPDX-License-Identifier: MPL-2.0 */
/* Segments as files: naming, the header, reading one whole with everything that is not whole set aside. A
 * damaged place costs what lies in it and nothing else: reading goes on at the next whole block. Any thread;
 * no state.
 *
 * A segment ends with a mark, with two exceptions: the present one, and one whose disk failed under it. The
 * blocks of such a one that were not durable were written again into the next segment, whose header says with
 * which block it begins; so a block belongs to the last segment that may have it, and segment_read() leaves
 * out what the next segment of the same writer begins with, whether it can be read here or not. That makes
 * every effect the property of exactly one segment, for whoever reads them one by one. The effects behind its
 * last mark are covered by the first mark of a later segment (segment_next_mark()).
 *
 * Bytes that the disk cannot read any more (EIO) are damage like any other, but for a header: whoever took that for
 * damage would leave out a whole segment that may be readable again. */
#ifndef JOURNAL_SEGMENT_H
#define JOURNAL_SEGMENT_H

#include "base/error.h"
#include "journal/disk.h"
#include "journal/record.h"

#define SEGMENT_VERSION    2 /* 1: without changes */
#define SEGMENT_PATH_MAX   4200
#define SEGMENT_WRITER_MAX 33
#define SEGMENT_HEAD_BYTES 128 /* the first block begins here */

struct segment_head {
	uint64_t number;                 /* ascending, from 1; 0: the header could not be read */
	char writer[SEGMENT_WRITER_MAX]; /* 16 hex digits */
	uint64_t nonce;
	uint64_t first_block; /* sequence number of its first block */
	uint64_t position;    /* the last mark's before it */
	uint64_t freeze;      /* the last MARK_FREEZE's before it */
	uint64_t settled;     /* as the last mark before it says */
	int64_t created_ms, horizon_ms; /* created_ms: as the last mark before it says */
};

struct segment_end {
	int64_t at;          /* where the next block would begin: behind the last whole one */
	int64_t last;        /* where the last whole one begins; 0: there is none */
	int64_t size;        /* of the file */
	uint64_t next_block; /* its sequence number */
	struct mark mark;    /* the last one; position 0: none */
	bool is_sealed;      /* its last record is a mark */
	uint64_t damages;
};

/* "<dir>/0000000000000007.wal" */
void segment_path(char path[SEGMENT_PATH_MAX], const char *dir, uint64_t number);
/* Number of a segment's file name; 0: it is none. */
uint64_t segment_number(const char *name);
/* The same of the name of one that was set aside ("<name>.damaged..."). */
uint64_t segment_number_aside(const char *name);
/* Numbers of all segments in a folder, ascending; *ret_list is to be freed (NULL with none). */
int segment_list(const struct disk *, const char *dir, uint64_t **ret_list, size_t *ret_len);

/* The header alone. -EBADMSG: not a segment, or its header is damaged, or is another file's;
 * -EPROTONOSUPPORT: a later version; -EIO: it cannot be read now. */
int segment_head_read(const struct disk *, const char *path, struct segment_head *ret);
/* Makes the file, durably, with its header alone: "<path>.new", sync, rename, sync of the folder. A
 * descriptor for writing, or a negative errno and *ret_what (constant text: what failed). */
int segment_create(const struct disk *, const char *dir, const struct segment_head *, const char **ret_what);
/* Header of the next segment behind `number` that can be read, of this writer. -ENOENT: there is none. */
int segment_next(const struct disk *, const char *dir, uint64_t number, const char *writer,
		 struct segment_head *ret);
/* The first mark in the segments behind `number`, of this writer. -ENOENT: there is none yet. */
int segment_next_mark(const struct disk *, const char *dir, uint64_t number, const char *writer,
		      struct mark *ret);

/* Reads all of it. 0, what a visitor returned, or a negative errno of the disk; damage is no error. With a
 * damaged header nothing can be checked: it is told as one damage, and ret_head->number is 0.
 * -EPROTONOSUPPORT: a later version. */
int segment_read(const struct disk *, const char *path, const struct replay *, struct segment_head *ret_head,
		 struct segment_end *ret_end);

#endif
