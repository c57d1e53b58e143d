/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: what of the sums must not be shown. They are cells tied by what everybody knows of them:
 * areas sum to all, tasks to their area and their groups, channels to n, self-service assisted or not to its
 * channel, that and digital post to digital, and periods to those they make. Groups overlap in any way: of
 * tasks everything is a cell, so that what follows of groups follows from their tasks. Of the channels
 * outside the digital ones no task tells, and so no group does, as long as anything is to be hidden. */
#include "ctl/export.h"

#include "count/suppress.h"
#include "ctl/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_CELL     SIZE_MAX
#define CH(channel) (SUM_CHANNEL + (channel))

/* What is left of a sum beside others, and is told with them. */
enum rest { REST_KINDS, REST_OTHERS, REST_POST, REST_NOT_DIGITAL, REST_NOT_SELFSERVICE, RESTS };
/* Self-service, assisted or not: of tasks, too, of which no channel is told. */
#define SELFSERVICE (SUMS + RESTS)
#define COLUMNS     (SELFSERVICE + 1)

/* total first; ends with -1 */
static const int rest_of[RESTS][6] = { { SUM_CONTACTS, SUM_INFORMATION, SUM_CASE, SUM_UNKNOWN, SUM_N, -1 },
				       { SUM_N, SUM_SELF, -1 },
				       { SUM_DIGITAL, SUM_SELF, SUM_ASSISTED, -1 },
				       { SUM_N, SUM_DIGITAL, -1 },
				       { SUM_N, SUM_SELF, SUM_ASSISTED, -1 } };

/* The cells of a scope. */
struct row {
	size_t cell[COLUMNS];
	int64_t value[COLUMNS];
};

struct hiding {
	struct suppress *s;
	struct export_table *tables;
	struct row *rows[EXPORT_TABLES_MAX]; /* owned; of each table's scopes */
	size_t n;
	const json_t *groups;
	int64_t below;
};

static bool is_told_of_tasks(int sum)
{
	return sum < SUM_CHANNEL || sum >= SUM_CHANNEL + EFFORT_CHANNELS || sum == CH(EFFORT_SELFSERVICE) ||
	       sum == CH(EFFORT_DIGITALPOST);
}

/* What readers come for: the tasks under the target, then the areas. */
static enum suppress_kind worth(const struct export_scope *scope, int sum)
{
	if (sum != SUM_N && sum != SUM_SELF)
		return sum == SUM_CONTACTS && scope->kind != EXPORT_TASK ? SUPPRESS_FAIR : SUPPRESS_CHEAP;
	if (scope->kind == EXPORT_AREA)
		return SUPPRESS_DEAR;
	if (scope->kind == EXPORT_GROUP)
		return strcmp(scope->id, "group:target") == 0 ? SUPPRESS_DEAREST : SUPPRESS_GOOD;
	return SUPPRESS_FAIR;
}

/* The period that was asked for before those shown beside it. */
static enum suppress_kind worth_in(const struct export_table *table, const struct export_scope *scope, int sum)
{
	enum suppress_kind kind = worth(scope, sum);

	return table->is_brief && kind > SUPPRESS_CHEAP ? kind - 1 : kind;
}

static enum suppress_kind kind_of(const struct hiding *h, const struct export_table *table,
				  const struct export_scope *scope, int sum)
{
	if (table->is_brief && scope->kind == EXPORT_TASK)
		return SUPPRESS_UNSAID;
	if (scope->kind == EXPORT_ALL)
		return SUPPRESS_TOTAL;
	if (scope->kind == EXPORT_GROUP && h->below > 1 && !is_told_of_tasks(sum))
		return SUPPRESS_UNSAID;
	return worth_in(table, scope, sum);
}

static int add_cell(struct hiding *h, struct row *row, int column, int64_t value, enum suppress_kind kind)
{
	row->value[column] = value;
	return suppress_cell(h->s, value, kind, &row->cell[column]) < 0 ? -ENOMEM : 0;
}

