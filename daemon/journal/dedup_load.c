/* SPDX-License-Identifier: MPL-2.0 */
/* See dedup_inside.h. What a start does with the id files that earlier runs have left. */
#include "journal/dedup_inside.h"

#include <errno.h>

#define FILTERED_DAYS 2 /* the latest: what is on disk of them gets a filter, for new ones still come */

struct loading {
	struct dedup *d;
	struct id_day *day;
};

static int load_id(void *ctx, uint64_t id, uint32_t content)
{
	struct loading *loading = ctx;
	struct id_table *table = &loading->d->table;
	struct id_slot slot = { id_key(id), content, (uint16_t)loading->day->day, DEDUP_ON_DISK };
	int r;

	if (id_table_find(table, slot.key) != NULL)
		return 0;
	r = id_table_add(table, slot);
	loading->day->in_memory += r == 0;
	return r;
}

static int load_day(struct dedup *d, struct id_day *day)
{
	struct loading loading = { d, day };

	for (size_t i = 0; i < day->asked.n; i++) {
		int r = ids_each(day->asked.list[i].ids, load_id, &loading);

		/* What was whole of it is in memory all the same. */
		if (r == -EBADMSG)
			(void)id_file_mend(&d->days.folder, &day->asked.list[i]);
		else if (r < 0)
			return r;
	}
	id_days_close(&d->days, day);
	return 0;
}

/* Opens one file less each time there is a damaged one. */
static int open_whole(struct dedup *d, struct id_day *day, size_t most_files)
{
	int r;

	do {
		r = id_days_open(&d->days, day);
	} while (r == -EBADMSG && most_files-- > 0);
	day->is_pinned = false;
	return r;
}

/* As it comes to the days, newest first. */
struct taking {
	struct dedup *d;
	size_t files; /* in the folder */
	unsigned days;
	bool is_full; /* older days stay on disk */
};

static int take_day(struct taking *taking, int32_t number)
{
	struct dedup *d = taking->d;
	struct id_day *day = id_days_get(&d->days, number);
	uint64_t ids = 0;
	int r = day == NULL ? -ENOMEM : open_whole(d, day, taking->files);

	if (r < 0)
		return r;
	for (size_t i = 0; i < day->asked.n; i++)
		ids += ids_len(day->asked.list[i].ids);
	taking->is_full = taking->is_full || d->table.ids + ids > d->max_ids;
	if (!taking->is_full)
		return load_day(d, day);
	day->on_disk = ids;
	id_days_unfilter(&d->days, day);
	return taking->days < FILTERED_DAYS ? id_days_filter(&d->days, day) : 0;
}

int dedup_load(struct dedup *d, int32_t first_day)
{
	struct id_files files;
	struct taking taking = { .d = d };
	int r = id_files_read(&d->days.folder, first_day, INT32_MAX, &files);

	if (r < 0)
		return r;
	taking.files = files.n;
	for (size_t i = 0; r == 0 && i < files.n; i++) {
		if (i > 0 && files.list[i].day == files.list[i - 1].day)
			continue;
		r = take_day(&taking, files.list[i].day);
		taking.days++;
	}
	id_files_done(&files);
	return r;
}
