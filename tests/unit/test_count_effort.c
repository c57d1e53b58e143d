/* SPDX-License-Identifier: MPL-2.0 */
/* Before and after: which days are compared, what moved, what the other channels did, verdicts and warnings. */
#include "suite.h"

#include "base/str.h"
#include "count/effort.h"
#include "count/effort_fields.h"
#include "effort_record.h"
#include "event/vocab.h"

#include <stdio.h>
#include <string.h>

#define HAS(effect, warning) ((effect).warnings >> WARNING_##warning & 1)

static int32_t day(int year, int month, int of_month)
{
	return day_of_date(year, month, of_month);
}

/* --- pictures --- */

static void add(struct picture *picture, const char *scope, const char *name, int64_t amount)
{
	char field[160];

	snprintf(field, sizeof(field), "%s.%s", scope, name);
	ck_assert_int_eq(picture_add(picture, str_of(field), amount), 0);
}

/* A scope with this many completed transactions by self-service, phone and counter. */
static struct picture *picture_of(const char *scope, int64_t self, int64_t phone, int64_t counter)
{
	struct picture *picture = picture_new();
	int64_t n = self + phone + counter;

	add(picture, scope, "contacts", n);
	add(picture, scope, "n", n);
	add(picture, scope, "self", self);
	add(picture, scope, "digital", self);
	add(picture, scope, "ch.selfservice", self);
	add(picture, scope, "ch.phone", phone);
	add(picture, scope, "ch.counter", counter);
	return picture;
}

static struct effort_view view_at(const struct effort *effort, int32_t today, const struct picture *before,
				  const struct picture *after)
{
	return (struct effort_view){ .today = today,
				     .windows = effort_windows(effort, today, INT32_MIN),
				     .before = before,
				     .after = after,
				     .before_is_whole = true,
				     .after_is_whole = true,
				     .others = effort,
				     .others_len = 1 };
}

static struct effort_effect effect_of(const struct effort *effort, const struct effort_view *view)
{
	struct effort_effect effect;

	ck_assert_int_eq(effort_effect(effort, view, &effect), 0);
	return effect;
}

/* Half a year of the effort of effort_record.h. */
static struct effort_effect half_year(const struct effort *effort, struct picture *before, struct picture *after)
{
	struct effort_view view = view_at(effort, day(2016, 7, 1), before, after);
	struct effort_effect effect = effect_of(effort, &view);

	picture_free(before);
	picture_free(after);
	return effect;
}

/* --- days --- */

START_TEST(before_is_the_same_days_a_year_earlier)
{
	struct effort effort = effort_record();
	struct effort_windows w = effort_windows(&effort, day(2016, 4, 1), INT32_MIN);

	ck_assert_int_eq(w.after.first, day(2016, 1, 1));
	ck_assert_int_eq(w.after.end, day(2016, 4, 1)); /* whole days: not the one that runs */
	ck_assert_int_eq(w.before.first, day(2015, 1, 1));
	ck_assert_int_eq(w.before.end, day(2015, 4, 1));
	ck_assert_int_eq(w.latest.end, 0);
}
END_TEST

START_TEST(of_a_long_effort_the_last_year_is_compared_with_the_year_before_it_began)
{
	struct effort effort = effort_record();
	struct effort_windows w = effort_windows(&effort, day(2018, 9, 10), INT32_MIN);

	ck_assert_int_eq(w.after.first, day(2017, 9, 10));
	ck_assert_int_eq(w.after.end, day(2018, 9, 10));
	ck_assert_int_eq(w.before.end, day(2015, 9, 10));
	ck_assert_int_eq(w.before.first, day(2014, 9, 10));
	effort.last = day(2016, 2, 29);
	w = effort_windows(&effort, day(2018, 9, 10), INT32_MIN);
	ck_assert_int_eq(w.after.end, day(2016, 3, 1));
	ck_assert_int_eq(w.before.end, day(2015, 3, 1));
}
END_TEST

