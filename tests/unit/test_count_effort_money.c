/* SPDX-License-Identifier: MPL-2.0 */
/* The money of efforts: calculations that municipalities have published, replayed exactly (the numbers of the tests are
 * those of the oracles), and what must never be mixed. Amounts in kroner here, in øre there. */
#include "suite.h"

#include "count/effort_money.h"
#include "count/effort_total.h"
#include "effort_record.h"

#include <stdio.h>
#include <string.h>

#define KR(n)	      ((int64_t)(n) * 100)
#define LINE(y, n)    { .year = (y), .until = (y), .has_amount = true, .ore = KR(n), .is_yearly = true, .is_cashable = true }
#define ONE_OFF(y, n) { .year = (y), .until = (y), .has_amount = true, .ore = KR(n), .is_cashable = true }
#define REALISED(y, n)                                                                                                 \
	{ .year = (y), .until = (y), .has_amount = true, .ore = KR(n), .is_yearly = true, .is_cashable = true,         \
	  .basis = MONEY_REALISED }
#define WITH(e, list) ((e).money = (list), (e).money_len = sizeof(list) / sizeof((list)[0]))

static const struct money_series expected = { MONEY_EXPECTED, false, NULL }, realised = { MONEY_REALISED, false, NULL },
				 national = { MONEY_EXPECTED, true, NULL };

static int64_t year_of(const struct effort *effort, const struct money_series *series, int year)
{
	return money_years(effort, series, year, year).ore;
}

static int64_t until(const struct effort *effort, const struct money_series *series, int year)
{
	return money_years(effort, series, 0, year).ore;
}

static const char *payback(const struct effort *effort, const struct money_series *series)
{
	static char text[24];
	int year, month;

	if (!money_payback(effort, series, &year, &month))
		return "";
	snprintf(text, sizeof(text), "%d-%02d", year, month);
	return text;
}

START_TEST(o33_o34_two_scenarios_of_the_digital_hotline)
{
	static const int scenario1[] = { -200000, -700000, -1000000, 5400000, 8500000, 11000000 };
	static const int sums1[] = { -200000, -900000, -1900000, 3500000, 12000000, 23000000 };
	static const int scenario2[] = { 0, 0, -700000, 5900000, 8100000, 9700000 };
	static const int sums2[] = { 0, 0, -700000, 5200000, 13300000, 23000000 };
	const struct money_series one = { MONEY_EXPECTED, false, "ddh" }, two = { MONEY_EXPECTED, false, "fysisk" };
	struct effort effort = effort_record();
	struct effort_money money[12];
	struct money_series list[8];
	char name[96];

	for (int i = 0; i < 6; i++) {
		money[i] = (struct effort_money)LINE(2013 + i, scenario1[i]);
		money[i].scenario = "ddh";
		money[6 + i] = (struct effort_money)LINE(2013 + i, scenario2[i]);
		money[6 + i].scenario = "fysisk";
	}
	WITH(effort, money);
	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(year_of(&effort, &one, 2013 + i), KR(scenario1[i]));
		ck_assert_int_eq(until(&effort, &one, 2013 + i), KR(sums1[i]));
		ck_assert_int_eq(until(&effort, &two, 2013 + i), KR(sums2[i]));
	}
	ck_assert_str_eq(payback(&effort, &one), "2016-05");
	ck_assert_str_eq(payback(&effort, &two), "2016-02");
	ck_assert_uint_eq(money_series_list(&effort, list, 8), 2);
	money_series_name(&list[1], name);
	ck_assert_str_eq(name, "expected:fysisk");
	/* side by side, never one sum */
	ck_assert(!money_years(&effort, &expected, 0, 3000).has_lines);
}
END_TEST

static const struct effort_money esbjerg[] = {
	ONE_OFF(2014, -1350000), LINE(2015, 371000), LINE(2015, 371000), LINE(2016, 674500),
	LINE(2016, 674500),	 LINE(2017, 949300), LINE(2017, 949300),
};

