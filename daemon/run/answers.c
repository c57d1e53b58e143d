/* SPDX-License-Identifier: MPL-2.0 */
/* The control socket's side of effortctl: one JSON request, one JSON answer. Every answer has "ok"; every
 * refusal says what to do next. What must be read from Redis is answered when Redis has answered (shares.c).
 */
#include "run/answers.h"

#include "base/clock.h"
#include "base/str.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

void answer_send(struct effortd *d, uint64_t id, struct text *answer)
{
	if (answer->is_cut)
		answer_refuse(d, id, REFUSAL_TOO_LARGE, NULL);
	else
		control_answer(d->control, id, answer->ptr, answer->len);
	text_done(answer);
}

void answer_refuse(struct effortd *d, uint64_t id, enum refusal refusal, const char *detail)
{
	static const struct {
		const char *word, *error, *hint;
	} refusals[] = {
#define REFUSAL(name, word, error, hint) [name] = { word, error, hint },
#include "run/refusals.def"
#undef REFUSAL
	};
	char hint[4096];
	struct text answer;

	snprintf(hint, sizeof(hint), "%s%s", refusals[refusal].hint, detail == NULL ? "" : detail);
	text_init(&answer, ANSWER_MAX);
	text_puts(&answer, "{");
	text_key_bool(&answer, "ok", false);
	text_key_cstr(&answer, "code", refusals[refusal].word);
	text_key_cstr(&answer, "error", refusals[refusal].error);
	text_key_cstr(&answer, "hint", hint);
	if (detail != NULL)
		text_key_cstr(&answer, "detail", detail);
	text_puts(&answer, "}");
	control_answer(d->control, id, answer.ptr, answer.len);
	text_done(&answer);
}

void answer_refuse_counting(struct effortd *d, uint64_t id)
{
	const struct conf *conf = d->snapshot->conf;
	struct text ids;

	text_init(&ids, 4000);
	for (size_t i = 0; i < conf->periods_len; i++)
		text_printf(&ids, "%s%s", i > 0 ? ", " : "", conf->periods[i].id);
	if (ids.len == 0)
		answer_refuse(d, id, REFUSAL_NONE_COUNTING, NULL);
	else
		answer_refuse(d, id, REFUSAL_NO_COUNTING, ids.ptr);
	text_done(&ids);
}

void answer_begin(struct text *answer)
{
	text_init(answer, ANSWER_MAX);
	text_puts(answer, "{");
	text_key_bool(answer, "ok", true);
}

/* --- status --- */

static void put_disagreement(struct effortd *d, struct text *t)
{
	const struct store_disagreement *found = store_disagreement(d->core.store);

	text_key(t, "other_definitions");
	if (found->writer[0] == '\0') {
		text_puts(t, "null");
		return;
	}
	text_puts(t, "{");
	text_key_cstr(t, "writer", found->writer);
	text_key_cstr(t, "theirs", found->theirs);
	text_key_cstr(t, "ours", found->ours);
	text_puts(t, "}");
}

static void put_redis(struct effortd *d, struct text *t)
{
	struct store_status s;

	store_status(d->core.store, &s);
	text_key(t, "redis");
	text_puts(t, "{");
	text_key_cstr(t, "state", s.state);
	text_key_cstr(t, "address", s.address);
	text_key_cstr(t, "error", s.error);
	text_key_cstr(t, "version", s.redis_version);
	text_key_int(t, "batches", (int64_t)s.batches);
	text_key_int(t, "calls", (int64_t)s.calls);
	text_key_int(t, "cells", (int64_t)s.cells);
	text_key_int(t, "skipped", (int64_t)s.skipped);
	text_key_int(t, "reconnects", (int64_t)s.reconnects);
	text_key_int(t, "batch_us", s.batch_us);
	text_key_bool(t, "is_private", d->redis != NULL);
	put_disagreement(d, t);
	text_puts(t, "}");
}

