/* SPDX-License-Identifier: MPL-2.0 */
/* See effort_total.h. */
#include "count/effort_total.h"

#include "count/effort_money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* For all areas, or for a group, whose tasks lie in several. */
static bool is_across(const struct effort *effort)
{
	return effort->scopes_len > 0 &&
	       (strcmp(effort->scopes[0], "all") == 0 || strncmp(effort->scopes[0], "group:", 6) == 0);
}

static bool is_of_area(const struct effort *effort, const struct effort_filter *filter)
{
	if (filter->is_named && is_across(effort))
		return strcmp(filter->area, "all") == 0;
	return effort_is_for(effort, filter->area);
}

bool effort_passes(const struct effort *effort, const struct effort_filter *filter)
{
	if (filter->municipality != NULL && strcmp(effort->municipality, filter->municipality) != 0)
		return false;
	if (filter->area != NULL && !is_of_area(effort, filter))
		return false;
	return filter->funded_by == NULL ||
	       (effort->funded_by != NULL && strcmp(effort->funded_by, filter->funded_by) == 0);
}

struct total {
	const struct effort *list;
	size_t n;
	const struct effort_filter *filter;
	const char *prefix; /* "", "area.school." */
	effort_put_fn *put;
	void *ctx;
};

static void put(const struct total *t, const char *series, const char *name, const char *value)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s%s%s", t->prefix, series, series[0] != '\0' ? "." : "", name);
	t->put(t->ctx, full, value);
}

static void put_ore(const struct total *t, const char *series, const char *name, int64_t ore)
{
	uint64_t size = ore < 0 ? 0 - (uint64_t)ore : (uint64_t)ore;
	char value[32];

	snprintf(value, sizeof(value), "%s%" PRIu64 ".%02" PRIu64, ore < 0 ? "-" : "", size / 100, size % 100);
	put(t, series, name, value);
}

static struct money_sum sum_years(const struct total *t, const struct money_series *series, int first, int last)
{
	struct money_sum sum = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		struct money_sum one;

		if (!effort_passes(&t->list[i], t->filter))
			continue;
		one = money_years(&t->list[i], series, first, last);
		sum.has_lines = sum.has_lines || one.has_lines;
		sum.has_amount = sum.has_amount || one.has_amount;
		sum.is_incomplete = sum.is_incomplete || one.is_incomplete;
		sum.ore += one.ore;
		sum.cashable += one.cashable;
	}
	return sum;
}

static bool span(const struct total *t, const struct money_series *series, int *ret_first, int *ret_last)
{
	bool is_found = false;
	int first = 0, last = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (!effort_passes(&t->list[i], t->filter) || !money_span(&t->list[i], series, &first, &last))
			continue;
		*ret_first = !is_found || first < *ret_first ? first : *ret_first;
		*ret_last = !is_found || last > *ret_last ? last : *ret_last;
		is_found = true;
	}
	return is_found;
}

static void put_series(const struct total *t, const struct money_series *series)
{
	struct money_sum sum;
	char name[96], year_name[32];
	int first = 0, last = 0;

	if (!span(t, series, &first, &last))
		return;
	money_series_name(series, name);
	sum = sum_years(t, series, first, last);
	if (sum.has_amount) {
		put_ore(t, name, "total", sum.ore);
		put_ore(t, name, "cashable", sum.cashable);
	}
	if (sum.is_incomplete)
		put(t, name, "incomplete", "1");
	for (int year = first; year <= last; year++) {
		sum = sum_years(t, series, year, year);
		snprintf(year_name, sizeof(year_name), "%d", year);
		if (sum.has_amount)
			put_ore(t, name, year_name, sum.ore);
		snprintf(year_name, sizeof(year_name), "%d.incomplete", year);
		if (sum.is_incomplete)
			put(t, name, year_name, "1");
	}
}

static void put_total(const struct total *t)
{
	size_t efforts = 0;
	char count[24];

	for (size_t i = 0; i < t->n; i++)
		efforts += effort_passes(&t->list[i], t->filter);
	if (efforts == 0 && t->prefix[0] != '\0')
		return;
	snprintf(count, sizeof(count), "%zu", efforts);
	put(t, "", "efforts", count);
	for (int basis = 0; basis < MONEY_BASES; basis++)
		for (int is_national = 0; is_national < 2; is_national++)
			put_series(t, &(struct money_series){ (enum money_basis)basis, is_national, NULL });
}

void effort_total_fields(const struct effort *list, size_t n, const struct effort_filter *filter,
			 effort_put_fn *put_field, void *ctx)
{
	put_total(&(struct total){ list, n, filter, "", put_field, ctx });
}

void effort_total_parts(const struct effort *list, size_t n, const struct effort_filter *filter,
			const struct effort_known *known, effort_put_fn *put_field, void *ctx)
{
	struct effort_filter part = *filter;
	char prefix[80];

	part.is_named = true;
	part.area = "all";
	if (filter->area == NULL)
		put_total(&(struct total){ list, n, &part, "area.all.", put_field, ctx });
	for (size_t a = 0; known != NULL && a < known->areas_len; a++) {
		if (filter->area != NULL && strcmp(filter->area, known->areas[a].id) != 0)
			continue;
		part.area = known->areas[a].id;
		snprintf(prefix, sizeof(prefix), "area.%.48s.", part.area);
		put_total(&(struct total){ list, n, &part, prefix, put_field, ctx });
	}
	part = *filter;
	for (size_t i = 0; i < n; i++) {
		part.funded_by = list[i].id;
		snprintf(prefix, sizeof(prefix), "funded.%.48s.", part.funded_by);
		put_total(&(struct total){ list, n, &part, prefix, put_field, ctx });
	}
}
