/* SPDX-License-Identifier: MPL-2.0 */
/* See segment.h. The header, little-endian:
 *
 *	0  magic 8	8  version 4	 12 length of the header 4   16 number 8	24 nonce 8
 *	32 first block	40 position	 48 freeze		     56 created_ms	64 horizon_ms
 *	72 writer 40	112 settled 8	 120 XXH3-64 of the 120 bytes before
 *
 * These 128 bytes stay what they are in every version. */
#include "journal/segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SUFFIX        ".wal"
#define NUMBER_MAX UINT64_C(1000000000000000)
#define NUMBER_DIGITS 16
#define AT_SETTLED    112
#define AT_WRITER     72
#define AT_SUM        120

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journal files are little-endian");

static const uint8_t magic[8] = { 0xfe, 'e', 'f', 'f', 'w', 'a', 'l', '\n' };

void segment_path(char path[SEGMENT_PATH_MAX], const char *dir, uint64_t number)
{
	snprintf(path, SEGMENT_PATH_MAX, "%s/%0*" PRIu64 SUFFIX, dir, NUMBER_DIGITS, number);
}

uint64_t segment_number(const char *name)
{
	uint64_t number = 0;

	if (strlen(name) != NUMBER_DIGITS + strlen(SUFFIX) || strcmp(name + NUMBER_DIGITS, SUFFIX) != 0)
		return 0;
	for (int i = 0; i < NUMBER_DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(name[i] - '0');
	}
	/* No journal gets that far: a stray file must not lead the next one out of its digits. */
	return number < NUMBER_MAX ? number : 0;
}

uint64_t segment_number_aside(const char *name)
{
	char segment[NUMBER_DIGITS + sizeof(SUFFIX)];

	snprintf(segment, sizeof(segment), "%s", name);
	return strncmp(name + strlen(segment), ".damaged", strlen(".damaged")) == 0 ? segment_number(segment) : 0;
}

struct numbers {
	uint64_t *list; /* owned */
	size_t n, cap;
};

