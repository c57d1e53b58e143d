/* SPDX-License-Identifier: MPL-2.0 */
/* The social area alone: what it takes from eldercare with evidence, and what is its own without doubt. */
#include "social.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("social");

	area_check_tasks(area);
	area_check_samples(area);
	area_expect_wave(area, "assistive-aids-disability", NULL, 2, true);
	area_close(area);
}
END_TEST

START_TEST(aids_need_evidence)
{
	static const char *const aids[] = { "27.60.04", "27.60.08", "27.60.16" };
	struct effort_setup *area = area_open("social");

	for (size_t i = 0; i < 3; i++) {
		struct effort_event ev = EVENT(.kle = area_str(aids[i]));
		area_expect(area, ev, EFFORT_NOT_MINE, NULL);
		ev.unit = STR("handicapteam");
		area_expect(area, ev, EFFORT_COUNT, "assistive-aids-disability");
	}
	area_expect(area, EVENT(.kle = STR("27.60.24"), .unit = STR("handicapteam")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

START_TEST(homes_and_help_need_evidence)
{
	struct effort_setup *area = area_open("social");

	area_expect(area, EVENT(.kle = STR("27.36.00")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("27.45.08")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("27.45.08"), .service = STR("Handicap-bolig")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("27.36.12")), EFFORT_COUNT, "support-at-home");
	area_expect(area, EVENT(.kle = STR("27.54.08")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

START_TEST(what_others_left_is_taken)
{
	struct effort_setup *area = area_open("social");

	area_expect(area, EVENT(.kle = STR("32.45.04")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("34.15.25")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("54.18.05")), EFFORT_COUNT, "special-youth-education");
	area_expect(area, EVENT(.kle = STR("03.30.10")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

START_TEST(without_its_task_in_the_file_it_declares_it)
{
	struct effort_setup *area = area_read("social");

	area->labels[1] = "renamed";
	ck_assert_int_eq(area_start(area), 0);
	area_expect(area, EVENT(.kle = STR("27.60.04"), .unit = STR("social")), EFFORT_COUNT,
		    "assistive-aids-disability");
	ck_assert_uint_eq(area->flags[area->classes - 1], EFFORT_CLASS_TARGET);
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold,
				       aids_need_evidence,
				       homes_and_help_need_evidence,
				       what_others_left_is_taken,
				       without_its_task_in_the_file_it_declares_it,
				       NULL };

	return area_run("social", tests);
}
