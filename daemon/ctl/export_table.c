/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: the sums of a period by scope, as the daemon answers them. */
#include "ctl/export.h"

#include "ctl/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int64_t moment_of(const json_t *doc, const char *name)
{
	const char *ms = share_field(answer_object(doc, "share"), NULL, name);

	return ms == NULL ? 0 : atoll(ms);
}

int export_table_read(const struct ctl *ctl, const json_t *doc, bool is_brief, struct export_table *ret)
{
	*ret = (struct export_table){ .is_brief = is_brief, .scopes = calloc(EXPORT_SCOPES_MAX, sizeof *ret->scopes) };
	if (ret->scopes == NULL)
		return -ENOMEM;
	ret->from_ms = moment_of(doc, "from");
	ret->to_ms = moment_of(doc, "to");
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
