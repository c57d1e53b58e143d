/* SPDX-License-Identifier: MPL-2.0 */
/* One line to one event, in the order the contract wants: is it JSON, does it hold personal data, is it an
 * envelope, are its fields in form. So nothing of a line that may hold personal data is told to anybody. */
#include "event/decode.h"

#include "event/charset.h"
#include "event/cpr.h"
#include "event/field.h"
#include "event/json.h"
#include "event/search.h"
#include "event/shape.h"
#include "event/words.h"

#include <stdlib.h>
#include <strings.h>

struct decoder {
	struct words words;
	struct json_pool pool;
	struct effort_event blank; /* an event with nothing but defaults */
	struct shapes shapes;      /* of lines accepted so far */
	struct time_known time;    /* of the last event */
	struct json json;          /* the line being read; large, mostly untouched */
};

struct decoder *decoder_new(size_t scratch_size)
{
	/* A line behind the pool is the search's. */
	size_t behind = DECODE_MAX_LINE + DECODE_PADDING;
	struct decoder *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	if (scratch_size < DECODE_MAX_LINE)
		scratch_size = DECODE_MAX_LINE;
	d->pool.text = scratch_size < SIZE_MAX - behind ? calloc(1, scratch_size + behind) : NULL;
	if (d->pool.text == NULL || words_init(&d->words) != 0) {
		decoder_free(d);
		return NULL;
	}
	d->pool.size = scratch_size;
	d->json.names = &d->words.key;
	d->json.pool = &d->pool;
	d->shapes.outer = &d->json.outer;
	d->shapes.data = &d->json.data;
	time_known_init(&d->time);

	const struct effort_str empty = { "", 0 };

	d->blank = (struct effort_event){
		.struct_size = sizeof d->blank,
		.count = 1,
		.id = empty,
		.source = empty,
		.municipality = empty,
		.kle = empty,
		.facet = empty,
		.task = empty,
		.service = empty,
		.reason = empty,
		.unit = empty,
		.handled_by = empty,
		.portal = empty,
		.corrects = empty,
		.errand = empty,
		.meter = empty,
	};
	return d;
}

void decoder_free(struct decoder *d)
{
	if (d == NULL)
		return;
	free(d->pool.text);
	free(d);
}

void decoder_reset(struct decoder *d)
{
	d->pool.used = 0;
}

static bool is_string(const struct json_object *o, enum key key)
{
	return o->seen & KEY_BIT(key) && o->value[key].type == JSON_STRING;
}

static struct effort_str text_of(const struct json_object *o, enum key key)
{
	return (struct effort_str){ o->value[key].text, o->value[key].len };
}

/* Source and id, for those who count or answer refusals: only what is in form and surely nobody's number. */
static void name_refused(const struct json_object *o, struct effort_str default_source, struct refusal *why)
{
	struct effort_str source = default_source;
	struct effort_str id = { "", 0 };

	if (is_string(o, KEY_SOURCE)) {
		struct effort_str given = text_of(o, KEY_SOURCE);

		if (charset_is_source(given.ptr, given.len) && cpr_find(given.ptr, given.len, NULL) < 0)
			source = given;
	}
	if (why->code != E_CPR && is_string(o, KEY_ID)) {
		struct effort_str given = text_of(o, KEY_ID);

		if (charset_is_id(given.ptr, given.len) && cpr_find(given.ptr, given.len, NULL) < 0)
			id = given;
	}
	why->source = source;
	why->id = id;
}

/* "application/json", "application/anything+json", with or without parameters. */
static bool is_json_media_type(struct effort_str type)
{
	const char *semicolon = memchr(type.ptr, ';', type.len);
	size_t len = semicolon != NULL ? (size_t)(semicolon - type.ptr) : type.len;
	const char *slash = memchr(type.ptr, '/', len);

	while (len > 0 && (type.ptr[len - 1] == ' ' || type.ptr[len - 1] == '\t'))
		len--;
	return len >= 6 && slash != NULL && slash > type.ptr &&
	       strncasecmp(type.ptr + len - 4, "json", 4) == 0 &&
	       (type.ptr[len - 5] == '+' || type.ptr + len - 5 == slash);
}

static enum code fail(struct field_fault *fault, enum code code, enum key key, const char *expected)
{
	*fault = (struct field_fault){ key, expected };
	return code;
}

/* CloudEvents 1.0, section "Context attributes": what an envelope must have for us to look into it. */
static enum code check_envelope(const struct json_object *o, struct field_fault *fault)
{
	struct effort_str version = text_of(o, KEY_SPECVERSION);

