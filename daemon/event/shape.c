/* SPDX-License-Identifier: MPL-2.0 */
/* Reading a line by a shape it shares with earlier ones, and learning shapes; see shape.h for why that is as
 * strict. */
#include "event/shape.h"

#include "event/cpr.h"
#include "event/json.h"
#include "event/number.h"

#include <string.h>

#define VALUES_MAX (2 * KEYS)

/* Strings whose form rules leave no room for anything but a few ASCII characters, no ten digits in a row
 * among them. (A time may have as many in its fraction: see is_clean().) */
#define CLOSED                                                                                               \
	(KEY_BIT(KEY_MUNICIPALITY) | KEY_BIT(KEY_CHANNEL) | KEY_BIT(KEY_KLE) | KEY_BIT(KEY_KIND) |           \
	 KEY_BIT(KEY_DIRECTION) | KEY_BIT(KEY_POPULATION) | KEY_BIT(KEY_ASSISTED) | KEY_BIT(KEY_OUTCOME) |   \
	 KEY_BIT(KEY_FORM))
#define LONGEST_CLEAN_TIME 30

/* A value of the line to be learnt, in the order of the line. */
struct place {
	uint32_t at, len;
	int8_t key;
	bool is_of_data, is_number;
};

/* The quote that ends the string at p; `end` or behind it: there is none. */
static inline const char *string_end(struct shape_step *step, const char *p, const char *end)
{
	uint32_t quotes;

	while ((quotes = block_find32(p, '"')) == 0) {
		p += 32;
		if (p >= end)
			return end;
	}
	/* A guess that only needs to be confirmed lets the processor go on to the next value meanwhile. */
	if ((quotes & step->expect_in) == step->expect)
		return p + step->expect_at;
	step->expect = 1;
	step->expect_in = 0;
	return p + block_lowest(quotes);
}

static void expect_length(struct shape_step *step, uint32_t len)
{
	step->expect_at = len % 32;
	step->expect = UINT32_C(1) << step->expect_at;
	step->expect_in = step->expect | (step->expect - 1);
}

static bool is_long_clean(const char *text, size_t len)
{
	uint64_t odd = 0;

	for (size_t at = 0; at < len; at += BLOCK)
		odd |= block_read(text + at).odd & block_within(len - at);
	return odd == 0 && cpr_find(text, len, NULL) < 0;
}

/* Printable ASCII without backslashes and without a CPR number? */
static inline bool is_clean(const char *text, size_t len)
{
	if (len - 1 >= BLOCK)
		return len == 0 || is_long_clean(text, len);

	struct cpr_runs none = { 0, 0, 0 };
	uint64_t within = block_within(len);
	struct block b = block_read(text);

	return (b.odd & within) == 0 &&
	       (cpr_suspects(&none, b.digits & within) == 0 || cpr_find(text, len, NULL) < 0);
}

static bool are_clean(const struct json_object *o, uint64_t keys)
{
	for (; keys != 0; keys &= keys - 1) {
		const struct json_value *value = &o->value[block_lowest(keys)];

		if (!is_clean(value->text, value->len))
			return false;
	}
	return true;
}

static bool finish(const struct shape_end *end, struct json_object *outer, struct json_object *data)
{
	outer->seen = end->outer_seen;
	outer->strings = end->outer_strings;
	data->seen = end->data_seen;
	data->strings = end->data_strings;
	/* The object itself is between the values; of it only the type is asked for. */
	if ((outer->seen & ~outer->strings & KEY_BIT(KEY_DATA)) != 0)
		outer->value[KEY_DATA] = (struct json_value){ "", 0, 0, JSON_OBJECT };
	return outer->value[KEY_TIME].len <= LONGEST_CLEAN_TIME && are_clean(outer, end->outer_free) &&
	       are_clean(data, end->data_free);
}

bool shape_read(struct shapes *s, const char *line, const char *end, struct json_object *outer,
		struct json_object *data)
{
	const char *p = line;

	for (struct shape_step *step = s->first; step != NULL;) {
		if ((~block_same32(p, step->text) & step->text_bits) != 0) {
			step = step->other;
			continue;
		}
		p += step->len;
		if (step->key == KEY_NONE)
			return p == end && finish(step->end, outer, data);

		const char *value_end = step->is_number ? number_short(p) : string_end(step, p, end);

		if (value_end == NULL || value_end >= end)
			return false;

		struct json_object *o = step->is_of_data ? data : outer;

		o->value[step->key] = (struct json_value){
			p,
			(uint32_t)(value_end - p),
			(uint16_t)(p - line),
			step->is_number ? JSON_NUMBER : JSON_STRING,
		};
		p = value_end;
		step = step->next;
	}
	return false;
}

