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
 * among them. (A time may have as many in its fraction: it is free.) */
#define CLOSED                                                                                               \
	(KEY_BIT(KEY_MUNICIPALITY) | KEY_BIT(KEY_CHANNEL) | KEY_BIT(KEY_KLE) | KEY_BIT(KEY_KIND) |           \
	 KEY_BIT(KEY_DIRECTION) | KEY_BIT(KEY_POPULATION) | KEY_BIT(KEY_ASSISTED) | KEY_BIT(KEY_OUTCOME) |   \
	 KEY_BIT(KEY_FORM))

/* A value of the line to be learnt, in the order of the line. */
struct place {
	struct json_value *of;
	enum shape_value value;
};

static void expect_length(struct shape_step *step, uint32_t len)
{
	step->usual_len = len;
	step->usual_bit = len < BLOCK ? UINT64_C(1) << len : 0;
}

/* The first of the quotes behind p. Strings of some members are all of one length: a guess that only needs to
 * be confirmed lets the processor go on to the next value meanwhile. */
static inline const char *first_quote(struct shape_step *step, const char *p, uint64_t quotes)
{
	if ((quotes & -quotes) == step->usual_bit)
		return p + step->usual_len;
	step->usual_bit = 0;
	return p + block_lowest(quotes);
}

/* The quote that ends the closed string at p; NULL: it is longer than its form rule allows. */
static inline const char *closed_end(struct shape_step *step, const char *p)
{
	uint32_t quotes = block_find32(p, '"');

	return quotes != 0 ? first_quote(step, p, quotes) : NULL;
}

/* Printable ASCII without backslashes, as `odd` has it, and without a CPR number? */
static inline bool is_clean(const char *text, const char *end, uint64_t odd, uint64_t suspects)
{
	return odd == 0 && (suspects == 0 || cpr_find(text, (size_t)(end - text), NULL) < 0);
}

static const char *long_free_end(const char *text, const char *end)
{
	const char *p = text;
	uint64_t quotes, odd = 0;

	for (; (quotes = block_quotes(p)) == 0; p += BLOCK) {
		if (end - p <= BLOCK)
			return NULL;
		odd |= block_read(p).odd;
	}
	odd |= block_read(p).odd & ((quotes & -quotes) - 1);
	p += block_lowest(quotes);
	return p < end && is_clean(text, p, odd, 1) ? p : NULL;
}

/* The quote that ends the free string at p; NULL: it is not clean, or does not end. */
static inline const char *free_end(struct shape_step *step, const char *p, const char *end)
{
	struct cpr_runs none = { 0, 0, 0 };
	struct block b = block_read32(p);
	uint64_t quotes = block_find32(p, '"');

	if (quotes == 0) {
		if (end - p <= 32)
			return NULL;

		struct block more = block_read32(p + 32);

		b.digits |= more.digits << 32;
		b.odd |= more.odd << 32;
		quotes = (uint64_t)block_find32(p + 32, '"') << 32;
		if (quotes == 0)
			return long_free_end(p, end);
	}

	uint64_t within = (quotes & -quotes) - 1;
	const char *quote = first_quote(step, p, quotes);

	return quote < end && is_clean(p, quote, b.odd & within, cpr_suspects(&none, b.digits & within))
		       ? quote
		       : NULL;
}

static inline const char *value_end(struct shape_step *step, const char *p, const char *end)
{
	switch (step->value) {
	case SHAPE_CLOSED:
		return closed_end(step, p);
	case SHAPE_FREE:
		return free_end(step, p, end);
	default:
		return number_short(p);
	}
}

static void finish(const struct shapes *s, const struct shape_end *end)
{
	struct json_object *outer = s->outer, *data = s->data;

	outer->seen = end->outer_seen;
	outer->strings = end->outer_strings;
	data->seen = end->data_seen;
	data->strings = end->data_strings;
	/* The object itself is between the values; of it only the type is asked for. */
	if ((outer->seen & ~outer->strings & KEY_BIT(KEY_DATA)) != 0)
		outer->value[KEY_DATA] = (struct json_value){ "", 0, 0, JSON_OBJECT };
}

