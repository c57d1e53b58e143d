/* SPDX-License-Identifier: MPL-2.0 */
/* See keep.h. */
#include "run/keep.h"

#include "base/clock.h"
#include "base/log.h"
#include "journal/bookings.h"
#include "journal/ids.h"
#include "run/core_inside.h"
#include "run/renewal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_FILES_A_DAY 8

void keep_init(struct keep *keep, struct core *core)
{
	*keep = (struct keep){ .core = core };
	keep->last = &keep->first;
}

static void drop_first(struct keep *keep)
{
	struct keep_item *item = keep->first;

	keep->first = item->next;
	if (keep->first == NULL)
		keep->last = &keep->first;
	free(item);
}

void keep_done(struct keep *keep)
{
	while (keep->first != NULL)
		drop_first(keep);
}

static bool has(const struct keep *keep, uint64_t segment)
{
	for (const struct keep_item *item = keep->first; item != NULL; item = item->next)
		if (item->segment >= segment)
			return true;
	return false;
}

int keep_add(struct keep *keep, uint64_t segment, uint64_t end)
{
	struct keep_item *item;

	if (has(keep, segment))
		return 0;
	item = keep->is_broken ? NULL : calloc(1, sizeof(*item));
	if (item == NULL) {
		if (!keep->is_broken)
			LOG(LOG_ERROR, "journal", "no memory to fold segments; the next start folds them",
			    F_INT("segment", segment));
		keep->is_broken = true;
		return -ENOMEM;
	}
	item->segment = segment;
	item->end = end;
	*keep->last = item;
	keep->last = &item->next;
	return 0;
}

/* The totals of the segment's own writer: we may have become another one since. */
static int totals_dir_of(const struct keep *keep, char path[TOTALS_PATH_MAX])
{
	const struct core *core = keep->core;
	char segment[SEGMENT_PATH_MAX];
	struct segment_head head;
	int r;

	segment_path(segment, core->journal_dir, keep->segment);
	r = segment_head_read(core->settings.disk, segment, &head);
	if (r == 0)
		snprintf(path, TOTALS_PATH_MAX, "%s/%s", core->totals_root, head.writer);
	return r;
}

/* A segment whose header is damaged tells nothing; it is kept for people to look at. */
static int set_aside(struct keep *keep)
{
	const struct core *core = keep->core;
	const struct disk *disk = core->settings.disk;
	char path[SEGMENT_PATH_MAX], aside[SEGMENT_PATH_MAX + 16];

	segment_path(path, core->journal_dir, keep->segment);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	keep->result.damages++;
	error_set(&keep->error, 0, "%.400s: its header is damaged; renamed to .damaged", path);
	return disk->rename(disk->ctx, path, aside);
}

struct days {
	int32_t day[64];
	size_t files[64], n;
};

static int count_file(void *ctx, const char *name)
{
	struct days *days = ctx;
	uint64_t segment;
	int32_t day;
	size_t i = 0;

	if (!ids_name(name, &day, &segment))
		return 0;
	while (i < days->n && days->day[i] != day)
		i++;
	if (i == 64)
		return 0;
	if (i == days->n) {
		days->day[days->n] = day;
		days->files[days->n++] = 0;
	}
	days->files[i]++;
	return 0;
}

/* Few files a day, so that looking an id up and starting stay cheap. What fails is tried with the next segment. */
static void join_ids(const struct core *core)
{
	const struct disk *disk = core->settings.disk;
	struct days days = { .n = 0 };

	(void)!disk->list(disk->ctx, core->ids_dir, count_file, &days);
	for (size_t i = 0; i < days.n; i++)
		if (days.files[i] > ID_FILES_A_DAY)
			(void)!ids_join(disk, core->ids_dir, days.day[i], ID_FILES_A_DAY);
}

/* On the worker. */
static void work(struct job *job)
{
	struct keep *keep = (struct keep *)((char *)job - offsetof(struct keep, job));
	const struct core *core = keep->core;
	char totals[TOTALS_PATH_MAX];
	const struct fold_paths paths = { .journal = core->journal_dir,
					  .totals = totals,
					  .ids = core->ids_dir,
					  .bookings = core->bookings_dir,
					  .unsent = keep->is_settled ? FOLD_UNSENT_GONE : FOLD_UNSENT_KEPT,
					  .writer = keep->writer,
					  .settled = keep->settled,
					  .behind = keep->behind,
					  .errands = keep->errands,
					  .meters = keep->meters };

	keep->r = totals_dir_of(keep, totals);
	if (keep->r == 0)
		keep->r = core->settings.disk->make_folder(core->settings.disk->ctx, totals);
	if (keep->r < 0)
		error_set(&keep->error, keep->r, "segment %" PRIu64 ": %s", keep->segment, strerror(-keep->r));
	else
		keep->r = fold_segment(core->settings.disk, &paths, keep->segment, &keep->result, &keep->error);
	if (keep->r == -EBADMSG)
		keep->r = set_aside(keep);
	if (keep->r == 0) {
		join_ids(core);
		(void)!bookings_join(core->settings.disk, core->bookings_dir, keep->forgotten_day);
	}
}

