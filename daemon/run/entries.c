/* SPDX-License-Identifier: MPL-2.0 */
/* See entries.h. */
#include "run/entries.h"

#include "count/entry.h"
#include "run/ranges.h"

#include <stdlib.h>
#include <string.h>

struct entries {
	struct effortd *d; /* borrowed */
	struct text *text; /* borrowed */
	void (*on_done)(void *ctx, bool is_good);
	void *ctx;
};

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

static bool put(struct entries *e, const struct picture *picture, bool is_whole)
{
	struct entry *entry = malloc(sizeof(*entry));
	struct text *t = e->text;

	if (entry == NULL)
		return false;
	entry_make(entry, picture);
	text_key(t, "explain");
	text_puts(t, "{");
	text_key_cstr(t, "definition", e->d->snapshot->conf->definition);
	text_key_bool(t, "is_whole", is_whole);
	text_key_bool(t, "adds_up", entry_adds_up(entry));
	text_key(t, "scopes");
	text_puts(t, "{");
	if (is_whole)
		put_scopes(t, entry);
	text_puts(t, "}}");
	free(entry);
	return true;
}

static void on_picture(void *ctx, struct picture *picture, bool is_whole)
{
	struct entries *e = ctx;
	bool is_good = picture != NULL && put(e, picture, is_whole);

	picture_free(picture);
	e->on_done(e->ctx, is_good);
	free(e);
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

	if (e != NULL)
		*e = (struct entries){ d, text, on_done, ctx };
	if (e == NULL || !find_days(d->snapshot->conf, label, &first, &end) ||
	    ranges_ask(d->ranges, code, first, end, on_picture, e) < 0) {
		free(e);
		on_done(ctx, false);
	}
}
