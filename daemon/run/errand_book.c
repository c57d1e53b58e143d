/* SPDX-License-Identifier: MPL-2.0 */
/* See errand_book.h. */
#include "run/errand_book.h"

#include "base/log.h"
#include "count/meter.h"
#include "count/named.h"
#include "domain/calendar.h"
#include "journal/labels.h"
#include "run/core_inside.h"
#include "run/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int errand_book_open(struct errand_book *book, struct core *core, const char *path, bool is_of_meters,
		     struct error *reterr)
{
	int r;

	*book = (struct errand_book){ .core = core, .is_of_meters = is_of_meters, .before_ms = INT64_MIN / 2 };
	snprintf(book->path, sizeof(book->path), "%s", path);
	memset(book->standings, 0xff, sizeof(book->standings));
	r = errands_read(core->settings.disk, path, &book->errands, &book->segment);
	if (r == -EBADMSG)
		LOG(LOG_ERROR, "journal", "a file of errands or meters is damaged: records to come do not find those before",
		    F_STR("file", path));
	if (r == -EBADMSG || r == -ENOENT) {
		book->errands = errands_new();
		r = book->errands == NULL ? -ENOMEM : 0;
	}
	if (r == -EPROTONOSUPPORT)
		return error_set(reterr, r, "%s: written by a later version of effortd; start that one", path);
	return r < 0 ? error_set(reterr, r, "%s: %s", path, strerror(-r)) : 0;
}

void errand_book_close(struct errand_book *book)
{
	errands_free(book->errands);
	book->errands = NULL;
}

static size_t max_of(const struct errand_book *book)
{
	return book->is_of_meters ? METER_READINGS_MAX : book->core->settings.limits.errand_max;
}

static int64_t window_of(const struct errand_book *book)
{
	return book->is_of_meters ? (METER_APART_DAYS + 1) * DAY_MS : book->core->settings.limits.errand_window_ms;
}

void errand_book_trim(struct errand_book *book)
{
	size_t n = errands_trim(book->errands, max_of(book));

	book->forgotten += n;
	if (n > 0 && !book->is_told && book->is_of_meters)
		LOG(LOG_WARNING, "run", "more readings of meters than are remembered: the oldest meters begin anew",
		    F_INT("max", METER_READINGS_MAX));
	else if (n > 0 && !book->is_told)
		LOG(LOG_WARNING, "run", "more errands than errand.max: the oldest are forgotten before their time",
		    F_INT("max", max_of(book)), F_STR("next", "raise errand.max"));
	book->is_told |= n > 0;
}

void errand_book_tick(struct errand_book *book, int64_t trusted_ms)
{
	book->before_ms = trusted_ms - window_of(book);
	errands_forget(book->errands, book->before_ms);
	errand_book_trim(book);
}

struct fold_errands errand_book_fold(const struct errand_book *book)
{
	return (struct fold_errands){ book->path, book->before_ms, window_of(book), max_of(book) };
}

/* --- words --- */

static bool to_dictionary(struct errand_book *book, uint64_t *packed)
{
	const struct ledger *ledger = &book->core->ledger;
	struct kinds *kinds = errands_kinds(book->errands);
	struct cell cell = cell_unpack(*packed);
	struct standing_text text = labels_standing(ledger->standings, cell.standing);
	int municipality = kinds_municipality(kinds, ledger->codes[cell.municipality]);
	int standing = kinds_standing(kinds, &text);

	cell.municipality = (uint16_t)municipality;
	cell.standing = (uint16_t)standing;
	*packed = cell_pack(&cell);
	return municipality >= 0 && standing >= 0;
}

static int standing_of(struct errand_book *book, uint64_t packed)
{
	uint16_t number = cell_standing(packed);

	if (book->generation != errands_generation(book->errands)) {
		memset(book->standings, 0xff, sizeof(book->standings));
		book->generation = errands_generation(book->errands);
	}
	if (book->standings[number] < 0)
		book->standings[number] = place_standing(
			book->core->ledger.standings,
			kinds_standing_text(errands_kinds(book->errands), packed));
	return book->standings[number];
}

bool errand_book_cell(struct errand_book *book, uint32_t kind, uint64_t *ret)
{
	const struct kinds *kinds = errands_kinds(book->errands);
	uint64_t packed = kinds_get(kinds, kind)->cell;
	int municipality = ledger_municipality(&book->core->ledger, kinds_code(kinds, packed));
	int standing = standing_of(book, packed);
	struct cell cell = cell_unpack(packed);

	cell.municipality = (uint16_t)municipality;
	cell.standing = (uint16_t)standing;
	*ret = cell_pack(&cell);
	return municipality >= 0 && standing >= 0;
}

