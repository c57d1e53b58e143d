/* SPDX-License-Identifier: MPL-2.0 */
/* Readings of meters: what was counted between two readings next to each other is a function of both (count/meter), so
 * a further reading, or one that is taken back, changes what was counted between its neighbours: in one change of the
 * journal, like a record of an errand (run/errand). A level counts nothing and is remembered in the same way. */
#include "base/log.h"
#include "count/meter.h"
#include "domain/calendar.h"
#include "domain/definition.h"
#include "run/core_inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct meter {
	struct meter_reading readings[METER_READINGS + 1];
	struct effort_str names[METER_READINGS + 1][DIMENSIONS];
	size_t n;
};

/* False: one of them cannot be told; then nothing of the meter is touched. */
static bool gather(struct errand_book *book, uint64_t key, struct meter *m)
{
	const struct kinds *kinds = errands_kinds(book->errands);
	uint32_t numbers[METER_READINGS];
	size_t n = errands_of(book->errands, key, numbers, METER_READINGS);
	bool is_fine = true;

	for (m->n = 0; m->n < n; m->n++) {
		const struct errand_entry *entry = errands_get(book->errands, numbers[m->n]);
		struct meter_reading *r = &m->readings[m->n];

		*r = (struct meter_reading){ .id = entry->id,
					     .time_ms = entry->time_ms,
					     .value = entry->count - 1,
					     .is_there = entry->count > 0 };
		is_fine &= errand_book_cell(book, entry->kind, &r->cell);
		for (int d = 0; d < DIMENSIONS; d++)
			m->names[m->n][d] = kinds_name(kinds, kinds_get(kinds, entry->kind)->names[d]);
	}
	return is_fine;
}

/* What lies before the earliest of a full meter has been forgotten, but what was counted from there has not. */
static bool has_forgotten_before(const struct meter *m, size_t of, size_t remembered)
{
	return remembered == METER_READINGS && meter_before(m->readings, m->n, of) == m->n;
}

_Static_assert(CHANGE_PARTS > 2 * (METER_PIECES + DEFINITIONS_MAX - 1),
	       "what lies between three readings is cut by months and definitions");

/* The days of a piece, cut where another definition of the share begins: each is counted as its own has it. */
static void add_piece(const struct core_owner *owner, struct change *change, const struct change_part *whole)
{
	struct cell cell = cell_unpack(whole->cell);
	int32_t first = cell.day - whole->days + 1, end = cell.day + 1, until;

	for (int32_t day = first; day < end; day = until) {
		struct change_part part = *whole;

		until = INT32_MAX;
		if (owner->ruled_on != NULL)
			cell.standing = owner->ruled_on(owner->ctx, cell.standing, day, &until);
		until = until < end ? until : end;
		cell.day = until - 1;
		part.cell = cell_pack(&cell);
		part.days = (uint8_t)(until - day);
		part.count = whole->count * (until - first) / whole->days - whole->count * (day - first) / whole->days;
		if (part.count != 0)
			change->parts[change->parts_len++] = part;
	}
}

/* sign -1: takes back what was counted between two readings. */
static void add_between(const struct core_owner *owner, struct change *change, const struct effort_str **names,
			const struct meter *m, size_t from, size_t to, int sign)
{
	struct meter_piece pieces[METER_PIECES];
	size_t before = change->parts_len;
	size_t n = from == m->n || to == m->n
			   ? 0
			   : meter_pieces(&m->readings[from], &m->readings[to], pieces);

	for (size_t i = 0; i < n; i++)
		add_piece(owner, change, &(struct change_part){ .cell = pieces[i].cell,
								.time_ms = m->readings[to].time_ms,
								.count = sign * pieces[i].count,
								.days = pieces[i].days });
	for (; before < change->parts_len; before++)
		names[before] = m->names[to];
}

static void take_reading(struct meter *m, const struct event_key *key, uint64_t packed, const struct effort_event *ev)
{
	const struct effort_str names[DIMENSIONS] = { [BY_SOURCE] = ev->source,
						      [BY_UNIT] = ev->unit,
						      [BY_PORTAL] = ev->portal,
						      [BY_HANDLED_BY] = ev->handled_by,
						      [BY_REASON] = ev->reason };

	m->readings[m->n] = (struct meter_reading){
		.id = key->id, .time_ms = ev->time_ms, .value = ev->reading, .cell = packed, .is_there = true
	};
	memcpy(m->names[m->n++], names, sizeof(names));
}

static void begin_change(struct change *change, const struct event_key *key, const struct effort_event *ev,
			 uint64_t meter, uint64_t packed, size_t known, int64_t now_ms)
{
	*change = (struct change){ .kind = CHANGE_METER,
				   .id = key->id,
				   .content = key->content,
				   .id_day = key->day,
				   .time_ms = ev->time_ms,
				   .about = meter,
				   .record = { .booked = key->id,
					       .cell = packed,
					       .time_ms = ev->time_ms,
					       .count = ev->reading + 1,
					       .seconds = (ev->flags & EFFORT_EVENT_LEVEL) != 0 },
				   .arrival_ms = now_ms,
				   .known = (uint8_t)known,
				   .tie_len = ev->meter.len };
	memcpy(change->tie, ev->meter.ptr, ev->meter.len);
}

