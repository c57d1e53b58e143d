/* SPDX-License-Identifier: MPL-2.0 */
/* The eldercare area alone: what is its own by number, and what it takes with evidence. */
#include "eldercare.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("eldercare");

	area_check_tasks(area);
	area_check_samples(area);
	area_close(area);
}
END_TEST

START_TEST(aids_are_a_wave_task)
{
	struct effort_setup *area = area_open("eldercare");

	area_expect_wave(area, "assistive-aids", "27.60.04", 2, true);
	area_expect_wave(area, "assistive-aids", "27.60.08", 2, true);
	area_expect_wave(area, "assistive-aids", "27.60.16", 2, true);
	area_close(area);
}
END_TEST

START_TEST(its_own_numbers_need_no_evidence)
{
	struct effort_setup *area = area_open("eldercare");

	area_expect(area, EVENT(.kle = STR("27.36.16")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("27.42.24"), .unit = STR("handicap")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("27.35.04")), EFFORT_COUNT, "preventive-home-visit");
	area_expect(area, EVENT(.kle = STR("27.39.12")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("29.18.00")), EFFORT_COUNT, "home-nursing");
	area_close(area);
}
END_TEST

START_TEST(the_rest_needs_evidence)
{
	struct effort_setup *area = area_open("eldercare");

	area_expect(area, EVENT(.kle = STR("27.66.08")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("27.66.08"), .unit = STR("PLEJEHJEM-3")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("27.66.08"), .unit = STR("plejehje")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("34.45.45"), .service = STR("omsorg-boern")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("34.00.00")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("29.09.04"), .unit = STR("aeldreteam")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

START_TEST(an_empty_word_is_refused)
{
	static const char *const words[] = { "aeldre", "", NULL };
	struct effort_setup *area = area_read("eldercare");

	area_set_list(area, "units", words);
	ck_assert_int_eq(area_start(area), -EINVAL);
	ck_assert_ptr_nonnull(strstr(area->failure, "units"));
	ck_assert_ptr_null(area->instance);
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold,
				       aids_are_a_wave_task,
				       its_own_numbers_need_no_evidence,
				       the_rest_needs_evidence,
				       an_empty_word_is_refused,
				       NULL };

	return area_run("eldercare", tests);
}
