/* SPDX-License-Identifier: MPL-2.0 */
/* See core.h. Introduces journal, dedup, ledger, flush, store, keeping and repair to each other. What comes with
 * time is in core_tick.c, what Redis tells in core_store.c. */
#include "run/core.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/core_inside.h"
#include "run/recover.h"
#include "run/renewal.h"
#include "run/resend.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- reading back --- */

static int make_folders(struct core *core, struct error *reterr)
{
	const struct disk *disk = core->settings.disk;
	const char *const folders[] = { core->journal_dir, core->ids_dir, core->totals_root, core->bookings_dir };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int r = disk->make_folder(disk->ctx, folders[i]);

		if (r < 0)
			return error_set(reterr, r, "%s: %s", folders[i], strerror(-r));
	}
	return 0;
}

#define LOST_WRITER                                                                                          \
	"all ids are forgotten, and what is sent again is counted again: stop effortd and put journal/writer back from a "   \
	"backup; without one nobody may send again what was sent before"

static int read_identity(struct core *core, struct error *reterr)
{
	const char *damage = NULL;
	int r = identity_read(&core->identity, core->settings.disk, core->journal_dir, &core->found.is_new, &damage);

	if (r < 0)
		return error_set(reterr, r, "%s/writer: %s", core->journal_dir, strerror(-r));
	if (damage != NULL) {
		core->found.damages++;
		LOG(LOG_ERROR, "journal", "the writer's file is damaged", F_STR("what", damage),
		    F_STR("next", core->found.is_new ? LOST_WRITER : "its copy is used"));
	}
	key_maker_init(&core->keys, core->identity.key);
	r = recover_name(core, reterr);
	snprintf(core->totals_dir, sizeof(core->totals_dir), "%s/%s", core->totals_root, core->identity.writer);
	return r;
}

static int open_dedup(struct core *core, struct error *reterr)
{
	const struct core_limits *limits = &core->settings.limits;
	const struct dedup_settings settings = { core->ids_dir, core->settings.disk, limits->dedup_max_ids,
						 limits->late_ms == CORE_NEVER };
	uint64_t damaged = 0;

	core->dedup = dedup_open(&settings, 0, &damaged, reterr);
	if (core->dedup == NULL)
		return -EIO;
	core->found.damages += damaged;
	if (damaged > 0)
		LOG(LOG_ERROR, "journal", "id files are damaged: what they held can be counted again",
		    F_INT("files", damaged), F_STR("last", reterr->text));
	return 0;
}

static int open_errands(struct core *core, struct error *reterr)
{
	char path[4096];
	int r;

	snprintf(path, sizeof(path), "%.4000s/errands", core->settings.state_dir);
	r = errand_book_open(&core->errands, core, path, false, reterr);
	snprintf(path, sizeof(path), "%.4000s/meters", core->settings.state_dir);
	return r < 0 ? r : errand_book_open(&core->meters, core, path, true, reterr);
}

int core_load(struct core *core, const struct core_settings *settings, int64_t now_ms, struct error *reterr)
{
	int64_t began_ms = clock_mono_ms();
	struct dedup_status ids;
	int r;

	memset(core, 0, sizeof(*core));
	core->settings = *settings;
	core->paused = "";
	core->horizon_ms = INT64_MIN;
	snprintf(core->journal_dir, sizeof(core->journal_dir), "%s/journal", settings->state_dir);
	snprintf(core->ids_dir, sizeof(core->ids_dir), "%s/ids", settings->state_dir);
	snprintf(core->totals_root, sizeof(core->totals_root), "%s/totals", settings->state_dir);
	snprintf(core->bookings_dir, sizeof(core->bookings_dir), "%s/bookings", settings->state_dir);
	keep_init(&core->keep, core);
	core->positions = positions_new();
	if (core->positions == NULL || repair_init(&core->repair, core) < 0 ||
	    booked_init(&core->booked, core, core->bookings_dir) < 0 ||
	    ledger_init(&core->ledger, settings->names_per_key, settings->names_max) < 0)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = make_folders(core, reterr);
	if (r == 0)
		r = read_identity(core, reterr);
	if (r == 0)
		r = open_dedup(core, reterr);
	if (r == 0)
		r = open_errands(core, reterr);
	if (r == 0)
		r = resend_read(core, reterr);
	if (r == 0)
		r = recover_positions(core, reterr);
	if (r == 0)
		r = recover_journal(core, now_ms, reterr);
	resend_free(core);
	if (r < 0)
		return r;
	core->horizon_ms = core->found.journal.horizon_ms;
	dedup_status(core->dedup, &ids);
	core->found.ids = ids.memory_ids + ids.disk_ids;
	core->found.took_ms = clock_mono_ms() - began_ms;
	return 0;
}

