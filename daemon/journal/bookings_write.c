/* SPDX-License-Identifier: MPL-2.0 */
/* See bookings.h. Writing, joining and removing files of bookings; on the keeping worker. */
#include "base/large.h"
#include "journal/bookings_inside.h"
#include "journal/deal.h"
#include "journal/totals_index.h"

#include <errno.h>

#define JOIN_FILES 8	     /* small ones that follow each other */
#define JOIN_BYTES (8 << 20) /* a file past it is not small, and no joined one is larger than twice that */
#define JOIN_MAX   64	     /* files at once */

#define DEAL_MIN 1000 /* fewer are sorted as they are */

static int by_id(const void *va, const void *vb)
{
	const struct booking *a = va, *b = vb;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? -1 : 1;
	return (a->day > b->day) - (a->day < b->day);
}

static void sort(struct booking *list, size_t n)
{
	struct booking *spare = n < DEAL_MIN ? NULL : malloc(n * sizeof(*spare));
	size_t *ends = spare == NULL ? NULL : malloc(2 * DEAL_ENDS * sizeof(*ends));

	large_advise(spare, n * sizeof(*spare));
	if (ends == NULL)
		deal_near(list, n, sizeof(*list), by_id);
	else
		deal(list, spare, n, sizeof(*list), by_id, ends);
	free(ends);
	free(spare);
}

/* --- one file --- */

static void put_block(struct bytes_out *out, const struct booking *list, size_t n, uint64_t last, size_t block)
{
	uint8_t *ids = bytes_room(out, n * BOOKINGS_ENTRY + BOOKINGS_SUM), *kinds, *seconds, *days;

	if (ids == NULL)
		return;
	kinds = ids + 8 * n;
	seconds = kinds + 4 * n;
	days = seconds + 4 * n;
	for (size_t i = 0; i < n; i++) {
		bytes_store(ids + 8 * i, list[i].id, 8);
		bytes_store(kinds + 4 * i, list[i].kind, 4);
		bytes_store(seconds + 4 * i, list[i].seconds, 4);
		bytes_store(days + 2 * i, (uint64_t)list[i].day, 2);
	}
	bytes_store(ids + n * BOOKINGS_ENTRY, bookings_block_sum(ids, n * BOOKINGS_ENTRY, last, block), BOOKINGS_SUM);
	out->len += n * BOOKINGS_ENTRY + BOOKINGS_SUM;
}

static void put_all(struct bytes_out *out, const struct bookings_name *name, const struct kinds *kinds,
		    const struct booking *list, size_t n)
{
	uint8_t head[BOOKINGS_HEAD] = BOOKINGS_MAGIC;
	struct bytes_out words = { 0 };
	size_t tail;

	kinds_put(kinds, &words);
	bytes_store(head + BOOKINGS_HEAD_VERSION, BOOKINGS_VERSION, 4);
	bytes_store(head + BOOKINGS_HEAD_DAY, (uint64_t)name->day, 4);
	bytes_store(head + BOOKINGS_HEAD_FIRST, name->first, 8);
	bytes_store(head + BOOKINGS_HEAD_LAST, name->last, 8);
	bytes_store(head + BOOKINGS_HEAD_ENTRIES, n, 8);
	bytes_store(head + BOOKINGS_HEAD_KINDS, words.len, 8);
	bytes_put(out, head, sizeof(head));
	large_advise(bytes_room(out, n * (BOOKINGS_ENTRY + 1) + words.len), n * BOOKINGS_ENTRY);
	for (size_t i = 0; i < n; i += BOOKINGS_BLOCK)
		put_block(out, list + i, n - i < BOOKINGS_BLOCK ? n - i : BOOKINGS_BLOCK, name->last,
			  i / BOOKINGS_BLOCK);
	tail = out->len;
	for (size_t i = 0; i < n; i += BOOKINGS_BLOCK)
		bytes_put_fixed(out, list[i].id, 8);
	bytes_put(out, words.ptr, words.len);
	out->is_failed |= words.is_failed;
	if (!out->is_failed)
		bytes_put_fixed(out, bookings_tail_sum(head, out->ptr + tail, out->len - tail), BOOKINGS_SUM);
	free(words.ptr);
}

static int write_file(const struct disk *disk, const char *dir, uint64_t first, uint64_t last,
		      const struct kinds *kinds, struct booking *list, size_t n)
{
	struct bookings_name name = { first, last, 0 };
	char path[BOOKINGS_PATH_MAX];
	struct bytes_out out = { 0 };
	int r;

	for (size_t i = 0; i < n; i++)
		name.day = list[i].day > name.day ? list[i].day : name.day;
	sort(list, n);
	put_all(&out, &name, kinds, list, n);
	bookings_path(path, dir, "", &name);
	r = out.is_failed ? -ENOMEM : disk_replace(disk, path, out.ptr, out.len);
	free(out.ptr);
	return r;
}

int bookings_write(const struct disk *disk, const char *dir, uint64_t segment, const struct kinds *kinds,
		   struct booking *list, size_t n)
{
	return n == 0 ? 0 : write_file(disk, dir, segment, segment, kinds, list, n);
}

/* --- joining --- */

struct joining {
	const struct disk *disk;
	const char *dir;
	int32_t before_day;
	struct kinds *kinds; /* owned */
	struct booking *list; /* owned */
	size_t n, cap;
};

