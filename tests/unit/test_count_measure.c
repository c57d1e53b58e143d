/* SPDX-License-Identifier: MPL-2.0 */
/* Measures and the arithmetic of targets, with the published figures that have to come out exactly. */
#include "suite.h"

#include "count/measure.h"

#include "base/str.h"

static struct picture *now, *before;

static void set_up(void)
{
	now = picture_new();
	before = picture_new();
	ck_assert(now != NULL && before != NULL);
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

static struct measured take(enum measure measure, const char *scope, const char *channel)
{
	return measure_take(measure, &(struct measure_scope){ .scope = scope, .channel = channel }, now, before);
}

static struct measured share(int64_t part, int64_t n)
{
	return (struct measured){ .has_value = true, .part = part, .n = n };
}

#define IS(m, p, of)                                                                                         \
	do {                                                                                                 \
		struct measured m_ = (m);                                                                    \
		ck_assert(m_.has_value);                                                                     \
		ck_assert_int_eq(m_.part, p);                                                                \
		ck_assert_int_eq(m_.n, of);                                                                  \
	} while (0)
#define IS_NULL(m) ck_assert(!(m).has_value)

/* The published series, autumn 2011 to autumn 2013: 47, 46, 56, 69, 68 of 100 transactions. */
START_TEST(o1_to_o5_changes_are_percentage_points)
{
	static const int64_t self[] = { 47, 46, 56, 69, 68 };
	int64_t bp[5];

	for (int i = 0; i < 5; i++) {
		struct measured m = share(self[i] * 1000, 100000);

		bp[i] = measured_basis_points(&m, 8000);
		ck_assert_int_eq(bp[i], self[i] * 100);
	}
	ck_assert_int_eq(bp[4] - bp[0], 2100);
	ck_assert_int_eq(bp[4] - bp[3], -100);
	ck_assert_int_eq(bp[2] - bp[0], 900);
	ck_assert_int_eq(bp[4] - bp[2], 1200);
	ck_assert_int_eq(bp[3] - bp[1], 2300);
	ck_assert_int_eq(8000 - bp[4], 1200);
}
END_TEST

START_TEST(o6_of_10000_at_68_percent_1200_move_or_6000_are_added)
{
	struct measured m = share(6800, 10000);

	ck_assert_int_eq(measured_move(&m, 8000), 1200);
	ck_assert_int_eq(measured_add(&m, 8000), 6000);
	m = share(6800 + 6000, 10000 + 6000);
	ck_assert(measured_is_least(&m, 8000));
	m = share(6800 + 5999, 10000 + 5999);
	ck_assert(!measured_is_least(&m, 8000));
}
END_TEST

START_TEST(o8_to_o16_small_shares_and_full_targets)
{
	struct measured letters = share(31, 154), pension = share(2, 100), third = share(1, 3), all = share(99, 100);

	ck_assert_int_eq(measured_basis_points(&letters, 1500), 2013);
	ck_assert(measured_is_least(&letters, 1500));
	ck_assert_int_eq(measured_move(&letters, 1500), 0);
	ck_assert_int_eq(measured_add(&letters, 1500), 0);
	ck_assert_int_eq(measured_basis_points(&pension, 1200), 200);
	ck_assert_int_eq(measured_basis_points(&third, -1), 3333);
	ck_assert_int_eq(measured_add(&all, 10000), -1);
	ck_assert_int_eq(measured_move(&all, 10000), 1);
}
END_TEST

START_TEST(known_ratios_come_out_exactly)
{
	static const struct {
		int64_t part, n, bp;
	} rows[] = { { 8, 23, 3478 }, { 12, 37, 3243 }, { 10, 15, 6667 }, { 2301214, 2358738, 9756 } };

	for (size_t i = 0; i < SUITE_LENGTH(rows); i++) {
		struct measured m = share(rows[i].part, rows[i].n);

		ck_assert_int_eq(measured_basis_points(&m, -1), rows[i].bp);
	}
}
END_TEST

/* Two waves of 87 and 84 percent: of 99,900 and 100 contacts it is 87, the mean of the two would be 85.5. */
START_TEST(waves_of_87_and_84_give_87_as_a_ratio_of_sums_only)
{
	struct measured m;

	put(now, "group:one.n", 99900);
	put(now, "group:one.self", 86913);
	put(now, "all.n", 99900);
	put(now, "all.self", 86913);
	put(now, "all.n", 100);
	put(now, "all.self", 84);
	m = take(MEASURE_SELFSERVICE, "all", NULL);
	IS(m, 86997, 100000);
	ck_assert_int_eq((measured_basis_points(&m, -1) + 50) / 100, 87);
}
END_TEST

START_TEST(case_12_no_contacts_is_null_and_neither_0_nor_100)
{
	IS_NULL(take(MEASURE_SELFSERVICE, "all", NULL));
	IS_NULL(take(MEASURE_VOLUME, "all", NULL));
	put(now, "school.n", 1);
	for (int m = 0; m < MEASURES; m++) {
		struct measured value = take((enum measure)m, "all", NULL);

		ck_assert_msg(value.has_value == (m == MEASURE_VOLUME), "%s", measure_name[m]);
		ck_assert_int_eq(value.part, 0);
	}
}
END_TEST

START_TEST(case_13_a_rounded_share_is_not_met)
{
	struct measured almost = share(79996, 100000), exact = share(8000, 10000), over = share(20004, 100000);

	ck_assert_int_eq(measured_basis_points(&almost, 8000), 7999);
	ck_assert(!measured_is_least(&almost, 8000));
	ck_assert_int_eq(measured_move(&almost, 8000), 4);
	ck_assert_int_eq(measured_basis_points(&exact, 8000), 8000);
	ck_assert(measured_is_least(&exact, 8000));
	/* The same at a maximum. */
	ck_assert_int_eq(measured_basis_points_most(&over, 2000), 2001);
	ck_assert(!measured_is_most(&over, 2000));
	ck_assert(measured_is_most(&exact, 8000));
}
END_TEST

START_TEST(case_3_contacts_applications_and_transactions_are_three_denominators)
{
	put(now, "all.contacts", 200);
	put(now, "all.n", 100);
	put(now, "all.self", 60);
	put(now, "all.assisted", 5);
	put(now, "all.digital", 80);
	IS(take(MEASURE_SELFSERVICE, "all", NULL), 60, 100);
	IS(take(MEASURE_SELFSERVICE_INCL_ASSISTED, "all", NULL), 65, 100);
	IS(take(MEASURE_DIGITAL, "all", NULL), 80, 100);
	IS(take(MEASURE_SELFSERVICE_OF_CONTACTS, "all", NULL), 60, 200);
	IS(take(MEASURE_VOLUME, "all", NULL), 200, 0);
}
END_TEST

START_TEST(the_main_target_is_measured_on_what_stood_under_it)
{
	put(now, "all.n", 1000);
	put(now, "all.target_n", 400);
	put(now, "all.target_self", 300);
	put(now, "all.movable", 60);
	put(now, "group:target.n", 450);
	put(now, "group:target.self", 310);
	put(now, "group:target.digital", 350);
	IS(take(MEASURE_SELFSERVICE, "group:target", NULL), 300, 400);
	ck_assert_int_eq(take(MEASURE_SELFSERVICE, "group:target", NULL).movable, 60);
	IS(take(MEASURE_DIGITAL, "group:target", NULL), 350, 450);
}
END_TEST

START_TEST(first_contacts_resolved_by_area_task_and_channel)
{
	put(now, "n:school/-/phone/case", 50);
	put(now, "n:school/school-enrolment/phone/transaction", 40);
	put(now, "n:school/school-enrolment/counter/transaction", 20);
	put(now, "n:school/school-enrolment/selfservice/transaction", 900);
	put(now, "n:schoolbus/-/phone/case", 7);
	put(now, "forwarded:school/-/phone/case", 10);
	put(now, "misdirected:school/-/phone/case", 5);
	put(now, "abandoned:school/school-enrolment/phone/transaction", 3);
	IS(take(MEASURE_FIRST_CONTACT_RESOLUTION, "school", NULL), 92, 102);
	IS(take(MEASURE_FIRST_CONTACT_RESOLUTION, "school", "phone"), 72, 82);
	IS(take(MEASURE_FIRST_CONTACT_RESOLUTION, "school/school-enrolment", NULL), 57, 57);
	IS(take(MEASURE_FIRST_CONTACT_RESOLUTION, "all", NULL), 99, 109);
	IS_NULL(take(MEASURE_FIRST_CONTACT_RESOLUTION, "group:waves", NULL));
	IS(measure_take(MEASURE_FIRST_CONTACT_RESOLUTION,
			&(struct measure_scope){ "group:waves", NULL, (const char *const[]){ "school/school-enrolment" }, 1 },
			now, NULL),
	   57, 57);
}
END_TEST

START_TEST(case_6_outgoing_calls_are_no_post_and_no_contacts)
{
	put(now, "out:social/-/letter/digital", 80);
	put(now, "out:social/-/letter/remoteprint", 7);
	put(now, "out:social/-/letter/physical", 3);
	put(now, "out:social/-/digitalpost/none", 8);
	put(now, "out:social/-/letter/none", 2);
	put(now, "out:social/-/phone/none", 500);
	put(now, "out:social/-/sms/none", 500);
	IS(take(MEASURE_OUTGOING_DIGITAL, "social", NULL), 88, 100);
	IS(take(MEASURE_VOLUME, "social", NULL), 0, 0);
}
END_TEST

START_TEST(in_person_is_the_counter_or_the_channel_named)
{
	put(now, "all.n", 100);
	put(now, "all.ch.counter", 15);
	put(now, "all.ch.phone", 20);
	put(now, "school/-.n", 10);
	put(now, "n:school/-/counter/transaction", 4);
	put(now, "no_show:school/-/counter/transaction", 1);
	put(now, "n:school/-/counter/information", 40);
	IS(take(MEASURE_IN_PERSON, "all", NULL), 15, 100);
	IS(take(MEASURE_IN_PERSON, "all", "phone"), 20, 100);
	IS(take(MEASURE_IN_PERSON, "school/-", NULL), 3, 10);
	IS(take(MEASURE_VOLUME, "school", "counter"), 44, 0);
}
END_TEST

START_TEST(reductions_are_of_the_baseline_and_may_be_negative)
{
	struct measured m;

	put(before, "all.n", 1000);
	put(before, "all.self", 200);
	put(before, "all.information", 500);
	put(now, "all.n", 1000);
	put(now, "all.self", 800);
	put(now, "all.assisted", 40);
	put(now, "all.information", 750);
	IS(take(MEASURE_REDUCTION_TRANSACTIONS, "all", NULL), 640, 800);
	m = take(MEASURE_REDUCTION_TRANSACTIONS, "all", NULL);
	ck_assert(measured_is_least(&m, 8000));
	m = take(MEASURE_REDUCTION_INFORMATION, "all", NULL);
	IS(m, -250, 500);
	ck_assert_int_eq(measured_basis_points(&m, 5000), -5000);
	ck_assert_int_eq(measured_move(&m, 5000), 500);
	IS_NULL(measure_take(MEASURE_REDUCTION_INFORMATION, &(struct measure_scope){ .scope = "all" }, now, NULL));
}
END_TEST

START_TEST(words_are_found_again)
{
	for (int m = 0; m < MEASURES; m++) {
		ck_assert_int_eq(measure_find(measure_name[m], strlen(measure_name[m])), m);
		ck_assert(measure_da[m] != NULL && measure_en[m] != NULL);
	}
	ck_assert_int_eq(measure_find("digitally", 9), -1);
	ck_assert_int_eq(measure_find("digi", 4), -1);
}
END_TEST

START_TEST(large_numbers_stay_exact)
{
	struct measured m = share(INT64_C(7205759403792793), INT64_C(9007199254740992));

	ck_assert(!measured_is_least(&m, 8000));
	ck_assert_int_eq(measured_basis_points(&m, 8000), 7999);
	ck_assert_int_eq(measured_move(&m, 8000), 1);
	ck_assert_int_eq(measured_add(&m, 8000), 3);
	m.part = 0;
	ck_assert_int_eq(measured_add(&m, 8000), 4 * INT64_C(9007199254740992));
}
END_TEST

/* Against the definition, on numbers small enough for it. */
START_TEST(added_and_moved_contacts_are_the_least_that_reach_the_target)
{
	for (int64_t n = 1; n < 120; n++)
		for (int64_t part = -3; part <= n; part++)
			for (int64_t bp = 1; bp < 10000; bp += 479) {
				struct measured m = share(part, n);
				int64_t move = measured_move(&m, bp), add = measured_add(&m, bp);
				int64_t missing = bp * n - part * 10000;

				ck_assert_int_eq(measured_is_least(&m, bp), missing <= 0);
				ck_assert_int_eq(measured_is_most(&m, bp), missing >= 0);
				ck_assert(move == 0 || ((part + move) * 10000 >= bp * n && (part + move - 1) * 10000 < bp * n));
				ck_assert(add == 0 || ((part + add) * 10000 >= bp * (n + add) &&
						       (part + add - 1) * 10000 < bp * (n + add - 1)));
			}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		o1_to_o5_changes_are_percentage_points,
		o6_of_10000_at_68_percent_1200_move_or_6000_are_added,
		o8_to_o16_small_shares_and_full_targets,
		known_ratios_come_out_exactly,
		waves_of_87_and_84_give_87_as_a_ratio_of_sums_only,
		case_12_no_contacts_is_null_and_neither_0_nor_100,
		case_13_a_rounded_share_is_not_met,
		case_3_contacts_applications_and_transactions_are_three_denominators,
		the_main_target_is_measured_on_what_stood_under_it,
		first_contacts_resolved_by_area_task_and_channel,
		case_6_outgoing_calls_are_no_post_and_no_contacts,
		in_person_is_the_counter_or_the_channel_named,
		reductions_are_of_the_baseline_and_may_be_negative,
		words_are_found_again,
		large_numbers_stay_exact,
		added_and_moved_contacts_are_the_least_that_reach_the_target,
	};

	return RUN_TESTS_WITHIN("count/measure", tests, set_up, tear_down);
}
