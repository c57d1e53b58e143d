/* SPDX-License-Identifier: MPL-2.0 */
/* {"cmd":"shares"}: the hashes of one municipality and period as they stand in Redis, with the names that
 * belong to them; or one line for every municipality with data. Reads one key after the other and answers
 * when the last one is there. */
#include "run/answers.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/earlier.h"
#include "run/changes.h"
#include "run/entries.h"
#include "run/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNCLASSIFIED_ORDER 999

struct asking {
	struct effortd *d; /* borrowed */
	uint64_t id;
	struct text answer;
	const char *window;  /* its name, or "period" */
	struct picture *now; /* owned; NULL: no comparison is wanted */
	char label[ASKED_LABEL], before[ASKED_LABEL];
	char code[5];
	bool is_explained;
	bool is_running;   /* asked for as the period running now: its running hash is read */
	bool is_under_way; /* today is in it, however it was asked for */
	struct answer_codes *codes; /* owned; NULL: one municipality is wanted */
	size_t next;                /* which read comes next */
	bool has_rows;
};

static void asking_free(struct asking *a)
{
	text_done(&a->answer);
	picture_free(a->now);
	free(a->codes);
	free(a);
}

static void give_up(struct asking *a)
{
	answer_refuse(a->d, a->id, REFUSAL_NO_REDIS, NULL);
	asking_free(a);
}

typedef void on_answer_fn(void *ctx, size_t n, const char *const *text, const size_t *len);

/* Reads <prefix>{code}:<kind>:<label>; what is asked for does not depend on the running copy. */
static void read_key(struct asking *a, const char *code, const char *kind, const char *label,
		     on_answer_fn *on_answer)
{
	char key[256];

	snprintf(key, sizeof(key), "%s{%s}:%s:%s", a->d->snapshot->conf->redis_prefix, code, kind, label);
	if (store_query(a->d->core.store, 2, (const char *const[]){ "HGETALL", key }, on_answer, a) < 0)
		give_up(a);
}

static bool is_shown(const char *name, size_t len, const char *scope)
{
	size_t scope_len = scope == NULL ? 0 : strlen(scope);

	if (len > 0 && name[0] == '_')
		return false;
	return scope == NULL || memchr(name, '.', len) == NULL ||
	       (len > scope_len && memcmp(name, scope, scope_len) == 0);
}

/* The hash as a JSON object; scope: only its fields and those without a scope. */
static void put_hash(struct text *t, const char *name, size_t n, const char *const *text, const size_t *len,
		     const char *scope)
{
	text_key(t, name);
	text_puts(t, "{");
	for (size_t i = 0; i + 1 < n; i += 2) {
		if (!is_shown(text[i], len[i], scope))
			continue;
		if (t->ptr[t->len - 1] != '{')
			text_puts(t, ",");
		text_json(t, (struct effort_str){ text[i], len[i] });
		text_puts(t, ":");
		text_json(t, (struct effort_str){ text[i + 1], len[i + 1] });
	}
	text_puts(t, "}");
}

/* --- names --- */

static void put_name(struct text *t, const char *id, const char *da, const char *en, int order)
{
	if (t->ptr[t->len - 1] != '[')
		text_puts(t, ",");
	text_puts(t, "{");
	text_key_cstr(t, "id", id);
	text_key_cstr(t, "da", da);
	text_key_cstr(t, "en", en);
	text_key_int(t, "order", order);
	text_puts(t, "}");
}

