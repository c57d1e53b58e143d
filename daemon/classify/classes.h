/* SPDX-License-Identifier: MPL-2.0 */
/* The classes and reasons of one area: those of its file, then those its plugin declares in open(). Pure.
 * Owns all text it is given. Ids are the order of declaring; class 0 is "-", reasons are numbered from 1. */
#ifndef CLASSIFY_CLASSES_H
#define CLASSIFY_CLASSES_H

#include "classify/classify.h"

#define CLASSES_MAX 1024 /* classes of one area, "-" and the tasks of its file included */
#define REASONS_MAX 64   /* reasons of one area */

struct classes {
	struct class_info *list; /* owned, with its text */
	size_t len, cap;
	char **reasons; /* owned, with their text */
	size_t reasons_len;
	const struct group_def *groups; /* borrowed */
	size_t groups_len;
};

/* With class 0 in it. -ENOMEM. */
int classes_init(struct classes *, uint16_t area, const struct group_def *groups, size_t groups_len);
void classes_done(struct classes *);

/* -EINVAL with a fault at the place (who: "task" or the plugin's file, for its text); -EEXIST: label taken;
 * -ENOSPC: too many; -ENOMEM. The label, dates, authorities and groups are checked. */
int classes_add(struct classes *, const struct effort_class *, struct place, const char *who, struct faults *,
		uint32_t *ret_id);
/* The same for a task of the area file; every failure is a fault. */
void classes_add_task(struct classes *, const struct area_task *, const char *area, struct faults *);

/* -ENOENT. */
int classes_find(const struct classes *, const char *label, uint32_t *ret_id);
/* -EINVAL: bad form; -EEXIST, -ENOSPC, -ENOMEM. */
int classes_add_reason(struct classes *, const char *label, uint16_t *ret_id);

#endif