START_TEST(before_it_begins_there_is_no_after)
{
	struct effort effort = effort_record();
	struct effort_view view = view_at(&effort, effort.first, NULL, NULL);
	struct effort_effect effect = effect_of(&effort, &view);

	ck_assert_int_eq(view.windows.after.end, 0);
	ck_assert(!effect.has_after && effect.has_verdict);
	ck_assert_int_eq(effect.verdict, GOAL_TOO_EARLY); /* on its first day */
	view.today--;
	ck_assert_int_eq(effect_of(&effort, &view).verdict, GOAL_NOT_STARTED);
	effort.status = EFFORT_DROPPED;
	ck_assert_int_eq(effort_windows(&effort, day(2016, 9, 1), INT32_MIN).after.end, 0);
}
END_TEST

static void expect_days(struct effort_days days, int32_t first, int32_t end)
{
	ck_assert_int_eq(days.first, first);
	ck_assert_int_eq(days.end, end);
}

START_TEST(days_that_are_no_longer_kept_are_compared_by_whole_months)
{
	struct effort effort = effort_record();
	struct effort_windows w;

	effort.first = day(2015, 10, 10);
	/* of October 2014 nothing is known but the whole; of February 2015 the days are */
	w = effort_windows(&effort, day(2016, 2, 20), day(2015, 1, 16));
	expect_days(w.before, day(2014, 11, 1), day(2015, 2, 20));
	expect_days(w.after, day(2015, 11, 1), day(2016, 2, 20));
	w = effort_windows(&effort, day(2016, 2, 20), day(2015, 2, 10));
	expect_days(w.before, day(2014, 11, 1), day(2015, 2, 1));
	expect_days(w.after, day(2015, 11, 1), day(2016, 2, 1));
	w = effort_windows(&effort, day(2016, 2, 20), day(2014, 10, 10));
	expect_days(w.before, day(2014, 10, 10), day(2015, 2, 20));
	/* the first days of a window are gone: the others of that month are kept */
	w = effort_windows(&effort, day(2015, 11, 20), day(2014, 10, 16));
	expect_days(w.before, day(2014, 10, 16), day(2014, 11, 20));
	expect_days(w.after, day(2015, 10, 16), day(2015, 11, 20));
	/* nothing is known: the days themselves, and they will be found missing */
	w = effort_windows(&effort, day(2015, 10, 20), day(2015, 1, 16));
	expect_days(w.before, day(2014, 10, 10), day(2014, 10, 20));
	expect_days(w.after, effort.first, day(2015, 10, 20));
	effort.baseline = BASELINE_DAYS;
	effort.baseline_first = day(2013, 1, 20);
	effort.baseline_last = day(2013, 4, 2);
	w = effort_windows(&effort, day(2015, 10, 20), day(2015, 1, 16));
	expect_days(w.before, day(2013, 2, 1), day(2013, 4, 1));
	expect_days(w.after, effort.first, day(2015, 10, 20));
}
END_TEST

START_TEST(the_alarm_compares_whole_months)
{
	struct effort effort = effort_record();
	struct effort_windows w;

	effort.alarm = 100;
	w = effort_windows(&effort, day(2016, 3, 31), INT32_MIN);
	ck_assert_int_eq(w.latest.first, day(2016, 2, 1));
	ck_assert_int_eq(w.latest.end, day(2016, 3, 1));
	ck_assert_int_eq(w.previous.first, day(2016, 1, 1));
}
END_TEST

/* --- before and after --- */

