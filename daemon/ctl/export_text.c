/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: reports as plain text, 110 columns wide whatever the screen. */
#include "ctl/export.h"

#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/shares.h"
#include "ctl/table.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 110

static void heading(struct page *page, enum word word)
{
	page_line(page);
	page_word(page, word);
	page_line(page);
}

/* One row for each object of one of the kinds (in one text; NULL: all); the first column is its name. */
static void print_table(struct page *page, struct ctl *ctl, const json_t *list, const char *kinds,
			const char *const *members)
{
	const char *cells[TABLE_COLUMNS];
	const json_t *object;
	struct table table;
	size_t n = 1, i;

	while (members[n - 1] != NULL)
		n++;
	table_init(&table, n);
	cells[0] = "";
	for (size_t k = 1; k < n; k++)
		cells[k] = export_word(ctl, members[k - 1]);
	table_add(&table, STYLE_PLAIN, cells);
	json_array_foreach(list, i, object)
	{
		const char *name = answer_text(object, "name");

		if (kinds != NULL && strstr(kinds, answer_text(object, "kind")) == NULL)
			continue;
		if (name[0] == '\0')
			name = answer_name(ctl, object,
					   answer_text(object, "title")[0] != '\0'
						   ? answer_text(object, "title")
						   : answer_text(object, "id"));
		cells[0] = name;
		for (size_t k = 1; k < n; k++)
			cells[k] = export_value(ctl, object, members[k - 1]);
		table_add(&table, STYLE_PLAIN, cells);
	}
	table_print(&table, page, 0x3fe);
	table_done(&table);
}

static const char *moment(struct ctl *ctl, const char *ms)
{
	return ms[0] == '\0' ? "" : figure_day_time(ctl, atoll(ms));
}

static void head(struct page *page, struct ctl *ctl, const json_t *report)
{
	struct page piece;

	page_fill(page, W_EXP_TITLE, answer_text(report, "name"),
		  shares_days(ctl, report));
	page_line(page);
	page_init(&piece, ctl);
	page_fill(&piece, W_EXP_BASIS, answer_text(report, "definition"),
		  moment(ctl, answer_text(report, "as_of")));
	if (answer_text(report, "restated_at")[0] != '\0')
		page_fill(&piece, W_EXP_RESTATED, moment(ctl, answer_text(report, "restated_at")));
	if (answer_text(report, "break")[0] != '\0')
		page_fill(&piece, W_EXP_BREAK, answer_text(report, "break"));
	page_paragraph(page, &piece, 0);
	page_done(&piece);
}

static void seasons(struct page *page, struct ctl *ctl, const json_t *report)
{
	static const char *const members[] = { "n", "share", "change_year_pp", NULL };
	const json_t *season;
	size_t i;

	json_array_foreach(answer_array(report, "seasons"), i, season)
	{
		page_line(page);
		page_add(page, figure_period(ctl, answer_text(season, "label")));
		page_line(page);
		print_table(page, ctl, answer_array(season, "scopes"), NULL, members);
	}
}

static void population(struct page *page, struct ctl *ctl, const json_t *report)
{
	static const char *const members[] = { "inhabitants", "contacts_per_1000" };
	const json_t *population = answer_object(report, "population");

	if (json_object_size(population) == 0)
		return;
	heading(page, W_EXP_POPULATION);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		page_add(page, export_word(ctl, members[i]));
		page_add(page, ": ");
		page_add(page, export_value(ctl, population, members[i]));
		page_line(page);
	}
}

static void quality(struct page *page, struct ctl *ctl, const json_t *report)
{
	static const char *const members[] = { "unclassified", "unclassified_pct", "unknown_kind",
					       "unknown_kind_pct" };
	const json_t *quality = answer_object(report, "quality"),
		     *refused = answer_object(quality, "refused");
	const char *code;
	json_t *n;

	heading(page, W_EXP_QUALITY);
	page_fill(page, answer_is_true(quality, "incomplete") ? W_EXP_INCOMPLETE : W_EXP_COMPLETE,
		  answer_text(quality, "missing"));
	page_line(page);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		page_add(page, export_word(ctl, members[i]));
		page_add(page, ": ");
		page_add(page, export_value(ctl, quality, members[i]));
		page_line(page);
	}
	if (refused == NULL)
		return;
	page_word(page, W_EXP_REFUSED);
	json_object_foreach((json_t *)(uintptr_t)refused, code, n)
		page_add(page, ctl_note(ctl, " %s %s", code, figure_count(ctl, json_integer_value(n))));
	page_line(page);
}

static void one(struct page *page, struct ctl *ctl, const json_t *report)
{
	static const char *const shares[] = { "n",      "share", "share_incl_assisted", "share_digital",
					      "gap_pp", "move",  "change_pp",           NULL };
	static const char *const tasks[] = { "contacts", "n",    "share", "share_incl_assisted",
					     "gap_pp",   "move", NULL };
	static const char *const channels[] = { "ch.selfservice", "ch.digitalpost", "ch.email",
						"ch.letter",      "ch.phone",       "ch.counter",
						"ch.video",       "ch.other",       NULL };
	static const char *const targets[] = { "value", "actual", "gap_pp", "move", "verdict", "due", NULL };
	static const char *const efforts[] = { "status", "before.share", "after.share", "change_pp",
					       "moved",  "verdict",      NULL };
	const json_t *scopes = answer_array(report, "scopes");
	struct page piece;

	head(page, ctl, report);
	heading(page, W_EXP_AREAS);
	print_table(page, ctl, scopes, "all area", shares);
	heading(page, W_EXP_GROUPS);
	print_table(page, ctl, scopes, "group", shares);
	heading(page, W_EXP_CHANNELS);
	print_table(page, ctl, scopes, "all area", channels);
	heading(page, W_EXP_TASKS);
	print_table(page, ctl, scopes, "task", tasks);
	heading(page, W_EXP_SEASONS);
	seasons(page, ctl, report);
	if (json_array_size(answer_array(report, "targets")) > 0) {
		heading(page, W_EXP_TARGETS);
		print_table(page, ctl, answer_array(report, "targets"), NULL, targets);
	}
	if (json_array_size(answer_array(report, "efforts")) > 0) {
		heading(page, W_EXP_EFFORTS);
		print_table(page, ctl, answer_array(report, "efforts"), NULL, efforts);
	}
	population(page, ctl, report);
	quality(page, ctl, report);
	page_line(page);
	page_init(&piece, ctl);
	page_fill(&piece, W_EXP_LEGEND, word_text(W_EXP_HIDDEN, ctl->is_danish),
		  word_text(W_EXP_ABSENT, ctl->is_danish), figure_count(ctl, answer_int(report, "suppress")));
	page_paragraph(page, &piece, 0);
	page_done(&piece);
}

void export_text(struct ctl *ctl, const json_t *reports, struct text *out)
{
	int width = ctl->width;
	const json_t *report;
	struct page page;
	size_t i;

	ctl->width = WIDTH;
	json_array_foreach(reports, i, report)
	{
		page_init(&page, ctl);
		if (i > 0)
			page_add(&page, "\f"), page_line(&page);
		one(&page, ctl, report);
		text_add(out, page.text.ptr, page.text.len);
		out->is_cut |= page.text.is_cut;
		page_done(&page);
	}
	ctl->width = width;
}
