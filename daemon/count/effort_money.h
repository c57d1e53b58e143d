/* SPDX-License-Identifier: MPL-2.0 */
/* The money of efforts, year by year: what was expected, what came, when a cost is paid back, and the benefits
 * that are reckoned from stated numbers. Amounts of different standing (expected here, in the national business
 * case, estimated, realised) and of different scenarios are different series and never added to each other.
 * Øre, a saving positive; every sum is exact and rounded by nobody. An amount that no source states makes its sums
 * incomplete, not smaller. Pure. */
#ifndef COUNT_EFFORT_MONEY_H
#define COUNT_EFFORT_MONEY_H

#include "domain/effort.h"

/* Which lines belong together. */
struct money_series {
	enum money_basis basis;
	bool is_national;
	const char *scenario; /* or NULL */
};

/* All series an effort has, in the order of their first lines: at most `max` are filled in; returns their number. */
size_t money_series_list(const struct effort *, struct money_series *ret, size_t max);
/* "expected", "realised", "national" (expected by the national business case), "national-realised"; behind it ":" and
 * the scenario. buf: 96 bytes. */
void money_series_name(const struct money_series *, char *buf);

struct money_sum {
	bool has_lines;
	bool has_amount;    /* of some line: else nothing is known, and ore means nothing */
	bool is_incomplete; /* a line has no stated amount */
	int64_t ore;	    /* costs and savings together */
	int64_t costs, savings;	      /* costs <= 0 <= savings */
	int64_t one_off, yearly;      /* the same money, by how it comes */
	int64_t cashable;	      /* of it */
};

/* The sum of a series in the years first..last. */
struct money_sum money_years(const struct effort *, const struct money_series *, int first, int last);
/* First and last year with a line. False: there is none. */
bool money_span(const struct effort *, const struct money_series *, int *ret_first, int *ret_last);

/* The month at whose end the costs before it are paid back: yearly amounts are spread over the months of their year, one-off
 * ones fall at its beginning. False: nothing had to be paid back, it is not within the years stated, or an amount up
 * to then is not stated. */
bool money_payback(const struct effort *, const struct money_series *, int *ret_year, int *ret_month);

/* Realised against expected over the years in which both are stated. */
struct money_compared {
	bool has_value;
	int first, last; /* the years; between them only those count in which both are stated */
	int64_t expected, realised;
	enum goal_verdict verdict;
};

/* Never more than too_early without a realised amount: what was expected is not reported as realised. A cost that was
 * expected is no failure: on_track is realised >= expected; met the same when no expected year is left; missed only
 * then too. */
struct money_compared money_compare(const struct effort *, int year_now);

/* A benefit in a full year, in øre and hundredths of hours. */
struct benefit_sum {
	bool has_kroner, has_hours;
	int64_t ore, hours;
	int64_t cashable; /* of ore */
};

struct benefit_sum benefit_full(const struct effort *);
/* In the year, by the days from benefit_from (else from the effort's first day) to its last. */
struct benefit_sum benefit_year(const struct effort *, int year);

/* Hours that an amount buys at an hourly rate, in hundredths. rate > 0. */
int64_t money_hours(int64_t ore, int64_t rate);
/* Relative change in hundredths of a percent, half away from zero; before > 0. Never to be called percentage points. */
int64_t money_change(int64_t before, int64_t after);

#endif
