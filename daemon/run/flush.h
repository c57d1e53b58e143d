/* SPDX-License-Identifier: MPL-2.0 */
/* When what was counted goes to Redis: at once when idle; while a batch is in flight new counts merge; under
 * load batches keep a distance of at least flush_interval (share_interval when they are large) and of three
 * times what the last one took, so that Redis has three quarters of its time for others, and of 5 s at most.
 * When nothing has come in for FLUSH_QUIET_MS the load is over and the rest goes at once. Loop's thread. */
#ifndef RUN_FLUSH_H
#define RUN_FLUSH_H

#include "run/ledger.h"
#include "store/store.h"

#define FLUSH_LARGE           256 /* cells; a larger batch keeps share_interval */
#define FLUSH_DISTANCE_MAX_MS 5000
#define FLUSH_QUIET_MS        100

struct flush {
	struct event *timer;   /* owned */
	struct ledger *ledger; /* borrowed */
	struct store *store;   /* borrowed */
	int64_t flush_interval_ms, share_interval_ms;
	int64_t sent_at_ms, next_ms, counted_at_ms; /* monotonic */
	int64_t frozen_oldest_ms;                   /* arrival of the oldest count in flight; 0: none */
};

/* 0 or -ENOMEM. */
int flush_init(struct flush *, struct event_base *, struct ledger *, struct store *);
void flush_done(struct flush *);

/* Something was counted. */
void flush_counted(struct flush *);
/* Something may have changed (Redis is ready again): sends now if it may, else later by its timer. */
void flush_poke(struct flush *);
/* The batch is in Redis. */
void flush_settled(struct flush *);

/* Age of the oldest count that is not in Redis. */
int64_t flush_lag_ms(const struct flush *, int64_t now_ms);

#endif
