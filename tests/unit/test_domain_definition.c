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

int main(void)
{
	const TTest *const tests[] = { in_force_from_its_day_on, a_period_that_is_cut_has_both_names };

	return RUN_TESTS("domain/definition", tests);
}
