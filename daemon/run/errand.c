/* SPDX-License-Identifier: MPL-2.0 */
/* Records of errands, and corrections of them: core_errand() of core.h and core_correct_errand() of core_inside.h. All
 * that is remembered of the errand is counted anew (count/errand); what is counted under each record now instead of
 * before becomes one change of the journal, which the book (errand_book.h) counts and takes up whole or not at all. */
#include "run/core_inside.h"

#include <errno.h>
#include <string.h>

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

enum core_answer core_errand(struct core *core, const struct event_key *key, const struct spot *spot,
			     const struct effort_event *ev, bool is_wanted, int64_t now_ms)
{
	uint64_t errand = key_errand(&core->keys, ev->municipality, ev->errand, method_of(core, &spot->cell));
	struct gathered g;
	int r;

	if (!is_wanted || !errand_is_joining(&spot->cell))
		return core_event(core, key, spot, ev, is_wanted, now_ms);
	r = dedup_offer(core->dedup, key->id, key->content, key->day, core->segment, false);
	if (r != DEDUP_NEW)
		return r < 0 ? CORE_CANNOT : r == DEDUP_DUPLICATE ? CORE_DUPLICATE : CORE_CONFLICT;
	if (!gather(&core->errands, errand, &g) || g.n == ERRAND_RECORDS) {
		core->errands.full++;
		return core_event(core, key, spot, ev, is_wanted, now_ms);
	}
	take_record(&g, key, spot->packed, ev);
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
