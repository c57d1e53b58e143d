/* SPDX-License-Identifier: MPL-2.0 */
/* Who enters the share of a picture, and who does not: all incoming contacts of citizens and businesses, step by step down
 * to the denominator and the numerator, for all and for each area. Every contact leaves at exactly one step, so that the
 * steps add up; areas add up to all. Pure. */
#ifndef COUNT_ENTRY_H
#define COUNT_ENTRY_H

#include "count/picture.h"
#include "domain/area.h"
#include "domain/share.h"

/* In the order in which they are asked. */
enum entry_step {
	ENTRY_CONTACTS,    /* everything incoming, of citizens and businesses */
	ENTRY_TRANSACTION, /* left out: applications and notifications, where a definition has other kinds */
	ENTRY_INFORMATION, /* left out: general information */
	ENTRY_CASE,        /* ... : information about a case */
	ENTRY_UNKNOWN,     /* ... : the kind is not known */
	ENTRY_WEB,         /* of the kinds that count, left out: visits of web pages */
	ENTRY_SYSTEM,      /* ... : system to system */
	ENTRY_CHANNEL,     /* ... : by other channels that the definition leaves out */
	ENTRY_MISDIRECTED, /* ... of the channels that count: outcomes that are no application */
	ENTRY_ABANDONED,
	ENTRY_REJECTED,
	ENTRY_NO_SHOW,
	ENTRY_OUTCOME,     /* ... : other outcomes that the definition leaves out */
	ENTRY_HANDED_OVER, /* ... of the rest: the task is not municipal on that day (Udbetaling Danmark, the state); with them
			      exempt citizens and populations that the definition leaves out */
	ENTRY_N,           /* what is left: the denominator */
	ENTRY_SELF,        /* of it: self-service without help, the numerator */
	ENTRY_ASSISTED,    /* of it: self-service with help */
	ENTRY_OTHER,       /* of it: every other channel */
	ENTRY_DIGITAL,     /* of n: self-service and Digital Post */
	ENTRY_EXEMPT,      /* of n: exempt citizens, who are in */
	ENTRY_FORWARDED,   /* of contacts: forwarded ones, which are in */
	ENTRY_BUSINESS,    /* of contacts: businesses, which are in */
	ENTRY_OUT,         /* beside: outgoing */
	ENTRY_INTERNAL,    /* beside: of authorities and within the municipality */
	ENTRY_IGNORED,     /* beside: what an area's plugin says is no contact */
	ENTRY_STEPS
};
extern const char *const entry_name[ENTRY_STEPS]; /* "contacts", "information", ... */

#define ENTRY_SCOPES_MAX (AREA_MAX + 4)

struct entry {
	struct {
		char name[AREA_NAME_MAX + 1]; /* [0] is "all" */
		int64_t steps[ENTRY_STEPS];
	} scopes[ENTRY_SCOPES_MAX];
	size_t n;
};

void entry_init(struct entry *);
/* Adds what a picture of days under one rule holds. Areas in the order of their names. */
void entry_add(struct entry *, const struct picture *, const struct share_rule *);
/* What leaves between contacts and n is what is missing in n; areas add up to all. False while what was read is not of
 * one moment. */
bool entry_adds_up(const struct entry *);

#endif
