/* SPDX-License-Identifier: MPL-2.0 */
/* See effort.h. */
#include "count/effort_inside.h"

#include "domain/calendar.h"
#include "domain/period.h"
#include "event/vocab.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

int64_t effort_muldiv(int64_t a, int64_t b, int64_t c)
{
	wide product = (wide)a * b, half = c / 2;
	wide result = product < 0 ? -((-product + half) / c) : (product + half) / c;

	return result > INT64_MAX ? INT64_MAX : result < -INT64_MAX ? -INT64_MAX : (int64_t)result;
}

/* --- windows --- */

static int32_t years_earlier(int32_t day, int years)
{
	struct date date = date_of_day(day);

	return day_of_date(date.year - years, date.month, date.day);
}

static struct effort_days days_after(const struct effort *effort, int32_t today)
{
	struct effort_days days = { effort->first, today };
	int32_t year;

	if (effort->last < today)
		days.end = effort->last + 1;
	if (!effort_is_under_way(effort) || days.end <= days.first)
		return (struct effort_days){ 0 };
	year = years_earlier(days.end, 1);
	if (year > days.first)
		days.first = year;
	return days;
}

static struct effort_days days_before(const struct effort *effort, const struct effort_days *after)
{
	struct effort_days days = { 0 };

	if (effort->baseline == BASELINE_DAYS)
		return (struct effort_days){ effort->baseline_first, effort->baseline_last + 1 };
	if (effort->baseline != BASELINE_YEAR_EARLIER || after->end == 0)
		return days;
	for (int years = 1; years == 1 || days.end > effort->first; years++)
		days = (struct effort_days){ years_earlier(after->first, years), years_earlier(after->end, years) };
	return days;
}

static bool is_empty(const struct effort_days *days)
{
	return days->end <= days->first;
}

/* Without what is no longer known: days before `kept` in months that are not in the window as a whole. */
static struct effort_days known_days(struct effort_days days, int32_t kept)
{
	struct period first = period_of(WINDOW_MONTH, days.first), last = period_of(WINDOW_MONTH, days.end);

	if (is_empty(&days))
		return days;
	if (days.first > first.first && days.first < kept)
		days.first = kept < first.end ? kept : first.end;
	if (last.first < kept)
		days.end = last.first;
	return days;
}

/* Cuts both windows to the days that are known of before, so that they stay the same season. */
static void cut_season(const struct effort *effort, struct effort_windows *w, int32_t kept)
{
	struct effort_days after = known_days(w->after, kept), before, known;
	int years;

	if (is_empty(&after))
		return;
	before = days_before(effort, &after);
	known = known_days(before, kept);
	if (is_empty(&known))
		return;
	years = date_of_day(after.first).year - date_of_day(before.first).year;
	w->before = known;
	if (known.first != before.first)
		after.first = years_earlier(known.first, -years);
	if (known.end != before.end)
		after.end = years_earlier(known.end, -years);
	w->after = after;
}

struct effort_windows effort_windows(const struct effort *effort, int32_t today, int32_t kept)
{
	struct effort_windows windows = { .after = days_after(effort, today) };
	struct period running = period_of(WINDOW_MONTH, today), latest = period_of(WINDOW_MONTH, running.first - 1),
		      previous = period_of(WINDOW_MONTH, latest.first - 1);
	struct effort_days known;

	windows.before = days_before(effort, &windows.after);
	if (effort->baseline == BASELINE_YEAR_EARLIER) {
		cut_season(effort, &windows, kept);
	} else {
		known = known_days(windows.before, kept);
		windows.before = is_empty(&known) ? windows.before : known;
		known = known_days(windows.after, kept);
		windows.after = is_empty(&known) ? windows.after : known;
	}
	if (effort->alarm > 0) {
		windows.latest = (struct effort_days){ latest.first, latest.end };
		windows.previous = (struct effort_days){ previous.first, previous.end };
	}
	return windows;
}

/* --- before and after --- */

static int64_t share_value(const struct effort *effort, const struct measured *m)
{
	int64_t target = effort->has_target ? effort->target.value : -1;

	return effort->target.is_most ? measured_basis_points_most(m, target) : measured_basis_points(m, target);
}

