/* SPDX-License-Identifier: MPL-2.0 */
/* See changes.h. One earlier period after the other. */
#include "run/changes.h"

#include "base/clock.h"
#include "base/str.h"
#include "count/share_fields.h"
#include "domain/earlier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 80

struct other {
	char label[COUNTING_LABEL], title[256]; /* title: of a counting period */
	int32_t first, end;			/* what is compared */
	bool is_part;
	int64_t target_bp; /* of the whole */
};

struct changes {
	struct effortd *d;  /* borrowed */
	struct text *text;  /* borrowed */
	char code[8], label[COUNTING_LABEL];
	int64_t target_bp;   /* of the period itself */
	struct picture *now; /* owned */
	enum earlier which;
	struct other other; /* the earlier period at hand */
	char definition[NAME_SIZE];
	bool is_gone; /* the hash says so of a counting period */
	void (*on_done)(void *ctx, bool is_good);
	void *ctx;
};

static void next(struct changes *c);

static void finish(struct changes *c, bool is_good)
{
	void (*on_done)(void *, bool) = c->on_done;
	void *ctx = c->ctx;

	picture_free(c->now);
	free(c);
	on_done(ctx, is_good);
}

/* --- which period --- */

static int64_t target_of(const struct changes *c, int32_t first, int32_t end)
{
	return store_view_target(&c->d->snapshot->view, first, end);
}

static int32_t today(const struct changes *c)
{
	return zone_day(&c->d->snapshot->zone, clock_now_ms());
}

static bool find_counting(struct changes *c, const struct counting *now)
{
	const struct conf *conf = c->d->snapshot->conf;
	const struct counting *then = counting_earlier(conf->periods, conf->periods_len, now, c->which);

	if (then == NULL)
		return false;
	c->other = (struct other){ .first = then->first, .end = counting_end(now, then, today(c)) };
	c->other.is_part = c->other.end < then->end;
	c->other.target_bp = target_of(c, then->first, then->end);
	snprintf(c->other.label, sizeof(c->other.label), COUNTING_PREFIX "%.*s", COUNTING_ID_MAX, then->id);
	snprintf(c->other.title, sizeof(c->other.title), "%s", then->title);
	c->target_bp = target_of(c, now->first, now->end);
	return true;
}

static bool find_other(struct changes *c)
{
	const struct conf *conf = c->d->snapshot->conf;
	const struct counting *counting = counting_find(conf->periods, conf->periods_len, c->label);
	struct earlier_days days;
	struct period now;

	if (counting != NULL)
		return find_counting(c, counting);
	if (!period_parse(c->label, strlen(c->label), &now) || !earlier_find(c->which, now, today(c), &days))
		return false;
	c->other = (struct other){ .first = days.first,
				   .end = days.end,
				   .is_part = days.is_part,
				   .target_bp = target_of(c, days.period.first, days.period.end) };
	period_label(days.period, c->other.label);
	c->target_bp = target_of(c, now.first, now.end);
	return true;
}

/* --- one earlier period as JSON --- */

static void put_percent(struct text *t, const char *name, int64_t bp)
{
	int64_t size = bp < 0 ? -bp : bp;

	text_key(t, name);
	text_printf(t, "\"%s%" PRId64 ".%02d\"", bp < 0 ? "-" : "", size / 100, (int)(size % 100));
}

static void put_field(void *ctx, const char *name, bool is_percent, int64_t value)
{
	struct text *t = ctx;

	if (is_percent) {
		put_percent(t, name, value);
		return;
	}
	text_key(t, name);
	text_printf(t, "\"%" PRId64 "\"", value);
}

struct scopes {
	struct changes *c;
	const struct picture *then;
};

/* The difference of what is shown, so that it adds up for who looks at both. */
static void put_scope_change(struct changes *c, const struct picture *then, const char *scope)
{
	struct text *t = c->text;
	bool is_begun = false;

	for (int r = 0; r < SHARE_RATIOS; r++) {
		int64_t now_bp, then_bp;

		if (!share_fields_ratio(c->now, scope, (enum share_ratio)r, c->target_bp, &now_bp) ||
		    !share_fields_ratio(then, scope, (enum share_ratio)r, c->other.target_bp, &then_bp))
			continue;
		if (!is_begun) {
			text_key(t, scope);
			text_puts(t, "{");
		}
		is_begun = true;
		put_percent(t, share_ratio_name[r], now_bp - then_bp);
	}
	if (is_begun)
		text_puts(t, "}");
}

