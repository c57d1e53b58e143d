/* SPDX-License-Identifier: MPL-2.0 */
/* See deadletter_files.h. */
#include "journal/deadletter_files.h"

#include "journal/deadletter.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS   10
#define SUFFIX   ".ndjson"
#define PATH_LEN 4200
#define CHUNK    (64 * 1024)

uint64_t deadletter_number(const char *name)
{
	for (size_t i = 0; i < DIGITS; i++) {
		if (!isdigit((unsigned char)name[i]))
			return 0;
	}
	return strcmp(name + DIGITS, SUFFIX) == 0 ? strtoull(name, NULL, 10) : 0;
}

static const char *path_of(const struct deadletter_files *files, uint64_t number, char path[PATH_LEN])
{
	snprintf(path, PATH_LEN, "%s/%0*" PRIu64 SUFFIX, files->dir, DIGITS, number);
	return path;
}

static int tell(struct error *reterr, int r, const char *what, const char *path)
{
	return error_set(reterr, r, "%s: cannot be %s: %s", path, what, strerror(-r));
}

/* --- which there are --- */

static int push(struct deadletter_files *files, uint64_t number)
{
	if (files->n == files->cap) {
		size_t cap = files->cap * 2 + 16;
		struct deadletter_file *list = realloc(files->list, cap * sizeof(*list));

		if (list == NULL)
			return -ENOMEM;
		files->list = list;
		files->cap = cap;
	}
	files->list[files->n++] = (struct deadletter_file){ .number = number };
	return 0;
}

static int note(void *ctx, const char *name)
{
	uint64_t number = deadletter_number(name);

	return number == 0 ? 0 : push(ctx, number);
}

