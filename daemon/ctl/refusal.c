/* SPDX-License-Identifier: MPL-2.0 */
/* See refusal.h. */
#include "ctl/refusal.h"

#include <string.h>

static const struct {
	const char *code;
	enum word said, next;
} refusals[] = {
	{ "no_request", W_REFUSAL_NO_COMMAND, W_NEXT_VERSIONS },
	{ "no_command", W_REFUSAL_NO_COMMAND, W_NEXT_VERSIONS },
	{ "no_redis", W_REFUSAL_NO_REDIS, W_NEXT_NO_REDIS },
	{ "redis_away", W_REFUSAL_REDIS_AWAY, W_NEXT_REDIS_AWAY },
	{ "no_memory", W_REFUSAL_NO_MEMORY, W_NEXT_AGAIN },
	{ "too_large", W_REFUSAL_TOO_LARGE, W_NEXT_LESS },
	{ "no_municipality", W_REFUSAL_NO_MUNICIPALITY, W_NEXT_MUNICIPALITY_CODE },
	{ "nothing_counted", W_REFUSAL_NOTHING_COUNTED, W_NEXT_MUNICIPALITY_CODE },
	{ "no_window", W_REFUSAL_NO_WINDOW, W_NEXT_WINDOW },
	{ "no_period", W_REFUSAL_NO_PERIOD, W_NEXT_PERIOD },
	{ "no_counting_period", W_REFUSAL_NO_COUNTING, W_NEXT_COUNTING },
	{ "none_counting_period", W_REFUSAL_NO_COUNTING, W_NEXT_NONE_COUNTING },
	{ "no_scope", W_REFUSAL_NO_SCOPE, W_NEXT_CMP_SCOPE },
	{ "no_target", W_REFUSAL_NO_TARGET, W_NEXT_NO_TARGET },
	{ "no_effort", W_REFUSAL_NO_EFFORT, W_NEXT_NO_EFFORT },
	{ "no_names", W_REFUSAL_NO_NAMES, W_NEXT_BY },
	{ "names_by_month", W_BY_MONTH, W_NEXT_BY_MONTH },
};

bool refusal_find(const char *code, enum word *ret_said, enum word *ret_next)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (strcmp(refusals[i].code, code) != 0)
			continue;
		*ret_said = refusals[i].said;
		*ret_next = refusals[i].next;
		return true;
	}
	return false;
}