/* What -s said, so that effortctl can read the configuration as it is in force. */
static void put_overrides(const struct arguments *arguments, struct text *t)
{
	char override[4096];

	text_key(t, "overrides");
	text_puts(t, "[");
	for (size_t i = 0; i < arguments->overrides_len; i++) {
		snprintf(override, sizeof(override), "%s=%s", arguments->overrides[i].key,
			 arguments->overrides[i].value);
		text_puts(t, i > 0 ? "," : "");
		text_json(t, str_of(override));
	}
	text_puts(t, "]");
}

static void put_config(struct effortd *d, struct text *t)
{
	text_key(t, "config");
	text_puts(t, "{");
	text_key_cstr(t, "file", d->arguments.config_file);
	text_key_int(t, "loaded_ms", d->loaded_ms);
	text_key_int(t, "reloads", (int64_t)d->reloads);
	text_key_bool(t, "last_reload_ok", d->last_reload_is_ok);
	put_overrides(&d->arguments, t);
	text_puts(t, "}");
}

static void put_counts(struct effortd *d, struct text *t)
{
	struct net_status net;

	net_status(d->net, &net);
	text_key_int(t, "received", (int64_t)d->accounts.received);
	text_key_int(t, "accepted", (int64_t)d->accounts.accepted);
	text_key_int(t, "duplicate", (int64_t)d->accounts.duplicate);
	text_key_int(t, "merged", (int64_t)d->accounts.merged);
	text_key_int(t, "corrected", (int64_t)d->core.corrected);
	text_key_int(t, "refused", (int64_t)d->accounts.refused);
	text_key_int(t, "unclassified", (int64_t)receiver_unclassified(d->receiver));
	text_key_int(t, "connections", (int64_t)net.connections);
}

static void put_silent(struct effortd *d, struct text *t)
{
	bool is_first = true;

	text_key(t, "silent");
	text_puts(t, "[");
	for (size_t i = 0; i < d->accounts.n; i++) {
		if (!d->accounts.list[i]->is_silent)
			continue;
		text_puts(t, is_first ? "" : ",");
		text_json(t, str_of(d->accounts.list[i]->name));
		is_first = false;
	}
	text_puts(t, "]");
}

static void put_target(const struct target_def *target, int32_t today, struct text *t)
{
	int64_t value = target_value(target->steps, target->steps_len, today);

	text_key(t, "target");
	text_puts(t, "{");
	text_key_cstr(t, "id", target->id);
	text_key(t, "value");
	text_printf(t, "\"%d.%02d\"", (int)(value / 100), (int)(value % 100));
	text_puts(t, "}");
}

static void put_classes(struct effortd *d, struct text *t)
{
	const struct areas *areas = d->snapshot->areas;

	text_key_int(t, "areas", (int64_t)areas_len(areas));
	text_key_int(t, "tasks", (int64_t)(areas_classes(areas) - areas_len(areas) - 1));
	text_key_int(t, "plugins", (int64_t)effortd_plugins(d));
	text_key_int(t, "municipalities", (int64_t)d->snapshot->conf->municipalities_len);
}

static void answer_status(struct effortd *d, uint64_t id, json_t *request)
{
	int64_t now_ms = clock_now_ms();
	struct text t;

	(void)request;
	answer_begin(&t);
	text_key_cstr(&t, "version", EFFORTD_VERSION);
	text_key_int(&t, "pid", getpid());
	text_key_int(&t, "started_ms", d->started_ms);
	text_key_int(&t, "now_ms", now_ms);
	text_key_cstr(&t, "state", d->phase == PHASE_RUNNING ? "running" : "draining");
	text_key(&t, "listeners");
	text_puts(&t, "{");
	text_key_cstr(&t, "ndjson", net_address(d->net));
	text_puts(&t, "}");
	text_key_cstr(&t, "state_dir", d->snapshot->conf->state_dir);
	text_key_cstr(&t, "run_dir", d->snapshot->conf->run_dir);
	put_config(d, &t);
	put_counts(d, &t);
	put_redis(d, &t);
	answer_put_core(d, &t);
	text_key(&t, "lag_s");
	text_printf(&t, "%.3f", (double)flush_lag_ms(&d->core.flush, now_ms) / 1000);
	text_key_int(&t, "cells_waiting", (int64_t)ledger_cells(&d->core.ledger));
	put_classes(d, &t);
	text_key_cstr(&t, "timezone", d->snapshot->conf->timezone);
	put_target(&d->snapshot->targets->main->item.def, zone_day(&d->snapshot->zone, now_ms), &t);
	put_silent(d, &t);
	text_puts(&t, "}");
	answer_send(d, id, &t);
}

