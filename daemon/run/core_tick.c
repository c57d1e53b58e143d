/* SPDX-License-Identifier: MPL-2.0 */
/* What comes to the core with time: the horizon, old ids, long segments. */
#include "base/clock.h"
#include "base/log.h"
#include "run/core_inside.h"
#include "run/place.h"
#include "run/renewal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS	       INT64_C(86400000)
#define CLOCK_PROOF_MS 3600000
#define IDS_AGAIN_MS   60000

/* --- ids --- */

void core_advance_horizon(struct core *core, int64_t now_ms)
{
	const struct core_limits *limits = &core->settings.limits;
	int64_t horizon_ms = limits->late_ms == CORE_NEVER ? INT64_MIN : now_ms - limits->late_ms;

	if (horizon_ms > core->horizon_ms)
		core->horizon_ms = horizon_ms;
}

/* First day whose ids must still be known: no id is forgotten while its event would be accepted. */
static int32_t first_id_day(const struct core_limits *limits, int64_t now_ms)
{
	int64_t window_ms = limits->dedup_ms;

	if (limits->late_ms != CORE_NEVER && window_ms < limits->late_ms)
		window_ms = limits->late_ms;
	return key_day(now_ms - window_ms);
}

/* Whatever cannot be removed is known no more; its files are tried again. */
static void remove_ids(struct core *core, int32_t day)
{
	int of_ids = dedup_forget(core->dedup, day), of_bookings = bookings_forget(core->settings.disk, core->bookings_dir, day);

	if (of_ids == 0 && of_bookings == 0) {
		core->forgotten_day = day;
		return;
	}
	core->ids_again_ms = clock_mono_ms() + IDS_AGAIN_MS;
	LOG(LOG_ERROR, "journal", "old ids or bookings cannot be removed; tried again in a minute",
	    F_STR("folder", of_ids < 0 ? "ids" : "bookings"), F_STR("why", strerror(of_ids < 0 ? -of_ids : -of_bookings)),
	    F_STR("next", "look after what is there in state_dir, its rights and its disk"));
}

static void forget_ids(struct core *core, int64_t now_ms)
{
	int32_t day = first_id_day(&core->settings.limits, now_ms);

	if (day <= core->forgotten_day || clock_mono_ms() < core->ids_again_ms)
		return;
	/* Who starts here later, with whatever limits and clock, refuses what is forgotten: that must be on disk first. */
	if (core->settings.limits.late_ms != CORE_NEVER && key_day(core->horizon_durable) < day) {
		if (key_day(core->horizon_marked) < day && core_mark(core, MARK_CUT, 1) == 0)
			journal_commit(core->journal);
		return;
	}
	remove_ids(core, day);
}

/* --- segments --- */

static bool is_batch_near(const struct core *core)
{
	return store_is_ready(core->store) && !ledger_is_frozen(&core->ledger) && ledger_waits(&core->ledger);
}

/* Something of the present segment is not in the totals: folding it makes room. */
static bool has_content(const struct core *core)
{
	const struct young *youngest = core->ledger.youngest;

	return core->ledger.waiting.used > 0 || (youngest != NULL && youngest->segment == core->segment);
}

void core_cut_if_wanted(struct core *core)
{
	if (!journal_wants_cut(core->journal))
		return;
	/* A freeze ends the segment as well, and such an end lets the next start send the batch as it was. */
	if (is_batch_near(core)) {
		core_hurry(core);
		if (!journal_wants_cut(core->journal))
			return;
	}
	if (core_mark(core, MARK_CUT, 1) == 0)
		journal_commit(core->journal);
}

/* --- rebuilding on request --- */

struct rebuilding {
	struct core *core;
	size_t n;
	bool is_counted_only;
};

static bool is_asked(const struct core *core, struct place_key key)
{
	enum window window = key.place < PLACE_NAMES ? (enum window)key.place : WINDOW_MONTH;
	char label[PERIOD_LABEL];

	if (core->rebuild.municipality >= 0 && core->rebuild.municipality != key.municipality)
		return false;
	period_label(period_of(window, key.first), label);
	return core->rebuild.period[0] == '\0' || strcmp(core->rebuild.period, label) == 0;
}

static void rebuild_one(void *ctx, struct place_key key, uint64_t position)
{
	struct rebuilding *rebuilding = ctx;

	(void)position;
	if (!is_asked(rebuilding->core, key))
		return;
	rebuilding->n++;
	if (!rebuilding->is_counted_only)
		repair_gap(&rebuilding->core->repair, key);
}

static size_t each_asked(struct core *core, bool is_counted_only)
{
	struct rebuilding rebuilding = { core, 0, is_counted_only };
	size_t cursor = 0;

	positions_walk(core->positions, &cursor, SIZE_MAX, rebuild_one, &rebuilding);
	return rebuilding.n;
}

size_t core_rebuild(struct core *core, int municipality, const char *period, bool is_bold)
{
	store_ask_writers(core->store);
	core->rebuild.is_bold = is_bold;
	core->rebuild.is_wanted = true;
	core->rebuild.municipality = municipality;
	snprintf(core->rebuild.period, sizeof(core->rebuild.period), "%s", period == NULL ? "" : period);
	return each_asked(core, true);
}

