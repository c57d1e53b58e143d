/* SPDX-License-Identifier: MPL-2.0 */
/* How long Redis keeps the hashes of days and weeks: the watermark before which nothing is kept, and what lies before it is
 * deleted, little by little. The watermark is written on the keeping worker, so that a slow disk never holds up the loop. */
#include "base/clock.h"
#include "base/log.h"
#include "run/core_inside.h"
#include "run/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS		INT64_C(86400000)
#define FORGET_WALK	1024 /* periods looked at in one tick */
#define FORGET_CALLS	64   /* periods deleted in one tick */
#define FORGET_AGAIN_MS 60000

/* On its way to the disk: the identity as it is to be. */
struct watermark {
	struct job job;
	struct core *core;
	const struct disk *disk;
	const char *dir;
	struct identity identity;
	int r;
};

struct forgetting {
	struct core *core;
	struct place_key keys[FORGET_CALLS];
	size_t n;
};

static void find_old(void *ctx, struct place_key key, uint64_t position)
{
	struct forgetting *forgetting = ctx;

	(void)position;
	if (key.place < PLACE_NAMES && forgetting->n < FORGET_CALLS &&
	    !place_is_kept(forgetting->core, (enum window)key.place, key.first))
		forgetting->keys[forgetting->n++] = key;
}

/* A round that found nothing: all is deleted, and Redis has answered. The file of the identity says so with its next
 * writing; who starts before that deletes once more. */
static void end_round(struct core *core)
{
	if (core->forget_found == 0) {
		core->is_forgetting = false;
		core->identity.day_gone = core->identity.day_kept;
		core->identity.week_gone = core->identity.week_kept;
	}
	core->forget_found = 0;
}

static void begin_round(struct core *core)
{
	core->is_forgetting = true;
	core->forget_at = core->forget_found = 0;
}

/* Now and then once more: a batch that was on its way when the watermark moved may have touched what is old. */
void core_forget_old(struct core *core)
{
	struct forgetting forgetting = { .core = core };
	int64_t mono_ms = clock_mono_ms();
	bool is_round;

	if (mono_ms >= core->forget_again_ms) {
		core->forget_again_ms = mono_ms + FORGET_AGAIN_MS;
		begin_round(core);
	}
	if (!core->is_forgetting || core->watermark != NULL || core->is_watermark_owed || !store_is_ready(core->store))
		return;
	is_round = positions_walk(core->positions, &core->forget_at, FORGET_WALK, find_old, &forgetting) < FORGET_WALK;
	core->forget_found += forgetting.n;
	for (size_t i = 0; i < forgetting.n; i++)
		(void)!store_forget(core->store, forgetting.keys[i]);
	if (is_round)
		end_round(core);
}

static int32_t days_of(int64_t keep_ms)
{
	return keep_ms == CORE_NEVER ? STORE_FOR_EVER : (int32_t)(keep_ms / DAY_MS);
}

static int32_t kept_from(const struct core *core, int32_t days, int32_t others, int64_t now_ms)
{
	int32_t longest = days > others ? days : others;

	return longest == STORE_FOR_EVER ? INT32_MIN : zone_day(core->view->zone, now_ms) - longest;
}

static const char *retention_text(int32_t days, char buf[16])
{
	if (days == STORE_FOR_EVER)
		return "never";
	snprintf(buf, 16, "%dd", days);
	return buf;
}

static void tell_too_many(const struct core *core, const struct store_keeping *others)
{
	if (others->are_too_many && !core->keeping.are_too_many)
		LOG(LOG_WARNING, "store", "more effortd write to this redis than can be known: no day or week is let go of",
		    F_STR("next", "give some of them a redis.prefix or a Redis of their own"));
}

