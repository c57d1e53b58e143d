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
#define FILE_MAX   (64 << 20)    /* of a file that somebody else wrote, no more is read */
#define PENDING    (4 << 20)

struct spool {
	struct ctl *ctl;
	const char *path; /* borrowed */
	int dir, lock, note;
	uint32_t first, last; /* files there may be; first > last: none */
	uint64_t settled;     /* place of the last line that is; */
	uint64_t given;       /* of the last one handed out */
	int fd;               /* the file written to, number `last`; -1: none yet */
	uint64_t size;        /* of it */
	struct text pending;  /* added and not written */
	char *rest;           /* owned: the file that is being read out */
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
	return ctl_fail(s->ctl, CTL_IO, W_SPOOL_FAILED, W_NEXT_SPOOL, s->path, name, failure_text(s->ctl, errno));
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* --- opening --- */

static int lock(struct spool *s)
{
	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return broken(s, ".");
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
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

	s->note = openat(s->dir, "settled", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->note < 0 || pread(s->note, text, sizeof text - 1, 0) < 0)
		return broken(s, "settled");
	if (sscanf(text, "%u %u%c", &file, &at, &end) == 3 && end == '\n')
		s->settled = s->given = place_of(file, at);
	return CTL_OK;
}

static int find_files(struct spool *s)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL)
		return broken(s, ".");
	s->last = (uint32_t)(s->settled >> 32);
	s->first = s->last + 1;
	while ((entry = readdir(dir)) != NULL) {
		unsigned file;
		char end;

		if (sscanf(entry->d_name, "events-%10u.ndjso%c", &file, &end) != 2 || end != 'n' || file == 0)
			continue;
		s->first = file < s->first ? file : s->first;
		s->last = file > s->last ? file : s->last;
	}
	closedir(dir);
	s->rest_file = (uint32_t)(s->settled >> 32);
	if (s->rest_file < s->first)
		s->rest_file = s->first;
	return CTL_OK;
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

/* Reads a file; one that is gone or empty is nothing. */
static void load(struct spool *s, uint32_t file)
{
	int fd = openat(s->dir, name_of(s, file), O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	ssize_t n = 0;

	free(s->rest);
	s->rest = NULL;
	s->rest_at = s->rest_len = 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= FILE_MAX)
		s->rest = malloc((size_t)st.st_size);
	while (s->rest != NULL && s->rest_len < (size_t)st.st_size) {
		n = read(fd, s->rest + s->rest_len, (size_t)st.st_size - s->rest_len);
		if (n <= 0)
			break;
		s->rest_len += (size_t)n;
	}
	close_one(fd);
	if (fd >= 0 && (size_t)st.st_size > s->rest_len)
		broken(s, name_of(s, file)); /* said; what was read goes on */
	/* Only a place behind a line end is one of ours. */
	if (s->settled >> 32 == file) {
		size_t at = (size_t)(s->settled & UINT32_MAX);

		if (at > 0 && at <= s->rest_len && s->rest[at - 1] == '\n')
			s->rest_at = at;
	}
}

bool spool_rest(struct spool *s, const char **ret_line, size_t *ret_len, uint64_t *ret_place)
{
	const char *lf = NULL;

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
			return false;
		}
		load(s, s->rest_file++);
	}
	*ret_line = s->rest + s->rest_at;
	*ret_len = (size_t)(lf - *ret_line);
	s->rest_at += *ret_len + 1;
	*ret_place = s->given = place_of(s->rest_file - 1, s->rest_at);
	return true;
}

/* --- adding --- */

static int begin_file(struct spool *s)
{
	const char *name = name_of(s, s->last + 1);

	close_one(s->fd);
	s->fd = openat(s->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
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
