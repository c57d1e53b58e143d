/* SPDX-License-Identifier: MPL-2.0 */
/* See scan.h. One loop over tokens with an explicit stack of groups, lists and arrays; the first syntax error
 * ends it. What a mistake looks like to people (mistakes that are often made) is in scan_mistake.c. */
#include "conf/scan_token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum expect { EXPECT_NAME, EXPECT_EQUALS, EXPECT_VALUE, EXPECT_ELEMENT, EXPECT_COMMA };

struct frame {
	char kind; /* '\0' the file, '{', '[', '(' */
	enum expect expect;
	bool may_end;      /* a terminator may follow (group), the bracket may close (list) */
	bool after_string; /* adjacent strings are one value */
	size_t opened, id, members;
	struct token name;
};

struct name {
	size_t group, offset, len;
};

struct scanner {
	const struct document *doc;
	struct scan *out;
	struct faults *faults;
	struct frame stack[SCAN_DEPTH_MAX];
	size_t depth, groups;
	struct name *names; /* owned */
	size_t names_len, names_cap;
	size_t seen; /* bytes counted into line and column */
	int line, column;
};

static int mark(struct scanner *s, size_t offset)
{
	struct scan *out = s->out;

	if (out->len == out->cap) {
		size_t cap = out->cap == 0 ? 256 : out->cap * 2;
		struct scan_mark *marks = realloc(out->marks, cap * sizeof(*marks));

		if (marks == NULL)
			return fault_add(s->faults, (struct place){ s->doc->path, 0, 0 }, NULL,
					 "out of memory");
		out->marks = marks;
		out->cap = cap;
	}
	for (; s->seen < offset; s->seen++) {
		unsigned char c = (unsigned char)s->doc->bytes[s->seen];

		s->column = c == '\n' ? 1 : s->column + ((c & 0xc0) != 0x80);
		s->line += c == '\n';
	}
	out->marks[out->len++] = (struct scan_mark){ s->line, s->column, false };
	return 0;
}

static int remember_name(struct scanner *s, struct frame *frame, struct token name)
{
	if (++frame->members > SCAN_MEMBERS_MAX)
		return fault_add(s->faults, document_place(s->doc, name.offset), NULL,
				 "more than %d settings in one group", SCAN_MEMBERS_MAX);
	if (s->names_len == s->names_cap) {
		size_t cap = s->names_cap == 0 ? 256 : s->names_cap * 2;
		struct name *names = realloc(s->names, cap * sizeof(*names));

		if (names == NULL)
			return fault_add(s->faults, (struct place){ s->doc->path, 0, 0 }, NULL,
					 "out of memory");
		s->names = names;
		s->names_cap = cap;
	}
	s->names[s->names_len++] = (struct name){ frame->id, name.offset, name.len };
	return 0;
}

static int on_name(struct scanner *s, struct frame *frame, struct token token)
{
	if (token.kind == TOKEN_TERMINATOR && frame->may_end) {
		frame->may_end = frame->after_string = false;
		return 0;
	}
	if (token.kind == TOKEN_STRING && frame->after_string)
		return 0;
	if (token.kind != TOKEN_NAME)
		return mistake_name(s->doc, token, frame->kind == '{', s->faults);
	frame->name = token;
	frame->expect = EXPECT_EQUALS;
	frame->may_end = frame->after_string = false;
	if (mark(s, token.offset) < 0)
		return -EINVAL;
	return remember_name(s, frame, token);
}

static int open_frame(struct scanner *s, char kind, size_t offset)
{
	if (s->depth + 1 == SCAN_DEPTH_MAX)
		return fault_add(s->faults, document_place(s->doc, offset), NULL,
				 "more than %d groups and lists in one another", SCAN_DEPTH_MAX - 1);
	s->stack[++s->depth] = (struct frame){
		.kind = kind,
		.expect = kind == '{' ? EXPECT_NAME : EXPECT_ELEMENT,
		.may_end = kind != '{',
		.opened = offset,
		.id = ++s->groups,
	};
	return 0;
}

static int on_number(struct scanner *s, struct token token)
{
	if (!token_is_too_large(s->doc, token))
		return 0;
	s->out->marks[s->out->len - 1].is_bad = true;
	fault_add(s->faults, document_place(s->doc, token.offset),
		  "numbers in these files go to 2147483647; write sizes, counts and times in quotes with a "
		  "unit, such "
		  "as \"4GiB\", \"4M\", \"35d\"",
		  "the number %.*s is too large", (int)(token.len > 40 ? 40 : token.len),
		  s->doc->bytes + token.offset);
	return 0;
}

/* The value of a named setting or an element of a list. */
static int on_value(struct scanner *s, struct frame *frame, struct token token)
{
	bool is_element = frame->expect == EXPECT_ELEMENT;

	if (token.kind != TOKEN_OPEN && token.kind != TOKEN_STRING && token.kind != TOKEN_NUMBER &&
	    token.kind != TOKEN_BOOL)
		return mistake_value(s->doc, token, is_element, s->faults);
	if (is_element && mark(s, token.offset) < 0)
		return -EINVAL;
	frame->expect = is_element ? EXPECT_COMMA : EXPECT_NAME;
	frame->may_end = true;
	frame->after_string = token.kind == TOKEN_STRING;
	if (token.kind == TOKEN_NUMBER)
		return on_number(s, token);
	return token.kind == TOKEN_OPEN ? open_frame(s, s->doc->bytes[token.offset], token.offset) : 0;
}

