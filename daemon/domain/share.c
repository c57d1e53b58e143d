/* SPDX-License-Identifier: MPL-2.0 */
/* See share.h. */
#include "domain/share.h"

const char *const sum_name[SUMS] = {
	"contacts",    "information", "case",           "unknown",        "n",
	"self",        "assisted",    "digital",        "exempt",         "target_n",
	"target_self", "movable",     "ch.selfservice", "ch.digitalpost", "ch.email",
	"ch.letter",   "ch.phone",    "ch.counter",     "ch.video",       "ch.sms",
	"ch.chat",     "ch.social",   "ch.web",         "ch.system",      "ch.other",
};

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

static bool is_in_n(const struct contact *c)
{
	return c->kind == EFFORT_TRANSACTION && c->channel != EFFORT_WEB && c->channel != EFFORT_SYSTEM &&
	       (c->outcome == EFFORT_COMPLETED || c->outcome == EFFORT_FORWARDED) && c->is_municipal;
}

#define BIT(sum) (UINT32_C(1) << (sum))

static uint32_t n_sums(const struct contact *c)
{
	bool is_selfservice = c->channel == EFFORT_SELFSERVICE;
	bool is_self = is_selfservice && c->assisted == EFFORT_UNASSISTED;
	uint32_t sums = BIT(SUM_N) | BIT(SUM_CHANNEL + c->channel);

	if (is_self)
		sums |= BIT(SUM_SELF);
	else if (is_selfservice)
		sums |= BIT(SUM_ASSISTED);
	if (is_selfservice || c->channel == EFFORT_DIGITALPOST)
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

	if (contact_family(c) != FAMILY_N)
		return 0;
	return BIT(SUM_CONTACTS) | by_kind[c->kind] | (is_in_n(c) ? n_sums(c) : 0);
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
