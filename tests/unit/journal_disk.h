/* SPDX-License-Identifier: MPL-2.0 */
/* A disk in memory that behaves as badly as a real one may: what was written and not synced is kept, changed
 * or lost in a power cut, in any mixture; so are names whose folder was not synced. A failed sync leaves what
 * it should have written to chance for good, also when a later one succeeds. Every call can be made to fail.
 *
 *	struct mem_disk *disk = mem_disk_new();
 *	... journal_open with &disk->table ...
 *	struct mem_disk *after = mem_disk_copy(disk);	as a killed process leaves it
 *	mem_disk_cut_power(after, seed);		and as a power cut may leave it
 *
 * Not modelled: folders that are made are durable at once; a reserve takes space and leaves the size alone.
 * One thread at a time; a test that runs jobs on threads puts its own lock around. Without memory the
 * program ends. */
#ifndef TESTS_JOURNAL_DISK_H
#define TESTS_JOURNAL_DISK_H

#include "journal_disk_files.h"

/* --- calls --- */

static inline int mem_enter(struct mem_disk *disk, enum mem_call call, const char *path)
{
	int r = disk->on_call == NULL ? 0 : disk->on_call(disk->on_call_ctx, call, path);

	disk->calls++;
	disk->by_call[call]++;
	if (r == 0 && (disk->fail_calls & MEM_CALL(call)) != 0) {
		if (disk->fail_skip > 0) {
			disk->fail_skip--;
		} else if (disk->fail_times > 0) {
			disk->fail_times--;
			r = disk->fail_error;
		}
	}
	disk->failed += r < 0;
	return r;
}

static inline struct mem_file *mem_file_of(struct mem_disk *disk, int fd)
{
	if (fd < 0 || fd >= MEM_FDS || disk->fds[fd] == 0)
		abort(); /* a descriptor that is not open: a bug of the code under test */
	return &disk->files[disk->fds[fd] - 1];
}

/* Name of an open file, for on_call; "?" when it has none any more. */
static inline const char *mem_path_of(const struct mem_disk *disk, int fd)
{
	for (size_t i = 0; i < disk->now.n; i++)
		if (disk->now.list[i].file == disk->fds[fd] - 1)
			return disk->now.list[i].path;
	return "?";
}

static inline void mem_changed(struct mem_file *file, size_t at, const void *bytes, size_t len)
{
	struct mem_change change = { .at = at, .len = len };

	if (bytes != NULL) {
		change.bytes = mem_must(malloc(len + 1));
		memcpy(change.bytes, bytes, len);
		mem_bytes_put(&file->now, at, bytes, len);
	} else {
		mem_bytes_resize(&file->now, at);
	}
	if (file->changes_len == file->changes_cap) {
		file->changes_cap = file->changes_cap * 2 + 4;
		file->changes = mem_must(realloc(file->changes, file->changes_cap * sizeof(change)));
	}
	file->changes[file->changes_len++] = change;
}

static inline void mem_keep_change(struct mem_file *file, const struct mem_change *change)
{
	if (change->bytes == NULL)
		mem_bytes_resize(&file->kept, change->at);
	else
		mem_bytes_put(&file->kept, change->at, change->bytes, change->len);
}

static inline int mem_open(void *ctx, const char *path, enum disk_open how)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_OPEN, path), fd = 0, file;
	struct mem_name *name = mem_find(&disk->now, path);

	if (r < 0)
		return r;
	while (fd < MEM_FDS && disk->fds[fd] != 0)
		fd++;
	if (fd == MEM_FDS)
		return -EMFILE;
	if (name != NULL && name->file < 0)
		return -EISDIR;
	if (name == NULL && how != DISK_NEW)
		return -ENOENT;
	if (name == NULL) {
		file = mem_file_new(disk);
		mem_link(disk, &disk->now, path, file);
		mem_moved(disk, NULL, path, file);
	} else {
		file = name->file;
		if (how == DISK_NEW && disk->files[file].now.len > 0)
			mem_changed(&disk->files[file], 0, NULL, 0);
	}
	disk->fds[fd] = mem_ref(disk, file) + 1;
	return fd;
}

