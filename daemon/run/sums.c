/* SPDX-License-Identifier: MPL-2.0 */
/* See sums.h. A tally and a set of names of their own take everything up, then are spread as a batch is. */
#include "run/sums.h"

#include "run/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 65536

/* A word of the files by its address there, and the ledger's number of it. */
struct word {
	const void *text;
	int number;
};

struct sums {
	struct ledger *ledger;
	const struct sums_visit *visit;
	int32_t first, end;
	int dimension; /* of names; -1: cells */
	struct tally cells;
	struct names *names;
	struct word words[1024]; /* a cache */
	struct spread_cell *joined; /* owned: cells and reasons of one group */
	size_t joined_cap;
};

static int sums_init(struct sums *sums, struct ledger *ledger)
{
	*sums = (struct sums){ .ledger = ledger, .dimension = -1 };
	sums->names = names_new(SIZE_MAX / 4, WORDS_MAX * 8);
	return sums->names == NULL || tally_init(&sums->cells, SIZE_MAX) < 0 ? -ENOMEM : 0;
}

static void sums_done(struct sums *sums)
{
	names_free(sums->names);
	tally_done(&sums->cells);
	free(sums->joined);
}

/* --- taking up --- */

static int standing_of(struct sums *sums, const struct standing_text *text)
{
	struct word *word = &sums->words[(uintptr_t)text / 16 % (sizeof(sums->words) / sizeof(sums->words[0]))];

	if (word->text != text) {
		int number = place_standing(sums->ledger->standings, text);

		if (number < 0)
			return number;
		*word = (struct word){ text, number };
	}
	return word->number;
}

static int on_amount(void *ctx, const char *code, const struct standing_text *text, const struct cell *cell,
		     int64_t count, int64_t seconds)
{
	struct sums *sums = ctx;
	struct cell own = *cell;
	int municipality = ledger_municipality(sums->ledger, code), standing = standing_of(sums, text);

	if (municipality < 0 || standing < 0)
		return municipality < 0 ? municipality : standing;
	own.municipality = (uint16_t)municipality;
	own.standing = (uint16_t)standing;
	own.day = sums->first;
	return tally_add(&sums->cells, cell_pack(&own), count, seconds);
}

static int on_name(void *ctx, const char *code, enum dimension dimension, int32_t period, struct effort_str name,
		   const struct name_amount *amount, int64_t last_ms)
{
	struct sums *sums = ctx;
	int municipality = ledger_municipality(sums->ledger, code);

	(void)period;
	if (municipality < 0)
		return municipality;
	if ((int)dimension != (sums->dimension < 0 ? (int)BY_REASON : sums->dimension))
		return 0;
	return names_add(sums->names, (uint16_t)municipality, dimension, sums->first, name, *amount, last_ms, NULL);
}

static int add_cells(struct sums *sums, const struct tally *tally, int sign)
{
	int r = 0;

	for (size_t i = 0; i <= tally->mask && r == 0; i++) {
		const struct amount *amount = &tally->slots[i];
		struct cell cell;

		if (amount->cell == TALLY_EMPTY || cell_day(amount->cell) < sums->first ||
		    cell_day(amount->cell) >= sums->end)
			continue;
		cell = cell_unpack(amount->cell);
		cell.day = sums->first;
		r = tally_add(&sums->cells, cell_pack(&cell), sign * amount->count, sign * amount->seconds);
	}
	return r;
}

static bool is_asked(const struct sums *sums, const struct name_record *record)
{
	int dimension = sums->dimension < 0 ? (int)BY_REASON : sums->dimension;

	return record->dimension == dimension && record->municipality != CELL_COUNTRY &&
	       record->period >= sums->first && record->period < sums->end;
}

static int add_name(struct sums *sums, const struct name_record *record, struct name_amount amount)
{
	if (!is_asked(sums, record))
		return 0;
	return names_add(sums->names, record->municipality, (enum dimension)record->dimension, sums->first,
			 record->name, amount, record->last_ms, NULL);
}

static int add_young(struct sums *sums)
{
	int r = 0;

	for (const struct young *young = sums->ledger->oldest; young != NULL && r == 0; young = young->next) {
		if (sums->dimension < 0)
			r = add_cells(sums, &young->cells, 1);
		for (size_t i = 0; i <= young->mask && r == 0; i++)
			if (young->slots[i].number != UINT32_MAX)
				r = add_name(sums, names_get(sums->ledger->names, young->slots[i].number),
					     young->slots[i].amount);
	}
	return r;
}

struct taking {
	struct sums *sums;
	int r;
};

static void take_cut(void *ctx, const struct name_record *record)
{
	struct taking *taking = ctx;
	struct name_amount less = { -record->cut.events, -record->cut.contacts, -record->cut.n,
				    -record->cut.self };

	if (taking->r == 0 && record->cut.events != 0)
		taking->r = add_name(taking->sums, record, less);
}

/* Last, so that what comes to nothing stays so. */
static int take_off_unsent(struct sums *sums)
{
	struct taking taking = { sums, 0 };

	if (sums->dimension < 0)
		taking.r = add_cells(sums, &sums->ledger->next, -1);
	names_waiting(sums->ledger->names, take_cut, &taking);
	return taking.r;
}

