/* SPDX-License-Identifier: MPL-2.0 */
/* What a reader must know before believing an effort's numbers. See effort.h. */
#include "count/effort_inside.h"

#include <string.h>

#define SHORT_DAYS  28
#define SEASON_DAYS 31  /* further off than this is another time of the year */
#define YEAR_DAYS   330 /* from here on a window has all seasons in it */

const char *const effort_warning_name[EFFORT_WARNINGS] = {
	"no_baseline", "baseline_partial", "after_partial", "short",	   "unequal_days",
	"other_season", "overlap",	   "outside",	    "incomplete",  "fewer_contacts",
	"fell",	       "attendance",	   "unit_costs",    "not_stated",  "price_levels",
};

bool effort_is_under_way(const struct effort *effort)
{
	return effort->status != EFFORT_PLANNED && effort->status != EFFORT_POSTPONED &&
	       effort->status != EFFORT_DROPPED;
}

/* The middles of two windows lie at other times of the year. */
static bool is_other_season(const struct effort_days *before, const struct effort_days *after)
{
	int32_t middle_before = before->first + days_length(before) / 2, middle_after = after->first + days_length(after) / 2;
	int32_t off = (middle_after - middle_before) % 365;

	if (days_length(before) >= YEAR_DAYS && days_length(after) >= YEAR_DAYS)
		return false;
	return off > SEASON_DAYS && off < 365 - SEASON_DAYS;
}

static bool in_scope(const struct effort *effort, const struct effort_outside *outside,
		     const struct effort_known *known)
{
	if (outside->municipality != NULL && strcmp(effort->municipality, outside->municipality) != 0 &&
	    strcmp(effort->municipality, "dk") != 0)
		return false;
	for (size_t i = 0; outside->scope != NULL && i < effort->scopes_len; i++)
		if (effort_scopes_touch(effort->scopes[i], outside->scope, known))
			return true;
	return outside->scope == NULL;
}

static bool has_outside(const struct effort *effort, const struct effort_view *view,
			const struct effort_outside *list, size_t n)
{
	const struct effort_windows *w = &view->windows;
	int32_t first = days_length(&w->before) > 0 ? w->before.first : w->after.first;

	for (size_t i = 0; i < n; i++)
		if (list[i].first < w->after.end && list[i].last >= first && in_scope(effort, &list[i], view->known))
			return true;
	return false;
}

static bool has_overlap(const struct effort *effort, const struct effort_view *view)
{
	for (size_t i = 0; i < view->others_len; i++)
		if (strcmp(view->others[i].id, effort->id) != 0 && effort_is_under_way(&view->others[i]) &&
		    effort_overlaps(effort, &view->others[i], view->known))
			return true;
	return false;
}

static bool intends_attendance(const struct effort *effort, const struct effort_known *known)
{
	for (size_t s = 0; known != NULL && s < effort->scopes_len; s++)
		for (size_t a = 0; a < known->areas_len; a++)
			for (size_t t = 0; t < known->areas[a].tasks_len; t++) {
				const struct area_task *task = &known->areas[a].tasks[t];
				size_t len = strlen(known->areas[a].id);

				if (task->is_attendance && strncmp(effort->scopes[s], known->areas[a].id, len) == 0 &&
				    effort->scopes[s][len] == '/' && strcmp(effort->scopes[s] + len + 1, task->id) == 0)
					return true;
			}
	return false;
}

static void warn_of_money(const struct effort *effort, struct effort_effect *ret)
{
	const char *level = NULL;

	for (size_t i = 0; i < effort->money_len; i++) {
		const struct effort_money *m = &effort->money[i];

		if (!m->has_amount)
			ret->warnings |= BIT(WARNING_NOT_STATED);
		if (m->price_level == NULL)
			continue;
		if (level != NULL && strcmp(level, m->price_level) != 0)
			ret->warnings |= BIT(WARNING_PRICE_LEVELS);
		level = m->price_level;
	}
}

void effort_warn(const struct effort *effort, const struct effort_view *view, struct effort_effect *ret)
{
	const struct effort_windows *w = &view->windows;
	bool is_after = days_length(&w->after) > 0, is_before = days_length(&w->before) > 0;
	bool has_baseline = ret->has_before || (measure_is_reduction(effort->measure) && ret->has_after);
	const struct {
		enum effort_warning warning;
		bool is_true;
	} all[] = {
		{ WARNING_NO_BASELINE, is_after && !has_baseline },
		{ WARNING_BASELINE_PARTIAL, is_before && view->before != NULL && !view->before_is_whole },
		{ WARNING_AFTER_PARTIAL, is_after && view->after != NULL && !view->after_is_whole },
		{ WARNING_SHORT, is_after && days_length(&w->after) < SHORT_DAYS },
		{ WARNING_OTHER_SEASON, is_after && is_before && is_other_season(&w->before, &w->after) },
		{ WARNING_OVERLAP, has_overlap(effort, view) },
		{ WARNING_OUTSIDE, is_after && (has_outside(effort, view, effort->outsides, effort->outsides_len) ||
						has_outside(effort, view, view->outsides, view->outsides_len)) },
		{ WARNING_INCOMPLETE, view->is_incomplete },
		{ WARNING_FELL, ret->has_fall && effort->alarm > 0 && ret->fall <= -effort->alarm },
		{ WARNING_ATTENDANCE, intends_attendance(effort, view->known) },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ret->warnings |= all[i].is_true ? BIT(all[i].warning) : 0;
	warn_of_money(effort, ret);
}
