/* SPDX-License-Identifier: MPL-2.0 */
/* See store.h. What others call; the work is done in session.c, flow.c and moment.c. */
#include "store/inside.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy(char **dst, const char *text)
{
	if (text)
		*dst = strdup(text);
	return !text || *dst;
}

static int copy_settings(struct store *store, const struct store_settings *settings)
{
	if (!copy(&store->prefix, settings->prefix) || !copy(&store->user, settings->user) ||
	    !copy(&store->password_file, settings->password_file) ||
	    !copy(&store->version, settings->version))
		return -ENOMEM;
	snprintf(store->writer, sizeof(store->writer), "%s", settings->writer);
	store->timeout_ms = settings->timeout_ms;
	store->run = settings->run;
	store->positions = settings->positions;
	store->probe_ms = settings->probe_interval_ms;
	store->scene = (struct scene){ .prefix = store->prefix,
				       .writer = store->writer,
				       .missing = store->missing,
				       .names_per_key = settings->names_per_key };
	return 0;
}

int64_t store_view_target(const struct store_view *view, int32_t first, int32_t end)
{
	if (view->target_id == NULL || view->target_steps_len == 0 || end <= view->target_from)
		return -1;
	return target_value(view->target_steps, view->target_steps_len, first);
}

int32_t store_view_definition(const struct store_view *view, int32_t first, int32_t end, char *buf)
{
	if (view->definitions_len > 0)
		return definition_names(view->definitions, view->definitions_len, first, end, buf);
	snprintf(buf, DEFINITION_NAMES, "%s", view->definition == NULL ? "" : view->definition);
	return INT32_MAX;
}

struct store *store_open(struct event_base *base, const struct store_settings *settings,
			 const struct store_owner *owner, const struct store_view *view, struct error *reterr)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store) {
		error_set(reterr, -ENOMEM, "no memory for the connection to Redis");
		return NULL;
	}
	store->base = base;
	store->owner = *owner;
	if (address_parse(settings->url, &store->address, reterr) < 0) {
		free(store);
		return NULL;
	}
	if (copy_settings(store, settings) < 0)
		goto no_memory;
	store->scene.view = view;
	scene_set(&store->scene, clock_now_ms());
	olds_init(store);
	if (loss_init(store) < 0 || others_init(store) < 0 || flow_init(store) < 0 || moment_init(store) < 0 || probe_init(store) < 0 ||
	    session_init(store) < 0)
		goto no_memory;
	return store;
no_memory:
	error_set(reterr, -ENOMEM, "no memory for the connection to Redis");
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	writers_leave(store);
	session_stop(store);
	mend_clear(store);
	flow_stop(store);
	moment_stop(store);
	probe_stop(store);
	loss_stop(store);
	others_stop(store);
	free(store->prefix);
	free(store->user);
	free(store->password_file);
	free(store->version);
	free(store);
}

void store_set_view(struct store *store, const struct store_view *view)
{
	store->scene.view = view;
	store->batch_scene.view = view;
	scene_set(&store->scene, store->scene.now_ms);
	store->rank.len = 0; /* its scopes are numbers of the old view */
	store->has_tell = true;
	memset(store->presence, PRESENCE_UNKNOWN, sizeof(store->presence));
	if (store->state == STATE_READY)
		session_index(store);
}

void store_set_missing(struct store *store, const char *names)
{
	if (strcmp(store->own_missing, names) == 0)
		return;
	snprintf(store->own_missing, sizeof(store->own_missing), "%s", names);
	writers_missing(store);
	if (store->state == STATE_READY)
		writers_send(store);
}

void store_set_heard(struct store *store, const char *names)
{
	if (strcmp(store->own_heard, names) == 0)
		return;
	snprintf(store->own_heard, sizeof(store->own_heard), "%s", names);
	writers_missing(store);
}

const char *store_missing(const struct store *store)
{
	return store->missing;
}

bool store_is_ready(const struct store *store)
{
	return store->state == STATE_READY && !store->is_foreign;
}

bool store_is_busy(const struct store *store)
{
	return store->is_sending;
}

uint64_t store_sent(const struct store *store)
{
	return store->sent;
}

int store_batch_begin(struct store *store, int64_t now_ms, int64_t lag_ms, uint64_t position)
{
	if (store->is_sending)
		return -EBUSY;
	batch_clear(&store->batch);
	memcpy(store->batch_missing, store->missing, sizeof(store->missing));
	store->batch_scene = store->scene;
	store->batch_scene.missing = store->batch_missing;
	store->batch_scene.lag_ms = lag_ms;
	scene_set(&store->batch_scene, now_ms);
	scene_set(&store->scene, now_ms);
	store->given_position = position;
	store->batch.is_open = true;
	return 0;
}

int store_batch_group(struct store *store, const struct spread_group *group)
{
	return batch_group(&store->batch, &store->batch_scene, group);
}

int store_batch_name(struct store *store, const struct name_record *record)
{
	return batch_name(&store->batch, record);
}

void store_batch_send(struct store *store)
{
	store->batch.is_open = false;
	flow_send(store);
}

void store_batch_abandon(struct store *store)
{
	batch_clear(&store->batch);
}

bool store_is_pending(const struct store *store, uint16_t municipality, int32_t day)
{
	const struct batch *batch = &store->batch;

	for (uint32_t i = batch->head[municipality]; i; i = batch->calls[i].next)
		if (batch->calls[i].day == day)
			return true;
	return false;
}

void store_set_kept(struct store *store, int32_t day, int32_t week)
{
	store->kept_day = day;
	store->kept_week = week;
}

