/* SPDX-License-Identifier: MPL-2.0 */
/* What Redis has lost of this writer, place by place and hash by hash: kept until the owner's totals are
 * there. Calls leave lost hashes alone meanwhile, so they do not wait for a repair. Of closed periods no more
 * than TOLD_MAX are asked of the owner at a time; bounded by what there are positions of. */
#include "store/inside.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

#define TOLD_MAX  256
#define RETELL_MS 10000
#define TELL_WALK 1024

/* The value in `losses`: enum hash in the low bits, then these, then when it was told. */
#define LOSS_HASHES UINT64_C(7)
#define LOSS_TOLD   UINT64_C(8)
#define LOSS_GIVEN  UINT64_C(16) /* the owner has brought the totals */
#define LOSS_TIME   8

int loss_init(struct store *store)
{
	store->kept_day = store->kept_week = INT32_MIN;
	store->losses = positions_new();
	return store->losses ? 0 : -ENOMEM;
}

void loss_stop(struct store *store)
{
	positions_free(store->losses);
}

bool loss_is_kept(const struct store *store, struct place_key key)
{
	if (key.place == WINDOW_DAY)
		return key.first >= store->kept_day;
	return key.place != WINDOW_WEEK || key.first >= store->kept_week;
}

bool loss_is_middle(const struct store *store, struct place_key key, uint64_t found)
{
	return (found & 1) != 0 && found > positions_get(store->positions, key);
}

unsigned loss_hashes(const struct store *store, struct place_key key)
{
	return (unsigned)(positions_get(store->losses, key) & LOSS_HASHES);
}

static void tell(struct store *store, struct place_key key)
{
	uint64_t loss = positions_get(store->losses, key);

	if (!(loss & LOSS_TOLD))
		store->losses_told++;
	loss = (loss & (LOSS_HASHES | LOSS_GIVEN)) | LOSS_TOLD | (uint64_t)clock_mono_ms() << LOSS_TIME;
	(void)!positions_set(store->losses, key, loss);
	store->owner.on_gap(store->owner.ctx, key);
}

void loss_add(struct store *store, struct place_key key, unsigned hashes)
{
	uint64_t loss = positions_get(store->losses, key);
	bool is_running = scene_is_running(&store->scene, key);

	if (!loss_is_kept(store, key) || (loss & hashes) == hashes)
		return;
	/* Without memory it is found again. */
	if (positions_set(store->losses, key, loss | hashes) < 0)
		return;
	store->status.gaps += (uint64_t)__builtin_popcount(hashes & ~(unsigned)loss);
	if (is_running) {
		store->wants_audit = true;
		store->presence[key.municipality] = PRESENCE_UNKNOWN;
	}
	if (!(loss & LOSS_TOLD) && (is_running || store->losses_told < TOLD_MAX))
		tell(store, key);
}

void loss_given(struct store *store, struct place_key key, bool is_given)
{
	uint64_t loss = positions_get(store->losses, key);

	if (loss)
		(void)!positions_set(store->losses, key, is_given ? loss | LOSS_GIVEN : loss & ~LOSS_GIVEN);
}

void loss_remove(struct store *store, struct place_key key)
{
	if (positions_get(store->losses, key) & LOSS_TOLD)
		store->losses_told--;
	positions_remove(store->losses, key);
}

struct telling {
	const struct store *store;
	int64_t now_ms;
	struct place_key keys[TELL_WALK];
	size_t n, room;
};

static void find_due(void *ctx, struct place_key key, uint64_t loss)
{
	struct telling *telling = ctx;
	bool is_late = telling->now_ms - (int64_t)(loss >> LOSS_TIME) >= RETELL_MS;

	if (loss & LOSS_GIVEN)
		return;
	if (loss & LOSS_TOLD ? is_late : telling->room > 0)
		telling->keys[telling->n++] = key;
	if (!(loss & LOSS_TOLD) && telling->room > 0)
		telling->room--;
}

void loss_tell(struct store *store)
{
	struct telling telling = { .store = store,
				   .now_ms = clock_mono_ms(),
				   .room = store->losses_told < TOLD_MAX ? TOLD_MAX - store->losses_told
									 : 0 };

	if (store->is_foreign || positions_len(store->losses) == 0)
		return;
	positions_walk(store->losses, &store->losses_at, TELL_WALK, find_due, &telling);
	for (size_t i = 0; i < telling.n; i++)
		if (loss_hashes(store, telling.keys[i]))
			tell(store, telling.keys[i]);
}

void loss_foreign(struct store *store, struct place_key key, uint64_t found)
{
	if (store->is_foreign)
		return;
	store->is_foreign = true;
	store->foreign_key = key;
	store->foreign_found = found;
	store->foreign_common = 0;
	store->foreign_block = STORE_NO_BLOCK;
	session_ask(store);
	/* Told by flow.c, once it is known of every call that was sent whether Redis has it. */
	flow_resend_later(store);
}

void loss_clear(struct store *store)
{
	positions_clear(store->losses);
	store->losses_told = store->losses_at = 0;
	store->is_foreign = store->is_foreign_told = store->is_asking = store->is_shared = false;
}

uint64_t loss_position(const struct redisReply *reply)
{
	uint64_t position = 0;

	if (reply->type != REDIS_REPLY_STRING || reply->len == 0 || reply->len > ENCODE_MARK)
		return 0;
	for (size_t i = 0; i < reply->len; i++) {
		if (reply->str[i] < '0' || reply->str[i] > '9')
			return 0;
		position = position * 10 + (uint64_t)(reply->str[i] - '0');
	}
	return position;
}