static void measure_after(const struct taking *taking, const struct effort_view *view, struct effort_effect *ret)
{
	const struct effort *effort = taking->effort;
	bool is_reduction = measure_is_reduction(effort->measure);

	if (is_reduction && days_length(&view->windows.before) != days_length(&view->windows.after) && view->before != NULL) {
		/* A leap day apart is one length. */
		if (abs(days_length(&view->windows.before) - days_length(&view->windows.after)) > 1) {
			ret->warnings |= BIT(WARNING_UNEQUAL_DAYS);
			return;
		}
	}
	if (!view->after_is_whole)
		return;
	ret->after = taking_own(taking, view->after, is_reduction && view->before_is_whole ? view->before : NULL);
	ret->has_after = ret->after.has_value;
	if (ret->has_after)
		ret->after_value = measure_is_share(effort->measure) ? share_value(effort, &ret->after) :
								       ret->after.part * 100;
}

static void measure_before(const struct taking *taking, const struct effort_view *view, struct effort_effect *ret)
{
	const struct effort *effort = taking->effort;
	const struct effort_days *before = &view->windows.before, *after = &view->windows.after;

	if (effort->baseline == BASELINE_VALUE) {
		ret->has_before = true;
		ret->before_value = effort->baseline_value;
		return;
	}
	if (measure_is_reduction(effort->measure) || !view->before_is_whole)
		return;
	ret->before = taking_own(taking, view->before, NULL);
	ret->has_before = ret->before.has_value && days_length(before) > 0;
	if (!ret->has_before)
		return;
	if (measure_is_share(effort->measure))
		ret->before_value = share_value(effort, &ret->before);
	else
		ret->before_value = effort_muldiv(ret->before.part * 100, days_length(after) > 0 ? days_length(after) : days_length(before),
						  days_length(before));
}

/* By how much the part has grown at the whole's size of after; but no more than it has grown in fact: contacts
 * that have gone altogether have not moved. */
static void count_moved(const struct effort *effort, const struct effort_view *view, struct effort_effect *ret)
{
	const struct measured *a = &ret->after, *b = &ret->before;
	int64_t by_share, grown;

	ret->has_moved = ret->has_before && ret->has_after && measure_is_channel_shift(effort->measure) &&
			 measure_is_share(effort->measure) && !measure_is_reduction(effort->measure);
	if (!ret->has_moved)
		return;
	if (b->n == 0) {
		ret->moved = a->part - effort_muldiv(ret->before_value, a->n, 10000);
		return;
	}
	by_share = a->part - effort_muldiv(b->part, a->n, b->n);
	grown = a->part - effort_muldiv(b->part, days_length(&view->windows.after), days_length(&view->windows.before));
	if (by_share >= 0)
		ret->moved = grown < 0 ? 0 : grown < by_share ? grown : by_share;
	else
		ret->moved = grown > 0 ? 0 : grown > by_share ? grown : by_share;
	if (ret->moved < by_share &&
	    effort_muldiv(b->n, days_length(&view->windows.after), days_length(&view->windows.before)) / 10 * 9 > a->n)
		ret->warnings |= BIT(WARNING_FEWER_CONTACTS);
}

/* --- channels, hours and kroner --- */

static void count_channels(const struct taking *taking, const struct effort_view *view, struct effort_effect *ret)
{
	int32_t before_days = days_length(&view->windows.before), after_days = days_length(&view->windows.after);
	struct measured before, after;

	if (view->before == NULL || view->after == NULL || !view->before_is_whole || !view->after_is_whole || before_days <= 0 || after_days <= 0 ||
	    picture_is_empty(view->before))
		return;
	ret->has_channels = true;
	for (int channel = 0; channel < EFFORT_CHANNELS; channel++) {
		before = taking_take(taking, MEASURE_IN_PERSON, vocab_channel[channel], view->before, NULL);
		after = taking_take(taking, MEASURE_IN_PERSON, vocab_channel[channel], view->after, NULL);
		ret->channels[channel].before = effort_muldiv(before.part, after_days, before_days);
		ret->channels[channel].after = after.part;
	}
	before = taking_take(taking, MEASURE_VOLUME, NULL, view->before, NULL);
	after = taking_take(taking, MEASURE_VOLUME, NULL, view->after, NULL);
	ret->contacts = (struct effort_shift){ effort_muldiv(before.part, after_days, before_days), after.part };
}

static const struct effort_cost *cost_of(const struct effort *effort, int channel)
{
	for (size_t i = 0; i < effort->costs_len; i++)
		if (effort->costs[i].channel == channel)
			return &effort->costs[i];
	return NULL;
}

