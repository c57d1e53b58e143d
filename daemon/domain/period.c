/* SPDX-License-Identifier: MPL-2.0 */
/* See period.h. */
#include "domain/period.h"

#include <stdio.h>
#include <string.h>

const char *const window_name[WINDOWS] = { "day", "week", "month", "quarter", "season", "year" };

static struct period months(enum window window, int year, int first_month, int n)
{
	int end_month = first_month + n;
	int end_year = year + (end_month > 12);

	return (struct period){ window, day_of_date(year, first_month, 1),
				day_of_date(end_year, end_month > 12 ? end_month - 12 : end_month, 1) };
}

struct period period_of(enum window window, int32_t day)
{
	struct date date = date_of_day(day);
	int32_t monday = day - weekday_of_day(day) + 1;

	switch (window) {
	case WINDOW_WEEK:
		return (struct period){ window, monday, monday + 7 };
	case WINDOW_MONTH:
		return months(window, date.year, date.month, 1);
	case WINDOW_QUARTER:
		return months(window, date.year, (date.month - 1) / 3 * 3 + 1, 3);
	case WINDOW_SEASON:
		return months(window, date.year, date.month <= 6 ? 1 : 7, 6);
	case WINDOW_YEAR:
		return months(window, date.year, 1, 12);
	case WINDOW_DAY:
	case WINDOWS:
		break;
	}
	return (struct period){ WINDOW_DAY, day, day + 1 };
}

/* The ISO year of a week is that of its Thursday. */
static size_t week_label(int32_t monday, char *buf)
{
	int year = date_of_day(monday + 3).year;
	int week = (monday + 3 - day_of_date(year, 1, 1)) / 7 + 1;

	return (size_t)snprintf(buf, PERIOD_LABEL, "week:%04d-W%02d", year, week);
}

size_t period_label(struct period period, char *buf)
{
	struct date date = date_of_day(period.first);
	int n = 0;

	switch (period.window) {
	case WINDOW_DAY:
		n = snprintf(buf, PERIOD_LABEL, "day:%s", DAY_STR(period.first));
		break;
	case WINDOW_WEEK:
		return week_label(period.first, buf);
	case WINDOW_MONTH:
		n = snprintf(buf, PERIOD_LABEL, "month:%04d-%02d", date.year, date.month);
		break;
	case WINDOW_QUARTER:
		n = snprintf(buf, PERIOD_LABEL, "quarter:%04d-Q%d", date.year, (date.month - 1) / 3 + 1);
		break;
	case WINDOW_SEASON:
		n = snprintf(buf, PERIOD_LABEL, "season:%04d-%s", date.year,
			     date.month <= 6 ? "spring" : "autumn");
		break;
	case WINDOW_YEAR:
	case WINDOWS:
		n = snprintf(buf, PERIOD_LABEL, "year:%04d", date.year);
		break;
	}
	return (size_t)n;
}

/* A day of the period, by what stands behind the colon; every label is proven by writing it again. */
static bool day_within(enum window window, const char *text, int32_t *ret)
{
	int year, number;
	char season[8];

	switch (window) {
	case WINDOW_DAY:
		return day_parse(text, strlen(text), ret);
	case WINDOW_WEEK:
		if (sscanf(text, "%4d-W%2d", &year, &number) != 2)
			return false;
		*ret = period_of(WINDOW_WEEK, day_of_date(year, 1, 4)).first + (number - 1) * 7;
		return true;
	case WINDOW_MONTH:
		if (sscanf(text, "%4d-%2d", &year, &number) != 2 || number < 1 || number > 12)
			return false;
		*ret = day_of_date(year, number, 1);
		return true;
	case WINDOW_QUARTER:
		if (sscanf(text, "%4d-Q%1d", &year, &number) != 2 || number < 1 || number > 4)
			return false;
		*ret = day_of_date(year, number * 3, 1);
		return true;
	case WINDOW_SEASON:
		if (sscanf(text, "%4d-%6s", &year, season) != 2)
			return false;
		*ret = day_of_date(year, season[0] == 's' ? 1 : 7, 1);
		return true;
	case WINDOW_YEAR:
	case WINDOWS:
		break;
	}
	if (sscanf(text, "%4d", &year) != 1)
		return false;
	*ret = day_of_date(year, 1, 1);
	return true;
}

bool period_parse(const char *label, size_t len, struct period *ret)
{
	const char *colon = memchr(label, ':', len);
	int window = colon == NULL ? -1 : window_find(label, (size_t)(colon - label));
	char text[PERIOD_LABEL], back[PERIOD_LABEL];
	struct period period;
	int32_t day;

	if (window < 0 || len >= sizeof(text))
		return false;
	memcpy(text, label, len);
	text[len] = '\0';
	if (!day_within((enum window)window, text + (colon - label) + 1, &day))
		return false;
	period = period_of((enum window)window, day);
	period_label(period, back);
	if (strcmp(back, text) != 0)
		return false;
	*ret = period;
	return true;
}

size_t period_label_days(int32_t first, int32_t end, char *buf)
{
	for (int w = WINDOWS - 1; w >= 0; w--) {
		struct period period = period_of((enum window)w, first);

		if (period.first == first && period.end == end)
			return period_label(period, buf);
	}
	return (size_t)snprintf(buf, PERIOD_LABEL, "%s..%s", DAY_STR(first), DAY_STR(end - 1));
}

int window_find(const char *name, size_t len)
{
	for (int i = 0; i < WINDOWS; i++)
		if (strlen(window_name[i]) == len && memcmp(window_name[i], name, len) == 0)
			return i;
	return -1;
}
