/* SPDX-License-Identifier: MPL-2.0 */
/* The decoder's verdict on a line compared with jansson's and with the plain CPR definition:
 *   - what we accept, jansson accepts, with the same members and values;
 *   - what jansson refuses, we refuse with a lexical code;
 *   - where we refuse and jansson does not, it is one of the documented stricter points;
 *   - E_CPR is told exactly when some name, string or number reads as a CPR number.
 * Returns NULL when all agrees, else what does not. */
#ifndef FUZZ_ORACLE_H
#define FUZZ_ORACLE_H

#include "naive_cpr.h"

#include "event/decode.h"
#include "event/time.h"
#include "event/vocab.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

static inline bool oracle_is_lexical(enum code code)
{
	return code == E_JSON || code == E_UTF8 || code == E_DEPTH || code == E_DUPLICATE_KEY ||
	       code == E_TOO_LONG;
}

/* Levels of nesting, the most members of one object, and whether a number is beyond our bounds. */
struct oracle_extent {
	int depth;
	size_t members;
	bool has_large_number;
};

static inline void oracle_measure(const json_t *v, int depth, struct oracle_extent *e)
{
	const char *key;
	json_t *member;
	size_t i;

	if ((json_is_object(v) || json_is_array(v)) && depth > e->depth)
		e->depth = depth;
	if (json_is_integer(v) && llabs(json_integer_value(v)) > INT64_C(1) << 53)
		e->has_large_number = true;
	if (json_is_real(v) && fabs(json_real_value(v)) >= 0.999e308)
		e->has_large_number = true;
	if (json_is_object(v)) {
		if (json_object_size(v) > e->members)
			e->members = json_object_size(v);
		json_object_foreach((json_t *)(uintptr_t)v, key, member) oracle_measure(member, depth + 1, e);
	}
	if (json_is_array(v)) {
		json_array_foreach(v, i, member) oracle_measure(member, depth + 1, e);
	}
}

/* Is there a CPR number in a name, string or number? `excusable`: the two values that may be Unix seconds. */
static inline bool oracle_has_cpr(const json_t *v, const json_t *const excusable[2], const int64_t *near_s)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(v)) {
		bool may = v == excusable[0] || v == excusable[1];

		return naive_cpr(json_string_value(v), json_string_length(v), may ? near_s : NULL) >= 0;
	}
	if (json_is_integer(v)) {
		char text[32];

		sprintf(text, "%lld", (long long)json_integer_value(v));
		return naive_cpr(text, strlen(text), NULL) >= 0;
	}
	if (json_is_object(v)) {
		json_object_foreach((json_t *)(uintptr_t)v, key, member)
		{
			if (naive_cpr(key, strlen(key), NULL) >= 0 ||
			    oracle_has_cpr(member, excusable, near_s))
				return true;
		}
	}
	if (json_is_array(v)) {
		json_array_foreach(v, i, member)
		{
			if (oracle_has_cpr(member, excusable, near_s))
				return true;
		}
	}
	return false;
}

/* Numbers with a point or exponent may read as one in their written form, which jansson does not keep. */
static inline bool oracle_has_real(const json_t *v)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_real(v))
		return true;
	if (json_is_object(v)) {
		json_object_foreach((json_t *)(uintptr_t)v, key, member)
		{
			if (oracle_has_real(member))
				return true;
		}
	}
	if (json_is_array(v)) {
		json_array_foreach(v, i, member)
		{
			if (oracle_has_real(member))
				return true;
		}
	}
	return false;
}

static inline bool oracle_text_is(struct effort_str got, const json_t *want)
{
	if (want == NULL)
		return got.len == 0;
	return json_is_string(want) && json_string_length(want) == got.len &&
	       memcmp(json_string_value(want), got.ptr, got.len) == 0;
}

static inline bool oracle_word_is(unsigned got, const char *const *list, const json_t *want, unsigned absent)
{
	if (want == NULL)
		return got == absent;
	return json_is_string(want) && strcmp(list[got], json_string_value(want)) == 0;
}