START_TEST(case_18_a_change_is_in_percentage_points)
{
	struct effort effort = effort_record();
	struct effort_effect effect =
		half_year(&effort, picture_of("school", 470, 330, 200), picture_of("school", 680, 220, 100));

	ck_assert(effect.has_before && effect.has_after);
	ck_assert_int_eq(effect.before_value, 4700);
	ck_assert_int_eq(effect.after_value, 6800);
	ck_assert_int_eq(effect.change, 2100);
	ck_assert(effect.has_moved);
	/* 182 days after, 181 before: 470 would be 473 in as many days, so 207 have come, not 210 */
	ck_assert_int_eq(effect.moved, 207);
	ck_assert_int_eq(effect.verdict, GOAL_TOO_EARLY);
}
END_TEST

START_TEST(case_1_a_fall_is_a_fall)
{
	struct effort effort = effort_record();
	struct effort_effect effect =
		half_year(&effort, picture_of("school", 690, 310, 0), picture_of("school", 680, 320, 0));

	ck_assert_int_eq(effect.change, -100);
	ck_assert_int_lt(effect.moved, 0);
}
END_TEST

START_TEST(case_12_nothing_counted_is_no_share)
{
	struct effort effort = effort_record();
	struct effort_effect effect = half_year(&effort, picture_of("school", 0, 0, 0), picture_of("school", 0, 0, 0));

	ck_assert(!effect.has_before && !effect.has_after && !effect.has_moved);
	ck_assert_int_eq(effect.verdict, GOAL_TOO_EARLY);
	ck_assert(HAS(effect, NO_BASELINE));
	effort.target.due = day(2016, 12, 31);
	effect = half_year(&effort, picture_of("school", 0, 0, 0), picture_of("school", 70, 30, 0));
	ck_assert_int_eq(effect.verdict, GOAL_TOO_EARLY); /* nobody knows where the way to 80 began */
	effect = half_year(&effort, picture_of("school", 20, 80, 0), picture_of("school", 70, 30, 0));
	ck_assert_int_eq(effect.verdict, GOAL_ON_TRACK);
}
END_TEST

START_TEST(case_13_a_rounded_share_is_not_met)
{
	struct effort effort = effort_record();
	struct effort_effect effect;

	effort.target.due = day(2016, 6, 1);
	effect = half_year(&effort, picture_of("school", 1, 1, 0), picture_of("school", 79996, 20004, 0));
	ck_assert_int_eq(effect.after_value, 7999);
	ck_assert_int_eq(effect.verdict, GOAL_MISSED);
	effect = half_year(&effort, picture_of("school", 1, 1, 0), picture_of("school", 80000, 20000, 0));
	ck_assert_int_eq(effect.verdict, GOAL_MET);
}
END_TEST

START_TEST(a_maximum_is_judged_exactly_too)
{
	struct effort effort = effort_record();
	struct effort_effect effect;

	effort.measure = MEASURE_IN_PERSON;
	effort.target = (struct goal){ .value = 2000, .is_most = true, .due = day(2016, 6, 1) };
	effect = half_year(&effort, picture_of("school", 1, 1, 1), picture_of("school", 79996, 0, 20004));
	ck_assert_int_eq(effect.after_value, 2001);
	ck_assert_int_eq(effect.verdict, GOAL_MISSED);
	effect = half_year(&effort, picture_of("school", 1, 1, 1), picture_of("school", 80000, 0, 20000));
	ck_assert_int_eq(effect.verdict, GOAL_MET);
}
END_TEST

START_TEST(what_the_other_channels_did_is_shown_for_as_many_days)
{
	struct effort effort = effort_record();
	struct effort_view view;
	struct effort_effect effect;
	struct picture *before = picture_of("school", 100, 200, 300), *after = picture_of("school", 250, 40, 50);

	effort.baseline = BASELINE_DAYS;
	effort.baseline_first = day(2015, 10, 1);
	effort.baseline_last = day(2015, 10, 31);
	view = view_at(&effort, effort.first + 62, before, after);
	effect = effect_of(&effort, &view);
	ck_assert(effect.has_channels);
	ck_assert_int_eq(effect.channels[EFFORT_PHONE].before, 400); /* 31 days of before, 62 of after */
	ck_assert_int_eq(effect.channels[EFFORT_PHONE].after, 40);
	ck_assert_int_eq(effect.channels[EFFORT_COUNTER].before, 600);
	ck_assert_int_eq(effect.contacts.before, 1200);
	ck_assert_int_eq(effect.contacts.after, 340);
	ck_assert(HAS(effect, OTHER_SEASON));
	picture_free(before);
	picture_free(after);
}
END_TEST

