/* SPDX-License-Identifier: MPL-2.0 */
/* The batch on its way: calls out, answers in, the next of each chain when the one before has succeeded. What
 * Redis refuses stays at the head of its chain and is offered again after a while; what was cut off is sent
 * again as it was. */
#include "store/inside.h"

#include "base/clock.h"

/* Bytes sent and not answered: enough to keep Redis busy, little enough to keep memory small. */
#define OUT_BYTES_MAX (1 << 20)

static void pump(struct store *);

static void settle_batch(struct store *store)
{
	size_t calls = store->batch.len;

	store->is_sending = store->is_troubled = false;
	store->status.batches++;
	store->status.batch_us = clock_mono_us() - store->sent_us;
	batch_clear(&store->batch);
	moment_settled(store);
	store->owner.on_settled(store->owner.ctx, calls);
}

static void resend_later(struct store *store)
{
	int64_t ms = session_jitter_ms(store->refusals++) + RETRY_MIN_MS;
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	if (!event_pending(store->resend, EV_TIMEOUT, NULL))
		event_add(store->resend, &after);
}

static void count_answer(struct store *store, const struct call *call, const struct redisReply *reply)
{
	store->status.calls++;
	store->status.cells += call->cells;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3)
		return;
	store->status.skipped += (uint64_t)reply->element[0]->integer;
	if (call->day == BATCH_NO_DAY)
		return;
	store->presence[call->municipality] = PRESENCE_SEEN;
	series_touch(&store->series, call->municipality, call->day,
		     store->batch_scene.running[WINDOW_DAY].first);
	moment_changed(store, call->municipality);
	moment_told(store, &store->batch_scene, call->municipality, reply->element[2]);
}

static void on_call(void *ctx, uint64_t number, const struct redisReply *reply)
{
	struct store *store = ctx;
	struct call *call = &store->batch.calls[number];

	if (!reply || store->state == STATE_BACKOFF)
		return;
	store->out--;
	store->out_bytes -= call->len;
	call->is_out = false;
	if (reply->type == REDIS_REPLY_ERROR) {
		call->was_refused = !session_is_function_missing(reply);
		if (call->was_refused)
			session_trouble(store, reply->str);
		else if (store->state == STATE_READY)
			session_reload(store);
		if (store->state != STATE_BACKOFF)
			resend_later(store);
		return;
	}
	if (call->was_refused)
		store->is_troubled = false;
	count_answer(store, call, reply);
	batch_settle(&store->batch, (uint32_t)number);
	if (store->refusals && store->out == 0)
		store->refusals = 0;
	if (batch_is_settled(&store->batch))
		settle_batch(store);
	else if (!event_pending(store->resend, EV_TIMEOUT, NULL))
		pump(store);
}

static bool send_call(struct store *store, uint32_t number)
{
	struct call *call = &store->batch.calls[number];

	if (link_send(store->link, call->bytes, call->len, on_call, number) < 0) {
		session_lose(store, "no memory to send");
		return false;
	}
	call->is_out = true;
	store->out++;
	store->out_bytes += call->len;
	return true;
}

/* Offers the chains in turn, as far as the bytes out allow. */
static void pump(struct store *store)
{
	if (store->state != STATE_READY || !store->is_sending)
		return;
	for (size_t looked = 0; looked < BATCH_CHAINS && store->out_bytes < OUT_BYTES_MAX; looked++) {
		uint32_t number = batch_next(&store->batch, store->pump_at);

		if (number && !send_call(store, number))
			return;
		store->pump_at = (uint16_t)((store->pump_at + 1) % BATCH_CHAINS);
	}
}

/* The names are made calls here; without memory for that the batch waits and tries again. */
static bool finish(struct store *store)
{
	if (batch_finish(&store->batch, &store->batch_scene, &store->position) == 0)
		return true;
	resend_later(store);
	return false;
}

static void on_resend(evutil_socket_t fd, short what, void *ctx)
{
	struct store *store = ctx;

	(void)fd;
	(void)what;
	if (!store->is_sending || !finish(store))
		return;
	if (batch_is_settled(&store->batch))
		settle_batch(store);
	else
		pump(store);
}

void flow_send(struct store *store)
{
	store->is_sending = true;
	store->sent_us = clock_mono_us();
	if (!finish(store))
		return;
	store->status.batch_bytes = store->batch.bytes;
	if (batch_is_settled(&store->batch))
		event_active(store->resend, EV_TIMEOUT,
			     0); /* nothing in it: settled, but not within the call */
	else
		pump(store);
}

void flow_resume(struct store *store)
{
	store->refusals = 0;
	if (store->is_sending && store->batch.names_done == store->batch.names_len)
		pump(store);
}

int flow_init(struct store *store)
{
	batch_init(&store->batch);
	store->resend = event_new(store->base, -1, 0, on_resend, store);
	return store->resend ? 0 : -1;
}

void flow_stop(struct store *store)
{
	if (store->resend)
		event_free(store->resend);
	batch_done(&store->batch);
}
