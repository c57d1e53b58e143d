/* SPDX-License-Identifier: MPL-2.0 */
/* See classes.h. Owns what a class may look like; whether its KLE numbers clash is the claims' business. */
#include "classify/classes.h"

#include "domain/calendar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUTHORITIES_MAX                                                                                      \
	(sizeof(((struct class_info *)NULL)->authorities) /                                                  \
	 sizeof(((struct class_info *)NULL)->authorities[0]))

static bool is_label(const char *text)
{
	size_t len = text != NULL ? strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

	return len >= 1 && len <= AREA_NAME_MAX && text[len] == '\0' && strcmp(text, "-") != 0;
}

static void info_done(struct class_info *info)
{
	free((char *)info->label);
	free((char *)info->name_da);
	free((char *)info->name_en);
}

static struct class_info *append(struct classes *c)
{
	if (c->len == c->cap) {
		size_t cap = c->cap > 0 ? c->cap * 2 : 32;
		struct class_info *list = reallocarray(c->list, cap, sizeof(*list));
		if (list == NULL)
			return NULL;
		c->list = list;
		c->cap = cap;
	}
	return &c->list[c->len];
}

/* Takes over the parsed fields of `info` and copies the three texts. */
static int store(struct classes *c, struct class_info info, const char *label, const char *name_da,
		 const char *name_en)
{
	struct class_info *slot = append(c);

	if (slot == NULL)
		return -ENOMEM;
	info.label = strdup(label);
	info.name_da = strdup(name_da != NULL ? name_da : label);
	info.name_en = strdup(name_en != NULL ? name_en : label);
	if (info.label == NULL || info.name_da == NULL || info.name_en == NULL) {
		info_done(&info);
		return -ENOMEM;
	}
	*slot = info;
	c->len++;
	return 0;
}

int classes_init(struct classes *c, uint16_t area, const struct group_def *groups, size_t groups_len)
{
	struct class_info none = { .area = area, .in_force = INT32_MAX };

	memset(c, 0, sizeof(*c));
	c->groups = groups;
	c->groups_len = groups_len;
	return store(c, none, "-", "Ukendt opgave", "Task not known");
}

void classes_done(struct classes *c)
{
	for (size_t i = 0; i < c->len; i++)
		info_done(&c->list[i]);
	free(c->list);
	for (size_t i = 0; i < c->reasons_len; i++)
		free(c->reasons[i]);
	free(c->reasons);
	memset(c, 0, sizeof(*c));
}

int classes_find(const struct classes *c, const char *label, uint32_t *ret_id)
{
	for (size_t i = 0; i < c->len; i++) {
		if (strcmp(c->list[i].label, label) == 0) {
			*ret_id = (uint32_t)i;
			return 0;
		}
	}
	return -ENOENT;
}

/* ---- one class, checked ---- */

/* Where faults of the class at hand go. */
struct checking {
	struct place place;
	const char *who, *label;
	struct faults *faults;
};

static int read_day(const struct checking *at, const char *what, const char *text, int32_t *ret_day)
{
	if (day_parse(text, strlen(text), ret_day))
		return 0;
	return fault_add(at->faults, at->place, "write a date as \"2026-11-21\"",
			 "%s %s: %s \"%s\" is not a date", at->who, at->label, what, text);
}

static int read_authority(const struct checking *at, const struct effort_authority *from,
			  struct class_info *info)
{
	size_t n = info->authorities_len;
	int32_t day = INT32_MIN;

	if (from->who == NULL || (strcmp(from->who, "municipal") != 0 && strcmp(from->who, "udk") != 0 &&
				  strcmp(from->who, "state") != 0))
		return fault_add(at->faults, at->place, "known are municipal, udk and state",
				 "%s %s: unknown authority \"%s\"", at->who, at->label,
				 from->who != NULL ? from->who : "");
	if (from->from != NULL && read_day(at, "the authority's date", from->from, &day) < 0)
		return -EINVAL;
	if (n > 0 && day <= info->authorities[n - 1].from)
		return fault_add(at->faults, at->place, NULL,
				 "%s %s: authorities are not in the order of their dates", at->who,
				 at->label);
	info->authorities[n].from = day;
	info->authorities[n].is_municipal = strcmp(from->who, "municipal") == 0;
	snprintf(info->authorities[n].who, sizeof(info->authorities[n].who), "%s", from->who);
	info->authorities_len = n + 1;
	return 0;
}

static int read_authorities(const struct checking *at, const struct effort_class *class,
			    struct class_info *info)
{
	int result = 0;

	if (class->authorities_len > AUTHORITIES_MAX)
		return fault_add(at->faults, at->place, NULL, "%s %s: more than %zu authorities", at->who,
				 at->label, AUTHORITIES_MAX);
	for (size_t i = 0; i < class->authorities_len; i++) {
		if (read_authority(at, &class->authorities[i], info) < 0)
			result = -EINVAL;
	}
	return result;
}

static int read_groups(const struct checking *at, const struct classes *c, const char *const *groups,
		       struct class_info *info)
{
	int result = 0;

