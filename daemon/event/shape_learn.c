/* SPDX-License-Identifier: MPL-2.0 */
/* Learning the shape of a line: its values by their places, told from names by the colon behind those, and
 * the texts between them as steps that are shared with the shapes learnt before; see shape.h. */
#include "event/shape.h"

#include "event/block.h"

#include <string.h>

#define VALUES_MAX (2 * KEYS)

/* Strings whose form rules leave no room for anything but a few ASCII characters, no ten digits in a row
 * among them. (A time may have as many in its fraction: it is free.) */
#define CLOSED                                                                                               \
	(KEY_BIT(KEY_MUNICIPALITY) | KEY_BIT(KEY_CHANNEL) | KEY_BIT(KEY_KLE) | KEY_BIT(KEY_KIND) |           \
	 KEY_BIT(KEY_DIRECTION) | KEY_BIT(KEY_POPULATION) | KEY_BIT(KEY_ASSISTED) | KEY_BIT(KEY_OUTCOME) |   \
	 KEY_BIT(KEY_FORM))

/* A value of the line to be learnt. */
struct place {
	const char *text;
	size_t len;
	enum shape_value value;
	struct json_value *to;
};

/* The values of a line, in its order. */
struct places {
	unsigned n;
	struct place place[VALUES_MAX];
};

/* Has each member we know a value that a shape can have, or is it `data`, which is looked into? */
static bool is_flat(const struct json_object *o)
{
	for (uint64_t rest = o->seen; rest != 0; rest &= rest - 1) {
		unsigned key = block_lowest(rest), type = o->value[key].type;

		if (type == JSON_ARRAY || (type == JSON_OBJECT && key != KEY_DATA))
			return false;
	}
	return true;
}

/* Is it the value of one of this object's members that we know? */
static void look_for(struct place *place, size_t at, struct json_object *o, uint64_t closed)
{
	for (uint64_t rest = o->seen; rest != 0; rest &= rest - 1) {
		unsigned key = block_lowest(rest);

		if (o->value[key].at != at)
			continue;
		place->to = &o->value[key];
		if (place->value == SHAPE_STRANGER)
			place->value = (closed & KEY_BIT(key)) != 0 ? SHAPE_CLOSED : SHAPE_FREE;
		return;
	}
}

/* Strings end before a quote, all others before one of these. */
static const char *end_of(const char *value, bool is_string)
{
	return value + strcspn(value, is_string ? "\"" : ",]} \t\r\n");
}

static bool is_name(const char *behind)
{
	return behind[strspn(behind, " \t\r\n")] == ':';
}

/* Walks over an accepted line without escapes. False: it has more values than a shape can have. */
static bool find_places(struct places *places, struct shapes *s, const char *line, const char *end)
{
	/* What the form rules look at: all of a native event; of an envelope what is in `data`. */
	bool is_envelope = (s->outer->seen & KEY_BIT(KEY_SPECVERSION)) != 0;

	for (const char *p = line; p < end; p++) {
		if (strchr("{}[]:, \t\r\n", *p) != NULL)
			continue;

		bool is_string = *p == '"';
		struct place place = { .text = p + is_string, .to = &s->stranger };

		p = end_of(place.text, is_string);
		if (is_string && is_name(p + 1))
			continue;
		if (places->n == VALUES_MAX)
			return false;
		place.len = (size_t)(p - place.text);
		place.value = is_string ? SHAPE_STRANGER : SHAPE_BARE;
		look_for(&place, (size_t)(place.text - line), s->outer, is_envelope ? 0 : CLOSED);
		look_for(&place, (size_t)(place.text - line), s->data, is_envelope ? CLOSED : 0);
		places->place[places->n++] = place;
	}
	return true;
}

static void expect_length(struct shape_step *step, size_t len)
{
	step->usual_len = (uint32_t)len;
	step->usual_bit = len < BLOCK ? UINT64_C(1) << len : 0;
}

static bool is_same(const struct shape_step *a, const struct shape_step *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0 && a->value == b->value &&
	       a->to == b->to;
}

/* The step in the chain that starts at *link, put there if it is new. NULL: no room. */
static struct shape_step *grow(struct shapes *s, struct shape_step **link, const struct shape_step *step)
{
	unsigned others = 0;

	for (; *link != NULL; link = &(*link)->other) {
		if (is_same(*link, step))
			return *link;
		if (++others == SHAPE_OTHERS) {
			s->crowded++;
			return NULL;
		}
	}
	if (s->used == SHAPE_STEPS)
		return NULL;
	*link = &s->steps[s->used++];
	**link = *step;
	return *link;
}

static void set_text(struct shape_step *step, const char *text, size_t len)
{
	step->len = (uint32_t)len;
	step->text_bits = (uint32_t)block_within(len);
	memcpy(step->text, text, len);
}

/* The step that ends this text, in the chain at *link or behind the steps that a long one takes before. NULL:
 * no room. */
static struct shape_step *grow_text(struct shapes *s, struct shape_step **link, const char *from,
				    const char *to, struct shape_step *step)
{
	for (; to - from > SHAPE_TEXT; from += SHAPE_TEXT) {
		struct shape_step part = { .value = SHAPE_NOTHING, .to = &s->stranger };

		set_text(&part, from, SHAPE_TEXT);

		struct shape_step *here = grow(s, link, &part);

		if (here == NULL)
			return NULL;
		link = &here->next;
	}
	set_text(step, from, (size_t)(to - from));
	return grow(s, link, step);
}

/* False: there is no room for it. */
static bool learn(struct shapes *s, const char *line, const char *end, const struct places *places)
{
	struct shape_step **link = &s->first;
	const char *p = line;

	for (const struct place *place = places->place; place < places->place + places->n; place++) {
		struct shape_step step = { .value = place->value, .to = place->to };

		expect_length(&step, place->len);

		struct shape_step *here = grow_text(s, link, p, place->text, &step);

		if (here == NULL)
			return false;
		link = &here->next;
		p = place->text + place->len;
	}

	struct shape_step last = { .value = SHAPE_LINE_END };
	struct shape_step *here = grow_text(s, link, p, end, &last);

	if (here == NULL)
		return false;
	s->ends[here - s->steps] =
		(struct shape_end){ s->outer->seen, s->outer->strings, s->data->seen, s->data->strings };
	return true;
}

void shape_learn(struct shapes *s, const char *line, const char *end)
{
	struct places places;

	/* Where every line is new, learning each would cost more than it gives. A CR is never the last of a line. */
	if ((s->used > 0 && ++s->missed < SHAPE_PATIENCE) || end[-1] == '\r')
		return;
	s->missed = 0;
	places.n = 0;
	if (!is_flat(s->outer) || !is_flat(s->data) || !find_places(&places, s, line, end))
		return;
	if (!learn(s, line, end, &places) && (s->used == SHAPE_STEPS || s->crowded == SHAPE_CROWDED)) {
		s->used = s->crowded = 0;
		s->first = NULL;
	}
}
