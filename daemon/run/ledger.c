/* SPDX-License-Identifier: MPL-2.0 */
/* See ledger.h. */
#include "run/ledger.h"

#include "count/named.h"
#include "domain/period.h"

#include <errno.h>
#include <string.h>

#define CUT_AHEAD 16 /* slots whose places are asked of the memory before they are needed */

int ledger_init(struct ledger *ledger, size_t names_per_key, size_t names_max)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->standings = standings_new();
	ledger->names = names_new(names_per_key, names_max);
	if (ledger->standings == NULL || ledger->names == NULL ||
	    tally_init(&ledger->waiting, SIZE_MAX) < 0 || tally_init(&ledger->next, SIZE_MAX) < 0 ||
	    tally_init(&ledger->frozen, SIZE_MAX) < 0) {
		ledger_done(ledger);
		return -ENOMEM;
	}
	return 0;
}

void ledger_done(struct ledger *ledger)
{
	struct young *young;

	while ((young = ledger_take_folded(ledger, UINT64_MAX)) != NULL)
		young_free(young);
	standings_free(ledger->standings);
	names_free(ledger->names);
	tally_done(&ledger->waiting);
	tally_done(&ledger->next);
	tally_done(&ledger->frozen);
	memset(ledger, 0, sizeof(*ledger));
}

int ledger_municipality(struct ledger *ledger, const char *code)
{
	for (size_t i = 0; i < ledger->codes_len; i++)
		if (strcmp(ledger->codes[i], code) == 0)
			return (int)i;
	if (ledger->codes_len == CELL_MUNICIPALITIES)
		return -ENOSPC;
	memcpy(ledger->codes[ledger->codes_len], code, 4);
	return (int)ledger->codes_len++;
}

int64_t ledger_seconds(const struct effort_event *ev)
{
	return (ev->flags & EFFORT_EVENT_DURATION) != 0 ? (ev->duration_ms + 500) / 1000 : 0;
}

/* A name that finds no memory is missing in a list of names, never in a count. */
static uint32_t count_name(struct ledger *ledger, uint16_t municipality, enum dimension dimension,
			   int32_t period, struct effort_str name, const struct name_amount *amount,
			   int64_t time_ms)
{
	uint32_t number;
	int r;

	if (name.len == 0)
		return RECORD_NO_NAME;
	/* What is taken back was counted for this very name. */
	if (amount->contacts < 0)
		r = names_add_known(ledger->names, municipality, dimension, period, name, *amount, time_ms, &number);
	else
		r = names_add(ledger->names, municipality, dimension, period, name, *amount, time_ms, &number);
	return r < 0 ? RECORD_NO_NAME : number;
}

static int32_t month_of(struct ledger *ledger, int32_t day)
{
	if (ledger->last.day != day) {
		ledger->last.day = day;
		ledger->last.month = period_of(WINDOW_MONTH, day).first;
	}
	return ledger->last.month;
}

/* Every event has a source, and a source comes again and again: mostly it need not be looked for. */
static uint32_t count_source(struct ledger *ledger, uint16_t municipality, int32_t month, struct effort_str name,
			     const struct name_amount *amount, int64_t time_ms, struct name_hint *hint)
{
	uint32_t number;

	if (hint != NULL &&
	    names_add_hinted(ledger->names, *hint, municipality, BY_SOURCE, month, amount, time_ms))
		return hint->number;
	number = count_name(ledger, municipality, BY_SOURCE, month, name, amount, time_ms);
	if (hint != NULL && number != RECORD_NO_NAME)
		*hint = names_hint(ledger->names, number, name);
	return number;
}

