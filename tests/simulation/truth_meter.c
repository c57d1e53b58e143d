/* SPDX-License-Identifier: MPL-2.0 */
/* See truth.h: what the readings of one meter come to, from effortd(8): sorted by time; between two that follow each other the
 * difference, evenly over the days from the one to the other, booked as the later one says; a lower one began anew at 0. */
#include "truth_inside.h"

#include "domain/calendar.h"

#include <stdlib.h>
#include <string.h>

#define APART_DAYS 400
#define TOO_MUCH   10000000

static int by_time(const void *va, const void *vb)
{
	const struct sent *a = *(const struct sent *const *)va, *b = *(const struct sent *const *)vb;

	return (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
}

static void add_day(struct truth *truth, const struct sent *reading, int32_t day, int64_t count)
{
	struct sent amount = *reading;

	if (count == 0)
		return;
	amount.cell.day = day;
	contact_stand(&amount.cell);
	amount.count = count;
	truth_add(truth, &amount);
}

static int32_t month_of(int32_t day)
{
	struct date date = date_of_day(day);

	return date.year * 12 + date.month;
}

/* The days of one month, cut where a definition begins; each evenly like all of them. */
static void add_month(struct truth *truth, const struct sent *reading, int32_t first, int32_t end, int64_t count)
{
	int32_t next;

	for (int32_t day = first; day < end; day = next) {
		int64_t part;

		for (next = day + 1; next < end && next % CONTACT_DEFINITION_DAYS != 0;)
			next++;
		part = count * (next - first) / (end - first) - count * (day - first) / (end - first);
		for (int32_t i = 1; i <= next - day; i++)
			add_day(truth, reading, day + i - 1, part * i / (next - day) - part * (i - 1) / (next - day));
	}
}

/* Evenly: so much by each month's end as its part of all days is, then within it. */
static void add_between(struct truth *truth, const struct sent *from, const struct sent *to)
{
	int64_t count = to->reading < from->reading ? to->reading : to->reading - from->reading, before = 0;
	int32_t first = from->cell.day < to->cell.day ? from->cell.day + 1 : to->cell.day, end = to->cell.day + 1, next;

	if (to->cell.day - from->cell.day > APART_DAYS || count > TOO_MUCH)
		return;
	for (int32_t month = first; month < end; month = next) {
		int64_t part;

		for (next = month + 1; next < end && month_of(next) == month_of(month);)
			next++;
		part = count * (next - first) / (end - first) - before;
		before += part;
		add_month(truth, to, month, next, part);
	}
}

/* What was counted as long as others had not come: between any two, on any day between them. */
static void add_moments(struct truth *truth, const struct sent *reading, struct sent *const *readings, size_t n)
{
	int32_t first = reading->cell.day;

	for (size_t i = 0; i < n; i++)
		if (readings[i]->time_ms < reading->time_ms && readings[i]->cell.day + 1 < first)
			first = readings[i]->cell.day + 1;
	for (int32_t day = first; day <= reading->cell.day; day++) {
		add_day(truth, reading, day, 1);
		add_day(truth, reading, day, -1);
	}
}

void truth_add_meter(struct truth *truth, struct sent *const *given, size_t n, bool is_bounds)
{
	struct sent *readings[TRUTH_RECORDS];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		add_moments(truth, given[i], given, n);
		for (size_t k = 0; k < n && is_bounds && !given[i]->is_level; k++)
			if (given[k]->time_ms < given[i]->time_ms)
				add_between(truth, given[k], given[i]);
		if (given[i]->left > 0 && !given[i]->is_level && !is_bounds)
			readings[len++] = given[i];
	}
	qsort(readings, len, sizeof(*readings), by_time);
	for (size_t i = 1; i < len; i++)
		add_between(truth, readings[i - 1], readings[i]);
}
