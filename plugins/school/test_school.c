/* SPDX-License-Identifier: MPL-2.0 */
/* The school area alone: its border towards daycare and social. */
#include "school.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("school");

	area_check_tasks(area);
	area_check_samples(area);
	area_close(area);
}
END_TEST

START_TEST(wave_tasks_are_complete)
{
	struct effort_setup *area = area_open("school");

	area_expect_wave(area, "school-enrolment", "17.20.01", 1, true);
	area_expect_wave(area, "sfo-admission", "17.13.10", 1, true);
	area_expect_wave(area, "after-school-centre-at-school", NULL, 2, true);
	area_close(area);
}
END_TEST

START_TEST(the_leisure_scheme_is_school_whoever_handles_it)
{
	struct effort_setup *area = area_open("school");

	area_expect(area, EVENT(.kle = STR("17.13.10"), .unit = STR("dagtilbud")), EFFORT_COUNT,
		    "sfo-admission");
	area_close(area);
}
END_TEST

START_TEST(clubs_and_youth_education_need_evidence)
{
	struct effort_setup *area = area_open("school");

	area_expect(area, EVENT(.kle = STR("28.15.16")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("28.15.16"), .handled_by = STR("SKOLEN.Vest")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("54.18.08"), .unit = STR("voksen")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("54.42.08")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

START_TEST(a_named_task_is_never_left)
{
	struct effort_setup *area = area_open("school");

	area_expect(area, EVENT(.task = STR("sfo-admission"), .kle = STR("28.12.28")), EFFORT_COUNT,
		    "sfo-admission");
	area_expect(area, EVENT(.service = STR("sfo"), .kle = STR("28.12.28")), EFFORT_COUNT,
		    "sfo-admission");
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold,
				       wave_tasks_are_complete,
				       the_leisure_scheme_is_school_whoever_handles_it,
				       clubs_and_youth_education_need_evidence,
				       a_named_task_is_never_left,
				       NULL };

	return area_run("school", tests);
}