/* --- sources --- */

static void put_codes(const struct account *account, struct text *t)
{
	text_key(t, "codes");
	text_puts(t, "{");
	for (int code = 0; code < CODES; code++)
		if (account->codes[code] > 0)
			text_key_int(t, code_name((enum code)code), (int64_t)account->codes[code]);
	text_puts(t, "}");
}

/* What it feeds; without: any area. */
static void put_source_areas(const struct account *account, struct text *t)
{
	text_key(t, "areas");
	text_puts(t, "[");
	for (size_t i = 0; account->conf != NULL && i < account->conf->areas_len; i++) {
		text_puts(t, i > 0 ? "," : "");
		text_json(t, str_of(account->conf->areas[i]));
	}
	text_puts(t, "]");
}

static void put_source(const struct effortd *d, const struct account *account, struct text *t)
{
	int method = account->conf == NULL ? 0 : account->conf->method;

	text_puts(t, "{");
	text_key_cstr(t, "name", account->name);
	text_key_int(t, "received", (int64_t)account->received);
	text_key_int(t, "accepted", (int64_t)account->accepted);
	text_key_int(t, "duplicate", (int64_t)account->duplicate);
	text_key_int(t, "merged", (int64_t)account->merged);
	text_key_int(t, "doubtful_readings", (int64_t)account->doubtful);
	text_key_int(t, "refused", (int64_t)account->refused);
	text_key_int(t, "last_ms", account->last_ms);
	text_key_int(t, "expected_every_s",
		     account->conf == NULL ? 0 : account->conf->expected_every_ms / 1000);
	text_key_bool(t, "is_silent", account->is_silent);
	put_source_areas(account, t);
	text_key_cstr(t, "method", method == 0 ? NULL : d->snapshot->conf->methods[method - 1]);
	put_codes(account, t);
	text_puts(t, "}");
}

static void answer_sources(struct effortd *d, uint64_t id, json_t *request)
{
	bool is_first = true;
	struct text t;

	(void)request;
	answer_begin(&t);
	text_key(&t, "sources");
	text_puts(&t, "[");
	for (size_t i = 0; i < d->accounts.n; i++) {
		const struct account *account = d->accounts.list[i];

		/* the two collecting accounts are there from the start; shown when they hold something */
		if (account->received == 0 && account->conf == NULL)
			continue;
		text_puts(&t, is_first ? "" : ",");
		put_source(d, account, &t);
		is_first = false;
	}
	text_puts(&t, "]}");
	answer_send(d, id, &t);
}

/* --- plugins --- */

