/* SPDX-License-Identifier: MPL-2.0 */
/* Totals on their way into Redis, as the answer to a loss: one call of effort_reset (or effort_names) each,
 * kept until it is answered.
 *
 * Totals hold everything up to a batch, so they go behind the calls of that batch and before those of the
 * next one. Hashes of the place that were not lost hold all of it already and are left alone: what is written
 * anew takes the position they have. Totals nobody asked for, and those of a batch that has not come here
 * yet, replace all of the place's hashes and take the batch's own position. */
#include "store/inside.h"

#include <errno.h>
#include <stdlib.h>

#define MEND_BYTES_MAX (1 << 20) /* sent and not answered */

struct mend {
	struct mend *next;
	struct place_key key;
	uint64_t position, written; /* of the totals; what the hashes hold when it is done */
	uint32_t serial;
	char *bytes; /* owned */
	size_t len, mark;
	bool is_forced, is_out;
};

static struct mend **find(struct store *store, struct place_key key)
{
	struct mend **at = &store->mends;

	while (*at && ((*at)->key.municipality != key.municipality || (*at)->key.place != key.place ||
		       (*at)->key.first != key.first))
		at = &(*at)->next;
	return at;
}

static void drop(struct store *store, struct mend **at)
{
	struct mend *mend = *at;

	*at = mend->next;
	store->mends_of[mend->key.municipality]--;
	if (mend->is_out)
		store->mend_bytes -= mend->len;
	free(mend->bytes);
	free(mend);
}

void mend_drop(struct store *store, struct place_key key)
{
	struct mend **at = find(store, key);

	if (*at)
		drop(store, at);
}

void mend_clear(struct store *store)
{
	while (store->mends)
		drop(store, &store->mends);
}

void mend_unsend(struct store *store)
{
	for (struct mend *mend = store->mends; mend; mend = mend->next)
		mend->is_out = false;
	store->mend_bytes = 0;
}

bool mend_blocks(const struct store *store, uint16_t municipality)
{
	if (store->mends_of[municipality] == 0)
		return false;
	for (const struct mend *mend = store->mends; mend; mend = mend->next)
		if (mend->key.municipality == municipality && mend->position < store->position)
			return true;
	return false;
}

/* --- answers --- */

static void count_answer(struct store *store, const struct redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= 2)
		store->status.repairs += (uint64_t)(reply->element[1]->integer - reply->element[0]->integer);
}

/* The place's hashes say whom they wait for. */
static void note_waits(struct store *store, struct place_key key, const struct redisReply *reply)
{
	others_wait_no_more(store, key);
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= 4 &&
	    reply->element[3]->type == REDIS_REPLY_STRING)
		others_wait(store, key, reply->element[3]->str);
}

/* -1 and the writers that do not run: nothing was changed. */
static bool is_withheld(struct store *store, struct mend **at, const struct redisReply *reply)
{
	struct place_key key = (*at)->key;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 ||
	    reply->element[0]->type != REDIS_REPLY_INTEGER || reply->element[0]->integer >= 0)
		return false;
	if (reply->element[1]->type == REDIS_REPLY_STRING)
		store->withheld_for |= others_bits(store, reply->element[1]->str);
	store->status.withheld++;
	drop(store, at);
	loss_given(store, key, false);
	store->owner.on_repaired(store->owner.ctx, key);
	flow_pump(store);
	return true;
}

static void on_mended(struct store *store, struct mend **at, const struct redisReply *reply)
{
	struct place_key key = (*at)->key;
	uint64_t written = (*at)->written;

	drop(store, at);
	loss_remove(store, key);
	/* Without memory the next probe learns it. */
	(void)!positions_raise(store->positions, key, written);
	count_answer(store, reply);
	note_waits(store, key, reply);
	moment_mended(store, key);
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= 3)
		moment_told(store, &store->scene, key.municipality, reply->element[2]);
	store->owner.on_repaired(store->owner.ctx, key);
	loss_tell(store);
	flow_pump(store);
}

static void on_reply(void *ctx, uint64_t serial, const struct redisReply *reply)
{
	struct store *store = ctx;
	struct mend **at = &store->mends;

	if (!reply || store->state == STATE_BACKOFF)
		return;
	while (*at && (*at)->serial != serial)
		at = &(*at)->next;
	if (!*at || !(*at)->is_out)
		return;
	if (reply->type != REDIS_REPLY_ERROR) {
		if (!is_withheld(store, at, reply))
			on_mended(store, at, reply);
		return;
	}
	(*at)->is_out = false;
	store->mend_bytes -= (*at)->len;
	session_refused(store, reply);
	if (store->state != STATE_BACKOFF)
		flow_resend_later(store);
}

/* --- sending --- */

