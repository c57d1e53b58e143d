/* SPDX-License-Identifier: MPL-2.0 */
/* See repair.h. */
#include "run/repair.h"

#include "base/log.h"
#include "run/core.h"
#include "run/place.h"
#include "run/sums.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int repair_init(struct repair *repair, struct core *core)
{
	*repair = (struct repair){ .core = core, .gaps = positions_new() };
	return repair->gaps == NULL ? -ENOMEM : 0;
}

void repair_done(struct repair *repair)
{
	totals_free(repair->sum);
	positions_free(repair->gaps);
	*repair = (struct repair){ .core = repair->core };
}

size_t repair_len(const struct repair *repair)
{
	return positions_len(repair->gaps);
}

static bool is_same_period(struct place_key a, struct place_key b)
{
	return a.place == b.place && a.first == b.first;
}

/* What finds no memory is told again by the store. */
void repair_gap(struct repair *repair, struct place_key key)
{
	if (positions_get(repair->gaps, key) != GAP_NONE)
		return;
	if (positions_len(repair->gaps) == 0 && !repair->core->is_proven)
		LOG(LOG_INFO, "store", "redis is brought up to date after the end of the last run");
	else if (positions_len(repair->gaps) == 0)
		LOG(LOG_WARNING, "store", "redis has lost counts; they are brought back from the totals",
		    F_STR("first", key.municipality < repair->core->ledger.codes_len
					   ? repair->core->ledger.codes[key.municipality]
					   : "dk"));
	if (positions_set(repair->gaps, key, GAP_WANTED) == 0)
		repair_next(repair);
}

void repair_settled(struct repair *repair, struct place_key key)
{
	if (positions_get(repair->gaps, key) == GAP_NONE)
		return;
	positions_remove(repair->gaps, key);
	if (positions_len(repair->gaps) == 0)
		LOG(LOG_INFO, "store", "redis holds all counts again");
}

/* --- adding up --- */

static void period_of_key(struct place_key key, int32_t *ret_first, int32_t *ret_end)
{
	enum window window = key.place < PLACE_NAMES ? (enum window)key.place : WINDOW_MONTH;

	*ret_first = key.first;
	*ret_end = period_of(window, key.first).end;
}

static void read_names(struct repair *repair, int32_t first)
{
	char path[TOTALS_PATH_MAX];

	repair->sum = totals_new();
	if (repair->sum == NULL) {
		repair->r = -ENOMEM;
		return;
	}
	totals_month_path(path, repair->totals_dir, first);
	repair->r = totals_read(repair->sum, repair->core->settings.disk, path, INT32_MIN, NULL, &repair->error);
	if (repair->r == -ENOENT)
		repair->r = 0;
	if (repair->r == -EBADMSG) {
		repair->damaged = 1;
		repair->r = 0;
	}
}

/* On the worker. */
static void work(struct job *job)
{
	struct repair *repair = (struct repair *)((char *)job - offsetof(struct repair, job));
	const struct disk *disk = repair->core->settings.disk;
	bool of_names = repair->at.place >= PLACE_NAMES;
	int32_t first, end;

	period_of_key(repair->at, &first, &end);
	if (of_names)
		read_names(repair, first);
	else
		repair->r = fold_sum(disk, repair->totals_dir, first, end, &repair->sum, &repair->damaged,
				     &repair->error);
	if (repair->r == 0)
		repair->r = fold_is_set_aside(disk, repair->totals_dir, of_names, first, end, &repair->is_set_aside);
}

/* Totals that lack something must not take the place of what Redis holds. */
static bool is_whole(const struct repair *repair)
{
	return repair->damaged == 0 && !repair->is_set_aside;
}

/* True once: the totals of this municipality are asked for and now given. */
static bool take(struct repair *repair, uint16_t municipality)
{
	struct place_key key = repair->at;

	key.municipality = municipality;
	return positions_get(repair->gaps, key) == GAP_WANTED &&
	       positions_set(repair->gaps, key, GAP_GIVEN) == 0;
}

static int on_group(void *ctx, const struct spread_group *group)
{
	struct repair *repair = ctx;
	struct place_key key = repair->at;

	key.municipality = group->municipality;
	if (!take(repair, group->municipality))
		return 0;
	return store_repair(repair->core->store, key, repair->core->batch, group, is_whole(repair));
}

static int on_names(void *ctx, uint16_t municipality, const struct name_record *const *records, size_t n)
{
	struct repair *repair = ctx;
	struct place_key key = repair->at;

	key.municipality = municipality;
	if (!take(repair, municipality))
		return 0;
	return store_repair_names(repair->core->store, key, repair->core->batch, records, n, is_whole(repair));
}

static void empty_one(void *ctx, struct place_key key, uint64_t gap)
{
	struct repair *repair = ctx;
	struct spread_group none = { .municipality = key.municipality, .day = key.first };

	if (gap != GAP_WANTED || !is_same_period(key, repair->at) || repair->r < 0 ||
	    !take(repair, key.municipality))
		return;
	repair->r = key.place < PLACE_NAMES
			    ? store_repair(repair->core->store, key, repair->core->batch, &none, is_whole(repair))
			    : store_repair_names(repair->core->store, key, repair->core->batch, NULL, 0,
						 is_whole(repair));
}

