/* SPDX-License-Identifier: MPL-2.0 */
/* See spread.h. A group is one run of amounts of the same municipality and day. Scope sums lie in arrays
 * indexed by the standings' numbers, so that a group costs what its changed cells and scopes cost; the
 * country's groups come out of the same amounts with the municipality taken out and sorted again. */
#include "count/spread.h"

#include "event/vocab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	uint64_t *keys;                            /* owned: of each cell its family and label as numbers */
	uint32_t *index;                           /* owned: place in cells + 1, by the key; 0: free */
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
	free(work->keys);
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

/* Families of fields; those of outcomes have the outcome's word. */
enum field_family {
	FIELD_N,
	FIELD_SECONDS,
	FIELD_ASSISTED,
	FIELD_EXEMPT,
	FIELD_BUSINESS,
	FIELD_OPEN,
	FIELD_CLOSED,
	FIELD_OUT,
	FIELD_INTERNAL,
	FIELD_IGNORED,
	FIELD_APART,
	FIELD_APART_ASSISTED,
	FIELD_APART_OTHER,
	FIELD_OUTCOME /* + enum effort_outcome */
};

static const char *const family_words[FIELD_OUTCOME] = {
	[FIELD_N] = "n",
	[FIELD_SECONDS] = "seconds",
	[FIELD_ASSISTED] = "assisted",
	[FIELD_EXEMPT] = "exempt",
	[FIELD_BUSINESS] = "business",
	[FIELD_OPEN] = "open",
	[FIELD_CLOSED] = "closed",
	[FIELD_OUT] = "out",
	[FIELD_INTERNAL] = "internal",
	[FIELD_IGNORED] = "ignored",
	[FIELD_APART] = "apart",
	[FIELD_APART_ASSISTED] = "apart_assisted",
	[FIELD_APART_OTHER] = "apart_other",
};

/* "<area>/<task>/<channel>/<kind>", or what else stands there, and the same as numbers: of one family, labels with the same
 * key are the same. */
struct label {
	const char *task, *channel, *last;
	uint32_t key;
};

static struct label label_of(const struct work *work, const struct standing *standing, uint8_t channel,
			     const char *last, uint8_t number)
{
	return (struct label){ standings_task(work->standings, standing->task), vocab_channel[channel], last,
			       (uint32_t)standing->task << 16 | (uint32_t)channel << 8 | number };
}

/* Several cells of the tally may be one counter of Redis. */
static uint32_t *place_of(const struct work *work, uint64_t key)
{
	size_t mask = 2 * work->cells_cap - 1, i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;

	while (work->index[i] != 0 && work->keys[work->index[i] - 1] != key)
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
	uint64_t *keys = realloc(work->keys, cap * sizeof(*keys));
	uint32_t *index = calloc(2 * cap, sizeof(*index));

	if (cells != NULL)
		work->cells = cells;
	if (keys != NULL)
		work->keys = keys;
	if (cells == NULL || keys == NULL || index == NULL) {
		free(index);
		return -ENOMEM;
	}
	free(work->index);
	work->index = index;
	work->cells_cap = cap;
	for (size_t i = 0; i < work->cells_len; i++)
		*place_of(work, keys[i]) = (uint32_t)i + 1;
	return 0;
}

/* What has no room is left out. */
static void put_field(char field[SPREAD_FIELD_MAX], const char *family, const struct label *label)
{
	const char *const words[] = { family, ":", label->task, "/", label->channel, "/", label->last };
	char *at = field, *end = field + SPREAD_FIELD_MAX - 1;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strnlen(words[i], (size_t)(end - at));

		memcpy(at, words[i], len);
		at += len;
	}
	*at = '\0';
}

static int put_cell(struct work *work, unsigned family, const struct label *label, int64_t amount)
{
	uint64_t key = (uint64_t)family << 32 | label->key;
	uint32_t *place;

	if (amount == 0)
		return 0;
	if (work->cells_len == work->cells_cap && grow_cells(work) < 0)
		return -ENOMEM;
	place = place_of(work, key);
	if (*place == 0) {
		struct spread_cell *cell = &work->cells[work->cells_len];

		put_field(cell->field, family < FIELD_OUTCOME ? family_words[family] : vocab_outcome[family - FIELD_OUTCOME],
			  label);
		cell->amount = 0;
		work->keys[work->cells_len] = key;
		*place = (uint32_t)++work->cells_len;
	}
	work->cells[*place - 1].amount += amount;
	return 0;
}

/* The n: cell and everything that is "of which". */
static int put_contact(struct work *work, const struct cell *cell, const struct label *label,
		       const struct amount *amount)
{
	int r = put_cell(work, FIELD_N, label, amount->count);

	if (r == 0 && cell->outcome != EFFORT_COMPLETED)
		r = put_cell(work, FIELD_OUTCOME + cell->outcome, label, amount->count);
	if (r == 0 && cell->assisted != EFFORT_UNASSISTED)
		r = put_cell(work, FIELD_ASSISTED, label, amount->count);
	if (r == 0 && cell->is_exempt)
		r = put_cell(work, FIELD_EXEMPT, label, amount->count);
	if (r == 0 && cell->population == EFFORT_BUSINESS)
		r = put_cell(work, FIELD_BUSINESS, label, amount->count);
	if (r == 0 && cell->hours != CELL_HOURS_UNKNOWN)
		r = put_cell(work, cell->hours == CELL_OPEN ? FIELD_OPEN : FIELD_CLOSED, label, amount->count);
	if (r == 0)
		r = put_cell(work, FIELD_SECONDS, label, amount->seconds);
	return r;
}

/* Of what is counted apart: what would stand in n, of it assisted self-service, and the rest. */
static int put_apart(struct work *work, const struct amount *amount, const struct contact *contact,
		     const struct label *label)
{
	struct contact as = *contact;
	uint32_t sums;
	int r;

	as.is_apart = false;
	sums = contact_sums(&as);
	if ((sums >> SUM_N & 1) == 0)
		return put_cell(work, FIELD_APART_OTHER, label, amount->count);
	r = put_cell(work, FIELD_APART, label, amount->count);
	return r == 0 && (sums >> SUM_ASSISTED & 1) ? put_cell(work, FIELD_APART_ASSISTED, label, amount->count) : r;
}

static int put_cells(struct work *work, const struct amount *amount, const struct cell *cell,
		     const struct contact *contact, const struct standing *standing)
{
	enum family family = contact_family(contact);
	struct label label;

	if (family == FAMILY_APART) {
		label = label_of(work, standing, cell->channel, standings_method(work->standings, standing), standing->apart);
		return put_apart(work, amount, contact, &label);
	}
	if (family == FAMILY_OUT) {
		label = label_of(work, standing, cell->channel, vocab_form[cell->form], cell->form);
		return put_cell(work, FIELD_OUT, &label, amount->count);
	}
	label = label_of(work, standing, cell->channel, vocab_kind[cell->kind], cell->kind);
	if (family == FAMILY_INTERNAL)
		return put_cell(work, FIELD_INTERNAL, &label, amount->count);
	if (family == FAMILY_IGNORED)
		return put_cell(work, FIELD_IGNORED, &label, amount->count);
	return put_contact(work, cell, &label, amount);
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
		r = put_cells(work, &amounts[i], &cell, &contact, standing);
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
