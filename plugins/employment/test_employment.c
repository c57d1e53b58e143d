/* SPDX-License-Identifier: MPL-2.0 */
/* The employment area alone: meetings, employers' sick pay, disputed numbers. */
#include "employment.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("employment");

	area_check_tasks(area);
	area_check_samples(area);
	area_expect_wave(area, "sick-pay", "32.30.04", 4, true);
	area_expect_wave(area, "sick-pay-employer", NULL, 0, false);
	area_close(area);
}
END_TEST

START_TEST(turning_up_is_a_meeting)
{
	struct effort_setup *area = area_open("employment");
	struct effort_event ev = EVENT(.kle = STR("15.20.20"), .channel = EFFORT_COUNTER);
	int attendance = 0;

	area_expect(area, ev, EFFORT_COUNT, "jobcentre-meeting");
	ev.direction = EFFORT_OUT;
	area_expect(area, ev, EFFORT_COUNT, "jobcentre-booking");
	ev.direction = EFFORT_IN;
	ev.channel = EFFORT_PHONE;
	area_expect(area, ev, EFFORT_COUNT, "jobcentre-booking");
	ev.channel = EFFORT_VIDEO;
	ev.kind = EFFORT_CASE;
	area_expect(area, ev, EFFORT_COUNT, "jobcentre-booking");
	area_expect(area, EVENT(.kle = STR("15.23.07"), .channel = EFFORT_COUNTER), EFFORT_COUNT,
		    "jobcentre-registration");
	config_setting_lookup_bool(area_task(area, "jobcentre-meeting"), "attendance", &attendance);
	ck_assert_int_eq(attendance, 1);
	area_close(area);
}
END_TEST

START_TEST(a_named_task_is_believed)
{
	struct effort_setup *area = area_open("employment");

	area_expect(
		area,
		EVENT(.task = STR("jobcentre-booking"), .kle = STR("15.20.20"), .channel = EFFORT_COUNTER),
		EFFORT_COUNT, "jobcentre-booking");
	area_expect(area,
		    EVENT(.task = STR("sick-pay"), .kle = STR("32.30.04"), .population = EFFORT_BUSINESS),
		    EFFORT_COUNT, "sick-pay");
	area_close(area);
}
END_TEST

START_TEST(employers_are_another_task)
{
	struct effort_setup *area = area_open("employment");

	area_expect(area, EVENT(.kle = STR("32.30.04"), .portal = STR("NemRefusion")), EFFORT_COUNT,
		    "sick-pay-employer");
	area_expect(area, EVENT(.kle = STR("32.30.04"), .portal = STR("borger.dk")), EFFORT_COUNT,
		    "sick-pay");
	area_expect(area, EVENT(.kle = STR("32.24.04"), .population = EFFORT_BUSINESS), EFFORT_COUNT,
		    "cash-benefit");
	area_close(area);
}
END_TEST

START_TEST(disputed_numbers_need_evidence)
{
	struct effort_setup *area = area_open("employment");

	area_expect(area, EVENT(.kle = STR("17.27.30")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("54.15.08"), .portal = STR("jobnet.dk")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("32.00.00")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("32.27.20")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold,
				       turning_up_is_a_meeting,
				       a_named_task_is_believed,
				       employers_are_another_task,
				       disputed_numbers_need_evidence,
				       NULL };

	return area_run("employment", tests);
}
