/* SPDX-License-Identifier: MPL-2.0 */
/* See errand.h, and core.h for core_errand() and core_correct_errand(). */
#include "run/errand.h"

#include "base/log.h"
#include "base/str.h"
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
	uint16_t number = cell_unpack(packed).standing;

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

/* --- the records of one errand --- */

#define RECORDS (ERRAND_RECORDS + 1)

_Static_assert(CHANGE_PARTS > 2 * ERRAND_RECORDS, "another window may count every record otherwise");

struct gathered {
	struct errand_record records[RECORDS], before[RECORDS];
	struct effort_str names[RECORDS][DIMENSIONS];
	int32_t days[RECORDS];
	size_t n;
};

static bool gather_one(struct errand_book *book, struct gathered *g, uint32_t number)
{
	const struct errand_entry *entry = errands_get(book->errands, number);
	const struct kinds *kinds = errands_kinds(book->errands);
	struct errand_record *record = &g->records[g->n];

	*record = (struct errand_record){ .id = entry->id,
					  .time_ms = entry->time_ms,
					  .count = entry->count,
					  .seconds = entry->seconds,
					  .tie = entry->tie,
					  .tie_len = entry->tie_len,
					  .counted = entry->counted,
					  .counted_seconds = entry->counted_seconds };
	for (int d = 0; d < DIMENSIONS; d++)
		g->names[g->n][d] = kinds_name(kinds, kinds_get(kinds, entry->kind)->names[d]);
	g->days[g->n++] = entry->id_day;
	return errand_book_cell(book, entry->kind, &record->cell) &&
	       (entry->counted == 0 || errand_book_cell(book, entry->counted_kind, &record->counted_cell));
}

/* False: one of them cannot be told; then the errand is not touched. */
static bool gather(struct errand_book *book, uint64_t key, struct gathered *g)
{
	uint32_t numbers[ERRAND_RECORDS];
	size_t n = errands_of(book->errands, key, numbers, ERRAND_RECORDS);
	bool is_fine = true;

	g->n = 0;
	for (size_t i = 0; i < n; i++)
		is_fine &= gather_one(book, g, numbers[i]);
	return is_fine;
}

static struct errand_rules rules_of(const struct core *core)
{
	return (struct errand_rules){ .window_ms = core->settings.limits.errand_window_ms,
				      .standing_on = core->owner.standing_on,
				      .ctx = core->owner.ctx };
}

static void add_part(struct change *change, const struct effort_str **names, const struct gathered *g, size_t i,
		     uint64_t cell, int64_t count, int64_t seconds)
{
	names[change->parts_len] = g->names[i];
	change->parts[change->parts_len++] = (struct change_part){ .booked = g->records[i].id,
								   .booked_day = g->days[i],
								   .cell = cell,
								   .time_ms = g->records[i].time_ms,
								   .count = count,
								   .seconds = seconds };
}

/* What is counted under each record now instead of before. */
static void make_parts(struct change *change, const struct effort_str **names, const struct gathered *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct errand_record *old = &g->before[i], *now = &g->records[i];

		if (old->counted == now->counted && old->counted_seconds == now->counted_seconds &&
		    (now->counted == 0 || old->counted_cell == now->counted_cell))
			continue;
		if (old->counted > 0)
			add_part(change, names, g, i, old->counted_cell, -old->counted, -old->counted_seconds);
		if (now->counted > 0)
			add_part(change, names, g, i, now->counted_cell, now->counted, now->counted_seconds);
	}
}

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

/* --- a record --- */

static void take_record(struct gathered *g, const struct event_key *key, uint64_t packed,
			const struct effort_event *ev)
{
	const struct effort_str names[DIMENSIONS] = { [BY_SOURCE] = ev->source,
						      [BY_UNIT] = ev->unit,
						      [BY_PORTAL] = ev->portal,
						      [BY_HANDLED_BY] = ev->handled_by,
						      [BY_REASON] = ev->reason };

	g->records[g->n] = (struct errand_record){ .id = key->id,
						   .time_ms = ev->time_ms,
						   .cell = packed,
						   .count = ev->count,
						   .seconds = ledger_seconds(ev),
						   .tie = ev->id.ptr,
						   .tie_len = ev->id.len < CHANGE_TIE ? ev->id.len : CHANGE_TIE };
	memcpy(g->names[g->n], names, sizeof(names));
	g->days[g->n++] = key->day;
}

