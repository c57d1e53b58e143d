/* SPDX-License-Identifier: MPL-2.0 */
/* The form rules of an event's members. Missing members are told first, then wrong types, then wrong forms,
 * each in the order of key.h. The members that nearly every event has are read in line; the others stand
 * behind one question. */
#include "event/field.h"

#include "event/charset.h"
#include "event/number.h"

#define COUNT_MAX       1000000
#define READING_MAX     999999999 /* nine digits: ten may read as a personal number */
#define DURATION_MAX_MS (INT64_C(31536000) * 1000) /* a year */

#define REQUIRED     (KEY_BIT(KEY_ID) | KEY_BIT(KEY_TIME) | KEY_BIT(KEY_MUNICIPALITY) | KEY_BIT(KEY_CHANNEL))
#define ONE_OF_THREE (KEY_BIT(KEY_KLE) | KEY_BIT(KEY_TASK) | KEY_BIT(KEY_SERVICE))
#define NOT_STRINGS                                                                                          \
	(KEY_BIT(KEY_ASSISTED) | KEY_BIT(KEY_EXEMPT) | KEY_BIT(KEY_DURATION_S) | KEY_BIT(KEY_COUNT) |          \
	 KEY_BIT(KEY_READING) | KEY_BIT(KEY_LEVEL))
/* What a meter shows is no number of contacts, and none of an errand. */
#define NOT_OF_METERS (KEY_BIT(KEY_DURATION_S) | KEY_BIT(KEY_COUNT) | KEY_BIT(KEY_CORRECTS) | KEY_BIT(KEY_ERRAND))
#define FREQUENT                                                                                             \
	(REQUIRED | KEY_BIT(KEY_SOURCE) | KEY_BIT(KEY_KLE) | KEY_BIT(KEY_KIND) | KEY_BIT(KEY_DURATION_S))

/* True when one of the bytes is a space. */
static bool has_space(const char *text, size_t len)
{
	for (; len > 32; text += 32, len -= 32) {
		if (block_find32(text, ' ') != 0)
			return true;
	}
	return (block_find32(text, ' ') & (uint32_t)block_within(len)) != 0;
}

static enum code fail(struct field_fault *fault, enum code code, enum key key, const char *expected)
{
	*fault = (struct field_fault){ key, expected };
	return code;
}

static struct effort_str text_of(const struct json_object *o, enum key key)
{
	return (struct effort_str){ o->value[key].text, o->value[key].len };
}

static bool has(const struct json_object *o, enum key key)
{
	return o->seen & KEY_BIT(key);
}

/* The members that count, wherever they stand. */
static uint64_t seen(const struct field_reader *r)
{
	return (r->context->seen & KEY_CONTEXT) | (r->members->seen & KEY_EVENT & ~KEY_CONTEXT);
}

static const struct json_value *value_of(const struct field_reader *r, enum key key)
{
	return KEY_BIT(key) & KEY_CONTEXT ? &r->context->value[key] : &r->members->value[key];
}

static enum code read_identity(const struct field_reader *r, struct effort_event *ev,
			       struct field_fault *fault)
{
	const struct json_object *o = r->context;

	ev->id = text_of(o, KEY_ID);
	if (ev->id.len < 1 || ev->id.len > 128 || (!r->is_plain && !charset_is_id(ev->id.ptr, ev->id.len)))
		return fail(fault, E_ID, KEY_ID, "1 to 128 printable ASCII characters");
	if (!has(o, KEY_SOURCE)) {
		ev->source = r->default_source;
		return CODE_OK;
	}
	ev->source = text_of(o, KEY_SOURCE);

	bool is_good = ev->source.len >= 1 && ev->source.len <= 128 &&
		       (r->is_plain ? !has_space(ev->source.ptr, ev->source.len)
				    : charset_is_source(ev->source.ptr, ev->source.len));

	return is_good ? CODE_OK
		       : fail(fault, E_SOURCE, KEY_SOURCE,
			      "a name or URI reference of 1 to 128 bytes without spaces");
}

/* "751" or "0751"; kept as four digits. */
static enum code read_municipality(const struct field_reader *r, struct effort_event *ev,
				   struct field_fault *fault)
{
	struct effort_str text = text_of(r->members, KEY_MUNICIPALITY);
	bool is_four = text.len == 4 && text.ptr[0] == '0';

	if ((!is_four && text.len != 3) || number_digits(text.ptr) < text.len)
		return fail(fault, E_MUNICIPALITY, KEY_MUNICIPALITY, "a code such as \"0751\" or \"751\"");
	ev->municipality = text;
	if (is_four)
		return CODE_OK;

