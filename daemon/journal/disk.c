/* SPDX-License-Identifier: MPL-2.0 */
/* See disk.h. */
#include "journal/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4224

static int real_open(void *ctx, const char *path, enum disk_open how)
{
	int flags = how == DISK_READ ? O_RDONLY : how == DISK_NEW ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR, fd;

	(void)ctx;
	do
		fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0640);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static void real_close(void *ctx, int fd)
{
	(void)ctx;
	close(fd);
}

static ssize_t real_read(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	size_t done = 0;

	(void)ctx;
	while (done < len) {
		ssize_t n = pread(fd, (char *)bytes + done, len - done, at + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t real_write(void *ctx, int fd, const void *bytes, size_t len, int64_t at)
{
	ssize_t n;

	(void)ctx;
	do
		n = pwrite(fd, bytes, len, at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int64_t real_size(void *ctx, int fd)
{
	struct stat st;

	(void)ctx;
	return fstat(fd, &st) < 0 ? -errno : (int64_t)st.st_size;
}

static int real_cut(void *ctx, int fd, int64_t size)
{
	int r;

	(void)ctx;
	do
		r = ftruncate(fd, size);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

static int real_reserve(void *ctx, int fd, int64_t size)
{
	int r;

	(void)ctx;
	do
		r = posix_fallocate(fd, 0, size);
	while (r == EINTR);
	return -r;
}

static int real_sync(void *ctx, int fd)
{
	int r;

	(void)ctx;
	do
		r = fdatasync(fd);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

static int real_sync_folder(void *ctx, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	(void)ctx;
	if (fd < 0)
		return -errno;
	do
		r = fsync(fd);
	while (r < 0 && errno == EINTR);
	r = r < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int real_rename(void *ctx, const char *from, const char *to)
{
	(void)ctx;
	return rename(from, to) < 0 ? -errno : 0;
}

static int real_remove(void *ctx, const char *path)
{
	(void)ctx;
	return unlink(path) < 0 ? -errno : 0;
}

/* The folder a path lies in; "/" for what lies there. -ENAMETOOLONG. */
static int folder_of(char folder[PATH_BYTES], const char *path)
{
	int n = snprintf(folder, PATH_BYTES, "%s", path);
	char *slash = strrchr(folder, '/');

	if (n >= PATH_BYTES || slash == NULL)
		return -ENAMETOOLONG;
	slash[slash == folder ? 1 : 0] = '\0';
	return 0;
}

static int real_make_folder(void *ctx, const char *path)
{
	char folder[PATH_BYTES];
	struct stat st;
	int r;

	if (mkdir(path, 0750) < 0) {
		if (errno != EEXIST || stat(path, &st) < 0)
			return -errno;
		if (!S_ISDIR(st.st_mode))
			return -ENOTDIR;
	}
	/* Also one that was there: whoever made it may have ended before its name was forced to disk. */
	r = folder_of(folder, path);
	return r < 0 ? r : real_sync_folder(ctx, folder);
}

static int real_list(void *ctx, const char *path, int (*visit)(void *vctx, const char *name), void *vctx)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int r = 0;

	(void)ctx;
	if (dir == NULL)
		return -errno;
	while (r == 0) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL) {
			r = -errno;
			break;
		}
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = visit(vctx, entry->d_name);
	}
	closedir(dir);
	return r;
}

const struct disk disk_real = { .open = real_open,
				.close = real_close,
				.read = real_read,
				.write = real_write,
				.size = real_size,
				.cut = real_cut,
				.reserve = real_reserve,
				.sync = real_sync,
				.sync_folder = real_sync_folder,
				.rename = real_rename,
				.remove = real_remove,
				.make_folder = real_make_folder,
				.list = real_list };

int disk_read_all(const struct disk *disk, int fd, void *bytes, size_t len, int64_t at)
{
	ssize_t n = -EIO;

	/* A fault of a moment is no damage: who takes it for one sets aside what is whole. */
	for (int i = 0; i < DISK_READ_TRIES && n == -EIO; i++)
		n = disk->read(disk->ctx, fd, bytes, len, at);
	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}

int disk_write_all(const struct disk *disk, int fd, const void *bytes, size_t len, int64_t at)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = disk->write(disk->ctx, fd, (const char *)bytes + done, len - done,
					at + (int64_t)done);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		done += (size_t)n;
	}
	return 0;
}

static int load(const struct disk *disk, int fd, size_t max, void **ret_bytes, size_t *ret_len)
{
	int64_t size = disk->size(disk->ctx, fd);
	char *bytes;
	ssize_t n;

	if (size < 0 || (uint64_t)size > max)
		return size < 0 ? (int)size : -EFBIG;
	bytes = malloc((size_t)size + 1);
	if (bytes == NULL)
		return -ENOMEM;
	n = disk->read(disk->ctx, fd, bytes, (size_t)size, 0);
	if (n < 0) {
		free(bytes);
		return (int)n;
	}
	bytes[n] = '\0';
	*ret_bytes = bytes;
	*ret_len = (size_t)n;
	return 0;
}

int disk_load(const struct disk *disk, const char *path, size_t max, void **ret_bytes, size_t *ret_len)
{
	int fd = disk->open(disk->ctx, path, DISK_READ), r;

	if (fd < 0)
		return fd;
	r = load(disk, fd, max, ret_bytes, ret_len);
	disk->close(disk->ctx, fd);
	return r;
}

static int write_new(const struct disk *disk, const char *path, const void *bytes, size_t len)
{
	int fd = disk->open(disk->ctx, path, DISK_NEW), r;

	if (fd < 0)
		return fd;
	r = disk_write_all(disk, fd, bytes, len, 0);
	if (r == 0)
		r = disk->sync(disk->ctx, fd);
	disk->close(disk->ctx, fd);
	return r;
}

int disk_replace(const struct disk *disk, const char *path, const void *bytes, size_t len)
{
	char folder[PATH_BYTES], fresh[PATH_BYTES];
	int r = folder_of(folder, path);

	if (r < 0 || snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	r = write_new(disk, fresh, bytes, len);
	if (r == 0)
		r = disk->rename(disk->ctx, fresh, path);
	if (r < 0) {
		disk->remove(disk->ctx, fresh);
		return r;
	}
	return disk->sync_folder(disk->ctx, folder);
}
