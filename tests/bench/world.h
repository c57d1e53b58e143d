/* SPDX-License-Identifier: MPL-2.0 */
/* What the benchmarks without sockets and Redis stand on: lines of a file in memory, and a daemon's core with
 * snapshot, accounts and dead letters in a new state folder under TMPDIR, which goes with it. Any fault ends
 * the program. */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include "run/receive.h"
#include "run/worker.h"

#define WORLD_CHUNK (256 * 1024) /* what one read brings */

struct world_lines {
	char *bytes; /* owned; DECODE_PADDING more are readable */
	size_t len;
};

struct world_lines world_read(const char *path);
/* Calls back with pieces of whole lines, as a read would bring them. */
void world_in_chunks(const struct world_lines *, void (*take)(void *ctx, const char *lines, size_t len),
		     void *ctx);

/* "key=value" as a setting for every world_open(); the text must stay. */
void world_set(char *setting);

struct world {
	struct event_base *base;
	struct worker_thread *commits, *keeper;
	struct snapshot *snapshot;
	struct core core;
	struct accounts accounts;
	struct deadletters *deadletters;
	char dir[256];
};

struct world *world_open(void);
/* One turn of the loop: what has been counted goes to the disk, as far as it may. */
void world_turn(struct world *);
/* Until everything counted is on disk. */
void world_wait_durable(struct world *);
void world_close(struct world *);

/* CPU time of this thread: what else runs on the machine counts only as far as it takes caches. */
int64_t world_cpu_ns(void);

_Noreturn void world_die(const char *why);

#endif
