/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: reports as one page of HTML that prints well: everything in it, no script, nothing fetched.
 * Every text that is not ours is escaped. */
#include "ctl/export.h"

#include "ctl/answer.h"
#include "ctl/efforts.h"
#include "ctl/figure.h"
#include "ctl/shares.h"

#include <stdlib.h>
#include <string.h>

static const char style[] =
	"body{font:15px/1.45 system-ui,sans-serif;color:#111;max-width:70rem;margin:2rem auto;padding:0 1rem}"
	"h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:1.8rem 0 "
	".4rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
	"th,td{padding:.2rem .5rem;text-align:right;border-bottom:1px solid #ccc;vertical-align:top}"
	"th{border-bottom:2px solid #555;font-weight:600}th:first-child,td:first-child{text-align:left}"
	".all td{font-weight:600}.met{color:#0a5c2b}.below{color:#8a1c10}.note{color:#444}"
	"section+section{break-before:page}tr{break-inside:avoid}"
	"@media print{body{margin:0;max-width:none;font-size:10pt}}";

/* --- escaping --- */

static void put(struct text *out, const char *text)
{
	static const struct {
		char sign;
		const char *escaped;
	} signs[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" }
	};

	for (; *text != '\0'; text++) {
		const char *escaped = NULL;

		for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
			if (signs[i].sign == *text)
				escaped = signs[i].escaped;
		if (escaped != NULL)
			text_puts(out, escaped);
		else
			text_add(out, (unsigned char)*text < ' ' ? " " : text, 1);
	}
}

static void element(struct text *out, const char *tag, const char *text)
{
	text_printf(out, "<%s>", tag);
	put(out, text);
	text_printf(out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

static void heading(struct text *out, const struct ctl *ctl, enum word word)
{
	element(out, "h2", word_text(word, ctl->is_danish));
}

/* A word filled with values, escaped. */
static void sentence(struct text *out, struct ctl *ctl, const char *tag, enum word word,
		     const char *const *values)
{
	struct page page;

	page_init(&page, ctl);
	page_fill_list(&page, word, values);
	element(out, tag, page.text.ptr == NULL ? "" : page.text.ptr);
	page_done(&page);
}

#define SENTENCE(out, ctl, tag, word, ...)                                                                   \
	sentence(out, ctl, tag, word, (const char *const[]){ __VA_ARGS__, NULL })

/* --- tables --- */

static const char *name_of(const struct ctl *ctl, const json_t *object)
{
	const char *title = answer_text(object, "title");

	if (answer_text(object, "name")[0] != '\0')
		return answer_text(object, "name");
	return answer_name(ctl, object, title[0] != '\0' ? title : answer_text(object, "id"));
}

static const char *class_of(const json_t *object, const char *member)
{
	const json_t *met = json_object_get(object, "met");

	if (strcmp(member, "share") != 0 || !json_is_integer(met))
		return "";
	return json_integer_value(met) == 1 ? " class=\"met\"" : " class=\"below\"";
}

static void head_row(struct text *out, const struct ctl *ctl, const char *const *members)
{
	text_puts(out, "<table>\n<thead><tr><th></th>");
	for (; *members != NULL; members++) {
		text_puts(out, "<th>");
		put(out, export_word(ctl, *members));
		text_puts(out, "</th>");
	}
	text_puts(out, "</tr></thead>\n<tbody>\n");
}

static void put_warning(void *out, const char *warning)
{
	text_puts(out, "<div>");
	put(out, warning);
	text_puts(out, "</div>");
}

static void body_row(struct text *out, struct ctl *ctl, const json_t *object, const char *const *members)
{
	text_puts(out, strcmp(answer_text(object, "id"), "all") == 0 ? "<tr class=\"all\"><td>" : "<tr><td>");
	put(out, name_of(ctl, object));
	text_puts(out, "</td>");
	for (; *members != NULL; members++) {
		text_printf(out, "<td%s>", class_of(object, *members));
		if (strcmp(*members, "warnings") == 0)
			efforts_warnings(ctl, object, put_warning, out);
		else
			put(out, export_value(ctl, object, *members));
		text_puts(out, "</td>");
	}
	text_puts(out, "</tr>\n");
}

static bool is_of_kind(const json_t *object, const char *kinds)
{
	const char *kind = answer_text(object, "kind");

	return kinds == NULL || (kind[0] != '\0' && strstr(kinds, kind) != NULL);
}

/* kinds: of the rows, in one text; NULL: all. */
static void table(struct text *out, struct ctl *ctl, const json_t *list, const char *kinds,
		  const char *const *members)
{
	const json_t *object;
	size_t i;

	head_row(out, ctl, members);
	json_array_foreach(list, i, object) if (is_of_kind(object, kinds))
		body_row(out, ctl, object, members);
	text_puts(out, "</tbody></table>\n");
}

/* --- parts --- */

static const char *moment(struct ctl *ctl, const char *ms)
{
	return ms[0] == '\0' ? "" : figure_day_time(ctl, atoll(ms));
}

static void head(struct text *out, struct ctl *ctl, const json_t *report)
{
	SENTENCE(out, ctl, "h1", W_EXP_TITLE, answer_text(report, "name"),
		 shares_days(ctl, report));
	SENTENCE(out, ctl, "p", W_EXP_BASIS, answer_text(report, "definition"),
		 moment(ctl, answer_text(report, "as_of")));
	if (answer_text(report, "restated_at")[0] != '\0')
		SENTENCE(out, ctl, "p", W_EXP_RESTATED, moment(ctl, answer_text(report, "restated_at")));
	if (answer_text(report, "break")[0] != '\0')
		SENTENCE(out, ctl, "p", W_EXP_BREAK, answer_text(report, "break"));
}

static void seasons(struct text *out, struct ctl *ctl, const json_t *report)
{
	static const char *const members[] = { "n", "share", "change_year_pp", NULL };
	const json_t *season;
	size_t i;

	heading(out, ctl, W_EXP_SEASONS);
	json_array_foreach(answer_array(report, "seasons"), i, season)
	{
		element(out, "h3", figure_period(ctl, answer_text(season, "label")));
		table(out, ctl, answer_array(season, "scopes"), NULL, members);
	}
}

static void population(struct text *out, struct ctl *ctl, const json_t *report)
{
	static const char *const members[] = { "inhabitants", "contacts_per_1000" };
	const json_t *population = answer_object(report, "population");

	if (json_object_size(population) == 0)
		return;
	heading(out, ctl, W_EXP_POPULATION);
	text_puts(out, "<table><tbody>\n");
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		text_puts(out, "<tr><td>");
		put(out, export_word(ctl, members[i]));
		text_puts(out, "</td><td>");
		put(out, export_value(ctl, population, members[i]));
		text_puts(out, "</td></tr>\n");
	}
	text_puts(out, "</tbody></table>\n");
}

static void quality(struct text *out, struct ctl *ctl, const json_t *report)
{
	static const char *const members[] = { "unclassified", "unclassified_pct", "unknown_kind",
					       "unknown_kind_pct" };
	const json_t *quality = answer_object(report, "quality");
	const char *code;
	json_t *n;

	heading(out, ctl, W_EXP_QUALITY);
	SENTENCE(out, ctl, "p", answer_is_true(quality, "incomplete") ? W_EXP_INCOMPLETE : W_EXP_COMPLETE,
		 answer_text(quality, "missing"));
	text_puts(out, "<table><tbody>\n");
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		text_puts(out, "<tr><td>");
		put(out, export_word(ctl, members[i]));
		text_puts(out, "</td><td>");
		put(out, export_value(ctl, quality, members[i]));
		text_puts(out, "</td></tr>\n");
	}
	json_object_foreach((json_t *)(uintptr_t)answer_object(quality, "refused"), code, n)
	{
		text_puts(out, "<tr><td>");
		put(out, word_text(W_EXP_REFUSED, ctl->is_danish));
		put(out, " ");
		put(out, code);
		text_puts(out, "</td><td>");
		put(out, figure_count(ctl, json_integer_value(n)));
		text_puts(out, "</td></tr>\n");
	}
	text_puts(out, "</tbody></table>\n");
}

