/* SPDX-License-Identifier: MPL-2.0 */
/* See share.h. */
#include "domain/share.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sum_name[SUMS] = {
	"contacts",    "information", "case",           "unknown",        "n",
	"self",        "assisted",    "digital",        "exempt",         "target_n",
	"target_self", "movable",     "ch.selfservice", "ch.digitalpost", "ch.email",
	"ch.letter",   "ch.phone",    "ch.counter",     "ch.video",       "ch.sms",
	"ch.chat",     "ch.social",   "ch.web",         "ch.system",      "ch.other",
};

#define ALL_CHANNELS ((UINT32_C(1) << EFFORT_CHANNELS) - 1)
#define BIT(sum)     (UINT32_C(1) << (sum))

const struct share_rule share_kl_2014 = {
	.channels = ALL_CHANNELS & ~(BIT(EFFORT_WEB) | BIT(EFFORT_SYSTEM)),
	.self = BIT(EFFORT_SELFSERVICE),
	.digital = BIT(EFFORT_SELFSERVICE) | BIT(EFFORT_DIGITALPOST),
	.kinds = BIT(EFFORT_TRANSACTION),
	.outcomes = BIT(EFFORT_COMPLETED) | BIT(EFFORT_FORWARDED),
	.populations = BIT(EFFORT_CITIZEN) | BIT(EFFORT_BUSINESS),
};

/* From the most significant bits down: channels, self, digital, kinds, outcomes, populations, exempt. */
static uint64_t pack(const struct share_rule *r)
{
	uint64_t bits = r->channels;

	bits = bits << EFFORT_CHANNELS | r->self;
	bits = bits << EFFORT_CHANNELS | r->digital;
	bits = bits << EFFORT_KINDS | r->kinds;
	bits = bits << EFFORT_OUTCOMES | r->outcomes;
	return (bits << 2 | r->populations) << 1 | r->is_exempt_out;
}

_Static_assert(3 * EFFORT_CHANNELS + EFFORT_KINDS + EFFORT_OUTCOMES + 3 <= 60, "a rule is fifteen hexadecimal digits");

bool share_rule_is_same(const struct share_rule *a, const struct share_rule *b)
{
	return pack(a) == pack(b);
}

void share_rule_print(const struct share_rule *rule, char *buf)
{
	snprintf(buf, SHARE_RULE_WORD, SHARE_RULE_PREFIX "%015" PRIx64, pack(rule));
}

static uint32_t take(uint64_t *bits, int n)
{
	uint32_t some = (uint32_t)(*bits & ((UINT64_C(1) << n) - 1));

	*bits >>= n;
	return some;
}

bool share_rule_parse(const char *word, struct share_rule *ret)
{
	size_t prefix = strlen(SHARE_RULE_PREFIX);
	uint64_t bits;

	if (strncmp(word, SHARE_RULE_PREFIX, prefix) != 0 || strlen(word + prefix) != 15 ||
	    strspn(word + prefix, "0123456789abcdef") != 15)
		return false;
	bits = strtoull(word + prefix, NULL, 16);
	ret->is_exempt_out = take(&bits, 1);
	ret->populations = (uint8_t)take(&bits, 2);
	ret->outcomes = (uint8_t)take(&bits, EFFORT_OUTCOMES);
	ret->kinds = (uint8_t)take(&bits, EFFORT_KINDS);
	ret->digital = (uint16_t)take(&bits, EFFORT_CHANNELS);
	ret->self = (uint16_t)take(&bits, EFFORT_CHANNELS);
	ret->channels = (uint16_t)take(&bits, EFFORT_CHANNELS);
	return bits == 0;
}

_Static_assert(SUMS <= 32, "sums are a bit mask of 32");

enum family contact_family(const struct contact *c)
{
	if (c->is_apart)
		return FAMILY_APART;
	if (c->is_ignored)
		return FAMILY_IGNORED;
	if (c->direction == EFFORT_OUT)
		return FAMILY_OUT;
	if (c->population == EFFORT_AUTHORITY || c->population == EFFORT_INTERNAL)
		return FAMILY_INTERNAL;
	return FAMILY_N;
}

static bool is_in_n(const struct share_rule *rule, const struct contact *c)
{
	return (rule->kinds >> c->kind & rule->channels >> c->channel & rule->outcomes >> c->outcome &
		rule->populations >> c->population & 1) != 0 &&
	       c->is_municipal && !(rule->is_exempt_out && c->is_exempt);
}

static uint32_t n_sums(const struct share_rule *rule, const struct contact *c)
{
	bool is_selfservice = rule->self >> c->channel & 1;
	bool is_self = is_selfservice && c->assisted == EFFORT_UNASSISTED;
	uint32_t sums = BIT(SUM_N) | BIT(SUM_CHANNEL + c->channel);

	if (is_self)
		sums |= BIT(SUM_SELF);
	else if (is_selfservice)
		sums |= BIT(SUM_ASSISTED);
	if (rule->digital >> c->channel & 1)
		sums |= BIT(SUM_DIGITAL);
	if (c->is_exempt)
		sums |= BIT(SUM_EXEMPT);
	if (!c->is_target)
		return sums;
	sums |= BIT(SUM_TARGET_N);
	if (is_self)
		sums |= BIT(SUM_TARGET_SELF);
	if (!is_selfservice && !c->is_exempt)
		sums |= BIT(SUM_MOVABLE);
	return sums;
}

uint32_t contact_sums(const struct contact *c)
{
	static const uint32_t by_kind[EFFORT_KINDS] = { 0, BIT(SUM_INFORMATION), BIT(SUM_CASE),
							BIT(SUM_UNKNOWN) };

	const struct share_rule *rule = c->rule == NULL ? &share_kl_2014 : c->rule;

	if (contact_family(c) != FAMILY_N)
		return 0;
	return BIT(SUM_CONTACTS) | by_kind[c->kind] | (is_in_n(rule, c) ? n_sums(rule, c) : 0);
}

bool share_is_met(int64_t part, int64_t n, int64_t target_bp)
{
	return part * 10000 >= target_bp * n;
}

int64_t share_basis_points(int64_t part, int64_t n, int64_t target_bp)
{
	int64_t bp = (part * 20000 + n) / (2 * n);

	if (target_bp >= 0 && bp >= target_bp && !share_is_met(part, n, target_bp))
		bp = target_bp - 1;
	return bp;
}

int64_t share_move(int64_t part, int64_t n, int64_t target_bp)
{
	int64_t missing = target_bp * n - part * 10000;

	return missing <= 0 ? 0 : (missing + 9999) / 10000;
}
