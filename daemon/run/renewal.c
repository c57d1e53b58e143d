/* SPDX-License-Identifier: MPL-2.0 */
/* See renewal.h. */
#include "run/renewal.h"

#include "base/log.h"
#include "run/carry.h"
#include "run/core_inside.h"
#include "run/parting.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- what was folded meanwhile --- */

static uint64_t behind_run(const struct identity *identity, size_t run)
{
	if (run == SIZE_MAX)
		return 0;
	return run + 1 < identity->runs_len ? identity->runs[run + 1].behind : IDENTITY_UNKNOWN;
}

/* Runs up to the last one that has made a batch may have been copied with it. */
static uint64_t behind_batches(const struct core *core)
{
	return behind_run(&core->identity, identity_run_at(&core->identity, core->frozen_before));
}

void renewal_keep_apart(struct core *core, struct young *young)
{
	struct young *last = core->apart;

	if (last != NULL &&
	    identity_behind(&core->identity, last->segment) == identity_behind(&core->identity, young->segment) &&
	    young_add(last, young) == 0) {
		young_free(young);
		return;
	}
	young->next = last;
	core->apart = young;
}

void renewal_folded(struct core *core, uint64_t segment)
{
	struct young *young;

	while ((young = ledger_take_folded(&core->ledger, segment)) != NULL)
		if (core->has_settled || young->segment <= core->resent_segment ||
		    young->segment <= behind_batches(core))
			young_free(young);
		else
			renewal_keep_apart(core, young);
}

void renewal_forget(struct core *core)
{
	while (core->apart != NULL) {
		struct young *young = core->apart;

		core->apart = young->next;
		young_free(young);
	}
}

/* --- what is ours alone --- */

/* Batches were made since the journals parted: Redis had written down that we counted, and has forgotten it, for the other
 * one could count under the name. */
static bool is_forgotten(const struct core *core)
{
	const struct identity *identity = &core->identity;
	size_t common = identity_find_run(identity, core->common_run);

	return common != SIZE_MAX && common + 1 < identity->runs_len &&
	       core->last_freeze >= identity->runs[common + 1].first;
}

/* Where nothing of this run has reached Redis: what lies behind the last run that the other one has too. Where its name
 * is not known, or Redis has forgotten ours: behind the last run that made a batch. */
static uint64_t behind_common(const struct core *core)
{
	const struct identity *identity = &core->identity;
	size_t common = identity_find_run(identity, core->common_run);

	if (common == SIZE_MAX || common + 1 >= identity->runs_len || is_forgotten(core))
		return behind_batches(core);
	return behind_run(identity, common);
}

/* The other one has the beginning of a run that went on here. */
static bool is_parted_within_run(const struct core *core)
{
	const struct identity *identity = &core->identity;
	size_t common = identity_find_run(identity, core->common_run);

	if (common == SIZE_MAX || core->common_block == STORE_NO_BLOCK)
		return false;
	return common + 1 == identity->runs_len || core->common_block < identity->runs[common + 1].block;
}

static int add_behind(struct young *own, const struct young *young, uint64_t behind)
{
	int r = 0;

	for (; young != NULL && r == 0; young = young->next)
		if (young->segment > behind)
			r = young_add(own, young);
	return r;
}

/* Everything must be cut. */
static int add_own(const struct core *core, struct young **ret)
{
	uint64_t behind = behind_common(core);
	uint64_t behind_young = behind > core->resent_segment ? behind : core->resent_segment;
	struct young *own = young_new(core->ledger.names, 0);
	int r = own == NULL ? -ENOMEM : add_behind(own, core->apart, behind);

	if (r == 0)
		r = add_behind(own, core->ledger.oldest, behind_young);
	if (r == 0)
		*ret = own;
	else
		young_free(own);
	return r;
}

/* own NULL: a batch of this run is in Redis, and nobody knows where the journals have parted. */
static int collect_own(struct core *core, struct parting *ret)
{
	*ret = (struct parting){ .is_forgotten = is_forgotten(core) };
	if (is_parted_within_run(core))
		return parting_own(core, core->common_block, ret);
	return core->has_settled ? 0 : add_own(core, &ret->own);
}