static void count_names(struct ledger *ledger, const struct cell *cell, int64_t count, int64_t time_ms,
			const struct effort_str names[DIMENSIONS], struct name_hint *source,
			uint32_t numbers[DIMENSIONS])
{
	const struct standing *standing = standings_get(ledger->standings, cell->standing);
	int32_t month = month_of(ledger, cell->day);
	struct name_amount amount = named_amount(cell, standing, count);
	struct name_amount letters = named_letters(cell, standing, count);

	numbers[BY_SOURCE] = count_source(ledger, cell->municipality, month, names[BY_SOURCE], &amount, time_ms, source);
	for (int d = BY_SOURCE + 1; d < DIMENSIONS; d++)
		if (d != BY_REASON)
			numbers[d] = count_name(ledger, cell->municipality, (enum dimension)d, month, names[d],
						&amount, time_ms);
	numbers[BY_REASON] = letters.events == 0
				     ? RECORD_NO_NAME
				     : count_name(ledger, cell->municipality, BY_REASON, cell->day,
						  names[BY_REASON], &letters, time_ms);
}

void ledger_prefetch(const struct ledger *ledger, const struct spot *spot)
{
	tally_prefetch(&ledger->waiting, spot->packed);
	if (spot->source != NULL)
		names_prefetch(ledger->names, *spot->source);
}

int ledger_count(struct ledger *ledger, const struct spot *spot, const struct effort_event *ev, int64_t arrival_ms,
		 struct effect *ret_effect)
{
	const struct standing *standing = standings_get(ledger->standings, spot->cell.standing);
	char end[NAMED_END_MAX];
	const struct effort_str names[DIMENSIONS] = { [BY_SOURCE] = ev->source,
						      [BY_UNIT] = ev->unit,
						      [BY_PORTAL] = ev->portal,
						      [BY_HANDLED_BY] = ev->handled_by,
						      [BY_REASON] = ev->reason,
						      [BY_UNIT_END] = named_end(&spot->cell, standing, ev->unit, end) };
	int64_t seconds = ledger_seconds(ev);
	int r = tally_add(&ledger->waiting, spot->packed, ev->count, seconds);

	if (r < 0)
		return r;
	if (ledger->oldest_ms == 0)
		ledger->oldest_ms = arrival_ms;
	ret_effect->cell = spot->packed;
	ret_effect->time_ms = ev->time_ms;
	ret_effect->count = ev->count;
	ret_effect->seconds = seconds;
	count_names(ledger, &spot->cell, ev->count, ev->time_ms, names, spot->source, ret_effect->names);
	return 0;
}

int ledger_recount(struct ledger *ledger, const struct effect *effect, const struct effort_str names[DIMENSIONS],
		   int64_t arrival_ms)
{
	struct cell cell = cell_unpack(effect->cell);
	uint32_t numbers[DIMENSIONS];
	int r = tally_add(&ledger->waiting, effect->cell, effect->count, effect->seconds);

	if (r < 0)
		return r;
	if (ledger->oldest_ms == 0)
		ledger->oldest_ms = arrival_ms;
	count_names(ledger, &cell, effect->count, effect->time_ms, names, NULL, numbers);
	return 0;
}

int ledger_change(struct ledger *ledger, struct change_part *part, const struct effort_str names[DIMENSIONS],
		  int64_t arrival_ms)
{
	struct cell cell = cell_unpack(part->cell);
	int r = part->count == 0 ? 0 : tally_add(&ledger->waiting, part->cell, part->count, part->seconds);

	if (r < 0)
		return r;
	if (ledger->oldest_ms == 0)
		ledger->oldest_ms = arrival_ms;
	count_names(ledger, &cell, part->count, part->time_ms, names, NULL, part->names);
	return 0;
}

static void uncount(struct ledger *ledger, uint64_t packed, int64_t count, int64_t seconds,
		    const uint32_t names[DIMENSIONS])
{
	struct cell cell = cell_unpack(packed);
	const struct standing *standing = standings_get(ledger->standings, cell.standing);
	struct name_amount amount = named_amount(&cell, standing, -count);
	struct name_amount letters = named_letters(&cell, standing, -count);

	if (count != 0)
		(void)!tally_add(&ledger->waiting, packed, -count, -seconds);
	for (int d = 0; d < DIMENSIONS; d++)
		if (names[d] != RECORD_NO_NAME)
			names_take_back(ledger->names, names[d], d == BY_REASON ? letters : amount);
}

void ledger_uncount(struct ledger *ledger, const struct effect *effect)
{
	uncount(ledger, effect->cell, effect->count, effect->seconds, effect->names);
}

