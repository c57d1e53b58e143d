/* SPDX-License-Identifier: MPL-2.0 */
/* See target_set.h. */
#include "run/target_set.h"

#include "run/away.h"
#include "run/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the tasks of a scope --- */

static bool is_in_scope(const struct snapshot *s, uint32_t number, const char *scope)
{
	const char *name = s->view.tasks[number].id;
	size_t len = strlen(scope);

	if (strcmp(scope, "all") == 0)
		return true;
	if (strncmp(scope, "group:", 6) == 0)
		return snapshot_is_in_group(s, number, scope + 6);
	return strncmp(name, scope, len) == 0 && (name[len] == '\0' || name[len] == '/');
}

static bool is_known(const struct snapshot *s, const char *scope, size_t tasks)
{
	if (tasks > 0 || strcmp(scope, "unclassified") == 0)
		return true;
	for (size_t i = 0; i < s->conf->groups_len; i++)
		if (strncmp(scope, "group:", 6) == 0 && strcmp(s->conf->groups[i].id, scope + 6) == 0)
			return true;
	return false;
}

int scope_tasks_find(const struct snapshot *s, const char *scope, struct scope_tasks *ret)
{
	struct scope_tasks found = { .tasks = calloc(s->view.tasks_len + 1, sizeof(*found.tasks)),
				     .apart = calloc(s->view.tasks_len + 1, sizeof(*found.apart)),
				     .classes = calloc(s->view.tasks_len + 1, sizeof(*found.classes)) };
	int r = found.tasks == NULL || found.apart == NULL || found.classes == NULL ? -ENOMEM : 0;

	for (uint32_t i = 0; r == 0 && i < s->view.tasks_len; i++) {
		if (!is_in_scope(s, i, scope))
			continue;
		if (areas_class(s->areas, i)->is_attendance)
			found.apart[found.apart_len++] = s->view.tasks[i].id;
		found.classes[found.tasks_len] = i;
		found.tasks[found.tasks_len++] = s->view.tasks[i].id;
	}
	if (r == 0 && !is_known(s, scope, found.tasks_len))
		r = -ENOENT;
	if (r < 0) {
		scope_tasks_done(&found);
		return r;
	}
	*ret = found;
	return 0;
}

void scope_tasks_done(struct scope_tasks *tasks)
{
	free(tasks->tasks);
	free(tasks->apart);
	free(tasks->classes);
}

/* --- the set --- */

static int make_entry(const struct snapshot *s, const struct target_book *book, const struct target_def *def,
		      int32_t today, struct faults *faults, struct target_entry *entry)
{
	struct scope_tasks *tasks = &entry->tasks;
	int r = scope_tasks_find(s, def->scope, tasks);

	entry->is_away = (r == -ENOENT || (r == 0 && tasks->apart_len == tasks->tasks_len)) && away_scope(s->areas, def->scope);
	if (r == -ENOENT && entry->is_away)
		r = 0;
	if (r == -ENOENT)
		return fault_add(faults, def->place, "use \"all\", an area, a group (\"group:waves\") or \"area/task\" of the area files",
				 "target %s: there is no scope \"%.100s\"", def->id, def->scope);
	if (r == 0)
		r = target_book_item(book, def, today, &entry->item);
	if (r < 0)
		return fault_add(faults, def->place, NULL, "out of memory");
	if (!entry->is_away && tasks->apart_len > 0 && tasks->apart_len == tasks->tasks_len)
		return fault_add(faults, def->place, "remove the target, or attendance from the task",
				 "target %s: attendance in person is intended for \"%.100s\": it stands under no target",
				 def->id, def->scope);
	entry->subject = (struct target_subject){
		.scope = { def->scope, def->channel, tasks->tasks, tasks->tasks_len },
		.apart = tasks->apart,
		/* The sums of group:target never had them in. */
		.apart_len = strcmp(def->scope, "group:target") == 0 ? 0 : tasks->apart_len,
	};
	return 0;
}

struct target_set *target_set_new(const struct snapshot *s, const struct target_book *book, int32_t today,
				  struct faults *faults)
{
	const struct conf *conf = s->conf;
	struct target_set *set = calloc(1, sizeof(*set));
	int r = 0;

	if (set != NULL)
		set->list = calloc(conf->targets_len + 1, sizeof(*set->list));
	if (set == NULL || set->list == NULL) {
		target_set_free(set);
		fault_add(faults, (struct place){ 0 }, NULL, "out of memory");
		return NULL;
	}
	for (; set->n < conf->targets_len; set->n++) {
		if (make_entry(s, book, &conf->targets[set->n], today, faults, &set->list[set->n]) < 0)
			r = -EINVAL;
		if (&conf->targets[set->n] == conf->main_target)
			set->main = &set->list[set->n];
	}
	if (r < 0) {
		target_set_free(set);
		return NULL;
	}
	return set;
}

void target_set_free(struct target_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++) {
		scope_tasks_done(&set->list[i].tasks);
		free(set->list[i].item.steps);
	}
	free(set->list);
	free(set);
}

void target_set_keep(const struct target_set *set, struct target_book *book)
{
	struct target_item *items = calloc(set->n + 1, sizeof(*items));

	for (size_t i = 0; items != NULL && i < set->n; i++)
		items[i] = set->list[i].item;
	if (items != NULL)
		target_book_keep(book, items, set->n);
	free(items);
}
