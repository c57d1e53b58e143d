/* SPDX-License-Identifier: MPL-2.0 */
/* A hash as Redis answers HGETALL: names and values in turn. Borrowed, for the life of the answer. */
#ifndef RUN_FIELDS_H
#define RUN_FIELDS_H

#include <effort/plugin.h>

struct fields {
	size_t n; /* names and values together */
	const char *const *text;
	const size_t *len;
};

/* Value of a field, len 0 when it is not there. */
struct effort_str fields_get(const struct fields *, const char *name);
/* Value of `<scope>.<sum>`. */
struct effort_str fields_of(const struct fields *, const char *scope, const char *sum);
int64_t fields_int(struct effort_str value); /* "" is 0 */

#endif
