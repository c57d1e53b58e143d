/* SPDX-License-Identifier: MPL-2.0 */
/* See parting.h. */
#include "run/parting.h"

#include "count/named.h"
#include "domain/period.h"
#include "run/core_inside.h"
#include "run/reread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct reread reread;
	struct parting found;
	uint64_t block;	   /* the last that both have */
	uint64_t behind;   /* the present run's segments are behind this one */
	uint64_t next;	   /* the block to come: all that are ours before it have been read, or were missed */
	uint64_t position; /* of the last mark that has been read or told */
	int r;		   /* what a visitor that cannot answer has met */
	bool is_common;	   /* the block at hand is one that both have */
};

/* --- what is told --- */

static int on_municipality(void *ctx, uint16_t number, const char *code)
{
	return reread_municipality(&((struct reading *)ctx)->reread, number, code);
}

static int on_standing(void *ctx, uint16_t number, const struct standing_text *text)
{
	return reread_standing(&((struct reading *)ctx)->reread, number, text);
}

static int on_name(void *ctx, uint32_t number, const struct name_text *name)
{
	return reread_name(&((struct reading *)ctx)->reread, number, name);
}

static int on_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct reading *reading = ctx;

	(void)at;
	(void)len;
	reading->is_common = sequence <= reading->block;
	return 0;
}

static int add_name(struct reading *reading, const struct cell *cell, enum dimension dimension, struct effort_str name,
		    const struct name_amount *amount, int64_t time_ms)
{
	struct names *names = reading->reread.core->ledger.names;
	int32_t period = dimension == BY_REASON ? cell->day : period_of(WINDOW_MONTH, cell->day).first;
	const struct name_amount none = { 0 };
	uint32_t number;
	int r;

	if (name.len == 0 || amount->events == 0)
		return 0;
	r = names_add_known(names, cell->municipality, dimension, period, name, none, time_ms, &number);
	if (r == 0)
		r = young_reserve(reading->found.own, 0, 1);
	if (r == 0)
		young_name(reading->found.own, names_get(names, number), amount);
	return r;
}

static int add(struct reading *reading, const struct change_part *part, const struct effort_str names[DIMENSIONS])
{
	struct cell cell = cell_unpack(part->cell);
	const struct standing *standing = standings_get(reading->reread.core->ledger.standings, cell.standing);
	struct amount amount = { .cell = part->cell, .count = part->count, .seconds = part->seconds };
	struct name_amount named = named_amount(&cell, standing, part->count);
	struct name_amount letters = named_letters(&cell, standing, part->count);
	int r = part->count == 0 ? 0 : young_reserve(reading->found.own, 1, 0);

	if (r == 0 && part->count != 0)
		young_cell(reading->found.own, &amount);
	for (int d = 0; d < DIMENSIONS && r == 0; d++)
		r = add_name(reading, &cell, (enum dimension)d, names[d], d == BY_REASON ? &letters : &named,
			     part->time_ms);
	return r;
}

static int add_part(struct reading *reading, const struct change_part *part)
{
	struct effort_str names[DIMENSIONS];
	struct change_part own = *part;
	int r = 0;

	if (reading->is_common || reading->reread.is_former || !reread_cell(&reading->reread, &own.cell))
		return 0;
	reread_words(&reading->reread, part->names, names);
	for (int i = 0; i < change_days(&own) && r == 0; i++) {
		struct change_part piece = change_on_day(&own, i);

		r = add(reading, &piece, names);
	}
	return r;
}

static int on_effect(void *ctx, const struct effect *effect)
{
	struct change_part part = { .cell = effect->cell,
				    .time_ms = effect->time_ms,
				    .count = effect->count,
				    .seconds = effect->seconds };

	memcpy(part.names, effect->names, sizeof(part.names));
	return add_part(ctx, &part);
}

static int on_change(void *ctx, const struct change *change)
{
	int r = 0;

	for (size_t i = 0; i < change->parts_len && r == 0; i++)
		r = add_part(ctx, &change->parts[i]);
	return r;
}

static bool is_present(const struct reading *reading)
{
	return reading->reread.segment > reading->behind;
}

