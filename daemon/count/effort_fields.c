/* SPDX-License-Identifier: MPL-2.0 */
/* See effort_fields.h. */
#include "count/effort_fields.h"

#include "count/effort_money.h"
#include "domain/calendar.h"
#include "event/vocab.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SERIES_MAX  32
#define BENEFIT_MAX 30 /* years shown */
#define NAME_SIZE   160

struct fields {
	effort_put_fn *put;
	void *ctx;
};

/* --- values --- */

static void put_text(const struct fields *f, const char *name, const char *value)
{
	if (value != NULL)
		f->put(f->ctx, name, value);
}

static void put_int(const struct fields *f, const char *name, int64_t n)
{
	char value[24];

	snprintf(value, sizeof(value), "%" PRId64, n);
	f->put(f->ctx, name, value);
}

static void put_hundredths(const struct fields *f, const char *name, int64_t n)
{
	uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char value[32];

	snprintf(value, sizeof(value), "%s%" PRIu64 ".%02" PRIu64, n < 0 ? "-" : "", size / 100, size % 100);
	f->put(f->ctx, name, value);
}

static void put_day(const struct fields *f, const char *name, int32_t day)
{
	if (day != EFFORT_DAY_NONE)
		f->put(f->ctx, name, DAY_STR(day));
}

/* "<a>.<b>", "<a>.<b>.<c>" */
struct name {
	char text[NAME_SIZE];
};

__attribute__((format(printf, 1, 2))) static struct name name_of(const char *fmt, ...)
{
	struct name name;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name.text, sizeof(name.text), fmt, ap);
	va_end(ap);
	return name;
}

#define NAME(...) (name_of(__VA_ARGS__).text)

/* --- the record --- */

