/* SPDX-License-Identifier: MPL-2.0 */
/* The other measures: each from cells and sums planted by hand, ratios of sums, absent where nothing is to divide by. */
#include "suite.h"

#include "count/rates.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>

static struct picture *picture;
static struct rates rates;
static char list[65536];

static void set_up(void)
{
	picture = picture_new();
	rates_init(&rates);
}

static void tear_down(void)
{
	picture_free(picture);
}

static void put(const char *field, int64_t amount)
{
	ck_assert_int_eq(picture_add(picture, str_of(field), amount), 0);
}

static void note(void *ctx, const char *name, enum rate_form form, int64_t value)
{
	size_t len = strlen(list);

	(void)ctx;
	snprintf(list + len, sizeof(list) - len, "|%s=%" PRId64 "%s|", name, value, form == RATE_NUMBER ? "" : form == RATE_PERCENT ? "%" : "h");
}

static void look(void)
{
	list[0] = '\0';
	rates_each(&rates, note, NULL);
}

#define HAS(text)  ck_assert_msg(strstr(list, "|" text "|") != NULL, "%s not in %s", text, list)
#define LACKS(text) ck_assert_msg(strstr(list, "|" text) == NULL, "%s in %s", text, list)

static void plant(void)
{
	put("all.contacts", 200);
	put("all.information", 50);
	put("all.case", 30);
	put("all.n", 100);
	put("all.self", 60);
	put("all.assisted", 15);
	put("all.exempt", 4);
	put("all.ch.counter", 10);
	put("school.contacts", 150);
	put("school.n", 80);
	put("school.self", 50);
	put("unclassified.contacts", 50);
	put("n:school/-/phone/case", 40);
	put("n:school/school-enrolment/counter/transaction", 20);
	put("n:school/school-enrolment/selfservice/transaction", 90);
	put("n:unclassified/-/phone/unknown", 50);
	put("forwarded:school/-/phone/case", 10);
	put("misdirected:unclassified/-/phone/unknown", 10);
	put("abandoned:school/school-enrolment/selfservice/transaction", 3);
	put("rejected:school/-/counter/information", 1);
	put("n:school/-/counter/information", 1);
	put("no_show:school/school-enrolment/counter/transaction", 2);
	put("out:school/-/letter/digital", 88);
	put("out:school/-/letter/remoteprint", 9);
	put("out:school/-/letter/physical", 2);
	put("out:unclassified/-/letter/none", 1);
	put("out:school/-/phone/none", 70);
	put("seconds:school/-/phone/case", 5400);
	put("internal:school/-/email/case", 6);
	put("ignored:school/-/web/information", 7);
}

START_TEST(every_measure_of_all_and_areas)
{
	plant();
	rates_add(&rates, picture);
	look();
	HAS("all.contacts=200");
	HAS("all.handled=98"); /* 40 + 20 + 50 + 1, but for 10 misdirected, 1 rejected and 2 no-shows */
	HAS("all.forwarded=10");
	HAS("all.first_contact_resolution=8980%");
	HAS("all.forward_rate=1020%");
	HAS("school.handled=58");
	HAS("school.first_contact_resolution=8276%");
	HAS("unclassified.first_contact_resolution=10000%");
	HAS("all.assistance_rate=2000%");
	HAS("all.in_person=1000%");
	HAS("all.information_share=2500%");
	HAS("all.case_share=1500%");
	HAS("all.exempt_share=400%");
	HAS("all.unclassified_share=2500%");
	HAS("all.misdirected=10");
	HAS("all.abandoned=3");
	HAS("all.rejected=1");
	HAS("all.no_show=2");
	HAS("all.out_digital=88");
	HAS("all.out_remoteprint=9");
	HAS("all.out_physical=3");
	HAS("all.outgoing_digital=8800%");
	HAS("school.outgoing_digital=8889%");
	HAS("school.hours=150h");
	HAS("all.internal=6");
	HAS("all.ignored=7");
	LACKS("unclassified.hours");
	LACKS("unclassified.assistance_rate");
	LACKS("unclassified.in_person");
}
END_TEST

START_TEST(periods_add_up_to_ratios_of_sums)
{
	struct rates half;

	plant();
	rates_init(&half);
	rates_add(&half, picture);
	rates_add(&rates, picture);
	put("all.n", 100); /* 300 of all in the second: a mean of the two rates would be another number */
	rates_add(&rates, picture);
	look();
	HAS("all.n=300");
	HAS("all.in_person=667%");
	rates_init(&rates);
	rates_add_rates(&rates, &half);
	rates_add_rates(&rates, &half);
	look();
	HAS("all.handled=196");
	HAS("school.hours=300h");
	HAS("all.first_contact_resolution=8980%");
}
END_TEST

START_TEST(without_contacts_there_are_counts_and_no_rates)
{
	rates_add(&rates, picture);
	look();
	HAS("all.contacts=0");
	ck_assert_ptr_null(strchr(list, '%'));
}
END_TEST