/* Hours and kroner of the contacts by which channels differ, where every channel that does has a configured
 * figure. */
static void count_benefit(const struct effort *effort, struct effort_effect *ret)
{
	wide minutes = 0, ore = 0;

	if (effort->costs_len == 0 || !ret->has_channels)
		return;
	ret->has_hours = ret->has_kroner = true;
	for (int channel = 0; channel < EFFORT_CHANNELS; channel++) {
		const struct effort_cost *cost = cost_of(effort, channel);
		int64_t fewer = ret->channels[channel].before - ret->channels[channel].after;

		if (fewer == 0)
			continue;
		ret->has_hours = ret->has_hours && cost != NULL && cost->has_minutes;
		ret->has_kroner = ret->has_kroner && cost != NULL &&
				  (cost->has_price || (cost->has_minutes && effort->rate > 0));
		if (cost == NULL)
			continue;
		minutes += (wide)fewer * cost->minutes;
		ore += (wide)fewer * cost->ore;
	}
	if (minutes > INT64_MAX || minutes < -INT64_MAX || ore > INT64_MAX || ore < -INT64_MAX)
		ret->has_hours = ret->has_kroner = false;
	if (ret->has_hours)
		ret->hours = effort_muldiv((int64_t)minutes, 1, 60);
	if (ret->has_kroner)
		ret->ore = (int64_t)ore + effort_muldiv((int64_t)minutes, effort->rate, 6000);
	if (!ret->has_hours && !ret->has_kroner)
		ret->warnings |= BIT(WARNING_UNIT_COSTS);
}

/* --- verdict --- */

/* The result as the target's number, on its side of it that the exact ratio is on. */
static int64_t exact_result(const struct effort *effort, const struct effort_effect *effect)
{
	const struct goal *target = &effort->target;
	int64_t result = effect->after_value;
	bool is_met;

	if (!measure_is_share(effort->measure) || effect->after.n <= 0)
		return result;
	is_met = target->is_most ? measured_is_most(&effect->after, target->value)
				 : measured_is_least(&effect->after, target->value);
	return is_met ? target->value : result;
}

/* Of what is counted up, and of a reduction, the way begins at 0. Of a share nobody knows where without a baseline. */
static bool is_way_known(const struct effort *effort, const struct effort_effect *effect)
{
	return effect->has_before || measure_is_reduction(effort->measure) || !measure_is_share(effort->measure);
}

static void judge(const struct effort *effort, const struct effort_view *view, struct effort_effect *ret)
{
	struct goal target = effort->target;

	ret->has_verdict = effort->has_target;
	if (!ret->has_verdict)
		return;
	target.first = effort->first;
	if (target.due == EFFORT_DAY_NONE)
		target.due = effort->last;
	target.start = ret->has_before ? ret->before_value : 0;
	ret->verdict = !effort_is_under_way(effort) ? GOAL_NOT_STARTED
					     : goal_judge(&target, ret->has_after, exact_result(effort, ret), view->today);
	if (ret->verdict == GOAL_ON_TRACK && !is_way_known(effort, ret))
		ret->verdict = GOAL_TOO_EARLY;
}

/* Last month against the month before: success must be kept. */
static void look_for_fall(const struct taking *taking, const struct effort_view *view, struct effort_effect *ret)
{
	struct measured latest = taking_own(taking, view->latest, NULL), previous = taking_own(taking, view->previous, NULL);

	ret->has_fall = latest.has_value && previous.has_value && latest.n > 0 && previous.n > 0;
	if (ret->has_fall)
		ret->fall = measured_basis_points(&latest, -1) - measured_basis_points(&previous, -1);
}

int effort_effect(const struct effort *effort, const struct effort_view *view, struct effort_effect *ret)
{
	struct taking taking;
	int r = taking_init(&taking, effort, view->known);

	if (r < 0)
		return r;
	memset(ret, 0, sizeof(*ret));
	ret->windows = view->windows;
	measure_after(&taking, view, ret);
	measure_before(&taking, view, ret);
	if (ret->has_before && ret->has_after)
		ret->change = ret->after_value - ret->before_value;
	count_moved(effort, view, ret);
	count_channels(&taking, view, ret);
	count_benefit(effort, ret);
	look_for_fall(&taking, view, ret);
	judge(effort, view, ret);
	effort_warn(effort, view, ret);
	taking_done(&taking);
	return 0;
}
