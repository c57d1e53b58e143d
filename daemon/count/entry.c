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
	[ENTRY_CONTACTS] = "contacts",
	[ENTRY_TRANSACTION] = "transaction",
	[ENTRY_INFORMATION] = "information",
	[ENTRY_CASE] = "case",
	[ENTRY_UNKNOWN] = "unknown",
	[ENTRY_WEB] = "web",
	[ENTRY_SYSTEM] = "system",
	[ENTRY_CHANNEL] = "other_channels",
	[ENTRY_MISDIRECTED] = "misdirected",
	[ENTRY_ABANDONED] = "abandoned",
	[ENTRY_REJECTED] = "rejected",
	[ENTRY_NO_SHOW] = "no_show",
	[ENTRY_OUTCOME] = "other_outcomes",
	[ENTRY_HANDED_OVER] = "handed_over",
	[ENTRY_N] = "n",
	[ENTRY_SELF] = "self",
	[ENTRY_ASSISTED] = "assisted",
	[ENTRY_OTHER] = "other",
	[ENTRY_DIGITAL] = "digital",
	[ENTRY_EXEMPT] = "exempt",
	[ENTRY_FORWARDED] = "forwarded",
	[ENTRY_BUSINESS] = "business",
	[ENTRY_OUT] = "outgoing",
	[ENTRY_INTERNAL] = "internal",
	[ENTRY_IGNORED] = "ignored",
};

struct walk {
	struct entry *entry;
	const struct picture *picture;
	const struct share_rule *rule;
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

/* A contact of a kind and by a channel that count leaves by its outcome, or is a candidate for n. */
static void add_candidates(const struct walk *w, size_t scope, const char *label, int64_t amount)
{
	static const uint8_t steps[EFFORT_OUTCOMES] = { [EFFORT_COMPLETED] = ENTRY_OUTCOME,
							[EFFORT_FORWARDED] = ENTRY_OUTCOME,
							[EFFORT_MISDIRECTED] = ENTRY_MISDIRECTED,
							[EFFORT_ABANDONED] = ENTRY_ABANDONED,
							[EFFORT_REJECTED_NOT_DIGITAL] = ENTRY_REJECTED,
							[EFFORT_NO_SHOW] = ENTRY_NO_SHOW };
	int64_t completed = amount;

	for (int o = EFFORT_FORWARDED; o < EFFORT_OUTCOMES; o++) {
		int64_t some = of_which(w, vocab_outcome[o], label);

		completed -= some;
		if ((w->rule->outcomes >> o & 1) != 0)
			continue;
		add(w->entry, scope, (enum entry_step)steps[o], some);
		amount -= some;
	}
	if ((w->rule->outcomes >> EFFORT_COMPLETED & 1) == 0) {
		add(w->entry, scope, ENTRY_OUTCOME, completed);
		amount -= completed;
	}
	add(w->entry, scope, ENTRY_HANDED_OVER, amount);
}

/* "school/school-enrolment/phone/transaction" */
static void add_contacts(const struct walk *w, const char *label, int64_t amount)
{
	static const uint8_t kind_steps[EFFORT_KINDS] = { ENTRY_TRANSACTION, ENTRY_INFORMATION, ENTRY_CASE, ENTRY_UNKNOWN };
	const char *last = strrchr(label, '/'), *by = last;
	size_t scope = scope_of(w->entry, label, strcspn(label, "/"));
	int kind, channel;

	if (last == NULL)
		return;
	while (by > label && by[-1] != '/')
		by--;
	kind = vocab_find(vocab_kind, EFFORT_KINDS, str_of(last + 1));
	channel = vocab_find(vocab_channel, EFFORT_CHANNELS, (struct effort_str){ by, (size_t)(last - by) });
	if (kind < 0 || channel < 0)
		return;
	add(w->entry, scope, ENTRY_CONTACTS, amount);
	if ((w->rule->kinds >> kind & 1) == 0)
		add(w->entry, scope, (enum entry_step)kind_steps[kind], amount);
	else if ((w->rule->channels >> channel & 1) == 0)
		add(w->entry, scope,
		    channel == EFFORT_WEB    ? ENTRY_WEB :
		    channel == EFFORT_SYSTEM ? ENTRY_SYSTEM :
					       ENTRY_CHANNEL,
		    amount);
	else
		add_candidates(w, scope, label, amount);
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
	static const struct {
		enum sum sum;
		enum entry_step step;
	} sums[] = { { SUM_N, ENTRY_N },       { SUM_SELF, ENTRY_SELF },     { SUM_ASSISTED, ENTRY_ASSISTED },
		     { SUM_DIGITAL, ENTRY_DIGITAL }, { SUM_EXEMPT, ENTRY_EXEMPT } };
	int64_t *steps = e->scopes[i].steps;

	/* Candidates were noted there. */
	steps[ENTRY_HANDED_OVER] -= picture_sum(picture, e->scopes[i].name, sum_name[SUM_N]);
	for (size_t k = 0; k < sizeof(sums) / sizeof(*sums); k++)
		steps[sums[k].step] += picture_sum(picture, e->scopes[i].name, sum_name[sums[k].sum]);
	steps[ENTRY_OTHER] = steps[ENTRY_N] - steps[ENTRY_SELF] - steps[ENTRY_ASSISTED];
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b); /* the name comes first in a scope */
}

void entry_init(struct entry *e)
{
	memset(e, 0, sizeof(*e));
	strcpy(e->scopes[0].name, "all");
	e->n = 1;
}

void entry_add(struct entry *e, const struct picture *picture, const struct share_rule *rule)
{
	struct walk w = { e, picture, rule };

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