static int take(struct tally *ret, const struct tally *from, const struct store *pending_in)
{
	int r = 0;

	for (size_t i = 0; i <= from->mask && r == 0; i++) {
		const struct amount *a = &from->slots[i];

		if (a->cell == TALLY_EMPTY || (a->count == 0 && a->seconds == 0) ||
		    (pending_in != NULL &&
		     !store_is_pending(pending_in, cell_municipality(a->cell), cell_day(a->cell))))
			continue;
		r = tally_add(ret, a->cell, a->count, a->seconds);
	}
	return r;
}

/* What the new name begins with: own, or (NULL) all that is in no batch and the pending part of the one on its way. */
static int collect(const struct core *core, const struct young *own, struct tally *ret)
{
	/* A batch that the store has not been given is pending as a whole. */
	const struct store *filter = store_is_busy(core->store) ? core->store : NULL;
	int r = tally_init(ret, SIZE_MAX);

	if (r == 0 && own != NULL)
		return take(ret, &own->cells, NULL);
	if (r == 0)
		r = take(ret, &core->ledger.next, NULL);
	return r < 0 ? r : take(ret, &core->ledger.frozen, filter);
}

struct keeping {
	struct names *names;
	const struct young *own;
};

static void keep_name(void *ctx, const struct name_record *record)
{
	const struct keeping *keeping = ctx;
	struct name_amount had = record->waiting, own = young_get_name(keeping->own, record->number);

	names_take_back(keeping->names, record->number,
			(struct name_amount){ 0, own.contacts - had.contacts, own.n - had.n, own.self - had.self });
}

/* The same of the names: afterwards it is what waits. */
static void keep_names(struct core *core, const struct young *own)
{
	struct keeping keeping = { core->ledger.names, own };

	names_thaw(keeping.names);
	if (own != NULL)
		names_waiting(keeping.names, keep_name, &keeping);
}

/* What was taken back and has not reached Redis. */
static int carry_less(struct core *core, const struct effect *effect)
{
	struct change change = { .kind = CHANGE_CARRIED, .time_ms = effect->time_ms, .parts_len = 1 };

	change.parts[0] = (struct change_part){ .cell = effect->cell,
					 .time_ms = effect->time_ms,
					 .count = effect->count,
					 .seconds = effect->seconds };
	memcpy(change.parts[0].names, effect->names, sizeof(effect->names));
	return journal_change(core->journal, &change);
}

static int carry_one(void *ctx, const struct effect *effect)
{
	struct core *core = ctx;

	return effect->count > 0 ? journal_effect(core->journal, effect) : carry_less(core, effect);
}

/* --- the name --- */

static void begin_anew(struct core *core, const struct young *own, struct tally *begins)
{
	struct ledger *ledger = &core->ledger;
	struct young *young;

	identity_renew(&core->identity);
	core->position = identity_begin_run(&core->identity, core->position, core->segment - 1, IDENTITY_UNKNOWN);
	core->batch = core->batch_block = core->frozen_before = core->last_freeze = core->resent_segment = 0;
	core->settled = core->last_settled = core->covered = core->position;
	core->is_proven = true;
	core->has_settled = core->is_name_torn = false;
	snprintf(core->totals_dir, sizeof(core->totals_dir), "%s/%s", core->totals_root, core->identity.writer);
	tally_clear(&ledger->frozen);
	tally_clear(&ledger->next);
	keep_names(core, own);
	while ((young = ledger_take_folded(ledger, UINT64_MAX)) != NULL)
		young_free(young);
	renewal_forget(core);
	tally_done(&ledger->waiting);
	ledger->waiting = *begins;
	positions_clear(core->positions);
	positions_clear(core->repair.gaps);
	flush_forget(&core->flush);
	store_rename(core->store, core->identity.writer, core->position);
}

/* What Redis holds stays there under the old name. What it does not hold, and the other one has not, goes to the new
 * writer's books: the segment ends, the next one bears the new name, begins with it and ends with a mark. Without that
 * mark a start finds the old name again (recover_name); when it is durable the new name is written down
 * (renewal_write_name). Where memory ends half way this name is never marked as begun, nor written down: the next try
 * gives it up for another one. */