START_TEST(case_15_a_closed_counter_is_not_adoption)
{
	struct effort effort = effort_record();
	struct effort_effect effect;

	effort.category = CATEGORY_CHANNEL_CLOSURE;
	effort.channel = EFFORT_COUNTER;
	effect = half_year(&effort, picture_of("school", 1000, 0, 1000), picture_of("school", 1005, 0, 0));
	ck_assert_int_eq(effect.after_value, 10000);
	ck_assert_int_eq(effect.moved, 0); /* self-service is what it was: the visitors have gone elsewhere */
	ck_assert(HAS(effect, FEWER_CONTACTS));
	effect = half_year(&effort, picture_of("school", 1000, 0, 1000), picture_of("school", 2011, 0, 0));
	ck_assert_int_eq(effect.moved, 1005);
	ck_assert(!HAS(effect, FEWER_CONTACTS));
}
END_TEST

START_TEST(a_known_share_can_be_the_baseline)
{
	struct effort effort = effort_record();
	struct effort_effect effect;

	effort.baseline = BASELINE_VALUE;
	effort.baseline_value = 4700;
	effect = half_year(&effort, NULL, picture_of("school", 680, 320, 0));
	ck_assert_int_eq(effect.change, 2100);
	ck_assert_int_eq(effect.moved, 210);
	ck_assert(!HAS(effect, NO_BASELINE) && !effect.has_channels);
}
END_TEST

START_TEST(several_scopes_are_one_ratio_of_sums)
{
	static const char *const scopes[] = { "school", "daycare" };
	struct effort effort = effort_record();
	struct picture *after = picture_of("school", 90, 10, 0), *more = picture_of("daycare", 0, 300, 0);
	struct effort_effect effect;

	ck_assert_int_eq(picture_add_picture(after, more), 0);
	picture_free(more);
	effort.scopes = scopes;
	effort.scopes_len = 2;
	effect = half_year(&effort, NULL, after);
	ck_assert_int_eq(effect.after.n, 400);
	ck_assert_int_eq(effect.after_value, 2250);
}
END_TEST

START_TEST(a_volume_has_no_share_and_no_gap_in_points)
{
	struct effort effort = effort_record();
	struct effort_effect effect;

	effort.measure = MEASURE_VOLUME;
	effort.target.value = 70000000;
	effect = half_year(&effort, picture_of("school", 10, 170, 1), picture_of("school", 10, 353, 1));
	ck_assert_int_eq(effect.before_value, 18200); /* 181 in 181 days are 182 in 182 */
	ck_assert_int_eq(effect.after_value, 36400);
	ck_assert(!effect.has_moved);
}
END_TEST

START_TEST(a_reduction_needs_its_baseline)
{
	struct effort effort = effort_record();
	struct effort_effect effect;

	effort.measure = MEASURE_REDUCTION_TRANSACTIONS;
	effect = half_year(&effort, picture_of("school", 0, 100, 0), picture_of("school", 80, 20, 0));
	ck_assert(effect.has_after);
	ck_assert_int_eq(effect.after_value, 8000);
	ck_assert_int_eq(effect.verdict, GOAL_MET);
	effect = half_year(&effort, NULL, picture_of("school", 80, 20, 0));
	ck_assert(!effect.has_after && HAS(effect, NO_BASELINE));
	effort.baseline = BASELINE_DAYS;
	effort.baseline_first = day(2015, 1, 1);
	effort.baseline_last = day(2015, 1, 31);
	effect = half_year(&effort, picture_of("school", 0, 100, 0), picture_of("school", 80, 20, 0));
	ck_assert(!effect.has_after && HAS(effect, UNEQUAL_DAYS));
}
END_TEST

