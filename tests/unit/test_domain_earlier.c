/* SPDX-License-Identifier: MPL-2.0 */
/* What periods are compared with: closed ones, running ones, the odd ones of the calendar. */
#include "domain/earlier.h"

#include "suite.h"

#include <string.h>

static const struct {
	const char *label;
	int year, month, day; /* today */
	enum earlier which;
	const char *other, *days; /* days: of it; NULL: all */
} cases[] = {
	/* closed */
	{ "season:2013-autumn", 2026, 11, 22, EARLIER_PREVIOUS, "season:2013-spring", NULL },
	{ "season:2013-autumn", 2026, 11, 22, EARLIER_YEAR, "season:2012-autumn", NULL },
	{ "season:2013-spring", 2026, 11, 22, EARLIER_PREVIOUS, "season:2012-autumn", NULL },
	{ "month:2026-01", 2026, 11, 22, EARLIER_PREVIOUS, "month:2025-12", NULL },
	{ "month:2026-01", 2026, 11, 22, EARLIER_YEAR, "month:2025-01", NULL },
	{ "quarter:2026-Q1", 2026, 11, 22, EARLIER_PREVIOUS, "quarter:2025-Q4", NULL },
	{ "day:2026-11-20", 2026, 11, 22, EARLIER_PREVIOUS, "day:2026-11-13", NULL },
	{ "day:2026-11-20", 2026, 11, 22, EARLIER_YEAR, "day:2025-11-21", NULL },
	{ "week:2026-W01", 2026, 11, 22, EARLIER_YEAR, "week:2025-W01", NULL },
	{ "week:2021-W01", 2026, 11, 22, EARLIER_YEAR, "week:2020-W01", NULL },
	{ "week:2020-W53", 2026, 11, 22, EARLIER_PREVIOUS, "week:2020-W52", NULL },
	{ "week:2020-W53", 2026, 11, 22, EARLIER_YEAR, NULL, NULL },
	{ "year:2025", 2026, 11, 22, EARLIER_PREVIOUS, "year:2024", NULL },
	{ "year:2025", 2026, 11, 22, EARLIER_YEAR, "year:2024", NULL },
	/* running */
	{ "day:2026-11-22", 2026, 11, 22, EARLIER_PREVIOUS, "day:2026-11-15", NULL },
	{ "week:2026-W47", 2026, 11, 18, EARLIER_PREVIOUS, "week:2026-W46", "2026-11-09..2026-11-11" },
	{ "week:2026-W47", 2026, 11, 18, EARLIER_YEAR, "week:2025-W47", "2025-11-17..2025-11-19" },
	{ "month:2026-11", 2026, 11, 22, EARLIER_PREVIOUS, "month:2026-10", "2026-10-01..2026-10-22" },
	{ "month:2026-03", 2026, 3, 30, EARLIER_PREVIOUS, "month:2026-02", NULL }, /* February has no more */
	{ "season:2026-autumn", 2026, 11, 22, EARLIER_PREVIOUS, "season:2026-spring", "2026-01-01..2026-05-25" },
	{ "season:2026-autumn", 2026, 11, 22, EARLIER_YEAR, "season:2025-autumn", "2025-07-01..2025-11-22" },
	{ "year:2024", 2024, 2, 29, EARLIER_YEAR, "year:2023", "2023-01-01..2023-02-28" },
	{ "year:2024", 2024, 3, 1, EARLIER_YEAR, "year:2023", "2023-01-01..2023-03-01" },
	{ "year:2024", 2024, 3, 1, EARLIER_PREVIOUS, "year:2023", "2023-01-01..2023-03-01" },
	/* the last day: as good as closed */
	{ "month:2026-11", 2026, 11, 30, EARLIER_PREVIOUS, "month:2026-10", NULL },
	{ "week:2026-W47", 2026, 11, 22, EARLIER_PREVIOUS, "week:2026-W46", NULL },
	{ "year:2024", 2024, 12, 31, EARLIER_YEAR, "year:2023", NULL },
	/* still to come */
	{ "month:2027-01", 2026, 11, 22, EARLIER_PREVIOUS, "month:2026-12", NULL },
};

START_TEST(compared_with)
{
	struct earlier_days got;
	struct period period;
	char label[PERIOD_LABEL];

	ck_assert(period_parse(cases[_i].label, strlen(cases[_i].label), &period));
	if (cases[_i].other == NULL) {
		ck_assert(!earlier_find(cases[_i].which, period,
					day_of_date(cases[_i].year, cases[_i].month, cases[_i].day), &got));
		return;
	}
	ck_assert(earlier_find(cases[_i].which, period, day_of_date(cases[_i].year, cases[_i].month, cases[_i].day),
			       &got));
	period_label(got.period, label);
	ck_assert_str_eq(label, cases[_i].other);
	ck_assert_int_eq(got.is_part, cases[_i].days != NULL);
	period_label_days(got.first, got.end, label);
	ck_assert_str_eq(label, cases[_i].days == NULL ? cases[_i].other : cases[_i].days);
}
END_TEST

/* Every period of twenty years, on each of its days: never later, never longer, never beside its own period. */
START_TEST(the_part_is_never_longer)
{
	for (int32_t today = day_of_date(2010, 1, 1); today < day_of_date(2030, 1, 1); today++) {
		for (int i = 0; i < WINDOWS * EARLIERS; i++) {
			struct period period = period_of((enum window)(i / EARLIERS), today);
			struct earlier_days got;

			if (!earlier_find((enum earlier)(i % EARLIERS), period, today, &got))
				continue;
			ck_assert(got.first == got.period.first && got.first < got.end);
			ck_assert(got.end <= got.period.end && got.end <= period.first);
			ck_assert_int_eq(got.is_part, got.end < got.period.end);
			if (today < period.end - 1)
				ck_assert_int_le(got.end - got.first, today + 2 - period.first); /* 29 February */
			ck_assert(got.period.window == period.window);
		}
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { the_part_is_never_longer };
	TCase *tcase = suite_case("domain/earlier", NULL, NULL);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, compared_with, 0, SUITE_LENGTH(cases));
	return suite_run("domain/earlier", tcase);
}