/* Adds an object's values to the list, by their place. -1: one is of a kind that shapes do not have. */
static int add_places(struct place *places, int n, const struct json_object *o, bool is_of_data)
{
	for (uint64_t rest = o->seen; rest != 0; rest &= rest - 1) {
		int key = (int)block_lowest(rest);
		const struct json_value *v = &o->value[key];

		if (v->type == JSON_OBJECT && key == KEY_DATA && !is_of_data)
			continue;
		if (v->type != JSON_STRING && v->type != JSON_NUMBER)
			return -1;

		int i = n++;

		for (; i > 0 && places[i - 1].at > v->at; i--)
			places[i] = places[i - 1];
		places[i] = (struct place){ v->at, v->len, (int8_t)key, is_of_data, v->type == JSON_NUMBER };
	}
	return n;
}

static bool is_same(const struct shape_step *a, const struct shape_step *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0 && a->key == b->key &&
	       a->is_of_data == b->is_of_data && a->is_number == b->is_number;
}

/* The step in the chain that starts at *link, put there if it is new. NULL: no room. */
static struct shape_step *grow(struct shapes *s, struct shape_step **link, const struct shape_step *step)
{
	unsigned others = 0;

	for (; *link != NULL; link = &(*link)->other) {
		if (is_same(*link, step))
			return *link;
		if (++others == SHAPE_OTHERS)
			return NULL;
	}
	if (s->used == SHAPE_STEPS)
		return NULL;
	*link = &s->steps[s->used++];
	**link = *step;
	return *link;
}

static bool set_text(struct shape_step *step, const char *from, const char *to)
{
	if (to <= from || to - from > SHAPE_TEXT)
		return false;
	step->len = (uint32_t)(to - from);
	step->text_bits = (uint32_t)block_within(step->len);
	memcpy(step->text, from, step->len);
	return true;
}

/* False: it has no shape, or there is no room for it. */
static bool learn(struct shapes *s, const char *line, const char *end, const struct place *places, int n,
		  const struct shape_end *members)
{
	struct shape_step **link = &s->first;
	const char *p = line;

	for (int i = 0; i < n; i++) {
		const struct place *place = &places[i];
		struct shape_step step = { .key = place->key,
					   .is_of_data = place->is_of_data,
					   .is_number = place->is_number };

		if (!set_text(&step, p, line + place->at))
			return false;

		expect_length(&step, place->len);

		struct shape_step *here = grow(s, link, &step);

		if (here == NULL)
			return false;
		link = &here->next;
		p = line + place->at + place->len;
	}

	struct shape_step last = { .key = KEY_NONE };
	struct shape_step *here = set_text(&last, p, end) ? grow(s, link, &last) : NULL;

	if (here == NULL || s->ends_used == SHAPE_STEPS)
		return false;
	s->ends[s->ends_used] = *members;
	here->end = &s->ends[s->ends_used++];
	return true;
}

void shape_learn(struct shapes *s, const char *line, const char *end, const struct json_object *outer,
		 const struct json_object *data)
{
	struct place places[VALUES_MAX];
	/* What the form rules look at: all of a native event; of an envelope its time and the rest in `data`.
	 */
	bool is_envelope = (outer->seen & KEY_BIT(KEY_SPECVERSION)) != 0;
	uint64_t closed = is_envelope ? KEY_BIT(KEY_TIME) : CLOSED | KEY_BIT(KEY_TIME);
	const struct shape_end members = {
		outer->seen, outer->strings, outer->strings & ~closed,
		data->seen,  data->strings,  data->strings & ~(is_envelope ? CLOSED : 0),
	};
	int n;

	/* Where every line is new, learning each would cost more than it gives. */
	if (s->used > 0 && ++s->missed < SHAPE_PATIENCE)
		return;
	s->missed = 0;
	n = add_places(places, 0, outer, false);
	n = n < 0 ? n : add_places(places, n, data, true);
	if (n >= 0 && !learn(s, line, end, places, n, &members) && s->used == SHAPE_STEPS) {
		s->used = s->ends_used = 0;
		s->first = NULL;
	}
}
