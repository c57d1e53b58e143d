/* SPDX-License-Identifier: MPL-2.0 */
/* What operations staff tail the log for: the heartbeat with the country's share, areas that fall below or
 * reach the target, the closing of a day, sources that fall silent. Reads the shares from Redis, where every
 * writer's counts are added up; a heartbeat does not wait for a Redis that hangs: what is not known
 * is "-".
 *
 * An area is told about when at least WATCH_MIN_N contacts stand under the target and its state has held for
 * WATCH_HOLD_MS, once for each change. Loop's thread. */
#ifndef RUN_WATCH_H
#define RUN_WATCH_H

#include "run/accounts.h"
#include "run/core.h"
#include "run/snapshot.h"

#define WATCH_MIN_N    30
#define WATCH_HOLD_MS  (5 * 60 * 1000)
#define WATCH_EVERY_MS 30000

struct watch;

/* What the watch looks at; all borrowed, the snapshot is replaced by watch_set_snapshot. */
struct watch_context {
	const struct snapshot *snapshot;
	struct core *core;
	struct accounts *accounts;
	struct receiver *receiver;
	const struct net *net;
	struct silence_book *silences;
};

struct watch *watch_new(const struct watch_context *, int64_t now_ms); /* NULL: no memory */
void watch_free(struct watch *);
void watch_set_snapshot(struct watch *, const struct snapshot *);

/* Called several times a second. */
void watch_tick(struct watch *, int64_t now_ms);

#endif
