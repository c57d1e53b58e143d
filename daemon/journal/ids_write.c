/* SPDX-License-Identifier: MPL-2.0 */
/* See ids.h. Writing and joining: entries come in ascending order and go to "<name>.new" as they come; the
 * head, which only the end tells, is written last, and the name is given when all of it is durable. */
#include "journal/ids_inside.h"

#include "journal/totals_bytes.h"

#include <errno.h>
#include <stdio.h>

#define CHUNK    ((size_t)IDS_CHUNK_BLOCKS * IDS_BLOCK_BYTES)
#define JOIN_MAX 64 /* files at once */

struct ids_out {
	const struct disk *disk; /* borrowed */
	const char *path;        /* borrowed */
	char new_path[IDS_PATH_MAX + 8];
	int32_t day;
	uint64_t segment;
	bool is_joined;
	int fd;
	uint64_t n, before;
	uint64_t ids[IDS_BLOCK];
	uint32_t contents[IDS_BLOCK];
	size_t fill, blocks;
	struct bytes_out chunk, index; /* not yet written; the first ids */
	int64_t at;                    /* where the chunk goes */
};

static int out_begin(struct ids_out *out, const struct disk *disk, const char *path, int32_t day,
		     uint64_t segment, bool is_joined)
{
	memset(out, 0, sizeof(*out));
	out->disk = disk;
	out->path = path;
	out->day = day;
	out->segment = segment;
	out->is_joined = is_joined;
	out->at = IDS_HEAD;
	snprintf(out->new_path, sizeof(out->new_path), "%s.new", path);
	out->fd = disk->open(disk->ctx, out->new_path, DISK_NEW);
	return out->fd < 0 ? out->fd : 0;
}

static int out_flush(struct ids_out *out)
{
	int r = out->chunk.is_failed || out->index.is_failed ? -ENOMEM : 0;

	if (r == 0 && out->chunk.len > 0)
		r = disk_write_all(out->disk, out->fd, out->chunk.ptr, out->chunk.len, out->at);
	out->at += (int64_t)out->chunk.len;
	out->chunk.len = 0;
	return r;
}

static int out_block(struct ids_out *out)
{
	size_t n = out->fill;
	uint8_t *ids = bytes_room(&out->chunk, n * IDS_ENTRY + IDS_SUM), *contents;

	if (ids == NULL)
		return -ENOMEM;
	contents = ids + 8 * n;
	for (size_t i = 0; i < n; i++) {
		bytes_store(ids + 8 * i, out->ids[i], 8);
		bytes_store(contents + 4 * i, out->contents[i], 4);
	}
	bytes_store(contents + 4 * n, ids_block_sum(ids, n, out->day, out->segment, out->blocks++), IDS_SUM);
	out->chunk.len += n * IDS_ENTRY + IDS_SUM;
	bytes_put_fixed(&out->index, out->ids[0], 8);
	out->fill = 0;
	return out->chunk.len >= CHUNK ? out_flush(out) : 0;
}

/* The same id again is passed over. */
static int out_add(struct ids_out *out, uint64_t id, uint32_t content)
{
	if (out->n > 0 && id == out->before)
		return 0;
	out->before = id;
	out->ids[out->fill] = id;
	out->contents[out->fill++] = content;
	out->n++;
	return out->fill == IDS_BLOCK ? out_block(out) : 0;
}

static void fill_head(const struct ids_out *out, uint8_t head[IDS_HEAD])
{
	memset(head, 0, IDS_HEAD);
	memcpy(head + IDS_HEAD_MAGIC, IDS_MAGIC, 8);
	bytes_store(head + IDS_HEAD_VERSION, IDS_VERSION, 4);
	bytes_store(head + IDS_HEAD_JOINED, out->is_joined, 4);
	bytes_store(head + IDS_HEAD_DAY, (uint32_t)out->day, 4);
	bytes_store(head + IDS_HEAD_SEGMENT, out->segment, 8);
	bytes_store(head + IDS_HEAD_ENTRIES, out->n, 8);
}

static int out_index(struct ids_out *out)
{
	uint8_t head[IDS_HEAD];
	uint64_t sum;
	int r;

	fill_head(out, head);
	sum = ids_index_sum(head, out->index.ptr, out->index.len);
	bytes_put(&out->chunk, out->index.ptr, out->index.len);
	bytes_put_fixed(&out->chunk, sum, IDS_SUM);
	r = out_flush(out);
	return r < 0 ? r : disk_write_all(out->disk, out->fd, head, sizeof(head), 0);
}

static void out_done(struct ids_out *out)
{
	if (out->fd >= 0)
		out->disk->close(out->disk->ctx, out->fd);
	free(out->chunk.ptr);
	free(out->index.ptr);
}

/* The name stands for the new file when this succeeds, and durably so after a sync of the folder. result: of
 * what was done so far; a negative one is returned, and nothing is left behind. */
static int out_end(struct ids_out *out, int result)
{
	const struct disk *disk = out->disk;
	int r = result;

	if (r == 0 && out->fill > 0)
		r = out_block(out);
	if (r == 0)
		r = out_index(out);
	if (r == 0)
		r = disk->sync(disk->ctx, out->fd);
	if (r == 0)
		r = disk->rename(disk->ctx, out->new_path, out->path);
	if (r < 0 && out->fd >= 0)
		(void)disk->remove(disk->ctx, out->new_path);
	out_done(out);
	return r;
}

/* --- the ids of a segment --- */

/* 1: the file is there, and holds more than this segment filed. 0: it may be replaced. Negative errno:
 * neither is known. */
