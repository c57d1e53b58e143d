/* SPDX-License-Identifier: MPL-2.0 */
/* See away.h. */
#include "run/away.h"

#include "base/log.h"

#include <string.h>

#define NEXT "mend or remove the plugin of the disabled area; ten minutes after its last crash, effortctl reload"

static bool is_within(const char *scope, const char *area)
{
	size_t len = strlen(area);

	return strncmp(scope, area, len) == 0 && (scope[len] == '\0' || scope[len] == '/');
}

bool away_scope(const struct areas *areas, const char *scope)
{
	bool is_of_any = strcmp(scope, "all") == 0 || strncmp(scope, "group:", 6) == 0;

	for (size_t i = 0; i < areas_len(areas); i++)
		if (areas_is_disabled(areas, i) && (is_of_any || is_within(scope, areas_def(areas, i)->id)))
			return true;
	return false;
}

static bool is_asked(const struct snapshot *s, const char *task)
{
	return !areas_is_disabled(s->areas, (size_t)(conf_area_of(s->conf, task) - s->conf->areas));
}

void away_tell(const struct snapshot *s)
{
	for (size_t i = 0; i < s->conf->sources_len; i++) {
		const struct conf_source *source = &s->conf->sources[i];

		if (source->default_task != NULL && !is_asked(s, source->default_task))
			LOG(LOG_WARNING, "run",
			    "default_task is of no enabled area: events that need it are unclassified meanwhile",
			    F_STR("source", source->name), F_STR("default_task", source->default_task), F_STR("next", NEXT));
	}
	for (size_t i = 0; i < s->targets->n; i++)
		if (s->targets->list[i].is_away)
			LOG(LOG_WARNING, "run",
			    "the scope of a target has no task of an enabled area: it is not followed meanwhile, its numbers stay",
			    F_STR("target", s->targets->list[i].item.def.id),
			    F_STR("scope", s->targets->list[i].item.def.scope), F_STR("next", NEXT));
}
