/* SPDX-License-Identifier: MPL-2.0 */
/* See spread.h. A group is one run of amounts of the same municipality and day. Scope sums lie in arrays
 * indexed by the standings' numbers, so that a group costs what its changed cells and scopes cost; the
 * country's groups come out of the same amounts with the municipality taken out and sorted again. */
#include "count/spread.h"

#include "event/vocab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(SPREAD_WORD_MAX >= sizeof("apart_assisted") - 1 && SPREAD_WORD_MAX >= sizeof("selfservice") - 1 &&
		       SPREAD_WORD_MAX >= sizeof("transaction") - 1,
	       "the longest family, channel and kind fit a field");
_Static_assert(SPREAD_FIELD_MAX > sizeof("apart_assisted://selfservice/transaction") + 2 * AREA_NAME_MAX,
	       "the longest field fits");

/* A family of scopes ("areas", "groups", "tasks") and which of them the group at hand has touched. */
struct scope_set {
	struct spread_scope *by_number; /* owned; changed == 0: not touched */
	uint32_t *touched;              /* owned: numbers, in order of first touch */
	size_t len, n;
};

struct work {
	const struct standings *standings;
	struct scope_set areas, groups, tasks;
	struct spread_scope *scopes, *task_scopes; /* owned: what a group shows */
	struct spread_cell *cells;                 /* owned */
	uint32_t *index;                           /* owned: place in cells + 1, by hash of the field; 0: free */
	size_t cells_len, cells_cap;               /* cap: a power of two, half of the index */
};

static int scope_set_init(struct scope_set *set, size_t len)
{
	set->len = len;
	set->by_number = calloc(len + 1, sizeof(*set->by_number));
	set->touched = calloc(len + 1, sizeof(*set->touched));
	return set->by_number == NULL || set->touched == NULL ? -ENOMEM : 0;
}

static void scope_set_done(struct scope_set *set)
{
	free(set->by_number);
	free(set->touched);
}

static void work_done(struct work *work)
{
	scope_set_done(&work->areas);
	scope_set_done(&work->groups);
	scope_set_done(&work->tasks);
	free(work->scopes);
	free(work->task_scopes);
	free(work->cells);
	free(work->index);
}

static int work_init(struct work *work, const struct standings *standings)
{
	*work = (struct work){ .standings = standings };
	if (scope_set_init(&work->areas, standings_areas(standings)) < 0 ||
	    scope_set_init(&work->groups, standings_groups(standings)) < 0 ||
	    scope_set_init(&work->tasks, standings_tasks(standings)) < 0)
		return -ENOMEM;
	work->scopes = calloc(1 + work->areas.len + work->groups.len, sizeof(*work->scopes));
	work->task_scopes = calloc(work->tasks.len + 1, sizeof(*work->task_scopes));
	return work->scopes == NULL || work->task_scopes == NULL ? -ENOMEM : 0;
}

static void add_sums(struct spread_scope *scope, uint32_t sums, int64_t amount)
{
	scope->changed |= sums;
	for (; sums != 0; sums &= sums - 1)
		scope->sums[__builtin_ctz(sums)] += amount;
}

static void touch(struct scope_set *set, uint32_t number, uint32_t sums, int64_t amount)
{
	struct spread_scope *scope = &set->by_number[number];

	if (scope->changed == 0)
		set->touched[set->n++] = number;
	add_sums(scope, sums, amount);
}

static struct contact contact_of(const struct cell *cell, const struct standing *standing)
{
	return (struct contact){
		.channel = cell->channel,
		.kind = cell->kind,
		.direction = cell->direction,
		.population = cell->population,
		.assisted = cell->assisted,
		.outcome = cell->outcome,
		.is_exempt = cell->is_exempt,
		.is_ignored = cell->is_ignored,
		.is_municipal = standing->is_municipal,
		.is_target = standing->is_target,
		.is_apart = standing->apart != 0,
		.rule = standing->rule,
	};
}

bool spread_in_n(const struct cell *cell, const struct standing *standing, bool *ret_self)
{
	struct contact contact = contact_of(cell, standing);
	uint32_t sums = contact_sums(&contact);

	*ret_self = sums >> SUM_SELF & 1;
	return sums >> SUM_N & 1;
}

/* --- cells --- */

/* Several cells of the tally may be one counter of Redis. */
static uint32_t *place_of(const struct work *work, const char *field, size_t len)
{
	size_t mask = 2 * work->cells_cap - 1, i = (size_t)XXH3_64bits(field, len) & mask;

	while (work->index[i] != 0 && strcmp(work->cells[work->index[i] - 1].field, field) != 0)
		i = (i + 1) & mask;
	return &work->index[i];
}