static int take_up(struct sums *sums, const struct totals *files)
{
	const struct totals_visit visit = { .ctx = sums,
					    .on_amount = sums->dimension < 0 ? on_amount : NULL,
					    .on_name = on_name };
	int r = totals_visit(files, &visit);

	if (r == 0)
		r = add_young(sums);
	return r == 0 ? take_off_unsent(sums) : r;
}

/* --- giving out --- */

struct reasons {
	struct sums *sums;
	uint16_t municipality;
	size_t n;
	int r;
};

static int reserve(struct sums *sums, size_t n)
{
	struct spread_cell *cells;

	if (n <= sums->joined_cap)
		return 0;
	cells = realloc(sums->joined, n * 2 * sizeof(*cells));
	if (cells == NULL)
		return -ENOMEM;
	sums->joined = cells;
	sums->joined_cap = n * 2;
	return 0;
}

static void join_reason(void *ctx, const struct name_record *record)
{
	struct reasons *reasons = ctx;
	struct spread_cell *cell;

	if (record->municipality != reasons->municipality || record->frozen.events <= 0 || reasons->r < 0)
		return;
	reasons->r = reserve(reasons->sums, reasons->n + 1);
	if (reasons->r < 0)
		return;
	cell = &reasons->sums->joined[reasons->n++];
	snprintf(cell->field, sizeof(cell->field), "reason:%.*s", (int)record->name.len, record->name.ptr);
	cell->amount = record->frozen.contacts;
}

static int on_group(void *ctx, const struct spread_group *group)
{
	struct sums *sums = ctx;
	struct spread_group whole = *group;
	struct reasons reasons = { sums, group->municipality, group->cells_len, 0 };

	if (reserve(sums, group->cells_len + 1) < 0)
		return -ENOMEM;
	memcpy(sums->joined, group->cells, group->cells_len * sizeof(*group->cells));
	names_frozen(sums->names, join_reason, &reasons);
	if (reasons.r < 0)
		return reasons.r;
	whole.cells = sums->joined;
	whole.cells_len = reasons.n;
	return sums->visit->on_group(sums->visit->ctx, &whole);
}

static size_t without_zeros(struct amount *amounts, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (amounts[i].count != 0 || amounts[i].seconds != 0)
			amounts[kept++] = amounts[i];
	return kept;
}

int sums_of_period(struct ledger *ledger, const struct totals *files, int32_t first, int32_t end,
		   const struct sums_visit *visit)
{
	struct amount *amounts = NULL;
	struct sums sums;
	int r = sums_init(&sums, ledger);

	sums.visit = visit;
	sums.first = first;
	sums.end = end;
	if (r == 0)
		r = take_up(&sums, files);
	if (r == 0) {
		amounts = malloc((sums.cells.used + 1) * sizeof(*amounts));
		r = amounts == NULL ? -ENOMEM : 0;
	}
	if (r == 0) {
		names_freeze(sums.names);
		r = spread(amounts, without_zeros(amounts, tally_sorted(&sums.cells, amounts)),
			   ledger->standings, on_group, &sums);
	}
	free(amounts);
	sums_done(&sums);
	return r;
}

struct gathering {
	const struct name_record **list; /* owned */
	size_t n;
};

static void gather(void *ctx, const struct name_record *record)
{
	struct gathering *gathering = ctx;

	if (record->frozen.events > 0)
		gathering->list[gathering->n++] = record;
}

static int by_municipality(const void *a, const void *b)
{
	const struct name_record *x = *(const struct name_record *const *)a,
				 *y = *(const struct name_record *const *)b;

	return (x->municipality > y->municipality) - (x->municipality < y->municipality);
}

static int give_names(struct sums *sums)
{
	struct gathering g = { calloc(names_frozen_len(sums->names) + 1, sizeof(struct name_record *)), 0 };
	size_t from = 0;
	int r = 0;

	if (g.list == NULL)
		return -ENOMEM;
	names_frozen(sums->names, gather, &g);
	qsort(g.list, g.n, sizeof(*g.list), by_municipality);
	while (from < g.n && r == 0) {
		size_t to = from + 1;

		while (to < g.n && g.list[to]->municipality == g.list[from]->municipality)
			to++;
		r = sums->visit->on_names(sums->visit->ctx, g.list[from]->municipality, g.list + from, to - from);
		from = to;
	}
	free(g.list);
	return r;
}

int sums_of_names(struct ledger *ledger, const struct totals *files, enum dimension dimension, int32_t month,
		  const struct sums_visit *visit)
{
	struct sums sums;
	int r = sums_init(&sums, ledger);

	sums.visit = visit;
	sums.dimension = (int)dimension;
	sums.first = month;
	sums.end = month + 1;
	if (r == 0)
		r = take_up(&sums, files);
	if (r == 0) {
		names_freeze(sums.names);
		r = give_names(&sums);
	}
	sums_done(&sums);
	return r;
}
