/* SPDX-License-Identifier: MPL-2.0 */
/* The search for CPR numbers: blocks give suspects, each suspect is judged by the rules of cpr.h. Time grows
 * with the length of the text only, also for hostile text: a token's verdict is kept until the search has
 * left it. */
#include "event/cpr.h"

#include <stdbool.h>

#define UUID_LEN  36
#define TOKEN_MIN 16

/* The text and the token judged last. */
struct search {
	const char *text;
	size_t len;
	const struct cpr_excuse *excuse;
	size_t token_from, token_to; /* empty: none yet */
	bool is_token_hex;
};

static bool is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static bool is_hex_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 6;
}

static bool is_hex(char c)
{
	return is_digit(c) || is_hex_letter(c);
}

static bool is_word(char c)
{
	return is_digit(c) || (unsigned)((c | 0x20) - 'a') < 26 || (unsigned char)c > 127;
}

static unsigned two(const char *p)
{
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

static bool is_date(const char *ddmmyy)
{
	static const unsigned char days[13] = { 0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned day = two(ddmmyy);
	unsigned month = two(ddmmyy + 2);
	unsigned year = two(ddmmyy + 4);

	if (day > 60)
		day -= 60;
	if (month < 1 || month > 12 || day < 1 || day > days[month])
		return false;
	/* A year 00 has a 29 February in one century of four, and 2000 was one. */
	return month != 2 || day != 29 || year % 4 == 0;
}

static bool is_uuid_at(const char *text, size_t len, size_t from)
{
	if (from + UUID_LEN > len)
		return false;

	const char *p = text + from;

	if (p[8] != '-' || p[13] != '-' || p[18] != '-' || p[23] != '-')
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23)
			continue;
		if (!is_hex(p[i]))
			return false;
	}
	return (from == 0 || !is_hex(p[-1])) && (from + UUID_LEN == len || !is_hex(p[UUID_LEN]));
}

static bool is_in_uuid(const struct search *s, size_t from, size_t to)
{
	size_t first = to > UUID_LEN ? to - UUID_LEN : 0;

	for (size_t start = first; start <= from; start++) {
		if (is_uuid_at(s->text, s->len, start))
			return true;
	}
	return false;
}

static void judge_token(struct search *s, size_t within)
{
	size_t from = within;
	size_t to = within;
	bool has_letter = false;
	bool is_all_hex = true;

	while (from > 0 && is_word(s->text[from - 1]))
		from--;
	while (to < s->len && is_word(s->text[to]))
		to++;
	for (size_t i = from; i < to; i++) {
		has_letter |= is_hex_letter(s->text[i]);
		is_all_hex &= is_hex(s->text[i]);
	}
	s->token_from = from;
	s->token_to = to;
	s->is_token_hex = is_all_hex && has_letter && to - from >= TOKEN_MIN;
}

static bool is_in_hex_token(struct search *s, size_t from, size_t to)
{
	if (from < s->token_from || from >= s->token_to)
		judge_token(s, from);
	return s->is_token_hex && to <= s->token_to;
}

static bool is_excused(const struct search *s, size_t from, size_t to)
{
	if (s->excuse == NULL || to - from != 10)
		return false;

	int64_t seconds = 0;

	for (size_t i = from; i < to; i++)
		seconds = seconds * 10 + (s->text[i] - '0');

	int64_t distance = seconds - s->excuse->time_s;

	return distance >= -CPR_NEAR_S && distance <= CPR_NEAR_S;
}

static bool are_digits(const char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (!is_digit(text[i]))
			return false;
	}
	return true;
}

/* The number whose last digit is at `last`: its start, or -1. */
static ptrdiff_t read_back(struct search *s, size_t last)
{
	const char *t = s->text;
	size_t to = last + 1;

	if (to < 10 || (to < s->len && is_digit(t[to])) || !are_digits(t, to - 4, to))
		return -1;

	char between = t[to - 5];
	bool is_apart = between == ' ' || between == '.' || between == '-';

	if (to < 10u + is_apart)
		return -1;

	size_t from = to - 10 - is_apart;

	if (!are_digits(t, from, from + 6) || (from > 0 && is_digit(t[from - 1])) || !is_date(t + from))
		return -1;
	if (is_excused(s, from, to) || is_in_uuid(s, from, to) || is_in_hex_token(s, from, to))
		return -1;
	return (ptrdiff_t)from;
}

ptrdiff_t cpr_find(const char *text, size_t len, const struct cpr_excuse *excuse)
{
	struct search s = { text, len, excuse, 0, 0, false };
	struct cpr_runs runs = { 0, 0, 0 };

	for (size_t at = 0; at < len; at += BLOCK) {
		uint64_t digits = block_read(text + at).digits & block_within(len - at);
		uint64_t suspects = cpr_suspects(&runs, digits);

		for (; suspects != 0; suspects &= suspects - 1) {
			ptrdiff_t from = read_back(&s, at + block_lowest(suspects));

			if (from >= 0)
				return from;
		}
	}
	return -1;
}
