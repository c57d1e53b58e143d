/* SPDX-License-Identifier: MPL-2.0 */
/* See effort_money.h. */
#include "count/effort_money.h"

#include "count/effort.h"
#include "domain/calendar.h"

#include <stdio.h>
#include <string.h>

static bool same_scenario(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_in(const struct effort_money *m, const struct money_series *series)
{
	return m->basis == series->basis && m->is_national == series->is_national &&
	       same_scenario(m->scenario, series->scenario);
}

size_t money_series_list(const struct effort *effort, struct money_series *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < effort->money_len && n < max; i++) {
		const struct effort_money *m = &effort->money[i];
		size_t j = 0;

		while (j < n && !is_in(m, &ret[j]))
			j++;
		if (j == n)
			ret[n++] = (struct money_series){ m->basis, m->is_national, m->scenario };
	}
	return n;
}

void money_series_name(const struct money_series *series, char *buf)
{
	const char *basis = money_basis_name[series->basis];
	bool is_plain = series->is_national && series->basis == MONEY_EXPECTED;

	snprintf(buf, 96, "%s%s%s%s%s", series->is_national ? "national" : "",
		 series->is_national && !is_plain ? "-" : "", is_plain ? "" : basis, series->scenario != NULL ? ":" : "",
		 series->scenario != NULL ? series->scenario : "");
}

bool money_span(const struct effort *effort, const struct money_series *series, int *ret_first, int *ret_last)
{
	bool is_found = false;

	for (size_t i = 0; i < effort->money_len; i++) {
		const struct effort_money *m = &effort->money[i];

		if (!is_in(m, series))
			continue;
		*ret_first = !is_found || m->year < *ret_first ? m->year : *ret_first;
		*ret_last = !is_found || m->until > *ret_last ? m->until : *ret_last;
		is_found = true;
	}
	return is_found;
}

static void add(struct money_sum *sum, const struct effort_money *m)
{
	sum->has_lines = true;
	if (!m->has_amount) {
		sum->is_incomplete = true;
		return;
	}
	sum->has_amount = true;
	sum->ore += m->ore;
	*(m->ore < 0 ? &sum->costs : &sum->savings) += m->ore;
	*(m->is_yearly ? &sum->yearly : &sum->one_off) += m->ore;
	if (m->is_cashable)
		sum->cashable += m->ore;
}

struct money_sum money_years(const struct effort *effort, const struct money_series *series, int first, int last)
{
	struct money_sum sum = { 0 };

	for (size_t i = 0; i < effort->money_len; i++) {
		const struct effort_money *m = &effort->money[i];

		for (int year = m->year; is_in(m, series) && year <= m->until; year++)
			if (year >= first && year <= last)
				add(&sum, m);
	}
	return sum;
}

bool money_payback(const struct effort *effort, const struct money_series *series, int *ret_year, int *ret_month)
{
	int64_t paid = 0;
	bool is_owing = false;
	int first, last;

	if (!money_span(effort, series, &first, &last))
		return false;
	for (int year = first; year <= last; year++) {
		struct money_sum sum = money_years(effort, series, year, year);

		if (sum.is_incomplete)
			return false;
		paid += sum.one_off;
		for (int month = 1; month <= 12; month++) {
			int64_t now = paid + sum.yearly * month / 12;

			if (is_owing && now >= 0) {
				*ret_year = year;
				*ret_month = month;
				return true;
			}
			is_owing = is_owing || now < 0;
		}
		paid += sum.yearly;
	}
	return false;
}

struct money_compared money_compare(const struct effort *effort, int year_now)
{
	const struct money_series expected = { MONEY_EXPECTED, false, NULL }, realised = { MONEY_REALISED, false, NULL };
	struct money_compared c = { .verdict = GOAL_TOO_EARLY };
	bool is_left = false;
	int first, last;

	if (!money_span(effort, &expected, &first, &last))
		return c;
	for (int year = first; year <= last; year++) {
		struct money_sum e = money_years(effort, &expected, year, year),
				 r = money_years(effort, &realised, year, year);

		if (!e.has_lines)
			continue;
		if (!r.has_lines || r.is_incomplete || e.is_incomplete) {
			is_left = true;
			continue;
		}
		c.first = c.has_value ? c.first : year;
		c.last = year;
		c.has_value = true;
		c.expected += e.ore;
		c.realised += r.ore;
	}
	if (first > year_now)
		c.verdict = GOAL_NOT_STARTED;
	else if (c.has_value && is_left)
		c.verdict = c.realised >= c.expected ? GOAL_ON_TRACK : GOAL_TOO_EARLY;
	else if (c.has_value)
		c.verdict = c.realised >= c.expected ? GOAL_MET : GOAL_MISSED;
	return c;
}

/* --- benefits --- */

struct benefit_sum benefit_full(const struct effort *effort)
{
	struct benefit_sum sum = { 0 };

	for (size_t i = 0; i < effort->benefits_len; i++) {
		const struct effort_benefit *b = &effort->benefits[i];
		int64_t ore = 0;

		if (b->has_price)
			ore = effort_muldiv(b->volume * b->quantity, b->price, b->per * 100);
		if (b->has_minutes) {
			sum.has_hours = true;
			sum.hours += effort_muldiv(b->volume, b->minutes, b->per * 60);
		}
		/* from the minutes, not from the hours: those are rounded already */
		if (b->has_minutes && b->has_rate)
			ore += effort_muldiv(b->volume * b->minutes, b->rate, b->per * 6000);
		sum.has_kroner = sum.has_kroner || b->has_price || b->has_rate;
		sum.ore += ore;
		sum.cashable += b->is_cashable ? ore : 0;
	}
	return sum;
}

struct benefit_sum benefit_year(const struct effort *effort, int year)
{
	int32_t first = day_of_date(year, 1, 1), end = day_of_date(year + 1, 1, 1), days = end - first;
	int32_t from = effort->benefit_from != EFFORT_DAY_NONE ? effort->benefit_from : effort->first;
	struct benefit_sum sum = benefit_full(effort);

	if (from < first)
		from = first;
	if (effort->last < end)
		end = effort->last + 1;
	if (end <= from)
		return (struct benefit_sum){ .has_kroner = sum.has_kroner, .has_hours = sum.has_hours };
	sum.ore = effort_muldiv(sum.ore, end - from, days);
	sum.hours = effort_muldiv(sum.hours, end - from, days);
	sum.cashable = effort_muldiv(sum.cashable, end - from, days);
	return sum;
}

int64_t money_hours(int64_t ore, int64_t rate)
{
	return effort_muldiv(ore, 100, rate);
}

int64_t money_change(int64_t before, int64_t after)
{
	return effort_muldiv(after - before, 10000, before);
}