static void put_names(struct asking *a)
{
	const struct store_view *view = &a->d->snapshot->view;
	struct text *t = &a->answer;

	text_key(t, "areas");
	text_puts(t, "[");
	for (size_t i = 0; i < view->areas_len; i++)
		put_name(t, view->areas[i].id, view->areas[i].name_da, view->areas[i].name_en,
			 view->areas[i].order);
	put_name(t, "unclassified", "Uklassificeret", "Unclassified", UNCLASSIFIED_ORDER);
	text_puts(t, "]");
	text_key(t, "groups");
	text_puts(t, "[");
	for (size_t i = 0; i < view->groups_len; i++)
		put_name(t, view->groups[i].id, view->groups[i].name_da, view->groups[i].name_en,
			 view->groups[i].order);
	text_puts(t, "]");
	text_key(t, "task_names");
	text_puts(t, "{");
	for (size_t i = 0; i < view->tasks_len; i++) {
		text_key(t, view->tasks[i].id);
		text_puts(t, "{");
		text_key_cstr(t, "da", view->tasks[i].name_da);
		text_key_cstr(t, "en", view->tasks[i].name_en);
		text_puts(t, "}");
	}
	text_puts(t, "}");
}

/* --- one municipality --- */

static void finish(struct asking *a)
{
	put_names(a);
	text_puts(&a->answer, "}");
	answer_send(a->d, a->id, &a->answer);
	asking_free(a);
}

static void on_entries(void *ctx, bool is_good)
{
	if (is_good)
		finish(ctx);
	else
		give_up(ctx);
}

static void on_changes(void *ctx, bool is_good)
{
	struct asking *a = ctx;

	if (!is_good)
		give_up(a);
	else if (a->is_explained)
		entries_ask(a->d, a->code, a->label, &a->answer, on_entries, a);
	else
		finish(a);
}

static void on_before(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct asking *a = ctx;
	struct picture *now = a->now;

	if (text == NULL) {
		give_up(a);
		return;
	}
	put_hash(&a->answer, "before", n, text, len, NULL);
	a->now = NULL;
	if (now == NULL)
		on_changes(a, true);
	else
		changes_ask(a->d, a->code, a->label, now, &a->answer, on_changes, a);
}

static void on_tasks(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct asking *a = ctx;

	if (text == NULL) {
		give_up(a);
		return;
	}
	put_hash(&a->answer, "tasks", n, text, len, NULL);
	read_key(a, a->code, "share", a->before, on_before);
}

static void on_share(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct asking *a = ctx;

	if (text == NULL) {
		give_up(a);
		return;
	}
	if (a->now != NULL && picture_add_hash(a->now, n, text, len) < 0) {
		give_up(a);
		return;
	}
	put_hash(&a->answer, "share", n, text, len, NULL);
	read_key(a, a->code, "tasks", a->is_running ? a->window : a->label, on_tasks);
}

static const struct counting *counting_of(const struct asking *a, const char *label)
{
	const struct conf *conf = a->d->snapshot->conf;

	return counting_find(conf->periods, conf->periods_len, label);
}

static void put_head(struct asking *a, const char *name)
{
	struct text *t = &a->answer;

	answer_begin(t);
	text_key(t, "municipality");
	text_puts(t, "{");
	text_key_cstr(t, "code", a->code);
	text_key_cstr(t, "name", name);
	text_puts(t, "}");
	text_key_cstr(t, "window", a->window);
	text_key_cstr(t, "label", a->label);
	answer_put_counting(t, counting_of(a, a->label));
	text_key_cstr(t, "before_label", a->before);
	if (counting_of(a, a->before) != NULL)
		text_key_cstr(t, "before_title", counting_of(a, a->before)->title);
	text_key_bool(t, "is_running", a->is_running);
	text_key_bool(t, "is_under_way", a->is_under_way);
	text_key_int(t, "now_ms", clock_now_ms());
}

static void ask_one(struct asking *a, const char *code)
{
	const char *name = answer_municipality_name(a->d, code);

	if (name == NULL) {
		answer_refuse(a->d, a->id, REFUSAL_NO_MUNICIPALITY, NULL);
		asking_free(a);
		return;
	}
	snprintf(a->code, sizeof(a->code), "%s", code);
	put_head(a, name);
	read_key(a, a->code, "share", a->is_running ? a->window : a->label, on_share);
}

/* --- all municipalities --- */

static const char *row_code(const struct asking *a)
{
	if (a->next == 0)
		return "dk";
	return a->next <= a->codes->n ? a->codes->list[a->next - 1] : NULL;
}