/* --- hours and kroner --- */

static const struct effort_cost costs[] = {
	{ .channel = EFFORT_PHONE, .has_minutes = true, .minutes = 600, .has_price = true, .ore = 2500 },
	{ .channel = EFFORT_COUNTER, .has_minutes = true, .minutes = 1250 },
	{ .channel = EFFORT_SELFSERVICE, .has_minutes = true, .minutes = 50 },
};

START_TEST(no_hours_and_kroner_without_configured_figures)
{
	struct effort effort = effort_record();
	struct effort_effect effect =
		half_year(&effort, picture_of("school", 0, 1810, 181), picture_of("school", 1000, 820, 182));

	ck_assert(!effect.has_hours && !effect.has_kroner && !HAS(effect, UNIT_COSTS));
	effort.costs = costs;
	effort.costs_len = 1; /* nothing is known of self-service, which has changed */
	effect = half_year(&effort, picture_of("school", 0, 1810, 181), picture_of("school", 1000, 820, 182));
	ck_assert(!effect.has_hours && !effect.has_kroner && HAS(effect, UNIT_COSTS));
}
END_TEST

START_TEST(hours_and_kroner_of_configured_figures)
{
	struct effort effort = effort_record();
	struct effort_effect effect;

	effort.costs = costs;
	effort.costs_len = 3;
	effect = half_year(&effort, picture_of("school", 0, 1810, 181), picture_of("school", 1000, 820, 182));
	/* phone 1820 -> 820: 1000 x 6 min; counter as before; self-service 0 -> 1000: -1000 x 0.5 min */
	ck_assert(effect.has_hours && !effect.has_kroner); /* self-service has no price, and there is no hourly rate */
	ck_assert_int_eq(effect.hours, 9167);
	effort.rate = 25000;
	effect = half_year(&effort, picture_of("school", 0, 1810, 181), picture_of("school", 1000, 820, 182));
	ck_assert(effect.has_kroner);
	ck_assert_int_eq(effect.ore, 2500000 + 2291667); /* 1000 x 25 kr., 91.67 h x 250 kr. */
}
END_TEST

/* --- warnings --- */

START_TEST(warnings_name_what_makes_a_comparison_doubtful)
{
	const struct effort_outside outsides[] = {
		{ .title = "Lov", .first = day(2016, 2, 1), .last = day(2016, 2, 1), .scope = "school" },
		{ .title = "Andet", .first = day(2016, 2, 1), .last = day(2016, 2, 1), .scope = "social" },
		{ .title = "Før", .first = day(2014, 12, 31), .last = day(2014, 12, 31) },
	};
	struct effort list[2] = { effort_record(), effort_record() };
	struct picture *after = picture_of("school", 1, 1, 0), *before = picture_of("school", 1, 1, 0);
	struct effort_view view = view_at(&list[0], list[0].first + 20, before, after);

	list[1].id = "anden";
	ck_assert_uint_eq(effect_of(&list[0], &view).warnings, 1u << WARNING_SHORT);
	view.others = list;
	view.others_len = 2;
	ck_assert(HAS(effect_of(&list[0], &view), OVERLAP));
	list[1].status = EFFORT_POSTPONED;
	ck_assert(!HAS(effect_of(&list[0], &view), OVERLAP));
	view.is_incomplete = true;
	ck_assert(HAS(effect_of(&list[0], &view), INCOMPLETE));
	view.before_is_whole = view.after_is_whole = false;
	ck_assert(HAS(effect_of(&list[0], &view), BASELINE_PARTIAL));
	ck_assert(HAS(effect_of(&list[0], &view), AFTER_PARTIAL));
	/* what is missing is not zero */
	ck_assert(!effect_of(&list[0], &view).has_before && !effect_of(&list[0], &view).has_after);
	view = view_at(&list[0], day(2016, 4, 1), before, after);
	view.outsides = outsides;
	view.outsides_len = 1;
	ck_assert(HAS(effect_of(&list[0], &view), OUTSIDE));
	view.outsides = outsides + 1;
	view.outsides_len = 2;
	ck_assert(!HAS(effect_of(&list[0], &view), OUTSIDE));
	list[0].baseline = BASELINE_NONE;
	view = view_at(&list[0], day(2016, 4, 1), NULL, after);
	ck_assert(HAS(effect_of(&list[0], &view), NO_BASELINE));
	picture_free(before);
	picture_free(after);
}
END_TEST

