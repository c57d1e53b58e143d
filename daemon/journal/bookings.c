/* SPDX-License-Identifier: MPL-2.0 */
/* See bookings.h. Looking up: every file that may have the id is asked, by its index in memory and one read. */
#include "journal/bookings_inside.h"
#include "journal/totals_index.h"

#include <errno.h>
#include <stdio.h>

#define LOOKS_MAX 8

struct bookings {
	const struct disk *disk; /* borrowed */
	char *dir;               /* owned */
	struct bookings_file **files; /* owned, each owned; ascending, none covered by another */
	size_t n, cap;
	uint64_t damaged;
	char last_damage[128];
};

struct bookings *bookings_open(const struct disk *disk, const char *dir)
{
	struct bookings *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->disk = disk;
	b->dir = strdup(dir);
	if (b->dir == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

static void free_file(struct bookings_file *file)
{
	if (file != NULL)
		bookings_file_close(file);
	free(file);
}

void bookings_rest(struct bookings *b)
{
	for (size_t i = 0; i < b->n; i++)
		free_file(b->files[i]);
	b->n = 0;
}

void bookings_close(struct bookings *b)
{
	if (b == NULL)
		return;
	bookings_rest(b);
	free(b->files);
	free(b->dir);
	free(b);
}

uint64_t bookings_damaged(const struct bookings *b, const char **ret_last)
{
	*ret_last = b->last_damage;
	return b->damaged;
}

/* --- the files there are --- */

static void set_aside(struct bookings *b, const struct bookings_name *name)
{
	char from[BOOKINGS_PATH_MAX], to[BOOKINGS_PATH_MAX];

	bookings_path(from, b->dir, "", name);
	bookings_path(to, b->dir, BOOKINGS_ASIDE, name);
	b->damaged++;
	snprintf(b->last_damage, sizeof(b->last_damage), "%s", strrchr(to, '/') + 1);
	(void)!b->disk->rename(b->disk->ctx, from, to);
}

/* One of the old list that is the same, taken out of it. */
static struct bookings_file *take_same(struct bookings *b, const struct bookings_name *name)
{
	for (size_t i = 0; i < b->n; i++) {
		struct bookings_file *file = b->files[i];

		if (file == NULL || file->name.first != name->first || file->name.last != name->last ||
		    file->name.day != name->day)
			continue;
		b->files[i] = NULL;
		return file;
	}
	return NULL;
}

/* NULL and *ret_r: 0 where it was damaged. */
static struct bookings_file *open_file(struct bookings *b, const struct bookings_name *name, int *ret_r)
{
	struct bookings_file *file = take_same(b, name);

	*ret_r = 0;
	if (file != NULL)
		return file;
	file = malloc(sizeof(*file));
	*ret_r = file == NULL ? -ENOMEM : bookings_file_open(file, b->disk, b->dir, name);
	if (*ret_r == 0)
		return file;
	free(file);
	if (*ret_r == -EBADMSG) {
		set_aside(b, name);
		*ret_r = 0;
	}
	return NULL;
}

/* -ENOENT: one went meanwhile; look again. */
static int open_all(struct bookings *b, const struct bookings_list *list)
{
	struct bookings_file **files = NULL;
	size_t n = 0, cap = 0;
	int r = 0;

	for (size_t i = 0; i < list->n && r == 0; i++) {
		struct bookings_file *file;

		if (bookings_is_covered(list, i))
			continue;
		r = totals_reserve((void **)&files, &cap, n, sizeof(struct bookings_file *));
		if (r < 0)
			break;
		file = open_file(b, &list->list[i], &r);
		if (file != NULL)
			files[n++] = file;
	}
	bookings_rest(b);
	free(b->files);
	b->files = files;
	b->n = n;
	b->cap = cap;
	return r;
}

static int refresh(struct bookings *b, uint64_t *ret_segment)
{
	int r = -ENOENT;

	for (int i = 0; i < LOOKS_MAX && r == -ENOENT; i++) {
		struct bookings_list list = { 0 };

		r = bookings_list_read(b->disk, b->dir, &list);
		if (r < 0)
			return r;
		r = open_all(b, &list);
		*ret_segment = 0;
		for (size_t k = 0; k < list.n; k++)
			if (list.list[k].last > *ret_segment)
				*ret_segment = list.list[k].last;
		free(list.list);
	}
	return r;
}

/* --- one file --- */

/* The first block that may hold the id. */
static size_t first_block(const struct bookings_file *file, uint64_t id)
{
	size_t from = 0, to = file->blocks;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (file->index[middle] < id)
			from = middle + 1;
		else
			to = middle;
	}
	return from == 0 ? 0 : from - 1;
}

static int find_in(const struct bookings_file *file, uint64_t id, const struct bookings_visit *visit)
{
	struct booking list[BOOKINGS_BLOCK];
	int r = 0;

	for (size_t block = first_block(file, id); block < file->blocks && file->index[block] <= id; block++) {
		size_t n = 0;

		r = bookings_file_block(file, block, list, &n);
		for (size_t i = 0; i < n && r == 0; i++) {
			const struct booking_kind *kind = kinds_get(file->kinds, list[i].kind);
			int64_t seconds = list[i].seconds;

			if (list[i].id == id)
				r = visit->on_booking(visit->ctx, file->kinds, kind,
						      kind->count < 0 ? -seconds : seconds, list[i].day);
		}
		if (r != 0)
			return r;
	}
	return 0;
}

int bookings_find(struct bookings *b, uint64_t id, const struct bookings_visit *visit, uint64_t *ret_segment)
{
	int r = refresh(b, ret_segment);

	for (size_t i = 0; i < b->n && r == 0; i++)
		r = find_in(b->files[i], id, visit);
	return r;
}
