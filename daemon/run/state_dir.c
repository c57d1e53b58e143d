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

static int make_folder(const char *path, struct error *reterr)
{
	char part[4096];

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return error_set(reterr, -ENAMETOOLONG, "%s: path too long", path);
	for (char *p = part + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			break;
		*p = '/';
	}
	if (mkdir(path, 0750) < 0 && errno != EEXIST)
		return error_set(
			reterr, -errno,
			"cannot make the folder %s: %s; make it, or choose another with state_dir or run_dir",
			path, strerror(errno));
	return 0;
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
