/* SPDX-License-Identifier: MPL-2.0 */
/* The technical area alone: its file on the table plugin. */
#include "../table/table.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("technical");

	area_check_tasks(area);
	area_check_samples(area);
	area_close(area);
}
END_TEST

START_TEST(wave_tasks_are_complete)
{
	struct effort_setup *area = area_open("technical");

	area_expect_wave(area, "rat-report", "09.13.01", 2, true);
	area_expect_wave(area, "building-permit", "02.34.02", 3, true);
	area_expect_wave(area, "building-notice", "02.34.00", 3, true);
	area_expect_wave(area, "parking-licence", "05.09.02", 3, true);
	area_close(area);
}
END_TEST

START_TEST(the_longest_number_names_the_task)
{
	struct effort_setup *area = area_open("technical");

	area_expect(area, EVENT(.kle = STR("07.18.10")), EFFORT_COUNT, "bulky-waste");
	area_expect(area, EVENT(.kle = STR("07.18.16")), EFFORT_COUNT, "household-waste");
	area_expect(area, EVENT(.kle = STR("07.01.12")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold, wave_tasks_are_complete,
				       the_longest_number_names_the_task, NULL };

	return area_run("technical", tests);
}