START_TEST(o35_esbjergs_contact_centre)
{
	struct effort effort = effort_record();
	struct money_sum all;

	WITH(effort, esbjerg);
	ck_assert_int_eq(year_of(&effort, &expected, 2015), KR(742000));
	ck_assert_int_eq(year_of(&effort, &expected, 2016), KR(1349000));
	ck_assert_int_eq(year_of(&effort, &expected, 2017), KR(1898600));
	all = money_years(&effort, &expected, 0, 3000);
	ck_assert_int_eq(all.savings, KR(3989600));
	ck_assert_int_eq(all.costs, KR(-1350000));
	ck_assert_int_eq(all.ore, KR(2639600));
	ck_assert_int_eq(all.one_off, KR(-1350000));
	ck_assert_int_eq(all.yearly, KR(3989600));
	ck_assert_str_eq(payback(&effort, &expected), "2016-06");
	/* what no year says is not carried on */
	ck_assert(!money_years(&effort, &expected, 2018, 2018).has_lines);
}
END_TEST

START_TEST(o36_viborgs_complaints_are_one_amount_a_year)
{
	static const struct effort_money money[] = { REALISED(2015, 500000) };
	struct effort effort = effort_record();

	WITH(effort, money);
	ck_assert_int_eq(year_of(&effort, &realised, 2015), KR(500000));
	ck_assert_str_eq(payback(&effort, &realised), "");
}
END_TEST

START_TEST(o37_centralised_telephony)
{
	static const struct effort_money money[] = { LINE(2016, 930000), LINE(2017, 920000) };
	struct effort effort = effort_record();

	WITH(effort, money);
	ck_assert_int_eq(until(&effort, &expected, 2017), KR(1850000));
}
END_TEST

START_TEST(o41_vardes_clinic)
{
	static const struct effort_benefit benefits[] = {
		{ .title = "Kørsel", .volume = 455, .per = 1, .quantity = 1500, .has_price = true, .price = 370, .is_cashable = true },
		{ .title = "Køretid", .volume = 455, .per = 1, .quantity = 100, .has_minutes = true, .minutes = 3000,
		  .has_rate = true, .rate = KR(250) },
		{ .title = "Forberedelse", .volume = 455, .per = 1, .quantity = 100, .has_minutes = true, .minutes = 1000,
		  .has_rate = true, .rate = KR(250) },
	};
	struct effort effort = effort_record();
	struct benefit_sum sum;

	effort.benefits = benefits;
	effort.benefits_len = 1;
	sum = benefit_full(&effort);
	ck_assert_int_eq(sum.ore, 2525250); /* 25,252.50: the source writes 25,252 */
	ck_assert(sum.has_kroner && !sum.has_hours);
	effort.benefits = benefits + 1;
	ck_assert_int_eq(benefit_full(&effort).hours, 22750);
	effort.benefits = benefits + 2;
	ck_assert_int_eq(benefit_full(&effort).hours, 7583); /* 75.8 h */
	effort.benefits = benefits;
	effort.benefits_len = 3;
	sum = benefit_full(&effort);
	ck_assert_int_eq(sum.ore, 10108583);
	ck_assert_int_eq(sum.hours, 30333);
	ck_assert_int_eq(sum.cashable, 2525250);
}
END_TEST

START_TEST(o42_soenderborgs_virtual_meetings)
{
	/* per meeting: the source says 1,946 where its items add to 1,945; sums are of items */
	static const struct effort_money meeting[] = { LINE(2016, 159), LINE(2016, 357), LINE(2016, 1429) };
	static const struct effort_money year[] = {
		LINE(2016, 3502), LINE(2016, 7862),
		{ .year = 2016, .until = 2016, .has_amount = true, .ore = KR(31447), .is_yearly = true },
	};
	static const struct effort_benefit time[] = {
		{ .title = "Kørsel", .volume = 22, .per = 1, .quantity = 100, .has_minutes = true, .minutes = 6000 },
		{ .title = "Møde", .volume = 22, .per = 1, .quantity = 100, .has_minutes = true, .minutes = 24000 },
	};
	struct effort effort = effort_record();

	WITH(effort, meeting);
	ck_assert_int_eq(year_of(&effort, &expected, 2016), KR(1945));
	WITH(effort, year);
	ck_assert_int_eq(year_of(&effort, &expected, 2016), KR(42811));
	/* "not a real saving": the time is no money in a budget */
	ck_assert_int_eq(money_years(&effort, &expected, 2016, 2016).cashable, KR(11364));
	effort.benefits = time;
	effort.benefits_len = 1;
	ck_assert_int_eq(benefit_full(&effort).hours, 2200);
	effort.benefits_len = 2;
	ck_assert_int_eq(benefit_full(&effort).hours, 11000);
	ck_assert(!benefit_full(&effort).has_kroner);
}
END_TEST