START_TEST(more_areas_than_there_is_room_for_are_in_all)
{
	char field[64];

	for (int i = 0; i < RATES_SCOPES_MAX + 20; i++) {
		snprintf(field, sizeof(field), "n:area-%d/-/phone/case", i);
		put(field, 1);
	}
	rates_add(&rates, picture);
	ck_assert_uint_eq(rates.n, RATES_SCOPES_MAX);
	ck_assert_int_eq(rates.scopes[0].sums[RATE_HANDLED], RATES_SCOPES_MAX + 20);
	for (size_t i = 1; i < rates.n; i++)
		ck_assert_int_eq(rates.scopes[i].sums[RATE_HANDLED], 1);
}
END_TEST

START_TEST(opening_hours_where_they_are_known)
{
	plant();
	put("open:school/school-enrolment/selfservice/transaction", 20);
	put("closed:school/school-enrolment/selfservice/transaction", 60);
	put("open:school/-/phone/case", 40);
	rates_add(&rates, picture);
	look();
	HAS("all.hours_known=120");
	HAS("school.outside_hours=60");
	HAS("school.outside_hours_share=5000%");
	HAS("all.outside_hours_selfservice_share=7500%");
	LACKS("unclassified.outside_hours");
}
END_TEST

static const struct reference_step inhabitants[] = { { 0, 40000 }, { 100, 50000 } };
static const struct reference_step children[] = { { 0, 3000 } };
static const struct reference_cost costs[] = {
	{ .channel = EFFORT_PHONE, .from = 0, .has_minutes = true, .minutes = 650 },
	{ .channel = EFFORT_SELFSERVICE, .from = 0, .has_price = true, .ore = 2050 },
	{ .channel = EFFORT_COUNTER, .from = 50, .has_minutes = true, .minutes = 1000, .has_price = true, .ore = 7500 },
};
static const struct reference reference = {
	.municipality = "0751",
	.numbers = { { inhabitants, 2 }, { children, 1 } },
	.costs = costs,
	.costs_len = 3,
};

static void look_with(const struct reference *with, int32_t day)
{
	list[0] = '\0';
	rates_each_reference(&rates, with, day, note, NULL);
}

START_TEST(per_1000_inhabitants_with_the_number_of_that_day)
{
	plant();
	put("n:daycare/-/email/case", 7);
	put("daycare.contacts", 7);
	rates_add(&rates, picture);
	look_with(&reference, 99);
	HAS("all.inhabitants=40000");
	HAS("all.contacts_per_1000=500h"); /* 200 of 40,000 */
	HAS("school.contacts_per_1000=375h");
	HAS("daycare.contacts_per_1000_children=233h"); /* 7 of 3,000 */
	LACKS("all.contacts_per_1000_children");
	look_with(&reference, 100);
	HAS("all.contacts_per_1000=400h");
	look_with(&reference, -1);
	ck_assert_str_eq(list, "");
	look_with(NULL, 100);
	ck_assert_str_eq(list, "");
}
END_TEST

START_TEST(hours_and_kroner_of_what_is_configured_only)
{
	plant();
	rates_add(&rates, picture);
	look_with(&reference, 0);
	HAS("all.work_contacts=90"); /* by phone */
	HAS("all.work_hours=975h");  /* 90 of 6.5 minutes */
	HAS("all.cost_contacts=87"); /* 90 by self-service, 3 of them given up */
	HAS("all.cost_kroner=178350h");
	HAS("unclassified.work_hours=542h"); /* 50 of 6.5 minutes: 5.4167 */
	LACKS("unclassified.cost_kroner");
	look_with(&reference, 50);
	HAS("all.work_contacts=109"); /* and 21 at the counter, 2 of them no-shows */
	HAS("all.work_hours=1292h");
}
END_TEST

START_TEST(two_measurements_beside_each_other)
{
	struct rates half;

	plant();
	put("apart:school/school-enrolment/selfservice/hand-count", 70);
	put("apart_assisted:school/school-enrolment/selfservice/hand-count", 10);
	put("apart:school/-/phone/hand-count", 30);
	put("apart_other:school/-/phone/hand-count", 5);
	put("apart:social/-/letter/survey", 4);
	rates_init(&half);
	rates_add(&half, picture);
	rates_add_rates(&rates, &half);
	look();
	HAS("all.contacts=200"); /* nothing of it is in the contacts */
	HAS("all.n=100");
	HAS("all.handled=98");
	HAS("school.method.shares.n=80");
	HAS("school.method.shares.share=6250%");
	HAS("school.method.hand-count.n=100");
	HAS("school.method.hand-count.share=6000%");
	HAS("school.method.hand-count.share_incl_assisted=7000%");
	HAS("school.method.hand-count.other=5");
	HAS("all.method.shares.share=6000%");
	HAS("all.method.hand-count.share=6000%");
	HAS("all.method.survey.n=4");
	HAS("social.method.shares.n=0");
	LACKS("social.method.shares.share=");
	LACKS("social.contacts");
	rates_add_rates(&rates, &half);
	look();
	HAS("school.method.hand-count.n=200");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { every_measure_of_all_and_areas, periods_add_up_to_ratios_of_sums,
				       without_contacts_there_are_counts_and_no_rates,
				       more_areas_than_there_is_room_for_are_in_all, opening_hours_where_they_are_known,
				       per_1000_inhabitants_with_the_number_of_that_day,
				       hours_and_kroner_of_what_is_configured_only, two_measurements_beside_each_other };

	return RUN_TESTS_WITHIN("count/rates", tests, set_up, tear_down);
}
