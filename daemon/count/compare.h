/* SPDX-License-Identifier: MPL-2.0 */
/* Municipalities beside each other: rank, quartiles, median, best and the gap to it, of exact ratios; and
 * what of it may leave the house. Only units that can be compared are given here: the same tasks, definition
 * and period, and complete. Pure.
 *
 * Quartiles are those spreadsheets call inclusive: on the line between the two values around the place. The
 * share of all is the ratio of their sums, not a mean of shares.
 *
 * Small numbers: a unit with 1 to below-1 contacts is not shown and not ranked. Where only its part, or what
 * is left of n, is that small, its n is not shown but its share is. One unit alone without its n could be
 * computed from the others and the share of all; then the next smallest n is not shown either. */
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
	bool is_too_small; /* neither share nor n may be shown */
	bool is_n_hidden;  /* n may not be shown */
};

struct compare_result {
	size_t ranked; /* units with a rank */
	int64_t best_bp, first_quartile_bp, median_bp, third_quartile_bp,
		least_bp;     /* of these; when there are any */
	int64_t part, n;      /* of all units */
	int64_t all_bp;       /* ratio of these sums */
	bool is_n_hidden;     /* their sums may not be shown */
	bool is_share_hidden; /* nor their ratio: it would tell the one that is left out */
};

/* Judges, sorts (the ranked ones first, by rank and code) and ranks. below: 1 hides nothing. target_bp: a
 * rounded share never reaches it unless the exact one does; < 0: none. */
struct compare_result compare_units(struct compare_unit *, size_t n, int64_t below, int64_t target_bp);

/* Sign of a/b - c/d, exactly; b and d positive. */
int compare_ratios(int64_t a, int64_t b, int64_t c, int64_t d);

#endif
