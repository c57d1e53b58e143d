/* SPDX-License-Identifier: MPL-2.0 */
/* See data.h: keys, strings, hashes and sorted sets. Streams: data_stream.c. */
#include "data_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool arg_is(const struct arg *arg, const char *word)
{
	return strlen(word) == arg->len && strncasecmp(arg->bytes, word, arg->len) == 0;
}

bool arg_number(const struct arg *arg, int64_t *ret)
{
	char text[32], *end;

	if (arg->len == 0 || arg->len >= sizeof(text))
		return false;
	memcpy(text, arg->bytes, arg->len);
	text[arg->len] = '\0';
	*ret = strtoll(text, &end, 10);
	return *end == '\0';
}

struct object *data_of(struct data *data, size_t i, enum kind kind, bool *ret_is_wrong)
{
	struct object *object = keys_get(data->keys, data->argv[i].bytes, data->argv[i].len);

	*ret_is_wrong = object != NULL && object->kind != kind;
	if (*ret_is_wrong)
		answer_error(data->answer, "WRONGTYPE Operation against a key holding the wrong kind of value");
	return object;
}

struct object *data_make(struct data *data, size_t i, enum kind kind)
{
	const struct arg *key = &data->argv[i];
	struct object *object = keys_edit(data->keys, key->bytes, key->len);

	return object != NULL ? object : keys_make(data->keys, key->bytes, key->len, kind);
}

/* --- keys --- */

static void run_del(struct data *data)
{
	int64_t n = 0;

	for (size_t i = 1; i < data->argc; i++)
		n += keys_remove(data->keys, data->argv[i].bytes, data->argv[i].len);
	answer_int(data->answer, n);
}

static void run_exists(struct data *data)
{
	int64_t n = 0;

	for (size_t i = 1; i < data->argc; i++)
		n += keys_get(data->keys, data->argv[i].bytes, data->argv[i].len) != NULL;
	answer_int(data->answer, n);
}

static void run_type(struct data *data)
{
	struct object *object = keys_get(data->keys, data->argv[1].bytes, data->argv[1].len);

	answer_status(data->answer, object == NULL ? "none" : kind_name[object->kind]);
}

static void run_copy(struct data *data)
{
	const struct arg *from = &data->argv[1], *to = &data->argv[2];
	bool is_replace = data->argc > 3 && arg_is(&data->argv[3], "REPLACE");

	if (from->len == to->len && memcmp(from->bytes, to->bytes, to->len) == 0)
		answer_error(data->answer, "ERR source and destination objects are the same");
	else if (!is_replace && keys_get(data->keys, to->bytes, to->len) != NULL)
		answer_int(data->answer, 0);
	else
		answer_int(data->answer, keys_copy(data->keys, from->bytes, from->len, to->bytes, to->len));
}

static void run_rename(struct data *data)
{
	const struct arg *from = &data->argv[1], *to = &data->argv[2];

	if (!keys_copy(data->keys, from->bytes, from->len, to->bytes, to->len)) {
		answer_error(data->answer, "ERR no such key");
		return;
	}
	keys_remove(data->keys, from->bytes, from->len);
	answer_status(data->answer, "OK");
}

static void run_flush(struct data *data)
{
	keys_done(data->keys);
	answer_status(data->answer, "OK");
}

static void expire(struct data *data, int64_t ms)
{
	struct object *object = keys_edit(data->keys, data->argv[1].bytes, data->argv[1].len);

	if (object != NULL)
		object->expires_ms = data->now_ms + ms;
	answer_int(data->answer, object != NULL);
}

static void run_pexpire(struct data *data)
{
	int64_t ms;

	if (arg_number(&data->argv[2], &ms))
		expire(data, ms);
	else
		answer_error(data->answer, "ERR value is not an integer or out of range");
}

static void run_expire(struct data *data)
{
	int64_t s;

	if (arg_number(&data->argv[2], &s))
		expire(data, s * 1000);
	else
		answer_error(data->answer, "ERR value is not an integer or out of range");
}

static void run_dbsize(struct data *data)
{
	answer_int(data->answer, (int64_t)data->keys->table.len);
}

static void run_keys(struct data *data)
{
	const struct table *table = &data->keys->table;

	if (!arg_is(&data->argv[1], "*")) {
		answer_error(data->answer, "ERR the model knows only KEYS *");
		return;
	}
	answer_array(data->answer, table->len);
	for (size_t i = 0; i < table->used; i++)
		if (table->entries[i].name != NULL)
			answer_bulk(data->answer, table->entries[i].name->bytes, table->entries[i].name->len);
}

static void run_object(struct data *data)
{
	struct object *object = keys_get(data->keys, data->argv[2].bytes, data->argv[2].len);

	if (object == NULL)
		answer_nil(data->answer);
	else
		answer_puts(data->answer, object->kind == KIND_HASH ? "hashtable" : "listpack");
}

