/* SPDX-License-Identifier: MPL-2.0 */
/* An effort as the fields of its hash (effort:{M}:effort:<id>), which are also what effortctl shows. Absent is what is not
 * known: a share without a denominator, hours and kroner without configured minutes and prices, an amount no source
 * states. Percentages and kroner have two decimals; a saving is positive. The names are public: effortd(8). Pure. */
#ifndef COUNT_EFFORT_FIELDS_H
#define COUNT_EFFORT_FIELDS_H

#include "count/effort.h"

#include <stddef.h>

/* name and value live for the call. */
typedef void effort_put_fn(void *ctx, const char *name, const char *value);

/* What is written down, and the money of it, which needs no counts. */
void effort_fields(const struct effort *, int32_t today, effort_put_fn *put, void *ctx);
/* What was counted. */
void effort_fields_effect(const struct effort *, const struct effort_view *, const struct effort_effect *,
			  effort_put_fn *put, void *ctx);
/* A field of effort_fields_effect(). */
bool effort_field_is_counted(const char *name);

#endif
