/* SPDX-License-Identifier: MPL-2.0 */
/* How every check program here runs: one suite with one case, its tests in a list. CK_RUN_CASE, CK_VERBOSITY
 * and the like are heeded; a test has TEST_SECONDS, or what main() sets for its case.
 *
 *	const TTest *const tests[] = { one, another };
 *	return RUN_TESTS("layer/module", tests);
 *
 * With a fixture or loop tests, main() makes the case itself: suite_case, SUITE_ADD, suite_run. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#define TEST_SECONDS 100

#define SUITE_LENGTH(tests) (sizeof(tests) / sizeof((tests)[0]))
/* Adds a list of tests to a case. */
#define SUITE_ADD(tcase, tests) suite_add(tcase, tests, SUITE_LENGTH(tests))
/* Runs tests that need nothing around them. What main() returns. */
#define RUN_TESTS(name, tests) RUN_TESTS_WITHIN(name, tests, NULL, NULL)
/* Runs each test between set_up() and tear_down(). */
#define RUN_TESTS_WITHIN(name, tests, set_up, tear_down)                                                     \
	suite_run_tests(name, tests, SUITE_LENGTH(tests), set_up, tear_down)

/* check writes the place of every assertion that holds into a file, to tell after a crash which was the last one: most
 * of the time of a test that asserts a million times. It learns the first time of each line, and every thousandth. */
static inline void suite_passed(const char *file, int line)
{
	static _Thread_local bool is_known[4096];
	static _Thread_local unsigned passed;

	if (passed++ % 1000 != 0 && line < (int)SUITE_LENGTH(is_known) && is_known[line])
		return;
	if (line < (int)SUITE_LENGTH(is_known))
		is_known[line] = true;
	_mark_point(file, line);
}

/* What check's assertions call when they hold. */
#define _mark_point(file, line) suite_passed(file, line)

static inline TCase *suite_case(const char *name, void (*set_up)(void), void (*tear_down)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, TEST_SECONDS);
	if (set_up != NULL || tear_down != NULL)
		tcase_add_checked_fixture(tcase, set_up, tear_down);
	return tcase;
}

static inline void suite_add(TCase *tcase, const TTest *const *tests, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
}

/* Runs the case and frees it. What main() returns. */
static inline int suite_run(const char *name, TCase *tcase)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline int suite_run_tests(const char *name, const TTest *const *tests, size_t n, void (*set_up)(void),
				  void (*tear_down)(void))
{
	TCase *tcase = suite_case(name, set_up, tear_down);

	suite_add(tcase, tests, n);
	return suite_run(name, tcase);
}

#endif