static int add_number(void *ctx, const char *name)
{
	struct numbers *numbers = ctx;
	uint64_t number = segment_number(name), *list;

	if (number == 0)
		return 0;
	if (numbers->n == numbers->cap) {
		numbers->cap = numbers->cap * 2 + 16;
		list = realloc(numbers->list, numbers->cap * sizeof(*list));
		if (list == NULL)
			return -ENOMEM;
		numbers->list = list;
	}
	numbers->list[numbers->n++] = number;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int segment_list(const struct disk *disk, const char *dir, uint64_t **ret_list, size_t *ret_len)
{
	struct numbers numbers = { 0 };
	int r = disk->list(disk->ctx, dir, add_number, &numbers);

	if (r < 0) {
		free(numbers.list);
		return r;
	}
	if (numbers.n > 0)
		qsort(numbers.list, numbers.n, sizeof(*numbers.list), by_number);
	*ret_list = numbers.list;
	*ret_len = numbers.n;
	return 0;
}

static void put_head(uint8_t to[SEGMENT_HEAD_BYTES], const struct segment_head *head)
{
	const uint64_t words[7] = { head->number,
				    head->nonce,
				    head->first_block,
				    head->position,
				    head->freeze,
				    (uint64_t)head->created_ms,
				    (uint64_t)head->horizon_ms };
	const uint32_t version[2] = { SEGMENT_VERSION, SEGMENT_HEAD_BYTES };
	uint64_t sum;

	memset(to, 0, SEGMENT_HEAD_BYTES);
	memcpy(to, magic, sizeof(magic));
	memcpy(to + 8, version, sizeof(version));
	memcpy(to + 16, words, sizeof(words));
	memcpy(to + AT_SETTLED, &head->settled, sizeof(head->settled));
	memcpy(to + AT_WRITER, head->writer, strnlen(head->writer, SEGMENT_WRITER_MAX - 1));
	sum = XXH3_64bits(to, AT_SUM);
	memcpy(to + AT_SUM, &sum, sizeof(sum));
}

static int get_head(const uint8_t from[SEGMENT_HEAD_BYTES], struct segment_head *ret)
{
	uint64_t words[7], sum;
	uint32_t version;

	memcpy(&sum, from + AT_SUM, sizeof(sum));
	if (memcmp(from, magic, sizeof(magic)) != 0 || sum != XXH3_64bits(from, AT_SUM))
		return -EBADMSG;
	memcpy(&version, from + 8, sizeof(version));
	if (version > SEGMENT_VERSION)
		return -EPROTONOSUPPORT;
	memcpy(words, from + 16, sizeof(words));
	*ret = (struct segment_head){ .number = words[0],
				      .nonce = words[1],
				      .first_block = words[2],
				      .position = words[3],
				      .freeze = words[4],
				      .created_ms = (int64_t)words[5],
				      .horizon_ms = (int64_t)words[6] };
	memcpy(&ret->settled, from + AT_SETTLED, sizeof(ret->settled));
	memcpy(ret->writer, from + AT_WRITER, SEGMENT_WRITER_MAX - 1);
	return ret->number == 0 || ret->first_block == 0 ? -EBADMSG : 0;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static bool is_short(const struct disk *disk, int fd)
{
	int64_t size = disk->size(disk->ctx, fd);

	return size >= 0 && size < SEGMENT_HEAD_BYTES;
}

int segment_head_read(const struct disk *disk, const char *path, struct segment_head *ret)
{
	int fd = disk->open(disk->ctx, path, DISK_READ), r;
	uint64_t number = segment_number(name_of(path));
	uint8_t bytes[SEGMENT_HEAD_BYTES];
	struct segment_head head;

	if (fd < 0)
		return fd;
	r = disk_read_all(disk, fd, bytes, sizeof(bytes), 0);
	if (r == -EIO && is_short(disk, fd))
		r = -EBADMSG;
	disk->close(disk->ctx, fd);
	if (r == 0)
		r = get_head(bytes, &head);
	if (r == 0 && number != 0 && head.number != number)
		r = -EBADMSG;
	if (r == 0)
		*ret = head;
	return r;
}

/* Everything of segment_create() that can fail with the file open. */
static int make(const struct disk *disk, const char *dir, const char *fresh, const struct segment_head *head,
		int fd, const char **ret_what)
{
	char path[SEGMENT_PATH_MAX];
	uint8_t bytes[SEGMENT_HEAD_BYTES];
	int r;

	put_head(bytes, head);
	segment_path(path, dir, head->number);
	*ret_what = "write";
	r = disk_write_all(disk, fd, bytes, sizeof(bytes), 0);
	if (r == 0) {
		*ret_what = "sync";
		r = disk->sync(disk->ctx, fd);
	}
	if (r == 0) {
		*ret_what = "rename";
		r = disk->rename(disk->ctx, fresh, path);
	}
	if (r < 0)
		return r;
	*ret_what = "sync the folder of";
	r = disk->sync_folder(disk->ctx, dir);
	if (r < 0)
		disk->remove(disk->ctx, path);
	return r;
}

int segment_create(const struct disk *disk, const char *dir, const struct segment_head *head,
		   const char **ret_what)
{
	char path[SEGMENT_PATH_MAX], fresh[SEGMENT_PATH_MAX + 4];
	int fd, r;

	segment_path(path, dir, head->number);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	*ret_what = "make";
	fd = disk->open(disk->ctx, fresh, DISK_NEW);
	if (fd < 0)
		return fd;
	r = make(disk, dir, fresh, head, fd, ret_what);
	if (r == 0)
		return fd;
	disk->close(disk->ctx, fd);
	disk->remove(disk->ctx, fresh);
	return r;
}

int segment_next(const struct disk *disk, const char *dir, uint64_t number, const char *writer,
		 struct segment_head *ret)
{
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	uint64_t *list;
	size_t n;
	int r = segment_list(disk, dir, &list, &n);

	if (r < 0)
		return r;
	/* One that cannot be read now may be the next: then nobody knows where this one's blocks end. */
	r = -ENOENT;
	for (size_t i = 0; i < n && (r == -ENOENT || r == -EBADMSG); i++) {
		if (list[i] <= number)
			continue;
		segment_path(path, dir, list[i]);
		r = segment_head_read(disk, path, &head);
		if (r == 0 && strcmp(head.writer, writer) != 0)
			r = -ENOENT;
	}
	r = r == -EBADMSG ? -ENOENT : r;
	free(list);
	if (r == 0)
		*ret = head;
	return r;
}

static int take_mark(void *ctx, const struct mark *mark)
{
	*(struct mark *)ctx = *mark;
	return 1;
}

int segment_next_mark(const struct disk *disk, const char *dir, uint64_t number, const char *writer,
		      struct mark *ret)
{
	const struct replay replay = { .ctx = ret, .on_mark = take_mark };
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	struct segment_end end;
	int r = segment_next(disk, dir, number, writer, &head);

	while (r == 0) {
		segment_path(path, dir, head.number);
		r = segment_read(disk, path, &replay, &head, &end);
		if (r == 0)
			r = segment_next(disk, dir, head.number, writer, &head);
	}
	return r == 1 ? 0 : r;
}