void ledger_unchange(struct ledger *ledger, const struct change_part *part)
{
	uncount(ledger, part->cell, part->count, part->seconds, part->names);
}

size_t ledger_cells(const struct ledger *ledger)
{
	return ledger->waiting.used + ledger->next.used + ledger->frozen.used;
}

bool ledger_waits(const struct ledger *ledger)
{
	return ledger->waiting.used > 0 || ledger->next.used > 0 || names_wait(ledger->names);
}

#define DAYS_SEEN 64

static size_t count_days(const struct tally *tally, int32_t seen[DAYS_SEEN], size_t n)
{
	for (size_t i = 0; i <= tally->mask && n < DAYS_SEEN; i++) {
		size_t at = 0;

		if (tally->slots[i].cell == TALLY_EMPTY)
			continue;
		while (at < n && seen[at] != cell_day(tally->slots[i].cell))
			at++;
		if (at == n)
			seen[n++] = cell_day(tally->slots[i].cell);
	}
	return n;
}

/* Where there are many days, the number of cells is bound enough. */
size_t ledger_days(const struct ledger *ledger)
{
	int32_t seen[DAYS_SEEN];
	size_t n = count_days(&ledger->next, seen, count_days(&ledger->waiting, seen, 0));

	return n < DAYS_SEEN ? n : ledger->waiting.used + ledger->next.used;
}

static struct young *young_of(struct ledger *ledger, uint64_t segment)
{
	struct young *young;

	if (ledger->youngest != NULL && ledger->youngest->segment >= segment)
		return ledger->youngest;
	young = young_new(ledger->names, segment);
	if (young == NULL)
		return NULL;
	if (ledger->youngest == NULL)
		ledger->oldest = young;
	else
		ledger->youngest->next = young;
	ledger->youngest = young;
	return young;
}

static void cut_name(void *ctx, const struct name_record *record, const struct name_amount *more)
{
	young_name(ctx, record, more);
}

int ledger_cut(struct ledger *ledger, uint64_t segment)
{
	struct young *young;

	/* An empty young would make repairs wait for its segment to be folded. */
	if (ledger->waiting.used == 0 && names_are_cut(ledger->names))
		return 0;
	young = young_of(ledger, segment);
	if (young == NULL ||
	    young_reserve(young, ledger->waiting.used, names_waiting_len(ledger->names)) < 0 ||
	    tally_reserve(&ledger->next, ledger->waiting.used) < 0)
		return -ENOMEM;
	for (size_t i = 0; i <= ledger->waiting.mask; i++) {
		const struct amount *amount = &ledger->waiting.slots[i];

		if (i + CUT_AHEAD <= ledger->waiting.mask && amount[CUT_AHEAD].cell != TALLY_EMPTY) {
			tally_prefetch(&young->cells, amount[CUT_AHEAD].cell);
			tally_prefetch(&ledger->next, amount[CUT_AHEAD].cell);
		}
		if (amount->cell == TALLY_EMPTY)
			continue;
		young_cell(young, amount);
		(void)!tally_add(&ledger->next, amount->cell, amount->count, amount->seconds);
	}
	tally_clear(&ledger->waiting);
	names_cut(ledger->names, cut_name, young);
	return 0;
}

void ledger_freeze(struct ledger *ledger)
{
	struct tally spare = ledger->frozen;

	ledger->frozen = ledger->next;
	ledger->next = spare;
	names_freeze(ledger->names);
	ledger->oldest_ms = 0;
}

bool ledger_is_frozen(const struct ledger *ledger)
{
	return ledger->frozen.used > 0 || names_frozen_len(ledger->names) > 0;
}

void ledger_settle(struct ledger *ledger)
{
	tally_clear(&ledger->frozen);
	names_settle(ledger->names);
}

struct young *ledger_take_folded(struct ledger *ledger, uint64_t segment)
{
	struct young *young = ledger->oldest;

	if (young == NULL || young->segment > segment)
		return NULL;
	ledger->oldest = young->next;
	if (ledger->oldest == NULL)
		ledger->youngest = NULL;
	young->next = NULL;
	return young;
}