/* --- the journal --- */

static void on_durable(void *ctx, uint64_t block)
{
	struct core *core = ctx;

	if (block >= core->settled_block) {
		core->settled_durable = core->settled_marked;
		core->horizon_durable = core->horizon_marked;
	}
	flush_durable(&core->flush, block);
	core->owner.on_durable(core->owner.ctx, block);
	repair_next(&core->repair);
}

static const char *next_step(enum journal_state state)
{
	switch (state) {
	case JOURNAL_FULL:
		return "make room on the disk of state_dir; reading goes on by itself";
	case JOURNAL_STALLED:
		return "look after the disk of state_dir; tried again twice a second";
	case JOURNAL_OVER_QUOTA:
		return "raise journal.quota, or look why segments are not folded";
	case JOURNAL_BEHIND:
		return "the disk is slower than what comes in; reading goes on by itself";
	case JOURNAL_FINE:
		break;
	}
	return "";
}

static void on_journal_state(void *ctx, enum journal_state state, const char *why)
{
	struct core *core = ctx;

	core->journal_state = state;
	if (state == JOURNAL_FINE)
		LOG(LOG_INFO, "journal", "the journal takes everything again");
	else
		LOG(LOG_ERROR, "journal", "reading paused for the journal", F_STR("why", why),
		    F_STR("next", next_step(state)));
	core->owner.on_paused(core->owner.ctx);
}

static void on_sealed(void *ctx, uint64_t segment)
{
	struct core *core = ctx;

	if (keep_add(&core->keep, segment, core->position) == 0)
		keep_tick(&core->keep, clock_mono_ms());
}

static void wake_in(void *ctx, int64_t ms)
{
	struct core *core = ctx;
	struct timeval after = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	evtimer_add(core->timer, &after);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct core *core = arg;

	(void)fd;
	(void)what;
	journal_tick(core->journal);
}

/* Where nothing waits, Redis has everything up to this mark with the batch on its way, or has it already. */
static void cover(struct core *core, enum mark_kind kind, uint64_t position)
{
	bool is_waiting = ledger_waits(&core->ledger);

	if (kind == MARK_FREEZE || !is_waiting)
		core->covered = position;
	if (core->is_proven && !is_waiting && !ledger_is_frozen(&core->ledger))
		core->settled = core->last_settled = position;
}

static int mark_at(struct core *core, enum mark_kind kind, uint64_t position)
{
	struct mark mark = { position, kind, core_known_ms(core), core->horizon_ms, 0 };
	int r;

	core_watch_segment(core);
	cover(core, kind, mark.position);
	mark.settled = core->settled;
	r = ledger_cut(&core->ledger, core->segment);
	if (r == 0)
		r = journal_mark(core->journal, &mark);
	if (r < 0)
		return r;
	core->position = mark.position;
	core->segment = journal_segment(core->journal);
	core->settled_marked = mark.settled;
	core->horizon_marked = mark.horizon_ms;
	core->settled_block = journal_last(core->journal);
	return 0;
}

int core_mark(struct core *core, enum mark_kind kind, size_t days)
{
	if (core->is_name_torn)
		return -ENOMEM;
	/* Behind what a copy of this journal, as it is now, takes for its own. */
	return mark_at(core, kind, core->position + IDENTITY_TAIL + 2 * (days > 0 ? days : 1));
}

int core_give_name_up(struct core *core)
{
	return mark_at(core, MARK_CUT, (core->position + 1) | 1);
}

void core_watch_segment(struct core *core)
{
	uint64_t segment = journal_segment(core->journal);

	if (segment == core->segment)
		return;
	core->refolded = core->segment = segment;
	booked_forget(&core->booked);
	journal_ask_cut(core->journal);
}

