/* SPDX-License-Identifier: MPL-2.0 */
/* What data.c and data_stream.c share: one command being run. */
#ifndef SIMULATION_DATA_INSIDE_H
#define SIMULATION_DATA_INSIDE_H

#include "data.h"

struct data {
	struct keys *keys;
	int64_t now_ms;
	const struct arg *argv;
	size_t argc;
	struct answer *answer;
};

/* The object of argument i; of another kind: answered with an error. */
struct object *data_of(struct data *, size_t i, enum kind, bool *ret_is_wrong);
/* The same for changing it, made when new; its kind has been looked at. */
struct object *data_make(struct data *, size_t i, enum kind);

void data_xadd(struct data *);
void data_xrange(struct data *);
void data_xrevrange(struct data *);
void data_xlen(struct data *);

#endif
