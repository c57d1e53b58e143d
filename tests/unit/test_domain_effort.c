/* SPDX-License-Identifier: MPL-2.0 */
/* What a good record of an effort is, who is named in it (nobody), which efforts measure the same contacts, and
 * verdicts on goals. */
#include "suite.h"

#include "domain/effort.h"
#include "effort_record.h"

#include <effort/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const waves[] = { "waves" };
static const struct area_task school_tasks[] = {
	{ .id = "school-enrolment", .groups = waves, .groups_len = 1, .is_target = true },
	{ .id = "school-meals" },
};
static const struct area_task job_tasks[] = { { .id = "jobcentre-meeting", .is_attendance = true } };
static const struct area_def areas[] = {
	{ .id = "school", .tasks = school_tasks, .tasks_len = 2 },
	{ .id = "employment", .tasks = job_tasks, .tasks_len = 1 },
};
static const struct group_def groups[] = { { .id = "target" }, { .id = "waves" }, { .id = "culture" } };

static bool has_municipality(void *ctx, const char *code)
{
	(void)ctx;
	return strcmp(code, "0751") == 0;
}

static const struct effort_known known = { areas, 2, groups, 3, has_municipality, NULL };

/* "member[index]: text" of the last fault. */
static char told[512];
static int faults;

static void tell(void *ctx, const char *member, size_t index, const char *hint, const char *text)
{
	(void)ctx;
	(void)hint;
	snprintf(told, sizeof(told), "%s[%zu]: %s", member, index, text);
	faults++;
}

static const char *check(const struct effort *effort)
{
	int r;

	told[0] = '\0';
	faults = 0;
	r = effort_check(effort, &known, tell, NULL);
	ck_assert_int_eq(r, faults > 0 ? -EINVAL : 0);
	return told;
}

#define EXPECT(effort, want) ck_assert_msg(strstr(check(effort), want) != NULL && faults == 1, "%d: %s", faults, told)

START_TEST(a_good_record_has_no_faults)
{
	struct effort effort = effort_record();

	ck_assert_str_eq(check(&effort), "");
	effort.municipality = "dk";
	effort.last = effort.first;
	ck_assert_str_eq(check(&effort), "");
	ck_assert_int_eq(effort_check(&effort, NULL, tell, NULL), 0);
}
END_TEST

START_TEST(days_must_be_in_order)
{
	struct effort effort = effort_record();

	effort.last = effort.first - 1;
	EXPECT(&effort, "to[0]: to is before from");
	effort = effort_record();
	effort.baseline = BASELINE_DAYS;
	effort.baseline_first = effort.first - 10;
	effort.baseline_last = effort.first;
	EXPECT(&effort, "baseline[0]: the baseline reaches into the effort itself");
	effort.baseline_last = effort.first - 11;
	EXPECT(&effort, "baseline[0]: the baseline's to is before its from");
	effort = effort_record();
	effort.target.due = effort.first - 1;
	EXPECT(&effort, "target[0]: the target is due before the effort begins");
}
END_TEST

START_TEST(references_are_looked_up)
{
	static const char *const bad[] = { "scool", "school/nothing", "group:nothing", "School", "" };
	struct effort effort = effort_record();

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		effort.scopes = &bad[i];
		EXPECT(&effort, "is not a scope");
	}
	effort = effort_record();
	effort.municipality = "0752";
	EXPECT(&effort, "there is no municipality 0752");
	effort.municipality = "751";
	EXPECT(&effort, "is not the code of a municipality");
}
END_TEST

START_TEST(scopes_of_one_effort_have_no_contact_in_common)
{
	static const char *const twice[] = { "school", "employment", "school/school-meals" };
	static const char *const group[] = { "school/school-enrolment", "group:waves" };
	static const char *const apart[] = { "school", "employment" }, *const other[] = { "employment", "group:waves" };
	struct effort effort = effort_record();

	effort.has_target = false;
	effort.scopes = twice;
	effort.scopes_len = 3;
	EXPECT(&effort, "scopes[2]: \"school\" and \"school/school-meals\" have contacts in common");
	effort.scopes = group;
	effort.scopes_len = 2;
	EXPECT(&effort, "scopes[1]:");
	effort.scopes = apart;
	ck_assert_str_eq(check(&effort), "");
	effort.scopes = other;
	ck_assert_str_eq(check(&effort), "");
}
END_TEST

