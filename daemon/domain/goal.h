/* SPDX-License-Identifier: MPL-2.0 */
/* Verdicts on goals (contract, section 5): one vocabulary for targets, efforts and the goals an effort counts
 * by hand. Met is decided on exact numbers, before any rounding. A missing result is never a missed goal, and
 * before its date a goal is never missed. Pure. */
#ifndef DOMAIN_GOAL_H
#define DOMAIN_GOAL_H

#include <stdbool.h>
#include <stdint.h>

enum goal_verdict {
	GOAL_NOT_STARTED, /* its first day has not come */
	GOAL_TOO_EARLY,   /* not there, but the date has not passed: or nothing has been measured */
	GOAL_ON_TRACK,    /* not there, but at least as far as the time that has passed */
	GOAL_MET,
	GOAL_MISSED, /* measured, not there, and the date has passed */
	GOAL_VERDICTS
};

/* "not_started" "too_early" "on_track" "met" "missed" */
extern const char *const goal_verdict_name[GOAL_VERDICTS];

/* first: the goal's first day; due: its last, INT32_MAX: none. start: where the way to the goal begins (the
 * baseline; 0 for what is counted up). All numbers in one unit. */
struct goal {
	int32_t first, due;
	int64_t start, value;
	bool is_most; /* <= : not more than value; else >= */
};

bool goal_is_met(const struct goal *, int64_t result);
/* has_result false: nothing measured, result is not looked at. */
enum goal_verdict goal_judge(const struct goal *, bool has_result, int64_t result, int32_t today);

#endif
