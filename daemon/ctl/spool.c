/* SPDX-License-Identifier: MPL-2.0 */
/* See spool.h. A place is the number of a file and the byte behind the line in it. */
#include "ctl/spool.h"

#include "ctl/failure.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES (1024 * 1024) /* a new file past it */
#define FILE_MAX   (64 << 20)    /* somebody else wrote it: it is not read */
#define PENDING    (4 << 20)
#define NUMBER_MAX (UINT32_MAX - 2)

struct spool {
	struct ctl *ctl;
	const char *path; /* borrowed */
	int dir, lock, note;
	uint32_t first, last; /* files there may be; first > last: none */
	uid_t owner;          /* of the folder */
	gid_t group;
	uint64_t settled;    /* place of the last line that is; */
	uint64_t given;      /* of the last one handed out */
	int fd;              /* the file written to, number `last`; -1: none yet */
	uint64_t size;       /* of it */
	struct text pending; /* added and not written */
	char *rest;          /* owned: the file that is being read out */
	size_t rest_at, rest_len;
	uint32_t rest_file; /* the file after it */
	bool is_rest_over;
};

static uint64_t place_of(uint32_t file, uint64_t end)
{
	return (uint64_t)file << 32 | end;
}

static const char *name_of(struct spool *s, uint32_t file)
{
	return ctl_note(s->ctl, "events-%010u.ndjson", file);
}

