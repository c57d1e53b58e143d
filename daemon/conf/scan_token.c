/* SPDX-License-Identifier: MPL-2.0 */
/* See scan_token.h: the lexical rules of libconfig 1.5, but stricter where it is silent (a string or comment
 * that is never closed) and with one token for what people write in place of a value (35d, 127.0.0.1:7020).
 */
#include "conf/scan_token.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*';
}

static bool is_name(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Moves *at over blanks and comments; false: a comment is never closed, *at is its start. */
static bool skip_blanks(const struct document *doc, size_t *at)
{
	const char *p = doc->bytes, *end;

	for (;;) {
		while (p[*at] == ' ' || p[*at] == '\t' || p[*at] == '\n' || p[*at] == '\r' || p[*at] == '\f')
			(*at)++;
		if (p[*at] == '#' || (p[*at] == '/' && p[*at + 1] == '/')) {
			while (*at < doc->len && p[*at] != '\n')
				(*at)++;
		} else if (p[*at] == '/' && p[*at + 1] == '*') {
			end = strstr(p + *at + 2, "*/");
			if (end == NULL)
				return false;
			*at = (size_t)(end - p) + 2;
		} else {
			return true;
		}
	}
}

/* A string ends on its line: one that runs on is a forgotten quote nearly always. Of the escapes, libconfig
 * drops those it does not know without a word, and \x can make bytes that are no text. */
static struct token string_token(const struct document *doc, size_t at)
{
	const char *p = doc->bytes;
	size_t i = at + 1;

	while (p[i] != '"') {
		if (p[i] == '\n' || p[i] == '\0')
			return (struct token){ TOKEN_WRONG, at, i - at };
		if (p[i] == '\\' && (p[i + 1] == '\0' || strchr("\\\"nrtf", p[i + 1]) == NULL))
			return (struct token){ TOKEN_WRONG, at, i - at };
		i += p[i] == '\\' ? 2 : 1;
	}
	return (struct token){ TOKEN_STRING, at, i + 1 - at };
}

static size_t digits(const char *p)
{
	size_t n = 0;

	while (p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

/* Length of the number at p as libconfig reads numbers; 0: none. */
static size_t number_len(const char *p)
{
	size_t n = 0, whole, fraction = 0, exponent;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		for (n = 2; isxdigit((unsigned char)p[n]); n++)
			;
		if (n == 2)
			return 0;
		return n + (p[n] == 'L') + (p[n] == 'L' && p[n + 1] == 'L');
	}
	n += p[n] == '-' || p[n] == '+';
	whole = digits(p + n);
	n += whole;
	if (p[n] == 'L' && whole > 0)
		return n + 1 + (p[n + 1] == 'L');
	if (p[n] == '.') {
		fraction = digits(p + n + 1);
		n += 1 + fraction;
	}
	if (whole + fraction == 0)
		return 0;
	if (p[n] == 'e' || p[n] == 'E') {
		size_t sign = p[n + 1] == '-' || p[n + 1] == '+';

		exponent = digits(p + n + 1 + sign);
		n += exponent > 0 ? 1 + sign + exponent : 0;
	}
	return n;
}

/* The run of characters people take for one value: 35d, 127.0.0.1:7020, 4GiB, 80%. */
static size_t run_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || (p[n] != '\0' && strchr("+-._:%", p[n]) != NULL))
		n++;
	return n;
}

static struct token number_token(const struct document *doc, size_t at)
{
	size_t n = number_len(doc->bytes + at), run = run_len(doc->bytes + at);

	if (n == 0 || n != run)
		return (struct token){ TOKEN_WRONG, at, run > 0 ? run : 1 };
	return (struct token){ TOKEN_NUMBER, at, n };
}

static struct token name_token(const struct document *doc, size_t at)
{
	struct token ret = { TOKEN_NAME, at, 0 };

	while (is_name(doc->bytes[at + ret.len]))
		ret.len++;
	if ((ret.len == 4 && strncasecmp(doc->bytes + at, "true", 4) == 0) ||
	    (ret.len == 5 && strncasecmp(doc->bytes + at, "false", 5) == 0))
		ret.kind = TOKEN_BOOL;
	return ret;
}

static struct token token_at(const struct document *doc, size_t at)
{
	char c = doc->bytes[at];

	if (at >= doc->len)
		return (struct token){ TOKEN_END, doc->len, 0 };
	if (c == '"')
		return string_token(doc, at);
	if (is_name_start(c))
		return name_token(doc, at);
	if (isdigit((unsigned char)c) || c == '-' || c == '+' || c == '.')
		return number_token(doc, at);
	if (c == '=' || c == ':')
		return (struct token){ TOKEN_EQUALS, at, 1 };
	if (c == ';' || c == ',')
		return (struct token){ TOKEN_TERMINATOR, at, 1 };
	if (c == '{' || c == '[' || c == '(')
		return (struct token){ TOKEN_OPEN, at, 1 };
	if (c == '}' || c == ']' || c == ')')
		return (struct token){ TOKEN_CLOSE, at, 1 };
	return (struct token){ TOKEN_WRONG, at, 1 };
}

struct token token_next(const struct document *doc, size_t *at)
{
	struct token ret;

	if (!skip_blanks(doc, at))
		return (struct token){ TOKEN_WRONG, *at, 2 };
	ret = token_at(doc, *at);
	*at = ret.offset + ret.len;
	return ret;
}

bool token_is_too_large(const struct document *doc, struct token number)
{
	const char *p = doc->bytes + number.offset;
	bool is_hex = number.len > 2 && (p[1] == 'x' || p[1] == 'X');
	char *end;
	long long value;

	if (!is_hex && memchr(p, '.', number.len) != NULL)
		return false;
	if (!is_hex && (memchr(p, 'e', number.len) != NULL || memchr(p, 'E', number.len) != NULL))
		return false;
	errno = 0;
	value = strtoll(p, &end, is_hex ? 16 : 10);
	if (errno == ERANGE)
		return true;
	return *end != 'L' && (value > INT32_MAX || value < INT32_MIN);
}