static int is_joined(const struct disk *disk, const char *path)
{
	struct ids *ids;
	int r = ids_open_file(disk, path, &ids, NULL);

	if (r == -ENOENT || r == -EBADMSG)
		return 0;
	if (r < 0)
		return r;
	r = ids->is_joined;
	ids_close(ids);
	return r;
}

static int write_day(const struct disk *disk, const char *dir, uint64_t segment,
		     const struct id_entry *entries, size_t n)
{
	char path[IDS_PATH_MAX];
	struct ids_out out;
	int r;

	ids_path(path, dir, entries[0].day, segment);
	r = is_joined(disk, path);
	if (r != 0)
		return r < 0 ? r : 0;
	r = out_begin(&out, disk, path, entries[0].day, segment, false);
	for (size_t i = 0; i < n && r == 0; i++)
		r = out_add(&out, entries[i].id, entries[i].content);
	return out_end(&out, r);
}

int ids_write(const struct disk *disk, const char *dir, uint64_t segment, struct id_entry *entries, size_t n,
	      size_t *ret_days)
{
	size_t from = 0, days = 0;
	int r = 0;

	ids_sort(entries, n);
	while (from < n && r == 0) {
		size_t to = from + 1;

		while (to < n && entries[to].day == entries[from].day)
			to++;
		r = write_day(disk, dir, segment, entries + from, to - from);
		from = to;
		days++;
	}
	if (r == 0 && n > 0)
		r = disk->sync_folder(disk->ctx, dir);
	if (r == 0)
		*ret_days = days;
	return r;
}

/* --- joining --- */

struct day_files {
	int32_t day;
	uint64_t *segments; /* owned */
	size_t n, cap;
};

static int see_file(void *ctx, const char *name)
{
	struct day_files *files = ctx;
	uint64_t segment;
	int32_t day;

	if (!ids_name(name, &day, &segment) || day != files->day)
		return 0;
	if (files->n == files->cap) {
		size_t cap = files->cap == 0 ? 16 : files->cap * 2;
		uint64_t *segments = realloc(files->segments, cap * sizeof(*segments));

		if (segments == NULL)
			return -ENOMEM;
		files->segments = segments;
		files->cap = cap;
	}
	files->segments[files->n++] = segment;
	return 0;
}

static int by_segment(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct source {
	struct ids *ids; /* owned */
	struct ids_reader reader;
	uint64_t id;
	uint32_t content;
	int state; /* 1: id and content are its next; 0: at its end; negative errno */
};

static int source_open(struct source *source, const struct disk *disk, const char *dir, int32_t day,
		       uint64_t segment)
{
	char path[IDS_PATH_MAX];
	int r;

	ids_path(path, dir, day, segment);
	r = ids_open_file(disk, path, &source->ids, NULL);
	if (r == 0)
		r = ids_reader_init(&source->reader, source->ids);
	if (r == 0)
		r = source->state = ids_reader_next(&source->reader, &source->id, &source->content);
	return r < 0 ? r : 0;
}

static void source_done(struct source *source)
{
	ids_reader_done(&source->reader);
	ids_close(source->ids);
}

/* The source with the least id, of equal ones the earliest; NULL: all are at their end. */
static struct source *least(struct source *sources, size_t n)
{
	struct source *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (sources[i].state == 1 && (found == NULL || sources[i].id < found->id))
			found = &sources[i];
	return found;
}

static int merge(struct ids_out *out, struct source *sources, size_t n)
{
	struct source *next = least(sources, n);
	int r = 0;

	while (next != NULL && r == 0) {
		r = out_add(out, next->id, next->content);
		next->state = ids_reader_next(&next->reader, &next->id, &next->content);
		if (next->state < 0)
			return next->state;
		next = least(sources, n);
	}
	return r;
}

/* Joins n files, in the order of their segments, into the last one's place. */
static int join(const struct disk *disk, const char *dir, int32_t day, const uint64_t *segments, size_t n)
{
	struct source *sources = calloc(n, sizeof(*sources));
	char path[IDS_PATH_MAX];
	struct ids_out out;
	int r = sources == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = source_open(&sources[i], disk, dir, day, segments[i]);
	if (r == 0) {
		ids_path(path, dir, day, segments[n - 1]);
		r = out_begin(&out, disk, path, day, segments[n - 1], true);
		if (r == 0)
			r = merge(&out, sources, n);
		r = out_end(&out, r);
	}
	for (size_t i = 0; sources != NULL && i < n; i++)
		source_done(&sources[i]);
	free(sources);
	return r;
}

static int remove_files(const struct disk *disk, const char *dir, int32_t day, const uint64_t *segments,
			size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		char path[IDS_PATH_MAX];

		ids_path(path, dir, day, segments[i]);
		r = disk->remove(disk->ctx, path);
	}
	return r;
}

/* The files from `from` on, as many at a time as may be open. */
static int join_all(const struct disk *disk, const char *dir, struct day_files *files)
{
	size_t from = 0;
	int r = 0;

	while (from + 1 < files->n && r == 0) {
		size_t n = files->n - from < JOIN_MAX ? files->n - from : JOIN_MAX;

		r = join(disk, dir, files->day, files->segments + from, n);
		if (r == 0)
			r = disk->sync_folder(disk->ctx, dir);
		if (r == 0)
			r = remove_files(disk, dir, files->day, files->segments + from, n - 1);
		from += n - 1;
	}
	return r;
}

int ids_join(const struct disk *disk, const char *dir, int32_t day, size_t most)
{
	struct day_files files = { .day = day };
	int r = disk->list(disk->ctx, dir, see_file, &files);

	if (r == 0 && files.n > most && files.n > 1) {
		qsort(files.segments, files.n, sizeof(*files.segments), by_segment);
		r = join_all(disk, dir, &files);
	}
	free(files.segments);
	return r;
}
