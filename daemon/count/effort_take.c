/* SPDX-License-Identifier: MPL-2.0 */
/* A measure over the scopes of an effort. See effort_inside.h. */
#include "count/effort_inside.h"

#include "event/vocab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void task_list_done(struct task_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct task_list){ 0 };
}

static int task_list_fill(struct task_list *list, const char *scope, const struct effort_known *known)
{
	size_t room = 0;

	*list = (struct task_list){ 0 };
	if (known == NULL || strncmp(scope, "group:", 6) != 0)
		return 0;
	for (size_t a = 0; a < known->areas_len; a++)
		room += known->areas[a].tasks_len;
	list->names = calloc(room + 1, sizeof(*list->names));
	for (size_t a = 0; list->names != NULL && a < known->areas_len; a++) {
		for (size_t t = 0; t < known->areas[a].tasks_len; t++) {
			char name[2 * AREA_NAME_MAX + 2];

			snprintf(name, sizeof(name), "%s/%s", known->areas[a].id, known->areas[a].tasks[t].id);
			if (!effort_scopes_touch(scope, name, known))
				continue;
			list->names[list->n] = strdup(name);
			if (list->names[list->n++] == NULL)
				return -ENOMEM;
		}
	}
	return list->names == NULL ? -ENOMEM : 0;
}

void taking_done(struct taking *taking)
{
	for (size_t i = 0; i < EFFORT_SCOPES_MAX; i++)
		task_list_done(&taking->tasks[i]);
}

int taking_init(struct taking *taking, const struct effort *effort, const struct effort_known *known)
{
	int r = 0;

	memset(taking, 0, sizeof(*taking));
	taking->effort = effort;
	for (size_t i = 0; r == 0 && i < effort->scopes_len && i < EFFORT_SCOPES_MAX; i++)
		r = task_list_fill(&taking->tasks[i], effort->scopes[i], known);
	if (r < 0)
		taking_done(taking);
	return r;
}

struct measured taking_take(const struct taking *taking, enum measure measure, const char *channel,
			    const struct picture *picture, const struct picture *baseline)
{
	struct measured sum = { 0 };

	if (picture == NULL)
		return sum;
	for (size_t i = 0; i < taking->effort->scopes_len; i++) {
		struct measure_scope scope = { taking->effort->scopes[i], channel,
					       (const char *const *)taking->tasks[i].names, taking->tasks[i].n };
		struct measured one = measure_take(measure, &scope, picture, baseline);

		sum.has_value = sum.has_value || one.has_value;
		sum.part += one.has_value ? one.part : 0;
		sum.n += one.has_value ? one.n : 0;
	}
	return sum;
}

static const char *channel_of(const struct effort *effort, enum measure measure)
{
	return effort->channel >= 0 && measure_takes_channel(measure) ? vocab_channel[effort->channel] : NULL;
}

struct measured taking_own(const struct taking *taking, const struct picture *picture,
				const struct picture *baseline)
{
	enum measure measure = taking->effort->measure;

	return taking_take(taking, measure, channel_of(taking->effort, measure), picture, baseline);
}

bool effort_volume(const struct effort *effort, const struct picture *picture, const struct effort_known *known,
		   int64_t *ret)
{
	struct taking taking;
	struct measured m;

	if (taking_init(&taking, effort, known) < 0)
		return false;
	m = taking_take(&taking, MEASURE_VOLUME, channel_of(effort, MEASURE_VOLUME), picture, NULL);
	taking_done(&taking);
	*ret = m.part;
	return m.has_value;
}
