/* SPDX-License-Identifier: MPL-2.0 */
/* Municipalities beside each other: rank, quartiles, median, best and the gap to it, of exact ratios; and
 * what of it may leave the house. Only units that can be compared are given here: the same tasks, definition
 * and period, and complete. Pure.
 *
 * Quartiles are those spreadsheets call inclusive: on the line between the two values around the place. The
 * share of all is the ratio of their sums, not a mean of shares.
 *
 * Small numbers: a unit whose n, part or rest of n is 1 to below-1 is not shown at all, as a share to two
 * decimals tells a small part even without its n. All figures are taken over the units that are shown, so
 * nothing of the others can be computed from them. */
#ifndef COUNT_COMPARE_H
#define COUNT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compare_unit {
	const char *code;  /* borrowed; orders units of the same share */
	int64_t part, n;   /* n > 0; at most 10^15 */
	int64_t share_bp;  /* hundredths of a percent, as everywhere */
	size_t rank;       /* 1: the highest; the same for the same ratio; 0: not ranked */
	bool is_too_small; /* nothing of it may be shown */
};

struct compare_result {
	size_t ranked; /* units with a rank: those that may be shown; the rest is of these, where there are any */
	int64_t best_bp, first_quartile_bp, median_bp, third_quartile_bp, least_bp;
	int64_t part, n; /* their sums */
	int64_t all_bp;  /* ratio of these sums */
};

/* Judges, sorts (the ranked ones first, by rank and code) and ranks. below: 1 hides nothing. target_bp: a
 * rounded share never reaches it unless the exact one does; < 0: none. */
struct compare_result compare_units(struct compare_unit *, size_t n, int64_t below, int64_t target_bp);

/* Sign of a/b - c/d, exactly; b and d positive. */
int compare_ratios(int64_t a, int64_t b, int64_t c, int64_t d);

#endif
