/* SPDX-License-Identifier: MPL-2.0 */
/* {"cmd":"measures","by":"unit",...}: a period's contacts by unit, portal, answering municipality or source, and what rates
 * there are per unit. Names are counted by month, so a period is some whole months; their hashes are read one after the
 * other and added up: rates are ratios of sums. */
#include "run/answers.h"

#include "base/str.h"
#include "count/measure.h"
#include "run/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 200

struct asking {
	struct effortd *d; /* borrowed */
	uint64_t id;
	char code[5];
	enum dimension dimension, at; /* at: the hash being read, BY_UNIT_END behind BY_UNIT */
	int32_t month, end;	      /* first day of the month being read; behind the period */
	struct picture *sums;	      /* owned: "contacts:<name>", "n:<name>", "resolved:<name>", ... */
	struct text answer;	      /* owned */
};

static void asking_free(struct asking *a)
{
	text_done(&a->answer);
	picture_free(a->sums);
	free(a);
}

static void give_up(struct asking *a)
{
	answer_refuse(a->d, a->id, REFUSAL_NO_REDIS, NULL);
	asking_free(a);
}

/* --- reading --- */

static int add(struct asking *a, const char *what, struct effort_str name, int64_t amount)
{
	char field[NAME_MAX_BYTES + 32];

	if (name.len > NAME_MAX_BYTES)
		return 0;
	snprintf(field, sizeof(field), "%s:%.*s", what, (int)name.len, name.ptr);
	return picture_add(a->sums, str_of(field), amount);
}

/* "library.contacts"; behind BY_UNIT "resolved/library.contacts". Others than contacts, n and self are bookkeeping. */
static int add_field(struct asking *a, struct effort_str field, int64_t amount)
{
	static const char *const suffixes[] = { "contacts", "n", "self" };
	const char *dot = memrchr(field.ptr, '.', field.len), *slash;
	struct effort_str name, suffix;

	if (dot == NULL)
		return 0;
	name = (struct effort_str){ field.ptr, (size_t)(dot - field.ptr) };
	suffix = (struct effort_str){ dot + 1, field.len - name.len - 1 };
	slash = memchr(name.ptr, '/', name.len);
	if (a->at == BY_UNIT_END) {
		char end[16];

		if (slash == NULL || slash - name.ptr >= (ptrdiff_t)sizeof(end) || !effort_equals(suffix, "contacts"))
			return 0;
		snprintf(end, sizeof(end), "%.*s", (int)(slash - name.ptr), name.ptr);
		return add(a, end, (struct effort_str){ slash + 1, (size_t)(dot - slash - 1) }, amount);
	}
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (effort_equals(suffix, suffixes[i]))
			return add(a, suffixes[i], name, amount);
	return 0;
}

static void answer(struct asking *a);
static void read_next(struct asking *a);

static void on_hash(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct asking *a = ctx;
	int r = 0;

	if (text == NULL) {
		give_up(a);
		return;
	}
	for (size_t i = 0; i + 1 < n && r == 0; i += 2)
		r = add_field(a, (struct effort_str){ text[i], len[i] }, fields_int((struct effort_str){ text[i + 1], len[i + 1] }));
	if (r < 0) {
		give_up(a);
		return;
	}
	if (a->at == BY_UNIT) {
		a->at = BY_UNIT_END;
	} else {
		a->at = a->dimension;
		a->month = period_of(WINDOW_MONTH, a->month).end;
	}
	if (a->month >= a->end)
		answer(a);
	else
		read_next(a);
}

static void read_next(struct asking *a)
{
	char key[256], label[PERIOD_LABEL];

	period_label(period_of(WINDOW_MONTH, a->month), label);
	snprintf(key, sizeof(key), "%s{%s}:by:%s:%s", a->d->snapshot->conf->redis_prefix, a->code, dimension_name[a->at],
		 strchr(label, ':') + 1);
	if (store_query(a->d->core.store, 2, (const char *const[]){ "HGETALL", key }, on_hash, a) < 0)
		give_up(a);
}

/* --- answering --- */

static int64_t sum(const struct asking *a, const char *what, const char *name)
{
	char field[NAME_MAX_BYTES + 32];

	snprintf(field, sizeof(field), "%s:%s", what, name);
	return picture_get(a->sums, field);
}

static void put_number(struct text *t, const char *name, int64_t value)
{
	text_key(t, name);
	text_printf(t, "\"%" PRId64 "\"", value);
}

static void put_percent(struct text *t, const char *name, int64_t part, int64_t n)
{
	struct measured m = { true, part, n, 0 };
	int64_t value;

	if (n <= 0)
		return;
	value = measured_basis_points(&m, -1);
	text_key(t, name);
	text_printf(t, "\"%" PRId64 ".%02d\"", value / 100, (int)(value % 100));
}

static int put_row(void *ctx, struct effort_str field, int64_t contacts)
{
	struct asking *a = ctx;
	const char *name = field.ptr + strlen("contacts:");
	int64_t n = sum(a, "n", name), self = sum(a, "self", name);
	int64_t resolved = sum(a, "resolved", name), forwarded = sum(a, "forwarded", name), assisted = sum(a, "assisted", name);
	struct text *t = &a->answer;

	/* What was taken back. */
	if (contacts <= 0)
		return 0;
	text_puts(t, t->ptr[t->len - 1] == '[' ? "{" : ",{");
	text_key_cstr(t, "name", name);
	put_number(t, "contacts", contacts);
	put_number(t, "n", n);
	put_number(t, "self", self);
	put_percent(t, "share", self, n);
	if (a->dimension == BY_UNIT) {
		put_number(t, "handled", resolved + forwarded);
		put_number(t, "forwarded", forwarded);
		put_number(t, "assisted", assisted);
		put_percent(t, "first_contact_resolution", resolved, resolved + forwarded);
		put_percent(t, "forward_rate", forwarded, resolved + forwarded);
		put_percent(t, "assistance_rate", assisted, self + assisted);
	}
	text_puts(t, "}");
	return 0;
}

static void answer(struct asking *a)
{
	text_key(&a->answer, "names");
	text_puts(&a->answer, "[");
	picture_each(a->sums, "contacts:", put_row, a);
	text_puts(&a->answer, "]}");
	answer_send(a->d, a->id, &a->answer);
	asking_free(a);
}

static int find_dimension(const char *by)
{
	for (int d = 0; d < BY_REASON; d++)
		if (strcmp(dimension_name[d], by) == 0)
			return d;
	return -1;
}

void answer_names(struct effortd *d, uint64_t id, const char *by, const char *code, struct period period, struct text *head)
{
	int dimension = find_dimension(by);
	struct asking *a;

	if (dimension < 0 || period.window < WINDOW_MONTH) {
		text_done(head);
		answer_refuse(d, id, dimension < 0 ? REFUSAL_NO_NAMES : REFUSAL_NAMES_BY_MONTH, NULL);
		return;
	}
	a = calloc(1, sizeof(*a));
	if (a != NULL)
		a->sums = picture_new();
	if (a == NULL || a->sums == NULL) {
		free(a);
		text_done(head);
		answer_refuse(d, id, REFUSAL_NO_MEMORY, NULL);
		return;
	}
	a->d = d;
	a->id = id;
	a->dimension = a->at = (enum dimension)dimension;
	a->month = period.first;
	a->end = period.end;
	a->answer = *head;
	snprintf(a->code, sizeof(a->code), "%s", code);
	text_key_cstr(&a->answer, "by", by);
	read_next(a);
}
