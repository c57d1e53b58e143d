/* SPDX-License-Identifier: MPL-2.0 */
/* See server.h. */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void server_init(struct server *server)
{
	memset(server, 0, sizeof(*server));
	server->is_up = true;
}

void server_done(struct server *server)
{
	keys_done(&server->keys);
	for (size_t i = 0; i < SERVER_SNAPSHOTS; i++)
		keys_done(&server->snapshots[i].keys);
}

void server_save(struct server *server)
{
	size_t i = server->next_snapshot++ % SERVER_SNAPSHOTS;

	keys_done(&server->snapshots[i].keys);
	keys_share(&server->snapshots[i].keys, &server->keys);
	server->snapshots[i].functions = server->functions;
	server->snapshots[i].is_there = true;
}

void server_restart(struct server *server, size_t age)
{
	size_t i = (server->next_snapshot + SERVER_SNAPSHOTS - age) % SERVER_SNAPSHOTS;

	server->is_up = true;
	server->is_hung = false;
	server->refusal = REFUSE_NOTHING;
	if (age == 0 || !server->snapshots[i].is_there)
		return;
	keys_done(&server->keys);
	keys_share(&server->keys, &server->snapshots[i].keys);
	server->functions = server->snapshots[i].functions;
}

void server_flush(struct server *server)
{
	keys_done(&server->keys);
}

void server_forget_functions(struct server *server)
{
	server->functions = NULL;
}

size_t server_evict(struct server *server, struct chance *chance, size_t n)
{
	struct table *table = &server->keys.table;
	size_t gone = 0;

	for (size_t tries = 0; tries < n * 4 && gone < n && table->used > 0; tries++) {
		struct text *name = table->entries[chance_below(chance, (uint32_t)table->used)].name;

		if (name == NULL)
			continue;
		text_share(name);
		gone += keys_remove(&server->keys, name->bytes, name->len);
		text_drop(name);
	}
	return gone;
}

/* --- commands of a connection --- */

static const char *const refusal_text[REFUSALS] = {
	[REFUSE_OOM] = "OOM command not allowed when used memory > 'maxmemory'.",
	[REFUSE_READONLY] = "READONLY You can't write against a read only replica.",
	[REFUSE_MISCONF] = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist "
			   "to disk.",
	[REFUSE_BUSY] = "BUSY Redis is busy running a script.",
	[REFUSE_LOADING] = "LOADING Redis is loading the dataset in memory",
	[REFUSE_NOPERM] = "NOPERM this user has no permissions to run the 'fcall' command",
};

static bool is_refused(const struct server *server, const struct arg *name)
{
	bool is_call = arg_is(name, "FCALL"), is_write = is_call || data_is_write(name) || arg_is(name, "FUNCTION");

	switch (server->refusal) {
	case REFUSE_NOTHING:
		return false;
	case REFUSE_BUSY:
		return true;
	case REFUSE_LOADING:
		return !arg_is(name, "INFO") && !arg_is(name, "AUTH") && !arg_is(name, "SELECT");
	case REFUSE_NOPERM:
		return is_call;
	default:
		return is_write;
	}
}

/* One at most: all effortds of a simulation are of one version. */
static void list_functions(const struct library *library, struct answer *answer)
{
	const char *label;
	size_t len;

	answer_array(answer, library == NULL ? 0 : 1);
	if (library == NULL)
		return;
	label = library_label(library, &len);
	answer_array(answer, 4);
	answer_puts(answer, "library_name");
	answer_bulk(answer, label, len);
	answer_puts(answer, "engine");
	answer_puts(answer, "LUA");
}

static void run_function(struct server *server, const struct arg *argv, size_t argc, struct answer *answer)
{
	const struct arg *text = &argv[argc - 1];
	struct library *library;
	const char *label;
	char why[256];
	size_t len;

	if (argc >= 2 && arg_is(&argv[1], "FLUSH")) {
		server->functions = NULL;
		answer_status(answer, "OK");
		return;
	}
	if (argc >= 2 && arg_is(&argv[1], "LIST")) {
		list_functions(server->functions, answer);
		return;
	}
	if (argc < 3 || !arg_is(&argv[1], "LOAD")) {
		fprintf(stderr, "the model of Redis does not know this FUNCTION command\n");
		abort();
	}
	library = library_of(text->bytes, text->len, why);
	if (library == NULL) {
		answer_error(answer, "ERR %s", why);
	} else if (server->functions != NULL && !(argc > 3 && arg_is(&argv[2], "REPLACE"))) {
		answer_error(answer, "ERR Library already exists");
	} else {
		server->functions = library;
		label = library_label(library, &len);
		answer_bulk(answer, label, len);
	}
}

static void run_call(struct server *server, const struct arg *argv, size_t argc, int64_t now_ms,
		     struct answer *answer)
{
	server->calls++;
	if (argc < 3 || server->functions == NULL || !library_has(server->functions, &argv[1]))
		answer_error(answer, "ERR Function not found");
	else
		library_call(server->functions, &argv[1], &server->keys, now_ms, argv + 2, argc - 2, answer);
}

static void run_config(const struct arg *argv, size_t argc, struct answer *answer)
{
	static const char *const known[][2] = {
		{ "maxmemory-policy", "noeviction" },	 { "maxmemory", "0" },
		{ "appendonly", "yes" },		 { "appendfsync", "everysec" },
		{ "save", "3600 1 300 100 60 10000" },	 { "hash-max-listpack-entries", "128" },
		{ "hash-max-listpack-value", "64" },	 { "hash-max-ziplist-value", "64" },
		{ "hash-max-ziplist-entries", "128" },
	};
	size_t n = 0;

	for (size_t pass = 0; pass < 2; pass++) {
		if (pass == 1)
			answer_array(answer, n);
		for (size_t i = 2; i < argc; i++)
			for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
				if (!arg_is(&argv[i], known[k][0]))
					continue;
				n += 2;
				if (pass == 0)
					continue;
				answer_puts(answer, known[k][0]);
				answer_puts(answer, known[k][1]);
			}
	}
}

static const char info[] = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:simulated\r\n"
			   "# Memory\r\nmaxmemory_policy:noeviction\r\nmaxmemory:0\r\n"
			   "# Persistence\r\nloading:0\r\naof_enabled:1\r\nrdb_last_bgsave_status:ok\r\n"
			   "# Replication\r\nrole:master\r\n";

void server_run(struct server *server, const struct arg *argv, size_t argc, int64_t now_ms,
		struct answer *answer)
{
	server->commands++;
	keys_expire(&server->keys, now_ms);
	if (is_refused(server, &argv[0])) {
		server->refused++;
		answer_error(answer, "%s", refusal_text[server->refusal]);
	} else if (arg_is(&argv[0], "FCALL")) {
		run_call(server, argv, argc, now_ms, answer);
	} else if (arg_is(&argv[0], "FUNCTION")) {
		run_function(server, argv, argc, answer);
	} else if (arg_is(&argv[0], "INFO")) {
		answer_puts(answer, info);
	} else if (arg_is(&argv[0], "CONFIG")) {
		run_config(argv, argc, answer);
	} else if (arg_is(&argv[0], "PUBLISH")) {
		answer_int(answer, 0);
	} else if (arg_is(&argv[0], "PING")) {
		answer_status(answer, "PONG");
	} else if (arg_is(&argv[0], "AUTH") || arg_is(&argv[0], "SELECT") || arg_is(&argv[0], "CLIENT")) {
		answer_status(answer, "OK");
	} else {
		data_run(&server->keys, now_ms, argv, argc, answer);
	}
}