/* Everything read so far stays with the other one. */
static int leave(struct reading *reading)
{
	struct young *none = young_new(reading->reread.core->ledger.names, 0);

	if (none == NULL)
		return -ENOMEM;
	young_free(reading->found.own);
	reading->found.own = none;
	return 0;
}

/* Everything before a batch that may be in Redis is left, as it is of a run that has died. */
static int on_mark(void *ctx, const struct mark *mark)
{
	struct reading *reading = ctx;
	bool is_sent = !is_present(reading) || mark->position <= store_sent(reading->reread.core->store);

	if (!reading->reread.is_former)
		reading->position = mark->position;
	if (reading->is_common || reading->reread.is_former || mark->kind != MARK_FREEZE || !is_sent)
		return 0;
	if (is_present(reading))
		reading->found.is_forgotten = true;
	else
		reading->found.is_short = true;
	return leave(reading);
}

/* --- what is not there --- */

/* Blocks of ours cannot be read. Where such a batch may have ended in them, what came before them may be in Redis. */
static int miss(struct reading *reading)
{
	reading->found.is_short = true;
	if (is_present(reading) && reading->position >= store_sent(reading->reread.core->store))
		return 0;
	return leave(reading);
}

/* The end of an earlier run that is torn was never durable. */
static void on_damage(void *ctx, const struct damage *damage)
{
	struct reading *reading = ctx;
	bool is_known = damage->last_block != 0;

	if (reading->reread.is_former || (is_known && damage->last_block <= reading->block) ||
	    (!is_known && !damage->is_inside && !is_present(reading)))
		return;
	reread_tell_damage(damage);
	if (reading->r == 0)
		reading->r = miss(reading);
}

static void tell_segment(uint64_t number, const char *what)
{
	reread_tell_damage(&(struct damage){ .segment = number, .what = what });
}

/* --- reading --- */

static int on_segment(void *ctx, const char *path, uint64_t number)
{
	struct reading *reading = ctx;
	struct core *core = reading->reread.core;
	const struct replay replay = { .ctx = reading,
				       .on_municipality = on_municipality,
				       .on_standing = on_standing,
				       .on_name = on_name,
				       .on_effect = on_effect,
				       .on_change = on_change,
				       .on_mark = on_mark,
				       .on_block = on_block,
				       .on_damage = on_damage };
	struct segment_head head;
	struct segment_end end;
	int r = reread_end(&reading->reread);

	if (r == 0)
		r = segment_head_read(core->settings.disk, path, &head);
	if (r == -ENOENT || r == -EBADMSG) {
		tell_segment(number, r == -ENOENT ? "segment missing" : "header");
		return 0;
	}
	if (r == 0 && head.first_block > reading->next)
		r = miss(reading);
	if (r < 0)
		return r;
	reading->reread.segment = number;
	reading->reread.is_former = strcmp(head.writer, core->identity.writer) != 0;
	if (!reading->reread.is_former)
		reading->position = head.position;
	r = segment_read(core->settings.disk, path, &replay, &head, &end);
	if (r == 0 && end.next_block > reading->next)
		reading->next = end.next_block;
	return r < 0 ? r : reading->r;
}

int parting_own(struct core *core, uint64_t block, struct parting *ret)
{
	const struct identity *identity = &core->identity;
	struct reading *reading = calloc(1, sizeof(*reading));
	int r;

	if (reading == NULL)
		return -ENOMEM;
	r = reread_init(&reading->reread, core, 0);
	reading->found.own = young_new(core->ledger.names, 0);
	reading->block = block;
	reading->next = block + 1;
	reading->behind = identity->runs[identity->runs_len - 1].behind;
	if (r == 0)
		r = reading->found.own == NULL ? -ENOMEM : journal_unfolded(core->journal, on_segment, reading);
	if (r == 0 && reading->next <= journal_durable(core->journal))
		r = miss(reading);
	if (r == 0)
		*ret = reading->found;
	else
		young_free(reading->found.own);
	reread_done(&reading->reread);
	free(reading);
	return r;
}
