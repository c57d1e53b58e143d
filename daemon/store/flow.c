/* SPDX-License-Identifier: MPL-2.0 */
/* The batch on its way: calls out, answers in, the next of each chain when the one before has succeeded.
 * Before each call what its hashes must hold is filled in from `positions`; when Redis answers that some hold
 * something else, that is judged here (store.h) and the call offered again. What Redis refuses stays at the
 * head of its chain and is offered again after a while; what was cut off is sent again. */
#include "store/inside.h"

#include "base/clock.h"

#include <string.h>

/* Bytes sent and not answered: enough to keep Redis busy, little enough to keep memory small. */
#define OUT_BYTES_MAX (1 << 20)
/* A batch of so few calls goes call by call: Redis serves readers between calls, not within what came together. */
#define CALLS_ONE_BY_ONE 16
/* Offered again at once as often as this; a judgement needs two or three. */
#define JUDGED_MAX 8

static void settle_batch(struct store *store)
{
	size_t calls = store->batch.len;

	store->is_sending = store->is_troubled = false;
	store->status.batches++;
	store->status.batch_us = clock_mono_us() - store->sent_us;
	batch_clear(&store->batch);
	moment_settled(store);
	mend_pump(store);
	store->owner.on_settled(store->owner.ctx, calls);
}

void flow_resend_later(struct store *store)
{
	int64_t ms = session_jitter_ms(store, store->refusals++) + RETRY_MIN_MS;
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	if (!event_pending(store->resend, EV_TIMEOUT, NULL))
		event_add(store->resend, &after);
}

bool flow_is_doubtful(const struct store *store, uint16_t municipality)
{
	uint32_t head = store->batch.head[municipality];

	/* The first batch of a process may be one that the process before it had sent. */
	return head && (store->batch.calls[head].is_doubtful || store->status.batches == 0);
}

/* --- what a call's hashes must hold --- */

static void fill_in(const struct store *store, const struct call *call)
{
	for (size_t i = 0; i < batch_hashes(call); i++) {
		struct place_hash hash = batch_hash(call, i);
		uint64_t held = positions_get(store->positions, hash.key);

		if (held >= batch_position(call, i) || call->left >> i & 1 || !loss_is_kept(store, hash.key) ||
		    loss_hashes(store, hash.key) & hash.hash)
			encode_skip(batch_mark(call, i));
		else if (call->over >> i & 1)
			encode_any(batch_mark(call, i));
		else
			encode_mark(batch_mark(call, i), held);
	}
}

/* The places of a call that succeeded. Without memory the next call or probe learns it. */
static void raise_places(struct store *store, const struct call *call)
{
	if (call->day == BATCH_NO_DAY) {
		(void)!positions_raise(store->positions, call->names, call->position);
		return;
	}
	for (int w = 0; w < WINDOWS; w++) {
		struct place_key key = { call->municipality, (uint8_t)w,
					 period_of((enum window)w, call->day).first };

		if (loss_is_kept(store, key))
			(void)!positions_raise(store->positions, key,
					       call->more >> w & 1 ? call->own : call->position);
	}
}

/* First what there is is learned, also that somebody else was here; what has less than that is lost. */
static void learn(struct store *store, struct call *call, size_t number, uint64_t found)
{
	struct place_hash hash = batch_hash(call, number);

	if (found == 0)
		return;
	if (!store->owner.is_own(store->owner.ctx, found)) {
		call->over |= (uint16_t)(1 << number);
		loss_foreign(store, hash.key, found);
	} else if (found > batch_position(call, number)) {
		call->left |= (uint16_t)(1 << number);
	} else if (loss_is_middle(store, hash.key, found)) {
		loss_add(store, hash.key, hash.hash);
	} else {
		(void)!positions_raise(store->positions, hash.key, found);
	}
}

static void judge(struct store *store, struct call *call, const struct redisReply *differing)
{
	size_t n = differing->type == REDIS_REPLY_ARRAY ? differing->elements : 0;

	for (int is_lost = 0; is_lost < 2; is_lost++)
		for (size_t i = 0; i + 1 < n; i += 2) {
			size_t number = (size_t)differing->element[i]->integer - 1;
			uint64_t found = loss_position(differing->element[i + 1]);
			struct place_hash hash;

			if (number >= batch_hashes(call))
				continue;
			hash = batch_hash(call, number);
			if (!is_lost)
				learn(store, call, number, found);
			else if (call->over >> number & 1)
				continue;
			else if (found == 0 || found < positions_get(store->positions, hash.key))
				loss_add(store, hash.key, hash.hash);
		}
}

/* --- answers --- */

static void count_answer(struct store *store, const struct call *call, const struct redisReply *reply)
{
	store->status.calls++;
	store->status.cells += call->cells;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2)
		return;
	store->status.skipped += (uint64_t)reply->element[0]->integer;
	if (call->day == BATCH_NO_DAY)
		return;
	store->presence[call->municipality] = PRESENCE_SEEN;
	series_touch(&store->series, call->municipality, call->day,
		     store->batch_scene.running[WINDOW_DAY].first);
	moment_changed(store, call->municipality);
	if (reply->elements >= 3)
		moment_told(store, &store->batch_scene, call->municipality, reply->element[2]);
}

static bool is_differing(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	       reply->element[0]->type == REDIS_REPLY_INTEGER && reply->element[0]->integer < 0;
}

static void on_refused(struct store *store, struct call *call, const struct redisReply *reply)
{
	call->was_refused = call->is_doubtful = true;
	if (session_is_function_missing(reply))
		call->was_refused = call->is_doubtful = false;
	session_refused(store, reply);
	if (store->state != STATE_BACKOFF)
		flow_resend_later(store);
}

