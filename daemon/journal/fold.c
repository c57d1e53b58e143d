/* SPDX-License-Identifier: MPL-2.0 */
/* See fold.h. What a segment adds is dealt out to the files it belongs to: one for each day, one for each
 * month's names. Each is read, added to and replaced, unless it says that it has this segment already. */
#include "journal/fold_inside.h"

#include "journal/totals_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run of something of folding->sums that goes to the same file. */
enum part { PART_CELL, PART_NAME, PART_PLACE };

struct item {
	int32_t period;	   /* day, or first day of the month */
	uint8_t kind;	   /* enum totals_kind */
	uint8_t part;	   /* enum part */
	uint32_t from, to; /* slots of the tally, free ones too; names, places */
};

struct items {
	struct item *list; /* owned */
	size_t n;
};

/* A totals file being added to, and its numbers by those of the segment's sums (-1: not asked for yet). */
struct target {
	struct totals *totals; /* owned */
	int32_t municipalities[CELL_MUNICIPALITIES], standings[STANDINGS_MAX];
	uint64_t below; /* cells that came to less than nothing */
};

static int by_file(const void *va, const void *vb)
{
	const struct item *a = va, *b = vb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->period > b->period) - (a->period < b->period);
}

static void deal_one(struct items *items, enum totals_kind kind, int32_t period, enum part part, size_t number)
{
	struct item *last = items->n == 0 ? NULL : &items->list[items->n - 1];

	if (last == NULL || last->kind != kind || last->period != period || last->part != part)
		items->list[items->n++] =
			(struct item){ period, (uint8_t)kind, (uint8_t)part, (uint32_t)number, (uint32_t)number + 1 };
	else
		last->to = (uint32_t)number + 1;
}

/* Everything, sorted by file. 0 or -ENOMEM. */
static int deal(const struct totals *sums, struct items *items)
{
	items->n = 0;
	items->list = malloc((sums->cells.used + sums->names_len + sums->places_len + 1) * sizeof(*items->list));
	if (items->list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= sums->cells.mask; i++)
		if (sums->cells.slots[i].cell != TALLY_EMPTY)
			deal_one(items, TOTALS_DAY, cell_day(sums->cells.slots[i].cell), PART_CELL, i);
	for (size_t i = 0; i < sums->names_len; i++)
		deal_one(items, sums->names[i].dimension == BY_REASON ? TOTALS_DAY : TOTALS_MONTH, sums->names[i].period,
			 PART_NAME, i);
	for (size_t i = 0; i < sums->places_len; i++)
		deal_one(items, sums->places[i].dimension < 0 ? TOTALS_DAY : TOTALS_MONTH, sums->places[i].period,
			 PART_PLACE, i);
	qsort(items->list, items->n, sizeof(*items->list), by_file);
	return 0;
}

/* --- one file --- */

static int target_municipality(struct target *target, const struct totals *sums, uint16_t number)
{
	if (target->municipalities[number] < 0)
		target->municipalities[number] = totals_municipality(target->totals, sums->codes[number]);
	return target->municipalities[number];
}

static int target_standing(struct target *target, const struct totals *sums, uint16_t number)
{
	if (target->standings[number] < 0)
		target->standings[number] = totals_standing(target->totals, &sums->standings[number]);
	return target->standings[number];
}

static int add_cell(struct target *target, const struct totals *sums, const struct amount *amount)
{
	int municipality = target_municipality(target, sums, cell_municipality(amount->cell));
	int standing = target_standing(target, sums, cell_standing(amount->cell)), r;
	uint64_t cell;

	if (municipality < 0 || standing < 0)
		return municipality < 0 ? municipality : standing;
	cell = totals_recell(amount->cell, (uint16_t)municipality, (uint16_t)standing);
	r = totals_add(target->totals, cell, amount->count, amount->seconds);
	if (amount->count < 0 && r == 0 && totals_count(target->totals, cell) < 0)
		target->below++;
	return r;
}