	struct json_pool *pool = r->pool;

	if (pool->size - pool->used < 4)
		return fail(fault, E_TOO_LONG, KEY_MUNICIPALITY, "a code of four digits");
	ev->municipality = (struct effort_str){ pool->text + pool->used, 4 };
	pool->text[pool->used] = '0';
	memcpy(pool->text + pool->used + 1, text.ptr, 3);
	pool->used += 4;
	return CODE_OK;
}

/* A facet is a letter of the Danish alphabet's upper case and two digits. */
static bool is_facet(const char *p, size_t len)
{
	if (len == 4) {
		if (p[0] != '\xc3' || (p[1] != '\x86' && p[1] != '\x98' && p[1] != '\x85'))
			return false;
		p++;
	} else if (len != 3 || p[0] < 'A' || p[0] > 'Z') {
		return false;
	}
	return number_digits(p + 1) >= 2;
}

static enum code read_kle(const struct field_reader *r, struct effort_event *ev, struct field_fault *fault)
{
	struct effort_str text = text_of(r->members, KEY_KLE);
	uint64_t bad;

	/* "00.00.00", the first byte lowest */
	block_match(block_load64(text.ptr), 0x30302e30302e3030, 0x0000ff0000ff0000, &bad);
	if (text.len < 8 || bad != 0 ||
	    (text.len > 8 && (text.ptr[8] != ' ' || !is_facet(text.ptr + 9, text.len - 9))))
		return fail(fault, E_KLE, KEY_KLE, "a KLE number such as \"23.05.10\" or \"23.05.10 G01\"");
	ev->kle = (struct effort_str){ text.ptr, 8 };
	if (text.len > 8)
		ev->facet = (struct effort_str){ text.ptr + 9, text.len - 9 };
	return CODE_OK;
}

/* A word of a closed list. `least` is the first index a string may name. */
static enum code read_word(const struct field_reader *r, enum key key, const struct lexicon *list, int least,
			   uint8_t *ret, struct field_fault *fault)
{
	const struct json_value *value = &r->members->value[key];
	int index = lexicon_find(list, value->text, value->len);

	if (index < least)
		return fail(fault, key == KEY_CHANNEL ? E_CHANNEL : E_VALUE, key,
			    "one of the words of this field");
	*ret = (uint8_t)index;
	return CODE_OK;
}

/* True for a number from 0 to max, given in steps of 10^-decimals. */
static bool read_amount(const struct json_value *value, unsigned decimals, int64_t max, int64_t *ret,
			bool *ret_is_exact)
{
	return value->type == JSON_NUMBER &&
	       number_fixed(value->text, value->len, decimals, max, ret, ret_is_exact) == 0;
}

static enum code read_duration(const struct field_reader *r, struct effort_event *ev,
			       struct field_fault *fault)
{
	const struct json_value *value = &r->members->value[KEY_DURATION_S];
	bool is_exact;

	ev->flags |= EFFORT_EVENT_DURATION;
	if (value->len <= 7 && number_digits(value->text) >= value->len) {
		ev->duration_ms = (int64_t)number_value(value->text, value->len) * 1000;
		return CODE_OK;
	}
	if (!read_amount(value, 3, DURATION_MAX_MS, &ev->duration_ms, &is_exact))
		return fail(fault, E_VALUE, KEY_DURATION_S, "seconds from 0 to 31536000");
	return CODE_OK;
}

static enum code read_count(const struct field_reader *r, struct effort_event *ev, struct field_fault *fault)
{
	bool is_exact;

	if (!read_amount(&r->members->value[KEY_COUNT], 0, COUNT_MAX, &ev->count, &is_exact) || !is_exact ||
	    ev->count < 1)
		return fail(fault, E_VALUE, KEY_COUNT, "a whole number from 1 to 1000000");
	return CODE_OK;
}

static enum code read_assisted(const struct field_reader *r, struct effort_event *ev,
			       struct field_fault *fault)
{
	const struct json_value *value = &r->members->value[KEY_ASSISTED];

	if (value->type == JSON_FALSE)
		return CODE_OK;
	if (value->type == JSON_TRUE) {
		ev->assisted = EFFORT_ASSISTED;
	} else {
		enum code code = read_word(r, KEY_ASSISTED, &r->words->assisted, EFFORT_ASSISTED_COUNTER,
					   &ev->assisted, fault);

		if (code != CODE_OK)
			return code;
	}
	if (ev->channel != EFFORT_SELFSERVICE)
		return fail(fault, E_VALUE, KEY_ASSISTED, "false, or the channel selfservice");
	return CODE_OK;
}