static void forget_cells(struct work *work)
{
	work->cells_len = 0;
	if (work->index != NULL)
		memset(work->index, 0, 2 * work->cells_cap * sizeof(*work->index));
}

static int grow_cells(struct work *work)
{
	size_t cap = work->cells_cap == 0 ? 256 : work->cells_cap * 2;
	struct spread_cell *cells = realloc(work->cells, cap * sizeof(*cells));
	uint32_t *index = cells == NULL ? NULL : calloc(2 * cap, sizeof(*index));

	if (cells != NULL)
		work->cells = cells;
	if (index == NULL)
		return -ENOMEM;
	free(work->index);
	work->index = index;
	work->cells_cap = cap;
	for (size_t i = 0; i < work->cells_len; i++)
		*place_of(work, cells[i].field, strlen(cells[i].field)) = (uint32_t)i + 1;
	return 0;
}

static int put_cell(struct work *work, const char *family, const char *label, int64_t amount)
{
	struct spread_cell *cell;
	uint32_t *place;
	char *end;

	if (amount == 0)
		return 0;
	if (work->cells_len == work->cells_cap && grow_cells(work) < 0)
		return -ENOMEM;
	cell = &work->cells[work->cells_len];
	end = stpcpy(stpcpy(stpcpy(cell->field, family), ":"), label);
	place = place_of(work, cell->field, (size_t)(end - cell->field));
	if (*place != 0) {
		work->cells[*place - 1].amount += amount;
		return 0;
	}
	cell->amount = amount;
	*place = (uint32_t)++work->cells_len;
	return 0;
}

/* The n: cell and everything that is "of which". */
static int put_contact(struct work *work, const struct cell *cell, const char *label,
		       const struct amount *amount)
{
	int r = put_cell(work, "n", label, amount->count);

	if (r == 0 && cell->outcome != EFFORT_COMPLETED)
		r = put_cell(work, vocab_outcome[cell->outcome], label, amount->count);
	if (r == 0 && cell->assisted != EFFORT_UNASSISTED)
		r = put_cell(work, "assisted", label, amount->count);
	if (r == 0 && cell->is_exempt)
		r = put_cell(work, "exempt", label, amount->count);
	if (r == 0 && cell->population == EFFORT_BUSINESS)
		r = put_cell(work, "business", label, amount->count);
	if (r == 0 && cell->hours != CELL_HOURS_UNKNOWN)
		r = put_cell(work, cell->hours == CELL_OPEN ? "open" : "closed", label, amount->count);
	if (r == 0)
		r = put_cell(work, "seconds", label, amount->seconds);
	return r;
}

/* "<area>/<task>/<channel>/<kind>", or what else stands there; what has no room is left out. */
static void put_label(char label[SPREAD_LABEL_MAX], const char *task, const char *channel, const char *last)
{
	const char *const words[] = { task, "/", channel, "/", last };
	char *at = label, *end = label + SPREAD_LABEL_MAX - 1;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strnlen(words[i], (size_t)(end - at));

		memcpy(at, words[i], len);
		at += len;
	}
	*at = '\0';
}

/* Of what is counted apart: what would stand in n, of it assisted self-service, and the rest. */
static int put_apart(struct work *work, const struct amount *amount, const struct contact *contact, const char *task,
		     const char *method)
{
	struct contact as = *contact;
	char label[SPREAD_LABEL_MAX];
	uint32_t sums;
	int r;

	as.is_apart = false;
	sums = contact_sums(&as);
	put_label(label, task, vocab_channel[contact->channel], method);
	if ((sums >> SUM_N & 1) == 0)
		return put_cell(work, "apart_other", label, amount->count);
	r = put_cell(work, "apart", label, amount->count);
	return r == 0 && (sums >> SUM_ASSISTED & 1) ? put_cell(work, "apart_assisted", label, amount->count) : r;
}

static int put_cells(struct work *work, const struct amount *amount, const struct cell *cell,
		     const struct contact *contact, const char *task)
{
	char label[SPREAD_LABEL_MAX];

	if (contact_family(contact) == FAMILY_APART)
		return put_apart(work, amount, contact, task,
				 standings_method(work->standings, standings_get(work->standings, cell->standing)));
	if (contact_family(contact) == FAMILY_OUT) {
		put_label(label, task, vocab_channel[cell->channel], vocab_form[cell->form]);
		return put_cell(work, "out", label, amount->count);
	}
	put_label(label, task, vocab_channel[cell->channel], vocab_kind[cell->kind]);
	switch (contact_family(contact)) {
	case FAMILY_INTERNAL:
		return put_cell(work, "internal", label, amount->count);
	case FAMILY_IGNORED:
		return put_cell(work, "ignored", label, amount->count);
	case FAMILY_N:
	case FAMILY_OUT:
	case FAMILY_APART:
		break;
	}
	return put_contact(work, cell, label, amount);
}

