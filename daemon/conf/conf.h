/* SPDX-License-Identifier: MPL-2.0 */
/* The configuration in force: one immutable struct, read from the main file, the area files and the data
 * files under one schema table (schema.h), with every fault of all files reported at once. The only layer
 * that knows libconfig. Whoever calls conf_load owns the result; everything in it lives as long as it does.
 * No globals. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/error.h"
#include "domain/area.h"
#include "domain/counting.h"
#include "domain/definition.h"
#include "domain/effort.h"
#include "domain/reference.h"
#include "domain/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CONF_NEVER    INT64_MAX /* a duration written "never" */
#define CONF_PORT_ANY (-1)      /* redis.private_port = 0 */

struct conf_municipality {
	const char *code; /* four digits */
	const char *name;
};

/* A group of municipalities that compare themselves with each other. */
struct conf_peers {
	const char *id, *name_da, *name_en;
	const char *const *codes;
	size_t codes_len;
	struct place place;
};

/* sources.<name>: what is known of a sending system. */
struct conf_source {
	const char *name;
	int64_t expected_every_ms; /* 0: not expected at any rhythm */
	int default_kind;          /* enum effort_kind; -1: transaction */
	const char *default_task;  /* or NULL: for events whose service is not mapped and that have no KLE and
				      no task */
	const char *const *areas;  /* ids of the areas it feeds; len 0: any */
	size_t areas_len;
	int method; /* counted apart: number in conf->methods + 1; 0: the shares are made of it */
	struct place place;
};

#define CONF_METHODS_MAX 4

struct conf {
	/* listen */
	const char *listen_ndjson; /* address:port, unix path, "systemd" or "off" */
	int max_connections;
	int max_per_address;     /* 0: no limit of its own */
	int64_t line_timeout_ms; /* from the first byte of a line to its end */
	int64_t idle_timeout_ms; /* without a byte; CONF_NEVER: none */

	/* places; absolute paths */
	const char *state_dir, *run_dir;
	const char *plugins_dir, *areas_dir;

	/* redis */
	const char *redis_url, *redis_prefix;
	const char *redis_user;          /* or NULL */
	const char *redis_password_file; /* or NULL */
	int redis_private_port;          /* 0: off; CONF_PORT_ANY: any free one */
	const char *redis_server;        /* program for the private mode */
	int64_t redis_timeout_ms;

	/* time */
	const char *timezone;
	int64_t late_limit_ms, future_limit_ms;
	int64_t flush_interval_ms, share_interval_ms, follow_interval_ms;

	int workers; /* threads that decode, the loop's among them */

	/* limits */
	int limits_names;     /* names per `by:` hash */
	int64_t limits_cells; /* changed cells kept while Redis is away */
	int64_t drain_ms;     /* longest time SIGTERM waits for clients, then for Redis */

	/* exactly once */
	int64_t probe_interval_ms;
	int64_t dedup_window_ms; /* 0: late_limit */
	int64_t dedup_max_ids;
	int64_t errand_window_ms, errand_max;
	int64_t journal_quota, journal_segment, dlq_quota; /* bytes */
	int64_t retention_day_ms, retention_week_ms;       /* CONF_NEVER: for ever */

	/* plugins */
	int64_t plugin_budget_us, plugin_hang_limit_ms, plugin_breaker_ms;
	int plugin_slow_batches;

	/* log */
	int log_level; /* syslog numbers: 3 error, 4 warning, 6 info, 7 debug */
	bool log_is_json;
	const char *log_file; /* or NULL: stderr */
	int64_t log_heartbeat_ms;

	const struct conf_municipality *municipalities; /* sorted by code */
	size_t municipalities_len;
	const struct conf_peers *peers;
	size_t peers_len;
	const struct reference *references; /* of some municipalities and the country */
	size_t references_len;
	const struct area_def *areas; /* sorted by order, id */
	size_t areas_len;
	const struct group_def *groups; /* sorted by order */
	size_t groups_len;
	const struct conf_source *sources;
	size_t sources_len;
	const char *methods[CONF_METHODS_MAX]; /* of sources that measure what others measure too */
	size_t methods_len;
	const struct counting *periods; /* as written */
	size_t periods_len;
	const struct definition *definitions; /* by date; [0].from is INT32_MIN */
	size_t definitions_len;
	const struct target_def *targets; /* as configured: changes of days gone are judged by run/target_book.h */
	size_t targets_len;
	const struct target_def *main_target; /* one of them: shown in every share hash */
	const struct effort *efforts; /* of the file `efforts` and of the registry in state_dir */
	size_t efforts_len;
	const struct effort_outside *outsides; /* for all efforts */
	size_t outsides_len;
	const char *task_package; /* name of the task package: "kl-2014-waves" */
	const char *definition;   /* name of the table of who enters the share; "kl-2014" */
};

/* One `-s key=value` of the command line. */
struct conf_override {
	const char *key, *value;
};

/* file NULL: built-in defaults with the installed data files. Reads everything; NULL and faults (maybe many)
 * on any fault. Warnings (deprecated, harmless) go to warnings. */
struct conf *conf_load(const char *file, const struct conf_override *overrides, size_t overrides_len,
		       struct faults *faults, struct faults *warnings);
void conf_free(struct conf *);

/* Where a setting of the main file was written; no place: nowhere. Lives as long as the configuration. */
struct place conf_place(const struct conf *, const char *name);

/* What is known of a municipality or of "dk"; NULL: nothing. */
const struct reference *conf_reference(const struct conf *, const char *code);

/* The area whose file has this task; NULL: none has. A task that only a plugin declares is none that can be named:
 * events find their area by the files, the plugin is asked after that. */
const struct area_def *conf_area_of(const struct conf *, const char *task);

/* What records of efforts may refer to; borrows conf. */
struct effort_known conf_known(const struct conf *);

/* `-T`: every setting as `key = value;  # origin; effect`: origin is default, FILE:LINE or -s; effect is
 * reload (a reload applies it) or restart. */
void conf_print(const struct conf *, FILE *out);

/* Settings that differ and need a restart: adds a fault for each (place of the new value). Returns their
 * number. */
size_t conf_needs_restart(const struct conf *in_force, const struct conf *wanted, struct faults *faults);

#endif
