/* SPDX-License-Identifier: MPL-2.0 */
/* Redis functions: the real library's text in Lua 5.1, with redis.call on a model's keys. As in Redis, a
 * library sees no globals while it is loaded, values are converted as Redis does, and an error undoes nothing.
 * Stricter than Redis: a function that touches a key it was not given ends the program.
 *
 * A text is compiled once a program; loading it again costs nothing. */
#ifndef SIMULATION_FUNCTION_H
#define SIMULATION_FUNCTION_H

#include "data.h"

struct library;

/* NULL: does not compile, or registers nothing; ret_why says it. */
struct library *library_of(const char *text, size_t len, char ret_why[256]);
void library_free_all(void);

/* Not ended by a zero. */
const char *library_label(const struct library *, size_t *ret_len);
bool library_has(const struct library *, const struct arg *function);
/* argv: numkeys, keys, arguments, as behind "FCALL name". */
void library_call(struct library *, const struct arg *function, struct keys *, int64_t now_ms,
		  const struct arg *argv, size_t argc, struct answer *);

#endif
