/* SPDX-License-Identifier: MPL-2.0 */
/* See reread.h. */
#include "run/reread.h"

#include "base/log.h"
#include "base/str.h"
#include "run/core_inside.h"
#include "run/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT16_MAX

static void forget_words(struct reread *reread)
{
	for (size_t i = 0; i < reread->names_len; i++)
		free((void *)(uintptr_t)reread->names[i].text.ptr);
	if (reread->names_len > 0)
		memset(reread->names, 0, reread->names_len * sizeof(*reread->names));
	memset(reread->municipality, 0xff, sizeof(reread->municipality));
	memset(reread->standing, 0xff, sizeof(reread->standing));
}

int reread_init(struct reread *reread, struct core *core, int64_t now_ms)
{
	*reread = (struct reread){ .core = core, .now_ms = now_ms, .ids = reread_ids_new(core->dedup) };
	forget_words(reread);
	return reread->ids == NULL ? -ENOMEM : 0;
}

void reread_done(struct reread *reread)
{
	forget_words(reread);
	free(reread->names);
	reread_ids_free(reread->ids);
	alikes_done(&reread->alikes);
}

/* --- words --- */

int reread_municipality(struct reread *reread, uint16_t number, const char *code)
{
	int m = ledger_municipality(&reread->core->ledger, code);

	if (m < 0 || number > CELL_MUNICIPALITIES)
		return m < 0 ? m : 0;
	reread->municipality[number] = (uint16_t)m;
	return 0;
}

int reread_standing(struct reread *reread, uint16_t number, const struct standing_text *text)
{
	int standing = place_standing(reread->core->ledger.standings, text);

	if (standing < 0 || number >= STANDINGS_MAX)
		return standing < 0 ? standing : 0;
	reread->standing[number] = (uint16_t)standing;
	return 0;
}

int reread_name(struct reread *reread, uint32_t number, const struct name_text *name)
{
	struct reread_name *word;
	char *copy;

	if (number > UINT32_C(1) << 24)
		return 0;
	if (number >= reread->names_len) {
		size_t len = (size_t)number * 2 + 64;
		struct reread_name *names = realloc(reread->names, len * sizeof(*names));

		if (names == NULL)
			return -ENOMEM;
		memset(names + reread->names_len, 0, (len - reread->names_len) * sizeof(*names));
		reread->names = names;
		reread->names_len = len;
	}
	copy = strndup(name->name.ptr, name->name.len);
	if (copy == NULL)
		return -ENOMEM;
	word = &reread->names[number];
	free((void *)(uintptr_t)word->text.ptr);
	*word = (struct reread_name){ name->dimension, { copy, name->name.len } };
	return 0;
}

/* --- effects --- */

static struct effort_str word_of(const struct reread *reread, const uint32_t names[DIMENSIONS], enum dimension dimension)
{
	uint32_t number = names[dimension];

	if (number >= reread->names_len || reread->names[number].text.ptr == NULL ||
	    reread->names[number].dimension != dimension)
		return (struct effort_str){ "", 0 };
	return reread->names[number].text;
}

void reread_words(const struct reread *reread, const uint32_t numbers[DIMENSIONS], struct effort_str ret[DIMENSIONS])
{
	for (int d = 0; d < DIMENSIONS; d++)
		ret[d] = word_of(reread, numbers, (enum dimension)d);
}

bool reread_cell(const struct reread *reread, uint64_t *packed)
{
	struct cell cell = cell_unpack(*packed);
	uint16_t municipality = reread->municipality[cell.municipality], standing = reread->standing[cell.standing];

	cell.municipality = municipality;
	cell.standing = standing;
	*packed = cell_pack(&cell);
	return municipality != NONE && standing != NONE;
}

static int count(struct reread *reread, const struct alike *alike)
{
	struct effect all = { .cell = alike->cell,
			      .time_ms = alike->last_ms,
			      .count = alike->count * alike->times,
			      .seconds = alike->seconds };
	struct effort_str names[DIMENSIONS];

	if (!reread_cell(reread, &all.cell)) {
		LOG(LOG_ERROR, "journal", "the words of effects are missing: not counted",
		    F_INT("segment", reread->segment), F_INT("effects", alike->times));
		return 0;
	}
	reread_words(reread, alike->names, names);
	return ledger_recount(&reread->core->ledger, &all, names, reread->now_ms);
}

