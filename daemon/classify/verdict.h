/* SPDX-License-Identifier: MPL-2.0 */
/* Whether what a plugin wrote is an answer at all. Pure; any thread. What a faulty verdict leads to (a
 * counted fault, the event is unclassified) is the caller's. */
#ifndef CLASSIFY_VERDICT_H
#define CLASSIFY_VERDICT_H

#include <effort/plugin.h>

enum verdict_fault {
	VERDICT_FINE,
	VERDICT_UNANSWERED, /* the plugin left it as it was */
	VERDICT_ANSWER,     /* an answer no enum effort_answer names */
	VERDICT_CLASS,      /* a class the area never declared */
	VERDICT_REASON,     /* a reason the plugin never declared */
	VERDICT_RESERVED,   /* reserved words that are not zero */
	VERDICT_FAULTS
};

/* classes: number of classes of the area, "-" included. reasons: number declared; they are numbered from 1.
 */
enum verdict_fault verdict_check(const struct effort_verdict *, uint32_t classes, uint32_t reasons);

/* What a plugin did wrong, to follow its name: "left a verdict unwritten". "" for VERDICT_FINE. */
const char *verdict_fault_text(enum verdict_fault);

#endif
