/* SPDX-License-Identifier: MPL-2.0 */
/* What a measure is in a picture: numerator and denominator, exact. Pure. */
#ifndef COUNT_MEASURE_H
#define COUNT_MEASURE_H

#include "count/picture.h"
#include "domain/measure.h"

/* What is looked at: the scope as the hashes write it ("all", "school", "group:target",
 * "school/school-enrolment"), and a channel word ("phone") for measures of one channel, or NULL. Cells do not
 * say which groups their task is in, so measures that are made of cells need the tasks of a group. All
 * borrowed. */
struct measure_scope {
	const char *scope, *channel;
	const char *const *tasks; /* "<area>/<task>" of a scope "group:..."; else NULL */
	size_t tasks_len;
};

/* A share: part of n. A volume: part, with n = 0. A reduction: what has gone (negative: what came to), of what
 * there was. has_value false: nothing to divide by, or nothing known (null, never 0). */
struct measured {
	bool has_value;
	int64_t part, n;
	int64_t movable; /* contacts that could change channel; 0 where that is not known */
};

/* Self-service of group:target is measured on the sums that stand under the main target (target_n,
 * target_self); baseline: for reductions, else NULL. An empty picture has no value of any measure. */
struct measured measure_take(enum measure, const struct measure_scope *, const struct picture *,
			     const struct picture *baseline);

/* The share in hundredths of a percent, half away from zero, but never up to a target that the exact ratio
 * misses (target_bp < 0: no target); has_value must be true and n > 0. */
int64_t measured_basis_points(const struct measured *, int64_t target_bp);
/* The same for a target that is a maximum: never down to one that the exact ratio exceeds. */
int64_t measured_basis_points_most(const struct measured *, int64_t target_bp);
bool measured_is_least(const struct measured *, int64_t target_bp); /* exact ratio >= target */
bool measured_is_most(const struct measured *, int64_t target_bp);  /* exact ratio <= target */
/* Contacts that must change channel: max(0, ceil(T*n - part)). */
int64_t measured_move(const struct measured *, int64_t target_bp);
/* Contacts that must be added to reach the target when nothing else changes: ceil((T*n - part)/(1-T)); 0 when
 * met; -1: no number of them would do. */
int64_t measured_add(const struct measured *, int64_t target_bp);

#endif
