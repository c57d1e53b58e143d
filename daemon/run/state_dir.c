/* SPDX-License-Identifier: MPL-2.0 */
/* See state_dir.h. The writer's file is two lines, "<id>" and "<first position of the next run>", replaced by
 * rename. */
#include "run/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Positions one run may use: far more calls than it can make in a year, and 2^53 holds nine thousand such
 * runs. */
#define RESERVE UINT64_C(1000000000000)

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

static int new_identity(struct state_dir *dir)
{
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return -EIO;
	snprintf(dir->writer, sizeof(dir->writer), "%016" PRIx64, id);
	dir->first_position = 1;
	return 0;
}

static int read_writer(struct state_dir *dir, const char *file)
{
	FILE *in = fopen(file, "re");
	int n;

	if (in == NULL)
		return errno == ENOENT ? new_identity(dir) : -errno;
	n = fscanf(in, "%16[0-9a-f]\n%" SCNu64 "\n", dir->writer, &dir->first_position);
	fclose(in);
	/* A damaged file: a new writer counts on beside the old one, and no position is used twice. */
	return n == 2 && strlen(dir->writer) == 16 ? 0 : new_identity(dir);
}

static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int write_writer(const struct state_dir *dir, const char *path, const char *file)
{
	char next[4300];
	FILE *out;
	int r = 0;

	snprintf(next, sizeof(next), "%s.new", file);
	out = fopen(next, "we");
	if (out == NULL)
		return -errno;
	fchmod(fileno(out), 0640);
	fprintf(out, "%s\n%" PRIu64 "\n", dir->writer, dir->first_position + RESERVE);
	if (fflush(out) != 0 || fsync(fileno(out)) < 0)
		r = -errno;
	if (fclose(out) != 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(next, file) < 0)
		r = -errno;
	return r == 0 ? sync_folder(path) : r;
}

int state_dir_open(struct state_dir *dir, const char *state_dir, const char *run_dir, struct error *reterr)
{
	char file[4200];
	int r;

	*dir = (struct state_dir){ .lock_fd = -1 };
	r = make_folder(state_dir, reterr);
	if (r == 0)
		r = make_folder(run_dir, reterr);
	if (r == 0)
		r = lock(dir, state_dir, reterr);
	if (r < 0)
		return r;
	snprintf(file, sizeof(file), "%s/writer", state_dir);
	r = read_writer(dir, file);
	if (r == 0)
		r = write_writer(dir, state_dir, file);
	if (r < 0) {
		state_dir_close(dir);
		return error_set(reterr, r, "cannot keep %s: %s", file, strerror(-r));
	}
	return 0;
}

void state_dir_close(struct state_dir *dir)
{
	if (dir->lock_fd >= 0)
		close(dir->lock_fd);
	dir->lock_fd = -1;
}
