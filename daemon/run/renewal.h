/* SPDX-License-Identifier: MPL-2.0 */
/* Becoming a new writer, when somebody else counts under our name: a copy of this journal, or this one is an old one that
 * was put back. What Redis holds stays there under the old name; everything else is the new writer's from its first
 * segment on, but for what the other one has too. Part of the core (core_inside.h). Loop's thread.
 *
 * Who has what: each start is a run, named by a position nobody else draws. Before a run sends anything it writes itself
 * down in Redis behind the runs before it, and before each batch that one's position; it does so only upon a run that its
 * journal knows with all that it has sent (store/session.c). So of two journals that have parted the first to write counts
 * under the name, and has all that stands under it; no run of the other one ever sends anything more under it. The last run
 * both have is where they parted. What the other's journal has from there on is its alone: a run begins a segment, so it is
 * what the segments behind that run hold. All before is left to the one that counts under the name. Where the journal was
 * copied while it ran they have parted within that run, behind a block that the copy tells (run/parting.h).
 *
 * Where Redis has lost what was written down, what its hashes hold tells of the other one, and not where the journals have
 * parted: then they are taken to have parted at the last run that made a batch. What the one that leaves had brought there
 * since they parted is under the old name, which the other one repairs from totals that lack it: that is told.
 *
 * Whoever counts under the name first may be gone for good: what it had not sent is left to it all the same. */
#ifndef RUN_RENEWAL_H
#define RUN_RENEWAL_H

#include <stdint.h>

struct core;
struct young;

/* The totals files hold everything up to this segment. What may be needed of its young is kept. */
void renewal_folded(struct core *, uint64_t segment);
/* Something that was folded and that Redis may not have, with the number of a segment of the run that took it. Now the
 * core's. Joined with what there is of that run; without memory for that it stays by itself. */
void renewal_keep_apart(struct core *, struct young *);
/* A batch of this run has reached Redis: what is in none is ours. */
void renewal_forget(struct core *);
/* Leaves the name. With nothing on its way to the disk; tried again with the next tick when memory is short. */
void renewal_leave_name(struct core *, int64_t now_ms);
/* Writes the new name down, once what it begins with is durable. Where the disk refuses, that is told once and tried again. */
void renewal_write_name(struct core *);

#endif