static void one(struct text *out, struct ctl *ctl, const json_t *report)
{
	static const char *const shares[] = { "contacts",      "n",         "self",
					      "assisted",      "share",     "share_incl_assisted",
					      "share_digital", "target",    "gap_pp",
					      "move",          "change_pp", NULL };
	static const char *const tasks[] = { "contacts", "n",      "self",
					     "assisted", "share",  "share_incl_assisted",
					     "target",   "gap_pp", "move",
					     NULL };
	static const char *const channels[] = { "n",         "ch.selfservice", "ch.digitalpost", "ch.email",
						"ch.letter", "ch.phone",       "ch.counter",     "ch.video",
						"ch.sms",    "ch.chat",        "ch.social",      "ch.other",
						NULL };
	static const char *const targets[] = { "value", "actual", "gap_pp", "move", "verdict", "due", NULL };
	static const char *const efforts[] = { "status", "before.share", "after.share", "change_pp",
					       "moved",  "verdict",      "warnings",    NULL };
	const json_t *scopes = answer_array(report, "scopes");

	text_puts(out, "<section>\n");
	head(out, ctl, report);
	heading(out, ctl, W_EXP_AREAS);
	table(out, ctl, scopes, "all area", shares);
	heading(out, ctl, W_EXP_GROUPS);
	table(out, ctl, scopes, "group", shares);
	heading(out, ctl, W_EXP_CHANNELS);
	table(out, ctl, scopes, "all area", channels);
	heading(out, ctl, W_EXP_TASKS);
	table(out, ctl, scopes, "task", tasks);
	seasons(out, ctl, report);
	if (json_array_size(answer_array(report, "targets")) > 0) {
		heading(out, ctl, W_EXP_TARGETS);
		table(out, ctl, answer_array(report, "targets"), NULL, targets);
	}
	if (json_array_size(answer_array(report, "efforts")) > 0) {
		heading(out, ctl, W_EXP_EFFORTS);
		table(out, ctl, answer_array(report, "efforts"), NULL, efforts);
	}
	population(out, ctl, report);
	quality(out, ctl, report);
	SENTENCE(out, ctl, "p class=\"note\"", W_EXP_LEGEND, word_text(W_EXP_HIDDEN, ctl->is_danish),
		 word_text(W_EXP_ABSENT, ctl->is_danish), figure_count(ctl, answer_int(report, "suppress")));
	text_puts(out, "</section>\n");
}

void export_html(struct ctl *ctl, const json_t *reports, struct text *out)
{
	bool is_utf8 = ctl->is_utf8;
	const json_t *report;
	size_t i;

	ctl->is_utf8 = true; /* the page says so itself */
	text_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
		    ctl->is_danish ? "da" : "en");
	text_puts(out, "<meta name=\"viewport\" content=\"width=device-width\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		       "'unsafe-inline'\">\n");
	element(out, "title", word_text(W_EXP_PAGE_TITLE, ctl->is_danish));
	text_printf(out, "<style>%s</style>\n</head>\n<body>\n", style);
	json_array_foreach(reports, i, report) one(out, ctl, report);
	text_puts(out, "</body>\n</html>\n");
	ctl->is_utf8 = is_utf8;
}
