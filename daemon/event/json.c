/* SPDX-License-Identifier: MPL-2.0 */
/* The pass over a line, in three steps that run at different speeds. A survey in blocks tells what kind of
 * line it is: strings are looked into only when there is something other than plain ASCII. The second writes
 * down where the quotes stand, so that no string has to be searched for its end and a string's length costs
 * no branch. The third walks the members and looks at every byte outside strings. */
#include "event/json.h"

#include "event/block.h"
#include "event/cpr.h"
#include "event/number.h"
#include "event/chars.h"

#include <string.h>

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Names of one object that are not in key.h. */
struct strangers {
	uint64_t filter; /* a bit for each name, so that most new names need no comparison */
	unsigned n;
	struct effort_str name[DECODE_MAX_MEMBERS];
};

static enum code read_value(struct json *, const char *p, unsigned depth, const char **ret_end);
static enum code read_object(struct json *, const char *p, unsigned depth, struct json_object *,
			     const char **ret_end);

static enum code fault(struct json *j, enum code code, const char *at, const char *detail)
{
	j->fault_at = at < j->end ? at : j->end;
	j->fault_detail = detail;
	return code;
}

static enum code expected(struct json *j, const char *at, const char *what)
{
	if (at >= j->end)
		return fault(j, E_JSON, at, "more: the line ends inside the object");
	return fault(j, E_JSON, at, what);
}

/* Writes the positions of eight bits, or of fewer and something behind them. */
static inline uint64_t spread8(uint32_t *out, uint64_t bits, uint32_t base)
{
	for (unsigned i = 0; i < 8; i++) {
		out[i] = base + block_lowest(bits | UINT64_C(1) << 63);
		bits &= bits - 1;
	}
	return bits;
}

/* Writes the positions of the bits. Eight at a time: asking for each whether there is one more would cost
 * more. */
static inline uint32_t *spread(uint32_t *out, uint64_t bits, uint32_t base)
{
	uint32_t *end = out + block_count(bits);

	bits = spread8(out, bits, base);
	while (bits != 0) {
		out += 8;
		bits = spread8(out, bits, base);
	}
	return end;
}

/* What kind of line it is, and whether it may hold a CPR number. */
static void survey(struct json *j)
{
	struct cpr_runs runs = { 0, 0, 0 };
	size_t len = (size_t)(j->end - j->line);
	uint64_t suspects = 0;
	uint64_t odd = 0;

	for (size_t at = 0; at < len; at += BLOCK) {
		uint64_t within = block_within(len - at);
		struct block b = block_read(j->line + at);

		suspects |= cpr_suspects(&runs, b.digits & within);
		odd |= b.odd & within;
	}
	j->has_suspects = suspects != 0;
	j->is_plain = odd == 0;
	j->has_escapes = odd != 0 && memchr(j->line, '\\', len) != NULL;
}

/* Takes out the quotes behind an odd number of backslashes: they belong to the text. */
static uint32_t *drop_escaped(const char *line, uint32_t *quotes, uint32_t *end)
{
	uint32_t *out = quotes;

	for (const uint32_t *q = quotes; q < end; q++) {
		uint32_t first = *q;

		while (first > 0 && line[first - 1] == '\\')
			first--;
		if ((*q - first) % 2 == 0)
			*out++ = *q;
	}
	return out;
}

static void find_quotes(struct json *j)
{
	size_t len = (size_t)(j->end - j->line);
	uint32_t *out = j->quotes;

	for (size_t at = 0; at < len; at += BLOCK)
		out = spread(out, block_quotes(j->line + at) & block_within(len - at), (uint32_t)at);
	if (UNLIKELY(j->has_escapes))
		out = drop_escaped(j->line, j->quotes, out);
	j->quote = j->quotes;
	j->quotes_end = out;
}

static inline const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static enum code unescape(struct json *j, struct effort_str *text)
{
	struct json_pool *pool = j->pool;

	if (pool->size - pool->used < text->len)
		return fault(j, E_TOO_LONG, text->ptr, "less text with escapes");

	char *out = pool->text + pool->used;

	*text = (struct effort_str){ out, chars_unescape(text->ptr, text->ptr + text->len, out) };
	pool->used += text->len;
	return CODE_OK;
}

static enum code look_into(struct json *j, struct effort_str *text)
{
	bool has_escapes;
	const char *at, *detail;
	enum code code = chars_check(text->ptr, text->ptr + text->len, &has_escapes, &at, &detail);

	if (code != CODE_OK)
		return fault(j, code, at, detail);
	return has_escapes ? unescape(j, text) : CODE_OK;
}

