/* SPDX-License-Identifier: MPL-2.0 */
/* The targets of a snapshot as they are in force, each with the tasks its scope is made of. Immutable; belongs to
 * the snapshot. */
#ifndef RUN_TARGET_SET_H
#define RUN_TARGET_SET_H

#include "classify/classify.h"
#include "count/target.h"
#include "run/target_book.h"
#include "store/store.h"

/* The tasks of a scope, as the areas know them today. Names are borrowed from the view, arrays owned. */
struct scope_tasks {
	const char **tasks; /* "<area>/<task>" */
	size_t tasks_len;
	const char **apart; /* of them: attendance in person is intended */
	size_t apart_len;
	uint32_t *classes; /* of `tasks`, in the same order */
};

struct snapshot;

/* -ENOENT: no such area, group or task; -ENOMEM. */
int scope_tasks_find(const struct snapshot *, const char *scope, struct scope_tasks *ret);
void scope_tasks_done(struct scope_tasks *);

struct target_entry {
	struct target_item item;
	struct scope_tasks tasks;
	struct target_subject subject; /* made of both */
	bool is_away; /* what it is made of is an area's that is disabled: it is not judged meanwhile */
};

struct target_set {
	struct target_entry *list; /* owned */
	size_t n;
	const struct target_entry *main;
};

/* Faults where a scope is not known or is a task under no target, unless that can be because an area is disabled. NULL after them. */
struct target_set *target_set_new(const struct snapshot *, const struct target_book *, int32_t today, struct faults *);
void target_set_free(struct target_set *);
/* They are in force now. */
void target_set_keep(const struct target_set *, struct target_book *);

#endif
