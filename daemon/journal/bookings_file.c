/* SPDX-License-Identifier: MPL-2.0 */
/* See bookings_inside.h: names, lists, and reading one file. */
#include "journal/bookings_inside.h"
#include "journal/totals_index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define LOOKS_MAX 8 /* at a folder that changes meanwhile */

uint64_t bookings_block_sum(const uint8_t *bytes, size_t len, uint64_t last, size_t block)
{
	return XXH3_64bits_withSeed(bytes, len, last * UINT64_C(0x9e3779b97f4a7c15) + block);
}

uint64_t bookings_tail_sum(const uint8_t head[BOOKINGS_HEAD], const uint8_t *tail, size_t len)
{
	return XXH3_64bits_withSeed(tail, len, XXH3_64bits(head, BOOKINGS_HEAD));
}

/* --- names --- */

static bool take_number(const char **at, char end, uint64_t max, uint64_t *ret)
{
	const char *from = *at;
	uint64_t value = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++) {
		uint64_t digit = (uint64_t)(**at - '0');

		if (value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret = value;
	return *at > from && *(*at)++ == end;
}

bool bookings_parse(const char *name, struct bookings_name *ret)
{
	uint64_t day;

	if (!take_number(&name, '-', UINT64_MAX, &ret->first) ||
	    !take_number(&name, '.', UINT64_MAX, &ret->last) || !take_number(&name, '\0', UINT16_MAX, &day))
		return false;
	ret->day = (int32_t)day;
	return ret->first <= ret->last;
}

void bookings_path(char path[BOOKINGS_PATH_MAX], const char *dir, const char *prefix,
		   const struct bookings_name *name)
{
	snprintf(path, BOOKINGS_PATH_MAX, "%s/%s%" PRIu64 "-%" PRIu64 ".%" PRId32, dir, prefix, name->first,
		 name->last, name->day);
}

static int note(void *ctx, const char *text)
{
	struct bookings_list *list = ctx;
	struct bookings_name name;

	if (!bookings_parse(text, &name))
		return 0;
	if (totals_reserve((void **)&list->list, &list->cap, list->n, sizeof(*list->list)) < 0)
		return -ENOMEM;
	list->list[list->n++] = name;
	return 0;
}

static int by_place(const void *va, const void *vb)
{
	const struct bookings_name *a = va, *b = vb;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	return (a->day > b->day) - (a->day < b->day);
}

static int look(const struct disk *disk, const char *dir, struct bookings_list *ret)
{
	int r = disk->list(disk->ctx, dir, note, ret);

	if (r == 0 && ret->n > 1)
		qsort(ret->list, ret->n, sizeof(*ret->list), by_place);
	return r == -ENOENT ? 0 : r;
}

static bool is_same(const struct bookings_list *a, const struct bookings_list *b)
{
	bool is = a->n == b->n;

	for (size_t i = 0; is && i < a->n; i++)
		is = by_place(&a->list[i], &b->list[i]) == 0;
	return is;
}

int bookings_list_read(const struct disk *disk, const char *dir, struct bookings_list *ret)
{
	struct bookings_list before = { 0 };
	int r = look(disk, dir, &before);

	for (int i = 0; r == 0 && i < LOOKS_MAX; i++) {
		struct bookings_list again = { 0 };

		r = look(disk, dir, &again);
		if (r == 0 && is_same(&before, &again)) {
			free(before.list);
			*ret = again;
			return 0;
		}
		free(before.list);
		before = again;
	}
	free(before.list);
	return r < 0 ? r : -EAGAIN;
}

bool bookings_is_covered(const struct bookings_list *list, size_t i)
{
	const struct bookings_name *name = &list->list[i];

	for (size_t k = 0; k < list->n && list->list[k].first <= name->first; k++) {
		const struct bookings_name *other = &list->list[k];
		bool is_same = other->first == name->first && other->last == name->last;

		/* Of two of the same segments one is a leftover: they hold the same. */
		if (k != i && other->last >= name->last && (!is_same || k < i))
			return true;
	}
	return false;
}

/* --- one file --- */

static size_t entries_of(const struct bookings_file *file, size_t block)
{
	return block + 1 < file->blocks ? BOOKINGS_BLOCK : file->n - block * BOOKINGS_BLOCK;
}

static int64_t tail_of(const struct bookings_file *file)
{
	return BOOKINGS_HEAD + (int64_t)(file->n * BOOKINGS_ENTRY + file->blocks * BOOKINGS_SUM);
}

static int read_tail(struct bookings_file *file, const uint8_t head[BOOKINGS_HEAD], size_t kinds_len)
{
	size_t len = file->blocks * 8 + kinds_len;
	uint8_t *bytes = malloc(len + BOOKINGS_SUM);
	struct bytes_in in = { bytes + file->blocks * 8, bytes + len, false };
	int r = bytes == NULL ? -ENOMEM : 0;

	file->index = malloc((file->blocks + 1) * sizeof(*file->index));
	if (file->index == NULL)
		r = -ENOMEM;
	if (r == 0)
		r = disk_read_all(file->disk, file->fd, bytes, len + BOOKINGS_SUM, tail_of(file));
	if (r == 0 && bytes_fetch(bytes + len, BOOKINGS_SUM) != bookings_tail_sum(head, bytes, len))
		r = -EBADMSG;
	for (size_t i = 0; i < file->blocks && r == 0; i++)
		file->index[i] = bytes_fetch(bytes + i * 8, 8);
	if (r == 0)
		r = kinds_take(&in, &file->kinds);
	free(bytes);
	return r;
}

static int read_head(struct bookings_file *file)
{
	uint8_t head[BOOKINGS_HEAD];
	int64_t size = file->disk->size(file->disk->ctx, file->fd);
	uint64_t n, kinds;
	int r;

	if (size < BOOKINGS_HEAD + BOOKINGS_SUM)
		return size < 0 ? (int)size : -EBADMSG;
	r = disk_read_all(file->disk, file->fd, head, sizeof(head), 0);
	if (r < 0)
		return r;
	n = bytes_fetch(head + BOOKINGS_HEAD_ENTRIES, 8);
	kinds = bytes_fetch(head + BOOKINGS_HEAD_KINDS, 8);
	if (memcmp(head, BOOKINGS_MAGIC, 8) != 0 || n > (uint64_t)size / BOOKINGS_ENTRY ||
	    kinds > (uint64_t)size || bytes_fetch(head + BOOKINGS_HEAD_FIRST, 8) != file->name.first ||
	    bytes_fetch(head + BOOKINGS_HEAD_LAST, 8) != file->name.last)
		return -EBADMSG;
	if (bytes_fetch(head + BOOKINGS_HEAD_VERSION, 4) != BOOKINGS_VERSION)
		return -EPROTONOSUPPORT;
	file->n = (size_t)n;
	file->blocks = (file->n + BOOKINGS_BLOCK - 1) / BOOKINGS_BLOCK;
	if (size != tail_of(file) + (int64_t)(file->blocks * 8 + kinds + BOOKINGS_SUM))
		return -EBADMSG;
	return read_tail(file, head, (size_t)kinds);
}

int bookings_file_open(struct bookings_file *file, const struct disk *disk, const char *dir,
		       const struct bookings_name *name)
{
	char path[BOOKINGS_PATH_MAX];
	int r;

	*file = (struct bookings_file){ .disk = disk, .name = *name };
	bookings_path(path, dir, "", name);
	file->fd = disk->open(disk->ctx, path, DISK_READ);
	if (file->fd < 0)
		return file->fd;
	r = read_head(file);
	if (r < 0)
		bookings_file_close(file);
	return r;
}

void bookings_file_close(struct bookings_file *file)
{
	file->disk->close(file->disk->ctx, file->fd);
	free(file->index);
	kinds_free(file->kinds);
	file->index = NULL;
	file->kinds = NULL;
}

int bookings_file_block(const struct bookings_file *file, size_t block, struct booking ret[BOOKINGS_BLOCK],
			size_t *ret_len)
{
	uint8_t bytes[BOOKINGS_BLOCK_BYTES];
	size_t n = entries_of(file, block), len = n * BOOKINGS_ENTRY;
	int64_t at = BOOKINGS_HEAD + (int64_t)block * BOOKINGS_BLOCK_BYTES;
	int r = disk_read_all(file->disk, file->fd, bytes, len + BOOKINGS_SUM, at);

	if (r < 0)
		return r;
	if (bytes_fetch(bytes + len, BOOKINGS_SUM) != bookings_block_sum(bytes, len, file->name.last, block))
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		ret[i].id = bytes_fetch(bytes + i * 8, 8);
		ret[i].kind = (uint32_t)bytes_fetch(bytes + n * 8 + i * 4, 4);
		ret[i].seconds = (uint32_t)bytes_fetch(bytes + n * 12 + i * 4, 4);
		ret[i].day = (int32_t)bytes_fetch(bytes + n * 16 + i * 2, 2);
		if (ret[i].kind >= kinds_len(file->kinds))
			return -EBADMSG;
	}
	*ret_len = n;
	return 0;
}

int bookings_check(const struct disk *disk, const char *dir, const char *text, bool is_whole)
{
	struct booking list[BOOKINGS_BLOCK];
	struct bookings_file file;
	struct bookings_name name;
	size_t n;
	int r;

	if (!bookings_parse(text, &name))
		return 1;
	r = bookings_file_open(&file, disk, dir, &name);
	if (r < 0)
		return r;
	for (size_t block = 0; is_whole && block < file.blocks && r == 0; block++)
		r = bookings_file_block(&file, block, list, &n);
	bookings_file_close(&file);
	return r;
}
