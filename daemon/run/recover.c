/* SPDX-License-Identifier: MPL-2.0 */
/* See recover.h. What segments tell of events is read by reread.c; here is what their marks and the files say about Redis. */
#include "run/recover.h"

#include "base/log.h"
#include "journal/unsent.h"
#include "run/core_inside.h"
#include "run/place.h"
#include "run/reread.h"
#include "run/resend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What marks in damaged places may have used, beside two for each cell that waited (core_mark); a copy of the journal goes on
 * up to 2^32 behind what it can read. */
#define LOST_POSITIONS (1 << 20)

struct recover {
	struct core *core;
	struct reread reread;
	bool is_begun;	/* a segment of ours has been seen */
	bool is_resent; /* what was folded before Redis had it is in the ledger */
	bool is_dropped; /* and is not sent as it was, for something is damaged behind it */
	size_t resent_cells;
	bool has_hole;	/* a batch may have ended in what is damaged since the last mark */
	bool has_sent_hole; /* and have been sent: it was on disk for certain */
	bool is_behind;	/* something has been read behind that */
	bool is_part, is_frozen_part; /* the batch at hand, the frozen one, may have had more than what was read of it */
	uint64_t lost_bytes; /* where marks may have been */
	uint64_t from, frozen_from; /* the mark before the batch at hand, before the frozen one */
	uint64_t freeze;	    /* the last batch that was marked */
	uint64_t settled;	    /* as the last mark says */
	int r;			    /* what went wrong where nobody could be told */
};

/* --- positions --- */

static int on_position(void *ctx, const char *code, int dimension, int32_t period, uint64_t position)
{
	struct core *core = ctx;
	int m = ledger_municipality(&core->ledger, code);

	if (m < 0)
		return m;
	/* Folded before Redis had it: the totals tell where it will be. */
	if (resend_place(core, code, dimension, period, &position) && position == 0)
		return 0;
	/* Positions of batches are even. */
	if (core->batch < position)
		core->batch = position + (position & 1);
	if (dimension < 0)
		return place_raise_day(core, (uint16_t)m, period, position);
	return place_raise_names(core, (uint16_t)m, (enum dimension)dimension, period, position);
}

int recover_positions(struct core *core, struct error *reterr)
{
	const struct totals_visit visit = { .ctx = core, .on_position = on_position };
	struct totals *totals;
	int r = fold_positions(core->settings.disk, core->totals_dir, &totals, reterr);

	if (r < 0)
		return r;
	core->folded_segment = totals_segment(totals);
	r = totals_visit(totals, &visit);
	totals_free(totals);
	if (r < 0)
		return error_set(reterr, r, "too many municipalities in the totals files, or no memory");
	r = fold_count_set_aside(core->settings.disk, core->totals_dir, &core->keep.set_aside);
	return r < 0 ? error_set(reterr, r, "%s: %s", core->totals_dir, strerror(-r)) : 0;
}

/* --- what a segment tells --- */

static int on_municipality(void *ctx, uint16_t number, const char *code)
{
	struct recover *rec = ctx;

	return reread_municipality(&rec->reread, number, code);
}

static int on_standing(void *ctx, uint16_t number, const struct standing_text *text)
{
	struct recover *rec = ctx;

	return reread_standing(&rec->reread, number, text);
}

static int on_name(void *ctx, uint32_t number, const struct name_text *name)
{
	struct recover *rec = ctx;

	return reread_name(&rec->reread, number, name);
}

static int on_effect(void *ctx, const struct effect *effect)
{
	struct recover *rec = ctx;

	rec->is_behind = true;
	return reread_effect(&rec->reread, effect);
}

static int on_change(void *ctx, const struct change *change)
{
	struct recover *rec = ctx;

	rec->is_behind = true;
	return reread_change(&rec->reread, change);
}

/* --- marks --- */

struct raising {
	struct recover *rec;
	uint64_t position;
};