static void each_gap(struct repair *repair, void (*visit)(void *, struct place_key, uint64_t))
{
	size_t cursor = 0;

	positions_walk(repair->gaps, &cursor, SIZE_MAX, visit, repair);
}

/* Periods this writer has nothing in (any more): only the position is written. */
static int give_empty(struct repair *repair)
{
	each_gap(repair, empty_one);
	return repair->r;
}

static int give(struct repair *repair)
{
	const struct sums_visit visit = { repair, on_group, on_names };
	int32_t first, end;
	int r;

	period_of_key(repair->at, &first, &end);
	if (repair->at.place < PLACE_NAMES)
		r = sums_of_period(&repair->core->ledger, repair->sum, first, end, &visit);
	else
		r = sums_of_names(&repair->core->ledger, repair->sum,
				  (enum dimension)(repair->at.place - PLACE_NAMES), first, &visit);
	return r < 0 ? r : give_empty(repair);
}

static void want_again(void *ctx, struct place_key key, uint64_t gap)
{
	struct repair *repair = ctx;

	if (gap == GAP_GIVEN && is_same_period(key, repair->at))
		(void)!positions_set(repair->gaps, key, GAP_WANTED);
}

/* A segment that was folded into some files only would be counted twice with the young; and only durable positions
 * go to Redis. */
static bool is_exact(const struct repair *repair)
{
	const struct core *core = repair->core;
	const struct young *oldest = core->ledger.oldest;

	return strcmp(repair->totals_dir, core->totals_dir) == 0 &&
	       (oldest == NULL || totals_segment(repair->sum) < oldest->segment) && keep_is_exact(&core->keep) &&
	       journal_durable(core->journal) >= core->batch_block;
}

static void tell_damaged(const struct repair *repair)
{
	enum window window = repair->at.place < PLACE_NAMES ? (enum window)repair->at.place : WINDOW_MONTH;
	char label[PERIOD_LABEL];

	period_label(period_of(window, repair->at.first), label);
	LOG(LOG_ERROR, "store",
	    "a totals file is damaged: what redis holds of this period stands, even if some of it is lost",
	    F_STR("period", label), F_STR("folder", repair->totals_dir),
	    F_STR("next", "effortctl journal verify; put the file back from a backup and remove the .damaged one, then effortctl redis rebuild"));
}

static void done(struct job *job)
{
	struct repair *repair = (struct repair *)((char *)job - offsetof(struct repair, job));

	repair->is_working = false;
	if (repair->r == 0 && !is_whole(repair))
		tell_damaged(repair);
	if (repair->r == 0 && !is_exact(repair)) {
		/* A power cut may bring back segments that some files already hold. */
		if (repair->core->keep.wanted < totals_segment(repair->sum))
			repair->core->keep.wanted = totals_segment(repair->sum);
		repair->r = -EAGAIN;
	}
	if (repair->r == 0)
		repair->r = give(repair);
	if (repair->r == 0 && !is_whole(repair))
		repair->unwhole++;
	if (repair->r < 0) {
		if (repair->r != -EAGAIN)
			LOG(LOG_ERROR, "store", "counts cannot be added up; tried again",
			    F_STR("why", repair->error.text[0] != '\0' ? repair->error.text
								       : strerror(-repair->r)));
		each_gap(repair, want_again);
	}
	totals_free(repair->sum);
	repair->sum = NULL;
	if (repair->r == 0)
		repair_next(repair);
}

struct finding {
	struct repair *repair;
	bool is_found;
};

static void find_one(void *ctx, struct place_key key, uint64_t gap)
{
	struct finding *finding = ctx;

	if (gap != GAP_WANTED || finding->is_found)
		return;
	finding->repair->at = key;
	finding->is_found = true;
}

static bool find_wanted(struct repair *repair)
{
	struct finding finding = { repair, false };
	size_t left = positions_len(repair->gaps);

	/* Once around, from where the last search ended. */
	for (int round = 0; left > 0 && round < 2 && !finding.is_found; round++)
		while (positions_walk(repair->gaps, &repair->cursor, 64, find_one, &finding) == 64 &&
		       !finding.is_found)
			;
	return finding.is_found;
}

void repair_next(struct repair *repair)
{
	struct core *core = repair->core;

	if (repair->is_working || core->is_foreign || core->journal == NULL || core->store == NULL ||
	    !store_is_ready(core->store) || !keep_is_exact(&core->keep) ||
	    journal_durable(core->journal) < core->batch_block)
		return;
	if (!find_wanted(repair))
		return;
	repair->is_working = true;
	snprintf(repair->totals_dir, sizeof(repair->totals_dir), "%s", core->totals_dir);
	repair->damaged = 0;
	repair->is_set_aside = false;
	repair->r = 0;
	repair->error.text[0] = '\0';
	repair->job = (struct job){ .work = work, .done = done };
	core->settings.keeper.submit(core->settings.keeper.ctx, &repair->job);
}