/* --- strings --- */

static void run_set(struct data *data)
{
	struct object *object = keys_make(data->keys, data->argv[1].bytes, data->argv[1].len, KIND_STRING);

	object->string = text_new(data->argv[2].bytes, data->argv[2].len);
	for (size_t i = 3; i + 1 < data->argc; i += 2) {
		int64_t after;

		if (!arg_number(&data->argv[i + 1], &after))
			abort();
		object->expires_ms = data->now_ms + (arg_is(&data->argv[i], "PX") ? after : after * 1000);
	}
	answer_status(data->answer, "OK");
}

static void run_get(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_STRING, &is_wrong);

	if (is_wrong)
		return;
	if (object == NULL)
		answer_nil(data->answer);
	else
		answer_bulk(data->answer, object->string->bytes, object->string->len);
}

/* --- hashes --- */

static void answer_text(struct answer *answer, const struct text *text)
{
	if (text == NULL)
		answer_nil(answer);
	else
		answer_bulk(answer, text->bytes, text->len);
}

static void run_hget(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_HASH, &is_wrong);

	if (!is_wrong)
		answer_text(data->answer, object_get(object, data->argv[2].bytes, data->argv[2].len));
}

static void run_hmget(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_HASH, &is_wrong);

	if (is_wrong)
		return;
	answer_array(data->answer, data->argc - 2);
	for (size_t i = 2; i < data->argc; i++)
		answer_text(data->answer, object_get(object, data->argv[i].bytes, data->argv[i].len));
}

static int64_t set_fields(struct data *data)
{
	struct object *object = data_make(data, 1, KIND_HASH);
	int64_t n = 0;
	bool is_new;

	for (size_t i = 2; i + 1 < data->argc; i += 2) {
		object_set(object, data->argv[i].bytes, data->argv[i].len, data->argv[i + 1].bytes,
			   data->argv[i + 1].len, &is_new);
		n += is_new;
	}
	return n;
}

static void run_hset(struct data *data)
{
	bool is_wrong;

	data_of(data, 1, KIND_HASH, &is_wrong);
	if (is_wrong)
		return;
	if (data->argc % 2 != 0)
		answer_error(data->answer, "ERR wrong number of arguments for 'hset' command");
	else
		answer_int(data->answer, set_fields(data));
}

static void run_hdel(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_HASH, &is_wrong);
	int64_t n = 0;

	if (is_wrong)
		return;
	if (object != NULL)
		object = data_make(data, 1, KIND_HASH);
	for (size_t i = 2; object != NULL && i < data->argc; i++)
		n += object_remove(object, data->argv[i].bytes, data->argv[i].len);
	keys_remove_empty(data->keys, data->argv[1].bytes, data->argv[1].len);
	answer_int(data->answer, n);
}

static void hash_list(struct data *data, bool has_names, bool has_values)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_HASH, &is_wrong);
	const struct table *table = object == NULL ? NULL : &object->table;

	if (is_wrong)
		return;
	answer_array(data->answer, table == NULL ? 0 : table->len * ((size_t)has_names + has_values));
	for (size_t i = 0; table != NULL && i < table->used; i++) {
		if (table->entries[i].name == NULL)
			continue;
		if (has_names)
			answer_text(data->answer, table->entries[i].name);
		if (has_values)
			answer_text(data->answer, table->entries[i].value);
	}
}

static void run_hgetall(struct data *data)
{
	hash_list(data, true, true);
}

static void run_hkeys(struct data *data)
{
	hash_list(data, true, false);
}

static void run_hvals(struct data *data)
{
	hash_list(data, false, true);
}

static void run_hlen(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_HASH, &is_wrong);

	if (!is_wrong)
		answer_int(data->answer, object == NULL ? 0 : (int64_t)object->table.len);
}

static void run_hexists(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_HASH, &is_wrong);

	if (!is_wrong)
		answer_int(data->answer,
			   object_get(object, data->argv[2].bytes, data->argv[2].len) != NULL);
}

static void run_hincrby(struct data *data)
{
	bool is_wrong, is_new;
	struct object *object = data_of(data, 1, KIND_HASH, &is_wrong);
	const struct text *old;
	int64_t by, is = 0;
	char text[32];
	int n;

	if (is_wrong)
		return;
	old = object_get(object, data->argv[2].bytes, data->argv[2].len);
	if (!arg_number(&data->argv[3], &by) ||
	    (old != NULL && !arg_number(&(struct arg){ old->bytes, old->len }, &is))) {
		answer_error(data->answer, "ERR hash value is not an integer");
		return;
	}
	n = snprintf(text, sizeof(text), "%lld", (long long)(is + by));
	object_set(data_make(data, 1, KIND_HASH), data->argv[2].bytes, data->argv[2].len, text, (size_t)n,
		   &is_new);
	answer_int(data->answer, is + by);
}