START_TEST(o43_holbaeks_video_meetings)
{
	static const struct effort_money money[] = {
		LINE(2015, 3968000), ONE_OFF(2015, -1019250), ONE_OFF(2015, -450000), ONE_OFF(2015, -150000),
		LINE(2016, 3968000), LINE(2016, -600000),
	};
	struct effort effort = effort_record();

	WITH(effort, money);
	ck_assert_int_eq(year_of(&effort, &expected, 2015), KR(2348750));
	ck_assert_int_eq(year_of(&effort, &expected, 2016), KR(3368000));
}
END_TEST

START_TEST(o44_nemplads_after_a_year)
{
	static const struct effort_benefit benefit = { .title = "Administration", .volume = 2500, .per = 1000,
						       .quantity = 100, .has_price = true, .price = KR(100000), .is_cashable = true };
	struct effort effort = effort_record();

	effort.benefits = &benefit;
	effort.benefits_len = 1;
	effort.benefit_from = day_of_date(2017, 1, 1);
	ck_assert_int_eq(benefit_full(&effort).ore, KR(250000));
	ck_assert_int_eq(benefit_year(&effort, 2016).ore, 0); /* the year of implementation */
	ck_assert_int_eq(benefit_year(&effort, 2017).ore, KR(250000));
	effort.benefit_from = day_of_date(2017, 7, 2); /* 183 of 365 days */
	ck_assert_int_eq(benefit_year(&effort, 2017).ore, 12534247);
	effort.last = day_of_date(2018, 12, 31);
	ck_assert_int_eq(benefit_year(&effort, 2018).ore, KR(250000));
	ck_assert_int_eq(benefit_year(&effort, 2019).ore, 0);
}
END_TEST

START_TEST(o45_vejens_hours)
{
	ck_assert_int_eq(effort_muldiv(money_hours(KR(1179596), 17038), 1, 100), 6923);
	ck_assert_int_eq(effort_muldiv(money_hours(KR(1179596), 20538), 1, 100), 5743);
}
END_TEST

START_TEST(o46_horsens_arrears_before_and_after)
{
	int64_t before = KR(949796) + KR(461945), after = KR(677679) + KR(262646);

	ck_assert_int_eq(before, KR(1411741));
	ck_assert_int_eq(after, KR(940325));
	ck_assert_int_eq(money_change(before, after), -3339); /* -33.4 percent */
}
END_TEST

START_TEST(a_relative_change_is_of_the_value_before)
{
	ck_assert_int_eq(money_change(4700, 6800), 4468); /* 47 to 68 percent: 44.7 percent more, 21 points */
	ck_assert_int_eq(money_change(6800, 4700), -3088);
	ck_assert_int_eq(money_change(4700, 4700), 0);
}
END_TEST

START_TEST(o47_video_interpreting_is_a_difference_in_price)
{
	static const struct effort_benefit benefit = { .title = "Tolketimer", .volume = 1200, .per = 1, .quantity = 100,
						       .has_price = true, .price = KR(30), .is_cashable = true };
	struct effort effort = effort_record();

	effort.benefits = &benefit;
	effort.benefits_len = 1;
	ck_assert_int_eq(benefit_full(&effort).ore, KR(36000));
}
END_TEST

