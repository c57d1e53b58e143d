/* SPDX-License-Identifier: MPL-2.0 */
/* Looking for what Redis has lost without anybody writing there: every probe_interval the hashes of all
 * running periods and a few of the others; all of them (an audit) after a connect, after a running one was
 * lost, when Redis was started anew or has evicted keys, and when asked.
 *
 * Answers come in the order of what was sent, so when a probe's answer is here `positions` says exactly what
 * Redis must have held when it looked, however busy the connection is. Only a chain whose head may or may not
 * have been applied is left for the next time. */
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

#define CALL_HASHES  96  /* of one municipality in one call */
#define SLOW_PLACES  200 /* closed ones in an interval */
#define AUDIT_PLACES 512

/* What one call asks; in the order of its answer. */
struct probe {
	uint32_t generation;
	bool is_whole, is_audit;
	unsigned windows;
	uint16_t municipality;
	size_t hashes_len, n; /* without and with those of the running windows */
	struct place_hash hashes[CALL_HASHES + 2 * WINDOWS];
};

/* --- answers --- */

static uint64_t held_by(const struct redisReply *held, size_t i)
{
	return i < held->elements ? loss_position(held->element[i]) : 0;
}

/* True: another process counts under our name. */
static bool find_foreign(struct store *store, const struct probe *probe, const struct redisReply *held)
{
	for (size_t i = 0; i < probe->n; i++) {
		uint64_t found = held_by(held, i);

		if (found == 0 || found == positions_get(store->positions, probe->hashes[i].key) ||
		    store->owner.is_own(store->owner.ctx, found))
			continue;
		loss_foreign(store, probe->hashes[i].key, found);
		return true;
	}
	return false;
}

/* First what there is is learned; what has less than that is lost. */
static void judge(struct store *store, const struct probe *probe, const struct redisReply *held)
{
	for (size_t i = 0; i < probe->n; i++)
		if (loss_is_middle(store, probe->hashes[i].key, held_by(held, i)))
			loss_add(store, probe->hashes[i].key, probe->hashes[i].hash);
		else if (positions_get(store->positions, probe->hashes[i].key) > 0)
			(void)!positions_raise(store->positions, probe->hashes[i].key, held_by(held, i));
	for (size_t i = 0; i < probe->n; i++)
		if (held_by(held, i) < positions_get(store->positions, probe->hashes[i].key))
			loss_add(store, probe->hashes[i].key, probe->hashes[i].hash);
}

/* Who else has a part in them. */
static void note_others(struct store *store, const struct probe *probe, const struct redisReply *others)
{
	for (size_t i = 0; i < probe->n && i < others->elements; i++)
		if (others->element[i]->type == REDIS_REPLY_STRING && probe->hashes[i].key.place < PLACE_NAMES)
			others_note(store, probe->hashes[i].key, others->element[i]->str);
}

/* Whom the hashes of each place wait for, all of a place being looked at together. */
static void note_waits(struct store *store, const struct probe *probe, const struct redisReply *waits)
{
	for (size_t i = 0; i < probe->n; i++)
		others_wait_no_more(store, probe->hashes[i].key);
	for (size_t i = 0; i < probe->n && i < waits->elements; i++)
		if (waits->element[i]->type == REDIS_REPLY_STRING)
			others_wait(store, probe->hashes[i].key, waits->element[i]->str);
}

static bool is_there(const struct redisReply *there, size_t i)
{
	return i < there->elements && there->element[i]->integer != 0;
}

static void judge_sources(struct store *store, uint16_t municipality)
{
	struct place_key key = { municipality, PLACE_NAMES + BY_SOURCE,
				 store->scene.running[WINDOW_MONTH].first };

	if (positions_get(store->positions, key))
		loss_add(store, key, HASH_CELLS);
}

static void judge_more(struct store *store, const struct probe *probe, const struct redisReply *there)
{
	static const enum window series[] = { WINDOW_DAY, WINDOW_WEEK, WINDOW_MONTH, WINDOW_SEASON };
	uint8_t gone = 0;
	size_t ranks = 0;

	if (!is_there(there, 0))
		judge_sources(store, probe->municipality);
	for (size_t i = 0; i < 4; i++)
		if (!is_there(there, ENCODE_PROBE_SERIES + i))
			gone |= (uint8_t)(1 << series[i]);
	store->series_back[probe->municipality] |= gone & (uint8_t)~store->series_gone[probe->municipality];
	store->has_series_back |= store->series_back[probe->municipality] != 0;
	store->series_gone[probe->municipality] = gone;
	if (probe->municipality != CELL_COUNTRY)
		return;
	for (size_t i = ENCODE_PROBE_RANKS; i < there->elements; i++)
		ranks += is_there(there, i);
	if (ranks < store->ranks_seen)
		store->has_tell = true;
	store->ranks_seen = ranks;
}

