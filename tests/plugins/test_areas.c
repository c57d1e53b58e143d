/* SPDX-License-Identifier: MPL-2.0 */
/* The eight shipped areas together, through the real reader and host: where every number of
 * tests/data/kle-areas.tsv lands, and that evidence moves a disputed one to the other claimant and nothing
 * else does. */
#include "trial.h"

#include "conf/area_file.h"

#define AREAS_LEN 8

static const char *const ids[AREAS_LEN] = { "daycare",   "school",     "eldercare",      "social",
					    "technical", "employment", "administration", "other" };
static const char *const names[AREAS_LEN] = { "Dagtilbud",
					      "Skole",
					      "Ældre",
					      "Socialområdet",
					      "Teknisk område",
					      "Beskæftigelse",
					      "Administration og Borgerservice",
					      "Øvrige" };
static const char *const group_ids[] = { "kl-figure-14", "borgerservice", "health", "culture", "benefits" };
#define GROUPS_LEN (sizeof(group_ids) / sizeof(group_ids[0]))

static struct area_def *owned[AREAS_LEN];
static struct area_def defs[AREAS_LEN];
static struct group_def groups[GROUPS_LEN];
static struct areas *areas;

static void open_areas(void)
{
	char path[512];

	trial_start();
	for (size_t i = 0; i < GROUPS_LEN; i++)
		groups[i] = (struct group_def){ .id = group_ids[i], .name_da = "g", .name_en = "g" };
	for (size_t i = 0; i < AREAS_LEN; i++) {
		snprintf(path, sizeof(path), "%s/%s.conf", AREAS, ids[i]);
		if (area_file_read(path, PLUGINS, &owned[i], &trial_faults) < 0)
			ck_abort_msg("%s", trial_faults.list[0].text);
		defs[i] = *owned[i];
	}
	areas = areas_new(defs, AREAS_LEN, groups, GROUPS_LEN, trial_dir, &trial_limits, &trial_faults);
	ck_assert_msg(areas != NULL, "%s", trial_faults.n > 0 ? trial_faults.list[0].text : "?");
}

static void close_areas(void)
{
	areas_free(areas);
	for (size_t i = 0; i < AREAS_LEN; i++)
		area_file_free(owned[i]);
	trial_end();
}

static int64_t stopped_clock(void)
{
	return 0;
}

static const struct class_info *classify(struct effort_event *ev)
{
	struct effort_event *events[1] = { ev };
	struct outcome outcome;

	areas_classify(areas, events, 1, &outcome, stopped_clock);
	return areas_class(areas, outcome.class);
}

static void expect(struct effort_event *ev, const char *area, const char *label)
{
	const struct class_info *class = classify(ev);
	const char *found = class->area < AREAS_LEN ? areas_def(areas, class->area)->id : "unclassified";

	ck_assert_msg(strcmp(found, area) == 0, "%.*s unit %.*s: area %s, expected %s", (int)ev->kle.len,
		      ev->kle.ptr, (int)ev->unit.len, ev->unit.ptr, found, area);
	ck_assert_msg(strcmp(class->label, label) == 0, "%.*s unit %.*s: %s/%s, expected %s",
		      (int)ev->kle.len, ev->kle.ptr, (int)ev->unit.len, ev->unit.ptr, found, class->label,
		      label);
}

START_TEST(areas_are_those_of_the_contract)
{
	for (size_t i = 0; i < AREAS_LEN; i++) {
		ck_assert_str_eq(defs[i].id, ids[i]);
		ck_assert_str_eq(defs[i].name_da, names[i]);
		ck_assert_int_eq(defs[i].order, (int)i + 1);
	}
}
END_TEST

START_TEST(every_number_lands_where_the_table_says)
{
	char path[512], line[256], *save, *kle, *area, *task;
	size_t rows = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%.*s../data/kle-areas.tsv",
		 (int)(strrchr(__FILE__, '/') - __FILE__ + 1), __FILE__);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		struct effort_event ev;
		if (line[0] == '#')
			continue;
		kle = strtok_r(line, "\t\n", &save);
		area = strtok_r(NULL, "\t\n", &save);
		task = strtok_r(NULL, "\t\n", &save);
		ck_assert_msg(task != NULL, "row %zu", rows + 1);
		ev = trial_event(kle, EFFORT_PHONE);
		expect(&ev, area, task);
		rows++;
	}
	fclose(file);
	ck_assert_uint_gt(rows, 100);
}
END_TEST