static int freeze(void *ctx, uint64_t *ret_position, uint64_t *ret_block)
{
	struct core *core = ctx;
	int r = core_mark(core, MARK_FREEZE, ledger_days(&core->ledger));

	if (r < 0)
		return r;
	ledger_freeze(&core->ledger);
	*ret_position = core->batch = core->last_freeze = core->position;
	*ret_block = core->batch_block = journal_last(core->journal);
	journal_commit(core->journal);
	return 0;
}

static int open_journal(struct core *core, struct error *reterr)
{
	struct journal_settings settings = { .dir = core->journal_dir,
					     .disk = core->settings.disk,
					     .commits = core->settings.commits,
					     .quota = core->settings.limits.journal_quota,
					     .segment_bytes = core->settings.segment_bytes,
					     .segment_floor = core->folded_segment + 1,
					     .mono_ms = clock_mono_ms,
					     .now_ms = clock_now_ms,
					     .standings = core->ledger.standings,
					     .names = core->ledger.names,
					     .codes = (const char(*)[5])core->ledger.codes };
	const struct journal_owner owner = { core, on_durable, on_journal_state, on_sealed, wake_in };
	struct mark mark = { .kind = MARK_CUT,
			     .now_ms = core_known_ms(core),
			     .horizon_ms = core->horizon_ms };
	uint64_t last = core->found.journal.position;
	/* In an empty folder blocks are numbered anew. */
	uint64_t block = core->found.journal.segments > 0 ? core->found.journal.end.next_block - 1 : IDENTITY_UNKNOWN;
	int r;

	if (last < core->batch)
		last = core->batch;
	for (size_t i = 0; i < core->identity.runs_len; i++)
		if (last < core->identity.runs[i].last)
			last = core->identity.runs[i].last;
	/* The last run's range ends where its marks do, before the new one is known to anybody. */
	if (core->identity.runs_len > 0)
		core->identity.runs[core->identity.runs_len - 1].last = last;
	mark.position = core->position = identity_begin_run(&core->identity, last, core->segment_before, block);
	core->covered = core->batch;
	cover(core, MARK_CUT, mark.position);
	mark.settled = core->settled_marked = core->settled_durable = core->settled;
	r = identity_write(&core->identity, core->settings.disk, core->journal_dir);
	if (r < 0)
		return error_set(reterr, r, "%s/writer: %s", core->journal_dir, strerror(-r));
	if (ledger_cut(&core->ledger, core->found.journal.segments > 0 ? core->last_segment : 1) < 0)
		return error_set(reterr, -ENOMEM, "out of memory");
	core->journal = journal_open(&settings, &owner, &core->identity, &core->found.journal, &mark, reterr);
	if (core->journal == NULL)
		return -EIO;
	core->horizon_marked = core->horizon_durable = core->horizon_ms;
	core->segment = journal_segment(core->journal);
	keep_set_ends(&core->keep, mark.position);
	return 0;
}

/* --- life --- */

int core_open(struct core *core, const struct core_owner *owner, const struct store_settings *store,
	      const struct store_view *view, int64_t now_ms, struct error *reterr)
{
	const struct flush_marker marker = { core, freeze };
	int r;

	error_set(reterr, 0, "out of memory");
	core->owner = *owner;
	core->view = view;
	core->timer = evtimer_new(core->settings.base, on_timer, core);
	if (core->timer == NULL)
		return -ENOMEM;
	core->clock_mono_ms = clock_mono_ms();
	core_advance_horizon(core, core_trusted_ms(core, now_ms));
	r = open_journal(core, reterr);
	if (r == 0)
		r = core_open_store(core, store, view, reterr);
	if (r == 0)
		r = flush_init(&core->flush, core->settings.base, &core->ledger, core->store, &marker);
	if (r < 0)
		return r;
	if (ledger_is_frozen(&core->ledger))
		flush_resume(&core->flush, core->batch);
	flush_durable(&core->flush, journal_durable(core->journal));
	core_set_limits(core, &core->settings.limits);
	core_retain(core, core_trusted_ms(core, now_ms));
	keep_tick(&core->keep, clock_mono_ms());
	return 0;
}