static void tell_retention(struct core *core, const struct store_keeping *others, int32_t day, int32_t week)
{
	char text[4][16];
	bool is_same;

	tell_too_many(core, others);
	is_same = strcmp(core->keeping.other, others->other) == 0 && core->keeping.other_day == others->other_day &&
		  core->keeping.other_week == others->other_week;
	core->keeping = *others;
	if (is_same)
		return;
	if (others->other[0] == '\0')
		LOG(LOG_INFO, "store", "all effortd on this redis keep days and weeks for the same time again");
	else
		LOG(LOG_WARNING, "store",
		    "another effortd on this redis keeps days or weeks for another time: all keep them for the longest",
		    F_STR("writer", others->other), F_STR("their_days", retention_text(others->other_day, text[0])),
		    F_STR("their_weeks", retention_text(others->other_week, text[1])),
		    F_STR("our_days", retention_text(day, text[2])), F_STR("our_weeks", retention_text(week, text[3])),
		    F_STR("next", "give both the same retention.day and retention.week; one that is gone for good counts for 35 days"));
}

void core_say_retention(struct core *core, int64_t now_ms)
{
	store_set_retention(core->store, days_of(core->settings.limits.keep_day_ms),
			    days_of(core->settings.limits.keep_week_ms), zone_day(core->view->zone, now_ms));
}

/* --- the watermark --- */

static void keep_from(struct core *core, int32_t day, int32_t week)
{
	core->identity.day_kept = day;
	core->identity.week_kept = week;
	store_set_kept(core->store, day, week);
}

/* On the worker. */
static void write_watermark(struct job *job)
{
	struct watermark *watermark = (struct watermark *)job;

	watermark->r = identity_write(&watermark->identity, watermark->disk, watermark->dir);
}

static void watermark_written(struct job *job)
{
	struct watermark *watermark = (struct watermark *)job;
	struct core *core = watermark->core;

	core->watermark = NULL;
	core->is_watermark_owed = watermark->r < 0;
	if (watermark->r < 0) {
		LOG(LOG_ERROR, "journal", "it cannot be noted what is kept no more: it stays in redis; tried again",
		    F_STR("file", "journal/writer"), F_STR("why", strerror(-watermark->r)), F_STR("next", "look after the disk of state_dir"));
		core->retain_ms = clock_mono_ms() + FORGET_AGAIN_MS;
	} else {
		begin_round(core);
	}
	free(watermark);
}

/* What lies before it is asked for no more, and not written, at once, for good; it goes when the watermark is on disk. */
static void raise_watermark(struct core *core, int32_t day, int32_t week)
{
	struct identity *identity = &core->identity;
	struct watermark *watermark;

	if ((!core->is_watermark_owed && day <= identity->day_kept && week <= identity->week_kept) || core->name_block != 0 || core->is_foreign ||
	    core->watermark != NULL || clock_mono_ms() < core->retain_ms)
		return;
	watermark = calloc(1, sizeof(*watermark));
	if (watermark == NULL)
		return;
	watermark->job = (struct job){ .work = write_watermark, .done = watermark_written };
	watermark->core = core;
	watermark->disk = core->settings.disk;
	watermark->dir = core->journal_dir;
	keep_from(core, day > identity->day_kept ? day : identity->day_kept,
		  week > identity->week_kept ? week : identity->week_kept);
	watermark->identity = *identity;
	core->watermark = watermark;
	core->settings.keeper.submit(core->settings.keeper.ctx, &watermark->job);
}

/* The watermark is durable before anything is deleted: what is deleted is never taken for lost. Hashes are of all writers:
 * they stay until none keeps them, and nothing goes before the others have had time to say what they keep. */
void core_retain(struct core *core, int64_t now_ms)
{
	int32_t keep_day = days_of(core->settings.limits.keep_day_ms), keep_week = days_of(core->settings.limits.keep_week_ms);
	struct store_keeping others;
	int32_t day, week;

	core_say_retention(core, now_ms);
	if (!store_others_keep(core->store, &others))
		return;
	tell_retention(core, &others, keep_day, keep_week);
	if (!others.is_whole)
		return;
	day = kept_from(core, keep_day, others.day, now_ms);
	week = kept_from(core, keep_week, others.week, now_ms);
	if (week != INT32_MIN)
		week = period_of(WINDOW_WEEK, week).first;
	raise_watermark(core, day, week);
}