static inline void mem_close(void *ctx, int fd)
{
	struct mem_disk *disk = ctx;

	mem_file_of(disk, fd);
	mem_unref(disk, disk->fds[fd] - 1);
	disk->fds[fd] = 0;
}

static inline ssize_t mem_read(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	struct mem_disk *disk = ctx;
	struct mem_file *file = mem_file_of(disk, fd);
	int r = mem_enter(disk, MEM_READ, mem_path_of(disk, fd));

	if (r < 0)
		return r;
	if ((size_t)at >= file->now.len)
		return 0;
	if (len > file->now.len - (size_t)at)
		len = file->now.len - (size_t)at;
	memcpy(bytes, file->now.ptr + at, len);
	return (ssize_t)len;
}

static inline int64_t mem_space(const struct mem_file *file)
{
	return (int64_t)(file->now.len > file->reserved ? file->now.len : file->reserved);
}

/* Bytes of all files that have a name. */
static inline int64_t mem_used(const struct mem_disk *disk)
{
	int64_t used = 0;

	for (size_t i = 0; i < disk->now.n; i++)
		if (disk->now.list[i].file >= 0)
			used += mem_space(&disk->files[disk->now.list[i].file]);
	return used;
}

/* How far this file can grow. */
static inline size_t mem_room(const struct mem_disk *disk, const struct mem_file *file)
{
	int64_t room = disk->capacity - mem_used(disk) + mem_space(file);

	return room < mem_space(file) ? (size_t)mem_space(file) : (size_t)room;
}

static inline ssize_t mem_write(void *ctx, int fd, const void *bytes, size_t len, int64_t at)
{
	struct mem_disk *disk = ctx;
	struct mem_file *file = mem_file_of(disk, fd);
	int r = mem_enter(disk, MEM_WRITE, mem_path_of(disk, fd));
	size_t room = mem_room(disk, file);

	if (r < 0) {
		if (len / 2 > 0 && (size_t)at + len / 2 <= room)
			mem_changed(file, (size_t)at, bytes, len / 2);
		return r;
	}
	if (disk->write_max > 0 && len > disk->write_max)
		len = disk->write_max;
	if ((size_t)at + len > room)
		len = (size_t)at >= room ? 0 : room - (size_t)at;
	if (len == 0)
		return -ENOSPC;
	mem_changed(file, (size_t)at, bytes, len);
	return (ssize_t)len;
}

static inline int64_t mem_size(void *ctx, int fd)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_SIZE, mem_path_of(disk, fd));

	return r < 0 ? r : (int64_t)mem_file_of(disk, fd)->now.len;
}

static inline int mem_cut(void *ctx, int fd, int64_t size)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_CUT, mem_path_of(disk, fd));

	if (r == 0)
		mem_changed(mem_file_of(disk, fd), (size_t)size, NULL, 0);
	return r;
}

static inline int mem_reserve(void *ctx, int fd, int64_t size)
{
	struct mem_disk *disk = ctx;
	struct mem_file *file = mem_file_of(disk, fd);
	int r = mem_enter(disk, MEM_RESERVE, mem_path_of(disk, fd));

	if (r < 0)
		return r;
	if ((size_t)size > mem_room(disk, file))
		return -ENOSPC;
	if ((size_t)size > file->reserved)
		file->reserved = (size_t)size;
	return 0;
}

static inline int mem_sync(void *ctx, int fd)
{
	struct mem_disk *disk = ctx;
	struct mem_file *file = mem_file_of(disk, fd);
	int r = mem_enter(disk, MEM_SYNC, mem_path_of(disk, fd));
	size_t left = 0;

	for (size_t i = 0; i < file->changes_len; i++) {
		struct mem_change *change = &file->changes[i];

		if (r < 0)
			change->is_lost = true;
		if (change->is_lost) {
			file->changes[left++] = *change;
			continue;
		}
		mem_keep_change(file, change);
		free(change->bytes);
	}
	file->changes_len = left;
	return r;
}

