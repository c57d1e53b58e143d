/* SPDX-License-Identifier: MPL-2.0 */
/* {"cmd":"efforts"}: the efforts in force, those of one municipality, for one area or one by its id; each with what is
 * written down of it and what its hash in Redis says was counted, and the money of all of them together. What is written
 * down is taken when the request comes, so that a reload meanwhile changes nothing; hashes are read one after the other. */
#include "run/answers.h"

#include "base/clock.h"
#include "base/str.h"
#include "count/effort_total.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asked_effort {
	char code[8], id[64];
	struct text record; /* owned: {"id":...,  without the end */
};

struct asking {
	struct effortd *d; /* borrowed */
	uint64_t id;
	struct text answer, totals; /* owned */
	struct asked_effort *efforts; /* owned */
	size_t n, next;
	bool is_redis_away;
};

static void asking_free(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		text_done(&a->efforts[i].record);
	free(a->efforts);
	text_done(&a->answer);
	text_done(&a->totals);
	free(a);
}

static void put_member(void *text, const char *name, const char *value)
{
	text_key_cstr(text, name, value);
}

static void put_totals(struct asking *a, const struct effort_filter *filter)
{
	const struct conf *conf = a->d->snapshot->conf;
	struct effort_known known = conf_known(conf);
	struct text *t = &a->totals;

	text_puts(t, ",\"totals\":{");
	effort_total_fields(conf->efforts, conf->efforts_len, filter, put_member, t);
	effort_total_parts(conf->efforts, conf->efforts_len, filter, &known, put_member, t);
	text_puts(t, "},\"areas\":[");
	for (size_t i = 0; i < conf->areas_len; i++) {
		text_puts(t, i > 0 ? ",{" : "{");
		text_key_cstr(t, "id", conf->areas[i].id);
		text_key_cstr(t, "da", conf->areas[i].name_da);
		text_key_cstr(t, "en", conf->areas[i].name_en);
		text_puts(t, "}");
	}
	text_puts(t, "]}");
}

/* "Dagtilbud, Skole": what the effort is for, for people. */
static void put_scope_names(const struct effortd *d, const struct effort *effort, struct text *t)
{
	for (int is_danish = 0; is_danish <= 1; is_danish++) {
		struct text names;

		text_init(&names, 4096);
		for (size_t i = 0; i < effort->scopes_len; i++) {
			const char *da, *en;
			bool is_known = answer_find_scope(d, effort->scopes[i], &da, &en);

			text_printf(&names, "%s%s", i > 0 ? ", " : "", !is_known ? effort->scopes[i] : is_danish ? da : en);
		}
		text_key_cstr(t, is_danish ? "scopes_da" : "scopes_en", names.ptr);
		text_done(&names);
	}
}

static void add(struct asking *a, const struct effort *effort, int32_t today)
{
	struct asked_effort *asked = &a->efforts[a->n++];
	const char *name = answer_municipality_name(a->d, effort->municipality);

	snprintf(asked->code, sizeof(asked->code), "%.4s", effort->municipality);
	snprintf(asked->id, sizeof(asked->id), "%.48s", effort->id);
	text_init(&asked->record, ANSWER_MAX);
	text_puts(&asked->record, "{");
	effort_fields(effort, today, put_member, &asked->record);
	put_scope_names(a->d, effort, &asked->record);
	text_key_cstr(&asked->record, "municipality_name", name == NULL ? effort->municipality : name);
}

static void go_on(struct asking *a);

/* Everything that was counted, and when; without a hash yet, or without Redis, nothing. */
static void put_effort(struct asking *a, size_t n, const char *const *text, const size_t *len)
{
	struct asked_effort *asked = &a->efforts[a->next++];
	char name[128];

	a->is_redis_away = a->is_redis_away || text == NULL;
	text_puts(&a->answer, a->next > 1 ? "," : "");
	text_add(&a->answer, asked->record.ptr, asked->record.len);
	for (size_t i = 0; i + 1 < n; i += 2) {
		snprintf(name, sizeof(name), "%.*s", (int)len[i], text[i]);
		if (!effort_field_is_counted(name) && strcmp(name, "as_of") != 0)
			continue;
		text_key(&a->answer, name);
		text_json(&a->answer, (struct effort_str){ text[i + 1], len[i + 1] });
	}
	text_puts(&a->answer, "}");
}

static void on_hash(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	put_effort(ctx, n, text, len);
	go_on(ctx);
}

static void go_on(struct asking *a)
{
	char key[256];

	while (a->next < a->n && a->is_redis_away)
		put_effort(a, 0, NULL, NULL);
	if (a->next == a->n) {
		text_puts(&a->answer, "]");
		text_key_bool(&a->answer, "is_redis_away", a->is_redis_away);
		text_add(&a->answer, a->totals.ptr, a->totals.len);
		answer_send(a->d, a->id, &a->answer);
		asking_free(a);
		return;
	}
	snprintf(key, sizeof(key), "%s{%s}:effort:%s", a->d->snapshot->conf->redis_prefix, a->efforts[a->next].code,
		 a->efforts[a->next].id);
	if (store_query(a->d->core.store, 2, (const char *const[]){ "HGETALL", key }, on_hash, a) < 0)
		on_hash(a, 0, NULL, NULL);
}

static bool is_asked(const struct effort *effort, const struct effort_filter *filter, const char *id)
{
	return effort_passes(effort, filter) && (id == NULL || strcmp(effort->id, id) == 0);
}

static void begin(struct asking *a, const struct effort_filter *filter, const char *id)
{
	const struct conf *conf = a->d->snapshot->conf;
	int64_t now_ms = clock_now_ms();
	int32_t today = zone_day(&a->d->snapshot->zone, now_ms);

	answer_begin(&a->answer);
	text_init(&a->totals, ANSWER_MAX);
	text_key_int(&a->answer, "now_ms", now_ms);
	text_key(&a->answer, "efforts");
	text_puts(&a->answer, "[");
	for (size_t i = 0; i < conf->efforts_len; i++)
		if (is_asked(&conf->efforts[i], filter, id))
			add(a, &conf->efforts[i], today);
	put_totals(a, filter);
	go_on(a);
}

void answer_efforts(struct effortd *d, uint64_t id, json_t *request)
{
	struct effort_filter filter = { .municipality = json_string_value(json_object_get(request, "municipality")),
					.area = json_string_value(json_object_get(request, "area")) };
	const char *effort = json_string_value(json_object_get(request, "id"));
	size_t n = d->snapshot->conf->efforts_len, found = 0;
	struct asking *a;

	for (size_t i = 0; i < n; i++)
		found += is_asked(&d->snapshot->conf->efforts[i], &filter, effort);
	if (effort != NULL && found == 0) {
		answer_refuse(d, id, REFUSAL_NO_EFFORT, NULL);
		return;
	}
	a = calloc(1, sizeof(*a));
	if (a != NULL)
		a->efforts = calloc(n + 1, sizeof(*a->efforts));
	if (a == NULL || a->efforts == NULL) {
		free(a);
		answer_refuse(d, id, REFUSAL_NO_MEMORY, NULL);
		return;
	}
	a->d = d;
	a->id = id;
	begin(a, &filter, effort);
}