/* kle, unit, area and task with the unit; without it the table of numbers holds. */
static const char *const by_unit[][4] = {
	{ "27.60.04", "handicap-team", "social", "assistive-aids-disability" },
	{ "27.60.16", "hjemmepleje-syd", "eldercare", "assistive-aids" },
	{ "27.60.20", "hjemmepleje-syd", "social", "car-as-aid" },
	{ "27.36.04", "Psykiatri.2", "social", "-" },
	{ "27.36.24", "psykiatri", "eldercare", "meals" },
	{ "27.45.08", "voksenstoette", "social", "-" },
	{ "27.54.08", "plejecenter-1", "eldercare", "-" },
	{ "27.66.08", "omsorgscenter", "eldercare", "-" },
	{ "34.45.50", "hjemmepleje", "eldercare", "-" },
	{ "34.45.50", "familieafdelingen", "social", "-" },
	{ "29.09.04", "aeldreteam", "eldercare", "-" },
	{ "29.27.00", "borgerservice", "administration", "-" },
	{ "29.24.08", "Borgerservice", "administration", "-" },
	{ "29.18.00", "sundhedscenter", "other", "nursing-clinic" },
	{ "29.21.08", "sundhedshus", "other", "health-centre-training" },
	{ "32.45.04", "borgerservice", "administration", "-" },
	{ "32.45.04", "jobcenter-ydelse", "employment", "-" },
	{ "32.21.12", "jobcenter-ydelse", "social", "single-payment" },
	{ "54.15.12", "integrationsteam", "employment", "-" },
	{ "54.18.05", "skoleforvaltning", "school", "-" },
	{ "17.27.15", "ungeenhed", "employment", "-" },
	{ "28.12.28", "sfo-nord", "school", "after-school-centre-at-school" },
	{ "28.15.16", "skole-1", "school", "-" },
	{ "28.09.40", "skole-1", "daycare", "daycare-admission" },
	{ "17.13.10", "dagtilbud", "school", "sfo-admission" },
	{ "23.05.10", "jobcenter", "administration", "moving" },
};

START_TEST(evidence_moves_what_is_disputed)
{
	struct effort_event ev = trial_event(by_unit[_i][0], EFFORT_PHONE);

	ev.unit = trial_str(by_unit[_i][1]);
	expect(&ev, by_unit[_i][2], by_unit[_i][3]);
	ev.handled_by = ev.unit;
	ev.unit = trial_str("");
	expect(&ev, by_unit[_i][2], by_unit[_i][3]);
}
END_TEST

START_TEST(a_service_goes_before_the_number)
{
	struct effort_event ev = trial_event("27.60.04", EFFORT_SELFSERVICE);

	ev.service = trial_str("flytning");
	expect(&ev, "administration", "moving");
	ev.task = trial_str("rat-report");
	expect(&ev, "technical", "rat-report");
}
END_TEST

/* 28 tasks stand under the main target; each was municipal on the day its wave came into force. */
START_TEST(target_tasks_are_municipal_when_they_come_into_force)
{
	size_t targets = 0;

	for (size_t i = 0; i < areas_classes(areas); i++) {
		const struct class_info *class = areas_class(areas, (uint32_t)i);
		if (!class->is_target)
			continue;
		targets++;
		ck_assert_int_ge(class->wave, 1);
		ck_assert_int_lt(class->in_force, INT32_MAX);
		for (size_t a = 0; a < class->authorities_len; a++)
			ck_assert_msg(class->authorities[a].is_municipal ||
					      class->authorities[a].from > class->in_force,
				      "%s left before it came into force", class->label);
	}
	ck_assert_uint_eq(targets, 28);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("areas");
	TCase *tcase = tcase_create("areas");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, open_areas, close_areas);
	tcase_add_test(tcase, areas_are_those_of_the_contract);
	tcase_add_test(tcase, every_number_lands_where_the_table_says);
	tcase_add_loop_test(tcase, evidence_moves_what_is_disputed, 0, sizeof(by_unit) / sizeof(by_unit[0]));
	tcase_add_test(tcase, a_service_goes_before_the_number);
	tcase_add_test(tcase, target_tasks_are_municipal_when_they_come_into_force);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