static void put_scopes(const struct fields *f, const struct effort *e)
{
	char list[EFFORT_SCOPES_MAX * 108] = "";
	size_t len = 0;

	for (size_t i = 0; i < e->scopes_len && i < EFFORT_SCOPES_MAX; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%.104s", i > 0 ? "," : "", e->scopes[i]);
	f->put(f->ctx, "scopes", list);
}

static void put_record(const struct fields *f, const struct effort *e)
{
	static const char *const baselines[] = { "year_earlier", "days", "value", "none" };

	put_text(f, "id", e->id);
	put_text(f, "title", e->title);
	put_text(f, "title_en", e->title_en);
	put_text(f, "category", category_name[e->category]);
	put_text(f, "municipality", e->municipality);
	put_scopes(f, e);
	put_text(f, "channel", e->channel < 0 ? NULL : vocab_channel[e->channel]);
	put_text(f, "unit", e->unit);
	put_day(f, "from", e->first);
	put_day(f, "to", e->last);
	put_text(f, "status", effort_status_name[e->status]);
	put_text(f, "measure", measure_name[e->measure]);
	put_text(f, "baseline", baselines[e->baseline]);
	put_text(f, "realisability", e->realisability);
	put_text(f, "method", e->method);
	put_text(f, "counterfactual", e->counterfactual);
	put_text(f, "note", e->note);
	put_text(f, "funded_by", e->funded_by);
	put_day(f, "next_check", e->next_check);
	put_text(f, "origin", e->is_registered ? "registry" : "file");
	put_text(f, "away", e->away);
	if (!e->has_target)
		return;
	put_hundredths(f, "target", e->target.value);
	put_text(f, "comparator", e->target.is_most ? "<=" : ">=");
	put_day(f, "due", e->target.due);
}

static void put_goals(const struct fields *f, const struct effort *e, int32_t today)
{
	for (size_t i = 0; i < e->goals_len; i++) {
		const struct effort_goal *g = &e->goals[i];
		unsigned n = (unsigned)i + 1;

		put_text(f, NAME("goal.%u.title", n), g->title);
		put_hundredths(f, NAME("goal.%u.value", n), g->goal.value);
		put_text(f, NAME("goal.%u.comparator", n), g->goal.is_most ? "<=" : ">=");
		put_day(f, NAME("goal.%u.due", n), g->goal.due);
		if (g->has_before)
			put_hundredths(f, NAME("goal.%u.before", n), g->goal.start);
		if (g->has_result)
			put_hundredths(f, NAME("goal.%u.result", n), g->result);
		if (g->has_before && g->has_result && g->goal.start > 0)
			put_hundredths(f, NAME("goal.%u.change_pct", n), money_change(g->goal.start, g->result));
		put_day(f, NAME("goal.%u.as_of", n), g->as_of);
		put_text(f, NAME("goal.%u.verdict", n),
			 goal_verdict_name[goal_judge(&g->goal, g->has_result, g->result, today)]);
	}
}

static void put_plan(const struct fields *f, const struct effort *e)
{
	for (size_t i = 0; i < e->plan_len; i++)
		put_int(f, NAME("plan%s%s.%d", e->plan[i].scenario != NULL ? ":" : "",
				e->plan[i].scenario != NULL ? e->plan[i].scenario : "", e->plan[i].year),
			e->plan[i].volume);
}

/* --- money --- */

static void put_years(const struct fields *f, const struct effort *e, const struct money_series *series,
		      const char *name)
{
	int first, last;
	bool is_known = true;

	if (!money_span(e, series, &first, &last))
		return;
	for (int year = first; year <= last; year++) {
		struct money_sum sum = money_years(e, series, year, year);

		is_known = is_known && !sum.is_incomplete;
		if (sum.has_lines && !sum.is_incomplete)
			put_hundredths(f, NAME("money.%s.%d", name, year), sum.ore);
		if (is_known)
			put_hundredths(f, NAME("money.%s.accumulated.%d", name, year),
				       money_years(e, series, first, year).ore);
	}
}

static void put_sums(const struct fields *f, const struct effort *e, const struct money_series *series, const char *name)
{
	struct money_sum sum = money_years(e, series, 0, INT32_MAX);
	int year, month;

	if (sum.is_incomplete)
		put_text(f, NAME("money.%s.incomplete", name), "1");
	if (!sum.has_amount)
		return;
	put_hundredths(f, NAME("money.%s.total", name), sum.ore);
	put_hundredths(f, NAME("money.%s.costs", name), sum.costs);
	put_hundredths(f, NAME("money.%s.savings", name), sum.savings);
	put_hundredths(f, NAME("money.%s.one_off", name), sum.one_off);
	put_hundredths(f, NAME("money.%s.yearly", name), sum.yearly);
	put_hundredths(f, NAME("money.%s.cashable", name), sum.cashable);
	if (money_payback(e, series, &year, &month))
		put_text(f, NAME("money.%s.payback", name), NAME("%04d-%02d", year, month));
}

static void put_compared(const struct fields *f, const struct effort *e, int year_now)
{
	struct money_compared c = money_compare(e, year_now);

	if (e->money_len == 0)
		return;
	put_text(f, "money.verdict", goal_verdict_name[c.verdict]);
	if (!c.has_value)
		return;
	put_int(f, "money.compared.from", c.first);
	put_int(f, "money.compared.to", c.last);
	put_hundredths(f, "money.compared.expected", c.expected);
	put_hundredths(f, "money.compared.realised", c.realised);
	put_hundredths(f, "money.compared.deviation", c.realised - c.expected);
}

/* Every price level that amounts are given in, once. */
static void put_price_levels(const struct fields *f, const struct effort *e)
{
	char list[512] = "";
	size_t len = 0;

	for (size_t i = 0; i < e->money_len; i++) {
		const char *level = e->money[i].price_level;
		size_t j = 0;

		while (level != NULL && j < i &&
		       (e->money[j].price_level == NULL || strcmp(e->money[j].price_level, level) != 0))
			j++;
		if (level != NULL && j == i && len + strlen(level) + 2 < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len > 0 ? "," : "", level);
	}
	if (len > 0)
		put_text(f, "price_levels", list);
}

static void put_money(const struct fields *f, const struct effort *e, int year_now)
{
	struct money_series series[SERIES_MAX];
	size_t n = money_series_list(e, series, SERIES_MAX);
	char name[96];

	for (size_t i = 0; i < n; i++) {
		money_series_name(&series[i], name);
		put_years(f, e, &series[i], name);
		put_sums(f, e, &series[i], name);
	}
	put_compared(f, e, year_now);
	put_price_levels(f, e);
}

static void put_benefits(const struct fields *f, const struct effort *e, int year_now)
{
	struct benefit_sum full = benefit_full(e);
	int first = date_of_day(e->first).year;

	if (full.has_kroner) {
		put_hundredths(f, "benefit.kroner", full.ore);
		put_hundredths(f, "benefit.cashable", full.cashable);
	}
	if (full.has_hours)
		put_hundredths(f, "benefit.hours", full.hours);
	if (e->benefits_len > 0)
		put_day(f, "benefit.from", e->benefit_from != EFFORT_DAY_NONE ? e->benefit_from : e->first);
	for (int year = first; e->benefits_len > 0 && year <= year_now && year < first + BENEFIT_MAX; year++) {
		struct benefit_sum sum = benefit_year(e, year);

		if (sum.has_kroner)
			put_hundredths(f, NAME("benefit.kroner.%d", year), sum.ore);
		if (sum.has_hours)
			put_hundredths(f, NAME("benefit.hours.%d", year), sum.hours);
	}
}

static void put_outsides(const struct fields *f, const struct effort *e)
{
	for (size_t i = 0; i < e->outsides_len; i++) {
		put_text(f, NAME("outside.%zu.title", i + 1), e->outsides[i].title);
		put_day(f, NAME("outside.%zu.from", i + 1), e->outsides[i].first);
		put_day(f, NAME("outside.%zu.to", i + 1), e->outsides[i].last);
	}
}

void effort_fields(const struct effort *e, int32_t today, effort_put_fn *put, void *ctx)
{
	const struct fields f = { put, ctx };
	int year_now = date_of_day(today).year;

	put_record(&f, e);
	put_goals(&f, e, today);
	put_plan(&f, e);
	put_money(&f, e, year_now);
	put_benefits(&f, e, year_now);
	put_outsides(&f, e);
}

/* --- what was counted --- */

static void put_window(const struct fields *f, const char *name, const struct effort_days *days)
{
	if (days->end <= days->first)
		return;
	put_day(f, NAME("%s.from", name), days->first);
	put_day(f, NAME("%s.to", name), days->end - 1);
}

static void put_measured(const struct fields *f, const char *name, bool is_share, const struct measured *m,
			 int64_t value)
{
	if (m->n > 0)
		put_int(f, NAME("%s.n", name), m->n);
	if (m->n > 0)
		put_int(f, NAME("%s.part", name), m->part);
	if (is_share)
		put_hundredths(f, NAME("%s.share", name), value);
	else
		put_int(f, NAME("%s.volume", name), effort_muldiv(value, 1, 100));
}

static void put_change(const struct fields *f, const struct effort *e, const struct effort_effect *effect)
{
	bool is_share = measure_is_share(e->measure);

	put_window(f, "before", &effect->windows.before);
	put_window(f, "after", &effect->windows.after);
	if (effect->has_before)
		put_measured(f, "before", is_share, &effect->before, effect->before_value);
	if (effect->has_after)
		put_measured(f, "after", is_share, &effect->after, effect->after_value);
	if (effect->has_before && effect->has_after && is_share)
		put_hundredths(f, "change_pp", effect->change);
	if (effect->has_before && effect->has_after && !is_share) {
		put_int(f, "change", effort_muldiv(effect->change, 1, 100));
		if (effect->before_value > 0)
			put_hundredths(f, "change_pct", money_change(effect->before_value, effect->after_value));
	}
	if (effect->has_moved)
		put_int(f, "moved", effect->moved);
	if (effect->has_fall)
		put_hundredths(f, "month_change_pp", effect->fall);
}

static void put_shift(const struct fields *f, const char *name, const struct effort_shift *shift)
{
	put_int(f, NAME("%s.before", name), shift->before);
	put_int(f, NAME("%s.after", name), shift->after);
	put_int(f, NAME("%s.change", name), shift->after - shift->before);
}

static void put_channels(const struct fields *f, const struct effort_effect *effect)
{
	if (!effect->has_channels)
		return;
	put_shift(f, "contacts", &effect->contacts);
	for (int channel = 0; channel < EFFORT_CHANNELS; channel++)
		if (effect->channels[channel].before != 0 || effect->channels[channel].after != 0)
			put_shift(f, NAME("ch.%s", vocab_channel[channel]), &effect->channels[channel]);
}

static void put_verdict(const struct fields *f, const struct effort *e, const struct effort_effect *effect)
{
	if (!effect->has_verdict)
		return;
	put_text(f, "verdict", goal_verdict_name[effect->verdict]);
	if (!effect->has_after)
		return;
	put_hundredths(f, measure_is_share(e->measure) ? "gap_pp" : "gap", effect->after_value - e->target.value);
}

/* Ids of the efforts that work on the same contacts at the same time. */
static void put_overlaps(const struct fields *f, const struct effort *e, const struct effort_view *view)
{
	char list[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < view->others_len; i++) {
		const struct effort *other = &view->others[i];

		if (strcmp(other->id, e->id) != 0 && effort_overlaps(e, other, view->known) &&
		    len + AREA_NAME_MAX + 2 < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%.48s", len > 0 ? "," : "", other->id);
	}
	if (len > 0)
		put_text(f, "overlaps", list);
}

static void put_warnings(const struct fields *f, unsigned warnings)
{
	char list[512] = "";
	size_t len = 0;

	for (int w = 0; w < EFFORT_WARNINGS; w++)
		if (warnings & 1u << w)
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len > 0 ? "," : "",
						effort_warning_name[w]);
	put_text(f, "warnings", list);
}

static void put_actual(const struct fields *f, const struct effort *e, const struct effort_view *view)
{
	int64_t volume;

	for (size_t i = 0; i < view->years_len; i++)
		if (view->years[i].picture != NULL && view->years[i].is_whole &&
		    effort_volume(e, view->years[i].picture, view->known, &volume))
			put_int(f, NAME("actual.%d", view->years[i].year), volume);
}

void effort_fields_effect(const struct effort *e, const struct effort_view *view, const struct effort_effect *effect,
			  effort_put_fn *put, void *ctx)
{
	const struct fields f = { put, ctx };

	put_change(&f, e, effect);
	put_channels(&f, effect);
	put_verdict(&f, e, effect);
	if (effect->has_hours)
		put_hundredths(&f, "hours", effect->hours);
	if (effect->has_kroner)
		put_hundredths(&f, "kroner", effect->ore);
	put_actual(&f, e, view);
	put_overlaps(&f, e, view);
	put_warnings(&f, effect->warnings);
}

bool effort_field_is_counted(const char *name)
{
	static const char *const names[] = { "change_pp", "change", "change_pct", "moved",	"month_change_pp", "verdict",
					     "gap_pp",	  "gap",    "hours",	  "kroner",	"overlaps",	   "warnings" };
	static const char *const beginnings[] = { "before.", "after.", "contacts.", "ch.", "actual." };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(beginnings[i], name, strlen(beginnings[i])) == 0)
			return true;
	return false;
}