/* O17, O18: 88 percent of the letters, whatever share of the citizens is enrolled. */
static struct picture *letters(int64_t digital, int64_t paper)
{
	struct picture *picture = picture_new();

	picture_add(picture, str_of("out:-/-/digitalpost/digital"), digital);
	picture_add(picture, str_of("out:-/-/letter/physical"), paper);
	return picture;
}

START_TEST(case_2_o18_norddjurs_outgoing_post_and_its_alarm)
{
	static const char *const all[] = { "all" };
	struct effort effort = effort_record();
	struct picture *after = letters(8800, 1200), *latest = letters(870, 130), *previous = letters(880, 120);
	struct effort_view view;
	struct effort_effect effect;

	effort.scopes = all;
	effort.measure = MEASURE_OUTGOING_DIGITAL;
	effort.target.value = 8800;
	effort.alarm = 100;
	view = view_at(&effort, day(2016, 7, 1), NULL, after);
	view.latest = latest;
	view.previous = previous;
	effect = effect_of(&effort, &view);
	ck_assert_int_eq(effect.after_value, 8800);
	ck_assert_int_eq(effect.verdict, GOAL_MET);
	ck_assert(effect.has_fall);
	ck_assert_int_eq(effect.fall, -100);
	ck_assert(HAS(effect, FELL));
	effort.alarm = 101;
	ck_assert(!HAS(effect_of(&effort, &view), FELL));
	view.previous = NULL; /* a month without readings is not a fall */
	effort.alarm = 1;
	ck_assert(!HAS(effect_of(&effort, &view), FELL));
	picture_free(after);
	picture_free(latest);
	picture_free(previous);
}
END_TEST

START_TEST(case_20_attendance_is_no_failure)
{
	static const struct area_task tasks[] = { { .id = "jobcentre-meeting", .is_attendance = true } };
	static const struct area_def areas[] = { { .id = "employment", .tasks = tasks, .tasks_len = 1 } };
	static const struct effort_known known = { .areas = areas, .areas_len = 1 };
	static const char *const scopes[] = { "employment/jobcentre-meeting" };
	struct effort effort = effort_record();
	struct picture *after = picture_of("employment/jobcentre-meeting", 0, 0, 500);
	struct effort_view view;
	struct effort_effect effect;

	effort.scopes = scopes;
	effort.has_target = false;
	view = view_at(&effort, day(2016, 7, 1), NULL, after);
	view.known = &known;
	effect = effect_of(&effort, &view);
	ck_assert(effect.has_after && !effect.has_verdict && HAS(effect, ATTENDANCE));
	picture_free(after);
}
END_TEST

START_TEST(numbers_too_large_to_multiply_are_right)
{
	ck_assert_int_eq(effort_muldiv(INT64_MAX / 2, 10000, 20000), INT64_MAX / 4 + 1);
	ck_assert_int_eq(effort_muldiv(-7, 1, 2), -4);
	ck_assert_int_eq(effort_muldiv(7, 1, 2), 4);
	ck_assert_int_eq(effort_muldiv(INT64_MAX, INT64_MAX, 1), INT64_MAX);
}
END_TEST

/* --- fields --- */

static char fields[65536];