/* What finds no memory is not half remembered: all errands are forgotten, what is counted stays. */
void errand_book_note(struct errand_book *book, const struct change *given, const struct effort_str names[DIMENSIONS])
{
	struct change change = *given;
	uint32_t texts[DIMENSIONS];
	bool is_fine = true;

	for (int d = 0; d < DIMENSIONS; d++) {
		texts[d] = RECORD_NO_NAME;
		if (change_has_record(change.kind) && names[d].len > 0)
			is_fine &= kinds_text(errands_kinds(book->errands), names[d], &texts[d]) == 0;
	}
	if (change_has_record(change.kind))
		is_fine &= to_dictionary(book, &change.record.cell);
	for (size_t i = 0; i < change.parts_len; i++)
		is_fine &= to_dictionary(book, &change.parts[i].cell);
	if (is_fine && errands_apply(book->errands, &change, texts) == 0)
		return;
	LOG(LOG_ERROR, "run", "no memory for errands: those known are forgotten, what is counted stays");
	errands_trim(book->errands, 0);
}

/* --- a change: counted, written down, taken up --- */

/* A part's names: those of its record, and how the contact that is counted has ended. */
struct part_names {
	struct effort_str list[DIMENSIONS];
	char end[NAMED_END_MAX];
};

static void name_part(struct part_names *ret, const struct core *core, const struct change_part *part,
		      const struct effort_str *names)
{
	struct cell cell = cell_unpack(part->cell);
	const struct standing *standing = standings_get(core->ledger.standings, cell.standing);

	memcpy(ret->list, names, sizeof(ret->list));
	ret->list[BY_UNIT_END] = named_end(&cell, standing, names[BY_UNIT], ret->end);
}

/* Names of a part that is spread are those of its last day; the days before are taken back by their names' texts, which
 * are there already, so that it cannot fail. */
static void uncount_days(struct core *core, const struct change_part *part, int days, const struct effort_str *names,
			 int64_t now_ms)
{
	struct part_names own;

	if (change_days(part) == 1 && days == 1)
		ledger_unchange(&core->ledger, part);
	name_part(&own, core, part, names);
	for (int i = 0; i < days && change_days(part) > 1; i++) {
		struct change_part piece = change_on_day(part, i);

		piece.count = -piece.count;
		(void)!ledger_change(&core->ledger, &piece, own.list, now_ms);
	}
}

/* Day by day. What fails leaves nothing behind. */
static int count_part(struct core *core, struct change_part *part, const struct effort_str *names, int64_t now_ms)
{
	struct part_names own;
	int i = 0, r = 0;

	name_part(&own, core, part, names);
	for (; i < change_days(part) && r == 0; i += r == 0) {
		struct change_part piece = change_on_day(part, i);

		r = ledger_change(&core->ledger, &piece, own.list, now_ms);
		if (r == 0)
			memcpy(part->names, piece.names, sizeof(part->names));
	}
	if (r < 0)
		uncount_days(core, part, i, names, now_ms);
	return r;
}

int errand_book_commit(struct errand_book *book, struct change *change, const struct effort_str **names, size_t seen,
		       int64_t now_ms)
{
	struct core *core = book->core;
	size_t done = 0;
	int r = dedup_offer(core->dedup, change->id, change->content, change->id_day, core->segment, true);

	if (r < 0)
		return r;
	r = 0;
	for (; done < change->parts_len && r == 0; done += r == 0)
		r = count_part(core, &change->parts[done], names[done], now_ms);
	if (r == 0 && change_has_record(change->kind)) {
		memcpy(change->record.names, change->parts[seen].names, sizeof(change->record.names));
		change->record.names[BY_UNIT_END] = RECORD_NO_NAME;
	}
	if (r == 0)
		r = journal_change(core->journal, change);
	if (r < 0) {
		while (done-- > 0)
			uncount_days(core, &change->parts[done], change_days(&change->parts[done]), names[done], now_ms);
		dedup_withdraw(core->dedup, change->id);
		return r;
	}
	booked_change(&core->booked, change);
	errand_book_note(book, change, names[seen]);
	return 0;
}
