/* SPDX-License-Identifier: MPL-2.0 */
/* See silence.h. */
#include "run/silence.h"

#include <string.h>

static bool is_area(const char *id, const char *scope)
{
	size_t len = strcspn(scope, "/");

	return strlen(id) == len && memcmp(id, scope, len) == 0;
}

/* A name that is not configured any more may have fed anything. */
static bool feeds(const struct conf *conf, const char *name, size_t len, const char *scope)
{
	for (size_t i = 0; i < conf->sources_len; i++) {
		const struct conf_source *source = &conf->sources[i];

		if (strlen(source->name) != len || memcmp(source->name, name, len) != 0)
			continue;
		for (size_t area = 0; area < source->areas_len; area++)
			if (is_area(source->areas[area], scope))
				return true;
		return source->areas_len == 0;
	}
	return true;
}

void silence_of(const struct conf *conf, const char *names, const char *scope, char ret[SILENCE_MAX])
{
	bool is_everything = strcmp(scope, "all") == 0 || strncmp(scope, "group:", 6) == 0;
	size_t used = 0;

	for (const char *at = names; *at != '\0'; at += strspn(at, ",")) {
		size_t len = strcspn(at, ","), comma = used > 0 ? 1 : 0;

		if ((is_everything || feeds(conf, at, len, scope)) && used + comma + len < SILENCE_MAX) {
			memcpy(ret + used, ",", comma);
			memcpy(ret + used + comma, at, len);
			used += comma + len;
		}
		at += len;
	}
	ret[used] = '\0';
}
