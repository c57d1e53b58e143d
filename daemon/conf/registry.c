/* SPDX-License-Identifier: MPL-2.0 */
/* See registry.h. */
#include "conf/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void registry_path(const char *state_dir, char *buf)
{
	snprintf(buf, REGISTRY_PATH, "%.4000s/efforts.conf", state_dir);
}

static int failed(const char *what, const char *path, struct error *reterr)
{
	int error = errno;

	return error_set(reterr, -error, "%s: %s: %s", path, what, strerror(error));
}

/* The folder of a path that has a slash. */
static const char *folder_of(const char *path, char *buf)
{
	snprintf(buf, REGISTRY_PATH, "%.*s", (int)(strrchr(path, '/') - path), path);
	return buf;
}

/* Files that root makes belong to whoever state_dir belongs to: effortd must be able to read them. */
static int give_to_owner(int fd, const char *path)
{
	char dir[REGISTRY_PATH];
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(folder_of(path, dir), &st) < 0)
		return -1;
	return fchown(fd, st.st_uid, st.st_gid);
}

static int lock(struct registry *registry, struct error *reterr)
{
	char path[REGISTRY_PATH + 8];
	int r;

	snprintf(path, sizeof(path), "%s.lock", registry->path);
	registry->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (registry->lock_fd < 0)
		return failed("cannot be opened", path, reterr);
	if (give_to_owner(registry->lock_fd, path) == 0 && flock(registry->lock_fd, LOCK_EX) == 0)
		return 0;
	r = failed("cannot be locked", path, reterr);
	close(registry->lock_fd);
	return r;
}

int registry_open(struct registry *registry, const char *state_dir, const struct effort_known *known,
		  struct faults *faults, struct error *reterr)
{
	int r;

	memset(registry, 0, sizeof(*registry));
	registry_path(state_dir, registry->path);
	r = lock(registry, reterr);
	if (r < 0)
		return r;
	r = effort_list_read_registry(&registry->list, &registry->arena, registry->path, known, faults);
	if (r == 0 || r == -ENOENT)
		return 0;
	registry_close(registry);
	return error_set(reterr, -EINVAL, "the registry has faults");
}

static void write_all(struct registry *registry, FILE *out)
{
	fputs("# The registry of efforts, kept by effortctl efforts. Comments in it are lost with the next change; entries may\n"
	      "# be moved to the file that the setting `efforts` names, which has the same form.\n\n",
	      out);
	effort_list_write(&registry->list, out);
}

/* The new file, whole and on the disk. */
static int write_file(struct registry *registry, const char *path, struct error *reterr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640), r = 0;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out == NULL) {
		r = failed("cannot be written", path, reterr);
		if (fd >= 0)
			close(fd);
		return r;
	}
	write_all(registry, out);
	if (ferror(out) || fflush(out) != 0 || give_to_owner(fd, path) < 0 || fsync(fd) < 0)
		r = failed("cannot be written", path, reterr);
	if (fclose(out) != 0 && r == 0)
		r = failed("cannot be written", path, reterr);
	return r;
}

static int sync_folder(const char *path, struct error *reterr)
{
	char dir[REGISTRY_PATH];
	int fd, r = 0;

	fd = open(folder_of(path, dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		r = failed("cannot be synchronised", path, reterr);
	if (fd >= 0)
		close(fd);
	return r;
}

int registry_save(struct registry *registry, struct error *reterr)
{
	char path[REGISTRY_PATH + 8];
	int r;

	snprintf(path, sizeof(path), "%s.new", registry->path);
	r = write_file(registry, path, reterr);
	if (r == 0 && rename(path, registry->path) < 0)
		r = failed("cannot be replaced", registry->path, reterr);
	if (r < 0) {
		unlink(path);
		return r;
	}
	return sync_folder(registry->path, reterr);
}

void registry_close(struct registry *registry)
{
	close(registry->lock_fd);
	arena_done(&registry->arena);
}
