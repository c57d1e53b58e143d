/* SPDX-License-Identifier: MPL-2.0 */
/* See fake_disk.h. */
#include "fake_disk.h"

#define RESERVE_BYTES 4096

/* Some first part of a write may have been done when the machine dies or the disk fails. */
static void write_part(struct fake_disk *disk, int fd, const void *bytes, size_t len, int64_t at)
{
	size_t part = (size_t)(mem_random(&disk->chance) % (len + 1));

	if (part > 0)
		(void)!disk->mem->table.write(disk->mem, fd, bytes, part, at);
}

static int enter(struct fake_disk *disk, bool is_change)
{
	if (disk->is_dead)
		return -EIO;
	disk->operations++;
	if (is_change && disk->dies_in > 0 && --disk->dies_in == 0) {
		disk->is_dead = disk->has_died = true;
		return -EIO;
	}
	if (disk->fails_of > 0 && mem_random(&disk->chance) % disk->fails_of == 0) {
		disk->failures++;
		return disk->fail_error;
	}
	return 0;
}

static int disk_open(void *ctx, const char *path, enum disk_open how)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, how == DISK_NEW);

	return r < 0 ? r : disk->mem->table.open(disk->mem, path, how);
}

static void disk_close(void *ctx, int fd)
{
	struct fake_disk *disk = ctx;

	disk->mem->table.close(disk->mem, fd);
}

static ssize_t disk_read(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, false);

	return r < 0 ? r : disk->mem->table.read(disk->mem, fd, bytes, len, at);
}

static ssize_t disk_write(void *ctx, int fd, const void *bytes, size_t len, int64_t at)
{
	struct fake_disk *disk = ctx;
	bool was_dead = disk->is_dead;
	int r = enter(disk, true);

	if (r < 0) {
		if (!was_dead)
			write_part(disk, fd, bytes, len, at);
		return r;
	}
	return disk->mem->table.write(disk->mem, fd, bytes, len, at);
}

static int64_t disk_size(void *ctx, int fd)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, false);

	return r < 0 ? r : disk->mem->table.size(disk->mem, fd);
}

static int disk_cut(void *ctx, int fd, int64_t size)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, true);

	return r < 0 ? r : disk->mem->table.cut(disk->mem, fd, size);
}

/* Room that is only kept free is not kept as bytes: copying them would be all that a simulation does. */
static int disk_reserve(void *ctx, int fd, int64_t size)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, true);

	if (r < 0)
		return r;
	return disk->mem->table.reserve(disk->mem, fd, size < RESERVE_BYTES ? size : RESERVE_BYTES);
}

/* A sync that fails leaves what it should have written to chance; one that the machine did not live to see the end
 * of may have written everything. */
static int disk_sync(void *ctx, int fd)
{
	struct fake_disk *disk = ctx;
	bool was_dead = disk->is_dead;
	int r = enter(disk, true);

	if (r < 0 && !was_dead && !disk->has_died) {
		mem_disk_fail(disk->mem, MEM_CALL(MEM_SYNC), 0, 1, r);
		return disk->mem->table.sync(disk->mem, fd);
	}
	if (r < 0 && !was_dead && mem_random(&disk->chance) % 2 == 0)
		(void)!disk->mem->table.sync(disk->mem, fd);
	return r < 0 ? r : disk->mem->table.sync(disk->mem, fd);
}

static int disk_sync_folder(void *ctx, const char *path)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, true);

	return r < 0 ? r : disk->mem->table.sync_folder(disk->mem, path);
}

static int disk_rename(void *ctx, const char *from, const char *to)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, true);

	return r < 0 ? r : disk->mem->table.rename(disk->mem, from, to);
}

static int disk_remove(void *ctx, const char *path)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, true);

	return r < 0 ? r : disk->mem->table.remove(disk->mem, path);
}

static int disk_make_folder(void *ctx, const char *path)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, true);

	return r < 0 ? r : disk->mem->table.make_folder(disk->mem, path);
}

static int disk_list(void *ctx, const char *path, int (*visit)(void *vctx, const char *name), void *vctx)
{
	struct fake_disk *disk = ctx;
	int r = enter(disk, false);

	return r < 0 ? r : disk->mem->table.list(disk->mem, path, visit, vctx);
}

void fake_disk_init(struct fake_disk *disk)
{
	*disk = (struct fake_disk){ .mem = mem_disk_new() };
	disk->table = (struct disk){ disk,	disk_open,   disk_close,  disk_read,	 disk_write,
				     disk_size, disk_cut,    disk_reserve, disk_sync,	 disk_sync_folder,
				     disk_rename, disk_remove, disk_make_folder, disk_list };
}

void fake_disk_done(struct fake_disk *disk)
{
	mem_disk_free(disk->mem);
	disk->mem = NULL;
}

void fake_disk_replace(struct fake_disk *disk, struct mem_disk *mem)
{
	mem_disk_free(disk->mem);
	disk->mem = mem;
}

bool fake_disk_has_open(const struct fake_disk *disk)
{
	for (int fd = 0; fd < MEM_FDS; fd++)
		if (disk->mem->fds[fd] != 0)
			return true;
	return false;
}