/* A scope that has all of its municipality tells no more than the grand total. */
static enum suppress_kind kind_of_rest(const struct export_table *table, const struct export_scope *scope)
{
	const struct export_scope *all = export_table_find(table, "all");

	return scope->kind == EXPORT_ALL || (scope->kind != EXPORT_TASK && all != NULL &&
					     all->value[SUM_N] == scope->value[SUM_N] &&
					     all->value[SUM_CONTACTS] == scope->value[SUM_CONTACTS])
		       ? SUPPRESS_TOTAL
		       : SUPPRESS_UNSAID;
}

static int add_rest(struct hiding *h, const struct export_table *table, const struct export_scope *scope,
		    struct row *row, int rest)
{
	const int *sums = rest_of[rest];
	int64_t value = scope->value[sums[0]];

	for (size_t i = 0; sums[i] >= 0; i++) {
		if (row->cell[sums[i]] == NO_CELL)
			return 0;
		value -= i == 0 ? 0 : scope->value[sums[i]];
	}
	return value < 0 ? 0 : add_cell(h, row, SUMS + rest, value, kind_of_rest(table, scope));
}

static int add_selfservice(struct hiding *h, const struct export_table *table,
			   const struct export_scope *scope, struct row *row)
{
	if (row->cell[SUM_SELF] == NO_CELL || row->cell[SUM_ASSISTED] == NO_CELL)
		return 0;
	return add_cell(h, row, SELFSERVICE, row->value[SUM_SELF] + row->value[SUM_ASSISTED],
			kind_of_rest(table, scope));
}

static int add_cells(struct hiding *h, const struct export_table *table, struct row *rows)
{
	int r = 0;

	for (size_t i = 0; i < table->n && r == 0; i++) {
		const struct export_scope *scope = &table->scopes[i];

		for (int column = 0; column < COLUMNS; column++)
			rows[i].cell[column] = NO_CELL;
		for (const int *sum = export_columns; *sum >= 0 && r == 0; sum++)
			if (scope->has[*sum])
				r = add_cell(h, &rows[i], *sum, scope->value[*sum],
					     kind_of(h, table, scope, *sum));
		for (int rest = 0; rest < RESTS && r == 0; rest++)
			r = add_rest(h, table, scope, &rows[i], rest);
		if (r == 0)
			r = add_selfservice(h, table, scope, &rows[i]);
	}
	return r;
}

/* --- relations --- */

/* One that does not hold quite, as of a group that tasks joined on a day, has a part that no table shows:
 * what the one side has more. cells: the parts, with room for one more. */
static int relate(struct hiding *h, size_t total, int64_t value, size_t *cells, size_t n, int64_t parts_value)
{
	size_t whole;
	int r;

	if (total == NO_CELL || n == 0 || value < 0)
		return 0;
	r = suppress_relation(h->s, total, cells, n);
	if (r != -EINVAL)
		return r;
	if (parts_value < value) {
		r = suppress_cell(h->s, value - parts_value, SUPPRESS_UNSAID, &cells[n]);
		return r < 0 ? -ENOMEM : suppress_relation(h->s, total, cells, n + 1);
	}
	if (suppress_cell(h->s, parts_value, SUPPRESS_UNSAID, &whole) < 0)
		return -ENOMEM;
	r = suppress_relation(h->s, whole, cells, n);
	if (r == 0 && suppress_cell(h->s, parts_value - value, SUPPRESS_UNSAID, &cells[0]) < 0)
		r = -ENOMEM;
	cells[1] = total;
	return r == 0 ? suppress_relation(h->s, whole, cells, 2) : r;
}

/* total = the parts, of one scope. columns: total first; ends with -1. */
static int relate_columns(struct hiding *h, const struct row *row, const int *columns)
{
	size_t cells[EFFORT_CHANNELS + 2], n = 0;
	int64_t sum = 0;

	for (size_t i = 0; columns[i] >= 0; i++)
		if (row->cell[columns[i]] == NO_CELL)
			return 0;
	for (size_t i = 1; columns[i] >= 0; i++) {
		sum += row->value[columns[i]];
		cells[n++] = row->cell[columns[i]];
	}
	return relate(h, row->cell[columns[0]], row->value[columns[0]], cells, n, sum);
}

