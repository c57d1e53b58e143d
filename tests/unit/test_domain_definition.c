/* SPDX-License-Identifier: MPL-2.0 */
/* Which definition is in force on a day, and what a period is called that a change cuts. */
#include "domain/definition.h"

#include "suite.h"

static const struct definition list[] = { { "kl-2014", INT32_MIN, { 0 }, { 0 } },
					  { "local", 100, { 0 }, { 0 } },
					  { "local-2", 110, { 0 }, { 0 } } };

static void expect(size_t n, int32_t first, int32_t end, const char *names, int32_t cut)
{
	char got[DEFINITION_NAMES];

	ck_assert_int_eq(definition_names(list, n, first, end, got), cut);
	ck_assert_str_eq(got, names);
}

START_TEST(in_force_from_its_day_on)
{
	ck_assert_str_eq(definition_on(list, 3, INT32_MIN)->id, "kl-2014");
	ck_assert_str_eq(definition_on(list, 3, 99)->id, "kl-2014");
	ck_assert_str_eq(definition_on(list, 3, 100)->id, "local");
	ck_assert_str_eq(definition_on(list, 3, 109)->id, "local");
	ck_assert_str_eq(definition_on(list, 3, INT32_MAX)->id, "local-2");
	ck_assert_str_eq(definition_on(list, 1, 200)->id, "kl-2014");
}
END_TEST

START_TEST(a_period_that_is_cut_has_both_names)
{
	expect(3, 0, 100, "kl-2014", INT32_MAX);
	expect(3, 0, 101, "kl-2014,local", 100);
	expect(3, 100, 110, "local", INT32_MAX);
	expect(3, 105, 120, "local,local-2", 110);
	expect(3, 0, 200, "kl-2014,local,local-2", 100);
	expect(1, 0, 200, "kl-2014", INT32_MAX);
}
END_TEST

/* The days of the list are 1970-04-11 and 1970-04-21. */
START_TEST(lists_are_compared_up_to_a_day)
{
	struct definition others[3] = { list[0], list[1], list[2] };
	char ours[DEFINITION_LINE], theirs[DEFINITION_LINE], names[80];

	definition_line(list, 3, ours);
	definition_line(list, 2, theirs);
	ck_assert(definition_line_agrees(ours, ours, "9999-12-31"));
	ck_assert(!definition_line_agrees(ours, theirs, "9999-12-31"));
	ck_assert(!definition_line_agrees(theirs, ours, "1970-04-21"));
	ck_assert(definition_line_agrees(ours, theirs, "1970-04-20"));
	definition_line_names(ours, names, sizeof(names));
	ck_assert_str_eq(names, "kl-2014, local@1970-04-11, local-2@1970-04-21");
	definition_line_names(ours, names, 10);
	ck_assert_uint_lt(strlen(names), 10);
	others[1].rule.is_exempt_out = true;
	definition_line(others, 3, theirs);
	ck_assert(!definition_line_agrees(ours, theirs, "1970-04-11"));
	ck_assert(definition_line_agrees(ours, theirs, "1970-04-10"));
	ck_assert(!definition_line_agrees(ours, "", "1970-01-01"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { in_force_from_its_day_on, a_period_that_is_cut_has_both_names,
				       lists_are_compared_up_to_a_day };

	return RUN_TESTS("domain/definition", tests);
}
