/* SPDX-License-Identifier: MPL-2.0 */
/* The plugin host's face: a set of areas built from their definitions, and one call that classifies a batch.
 *
 * A set is immutable but for its statistics and breakers; building one beside the one in force is how a
 * reload works. Plugins are loaded from private copies and stay mapped until the process ends. Main thread
 * only, but for what plugins promise about classify().
 *
 * Which area an event goes to: by `task` (ids are unique across areas), else by (source, service), else by
 * the longest KLE prefix; several claimants of one prefix are asked in their order, then those of the next
 * shorter prefix; when nobody takes it, it is unclassified. */
#ifndef CLASSIFY_CLASSIFY_H
#define CLASSIFY_CLASSIFY_H

#include "base/error.h"
#include "domain/area.h"

#include <effort/plugin.h>

struct areas;

/* One class (task) of one area, as declared by the area file or the plugin. Ids are dense over the whole set:
 * 0 is unclassified; then for each area its "-", the tasks of its file in their order, what its plugin
 * declared. Constant while the set lives. Ids of two sets have nothing to do with each other: keep labels. */
struct class_info {
	uint16_t area;     /* index of the area in the set; areas_len(): unclassified */
	const char *label; /* "-" for the class without a task */
	const char *name_da, *name_en;
	int wave;
	int32_t in_force; /* day number; INT32_MAX: never */
	bool is_target, is_attendance;
	uint32_t groups; /* bit i: group i of the definitions the set was built from */
	size_t authorities_len;
	struct {
		int32_t from; /* day number; INT32_MIN: always */
		bool is_municipal;
		char who[16];
	} authorities[4]; /* by date; none: municipal always */
};

/* What became of one event. */
struct outcome {
	uint16_t answer;    /* EFFORT_COUNT, EFFORT_IGNORE or EFFORT_REJECT */
	uint32_t class;     /* index for areas_class() */
	const char *reason; /* EFFORT_REJECT: declared reason, lives as long as the set; else NULL */
};

/* Where the log lines of plugins go; NULL, as at the start: nowhere. Set it before areas_new. text: one line
 * without its end, not yet escaped. */
void areas_log_to(void (*sink)(enum effort_level, const char *area, const char *plugin, const char *text));

/* A batch of n events is slow when the plugin took longer than n * batch_budget_us + AREAS_FLOOR_US; the
 * floor keeps the scheduler's pauses from counting against small batches. While the breaker is open events of
 * the area are unclassified, then one batch is tried: in time closes it, slow opens it again. */
#define AREAS_FLOOR_US 1000

struct areas_limits {
	int64_t batch_budget_us; /* what a plugin may take for one event on average */
	int slow_batches;        /* so many slow batches in a row open the breaker */
	int64_t breaker_ms;      /* how long the breaker stays open before the area is tried again */
	uint64_t disabled;       /* bit i: definition i starts disabled */
};

/* run_dir: where private copies are made (owner only). Every fault is added to faults; NULL then. The
 * definitions (defs, groups) must outlive the set. */
struct areas *areas_new(const struct area_def *defs, size_t n, const struct group_def *groups,
			size_t groups_len, const char *run_dir, const struct areas_limits *,
			struct faults *faults);
void areas_free(struct areas *);

/* Classifies a batch of any size; the plugins see pieces of at most AREAS_BATCH. Fills `listed` of each event
 * with what the lists of the area asked last say. now_us: a monotonic clock for the time budget, never 0. */
#define AREAS_BATCH 4096
void areas_classify(struct areas *, struct effort_event *const *events, size_t n,
		    struct outcome *ret_outcomes, int64_t (*now_us)(void));

size_t areas_len(const struct areas *);
const struct area_def *areas_def(const struct areas *, size_t area);
size_t areas_classes(const struct areas *);
const struct class_info *areas_class(const struct areas *, uint32_t class);

/* For status, logs and the crash note. */
struct area_status {
	const char *id, *plugin, *version, *summary, *path;
	uint16_t abi_major, abi_minor;
	size_t classes, claims, services;
	uint64_t events, batches, faults, slow, not_mine, rejected, ignored;
	uint64_t skipped; /* unclassified because the breaker was open or the area disabled */
	int64_t busy_us;
	bool breaker_is_open, is_disabled;
	const char *last_fault; /* what the plugin did wrong last, to follow its name; "" */
};
void areas_status(const struct areas *, size_t area, struct area_status *ret);
/* Its plugin is not opened: what it would declare is not there. */
bool areas_is_disabled(const struct areas *, size_t area);

/* Events whose task and KLE name different areas or classes (the task wins). */
uint64_t areas_mismatches(const struct areas *);

struct plugin_change {
	size_t area;
	bool breaker_opened, breaker_closed;
};
/* Takes the next area whose breaker stands otherwise than when it was last told here; false: none. One that
 * opened and closed in between is not told. */
bool areas_take_change(struct areas *, struct plugin_change *ret);

/* The area whose plugin is running right now in this thread, "" between calls: async-signal-safe, for the
 * crash note and the hang watch. ret_since_us (may be NULL): when it was entered, by the now_us clock; 0: in
 * open(), its samples or close(), which are not timed. */
const char *areas_running(int64_t *ret_since_us);

#endif
