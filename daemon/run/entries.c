/* SPDX-License-Identifier: MPL-2.0 */
/* See entries.h. */
#include "run/entries.h"

#include "count/entry.h"
#include "event/vocab.h"
#include "run/ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entries {
	struct effortd *d; /* borrowed */
	struct text *text; /* borrowed */
	char code[8];
	int32_t first, end;	/* of the period */
	int32_t at;		/* days from here on are to be read */
	struct share_rule rule; /* of the days being read */
	bool is_whole;
	struct entry entry;
	void (*on_done)(void *ctx, bool is_good);
	void *ctx;
};

static void next(struct entries *e);

/* --- as JSON --- */

static void put_words(struct text *t, const char *name, const char *const *words, int n, uint32_t bits)
{
	const char *comma = "";

	text_key(t, name);
	text_puts(t, "[");
	for (int i = 0; i < n; i++) {
		if ((bits >> i & 1) == 0)
			continue;
		text_printf(t, "%s\"%s\"", comma, words[i]);
		comma = ",";
	}
	text_puts(t, "]");
}

static void put_definition(struct text *t, const struct definition *d)
{
	text_puts(t, t->ptr[t->len - 1] == '[' ? "{" : ",{");
	text_key_cstr(t, "id", d->id);
	if (d->from != INT32_MIN)
		text_key_cstr(t, "from", DAY_STR(d->from));
	put_words(t, "kinds", vocab_kind, EFFORT_KINDS, d->rule.kinds);
	put_words(t, "left_out", vocab_channel, EFFORT_CHANNELS, ~(uint32_t)d->rule.channels);
	put_words(t, "outcomes", vocab_outcome, EFFORT_OUTCOMES, d->rule.outcomes);
	put_words(t, "populations", vocab_population, 2, d->rule.populations);
	text_key_cstr(t, "exempt", d->rule.is_exempt_out ? "out" : "in");
	put_words(t, "self", vocab_channel, EFFORT_CHANNELS, d->rule.self);
	put_words(t, "digital", vocab_channel, EFFORT_CHANNELS, d->rule.digital);
	text_puts(t, "}");
}

/* Those in force in the period. */
static void put_definitions(const struct entries *e)
{
	const struct conf *conf = e->d->snapshot->conf;

	text_key(e->text, "definitions");
	text_puts(e->text, "[");
	for (size_t i = 0; i < conf->definitions_len; i++)
		if (conf->definitions[i].from < e->end &&
		    (i + 1 == conf->definitions_len || conf->definitions[i + 1].from > e->first))
			put_definition(e->text, &conf->definitions[i]);
	text_puts(e->text, "]");
}

static void put_scopes(struct text *t, const struct entry *entry)
{
	for (size_t i = 0; i < entry->n; i++) {
		text_key(t, entry->scopes[i].name);
		text_puts(t, "{");
		for (int s = 0; s < ENTRY_STEPS; s++)
			text_key_int(t, entry_name[s], entry->scopes[i].steps[s]);
		text_puts(t, "}");
	}
}

static void put(const struct entries *e)
{
	char names[DEFINITION_NAMES];
	struct text *t = e->text;

	store_view_definition(&e->d->snapshot->view, e->first, e->end, names);
	text_key(t, "explain");
	text_puts(t, "{");
	text_key_cstr(t, "definition", names);
	put_definitions(e);
	text_key_bool(t, "is_whole", e->is_whole);
	text_key_bool(t, "adds_up", entry_adds_up(&e->entry));
	text_key(t, "scopes");
	text_puts(t, "{");
	if (e->is_whole)
		put_scopes(t, &e->entry);
	text_puts(t, "}}");
}

static void finish(struct entries *e, bool is_good)
{
	if (is_good)
		put(e);
	e->on_done(e->ctx, is_good);
	free(e);
}

/* --- days under one definition after the other --- */

static void on_picture(void *ctx, struct picture *picture, bool is_whole)
{
	struct entries *e = ctx;

	if (picture == NULL) {
		finish(e, false);
		return;
	}
	e->is_whole = e->is_whole && is_whole;
	entry_add(&e->entry, picture, &e->rule);
	picture_free(picture);
	next(e);
}

static void next(struct entries *e)
{
	const struct conf *conf = e->d->snapshot->conf;
	const struct definition *d = definition_on(conf->definitions, conf->definitions_len, e->at);
	const struct definition *after = d + 1;
	int32_t from = e->at;

	if (e->at >= e->end) {
		finish(e, true);
		return;
	}
	e->rule = d->rule;
	e->at = after < conf->definitions + conf->definitions_len && after->from < e->end ? after->from : e->end;
	if (ranges_ask(e->d->ranges, e->code, from, e->at, on_picture, e) < 0)
		finish(e, false);
}

static bool find_days(const struct conf *conf, const char *label, int32_t *ret_first, int32_t *ret_end)
{
	const struct counting *counting = counting_find(conf->periods, conf->periods_len, label);
	struct period period;

	if (counting != NULL) {
		*ret_first = counting->first;
		*ret_end = counting->end;
		return true;
	}
	if (!period_parse(label, strlen(label), &period))
		return false;
	*ret_first = period.first;
	*ret_end = period.end;
	return true;
}

void entries_ask(struct effortd *d, const char *code, const char *label, struct text *text,
		 void (*on_done)(void *ctx, bool is_good), void *ctx)
{
	struct entries *e = malloc(sizeof(*e));
	int32_t first, end;

	if (e == NULL || !find_days(d->snapshot->conf, label, &first, &end)) {
		free(e);
		on_done(ctx, false);
		return;
	}
	*e = (struct entries){ .d = d, .text = text, .first = first, .end = end, .at = first, .is_whole = true,
			       .on_done = on_done, .ctx = ctx };
	snprintf(e->code, sizeof(e->code), "%s", code);
	entry_init(&e->entry);
	next(e);
}
