/* SPDX-License-Identifier: MPL-2.0 */
/* Named counting periods (tælleperioder): from a day to a day, of any length, as the municipalities have counted for
 * years: three weeks in spring, three in autumn. Plain data; the days add up to their sums whenever one asks. Pure. */
#ifndef DOMAIN_COUNTING_H
#define DOMAIN_COUNTING_H

#include "base/error.h"
#include "domain/earlier.h"

#include <stddef.h>

#define COUNTINGS_MAX	  64
#define COUNTING_DAYS_MAX 3660
#define COUNTING_ID_MAX	  48
#define COUNTING_PREFIX	  "period:"
#define COUNTING_LABEL	  (sizeof(COUNTING_PREFIX) + COUNTING_ID_MAX)

struct counting {
	const char *id, *title; /* title: never NULL */
	int32_t first, end;     /* first <= day < end */
	struct place place;
};

/* The one a label names ("period:2026-efteraar"); NULL: none. */
const struct counting *counting_find(const struct counting *, size_t n, const char *label);

/* What it is compared with: the last one that is over before it begins; or the one that begins nearest to a year before,
 * at most 60 days off. NULL: none. */
const struct counting *counting_earlier(const struct counting *, size_t n, const struct counting *of, enum earlier);

/* How much of `then` is compared with `now`: as many days as have been, when it runs. */
int32_t counting_end(const struct counting *now, const struct counting *then, int32_t today);

#endif