static inline int mem_sync_folder(void *ctx, const char *path)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_SYNC_FOLDER, path);
	size_t left = 0;

	for (size_t i = 0; i < disk->moves_len && r == 0; i++) {
		struct mem_move *move = &disk->moves[i];

		if (!mem_is_in(path, mem_move_path(move))) {
			disk->moves[left++] = *move;
			continue;
		}
		mem_keep_move(disk, move);
		mem_move_done(disk, move);
	}
	if (r == 0)
		disk->moves_len = left;
	return r;
}

static inline int mem_rename(void *ctx, const char *from, const char *to)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_RENAME, from), file;
	struct mem_name *name = mem_find(&disk->now, from);

	if (r < 0 || name == NULL)
		return r < 0 ? r : -ENOENT;
	file = name->file;
	mem_link(disk, &disk->now, to, file);
	mem_unlink(disk, &disk->now, from);
	mem_moved(disk, from, to, file);
	return 0;
}

static inline int mem_remove(void *ctx, const char *path)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_REMOVE, path);
	struct mem_name *name = mem_find(&disk->now, path);

	if (r < 0 || name == NULL)
		return r < 0 ? r : -ENOENT;
	mem_moved(disk, path, NULL, name->file);
	mem_unlink(disk, &disk->now, path);
	return 0;
}

static inline int mem_make_folder(void *ctx, const char *path)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_MAKE_FOLDER, path);

	if (r == 0 && mem_find(&disk->now, path) == NULL) {
		mem_link(disk, &disk->now, path, -1);
		mem_link(disk, &disk->kept, path, -1);
	}
	return r;
}

static inline int mem_list(void *ctx, const char *path, int (*visit)(void *vctx, const char *name),
			   void *vctx)
{
	struct mem_disk *disk = ctx;
	int r = mem_enter(disk, MEM_LIST, path);
	char **found = mem_must(calloc(disk->now.n + 1, sizeof(*found)));
	size_t n = 0;

	if (r == 0 && mem_find(&disk->now, path) == NULL)
		r = -ENOENT;
	for (size_t i = 0; i < disk->now.n; i++)
		if (mem_is_in(path, disk->now.list[i].path))
			found[n++] = mem_text(disk->now.list[i].path + strlen(path) + 1);
	for (size_t i = 0; i < n; i++) {
		if (r == 0)
			r = visit(vctx, found[i]);
		free(found[i]);
	}
	free(found);
	return r;
}

/* --- life --- */

static inline void mem_disk_set_table(struct mem_disk *disk)
{
	disk->table = (struct disk){ disk,       mem_open,   mem_close,       mem_read, mem_write,
				     mem_size,   mem_cut,    mem_reserve,     mem_sync, mem_sync_folder,
				     mem_rename, mem_remove, mem_make_folder, mem_list };
}

static inline struct mem_disk *mem_disk_new(void)
{
	struct mem_disk *disk = mem_must(calloc(1, sizeof(*disk)));

	disk->capacity = INT64_MAX / 4;
	mem_disk_set_table(disk);
	return disk;
}

static inline void mem_disk_free(struct mem_disk *disk)
{
	if (disk == NULL)
		return;
	for (size_t i = 0; i < disk->files_len; i++)
		mem_file_done(&disk->files[i]);
	for (size_t i = 0; i < disk->now.n; i++)
		free(disk->now.list[i].path);
	for (size_t i = 0; i < disk->kept.n; i++)
		free(disk->kept.list[i].path);
	for (size_t i = 0; i < disk->moves_len; i++) {
		free(disk->moves[i].from);
		free(disk->moves[i].to);
	}
	free(disk->now.list);
	free(disk->kept.list);
	free(disk->moves);
	free(disk->files);
	free(disk);
}

static inline struct mem_names mem_names_copy(const struct mem_names *from)
{
	struct mem_names copy = { mem_must(calloc(from->n + 1, sizeof(*copy.list))), from->n, from->n };

	for (size_t i = 0; i < from->n; i++)
		copy.list[i] = (struct mem_name){ mem_text(from->list[i].path), from->list[i].file };
	return copy;
}