static void on_differing(struct store *store, struct call *call, const struct redisReply *reply)
{
	call->is_doubtful = false;
	judge(store, call, reply->element[1]);
	if (++call->judged >= JUDGED_MAX)
		flow_resend_later(store);
	else
		flow_pump(store);
}

static void on_applied(struct store *store, uint32_t number, const struct redisReply *reply)
{
	struct call *call = &store->batch.calls[number];

	if (call->was_refused)
		store->is_troubled = false;
	raise_places(store, call);
	count_answer(store, call, reply);
	batch_settle(&store->batch, number);
	if (store->refusals && store->out == 0 && !store->is_foreign)
		store->refusals = 0;
	if (batch_is_settled(&store->batch))
		settle_batch(store);
	else if (store->is_foreign || !event_pending(store->resend, EV_TIMEOUT, NULL))
		flow_pump(store);
}

static void on_call(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	uint32_t number = (uint32_t)arg;
	struct call *call;

	if (!reply || store->state == STATE_BACKOFF || arg >> 32 != store->generation)
		return;
	call = &store->batch.calls[number];
	store->out--;
	store->out_bytes -= call->len;
	call->is_out = false;
	if (reply->type == REDIS_REPLY_ERROR)
		on_refused(store, call, reply);
	else if (is_differing(reply))
		on_differing(store, call, reply);
	else
		on_applied(store, number, reply);
}

/* --- sending --- */

static bool send_call(struct store *store, uint32_t number)
{
	struct call *call = &store->batch.calls[number];

	fill_in(store, call);
	if (link_send(store->link, call->bytes, call->len, on_call,
		      (uint64_t)store->generation << 32 | number) < 0) {
		session_lose(store, "no memory to send");
		return false;
	}
	store->is_begun[call->municipality] = true;
	call->is_out = true;
	store->out++;
	store->out_bytes += call->len;
	return true;
}

static bool is_any_doubtful(const struct store *store)
{
	for (size_t m = 0; m < BATCH_CHAINS; m++)
		if (store->batch.head[m] && store->batch.calls[store->batch.head[m]].is_doubtful)
			return true;
	return store->out > 0;
}

/* After another process was found under our name a batch of which nothing is in Redis stays here. One of
 * which something is goes there whole, so that the country still is the sum of its municipalities; the other one sees to
 * that where it has it too. */
static bool may_go(const struct store *store, uint32_t number)
{
	const struct call *call = &store->batch.calls[number];

	if (store->is_foreign)
		return !store->is_asking && !store->is_shared && (store->batch.settled > 0 || call->is_doubtful);
	return !mend_blocks(store, call->municipality);
}

static bool is_enough_out(const struct store *store)
{
	return store->batch.len <= CALLS_ONE_BY_ONE ? store->out > 0 : store->out_bytes >= OUT_BYTES_MAX;
}

/* Offers the chains in turn, as far as what is out allows. */
void flow_pump(struct store *store)
{
	if (store->state != STATE_READY || store->is_looking)
		return;
	mend_pump(store);
	if (!store->is_sending || !store->batch.is_finished || !session_may_send(store))
		return;
	for (size_t looked = 0; looked < BATCH_CHAINS && !is_enough_out(store); looked++) {
		uint32_t number = batch_next(&store->batch, store->pump_at);

		if (number && may_go(store, number) && !send_call(store, number))
			return;
		store->pump_at = (uint16_t)((store->pump_at + 1) % BATCH_CHAINS);
	}
}

static void tell_foreign(struct store *store)
{
	if (store->is_foreign_told || store->is_asking ||
	    (!store->is_shared && store->is_sending && (store->batch.settled > 0 || is_any_doubtful(store))))
		return;
	store->is_foreign_told = true;
	store->owner.on_foreign(store->owner.ctx, store->foreign_key, store->foreign_found, store->foreign_common,
				store->foreign_block);
}

/* The names are made calls here; without memory for that the batch waits and tries again. */
static bool finish(struct store *store)
{
	if (store->batch.is_finished ||
	    batch_finish(&store->batch, &store->batch_scene, store->position) == 0)
		return true;
	flow_resend_later(store);
	return false;
}

static void on_resend(evutil_socket_t fd, short what, void *ctx)
{
	struct store *store = ctx;

	(void)fd;
	(void)what;
	if (store->is_sending && finish(store) && batch_is_settled(&store->batch))
		settle_batch(store);
	flow_pump(store);
	if (!store->is_foreign)
		return;
	if (store->is_asking)
		session_ask(store);
	tell_foreign(store);
	if (store->is_foreign && !store->is_foreign_told)
		flow_resend_later(store);
}

void flow_send(struct store *store)
{
	store->is_sending = true;
	store->sent_us = clock_mono_us();
	store->position = store->given_position;
	store->pump_at = 0; /* municipalities first: what waits for an event looks at one of them */
	memset(store->is_begun, 0, sizeof(store->is_begun));
	if (!finish(store))
		return;
	store->status.batch_bytes = store->batch.bytes;
	if (batch_is_settled(&store->batch))
		event_active(store->resend, EV_TIMEOUT,
			     0); /* nothing in it: settled, but not within the call */
	else
		flow_pump(store);
}

void flow_resume(struct store *store)
{
	store->refusals = 0;
	if (store->is_foreign)
		flow_resend_later(store);
	else
		flow_pump(store);
}

void flow_forget(struct store *store)
{
	batch_clear(&store->batch);
	store->generation++;
	store->out = store->out_bytes = 0;
	store->is_sending = store->is_troubled = false;
	memset(store->is_begun, 0, sizeof(store->is_begun));
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
