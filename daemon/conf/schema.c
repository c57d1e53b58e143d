/* SPDX-License-Identifier: MPL-2.0 */
/* See schema.h: the table and the ways to look into it. */
#include "conf/schema.h"

#include "conf/conf.h"
#include "conf/value.h"

#include <stdio.h>
#include <string.h>

#ifndef EFFORT_DATADIR
#define EFFORT_DATADIR "/etc/effortd"
#endif
#ifndef EFFORT_PLUGINDIR
#define EFFORT_PLUGINDIR "/usr/lib/effortd/plugins"
#endif

const char schema_data_dir[] = EFFORT_DATADIR;
const char schema_plugin_dir[] = EFFORT_PLUGINDIR;

#define US(n)     INT64_C(n)
#define MS(n)     (US(n) * 1000)
#define SEC(n)    (MS(n) * 1000)
#define MIN(n)    (SEC(n) * 60)
#define HOUR(n)   (MIN(n) * 60)
#define DAY(n)    (HOUR(n) * 24)
#define YEAR(n)   (DAY(n) * 365)
#define MIB       INT64_C(1048576)
#define AT(field) offsetof(struct conf, field)

const struct schema_key schema_keys[] = {
	{ "state_dir", TYPE_PATH, "/var/lib/effortd", 1, 4000, NULL, EFFECT_RESTART, STORE_TEXT,
	  AT(state_dir), "Folder for what must survive a restart, and for the data of the private Redis." },
	{ "run_dir", TYPE_PATH, "/run/effortd", 1, 94, NULL, EFFECT_RESTART, STORE_TEXT, AT(run_dir),
	  "Folder for the control socket and the socket of the private Redis." },
	{ "areas_dir", TYPE_PATH, EFFORT_DATADIR "/areas", 1, 4000, NULL, EFFECT_RELOAD, STORE_TEXT,
	  AT(areas_dir), "Folder of the area files: every *.conf in it is one service area." },
	{ "tasks", TYPE_PATH, EFFORT_DATADIR "/tasks.conf", 1, 4000, NULL, EFFECT_RELOAD, STORE_NOT, 0,
	  "File with the name of the task package and its groups." },
	{ "municipalities", TYPE_PATH, EFFORT_DATADIR "/municipalities.conf", 1, 4000, NULL, EFFECT_RELOAD,
	  STORE_NOT, 0, "File with code and name of every municipality that may be counted for." },
	{ "targets", TYPE_PATH, EFFORT_DATADIR "/targets.conf", 1, 4000, NULL, EFFECT_RELOAD, STORE_NOT, 0,
	  "File with the targets." },
	{ "timezone", TYPE_ZONE, "Europe/Copenhagen", 1, 64, NULL, EFFECT_RESTART, STORE_TEXT, AT(timezone),
	  "Time zone whose midnights begin the days, weeks and other periods." },
	{ "late_limit", TYPE_DURATION, "35d", SEC(1), YEAR(100), "never", EFFECT_RELOAD, STORE_MS,
	  AT(late_limit_ms),
	  "An event older than this is refused (E_TOO_OLD); never: any age is accepted, also what was forgotten "
	  "under another limit and then counts again." },
	{ "future_limit", TYPE_DURATION, "10m", 0, YEAR(100), "never", EFFECT_RELOAD, STORE_MS,
	  AT(future_limit_ms),
	  "An event further ahead of the clock than this is refused (E_FUTURE); never: any lead is "
	  "accepted." },
	{ "flush_interval", TYPE_DURATION, "20ms", MS(1), SEC(5), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(flush_interval_ms),
	  "Least spacing between two batches to Redis under load; an idle effortd sends at once." },
	{ "share_interval", TYPE_DURATION, "200ms", MS(1), SEC(5), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(share_interval_ms), "Least spacing between two updates of the same share under load." },
	{ "follow_interval", TYPE_DURATION, "10s", MS(100), HOUR(1), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(follow_interval_ms), "How often targets, measures and efforts of changed municipalities are computed." },

	{ "listen.ndjson", TYPE_ADDRESS, "127.0.0.1:7020", 0, 0, "systemd off", EFFECT_RELOAD, STORE_TEXT,
	  AT(listen_ndjson), "Where events come in, one JSON object a line; port 0 is any free port." },
	{ "listen.tls", TYPE_ADDRESS, "off", 0, 0, "off", EFFECT_RESTART, STORE_NOT, 0,
	  "Events over TLS: not built yet, stays off." },
	{ "listen.http", TYPE_ADDRESS, "off", 0, 0, "off", EFFECT_RESTART, STORE_NOT, 0,
	  "Events, shares and metrics over HTTP: not built yet, stays off." },
	{ "listen.max_connections", TYPE_INT, "10000", 1, 100000, NULL, EFFECT_RELOAD, STORE_INT,
	  AT(max_connections), "Open connections at most; further ones wait in the queue of the system." },
	{ "listen.max_per_address", TYPE_INT, "off", 1, 100000, "off", EFFECT_RELOAD, STORE_INT,
	  AT(max_per_address), "Open connections from one address at most; off: no limit of its own." },
	{ "listen.line_timeout", TYPE_DURATION, "60s", MS(100), HOUR(24), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(line_timeout_ms), "Longest time from the first byte of a line to its end." },
	{ "listen.idle_timeout", TYPE_DURATION, "24h", MS(100), DAY(365), "never", EFFECT_RELOAD, STORE_MS,
	  AT(idle_timeout_ms), "A connection without a byte for so long is closed; never: it stays." },

	{ "redis.url", TYPE_URL, "private", 0, 0, "private", EFFECT_RESTART, STORE_TEXT, AT(redis_url),
	  "private: effortd runs its own redis-server; else redis://[user@]host:port[/db] or unix:///path." },
	{ "redis.prefix", TYPE_PREFIX, "effort:", 1, 64, NULL, EFFECT_RESTART, STORE_TEXT, AT(redis_prefix),
	  "What every key begins with." },
	{ "redis.user", TYPE_STRING, "", 0, 128, NULL, EFFECT_RESTART, STORE_TEXT, AT(redis_user),
	  "User to log in as; empty: the one of redis.url, or the default user." },
	{ "redis.password_file", TYPE_PATH, "", 0, 4000, NULL, EFFECT_RESTART, STORE_TEXT,
	  AT(redis_password_file), "File whose first line is the password; empty: none." },
	{ "redis.private_port", TYPE_INT, "off", 0, 65535, "off", EFFECT_RESTART, STORE_INT,
	  AT(redis_private_port),
	  "Loopback port of the private Redis, for tools that need TCP; 0 is any free port." },
	{ "redis.server", TYPE_STRING, "redis-server", 1, 4000, NULL, EFFECT_RESTART, STORE_TEXT,
	  AT(redis_server), "Program of the private Redis: a name in PATH or an absolute path." },
	{ "redis.timeout", TYPE_DURATION, "5s", MS(10), MIN(10), NULL, EFFECT_RESTART, STORE_MS,
	  AT(redis_timeout_ms), "Longest wait for a connection to Redis or for an answer." },

	{ "plugins.dir", TYPE_PATH, EFFORT_PLUGINDIR, 1, 4000, NULL, EFFECT_RELOAD, STORE_TEXT,
	  AT(plugins_dir), "Folder of the area plugins (*.so)." },
	{ "plugins.budget", TYPE_DURATION, "100us", US(1), SEC(1), NULL, EFFECT_RELOAD, STORE_US,
	  AT(plugin_budget_us),
	  "Time a plugin may take for one event, on average over a batch, before the batch counts as slow." },
	{ "plugins.slow_batches", TYPE_INT, "10", 1, 1000000, NULL, EFFECT_RELOAD, STORE_INT,
	  AT(plugin_slow_batches),
	  "So many slow batches in a row take the area out of service for plugins.breaker." },
	{ "plugins.breaker", TYPE_DURATION, "60s", MS(10), DAY(1), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(plugin_breaker_ms),
	  "How long a slow area is left out (its events count as unclassified) before it is tried again." },
	{ "plugins.hang_limit", TYPE_DURATION, "10s", MS(100), MIN(10), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(plugin_hang_limit_ms),
	  "A plugin that does not return for so long ends effortd with a note that names it." },

	{ "workers", TYPE_INT, "1", 1, 8, NULL, EFFECT_RESTART, STORE_INT, AT(workers),
	  "Threads that decode what was read, the one that counts among them; more than 1 where one core is not enough." },
	{ "limits.names", TYPE_INT, "256", 1, 65536, NULL, EFFECT_RESTART, STORE_INT, AT(limits_names),
	  "Names kept in one by: hash; further ones are counted as _other." },
	{ "limits.cells", TYPE_COUNT, "1M", 1000, 100000000, NULL, EFFECT_RELOAD, STORE_INT64,
	  AT(limits_cells),
	  "Changed cells kept in memory while Redis is away; past it reading stops until Redis is back." },
	{ "limits.drain", TYPE_DURATION, "10s", 0, MIN(10), NULL, EFFECT_RELOAD, STORE_MS, AT(drain_ms),
	  "Longest time a stop waits for clients, and after that for Redis." },

	{ "probe_interval", TYPE_DURATION, "30s", MS(50), HOUR(1), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(probe_interval_ms), "How often Redis is asked whether it still holds the running periods." },

	{ "dedup.window", TYPE_DURATION, "late_limit", HOUR(1), YEAR(10), "late_limit", EFFECT_RELOAD,
	  STORE_MS, AT(dedup_window_ms),
	  "How long an id is remembered; never shorter than its event would be accepted." },
	{ "dedup.max_ids", TYPE_COUNT, "4M", 1000, 1000000000, NULL, EFFECT_RELOAD, STORE_INT64,
	  AT(dedup_max_ids), "Ids kept in memory, 20 to 25 bytes each; older ones are looked up on disk." },

	{ "errand.window", TYPE_DURATION, "14d", HOUR(1), YEAR(1), NULL, EFFECT_RELOAD, STORE_MS,
	  AT(errand_window_ms), "How far apart records of one errand may be, each from the next, to be one contact; it is forgotten after." },
	{ "errand.max", TYPE_COUNT, "1M", 1000, 100000000, NULL, EFFECT_RELOAD, STORE_INT64, AT(errand_max),
	  "Records of errands remembered, about 150 bytes each; past it the oldest errands are forgotten." },

	{ "journal.quota", TYPE_SIZE, "4GiB", 16 * MIB, MIB * 1024 * 1024 * 16, NULL, EFFECT_RELOAD,
	  STORE_INT64, AT(journal_quota), "Disk space of the journal; past it reading pauses." },
	{ "journal.segment", TYPE_SIZE, "64MiB", MIB / 16, 1024 * MIB, NULL, EFFECT_RESTART, STORE_INT64,
	  AT(journal_segment), "Size at which a segment of the journal ends and is folded into the totals." },
	{ "journal.sync", TYPE_ENUM, "group", 0, 0, "group", EFFECT_RESTART, STORE_NOT, 0,
	  "When the journal is forced to disk: once for all events that came meanwhile, before any is acknowledged." },

	{ "dlq.quota", TYPE_SIZE, "256MiB", MIB, MIB * 1024 * 1024, NULL, EFFECT_RELOAD, STORE_INT64,
	  AT(dlq_quota), "Disk space of refused events; the oldest are dropped and counted." },

	{ "retention.day", TYPE_DURATION, "400d", DAY(1), YEAR(100), "never", EFFECT_RELOAD, STORE_MS,
	  AT(retention_day_ms), "How long day hashes are kept in Redis; of several effortd on one Redis the longest holds." },
	{ "retention.week", TYPE_DURATION, "3y", DAY(7), YEAR(100), "never", EFFECT_RELOAD, STORE_MS,
	  AT(retention_week_ms), "How long week hashes are kept in Redis; of several effortd on one Redis the longest holds." },

	{ "log.level", TYPE_ENUM, "info", 0, 0, "error warning info debug", EFFECT_RELOAD, STORE_INT,
	  AT(log_level), "Least important lines that are logged." },
	{ "log.format", TYPE_ENUM, "logfmt", 0, 0, "logfmt json", EFFECT_RELOAD, STORE_NOT, 0,
	  "Form of a log line." },
	{ "log.file", TYPE_PATH, "stderr", 1, 4000, "stderr", EFFECT_RELOAD, STORE_TEXT, AT(log_file),
	  "Where log lines go; a file is opened again on SIGUSR1." },
	{ "log.heartbeat", TYPE_DURATION, "60s", SEC(1), DAY(1), "never", EFFECT_RELOAD, STORE_MS,
	  AT(log_heartbeat_ms), "Spacing of the line msg=alive." },

	{ "sources", TYPE_SOURCES, "( )", 0, 0, NULL, EFFECT_RELOAD, STORE_NOT, 0,
	  "What is known of sending systems." },

	{ "periods", TYPE_PERIODS, "( )", 0, 0, NULL, EFFECT_RELOAD, STORE_NOT, 0,
	  "Named counting periods." },

	{ "definitions", TYPE_DEFINITIONS, "( )", 0, 0, NULL, EFFECT_RELOAD, STORE_NOT, 0,
	  "Who enters the share, from which day on." },

	{ "efforts", TYPE_PATH, EFFORT_DATADIR "/efforts.conf", 1, 4000, NULL, EFFECT_RELOAD, STORE_NOT, 0,
	  "File with efforts; those that effortctl registers stand in state_dir/efforts.conf." },
};

