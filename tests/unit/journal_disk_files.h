/* SPDX-License-Identifier: MPL-2.0 */
/* Inside the disk in memory (journal_disk.h): files as they are seen and as they are kept for certain, the
 * names that lead to them, and the changes between the two. */
#ifndef TESTS_JOURNAL_DISK_FILES_H
#define TESTS_JOURNAL_DISK_FILES_H

#include "journal/disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mem_call {
	MEM_OPEN,
	MEM_READ,
	MEM_WRITE,
	MEM_SIZE,
	MEM_CUT,
	MEM_RESERVE,
	MEM_SYNC,
	MEM_SYNC_FOLDER,
	MEM_RENAME,
	MEM_REMOVE,
	MEM_MAKE_FOLDER,
	MEM_LIST,
	MEM_CALLS
};

#define MEM_CALL(call) (1u << (call))
#define MEM_ANY        ((1u << MEM_CALLS) - 1)
/* Calls that change something: where a power cut makes a difference. */
#define MEM_CHANGES                                                                                          \
	(MEM_CALL(MEM_WRITE) | MEM_CALL(MEM_CUT) | MEM_CALL(MEM_RESERVE) | MEM_CALL(MEM_SYNC) |              \
	 MEM_CALL(MEM_SYNC_FOLDER) | MEM_CALL(MEM_RENAME) | MEM_CALL(MEM_REMOVE) | MEM_CALL(MEM_OPEN))

#define MEM_FDS    256
#define MEM_SECTOR 512

/* One write or cut that is not durable. */
struct mem_change {
	uint8_t *bytes; /* owned; NULL: a cut to `at` bytes */
	size_t at, len;
	bool is_lost; /* a sync of it failed: no later one brings it back */
};

struct mem_bytes {
	uint8_t *ptr; /* owned */
	size_t len, cap;
};

struct mem_file {
	struct mem_bytes now, kept; /* as seen; as it is on the disk for certain */
	struct mem_change *changes; /* owned; between kept and now */
	size_t changes_len, changes_cap;
	size_t reserved;
	int refs; /* names, kept names, moves, descriptors */
};

struct mem_name {
	char *path; /* owned */
	int file;   /* index in files; -1: a folder */
};

struct mem_names {
	struct mem_name *list; /* owned */
	size_t n, cap;
};

/* A change of a folder that is not durable. */
struct mem_move {
	char *from, *to; /* owned; from NULL: made as `to`; to NULL: removed */
	int file;
};

struct mem_disk {
	struct disk table; /* what code under test gets */
	struct mem_file *files;
	size_t files_len;
	struct mem_names now, kept;
	struct mem_move *moves;
	size_t moves_len;
	int fds[MEM_FDS]; /* file index + 1; 0: free */

	int64_t capacity; /* bytes of all files; past it -ENOSPC */
	size_t write_max; /* a write takes at most so many bytes; 0: all */
	uint64_t calls;   /* of all kinds so far */
	uint64_t by_call[MEM_CALLS];
	/* Asked before every call; a negative errno fails it. A failed write has written half. */
	int (*on_call)(void *ctx, enum mem_call, const char *path);
	void *on_call_ctx;
	/* Set by mem_disk_fail(). */
	unsigned fail_calls;
	uint64_t fail_skip, fail_times;
	int fail_error;
	uint64_t failed; /* calls that were failed */
};

/* --- small things --- */

static inline void *mem_must(void *ptr)
{
	if (ptr == NULL)
		abort();
	return ptr;
}

static inline char *mem_text(const char *text)
{
	return text == NULL ? NULL : (char *)mem_must(strdup(text));
}

/* Random numbers from a seed (splitmix64). */
static inline uint64_t mem_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void mem_bytes_resize(struct mem_bytes *bytes, size_t len)
{
	if (len > bytes->cap) {
		bytes->cap = len * 2;
		bytes->ptr = mem_must(realloc(bytes->ptr, bytes->cap));
	}
	if (len > bytes->len)
		memset(bytes->ptr + bytes->len, 0, len - bytes->len);
	bytes->len = len;
}