void core_close(struct core *core)
{
	flush_done(&core->flush);
	store_close(core->store);
	journal_close(core->journal);
	if (core->timer != NULL)
		event_free(core->timer);
	dedup_close(core->dedup);
	booked_done(&core->booked);
	errand_book_close(&core->errands);
	errand_book_close(&core->meters);
	repair_done(&core->repair);
	keep_done(&core->keep);
	positions_free(core->positions);
	renewal_forget(core);
	free(core->watermark);
	if (core->ledger.standings != NULL)
		ledger_done(&core->ledger);
}

void core_set_view(struct core *core, const struct store_view *view)
{
	core->view = view;
	store_set_view(core->store, view);
}

/* What was sent before the horizon and is sent again then cannot be told from what is new. */
static void warn_of_never(const struct core *core, const struct core_limits *limits)
{
	if (limits->late_ms != CORE_NEVER || core->horizon_ms == INT64_MIN)
		return;
	LOG(LOG_WARNING, "run", "late_limit is never, but what came before has been forgotten: sent again it counts again",
	    F_STR("before", DAY_STR(key_day(core->horizon_ms))));
}

static void file_ids(struct core *core, const struct core_limits *limits)
{
	int r = dedup_set_max(core->dedup, limits->dedup_max_ids, limits->late_ms == CORE_NEVER);

	if (r < 0)
		LOG(LOG_ERROR, "journal", "it cannot be noted how ids are filed: after a restart some may be taken for new",
		    F_STR("why", strerror(-r)), F_STR("next", "look after the disk, then effortctl reload"));
}

void core_set_limits(struct core *core, const struct core_limits *limits)
{
	warn_of_never(core, limits);
	core->settings.limits = *limits;
	core->flush.flush_interval_ms = limits->flush_interval_ms;
	core->flush.share_interval_ms = limits->share_interval_ms;
	journal_set_quota(core->journal, limits->journal_quota);
	file_ids(core, limits);
	store_set_probe_interval(core->store, limits->probe_interval_ms);
}

/* --- events --- */

struct event_key core_key(const struct core *core, const struct effort_event *ev, int64_t now_ms)
{
	return key_make(&core->keys, ev, core->settings.limits.late_ms == CORE_NEVER ? now_ms : INT64_MIN);
}

static enum core_answer count(struct core *core, const struct event_key *key, const struct spot *spot,
			      const struct effort_event *ev, int64_t now_ms)
{
	struct effect effect = { .id = key->id, .content = key->content, .id_day = key->day };

	if (ledger_count(&core->ledger, spot, ev, now_ms, &effect) < 0) {
		dedup_withdraw(core->dedup, key->id);
		return CORE_CANNOT;
	}
	if (journal_effect(core->journal, &effect) < 0) {
		ledger_uncount(&core->ledger, &effect);
		dedup_withdraw(core->dedup, key->id);
		return CORE_CANNOT;
	}
	booked_effect(&core->booked, &effect);
	return CORE_ACCEPTED;
}

enum core_answer core_event(struct core *core, const struct event_key *key, const struct spot *spot,
			    const struct effort_event *ev, bool is_wanted, int64_t now_ms)
{
	int answer = dedup_offer(core->dedup, key->id, key->content, key->day, core->segment, is_wanted);

	if (answer == DEDUP_DUPLICATE)
		return CORE_DUPLICATE;
	if (answer == DEDUP_CONFLICT)
		return CORE_CONFLICT;
	if (answer < 0)
		return CORE_CANNOT;
	return is_wanted ? count(core, key, spot, ev, now_ms) : CORE_NEW_AND_REFUSED;
}

void core_turn(struct core *core)
{
	flush_counted(&core->flush);
	core_cut_if_wanted(core);
	journal_commit(core->journal);
}

bool core_is_durable(const struct core *core)
{
	return journal_durable(core->journal) >= journal_last(core->journal);
}

bool core_is_settled(const struct core *core)
{
	return !ledger_waits(&core->ledger) && !ledger_is_frozen(&core->ledger) && core_is_durable(core);
}

void core_note_settled(struct core *core)
{
	if (core->settled_marked != core->settled && core_mark(core, MARK_CUT, 1) == 0)
		journal_commit(core->journal);
}

void core_hurry(struct core *core)
{
	core->flush.next_ms = 0;
	flush_poke(&core->flush);
}
