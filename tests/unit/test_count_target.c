/* SPDX-License-Identifier: MPL-2.0 */
/* How targets stand: actual, missing contacts, verdicts, and what is not known. */
#include "suite.h"

#include "count/target.h"

#include "base/str.h"

static struct picture *now, *before;
static struct target_def def;
static struct target_subject subject;
static struct target_state state;
static struct target_step steps[1];
static int32_t today;

static void set_up(void)
{
	now = picture_new();
	before = picture_new();
	today = day_of_date(2026, 11, 21);
	steps[0] = (struct target_step){ INT32_MIN, 8000 };
	def = (struct target_def){ .measure = MEASURE_SELFSERVICE, .scope = "all", .steps = steps, .steps_len = 1,
				   .from = day_of_date(2012, 12, 1), .end = INT32_MAX, .due = INT32_MAX,
				   .window = WINDOW_YEAR, .least_n = 30 };
	subject = (struct target_subject){ .scope.scope = "all" };
}

static void tear_down(void)
{
	picture_free(now);
	picture_free(before);
}

static void put(struct picture *picture, const char *field, int64_t amount)
{
	ck_assert_int_eq(picture_add(picture, str_of(field), amount), 0);
}

static void judge(void)
{
	struct target_days days = target_days(&def, INT32_MIN, today);
	struct target_material material = { now, before, true };

	target_judge(&def, &days, today, &subject, &material, &state);
}

static void expect(enum target_verdict verdict, int64_t actual, int64_t gap, int64_t move, int64_t add)
{
	judge();
	ck_assert_str_eq(target_verdict_name[state.verdict], target_verdict_name[verdict]);
	ck_assert(state.measured.has_value);
	ck_assert_int_eq(state.actual, actual);
	ck_assert_int_eq(state.gap, gap);
	ck_assert_int_eq(state.move, move);
	ck_assert_int_eq(state.add, add);
}

static void expect_unknown(enum target_reason reason)
{
	judge();
	ck_assert_str_eq(target_reason_name[state.reason], target_reason_name[reason]);
	ck_assert(!state.measured.has_value && !state.is_met);
	ck_assert_int_eq(state.verdict,
			 reason == TARGET_NOT_STARTED ? TARGET_VERDICT_NOT_STARTED : TARGET_VERDICT_TOO_EARLY);
}

START_TEST(ten_thousand_at_68_percent)
{
	put(now, "all.n", 10000);
	put(now, "all.self", 6800);
	expect(TARGET_VERDICT_MISSED, 6800, -1200, 1200, 6000);
	def.due = today;
	expect(TARGET_VERDICT_ON_TRACK, 6800, -1200, 1200, 6000);
	def.due = today - 1;
	expect(TARGET_VERDICT_MISSED, 6800, -1200, 1200, 6000);
	put(now, "all.self", 1199);
	expect(TARGET_VERDICT_MISSED, 7999, -1, 1, 5);
	put(now, "all.self", 1);
	expect(TARGET_VERDICT_MET, 8000, 0, 0, 0);
}
END_TEST

START_TEST(few_contacts_say_too_little)
{
	put(now, "all.n", 29);
	put(now, "all.self", 29);
	judge();
	ck_assert_int_eq(state.verdict, TARGET_VERDICT_TOO_EARLY);
	ck_assert_int_eq(state.reason, TARGET_FEW);
	ck_assert(state.is_met);
	ck_assert_int_eq(state.actual, 10000);
	put(now, "all.n", 1);
	put(now, "all.self", 1);
	expect(TARGET_VERDICT_MET, 10000, 2000, 0, 0);
}
END_TEST

START_TEST(what_is_not_known_is_told_and_not_zero)
{
	expect_unknown(TARGET_NO_CONTACTS);
	put(now, "school.n", 10);
	expect_unknown(TARGET_NO_CONTACTS);
	def.from = today + 1;
	expect_unknown(TARGET_NOT_STARTED);
	def.from = 0;
	def.measure = MEASURE_REDUCTION_INFORMATION;
	expect_unknown(TARGET_NO_BASELINE);
}
END_TEST

START_TEST(days_that_are_gone_make_no_number)
{
	struct target_days days = target_days(&def, INT32_MIN, today);
	struct target_material material = { now, NULL, false };

	put(now, "all.n", 100);
	target_judge(&def, &days, today, &subject, &material, &state);
	ck_assert_int_eq(state.reason, TARGET_DAYS_GONE);
	ck_assert(!state.measured.has_value);
}
END_TEST

START_TEST(at_most_is_the_other_way_round)
{
	def.measure = MEASURE_IN_PERSON;
	def.comparator = COMPARATOR_MOST;
	steps[0].value = 1500;
	put(now, "all.n", 1000);
	put(now, "all.ch.counter", 200);
	expect(TARGET_VERDICT_MISSED, 2000, -500, 50, TARGET_NONE);
	put(now, "all.ch.counter", -50);
	expect(TARGET_VERDICT_MET, 1500, 0, 0, TARGET_NONE);
	put(now, "all.n", -1);
	expect(TARGET_VERDICT_MISSED, 1502, -2, 1, TARGET_NONE);
}
END_TEST

