/* SPDX-License-Identifier: MPL-2.0 */
/* The few things the journal asks of a disk, behind a table, so that tests can fail each of them, record them
 * and replay what a power cut may have left. `disk_real` is the machine's own. Every function returns a value
 * of 0 or more, or a negative errno; EINTR and short transfers are dealt with behind the table, except that a
 * write tells how much it wrote. Paths are absolute. Any thread. */
#ifndef JOURNAL_DISK_H
#define JOURNAL_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum disk_open {
	DISK_READ,
	DISK_NEW, /* made or emptied, for writing and reading; 0640 */
	DISK_EDIT /* must be there; for writing and reading */
};

struct disk {
	void *ctx;
	int (*open)(void *ctx, const char *path, enum disk_open);
	void (*close)(void *ctx, int fd);
	ssize_t (*read)(void *ctx, int fd, void *bytes, size_t len, int64_t at); /* short only at the end */
	ssize_t (*write)(void *ctx, int fd, const void *bytes, size_t len, int64_t at);
	int64_t (*size)(void *ctx, int fd);
	int (*cut)(void *ctx, int fd, int64_t size); /* ftruncate, shorter or longer */
	int (*reserve)(void *ctx, int fd, int64_t size); /* blocks for size bytes (posix_fallocate) */
	int (*sync)(void *ctx, int fd);		     /* fdatasync */
	int (*sync_folder)(void *ctx, const char *path);
	int (*rename)(void *ctx, const char *from, const char *to);
	int (*remove)(void *ctx, const char *path);
	int (*make_folder)(void *ctx, const char *path); /* 0750; 0 when it is there already */
	/* Names in a folder, in no order; a nonzero result of visit ends it and is returned. */
	int (*list)(void *ctx, const char *path, int (*visit)(void *vctx, const char *name), void *vctx);
};

extern const struct disk disk_real;

#define DISK_READ_TRIES 5

/* All of it, or a negative errno. -EIO: the file is shorter, or cannot be read in DISK_READ_TRIES tries. */
int disk_read_all(const struct disk *, int fd, void *bytes, size_t len, int64_t at);
int disk_write_all(const struct disk *, int fd, const void *bytes, size_t len, int64_t at);

/* A whole file; *ret_bytes is to be freed, one NUL behind. max: -EFBIG past it. */
int disk_load(const struct disk *, const char *path, size_t max, void **ret_bytes, size_t *ret_len);
/* Replaces a file as one step that survives a power cut: "<path>.new", sync, rename, sync of the folder. */
int disk_replace(const struct disk *, const char *path, const void *bytes, size_t len);

#endif
