/* SPDX-License-Identifier: MPL-2.0 */
/* The administration area alone: the wave tasks and who has them, and what is no citizen's contact. */
#include "administration.c"

#include "../../tests/plugins/area_test.h"

START_TEST(samples_hold)
{
	struct effort_setup *area = area_open("administration");

	area_check_tasks(area);
	area_check_samples(area);
	area_close(area);
}
END_TEST

START_TEST(wave_tasks_are_complete)
{
	static const struct {
		const char *id, *kle;
		int wave;
		bool is_target;
	} rows[] = {
		{ "moving", "23.05.10", 1, true },
		{ "moving-abroad", "23.05.12", 1, true },
		{ "health-card", "29.03.04", 1, true },
		{ "eu-health-card", "29.03.06", 1, true },
		{ "doctor-change", "29.03.12", 2, true },
		{ "insurance-group-change", NULL, 2, true },
		{ "name-change", "23.04.00", 2, true },
		{ "address-protection", "23.05.05", 2, true },
		{ "marriage", "23.01.02", 2, true },
		{ "marriage-conditions-abroad", "23.01.06", 2, true },
		{ "passport", "23.09.02", 2, true },
		{ "funeral-benefit", "32.42.08", 2, true },
		{ "housing-deposit-loan", "32.06.16", 3, true },
		{ "cpr-certificate", "23.05.03", 3, true },
		{ "state-pension", "32.03.04", 3, false },
		{ "housing-benefit", "32.06.00", 3, false },
		{ "pension-supplement", "32.03.12", 4, true },
	};
	struct effort_setup *area = area_open("administration");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		area_expect_wave(area, rows[i].id, rows[i].kle, rows[i].wave, rows[i].is_target);
	area_close(area);
}
END_TEST

START_TEST(figure_14_is_its_five_tasks)
{
	static const char *const five[] = { "health-card", "eu-health-card", "moving", "doctor-change",
					    "insurance-group-change" };
	struct effort_setup *area = area_open("administration");
	config_setting_t *tasks = config_lookup(&area->conf, "tasks");
	size_t found = 0;

	for (int i = 0; i < config_setting_length(tasks); i++)
		found += area_in_group(config_setting_get_elem(tasks, (unsigned)i), "kl-figure-14");
	ck_assert_uint_eq(found, 5);
	for (size_t i = 0; i < 5; i++)
		ck_assert(area_in_group(area_task(area, five[i]), "kl-figure-14"));
	area_close(area);
}
END_TEST

START_TEST(benefits_left_on_their_day)
{
	struct effort_setup *area = area_open("administration");

	area_expect_authority(area, "child-maintenance", "2012-10-01", "udk");
	area_expect_authority(area, "parental-benefit", "2012-12-01", "udk");
	area_expect_authority(area, "state-pension", "2013-03-01", "udk");
	area_expect_authority(area, "housing-benefit", "2013-03-01", "udk");
	area_expect_authority(area, "funeral-benefit", "2015-05-01", "udk");
	area_expect_authority(area, "eu-health-card", "2015-05-01", "udk");
	area_expect_authority(area, "pension-supplement", NULL, NULL);
	area_expect_authority(area, "housing-deposit-loan", NULL, NULL);
	ck_assert(area_in_group(area_task(area, "state-pension"), "benefits"));
	ck_assert(area_in_group(area_task(area, "housing-benefit"), "benefits"));
	ck_assert(area_in_group(area_task(area, "child-maintenance"), "benefits"));
	ck_assert(area_in_group(area_task(area, "parental-benefit"), "benefits"));
	area_close(area);
}
END_TEST

START_TEST(staff_in_self_service_are_no_citizens)
{
	struct effort_setup *area = area_open("administration");
	struct effort_event ev = EVENT(.kle = STR("81.28.00"), .channel = EFFORT_SELFSERVICE);

	area_expect(area, ev, EFFORT_IGNORE, "internal-work");
	ev.population = EFFORT_INTERNAL; /* kept apart by the daemon, so it is counted */
	area_expect(area, ev, EFFORT_COUNT, "-");
	ev.population = EFFORT_BUSINESS;
	area_expect(area, ev, EFFORT_COUNT, "-");
	ev.population = EFFORT_CITIZEN;
	ev.channel = EFFORT_LETTER;
	area_expect(area, ev, EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("81.02.00")), EFFORT_COUNT, "job-application");
	area_expect(area, EVENT(.kle = STR("81.22.10")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("85.15.00")), EFFORT_IGNORE, "internal-work");
	area_expect(area, EVENT(.kle = STR("85.10.00")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("23.05.10"), .portal = STR("Intranet/hr")), EFFORT_IGNORE,
		    "internal-work");
	area_close(area);
}
END_TEST

START_TEST(outgoing_post_is_counted)
{
	struct effort_setup *area = area_open("administration");

	area_expect(area,
		    EVENT(.kle = STR("81.28.00"), .direction = EFFORT_OUT, .form = EFFORT_FORM_REMOTEPRINT),
		    EFFORT_COUNT, "-");
	area_expect(area, EVENT(.service = STR("masseforsendelse"), .direction = EFFORT_OUT), EFFORT_IGNORE,
		    "not-a-contact");
	area_close(area);
}
END_TEST

START_TEST(a_switchboard_is_ignored_where_others_count)
{
	static const char *const words[] = { "omstilling", NULL };
	struct effort_setup *area = area_read("administration");
	struct effort_event ev =
		EVENT(.service = STR("omstilling"), .channel = EFFORT_PHONE, .outcome = EFFORT_FORWARDED);

	area_set_list(area, "switchboards", words);
	ck_assert_int_eq(area_start(area), 0);
	area_expect(area, ev, EFFORT_IGNORE, "switchboard");
	ev.outcome = EFFORT_COMPLETED;
	area_expect(area, ev, EFFORT_COUNT, "switchboard");
	ev.outcome = EFFORT_FORWARDED;
	ev.channel = EFFORT_EMAIL;
	area_expect(area, ev, EFFORT_COUNT, "switchboard");
	area_close(area);
}
END_TEST

START_TEST(disputed_numbers_need_evidence)
{
	struct effort_setup *area = area_open("administration");

	area_expect(area, EVENT(.kle = STR("32.24.04")), EFFORT_NOT_MINE, NULL);
	area_expect(area, EVENT(.kle = STR("32.64.04")), EFFORT_COUNT, "guidance-udk");
	area_expect(area, EVENT(.kle = STR("32.06.04")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("29.03.16")), EFFORT_COUNT, "-");
	area_expect(area, EVENT(.kle = STR("29.27.00"), .unit = STR("BorgerService")), EFFORT_COUNT, "-");
	area_close(area);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { samples_hold,
				       wave_tasks_are_complete,
				       figure_14_is_its_five_tasks,
				       benefits_left_on_their_day,
				       staff_in_self_service_are_no_citizens,
				       outgoing_post_is_counted,
				       a_switchboard_is_ignored_where_others_count,
				       disputed_numbers_need_evidence,
				       NULL };

	return area_run("administration", tests);
}