START_TEST(case_20_where_attendance_is_intended_there_is_no_digital_target)
{
	static const char *const meeting[] = { "employment/jobcentre-meeting" };
	struct effort effort = effort_record();

	effort.scopes = meeting;
	EXPECT(&effort, "attendance in person is intended");
	effort.has_target = false;
	ck_assert_str_eq(check(&effort), "");
	effort.has_target = true;
	effort.measure = MEASURE_IN_PERSON;
	ck_assert_str_eq(check(&effort), "");
}
END_TEST

static const char *const persons[] = {
	"ring til 12 34 56 78",	    "ring til 12345678",    "tlf. +45 1234 5678",   "skriv til navn@kommune.example",
	"010199-0000",		    "cpr 0101990000 i sagen", "linje\nto",		    "",
};
static const char *const fine[] = {
	"Ældre og børn på Ærø: 1.350.000 kr.", "12345678,50 kr. i 2015", "2013-2018", "2015 2016 2017",
	"fra 60.000 til 700.000 henvendelser", "i 98 kommuner", "123456789 lang",
};

START_TEST(case_25_persons_are_not_kept)
{
	struct effort effort = effort_record();

	ck_assert_msg(!effort_text_is_fit(persons[_i], EFFORT_TEXT_MAX), "%s", persons[_i]);
	effort.note = persons[_i];
	EXPECT(&effort, "note[0]:");
	effort = effort_record();
	effort.title = persons[_i];
	EXPECT(&effort, "title[0]:");
}
END_TEST

START_TEST(case_25_numbers_and_danish_letters_are_no_persons)
{
	ck_assert_msg(effort_text_is_fit(fine[_i], EFFORT_TEXT_MAX), "%s", fine[_i]);
}
END_TEST

START_TEST(a_unit_is_a_name_and_no_person)
{
	struct effort effort = effort_record();

	effort.unit = "Jens Jensen";
	EXPECT(&effort, "unit[0]:");
	effort.unit = "jens@kommune.example";
	EXPECT(&effort, "unit[0]:");
}
END_TEST

START_TEST(money_lines_must_make_sense)
{
	struct effort_money money = { .year = 2015, .until = 2016, .has_amount = true, .ore = 100 };
	struct effort effort = effort_record();

	effort.money = &money;
	effort.money_len = 1;
	EXPECT(&effort, "what is one-off falls in one year");
	money.is_yearly = true;
	ck_assert_str_eq(check(&effort), "");
	money.until = 2014;
	EXPECT(&effort, "year and until");
	money.until = 2015;
	money.ore = INT64_C(10000000000001);
	EXPECT(&effort, "an amount is at most");
	money.ore = 0;
	money.scenario = "a";
	money.basis = MONEY_REALISED;
	EXPECT(&effort, "belongs to no scenario");
}
END_TEST

START_TEST(lists_are_checked_line_by_line)
{
	const struct effort_plan plan[] = { { NULL, 2015, 1 }, { "x", 2015, 1 }, { NULL, 2015, 2 } };
	const struct effort_cost costs[] = { { .channel = EFFORT_PHONE, .has_minutes = true },
					     { .channel = EFFORT_PHONE, .has_minutes = true } };
	const struct effort_benefit benefit = { .title = "Kørsel", .volume = 1, .per = 1, .quantity = 100 };
	struct effort effort = effort_record();

	effort.plan = plan;
	effort.plan_len = 3;
	EXPECT(&effort, "plan[2]: the plan says two things of 2015");
	effort = effort_record();
	effort.costs = costs;
	effort.costs_len = 2;
	EXPECT(&effort, "costs[1]:");
	effort = effort_record();
	effort.benefits = &benefit;
	effort.benefits_len = 1;
	EXPECT(&effort, "hours and kroner come from stated numbers only");
}
END_TEST

START_TEST(overlap_is_same_place_same_contacts_same_days)
{
	static const char *const task[] = { "school/school-meals" }, *const jobs[] = { "employment" },
				 *const group[] = { "group:waves" };
	struct effort a = effort_record(), b = effort_record();

	ck_assert(effort_overlaps(&a, &b, &known));
	b.scopes = task;
	ck_assert(effort_overlaps(&a, &b, &known));
	b.scopes = group;
	ck_assert(effort_overlaps(&a, &b, &known));
	b.scopes = jobs;
	ck_assert(!effort_overlaps(&a, &b, &known));
	b = effort_record();
	b.municipality = "0101";
	ck_assert(!effort_overlaps(&a, &b, &known));
	b.municipality = "dk";
	ck_assert(effort_overlaps(&a, &b, &known));
	b = effort_record();
	a.last = a.first + 9;
	b.first = a.first + 10;
	ck_assert(!effort_overlaps(&a, &b, &known));
	b.first = a.last;
	ck_assert(effort_overlaps(&a, &b, &known));
}
END_TEST

