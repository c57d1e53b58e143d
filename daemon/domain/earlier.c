/* SPDX-License-Identifier: MPL-2.0 */
/* See earlier.h. */
#include "domain/earlier.h"

const char *const earlier_name[EARLIERS] = { "previous", "year_earlier" };

static struct period before(struct period period)
{
	return period_of(period.window, period.window == WINDOW_DAY ? period.first - 7 : period.first - 1);
}

static int iso_year(int32_t monday)
{
	return date_of_day(monday + 3).year;
}

static bool week_a_year_before(int32_t monday, struct period *ret)
{
	int year = iso_year(monday);
	int32_t weeks = (monday - period_of(WINDOW_WEEK, day_of_date(year, 1, 4)).first) / 7;
	int32_t then = period_of(WINDOW_WEEK, day_of_date(year - 1, 1, 4)).first + weeks * 7;

	*ret = period_of(WINDOW_WEEK, then);
	return iso_year(then) == year - 1;
}

static bool a_year_before(struct period period, struct period *ret)
{
	struct date date = date_of_day(period.first);

	if (period.window == WINDOW_WEEK)
		return week_a_year_before(period.first, ret);
	*ret = period_of(period.window, period.window == WINDOW_DAY ? period.first - 52 * 7 :
								      day_of_date(date.year - 1, date.month, 1));
	return true;
}

/* Behind the same date a year earlier; behind 28 February for 29 February. */
static int32_t same_date_end(int32_t today)
{
	struct date date = date_of_day(today);
	struct period month = period_of(WINDOW_MONTH, day_of_date(date.year - 1, date.month, 1));
	int32_t end = month.first + date.day;

	return end < month.end ? end : month.end;
}

bool earlier_find(enum earlier which, struct period period, int32_t today, struct earlier_days *ret)
{
	bool by_date = which == EARLIER_YEAR ? period.window > WINDOW_WEEK : period.window == WINDOW_YEAR;
	struct earlier_days days;

	if (which == EARLIER_PREVIOUS)
		days.period = before(period);
	else if (!a_year_before(period, &days.period))
		return false;
	days.first = days.period.first;
	days.end = days.period.end;
	if (today >= period.first && today < period.end - 1) {
		int32_t end = by_date ? same_date_end(today) : days.first + (today + 1 - period.first);

		if (end < days.end)
			days.end = end;
	}
	days.is_part = days.end < days.period.end;
	*ret = days;
	return true;
}
