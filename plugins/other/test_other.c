/* SPDX-License-Identifier: MPL-2.0 */
/* The other area alone: library loans, and health centres towards eldercare. */
#include "other.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("other");

	area_check_tasks(area);
	area_check_samples(area);
	area_close(area);
}
END_TEST

START_TEST(loans_are_no_applications_by_any_channel)
{
	struct effort_setup *area = area_open("other");

	for (uint8_t channel = 0; channel < EFFORT_CHANNELS; channel++)
		area_expect(area, EVENT(.kle = STR("21.01.10"), .channel = channel), EFFORT_IGNORE,
			    "library-loan");
	area_expect(area, EVENT(.kle = STR("21.01.12"), .kind = EFFORT_CASE), EFFORT_COUNT, "library-loan");
	area_expect(area, EVENT(.task = STR("library"), .kle = STR("21.01.10")), EFFORT_COUNT, "library");
	area_expect(area, EVENT(.service = STR("bibliotek-udlaan")), EFFORT_IGNORE, "library-loan");
	area_expect(area, EVENT(.kle = STR("21.00.03")), EFFORT_COUNT, "library");
	area_close(area);
}
END_TEST

START_TEST(loans_count_where_the_municipality_wants_them)
{
	struct effort_setup *area = area_read("other");

	area_set_bool(area, "count_loans", true);
	ck_assert_int_eq(area_start(area), 0);
	area_expect(area, EVENT(.kle = STR("21.01.10")), EFFORT_COUNT, "library-loan");
	area_close(area);
}
END_TEST

START_TEST(health_centres_need_evidence)
{
	struct effort_setup *area = area_open("other");

	area_expect(area, EVENT(.kle = STR("29.18.00")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("29.18.00"), .unit = STR("sundhedshus-1")), EFFORT_COUNT,
		    "nursing-clinic");
	area_expect(area, EVENT(.kle = STR("29.21.08"), .service = STR("sundhedscenter-fys")), EFFORT_COUNT,
		    "health-centre-training");
	area_expect(area, EVENT(.kle = STR("29.15.16")), EFFORT_COUNT, "dental-care");
	area_expect(area, EVENT(.kle = STR("29.24.08")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold, loans_are_no_applications_by_any_channel,
				       loans_count_where_the_municipality_wants_them,
				       health_centres_need_evidence, NULL };

	return area_run("other", tests);
}
