/* SPDX-License-Identifier: MPL-2.0 */
/* See target.h. */
#include "domain/target.h"

const char *const comparator_sign[COMPARATORS] = { ">=", "<=" };

const char *const target_reason_name[TARGET_REASONS] = {
	[TARGET_FINE] = "",
	[TARGET_NOT_STARTED] = "not_started",
	[TARGET_NO_BASELINE] = "no_baseline",
	[TARGET_NO_PERIOD] = "no_later_period",
	[TARGET_NO_CONTACTS] = "no_contacts",
	[TARGET_DAYS_GONE] = "days_gone",
	[TARGET_FEW] = "few_contacts",
};

int64_t target_value(const struct target_step *steps, size_t n, int32_t day)
{
	size_t i = n - 1;

	while (i > 0 && steps[i].from > day)
		i--;
	return steps[i].value;
}

int32_t target_next_change(const struct target_step *steps, size_t n, int32_t day)
{
	for (size_t i = 1; i < n; i++)
		if (steps[i].from > day && steps[i].value != steps[i - 1].value)
			return steps[i].from;
	return INT32_MAX;
}

static int32_t later_of(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int32_t earlier_of(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

/* The same date in another year; 29 February becomes 1 March. */
static int32_t in_year(int32_t day, int years)
{
	struct date date = date_of_day(day);

	return day_of_date(date.year + years, date.month, date.day);
}

/* The baseline's dates in the latest year in which they are over and lie within the target's time. */
static void same_dates_later(const struct target_def *def, int32_t from, int32_t today, struct target_days *ret)
{
	const struct target_baseline *baseline = &def->baseline;
	int32_t last = earlier_of(today, def->end);
	int years = date_of_day(last).year - date_of_day(baseline->first).year;

	for (; years > 0; years--) {
		int32_t first = in_year(baseline->first, years), end = in_year(baseline->end, years);

		if (end > last)
			continue;
		if (first < from)
			break;
		ret->first = first;
		ret->end = end;
		ret->is_over = true;
		return;
	}
	ret->reason = TARGET_NO_PERIOD;
}

/* The latest whole window that is over. */
static void last_window(const struct target_def *def, int32_t from, int32_t today, struct target_days *ret)
{
	struct period period = period_of(def->window, earlier_of(today, def->end) - 1);

	if (period.end > earlier_of(today, def->end))
		period = period_of(def->window, period.first - 1);
	if (period.first < from) {
		ret->reason = TARGET_NO_PERIOD;
		return;
	}
	ret->first = period.first;
	ret->end = period.end;
	ret->is_over = true;
}

static void running_window(const struct target_def *def, int32_t from, int32_t today, struct target_days *ret)
{
	struct period period = period_of(def->window, earlier_of(today, def->end - 1));

	ret->first = later_of(period.first, from);
	ret->end = earlier_of(period.end, def->end);
	ret->is_over = ret->end <= today;
}

struct target_days target_days(const struct target_def *def, int32_t since, int32_t today)
{
	int32_t from = later_of(def->from, since);
	struct target_days days = { .reason = TARGET_FINE };

	if (today < from) {
		days.reason = TARGET_NOT_STARTED;
		return days;
	}
	if (def->baseline.kind == AGAINST_DAYS) {
		days.baseline_first = def->baseline.first;
		days.baseline_end = def->baseline.end;
	}
	if (!measure_is_reduction(def->measure))
		running_window(def, from, today, &days);
	else if (def->baseline.kind == AGAINST_NOTHING)
		days.reason = TARGET_NO_BASELINE;
	else if (def->baseline.kind == AGAINST_DAYS)
		same_dates_later(def, from, today, &days);
	else
		last_window(def, from, today, &days);
	return days;
}
