/* SPDX-License-Identifier: MPL-2.0 */
/* What comes with time and not with counts: the running periods' as_of, their roll at local midnight, the
 * minute in hist, entries of closed periods, signs of life; and what follows a batch: rankings, the word that
 * something changed. All of it can be said twice; what is lost with a connection comes again with the next
 * tick. */
#include "store/inside.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TICK_MS         5000
#define ALIVE_MS        5000
#define PUBLISH_MS      500
#define RANK_MS         200
#define TELL_MS         15000 /* another writer may have told an older share after us */
#define SERIES_MS       1000
#define SERIES_LATE_MS  10000

static void later(struct event *event, int64_t ms)
{
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	if (!event_pending(event, EV_TIMEOUT, NULL))
		event_add(event, &after);
}

static bool is_answer(struct store *store, const struct redisReply *reply)
{
	if (!reply || store->state == STATE_BACKOFF)
		return false;
	if (reply->type != REDIS_REPLY_ERROR)
		return true;
	session_refused(store, reply);
	return false;
}

static void on_ignored(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	(void)arg;
	is_answer(ctx, reply);
}

/* Rankings and changes
 * ---------------------------------------------------------------------------------------------- */

static int64_t window_of(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_INTEGER && reply->integer >= 1 && reply->integer <= WINDOWS
		       ? reply->integer - 1
		       : -1;
}

void moment_told(struct store *store, const struct scene *scene, uint16_t municipality,
		 const struct redisReply *told)
{
	if (municipality == CELL_COUNTRY || told->type != REDIS_REPLY_ARRAY)
		return;
	for (size_t i = 0; i + 2 < told->elements; i += 3) {
		int64_t window = window_of(told->element[i]);

		if (window < 0 || told->element[i + 1]->type != REDIS_REPLY_STRING ||
		    told->element[i + 2]->type != REDIS_REPLY_STRING)
			continue;
		rank_add(&store->rank, &store->scene, (enum window)window, scene->running[window].first,
			 municipality, told->element[i + 1]->str, told->element[i + 2]->str);
	}
}

static void on_rank(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;

	(void)arg;
	if (reply && store->ranks_out)
		store->ranks_out--;
	/* 0: the country's running period is not (or no longer) this one. */
	if (reply && (!is_answer(store, reply) || reply->integer == 0))
		store->has_tell = true;
}

static void send_ranks(struct store *store)
{
	if (store->rank.is_short) {
		store->rank.is_short = false;
		store->has_tell = true;
	}
	while (store->state == STATE_READY && rank_take(&store->rank, &store->scene, &store->command)) {
		store->ranks_out++;
		if (session_send(store, on_rank, 0) < 0)
			return;
	}
	store->ranked_ms = clock_mono_ms();
}

static bool publish(struct store *store, uint16_t municipality)
{
	command_clear(&store->command);
	command_puts(&store->command, "PUBLISH");
	command_printf(&store->command, "%schanged", store->prefix);
	command_puts(&store->command, scene_code(&store->scene, municipality));
	return session_send(store, on_ignored, 0) == 0;
}

/* Says what changed and may be said; true: something waits for its spacing. */
static bool send_changes(struct store *store)
{
	int64_t now_ms = clock_mono_ms();
	bool has_more = false;

	for (uint16_t m = 0; m < BATCH_CHAINS && store->state == STATE_READY; m++) {
		if (!store->is_changed[m])
			continue;
		if (now_ms - store->published_ms[m] < PUBLISH_MS) {
			has_more = true;
			continue;
		}
		if (!publish(store, m))
			return false;
		store->is_changed[m] = false;
		store->published_ms[m] = now_ms;
	}
	return has_more;
}

void moment_changed(struct store *store, uint16_t municipality)
{
	store->is_changed[municipality] = true;
	store_touch(store, municipality);
}

void store_touch(struct store *store, uint16_t municipality)
{
	store->is_to_follow[municipality] = true;
}

bool store_take_changed(struct store *store, uint16_t municipality)
{
	bool was = store->is_to_follow[municipality];

	store->is_to_follow[municipality] = false;
	return was;
}

bool store_has_data(const struct store *store, uint16_t municipality)
{
	return store->presence[municipality] == PRESENCE_SEEN;
}

static void flush(struct store *store)
{
	bool has_more = send_changes(store);

	if (store->rank.len || store->rank.is_short) {
		if (!store->is_sending && clock_mono_ms() - store->ranked_ms >= RANK_MS)
			send_ranks(store);
		else
			has_more = true;
	}
	if (has_more && store->state == STATE_READY)
		later(store->soon, RANK_MS);
}