static int by_number(const void *a, const void *b)
{
	const struct deadletter_file *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static int measure(struct deadletter_files *files, struct deadletter_file *file, struct error *reterr)
{
	const struct disk *disk = files->disk;
	char path[PATH_LEN];
	int fd = disk->open(disk->ctx, path_of(files, file->number, path), DISK_READ);
	int64_t size = fd < 0 ? fd : disk->size(disk->ctx, fd);

	if (fd >= 0)
		disk->close(disk->ctx, fd);
	if (size < 0)
		return tell(reterr, (int)size, "read", path);
	file->size = size;
	files->bytes += size;
	return 0;
}

int deadletter_files_open(struct deadletter_files *files, const struct disk *disk, const char *dir,
			  struct error *reterr)
{
	int r;

	*files = (struct deadletter_files){ .disk = disk, .dir = strdup(dir), .fd = -1 };
	r = files->dir == NULL ? -ENOMEM : disk->make_folder(disk->ctx, dir);
	if (r == 0)
		r = disk->list(disk->ctx, dir, note, files);
	if (r < 0) {
		tell(reterr, r, "used", dir);
	} else {
		if (files->n > 1)
			qsort(files->list, files->n, sizeof(*files->list), by_number);
		for (size_t i = 0; r == 0 && i < files->n; i++)
			r = measure(files, &files->list[i], reterr);
	}
	if (r < 0)
		deadletter_files_close(files);
	return r;
}

static void close_last(struct deadletter_files *files)
{
	if (files->fd >= 0)
		files->disk->close(files->disk->ctx, files->fd);
	files->fd = -1;
}

void deadletter_files_close(struct deadletter_files *files)
{
	close_last(files);
	free(files->list);
	free(files->dir);
	*files = (struct deadletter_files){ .fd = -1 };
}

/* --- how many lines --- */

static uint64_t count_newlines(const char *bytes, size_t len)
{
	const char *end = bytes + len;
	uint64_t lines = 0;

	for (const char *p = bytes; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		lines++;
	return lines;
}

static uint64_t count_lines(const struct deadletter_files *files, const char *path)
{
	const struct disk *disk = files->disk;
	int fd = disk->open(disk->ctx, path, DISK_READ);
	char *chunk = malloc(CHUNK);
	uint64_t lines = 0;
	int64_t at = 0;
	ssize_t n = fd < 0 || chunk == NULL ? 0 : 1;

	while (n > 0 && (n = disk->read(disk->ctx, fd, chunk, CHUNK, at)) > 0) {
		at += n;
		lines += count_newlines(chunk, (size_t)n);
	}
	if (fd >= 0)
		disk->close(disk->ctx, fd);
	free(chunk);
	return lines;
}

/* What earlier runs left. */
static void count_all(struct deadletter_files *files)
{
	char path[PATH_LEN];

	if (files->is_counted)
		return;
	for (size_t i = 0; i < files->n; i++) {
		struct deadletter_file *file = &files->list[i];

		file->lines = count_lines(files, path_of(files, file->number, path));
		files->lines += file->lines;
	}
	files->is_counted = true;
}

/* --- making room --- */

static int remove_oldest(struct deadletter_files *files, struct error *reterr)
{
	const struct disk *disk = files->disk;
	char path[PATH_LEN];
	int r = disk->remove(disk->ctx, path_of(files, files->list[0].number, path));

	/* Somebody else took it away: then its lines are lost to us just as well. */
	if (r < 0 && r != -ENOENT)
		return tell(reterr, r, "removed", path);
	files->lost += files->list[0].lines;
	files->lines -= files->list[0].lines;
	files->bytes -= files->list[0].size;
	memmove(&files->list[0], &files->list[1], --files->n * sizeof(*files->list));
	return 0;
}

static int make_room(struct deadletter_files *files, int64_t more, int64_t quota, struct error *reterr)
{
	int r = 0;

	while (r == 0 && files->n > 1 && files->bytes + more > quota)
		r = remove_oldest(files, reterr);
	return r;
}

/* --- the last file --- */

/* Behind the last line that is whole: a power cut may have torn what came after it. */
static int64_t whole_size(const struct deadletter_files *files, int64_t size)
{
	char *chunk = malloc(CHUNK);
	int64_t end = size;
	int r = chunk == NULL ? -ENOMEM : 0;

	while (r == 0 && end > 0) {
		int64_t from = end > CHUNK ? end - CHUNK : 0;
		const char *line_end;

		r = disk_read_all(files->disk, files->fd, chunk, (size_t)(end - from), from);
		line_end = r < 0 ? NULL : memrchr(chunk, '\n', (size_t)(end - from));
		end = line_end == NULL ? from : from + (line_end - chunk) + 1;
		if (line_end != NULL)
			break;
	}
	free(chunk);
	return r < 0 ? r : end;
}

static int reopen_last(struct deadletter_files *files, struct error *reterr)
{
	struct deadletter_file *last = &files->list[files->n - 1];
	const struct disk *disk = files->disk;
	char path[PATH_LEN];
	int64_t size;

	files->fd = disk->open(disk->ctx, path_of(files, last->number, path), DISK_EDIT);
	if (files->fd < 0)
		return tell(reterr, files->fd, "opened", path);
	size = whole_size(files, last->size);
	if (size >= 0 && size < last->size) {
		int r = disk->cut(disk->ctx, files->fd, size);

		size = r < 0 ? r : size;
	}
	if (size < 0) {
		close_last(files);
		return tell(reterr, (int)size, "read", path);
	}
	files->bytes -= last->size - size;
	last->size = size;
	return 0;
}

static int begin_file(struct deadletter_files *files, struct error *reterr)
{
	const struct disk *disk = files->disk;
	uint64_t number = files->n == 0 ? 1 : files->list[files->n - 1].number + 1;
	char path[PATH_LEN];
	int r;

	close_last(files);
	files->fd = disk->open(disk->ctx, path_of(files, number, path), DISK_NEW);
	r = files->fd < 0 ? files->fd : disk->sync_folder(disk->ctx, files->dir);
	if (r == 0)
		r = push(files, number);
	if (r < 0) {
		close_last(files);
		return tell(reterr, r, "made", path);
	}
	return 0;
}

/* Makes sure that the last file is open and takes at least a line. */
static int prepare(struct deadletter_files *files, int64_t file_bytes, struct error *reterr)
{
	const struct deadletter_file *last = files->n == 0 ? NULL : &files->list[files->n - 1];

	if (last == NULL || last->is_full || last->size >= file_bytes)
		return begin_file(files, reterr);
	if (files->fd >= 0)
		return 0;
	/* A last file that cannot be written to is left as it is. */
	return reopen_last(files, NULL) == 0 ? 0 : begin_file(files, reterr);
}

/* As many whole lines as fit, at least one. */
static size_t piece_of(const char *lines, size_t len, int64_t room)
{
	const char *end;

	if (room >= (int64_t)len)
		return len;
	end = room <= 0 ? NULL : memrchr(lines, '\n', (size_t)room);
	if (end == NULL)
		end = memchr(lines, '\n', len);
	return end == NULL ? len : (size_t)(end - lines) + 1;
}

/* A file whose sync failed may have lost what was written: it is not synced again, the lines go to the next.
 */
static void leave_file(struct deadletter_files *files)
{
	const struct disk *disk = files->disk;
	struct deadletter_file *last = &files->list[files->n - 1];

	(void)disk->cut(disk->ctx, files->fd, last->size);
	last->is_full = true;
	close_last(files);
}

static int write_piece(struct deadletter_files *files, const char *lines, size_t len, struct error *reterr)
{
	const struct disk *disk = files->disk;
	struct deadletter_file *last = &files->list[files->n - 1];
	uint64_t n_lines = count_newlines(lines, len);
	char path[PATH_LEN];
	int r = disk_write_all(disk, files->fd, lines, len, last->size);

	path_of(files, last->number, path);
	/* Half of it may be there; tried again it goes to the same place. */
	if (r < 0)
		return tell(reterr, r, "written", path);
	r = disk->sync(disk->ctx, files->fd);
	if (r < 0) {
		leave_file(files);
		return tell(reterr, r, "synced", path);
	}
	last->size += (int64_t)len;
	last->lines += n_lines;
	files->bytes += (int64_t)len;
	files->lines += n_lines;
	return 0;
}

int deadletter_files_append(struct deadletter_files *files, const char *lines, size_t len, int64_t quota,
			    size_t *ret_done, struct error *reterr)
{
	int64_t file_bytes = quota / 2 < DEADLETTER_FILE_BYTES ? quota / 2 : DEADLETTER_FILE_BYTES;
	int r = 0;

	*ret_done = 0;
	count_all(files);
	while (r == 0 && *ret_done < len) {
		size_t piece;

		r = prepare(files, file_bytes, reterr);
		if (r < 0)
			return r;
		piece = piece_of(lines + *ret_done, len - *ret_done,
				 file_bytes - files->list[files->n - 1].size);
		r = make_room(files, (int64_t)piece, quota, reterr);
		if (r == 0)
			r = write_piece(files, lines + *ret_done, piece, reterr);
		if (r == 0)
			*ret_done += piece;
	}
	return r;
}