const char *shape_read(struct shapes *s, const char *line, const char *end)
{
	const char *p = line;

	for (struct shape_step *step = s->first; step != NULL;) {
		if ((~block_same32(p, step->text) & step->text_bits) != 0) {
			step = step->other;
			continue;
		}
		p += step->len;
		if (step->value == SHAPE_LINE_END) {
			finish(s, &s->ends[step - s->steps]);
			return p;
		}

		const char *behind = value_end(step, p, end);

		if (behind == NULL || behind >= end)
			return NULL;
		*step->to = (struct json_value){
			p,
			(uint32_t)(behind - p),
			(uint16_t)(p - line),
			step->value == SHAPE_NUMBER ? JSON_NUMBER : JSON_STRING,
		};
		p = behind;
		step = step->next;
	}
	return NULL;
}

static enum shape_value kind_of(const struct json_value *v, bool is_closed)
{
	return v->type == JSON_NUMBER ? SHAPE_NUMBER : is_closed ? SHAPE_CLOSED : SHAPE_FREE;
}

/* Adds an object's values to the list, by their place. -1: one is of a kind that shapes do not have. */
static int add_places(struct place *places, int n, struct json_object *o, uint64_t closed)
{
	for (uint64_t rest = o->seen; rest != 0; rest &= rest - 1) {
		unsigned key = block_lowest(rest);
		struct json_value *v = &o->value[key];

		if (v->type == JSON_OBJECT && key == KEY_DATA)
			continue;
		if (v->type != JSON_STRING && v->type != JSON_NUMBER)
			return -1;

		int i = n++;

		for (; i > 0 && places[i - 1].of->at > v->at; i--)
			places[i] = places[i - 1];
		places[i] = (struct place){ v, kind_of(v, (closed & KEY_BIT(key)) != 0) };
	}
	return n;
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
static bool learn(struct shapes *s, const char *line, const char *end, const struct place *places, int n)
{
	struct shape_step **link = &s->first;
	const char *p = line;

	for (int i = 0; i < n; i++) {
		struct json_value *v = places[i].of;
		struct shape_step step = { .value = places[i].value, .to = v };

		if (!set_text(&step, p, line + v->at))
			return false;
		expect_length(&step, v->len);

		struct shape_step *here = grow(s, link, &step);

		if (here == NULL)
			return false;
		link = &here->next;
		p = line + v->at + v->len;
	}

	struct shape_step last = { .value = SHAPE_LINE_END };
	struct shape_step *here = set_text(&last, p, end) ? grow(s, link, &last) : NULL;

	if (here == NULL)
		return false;
	s->ends[here - s->steps] =
		(struct shape_end){ s->outer->seen, s->outer->strings, s->data->seen, s->data->strings };
	return true;
}

void shape_learn(struct shapes *s, const char *line, const char *end)
{
	struct place places[VALUES_MAX];
	/* What the form rules look at: all of a native event; of an envelope what is in `data`. */
	bool is_envelope = (s->outer->seen & KEY_BIT(KEY_SPECVERSION)) != 0;
	int n;

	/* Where every line is new, learning each would cost more than it gives. A CR is never the last of a line. */
	if ((s->used > 0 && ++s->missed < SHAPE_PATIENCE) || end[-1] == '\r')
		return;
	s->missed = 0;
	n = add_places(places, 0, s->outer, is_envelope ? 0 : CLOSED);
	n = n < 0 ? n : add_places(places, n, s->data, is_envelope ? CLOSED : 0);
	if (n >= 0 && !learn(s, line, end, places, n) && (s->used == SHAPE_STEPS || s->crowded == SHAPE_CROWDED)) {
		s->used = s->crowded = 0;
		s->first = NULL;
	}
}
