/* SPDX-License-Identifier: MPL-2.0 */
/* Rank, quartiles, best and gap on exact ratios; and which numbers of a comparison are not shown. */
#include "suite.h"

#include "count/compare.h"

#include <stdio.h>
#include <string.h>

#define UNIT(c, p, of)                                                                                       \
	{                                                                                                    \
		.code = c, .part = p, .n = of                                                                \
	}

static const char *order(const struct compare_unit *units, size_t n)
{
	static char out[512];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%zu:%s", i > 0 ? " " : "",
				       units[i].rank, units[i].code);
	return out;
}

START_TEST(ratios_are_compared_exactly)
{
	ck_assert_int_eq(compare_ratios(1, 3, 333333333333, 1000000000000), 1);
	ck_assert_int_eq(compare_ratios(2, 4, 1, 2), 0);
	ck_assert_int_eq(compare_ratios(0, 5, 0, 7), 0);
	ck_assert_int_eq(compare_ratios(0, 5, 1, 1000000), -1);
	ck_assert_int_eq(compare_ratios(999999999999999, 1000000000000000, 999999999999998, 999999999999999),
			 1);
	ck_assert_int_eq(compare_ratios(7, 3, 9, 4), 1);
	for (int64_t a = 0; a <= 12; a++)
		for (int64_t b = 1; b <= 12; b++)
			for (int64_t c = 0; c <= 12; c++)
				for (int64_t d = 1; d <= 12; d++)
					ck_assert_int_eq(compare_ratios(a, b, c, d),
							 (a * d > c * b) - (a * d < c * b));
}
END_TEST

START_TEST(the_highest_is_first_and_equals_share_a_rank)
{
	struct compare_unit units[] = { UNIT("0101", 60, 100), UNIT("0751", 80, 100),
					UNIT("0461", 8000, 10000), UNIT("0851", 9, 10),
					UNIT("0561", 5999, 10000) };
	struct compare_result r = compare_units(units, 5, 1, -1);

	ck_assert_str_eq(order(units, 5), "1:0851 2:0461 2:0751 4:0101 5:0561");
	ck_assert_int_eq(r.best_bp, 9000);
	ck_assert_int_eq(r.least_bp, 5999);
	ck_assert_int_eq(r.median_bp, 8000);
	ck_assert_int_eq(r.all_bp, 7000); /* 14148 / 20210; the mean of shares would be 74.00 */
	ck_assert_uint_eq(r.ranked, 5);
	ck_assert(!r.is_n_hidden && !r.is_share_hidden);
}
END_TEST

START_TEST(quartiles_lie_between_their_neighbours)
{
	struct compare_unit four[] = { UNIT("a", 10, 100), UNIT("b", 20, 100), UNIT("c", 30, 100),
				       UNIT("d", 40, 100) };
	struct compare_unit two[] = { UNIT("a", 1, 3), UNIT("b", 2, 3) };
	struct compare_unit one[] = { UNIT("a", 2, 3) };
	struct compare_result r = compare_units(four, 4, 1, -1);

	ck_assert_int_eq(r.first_quartile_bp, 1750);
	ck_assert_int_eq(r.median_bp, 2500);
	ck_assert_int_eq(r.third_quartile_bp, 3250);
	r = compare_units(two, 2, 1, -1);
	ck_assert_int_eq(r.median_bp, 5000);
	ck_assert_int_eq(r.first_quartile_bp, 4167);
	r = compare_units(one, 1, 1, -1);
	ck_assert_int_eq(r.median_bp, 6667);
	ck_assert_int_eq(r.third_quartile_bp, 6667);
	ck_assert_uint_eq(compare_units(one, 0, 1, -1).ranked, 0);
}
END_TEST

START_TEST(case_13_a_share_just_below_the_target_is_not_rounded_up_to_it)
{
	struct compare_unit units[] = { UNIT("a", 79999, 100000), UNIT("b", 80000, 100000) };

	compare_units(units, 2, 1, 8000);
	ck_assert_int_eq(units[0].share_bp, 8000);
	ck_assert_int_eq(units[1].share_bp, 7999);
}
END_TEST

START_TEST(small_units_are_neither_shown_nor_ranked)
{
	struct compare_unit units[] = { UNIT("a", 4, 4), UNIT("b", 50, 100), UNIT("c", 600, 1000),
					UNIT("d", 10, 40) };
	struct compare_result r = compare_units(units, 4, 5, -1);

	ck_assert_str_eq(order(units, 4), "1:c 2:b 3:d 0:a");
	ck_assert(units[3].is_too_small && units[3].is_n_hidden && units[3].share_bp == -1);
	/* company for it: with the others' n and the share of all it could be computed */
	ck_assert(units[2].is_n_hidden && !units[2].is_too_small && units[2].share_bp == 2500);
	ck_assert(!units[0].is_n_hidden && !units[1].is_n_hidden);
	ck_assert(r.is_n_hidden && !r.is_share_hidden);
	ck_assert_int_eq(r.n, 1144); /* never in totals */
}
END_TEST

START_TEST(a_small_part_or_rest_hides_n_and_not_the_share)
{
	struct compare_unit units[] = { UNIT("a", 3, 100), UNIT("b", 98, 100), UNIT("c", 100, 100),
					UNIT("d", 0, 90) };

	compare_units(units, 4, 5, -1);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(units[i].is_n_hidden, units[i].code[0] <= 'b');
	ck_assert_uint_eq(units[3].rank, 4);
}
END_TEST

START_TEST(one_small_unit_alone_shows_nothing)
{
	struct compare_unit unit[] = { UNIT("a", 2, 3) };
	struct compare_result r = compare_units(unit, 1, 5, -1);

	ck_assert(r.is_share_hidden && r.is_n_hidden && r.ranked == 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { ratios_are_compared_exactly,
				       the_highest_is_first_and_equals_share_a_rank,
				       quartiles_lie_between_their_neighbours,
				       case_13_a_share_just_below_the_target_is_not_rounded_up_to_it,
				       small_units_are_neither_shown_nor_ranked,
				       a_small_part_or_rest_hides_n_and_not_the_share,
				       one_small_unit_alone_shows_nothing };

	return RUN_TESTS("count/compare", tests);
}