const size_t schema_len = sizeof(schema_keys) / sizeof(schema_keys[0]);

int schema_find(const char *name)
{
	for (size_t i = 0; i < schema_len; i++)
		if (strcmp(schema_keys[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool schema_is_group(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < schema_len; i++)
		if (strncmp(schema_keys[i].name, name, len) == 0 && schema_keys[i].name[len] == '.')
			return true;
	return false;
}

static bool is_listed(const char *const *names, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return true;
	return false;
}

size_t schema_members(const char *group, const char **names, size_t max, char *buf, size_t size)
{
	size_t n = 0, prefix = strlen(group), used = 0;

	for (size_t i = 0; i < schema_len && n < max; i++) {
		const char *name = schema_keys[i].name;
		size_t len;

		if (prefix > 0 && (strncmp(name, group, prefix) != 0 || name[prefix] != '.'))
			continue;
		name += prefix > 0 ? prefix + 1 : 0;
		len = strcspn(name, ".");
		if (is_listed(names, n, name, len) || used + len + 1 > size)
			continue;
		memcpy(buf + used, name, len);
		buf[used + len] = '\0';
		names[n++] = buf + used;
		used += len + 1;
	}
	return n;
}

const char *schema_effect_name(enum schema_effect effect)
{
	static const char *const names[] = { "reload", "restart" };

	return names[effect];
}

/* "a, b or c" from "a b c". */
static void add_words(const char *words, char *buf, size_t size)
{
	size_t used = strlen(buf);

	for (const char *p = words; *p != '\0' && used + 1 < size; p += strcspn(p, " "), p += *p == ' ') {
		int len = (int)strcspn(p, " ");
		const char *before = p == words ? "" : p[len] == '\0' ? " or " : ", ";

		snprintf(buf + used, size - used, "%s%.*s", before, len, p);
		used = strlen(buf);
	}
}

void schema_limits(const struct schema_key *key, char *buf, size_t size)
{
	char min[32], max[32];

	buf[0] = '\0';
	if (key->type == TYPE_ADDRESS && strcmp(key->words, "off") != 0)
		snprintf(buf, size, "address:port, a unix path, ");
	if (key->max != 0 && key->type <= TYPE_DURATION) {
		value_print(key->type, key->min, min, sizeof(min));
		value_print(key->type, key->max, max, sizeof(max));
		snprintf(buf, size, "%s to %s%s", min, max, key->words != NULL ? ", or " : "");
	}
	if (key->words != NULL && key->type != TYPE_URL && key->type != TYPE_PATH)
		add_words(key->words, buf, size);
}
