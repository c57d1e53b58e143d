/* SPDX-License-Identifier: MPL-2.0 */
/* Batches through several areas: who is asked next, in pieces and out of order, comes out event by event the
 * same as one at a time. */
#include "trial.h"

#define EVENTS 10007 /* more than two pieces, no round number */

/* Three areas share 20: the first takes nothing by phone, the second ignores by phone what it is asked, the
 * third is never asked about 20 but has 21 alone. */
static const struct area_claim first_claims[] = { { .prefix = "20", .is_shared = true, .order = 1 } };
static const struct area_claim second_claims[] = { { .prefix = "20", .is_shared = true, .order = 2 } };
static const struct area_claim third_claims[] = { { .prefix = "21" },
						  { .prefix = "20", .is_shared = true, .order = 3 } };

static struct areas *open_three(const char *first, const char *second, const char *third)
{
	static struct area_def defs[3];

	defs[0] = trial_def(first);
	defs[1] = trial_def(second);
	defs[2] = trial_def(third);
	defs[0].claims = first_claims;
	defs[1].id = "archive";
	defs[1].claims = second_claims;
	defs[2].id = "museum";
	defs[2].claims = third_claims;
	defs[2].claims_len = 2;
	defs[1].tasks_len = defs[2].tasks_len = 0;
	return trial_new(defs, 3);
}

static struct effort_event ev[EVENTS];
static struct effort_event *events[EVENTS];
static struct outcome out[EVENTS];

static void make_events(void)
{
	static const char *const kle[] = { "20.01.10", "20.99.99", "21.01.01", "22.01.01", "" };

	for (size_t i = 0; i < EVENTS; i++) {
		ev[i] = trial_event(kle[i % 5], i % 3 == 0 ? EFFORT_PHONE : EFFORT_SELFSERVICE);
		events[i] = &ev[i];
		out[i] = (struct outcome){ 99, 99, "not written" };
	}
}

START_TEST(rounds)
{
	/* Per event: the id of its area and its label, "" for unclassified. */
	static const char *const area[5] = { "library", "library", "museum", "", "" };
	struct areas *as = open_three("not_mine", "ignores", "fine");
	struct area_status status;

	ck_assert_ptr_nonnull(as);
	make_events();
	areas_classify(as, events, EVENTS, out, trial_now_us);
	for (size_t i = 0; i < EVENTS; i++) {
		const struct class_info *class = areas_class(as, out[i].class);
		bool is_passed_on = i % 3 == 0 && i % 5 < 2;
		const char *expected = is_passed_on ? "archive" : area[i % 5];
		ck_assert_int_eq(out[i].answer, is_passed_on ? EFFORT_IGNORE : EFFORT_COUNT);
		ck_assert_str_eq(class->label, i % 5 == 0 && !is_passed_on ? "first" : "-");
		ck_assert_str_eq(class->area < 3 ? areas_def(as, class->area)->id : "", expected);
		ck_assert_ptr_null(out[i].reason);
		ck_assert_uint_eq(ev[i].listed, i % 5 == 0 && !is_passed_on ? 1 : 0);
	}
	areas_status(as, 0, &status);
	ck_assert_uint_eq(status.events, 4004);
	ck_assert_uint_eq(status.not_mine, 1335);
	areas_status(as, 1, &status);
	ck_assert_uint_eq(status.events, 1335);
	ck_assert_uint_eq(status.ignored, 1335);
	areas_status(as, 2, &status);
	ck_assert_uint_eq(status.events, 2001);
	ck_assert_uint_eq(status.batches, 3);
	areas_free(as);
}
END_TEST

START_TEST(nobody_takes_it)
{
	struct areas *as = open_three("not_mine", "not_mine", "not_mine");
	struct area_status status;

	ck_assert_ptr_nonnull(as);
	make_events();
	areas_classify(as, events, EVENTS, out, trial_now_us);
	for (size_t i = 0; i < EVENTS; i++) {
		if (i % 3 == 0)
			ck_assert_uint_eq(out[i].class, 0);
	}
	areas_status(as, 2, &status);
	ck_assert_uint_eq(status.not_mine, 1335 + 667);
	areas_free(as);
}
END_TEST

START_TEST(no_events)
{
	struct areas *as = open_three("fine", "fine", "fine");

	areas_classify(as, NULL, 0, NULL, trial_now_us);
	areas_free(as);
}
END_TEST

/* The task wins over a number that says otherwise, and that is counted. */
START_TEST(mismatch)
{
	struct areas *as = open_three("fine", "fine", "fine");

	make_events();
	ev[0] = trial_event("21.01.01", EFFORT_PHONE);
	ev[0].task = trial_str("first");
	areas_classify(as, events, 1, out, trial_now_us);
	ck_assert_str_eq(areas_class(as, out[0].class)->label, "first");
	ck_assert_uint_eq(areas_mismatches(as), 1);
	ev[0].kle = trial_str("20.01.10");
	areas_classify(as, events, 1, out, trial_now_us);
	ck_assert_uint_eq(areas_mismatches(as), 1);
	areas_free(as);
}
END_TEST

START_TEST(too_many_areas)
{
	static struct area_def defs[AREA_MAX + 1];
	static char ids[AREA_MAX + 1][8];
	struct areas *as;

	for (size_t i = 0; i <= AREA_MAX; i++) {
		snprintf(ids[i], sizeof(ids[i]), "a%zu", i);
		defs[i] = trial_def("fine");
		defs[i].id = ids[i];
		defs[i].claims_len = defs[i].tasks_len = 0;
	}
	as = trial_new(defs, AREA_MAX);
	ck_assert_ptr_nonnull(as);
	areas_free(as);
	ck_assert_ptr_null(trial_new(defs, AREA_MAX + 1));
	ck_assert_str_eq(trial_faults.list[0].text, "library.conf:1:1: 65 areas; there can be 64");
	defs[1].id = "a0";
	ck_assert_ptr_null(trial_new(defs, 2));
	ck_assert_str_eq(trial_faults.list[0].text,
			 "library.conf:1:1: area a0 is defined twice (first in library.conf:1)");
	defs[1].id = "unclassified";
	ck_assert_ptr_null(trial_new(defs, 2));
	ck_assert_str_eq(trial_faults.list[0].text,
			 "library.conf:1:1: area unclassified: the id is taken by effortd itself");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rounds");
	TCase *tc = tcase_create("rounds");

	tcase_add_checked_fixture(tc, trial_start, trial_end);
	tcase_add_test(tc, rounds);
	tcase_add_test(tc, nobody_takes_it);
	tcase_add_test(tc, no_events);
	tcase_add_test(tc, mismatch);
	tcase_add_test(tc, too_many_areas);
	suite_add_tcase(suite, tc);
	return trial_run(suite);
}
