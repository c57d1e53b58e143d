/* SPDX-License-Identifier: MPL-2.0 */
/* A silent source makes its own areas incomplete, and what is over all of them. */
#include "suite.h"

#include "run/silence.h"

#include <string.h>

static const char *const school[] = { "school", "daycare" }, *const social[] = { "social" };
static const struct conf_source sources[] = {
	{ .name = "queue" },
	{ .name = "enrolment", .areas = school, .areas_len = 2 },
	{ .name = "hotline", .areas = social, .areas_len = 1 },
};
static const struct conf conf = { .sources = sources, .sources_len = 3 };

static const struct {
	const char *names, *scope, *want;
} cases[] = {
	{ "", "all", "" },
	{ "enrolment,hotline", "all", "enrolment,hotline" },
	{ "enrolment,hotline", "group:waves", "enrolment,hotline" },
	{ "enrolment,hotline", "school", "enrolment" },
	{ "enrolment,hotline", "school/school-enrolment", "enrolment" },
	{ "enrolment,hotline", "schoolbus", "" },
	{ "enrolment,hotline", "social", "hotline" },
	{ "enrolment,hotline", "technical", "" },
	{ "enrolment,queue", "technical", "queue" },
	{ "gone,hotline", "technical", "gone" }, /* not configured any more */
};

START_TEST(whom_it_concerns)
{
	char got[SILENCE_MAX];

	silence_of(&conf, cases[_i].names, cases[_i].scope, got);
	ck_assert_str_eq(got, cases[_i].want);
}
END_TEST

START_TEST(names_past_the_room_are_left_out_whole)
{
	char names[3 * SILENCE_MAX], got[SILENCE_MAX];

	memset(names, 'a', sizeof(names));
	names[100] = names[100 + SILENCE_MAX] = ',';
	memcpy(names + sizeof(names) - 3, ",z", 3);
	silence_of(&conf, names, "all", got);
	ck_assert_uint_eq(strlen(got), 102);
	ck_assert_str_eq(got + 100, ",z");
}
END_TEST

int main(void)
{
	TCase *tcase = suite_case("run/silence", NULL, NULL);

	tcase_add_loop_test(tcase, whom_it_concerns, 0, SUITE_LENGTH(cases));
	tcase_add_test(tcase, names_past_the_room_are_left_out_whole);
	return suite_run("run/silence", tcase);
}