START_TEST(o48_expected_nationally_and_locally_are_two_values)
{
	static const struct effort_money money[] = {
		LINE(2018, 600000), LINE(2019, 1300000), LINE(2020, 1500000),
		{ .year = 2018, .until = 2020, .has_amount = true, .ore = KR(3000000), .is_yearly = true, .is_national = true },
	};
	struct effort effort = effort_record();
	char name[96];

	WITH(effort, money);
	ck_assert_int_eq(until(&effort, &expected, 2020), KR(3400000));
	ck_assert_int_eq(until(&effort, &national, 2020), KR(9000000));
	money_series_name(&national, name);
	ck_assert_str_eq(name, "national");
}
END_TEST

START_TEST(o49_esbjergs_purchases_expected_against_realised)
{
	static const struct effort_money money[] = { LINE(2015, 3800000), LINE(2015, 1200000), LINE(2015, 5000000),
						     LINE(2015, -2500000), REALISED(2015, 5800000) };
	struct effort effort = effort_record();
	struct money_compared c;

	WITH(effort, money);
	c = money_compare(&effort, 2016);
	ck_assert(c.has_value);
	ck_assert_int_eq(c.expected, KR(7500000));
	ck_assert_int_eq(c.realised, KR(5800000));
	ck_assert_int_eq(c.realised - c.expected, KR(-1700000));
	ck_assert_int_eq(c.verdict, GOAL_MISSED);
}
END_TEST

START_TEST(case_17_expected_is_never_reported_as_realised)
{
	struct effort effort = effort_record();
	struct money_compared c;

	WITH(effort, esbjerg);
	ck_assert(!money_years(&effort, &realised, 0, 3000).has_lines);
	c = money_compare(&effort, 2026);
	ck_assert(!c.has_value);
	ck_assert_int_eq(c.verdict, GOAL_TOO_EARLY);
	ck_assert_str_eq(payback(&effort, &realised), "");
}
END_TEST

START_TEST(case_24_an_investment_in_the_first_year_is_no_failure)
{
	static const struct effort_money money[] = {
		ONE_OFF(2014, -1350000), LINE(2015, 742000), LINE(2016, 1349000), REALISED(2014, -1350000),
	};
	static const struct effort_money worse[] = {
		ONE_OFF(2014, -1350000), LINE(2015, 742000), LINE(2016, 1349000), REALISED(2014, -1500000),
	};
	struct effort effort = effort_record();

	WITH(effort, money);
	ck_assert_int_eq(money_compare(&effort, 2015).verdict, GOAL_ON_TRACK);
	WITH(effort, worse);
	ck_assert_int_eq(money_compare(&effort, 2015).verdict, GOAL_TOO_EARLY);
	ck_assert_int_eq(money_compare(&effort, 2013).verdict, GOAL_NOT_STARTED);
}
END_TEST

START_TEST(what_is_not_stated_is_unknown_and_not_nothing)
{
	static const struct effort_money money[] = {
		{ .year = 2011, .until = 2011 }, LINE(2013, 1400000), REALISED(2013, 1400000), REALISED(2011, 0),
	};
	struct effort effort = effort_record();

	static const struct effort_money owing[] = { ONE_OFF(2011, -1000), { .year = 2012, .until = 2012 }, LINE(2013, 2000) };

	WITH(effort, owing);
	ck_assert_str_eq(payback(&effort, &expected), "");
	WITH(effort, money);
	ck_assert(money_years(&effort, &expected, 0, 3000).is_incomplete);
	ck_assert_str_eq(payback(&effort, &expected), "");
	ck_assert_int_eq(money_compare(&effort, 2014).first, 2013);
	ck_assert_int_eq(money_compare(&effort, 2014).verdict, GOAL_ON_TRACK);
}
END_TEST

/* --- totals --- */

static char fields[65536];

static void put(void *ctx, const char *name, const char *value)
{
	size_t len = strlen(fields);

	(void)ctx;
	snprintf(fields + len, sizeof(fields) - len, "%s=%s\n", name, value);
}