static int add_name(struct target *target, const struct totals *sums, const struct totals_name *name)
{
	int municipality = target_municipality(target, sums, name->municipality);

	return municipality < 0 ? municipality
				: totals_add_name(target->totals, (uint16_t)municipality,
						  (enum dimension)name->dimension, name->period, name->name,
						  &name->amount, name->last_ms);
}

/* What the batch will be that takes this to Redis may not be known yet. It is the first behind the mark before it, and
 * between the two lie only odd positions, of the middle of a batch: so one behind that mark is as good. Behind holes, in
 * which others may have ended, it is the mark that covers this. */
static uint64_t position_by(const struct folding *folding, size_t mark)
{
	uint64_t before = mark == 0 ? folding->head.position : folding->marks[mark - 1];

	return before == FOLD_HOLE ? folding->marks[mark] : before + 1;
}

static int add_place(struct target *target, const struct folding *folding, const struct totals_place *place)
{
	int municipality = target_municipality(target, folding->sums, place->municipality);

	return municipality < 0 ? municipality
				: totals_place(target->totals, (uint16_t)municipality, place->dimension, place->period,
					       position_by(folding, place->position - 1));
}

static int add_item(struct target *target, const struct folding *folding, const struct item *item)
{
	const struct totals *sums = folding->sums;
	int r = 0;

	for (uint32_t i = item->from; i < item->to && r == 0; i++) {
		if (item->part == PART_NAME)
			r = add_name(target, sums, &sums->names[i]);
		else if (item->part == PART_PLACE)
			r = add_place(target, folding, &sums->places[i]);
		else if (sums->cells.slots[i].cell != TALLY_EMPTY)
			r = add_cell(target, sums, &sums->cells.slots[i]);
	}
	return r;
}

static int add_items(struct target *target, const struct folding *folding, const struct item *items, size_t n)
{
	int r = 0;

	memset(target->municipalities, 0xff, sizeof(target->municipalities));
	memset(target->standings, 0xff, sizeof(target->standings));
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_item(target, folding, &items[i]);
	return r;
}

static int set_aside(const struct folding *folding, const char *path, struct error *reterr)
{
	const struct disk *disk = folding->disk;
	char aside[TOTALS_PATH_MAX + 32];
	int r;

	snprintf(aside, sizeof(aside), "%s.damaged-%" PRIu64, path, folding->segment);
	r = disk->rename(disk->ctx, path, aside);
	if (r == 0)
		r = disk->sync_folder(disk->ctx, folding->paths->totals);
	return r < 0 ? error_set(reterr, r, "%.400s: damaged, and cannot be set aside: %s", path,
				 strerror(-r))
		     : 0;
}

/* What the file holds so far, up to *ret_segment. */
static int read_target(struct target *target, const struct folding *folding, const char *path,
		       uint64_t *ret_segment, struct fold_result *result, struct error *reterr)
{
	struct error found;
	int r;

	*ret_segment = 0;
	r = totals_read(target->totals, folding->disk, path, INT32_MIN, ret_segment, &found);
	if (r == 0 || r == -ENOENT)
		return 0;
	if (r != -EBADMSG)
		return error_set(reterr, r, "%s", found.text);
	result->damages++;
	r = set_aside(folding, path, reterr);
	if (r == 0)
		error_set(reterr, 0, "%s", found.text);
	result->set_aside += r == 0;
	return r;
}

static int fold_into(struct target *target, const struct folding *folding, const char *path,
		     const struct item *items, size_t n, struct fold_result *result, struct error *reterr)
{
	uint64_t *files = items[0].kind == TOTALS_DAY ? &result->days : &result->months;
	uint64_t segment;
	int r = read_target(target, folding, path, &segment, result, reterr);

	if (r < 0)
		return r;
	if (segment < folding->segment) {
		r = add_items(target, folding, items, n);
		if (r == 0)
			r = totals_write(target->totals, folding->disk, path, folding->segment);
		*files += r == 0;
		result->below += r == 0 ? target->below : 0;
	} else {
		/* Renamed, but perhaps never forced to disk: whoever did it may have ended before, or have been told
		 * that it failed. Put there once more it survives a power cut, as it must: the segment goes. */
		r = totals_write(target->totals, folding->disk, path, segment);
	}
	return r < 0 ? error_set(reterr, r, "%.400s: cannot be replaced: %s", path, strerror(-r)) : 0;
}