static void put_area(const struct areas *areas, size_t i, struct text *t)
{
	const struct area_def *def = areas_def(areas, i);
	struct area_status s;
	char abi[16];

	areas_status(areas, i, &s);
	snprintf(abi, sizeof(abi), "%d.%d", s.abi_major, s.abi_minor);
	text_puts(t, i > 0 ? ",{" : "{");
	text_key_cstr(t, "id", def->id);
	text_key_cstr(t, "da", def->name_da);
	text_key_cstr(t, "en", def->name_en);
	text_key_int(t, "order", def->order);
	text_key_cstr(t, "plugin", s.plugin);
	text_key_cstr(t, "version", s.version);
	text_key_cstr(t, "summary", s.summary);
	text_key_cstr(t, "abi", abi);
	text_key_cstr(t, "path", s.path);
	text_key_int(t, "classes", (int64_t)s.classes);
	text_key_int(t, "claims", (int64_t)s.claims);
	text_key_int(t, "services", (int64_t)s.services);
	text_key_int(t, "events", (int64_t)s.events);
	text_key_int(t, "batches", (int64_t)s.batches);
	text_key_int(t, "faults", (int64_t)s.faults);
	text_key_int(t, "slow", (int64_t)s.slow);
	text_key_int(t, "not_mine", (int64_t)s.not_mine);
	text_key_int(t, "rejected", (int64_t)s.rejected);
	text_key_int(t, "ignored", (int64_t)s.ignored);
	text_key_int(t, "skipped", (int64_t)s.skipped);
	text_key_int(t, "busy_us", s.busy_us);
	text_key_cstr(t, "last_fault", s.last_fault);
	text_key_cstr(t, "breaker", s.breaker_is_open ? "open" : "closed");
	text_key_bool(t, "is_disabled", s.is_disabled);
	text_puts(t, "}");
}

static void answer_plugins(struct effortd *d, uint64_t id, json_t *request)
{
	const struct areas *areas = d->snapshot->areas;
	struct text t;

	(void)request;
	answer_begin(&t);
	text_key_int(&t, "mismatches", (int64_t)areas_mismatches(areas));
	text_key(&t, "areas");
	text_puts(&t, "[");
	for (size_t i = 0; i < areas_len(areas); i++)
		put_area(areas, i, &t);
	text_puts(&t, "]}");
	answer_send(d, id, &t);
}

/* --- reload --- */

static void refuse_reload(struct effortd *d, uint64_t id, const struct faults *faults)
{
	struct text t;

	text_init(&t, ANSWER_MAX);
	text_puts(&t, "{");
	text_key_bool(&t, "ok", false);
	text_key_cstr(&t, "error", "the configuration has faults; the old one stays in force");
	text_key_cstr(&t, "hint", "mend them and reload again");
	text_key(&t, "faults");
	text_puts(&t, "[");
	for (size_t i = 0; i < faults->n; i++) {
		text_puts(&t, i > 0 ? ",{" : "{");
		text_key_cstr(&t, "text", faults->list[i].text);
		text_key_cstr(&t, "hint", faults->list[i].hint);
		text_puts(&t, "}");
	}
	text_puts(&t, "]}");
	answer_send(d, id, &t);
}

static void answer_reload(struct effortd *d, uint64_t id, json_t *request)
{
	struct faults faults = { 0 };
	struct text t;

	(void)request;
	if (effortd_reload(d, &faults) < 0) {
		refuse_reload(d, id, &faults);
	} else {
		answer_begin(&t);
		put_classes(d, &t);
		text_puts(&t, "}");
		answer_send(d, id, &t);
	}
	faults_done(&faults);
}

/* --- requests --- */

static const struct {
	const char *name;
	void (*answer)(struct effortd *, uint64_t id, json_t *request);
} commands[] = {
	{ "status", answer_status }, { "sources", answer_sources }, { "plugins", answer_plugins },
	{ "reload", answer_reload }, { "shares", answer_shares },   { "redis", answer_redis },
	{ "efforts", answer_efforts }, { "targets", answer_targets }, { "measures", answer_measures },
	{ "redis-audit", answer_redis_audit }, { "redis-rebuild", answer_redis_rebuild },
	{ "compare", answer_compare },
};

void effortd_answer(void *effortd, uint64_t id, const char *request, size_t len)
{
	json_t *json = json_loadb(request, len, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(json, "cmd"));

	for (size_t i = 0; name != NULL && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		commands[i].answer(effortd, id, json);
		json_decref(json);
		return;
	}
	answer_refuse(effortd, id, name == NULL ? REFUSAL_NO_REQUEST : REFUSAL_NO_COMMAND, NULL);
	json_decref(json);
}
