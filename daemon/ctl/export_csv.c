/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: reports as one long table, a line for each number: easy to filter and to pivot, and it stays
 * the same when a report gains a part. Danish: semicolons and decimal commas, and the mark by which
 * spreadsheets know UTF-8; English: commas and points. A text that a spreadsheet would take for a formula
 * gets an apostrophe before it. */
#include "ctl/export.h"

#include "ctl/answer.h"

#include <stdio.h>
#include <string.h>

struct csv_writer {
	const struct ctl *ctl;
	struct text *out;
	const json_t *report;
	const char *section;
	char separator;
};

static void cell(struct csv_writer *w, const char *text, bool is_first)
{
	if (!is_first)
		text_add(w->out, &w->separator, 1);
	if (strpbrk(text, "\";,\n\r\t") == NULL) {
		text_puts(w->out, text);
		return;
	}
	text_puts(w->out, "\"");
	for (const char *p = text; *p != '\0'; p++)
		text_add(w->out, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
	text_puts(w->out, "\"");
}

static bool is_number(const char *text)
{
	size_t sign = text[0] == '-' || text[0] == '+';

	return text[sign] != '\0' && strspn(text + sign, "0123456789.") == strlen(text + sign);
}

/* Numbers as they are, with the decimal sign of the language; texts never as formulas. */
static void value_cell(struct csv_writer *w, const char *text)
{
	char copy[64];

	if (is_number(text) && strlen(text) < sizeof copy) {
		strcpy(copy, text);
		if (w->ctl->is_danish && strchr(copy, '.') != NULL)
			*strchr(copy, '.') = ',';
		text_add(w->out, &w->separator, 1);
		text_puts(w->out, copy);
		return;
	}
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL) {
		char guarded[1024] = "'";

		strncat(guarded, text, sizeof guarded - 2);
		cell(w, guarded, false);
		return;
	}
	cell(w, text, false);
}

/* A label says which days it means, but for that of a counting period. */
static void period_cell(struct csv_writer *w)
{
	char period[COUNTING_LABEL + 64];

	snprintf(period, sizeof period, "%s%s%s%s%s", answer_text(w->report, "label"),
		 answer_text(w->report, "first")[0] == '\0' ? "" : " ", answer_text(w->report, "first"),
		 answer_text(w->report, "last")[0] == '\0' ? "" : "/", answer_text(w->report, "last"));
	cell(w, period, false);
}

static void row(struct csv_writer *w, const char *id, const char *name, const char *member,
		const json_t *value)
{
	char number[32];
	const char *text = json_string_value(value);

	if (json_is_integer(value)) {
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		text = number;
	}
	if (json_is_boolean(value))
		text = json_is_true(value) ? "1" : "0";
	cell(w, answer_text(w->report, "municipality"), true);
	value_cell(w, answer_text(w->report, "name"));
	period_cell(w);
	cell(w, w->section, false);
	cell(w, id, false);
	value_cell(w, name);
	cell(w, member, false);
	value_cell(w, text == NULL ? "" : text);
	cell(w, json_is_null(value) ? "suppressed" : "", false);
	text_puts(w->out, "\n");
}

static bool is_one_of(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Every plain member of an object; skipped: those that name it. */
static void rows(struct csv_writer *w, const char *id, const char *name, const json_t *object,
		 const char *const *skipped)
{
	const char *member;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, member,
			    value) if (!json_is_object(value) && !json_is_array(value) &&
				       !is_one_of(skipped, member)) row(w, id, name, member, value);
}

static void list(struct csv_writer *w, const char *section, const json_t *objects)
{
	static const char *const names[] = { "id", "name", "title", "kind", "da", "en", NULL };
	const json_t *object;
	size_t i;

	w->section = section;
	json_array_foreach(objects, i, object)
	{
		const char *name = answer_text(object, "name");

		if (name[0] == '\0')
			name = answer_name(w->ctl, object, answer_text(object, "title"));
		rows(w, answer_text(object, "id"), name, object, names);
	}
}

static void seasons(struct csv_writer *w)
{
	static const char *const names[] = { "id", "name", NULL };
	const json_t *season, *scope;
	size_t i, k;

	w->section = "season";
	json_array_foreach(answer_array(w->report, "seasons"), i, season)
		json_array_foreach(answer_array(season, "scopes"), k, scope)
	{
		char id[200];

		snprintf(id, sizeof id, "%s/%s", answer_text(season, "label"), answer_text(scope, "id"));
		rows(w, id, answer_text(scope, "name"), scope, names);
	}
}

static void population(struct csv_writer *w)
{
	static const char *const none[] = { NULL };

	w->section = "population";
	rows(w, "", "", answer_object(w->report, "population"), none);
}

static void quality(struct csv_writer *w)
{
	static const char *const none[] = { NULL };
	const json_t *quality = answer_object(w->report, "quality");

	w->section = "quality";
	rows(w, "", "", quality, none);
	rows(w, "refused", "", answer_object(quality, "refused"), none);
}

void export_csv(struct ctl *ctl, const json_t *reports, struct text *out)
{
	static const char *const head[] = { "report", "schema", "municipality", "name", "label", NULL };
	static const char *const columns[] = { "municipality", "name",    "period", "section", "id",
					       "title",        "measure", "value",  "note" };
	struct csv_writer w = { .ctl = ctl, .out = out, .separator = ctl->is_danish ? ';' : ',' };
	size_t i;

	text_puts(out, ctl->is_danish ? "\xef\xbb\xbf" : "");
	for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++)
		cell(&w, columns[k], k == 0);
	text_puts(out, "\n");
	json_array_foreach(reports, i, w.report)
	{
		w.section = "report";
		rows(&w, "", "", w.report, head);
		list(&w, "share", answer_array(w.report, "scopes"));
		seasons(&w);
		list(&w, "target", answer_array(w.report, "targets"));
		list(&w, "effort", answer_array(w.report, "efforts"));
		population(&w);
		quality(&w);
	}
}