static void on_series_gone(void *ctx, struct place_key key, uint64_t position)
{
	struct store *store = ctx;

	(void)position;
	if (key.place < PLACE_NAMES && loss_is_kept(store, key) && store->series_back[key.municipality] >> key.place & 1 &&
	    period_of((enum window)key.place, key.first).end <= store->scene.running[WINDOW_DAY].first)
		series_add(&store->series, key.municipality, (enum window)key.place, key.first);
}

/* Streams that are not there (any more): all closed periods are put into them again. */
static void bring_series_back(struct store *store)
{
	size_t cursor = 0;

	if (!store->has_series_back)
		return;
	positions_walk(store->positions, &cursor, SIZE_MAX, on_series_gone, store);
	memset(store->series_back, 0, sizeof(store->series_back));
	store->has_series_back = false;
}

static void begin_audit(struct store *store);
static void next_of_audit(struct store *store);

static void take(struct store *store, const struct probe *probe, const struct redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ERROR) {
		store->audit_next[probe->municipality] |= probe->is_audit;
		session_refused(store, reply);
		return;
	}
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 4 || store->is_foreign)
		return;
	if (find_foreign(store, probe, reply->element[0]))
		return;
	if (flow_is_doubtful(store, probe->municipality)) {
		store->audit_next[probe->municipality] |= probe->is_audit;
		return;
	}
	store->status.probed += probe->n;
	judge(store, probe, reply->element[0]);
	if (reply->elements >= 5)
		note_others(store, probe, reply->element[4]);
	if (reply->elements >= 6)
		note_waits(store, probe, reply->element[5]);
	if (probe->is_whole)
		judge_more(store, probe, reply->element[3]);
	moment_told(store, &store->scene, probe->municipality, reply->element[2]);
}

/* What another process has done under our name is known before anything is sent upon it. */
static void look_is_over(struct store *store)
{
	if (!store->is_looking)
		return;
	store->is_looking = false;
	flow_pump(store);
}

static void on_probe(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct probe *probe = (struct probe *)(uintptr_t)arg;
	struct store *store = ctx;

	if (reply && store->state != STATE_BACKOFF) {
		store->probes_out--;
		if (probe->generation == store->generation)
			take(store, probe, reply);
	}
	free(probe);
	if (!reply || store->state != STATE_READY || store->probes_out > 0)
		return;
	bring_series_back(store);
	look_is_over(store);
	if (!store->is_auditing && store->wants_audit)
		begin_audit(store);
	next_of_audit(store);
}

/* --- asking --- */

static struct probe *new_probe(const struct store *store, uint16_t municipality)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (probe) {
		probe->generation = store->generation;
		probe->municipality = municipality;
	}
	return probe;
}

/* Takes the probe. */
static bool send_probe(struct store *store, struct probe *probe)
{
	struct encode_probe call = { probe->municipality, probe->hashes, probe->hashes_len, probe->windows,
				     probe->is_whole };

	encode_probe(&store->command, &store->scene, &call);
	if (session_send(store, on_probe, (uint64_t)(uintptr_t)probe) < 0) {
		free(probe);
		return false;
	}
	store->probes_out++;
	return true;
}

static void add_hash(struct probe *probe, struct place_key key, enum hash hash)
{
	probe->hashes[probe->n++] = (struct place_hash){ key, hash };
}

/* True: something should be there, and is not known to be lost. */
static bool is_worth_it(const struct store *store, struct place_key key)
{
	return positions_get(store->positions, key) && loss_is_kept(store, key) && !loss_hashes(store, key);
}

static void add_running(const struct store *store, struct probe *probe)
{
	for (uint8_t place = 0; place < PLACES; place++) {
		int w = place >= PLACE_NAMES ? WINDOW_MONTH : place;
		struct place_key key = { probe->municipality, place, store->scene.running[w].first };

		if (!is_worth_it(store, key))
			continue;
		if (encode_hashes(key) & HASH_CELLS)
			add_hash(probe, key, HASH_CELLS);
		if (place < PLACE_NAMES)
			probe->windows |= 1U << place;
	}
	probe->hashes_len = probe->n;
	for (int w = 0; w < WINDOWS; w++) {
		struct place_key key = { probe->municipality, (uint8_t)w, store->scene.running[w].first };

		if (!(probe->windows >> w & 1))
			continue;
		add_hash(probe, key, HASH_SHARE);
		add_hash(probe, key, HASH_TASKS);
	}
}

static bool probe_running(struct store *store, uint16_t municipality)
{
	struct probe *probe = new_probe(store, municipality);

	if (!probe)
		return true; /* the next time */
	add_running(store, probe);
	probe->is_whole = true;
	if (probe->n == 0) {
		free(probe);
		return true;
	}
	return send_probe(store, probe);
}

