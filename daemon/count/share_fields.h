/* SPDX-License-Identifier: MPL-2.0 */
/* The fields that a share hash or a tasks hash has for each of its scopes, made of a picture: what the Redis functions
 * keep for the periods of the calendar, this makes for any other days, by the same rules. Pure. */
#ifndef COUNT_SHARE_FIELDS_H
#define COUNT_SHARE_FIELDS_H

#include "count/picture.h"

enum share_fields {
	SHARE_FIELDS_SCOPES, /* all, areas, groups */
	SHARE_FIELDS_TASKS   /* <area>/<task>; without channels */
};

/* Calls on_field(ctx, "school.n", is_percent, value) for all fields of all scopes, percentages in hundredths; scopes in
 * the order of their names, fields in a fixed order. target_bp < 0: no target. 0 or -ENOMEM. */
int share_fields_each(const struct picture *, enum share_fields, int64_t target_bp,
		      void (*on_field)(void *ctx, const char *name, bool is_percent, int64_t value), void *ctx);

enum share_ratio { SHARE_STRICT, SHARE_INCL_ASSISTED, SHARE_DIGITAL, SHARE_RATIOS };
extern const char *const share_ratio_name[SHARE_RATIOS]; /* "share", "share_incl_assisted", "share_digital" */

/* A share of one scope in hundredths of a percent. False: nothing to divide by. */
bool share_fields_ratio(const struct picture *, const char *scope, enum share_ratio, int64_t target_bp, int64_t *ret_bp);

#endif
