/* SPDX-License-Identifier: MPL-2.0 */
/* The daycare area alone: its file on the table plugin. */
#include "../table/table.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("daycare");

	area_check_tasks(area);
	area_check_samples(area);
	area_close(area);
}
END_TEST

START_TEST(wave_tasks_are_complete)
{
	struct effort_setup *area = area_open("daycare");

	area_expect_wave(area, "daycare-admission", "28.09.40", 1, true);
	area_expect_wave(area, "free-place-subsidy", "28.77.08", 2, true);
	area_expect_wave(area, "after-school-centre-admission", "28.12.28", 2, true);
	area_expect_authority(area, "free-place-subsidy", NULL, NULL);
	ck_assert(area_in_group(area_task(area, "free-place-subsidy"), "benefits"));
	area_close(area);
}
END_TEST

START_TEST(unlisted_numbers_are_the_area_s)
{
	struct effort_setup *area = area_open("daycare");

	area_expect(area, EVENT(.kle = STR("28.09.04")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("28.09.99")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold, wave_tasks_are_complete, unlisted_numbers_are_the_area_s,
				       NULL };

	return area_run("daycare", tests);
}
