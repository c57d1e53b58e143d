/* SPDX-License-Identifier: MPL-2.0 */
/* How Redis itself is: was it started anew, has it evicted keys, is it set up to keep counts, is the index
 * there. Asked every probe_interval; what a user may not ask (INFO, CONFIG, OBJECT) is left out. */
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_advised(const struct store *store, enum store_advice kind)
{
	return store->advised >> kind & 1;
}

static void advise(struct store *store, enum store_advice kind, const char *text)
{
	if (has_advised(store, kind))
		return;
	store->advised |= 1U << kind;
	store->owner.on_advice(store->owner.ctx, kind, text);
}

/* The value of a line of INFO; "" where there is none. */
static void value_of(const char *info, const char *name, char *ret, size_t size)
{
	const char *at = strstr(info, name);

	*ret = '\0';
	if (at && (at == info || at[-1] == '\n'))
		snprintf(ret, size, "%.*s", (int)strcspn(at + strlen(name), "\r\n"), at + strlen(name));
}

static bool is_usable(const struct store *store, const struct redisReply *reply)
{
	return reply && store->state == STATE_READY && reply->type != REDIS_REPLY_ERROR;
}

static void on_save(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;

	(void)arg;
	if (is_usable(store, reply) && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	    reply->element[1]->type == REDIS_REPLY_STRING && reply->element[1]->len == 0)
		advise(store, ADVICE_PERSISTENCE,
		       "Redis keeps nothing on disk: after its restart all counts are brought back from "
		       "here; "
		       "set appendonly yes");
}

static void look_at_policy(struct store *store, const char *info)
{
	char policy[32], limit[32], text[200];

	value_of(info, "maxmemory_policy:", policy, sizeof(policy));
	value_of(info, "maxmemory:", limit, sizeof(limit));
	if (!*policy || strcmp(policy, "noeviction") == 0 || !*limit || strcmp(limit, "0") == 0)
		return;
	snprintf(text, sizeof(text),
		 "Redis may throw counts away when its memory is full (maxmemory-policy %s); set it to "
		 "noeviction",
		 policy);
	advise(store, ADVICE_EVICTION, text);
}

/* A Redis started anew, or one that evicts, may have lost anything. */
static void look_at_losses(struct store *store, const char *info)
{
	char run_id[sizeof(store->run_id)], text[32];
	uint64_t evicted;

	value_of(info, "run_id:", run_id, sizeof(run_id));
	value_of(info, "evicted_keys:", text, sizeof(text));
	evicted = strtoull(text, NULL, 10);
	if (store->has_info && (strcmp(run_id, store->run_id) != 0 || evicted > store->evicted))
		store->wants_audit = true;
	snprintf(store->run_id, sizeof(store->run_id), "%s", run_id);
	store->evicted = evicted;
	store->has_info = true;
}

static void on_info(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	char aof[8];

	(void)arg;
	if (!is_usable(store, reply) || reply->type != REDIS_REPLY_STRING)
		return;
	look_at_losses(store, reply->str);
	look_at_policy(store, reply->str);
	value_of(reply->str, "aof_enabled:", aof, sizeof(aof));
	if (strcmp(aof, "0") != 0 || has_advised(store, ADVICE_PERSISTENCE))
		return;
	command_clear(&store->command);
	command_puts(&store->command, "CONFIG");
	command_puts(&store->command, "GET");
	command_puts(&store->command, "save");
	session_send(store, on_save, 0);
}

/* Five index keys, but for those that have nothing in them. */
static void on_index(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	const struct store_view *view = store->scene.view;
	int there = 5 - (view->tasks_len == 0) - (view->groups_len == 0);

	(void)arg;
	if (is_usable(store, reply) && reply->type == REDIS_REPLY_INTEGER && reply->integer < there)
		session_index(store);
}

static void on_encoding(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;

	(void)arg;
	if (!is_usable(store, reply) || reply->type != REDIS_REPLY_STRING)
		return;
	store->has_looked = true;
	if (strcmp(reply->str, "hashtable") != 0)
		advise(store, ADVICE_ENCODING,
		       "Redis keeps small hashes packed, four times slower to count in; set "
		       "hash-max-listpack-value to 64");
}

static void ask_encoding(struct store *store)
{
	struct place_key key = { CELL_COUNTRY, WINDOW_YEAR, store->scene.running[WINDOW_YEAR].first };

	if (store->has_looked || positions_get(store->positions, key) == 0)
		return;
	command_clear(&store->command);
	command_puts(&store->command, "OBJECT");
	command_puts(&store->command, "ENCODING");
	encode_key(&store->command, &store->scene, key, HASH_SHARE);
	session_send(store, on_encoding, 0);
}

static void ask_index(struct store *store)
{
	static const char *const names[] = { "municipalities", "areas", "tasks", "groups", "schema" };

	command_clear(&store->command);
	command_puts(&store->command, "EXISTS");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		command_printf(&store->command, "%sindex:%s", store->prefix, names[i]);
	session_send(store, on_index, 0);
}

void health_look(struct store *store)
{
	static const char *const sections[] = { "INFO", "server", "memory", "persistence", "stats" };

	command_clear(&store->command);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		command_puts(&store->command, sections[i]);
	if (session_send(store, on_info, 0) < 0)
		return;
	if (store->state == STATE_READY)
		ask_index(store);
	if (store->state == STATE_READY)
		ask_encoding(store);
}

void health_ready(struct store *store)
{
	store->advised = 0;
	store->has_info = store->has_looked = false;
}