static void raise_name(void *ctx, const struct name_record *record)
{
	const struct raising *raising = ctx;

	if (record->municipality != CELL_COUNTRY && record->dimension != BY_REASON)
		(void)!place_raise_names(raising->rec->core, record->municipality,
					 (enum dimension)record->dimension, record->period, raising->position);
}

/* The frozen batch was settled: Redis holds what it changed at its position or later, or has lost it since. */
static int settle(struct recover *rec, uint64_t position)
{
	struct ledger *ledger = &rec->core->ledger;
	struct raising raising = { rec, position };
	int r = 0;

	for (size_t i = 0; i <= ledger->frozen.mask && r == 0; i++)
		if (ledger->frozen.slots[i].cell != TALLY_EMPTY)
			r = place_raise_day(rec->core, cell_municipality(ledger->frozen.slots[i].cell),
					    cell_day(ledger->frozen.slots[i].cell), position);
	names_frozen(ledger->names, raise_name, &raising);
	ledger_settle(ledger);
	return r;
}

static void raise_freeze(struct recover *rec, uint64_t freeze)
{
	if (rec->core->frozen_before < freeze)
		rec->core->frozen_before = freeze;
}

/* Behind the last segment that is in it. */
static int take_unsent(struct recover *rec)
{
	struct core *core = rec->core;
	int r;

	if (core->unsent == NULL || rec->is_resent)
		return 0;
	rec->is_resent = true;
	rec->from = core->unsent->from;
	rec->frozen_from = core->unsent->frozen_from;
	if (rec->from != rec->frozen_from)
		raise_freeze(rec, rec->from);
	/* No batch before it is missing; one marked behind it has a later position. */
	if (rec->freeze < rec->from)
		rec->freeze = rec->from;
	r = resend_load(core, rec->reread.segment, rec->reread.now_ms);
	rec->resent_cells = ledger_cells(&core->ledger);
	return r;
}

static void tell_unsent(const struct recover *rec)
{
	if (rec->is_resent)
		LOG(LOG_INFO, "journal",
		    rec->is_dropped ? "what was folded before redis had it is looked for there: the journal is damaged behind it"
				    : "what was folded before redis had it is sent",
		    F_INT("cells", rec->resent_cells), F_INT("segment", rec->core->unsent->segment));
}

static int count_read(struct recover *rec)
{
	int r = reread_settle(&rec->reread);

	return r < 0 ? r : ledger_cut(&rec->core->ledger, rec->reread.segment);
}

/* What was counted since the last mark, and the batch before, is not sent again: Redis is taken to have it at this position,
 * or to have lost it. */
static int drop(struct recover *rec, uint64_t position)
{
	int r = settle(rec, rec->from);

	if (r < 0)
		return r;
	rec->is_dropped |= rec->is_resent;
	ledger_freeze(&rec->core->ledger);
	return settle(rec, position);
}

/* A batch may have ended in what is damaged or gone. What was read before it is of the first one behind the last mark: Redis
 * may have that, and more of the same places in later ones, which nobody knows any more. */
static int pass_hole(struct recover *rec)
{
	int r = count_read(rec);

	if (r == 0)
		r = take_unsent(rec);
	return r < 0 ? r : drop(rec, rec->from + 1);
}

/* Whole blocks lie behind it, so what it held was durable. What lies between two such places may be of any batch: it goes with
 * what is read behind the second. */
static int see_hole(struct recover *rec, uint64_t bytes)
{
	int r = rec->has_sent_hole ? 0 : pass_hole(rec);

	rec->has_hole = rec->has_sent_hole = true;
	rec->is_behind = false;
	rec->lost_bytes += bytes;
	return r;
}

/* Where a batch ended lies in what is damaged or gone. Redis may have all that came before: it is looked at, and what it
 * lacks is brought from the totals, never sent once more. */
static int lose_freeze(struct recover *rec, uint64_t freeze)
{
	int r = drop(rec, freeze);

	rec->has_hole = rec->has_sent_hole = rec->is_frozen_part = false;
	rec->freeze = rec->from = rec->frozen_from = rec->settled = rec->core->batch = freeze;
	raise_freeze(rec, freeze);
	return r;
}