static int relate_channels(struct hiding *h, const struct row *row)
{
	static const int self[] = { CH(EFFORT_SELFSERVICE), SELFSERVICE, -1 };
	static const int digital[] = { SUM_DIGITAL, CH(EFFORT_SELFSERVICE), CH(EFFORT_DIGITALPOST), -1 };
	static const int post[] = { SUMS + REST_POST, CH(EFFORT_DIGITALPOST), -1 };
	int all[EFFORT_CHANNELS + 2] = { SUM_N }, others[EFFORT_CHANNELS + 2] = { SUMS + REST_NOT_DIGITAL };
	size_t all_len = 1, others_len = 1;
	int r;

	for (int channel = 0; channel < EFFORT_CHANNELS; channel++) {
		if (row->cell[CH(channel)] == NO_CELL)
			continue;
		all[all_len++] = CH(channel);
		if (!is_told_of_tasks(CH(channel)))
			others[others_len++] = CH(channel);
	}
	all[all_len] = others[others_len] = -1;
	r = relate_columns(h, row, all);
	if (r == 0)
		r = relate_columns(h, row, self);
	if (r == 0)
		r = relate_columns(h, row, digital);
	if (r == 0)
		r = relate_columns(h, row, post);
	return r == 0 ? relate_columns(h, row, others) : r;
}

static int relate_selfservice(struct hiding *h, const struct row *row)
{
	static const int both[] = { SELFSERVICE, SUM_SELF, SUM_ASSISTED, -1 };
	static const int digital[] = { SUM_DIGITAL, SELFSERVICE, SUMS + REST_POST, -1 };
	static const int all[] = { SUM_N, SELFSERVICE, SUMS + REST_NOT_SELFSERVICE, -1 };
	int r = relate_columns(h, row, both);

	if (r == 0)
		r = relate_columns(h, row, digital);
	return r == 0 ? relate_columns(h, row, all) : r;
}

static int relate_within(struct hiding *h, const struct row *row, bool has_channels)
{
	int r = relate_selfservice(h, row);

	for (int rest = 0; rest < RESTS && r == 0; rest++) {
		int columns[8];
		size_t n = 0;

		for (; rest_of[rest][n] >= 0; n++)
			columns[n] = rest_of[rest][n];
		columns[n++] = SUMS + rest;
		columns[n] = -1;
		r = relate_columns(h, row, columns);
	}
	return r == 0 && has_channels ? relate_channels(h, row) : r;
}

static bool is_part(const struct export_scope *total, const struct export_scope *part, const json_t *groups)
{
	size_t len = strlen(total->id);

	if (total->kind == EXPORT_ALL)
		return part->kind == EXPORT_AREA;
	if (part->kind != EXPORT_TASK)
		return false;
	if (total->kind == EXPORT_AREA)
		return strncmp(part->id, total->id, len) == 0 && part->id[len] == '/';
	/* A task may come under the target, or leave it, on a day. */
	if (strcmp(total->id, "group:target") == 0 && part->value[SUM_N] > 0 &&
	    part->value[SUM_TARGET_N] == 0)
		return false;
	return total->kind == EXPORT_GROUP &&
	       json_object_get(answer_object(json_object_get(groups, total->id), "task_names"), part->id) !=
		       NULL;
}

/* The column of a total over its parts, for each that both have. */
static int relate_down(struct hiding *h, const struct export_table *table, const struct row *rows,
		       size_t total)
{
	size_t *cells = calloc(table->n + 1, sizeof *cells);
	int r = cells == NULL ? -ENOMEM : 0;

	for (int column = 0; column < COLUMNS && r == 0; column++) {
		int64_t sum = 0;
		size_t n = 0;

		for (size_t i = 0; i < table->n; i++) {
			if (rows[i].cell[column] == NO_CELL ||
			    !is_part(&table->scopes[total], &table->scopes[i], h->groups))
				continue;
			sum += rows[i].value[column];
			cells[n++] = rows[i].cell[column];
		}
		r = relate(h, rows[total].cell[column], rows[total].value[column], cells, n, sum);
	}
	free(cells);
	return r;
}

