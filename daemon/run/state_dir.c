/* SPDX-License-Identifier: MPL-2.0 */
/* See state_dir.h. */
#include "run/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder is there after a power cut when its name in the folder above is on disk. One that may not be opened is left. */
static int make_durable(const char *path)
{
	const char *slash = strrchr(path, '/');
	char above[4096] = ".";
	int fd, r;

	if (slash != NULL)
		snprintf(above, sizeof(above), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	r = fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
	close(fd);
	return r;
}

static int make_folder(const char *path, struct error *reterr)
{
	char part[4096];
	int r = 0;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return error_set(reterr, -ENAMETOOLONG, "%s: path too long", path);
	for (char *p = part + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			break;
		if (r == 0)
			r = make_durable(part);
		*p = '/';
	}
	if (mkdir(path, 0750) < 0 && errno != EEXIST)
		return error_set(
			reterr, -errno,
			"cannot make the folder %s: %s; make it, or choose another with state_dir or run_dir",
			path, strerror(errno));
	/* Also one that was there: who made it may have ended before. */
	if (r == 0)
		r = make_durable(path);
	return r == 0 ? 0 : error_set(reterr, r, "cannot force the folder %s to disk: %s", path, strerror(-r));
}

static int lock(struct state_dir *dir, const char *path, struct error *reterr)
{
	char file[4200];

	snprintf(file, sizeof(file), "%s/lock", path);
	dir->lock_fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (dir->lock_fd < 0)
		return error_set(reterr, -errno, "cannot open %s: %s", file, strerror(errno));
	if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		close(dir->lock_fd);
		dir->lock_fd = -1;
		return error_set(reterr, -EBUSY,
				 "another effortd has %s; stop it, or give this one its own state_dir", path);
	}
	return 0;
}

int state_dir_open(struct state_dir *dir, const char *state_dir, const char *run_dir, struct error *reterr)
{
	int r;

	*dir = (struct state_dir){ .lock_fd = -1 };
	r = make_folder(state_dir, reterr);
	if (r == 0)
		r = make_folder(run_dir, reterr);
	return r == 0 ? lock(dir, state_dir, reterr) : r;
}

void state_dir_close(struct state_dir *dir)
{
	if (dir->lock_fd >= 0)
		close(dir->lock_fd);
	dir->lock_fd = -1;
}
