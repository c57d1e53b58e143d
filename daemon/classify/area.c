/* SPDX-License-Identifier: MPL-2.0 */
/* See area.h. Owns the life of an instance (open, classify, close) and the note of who is running, which a
 * signal handler may read at any moment. */
#include "classify/area.h"

#include "classify/setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Written around every call into a plugin, read by signal handlers of the same thread. */
static _Thread_local const char *volatile running_id = "";
static _Thread_local volatile int64_t running_since_us;

static void enter(const struct area *a, int64_t now_us)
{
	running_since_us = now_us;
	running_id = a->def->id;
}

static void leave(void)
{
	running_id = "";
	running_since_us = 0;
}

const char *areas_running(int64_t *ret_since_us)
{
	if (ret_since_us != NULL)
		*ret_since_us = running_since_us;
	return running_id;
}

/* ---- life ---- */

static int load(struct area *a, const char *run_dir, struct faults *faults)
{
	const struct module *module;
	struct error error;

	if (asprintf(&a->path, "%s/%s.so", a->def->dir, a->def->plugin) < 0) {
		a->path = NULL;
		return fault_add(faults, a->def->place, NULL, "area %s: no memory", a->def->id);
	}
	if (module_open(a->path, run_dir, &module, &error) < 0)
		return fault_add(faults, a->def->place, NULL, "area %s: %s", a->def->id, error.text);
	a->plugin = module_plugin(module);
	return 0;
}

static void open_instance(struct area *a, const struct options *options, struct faults *faults)
{
	struct effort_setup setup = {
		.def = a->def, .path = a->path, .classes = &a->classes, .options = options, .faults = faults
	};
	size_t before = faults->n + faults->more;
	void *instance = NULL;
	int result;

	enter(a, 0);
	result = a->plugin->open(&setup_host, &setup, &instance);
	leave();
	if (result == 0) {
		a->instance = instance;
		a->is_open = true;
	} else if (faults->n + faults->more == before) {
		/* Otherwise a class it could not declare is already told. */
		fault_add(faults, a->def->place, NULL, "area %s: %s: open failed: %s", a->def->id, a->path,
			  setup.why[0] != '\0' ? setup.why
					       : strerror(result < 0 && result > -4096 ? -result : EINVAL));
	}
}

void area_init(struct area *a, uint16_t index, const struct area_def *def, const struct group_def *groups,
	       size_t groups_len, const char *run_dir, bool is_disabled, struct faults *faults)
{
	size_t before = faults->n + faults->more;
	struct options options;

	memset(a, 0, sizeof(*a));
	a->def = def;
	a->is_disabled = is_disabled;
	a->counts.last_fault = "";
	if (classes_init(&a->classes, index, groups, groups_len) < 0) {
		fault_add(faults, def->place, NULL, "area %s: no memory", def->id);
		return;
	}
	if (def->tasks_len > AREA_TASKS_MAX)
		fault_add(faults, def->place, NULL, "area %s: more than %d tasks", def->id, AREA_TASKS_MAX);
	else
		for (size_t i = 0; i < def->tasks_len; i++)
			classes_add_task(&a->classes, &def->tasks[i], def->id, faults);
	if (load(a, run_dir, faults) < 0)
		return;
	options_init(&options, a->plugin->options, def, a->path, faults);
	if (faults->n + faults->more == before && !is_disabled)
		open_instance(a, &options, faults);
	options_done(&options);
}

void area_done(struct area *a)
{
	if (a->is_open) {
		enter(a, 0);
		a->plugin->close(a->instance);
		leave();
	}
	classes_done(&a->classes);
	free(a->path);
	memset(a, 0, sizeof(*a));
}

/* ---- classifying ---- */

bool area_is_asked(const struct area *a, int64_t now_us)
{
	return !a->is_disabled && (!a->breaker_is_open || now_us >= a->breaker_until_us);
}

static void keep_time(struct area *a, size_t n, int64_t took_us, int64_t now_us,
		      const struct areas_limits *limits)
{
	a->counts.busy_us += took_us;
	if (took_us <= (int64_t)n * limits->batch_budget_us + AREAS_FLOOR_US) {
		a->slow_in_a_row = 0;
		a->breaker_is_open = false;
		return;
	}
	a->counts.slow++;
	if (a->breaker_is_open || ++a->slow_in_a_row >= limits->slow_batches) {
		a->breaker_is_open = true;
		a->breaker_until_us = now_us + limits->breaker_ms * 1000;
		a->slow_in_a_row = 0;
	}
}

void area_ask(struct area *a, const struct effort_event *const *events, size_t n,
	      struct effort_verdict *verdicts, int64_t (*now_us)(void), const struct areas_limits *limits)
{
	int64_t start = now_us(), end;

	memset(verdicts, 0, n * sizeof(*verdicts));
	enter(a, start);
	a->plugin->classify(a->instance, events, n, verdicts);
	leave();
	end = now_us();
	a->counts.events += n;
	a->counts.batches++;
	keep_time(a, n, end - start, end, limits);
}

void area_try(const struct area *a, const struct effort_event *const *event, struct effort_verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	enter(a, 0);
	a->plugin->classify(a->instance, event, 1, verdict);
	leave();
}

enum verdict_fault area_check(struct area *a, const struct effort_verdict *verdict)
{
	enum verdict_fault fault =
		verdict_check(verdict, (uint32_t)a->classes.len, (uint32_t)a->classes.reasons_len);

	if (fault != VERDICT_FINE) {
		a->counts.faults++;
		a->counts.last_fault = verdict_fault_text(fault);
	}
	return fault;
}

void area_status(const struct area *a, struct area_status *ret)
{
	*ret = a->counts;
	ret->id = a->def->id;
	ret->plugin = a->plugin->name;
	ret->version = a->plugin->version;
	ret->summary = a->plugin->summary != NULL ? a->plugin->summary : "";
	ret->path = a->path;
	ret->abi_major = a->plugin->abi_major;
	ret->abi_minor = a->plugin->abi_minor;
	ret->classes = a->classes.len;
	ret->claims = a->def->claims_len;
	ret->services = a->def->services_len;
	ret->breaker_is_open = a->breaker_is_open;
	ret->is_disabled = a->is_disabled;
}
