/* SPDX-License-Identifier: MPL-2.0 */
/* See verdict.h. Owns the rules of a valid verdict and the words for a broken one. */
#include "classify/verdict.h"

enum verdict_fault verdict_check(const struct effort_verdict *verdict, uint32_t classes, uint32_t reasons)
{
	if (verdict->answer == EFFORT_UNANSWERED)
		return VERDICT_UNANSWERED;
	if ((verdict->reserved[0] | verdict->reserved[1]) != 0)
		return VERDICT_RESERVED;
	switch (verdict->answer) {
	case EFFORT_COUNT:
	case EFFORT_IGNORE:
		return verdict->class_id < classes ? VERDICT_FINE : VERDICT_CLASS;
	case EFFORT_REJECT:
		return verdict->reason >= 1 && verdict->reason <= reasons ? VERDICT_FINE : VERDICT_REASON;
	case EFFORT_NOT_MINE:
		return VERDICT_FINE;
	default:
		return VERDICT_ANSWER;
	}
}

const char *verdict_fault_text(enum verdict_fault fault)
{
	static const char *const text[VERDICT_FAULTS] = {
		[VERDICT_FINE] = "",
		[VERDICT_UNANSWERED] = "left a verdict unwritten",
		[VERDICT_ANSWER] = "gave an answer that does not exist",
		[VERDICT_CLASS] = "named a class that was never declared",
		[VERDICT_REASON] = "rejected for a reason that was never declared",
		[VERDICT_RESERVED] = "wrote into the reserved words of a verdict",
	};

	return text[fault];
}
