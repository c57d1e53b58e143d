/* SPDX-License-Identifier: MPL-2.0 */
/* Walks the tokens of a line again and hands each to cpr_find(). Only lines come here that hold a backslash
 * or digits that read as a CPR number somewhere, so it is kept simple: the line is known to be valid. */
#include "event/search.h"

#include "event/cpr.h"
#include "event/chars.h"
#include "event/time.h"

#include <string.h>

struct walk {
	const struct json *json;
	const struct json_value *id, *errand; /* NULL: the event has none */
	struct cpr_excuse excuse;
	bool has_time;
};

static const struct json_value *value_of(const struct json_object *o, enum key key)
{
	return o->seen & KEY_BIT(key) ? &o->value[key] : NULL;
}

static void prepare(struct walk *w, const struct json *j)
{
	const struct json_object *body = j->outer.seen & KEY_BIT(KEY_SPECVERSION) ? &j->data : &j->outer;
	const struct json_value *time = value_of(&j->outer, KEY_TIME);
	int64_t ms;

	*w = (struct walk){ .json = j };
	w->id = value_of(&j->outer, KEY_ID);
	w->errand = value_of(body, KEY_ERRAND);
	if (time != NULL && time->type == JSON_STRING && time_parse(time->text, time->len, &ms) == 0) {
		w->has_time = true;
		w->excuse.time_s = ms / 1000;
	}
}

static bool is_at(const struct json_value *value, size_t at)
{
	return value != NULL && value->at == at;
}

static bool is_found(const struct walk *w, size_t at, const char *text, size_t len)
{
	bool is_excusable = w->has_time && (is_at(w->id, at) || is_at(w->errand, at));

	return cpr_find(text, len, is_excusable ? &w->excuse : NULL) >= 0;
}

static const char *field_at(const struct json *j, size_t at)
{
	for (int key = 0; key < KEYS; key++) {
		if (is_at(value_of(&j->outer, (enum key)key), at) ||
		    is_at(value_of(&j->data, (enum key)key), at))
			return key_name[key];
	}
	return "";
}

/* The closing quote of the string that starts at p. */
static const char *string_end(const char *p, bool *ret_has_escapes)
{
	*ret_has_escapes = false;
	for (; *p != '"'; p++) {
		if (*p == '\\') {
			*ret_has_escapes = true;
			p++;
		}
	}
	return p;
}

/* The last byte of the number that starts at p. */
static const char *number_last(const char *p, const char *end)
{
	while (p + 1 < end && memchr("0123456789+-.eE", p[1], 15) != NULL)
		p++;
	return p;
}

bool search_line(const struct json *j, size_t *ret_at, const char **ret_field)
{
	/* Behind the pool's text there is always room for one line more. */
	char *unescaped = j->pool->text + j->pool->used;
	struct walk w;

	prepare(&w, j);
	for (const char *p = j->line; p < j->end; p++) {
		const char *text = p;
		size_t len;
		bool has_escapes = false;

		if (*p == '"') {
			text = p + 1;
			p = string_end(text, &has_escapes);
			len = (size_t)(p - text);
		} else if (*p == '-' || (unsigned)(*p - '0') < 10) {
			p = number_last(p, j->end);
			len = (size_t)(p + 1 - text);
		} else {
			continue;
		}

		size_t at = (size_t)(text - j->line);

		if (has_escapes) {
			len = chars_unescape(text, p, unescaped);
			text = unescaped;
		}
		if (is_found(&w, at, text, len)) {
			*ret_at = at;
			*ret_field = field_at(j, at);
			return true;
		}
	}
	return false;
}
