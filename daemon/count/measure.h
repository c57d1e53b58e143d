/* SPDX-License-Identifier: MPL-2.0 */
/* What a measure is in a picture: numerator and denominator, exact. Pure. */
#ifndef COUNT_MEASURE_H
#define COUNT_MEASURE_H

#include "count/picture.h"
#include "domain/measure.h"

/* What is looked at: the scope as the hashes write it ("all", "school", "group:target",
 * "school/school-enrolment"), and a channel word ("phone") for measures of one channel, or NULL. */
struct measure_scope {
	const char *scope, *channel;
};

/* A share: part of n. A volume: part, with n = 0. has_value false: nothing to divide by (null, never 0). */
struct measured {
	bool has_value;
	int64_t part, n;
	int64_t movable; /* contacts that could change channel; 0 where that means nothing */
};

/* group:target is measured on the sums that stand under the main target (target_n, target_self); baseline:
 * for reductions, else NULL. */
struct measured measure_take(enum measure, const struct measure_scope *, const struct picture *,
			     const struct picture *baseline);

/* The share in hundredths of a percent (see domain/share.h); has_value must be true. */
int64_t measured_basis_points(const struct measured *, int64_t target_bp);
/* Contacts that must be added to reach the target when nothing else changes: ceil((T*n - part)/(1-T)); 0 when
 * met; -1: no number of them would do. */
int64_t measured_add(const struct measured *, int64_t target_bp);

#endif
