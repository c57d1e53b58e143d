/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: the sums of a period as cells tied by what everybody knows of them: areas sum to all, tasks
 * to their area and their groups, channels to n, self-service assisted or not to its channel, that and
 * digital post to digital. */
#include "ctl/export.h"

#include "count/suppress.h"
#include "ctl/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_CELL     SIZE_MAX
#define CH(channel) (SUM_CHANNEL + (channel))

const int export_columns[] = { SUM_CONTACTS,
			       SUM_INFORMATION,
			       SUM_CASE,
			       SUM_UNKNOWN,
			       SUM_N,
			       SUM_SELF,
			       SUM_ASSISTED,
			       SUM_DIGITAL,
			       SUM_EXEMPT,
			       CH(EFFORT_SELFSERVICE),
			       CH(EFFORT_DIGITALPOST),
			       CH(EFFORT_EMAIL),
			       CH(EFFORT_LETTER),
			       CH(EFFORT_PHONE),
			       CH(EFFORT_COUNTER),
			       CH(EFFORT_VIDEO),
			       CH(EFFORT_SMS),
			       CH(EFFORT_CHAT),
			       CH(EFFORT_SOCIAL),
			       CH(EFFORT_OTHER),
			       -1 };

/* --- reading --- */

static void read_sums(struct export_scope *scope, bool is_brief)
{
	for (int sum = 0; sum < SUMS; sum++) {
		scope->cell[sum] = NO_CELL;
		scope->has[sum] = (!is_brief || sum == SUM_N || sum == SUM_SELF || sum == SUM_TARGET_N) &&
				  share_count(scope->hash, scope->id, sum_name[sum], &scope->value[sum]) &&
				  scope->value[sum] >= 0;
		if (!scope->has[sum])
			scope->value[sum] = 0;
	}
}

static void add_scope(struct export_table *table, const json_t *hash, enum export_kind kind, const char *id,
		      const char *name, bool is_brief)
{
	struct export_scope *scope = &table->scopes[table->n];
	int64_t contacts;

	if (table->n == EXPORT_SCOPES_MAX || strlen(id) >= sizeof scope->id ||
	    !share_count(hash, id, "contacts", &contacts))
		return;
	*scope = (struct export_scope){ .kind = kind, .name = name, .hash = hash };
	strcpy(scope->id, id);
	read_sums(scope, is_brief);
	table->n++;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct export_scope *)a)->id, ((const struct export_scope *)b)->id);
}

/* The tasks of an area in the order of their ids. */
static void add_tasks(const struct ctl *ctl, struct export_table *table, const json_t *doc, const json_t *of,
		      bool is_brief)
{
	const char *area = answer_text(of, "id");
	const json_t *hash = answer_object(doc, "tasks"), *names = answer_object(doc, "task_names");
	size_t first = table->n, len = strlen(area);
	const char *field;
	json_t *value;
	char id[128];

	json_object_foreach((json_t *)(uintptr_t)hash, field, value)
	{
		const char *dot = strrchr(field, '.');

		if (dot == NULL || strcmp(dot, ".contacts") != 0 || strncmp(field, area, len) != 0 ||
		    field[len] != '/' || (size_t)(dot - field) >= sizeof id)
			continue;
		snprintf(id, sizeof id, "%.*s", (int)(dot - field), field);
		add_scope(table, hash, EXPORT_TASK, id, answer_name(ctl, answer_object(names, id), id),
			  is_brief);
	}
	for (size_t i = first; i < table->n && strcmp(area, "unclassified") != 0; i++)
		if (strcmp(table->scopes[i].id + len, "/-") == 0)
			table->scopes[i].area = answer_name(ctl, of, area);
	if (table->n > first)
		qsort(table->scopes + first, table->n - first, sizeof *table->scopes, by_id);
}