START_TEST(a_volume_is_judged_by_its_pace)
{
	def.measure = MEASURE_VOLUME;
	steps[0].value = 36500;
	today = day_of_date(2026, 4, 10); /* day 100 of 365 */
	put(now, "all.contacts", 9999);
	judge();
	ck_assert_int_eq(state.pace, 10000);
	ck_assert_int_eq(state.verdict, TARGET_VERDICT_TOO_EARLY);
	put(now, "all.contacts", 1);
	judge();
	ck_assert_int_eq(state.verdict, TARGET_VERDICT_ON_TRACK);
	put(now, "all.contacts", 26500);
	expect(TARGET_VERDICT_MET, 36500, 0, 0, TARGET_NONE);
	def.comparator = COMPARATOR_MOST;
	judge();
	ck_assert_int_eq(state.verdict, TARGET_VERDICT_TOO_EARLY); /* not over, and above the pace */
	put(now, "all.contacts", 1);
	expect(TARGET_VERDICT_MISSED, 36501, -1, 1, TARGET_NONE);
	def.end = day_of_date(2026, 4, 1);
	put(now, "all.contacts", -1);
	expect(TARGET_VERDICT_MET, 36500, 0, 0, TARGET_NONE);
}
END_TEST

START_TEST(case_20_attendance_stands_under_no_target)
{
	static const char *const apart[] = { "school/parents" };

	subject.apart = apart;
	subject.apart_len = 1;
	put(now, "all.n", 150);
	put(now, "all.self", 80);
	put(now, "school/parents.n", 50);
	put(now, "school/parents.contacts", 60);
	expect(TARGET_VERDICT_MET, 8000, 0, 0, 0);
	ck_assert_int_eq(state.measured.n, 100);
	def.measure = MEASURE_VOLUME;
	steps[0].value = 100;
	put(now, "all.contacts", 160);
	expect(TARGET_VERDICT_MET, 100, 0, 0, TARGET_NONE);
	/* Where nothing else is left there is nothing to measure. */
	def.measure = MEASURE_SELFSERVICE;
	put(now, "all.n", -100);
	put(now, "all.self", -80);
	expect_unknown(TARGET_NO_CONTACTS);
}
END_TEST

START_TEST(reductions_need_what_was_before)
{
	def.measure = MEASURE_REDUCTION_TRANSACTIONS;
	def.baseline = (struct target_baseline){ AGAINST_DAYS, day_of_date(2012, 1, 1), day_of_date(2013, 1, 1), 0, "" };
	put(before, "all.n", 5000);
	put(before, "all.self", 1000);
	put(now, "all.n", 6000);
	put(now, "all.self", 5000);
	expect(TARGET_VERDICT_MISSED, 7500, -500, 200, TARGET_NONE);
	def.baseline = (struct target_baseline){ AGAINST_NUMBER, 0, 0, 5000, "5000" };
	expect(TARGET_VERDICT_MET, 8000, 0, 0, TARGET_NONE);
	def.channel = subject.scope.channel = "phone";
	put(now, "all.ch.phone", 1500);
	expect(TARGET_VERDICT_MISSED, 7000, -1000, 500, TARGET_NONE);
	def.measure = MEASURE_REDUCTION_INFORMATION;
	put(now, "n:school/-/phone/information", 900);
	expect(TARGET_VERDICT_MET, 8200, 200, 0, TARGET_NONE);
	/* More than before is a negative fall. */
	put(now, "n:school/-/phone/information", 5100);
	expect(TARGET_VERDICT_MISSED, -2000, -10000, 5000, TARGET_NONE);
}
END_TEST

START_TEST(a_baseline_of_a_share_shows_the_change)
{
	put(now, "all.n", 100);
	put(now, "all.self", 68);
	judge();
	ck_assert_int_eq(state.before, TARGET_NONE);
	def.baseline = (struct target_baseline){ AGAINST_DAYS, 0, 1, 0, "" };
	judge();
	ck_assert_int_eq(state.before, TARGET_NONE);
	put(before, "all.n", 100);
	put(before, "all.self", 47);
	judge();
	ck_assert_int_eq(state.actual - state.before, 2100);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ten_thousand_at_68_percent,
		few_contacts_say_too_little,
		what_is_not_known_is_told_and_not_zero,
		days_that_are_gone_make_no_number,
		at_most_is_the_other_way_round,
		a_volume_is_judged_by_its_pace,
		case_20_attendance_stands_under_no_target,
		reductions_need_what_was_before,
		a_baseline_of_a_share_shows_the_change,
	};

	return RUN_TESTS_WITHIN("count/target", tests, set_up, tear_down);
}
