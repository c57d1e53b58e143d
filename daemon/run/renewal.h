/* SPDX-License-Identifier: MPL-2.0 */
/* Becoming a new writer, when somebody else counts under our name: a copy of this journal, or this one is an old one that
 * was put back. What Redis holds stays there under the old name; everything else is the new writer's from its first
 * segment on. Part of the core (core_inside.h). Loop's thread. */
#ifndef RUN_RENEWAL_H
#define RUN_RENEWAL_H

#include <stdbool.h>
#include <stdint.h>

struct core;

/* Takes note of what has been cut and is in no batch (is_waiting_too: or only waits) as read back: the other one may
 * have it too. Instead of what was noted before. 0 or -ENOMEM. */
int renewal_remember(struct core *, bool is_waiting_too);
/* All of it is known to be ours alone, or in Redis. */
void renewal_forget(struct core *);
/* Leaves the name. With nothing on its way to the disk; tried again with the next tick when memory is short. */
void renewal_leave_name(struct core *, int64_t now_ms);
/* Writes the new name down, once what it begins with is durable. */
void renewal_write_name(struct core *);

#endif