static bool may_go(const struct store *store, const struct mend *mend)
{
	uint16_t m = mend->key.municipality;

	if (mend->is_out || (store->is_sending && !store->batch.is_finished))
		return false;
	return mend->position < store->position ? !store->is_begun[m] : store->batch.head[m] == 0;
}

static uint64_t written_by(const struct store *store, const struct mend *mend)
{
	uint64_t held = positions_get(store->positions, mend->key);

	if (mend->is_forced || mend->position > store->position || held == 0)
		return mend->position > held ? mend->position : held;
	return held;
}

static bool send_mend(struct store *store, struct mend *mend)
{
	mend->written = written_by(store, mend);
	encode_mark(mend->bytes + mend->mark, mend->written);
	if (link_send(store->link, mend->bytes, mend->len, on_reply, mend->serial) < 0) {
		session_lose(store, "no memory to send");
		return false;
	}
	mend->is_out = true;
	store->mend_bytes += mend->len;
	return true;
}

void mend_pump(struct store *store)
{
	if (store->state != STATE_READY || store->is_foreign || store->is_looking)
		return;
	for (struct mend *mend = store->mends; mend && store->mend_bytes < MEND_BYTES_MAX; mend = mend->next)
		if (may_go(store, mend) && !send_mend(store, mend))
			return;
}

/* --- what the owner brings --- */

/* Makes the command at hand a mend. */
static int add(struct store *store, struct place_key key, uint64_t position, size_t mark, bool is_forced)
{
	struct mend **at = find(store, key), *mend = calloc(1, sizeof(*mend));

	if (!mend || command_format(&store->command, &mend->bytes, &mend->len) < 0) {
		free(mend);
		return -ENOMEM;
	}
	if (*at)
		drop(store, at);
	while (*at)
		at = &(*at)->next;
	mend->key = key;
	mend->position = position;
	mend->serial = ++store->mend_serial;
	mend->mark = command_offset(&store->command, mark);
	mend->is_forced = is_forced;
	*at = mend;
	store->mends_of[key.municipality]++;
	loss_given(store, key, true);
	mend_pump(store);
	return 0;
}

/* 0: go on; -EAGAIN: later batches have been built upon already; 1: there is nothing to do. */
static int look(struct store *store, struct place_key key, uint64_t position)
{
	if (!loss_is_kept(store, key)) {
		loss_remove(store, key);
		store->owner.on_repaired(store->owner.ctx, key);
		return 1;
	}
	return position < store->position && store->is_begun[key.municipality] ? -EAGAIN : 0;
}

static enum encode_how how(const struct store *store, bool is_forced, bool is_whole)
{
	return !is_whole	? ENCODE_KEEP
	       : !is_forced	? ENCODE_RESET
	       : store->is_bold ? ENCODE_MUST
				: ENCODE_FORCE;
}

void store_set_bold(struct store *store, bool is_bold)
{
	store->is_bold = is_bold;
}

/* The moment for the totals of a period: one that has ended lacks who was silent then, not who is now. */
static struct scene scene_of(const struct store *store, struct place_key key)
{
	struct scene scene = store->scene;
	int32_t end = period_of((enum window)key.place, key.first).end;

	if (zone_midnight_ms(scene.view->zone, end) <= scene.now_ms)
		scene.missing = store->owner.missing_at == NULL ? "" : store->owner.missing_at(store->owner.ctx, end - 1);
	return scene;
}

int store_repair(struct store *store, struct place_key key, uint64_t position, const struct spread_group *group,
		 bool is_whole)
{
	struct scene scene = scene_of(store, key);
	bool is_forced = loss_hashes(store, key) == 0;
	int r = look(store, key, position);
	char others[OTHERS_TEXT], living[OTHERS_TEXT];

	if (r != 0)
		return r < 0 ? r : 0;
	others_list(store, key, others);
	writers_living(store, living);
	return add(store, key, position,
		   encode_reset(&store->command, &scene, key, group, how(store, is_forced, is_whole), others, living),
		   is_forced);
}

int store_repair_names(struct store *store, struct place_key key, uint64_t position,
		       const struct name_record *const *records, size_t n, bool is_whole)
{
	bool is_forced = loss_hashes(store, key) == 0;
	struct encode_name *names;
	char living[OTHERS_TEXT];
	int r = look(store, key, position);

	if (r != 0)
		return r < 0 ? r : 0;
	names = calloc(n + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		names[i] = (struct encode_name){ .name = records[i]->name.ptr,
						 .name_len = records[i]->name.len,
						 .amount = records[i]->frozen,
						 .last_ms = records[i]->last_ms };
	writers_living(store, living);
	r = add(store, key, position,
		encode_names(&store->command, &store->scene, key, names, n, how(store, is_forced, is_whole), living),
		is_forced);
	free(names);
	return r;
}