static bool is_doubtful(const struct meter_reading *from, const struct meter_reading *to)
{
	return meter_is_reset(from, to) || meter_is_too_much(from, to);
}

/* A mistyped reading looks like this; what is counted for it stays so until the reading is taken back. */
static void tell_doubt(struct core *core, const struct effort_event *ev, const struct meter_reading *from,
		       const struct meter_reading *to)
{
	const char *what = meter_is_too_much(from, to)
				   ? "a meter shows too much more than before: nothing is counted for it; is the reading mistyped?"
				   : "a meter began anew: it shows less than before; or is a reading mistyped?";
	struct meter_piece pieces[METER_PIECES];
	int64_t counted = 0;

	if (!is_doubtful(from, to))
		return;
	core->doubtful++;
	for (size_t i = meter_pieces(from, to, pieces); i > 0; i--)
		counted += pieces[i - 1].count;
	LOG(LOG_WARNING, "run", what, F_TEXT("source", ev->source), F_TEXT("municipality", ev->municipality),
	    F_TEXT("meter", ev->meter), F_STR("day", DAY_STR(cell_day(to->cell))), F_INT("before", from->value), F_INT("shown", to->value),
	    F_INT("counted", counted));
}

static void count_reading(struct core *core, struct change *change, const struct effort_str **names,
			  const struct meter *m, const struct effort_event *ev, size_t known)
{
	size_t at = m->n - 1, before = meter_before(m->readings, m->n, at), behind = meter_behind(m->readings, m->n, at);

	if (has_forgotten_before(m, at, known))
		return;
	add_between(&core->owner, change, names, m, before, behind, -1);
	add_between(&core->owner, change, names, m, before, at, 1);
	add_between(&core->owner, change, names, m, at, behind, 1);
	if (before < m->n) {
		tell_doubt(core, ev, &m->readings[before], &m->readings[at]);
		core->resets += meter_is_reset(&m->readings[before], &m->readings[at]);
	}
	if (behind < m->n && (before == m->n || !is_doubtful(&m->readings[before], &m->readings[behind])))
		tell_doubt(core, ev, &m->readings[at], &m->readings[behind]);
}

enum core_answer core_meter(struct core *core, const struct event_key *key, const struct spot *spot,
			    const struct effort_event *ev, bool is_wanted, int64_t now_ms)
{
	uint64_t meter = key_meter(&core->keys, ev);
	const struct effort_str *names[CHANGE_PARTS];
	struct change change;
	struct meter m;
	size_t known;
	int r;

	if (!is_wanted)
		return core_event(core, key, spot, ev, is_wanted, now_ms);
	r = dedup_offer(core->dedup, key->id, key->content, key->day, core->segment, false);
	if (r != DEDUP_NEW)
		return r < 0 ? CORE_CANNOT : r == DEDUP_DUPLICATE ? CORE_DUPLICATE : CORE_CONFLICT;
	if (!gather(&core->meters, meter, &m))
		return CORE_CANNOT;
	known = m.n;
	take_reading(&m, key, spot->packed, ev);
	begin_change(&change, key, ev, meter, spot->packed, known, now_ms);
	if ((ev->flags & EFFORT_EVENT_LEVEL) == 0)
		count_reading(core, &change, names, &m, ev, known);
	/* Its names were seen, and are the record's. */
	names[change.parts_len] = m.names[m.n - 1];
	change.parts[change.parts_len++] = (struct change_part){ .cell = spot->packed, .time_ms = ev->time_ms };
	if (errand_book_commit(&core->meters, &change, names, change.parts_len - 1, now_ms) < 0)
		return CORE_CANNOT;
	store_touch(core->store, cell_municipality(spot->packed));
	errand_book_trim(&core->meters);
	return CORE_ACCEPTED;
}

int core_correct_meter(struct core *core, struct change *change, int64_t now_ms)
{
	uint64_t key;
	const struct errand_entry *entry = errands_find(core->meters.errands, change->about, &key);
	const struct effort_str *names[CHANGE_PARTS] = { NULL };
	struct meter m;
	size_t at = 0, before, behind;

	if (entry == NULL)
		return -ENOENT;
	if (entry->count == 0)
		return CORE_TOO_MUCH;
	if (!gather(&core->meters, key, &m))
		return CORE_CANNOT;
	while (m.readings[at].id != change->about)
		at++;
	if (has_forgotten_before(&m, at, m.n))
		return CORE_NOT_KNOWN;
	change->count = entry->count;
	change->about_day = entry->id_day;
	before = meter_before(m.readings, m.n, at);
	behind = meter_behind(m.readings, m.n, at);
	if (entry->seconds == 0) {
		add_between(&core->owner, change, names, &m, before, at, -1);
		add_between(&core->owner, change, names, &m, at, behind, -1);
		add_between(&core->owner, change, names, &m, before, behind, 1);
	}
	if (errand_book_commit(&core->meters, change, names, 0, now_ms) < 0)
		return CORE_CANNOT;
	store_touch(core->store, cell_municipality(m.readings[at].cell));
	return CORE_ACCEPTED;
}