static void folded(struct keep *keep)
{
	struct core *core = keep->core;

	core_watch_segment(core);
	LOG(LOG_DEBUG, "journal", "segment folded into the totals", F_INT("segment", keep->segment),
	    F_INT("effects", keep->result.effects), F_INT("days", keep->result.days),
	    F_INT("ids", keep->result.ids));
	if (keep->result.holes > 0)
		LOG(LOG_ERROR, "journal", "what lay in damaged places of a segment is lost; the rest is in the totals",
		    F_INT("segment", keep->segment), F_INT("places", keep->result.holes));
	if (keep->result.damages > 0)
		LOG(LOG_ERROR, "journal", "damaged files were set aside while folding",
		    F_INT("segment", keep->segment), F_INT("damages", keep->result.damages),
		    F_STR("last", keep->error.text), F_STR("next", "effortctl journal verify"));
	keep->set_aside += keep->result.set_aside;
	core->below += keep->result.below;
	if (keep->result.below > 0)
		LOG(LOG_ERROR, "journal", "more was taken back than had been counted; cells are below zero",
		    F_INT("segment", keep->segment), F_INT("cells", keep->result.below),
		    F_STR("next", "look for damages in the log: what they cost is missing here"));
	renewal_folded(core, keep->segment);
	/* Ids of a segment whose successor took over its undurable blocks may be in either. */
	if (keep->segment >= core->refolded)
		dedup_folded(core->dedup, keep->segment);
	journal_folded(core->journal, keep->segment);
	keep->folded++;
	keep->last_folded = keep->segment;
	drop_first(keep);
}

static void done(struct job *job)
{
	struct keep *keep = (struct keep *)((char *)job - offsetof(struct keep, job));

	keep->is_working = false;
	if (keep->r < 0) {
		/* Its disk failed under it: its end is known when its successor is sealed. */
		if (keep->r == -EAGAIN)
			journal_ask_cut(keep->core->journal);
		else
			LOG(LOG_ERROR, "journal", "a segment cannot be folded; tried again",
			    F_INT("segment", keep->segment), F_STR("why", keep->error.text));
		keep->retry_ms = clock_mono_ms() + KEEP_RETRY_MS;
		return;
	}
	folded(keep);
	keep_tick(keep, clock_mono_ms());
	repair_next(&keep->core->repair);
}

void keep_set_ends(struct keep *keep, uint64_t end)
{
	for (struct keep_item *item = keep->first; item != NULL; item = item->next)
		item->end = end;
}

/* Repairs wait until the books are exact, and what Redis holds is only proven once it is repaired. */
static bool is_pressed(const struct keep *keep)
{
	const struct keep_item *item = keep->first;

	if (!keep_is_exact(keep) || item->segment <= keep->wanted)
		return true;
	for (int n = 0; item != NULL && n < KEEP_SEGMENTS; n++)
		item = item->next;
	return item != NULL || keep->core->journal_state != JOURNAL_FINE ||
	       dedup_wants_fold(keep->core->dedup);
}

void keep_tick(struct keep *keep, int64_t mono_ms)
{
	struct core *core = keep->core;

	if (keep->is_working || keep->first == NULL || mono_ms < keep->retry_ms)
		return;
	/* Until a new name is written down, its first segments tell a start which positions are ours. */
	if (core->name_block != 0)
		return;
	/* Who is about to leave his name reads what he takes along (run/parting.h). */
	if (core->is_foreign && core->journal_state == JOURNAL_FINE)
		return;
	if (keep->first->end > core->settled_durable && !is_pressed(keep))
		return;
	keep->is_working = true;
	keep->retry_ms = 0;
	keep->segment = keep->first->segment;
	keep->forgotten_day = core->forgotten_day;
	keep->settled = core->settled_durable;
	keep->behind = identity_behind(&core->identity, keep->segment);
	keep->is_settled = keep->first->end <= keep->settled;
	memcpy(keep->writer, core->identity.writer, sizeof(keep->writer));
	keep->errands = errand_book_fold(&core->errands);
	keep->meters = errand_book_fold(&core->meters);
	keep->error.text[0] = '\0';
	memset(&keep->result, 0, sizeof(keep->result));
	keep->job = (struct job){ .work = work, .done = done };
	core->settings.keeper.submit(core->settings.keeper.ctx, &keep->job);
}

bool keep_is_idle(const struct keep *keep)
{
	return !keep->is_working && keep->first == NULL;
}

bool keep_is_exact(const struct keep *keep)
{
	return keep->last_folded >= keep->core->refolded;
}