static void put_row(struct asking *a, const char *code, size_t n, const char *const *text, const size_t *len)
{
	struct text *t = &a->answer;

	text_puts(t, a->has_rows ? ",{" : "{");
	a->has_rows = true;
	text_key_cstr(t, "code", code);
	text_key_cstr(t, "name", answer_municipality_name(a->d, code));
	put_hash(t, "share", n, text, len, "all.");
	text_puts(t, "}");
}

static void on_row(void *ctx, size_t n, const char *const *text, const size_t *len);

static void ask_next_row(struct asking *a)
{
	const char *code = row_code(a);

	if (code != NULL) {
		snprintf(a->code, sizeof(a->code), "%s", code);
		read_key(a, a->code, "share", a->is_running ? a->window : a->label, on_row);
		return;
	}
	text_puts(&a->answer, "]}");
	answer_send(a->d, a->id, &a->answer);
	asking_free(a);
}

static void on_row(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct asking *a = ctx;
	struct fields f = { n, text, len };

	if (text == NULL) {
		give_up(a);
		return;
	}
	if (fields_of(&f, "all", "contacts").len > 0 && answer_municipality_name(a->d, a->code) != NULL)
		put_row(a, a->code, n, text, len);
	a->next++;
	ask_next_row(a);
}

static void ask_all(struct asking *a)
{
	answer_begin(&a->answer);
	text_key_cstr(&a->answer, "window", a->window);
	text_key_cstr(&a->answer, "label", a->label);
	answer_put_counting(&a->answer, counting_of(a, a->label));
	text_key_int(&a->answer, "now_ms", clock_now_ms());
	text_key(&a->answer, "municipalities");
	text_puts(&a->answer, "[");
	ask_next_row(a);
}

/* --- the request --- */

static int32_t today(const struct asking *a)
{
	return zone_day(&a->d->snapshot->zone, clock_now_ms());
}

static void find_before(struct asking *a, const struct asked_period *asked)
{
	const struct conf *conf = a->d->snapshot->conf;
	const struct counting *counting;
	struct earlier_days before;

	if (asked->counting == NULL) {
		if (earlier_find(EARLIER_PREVIOUS, asked->period, today(a), &before))
			period_label(before.period, a->before);
		return;
	}
	counting = counting_earlier(conf->periods, conf->periods_len, asked->counting, EARLIER_PREVIOUS);
	if (counting != NULL)
		snprintf(a->before, sizeof(a->before), COUNTING_PREFIX "%.*s", COUNTING_ID_MAX, counting->id);
}

/* False: refused. */
static bool find_period(struct asking *a, const char *window, const char *label)
{
	struct asked_period asked;

	if (!answer_find_period(a->d, a->id, window == NULL ? "day" : window, label, &asked))
		return false;
	a->window = asked.counting != NULL ? "period" : window_name[asked.period.window];
	a->is_under_way = asked.first <= today(a) && today(a) < asked.end;
	memcpy(a->label, asked.label, sizeof(a->label));
	find_before(a, &asked);
	return true;
}

void answer_shares(struct effortd *d, uint64_t id, json_t *request)
{
	const char *municipality = json_string_value(json_object_get(request, "municipality"));
	const char *window = json_string_value(json_object_get(request, "window"));
	const char *label = json_string_value(json_object_get(request, "label"));
	struct asking *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		answer_refuse(d, id, REFUSAL_NO_MEMORY, NULL);
		return;
	}
	*a = (struct asking){ .d = d, .id = id, .is_running = label == NULL };
	a->is_explained = json_is_true(json_object_get(request, "explain"));
	if (!find_period(a, window, label))
		asking_free(a);
	else if (json_is_true(json_object_get(request, "compare")) && municipality != NULL &&
		 (a->now = picture_new()) == NULL)
		give_up(a);
	else if (municipality != NULL)
		ask_one(a, municipality);
	else if ((a->codes = answer_codes_new(d, NULL)) == NULL)
		give_up(a);
	else
		ask_all(a);
}
