/* SPDX-License-Identifier: MPL-2.0 */
/* See entry.h. Cells say of which kind, channel and outcome contacts are; the sums, what entered. What has all of that
 * and did not enter belongs to tasks that are not municipal. */
#include "count/entry.h"

#include "base/str.h"
#include "domain/share.h"
#include "event/vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_MAX 256

const char *const entry_name[ENTRY_STEPS] = {
	"contacts", "information", "case",     "unknown",     "web",	   "system",   "misdirected", "abandoned",
	"rejected", "no_show",	   "handed_over", "n",	       "self",	   "assisted", "other",	      "digital",
	"exempt",   "forwarded",   "business", "outgoing",    "internal", "ignored",
};

struct walk {
	struct entry *entry;
	const struct picture *picture;
};

static size_t scope_of(struct entry *e, const char *area, size_t len)
{
	struct effort_str name = { area, len };
	size_t i = 1;

	while (i < e->n && !effort_equals(name, e->scopes[i].name))
		i++;
	if (i < e->n || len > AREA_NAME_MAX || e->n == ENTRY_SCOPES_MAX)
		return i < e->n ? i : 0;
	memcpy(e->scopes[i].name, area, len);
	e->n++;
	return i;
}

static void add(struct entry *e, size_t scope, enum entry_step step, int64_t amount)
{
	e->scopes[0].steps[step] += amount;
	if (scope != 0)
		e->scopes[scope].steps[step] += amount;
}

static int64_t of_which(const struct walk *w, const char *family, const char *label)
{
	char field[FIELD_MAX];

	snprintf(field, sizeof(field), "%s:%s", family, label);
	return picture_get(w->picture, field);
}

/* A transaction by a channel that counts leaves by its outcome, or is a candidate for n. */
static void add_candidates(const struct walk *w, size_t scope, const char *label, int64_t amount)
{
	static const struct {
		uint8_t outcome;
		enum entry_step step;
	} lost[] = { { EFFORT_MISDIRECTED, ENTRY_MISDIRECTED },
		     { EFFORT_ABANDONED, ENTRY_ABANDONED },
		     { EFFORT_REJECTED_NOT_DIGITAL, ENTRY_REJECTED },
		     { EFFORT_NO_SHOW, ENTRY_NO_SHOW } };

	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		int64_t some = of_which(w, vocab_outcome[lost[i].outcome], label);

		add(w->entry, scope, lost[i].step, some);
		amount -= some;
	}
	add(w->entry, scope, ENTRY_HANDED_OVER, amount);
}

/* "school/school-enrolment/phone/transaction" */
static void add_contacts(const struct walk *w, const char *label, int64_t amount)
{
	const char *kind = strrchr(label, '/'), *channel = kind;
	size_t scope = scope_of(w->entry, label, strcspn(label, "/"));
	struct effort_str by;

	if (kind == NULL)
		return;
	while (channel > label && channel[-1] != '/')
		channel--;
	by = (struct effort_str){ channel, (size_t)(kind - channel) };
	kind++;
	if (strcmp(kind, vocab_kind[EFFORT_INFORMATION]) == 0)
		add(w->entry, scope, ENTRY_INFORMATION, amount);
	else if (strcmp(kind, vocab_kind[EFFORT_CASE]) == 0)
		add(w->entry, scope, ENTRY_CASE, amount);
	else if (strcmp(kind, vocab_kind[EFFORT_KIND_UNKNOWN]) == 0)
		add(w->entry, scope, ENTRY_UNKNOWN, amount);
	else if (effort_equals(by, vocab_channel[EFFORT_WEB]))
		add(w->entry, scope, ENTRY_WEB, amount);
	else if (effort_equals(by, vocab_channel[EFFORT_SYSTEM]))
		add(w->entry, scope, ENTRY_SYSTEM, amount);
	else
		add_candidates(w, scope, label, amount);
	add(w->entry, scope, ENTRY_CONTACTS, amount);
}

static int on_cell(void *ctx, struct effort_str field, int64_t amount)
{
	static const struct {
		const char *family;
		enum entry_step step;
	} beside[] = { { "out:", ENTRY_OUT },
		       { "internal:", ENTRY_INTERNAL },
		       { "ignored:", ENTRY_IGNORED },
		       { "forwarded:", ENTRY_FORWARDED },
		       { "business:", ENTRY_BUSINESS } };
	const struct walk *w = ctx;

	if (field.len >= FIELD_MAX)
		return 0;
	if (strncmp(field.ptr, "n:", 2) == 0)
		add_contacts(w, field.ptr + 2, amount);
	for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
		size_t len = strlen(beside[i].family);

		if (strncmp(field.ptr, beside[i].family, len) == 0)
			add(w->entry, scope_of(w->entry, field.ptr + len, strcspn(field.ptr + len, "/")), beside[i].step,
			    amount);
	}
	return 0;
}

static void add_sums(struct entry *e, size_t i, const struct picture *picture)
{
	const char *scope = e->scopes[i].name;
	int64_t *steps = e->scopes[i].steps;

	steps[ENTRY_N] = picture_sum(picture, scope, sum_name[SUM_N]);
	steps[ENTRY_SELF] = picture_sum(picture, scope, sum_name[SUM_SELF]);
	steps[ENTRY_ASSISTED] = picture_sum(picture, scope, sum_name[SUM_ASSISTED]);
	steps[ENTRY_OTHER] = steps[ENTRY_N] - steps[ENTRY_SELF] - steps[ENTRY_ASSISTED];
	steps[ENTRY_DIGITAL] = picture_sum(picture, scope, sum_name[SUM_DIGITAL]);
	steps[ENTRY_EXEMPT] = picture_sum(picture, scope, sum_name[SUM_EXEMPT]);
	/* Candidates were noted there. */
	steps[ENTRY_HANDED_OVER] -= steps[ENTRY_N];
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b); /* the name comes first in a scope */
}

void entry_make(struct entry *e, const struct picture *picture)
{
	struct walk w = { e, picture };

	memset(e, 0, sizeof(*e));
	strcpy(e->scopes[0].name, "all");
	e->n = 1;
	picture_scan(picture, "", on_cell, &w);
	qsort(&e->scopes[1], e->n - 1, sizeof(e->scopes[0]), by_name);
	for (size_t i = 0; i < e->n; i++)
		add_sums(e, i, picture);
}

bool entry_adds_up(const struct entry *e)
{
	int64_t areas[ENTRY_STEPS] = { 0 };

	for (size_t i = 0; i < e->n; i++) {
		for (int s = 0; s < ENTRY_STEPS; s++)
			areas[s] += i > 0 ? e->scopes[i].steps[s] : 0;
		if (e->scopes[i].steps[ENTRY_HANDED_OVER] < 0)
			return false;
	}
	return memcmp(areas, e->scopes[0].steps, sizeof(areas)) == 0;
}
