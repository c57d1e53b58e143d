/* SPDX-License-Identifier: MPL-2.0 */
/* See renewal.h. */
#include "run/renewal.h"

#include "base/log.h"
#include "run/carry.h"
#include "run/core_inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- what was read back --- */

struct remembering {
	struct young *young;
	bool is_waiting_too;
	int r;
};

static void remember_name(void *ctx, const struct name_record *record)
{
	struct remembering *remembering = ctx;
	const struct name_amount *amount = remembering->is_waiting_too ? &record->waiting : &record->cut;

	if (remembering->r == 0)
		remembering->r = young_reserve(remembering->young, 0, 1);
	if (remembering->r == 0 && amount->events != 0)
		young_name(remembering->young, record, amount);
}

static int remember_cells(struct young *young, const struct tally *tally)
{
	int r = young_reserve(young, tally->used, 0);

	for (size_t i = 0; i <= tally->mask && r == 0; i++)
		if (tally->slots[i].cell != TALLY_EMPTY)
			young_cell(young, &tally->slots[i]);
	return r;
}

int renewal_remember(struct core *core, bool is_waiting_too)
{
	struct ledger *ledger = &core->ledger;
	struct young *young = young_new(ledger->names, 0);
	struct remembering remembering = { young, is_waiting_too, 0 };
	int r = young == NULL ? -ENOMEM : remember_cells(young, &ledger->next);

	if (r == 0 && is_waiting_too)
		r = remember_cells(young, &ledger->waiting);
	if (r == 0)
		names_waiting(ledger->names, remember_name, &remembering);
	if (r < 0 || remembering.r < 0) {
		young_free(young);
		return -ENOMEM;
	}
	renewal_forget(core);
	core->replayed = young;
	core->had_frozen = ledger_is_frozen(ledger);
	return 0;
}

void renewal_forget(struct core *core)
{
	young_free(core->replayed);
	core->replayed = NULL;
}

/* --- what Redis does not hold --- */

static int take(struct tally *ret, const struct tally *from, int sign, const struct store *pending_in)
{
	int r = 0;

	for (size_t i = 0; i <= from->mask && r == 0; i++) {
		const struct amount *a = &from->slots[i];

		if (a->cell == TALLY_EMPTY ||
		    (pending_in != NULL &&
		     !store_is_pending(pending_in, cell_municipality(a->cell), cell_day(a->cell))))
			continue;
		r = tally_add(ret, a->cell, sign * a->count, sign * a->seconds);
	}
	return r;
}

/* A batch read back is nothing but copied; one of this run begins with what was copied. */
static bool is_batch_new(const struct core *core)
{
	return !core->had_frozen && ledger_is_frozen(&core->ledger);
}

/* What Redis does not hold of us: the pending part of the batch, and what waits. Without what was only read back from
 * the journal, as long as nothing of this run has reached Redis: then the journal is a copy, and the one who
 * counts under our name has it as well. */
static int collect_unsent(struct core *core, struct tally *ret)
{
	const struct ledger *ledger = &core->ledger;
	bool is_copy = core->replayed != NULL, is_frozen_new = is_batch_new(core);
	/* One that the store has not been given is pending as a whole. */
	const struct store *filter = store_is_busy(core->store) ? core->store : NULL;
	struct tally all = { 0 };
	int r = tally_init(&all, SIZE_MAX);

	if (r == 0)
		r = take(&all, &ledger->next, 1, NULL);
	if (r == 0)
		r = take(&all, &ledger->waiting, 1, NULL);
	if (r == 0 && (!is_copy || is_frozen_new))
		r = take(&all, &ledger->frozen, 1, filter);
	if (r == 0 && is_copy)
		r = take(&all, &core->replayed->cells, -1, is_frozen_new ? filter : NULL);
	if (r == 0)
		r = tally_init(ret, SIZE_MAX);
	for (size_t i = 0; i <= all.mask && r == 0; i++)
		if (all.slots[i].cell != TALLY_EMPTY && (all.slots[i].count != 0 || all.slots[i].seconds != 0))
			r = tally_add(ret, all.slots[i].cell, all.slots[i].count, all.slots[i].seconds);
	tally_done(&all);
	return r;
}

/* The same of the names: afterwards it is what waits. */
static void keep_unsent_names(struct core *core)
{
	const struct young *replayed = core->replayed;
	struct names *names = core->ledger.names;

	if (replayed != NULL && !is_batch_new(core))
		names_settle(names);
	names_thaw(names);
	for (size_t i = 0; replayed != NULL && i <= replayed->mask; i++) {
		const struct name_amount *amount = &replayed->slots[i].amount;

		if (replayed->slots[i].number != UINT32_MAX)
			names_take_back(names, replayed->slots[i].number,
					(struct name_amount){ 0, -amount->contacts, -amount->n, -amount->self });
	}
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

/* Everything counted so far that Redis holds stays there under the old name. What it does not hold goes to the new
 * writer's books: the segment ends, the next one bears the new name and begins with it. Only when that is durable is
 * the new name written down (renewal_write_name); before, a start finds it in the segment. */
static int become_new(struct core *core, int64_t now_ms)
{
	struct ledger *ledger = &core->ledger;
	struct tally unsent = { 0 };
	int r = collect_unsent(core, &unsent);

	if (r == 0)
		r = core_mark(core, MARK_CUT, 1);
	if (r < 0) {
		tally_done(&unsent);
		return r;
	}
	identity_renew(&core->identity);
	core->position = identity_begin_run(&core->identity, core->position);
	core->batch = core->batch_block = 0;
	core->settled = core->last_settled = core->covered = core->position;
	core->is_proven = true;
	snprintf(core->totals_dir, sizeof(core->totals_dir), "%s/%s", core->totals_root, core->identity.writer);
	tally_clear(&ledger->frozen);
	tally_clear(&ledger->next);
	ledger_folded(ledger, UINT64_MAX);
	keep_unsent_names(core);
	r = carry(&unsent, ledger->standings, ledger->names, now_ms, carry_one, core);
	tally_done(&ledger->waiting);
	ledger->waiting = unsent;
	renewal_forget(core);
	positions_clear(core->positions);
	positions_clear(core->repair.gaps);
	flush_forget(&core->flush);
	store_rename(core->store, core->identity.writer, core->position);
	core->name_block = journal_last(core->journal);
	journal_commit(core->journal);
	return r;
}

void renewal_write_name(struct core *core)
{
	if (core->name_block != 0 && journal_durable(core->journal) >= core->name_block &&
	    identity_write(&core->identity, core->settings.disk, core->journal_dir) == 0)
		core->name_block = 0;
}

void renewal_leave_name(struct core *core, int64_t now_ms)
{
	/* What was read back from the copied journal and not sent: the other one has it too. */
	int64_t left = core->replayed == NULL ? 0
					       : core->replayed->cells.events +
							 (core->had_frozen ? core->ledger.frozen.events : 0);
	char old[33];

	snprintf(old, sizeof(old), "%s", core->identity.writer);
	if (become_new(core, now_ms) < 0) {
		LOG(LOG_ERROR, "run", "cannot become a new writer yet; tried again");
		return;
	}
	core->is_foreign = false;
	LOG(LOG_WARNING, "run", "counting goes on as a new writer", F_STR("writer", core->identity.writer),
	    F_STR("before", old), F_INT("left_to_the_other", left));
	flush_poke(&core->flush);
}