	for (; groups != NULL && *groups != NULL; groups++) {
		size_t i = 0;
		while (i < c->groups_len && strcmp(c->groups[i].id, *groups) != 0)
			i++;
		if (i < c->groups_len && i < AREA_GROUPS_MAX)
			info->groups |= UINT32_C(1) << i;
		else
			result = fault_add(at->faults, at->place, "name a group of the task package",
					   "%s %s: unknown group \"%s\"", at->who, at->label, *groups);
	}
	return result;
}

/* The fields of a class, every fault of it reported. */
static int check_class(const struct checking *at, const struct classes *c, const struct effort_class *class,
		       struct class_info *info)
{
	int result = 0;

	if (!is_label(class->label))
		result = fault_add(at->faults, at->place, "1 to 48 of a-z, 0-9 and -",
				   "%s: \"%s\" is not a class label", at->who, at->label);
	if (class->wave < 0 || class->wave > 4)
		result = fault_add(at->faults, at->place, NULL, "%s %s: wave %d; waves are 1 to 4, 0 is none",
				   at->who, at->label, (int)class->wave);
	if ((class->flags & ~(EFFORT_CLASS_TARGET | EFFORT_CLASS_ATTENDANCE)) != 0)
		result = fault_add(at->faults, at->place, NULL, "%s %s: unknown class flags 0x%x", at->who,
				   at->label, class->flags);
	if (class->in_force != NULL && read_day(at, "in_force", class->in_force, &info->in_force) < 0)
		result = -EINVAL;
	if (read_authorities(at, class, info) < 0)
		result = -EINVAL;
	if (read_groups(at, c, class->groups, info) < 0)
		result = -EINVAL;
	return result;
}

int classes_add(struct classes *c, const struct effort_class *class, struct place place, const char *who,
		struct faults *faults, uint32_t *ret_id)
{
	struct checking at = { place, who, class->label != NULL ? class->label : "", faults };
	struct class_info info = { .area = c->list[0].area, .in_force = INT32_MAX, .wave = class->wave };
	uint32_t taken;
	int result;

	if (class->struct_size < sizeof(*class))
		return fault_add(faults, place, NULL, "%s %s: the struct_size of its class is not set", who,
				 at.label);
	if (check_class(&at, c, class, &info) < 0)
		return -EINVAL;
	if (classes_find(c, class->label, &taken) == 0)
		return -EEXIST;
	if (c->len >= CLASSES_MAX)
		return -ENOSPC;
	info.is_target = (class->flags & EFFORT_CLASS_TARGET) != 0;
	info.is_attendance = (class->flags & EFFORT_CLASS_ATTENDANCE) != 0;
	result = store(c, info, class->label, class->name_da, class->name_en);
	if (result == 0)
		*ret_id = (uint32_t)(c->len - 1);
	return result;
}

void classes_add_task(struct classes *c, const struct area_task *task, const char *area,
		      struct faults *faults)
{
	struct effort_authority authorities[AUTHORITIES_MAX + 1];
	const char *groups[AREA_GROUPS_MAX + 1] = { NULL };
	struct effort_class class = { .struct_size = sizeof(class),
				      .label = task->id,
				      .name_da = task->name_da,
				      .name_en = task->name_en,
				      .in_force = task->in_force,
				      .wave = task->wave,
				      .authorities = authorities,
				      .groups = groups };
	char who[AREA_NAME_MAX + 16];
	uint32_t id;
	int result;

	class.flags = (task->is_target ? EFFORT_CLASS_TARGET : 0) |
		      (task->is_attendance ? EFFORT_CLASS_ATTENDANCE : 0);
	class.authorities_len = (uint32_t)task->authorities_len;
	for (size_t i = 0; i < task->authorities_len && i <= AUTHORITIES_MAX; i++)
		authorities[i] =
			(struct effort_authority){ task->authorities[i].from, task->authorities[i].who };
	for (size_t i = 0; i < task->groups_len && i < AREA_GROUPS_MAX; i++)
		groups[i] = task->groups[i];
	snprintf(who, sizeof(who), "area %s: task", area);
	if (task->groups_len > AREA_GROUPS_MAX)
		fault_add(faults, task->place, NULL, "%s %s: more than %d groups", who, task->id,
			  AREA_GROUPS_MAX);
	result = classes_add(c, &class, task->place, who, faults, &id);
	if (result == -ENOSPC || result == -ENOMEM)
		fault_add(faults, task->place, NULL, "%s %s: %s", who, task->id,
			  result == -ENOSPC ? "too many classes in the area" : "no memory");
}

int classes_add_reason(struct classes *c, const char *label, uint16_t *ret_id)
{
	char **reasons;

	if (!is_label(label))
		return -EINVAL;
	for (size_t i = 0; i < c->reasons_len; i++) {
		if (strcmp(c->reasons[i], label) == 0)
			return -EEXIST;
	}
	if (c->reasons_len >= REASONS_MAX)
		return -ENOSPC;
	reasons = reallocarray(c->reasons, c->reasons_len + 1, sizeof(*reasons));
	if (reasons == NULL)
		return -ENOMEM;
	c->reasons = reasons;
	reasons[c->reasons_len] = strdup(label);
	if (reasons[c->reasons_len] == NULL)
		return -ENOMEM;
	*ret_id = (uint16_t)++c->reasons_len;
	return 0;
}
