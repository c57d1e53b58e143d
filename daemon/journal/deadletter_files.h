/* SPDX-License-Identifier: MPL-2.0 */
/* The files of dead letters, "<dir>/<10 digits>.ndjson": appending whole lines durably, a new file when one
 * is full, the oldest removed past the quota. What could not be written can be given again: a line is in a
 * file once, except where the disk failed to sync it, then perhaps twice. One thread at a time. */
#ifndef JOURNAL_DEADLETTER_FILES_H
#define JOURNAL_DEADLETTER_FILES_H

#include "base/error.h"
#include "journal/disk.h"

struct deadletter_file {
	uint64_t number;
	int64_t size;
	uint64_t lines; /* once they are counted */
	bool is_full;   /* nothing more goes there */
};

struct deadletter_files {
	const struct disk *disk;      /* borrowed */
	char *dir;                    /* owned */
	struct deadletter_file *list; /* owned, ascending; the last is written to */
	size_t n, cap;
	int fd; /* of the last; -1: not open */
	int64_t bytes;
	uint64_t lines;	 /* in all files, once is_counted */
	bool is_counted; /* since the first deadletter_files_append() */
	uint64_t lost;	 /* lines of removed files */
};

/* Number of a file's name; 0: it is none. */
uint64_t deadletter_number(const char *name);

/* Looks which files there are. 0 or a negative errno with reterr. */
int deadletter_files_open(struct deadletter_files *, const struct disk *, const char *dir,
			  struct error *reterr);
void deadletter_files_close(struct deadletter_files *);

/* Appends lines (each ends with LF; len 0: none) and makes room first; the first time it reads and counts what is there.
 * *ret_done: bytes that are durable, whole lines, all
 * of them with result 0. Negative errno with reterr. */
int deadletter_files_append(struct deadletter_files *, const char *lines, size_t len, int64_t quota,
			    size_t *ret_done, struct error *reterr);

#endif