static void on_forgotten(void *ctx, uint64_t packed, const struct redisReply *reply)
{
	struct store *store = ctx;
	struct place_key key = { (uint16_t)(packed >> 40), (uint8_t)(packed >> 32),
				 (int32_t)(uint32_t)packed };

	if (!reply || store->state == STATE_BACKOFF)
		return;
	if (reply->type == REDIS_REPLY_ERROR)
		session_refused(store, reply);
	else {
		positions_remove(store->positions, key);
		others_wait_no_more(store, key);
	}
}

int store_forget(struct store *store, struct place_key key)
{
	unsigned hashes = encode_hashes(key);

	if (store->state != STATE_READY)
		return -ENOTCONN;
	mend_drop(store, key);
	if (loss_hashes(store, key)) {
		loss_remove(store, key);
		store->owner.on_repaired(store->owner.ctx, key);
	}
	command_clear(&store->command);
	command_puts(&store->command, "UNLINK");
	for (; hashes; hashes &= hashes - 1)
		encode_key(&store->command, &store->scene, key, (enum hash)(hashes & -hashes));
	return session_send(store, on_forgotten,
			    (uint64_t)key.municipality << 40 | (uint64_t)key.place << 32 |
				    (uint32_t)key.first);
}

void store_rename(struct store *store, const char *writer, uint64_t run)
{
	snprintf(store->writer, sizeof(store->writer), "%s", writer);
	store->run = run;
	store->is_unclaimed = true;
	store->seen_run = store->seen_sent = store->sent = store->asked = store->granted = 0;
	flow_forget(store);
	mend_clear(store);
	loss_clear(store);
	store->alive_ms = INT64_MIN / 2;
}

void store_audit(struct store *store)
{
	store->wants_audit = true;
	if (store->state == STATE_READY)
		event_active(store->probe, EV_TIMEOUT, 0);
}

void store_set_probe_interval(struct store *store, int64_t ms)
{
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	store->probe_ms = ms;
	if (store->state == STATE_READY)
		event_add(store->probe, &after);
}

/* Texts of an answer, nested arrays flattened one level. */
struct texts {
	size_t n, cap;
	const char **text;
	size_t *len;
	char (*numbers)[24];
};

static void add_text(struct texts *texts, const struct redisReply *reply)
{
	if (texts->n == texts->cap)
		return;
	if (reply->type == REDIS_REPLY_INTEGER) {
		snprintf(texts->numbers[texts->n], sizeof(texts->numbers[0]), "%lld", reply->integer);
		texts->text[texts->n] = texts->numbers[texts->n];
		texts->len[texts->n] = strlen(texts->numbers[texts->n]);
	} else {
		texts->text[texts->n] = reply->type == REDIS_REPLY_NIL ? NULL : reply->str;
		texts->len[texts->n] = reply->type == REDIS_REPLY_NIL ? 0 : reply->len;
	}
	texts->n++;
}

static void answer(struct query query, const struct redisReply *reply)
{
	size_t cap = reply->type == REDIS_REPLY_ARRAY ? reply->elements : 1;
	struct texts texts = { 0, cap, calloc(cap + 1, sizeof(*texts.text)),
			       calloc(cap + 1, sizeof(*texts.len)), calloc(cap + 1, sizeof(*texts.numbers)) };

	if (texts.text && texts.len && texts.numbers) {
		if (reply->type != REDIS_REPLY_ARRAY)
			add_text(&texts, reply);
		else
			for (size_t i = 0; i < reply->elements; i++)
				add_text(&texts, reply->element[i]);
		query.on_answer(query.ctx, texts.n, texts.text, texts.len);
	} else {
		query.on_answer(query.ctx, 0, NULL, NULL);
	}
	free(texts.text);
	free(texts.len);
	free(texts.numbers);
}

static void on_query(void *ctx, uint64_t slot, const struct redisReply *reply)
{
	struct store *store = ctx;
	struct query query = store->queries[slot];

	store->query_used &= ~(UINT64_C(1) << slot);
	if (!reply || reply->type == REDIS_REPLY_ERROR)
		query.on_answer(query.ctx, 0, NULL, NULL);
	else
		answer(query, reply);
}

int store_query(struct store *store, size_t argc, const char *const *argv,
		void (*on_answer)(void *ctx, size_t n, const char *const *text, const size_t *len), void *ctx)
{
	int slot = ~store->query_used ? __builtin_ctzll(~store->query_used) : -1;

	if (store->state != STATE_READY)
		return -ENOTCONN;
	if (slot < 0)
		return -EAGAIN;
	command_clear(&store->command);
	for (size_t i = 0; i < argc; i++)
		command_puts(&store->command, argv[i]);
	store->queries[slot] = (struct query){ on_answer, ctx };
	if (session_send(store, on_query, (uint64_t)slot) < 0)
		return -ENOTCONN;
	store->query_used |= UINT64_C(1) << slot;
	return 0;
}

void store_status(const struct store *store, struct store_status *ret)
{
	static const char *const name[] = { "backoff", "connecting", "loading", "ready" };

	*ret = store->status;
	ret->state = name[store->state];
	ret->address = store->address.text;
	ret->is_auditing = store->is_auditing ||
			   (store->state == STATE_READY && (store->wants_audit || store->probes_out > 0));
	for (size_t m = 0; m < BATCH_CHAINS; m++)
		ret->is_auditing |= store->state == STATE_READY && store->audit_next[m];
	ret->losses = positions_len(store->losses);
	ret->waiting = positions_len(store->waits);
}
