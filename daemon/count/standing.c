/* SPDX-License-Identifier: MPL-2.0 */
/* See standing.h. Interning happens when a configuration is built, not for events: linear search is enough.
 */
#include "count/standing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name_list {
	char **names; /* owned, each owned */
	size_t n, cap, max;
};

struct standings {
	struct standing *list; /* owned */
	size_t n, cap;
	struct name_list areas, tasks, groups;
	struct share_rule rules[SCOPE_GROUPS_MAX]; /* of groups that are rules */
	uint32_t is_rule;                          /* bit i: group i is one */
};

struct standings *standings_new(void)
{
	struct standings *s = calloc(1, sizeof(*s));

	if (s != NULL) {
		s->areas.max = SCOPE_AREAS_MAX;
		s->tasks.max = STANDINGS_MAX;
		s->groups.max = SCOPE_GROUPS_MAX;
	}
	return s;
}

static void name_list_done(struct name_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->names[i]);
	free(list->names);
}

void standings_free(struct standings *s)
{
	if (s == NULL)
		return;
	name_list_done(&s->areas);
	name_list_done(&s->tasks);
	name_list_done(&s->groups);
	free(s->list);
	free(s);
}

/* Room for one more element; the array doubles. */
static int reserve(void **array, size_t *cap, size_t n, size_t size)
{
	size_t wanted = *cap == 0 ? 16 : *cap * 2;
	void *bigger;

	if (n < *cap)
		return 0;
	bigger = realloc(*array, wanted * size);
	if (bigger == NULL)
		return -ENOMEM;
	*array = bigger;
	*cap = wanted;
	return 0;
}

static int name_list_intern(struct name_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->names[i], name) == 0)
			return (int)i;
	if (list->n == list->max)
		return -ENOSPC;
	if (reserve((void **)&list->names, &list->cap, list->n, sizeof(*list->names)) < 0)
		return -ENOMEM;
	list->names[list->n] = strdup(name);
	return list->names[list->n] == NULL ? -ENOMEM : (int)list->n++;
}

static int intern_task(struct standings *s, const char *area, const char *task)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/%s", area, task);
	return name_list_intern(&s->tasks, name);
}

static bool is_same(const struct standing *a, const struct standing *b)
{
	return a->task == b->task && a->groups == b->groups && a->is_municipal == b->is_municipal &&
	       a->is_target == b->is_target;
}

bool standing_group_is_apart(const char *group)
{
	return strncmp(group, STANDING_APART, strlen(STANDING_APART)) == 0;
}

static uint8_t apart_of(const struct standings *s, uint32_t groups)
{
	for (; groups != 0; groups &= groups - 1) {
		int group = __builtin_ctz(groups);

		if (standing_group_is_apart(s->groups.names[group]))
			return (uint8_t)(group + 1);
	}
	return 0;
}

const char *standings_method(const struct standings *s, const struct standing *standing)
{
	return standing->apart == 0 ? NULL : s->groups.names[standing->apart - 1] + strlen(STANDING_APART);
}

int standings_intern(struct standings *s, const char *area, const char *task, uint32_t groups,
		     bool is_municipal, bool is_target)
{
	int area_number = name_list_intern(&s->areas, area);
	int task_number = intern_task(s, area, task);
	struct standing wanted = { .groups = groups, .is_municipal = is_municipal, .is_target = is_target };

	if (area_number < 0 || task_number < 0)
		return area_number < 0 ? area_number : task_number;
	wanted.area = (uint16_t)area_number;
	wanted.task = (uint16_t)task_number;
	wanted.apart = apart_of(s, groups);
	wanted.shown = groups & ~s->is_rule;
	if ((groups & s->is_rule) != 0)
		wanted.rule = &s->rules[__builtin_ctz(groups & s->is_rule)];
	for (size_t i = 0; i < s->n; i++)
		if (is_same(&s->list[i], &wanted))
			return (int)i;
	if (s->n == STANDINGS_MAX)
		return -ENOSPC;
	if (reserve((void **)&s->list, &s->cap, s->n, sizeof(*s->list)) < 0)
		return -ENOMEM;
	s->list[s->n] = wanted;
	return (int)s->n++;
}

int standings_group(struct standings *s, const char *group)
{
	int number = name_list_intern(&s->groups, group);

	if (number >= 0 && share_rule_parse(group, &s->rules[number]))
		s->is_rule |= UINT32_C(1) << number;
	return number;
}

const struct share_rule *standing_rule(const char *const *groups, size_t n, struct share_rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (share_rule_parse(groups[i], rule))
			return rule;
	return NULL;
}

const struct standing *standings_get(const struct standings *s, uint32_t number)
{
	return &s->list[number];
}

const char *standings_area(const struct standings *s, uint16_t area)
{
	return s->areas.names[area];
}

size_t standings_areas(const struct standings *s)
{
	return s->areas.n;
}

const char *standings_task(const struct standings *s, uint16_t task)
{
	return s->tasks.names[task];
}

size_t standings_tasks(const struct standings *s)
{
	return s->tasks.n;
}

const char *standings_group_name(const struct standings *s, int group)
{
	return s->groups.names[group];
}

size_t standings_groups(const struct standings *s)
{
	return s->groups.n;
}