static void read_scopes(const struct ctl *ctl, struct export_table *table, const json_t *doc, bool is_brief)
{
	const json_t *share = answer_object(doc, "share"), *item;
	char id[128];
	size_t i;

	add_scope(table, share, EXPORT_ALL, "all", word_text(W_ALL, ctl->is_danish), is_brief);
	json_array_foreach(answer_array(doc, "groups"), i, item)
	{
		snprintf(id, sizeof id, "group:%s", answer_text(item, "id"));
		if (!is_brief || strcmp(id, "group:target") == 0)
			add_scope(table, share, EXPORT_GROUP, id, answer_name(ctl, item, id), is_brief);
	}
	json_array_foreach(answer_array(doc, "areas"), i, item)
		add_scope(table, share, EXPORT_AREA, answer_text(item, "id"),
			  answer_name(ctl, item, answer_text(item, "id")), is_brief);
	json_array_foreach(answer_array(doc, "areas"), i, item)
		add_tasks(ctl, table, doc, item, is_brief);
}

const struct export_scope *export_table_find(const struct export_table *table, const char *id)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->scopes[i].id, id) == 0)
			return &table->scopes[i];
	return NULL;
}

/* --- what must not be shown --- */

static enum suppress_kind kind_of(const struct export_table *table, const struct export_scope *scope, int sum)
{
	if (table->is_brief && scope->kind == EXPORT_TASK)
		return SUPPRESS_UNSAID;
	if (scope->kind == EXPORT_ALL)
		return SUPPRESS_TOTAL;
	return sum == SUM_CONTACTS || sum == SUM_N || sum == SUM_SELF || sum == CH(EFFORT_SELFSERVICE)
		       ? SUPPRESS_DEAR
		       : SUPPRESS_CHEAP;
}

static int add_cells(struct suppress *s, struct export_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		struct export_scope *scope = &table->scopes[i];

		for (const int *sum = export_columns; *sum >= 0; sum++)
			if (scope->has[*sum] && suppress_cell(s, scope->value[*sum], kind_of(table, scope, *sum),
							      &scope->cell[*sum]) < 0)
				return -ENOMEM;
	}
	return 0;
}

/* A relation that does not hold tells nothing: a task that is not in n there, a group that changed. */
static int relate(struct suppress *s, size_t total, const size_t *parts, size_t n)
{
	int r = total == NO_CELL || n == 0 ? 0 : suppress_relation(s, total, parts, n);

	return r == -EINVAL ? 0 : r;
}

static bool has_all(const struct export_scope *scope, const int *sums)
{
	for (; *sums >= 0; sums++)
		if (scope->cell[*sums] == NO_CELL)
			return false;
	return true;
}

/* total = the parts and a rest that no table shows. sums: total first; ends with -1. */
static int relate_rest(struct suppress *s, const struct export_scope *scope, const int *sums)
{
	size_t cells[8], n = 0;
	int64_t rest = scope->value[sums[0]];

	if (!has_all(scope, sums))
		return 0;
	for (const int *sum = sums + 1; *sum >= 0; sum++) {
		rest -= scope->value[*sum];
		cells[n++] = scope->cell[*sum];
	}
	if (rest < 0)
		return 0;
	if (suppress_cell(s, rest, scope->kind == EXPORT_ALL ? SUPPRESS_TOTAL : SUPPRESS_UNSAID, &cells[n]) <
	    0)
		return -ENOMEM;
	return relate(s, scope->cell[sums[0]], cells, n + 1);
}

static int relate_channels(struct suppress *s, const struct export_scope *scope)
{
	static const int self[] = { CH(EFFORT_SELFSERVICE), SUM_SELF, SUM_ASSISTED, -1 };
	static const int digital[] = { SUM_DIGITAL, CH(EFFORT_SELFSERVICE), CH(EFFORT_DIGITALPOST), -1 };
	size_t parts[EFFORT_CHANNELS], n = 0;
	int r;

	for (int channel = 0; channel < EFFORT_CHANNELS; channel++)
		if (scope->cell[CH(channel)] != NO_CELL)
			parts[n++] = scope->cell[CH(channel)];
	r = relate(s, scope->cell[SUM_N], parts, n);
	if (r == 0 && has_all(scope, self))
		r = relate(s, scope->cell[self[0]],
			   (const size_t[]){ scope->cell[SUM_SELF], scope->cell[SUM_ASSISTED] }, 2);
	if (r == 0 && has_all(scope, digital))
		r = relate(s, scope->cell[SUM_DIGITAL],
			   (const size_t[]){ scope->cell[digital[1]], scope->cell[digital[2]] }, 2);
	return r;
}