	if (!is_string(o, KEY_SPECVERSION))
		return fail(fault, E_TYPE, KEY_SPECVERSION, "text in quotes");
	if (!effort_equals(version, "1.0"))
		return fail(fault, E_VALUE, KEY_SPECVERSION, "\"1.0\"");
	if (!(o->seen & KEY_BIT(KEY_TYPE)))
		return fail(fault, E_MISSING, KEY_TYPE, "this field");
	if (!is_string(o, KEY_TYPE))
		return fail(fault, E_TYPE, KEY_TYPE, "text in quotes");
	if (o->value[KEY_TYPE].len == 0)
		return fail(fault, E_VALUE, KEY_TYPE, "text that is not empty");
	if (o->seen & KEY_BIT(KEY_DATACONTENTTYPE)) {
		if (!is_string(o, KEY_DATACONTENTTYPE))
			return fail(fault, E_TYPE, KEY_DATACONTENTTYPE, "text in quotes");
		if (!is_json_media_type(text_of(o, KEY_DATACONTENTTYPE)))
			return fail(fault, E_VALUE, KEY_DATACONTENTTYPE,
				    "a JSON media type such as application/json");
	}
	if (o->seen & KEY_BIT(KEY_DATA_BASE64))
		return fail(fault, E_VALUE, KEY_DATA_BASE64, "the event as an object in data");
	if (!(o->seen & KEY_BIT(KEY_DATA)))
		return fail(fault, E_MISSING, KEY_DATA, "this field");
	if (o->value[KEY_DATA].type != JSON_OBJECT)
		return fail(fault, E_TYPE, KEY_DATA, "an object");
	return CODE_OK;
}

static bool is_envelope(const struct json *j)
{
	return (j->outer.seen & KEY_BIT(KEY_SPECVERSION)) != 0;
}

static enum code read_fields(struct decoder *d, bool is_plain, struct effort_str default_source,
			     struct effort_event *ev, struct field_fault *fault)
{
	struct json *j = &d->json;
	struct field_reader reader = { &d->words, &j->outer, &j->outer, is_plain, &d->pool, &d->time,
				       default_source };

	if (is_envelope(j)) {
		enum code code = check_envelope(&j->outer, fault);

		if (code != CODE_OK)
			return code;
		reader.members = &j->data;
	}
	return field_read_all(&reader, ev, fault);
}

/* What is behind a line like others before it; NULL: anything else, also every line that will be refused. */
static const char *read_alike(struct decoder *d, const char *line, const char *end,
			      struct effort_str default_source, struct effort_event *ev)
{
	struct field_fault fault;

	*ev = d->blank;

	const char *behind = shape_read(&d->shapes, line, end);

	return behind != NULL && behind - line <= DECODE_MAX_LINE &&
			       read_fields(d, true, default_source, ev, &fault) == CODE_OK
		       ? behind
		       : NULL;
}

static size_t place_of(const struct json *j, enum key key)
{
	bool is_of_data = is_envelope(j) && (KEY_BIT(key) & KEY_EVENT & ~KEY_CONTEXT) != 0;
	const struct json_object *o = is_of_data ? &j->data : &j->outer;

	return o->seen & KEY_BIT(key) ? o->value[key].at : 0;
}

/* The raw line is searched first: nearly every suspect is a UUID. That does not do where an escape may hide
 * or break up a number. */
static bool may_hold_cpr(const struct json *j)
{
	return j->has_escapes ||
	       (j->has_suspects && cpr_find(j->line, (size_t)(j->end - j->line), NULL) >= 0);
}

/* Byte by byte: the whole truth about a line. */
static enum code read_closely(struct decoder *d, const char *line, size_t len,
			      struct effort_str default_source, struct effort_event *ev, struct refusal *why)
{
	struct json *j = &d->json;
	enum code code = json_read(j, line, len);
	struct field_fault fault;

	if (code != CODE_OK) {
		*why = (struct refusal){ .field = "",
					 .at = (size_t)(j->fault_at - line),
					 .detail = j->fault_detail };
		return code;
	}
	if (may_hold_cpr(j) && search_line(j, &why->at, &why->field)) {
		why->detail = "no CPR number";
		return E_CPR;
	}
	*ev = d->blank;
	code = read_fields(d, j->is_plain, default_source, ev, &fault);
	if (code != CODE_OK)
		*why = (struct refusal){ .field = key_name[fault.key],
					 .at = place_of(j, fault.key),
					 .detail = fault.detail };
	return code;
}

/* Bytes of the line end at p; 0: there is none. */
static size_t line_end(const char *p, const char *end)
{
	if (p < end && p[0] == '\n')
		return 1;
	return end - p >= 2 && p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}

bool decode_alike(struct decoder *d, const char **at, const char *end, struct effort_str default_source,
		  struct effort_event *ret_event, struct effort_str *ret_line)
{
	size_t used = d->pool.used;
	const char *line = *at, *behind = read_alike(d, line, end, default_source, ret_event);
	size_t lf = behind != NULL ? line_end(behind, end) : 0;

	if (lf == 0) {
		d->pool.used = used;
		return false;
	}
	*ret_line = (struct effort_str){ line, (size_t)(behind - line) };
	*at = behind + lf;
	return true;
}

enum code decode_unlike(struct decoder *d, const char *line, size_t len, struct effort_str default_source,
			struct effort_event *ret_event, struct refusal *ret_refusal)
{
	struct refusal why;
	enum code code = read_closely(d, line, len, default_source, ret_event, &why);

	if (code != CODE_OK) {
		why.code = code;
		name_refused(&d->json.outer, default_source, &why);
		*ret_refusal = why;
	} else if (!d->json.has_escapes) {
		shape_learn(&d->shapes, line, line + len);
	}
	return code;
}

enum code decode_line(struct decoder *d, const char *line, size_t len, struct effort_str default_source,
		      struct effort_event *ret_event, struct refusal *ret_refusal)
{
	size_t used = d->pool.used;

	if (read_alike(d, line, line + len, default_source, ret_event) == line + len)
		return CODE_OK;
	d->pool.used = used;
	return decode_unlike(d, line, len, default_source, ret_event, ret_refusal);
}
