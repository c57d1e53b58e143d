/* SPDX-License-Identifier: MPL-2.0 */
/* See goal.h. */
#include "domain/goal.h"

const char *const goal_verdict_name[GOAL_VERDICTS] = {
	[GOAL_NOT_STARTED] = "not_started", [GOAL_TOO_EARLY] = "too_early", [GOAL_ON_TRACK] = "on_track",
	[GOAL_MET] = "met",                 [GOAL_MISSED] = "missed",
};

bool goal_is_met(const struct goal *goal, int64_t result)
{
	return goal->is_most ? result <= goal->value : result >= goal->value;
}

/* The part of the way that is behind is at least the part of the time that is. */
static bool keeps_pace(const struct goal *goal, int64_t result, int32_t today)
{
	double way = (double)goal->value - (double)goal->start, gone = (double)result - (double)goal->start;
	double days = (double)goal->due - goal->first + 1, passed = (double)today - goal->first;

	if (goal->due == INT32_MAX || way == 0 || (way > 0) == goal->is_most)
		return false;
	return gone / way * days >= passed;
}

enum goal_verdict goal_judge(const struct goal *goal, bool has_result, int64_t result, int32_t today)
{
	if (today < goal->first)
		return GOAL_NOT_STARTED;
	if (!has_result)
		return GOAL_TOO_EARLY;
	if (goal_is_met(goal, result))
		return GOAL_MET;
	if (today > goal->due)
		return GOAL_MISSED;
	return keeps_pace(goal, result, today) ? GOAL_ON_TRACK : GOAL_TOO_EARLY;
}
