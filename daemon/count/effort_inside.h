/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of effort.c, effort_take.c and effort_warn.c. */
#ifndef COUNT_EFFORT_INSIDE_H
#define COUNT_EFFORT_INSIDE_H

#include "count/effort.h"

#define BIT(warning) (1u << (warning))

/* "<area>/<task>" of a group, for measures that are made of cells. */
struct task_list {
	char **names; /* owned, each owned */
	size_t n;
};

/* Takes measures over all scopes of an effort. */
struct taking {
	const struct effort *effort;
	struct task_list tasks[EFFORT_SCOPES_MAX]; /* by scope */
};

int taking_init(struct taking *, const struct effort *, const struct effort_known *);
void taking_done(struct taking *);

/* Parts and wholes add up, since no contact is in two scopes; picture NULL: no value. */
struct measured taking_take(const struct taking *, enum measure, const char *channel, const struct picture *,
			    const struct picture *baseline);
/* The effort's own measure, of its channel where it is one that has channels. */
struct measured taking_own(const struct taking *, const struct picture *, const struct picture *baseline);

static inline int32_t days_length(const struct effort_days *days)
{
	return days->end - days->first;
}

/* Neither only planned, postponed nor dropped. */
bool effort_is_under_way(const struct effort *);
/* Adds the warnings that the numbers found so far and the other efforts give. */
void effort_warn(const struct effort *, const struct effort_view *, struct effort_effect *);

#endif