static int on_comma(struct scanner *s, struct frame *frame, struct token token)
{
	if (token.kind == TOKEN_STRING && frame->after_string)
		return 0;
	if (token.kind != TOKEN_TERMINATOR || s->doc->bytes[token.offset] != ',')
		return mistake_comma(s->doc, token, s->faults);
	frame->expect = EXPECT_ELEMENT;
	frame->may_end = frame->after_string = false;
	return 0;
}

static int on_close(struct scanner *s, struct frame *frame, struct token token)
{
	char open = s->doc->bytes[token.offset] == '}' ? '{' : s->doc->bytes[token.offset] == ']' ? '[' : '(';

	if (frame->kind != open)
		return mistake_close(s->doc, token, frame->kind, frame->opened, s->faults);
	if (frame->kind == '{' ? frame->expect != EXPECT_NAME
			       : frame->expect == EXPECT_ELEMENT && !frame->may_end)
		return mistake_early_close(s->doc, token, frame->kind, s->faults);
	s->depth--;
	return 0;
}

static int on_token(struct scanner *s, struct token token)
{
	struct frame *frame = &s->stack[s->depth];

	if (token.kind == TOKEN_WRONG && (frame->expect != EXPECT_EQUALS || token.len == 1))
		return mistake_token(s->doc, token, s->faults);
	if (token.kind == TOKEN_CLOSE)
		return on_close(s, frame, token);
	switch (frame->expect) {
	case EXPECT_NAME:
		return on_name(s, frame, token);
	case EXPECT_EQUALS:
		if (token.kind != TOKEN_EQUALS)
			return mistake_equals(s->doc, frame->name, token, s->faults);
		frame->expect = EXPECT_VALUE;
		return 0;
	case EXPECT_VALUE:
	case EXPECT_ELEMENT:
		return on_value(s, frame, token);
	default:
		return on_comma(s, frame, token);
	}
}

static int on_end(struct scanner *s)
{
	struct frame *frame = &s->stack[s->depth];

	if (frame->kind != '\0')
		return fault_add(s->faults, document_place(s->doc, frame->opened),
				 "close it, or look for a bracket "
				 "too many",
				 "the '%c' opened here is never closed", frame->kind);
	if (frame->expect != EXPECT_NAME)
		return fault_add(s->faults, document_place(s->doc, frame->name.offset), NULL,
				 "'%.*s' has no value: the file ends", (int)frame->name.len,
				 s->doc->bytes + frame->name.offset);
	return 0;
}

static int compare_names(const void *a, const void *b, void *bytes)
{
	const struct name *x = a, *y = b;
	const char *text = bytes;
	int r;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	r = memcmp(text + x->offset, text + y->offset, x->len < y->len ? x->len : y->len);
	if (r != 0)
		return r;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool is_same_name(const char *bytes, const struct name *a, const struct name *b)
{
	return a->group == b->group && a->len == b->len &&
	       memcmp(bytes + a->offset, bytes + b->offset, a->len) == 0;
}

static int report_duplicates(struct scanner *s)
{
	const char *bytes = s->doc->bytes;
	size_t first = 0;
	int r = 0;

	if (s->names_len == 0)
		return 0;
	qsort_r(s->names, s->names_len, sizeof(*s->names), compare_names, s->doc->bytes);
	for (size_t i = 1; i < s->names_len; i++) {
		const struct name *name = &s->names[i];

		if (!is_same_name(bytes, name, &s->names[first])) {
			first = i;
			continue;
		}
		r = fault_add(s->faults, document_place(s->doc, name->offset), "keep one of the two",
			      "'%.*s' is set a second time; the first is in line %d", (int)name->len,
			      bytes + name->offset, document_place(s->doc, s->names[first].offset).line);
	}
	return r;
}

int scan_document(const struct document *doc, struct scan *ret, struct faults *faults)
{
	struct scan out = { 0 };
	struct scanner s = { .doc = doc, .out = &out, .faults = faults, .line = 1, .column = 1 };
	struct token token = { .kind = TOKEN_TERMINATOR };
	size_t at = 0;
	int r = 0;

	while (r == 0) {
		token = token_next(doc, &at);
		if (token.kind == TOKEN_END)
			break;
		r = on_token(&s, token);
	}
	if (r == 0)
		r = on_end(&s);
	if (r == 0)
		r = report_duplicates(&s);
	free(s.names);
	if (r < 0) {
		scan_done(&out);
		return r;
	}
	*ret = out;
	return 0;
}

void scan_done(struct scan *scan)
{
	free(scan->marks);
	memset(scan, 0, sizeof(*scan));
}