/* Where a header leads that is a mark for what was lost before it. What was read behind the damage is in no batch up to there
 * when the header was written without a mark (the disk had failed): it comes next, as what was read before the damage does
 * where no batch ended in it. No mark is so near (core_mark). */
static uint64_t position_behind(const struct recover *rec, const struct segment_head *head)
{
	uint64_t position = head->freeze > head->position ? head->freeze : head->position;

	if (position < rec->from)
		position = rec->from;
	position += position & 1;
	return (rec->has_sent_hole && rec->is_behind) || position == rec->from ? position + 2 : position;
}

/* A header of ours tells where the last batch before it ended; whatever was damaged or gone before it, nothing more of it is
 * behind. What was read before is not sent as it was where the end of its batch, or a part of it, is lost. */
static int lose_before(struct recover *rec, const struct segment_head *head)
{
	bool is_lost = (rec->is_begun || rec->is_resent) && head->freeze > rec->freeze;
	int r = 0;

	if (resend_has(rec->core, head->number))
		return 0;
	if (rec->has_sent_hole)
		r = count_read(rec);
	else if (is_lost)
		r = pass_hole(rec);
	if (r == 0 && (rec->has_sent_hole || is_lost)) {
		r = lose_freeze(rec, position_behind(rec, head));
		rec->is_part = true;
	}
	rec->has_hole = false;
	return r;
}

/* A freeze is only marked when the batch before it was settled. */
static int on_mark(void *ctx, const struct mark *mark)
{
	struct recover *rec = ctx;
	struct core *core = rec->core;
	int r = reread_settle(&rec->reread);

	if (r < 0 || rec->reread.is_former)
		return r;
	identity_saw(&core->identity, mark->position);
	if (rec->settled < mark->settled)
		rec->settled = mark->settled;
	if (mark->now_ms > core->clock_ms)
		core->clock_ms = mark->now_ms;
	r = ledger_cut(&core->ledger, rec->reread.segment);
	if (mark->kind == MARK_FREEZE) {
		rec->is_frozen_part = rec->is_part;
		rec->is_part = false;
	}
	if (r == 0 && rec->has_hole)
		return lose_freeze(rec, mark->position);
	if (r < 0 || mark->kind != MARK_FREEZE)
		return r;
	raise_freeze(rec, mark->position);
	r = settle(rec, rec->from);
	rec->frozen_from = rec->from;
	rec->freeze = rec->from = core->batch = mark->position;
	ledger_freeze(&core->ledger);
	return r;
}

static int on_segment(void *ctx, const struct segment_head *head)
{
	struct recover *rec = ctx;
	struct core *core = rec->core;

	int r = reread_end(&rec->reread);

	if (r < 0)
		return r;
	/* The one before ended without a mark: part of it lies in the young of this one. */
	if (core->ledger.waiting.used > 0)
		core->refolded = head->number;
	if (!resend_has(core, head->number))
		r = take_unsent(rec);
	if (r < 0)
		return r;
	rec->reread.is_former = strcmp(head->writer, core->identity.writer) != 0;
	if (!rec->reread.is_former)
		r = lose_before(rec, head);
	if (r < 0)
		return r;
	rec->reread.segment = core->last_segment = head->number;
	if (!rec->reread.is_former)
		raise_freeze(rec, head->freeze);
	if (head->created_ms > core->clock_ms) /* of an idle journal nothing else tells when it was */
		core->clock_ms = head->created_ms;
	if (!rec->reread.is_former && !rec->is_begun) {
		rec->is_begun = true;
		if (rec->freeze < head->freeze)
			rec->freeze = head->freeze;
		if (rec->settled < head->settled)
			rec->settled = head->settled;
		/* A fold that was cut off has placed what this segment will bring to Redis. */
		if (!rec->is_resent && (core->batch < head->position || core->folded_segment >= head->number))
			core->batch = head->position;
		if (!rec->is_resent)
			rec->from = head->position;
	}
	return keep_add(&core->keep, head->number, UINT64_MAX);
}