START_TEST(case_16_an_effort_for_several_areas_is_counted_once)
{
	static const char *const both[] = { "daycare", "school" }, *const across[] = { "all" };
	static const struct effort_money money[] = { LINE(2015, 1000) }, more[] = { LINE(2015, 10), LINE(2016, 20) };
	static const struct area_def areas[] = { { .id = "daycare" }, { .id = "school" }, { .id = "social" } };
	const struct effort_known known = { .areas = areas, .areas_len = 3 };
	struct effort list[3] = { effort_record(), effort_record(), effort_record() };
	const struct effort_filter all = { 0 };

	WITH(list[0], money);
	list[0].scopes = both;
	list[0].scopes_len = 2;
	WITH(list[1], more);
	list[1].id = "anden";
	list[1].funded_by = "kampagne";
	list[2].id = "tredje";
	list[2].scopes = across;
	fields[0] = '\0';
	effort_total_fields(list, 3, &all, put, NULL);
	ck_assert_str_eq(fields, "efforts=3\nexpected.total=1030.00\nexpected.cashable=1030.00\n"
				 "expected.2015=1010.00\nexpected.2016=20.00\n");
	fields[0] = '\0';
	effort_total_parts(list, 3, &all, &known, put, NULL);
	ck_assert_str_eq(fields,
			 "area.all.efforts=1\narea.daycare.efforts=1\narea.daycare.expected.total=1000.00\n"
			 "area.daycare.expected.cashable=1000.00\narea.daycare.expected.2015=1000.00\n"
			 "area.school.efforts=2\narea.school.expected.total=1030.00\narea.school.expected.cashable=1030.00\n"
			 "area.school.expected.2015=1010.00\narea.school.expected.2016=20.00\n"
			 "funded.kampagne.efforts=1\nfunded.kampagne.expected.total=30.00\n"
			 "funded.kampagne.expected.cashable=30.00\nfunded.kampagne.expected.2015=10.00\n"
			 "funded.kampagne.expected.2016=20.00\n");
}
END_TEST

START_TEST(money_is_only_shown_where_it_is_configured)
{
	struct effort effort = effort_record();

	fields[0] = '\0';
	effort_fields(&effort, day_of_date(2016, 6, 1), put, NULL);
	ck_assert_ptr_null(strstr(fields, "kroner"));
	ck_assert_ptr_null(strstr(fields, "hours"));
	ck_assert_ptr_null(strstr(fields, "money"));
	ck_assert_ptr_null(strstr(fields, "benefit"));
	WITH(effort, esbjerg);
	effort_fields(&effort, day_of_date(2016, 6, 1), put, NULL);
	ck_assert_ptr_nonnull(strstr(fields, "\nmoney.expected.2015=742000.00\n"));
	ck_assert_ptr_nonnull(strstr(fields, "\nmoney.expected.accumulated.2016=741000.00\n"));
	ck_assert_ptr_nonnull(strstr(fields, "\nmoney.expected.payback=2016-06\n"));
	ck_assert_ptr_nonnull(strstr(fields, "\nmoney.verdict=too_early\n"));
	ck_assert_ptr_null(strstr(fields, "realised"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		o33_o34_two_scenarios_of_the_digital_hotline,
		o35_esbjergs_contact_centre,
		o36_viborgs_complaints_are_one_amount_a_year,
		o37_centralised_telephony,
		o41_vardes_clinic,
		o42_soenderborgs_virtual_meetings,
		o43_holbaeks_video_meetings,
		o44_nemplads_after_a_year,
		o45_vejens_hours,
		o46_horsens_arrears_before_and_after,
		a_relative_change_is_of_the_value_before,
		o47_video_interpreting_is_a_difference_in_price,
		o48_expected_nationally_and_locally_are_two_values,
		o49_esbjergs_purchases_expected_against_realised,
		case_17_expected_is_never_reported_as_realised,
		case_24_an_investment_in_the_first_year_is_no_failure,
		what_is_not_stated_is_unknown_and_not_nothing,
		case_16_an_effort_for_several_areas_is_counted_once,
		money_is_only_shown_where_it_is_configured,
	};

	return RUN_TESTS("count/effort_money", tests);
}