static int put_change(void *ctx, struct effort_str field, int64_t amount)
{
	const struct scopes *s = ctx;
	size_t tail = sizeof(".contacts") - 1;
	char scope[NAME_SIZE];

	(void)amount;
	if (field.len <= tail || field.len - tail >= sizeof(scope) ||
	    memcmp(field.ptr + field.len - tail, ".contacts", tail) != 0)
		return 0;
	snprintf(scope, sizeof(scope), "%.*s", (int)(field.len - tail), field.ptr);
	if (strchr(scope, '/') == NULL)
		put_scope_change(s->c, s->then, scope);
	return 0;
}

static void put_head(struct changes *c, const char *reason)
{
	struct text *t = c->text;

	text_key_cstr(t, "label", c->other.label);
	if (c->other.title[0] != '\0')
		text_key_cstr(t, "title", c->other.title);
	text_key_cstr(t, "first", DAY_STR(c->other.first));
	text_key_cstr(t, "last", DAY_STR(c->other.end - 1));
	text_key_bool(t, "is_part", c->other.is_part);
	text_key_cstr(t, "reason", reason);
	if (c->definition[0] != '\0')
		text_key_cstr(t, "definition", c->definition);
}

/* False: no memory. then NULL: nothing may be said of it. */
static bool put_earlier(struct changes *c, const struct picture *then, const char *reason)
{
	struct text *t = c->text;
	struct scopes scopes = { c, then };
	int r = 0;

	put_head(c, reason);
	text_key(t, "share");
	text_puts(t, "{");
	if (then != NULL)
		r = share_fields_each(then, SHARE_FIELDS_SCOPES, c->other.target_bp, put_field, t);
	text_puts(t, "}");
	text_key(t, "change");
	text_puts(t, "{");
	if (then != NULL && r == 0)
		r = picture_each(c->now, "", put_change, &scopes);
	text_puts(t, "}");
	return r == 0;
}

static void end_earlier(struct changes *c, bool is_good)
{
	if (!is_good) {
		finish(c, false);
		return;
	}
	text_puts(c->text, "}");
	c->which++;
	next(c);
}

/* --- reading --- */

static void see(struct changes *c, const struct picture *then)
{
	if (c->is_gone)
		end_earlier(c, put_earlier(c, NULL, "days_gone"));
	else
		end_earlier(c, put_earlier(c, then, picture_get(then, "all.contacts") == 0 ? "no_data" : ""));
}

static void on_days(void *ctx, struct picture *picture, bool is_whole)
{
	struct changes *c = ctx;

	if (picture == NULL)
		end_earlier(c, false);
	else if (!is_whole)
		end_earlier(c, put_earlier(c, NULL, "days_gone"));
	else
		see(c, picture);
	picture_free(picture);
}

static void on_hash(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct changes *c = ctx;
	const struct fields f = { n, text, len };
	struct picture *then = picture_new();
	struct effort_str definition;

	if (text == NULL || then == NULL || picture_add_hash(then, n, text, len) < 0) {
		end_earlier(c, false);
	} else {
		definition = fields_get(&f, "definition");
		c->is_gone = fields_get(&f, "reason").len > 0;
		snprintf(c->definition, sizeof(c->definition), "%.*s", (int)definition.len, definition.ptr);
		see(c, then);
	}
	picture_free(then);
}

static int read_whole(struct changes *c)
{
	char key[320];

	snprintf(key, sizeof(key), "%s{%s}:share:%s", c->d->snapshot->conf->redis_prefix, c->code, c->other.label);
	return store_query(c->d->core.store, 2, (const char *const[]){ "HGETALL", key }, on_hash, c);
}

static void next(struct changes *c)
{
	int r;

	for (; c->which < EARLIERS; c->which++) {
		text_key(c->text, earlier_name[c->which]);
		text_puts(c->text, "{");
		c->definition[0] = '\0';
		c->is_gone = false;
		if (find_other(c))
			break;
		text_key_cstr(c->text, "reason", "no_such_period");
		text_puts(c->text, "}");
	}
	if (c->which == EARLIERS) {
		text_puts(c->text, "}");
		finish(c, true);
		return;
	}
	r = c->other.is_part ? ranges_ask(c->d->ranges, c->code, c->other.first, c->other.end, on_days, c) :
			       read_whole(c);
	if (r < 0)
		finish(c, false);
}

void changes_ask(struct effortd *d, const char *code, const char *label, struct picture *now, struct text *text,
		 void (*on_done)(void *ctx, bool is_good), void *ctx)
{
	struct changes *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		picture_free(now);
		on_done(ctx, false);
		return;
	}
	*c = (struct changes){ .d = d, .text = text, .now = now, .on_done = on_done, .ctx = ctx };
	snprintf(c->code, sizeof(c->code), "%s", code);
	snprintf(c->label, sizeof(c->label), "%s", label);
	text_key(text, "compare");
	text_puts(text, "{");
	next(c);
}
