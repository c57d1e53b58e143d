/* SPDX-License-Identifier: MPL-2.0 */
/* See carry.h. What an event adds to its names follows from its cell in one of few ways (count/named.h), so the sum of a
 * name says how much of it came with cells of each way. Cells are cut where one of their names is used up. */
#include "run/carry.h"

#include "count/named.h"
#include "domain/period.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_MAX ((INT64_C(1) << 20) - 1)

/* How an event counts for its names; a letter's reason has a way of its own. */
enum way { WAY_SELF, WAY_N, WAY_CONTACT, WAY_SEEN, WAY_LETTER };

struct carry_key {
	uint16_t municipality;
	uint8_t dimension, way;
	int32_t period;
};

/* What a name has left to be told with cells of one way. */
struct carry_part {
	struct carry_key key;
	uint32_t number;
	int64_t left, last_ms;
};

struct carrying {
	const struct standings *standings;
	int64_t now_ms;
	int sign; /* of the sums at hand: what was counted, or what was taken back */
	int (*on_effect)(void *ctx, const struct effect *);
	void *ctx;
	struct carry_part *parts; /* owned; sorted by key */
	size_t len, cap;
	int r;
};

static int compare_keys(const struct carry_key *a, const struct carry_key *b)
{
	int order = (a->municipality > b->municipality) - (a->municipality < b->municipality);

	if (order == 0)
		order = (a->dimension > b->dimension) - (a->dimension < b->dimension);
	if (order == 0)
		order = (a->period > b->period) - (a->period < b->period);
	return order == 0 ? (a->way > b->way) - (a->way < b->way) : order;
}

static int by_key(const void *va, const void *vb)
{
	const struct carry_part *a = va, *b = vb;
	int order = compare_keys(&a->key, &b->key);

	return order == 0 ? (a->number > b->number) - (a->number < b->number) : order;
}

static void add_part(struct carrying *carrying, const struct name_record *record, enum way way, int64_t left)
{
	if (left <= 0 || carrying->r < 0)
		return;
	if (carrying->len == carrying->cap) {
		size_t cap = carrying->cap * 2 + 256;
		struct carry_part *parts = realloc(carrying->parts, cap * sizeof(*parts));

		if (parts == NULL) {
			carrying->r = -ENOMEM;
			return;
		}
		carrying->parts = parts;
		carrying->cap = cap;
	}
	carrying->parts[carrying->len++] = (struct carry_part){
		{ record->municipality, record->dimension, (uint8_t)way, record->period },
		record->number,
		left,
		record->last_ms,
	};
}

static void add_name(void *ctx, const struct name_record *record)
{
	const struct name_amount *sum = &record->waiting;
	struct carrying *carrying = ctx;
	int sign = carrying->sign;

	if (record->municipality == CELL_COUNTRY || sum->events <= 0)
		return;
	if (record->dimension == BY_REASON) {
		add_part(carrying, record, WAY_LETTER, sign * sum->contacts);
		return;
	}
	add_part(carrying, record, WAY_SELF, sign * sum->self);
	add_part(carrying, record, WAY_N, sign * (sum->n - sum->self));
	add_part(carrying, record, WAY_CONTACT, sign * (sum->contacts - sum->n));
	/* Of one that was only seen nobody knows how often. */
	if (sum->contacts <= 0 && sign > 0)
		add_part(carrying, record, WAY_SEEN, 1);
}

/* The next part of these that something is left of; NULL: none. */
static struct carry_part *find(const struct carrying *carrying, const struct carry_key *key)
{
	size_t from = 0, to = carrying->len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare_keys(&carrying->parts[middle].key, key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	while (from < carrying->len && compare_keys(&carrying->parts[from].key, key) == 0) {
		if (carrying->parts[from].left > 0)
			return &carrying->parts[from];
		from++;
	}
	return NULL;
}

static enum way way_of(const struct carrying *carrying, const struct cell *cell)
{
	struct name_amount one = named_amount(cell, standings_get(carrying->standings, cell->standing), 1);