/* A part of all places, put together by municipality. */
struct walk {
	struct store *store;
	bool is_audit;
	size_t n;
	struct place_key keys[AUDIT_PLACES];
};

static void on_place(void *ctx, struct place_key key, uint64_t position)
{
	struct walk *walk = ctx;

	(void)position;
	if (loss_is_kept(walk->store, key) && !loss_hashes(walk->store, key) &&
	    (!walk->is_audit || walk->store->audit_now[key.municipality]))
		walk->keys[walk->n++] = key;
}

static int by_municipality(const void *left, const void *right)
{
	const struct place_key *a = left, *b = right;

	return (int)a->municipality - (int)b->municipality;
}

static void send_walk(struct store *store, struct walk *walk)
{
	size_t i = 0;

	qsort(walk->keys, walk->n, sizeof(walk->keys[0]), by_municipality);
	while (i < walk->n && store->state == STATE_READY) {
		struct probe *probe = new_probe(store, walk->keys[i].municipality);

		if (!probe)
			return;
		probe->is_audit = walk->is_audit;
		for (; i < walk->n && walk->keys[i].municipality == probe->municipality &&
		       probe->n + 3 <= CALL_HASHES;
		     i++)
			for (unsigned hashes = encode_hashes(walk->keys[i]); hashes; hashes &= hashes - 1)
				add_hash(probe, walk->keys[i], (enum hash)(hashes & -hashes));
		probe->hashes_len = probe->n;
		if (!send_probe(store, probe))
			return;
	}
}

/* False: that was the end. */
static bool probe_part(struct store *store, size_t *at, size_t places, bool is_audit)
{
	struct walk walk = { .store = store, .is_audit = is_audit };
	size_t n = positions_walk(store->positions, at, places, on_place, &walk);

	send_walk(store, &walk);
	return n == places;
}

/* An audit that is told as done has left nothing out: where places have moved under it, it begins again. */
static bool is_moved(struct store *store)
{
	uint64_t moves = positions_moves(store->positions);
	bool is = store->audit_moves != moves;

	store->audit_moves = moves;
	return is;
}

static void next_of_audit(struct store *store)
{
	/* A part without any of the municipalities at hand asks nothing, so nothing answers. */
	while (store->state == STATE_READY && store->probes_out == 0 && store->is_auditing)
		store->is_auditing = probe_part(store, &store->audit_at, AUDIT_PLACES, true) || is_moved(store);
}

static void begin_audit(struct store *store)
{
	bool is_wanted = store->wants_audit;

	for (size_t m = 0; m < BATCH_CHAINS; m++) {
		store->audit_now[m] = store->wants_audit || store->audit_next[m];
		store->audit_next[m] = false;
		is_wanted |= store->audit_now[m];
	}
	store->wants_audit = false;
	store->is_auditing = is_wanted;
	store->audit_moves = positions_moves(store->positions);
	store->audit_at = 0;
}

static void probe_all(struct store *store)
{
	if (!probe_running(store, CELL_COUNTRY))
		return;
	for (size_t m = 0; m < store->scene.view->municipalities_len && m < CELL_COUNTRY; m++)
		if (!probe_running(store, (uint16_t)m))
			return;
	if (store->probes_out == 0) /* nothing is running yet */
		look_is_over(store);
	if (!store->is_auditing)
		begin_audit(store);
	if (!store->is_auditing)
		probe_part(store, &store->slow_at, SLOW_PLACES, false);
	else
		next_of_audit(store);
}

static void arm(struct store *store)
{
	struct timeval after = { store->probe_ms / 1000, store->probe_ms % 1000 * 1000 };

	event_add(store->probe, &after);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct store *store = ctx;

	(void)fd;
	(void)what;
	if (store->state == STATE_BACKOFF || store->state == STATE_CONNECTING)
		return;
	if (store->state == STATE_READY && !store->is_foreign && store->probes_out == 0) {
		health_look(store);
		if (store->state == STATE_READY)
			probe_all(store);
		loss_tell(store);
	}
	arm(store);
}

void probe_ready(struct store *store)
{
	store->wants_audit = true;
	store->is_auditing = false;
	store->is_looking = !store->is_foreign;
	health_ready(store);
	event_active(store->probe, EV_TIMEOUT, 0);
}

/* The records of those on their way are freed by their handlers. */
void probe_lost(struct store *store)
{
	store->probes_out = 0;
	store->is_auditing = false;
}

int probe_init(struct store *store)
{
	store->probe = event_new(store->base, -1, 0, on_timer, store);
	return store->probe ? 0 : -1;
}

void probe_stop(struct store *store)
{
	if (store->probe)
		event_free(store->probe);
}
