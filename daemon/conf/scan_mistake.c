/* SPDX-License-Identifier: MPL-2.0 */
/* See scan_token.h: what people write by mistake, and the sentence and next step for each. Every hint begins
 * with the line itself. */
#include "conf/scan_token.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 40

/* One fault at a token with the hint and its source line. */
__attribute__((format(printf, 5, 6))) static int mistake(const struct document *doc, size_t offset,
							 struct faults *faults, const char *advice,
							 const char *fmt, ...)
{
	char message[256], hint[512], line[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	document_quote(doc, offset, line, sizeof(line));
	snprintf(hint, sizeof(hint), "in `%s`%s%s", line, advice[0] != '\0' ? ": " : "", advice);
	return fault_add(faults, document_place(doc, offset), hint, "%s", message);
}

static int shown_len(struct token token)
{
	return (int)(token.len > SHOWN_MAX ? SHOWN_MAX : token.len);
}

/* yes, no, on, off: what other formats call true and false. */
static const char *bool_word(const char *p, size_t len)
{
	if ((len == 3 && strncasecmp(p, "yes", 3) == 0) || (len == 2 && strncasecmp(p, "on", 2) == 0))
		return "true";
	if ((len == 2 && strncasecmp(p, "no", 2) == 0) || (len == 3 && strncasecmp(p, "off", 3) == 0))
		return "false";
	return NULL;
}

int mistake_token(const struct document *doc, struct token token, struct faults *faults)
{
	const char *p = doc->bytes + token.offset;
	char advice[128];

	if (*p == '"' && p[token.len] == '\\')
		return mistake(doc, token.offset + token.len, faults,
			       "allowed: \\\\ \\\" \\n \\r \\t \\f; other signs are "
			       "written as they are",
			       "syntax error: the escape \\%c",
			       p[token.len + 1] > 0x20 ? p[token.len + 1] : '?');
	if (*p == '"')
		return mistake(doc, token.offset, faults,
			       "close it with \" on the same line; long text may go on in "
			       "a second \"...\"",
			       "syntax error: the text that begins here is not closed");
	if (*p == '/' && token.len == 2)
		return mistake(doc, token.offset, faults, "end it with */",
			       "syntax error: the comment that begins here is not closed");
	if (strncmp(p, "@include", 8) == 0)
		return mistake(doc, token.offset, faults,
			       "effortd reads one main file and the files it names",
			       "@include is not supported");
	if (*p == '\'')
		return mistake(doc, token.offset, faults, "write text in double quotes",
			       "syntax error: single quotes");
	if (token.len > 1) {
		snprintf(advice, sizeof(advice), "write text, times and sizes in quotes: \"%.*s\"",
			 shown_len(token), p);
		return mistake(doc, token.offset, faults, advice, "syntax error: %.*s is not a number",
			       shown_len(token), p);
	}
	if (strncmp(p, "\xc2\xa0", 2) == 0)
		return mistake(doc, token.offset, faults, "retype the blank",
			       "syntax error: a no-break space (U+00A0) that looks like a blank");
	if ((unsigned char)*p < 0x20 || (unsigned char)*p == 0x7f)
		return mistake(doc, token.offset, faults, "use blanks or tabs between words",
			       "syntax error: control character 0x%02x", (unsigned char)*p);
	if ((unsigned char)*p >= 0x80)
		return mistake(doc, token.offset, faults,
			       "names are of a-z, 0-9, '-' and '_'; text stands in double "
			       "quotes",
			       "syntax error: a letter or sign that cannot stand here");
	return mistake(doc, token.offset, faults, "", "syntax error: '%c' cannot stand here", *p);
}

int mistake_name(const struct document *doc, struct token token, bool in_group, struct faults *faults)
{
	const char *p = doc->bytes + token.offset;

	if (token.kind == TOKEN_TERMINATOR)
		return mistake(doc, token.offset, faults, "remove it", "syntax error: '%c' without a setting",
			       *p);
	if (token.kind == TOKEN_EQUALS)
		return mistake(doc, token.offset, faults, "write name = value;",
			       "syntax error: '%c' without a name", *p);
	if (token.kind == TOKEN_BOOL)
		return mistake(doc, token.offset, faults, "", "syntax error: '%.*s' cannot be a name",
			       shown_len(token), p);
	return mistake(doc, token.offset, faults,
		       in_group ? "lists stand in ( ), groups in { name = value; }" : "write name = value;",
		       "syntax error: expected a setting's name, not %.*s", shown_len(token), p);
}

int mistake_equals(const struct document *doc, struct token name, struct token token, struct faults *faults)
{
	const char *n = doc->bytes + name.offset;
	char advice[160];

	if (doc->bytes[token.offset] == '.') {
		snprintf(advice, sizeof(advice), "names have no dots: write %.*s: { %.*s = ...; };",
			 shown_len(name), n, token.len > 1 ? shown_len(token) - 1 : 4,
			 token.len > 1 ? doc->bytes + token.offset + 1 : "name");
		return mistake(doc, token.offset, faults, advice, "syntax error: '.' after '%.*s'",
			       shown_len(name), n);
	}
	if (token.kind == TOKEN_WRONG || token.kind == TOKEN_OPEN || token.kind == TOKEN_NAME ||
	    token.kind == TOKEN_BOOL || token.kind == TOKEN_STRING || token.kind == TOKEN_NUMBER)
		return mistake(doc, token.offset, faults, "put '=' between name and value",
			       "syntax error: no '=' after '%.*s'", shown_len(name), n);
	snprintf(advice, sizeof(advice), "write %.*s = value;", shown_len(name), n);
	return mistake(doc, token.offset, faults, advice, "syntax error: '%.*s' has no value",
		       shown_len(name), n);
}

int mistake_value(const struct document *doc, struct token token, bool is_element, struct faults *faults)
{
	const char *p = doc->bytes + token.offset, *word = bool_word(p, token.len);
	int len = (int)strcspn(p, " \t\r\n;,)]}\"");
	char advice[160];

	len = len > SHOWN_MAX ? SHOWN_MAX : len;

	if (token.kind == TOKEN_NAME && word != NULL) {
		snprintf(advice, sizeof(advice), "write %s, or \"%.*s\" in quotes where a word is expected",
			 word, shown_len(token), p);
		return mistake(doc, token.offset, faults, advice,
			       "syntax error: the value %.*s is not in quotes", shown_len(token), p);
	}
	if (token.kind == TOKEN_NAME) {
		snprintf(advice, sizeof(advice), "write \"%.*s\"", len, p);
		return mistake(doc, token.offset, faults, advice,
			       "syntax error: the value %.*s is not in quotes", len, p);
	}
	if (token.kind == TOKEN_EQUALS)
		return mistake(doc, token.offset, faults, "one '=' (or ':') is enough",
			       "syntax error: a second '%c'", *p);
	if (is_element)
		return mistake(doc, token.offset, faults,
			       "elements stand between '(' and ')' with ',' between them",
			       "syntax error: '%c' where an element should stand", *p);
	return mistake(doc, token.offset, faults, "write name = value;",
		       "syntax error: '%c' where a value should "
		       "stand",
		       *p);
}

int mistake_comma(const struct document *doc, struct token token, struct faults *faults)
{
	if (doc->bytes[token.offset] == ';')
		return mistake(doc, token.offset, faults, "elements of a list are separated by ','",
			       "syntax error: ';' inside a list");
	return mistake(doc, token.offset, faults, "put ',' between the elements, or close the list before",
		       "syntax error: no ',' before %.*s", shown_len(token), doc->bytes + token.offset);
}

int mistake_close(const struct document *doc, struct token token, char open, size_t opened,
		  struct faults *faults)
{
	char close = doc->bytes[token.offset];

	if (open == '\0')
		return mistake(doc, token.offset, faults, "remove it, or look for a bracket missing above",
			       "syntax error: '%c' closes nothing", close);
	return mistake(doc, token.offset, faults, "close brackets in the order they were opened",
		       "syntax error: '%c' cannot close the '%c' of line %d", close, open,
		       document_place(doc, opened).line);
}

int mistake_early_close(const struct document *doc, struct token token, char open, struct faults *faults)
{
	char close = doc->bytes[token.offset];

	if (open == '{')
		return mistake(doc, token.offset, faults, "write name = value;",
			       "syntax error: '%c' where a value should stand", close);
	return mistake(doc, token.offset, faults, "no ',' after the last element",
		       "syntax error: ',' before '%c'", close);
}
