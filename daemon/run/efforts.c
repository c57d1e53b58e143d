/* SPDX-License-Identifier: MPL-2.0 */
/* See efforts.h. */
#include "run/efforts.h"

#include "base/log.h"
#include "count/effort.h"
#include "count/effort_fields.h"
#include "run/silence.h"

#include <stdio.h>
#include <string.h>

#define PLAN_YEARS 12 /* of a plan, the latest that have begun */

/* --- which days --- */

/* Years of the plan that have begun, latest first. Returns how many. */
static size_t plan_years(const struct effort *effort, int32_t today, int *ret)
{
	int year_now = date_of_day(today).year, first = year_now + 1;
	size_t n = 0;

	for (size_t i = 0; i < effort->plan_len; i++)
		if (effort->plan[i].year < first)
			first = effort->plan[i].year;
	for (int year = year_now; year >= first && n < PLAN_YEARS; year--)
		ret[n++] = year;
	return n;
}

static struct effort_days year_days(int year, int32_t today)
{
	struct effort_days days = { day_of_date(year, 1, 1), day_of_date(year + 1, 1, 1) };

	if (days.end > today + 1)
		days.end = today + 1;
	return days;
}

static bool is_here(const struct effort *effort, const struct look *look)
{
	return strcmp(effort->municipality, look->code) == 0;
}

static void suffix_of(const struct effort *effort, char *buf)
{
	snprintf(buf, 64, "effort:%.48s", effort->id);
}

static void want(const struct effort *effort, const struct effort_windows *w, struct look *look)
{
	int years[PLAN_YEARS];
	size_t n = plan_years(effort, look->today, years);

	look_want(look, w->before.first, w->before.end);
	look_want(look, w->after.first, w->after.end);
	look_want(look, w->latest.first, w->latest.end);
	look_want(look, w->previous.first, w->previous.end);
	for (size_t i = 0; i < n; i++) {
		struct effort_days days = year_days(years[i], look->today);

		look_want(look, days.first, days.end);
	}
}

void efforts_want(void *effortd, struct look *look)
{
	const struct effortd *d = effortd;
	const struct conf *conf = look->snapshot->conf;

	for (size_t i = 0; i < conf->efforts_len; i++) {
		const struct effort *effort = &conf->efforts[i];
		struct effort_windows w;

		if (!is_here(effort, look) || effort->away != NULL)
			continue;
		w = effort_windows(effort, look->today, d->core.identity.day_kept);
		want(effort, &w, look);
		if (effort->alarm > 0) {
			char suffix[64];

			suffix_of(effort, suffix);
			look_want_hash(look, suffix);
		}
	}
}

/* --- what they hold --- */

/* False: days are wanted that have not been read, since what is kept has changed meanwhile. */
static bool find(const struct look *look, const struct effort_days *days, const struct picture **ret, bool *ret_is_whole)
{
	*ret = NULL;
	if (days->end <= days->first)
		return true;
	*ret = look_picture(look, days->first, days->end, ret_is_whole);
	return *ret != NULL;
}

/* A new fall is told once: the hash says whether it is known. */
static void tell_fall(const struct effort *effort, const struct effort_effect *effect, struct look *look, const char *suffix)
{
	struct fields before = look_hash(look, suffix);
	struct effort_str warnings = fields_get(&before, "warnings");
	const char *name = effort_warning_name[WARNING_FELL];

	if ((effect->warnings >> WARNING_FELL & 1) == 0 || memmem(warnings.ptr, warnings.len, name, strlen(name)) != NULL)
		return;
	LOG(LOG_WARNING, "run", "effort fell", F_STR("effort", effort->id), F_STR("municipality", effort->municipality),
	    F_STR("measure", measure_name[effort->measure]), F_FIXED("change_pp", effect->fall, 2),
	    F_FIXED("alarm_pp", effort->alarm, 2));
}

static void put_field(void *sheet, const char *name, const char *value)
{
	sheet_put(sheet, name, value);
}

static struct sheet *fill(const struct effort *effort, const struct effort_view *view, struct look *look, const char *suffix)
{
	struct sheet *sheet = sheet_new(suffix);
	struct effort_effect effect;

	if (sheet == NULL || effort_effect(effort, view, &effect) < 0) {
		sheet_free(sheet);
		return NULL;
	}
	tell_fall(effort, &effect, look, suffix);
	effort_fields(effort, view->today, put_field, sheet);
	effort_fields_effect(effort, view, &effect, put_field, sheet);
	return sheet;
}

static bool lacks_source(const struct effort *effort, const struct look *look)
{
	char missing[SILENCE_MAX] = "";

	for (size_t i = 0; i < effort->scopes_len && missing[0] == '\0'; i++)
		silence_of(look->snapshot->conf, look->missing, effort->scopes[i], missing);
	return missing[0] != '\0';
}

static void see(const struct effortd *d, const struct effort *effort, struct look *look)
{
	const struct conf *conf = look->snapshot->conf;
	struct effort_known known = conf_known(conf);
	struct effort_view view = { .today = look->today,
				    .is_incomplete = lacks_source(effort, look),
				    .others = conf->efforts,
				    .others_len = conf->efforts_len,
				    .outsides = conf->outsides,
				    .outsides_len = conf->outsides_len,
				    .known = &known };
	struct effort_year years[PLAN_YEARS];
	int numbers[PLAN_YEARS];
	char suffix[64];
	bool is_whole;

	suffix_of(effort, suffix);
	view.windows = effort_windows(effort, look->today, d->core.identity.day_kept);
	view.years = years;
	view.years_len = plan_years(effort, look->today, numbers);
	for (size_t i = 0; i < view.years_len; i++) {
		struct effort_days days = year_days(numbers[i], look->today);

		years[i] = (struct effort_year){ .year = numbers[i] };
		find(look, &days, &years[i].picture, &years[i].is_whole);
	}
	if (find(look, &view.windows.before, &view.before, &view.before_is_whole) &&
	    find(look, &view.windows.after, &view.after, &view.after_is_whole) &&
	    find(look, &view.windows.latest, &view.latest, &is_whole) &&
	    find(look, &view.windows.previous, &view.previous, &is_whole))
		look_put(look, fill(effort, &view, look, suffix));
	else
		look_keep(look, suffix);
}

/* Of one that is away, what was published stays. */
static void see_or_keep(const struct effortd *d, const struct effort *effort, struct look *look)
{
	char suffix[64];

	suffix_of(effort, suffix);
	if (effort->away != NULL)
		look_keep(look, suffix);
	else
		see(d, effort, look);
}

void efforts_see(void *effortd, struct look *look)
{
	const struct conf *conf = look->snapshot->conf;

	for (size_t i = 0; i < conf->efforts_len; i++)
		if (is_here(&conf->efforts[i], look))
			see_or_keep(effortd, &conf->efforts[i], look);
}