	return one.self > 0 ? WAY_SELF : one.n > 0 ? WAY_N : one.contacts > 0 ? WAY_CONTACT : WAY_SEEN;
}

/* The name of each dimension for what comes next of this cell. */
static void find_all(const struct carrying *carrying, const struct cell *cell, struct carry_part *ret[DIMENSIONS])
{
	int32_t month = period_of(WINDOW_MONTH, cell->day).first;
	enum way way = way_of(carrying, cell);

	for (int d = 0; d < DIMENSIONS; d++)
		ret[d] = find(carrying, &(struct carry_key){ cell->municipality, (uint8_t)d, (uint8_t)way, month });
	ret[BY_REASON] = NULL;
	if (named_letters(cell, standings_get(carrying->standings, cell->standing), 1).events > 0)
		ret[BY_REASON] = find(carrying, &(struct carry_key){ cell->municipality, BY_REASON, WAY_LETTER,
								    cell->day });
}

static int64_t at_most(int64_t value, int64_t most)
{
	return value < 0 ? 0 : value < most ? value : most;
}

/* One effect: as much of the cell as all its names have. */
static void make_effect(const struct carrying *carrying, const struct amount *left, struct effect *ret)
{
	int64_t count = at_most(carrying->sign * left->count, COUNT_MAX);
	struct cell cell = cell_unpack(left->cell);
	struct carry_part *parts[DIMENSIONS];

	find_all(carrying, &cell, parts);
	for (int d = 0; d < DIMENSIONS; d++)
		if (parts[d] != NULL && parts[d]->left < count)
			count = parts[d]->left;
	*ret = (struct effect){ .cell = left->cell,
				.time_ms = parts[BY_SOURCE] != NULL ? parts[BY_SOURCE]->last_ms : carrying->now_ms,
				.count = carrying->sign * count,
				.seconds = carrying->sign * at_most(carrying->sign * left->seconds, UINT32_MAX) };
	for (int d = 0; d < DIMENSIONS; d++) {
		ret->names[d] = parts[d] != NULL ? parts[d]->number : RECORD_NO_NAME;
		if (parts[d] != NULL)
			parts[d]->left -= count;
	}
}

/* Seconds go with a count of their sign: where there is none, one is added and taken off again. */
static int carry_seconds(const struct carrying *carrying, uint64_t cell, int64_t seconds)
{
	int64_t sign = seconds < 0 ? -1 : 1, some = at_most(sign * seconds, UINT32_MAX);
	struct effect effect = { .cell = cell, .time_ms = carrying->now_ms, .count = sign, .seconds = sign * some };
	int r;

	for (int d = 0; d < DIMENSIONS; d++)
		effect.names[d] = RECORD_NO_NAME;
	r = carrying->on_effect(carrying->ctx, &effect);
	effect.count = -sign;
	effect.seconds = 0;
	return r < 0 ? r : carrying->on_effect(carrying->ctx, &effect);
}

static int carry_cell(const struct carrying *carrying, struct amount left)
{
	int r = 0;

	while (carrying->sign * left.count > 0 && r == 0) {
		struct effect effect;

		make_effect(carrying, &left, &effect);
		r = carrying->on_effect(carrying->ctx, &effect);
		left.count -= effect.count;
		left.seconds -= effect.seconds;
	}
	while (left.seconds != 0 && r == 0) {
		r = carry_seconds(carrying, left.cell, left.seconds);
		left.seconds -= left.seconds < 0 ? -at_most(-left.seconds, UINT32_MAX)
						 : at_most(left.seconds, UINT32_MAX);
	}
	return r;
}

static enum way way_in(const struct carrying *carrying, const struct cell *cell, int dimension)
{
	return dimension == BY_REASON ? WAY_LETTER : way_of(carrying, cell);
}

/* Where one name of a cell was taken back and another was counted, the cell does not have what they have: it is added
 * with the name and taken off without. */
static int carry_name(const struct carrying *carrying, uint64_t packed, int dimension)
{
	struct cell cell = cell_unpack(packed);
	struct carry_key key = { cell.municipality, (uint8_t)dimension, (uint8_t)way_in(carrying, &cell, dimension),
				 dimension == BY_REASON ? cell.day : period_of(WINDOW_MONTH, cell.day).first };
	struct carry_part *part;
	int r = 0;

	if (dimension == BY_REASON &&
	    named_letters(&cell, standings_get(carrying->standings, cell.standing), 1).events == 0)
		return 0;
	while (r == 0 && (part = find(carrying, &key)) != NULL) {
		int64_t count = at_most(part->left, COUNT_MAX);
		struct effect effect = { .cell = packed, .time_ms = part->last_ms, .count = carrying->sign * count };

		for (int d = 0; d < DIMENSIONS; d++)
			effect.names[d] = RECORD_NO_NAME;
		effect.names[dimension] = part->number;
		part->left -= count;
		r = carrying->on_effect(carrying->ctx, &effect);
		effect.names[dimension] = RECORD_NO_NAME;
		effect.count = -effect.count;
		if (r == 0)
			r = carrying->on_effect(carrying->ctx, &effect);
	}
	return r;
}

static int carry_sign(const struct tally *cells, const struct names *names, struct carrying *carrying)
{
	names_waiting(names, add_name, carrying);
	if (carrying->len > 0)
		qsort(carrying->parts, carrying->len, sizeof(*carrying->parts), by_key);
	for (size_t i = 0; i <= cells->mask && carrying->r == 0; i++)
		if (cells->slots[i].cell != TALLY_EMPTY && (cells->slots[i].count < 0) == (carrying->sign < 0))
			carrying->r = carry_cell(carrying, cells->slots[i]);
	for (size_t i = 0; i <= cells->mask && carrying->r == 0; i++)
		for (int d = 0; d < DIMENSIONS && carrying->r == 0 && cells->slots[i].cell != TALLY_EMPTY; d++)
			carrying->r = carry_name(carrying, cells->slots[i].cell, d);
	carrying->len = 0;
	return carrying->r;
}

int carry(const struct tally *cells, const struct standings *standings, const struct names *names, int64_t now_ms,
	  int (*on_effect)(void *ctx, const struct effect *), void *ctx)
{
	struct carrying carrying = {
		.standings = standings, .now_ms = now_ms, .sign = 1, .on_effect = on_effect, .ctx = ctx
	};
	int r = carry_sign(cells, names, &carrying);

	carrying.sign = -1;
	if (r == 0)
		r = carry_sign(cells, names, &carrying);
	free(carrying.parts);
	return r;
}