/* --- groups --- */

static void put_sums(struct work *work, const struct standing *standing, uint32_t sums, int64_t amount)
{
	if (sums == 0)
		return;
	add_sums(&work->scopes[0], sums, amount);
	touch(&work->areas, standing->area, sums, amount);
	touch(&work->tasks, standing->task, sums, amount);
	for (uint32_t groups = standing->shown; groups != 0; groups &= groups - 1)
		touch(&work->groups, (uint32_t)__builtin_ctz(groups), sums, amount);
}

static size_t take_scopes(struct scope_set *set, struct spread_scope *dst)
{
	for (size_t i = 0; i < set->n; i++) {
		struct spread_scope *scope = &set->by_number[set->touched[i]];

		dst[i] = *scope;
		memset(scope, 0, sizeof(*scope));
	}
	return set->n;
}

static void name_scopes(struct work *work, size_t areas, size_t groups)
{
	work->scopes[0].name = "all";
	for (size_t i = 0; i < areas; i++)
		work->scopes[1 + i].name = standings_area(work->standings, (uint16_t)work->areas.touched[i]);
	for (size_t i = 0; i < groups; i++) {
		work->scopes[1 + areas + i].name =
			standings_group_name(work->standings, (int)work->groups.touched[i]);
		work->scopes[1 + areas + i].is_group = true;
	}
	for (size_t i = 0; i < work->tasks.n; i++)
		work->task_scopes[i].name = standings_task(work->standings, (uint16_t)work->tasks.touched[i]);
}

/* Spreads one run of amounts of the same municipality and day. */
static int spread_group(struct work *work, const struct amount *amounts, size_t n,
			int (*on_group)(void *ctx, const struct spread_group *), void *ctx)
{
	struct spread_group group = { .municipality = cell_municipality(amounts[0].cell),
				      .day = cell_day(amounts[0].cell) };
	size_t areas, groups;
	int r = 0;

	memset(&work->scopes[0], 0, sizeof(work->scopes[0]));
	work->areas.n = work->groups.n = work->tasks.n = 0;
	forget_cells(work);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct cell cell = cell_unpack(amounts[i].cell);
		const struct standing *standing = standings_get(work->standings, cell.standing);
		struct contact contact = contact_of(&cell, standing);

		put_sums(work, standing, contact_sums(&contact), amounts[i].count);
		r = put_cells(work, &amounts[i], &cell, &contact,
			      standings_task(work->standings, standing->task));
	}
	areas = take_scopes(&work->areas, work->scopes + 1);
	groups = take_scopes(&work->groups, work->scopes + 1 + areas);
	group.tasks_len = take_scopes(&work->tasks, work->task_scopes);
	name_scopes(work, areas, groups);
	if (r < 0)
		return r;
	group.cells = work->cells;
	group.cells_len = work->cells_len;
	group.scopes = work->scopes;
	group.scopes_len = 1 + areas + groups;
	group.tasks = work->task_scopes;
	group.contacts = work->scopes[0].sums[SUM_CONTACTS];
	return on_group(ctx, &group);
}

static int spread_runs(struct work *work, const struct amount *amounts, size_t n,
		       int (*on_group)(void *ctx, const struct spread_group *), void *ctx)
{
	size_t from = 0;
	int r = 0;

	while (from < n && r == 0) {
		uint64_t group = amounts[from].cell >> 36;
		size_t to = from + 1;

		while (to < n && amounts[to].cell >> 36 == group)
			to++;
		r = spread_group(work, amounts + from, to - from, on_group, ctx);
		from = to;
	}
	return r;
}

/* The same amounts as the country's, equal cells added up. */
static size_t to_country(struct amount *amounts, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		amounts[i].cell |= (uint64_t)CELL_COUNTRY << 54;
	tally_sort(amounts, n);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && amounts[kept - 1].cell == amounts[i].cell) {
			amounts[kept - 1].count += amounts[i].count;
			amounts[kept - 1].seconds += amounts[i].seconds;
		} else {
			amounts[kept++] = amounts[i];
		}
	}
	return kept;
}

int spread(struct amount *amounts, size_t n, const struct standings *standings,
	   int (*on_group)(void *ctx, const struct spread_group *), void *ctx)
{
	struct work work;
	int r = work_init(&work, standings);

	if (r == 0)
		r = spread_runs(&work, amounts, n, on_group, ctx);
	if (r == 0)
		r = spread_runs(&work, amounts, to_country(amounts, n), on_group, ctx);
	work_done(&work);
	return r;
}