static int take_block(struct joining *joining, const struct bookings_file *file, uint32_t *numbers, size_t block)
{
	struct booking list[BOOKINGS_BLOCK];
	size_t n = 0;
	int r = bookings_file_block(file, block, list, &n);

	for (size_t i = 0; i < n && r == 0; i++) {
		uint32_t *number = &numbers[list[i].kind];

		if (list[i].day < joining->before_day)
			continue;
		if (*number == UINT32_MAX)
			r = kinds_copy(joining->kinds, file->kinds, list[i].kind, number);
		if (r == 0)
			r = totals_reserve((void **)&joining->list, &joining->cap, joining->n,
					   sizeof(*joining->list));
		if (r < 0)
			return r;
		list[i].kind = *number;
		joining->list[joining->n++] = list[i];
	}
	return r;
}

static int take_file(struct joining *joining, const struct bookings_name *name)
{
	struct bookings_file file;
	uint32_t *numbers;
	int r = bookings_file_open(&file, joining->disk, joining->dir, name);

	if (r < 0)
		return r;
	numbers = malloc((kinds_len(file.kinds) + 1) * sizeof(*numbers));
	if (numbers == NULL)
		r = -ENOMEM;
	else
		memset(numbers, 0xff, (kinds_len(file.kinds) + 1) * sizeof(*numbers));
	for (size_t block = 0; block < file.blocks && r == 0; block++)
		r = take_block(joining, &file, numbers, block);
	free(numbers);
	bookings_file_close(&file);
	return r;
}

static int remove_file(const struct joining *joining, const struct bookings_name *name)
{
	char path[BOOKINGS_PATH_MAX];

	bookings_path(path, joining->dir, "", name);
	return joining->disk->remove(joining->disk->ctx, path);
}

/* The new one is durable before the old ones go; meanwhile readers pass over what it covers. */
static int join(struct joining *joining, const struct bookings_name *names, size_t n)
{
	int r = 0;

	joining->kinds = kinds_new(NULL);
	if (joining->kinds == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		r = take_file(joining, &names[i]);
	/* Where nothing is left, their last segment still tells how far the files go. */
	if (r == 0)
		r = write_file(joining->disk, joining->dir, names[0].first, names[n - 1].last, joining->kinds,
			       joining->list, joining->n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = remove_file(joining, &names[i]);
	kinds_free(joining->kinds);
	free(joining->list);
	return r;
}

static int64_t size_of(const struct joining *joining, const struct bookings_name *name)
{
	char path[BOOKINGS_PATH_MAX];
	int64_t size;
	int fd;

	bookings_path(path, joining->dir, "", name);
	fd = joining->disk->open(joining->disk->ctx, path, DISK_READ);
	if (fd < 0)
		return fd;
	size = joining->disk->size(joining->disk->ctx, fd);
	joining->disk->close(joining->disk->ctx, fd);
	return size;
}

/* Leftovers of a joining that was cut off go first. */
static int drop_covered(struct joining *joining, struct bookings_list *list)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = list->n; i-- > 0 && r == 0;) {
		if (!bookings_is_covered(list, i))
			continue;
		r = remove_file(joining, &list->list[i]);
		list->list[i].day = -1;
	}
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i].day >= 0)
			list->list[kept++] = list->list[i];
	list->n = kept;
	return r;
}

/* The first run of small files that is long enough; 0: none. */
static size_t find_run(const struct joining *joining, const struct bookings_list *list, size_t *ret_at)
{
	int64_t bytes = 0;
	size_t from = 0;

	for (size_t i = 0; i < list->n; i++) {
		int64_t size = size_of(joining, &list->list[i]);
		bool is_small = size >= 0 && size < JOIN_BYTES;

		if (!is_small || bytes + size > 2 * JOIN_BYTES || i - from == JOIN_MAX) {
			if (i - from > JOIN_FILES) {
				*ret_at = from;
				return i - from;
			}
			from = is_small ? i : i + 1;
			bytes = 0;
		}
		bytes += is_small ? size : 0;
	}
	*ret_at = from;
	return list->n - from > JOIN_FILES ? list->n - from : 0;
}

int bookings_join(const struct disk *disk, const char *dir, int32_t before_day)
{
	struct joining joining = { .disk = disk, .dir = dir, .before_day = before_day };
	struct bookings_list list = { 0 };
	size_t at = 0, n = 0;
	int r = bookings_list_read(disk, dir, &list);

	if (r == 0)
		r = drop_covered(&joining, &list);
	if (r == 0)
		n = find_run(&joining, &list, &at);
	if (n > 1)
		r = join(&joining, list.list + at, n);
	free(list.list);
	return r;
}

/* --- forgetting --- */

struct removal {
	const struct disk *disk;
	const char *dir;
	int32_t before_day;
	int result;
};

static int remove_old(void *ctx, const char *text)
{
	struct removal *removal = ctx;
	bool is_aside = strncmp(text, BOOKINGS_ASIDE, strlen(BOOKINGS_ASIDE)) == 0;
	struct bookings_name name;
	char path[BOOKINGS_PATH_MAX];
	int r;

	if (!bookings_parse(is_aside ? text + strlen(BOOKINGS_ASIDE) : text, &name) ||
	    name.day >= removal->before_day)
		return 0;
	bookings_path(path, removal->dir, is_aside ? BOOKINGS_ASIDE : "", &name);
	r = removal->disk->remove(removal->disk->ctx, path);
	if (r < 0 && r != -ENOENT && removal->result == 0)
		removal->result = r;
	return 0;
}

int bookings_forget(const struct disk *disk, const char *dir, int32_t before_day)
{
	struct removal removal = { disk, dir, before_day, 0 };
	int r = disk->list(disk->ctx, dir, remove_old, &removal);

	return r == -ENOENT ? 0 : r < 0 ? r : removal.result;
}