static int broken(struct spool *s, const char *name)
{
	return ctl_fail(s->ctl, CTL_IO, W_SPOOL_FAILED, W_NEXT_SPOOL, s->path, name,
			failure_text(s->ctl, errno));
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* --- opening --- */

static int give_to_owner(const struct spool *s, int fd)
{
	struct stat st;

	if (geteuid() != 0 || (fstat(fd, &st) == 0 && st.st_uid == s->owner && st.st_gid == s->group))
		return 0;
	return fchown(fd, s->owner, s->group);
}

/* Files that root makes belong to whoever the folder belongs to: he must be able to read them. -1: errno. */
static int make(const struct spool *s, const char *name)
{
	int fd = openat(s->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), error;

	if (fd < 0 || give_to_owner(s, fd) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* One that is there is opened as it is. */
static int make_or_open(const struct spool *s, const char *name)
{
	int fd = make(s, name);

	return fd < 0 && errno == EEXIST ? openat(s->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : fd;
}

static int lock(struct spool *s)
{
	struct stat st;

	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0 || fstat(s->dir, &st) != 0)
		return broken(s, ".");
	s->owner = st.st_uid;
	s->group = st.st_gid;
	s->lock = make_or_open(s, "lock");
	if (s->lock < 0)
		return broken(s, "lock");
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return CTL_OK;
	if (errno != EWOULDBLOCK)
		return broken(s, "lock");
	return ctl_fail(s->ctl, CTL_UNAVAILABLE, W_SPOOL_TAKEN, W_NEXT_SPOOL_TAKEN, s->path);
}

/* How far it is settled; anything odd says nothing, and lines are sent again. */
static int read_note(struct spool *s)
{
	char text[64] = "", end;
	unsigned file, at;

	s->note = make_or_open(s, "settled");
	if (s->note < 0 || pread(s->note, text, sizeof text - 1, 0) < 0)
		return broken(s, "settled");
	if (sscanf(text, "%u %u%c", &file, &at, &end) == 3 && end == '\n' && file <= NUMBER_MAX)
		s->settled = s->given = place_of(file, at);
	return CTL_OK;
}

/* There are files, and the one it points into would be behind them all: it is of another folder or time. */
static int forget_note(struct spool *s)
{
	s->settled = s->given = 0;
	return ftruncate(s->note, 0) == 0 ? CTL_OK : broken(s, "settled");
}

/* 0: the name is not that of one of ours. */
static uint32_t number_of(const char *name)
{
	unsigned file;
	char end;

	if (sscanf(name, "events-%10u.ndjso%c", &file, &end) != 2 || end != 'n' || file > NUMBER_MAX)
		return 0;
	return file;
}

static int find_files(struct spool *s)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint32_t noted = (uint32_t)(s->settled >> 32);
	struct dirent *entry;

	if (dir == NULL)
		return broken(s, ".");
	s->first = UINT32_MAX;
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		uint32_t file = number_of(entry->d_name);

		s->first = file != 0 && file < s->first ? file : s->first;
		s->last = file > s->last ? file : s->last;
	}
	error = errno;
	closedir(dir);
	errno = error;
	if (error != 0)
		return broken(s, ".");
	if (s->last == 0) /* no files; no number comes again */
		s->first = (s->last = noted) + 1;
	s->rest_file = s->first;
	return s->last < noted ? forget_note(s) : CTL_OK;
}

int spool_open(struct ctl *ctl, const char *dir, struct spool **ret)
{
	struct spool *s = calloc(1, sizeof *s);
	int r;

	if (s == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	s->ctl = ctl;
	s->path = dir;
	s->dir = s->lock = s->note = s->fd = -1;
	text_init(&s->pending, PENDING);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		r = broken(s, ".");
	else
		r = lock(s);
	if (r == CTL_OK)
		r = read_note(s);
	if (r == CTL_OK)
		r = find_files(s);
	if (r == CTL_OK)
		*ret = s;
	else
		spool_close(s);
	return r;
}

/* --- what an earlier run left --- */

/* -1: errno. */
static int read_whole(struct spool *s, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	if (st.st_size > FILE_MAX) {
		errno = EFBIG;
		return -1;
	}
	s->rest = malloc((size_t)st.st_size + 1);
	if (s->rest == NULL)
		return -1;
	while (s->rest_len <= (size_t)st.st_size) {
		ssize_t n = read(fd, s->rest + s->rest_len, (size_t)st.st_size + 1 - s->rest_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		s->rest_len += (size_t)n;
	}
	errno = EBUSY; /* somebody writes to it */
	return -1;
}

/* One that is gone is nothing. One that cannot be read is neither passed over nor removed. */
static int load(struct spool *s, uint32_t file)
{
	int fd = openat(s->dir, name_of(s, file), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	size_t at = s->settled >> 32 == file ? (size_t)(s->settled & UINT32_MAX) : 0;
	int r = CTL_OK;

	free(s->rest);
	s->rest = NULL;
	s->rest_at = s->rest_len = 0;
	if (fd < 0 ? errno != ENOENT : read_whole(s, fd) < 0)
		r = broken(s, name_of(s, file));
	close_one(fd);
	/* Only a place behind a line end is one of ours. */
	if (r == CTL_OK && at > 0 && at <= s->rest_len && s->rest[at - 1] == '\n')
		s->rest_at = at;
	return r;
}

int spool_rest(struct spool *s, const char **ret_line, size_t *ret_len, uint64_t *ret_place)
{
	const char *lf = NULL;
	int r;

	for (;;) {
		if (s->rest != NULL)
			lf = memchr(s->rest + s->rest_at, '\n', s->rest_len - s->rest_at);
		if (lf != NULL)
			break;
		/* A line without its end was never safe: its sender knows, or sends it again. */
		if (s->rest_file > s->last) {
			free(s->rest);
			s->rest = NULL;
			s->is_rest_over = true;
			*ret_line = NULL;
			return CTL_OK;
		}
		r = load(s, s->rest_file);
		if (r != CTL_OK)
			return r;
		s->rest_file++;
	}
	*ret_line = s->rest + s->rest_at;
	*ret_len = (size_t)(lf - *ret_line);
	s->rest_at += *ret_len + 1;
	*ret_place = s->given = place_of(s->rest_file - 1, s->rest_at);
	return CTL_OK;
}

/* --- adding --- */

static int begin_file(struct spool *s)
{
	const char *name = name_of(s, s->last + 1);

	close_one(s->fd);
	errno = EOVERFLOW;
	s->fd = s->last < NUMBER_MAX ? make(s, name) : -1;
	s->size = 0;
	if (s->fd < 0 || fsync(s->dir) != 0)
		return broken(s, name);
	s->last++;
	return CTL_OK;
}

int spool_sync(struct spool *s)
{
	size_t done = 0;

	while (done < s->pending.len) {
		ssize_t n = write(s->fd, s->pending.ptr + done, s->pending.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(s, name_of(s, s->last));
		done += (size_t)n;
	}
	text_clear(&s->pending);
	if (done > 0 && fdatasync(s->fd) != 0)
		return broken(s, name_of(s, s->last));
	return CTL_OK;
}

int spool_add(struct spool *s, const char *line, size_t len, uint64_t *ret_place)
{
	int r = CTL_OK;

	if (s->fd < 0 || s->size >= FILE_BYTES) {
		if (s->fd >= 0)
			r = spool_sync(s);
		if (r == CTL_OK)
			r = begin_file(s);
	}
	if (r != CTL_OK)
		return r;
	text_add(&s->pending, line, len);
	text_add(&s->pending, "\n", 1);
	if (s->pending.is_cut) {
		errno = ENOMEM;
		return broken(s, name_of(s, s->last));
	}
	s->size += len + 1;
	*ret_place = s->given = place_of(s->last, s->size);
	return CTL_OK;
}

/* --- settled --- */

void spool_settled(struct spool *s, uint64_t place)
{
	s->settled = place;
}

static void remove_before(struct spool *s, uint32_t file)
{
	for (; s->first < file; s->first++)
		unlinkat(s->dir, name_of(s, s->first), 0);
}

void spool_note(struct spool *s)
{
	uint32_t file = (uint32_t)(s->settled >> 32);
	char text[64];
	int n = snprintf(text, sizeof text, "%u %u\n%40s", file, (unsigned)(s->settled & UINT32_MAX), "");

	if (pwrite(s->note, text, (size_t)n, 0) != n)
		return;
	remove_before(s, file);
}

void spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	/* All settled: nothing stays but the note, so that no number comes again. */
	if (s->is_rest_over && s->settled == s->given && s->note >= 0) {
		spool_note(s);
		remove_before(s, s->last + 1);
	}
	close_one(s->fd);
	close_one(s->note);
	close_one(s->lock);
	close_one(s->dir);
	text_done(&s->pending);
	free(s->rest);
	free(s);
}