static inline struct mem_file mem_file_copy(const struct mem_file *from)
{
	struct mem_file copy = { .now = mem_bytes_copy(&from->now),
				 .kept = mem_bytes_copy(&from->kept),
				 .reserved = from->reserved,
				 .refs = from->refs };

	copy.changes_len = copy.changes_cap = from->changes_len;
	copy.changes = mem_must(calloc(from->changes_len + 1, sizeof(*copy.changes)));
	for (size_t i = 0; i < from->changes_len; i++) {
		copy.changes[i] = from->changes[i];
		if (copy.changes[i].bytes != NULL) {
			copy.changes[i].bytes = mem_must(malloc(from->changes[i].len + 1));
			memcpy(copy.changes[i].bytes, from->changes[i].bytes, from->changes[i].len);
		}
	}
	return copy;
}

static inline void mem_disk_close_all(struct mem_disk *disk)
{
	for (int fd = 0; fd < MEM_FDS; fd++)
		if (disk->fds[fd] != 0)
			mem_close(disk, fd);
}

/* The same disk as a killed process leaves it: everything it wrote is seen, what was not synced still is not;
 * no descriptors, no faults. */
static inline struct mem_disk *mem_disk_copy(const struct mem_disk *from)
{
	struct mem_disk *disk = mem_disk_new();

	disk->files = mem_must(calloc(from->files_len + 1, sizeof(*disk->files)));
	disk->files_len = from->files_len;
	for (size_t i = 0; i < from->files_len; i++)
		disk->files[i] = mem_file_copy(&from->files[i]);
	disk->now = mem_names_copy(&from->now);
	disk->kept = mem_names_copy(&from->kept);
	disk->moves = mem_must(calloc(from->moves_len + 1, sizeof(*disk->moves)));
	disk->moves_len = from->moves_len;
	for (size_t i = 0; i < from->moves_len; i++)
		disk->moves[i] = (struct mem_move){ mem_text(from->moves[i].from),
						    mem_text(from->moves[i].to), from->moves[i].file };
	memcpy(disk->fds, from->fds, sizeof(disk->fds));
	mem_disk_close_all(disk);
	disk->capacity = from->capacity;
	return disk;
}

/* --- power cut --- */

enum mem_fate { MEM_LOST, MEM_WHOLE, MEM_MIXED };

static inline enum mem_fate mem_fate(uint64_t *random)
{
	uint64_t dice = mem_random(random) % 4;

	return dice == 0 ? MEM_LOST : dice == 1 ? MEM_WHOLE : MEM_MIXED;
}

static inline void mem_tear(struct mem_file *file, const struct mem_change *change, uint64_t *random)
{
	size_t part = change->len == 0 ? 0 : mem_random(random) % (change->len + 1);

	if (change->bytes == NULL || mem_random(random) % 2 == 0) {
		mem_bytes_put(&file->kept, change->at, change->bytes, change->bytes == NULL ? 0 : part);
		return;
	}
	for (size_t at = 0, n; at < change->len; at += n) {
		n = MEM_SECTOR - (change->at + at) % MEM_SECTOR;
		if (n > change->len - at)
			n = change->len - at;
		if (mem_random(random) % 2 == 0)
			mem_bytes_put(&file->kept, change->at + at, change->bytes + at, n);
	}
}

static inline void mem_cut_file(struct mem_file *file, uint64_t *random)
{
	enum mem_fate fate = mem_fate(random);

	for (size_t i = 0; i < file->changes_len && fate != MEM_LOST; i++) {
		const struct mem_change *change = &file->changes[i];
		uint64_t dice = fate == MEM_WHOLE ? 1 : mem_random(random) % 3;

		if (dice == 1)
			mem_keep_change(file, change);
		else if (dice == 2)
			mem_tear(file, change, random);
		else if (change->bytes != NULL && change->at + change->len > file->kept.len &&
			 mem_random(random) % 2 == 0)
			mem_bytes_resize(&file->kept,
					 change->at + change->len); /* longer, without the data */
	}
	mem_file_clear_changes(file);
	free(file->now.ptr);
	file->now = mem_bytes_copy(&file->kept);
}