/* Members that are free text of one character class. */
static enum code read_texts(const struct field_reader *r, struct effort_event *ev, struct field_fault *fault)
{
	static const char name[] = "1 to 64 of A-Z a-z 0-9 . _ : / -";
	static const char task[] = "1 to 48 of a-z 0-9 -";
	const struct {
		enum key key;
		enum code code;
		size_t max;
		enum charset set;
		const char *expected;
		struct effort_str *to;
	} texts[] = {
		{ KEY_TASK, E_TASK, 48, CHARSET_TASK, task, &ev->task },
		{ KEY_SERVICE, E_VALUE, 64, CHARSET_NAME, name, &ev->service },
		{ KEY_REASON, E_VALUE, 48, CHARSET_TASK, task, &ev->reason },
		{ KEY_UNIT, E_VALUE, 64, CHARSET_NAME, name, &ev->unit },
		{ KEY_HANDLED_BY, E_VALUE, 64, CHARSET_NAME, name, &ev->handled_by },
		{ KEY_PORTAL, E_VALUE, 64, CHARSET_NAME, name, &ev->portal },
		{ KEY_CORRECTS, E_VALUE, 128, CHARSET_PRINTABLE, "1 to 128 printable ASCII characters",
		  &ev->corrects },
		{ KEY_ERRAND, E_VALUE, 64, CHARSET_PRINTABLE, "1 to 64 printable ASCII characters",
		  &ev->errand },
		{ KEY_METER, E_VALUE, 40, CHARSET_NAME, "1 to 40 of A-Z a-z 0-9 . _ : / -", &ev->meter },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!has(r->members, texts[i].key))
			continue;
		*texts[i].to = text_of(r->members, texts[i].key);
		if (!charset_holds(texts[i].set, texts[i].to->ptr, texts[i].to->len, texts[i].max))
			return fail(fault, texts[i].code, texts[i].key, texts[i].expected);
	}
	return CODE_OK;
}

static enum code read_words(const struct field_reader *r, struct effort_event *ev, struct field_fault *fault)
{
	const struct {
		enum key key;
		int least;
		const struct lexicon *list;
		uint8_t *to;
	} lists[] = {
		{ KEY_DIRECTION, 0, &r->words->direction, &ev->direction },
		{ KEY_POPULATION, 0, &r->words->population, &ev->population },
		{ KEY_OUTCOME, 0, &r->words->outcome, &ev->outcome },
		{ KEY_FORM, EFFORT_FORM_DIGITAL, &r->words->form, &ev->form },
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		if (!has(r->members, lists[i].key))
			continue;

		enum code code =
			read_word(r, lists[i].key, lists[i].list, lists[i].least, lists[i].to, fault);

		if (code != CODE_OK)
			return code;
	}
	return CODE_OK;
}

/* A meter comes with what it shows, or with a level. */
static enum code read_meter(const struct field_reader *r, struct effort_event *ev, struct field_fault *fault)
{
	const struct json_object *o = r->members;
	uint64_t others = o->seen & NOT_OF_METERS;
	bool is_exact;

	if (!has(o, KEY_METER))
		return fail(fault, E_MISSING, KEY_METER, "the meter's name, beside a reading or level");
	if (has(o, KEY_READING) == has(o, KEY_LEVEL))
		return fail(fault, E_VALUE, KEY_METER, "a reading or a level beside it");
	if (others != 0)
		return fail(fault, E_VALUE, (enum key)block_lowest(others), "no such field beside a meter");
	if (has(o, KEY_LEVEL)) {
		ev->flags |= EFFORT_EVENT_LEVEL;
		return read_amount(&o->value[KEY_LEVEL], 2, READING_MAX, &ev->reading, &is_exact)
			       ? CODE_OK
			       : fail(fault, E_VALUE, KEY_LEVEL, "a number from 0 to 9999999.99");
	}
	ev->flags |= EFFORT_EVENT_READING;
	return read_amount(&o->value[KEY_READING], 0, READING_MAX, &ev->reading, &is_exact) && is_exact
		       ? CODE_OK
		       : fail(fault, E_VALUE, KEY_READING, "a whole number from 0 to 999999999");
}

/* What nearly no event has. */
static enum code read_rare(const struct field_reader *r, struct effort_event *ev, struct field_fault *fault)
{
	const struct json_object *o = r->members;
	enum code code = read_texts(r, ev, fault);