static void on_soon(evutil_socket_t fd, short what, void *ctx)
{
	struct store *store = ctx;

	(void)fd;
	(void)what;
	if (store->state == STATE_READY)
		flush(store);
}

void moment_settled(struct store *store)
{
	if (store->state == STATE_READY)
		flush(store);
}

/* Closed periods
 * ------------------------------------------------------------------------------------------------------ */

static void next_series(struct store *store);

static void on_series(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;

	(void)arg;
	if (!reply || store->state == STATE_BACKOFF)
		return;
	store->has_series_out = false;
	if (is_answer(store, reply))
		next_series(store);
}

/* How long after a round the next one may begin: twenty times as long as it took, so that it is little of what Redis
 * does; not longer than SERIES_LATE_MS, for a Redis that stood still tells nothing of the work. */
static int64_t series_pause_ms(int64_t took_ms)
{
	int64_t pause_ms = took_ms * 20;

	return pause_ms < SERIES_MS ? SERIES_MS : pause_ms > SERIES_LATE_MS ? SERIES_LATE_MS : pause_ms;
}

/* One stream after the other, until a round has taken long. */
static void next_series(struct store *store)
{
	int64_t now_ms = clock_mono_ms(), took_ms = now_ms - store->series_began_ms;

	if (store->state != STATE_READY || store->has_series_out)
		return;
	if (took_ms > 250 || !series_take(&store->series, &store->scene, &store->command)) {
		store->series_next_ms = now_ms + series_pause_ms(took_ms);
		return;
	}
	store->has_series_out = true;
	session_send(store, on_series, 0);
}

static void start_series(struct store *store)
{
	int64_t now_ms = clock_mono_ms();

	if (store->series.len == 0 || store->has_series_out || now_ms < store->series_next_ms)
		return;
	store->series_began_ms = now_ms;
	next_series(store);
}

/* Ticks
 * -----------------------------------------------------------------------------------------------------------------
 */

static void left_periods(struct store *store, uint16_t municipality, const struct redisReply *left)
{
	for (size_t i = 0; left->type == REDIS_REPLY_ARRAY && i + 1 < left->elements; i += 2) {
		int64_t window = window_of(left->element[i]), from_ms = 0;

		if (window < 0 || left->element[i + 1]->type != REDIS_REPLY_STRING ||
		    sscanf(left->element[i + 1]->str, "%" SCNd64, &from_ms) != 1)
			continue;
		series_add(&store->series, municipality, (enum window)window,
			   zone_day(store->scene.view->zone, from_ms));
		moment_changed(store, municipality);
	}
}

static void on_tick(void *ctx, uint64_t municipality, const struct redisReply *reply)
{
	struct store *store = ctx;

	if (!reply || store->state == STATE_BACKOFF)
		return;
	store->ticks_out--;
	if (!is_answer(store, reply) || reply->type != REDIS_REPLY_ARRAY || reply->elements < 3)
		return;
	if (store->presence[municipality] != PRESENCE_SEEN)
		store->presence[municipality] = reply->element[0]->integer ? PRESENCE_SEEN : PRESENCE_NONE;
	left_periods(store, (uint16_t)municipality, reply->element[1]);
	moment_told(store, &store->scene, (uint16_t)municipality, reply->element[2]);
	/* The country's rankings were emptied, at midnight or because Redis had lost whose they were. */
	if (reply->elements >= 4 && reply->element[3]->integer > 0)
		store->has_tell = true;
	if (store->ticks_out == 0) {
		start_series(store);
		flush(store);
	}
}

static unsigned due_windows(const struct store *store, uint16_t municipality)
{
	unsigned due = 0;

	for (int w = 0; w < WINDOWS; w++) {
		struct place_key key = { municipality, (uint8_t)w, store->scene.running[w].first };

		if (positions_get(store->positions, key))
			due |= 1U << w;
	}
	return due;
}

static bool send_tick(struct store *store, uint16_t municipality, bool is_told, bool has_minute)
{
	struct encode_tick tick = { municipality, store->presence[municipality] == PRESENCE_SEEN, is_told, has_minute,
				    due_windows(store, municipality) };

	if (store->presence[municipality] == PRESENCE_NONE)
		return true;
	encode_tick(&store->command, &store->scene, &tick);
	if (session_send(store, on_tick, municipality) < 0)
		return false;
	store->ticks_out++;
	return true;
}

/* True when `after` has gone by, also when the clock was set back. */
static bool is_due(int64_t last_ms, int64_t now_ms, int64_t after_ms)
{
	return now_ms < last_ms || now_ms - last_ms >= after_ms;
}

