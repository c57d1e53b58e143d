/* SPDX-License-Identifier: MPL-2.0 */
/* Who enters the share: the one place that decides what a contact adds to the sums of a scope. Who enters is data, a rule
 * that a municipality may replace from a day on; a contact is counted for ever under the rule of its day.
 *
 * Source of the shipped rule: KL's published series is the share of all transactions (ansøgninger og anmeldelser)
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

/* A definition of the share, as bits. */
struct share_rule {
	uint16_t channels;   /* bit c: what came by enum effort_channel c can enter */
	uint16_t self;       /* ... and without help is self-service: the numerator */
	uint16_t digital;    /* ... is digital */
	uint8_t kinds;       /* bit k: enum effort_kind */
	uint8_t outcomes;    /* bit o: enum effort_outcome */
	uint8_t populations; /* citizens, businesses */
	bool is_exempt_out;  /* who has a right to another channel is left out */
};

/* kl-2014: transactions of citizens and businesses by every channel but web and system, completed or forwarded, exempt
 * ones too. */
extern const struct share_rule share_kl_2014;
#define SHARE_SHIPPED "kl-2014"

bool share_rule_is_same(const struct share_rule *, const struct share_rule *);
/* A rule as a word, and back: how it is kept where contacts are kept, "_share:0123456789abcde". It begins as no name that
 * people give does. */
#define SHARE_RULE_WORD	  32
#define SHARE_RULE_PREFIX "_share:"
void share_rule_print(const struct share_rule *, char *buf);
bool share_rule_parse(const char *word, struct share_rule *ret);

/* What the rule looks at: the event's closed fields and the standing of its task on that day. */
struct contact {
	uint8_t channel, kind, direction, population, assisted, outcome;
	bool is_exempt;
	bool is_ignored;
	bool is_municipal; /* the task is municipal on that day (unknown tasks are) */
	bool is_target;    /* the task stands under the main target on that day */
	bool is_apart;     /* of a second measurement of the same thing: in no share */
	const struct share_rule *rule; /* of that day; NULL: the shipped one */
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