/* Who came by other ways than self-service: n and self tell it also where no channel is told, or where it is
 * more than one. A scope that has all of its municipality tells no more than the grand total. */
static int relate_others(struct suppress *s, const struct export_table *table,
			 const struct export_scope *scope)
{
	static const int others[] = { SUM_N, SUM_SELF, -1 };
	const struct export_scope *all = export_table_find(table, "all");

	if ((table->is_brief && scope->kind == EXPORT_TASK) ||
	    (all != NULL && all->value[SUM_N] == scope->value[SUM_N]))
		return 0;
	return relate_rest(s, scope, others);
}

/* Contacts that are no application in the share; and of a task, whose channels are not told, digital post and
 * what is not digital. */
static int relate_within(struct suppress *s, const struct export_table *table,
			 const struct export_scope *scope)
{
	static const int kinds[] = { SUM_CONTACTS, SUM_INFORMATION, SUM_CASE, SUM_UNKNOWN, SUM_N, -1 };
	static const int digital[] = { SUM_DIGITAL, SUM_SELF, SUM_ASSISTED, -1 },
			 n[] = { SUM_N, SUM_DIGITAL, -1 };
	int r = relate_rest(s, scope, kinds);

	if (r == 0)
		r = relate_others(s, table, scope);
	if (r == 0 && scope->kind != EXPORT_TASK)
		return relate_channels(s, scope);
	if (r == 0)
		r = relate_rest(s, scope, digital);
	return r == 0 ? relate_rest(s, scope, n) : r;
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
	if (strcmp(total->id, "group:target") == 0 && part->value[SUM_N] > 0 && part->value[SUM_TARGET_N] == 0)
		return false;
	return total->kind == EXPORT_GROUP &&
	       json_object_get(answer_object(json_object_get(groups, total->id), "task_names"), part->id) !=
		       NULL;
}

/* The column of a total over its parts, for each sum that both have. */
static int relate_down(struct suppress *s, const struct export_table *table, const struct export_scope *total,
		       const json_t *groups)
{
	size_t *parts = calloc(table->n + 1, sizeof *parts);
	int r = parts == NULL ? -ENOMEM : 0;

	for (const int *sum = export_columns; *sum >= 0 && r == 0; sum++) {
		size_t n = 0;

		for (size_t i = 0; i < table->n; i++)
			if (table->scopes[i].cell[*sum] != NO_CELL &&
			    is_part(total, &table->scopes[i], groups))
				parts[n++] = table->scopes[i].cell[*sum];
		r = relate(s, total->cell[*sum], parts, n);
	}
	free(parts);
	return r;
}

/* --- groups overlap --- */

static bool has_task(const struct export_scope *scope, const struct export_scope *task, const json_t *groups)
{
	return scope->kind == EXPORT_ALL ? task->kind == EXPORT_TASK : is_part(scope, task, groups);
}

/* Every task of the part that has data is one of the whole's. */
static bool is_within(const struct export_table *table, const struct export_scope *whole,
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

/* What one scope has more than another is a number, too; where both have the same tasks they are one. Channels
 * are not told of tasks, so that this does not follow from the tasks of both. */
static int relate_pair(struct suppress *s, const struct export_scope *whole, const struct export_scope *part,
		       bool is_equal)
{
	int r = 0;

	for (const int *sum = export_columns; *sum >= 0 && r == 0; sum++) {
		size_t total = whole->cell[*sum], parts[2] = { part->cell[*sum] };
		int64_t rest = whole->value[*sum] - part->value[*sum];

		/* Of a part that has none the rest is the whole, which is judged itself. */
		if (total == NO_CELL || parts[0] == NO_CELL || rest < 0 ||
		    (part->value[*sum] == 0 && rest > 0))
			continue;
		if (is_equal && rest == 0 && whole->kind != EXPORT_ALL)
			r = relate(s, total, parts, 1);
		else if (suppress_cell(s, rest, SUPPRESS_UNSAID, &parts[1]) < 0)
			r = -ENOMEM;
		else
			r = relate(s, total, parts, 2);
	}
	return r;
}

/* Groups share tasks with each other and with areas; areas with none but the whole, which relate_down has. */
static int relate_overlaps(struct suppress *s, const struct export_table *table, const json_t *groups)
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
			if (is_within(table, whole, part, groups, &is_equal) && !(is_equal && i > k))
				r = relate_pair(s, whole, part, is_equal);
		}
	return r;
}