/* --- sorted sets --- */

static void run_zadd(struct data *data)
{
	bool is_wrong, is_new;
	int64_t n = 0;

	data_of(data, 1, KIND_ZSET, &is_wrong);
	if (is_wrong)
		return;
	for (size_t i = 2; i + 1 < data->argc; i += 2) {
		char text[64], *end;
		double score;

		snprintf(text, sizeof(text), "%.*s", (int)data->argv[i].len, data->argv[i].bytes);
		score = strtod(text, &end);
		if (end == text || *end != '\0') {
			answer_error(data->answer, "ERR value is not a valid float");
			return;
		}
		snprintf(text, sizeof(text), "%.17g", score);
		object_set(data_make(data, 1, KIND_ZSET), data->argv[i + 1].bytes, data->argv[i + 1].len, text,
			   strlen(text), &is_new);
		n += is_new;
	}
	answer_int(data->answer, n);
}

static void run_zrem(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_ZSET, &is_wrong);
	int64_t n = 0;

	if (is_wrong)
		return;
	if (object != NULL)
		object = data_make(data, 1, KIND_ZSET);
	for (size_t i = 2; object != NULL && i < data->argc; i++)
		n += object_remove(object, data->argv[i].bytes, data->argv[i].len);
	keys_remove_empty(data->keys, data->argv[1].bytes, data->argv[1].len);
	answer_int(data->answer, n);
}

static void run_zcard(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_ZSET, &is_wrong);

	if (!is_wrong)
		answer_int(data->answer, object == NULL ? 0 : (int64_t)object->table.len);
}

static void run_zscore(struct data *data)
{
	bool is_wrong;
	struct object *object = data_of(data, 1, KIND_ZSET, &is_wrong);

	if (!is_wrong)
		answer_text(data->answer, object_get(object, data->argv[2].bytes, data->argv[2].len));
}

/* --- all of them --- */

static const struct {
	const char *name;
	size_t least; /* arguments, the name with them */
	void (*run)(struct data *);
	bool is_write;
} commands[] = {
	{ "HMGET", 3, run_hmget, false },     { "HSET", 4, run_hset, true },
	{ "HDEL", 3, run_hdel, true },	      { "HGETALL", 2, run_hgetall, false },
	{ "HGET", 3, run_hget, false },	      { "HLEN", 2, run_hlen, false },
	{ "HEXISTS", 3, run_hexists, false }, { "HKEYS", 2, run_hkeys, false },
	{ "HVALS", 2, run_hvals, false },     { "HINCRBY", 4, run_hincrby, true },
	{ "COPY", 3, run_copy, true },	      { "DEL", 2, run_del, true },
	{ "UNLINK", 2, run_del, true },	      { "EXISTS", 2, run_exists, false },
	{ "TYPE", 2, run_type, false },	      { "RENAME", 3, run_rename, true },
	{ "PEXPIRE", 3, run_pexpire, true },  { "EXPIRE", 3, run_expire, true },
	{ "SET", 3, run_set, true },	      { "GET", 2, run_get, false },
	{ "ZADD", 4, run_zadd, true },	      { "ZREM", 3, run_zrem, true },
	{ "ZCARD", 2, run_zcard, false },     { "ZSCORE", 3, run_zscore, false },
	{ "XADD", 5, data_xadd, true },	      { "XRANGE", 4, data_xrange, false },
	{ "XREVRANGE", 4, data_xrevrange, false }, { "XLEN", 2, data_xlen, false },
	{ "FLUSHALL", 1, run_flush, true },   { "FLUSHDB", 1, run_flush, true },
	{ "DBSIZE", 1, run_dbsize, false },   { "KEYS", 2, run_keys, false },
	{ "OBJECT", 3, run_object, false },
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static size_t find(const struct arg *name)
{
	size_t i = 0;

	while (i < COMMANDS && !arg_is(name, commands[i].name))
		i++;
	return i;
}

bool data_is_write(const struct arg *name)
{
	size_t i = find(name);

	return i < COMMANDS && commands[i].is_write;
}

void data_run(struct keys *keys, int64_t now_ms, const struct arg *argv, size_t argc, struct answer *answer)
{
	size_t i = find(&argv[0]);
	struct data data = { keys, now_ms, argv, argc, answer };

	if (i == COMMANDS) {
		fprintf(stderr, "the model of Redis does not know %.*s: teach it (tests/simulation/data.c)\n",
			(int)argv[0].len, argv[0].bytes);
		abort();
	}
	if (argc < commands[i].least)
		answer_error(answer, "ERR wrong number of arguments for '%s' command", commands[i].name);
	else
		commands[i].run(&data);
}
