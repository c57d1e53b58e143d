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

START_TEST(a_small_unit_part_or_rest_is_neither_shown_nor_ranked_nor_summed)
{
	struct compare_unit units[] = { UNIT("a", 4, 4),    UNIT("b", 50, 100),	 UNIT("c", 600, 1000),
					UNIT("d", 3, 100),  UNIT("e", 98, 100),	 UNIT("f", 100, 100),
					UNIT("g", 0, 1000) };
	struct compare_result r = compare_units(units, 7, 5, -1);

	ck_assert_str_eq(order(units, 7), "1:f 2:c 3:b 4:g 0:a 0:d 0:e");
	for (size_t i = 0; i < 7; i++)
		ck_assert_int_eq(units[i].is_too_small, i >= 4);
	for (size_t i = 4; i < 7; i++)
		ck_assert_int_eq(units[i].share_bp, -1);
	ck_assert_int_eq(r.part, 750);
	ck_assert_int_eq(r.n, 2200);
	ck_assert_int_eq(r.all_bp, 3409);
}
END_TEST

/* The share of all once counted the hidden: to two decimals only 2 of 6 gave it. Whatever is hidden, all that
 * is told is the same. */
START_TEST(attack_nothing_told_depends_on_what_is_hidden)
{
	struct compare_result first = { 0 };

	for (int64_t n = 1; n < 12; n++) {
		for (int64_t part = 0; part <= n; part++) {
			struct compare_unit units[] = { UNIT("0751", 93, 164), UNIT("0665", 7, 18),
							UNIT("0825", part, n) };
			struct compare_result r = compare_units(units, 3, 5, -1);
			bool is_hidden = n < 5 || (part > 0 && part < 5) || (part < n && n - part < 5);

			ck_assert_str_eq(units[0].code, is_hidden || part < n ? "0751" : "0825");
			ck_assert_uint_eq(r.ranked, is_hidden ? 2 : 3);
			if (!is_hidden)
				continue;
			if (first.ranked == 0)
				first = r;
			ck_assert_mem_eq(&r, &first, sizeof r);
			ck_assert_str_eq(order(units, 3), "1:0751 2:0665 0:0825");
		}
	}
	ck_assert_int_eq(first.all_bp, 5495);
}
END_TEST

START_TEST(one_small_unit_alone_shows_nothing)
{
	struct compare_unit unit[] = { UNIT("a", 2, 3) };
	struct compare_result r = compare_units(unit, 1, 5, -1);

	ck_assert(r.ranked == 0 && r.n == 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { ratios_are_compared_exactly,
				       the_highest_is_first_and_equals_share_a_rank,
				       quartiles_lie_between_their_neighbours,
				       case_13_a_share_just_below_the_target_is_not_rounded_up_to_it,
				       a_small_unit_part_or_rest_is_neither_shown_nor_ranked_nor_summed,
				       attack_nothing_told_depends_on_what_is_hidden,
				       one_small_unit_alone_shows_nothing };

	return RUN_TESTS("count/compare", tests);
}
