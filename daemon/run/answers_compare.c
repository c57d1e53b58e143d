/* SPDX-License-Identifier: MPL-2.0 */
/* {"cmd":"compare"}: one scope of one period for every municipality with data: its sums, what the hash says
 * of itself (definition, period, what is missing), and with "tasks" the sums of each of the scope's tasks, so
 * that effortctl can compare what is equal. Reads one key after the other and answers when the last one is
 * there. */
#include "run/answers.h"

#include "base/clock.h"
#include "base/str.h"
#include "run/fields.h"

#include <stdio.h>
#include <stdlib.h>

#define SCOPE_MAX 128

struct comparing {
	struct effortd *d; /* borrowed */
	uint64_t id;
	struct text answer;
	char scope[SCOPE_MAX], label[ASKED_LABEL]; /* label: behind "share:" or "tasks:" */
	struct answer_codes *codes;              /* owned */
	bool wants_tasks, has_rows;
	size_t next; /* of codes */
};

static void comparing_free(struct comparing *c)
{
	text_done(&c->answer);
	free(c->codes);
	free(c);
}

static void give_up(struct comparing *c)
{
	answer_refuse(c->d, c->id, REFUSAL_NO_REDIS, NULL);
	comparing_free(c);
}

/* --- scopes --- */

typedef void on_task_fn(void *ctx, const struct store_task *);

/* The tasks of the scope, by name: contacts without a task are nothing to compare. */
static void each_task(const struct comparing *c, on_task_fn *on_task, void *ctx)
{
	const struct snapshot *s = c->d->snapshot;
	struct scope_tasks found;

	if (scope_tasks_find(s, c->scope, &found) < 0)
		return;
	for (size_t i = 0; i < found.tasks_len; i++)
		if (strcmp(areas_class(s->areas, found.classes[i])->label, "-") != 0)
			on_task(ctx, &s->view.tasks[found.classes[i]]);
	scope_tasks_done(&found);
}

bool answer_find_scope(const struct effortd *d, const char *scope, const char **ret_da, const char **ret_en)
{
	const struct store_view *view = &d->snapshot->view;

	*ret_da = "I alt";
	*ret_en = "All";
	if (strcmp(scope, "all") == 0)
		return true;
	*ret_da = "Uklassificeret";
	*ret_en = "Unclassified";
	if (strcmp(scope, "unclassified") == 0)
		return true;
	for (size_t i = 0; i < view->areas_len; i++)
		if (strcmp(view->areas[i].id, scope) == 0) {
			*ret_da = view->areas[i].name_da;
			*ret_en = view->areas[i].name_en;
			return true;
		}
	for (size_t i = 0; i < view->groups_len; i++)
		if (strncmp(scope, "group:", 6) == 0 && strcmp(view->groups[i].id, scope + 6) == 0) {
			*ret_da = view->groups[i].name_da;
			*ret_en = view->groups[i].name_en;
			return true;
		}
	for (size_t i = 0; i < view->tasks_len; i++)
		if (strcmp(view->tasks[i].id, scope) == 0) {
			*ret_da = view->tasks[i].name_da;
			*ret_en = view->tasks[i].name_en;
			return true;
		}
	return false;
}

static void put_task_name(void *ctx, const struct store_task *task)
{
	struct text *t = ctx;

	text_key(t, task->id);
	text_puts(t, "{");
	text_key_cstr(t, "da", task->name_da);
	text_key_cstr(t, "en", task->name_en);
	text_puts(t, "}");
}

/* --- rows --- */

static void ask_next(struct comparing *c);

static const char *code_of(const struct comparing *c)
{
	return c->next < c->codes->n ? c->codes->list[c->next] : NULL;
}

static bool starts(struct effort_str name, const char *scope)
{
	size_t len = strlen(scope);

	return name.len > len && memcmp(name.ptr, scope, len) == 0 && name.ptr[len] == '.';
}

/* Fields of the scope without its name, and those the hash has once. */
static void put_fields(struct comparing *c, const struct fields *f)
{
	struct text *t = &c->answer;

	for (int of_scope = 1; of_scope >= 0; of_scope--) {
		text_key(t, of_scope ? "sums" : "hash");
		text_puts(t, "{");
		for (size_t i = 0; i + 1 < f->n; i += 2) {
			struct effort_str name = { f->text[i], f->len[i] };
			bool is_once =
				name.len > 0 && name.ptr[0] != '_' && memchr(name.ptr, '.', name.len) == NULL;

			if (of_scope ? !starts(name, c->scope) : !is_once)
				continue;
			if (of_scope)
				name = (struct effort_str){ name.ptr + strlen(c->scope) + 1,
							    name.len - strlen(c->scope) - 1 };
			if (t->ptr[t->len - 1] != '{')
				text_puts(t, ",");
			text_json(t, name);
			text_puts(t, ":");
			text_json(t, (struct effort_str){ f->text[i + 1], f->len[i + 1] });
		}
		text_puts(t, "}");
	}
}

struct task_sums {
	struct text *t;
	const struct fields *f;
};

