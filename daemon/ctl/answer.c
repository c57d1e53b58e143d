/* SPDX-License-Identifier: MPL-2.0 */
/* See answer.h. */
#include "ctl/answer.h"

#include "ctl/figure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *answer_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

int64_t answer_int(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

bool answer_is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

const json_t *answer_object(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_object(value) ? value : NULL;
}

const json_t *answer_array(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_array(value) ? value : NULL;
}

const char *answer_name(const struct ctl *ctl, const json_t *object, const char *otherwise)
{
	const char *wanted = answer_text(object, ctl->is_danish ? "da" : "en");
	const char *other = answer_text(object, ctl->is_danish ? "en" : "da");

	return wanted[0] != '\0' ? wanted : other[0] != '\0' ? other : otherwise;
}

const char *answer_redis_state(const struct ctl *ctl, const json_t *object)
{
	static const struct {
		const char *state;
		enum word word;
	} states[] = { { "backoff", W_RS_BACKOFF },
		       { "connecting", W_RS_CONNECTING },
		       { "loading", W_RS_LOADING } };
	const char *state = answer_text(object, "state");

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(states[i].state, state) == 0)
			return word_text(states[i].word, ctl->is_danish);
	return state;
}

const char *share_field(const json_t *hash, const char *scope, const char *name)
{
	char key[256];
	const char *value;

	snprintf(key, sizeof key, "%s%s%s", scope == NULL ? "" : scope, scope == NULL ? "" : ".", name);
	value = json_string_value(json_object_get(hash, key));
	return value == NULL || value[0] == '\0' ? NULL : value;
}

bool share_count(const json_t *hash, const char *scope, const char *name, int64_t *ret)
{
	const char *value = share_field(hash, scope, name);
	char *end;
	long long n;

	if (value == NULL)
		return false;
	errno = 0;
	n = strtoll(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0')
		return false;
	*ret = n;
	return true;
}

bool share_percent(const json_t *hash, const char *scope, const char *name, int64_t *ret)
{
	const char *value = share_field(hash, scope, name);

	return value != NULL && figure_hundredths(value, ret);
}

bool share_flag(const json_t *hash, const char *name)
{
	const char *value = share_field(hash, NULL, name);

	return value != NULL && strcmp(value, "0") != 0;
}