static void put(void *ctx, const char *name, const char *value)
{
	size_t len = strlen(fields);

	(void)ctx;
	snprintf(fields + len, sizeof(fields) - len, "%s=%s\n", name, value);
}

START_TEST(the_fields_of_the_hash)
{
	struct effort effort = effort_record();
	struct picture *before = picture_of("school", 470, 330, 200), *after = picture_of("school", 680, 220, 100);
	struct effort_view view = view_at(&effort, day(2016, 7, 1), before, after);
	const struct effort_year years[] = { { 2015, before, true }, { 2016, after, false } };
	struct effort_effect effect;

	view.years = years;
	view.years_len = 2;
	effect = effect_of(&effort, &view);
	fields[0] = '\0';
	effort_fields_effect(&effort, &view, &effect, put, NULL);
	ck_assert_str_eq(fields,
			 "before.from=2015-01-01\nbefore.to=2015-06-30\nafter.from=2016-01-01\nafter.to=2016-06-30\n"
			 "before.n=1000\nbefore.part=470\nbefore.share=47.00\n"
			 "after.n=1000\nafter.part=680\nafter.share=68.00\nchange_pp=21.00\nmoved=207\n"
			 "contacts.before=1006\ncontacts.after=1000\ncontacts.change=-6\n"
			 "ch.selfservice.before=473\nch.selfservice.after=680\nch.selfservice.change=207\n"
			 "ch.phone.before=332\nch.phone.after=220\nch.phone.change=-112\n"
			 "ch.counter.before=201\nch.counter.after=100\nch.counter.change=-101\n"
			 "verdict=too_early\ngap_pp=-12.00\nactual.2015=1000\nwarnings=\n");
	fields[0] = '\0';
	effort_fields(&effort, view.today, put, NULL);
	ck_assert_str_eq(fields, "id=kampagne\ntitle=Kampagne for selvbetjening\ncategory=campaign\nmunicipality=0751\n"
				 "scopes=school\nunit=borgerservice\nfrom=2016-01-01\nstatus=running\nmeasure=selfservice\n"
				 "baseline=year_earlier\norigin=file\ntarget=80.00\ncomparator=>=\n");
	picture_free(before);
	picture_free(after);
}
END_TEST

START_TEST(case_22_danish_letters_are_kept)
{
	struct effort effort = effort_record();

	effort.title = "Ældre og børn på Ærø: \"Å\"";
	fields[0] = '\0';
	effort_fields(&effort, day(2016, 7, 1), put, NULL);
	ck_assert_ptr_nonnull(strstr(fields, "\ntitle=Ældre og børn på Ærø: \"Å\"\n"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		before_is_the_same_days_a_year_earlier,
		of_a_long_effort_the_last_year_is_compared_with_the_year_before_it_began,
		before_it_begins_there_is_no_after,
		days_that_are_no_longer_kept_are_compared_by_whole_months,
		the_alarm_compares_whole_months,
		case_18_a_change_is_in_percentage_points,
		case_1_a_fall_is_a_fall,
		case_12_nothing_counted_is_no_share,
		case_13_a_rounded_share_is_not_met,
		a_maximum_is_judged_exactly_too,
		what_the_other_channels_did_is_shown_for_as_many_days,
		case_15_a_closed_counter_is_not_adoption,
		a_known_share_can_be_the_baseline,
		several_scopes_are_one_ratio_of_sums,
		a_volume_has_no_share_and_no_gap_in_points,
		a_reduction_needs_its_baseline,
		no_hours_and_kroner_without_configured_figures,
		hours_and_kroner_of_configured_figures,
		warnings_name_what_makes_a_comparison_doubtful,
		case_2_o18_norddjurs_outgoing_post_and_its_alarm,
		case_20_attendance_is_no_failure,
		numbers_too_large_to_multiply_are_right,
		the_fields_of_the_hash,
		case_22_danish_letters_are_kept,
	};

	return RUN_TESTS("count/effort", tests);
}
