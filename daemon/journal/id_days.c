/* SPDX-License-Identifier: MPL-2.0 */
/* See id_days.h. */
#include "journal/id_days.h"

#include "journal/id_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS_MAX 5 /* at files that are joined meanwhile */

int id_days_init(struct id_days *days, const struct disk *disk, const char *dir)
{
	*days = (struct id_days){ 0 };
	return id_folder_init(&days->folder, disk, dir);
}

void id_days_done(struct id_days *days)
{
	for (size_t i = 0; i < days->n; i++) {
		id_files_done(&days->list[i].asked);
		id_filter_done(&days->list[i].filter);
	}
	free(days->list);
	id_folder_done(&days->folder);
	*days = (struct id_days){ 0 };
}

/* The first that is not before it. */
static size_t place_of(const struct id_days *days, int32_t day)
{
	size_t low = 0, high = days->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (days->list[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct id_day *id_days_find(struct id_days *days, int32_t day)
{
	size_t i = days->last;

	/* Most ask for the day that the one before asked for. */
	if (i >= days->n || days->list[i].day != day) {
		i = place_of(days, day);
		if (i == days->n || days->list[i].day != day)
			return NULL;
		days->last = i;
	}
	return &days->list[i];
}

struct id_day *id_days_get(struct id_days *days, int32_t day)
{
	struct id_day *found = id_days_find(days, day);
	size_t i;

	if (found != NULL)
		return found;
	if (days->n == days->cap) {
		size_t cap = days->cap * 2 + 64;
		struct id_day *list = realloc(days->list, cap * sizeof(*list));

		if (list == NULL)
			return NULL;
		days->list = list;
		days->cap = cap;
	}
	i = place_of(days, day);
	memmove(&days->list[i + 1], &days->list[i], (days->n - i) * sizeof(*days->list));
	days->list[i] = (struct id_day){ .day = day, .is_filtered = true };
	days->n++;
	return &days->list[i];
}

void id_days_close(struct id_days *days, struct id_day *day)
{
	days->asked -= day->asked.n;
	id_files_done(&day->asked);
}

uint64_t id_days_drop(struct id_days *days, int32_t before_day)
{
	size_t n = place_of(days, before_day);
	uint64_t in_memory = 0;

	for (size_t i = 0; i < n; i++) {
		in_memory += days->list[i].in_memory;
		id_days_close(days, &days->list[i]);
		id_days_unfilter(days, &days->list[i]);
	}
	if (n > 0)
		memmove(days->list, &days->list[n], (days->n - n) * sizeof(*days->list));
	days->n -= n;
	return in_memory;
}

/* --- filters --- */

void id_days_unfilter(struct id_days *days, struct id_day *day)
{
	days->filter_bytes -= id_filter_bytes(&day->filter);
	id_filter_done(&day->filter);
	day->is_filtered = false;
}

/* Bytes for a filter to grow by, also by taking them from older days: at most `most`; 0: too few. */
static size_t filter_room(struct id_days *days, const struct id_day *day, size_t most)
{
	size_t left;

	for (size_t i = 0; &days->list[i] != day && days->filter_bytes + most > days->filter_max; i++) {
		if (days->list[i].filter.parts_len > 0)
			id_days_unfilter(days, &days->list[i]);
	}
	left = days->filter_max > days->filter_bytes ? days->filter_max - days->filter_bytes : 0;
	left = left < most ? left : most;
	return left < ID_FILTER_LEAST ? 0 : left;
}

static bool grow_filter(struct id_days *days, struct id_day *day, size_t ids)
{
	size_t before = id_filter_bytes(&day->filter), more = id_filter_growth(&day->filter, ids);

	more = filter_room(days, day, more);
	if (more == 0 || id_filter_grow(&day->filter, more) < 0) {
		if (id_filter_stretch(&day->filter))
			return true;
		id_days_unfilter(days, day);
		return false;
	}
	days->filter_bytes += id_filter_bytes(&day->filter) - before;
	return true;
}

void id_days_leave(struct id_days *days, struct id_day *day, uint64_t key)
{
	if (day->is_filtered && (id_filter_has_room(&day->filter) || grow_filter(days, day, day->in_memory)))
		id_filter_add(&day->filter, key);
	day->in_memory--;
	day->on_disk++;
}

static int add_to_filter(void *ctx, uint64_t id, uint32_t content)
{
	struct id_day *day = ctx;

	(void)content;
	if (!id_filter_has_room(&day->filter) && !id_filter_stretch(&day->filter))
		return -ENOSPC;
	id_filter_add(&day->filter, id_key(id));
	return 0;
}

int id_days_filter(struct id_days *days, struct id_day *day)
{
	size_t ids = 0;
	int r = 0;

	for (size_t i = 0; i < day->asked.n; i++)
		ids += ids_len(day->asked.list[i].ids);
	id_days_unfilter(days, day);
	if (ids == 0 || !grow_filter(days, day, ids))
		return 0;
	for (size_t i = 0; r == 0 && i < day->asked.n; i++)
		r = ids_each(day->asked.list[i].ids, add_to_filter, day);
	/* Damage is found again, and dealt with, when the place is asked. */
	day->is_filtered = r == 0;
	if (r < 0)
		id_days_unfilter(days, day);
	return r == -EBADMSG || r == -ENOSPC ? 0 : r;
}

/* --- files --- */

static int open_all(struct id_days *days, int32_t day, struct id_files *ret)
{
	struct id_files files;
	int r = id_files_read(&days->folder, day, day, &files);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < files.n; i++)
		r = id_file_open(&days->folder, &files.list[i]);
	if (r < 0)
		id_files_done(&files);
	else
		*ret = files;
	return r;
}

int id_days_open(struct id_days *days, struct id_day *day)
{
	struct id_files files;
	int r = -ENOENT;

	for (int i = 0; r == -ENOENT && i < LOOKS_MAX; i++)
		r = open_all(days, day->day, &files);
	if (r < 0) {
		day->is_pinned |= r == -EBADMSG;
		return r;
	}
	id_days_close(days, day);
	day->asked = files;
	days->asked += files.n;
	return 0;
}

static void drop_file(struct id_days *days, struct id_day *day, size_t i)
{
	struct id_files *asked = &day->asked;

	memmove(&asked->list[i], &asked->list[i + 1], (asked->n - i - 1) * sizeof(*asked->list));
	asked->n--;
	days->asked--;
}

/* -EAGAIN: the file was damaged, nothing of it could be saved, and another is in its place. */
static int ask_file(struct id_days *days, struct id_day *day, size_t i, uint64_t id, uint32_t *ret_content)
{
	struct id_file *file = &day->asked.list[i];
	int r = ids_find(file->ids, id, ret_content);

	if (r != -EBADMSG)
		return r;
	if (id_file_mend(&days->folder, file) < 0) {
		drop_file(days, day, i);
		return -EAGAIN;
	}
	r = ids_find(file->ids, id, ret_content);
	return r == -EBADMSG ? -EIO : r;
}

int id_days_ask(struct id_days *days, struct id_day *day, uint64_t id, uint32_t *ret_content)
{
	if (day->asked.n == 0 || (day->is_filtered && !id_filter_may_hold(&day->filter, id_key(id))))
		return 0;
	for (size_t i = 0; i < day->asked.n;) {
		int r = ask_file(days, day, i, id, ret_content);

		if (r == 0)
			i++;
		else if (r != -EAGAIN)
			return r;
	}
	return 0;
}

int id_days_ask_all(struct id_days *days, uint64_t id, uint32_t *ret_content)
{
	/* Retries come soon: the latest day first. */
	for (size_t i = days->n; i-- > 0;) {
		int r = id_days_ask(days, &days->list[i], id, ret_content);

		if (r != 0)
			return r;
	}
	return 0;
}
