/* SPDX-License-Identifier: MPL-2.0 */
/* See reference.h. Lists are short and looked through from the front. */
#include "domain/reference.h"

#include "base/str.h"
#include "domain/calendar.h"

#include <string.h>

bool reference_number(const struct reference *reference, enum reference_kind kind, int32_t day, int64_t *ret)
{
	bool is_known = false;

	for (size_t i = 0; reference != NULL && i < reference->numbers[kind].len; i++) {
		const struct reference_step *step = &reference->numbers[kind].steps[i];

		if (step->from > day)
			break;
		*ret = step->number;
		is_known = true;
	}
	return is_known;
}

const struct reference_cost *reference_cost(const struct reference *reference, int channel, int32_t day)
{
	const struct reference_cost *best = NULL;

	for (size_t i = 0; reference != NULL && i < reference->costs_len; i++) {
		const struct reference_cost *cost = &reference->costs[i];

		if (cost->channel == channel && cost->from <= day && (best == NULL || cost->from > best->from))
			best = cost;
	}
	return best;
}

/* --- opening hours --- */

/* How well hours fit; -1: not at all. */
static int fit(const struct reference_hours *hours, int channel, struct effort_str unit, int32_t day)
{
	if (hours->from > day || (hours->channel >= 0 && hours->channel != channel) ||
	    (hours->unit != NULL && !effort_equals(unit, hours->unit)))
		return -1;
	return (hours->unit != NULL ? 2 : 0) + (hours->channel >= 0 ? 1 : 0);
}

static bool is_closed_day(const struct reference *reference, int32_t day)
{
	for (size_t i = 0; i < reference->closed_len && reference->closed[i] <= day; i++)
		if (reference->closed[i] == day)
			return true;
	return false;
}

enum reference_open reference_open(const struct reference *reference, int channel, struct effort_str unit, int32_t day,
				   int minute)
{
	const struct reference_hours *best = NULL;
	int best_fit = -1, weekday = weekday_of_day(day) - 1;

	for (size_t i = 0; i < reference->hours_len; i++) {
		const struct reference_hours *hours = &reference->hours[i];
		int now = fit(hours, channel, unit, day);

		if (now > best_fit || (now >= 0 && now == best_fit && hours->from > best->from)) {
			best = hours;
			best_fit = now;
		}
	}
	if (best == NULL)
		return REFERENCE_HOURS_UNKNOWN;
	if (is_closed_day(reference, day))
		return REFERENCE_CLOSED;
	for (int i = 0; i < best->days[weekday].n; i++)
		if (minute >= best->days[weekday].spans[i].opens && minute < best->days[weekday].spans[i].closes)
			return REFERENCE_OPEN;
	return REFERENCE_CLOSED;
}

/* "09:00" at the text's beginning, past which *text goes. */
static bool take_minute(const char **text, uint16_t *ret)
{
	const char *t = *text;
	int hour, minute;

	for (int i = 0; i < 5; i++)
		if (i == 2 ? t[i] != ':' : t[i] < '0' || t[i] > '9')
			return false;
	hour = (t[0] - '0') * 10 + t[1] - '0';
	minute = (t[3] - '0') * 10 + t[4] - '0';
	if (minute > 59 || hour * 60 + minute > REFERENCE_DAY_MINUTES)
		return false;
	*text += 5;
	*ret = (uint16_t)(hour * 60 + minute);
	return true;
}

static void take_blanks(const char **text)
{
	*text += strspn(*text, " ");
}

bool reference_spans_parse(const char *text, struct reference_span *ret, uint8_t *ret_n)
{
	struct reference_span spans[REFERENCE_SPANS_MAX];
	uint8_t n = 0;

	for (;;) {
		take_blanks(&text);
		if (n == REFERENCE_SPANS_MAX || !take_minute(&text, &spans[n].opens))
			return false;
		take_blanks(&text);
		if (*text++ != '-')
			return false;
		take_blanks(&text);
		if (!take_minute(&text, &spans[n].closes) || spans[n].closes <= spans[n].opens ||
		    (n > 0 && spans[n].opens < spans[n - 1].closes))
			return false;
		n++;
		take_blanks(&text);
		if (*text != ',')
			break;
		text++;
	}
	if (*text != '\0')
		return false;
	memcpy(ret, spans, n * sizeof(*ret));
	*ret_n = n;
	return true;
}