int reread_settle(struct reread *reread)
{
	int r = 0;

	for (size_t i = 0; i < reread->alikes.len && r == 0; i++)
		r = count(reread, &reread->alikes.list[i]);
	alikes_clear(&reread->alikes);
	return r;
}

int reread_end(struct reread *reread)
{
	int r = reread_settle(reread);

	forget_words(reread);
	return r;
}

int reread_finish(struct reread *reread)
{
	int r = reread_end(reread);

	return r < 0 ? r : reread_ids_end(reread->ids);
}

/* --- events --- */

/* An id filed under day 0 is none: the event was not to be remembered. */
static int remember(struct reread *reread, uint64_t id, uint32_t content, int32_t day)
{
	return day == 0 ? 0 : reread_ids_add(reread->ids, id, content, day, reread->segment);
}

int reread_effect(struct reread *reread, const struct effect *effect)
{
	int r = remember(reread, effect->id, effect->content, effect->id_day);

	if (r < 0 || reread->is_former)
		return r;
	if (reread->alikes.len == ALIKE_MAX)
		r = reread_settle(reread);
	return r < 0 ? r : alikes_add(&reread->alikes, effect) == NULL ? -ENOMEM : 0;
}

/* --- changes --- */

static int take_part(struct reread *reread, const struct change_part *part)
{
	struct change_part own = *part;
	struct effort_str names[DIMENSIONS];
	int r = 0;

	if (!reread_cell(reread, &own.cell)) {
		LOG(LOG_ERROR, "journal", "a change's words are missing: not counted",
		    F_INT("segment", reread->segment));
		return 0;
	}
	reread_words(reread, part->names, names);
	for (int i = 0; i < change_days(&own) && r == 0; i++) {
		struct change_part piece = change_on_day(&own, i);

		r = ledger_change(&reread->core->ledger, &piece, names, reread->now_ms);
	}
	return r;
}

static void note(struct reread *reread, struct errand_book *book, const struct change *change)
{
	struct effort_str names[DIMENSIONS] = { { "", 0 } };
	struct change own = *change;
	bool has_record = change_has_record(change->kind), is_fine = !has_record || reread_cell(reread, &own.record.cell);

	if (reread->segment <= book->segment)
		return;
	if (has_record)
		reread_words(reread, change->record.names, names);
	for (size_t i = 0; i < own.parts_len; i++)
		is_fine &= reread_cell(reread, &own.parts[i].cell);
	if (is_fine)
		errand_book_note(book, &own, names);
}

/* What is remembered of errands and meters is one, whoever counted. */
static void note_errand(struct reread *reread, const struct change *change)
{
	if (change->kind == CHANGE_ERRAND || change->kind == CHANGE_CORRECTION)
		note(reread, &reread->core->errands, change);
	if (change->kind == CHANGE_METER || change->kind == CHANGE_CORRECTION)
		note(reread, &reread->core->meters, change);
}

/* What it takes from was counted before it. */
int reread_change(struct reread *reread, const struct change *change)
{
	int r = remember(reread, change->id, change->content, change->id_day);

	if (r == 0)
		r = reread_settle(reread);
	if (r < 0)
		return r;
	note_errand(reread, change);
	for (size_t i = 0; i < change->parts_len && r == 0 && !reread->is_former; i++)
		r = take_part(reread, &change->parts[i]);
	return r;
}

/* --- damage --- */

void reread_tell_damage(const struct damage *damage)
{
	LOG(LOG_ERROR, "journal", "part of the journal is damaged and set aside; the rest is used",
	    F_STR("what", damage->what), F_INT("segment", damage->segment), F_INT("from", damage->from),
	    F_INT("to", damage->to), F_INT("first_block", damage->first_block),
	    F_INT("last_block", damage->last_block), F_STR("next", "effortctl journal verify"));
}