static int relate_all(struct suppress *s, const struct export_table *table, const json_t *groups)
{
	int r = 0;

	for (size_t i = 0; i < table->n && r == 0; i++) {
		r = relate_within(s, table, &table->scopes[i]);
		if (r == 0 && table->scopes[i].kind != EXPORT_TASK)
			r = relate_down(s, table, &table->scopes[i], groups);
	}
	return r == 0 ? relate_overlaps(s, table, groups) : r;
}

/* Scope by scope, a sum of the first table from those of one or two others. */
static int relate_across(struct suppress *s, const struct export_table *whole,
			 const struct export_table *const *parts, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < whole->n && r == 0; i++) {
		const struct export_scope *total = &whole->scopes[i];

		for (const int *sum = export_columns; *sum >= 0 && r == 0; sum++) {
			size_t cells[2], found = 0;

			for (size_t k = 0; k < n; k++) {
				const struct export_scope *part = export_table_find(parts[k], total->id);

				if (part != NULL && part->cell[*sum] != NO_CELL)
					cells[found++] = part->cell[*sum];
			}
			r = relate(s, total->cell[*sum], cells, found);
		}
	}
	return r;
}

/* The season that is the report's own period, and the two that make its year. */
static int relate_seasons(struct suppress *s, const struct export_table *tables, size_t n)
{
	const struct export_table *halves[2];
	const char *year = strncmp(tables[0].label, "year:", 5) == 0 ? tables[0].label + 5 : NULL;
	size_t found = 0;
	int r = 0;

	for (size_t i = 1; i < n && r == 0; i++) {
		const struct export_table *season = &tables[i];

		if (strcmp(season->label, tables[0].label) == 0)
			r = relate_across(s, &tables[0], &season, 1);
		if (year != NULL && strncmp(season->label, "season:", 7) == 0 &&
		    strncmp(season->label + 7, year, 4) == 0 && found < 2)
			halves[found++] = season;
	}
	return r == 0 && found > 0 ? relate_across(s, &tables[0], halves, found) : r;
}

static void mark(const struct suppress *s, struct export_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		for (int sum = 0; sum < SUMS; sum++)
			if (table->scopes[i].cell[sum] != NO_CELL)
				table->scopes[i].is_hidden[sum] =
					suppress_is_hidden(s, table->scopes[i].cell[sum]);
}

int export_suppress(struct export_table *tables, size_t n, const json_t *groups, int64_t below,
		    size_t *ret_open)
{
	struct suppress *s = suppress_new();
	int r = s == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = add_cells(s, &tables[i]);
	for (size_t i = 0; i < n && r == 0; i++)
		r = relate_all(s, &tables[i], groups);
	if (r == 0)
		r = relate_seasons(s, tables, n);
	if (r == 0)
		r = suppress_run(s, below, ret_open);
	for (size_t i = 0; i < n && r == 0; i++)
		mark(s, &tables[i]);
	suppress_free(s);
	return r;
}

int export_table_read(const struct ctl *ctl, const json_t *doc, bool is_brief, struct export_table *ret)
{
	*ret = (struct export_table){ .is_brief = is_brief, .scopes = calloc(EXPORT_SCOPES_MAX, sizeof *ret->scopes) };
	if (ret->scopes == NULL)
		return -ENOMEM;
	snprintf(ret->label, sizeof ret->label, "%.55s", answer_text(doc, "label"));
	read_scopes(ctl, ret, doc, is_brief);
	return 0;
}

void export_table_done(struct export_table *table)
{
	free(table->scopes);
	*table = (struct export_table){ 0 };
}

bool export_is_shown(const struct export_scope *scope, int sum)
{
	return scope->has[sum] && !scope->is_hidden[sum];
}
