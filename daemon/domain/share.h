/* SPDX-License-Identifier: MPL-2.0 */
/* Who enters the share: the one place that decides what a contact adds to the sums of a scope.
 *
 * Source of the rule: KL's published series is the share of all transactions (ansøgninger og anmeldelser)
 * that came by self-service (De effektive kommuner, 2014); the Agency for Digital Government counts likewise.
 * Help towards self-service is kept apart, so that the strict and the wide share can be shown side by side.
 * Pure. */
#ifndef DOMAIN_SHARE_H
#define DOMAIN_SHARE_H

#include <effort/plugin.h>

/* The sums kept for every scope; the names are the Redis fields `<scope>.<name>` (contract, section 4). */
enum sum {
	SUM_CONTACTS,
	SUM_INFORMATION,
	SUM_CASE,
	SUM_UNKNOWN,
	SUM_N,
	SUM_SELF,
	SUM_ASSISTED,
	SUM_DIGITAL,
	SUM_EXEMPT,
	SUM_TARGET_N,
	SUM_TARGET_SELF,
	SUM_MOVABLE,
	SUM_CHANNEL, /* n by channel of receipt: SUM_CHANNEL + enum effort_channel */
	SUMS = SUM_CHANNEL + EFFORT_CHANNELS
};

/* "contacts", ..., "ch.phone". */
extern const char *const sum_name[SUMS];

/* What the rule looks at: the event's closed fields and the standing of its task on that day. */
struct contact {
	uint8_t channel, kind, direction, population, assisted, outcome;
	bool is_exempt;
	bool is_ignored;
	bool is_municipal; /* the task is municipal on that day (unknown tasks are) */
	bool is_target;    /* the task stands under the main target on that day */
	bool is_apart;     /* of a second measurement of the same thing: in no share */
};

/* Which family of cells a contact is counted in. */
enum family { FAMILY_N, FAMILY_OUT, FAMILY_INTERNAL, FAMILY_IGNORED, FAMILY_APART };

enum family contact_family(const struct contact *);

/* Bit s set: the contact adds its count to sum s. 0 for all families but FAMILY_N. */
uint32_t contact_sums(const struct contact *);

/* A share in hundredths of a percent, rounded half up, except that a rounded share never reaches a target
 * that the exact ratio misses. n > 0; target_bp < 0: no target. */
int64_t share_basis_points(int64_t part, int64_t n, int64_t target_bp);
bool share_is_met(int64_t part, int64_t n, int64_t target_bp);
/* Contacts that must change channel: max(0, ceil(T*n - part)). */
int64_t share_move(int64_t part, int64_t n, int64_t target_bp);

#endif
