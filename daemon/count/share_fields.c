/* SPDX-License-Identifier: MPL-2.0 */
/* See share_fields.h. */
#include "count/share_fields.h"

#include "domain/share.h"

#include <stdio.h>
#include <string.h>

#define SCOPE_MAX 128

const char *const share_ratio_name[SHARE_RATIOS] = { "share", "share_incl_assisted", "share_digital" };

struct each {
	const struct picture *picture;
	enum share_fields which;
	int64_t target_bp;
	void (*on_field)(void *ctx, const char *name, bool is_percent, int64_t value);
	void *ctx;
	const char *scope;
};

static void put(struct each *e, const char *name, bool is_percent, int64_t value)
{
	char field[SCOPE_MAX + 32];

	snprintf(field, sizeof(field), "%s.%s", e->scope, name);
	e->on_field(e->ctx, field, is_percent, value);
}

static int64_t sum(const struct each *e, enum sum s)
{
	return picture_sum(e->picture, e->scope, sum_name[s]);
}

bool share_fields_ratio(const struct picture *picture, const char *scope, enum share_ratio ratio, int64_t target_bp,
			int64_t *ret_bp)
{
	int64_t n = picture_sum(picture, scope, sum_name[SUM_N]);
	int64_t part = picture_sum(picture, scope, sum_name[ratio == SHARE_DIGITAL ? SUM_DIGITAL : SUM_SELF]);

	if (n <= 0)
		return false;
	if (ratio == SHARE_INCL_ASSISTED)
		part += picture_sum(picture, scope, sum_name[SUM_ASSISTED]);
	*ret_bp = share_basis_points(part, n, target_bp);
	return true;
}

static void put_target(struct each *e)
{
	int64_t n = sum(e, SUM_TARGET_N), self = sum(e, SUM_TARGET_SELF);

	if (e->target_bp < 0)
		return;
	put(e, "target", true, e->target_bp);
	if (n <= 0)
		return;
	put(e, "gap_pp", true, share_basis_points(self, n, e->target_bp) - e->target_bp);
	put(e, "move", false, share_move(self, n, e->target_bp));
	put(e, "met", false, share_is_met(self, n, e->target_bp));
}

static int put_scope(void *ctx, struct effort_str field, int64_t amount)
{
	struct each *e = ctx;
	size_t tail = sizeof(".contacts") - 1;
	char scope[SCOPE_MAX];
	int sums = e->which == SHARE_FIELDS_TASKS ? SUM_CHANNEL : SUMS;
	int64_t bp;

	(void)amount;
	if (field.len <= tail || field.len - tail >= sizeof(scope) ||
	    memcmp(field.ptr + field.len - tail, ".contacts", tail) != 0)
		return 0;
	snprintf(scope, sizeof(scope), "%.*s", (int)(field.len - tail), field.ptr);
	if ((strchr(scope, '/') != NULL) != (e->which == SHARE_FIELDS_TASKS))
		return 0;
	e->scope = scope;
	for (int s = 0; s < sums; s++)
		put(e, sum_name[s], false, sum(e, (enum sum)s));
	for (int r = 0; r < SHARE_RATIOS; r++)
		if (share_fields_ratio(e->picture, scope, (enum share_ratio)r, e->target_bp, &bp))
			put(e, share_ratio_name[r], true, bp);
	put_target(e);
	return 0;
}

int share_fields_each(const struct picture *picture, enum share_fields which, int64_t target_bp,
		      void (*on_field)(void *ctx, const char *name, bool is_percent, int64_t value), void *ctx)
{
	struct each e = { picture, which, target_bp, on_field, ctx, NULL };

	return picture_each(picture, "", put_scope, &e);
}