static inline void mem_bytes_put(struct mem_bytes *bytes, size_t at, const uint8_t *from, size_t len)
{
	if (len == 0)
		return;
	if (at + len > bytes->len)
		mem_bytes_resize(bytes, at + len);
	memcpy(bytes->ptr + at, from, len);
}

static inline struct mem_bytes mem_bytes_copy(const struct mem_bytes *from)
{
	struct mem_bytes copy = { 0 };

	mem_bytes_put(&copy, 0, from->ptr, from->len);
	return copy;
}

static inline bool mem_is_in(const char *folder, const char *path)
{
	const char *slash = strrchr(path, '/');

	return (size_t)(slash - path) == strlen(folder) && strncmp(path, folder, strlen(folder)) == 0;
}

/* --- files and names --- */

static inline void mem_file_clear_changes(struct mem_file *file)
{
	for (size_t i = 0; i < file->changes_len; i++)
		free(file->changes[i].bytes);
	file->changes_len = 0;
}

static inline void mem_file_done(struct mem_file *file)
{
	mem_file_clear_changes(file);
	free(file->changes);
	free(file->now.ptr);
	free(file->kept.ptr);
	*file = (struct mem_file){ 0 };
}

static inline void mem_unref(struct mem_disk *disk, int file)
{
	if (file >= 0 && --disk->files[file].refs == 0)
		mem_file_done(&disk->files[file]);
}

static inline int mem_ref(struct mem_disk *disk, int file)
{
	if (file >= 0)
		disk->files[file].refs++;
	return file;
}

static inline int mem_file_new(struct mem_disk *disk)
{
	for (size_t i = 0; i < disk->files_len; i++)
		if (disk->files[i].refs == 0)
			return (int)i;
	disk->files = mem_must(realloc(disk->files, (disk->files_len + 1) * sizeof(*disk->files)));
	disk->files[disk->files_len] = (struct mem_file){ 0 };
	return (int)disk->files_len++;
}

static inline struct mem_name *mem_find(const struct mem_names *names, const char *path)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->list[i].path, path) == 0)
			return &names->list[i];
	return NULL;
}

static inline void mem_unlink(struct mem_disk *disk, struct mem_names *names, const char *path)
{
	struct mem_name *name = mem_find(names, path);

	if (name == NULL)
		return;
	mem_unref(disk, name->file);
	free(name->path);
	*name = names->list[--names->n];
}

/* The path now leads to the file; one that was there is replaced. */
static inline void mem_link(struct mem_disk *disk, struct mem_names *names, const char *path, int file)
{
	mem_ref(disk, file);
	mem_unlink(disk, names, path);
	if (names->n == names->cap) {
		names->cap = names->cap * 2 + 16;
		names->list = mem_must(realloc(names->list, names->cap * sizeof(*names->list)));
	}
	names->list[names->n++] = (struct mem_name){ mem_text(path), file };
}

static inline void mem_moved(struct mem_disk *disk, const char *from, const char *to, int file)
{
	disk->moves = mem_must(realloc(disk->moves, (disk->moves_len + 1) * sizeof(*disk->moves)));
	disk->moves[disk->moves_len++] =
		(struct mem_move){ mem_text(from), mem_text(to), mem_ref(disk, file) };
}

static inline void mem_move_done(struct mem_disk *disk, struct mem_move *move)
{
	mem_unref(disk, move->file);
	free(move->from);
	free(move->to);
}

/* Makes one change of a folder durable; one whose file is not there any more does nothing. */
static inline void mem_keep_move(struct mem_disk *disk, const struct mem_move *move)
{
	struct mem_name *old = move->from == NULL ? NULL : mem_find(&disk->kept, move->from);

	if (move->to != NULL && (move->from == NULL || (old != NULL && old->file == move->file)))
		mem_link(disk, &disk->kept, move->to, move->file);
	if (move->from != NULL)
		mem_unlink(disk, &disk->kept, move->from);
}

static inline const char *mem_move_path(const struct mem_move *move)
{
	return move->to != NULL ? move->to : move->from;
}

#endif
