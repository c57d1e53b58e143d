/* SPDX-License-Identifier: MPL-2.0 */
/* Reading a line by a shape it shares with earlier ones; see shape.h for why that is as strict. */
#include "event/shape.h"

#include "event/chars.h"
#include "event/cpr.h"
#include "event/number.h"

#include <string.h>

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

static bool is_valid(const char *text, const char *end)
{
	const char *at, *detail;
	bool has_escapes;

	return chars_check(text, end, &has_escapes, &at, &detail) == CODE_OK && !has_escapes;
}

/* Printable ASCII without backslashes, as `odd` has it, or nobody's and valid; and without a CPR number? */
static inline bool is_clean(const struct shape_step *step, const char *text, const char *end, uint64_t odd,
			    uint64_t suspects)
{
	return (odd == 0 || (step->value == SHAPE_STRANGER && is_valid(text, end))) &&
	       (suspects == 0 || cpr_find(text, (size_t)(end - text), NULL) < 0);
}

static const char *long_free_end(const struct shape_step *step, const char *text, const char *end)
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
	return p < end && is_clean(step, text, p, odd, 1) ? p : NULL;
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
			return long_free_end(step, p, end);
	}

	uint64_t within = (quotes & -quotes) - 1;
	const char *quote = first_quote(step, p, quotes);

	return quote < end && is_clean(step, p, quote, b.odd & within, cpr_suspects(&none, b.digits & within))
		       ? quote
		       : NULL;
}

/* Of a word, or a number that is not written with one to seven digits. */
static const char *rare_bare_end(const char *p, const char *end)
{
	const char *behind, *detail;

	if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
		return p + 4;
	if (memcmp(p, "false", 5) == 0)
		return p + 5;
	behind = number_end(p, end, &detail);
	return behind != NULL && cpr_find(p, (size_t)(behind - p), NULL) < 0 ? behind : NULL;
}

/* What is behind the number or word at p; NULL: there is none, or it may be a CPR number. */
static inline const char *bare_end(const char *p, const char *end)
{
	const char *behind = number_short(p);

	return behind != NULL ? behind : rare_bare_end(p, end);
}

static inline const char *value_end(struct shape_step *step, const char *p, const char *end)
{
	switch (step->value) {
	case SHAPE_CLOSED:
		return closed_end(step, p);
	case SHAPE_FREE:
	case SHAPE_STRANGER:
		return free_end(step, p, end);
	case SHAPE_BARE:
		return bare_end(p, end);
	default:
		return p;
	}
}

static inline enum json_type type_of(const struct shape_step *step, char first)
{
	if (step->value != SHAPE_BARE)
		return JSON_STRING;
	return first == 't' ? JSON_TRUE : first == 'f' ? JSON_FALSE : first == 'n' ? JSON_NULL : JSON_NUMBER;
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

		const char *value = p + step->len, *behind;

		if (step->value == SHAPE_LINE_END) {
			finish(s, &s->ends[step - s->steps]);
			return value;
		}
		behind = value_end(step, value, end);
		if (behind == NULL || behind >= end) {
			step = step->other;
			continue;
		}
		*step->to = (struct json_value){
			value,
			(uint32_t)(behind - value),
			(uint16_t)(value - line),
			(uint16_t)type_of(step, *value),
		};
		p = behind;
		step = step->next;
	}
	return NULL;
}
