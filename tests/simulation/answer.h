/* SPDX-License-Identifier: MPL-2.0 */
/* What a command answers: written as RESP2 bytes for a connection, or pushed on a Lua stack for a function,
 * with the conversions Redis makes there. One command, one answer. */
#ifndef SIMULATION_ANSWER_H
#define SIMULATION_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lua_State;

#define ANSWER_DEPTH 8

struct answer {
	struct lua_State *lua; /* NULL: bytes */
	char *bytes;	       /* owned */
	size_t len, cap;
	struct {
		int at, n;
	} open[ANSWER_DEPTH]; /* arrays that are not complete, for Lua */
	int depth;
	bool is_error;
	char error[512]; /* of a command for Lua: nothing was pushed */
};

struct arg {
	const char *bytes;
	size_t len;
};

void answer_done(struct answer *);
void answer_clear(struct answer *);

void answer_nil(struct answer *);
void answer_int(struct answer *, int64_t);
void answer_bulk(struct answer *, const char *bytes, size_t len);
void answer_puts(struct answer *, const char *);
void answer_status(struct answer *, const char *);
void answer_array(struct answer *, size_t n); /* the next n answers are its elements */
void answer_error(struct answer *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