/* --- groups overlap --- */

static bool has_task(const struct export_scope *scope, const struct export_scope *task, const json_t *groups)
{
	return scope->kind == EXPORT_ALL ? task->kind == EXPORT_TASK : is_part(scope, task, groups);
}

/* Every task of the part that has data is one of the whole's. */
static bool is_inside(const struct export_table *table, const struct export_scope *whole,
		      const struct export_scope *part, const json_t *groups, bool *ret_is_equal)
{
	size_t in_whole = 0, in_part = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct export_scope *task = &table->scopes[i];
		bool is_in_whole = has_task(whole, task, groups);

		in_whole += is_in_whole;
		if (!has_task(part, task, groups))
			continue;
		if (!is_in_whole)
			return false;
		in_part++;
	}
	*ret_is_equal = in_part > 0 && in_part == in_whole;
	return in_part > 0;
}

/* What one scope has more than another is a number, too; where both have the same tasks they are one. */
static int relate_pair(struct hiding *h, const struct row *whole, const struct row *part, bool is_one)
{
	int r = 0;

	for (int column = 0; column < COLUMNS && r == 0; column++) {
		size_t total = whole->cell[column], cells[3] = { part->cell[column] };
		int64_t rest = whole->value[column] - part->value[column];

		/* Of a part that has none the rest is the whole, which is judged itself. */
		if (total == NO_CELL || cells[0] == NO_CELL || !is_told_of_tasks(column) || rest < 0 ||
		    (part->value[column] == 0 && rest > 0))
			continue;
		if (is_one && rest == 0)
			r = suppress_relation(h->s, total, cells, 1);
		else if (suppress_cell(h->s, rest, SUPPRESS_UNSAID, &cells[1]) < 0)
			r = -ENOMEM;
		else
			r = suppress_relation(h->s, total, cells, 2);
	}
	return r;
}

/* Groups share tasks with each other and with areas; areas with none but the whole, which relate_down has. */
static int relate_overlaps(struct hiding *h, const struct export_table *table, const struct row *rows)
{
	int r = 0;

	for (size_t i = 0; i < table->n && r == 0; i++)
		for (size_t k = 0; k < table->n && r == 0; k++) {
			const struct export_scope *whole = &table->scopes[i], *part = &table->scopes[k];
			bool is_equal;

			if (i == k || whole->kind == EXPORT_TASK || part->kind == EXPORT_TASK ||
			    part->kind == EXPORT_ALL ||
			    (whole->kind != EXPORT_GROUP && part->kind != EXPORT_GROUP))
				continue;
			if (is_inside(table, whole, part, h->groups, &is_equal) && !(is_equal && i > k))
				r = relate_pair(h, &rows[i], &rows[k], is_equal && whole->kind != EXPORT_ALL);
		}
	return r;
}

static int relate_table(struct hiding *h, const struct export_table *table, const struct row *rows)
{
	int r = 0;

	for (size_t i = 0; i < table->n && r == 0; i++) {
		bool is_task = table->scopes[i].kind == EXPORT_TASK;

		r = relate_within(h, &rows[i], !is_task);
		if (r == 0 && !is_task)
			r = relate_down(h, table, rows, i);
	}
	return r == 0 ? relate_overlaps(h, table, rows) : r;
}

/* --- periods --- */

static const struct row *row_of(const struct hiding *h, size_t table, const char *id)
{
	const struct export_scope *scope = export_table_find(&h->tables[table], id);

	return scope == NULL ? NULL : &h->rows[table][scope - h->tables[table].scopes];
}

