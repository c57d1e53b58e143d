/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of scan.c: the tokens of libconfig's language and the sentences about common mistakes. Pure but for
 * the faults they add. */
#ifndef CONF_SCAN_TOKEN_H
#define CONF_SCAN_TOKEN_H

#include "conf/scan.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,
	TOKEN_EQUALS,     /* = or : */
	TOKEN_TERMINATOR, /* ; or , */
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_BOOL,
	TOKEN_OPEN,  /* { [ ( */
	TOKEN_CLOSE, /* } ] ) */
	TOKEN_WRONG  /* no token at all: open string, open comment, @include, 35d, a strange character */
};

struct token {
	enum token_kind kind;
	size_t offset, len;
};

/* The token after *at, which moves behind it. Blanks and comments are skipped. */
struct token token_next(const struct document *, size_t *at);
/* An integer that does not fit the 32 bits libconfig keeps of it (64 with L). */
bool token_is_too_large(const struct document *, struct token number);

/* Each adds one fault and returns -EINVAL. */
int mistake_token(const struct document *, struct token, struct faults *);
int mistake_name(const struct document *, struct token, bool in_group, struct faults *);
int mistake_equals(const struct document *, struct token name, struct token, struct faults *);
int mistake_value(const struct document *, struct token, bool is_element, struct faults *);
int mistake_comma(const struct document *, struct token, struct faults *);
int mistake_close(const struct document *, struct token, char open, size_t opened, struct faults *);
int mistake_early_close(const struct document *, struct token, char open, struct faults *);

#endif