static void begin_change(struct change *change, const struct event_key *key, const struct gathered *g,
			 uint64_t errand, int64_t now_ms)
{
	const struct errand_record *record = &g->records[g->n - 1];

	*change = (struct change){ .kind = CHANGE_ERRAND,
				   .id = key->id,
				   .content = key->content,
				   .id_day = key->day,
				   .time_ms = record->time_ms,
				   .about = errand,
				   .record = { .booked = key->id,
					       .cell = record->cell,
					       .time_ms = record->time_ms,
					       .count = record->count,
					       .seconds = record->seconds },
				   .arrival_ms = now_ms,
				   .known = (uint8_t)(g->n - 1),
				   .tie_len = record->tie_len };
	memcpy(change->tie, record->tie, record->tie_len);
}

/* The part with the names of the record that has come: what is counted under it, or that they were seen. */
static size_t seen_part(struct change *change, const struct effort_str **names, const struct gathered *g)
{
	for (size_t i = 0; i < change->parts_len; i++)
		if (change->parts[i].booked == g->records[g->n - 1].id)
			return i;
	add_part(change, names, g, g->n - 1, g->records[g->n - 1].cell, 0, 0);
	return change->parts_len - 1;
}

static enum core_answer join(struct core *core, const struct event_key *key, uint64_t errand, struct gathered *g,
			     int64_t now_ms)
{
	const struct errand_rules rules = rules_of(core);
	const struct effort_str *names[CHANGE_PARTS];
	size_t contacts = errand_contacts(g->records, g->n), now;
	struct change change;

	memcpy(g->before, g->records, sizeof(g->before));
	errand_count(g->records, g->n, &rules);
	begin_change(&change, key, g, errand, now_ms);
	make_parts(&change, names, g);
	if (errand_book_commit(&core->errands, &change, names, seen_part(&change, names, g), now_ms) < 0)
		return CORE_CANNOT;
	/* More contacts than before come of a smaller window. */
	now = errand_contacts(g->records, g->n);
	core->errands.merged += now <= contacts ? contacts + 1 - now : 0;
	errand_book_trim(&core->errands);
	return CORE_ACCEPTED;
}

static struct effort_str method_of(const struct core *core, const struct cell *cell)
{
	const struct standing *standing = standings_get(core->ledger.standings, cell->standing);
	const char *method = standing->apart == 0 ? NULL : standings_method(core->ledger.standings, standing);

	return method == NULL ? (struct effort_str){ "", 0 } : (struct effort_str){ method, strlen(method) };
}

enum core_answer core_errand(struct core *core, const struct event_key *key, const struct cell *cell, uint64_t packed,
			     const struct effort_event *ev, bool is_wanted, int64_t now_ms)
{
	uint64_t errand = key_errand(&core->keys, ev->municipality, ev->errand, method_of(core, cell));
	struct gathered g;
	int r;

	if (!is_wanted || !errand_is_joining(cell))
		return core_event(core, key, cell, packed, ev, is_wanted, now_ms);
	r = dedup_offer(core->dedup, key->id, key->content, key->day, core->segment, false);
	if (r != DEDUP_NEW)
		return r < 0 ? CORE_CANNOT : r == DEDUP_DUPLICATE ? CORE_DUPLICATE : CORE_CONFLICT;
	if (!gather(&core->errands, errand, &g) || g.n == ERRAND_RECORDS) {
		core->errands.full++;
		return core_event(core, key, cell, packed, ev, is_wanted, now_ms);
	}
	take_record(&g, key, packed, ev);
	return join(core, key, errand, &g, now_ms);
}

/* --- a correction of one --- */

static enum core_answer take_off(struct core *core, struct change *change, struct gathered *g, size_t at, int64_t now_ms)
{
	const struct errand_rules rules = rules_of(core);
	const struct effort_str *names[CHANGE_PARTS] = { NULL };
	struct errand_record *record = &g->records[at];

	memcpy(g->before, g->records, sizeof(g->before));
	change->seconds = change->count == record->count ? record->seconds
							  : record->seconds * change->count / record->count;
	record->count -= change->count;
	record->seconds -= change->seconds;
	errand_count(g->records, g->n, &rules);
	make_parts(change, names, g);
	return errand_book_commit(&core->errands, change, names, 0, now_ms) < 0 ? CORE_CANNOT : CORE_ACCEPTED;
}

int core_correct_errand(struct core *core, struct change *change, int64_t now_ms)
{
	uint64_t errand;
	const struct errand_entry *entry = errands_find(core->errands.errands, change->about, &errand);
	struct gathered g;
	size_t at = 0;

	if (entry == NULL)
		return -ENOENT;
	if (change->count > entry->count)
		return CORE_TOO_MUCH;
	if (!gather(&core->errands, errand, &g))
		return CORE_CANNOT;
	while (at < g.n && g.records[at].id != change->about)
		at++;
	if (at == g.n)
		return CORE_DAMAGED;
	change->about_day = g.days[at];
	return take_off(core, change, &g, at, now_ms);
}
