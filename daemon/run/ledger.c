/* SPDX-License-Identifier: MPL-2.0 */
/* See ledger.h. */
#include "run/ledger.h"

#include "domain/period.h"

#include <errno.h>
#include <string.h>

int ledger_init(struct ledger *ledger, size_t names_per_key, size_t names_max)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->standings = standings_new();
	ledger->names = names_new(names_per_key, names_max);
	if (ledger->standings == NULL || ledger->names == NULL ||
	    tally_init(&ledger->waiting, SIZE_MAX) < 0 || tally_init(&ledger->frozen, SIZE_MAX) < 0) {
		ledger_done(ledger);
		return -ENOMEM;
	}
	return 0;
}

void ledger_done(struct ledger *ledger)
{
	standings_free(ledger->standings);
	names_free(ledger->names);
	tally_done(&ledger->waiting);
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

/* Handling time is kept in whole seconds, rounded half up. */
static int64_t seconds_of(const struct effort_event *ev)
{
	return (ev->flags & EFFORT_EVENT_DURATION) != 0 ? (ev->duration_ms + 500) / 1000 : 0;
}

static int count_name(struct ledger *ledger, const struct cell *cell, enum dimension dimension,
		      int32_t period, struct effort_str name, const struct name_amount *amount,
		      int64_t time_ms)
{
	if (name.len == 0)
		return 0;
	return names_add(ledger->names, cell->municipality, dimension, period, name, *amount, time_ms);
}

static int32_t month_of(struct ledger *ledger, int32_t day)
{
	if (ledger->last.day != day) {
		ledger->last.day = day;
		ledger->last.month = period_of(WINDOW_MONTH, day).first;
	}
	return ledger->last.month;
}

static int count_names(struct ledger *ledger, const struct cell *cell, const struct effort_event *ev)
{
	const struct standing *standing = standings_get(ledger->standings, cell->standing);
	int32_t month = month_of(ledger, cell->day);
	bool is_self, is_in_n = spread_in_n(cell, standing, &is_self);
	bool is_contact =
		!cell->is_ignored && cell->direction == EFFORT_IN && cell->population <= EFFORT_BUSINESS;
	struct name_amount amount = { .events = 1,
				      .contacts = is_contact ? ev->count : 0,
				      .n = is_in_n ? ev->count : 0,
				      .self = is_self ? ev->count : 0 };
	struct name_amount letters = { .events = 1, .contacts = ev->count };
	int r = count_name(ledger, cell, BY_SOURCE, month, ev->source, &amount, ev->time_ms);

	if (r == 0)
		r = count_name(ledger, cell, BY_UNIT, month, ev->unit, &amount, ev->time_ms);
	if (r == 0)
		r = count_name(ledger, cell, BY_PORTAL, month, ev->portal, &amount, ev->time_ms);
	if (r == 0)
		r = count_name(ledger, cell, BY_HANDLED_BY, month, ev->handled_by, &amount, ev->time_ms);
	if (r == 0 && cell->direction == EFFORT_OUT && !cell->is_ignored)
		r = count_name(ledger, cell, BY_REASON, cell->day, ev->reason, &letters, ev->time_ms);
	return r;
}

int ledger_count(struct ledger *ledger, const struct cell *cell, uint64_t packed,
		 const struct effort_event *ev, int64_t arrival_ms)
{
	int r = tally_add(&ledger->waiting, packed, ev->count, seconds_of(ev));

	if (r < 0)
		return r;
	if (ledger->oldest_ms == 0)
		ledger->oldest_ms = arrival_ms;
	/* A name that finds no memory is missing in a list of names, never in a count. */
	(void)!count_names(ledger, cell, ev);
	return 0;
}

size_t ledger_cells(const struct ledger *ledger)
{
	return ledger->waiting.used + ledger->frozen.used;
}

bool ledger_waits(const struct ledger *ledger)
{
	return ledger->waiting.used > 0 || names_wait(ledger->names);
}

static void swap(struct ledger *ledger)
{
	struct tally spare = ledger->frozen;

	ledger->frozen = ledger->waiting;
	ledger->waiting = spare;
}

void ledger_freeze(struct ledger *ledger)
{
	swap(ledger);
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
