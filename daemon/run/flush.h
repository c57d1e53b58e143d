/* SPDX-License-Identifier: MPL-2.0 */
/* When what was counted goes to Redis: at once when idle; while a batch is in flight new counts merge; under
 * load batches keep a distance of at least flush_interval (share_interval when they are large), and take an
 * eighth of Redis' time: a batch waits until that has come together for it since the last one, but for a burst,
 * and 5 s at most.
 * When nothing has come in for FLUSH_QUIET_MS the load is over and the rest goes at once.
 *
 * A batch is frozen with a mark in the journal and goes to Redis when the mark is durable, never before.
 * Loop's thread. */
#ifndef RUN_FLUSH_H
#define RUN_FLUSH_H

#include "run/ledger.h"
#include "store/store.h"

#define FLUSH_LARGE           256 /* cells; a larger batch keeps share_interval */
#define FLUSH_SHARE           8   /* Redis' time is shared with so many */
#define FLUSH_BURST_MS        200 /* of waiting that a batch is spared */
#define FLUSH_CELL_US         20  /* of Redis' time for a changed cell: bench_redis_apply */
#define FLUSH_DISTANCE_MAX_MS 5000
#define FLUSH_QUIET_MS        100

/* Makes a MARK_FREEZE behind everything counted. */
struct flush_marker {
	void *ctx;
	/* 0, the mark's position and the journal's block it is in; or a negative errno: nothing was frozen. */
	int (*freeze)(void *ctx, uint64_t *ret_position, uint64_t *ret_block);
};

struct flush {
	struct event *timer;   /* owned */
	struct ledger *ledger; /* borrowed */
	struct store *store;   /* borrowed */
	struct flush_marker marker;
	int64_t flush_interval_ms, share_interval_ms;
	int64_t sent_at_ms, next_ms, counted_at_ms; /* monotonic */
	int64_t paid_ms; /* monotonic: until then others have had their share of Redis for what was sent */
	int64_t frozen_oldest_ms;                   /* arrival of the oldest count in flight; 0: none */
	uint64_t position;                          /* of the frozen batch, or the last one */
	uint64_t block;                             /* that has to be durable before it goes */
	uint64_t durable;                           /* block that is */
};

/* 0 or -ENOMEM. */
int flush_init(struct flush *, struct event_base *, struct ledger *, struct store *,
	       const struct flush_marker *);
void flush_done(struct flush *);

/* The ledger holds a batch frozen by an earlier run, with this position: it is sent as it was. */
void flush_resume(struct flush *, uint64_t position);

/* Something was counted. */
void flush_counted(struct flush *);
/* Something may have changed (Redis is ready again): sends now if it may, else later by its timer. */
void flush_poke(struct flush *);
/* Freezes now, also when nothing waits; nothing may be frozen. False: no memory. */
bool flush_freeze(struct flush *);
/* The journal is durable up to this block. */
void flush_durable(struct flush *, uint64_t block);
/* The batch is in Redis. */
void flush_settled(struct flush *);
/* The frozen batch is no more (its counts wait again). */
void flush_forget(struct flush *);

/* Age of the oldest count that is not in Redis. */
int64_t flush_lag_ms(const struct flush *, int64_t now_ms);

#endif
