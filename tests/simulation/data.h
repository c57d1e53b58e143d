/* SPDX-License-Identifier: MPL-2.0 */
/* The commands of Redis that effortd, its function library and the tests use, on a model of its key space.
 * A command this does not know ends the program: a model that guesses proves nothing. */
#ifndef SIMULATION_DATA_H
#define SIMULATION_DATA_H

#include "answer.h"
#include "keys.h"

/* One command on keys, as redis.call or a connection gives it. now_ms: Redis' wall clock. */
void data_run(struct keys *, int64_t now_ms, const struct arg *argv, size_t argc, struct answer *);
/* True: a command that changes data (what OOM, READONLY and MISCONF refuse). */
bool data_is_write(const struct arg *name);

bool arg_is(const struct arg *, const char *word); /* without case */
bool arg_number(const struct arg *, int64_t *ret);

#endif
