/* SPDX-License-Identifier: MPL-2.0 */
/* See compare.h. */
#include "count/compare.h"

#include "domain/share.h"

#include <stdlib.h>
#include <string.h>

#define BILLION INT64_C(1000000000)

int compare_ratios(int64_t a, int64_t b, int64_t c, int64_t d)
{
	int sign = 1;

	/* As continued fractions: no product that could overflow. */
	for (;;) {
		int64_t whole_a = a / b, whole_c = c / d, rest_a = a % b, rest_c = c % d;

		if (whole_a != whole_c)
			return whole_a > whole_c ? sign : -sign;
		if (rest_a == 0 || rest_c == 0)
			return rest_a == rest_c ? 0 : rest_a > 0 ? sign : -sign;
		/* a/b > c/d as b/rest_a < d/rest_c */
		a = b;
		b = rest_a;
		c = d;
		d = rest_c;
		sign = -sign;
	}
}

static int by_ratio(const void *a, const void *b)
{
	const struct compare_unit *x = a, *y = b;
	int order;

	if (x->is_too_small != y->is_too_small)
		return x->is_too_small ? 1 : -1;
	order = x->is_too_small ? 0 : compare_ratios(y->part, y->n, x->part, x->n);
	return order != 0 ? order : strcmp(x->code, y->code);
}

/* --- what may be shown --- */

static bool is_small(int64_t value, int64_t below)
{
	return value > 0 && value < below;
}

static bool is_too_small(const struct compare_unit *unit, int64_t below)
{
	return is_small(unit->n, below) || is_small(unit->part, below) || is_small(unit->n - unit->part, below);
}

/* --- figures --- */

static int64_t share_of(const struct compare_unit *unit, int64_t target_bp)
{
	return share_basis_points(unit->part, unit->n, target_bp);
}

/* The ratio in billionths, cut off. */
static int64_t billionths(const struct compare_unit *unit)
{
	int64_t value = unit->part / unit->n, rest = unit->part % unit->n;

	for (int64_t scale = BILLION; scale > 1; scale /= 10) {
		rest *= 10;
		value = value * 10 + rest / unit->n;
		rest %= unit->n;
	}
	return value;
}

/* Place k/4 of the way from the least to the best; units lie best first. Exact where it falls on a unit. */
static int64_t quartile(const struct compare_unit *units, size_t n, size_t k)
{
	size_t at = (n - 1) * k / 4, quarters = (n - 1) * k % 4;
	const struct compare_unit *lower = &units[n - 1 - at];
	int64_t low, high;

	if (quarters == 0)
		return share_basis_points(lower->part, lower->n, -1);
	low = billionths(lower);
	high = billionths(lower - 1);
	return (low + (high - low) * (int64_t)quarters / 4 + BILLION / 20000) / (BILLION / 10000);
}

static void rank_units(struct compare_unit *units, size_t n, int64_t target_bp)
{
	for (size_t i = 0; i < n; i++) {
		bool is_same = i > 0 && compare_ratios(units[i].part, units[i].n, units[i - 1].part,
						       units[i - 1].n) == 0;

		units[i].share_bp = share_of(&units[i], target_bp);
		units[i].rank = is_same ? units[i - 1].rank : i + 1;
	}
}

struct compare_result compare_units(struct compare_unit *units, size_t n, int64_t below, int64_t target_bp)
{
	struct compare_result result = { 0 };

	if (n == 0)
		return result;
	for (size_t i = 0; i < n; i++) {
		units[i].is_too_small = is_too_small(&units[i], below);
		units[i].rank = 0;
		units[i].share_bp = -1;
	}
	qsort(units, n, sizeof(*units), by_ratio);
	for (; result.ranked < n && !units[result.ranked].is_too_small; result.ranked++) {
		result.part += units[result.ranked].part;
		result.n += units[result.ranked].n;
	}
	if (result.ranked == 0)
		return result;
	result.all_bp = share_basis_points(result.part, result.n, target_bp);
	rank_units(units, result.ranked, target_bp);
	result.best_bp = units[0].share_bp;
	result.least_bp = units[result.ranked - 1].share_bp;
	result.first_quartile_bp = quartile(units, result.ranked, 1);
	result.median_bp = quartile(units, result.ranked, 2);
	result.third_quartile_bp = quartile(units, result.ranked, 3);
	return result;
}