/* Our last run; NULL: this is the first. */
static const struct identity_run *last_run(const struct core *core)
{
	const struct identity *identity = &core->identity;

	return identity->runs_len == 0 ? NULL : &identity->runs[identity->runs_len - 1];
}

/* A damaged header does not tell whose segment it is: behind where our last run began there is no other's. */
static bool is_ours(const struct recover *rec, const struct damage *damage)
{
	const struct identity_run *run = last_run(rec->core);

	return !rec->reread.is_former || (run != NULL && damage->segment > run->behind);
}

/* The size of a file that may be cut off tells nothing: it had what any has. */
static uint64_t bytes_of_segment(const struct recover *rec, int64_t size)
{
	uint64_t bytes = size > 0 ? (uint64_t)size : 0, most = rec->core->settings.segment_bytes;

	return bytes < most ? most : bytes;
}

/* What it held is in the file of what Redis lacks, or the header behind it has told where that led. */
static bool is_known(const struct recover *rec, const struct damage *damage)
{
	return resend_has(rec->core, damage->segment) || damage->segment < rec->reread.segment;
}

static void on_damage(void *ctx, const struct damage *damage)
{
	struct recover *rec = ctx;
	bool is_hole = is_ours(rec, damage) && !is_known(rec, damage);

	rec->core->found.damages++;
	rec->has_hole |= is_hole;
	rec->is_part |= is_hole;
	/* Behind the records of that block: its mark, too. */
	rec->is_frozen_part |= is_hole && !damage->is_inside && damage->first_block != 0;
	if (is_hole && damage->is_inside && rec->r == 0)
		rec->r = see_hole(rec, bytes_of_segment(rec, damage->to - damage->from));
	reread_tell_damage(damage);
}

static int64_t size_of(const struct core *core, const char *name)
{
	const struct disk *disk = core->settings.disk;
	char path[SEGMENT_PATH_MAX + 64];
	int64_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", core->journal_dir, name);
	fd = disk->open(disk->ctx, path, DISK_READ);
	if (fd < 0)
		return fd;
	size = disk->size(disk->ctx, fd);
	disk->close(disk->ctx, fd);
	return size;
}

/* A segment behind all that there are was set aside before this start: by effortctl journal repair, or by a start that
 * ended before it had begun the next one. */
static int see_aside(void *ctx, const char *name)
{
	struct recover *rec = ctx;

	if (segment_number_aside(name) <= rec->core->found.journal.last_segment)
		return 0;
	return see_hole(rec, bytes_of_segment(rec, size_of(rec->core, name)));
}

static int look_for_end(struct recover *rec)
{
	const struct core *core = rec->core;

	return last_run(core) == NULL ? 0 : core->settings.disk->list(core->settings.disk->ctx, core->journal_dir, see_aside, rec);
}

/* Where nothing behind what is lost tells where its last batch led: somewhere before what the next run begins with. */
static int lose_last_freeze(struct recover *rec)
{
	const struct identity_run *run = last_run(rec->core);
	uint64_t last = rec->core->found.journal.position;
	int r;

	if (!rec->has_sent_hole)
		return 0;
	if (last < rec->core->batch)
		last = rec->core->batch;
	if (run != NULL && last < run->first)
		last = run->first;
	last += LOST_POSITIONS + 2 * (uint64_t)rec->core->settings.limits.cells + rec->lost_bytes;
	last += last & 1;
	/* The next segment says so: what comes before it is never sent, however often effortd starts, and what comes behind it
	 * follows nothing that is on its way. */
	rec->core->found.journal.position = rec->core->found.journal.freeze = rec->core->found.journal.settled = last;
	r = count_read(rec);
	return r < 0 ? r : lose_freeze(rec, last);
}

struct lowering {
	struct core *core;
	uint64_t position;
};

