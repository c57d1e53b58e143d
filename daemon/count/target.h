/* SPDX-License-Identifier: MPL-2.0 */
/* How a target stands: actual against value, what is missing in contacts, and a verdict. Pure; exact. Nothing is
 * claimed that is not known: without contacts, baseline or whole days there is no actual, and the reason is told. */
#ifndef COUNT_TARGET_H
#define COUNT_TARGET_H

#include "count/measure.h"
#include "domain/target.h"

enum target_verdict {
	TARGET_VERDICT_NOT_STARTED, /* not in force yet */
	TARGET_VERDICT_TOO_EARLY,   /* nothing, or too little, to judge by: see the reason */
	TARGET_VERDICT_ON_TRACK,    /* not reached, and due lies ahead; a volume: within the year's pace */
	TARGET_VERDICT_MET,	    /* on the exact ratio */
	TARGET_VERDICT_MISSED,	    /* not reached, and due has passed or there is none */
	TARGET_VERDICTS
};
extern const char *const target_verdict_name[TARGET_VERDICTS];

/* What is measured: the scope, but for tasks where attendance in person is intended: they stand under no target. */
struct target_subject {
	struct measure_scope scope;
	const char *const *apart; /* "<area>/<task>" within the scope */
	size_t apart_len;
};

/* Pictures of the days of target_days(); NULL where it names none. is_whole: of both. */
struct target_material {
	const struct picture *now, *baseline;
	bool is_whole;
};

#define TARGET_NONE INT64_MIN

struct target_state {
	enum target_verdict verdict;
	enum target_reason reason;
	int64_t value;		  /* in force in the period: hundredths of a percent, or contacts */
	struct measured measured; /* has_value false: no actual, no gap, nothing to move */
	bool is_met;
	int64_t actual; /* likewise hundredths or contacts */
	int64_t gap;	/* negative: missing */
	int64_t move;	/* contacts that must change (channel, outcome, or stay away) */
	int64_t add;	/* contacts that must be added when nothing else changes; TARGET_NONE: none would do, or it
			   means nothing here */
	int64_t pace;	/* a volume: what would be on the way to the value today; else TARGET_NONE */
	int64_t before; /* the baseline's actual, for measures that are no reductions; else TARGET_NONE */
};

void target_judge(const struct target_def *, const struct target_days *, int32_t today, const struct target_subject *,
		  const struct target_material *, struct target_state *ret);

/* The measure of a subject, its apart tasks taken off. */
struct measured target_measure(enum measure, const struct target_subject *, const struct picture *,
			       const struct picture *baseline);

#endif
