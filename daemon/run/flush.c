/* SPDX-License-Identifier: MPL-2.0 */
/* See flush.h. */
#include "run/flush.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#define RETRY_MS 1000 /* after no memory for a batch */

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flush_poke(arg);
}

int flush_init(struct flush *flush, struct event_base *base, struct ledger *ledger, struct store *store,
	       const struct flush_marker *marker)
{
	*flush = (struct flush){ .ledger = ledger, .store = store, .marker = *marker };
	flush->timer = evtimer_new(base, on_timer, flush);
	return flush->timer == NULL ? -ENOMEM : 0;
}

void flush_done(struct flush *flush)
{
	if (flush->timer != NULL)
		event_free(flush->timer);
	flush->timer = NULL;
}

static void wait_ms(struct flush *flush, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (!evtimer_pending(flush->timer, NULL))
		evtimer_add(flush->timer, &tv);
}

struct building {
	struct store *store;
	int result;
};

static int on_group(void *ctx, const struct spread_group *group)
{
	return store_batch_group(ctx, group);
}

static void on_name(void *ctx, const struct name_record *record)
{
	struct building *building = ctx;

	if (building->result == 0)
		building->result = store_batch_name(building->store, record);
}

static int build(struct flush *flush, int64_t lag_ms)
{
	struct ledger *ledger = flush->ledger;
	struct amount *amounts = malloc((ledger->frozen.used + 1) * sizeof(*amounts));
	struct building building = { flush->store, 0 };

	if (amounts == NULL)
		return -ENOMEM;
	building.result = store_batch_begin(flush->store, clock_now_ms(), lag_ms, flush->position);
	if (building.result == 0)
		building.result = spread(amounts, tally_sorted(&ledger->frozen, amounts), ledger->standings,
					 on_group, flush->store);
	free(amounts);
	names_frozen(ledger->names, on_name, &building);
	return building.result;
}

bool flush_freeze(struct flush *flush)
{
	int64_t oldest_ms = flush->ledger->oldest_ms;

	if (flush->marker.freeze(flush->marker.ctx, &flush->position, &flush->block) < 0) {
		LOG(LOG_ERROR, "run", "no memory to send counts; they are kept and tried again");
		wait_ms(flush, RETRY_MS);
		return false;
	}
	flush->frozen_oldest_ms = oldest_ms;
	return true;
}

static void send_batch(struct flush *flush)
{
	if (build(flush, flush_lag_ms(flush, clock_now_ms())) < 0) {
		store_batch_abandon(flush->store);
		LOG(LOG_ERROR, "run", "no memory to send counts; they are kept and tried again");
		wait_ms(flush, RETRY_MS);
		return;
	}
	flush->sent_at_ms = clock_mono_ms();
	store_batch_send(flush->store);
}

static int64_t between(int64_t ms, int64_t least_ms, int64_t most_ms)
{
	return ms < least_ms ? least_ms : ms > most_ms ? most_ms : ms;
}

/* When the share of Redis' time for what waits has come together. */
static int64_t affordable_ms(const struct flush *flush)
{
	int64_t cost_ms = (int64_t)ledger_cells(flush->ledger) * FLUSH_CELL_US / 1000;

	return flush->paid_ms + FLUSH_SHARE * cost_ms - FLUSH_BURST_MS;
}

/* How long a batch has to wait: until its distance is over, or until counting has been quiet for a moment. */
static int64_t must_wait_ms(const struct flush *flush, int64_t now_ms)
{
	int64_t next_ms = between(affordable_ms(flush), flush->next_ms, flush->sent_at_ms + FLUSH_DISTANCE_MAX_MS),
		quiet_ms = flush->counted_at_ms + FLUSH_QUIET_MS;

	return (next_ms < quiet_ms ? next_ms : quiet_ms) - now_ms;
}

static void send_if_durable(struct flush *flush)
{
	if (flush->block <= flush->durable)
		send_batch(flush);
}

void flush_poke(struct flush *flush)
{
	int64_t ms;

	if (!store_is_ready(flush->store) || store_is_busy(flush->store))
		return;
	if (ledger_is_frozen(flush->ledger)) {
		send_if_durable(flush);
		return;
	}
	if (!ledger_waits(flush->ledger))
		return;
	ms = must_wait_ms(flush, clock_mono_ms());
	if (ms > 0)
		wait_ms(flush, ms);
	else if (flush_freeze(flush))
		send_if_durable(flush);
}

void flush_durable(struct flush *flush, uint64_t block)
{
	flush->durable = block;
	flush_poke(flush);
}

void flush_resume(struct flush *flush, uint64_t position)
{
	flush->position = position;
	flush->frozen_oldest_ms = clock_now_ms();
}

void flush_counted(struct flush *flush)
{
	flush->counted_at_ms = clock_mono_ms();
	flush_poke(flush);
}

/* What was sent is paid for from here on; the next one keeps its distance from its start. */
static void keep_distance(struct flush *flush, bool is_large)
{
	int64_t sent_ms = flush->sent_at_ms, took_ms = clock_mono_ms() - sent_ms;
	int64_t paid_ms = flush->paid_ms + FLUSH_SHARE * took_ms;

	flush->next_ms = sent_ms + (is_large ? flush->share_interval_ms : flush->flush_interval_ms);
	flush->paid_ms = between(paid_ms, sent_ms, sent_ms + FLUSH_DISTANCE_MAX_MS);
}

void flush_settled(struct flush *flush)
{
	keep_distance(flush, flush->ledger->frozen.used > FLUSH_LARGE);
	flush_forget(flush);
	ledger_settle(flush->ledger);
	flush_poke(flush);
}

void flush_forget(struct flush *flush)
{
	flush->frozen_oldest_ms = 0;
}

int64_t flush_lag_ms(const struct flush *flush, int64_t now_ms)
{
	int64_t oldest = flush->frozen_oldest_ms != 0 ? flush->frozen_oldest_ms : flush->ledger->oldest_ms;

	return oldest == 0 || now_ms < oldest ? 0 : now_ms - oldest;
}