	if (code == CODE_OK)
		code = read_words(r, ev, fault);
	if (code == CODE_OK && has(o, KEY_ASSISTED))
		code = read_assisted(r, ev, fault);
	if (code == CODE_OK && has(o, KEY_COUNT))
		code = read_count(r, ev, fault);
	if (code == CODE_OK && (o->seen & (KEY_BIT(KEY_METER) | KEY_BIT(KEY_READING) | KEY_BIT(KEY_LEVEL))) != 0)
		code = read_meter(r, ev, fault);
	if (code != CODE_OK)
		return code;
	if (has(o, KEY_EXEMPT) && o->value[KEY_EXEMPT].type == JSON_TRUE)
		ev->flags |= EFFORT_EVENT_EXEMPT;
	if (ev->form != EFFORT_FORM_NONE && ev->direction != EFFORT_OUT)
		return fail(fault, E_VALUE, KEY_FORM, "no form, or the direction out");
	if (ev->reason.len > 0 && ev->form != EFFORT_FORM_PHYSICAL)
		return fail(fault, E_VALUE, KEY_REASON, "no reason, or the form physical");
	return CODE_OK;
}

static enum code check_missing(const struct field_reader *r, struct field_fault *fault)
{
	uint64_t required = REQUIRED | (r->default_source.len == 0 ? KEY_BIT(KEY_SOURCE) : 0);
	uint64_t here = seen(r);
	uint64_t missing = required & ~here;

	if (missing != 0)
		return fail(fault, E_MISSING, (enum key)block_lowest(missing), "this field");
	if ((here & ONE_OF_THREE) == 0)
		return fail(fault, E_MISSING, KEY_KLE, "one of kle, task or service");
	return CODE_OK;
}

static bool is_type(enum key key, unsigned type)
{
	switch (key) {
	case KEY_ASSISTED:
		return type == JSON_TRUE || type == JSON_FALSE || type == JSON_STRING;
	case KEY_EXEMPT:
		return type == JSON_TRUE || type == JSON_FALSE;
	case KEY_DURATION_S:
	case KEY_COUNT:
	case KEY_READING:
	case KEY_LEVEL:
		return type == JSON_NUMBER;
	default:
		return type == JSON_STRING;
	}
}

static const char *expected_type(enum key key)
{
	return key == KEY_ASSISTED                   ? "true, false or text"
	       : key == KEY_EXEMPT                   ? "true or false"
	       : (KEY_BIT(key) & NOT_STRINGS) != 0 ? "a number"
						     : "text in quotes";
}

static enum code check_types(const struct field_reader *r, struct field_fault *fault)
{
	uint64_t strings = (r->context->strings & KEY_CONTEXT) | (r->members->strings & ~KEY_CONTEXT);
	uint64_t rest = seen(r) & (~strings | NOT_STRINGS);

	for (; rest != 0; rest &= rest - 1) {
		enum key key = (enum key)block_lowest(rest);

		if (!is_type(key, value_of(r, key)->type))
			return fail(fault, E_TYPE, key, expected_type(key));
	}
	return CODE_OK;
}

enum code field_read_all(const struct field_reader *r, struct effort_event *ev, struct field_fault *fault)
{
	const struct json_object *o = r->members;
	const struct json_value *time = &r->context->value[KEY_TIME];
	enum code code = check_missing(r, fault);

	if (code == CODE_OK)
		code = check_types(r, fault);
	if (code == CODE_OK)
		code = read_identity(r, ev, fault);
	if (code != CODE_OK)
		return code;
	if (time_parse_alike(r->time, time->text, time->len, &ev->time_ms) != 0)
		return fail(fault, E_TIME, KEY_TIME, "a time such as \"2026-11-21T10:15:30+01:00\"");
	code = read_municipality(r, ev, fault);
	if (code == CODE_OK)
		code = read_word(r, KEY_CHANNEL, &r->words->channel, 0, &ev->channel, fault);
	if (code == CODE_OK && has(o, KEY_KLE))
		code = read_kle(r, ev, fault);
	if (code == CODE_OK && has(o, KEY_KIND)) {
		ev->flags |= EFFORT_EVENT_KIND_GIVEN;
		code = read_word(r, KEY_KIND, &r->words->kind, 0, &ev->kind, fault);
	}
	if (code == CODE_OK && has(o, KEY_DURATION_S))
		code = read_duration(r, ev, fault);
	if (code == CODE_OK && (o->seen & KEY_EVENT & ~FREQUENT) != 0)
		code = read_rare(r, ev, fault);
	return code;
}
