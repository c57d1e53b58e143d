/* SPDX-License-Identifier: MPL-2.0 */
/* See errand.h. */
#include "count/errand.h"

#include <string.h>

_Static_assert(ERRAND_RECORDS <= 64, "a set of records is a word of bits");

/* Most digital first. */
static const uint8_t rank[EFFORT_CHANNELS] = {
	[EFFORT_SELFSERVICE] = 0, [EFFORT_DIGITALPOST] = 1, [EFFORT_WEB] = 2,    [EFFORT_EMAIL] = 3,
	[EFFORT_CHAT] = 4,        [EFFORT_SMS] = 5,         [EFFORT_VIDEO] = 6,  [EFFORT_SOCIAL] = 7,
	[EFFORT_PHONE] = 8,       [EFFORT_LETTER] = 9,      [EFFORT_COUNTER] = 10, [EFFORT_OTHER] = 11,
	[EFFORT_SYSTEM] = 12,
};

bool errand_is_joining(const struct cell *cell)
{
	return !cell->is_ignored && cell->direction == EFFORT_IN && cell->population <= EFFORT_BUSINESS;
}

static bool has(uint64_t set, size_t i)
{
	return (set >> i & 1) != 0;
}

static int compare_ties(const struct errand_record *a, const struct errand_record *b)
{
	size_t len = a->tie_len < b->tie_len ? a->tie_len : b->tie_len;
	int order = memcmp(a->tie, b->tie, len);

	if (order == 0)
		order = (a->tie_len > b->tie_len) - (a->tie_len < b->tie_len);
	return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

static bool leads(const struct errand_record *a, const struct errand_record *b)
{
	uint8_t rank_a = rank[cell_unpack(a->cell).channel], rank_b = rank[cell_unpack(b->cell).channel];

	if (rank_a != rank_b)
		return rank_a < rank_b;
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms;
	return compare_ties(a, b) < 0;
}

/* The next further one of the set is within the window of one that is taken. */
static bool is_near(const struct errand_record *records, size_t n, uint64_t taken, size_t i, int64_t window_ms)
{
	for (size_t k = 0; k < n; k++) {
		int64_t apart = records[k].time_ms - records[i].time_ms;

		if (has(taken, k) && apart <= window_ms && apart >= -window_ms)
			return true;
	}
	return false;
}

/* Everything of `among` that is tied to `taken` from record to record. */
static uint64_t grow(const struct errand_record *records, size_t n, uint64_t taken, uint64_t among,
		     int64_t window_ms)
{
	uint64_t before = 0;

	while (before != taken) {
		before = taken;
		for (size_t i = 0; i < n; i++)
			if (has(among, i) && !has(taken, i) && is_near(records, n, taken, i, window_ms))
				taken |= UINT64_C(1) << i;
	}
	return taken;
}

static uint64_t alive(const struct errand_record *records, size_t n)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n; i++)
		if (records[i].count > 0)
			set |= UINT64_C(1) << i;
	return set;
}

static uint16_t standing_of(const struct errand_record *lead, bool was_counted, int32_t day,
			    const struct errand_rules *rules)
{
	struct cell own = cell_unpack(lead->cell), before = cell_unpack(lead->counted_cell);

	if (was_counted && before.day == day)
		return before.standing;
	return own.day == day || rules->standing_on == NULL ? own.standing
							     : rules->standing_on(rules->ctx, own.standing, day);
}

/* One contact of all records of the set. */
static void count_one(struct errand_record *records, size_t n, uint64_t set, uint64_t counted,
		      const struct errand_rules *rules)
{
	struct errand_record *lead = NULL, *earliest = NULL;
	uint8_t assisted = EFFORT_UNASSISTED;
	int64_t seconds = 0;
	struct cell cell;

	for (size_t i = 0; i < n; i++) {
		struct errand_record *r = &records[i];

		if (!has(set, i))
			continue;
		lead = lead == NULL || leads(r, lead) ? r : lead;
		earliest = earliest == NULL || r->time_ms < earliest->time_ms ? r : earliest;
		cell = cell_unpack(r->cell);
		assisted = cell.assisted > assisted ? cell.assisted : assisted;
		seconds += r->seconds;
	}
	if (lead == NULL)
		return;
	cell = cell_unpack(lead->cell);
	cell.day = cell_day(earliest->cell);
	cell.standing = standing_of(lead, has(counted, (size_t)(lead - records)), cell.day, rules);
	cell.assisted = cell.channel == EFFORT_SELFSERVICE ? assisted : cell.assisted;
	lead->counted_cell = cell_pack(&cell);
	lead->counted = lead->count;
	lead->counted_seconds = seconds;
}

void errand_count(struct errand_record *records, size_t n, const struct errand_rules *rules)
{
	uint64_t left = alive(records, n), counted = 0;

	for (size_t i = 0; i < n; i++) {
		counted |= (uint64_t)(records[i].counted > 0) << i;
		records[i].counted = records[i].counted_seconds = 0;
	}
	while (left != 0) {
		uint64_t set = grow(records, n, left & -left, left, rules->window_ms);

		count_one(records, n, set, counted, rules);
		left &= ~set;
	}
}

size_t errand_contacts(const struct errand_record *records, size_t n)
{
	size_t contacts = 0;

	for (size_t i = 0; i < n; i++)
		contacts += records[i].counted > 0;
	return contacts;
}