static int become_new(struct core *core, int64_t now_ms, int64_t *ret_left, struct parting *ret)
{
	const struct ledger *ledger = &core->ledger;
	struct tally begins = { 0 };
	struct young *own;
	int r = core->is_name_torn ? core_give_name_up(core) : core_mark(core, MARK_CUT, 1);

	*ret = (struct parting){ .own = NULL };
	if (r == 0)
		r = collect_own(core, ret);
	own = ret->own;
	if (r == 0)
		r = collect(core, own, &begins);
	if (r < 0) {
		young_free(own);
		tally_done(&begins);
		return r;
	}
	*ret_left = own == NULL ? 0 : ledger->next.events + ledger->frozen.events - begins.events;
	begin_anew(core, own, &begins);
	r = carry(&ledger->waiting, ledger->standings, ledger->names, now_ms, carry_one, core);
	young_free(own);
	if (r == 0)
		r = core_mark(core, MARK_CUT, 1);
	core->is_name_torn = r < 0;
	core->name_block = r < 0 ? UINT64_MAX : journal_last(core->journal);
	journal_commit(core->journal);
	return r;
}

/* Nothing is folded meanwhile, so that reading ends up paused for another reason (quota). */
static void tell_refusal(struct core *core, int r)
{
	if (!core->is_name_refused)
		LOG(LOG_ERROR, "run", "the new writer's name cannot be written down; no segment is folded until it is",
		    F_STR("writer", core->identity.writer), F_STR("folder", core->journal_dir),
		    F_STR("file", "writer"), F_STR("why", strerror(-r)),
		    F_STR("next", "make the folder writable or make room; it is tried all the time"));
	core->is_name_refused = true;
}

void renewal_write_name(struct core *core)
{
	int r;

	if (core->name_block == 0 || journal_durable(core->journal) < core->name_block)
		return;
	r = identity_write(&core->identity, core->settings.disk, core->journal_dir);
	if (r < 0) {
		tell_refusal(core, r);
		return;
	}
	if (core->is_name_refused)
		LOG(LOG_INFO, "run", "the new writer's name is written down",
		    F_STR("writer", core->identity.writer));
	core->is_name_refused = false;
	core->name_block = 0;
}

/* Redis held it under the old name, and whoever counts under that name now has never had it. */
static void tell_forgotten(const char *old, const char *totals_dir)
{
	LOG(LOG_ERROR, "run",
	    "redis had forgotten that we count under this name: what it held of us since the journals parted is gone if the hashes were lost too",
	    F_STR("before", old), F_STR("totals", totals_dir),
	    F_STR("next", "put redis back from a backup of before the loss; the totals of the old name are kept, and nobody brings them back by himself"));
}

/* It could not be told apart from what the other one has. */
static void tell_short(const char *old)
{
	LOG(LOG_ERROR, "run",
	    "the journal was copied while effortd ran; part of what was counted between that and now is not brought to redis",
	    F_STR("before", old),
	    F_STR("next", "copy journals of an effortd that has ended"));
}

void renewal_leave_name(struct core *core, int64_t now_ms)
{
	struct parting parting;
	char old[33], totals_dir[TOTALS_PATH_MAX];
	int64_t left = 0;

	snprintf(old, sizeof(old), "%s", core->identity.writer);
	snprintf(totals_dir, sizeof(totals_dir), "%s", core->totals_dir);
	if (become_new(core, now_ms, &left, &parting) < 0) {
		LOG(LOG_ERROR, "run", "cannot become a new writer yet; tried again");
		return;
	}
	core->is_foreign = false;
	core->is_short |= parting.is_short;
	if (parting.is_forgotten)
		tell_forgotten(old, totals_dir);
	if (parting.is_short)
		tell_short(old);
	LOG(LOG_WARNING, "run", "counting goes on as a new writer", F_STR("writer", core->identity.writer),
	    F_STR("before", old), F_INT("left_to_the_other", left));
	flush_poke(&core->flush);
}