/* The string whose opening quote is at p, which is the next quote of the line. */
static inline enum code read_string(struct json *j, const char *p, struct effort_str *ret_text,
				    const char **ret_end)
{
	if (UNLIKELY(j->quote + 1 >= j->quotes_end))
		return fault(j, E_JSON, p, "a closing quote");

	const char *close = j->line + j->quote[1];

	j->quote += 2;
	*ret_end = close + 1;
	*ret_text = (struct effort_str){ p + 1, (size_t)(close - p - 1) };
	return LIKELY(j->is_plain) ? CODE_OK : look_into(j, ret_text);
}

static enum code read_literal(struct json *j, const char *p, const char **ret_end, enum json_type *ret_type)
{
	static const struct {
		const char *text;
		enum json_type type;
	} literals[] = { { "true", JSON_TRUE }, { "false", JSON_FALSE }, { "null", JSON_NULL } };

	for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
		size_t len = strlen(literals[i].text);

		if ((size_t)(j->end - p) >= len && memcmp(p, literals[i].text, len) == 0) {
			*ret_end = p + len;
			*ret_type = literals[i].type;
			return CODE_OK;
		}
	}
	return expected(j, p, "a JSON value");
}

static enum code read_number(struct json *j, const char *p, const char **ret_end)
{
	const char *detail;
	const char *end = number_end(p, j->end, &detail);

	if (end == NULL)
		return expected(j, p, detail);
	*ret_end = end;
	return CODE_OK;
}

static enum code read_array(struct json *j, const char *p, unsigned depth, const char **ret_end)
{
	if (depth > DECODE_MAX_DEPTH)
		return fault(j, E_DEPTH, p, "at most 8 levels");
	p = skip_space(p + 1, j->end);
	if (*p == ']') {
		*ret_end = p + 1;
		return CODE_OK;
	}
	for (;;) {
		enum code code = read_value(j, p, depth, &p);

		if (code != CODE_OK)
			return code;
		p = skip_space(p, j->end);
		if (*p == ']') {
			*ret_end = p + 1;
			return CODE_OK;
		}
		if (*p != ',')
			return expected(j, p, "a comma or ]");
		p = skip_space(p + 1, j->end);
	}
}

static enum code add_stranger(struct json *j, struct strangers *s, struct effort_str name, const char *at)
{
	/* LEXICON_WORD readable bytes lie behind every string, so no length needs to be asked for. */
	uint64_t mixed = (block_load64(name.ptr) & lexicon_keep[name.len < 8 ? name.len + 8 : 16]) + name.len;
	uint64_t bit = UINT64_C(1) << (mixed * 0x9e3779b97f4a7c15 >> 58);

	if (s->filter & bit) {
		for (unsigned i = 0; i < s->n; i++) {
			if (s->name[i].len == name.len && memcmp(s->name[i].ptr, name.ptr, name.len) == 0)
				return fault(j, E_DUPLICATE_KEY, at, "every name once");
		}
	}
	s->filter |= bit;
	s->name[s->n++] = name;
	return CODE_OK;
}

/* An object whose members nobody asks for. Others like it may be around it and inside. */
static enum code read_nested(struct json *j, const char *p, unsigned depth, const char **ret_end)
{
	uint64_t seen_around = j->nested.seen;

	j->nested.seen = 0;

	enum code code = read_object(j, p, depth, &j->nested, ret_end);

	j->nested.seen = seen_around;
	return code;
}

/* A value that is no string. data: where to keep its members, if it is an object; NULL: nowhere. */
static enum code read_other(struct json *j, const char *p, unsigned depth, struct json_object *data,
			    const char **ret_end, enum json_type *ret_type)
{
	if (p >= j->end)
		return expected(j, p, "a JSON value");
	if ((unsigned)(*p - '0') < 10 || *p == '-') {
		*ret_type = JSON_NUMBER;
		*ret_end = number_short(p);
		return LIKELY(*ret_end != NULL) ? CODE_OK : read_number(j, p, ret_end);
	}
	if (*p == '{') {
		*ret_type = JSON_OBJECT;
		return data != NULL ? read_object(j, p, depth + 1, data, ret_end)
				    : read_nested(j, p, depth + 1, ret_end);
	}
	if (*p == '[') {
		*ret_type = JSON_ARRAY;
		return read_array(j, p, depth + 1, ret_end);
	}
	return read_literal(j, p, ret_end, ret_type);
}

static enum code read_value(struct json *j, const char *p, unsigned depth, const char **ret_end)
{
	struct effort_str text;
	enum json_type type;

	if (*p == '"')
		return read_string(j, p, &text, ret_end);
	return read_other(j, p, depth, NULL, ret_end, &type);
}