static int fold_file(struct target *target, const struct folding *folding, const struct item *items, size_t n,
		     struct fold_result *result, struct error *reterr)
{
	char path[TOTALS_PATH_MAX];
	int r;

	if (items[0].kind == TOTALS_DAY)
		totals_day_path(path, folding->paths->totals, items[0].period);
	else
		totals_month_path(path, folding->paths->totals, items[0].period);
	target->totals = totals_new();
	if (target->totals == NULL)
		return error_set(reterr, -ENOMEM, "no memory to fold segment %" PRIu64, folding->segment);
	target->below = 0;
	r = fold_into(target, folding, path, items, n, result, reterr);
	totals_free(target->totals);
	return r;
}

/* --- the segment --- */

static int fold_files(const struct folding *folding, struct fold_result *result, struct error *reterr)
{
	struct items items;
	size_t from = 0;
	struct target *target = malloc(sizeof(*target));
	int r = deal(folding->sums, &items) < 0 || target == NULL ? -ENOMEM : 0;

	if (r < 0)
		error_set(reterr, r, "no memory to fold segment %" PRIu64, folding->segment);
	while (from < items.n && r == 0) {
		size_t to = from + 1;

		while (to < items.n && by_file(&items.list[from], &items.list[to]) == 0)
			to++;
		r = fold_file(target, folding, items.list + from, to - from, result, reterr);
		from = to;
	}
	free(target);
	free(items.list);
	return r;
}

static int fold_ids(struct folding *folding, struct error *reterr)
{
	size_t days = 0;
	int r = ids_write(folding->disk, folding->paths->ids, folding->segment, folding->ids,
			  folding->ids_len, &days);

	return r < 0 ? error_set(reterr, r, "%.400s: ids cannot be written: %s", folding->paths->ids,
				 strerror(-r))
		     : 0;
}

static int fold_bookings(struct folding *folding, struct error *reterr)
{
	const char *dir = folding->paths->bookings;
	int r = dir == NULL ? 0
			    : bookings_write(folding->disk, dir, folding->segment, folding->kinds, folding->bookings,
					     folding->bookings_len);

	return r < 0 ? error_set(reterr, r, "%.400s: bookings cannot be written: %s", dir, strerror(-r)) : 0;
}

static int fold(struct folding *folding, struct fold_result *result, struct error *reterr)
{
	int r = fold_read(folding, result, reterr);

	if (r == 0)
		r = fold_unsent_end(folding, reterr);
	if (r == 0)
		r = fold_files(folding, result, reterr);
	if (r == 0)
		r = fold_bookings(folding, reterr);
	if (r == 0)
		r = fold_errands(folding, result, reterr);
	if (r == 0)
		r = fold_ids(folding, reterr);
	result->effects = folding->effects;
	result->ids = folding->ids_len;
	result->bookings = folding->bookings_len;
	result->holes = folding->end.damages;
	return r;
}

int fold_segment(const struct disk *disk, const struct fold_paths *paths, uint64_t segment,
		 struct fold_result *ret, struct error *reterr)
{
	struct folding *folding = calloc(1, sizeof(*folding));
	struct fold_result result = { .segment = segment };
	int r;

	if (folding == NULL)
		return error_set(reterr, -ENOMEM, "no memory to fold segment %" PRIu64, segment);
	folding->disk = disk;
	folding->paths = paths;
	folding->segment = segment;
	error_set(reterr, 0, "%s", "");
	r = fold(folding, &result, reterr);
	fold_read_done(folding);
	free(folding);
	if (r == 0)
		*ret = result;
	return r;
}
