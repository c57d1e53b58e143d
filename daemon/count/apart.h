/* SPDX-License-Identifier: MPL-2.0 */
/* Two measurements of the same thing beside each other: the shares of each method that sources count apart with, for all and
 * each area, from the cells apart: and apart_assisted: of a picture. Pure. */
#ifndef COUNT_APART_H
#define COUNT_APART_H

#include "count/picture.h"
#include "domain/area.h"

#define APART_METHOD_MAX 16 /* bytes with NUL */
#define APART_MAX	 ((AREA_MAX + 2) * 8)

/* What a method has counted of a scope. */
struct apart_sum {
	char scope[AREA_NAME_MAX + 1], method[APART_METHOD_MAX];
	int64_t n, self, assisted, other; /* other: what would not stand in n */
};

struct apart {
	struct apart_sum list[APART_MAX]; /* as found; apart_sort() puts them in order */
	size_t n;
};

void apart_init(struct apart *);
/* Adds what a picture holds. */
void apart_add(struct apart *, const struct picture *);
void apart_add_apart(struct apart *, const struct apart *more);
/* By scope ("all" first), then method. */
void apart_sort(struct apart *);

#endif