static int relate_scope(struct hiding *h, const struct row *total, const char *id, const size_t *parts,
			size_t n, bool is_whole)
{
	int r = 0;

	for (int column = 0; column < COLUMNS && r == 0; column++) {
		size_t cells[EXPORT_TABLES_MAX + 2], found = 0;
		int64_t sum = 0;

		for (size_t k = 0; k < n; k++) {
			const struct row *part = row_of(h, parts[k], id);

			if (part == NULL || part->cell[column] == NO_CELL)
				continue;
			sum += part->value[column];
			cells[found++] = part->cell[column];
		}
		if (found == 0 || total->cell[column] == NO_CELL)
			continue;
		/* Where the parts leave a time open, nobody knows that nothing was in it. */
		if (!is_whole && sum == total->value[column] &&
		    suppress_cell(h->s, 0, SUPPRESS_UNSAID, &cells[found++]) < 0)
			return -ENOMEM;
		r = relate(h, total->cell[column], total->value[column], cells, found, sum);
	}
	return r;
}

/* The parts have all the contacts of the whole, as everybody sees: they leave no time open, or nothing came
 * in it. */
static bool is_all_told(const struct hiding *h, size_t whole, const size_t *parts, size_t n)
{
	const struct export_table *table = &h->tables[whole];
	const struct export_scope *all = export_table_find(table, "all");
	int64_t open_ms = table->to_ms - table->from_ms, left = all == NULL ? 0 : all->value[SUM_N];

	for (size_t i = 0; i < n; i++) {
		const struct export_table *part = &h->tables[parts[i]];

		all = export_table_find(part, "all");
		open_ms -= part->to_ms - part->from_ms;
		left -= all == NULL ? 0 : all->value[SUM_N];
	}
	return open_ms == 0 || left == 0;
}

/* Scope by scope: what one period has is what those within it have, and a rest where they leave contacts out.
 */
static int relate_periods(struct hiding *h, size_t whole, const size_t *parts, size_t n)
{
	const struct export_table *table = &h->tables[whole];
	bool is_whole = is_all_told(h, whole, parts, n);
	int r = 0;

	for (size_t i = 0; i < table->n && r == 0 && n > 0; i++)
		r = relate_scope(h, &h->rows[whole][i], table->scopes[i].id, parts, n, is_whole);
	return r;
}

static bool is_within(const struct export_table *part, const struct export_table *whole)
{
	return part->from_ms < part->to_ms && part->from_ms >= whole->from_ms && part->to_ms <= whole->to_ms;
}

/* The seasons within the report's period, and the season it lies within. */
static int relate_seasons(struct hiding *h)
{
	size_t within[EXPORT_TABLES_MAX] = { 0 }, found = 0;
	int r = 0;

	for (size_t i = 1; i < h->n && r == 0; i++)
		if (is_within(&h->tables[i], &h->tables[0]))
			within[found++] = i;
		else if (is_within(&h->tables[0], &h->tables[i]))
			r = relate_periods(h, i, (const size_t[]){ 0 }, 1);
	return r == 0 ? relate_periods(h, 0, within, found) : r;
}

/* --- the whole --- */

static void mark(struct hiding *h)
{
	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < h->tables[i].n; k++)
			for (int sum = 0; sum < SUMS; sum++)
				if (h->rows[i][k].cell[sum] != NO_CELL)
					h->tables[i].scopes[k].is_hidden[sum] =
						suppress_is_hidden(h->s, h->rows[i][k].cell[sum]);
}

int export_hide(struct export_table *tables, size_t n, const json_t *groups, int64_t below, size_t *ret_open)
{
	struct hiding h = { .s = suppress_new(), .tables = tables, .n = n, .groups = groups, .below = below };
	int r = h.s == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		h.rows[i] = calloc(tables[i].n + 1, sizeof *h.rows[i]);
		r = h.rows[i] == NULL ? -ENOMEM : add_cells(&h, &tables[i], h.rows[i]);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = relate_table(&h, &tables[i], h.rows[i]);
	if (r == 0)
		r = relate_seasons(&h);
	if (r == 0)
		r = suppress_run(h.s, below, ret_open);
	if (r == 0)
		mark(&h);
	for (size_t i = 0; i < n; i++)
		free(h.rows[i]);
	suppress_free(h.s);
	return r;
}
