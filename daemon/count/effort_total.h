/* SPDX-License-Identifier: MPL-2.0 */
/* The money of many efforts together: each effort once, however many areas it is for. An effort for several areas is
 * shown under each of them, so areas do not add up to the whole. Scenarios are alternatives and in no sum. Pure. */
#ifndef COUNT_EFFORT_TOTAL_H
#define COUNT_EFFORT_TOTAL_H

#include "count/effort_fields.h"

/* Which efforts: of a municipality, for an area, paid by an effort; NULL: any. */
struct effort_filter {
	const char *municipality, *area, *funded_by;
	bool is_named; /* the area must be named: efforts for all areas do not pass */
};

bool effort_passes(const struct effort *, const struct effort_filter *);

/* Of all that pass: "efforts", and for each series that has lines ("expected", "national", "estimated", "realised", ...)
 * "<series>.total", ".cashable", ".<year>", and ".incomplete" and ".<year>.incomplete" (1: some amount is not stated, so the
 * sum is of the others). */
void effort_total_fields(const struct effort *, size_t n, const struct effort_filter *, effort_put_fn *put, void *ctx);
/* The same under "area.<id>." for every area that an effort of the filter names, under "area.all." for those that are for all
 * areas or a group of tasks, and under "funded.<id>." for every
 * effort that pays for others. */
void effort_total_parts(const struct effort *, size_t n, const struct effort_filter *, const struct effort_known *,
			effort_put_fn *put, void *ctx);

#endif