static void send_ticks(struct store *store, int64_t now_ms)
{
	int64_t minute = now_ms / 60000;
	bool has_minute = minute != store->minute, is_told = store->has_tell || is_due(store->told_ms, now_ms, TELL_MS);

	store->tick_ms = now_ms;
	store->minute = minute;
	store->today = zone_day(store->scene.view->zone, now_ms);
	store->has_tell = false;
	if (is_told)
		store->told_ms = now_ms;
	/* The country first: its rankings must be those of the new period before a municipality's share
	 * comes. */
	if (!send_tick(store, CELL_COUNTRY, is_told, has_minute))
		return;
	for (size_t m = 0; m < store->scene.view->municipalities_len && m < CELL_COUNTRY; m++)
		if (!send_tick(store, (uint16_t)m, is_told, has_minute))
			return;
}

static void send_alive(struct store *store, int64_t now_ms)
{
	store->alive_ms = now_ms;
	command_clear(&store->command);
	command_puts(&store->command, "SET");
	command_printf(&store->command, "%salive", store->prefix);
	command_int(&store->command, now_ms);
	command_puts(&store->command, "PX");
	command_int(&store->command, WRITER_EXPIRY_MS);
	if (session_send(store, on_ignored, 0) < 0)
		return;
	command_clear(&store->command);
	command_puts(&store->command, "FCALL");
	command_puts(&store->command, "effort_writer");
	command_puts(&store->command, "1");
	command_printf(&store->command, "%swriter:%s", store->prefix, store->writer);
	command_int(&store->command, WRITER_EXPIRY_MS);
	command_puts(&store->command, "state");
	command_puts(&store->command, store->told_state);
	command_puts(&store->command, "lag_s");
	command_int(&store->command, (store->scene.lag_ms + 999) / 1000);
	command_puts(&store->command, "version");
	command_puts(&store->command, store->version);
	command_puts(&store->command, "_functions");
	command_puts(&store->command, store->library);
	if (session_send(store, on_ignored, 0) < 0 || store->is_unclaimed)
		return;
	agree_send(store);
	if (store->state == STATE_READY)
		writers_send(store);
	if (store->state == STATE_READY)
		session_claim(store);
}

void store_tick(struct store *store, int64_t now_ms, int64_t lag_ms, const char *state)
{
	bool is_new_day = zone_day(store->scene.view->zone, now_ms) != store->today;

	snprintf(store->told_state, sizeof(store->told_state), "%s", state);
	scene_set(&store->scene, now_ms);
	store->scene.lag_ms = lag_ms;
	if (store->state != STATE_READY || store->is_foreign)
		return;
	if (is_due(store->alive_ms, now_ms, ALIVE_MS))
		send_alive(store, now_ms);
	if (store->state == STATE_READY && store->ticks_out == 0 &&
	    (is_new_day || now_ms / 60000 != store->minute || is_due(store->tick_ms, now_ms, TICK_MS)))
		send_ticks(store, now_ms);
	if (store->state == STATE_READY)
		flush(store);
	if (store->state == STATE_READY)
		start_series(store);
	if (store->state == STATE_READY)
		olds_look(store);
}

void moment_mended(struct store *store, struct place_key key)
{
	if (key.place >= PLACE_NAMES)
		return;
	store->presence[key.municipality] = PRESENCE_SEEN;
	moment_changed(store, key.municipality);
	if (scene_is_running(&store->scene, key))
		store->has_tell = true;
	else if (period_of((enum window)key.place, key.first).end <= store->scene.running[WINDOW_DAY].first)
		series_add(&store->series, key.municipality, (enum window)key.place, key.first);
}

void moment_ready(struct store *store)
{
	const unsigned with_series =
		1u << WINDOW_DAY | 1u << WINDOW_WEEK | 1u << WINDOW_MONTH | 1u << WINDOW_SEASON;

	/* Entries that were due when the last connection or run ended: all closed periods are compared, in
	 * time. */
	memset(store->series_back, (int)with_series, sizeof(store->series_back));
	store->has_series_back = true;
	store->alive_ms = store->tick_ms = INT64_MIN / 2;
	store->minute = -1;
}

int moment_init(struct store *store)
{
	command_init(&store->command);
	snprintf(store->told_state, sizeof(store->told_state), "starting");
	store->today = INT32_MIN;
	for (size_t m = 0; m < BATCH_CHAINS; m++)
		store->published_ms[m] = INT64_MIN / 2;
	store->soon = event_new(store->base, -1, 0, on_soon, store);
	return store->soon ? 0 : -1;
}

void moment_stop(struct store *store)
{
	if (store->soon)
		event_free(store->soon);
	command_done(&store->command);
	rank_done(&store->rank);
	series_done(&store->series);
}
