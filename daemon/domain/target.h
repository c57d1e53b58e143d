/* SPDX-License-Identifier: MPL-2.0 */
/* Targets as configured, and which days they are measured on. A target is a measure of a scope that must reach a
 * value, from a date on. Values may change by date: a period keeps the value it began with. Plain data and pure
 * functions; today comes as an argument. */
#ifndef DOMAIN_TARGET_H
#define DOMAIN_TARGET_H

#include "base/error.h"
#include "domain/measure.h"
#include "domain/period.h"

#include <stdbool.h>
#include <stdint.h>

#define TARGETS_MAX	 256
#define TARGET_STEPS_MAX 64
#define TARGET_LEAST_N	 30 /* contacts below which a share says too little */

enum comparator { COMPARATOR_LEAST, COMPARATOR_MOST, COMPARATORS };
extern const char *const comparator_sign[COMPARATORS]; /* ">=", "<=" */

/* From this day on; hundredths of a percent, or contacts for a volume. */
struct target_step {
	int32_t from;
	int64_t value;
};

enum target_against { AGAINST_NOTHING, AGAINST_DAYS, AGAINST_NUMBER };

/* What there was before. Days: a period or a range; a number: contacts in one window. */
struct target_baseline {
	enum target_against kind;
	int32_t first, end;
	int64_t number;
	const char *text; /* as written: "year:2012", "2011-09-05..2011-09-25", "12000" */
};

struct target_def {
	const char *id, *name_da, *name_en;
	enum measure measure;
	const char *scope;	  /* "all", "school", "group:target", "school/school-enrolment" */
	const char *channel;	  /* or NULL */
	const char *municipality; /* four digits; NULL: all of them, and the country */
	enum comparator comparator;
	const struct target_step *steps; /* by date; [0].from is INT32_MIN */
	size_t steps_len;
	int32_t from, end; /* in force from <= day < end; end INT32_MAX: no end */
	int32_t due;	   /* the last day it may be missed on; INT32_MAX: none */
	struct target_baseline baseline;
	enum window window; /* of what is measured */
	int64_t least_n;
	struct place place;
};

/* The value in force on a day. */
int64_t target_value(const struct target_step *, size_t n, int32_t day);
/* First day after `day` on which another value is in force; INT32_MAX: none. */
int32_t target_next_change(const struct target_step *, size_t n, int32_t day);

enum target_reason {
	TARGET_FINE,	    /* nothing stands in the way of a number */
	TARGET_NOT_STARTED, /* from lies ahead, or a new definition begins at midnight */
	TARGET_NO_BASELINE, /* a reduction without one */
	TARGET_NO_PERIOD,   /* a reduction: no later period of that kind is over yet */
	TARGET_NO_CONTACTS, /* nothing to divide by */
	TARGET_DAYS_GONE,   /* days of the range are older than what is kept as days */
	TARGET_FEW,	    /* fewer contacts than least_n */
	TARGET_REASONS
};
extern const char *const target_reason_name[TARGET_REASONS]; /* "", "not_started", "no_baseline", ... */

/* Days to be read. first >= end: none. */
struct target_days {
	enum target_reason reason;
	int32_t first, end;		    /* what is measured */
	int32_t baseline_first, baseline_end;
	bool is_over; /* the period measured has ended: its numbers are final but for late events */
};

/* since: the day the present definition is in force from (INT32_MIN: always was). Shares and volumes are taken of
 * the window that runs today, from `from` on. Reductions compare with the same dates as the baseline's, in the
 * latest year in which they are over: what is half a year old is no fall of a half. */
struct target_days target_days(const struct target_def *, int32_t since, int32_t today);

#endif
