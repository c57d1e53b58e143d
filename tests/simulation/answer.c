/* SPDX-License-Identifier: MPL-2.0 */
/* See answer.h. */
#include "answer.h"

#include <lua.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void answer_done(struct answer *answer)
{
	free(answer->bytes);
	answer->bytes = NULL;
	answer->len = answer->cap = 0;
}

void answer_clear(struct answer *answer)
{
	answer->len = 0;
	answer->depth = 0;
	answer->is_error = false;
}

static void put(struct answer *answer, const char *bytes, size_t len)
{
	if (answer->cap - answer->len < len) {
		answer->cap = (answer->len + len) * 2 + 256;
		answer->bytes = realloc(answer->bytes, answer->cap);
		if (answer->bytes == NULL)
			abort();
	}
	memcpy(answer->bytes + answer->len, bytes, len);
	answer->len += len;
}

static void put_head(struct answer *answer, char type, int64_t number)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%c%lld\r\n", type, (long long)number);

	put(answer, line, (size_t)n);
}

/* A value has been pushed: it belongs to the innermost array that is not complete; a complete array belongs to
 * the one around it. */
static void pushed(struct answer *answer)
{
	while (answer->depth > 0) {
		int level = answer->depth - 1;

		lua_rawseti(answer->lua, -2, ++answer->open[level].at);
		if (answer->open[level].at < answer->open[level].n)
			return;
		answer->depth--;
	}
}

void answer_nil(struct answer *answer)
{
	if (answer->lua == NULL) {
		put(answer, "$-1\r\n", 5);
		return;
	}
	lua_pushboolean(answer->lua, 0);
	pushed(answer);
}

void answer_int(struct answer *answer, int64_t number)
{
	if (answer->lua == NULL) {
		put_head(answer, ':', number);
		return;
	}
	lua_pushnumber(answer->lua, (lua_Number)number);
	pushed(answer);
}

void answer_bulk(struct answer *answer, const char *bytes, size_t len)
{
	if (answer->lua == NULL) {
		put_head(answer, '$', (int64_t)len);
		put(answer, bytes, len);
		put(answer, "\r\n", 2);
		return;
	}
	lua_pushlstring(answer->lua, bytes, len);
	pushed(answer);
}

void answer_puts(struct answer *answer, const char *text)
{
	answer_bulk(answer, text, strlen(text));
}

void answer_status(struct answer *answer, const char *text)
{
	if (answer->lua == NULL) {
		put(answer, "+", 1);
		put(answer, text, strlen(text));
		put(answer, "\r\n", 2);
		return;
	}
	lua_createtable(answer->lua, 0, 1);
	lua_pushstring(answer->lua, text);
	lua_setfield(answer->lua, -2, "ok");
	pushed(answer);
}

void answer_array(struct answer *answer, size_t n)
{
	if (answer->lua == NULL) {
		put_head(answer, '*', (int64_t)n);
		return;
	}
	lua_createtable(answer->lua, (int)n, 0);
	if (n == 0) {
		pushed(answer);
		return;
	}
	if (answer->depth == ANSWER_DEPTH)
		abort();
	answer->open[answer->depth].at = 0;
	answer->open[answer->depth++].n = (int)n;
}

void answer_error(struct answer *answer, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(answer->error, sizeof(answer->error), fmt, args);
	va_end(args);
	answer->is_error = true;
	if (answer->lua != NULL)
		return;
	for (int i = 0; i < n && i < (int)sizeof(answer->error) - 1; i++)
		if (answer->error[i] == '\r' || answer->error[i] == '\n')
			answer->error[i] = ' ';
	put(answer, "-", 1);
	put(answer, answer->error, strlen(answer->error));
	put(answer, "\r\n", 2);
}
