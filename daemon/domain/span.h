/* SPDX-License-Identifier: MPL-2.0 */
/* Dates and periods as people and spreadsheets write them, as days; and how a count of many days is booked on
 * each of them. A date that can be read in two ways is refused, not guessed. Pure.
 *
 * Weeks are ISO weeks unless the spreadsheet's own numbering is asked for, in which week 1 is the one that
 * holds 1 January, so that the first and the last week of a year are short. */
#ifndef DOMAIN_SPAN_H
#define DOMAIN_SPAN_H

#include "domain/calendar.h"

struct span {
	int32_t first, end; /* first <= day < end */
};

enum span_date {
	SPAN_AUTO,    /* 2026-11-21 or 21-11-2026, 21.11.2026, 21/11/2026: day first, year in four digits */
	SPAN_MDY,     /* 11/21/2026 */
	SPAN_DMY2,    /* 21-11-26: 2000 to 2099 */
	SPAN_COMPACT, /* 20261121 */
	SPAN_EXCEL,   /* 46347 or 46347,5: days since 1899-12-30 */
	SPAN_DATES
};
extern const char *const span_date_name[SPAN_DATES]; /* "auto", "mm-dd-yyyy", ... */

enum span_weeks { SPAN_ISO, SPAN_EXCEL_MONDAY, SPAN_EXCEL_SUNDAY, SPAN_WEEKS };
extern const char *const span_weeks_name[SPAN_WEEKS]; /* "iso", "excel-monday", "excel-sunday" */

enum span_spread {
	SPAN_DAYS,     /* evenly on all days */
	SPAN_WORKDAYS, /* evenly on Monday to Friday; on all days where there are none */
	SPAN_FIRST,    /* all on the first day */
	SPAN_SPREADS
};
extern const char *const span_spread_name[SPAN_SPREADS]; /* "days", "workdays", "first" */

/* A date, and the time of day where one follows ("21-11-2026 14:05", "...T14.05:30"); *ret_second is -1
 * without one. False: not in this form, no such day, or before 1900 or after 2199. */
bool span_parse_date(enum span_date, const char *text, size_t len, int32_t *ret_day, int32_t *ret_second);
/* "14:05", "14.05", "14:05:30", "9:05": seconds of the day. */
bool span_parse_clock(const char *text, size_t len, int32_t *ret_second);

/* The number of a period and, where the text has one, its year: "47", "W47", "uge 47", "2026-W47", "47/2026",
 * "uge 47 2026". *ret_year is 0 without one. */
bool span_parse_week(const char *text, size_t len, int *ret_year, int *ret_week);
/* "11", "2026-11", "11-2026", "nov", "November 2026", "maj 2026". */
bool span_parse_month(const char *text, size_t len, int *ret_year, int *ret_month);
/* "4", "Q4", "K4", "4. kvartal 2026", "2026-Q4". */
bool span_parse_quarter(const char *text, size_t len, int *ret_year, int *ret_quarter);

/* False: the year has no such week; years 1900 to 2199. */
bool span_of_week(enum span_weeks, int year, int week, struct span *ret);
bool span_of_month(int year, int month, struct span *ret);
bool span_of_quarter(int year, int quarter, struct span *ret);

/* What of `count` falls on day first + i of the span: the whole is the sum, what does not divide goes to the
 * first days. */
int64_t span_share(enum span_spread, struct span, int64_t count, int32_t i);

#endif