START_TEST(groups_touch_where_a_task_is_in_both)
{
	ck_assert(effort_scopes_touch("group:waves", "group:target", &known));
	ck_assert(!effort_scopes_touch("group:waves", "group:culture", &known));
	ck_assert(effort_scopes_touch("group:target", "school", &known));
	ck_assert(!effort_scopes_touch("group:target", "school/school-meals", &known));
	ck_assert(effort_scopes_touch("all", "group:culture", NULL));
	ck_assert(!effort_scopes_touch("school", "school-x", &known));
}
END_TEST

/* O50. The days are ours: 1 January 2015 to 31 December 2016, counted on 1 March 2016. */
static const struct {
	int64_t goal, result;
	const char *verdict;
} silkeborg[] = { { 10, 34, "met" }, { 50, 34, "on_track" }, { 100, 72, "on_track" }, { 40, 32, "on_track" } };

START_TEST(o50_silkeborgs_goals)
{
	struct goal goal = { .first = day_of_date(2015, 1, 1), .due = day_of_date(2016, 12, 31),
			     .value = silkeborg[_i].goal * 100 };
	int32_t today = day_of_date(2016, 3, 1);

	ck_assert_str_eq(goal_verdict_name[goal_judge(&goal, true, silkeborg[_i].result * 100, today)],
			 silkeborg[_i].verdict);
	ck_assert_int_eq(goal_judge(&goal, true, silkeborg[_i].result * 100, goal.due + 1),
			 _i == 0 ? GOAL_MET : GOAL_MISSED);
	ck_assert_int_eq(goal_judge(&goal, true, silkeborg[_i].result * 100, goal.first - 1), GOAL_NOT_STARTED);
}
END_TEST

START_TEST(what_is_not_measured_is_not_missed)
{
	struct goal goal = { .first = 100, .due = 200, .value = 1000 };

	ck_assert_int_eq(goal_judge(&goal, false, 0, 150), GOAL_TOO_EARLY);
	ck_assert_int_eq(goal_judge(&goal, false, 0, 300), GOAL_TOO_EARLY);
	ck_assert_int_eq(goal_judge(&goal, true, 0, 201), GOAL_MISSED);
	ck_assert_int_eq(goal_judge(&goal, true, 0, 200), GOAL_TOO_EARLY);
	ck_assert_int_eq(goal_judge(&goal, true, 999, 200), GOAL_ON_TRACK);
	goal = (struct goal){ .first = 100, .due = EFFORT_DAY_NONE, .value = 1000 };
	ck_assert_int_eq(goal_judge(&goal, true, 999, 100000), GOAL_TOO_EARLY);
}
END_TEST

START_TEST(a_maximum_is_reached_from_above)
{
	struct goal goal = { .first = 100, .due = 199, .start = 1000, .value = 500, .is_most = true };

	ck_assert_int_eq(goal_judge(&goal, true, 500, 150), GOAL_MET);
	ck_assert_int_eq(goal_judge(&goal, true, 501, 150), GOAL_ON_TRACK);
	ck_assert_int_eq(goal_judge(&goal, true, 900, 150), GOAL_TOO_EARLY);
	ck_assert_int_eq(goal_judge(&goal, true, 501, 200), GOAL_MISSED);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_good_record_has_no_faults,
		days_must_be_in_order,
		references_are_looked_up,
		scopes_of_one_effort_have_no_contact_in_common,
		case_20_where_attendance_is_intended_there_is_no_digital_target,
		a_unit_is_a_name_and_no_person,
		money_lines_must_make_sense,
		lists_are_checked_line_by_line,
		overlap_is_same_place_same_contacts_same_days,
		groups_touch_where_a_task_is_in_both,
		what_is_not_measured_is_not_missed,
		a_maximum_is_reached_from_above,
	};
	TCase *tcase = suite_case("domain/effort", NULL, NULL);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, case_25_persons_are_not_kept, 0, SUITE_LENGTH(persons));
	tcase_add_loop_test(tcase, case_25_numbers_and_danish_letters_are_no_persons, 0, SUITE_LENGTH(fine));
	tcase_add_loop_test(tcase, o50_silkeborgs_goals, 0, SUITE_LENGTH(silkeborg));
	return suite_run("domain/effort", tcase);
}
