/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: what the members of a report are called, and their values as people read them. */
#include "ctl/export.h"

#include "ctl/answer.h"
#include "ctl/efforts.h"
#include "ctl/figure.h"
#include "event/vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *member;
	enum word word;
} words[] = {
	{ "contacts", W_EXP_CONTACTS },
	{ "information", W_EXP_INFORMATION },
	{ "case", W_EXP_CASE },
	{ "unknown", W_EXP_UNKNOWN },
	{ "n", W_EXP_N },
	{ "self", W_EXP_SELF },
	{ "assisted", W_EXP_ASSISTED },
	{ "digital", W_EXP_DIGITAL },
	{ "exempt", W_EXP_EXEMPT },
	{ "share", W_EXP_SHARE },
	{ "share_incl_assisted", W_EXP_SHARE_INCL },
	{ "share_digital", W_EXP_SHARE_DIGITAL },
	{ "target", W_EXP_TARGET },
	{ "gap_pp", W_EXP_GAP },
	{ "move", W_EXP_MOVE },
	{ "met", W_EXP_MET },
	{ "change_pp", W_EXP_CHANGE },
	{ "change_year_pp", W_EXP_CHANGE_YEAR },
	{ "unclassified", W_EXP_UNCLASSIFIED },
	{ "unclassified_pct", W_EXP_UNCLASSIFIED_PCT },
	{ "unknown_kind", W_EXP_UNKNOWN_KIND },
	{ "unknown_kind_pct", W_EXP_UNKNOWN_KIND_PCT },
	{ "inhabitants", W_EXP_INHABITANTS },
	{ "contacts_per_1000", W_EXP_PER_1000 },
	{ "value", W_EXP_VALUE },
	{ "actual", W_EXP_ACTUAL },
	{ "add", W_EXP_ADD },
	{ "verdict", W_EXP_VERDICT },
	{ "due", W_EXP_DUE },
	{ "before.share", W_EXP_BEFORE },
	{ "after.share", W_EXP_AFTER },
	{ "moved", W_EXP_MOVED },
	{ "status", W_EXP_STATUS },
	{ "warnings", W_EXP_WARNINGS },
};

const char *export_word(const struct ctl *ctl, const char *member)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].member, member) == 0)
			return word_text(words[i].word, ctl->is_danish);
	for (int i = 0; i < EFFORT_CHANNELS; i++)
		if (strcmp(sum_name[SUM_CHANNEL + i], member) == 0)
			return ctl->is_danish ? vocab_channel_da[i] : vocab_channel[i];
	return member;
}

bool export_is_hidden(const json_t *object, const char *member)
{
	return json_is_null(json_object_get(object, member));
}

/* Is it a number with a decimal point, as reports write shares? */
static bool is_decimal(const char *text)
{
	size_t digits = strspn(text + (text[0] == '-'), "0123456789");
	const char *rest = text + (text[0] == '-') + digits;

	return digits > 0 && rest[0] == '.' && rest[1] != '\0' &&
	       rest[1 + strspn(rest + 1, "0123456789")] == '\0';
}

static bool is_whole(const char *text)
{
	size_t digits = strspn(text + (text[0] == '-'), "0123456789");

	return digits > 0 && digits < 18 && text[(text[0] == '-') + digits] == '\0';
}

/* "2026-12-31" as it is read: 31.12.2026 in Danish. */
static bool is_day(const char *text)
{
	int at = 0;

	return strlen(text) == 10 && sscanf(text, "%*4[0-9]-%*2[0-9]-%*2[0-9]%n", &at) == 0 && at == 10;
}

static bool is_points(const char *member)
{
	size_t len = strlen(member);

	return len > 3 && strcmp(member + len - 3, "_pp") == 0;
}

/* The daemon's own words. */
static const char *in_words(struct ctl *ctl, const json_t *object, const char *member, const char *text)
{
	if (strcmp(member, "verdict") == 0)
		return efforts_verdict(ctl, text);
	if (strcmp(member, "status") == 0)
		return efforts_status(ctl, object);
	return text;
}

const char *export_value(struct ctl *ctl, const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);
	const char *text = json_string_value(value);

	if (json_is_null(value))
		return word_text(W_EXP_HIDDEN, ctl->is_danish);
	if (json_is_integer(value))
		return figure_count(ctl, json_integer_value(value));
	if (json_is_boolean(value))
		return word_text(json_is_true(value) ? W_EXP_YES : W_EXP_NO, ctl->is_danish);
	if (text == NULL)
		return word_text(W_EXP_ABSENT, ctl->is_danish);
	if (is_whole(text))
		return figure_count(ctl, strtoll(text, NULL, 10));
	if (ctl->is_danish && is_day(text))
		return ctl_note(ctl, "%.2s.%.2s.%.4s", text + 8, text + 5, text);
	if (!is_decimal(text))
		return in_words(ctl, object, member, text);
	if (is_points(member))
		return ctl_note(ctl, "%s%s", text[0] == '-' ? "" : "+", figure_decimal(ctl, text));
	return figure_decimal(ctl, text);
}