/* "school/school-enrolment":[n,self,assisted,digital] */
static void put_task_sums(void *ctx, const struct store_task *task)
{
	const struct task_sums *s = ctx;
	int64_t n = fields_int(fields_of(s->f, task->id, "n"));

	if (n == 0)
		return;
	text_key(s->t, task->id);
	text_printf(s->t, "[%lld,%lld,%lld,%lld]", (long long)n,
		    (long long)fields_int(fields_of(s->f, task->id, "self")),
		    (long long)fields_int(fields_of(s->f, task->id, "assisted")),
		    (long long)fields_int(fields_of(s->f, task->id, "digital")));
}

static void finish_row(struct comparing *c)
{
	text_puts(&c->answer, "}");
	c->next++;
	ask_next(c);
}

static void on_tasks(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct comparing *c = ctx;
	const struct fields f = { n, text, len };

	if (text == NULL) {
		give_up(c);
		return;
	}
	text_key(&c->answer, "tasks");
	text_puts(&c->answer, "{");
	each_task(c, put_task_sums, &(struct task_sums){ &c->answer, &f });
	text_puts(&c->answer, "}");
	finish_row(c);
}

static void read_key(struct comparing *c, const char *kind,
		     void (*on_answer)(void *, size_t, const char *const *, const size_t *))
{
	char key[256];

	snprintf(key, sizeof(key), "%s{%s}:%s:%s", c->d->snapshot->conf->redis_prefix, code_of(c), kind,
		 c->label);
	if (store_query(c->d->core.store, 2, (const char *const[]){ "HGETALL", key }, on_answer, c) < 0)
		give_up(c);
}

static void on_row(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct comparing *c = ctx;
	const struct fields f = { n, text, len };
	const char *name = answer_municipality_name(c->d, code_of(c));

	if (text == NULL) {
		give_up(c);
		return;
	}
	if (n == 0 || name == NULL) {
		c->next++;
		ask_next(c);
		return;
	}
	text_puts(&c->answer, c->has_rows ? ",{" : "{");
	c->has_rows = true;
	text_key_cstr(&c->answer, "code", code_of(c));
	text_key_cstr(&c->answer, "name", name);
	put_fields(c, &f);
	if (c->wants_tasks)
		read_key(c, "tasks", on_tasks);
	else
		finish_row(c);
}

static void ask_next(struct comparing *c)
{
	if (code_of(c) != NULL) {
		read_key(c, strchr(c->scope, '/') == NULL ? "share" : "tasks", on_row);
		return;
	}
	text_puts(&c->answer, "]}");
	answer_send(c->d, c->id, &c->answer);
	comparing_free(c);
}

/* --- the request --- */

static const char *text_of(json_t *request, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(request, name));

	return text == NULL ? otherwise : text;
}

/* {"six-cities":["0101",...]} */
static void put_peers(const struct conf *conf, struct text *t)
{
	text_key(t, "peers");
	text_puts(t, "{");
	for (size_t i = 0; i < conf->peers_len; i++) {
		text_key(t, conf->peers[i].id);
		text_puts(t, "[");
		for (size_t k = 0; k < conf->peers[i].codes_len; k++) {
			text_puts(t, k > 0 ? "," : "");
			text_json(t, str_of(conf->peers[i].codes[k]));
		}
		text_puts(t, "]");
	}
	text_puts(t, "}");
}

static void begin(struct comparing *c, const char *title, const char *da, const char *en)
{
	struct text *t = &c->answer;

	answer_begin(t);
	text_key_cstr(t, "label", c->label);
	if (title != NULL)
		text_key_cstr(t, "title", title);
	text_key_int(t, "now_ms", clock_now_ms());
	text_key(t, "scope");
	text_puts(t, "{");
	text_key_cstr(t, "id", c->scope);
	text_key_cstr(t, "da", da);
	text_key_cstr(t, "en", en);
	text_puts(t, "}");
	text_key(t, "task_names");
	text_puts(t, "{");
	each_task(c, put_task_name, t);
	text_puts(t, "}");
	put_peers(c->d->snapshot->conf, t);
	text_key(t, "municipalities");
	text_puts(t, "[");
}

void answer_compare(struct effortd *d, uint64_t id, json_t *request)
{
	const char *scope = text_of(request, "scope", "group:target"),
		   *label = text_of(request, "label", "year");
	const char *da, *en;
	struct asked_period asked = { .counting = NULL };
	struct answer_codes *codes;
	struct comparing *c;

	if (window_find(label, strlen(label)) < 0 && !answer_find_period(d, id, NULL, label, &asked))
		return;
	if (strlen(scope) >= SCOPE_MAX || !answer_find_scope(d, scope, &da, &en)) {
		answer_refuse(d, id, REFUSAL_NO_SCOPE, NULL);
		return;
	}
	c = calloc(1, sizeof(*c));
	codes = answer_codes_new(d, text_of(request, "municipality", NULL));
	if (c == NULL || codes == NULL) {
		answer_refuse(d, id, REFUSAL_NO_MEMORY, NULL);
		free(codes);
		free(c);
		return;
	}
	*c = (struct comparing){ .d = d,
				 .id = id,
				 .codes = codes,
				 .wants_tasks = json_is_true(json_object_get(request, "tasks")) };
	snprintf(c->scope, sizeof(c->scope), "%s", scope);
	snprintf(c->label, sizeof(c->label), "%s", asked.label[0] != '\0' ? asked.label : label);
	begin(c, asked.counting == NULL ? NULL : asked.counting->title, da, en);
	ask_next(c);
}