/* A new mark, so that no hash is already where the repair would bring it. */
static void rebuild(struct core *core)
{
	if (!core->rebuild.is_wanted || !store_is_ready(core->store) || !store_knows_writers(core->store) || ledger_is_frozen(&core->ledger) ||
	    !flush_freeze(&core->flush))
		return;
	core->rebuild.is_wanted = false;
	store_set_bold(core->store, core->rebuild.is_bold);
	each_asked(core, false);
}

/* --- the tick --- */

/* After a start that could not be sure which batches Redis holds whole: everything has been looked at and nothing
 * is missing. */
static void prove(struct core *core)
{
	struct store_status redis;

	if (core->is_proven || !store_is_ready(core->store))
		return;
	store_status(core->store, &redis);
	if (redis.is_auditing || redis.losses > 0 || repair_len(&core->repair) > 0)
		return;
	core->is_proven = true;
	core->settled = core->last_settled;
}

/* As far as the clock may be by what was known of it. */
static int64_t clock_bound_ms(const struct core *core, int64_t mono_ms)
{
	return core->clock_ms + (mono_ms - core->clock_mono_ms) + DAY_MS;
}

/* A clock that leaps ahead (before it has been set right) must not make us forget for good what is still needed: what
 * deletes follows at most a day ahead of the time that has gone by, until the clock has stayed there for an hour. */
int64_t core_trusted_ms(struct core *core, int64_t now_ms)
{
	int64_t mono_ms = clock_mono_ms(), bound_ms = clock_bound_ms(core, mono_ms);

	if (core->clock_ms == 0 || now_ms <= bound_ms || mono_ms - core->clock_mono_ms >= CLOCK_PROOF_MS) {
		core->clock_ms = now_ms;
		core->clock_mono_ms = mono_ms;
		core->is_clock_told = false;
		return now_ms;
	}
	if (!core->is_clock_told)
		LOG(LOG_WARNING, "run", "the clock is far ahead of what was known; nothing is forgotten by it for an hour",
		    F_INT("seconds", (now_ms - bound_ms + DAY_MS) / 1000),
		    F_STR("next", "set the clock if it is wrong; after days without effortd nothing needs to be done"));
	core->is_clock_told = true;
	return bound_ms;
}

int64_t core_known_ms(const struct core *core)
{
	int64_t now_ms = clock_now_ms(), bound_ms = clock_bound_ms(core, clock_mono_ms());

	return core->clock_ms == 0 || now_ms <= bound_ms ? now_ms : bound_ms;
}

/* The books wait for a mark that says what is settled; without new events nothing else would make one. */
static void note_when_idle(struct core *core)
{
	const struct keep_item *item = core->keep.first;

	if (item != NULL && item->end > core->settled_durable && item->end <= core->settled &&
	    core->settled_marked != core->settled && !ledger_waits(&core->ledger))
		core_note_settled(core);
}

void core_tick(struct core *core, int64_t now_ms, const char *state)
{
	int64_t deleting_ms = core_trusted_ms(core, now_ms);

	core_advance_horizon(core, deleting_ms);
	forget_ids(core, deleting_ms);
	note_when_idle(core);
	dedup_tick(core->dedup);
	booked_tick(&core->booked, clock_mono_ms());
	errand_book_tick(&core->errands, deleting_ms);
	errand_book_tick(&core->meters, deleting_ms);
	if (dedup_wants_fold(core->dedup) && keep_is_idle(&core->keep))
		journal_ask_cut(core->journal);
	core_watch_segment(core);
	if (core->journal_state != JOURNAL_FINE && has_content(core))
		journal_ask_cut(core->journal);
	core_cut_if_wanted(core);
	journal_tick(core->journal);
	keep_tick(&core->keep, clock_mono_ms());
	/* With nothing on its way to the disk: the next segment begins with what the new writer begins with. */
	if (core->is_foreign && core_is_durable(core) && core->journal_state == JOURNAL_FINE && core->watermark == NULL)
		renewal_leave_name(core, now_ms);
	renewal_write_name(core);
	rebuild(core);
	repair_next(&core->repair);
	prove(core);
	core_retain(core, deleting_ms);
	core_forget_old(core);
	store_tick(core->store, now_ms, flush_lag_ms(&core->flush, now_ms), state);
}

const char *core_paused(struct core *core)
{
	size_t limit = core->settings.limits.cells, cells = ledger_cells(&core->ledger);
	bool was_cells = strcmp(core->paused, "cells") == 0;

	/* For a moment: the new name begins with nothing on its way to the disk. */
	if (core->is_foreign)
		return core->paused = "name";
	switch (core->journal_state) {
	case JOURNAL_BEHIND:
		return core->paused = "journal";
	case JOURNAL_STALLED:
	case JOURNAL_FULL:
		return core->paused = "disk";
	case JOURNAL_OVER_QUOTA:
		return core->paused = "quota";
	case JOURNAL_FINE:
		break;
	}
	if (dedup_is_over(core->dedup))
		return core->paused = "memory";
	/* One read adds some thousand cells at most; reading goes on at three quarters. */
	if (was_cells ? cells > limit / 4 * 3 : cells >= limit)
		return core->paused = "cells";
	return core->paused = "";
}