/* Changes of folders are kept in their order: for each folder, some first ones. */
static inline void mem_cut_moves(struct mem_disk *disk, uint64_t *random)
{
	enum mem_fate fate = mem_fate(random);
	const char *stopped[64];
	size_t stopped_len = 0;

	for (size_t i = 0; i < disk->moves_len && fate != MEM_LOST; i++) {
		const char *path = mem_move_path(&disk->moves[i]);
		size_t folder = (size_t)(strrchr(path, '/') - path), s = 0;

		while (s < stopped_len && (strncmp(stopped[s], path, folder + 1) != 0 ||
					   strchr(stopped[s] + folder + 1, '/') != NULL))
			s++;
		if (s < stopped_len)
			continue;
		if (fate == MEM_MIXED && stopped_len < 64 && mem_random(random) % 3 == 0)
			stopped[stopped_len++] = path;
		else
			mem_keep_move(disk, &disk->moves[i]);
	}
	for (size_t i = 0; i < disk->moves_len; i++)
		mem_move_done(disk, &disk->moves[i]);
	disk->moves_len = 0;
}

/* What a power cut may leave, decided by the seed. Open descriptors and faults are gone. */
static inline void mem_disk_cut_power(struct mem_disk *disk, uint64_t seed)
{
	uint64_t random = seed;

	mem_disk_close_all(disk);
	mem_cut_moves(disk, &random);
	for (size_t i = 0; i < disk->files_len; i++)
		if (disk->files[i].refs > 0)
			mem_cut_file(&disk->files[i], &random);

	struct mem_names now = mem_names_copy(&disk->kept);

	for (size_t i = 0; i < now.n; i++)
		mem_ref(disk, now.list[i].file);
	while (disk->now.n > 0)
		mem_unlink(disk, &disk->now, disk->now.list[0].path);
	free(disk->now.list);
	disk->now = now;
	disk->on_call = NULL;
	disk->fail_calls = 0;
}

/* --- for tests --- */

/* After `skip` calls of these kinds (MEM_CALL() of each) `times` of them fail with `error` (negative). */
static inline void mem_disk_fail(struct mem_disk *disk, unsigned calls, uint64_t skip, uint64_t times,
				 int error)
{
	disk->fail_calls = calls;
	disk->fail_skip = skip;
	disk->fail_times = times;
	disk->fail_error = error;
}

/* The bytes of a file, to be looked at and changed in place (durably); NULL: there is none. */
static inline uint8_t *mem_disk_bytes(struct mem_disk *disk, const char *path, size_t *ret_len)
{
	struct mem_name *name = mem_find(&disk->now, path);

	*ret_len = 0;
	if (name == NULL || name->file < 0)
		return NULL;
	mem_file_clear_changes(&disk->files[name->file]);
	free(disk->files[name->file].kept.ptr);
	disk->files[name->file].kept = mem_bytes_copy(&disk->files[name->file].now);
	*ret_len = disk->files[name->file].now.len;
	return disk->files[name->file].now.ptr;
}

/* A durable file with these bytes; its folder need not exist. */
static inline void mem_disk_put(struct mem_disk *disk, const char *path, const void *bytes, size_t len)
{
	int file = mem_file_new(disk);

	mem_ref(disk, file);
	mem_bytes_put(&disk->files[file].now, 0, bytes, len);
	mem_bytes_put(&disk->files[file].kept, 0, bytes, len);
	mem_link(disk, &disk->now, path, file);
	mem_link(disk, &disk->kept, path, file);
	mem_unref(disk, file);
}

/* Takes a file away, durably. */
static inline void mem_disk_drop(struct mem_disk *disk, const char *path)
{
	mem_unlink(disk, &disk->now, path);
	mem_unlink(disk, &disk->kept, path);
}

#endif