static inline const char *oracle_compare_event(const struct effort_event *ev, const json_t *outer)
{
	const json_t *body =
		json_object_get(outer, "specversion") != NULL ? json_object_get(outer, "data") : outer;
	const json_t *municipality = json_object_get(body, "municipality");
	const json_t *kle = json_object_get(body, "kle");
	const json_t *count = json_object_get(body, "count");
	const json_t *duration = json_object_get(body, "duration_s");
	const json_t *assisted = json_object_get(body, "assisted");
	const json_t *time = json_object_get(outer, "time");
	int64_t ms;
	const struct {
		struct effort_str got;
		const json_t *holder;
		const char *name;
	} texts[] = {
		{ ev->id, outer, "id" },
		{ ev->source, outer, "source" },
		{ ev->task, body, "task" },
		{ ev->service, body, "service" },
		{ ev->reason, body, "reason" },
		{ ev->unit, body, "unit" },
		{ ev->handled_by, body, "handled_by" },
		{ ev->portal, body, "portal" },
		{ ev->corrects, body, "corrects" },
		{ ev->errand, body, "errand" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!oracle_text_is(texts[i].got, json_object_get(texts[i].holder, texts[i].name)))
			return texts[i].name;
	}
	if (time_parse(json_string_value(time), json_string_length(time), &ms) != 0 || ms != ev->time_ms)
		return "time";
	if (ev->municipality.len != 4 || json_string_length(municipality) > 4 ||
	    memcmp(ev->municipality.ptr + 4 - json_string_length(municipality),
		   json_string_value(municipality), json_string_length(municipality)) != 0)
		return "municipality";
	if (kle == NULL ? ev->kle.len != 0
			: ev->kle.len != 8 || memcmp(json_string_value(kle), ev->kle.ptr, 8) != 0 ||
				  json_string_length(kle) != 8 + (ev->facet.len > 0) + ev->facet.len)
		return "kle";
	if (!oracle_word_is(ev->channel, vocab_channel, json_object_get(body, "channel"), 99) ||
	    !oracle_word_is(ev->kind, vocab_kind, json_object_get(body, "kind"), EFFORT_TRANSACTION) ||
	    !oracle_word_is(ev->direction, vocab_direction, json_object_get(body, "direction"), EFFORT_IN) ||
	    !oracle_word_is(ev->population, vocab_population, json_object_get(body, "population"),
			    EFFORT_CITIZEN) ||
	    !oracle_word_is(ev->outcome, vocab_outcome, json_object_get(body, "outcome"), EFFORT_COMPLETED) ||
	    !oracle_word_is(ev->form, vocab_form, json_object_get(body, "form"), EFFORT_FORM_NONE))
		return "a word";
	if (json_is_string(assisted) ? !oracle_word_is(ev->assisted, vocab_assisted, assisted, 0)
				     : ev->assisted != (unsigned)json_is_true(assisted))
		return "assisted";
	if (((ev->flags & EFFORT_EVENT_EXEMPT) != 0) != json_is_true(json_object_get(body, "exempt")))
		return "exempt";
	if (ev->count != (count == NULL ? 1 : llround(json_number_value(count))))
		return "count";
	if (((ev->flags & EFFORT_EVENT_DURATION) != 0) != (duration != NULL) ||
	    (duration != NULL && llabs(ev->duration_ms - llround(json_number_value(duration) * 1000)) > 1))
		return "duration_s";
	return NULL;
}

static inline const char *oracle_compare(enum code code, const struct effort_event *ev, const char *line,
					 size_t len)
{
	json_error_t error;
	/* jansson swallows a NUL byte behind a number. */
	bool has_nul = memchr(line, '\0', len) != NULL;
	json_t *v = has_nul ? NULL : json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	const char *differs = NULL;

	if (v == NULL || !json_is_object(v)) {
		differs = oracle_is_lexical(code) ? NULL : "no JSON, but not refused as such";
		goto out;
	}

	struct oracle_extent extent = { 0, 0, false };

	oracle_measure(v, 1, &extent);

	bool is_too_deep = extent.depth > DECODE_MAX_DEPTH;
	bool is_too_much = extent.members > DECODE_MAX_MEMBERS || len > DECODE_MAX_LINE;

	if (oracle_is_lexical(code)) {
		bool is_right = (code == E_DEPTH && is_too_deep) || (code == E_TOO_LONG && is_too_much) ||
				(code == E_JSON && extent.has_large_number);

		differs = is_right ? NULL : "stricter than documented";
		goto out;
	}
	if (is_too_deep || is_too_much) {
		differs = "a limit was passed";
		goto out;
	}

	const json_t *body = json_object_get(v, "specversion") != NULL ? json_object_get(v, "data") : v;
	const json_t *time = json_object_get(v, "time");
	const json_t *const excusable[2] = { json_object_get(v, "id"), json_object_get(body, "errand") };
	int64_t ms;
	bool has_time = json_is_string(time) &&
			time_parse(json_string_value(time), json_string_length(time), &ms) == 0;
	int64_t near_s = has_time ? ms / 1000 : 0;
	bool has_cpr = oracle_has_cpr(v, excusable, has_time ? &near_s : NULL);

	if (has_cpr != (code == E_CPR) && !(code == E_CPR && oracle_has_real(v)))
		differs = "personal data";
	else if (code == CODE_OK)
		differs = oracle_compare_event(ev, v);
out:
	json_decref(v);
	return differs;
}

#endif