/* The value of a member we know. */
static inline enum code read_known(struct json *j, const char *p, unsigned depth, struct json_object *o,
				   enum key key, const char **ret_end)
{
	struct effort_str text = { p, 0 };
	enum json_type type = JSON_STRING;
	enum code code;

	if (LIKELY(*p == '"')) {
		code = read_string(j, p, &text, ret_end);
		o->strings |= KEY_BIT(key);
		p++;
	} else {
		bool is_data = key == KEY_DATA && o == &j->outer;

		code = read_other(j, p, depth, is_data ? &j->data : NULL, ret_end, &type);
		if (code == CODE_OK)
			text.len = (size_t)(*ret_end - p);
	}
	if (UNLIKELY(code != CODE_OK))
		return code;
	o->seen |= KEY_BIT(key);
	o->value[key] = (struct json_value){ text.ptr, (uint32_t)text.len, (uint16_t)(p - j->line), type };
	return CODE_OK;
}

/* One member; p is at the quote of its name. */
static inline enum code read_member(struct json *j, const char *p, unsigned depth, struct json_object *o,
				    struct strangers *strangers, const char **ret_end)
{
	struct effort_str name;
	const char *at = p;
	enum code code = read_string(j, p, &name, &p);

	if (UNLIKELY(code != CODE_OK))
		return code;
	if (UNLIKELY(*p != ':')) {
		p = skip_space(p, j->end);
		if (*p != ':')
			return expected(j, p, "a colon");
	}
	p++;
	if (UNLIKELY((unsigned char)*p <= ' '))
		p = skip_space(p, j->end);

	int key = lexicon_find(j->names, name.ptr, name.len);

	if (UNLIKELY(key < 0)) {
		code = add_stranger(j, strangers, name, at);
		return code == CODE_OK ? read_value(j, p, depth, ret_end) : code;
	}
	if (UNLIKELY(o->seen & KEY_BIT(key)))
		return fault(j, E_DUPLICATE_KEY, at, "every name once");
	return read_known(j, p, depth, o, (enum key)key, ret_end);
}

/* The object whose brace is at p. Its `seen` is 0 before the call. */
static enum code read_object(struct json *j, const char *p, unsigned depth, struct json_object *o,
			     const char **ret_end)
{
	struct strangers strangers;

	strangers.filter = 0;
	strangers.n = 0;
	if (UNLIKELY(depth > DECODE_MAX_DEPTH))
		return fault(j, E_DEPTH, p, "at most 8 levels");
	p = skip_space(p + 1, j->end);
	if (*p == '}') {
		*ret_end = p + 1;
		return CODE_OK;
	}
	for (unsigned members = 1;; members++) {
		if (UNLIKELY(*p != '"'))
			return expected(j, p, "a name in quotes");
		if (UNLIKELY(members > DECODE_MAX_MEMBERS))
			return fault(j, E_TOO_LONG, p, "at most 64 members");

		enum code code = read_member(j, p, depth, o, &strangers, &p);

		if (UNLIKELY(code != CODE_OK))
			return code;
		if (UNLIKELY((unsigned char)*p <= ' '))
			p = skip_space(p, j->end);
		if (*p == '}') {
			*ret_end = p + 1;
			return CODE_OK;
		}
		if (UNLIKELY(*p != ','))
			return expected(j, p, "a comma or }");
		p++;
		if (UNLIKELY((unsigned char)*p <= ' '))
			p = skip_space(p, j->end);
	}
}

static enum code read_line(struct json *j)
{
	const char *p = j->line;

	if (UNLIKELY(*p != '{')) {
		p = skip_space(p, j->end);
		if (j->end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
			return fault(j, E_JSON, p, "no byte order mark");
		if (p >= j->end || *p != '{')
			return fault(j, E_JSON, p, "an object");
	}

	enum code code = read_object(j, p, 1, &j->outer, &p);

	if (UNLIKELY(code != CODE_OK || p == j->end))
		return code;
	/* A brace in what lies behind the line would have closed it. */
	if (p > j->end)
		return expected(j, p, "");
	p = skip_space(p, j->end);
	return p == j->end ? CODE_OK : fault(j, E_JSON, p, "nothing behind the object");
}

enum code json_read(struct json *j, const char *line, size_t len)
{
	j->line = line;
	j->end = line + len;
	j->outer.seen = j->data.seen = j->nested.seen = 0;
	j->outer.strings = j->data.strings = 0;
	if (UNLIKELY(len > DECODE_MAX_LINE)) {
		j->is_plain = j->has_suspects = j->has_escapes = false;
		return fault(j, E_TOO_LONG, line + DECODE_MAX_LINE, "at most 65,536 bytes");
	}
	survey(j);
	find_quotes(j);
	return read_line(j);
}