static void lower(void *ctx, struct place_key key, uint64_t position)
{
	const struct lowering *lowering = ctx;

	if (position > lowering->position)
		(void)!positions_set(lowering->core->positions, key, lowering->position);
}

/* Where a fold was cut off the files place what is only going to be sent. What Redis holds there cannot be known any
 * more: it must be at the last batch, or is repaired. */
static void lower_to_batch(struct recover *rec)
{
	struct core *core = rec->core;
	struct lowering lowering = { core, core->batch };
	size_t cursor = 0;

	if (core->is_proven && ledger_is_frozen(&core->ledger))
		lowering.position = rec->frozen_from;
	positions_walk(core->positions, &cursor, SIZE_MAX, lower, &lowering);
}

/* The frozen batch had more days than were read of it: the positions of its calls would be those of others. It is looked for,
 * and what Redis lacks is brought from the totals; the next segment says that it is not sent. */
static int lose_part(struct recover *rec)
{
	struct core *core = rec->core;

	if (!ledger_is_frozen(&core->ledger) || !rec->is_frozen_part)
		return 0;
	if (rec->settled < core->batch)
		rec->settled = core->batch;
	return settle(rec, core->batch);
}

/* The frozen batch can be sent again as it was when everything before it is known to be settled and nothing of it has
 * been folded. Otherwise it is taken as settled: a hash that is not where it led, or is in the middle of it, is
 * repaired. */
static int judge_unsettled(struct recover *rec)
{
	struct core *core = rec->core;
	bool is_frozen = ledger_is_frozen(&core->ledger);

	core->settled = core->last_settled = rec->settled;
	/* What was decided where the journal is damaged stays so when that is folded: the next segment says it. */
	if (core->found.journal.settled < rec->settled)
		core->found.journal.settled = rec->settled;
	/* A clean end has left word that this one was settled too. */
	if (is_frozen && rec->settled >= core->batch) {
		core->is_proven = true;
		return settle(rec, core->batch);
	}
	core->is_proven = rec->settled >= (is_frozen ? rec->frozen_from : core->batch);
	if (core->is_proven)
		return 0;
	core->last_settled = core->batch; /* as will be proven */
	return settle(rec, core->batch);
}

/* What can be said only when all has been read. */
static int finish(struct recover *rec)
{
	int r = rec->r < 0 ? rec->r : reread_finish(&rec->reread);

	if (r == 0)
		r = take_unsent(rec);
	if (r == 0)
		r = look_for_end(rec);
	if (r == 0)
		r = lose_last_freeze(rec);
	if (r == 0)
		r = lose_part(rec);
	if (r == 0)
		r = judge_unsettled(rec);
	if (r == 0)
		lower_to_batch(rec);
	if (r == 0)
		tell_unsent(rec);
	return r;
}

int recover_journal(struct core *core, int64_t now_ms, struct error *reterr)
{
	struct recover *rec = calloc(1, sizeof(*rec));
	const struct replay replay = { .ctx = rec,
				       .on_municipality = on_municipality,
				       .on_standing = on_standing,
				       .on_name = on_name,
				       .on_effect = on_effect,
				       .on_change = on_change,
				       .on_mark = on_mark,
				       .on_damage = on_damage };
	const struct journal_settings settings = { .dir = core->journal_dir, .disk = core->settings.disk };
	int r;

	if (rec == NULL)
		return error_set(reterr, -ENOMEM, "out of memory");
	rec->core = core;
	r = reread_init(&rec->reread, core, now_ms);
	if (r < 0)
		error_set(reterr, r, "out of memory");
	if (r == 0)
		r = journal_replay(&settings, &replay, on_segment, &core->found.journal, reterr);
	if (r == 0) {
		r = finish(rec);
		if (r < 0)
			error_set(reterr, r, "%s: what it holds cannot be remembered: %s", core->journal_dir, strerror(-r));
	}
	core->last_freeze = core->frozen_before;
	reread_done(&rec->reread);
	free(rec);
	return r;
}
