/* SPDX-License-Identifier: MPL-2.0 */
/* {"cmd":"targets","municipality":"0751"}: every target of a municipality or the country, as it is in force and as its
 * hash in Redis says it stands. What is in force is taken when the request comes, so that a reload meanwhile changes
 * nothing; hashes are read one after the other. */
#include "run/answers.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asking {
	struct effortd *d; /* borrowed */
	uint64_t id;
	char code[8];
	struct text answer; /* owned */
	struct target {
		char id[64];
		struct text record; /* owned: {"id":..., without the end */
	} *targets;		    /* owned */
	size_t n, next;
};

static void asking_free(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		text_done(&a->targets[i].record);
	free(a->targets);
	text_done(&a->answer);
	free(a);
}

static void go_on(struct asking *a);

static void on_hash(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct asking *a = ctx;
	struct target *target = &a->targets[a->next++];
	char name[64];

	if (text == NULL) {
		answer_refuse(a->d, a->id, REFUSAL_NO_REDIS, NULL);
		asking_free(a);
		return;
	}
	text_puts(&a->answer, a->next > 1 ? "," : "");
	text_add(&a->answer, target->record.ptr, target->record.len);
	text_key(&a->answer, "hash");
	text_puts(&a->answer, "{");
	for (size_t i = 0; i + 1 < n; i += 2) {
		snprintf(name, sizeof(name), "%.*s", (int)len[i], text[i]);
		text_key(&a->answer, name);
		text_json(&a->answer, (struct effort_str){ text[i + 1], len[i + 1] });
	}
	text_puts(&a->answer, "}}");
	go_on(a);
}

static void go_on(struct asking *a)
{
	char key[320];

	if (a->next == a->n) {
		text_puts(&a->answer, "]}");
		answer_send(a->d, a->id, &a->answer);
		asking_free(a);
		return;
	}
	snprintf(key, sizeof(key), "%s{%s}:target:%s", a->d->snapshot->conf->redis_prefix, a->code,
		 a->targets[a->next].id);
	if (store_query(a->d->core.store, 2, (const char *const[]){ "HGETALL", key }, on_hash, a) < 0)
		on_hash(a, 0, NULL, NULL);
}

static void add(struct asking *a, const struct target_def *def)
{
	struct target *target = &a->targets[a->n++];
	struct text *t = &target->record;
	const char *da, *en;

	snprintf(target->id, sizeof(target->id), "%s", def->id);
	text_init(t, ANSWER_MAX);
	text_puts(t, "{");
	text_key_cstr(t, "id", def->id);
	text_key_cstr(t, "da", def->name_da);
	text_key_cstr(t, "en", def->name_en);
	text_key_cstr(t, "measure", measure_name[def->measure]);
	text_key_cstr(t, "measure_da", measure_da[def->measure]);
	text_key_cstr(t, "measure_en", measure_en[def->measure]);
	text_key_cstr(t, "scope", def->scope);
	if (answer_find_scope(a->d, def->scope, &da, &en)) {
		text_key_cstr(t, "scope_da", da);
		text_key_cstr(t, "scope_en", en);
	}
	text_key_bool(t, "is_share", measure_is_share(def->measure));
}

static void begin(struct asking *a, const char *name, const char *only)
{
	const struct target_set *set = a->d->snapshot->targets;

	answer_begin(&a->answer);
	text_key_int(&a->answer, "now_ms", clock_now_ms());
	text_key(&a->answer, "municipality");
	text_puts(&a->answer, "{");
	text_key_cstr(&a->answer, "code", a->code);
	text_key_cstr(&a->answer, "name", name);
	text_puts(&a->answer, "}");
	text_key(&a->answer, "targets");
	text_puts(&a->answer, "[");
	for (size_t i = 0; i < set->n; i++) {
		const struct target_def *def = &set->list[i].item.def;

		if ((def->municipality == NULL || strcmp(def->municipality, a->code) == 0) &&
		    (only == NULL || strcmp(def->id, only) == 0))
			add(a, def);
	}
	if (only != NULL && a->n == 0) {
		answer_refuse(a->d, a->id, REFUSAL_NO_TARGET, NULL);
		asking_free(a);
		return;
	}
	go_on(a);
}

void answer_targets(struct effortd *d, uint64_t id, json_t *request)
{
	const char *code = json_string_value(json_object_get(request, "municipality"));
	const char *name = answer_municipality_name(d, code == NULL ? "dk" : code);
	struct asking *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->targets = calloc(d->snapshot->targets->n + 1, sizeof(*a->targets));
	if (name == NULL || a == NULL || a->targets == NULL) {
		if (a != NULL)
			asking_free(a);
		answer_refuse(d, id, name == NULL ? REFUSAL_NO_MUNICIPALITY : REFUSAL_NO_MEMORY, NULL);
		return;
	}
	a->d = d;
	a->id = id;
	snprintf(a->code, sizeof(a->code), "%s", code == NULL ? "dk" : code);
	begin(a, name, json_string_value(json_object_get(request, "id")));
}
