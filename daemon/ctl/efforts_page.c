/* SPDX-License-Identifier: MPL-2.0 */
/* Efforts as people read them: the texts that all pages have, the list, and the report of what they cost and bring. */
#include "ctl/efforts.h"

#include "count/effort.h"
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/shares.h"
#include "ctl/table.h"
#include "domain/effort.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words stand in the order of what they are for. */
_Static_assert((int)W_EFFORT_IS_MISSED - (int)W_EFFORT_IS_NOT_STARTED == GOAL_MISSED, "words of verdicts");
_Static_assert((int)W_EFFORT_WARN_PRICE_LEVELS - (int)W_EFFORT_WARN_NO_BASELINE == WARNING_PRICE_LEVELS, "words of warnings");

static const char *text(const struct ctl *ctl, enum word word)
{
	return word_text(word, ctl->is_danish);
}

/* --- texts --- */

const char *efforts_title(const struct ctl *ctl, const json_t *effort)
{
	const char *english = answer_text(effort, "title_en");

	return !ctl->is_danish && english[0] != '\0' ? english : answer_text(effort, "title");
}

static const char *value_of(struct ctl *ctl, const json_t *effort, const char *share, const char *volume)
{
	if (answer_text(effort, share)[0] != '\0')
		return figure_percent(ctl, answer_text(effort, share));
	if (answer_text(effort, volume)[0] != '\0')
		return figure_count(ctl, atoll(answer_text(effort, volume)));
	return "-";
}

const char *efforts_before(struct ctl *ctl, const json_t *effort)
{
	return value_of(ctl, effort, "before.share", "before.volume");
}

const char *efforts_after(struct ctl *ctl, const json_t *effort)
{
	return value_of(ctl, effort, "after.share", "after.volume");
}

const char *efforts_change(struct ctl *ctl, const json_t *effort)
{
	const char *points = answer_text(effort, "change_pp"), *count = answer_text(effort, "change");
	const char *sign = points[0] != '-' && count[0] != '-' ? "+" : "";

	if (points[0] != '\0')
		return ctl_note(ctl, "%s%s pp", sign, figure_decimal(ctl, points));
	return count[0] == '\0' ? "-" : ctl_note(ctl, "%s%s", sign, figure_count(ctl, atoll(count)));
}

const char *efforts_verdict(struct ctl *ctl, const char *verdict)
{
	for (int v = 0; v < GOAL_VERDICTS; v++)
		if (strcmp(goal_verdict_name[v], verdict) == 0)
			return text(ctl, (enum word)(W_EFFORT_IS_NOT_STARTED + v));
	return "";
}

const char *efforts_kroner(struct ctl *ctl, const char *raw)
{
	int64_t ore;

	if (raw == NULL || !figure_hundredths(raw, &ore))
		return "-";
	if (ore % 100 == 0)
		return figure_count(ctl, ore / 100);
	return ctl_note(ctl, "%s%s%c%02d", ore < 0 && ore > -100 ? "-" : "", figure_count(ctl, ore / 100),
			ctl->is_danish ? ',' : '.', (int)llabs(ore % 100));
}

void efforts_warnings(struct ctl *ctl, const json_t *effort, void (*add)(void *ctx, const char *text), void *ctx)
{
	const char *at = answer_text(effort, "warnings");
	struct page page;

	page_init(&page, ctl);
	if (answer_text(effort, "away")[0] != '\0')
		add(ctx, text(ctl, W_EFFORT_AWAY));
	while (*at != '\0') {
		size_t len = strcspn(at, ",");

		for (int w = 0; w < EFFORT_WARNINGS; w++) {
			if (strlen(effort_warning_name[w]) != len || strncmp(effort_warning_name[w], at, len) != 0)
				continue;
			page_fill(&page, (enum word)(W_EFFORT_WARN_NO_BASELINE + w), answer_text(effort, "overlaps"));
			add(ctx, page.text.ptr == NULL ? "" : page.text.ptr);
			text_clear(&page.text);
		}
		at += len + (at[len] == ',');
	}
	page_done(&page);
}

static enum style style_of(const char *verdict)
{
	if (strcmp(verdict, "missed") == 0)
		return STYLE_BAD;
	return strcmp(verdict, "met") == 0 ? STYLE_GOOD : STYLE_PLAIN;
}

const char *efforts_status(const struct ctl *ctl, const json_t *effort)
{
	for (int s = 0; s < EFFORT_STATUSES; s++)
		if (strcmp(effort_status_name[s], answer_text(effort, "status")) == 0)
			return ctl->is_danish ? effort_status_da[s] : effort_status_en[s];
	return answer_text(effort, "status");
}

static void paragraph(struct page *page, enum style style, enum word word, const char *value)
{
	struct page piece;

	page_init(&piece, page->ctl);
	page_fill(&piece, word, value);
	page_style(page, style);
	page_paragraph(page, &piece, 0);
	page_style(page, STYLE_PLAIN);
	page_done(&piece);
}

/* --- the list --- */

static void join(void *list, const char *warning)
{
	struct text *t = list;

	text_printf(t, "%s%s", t->len > 0 ? "; " : "", warning);
}

static void list_row(struct ctl *ctl, const json_t *effort, struct table *table)
{
	const char *verdict = answer_text(effort, "verdict");
	struct text note;

	table_add(table, style_of(verdict),
		  (const char *const[]){ efforts_title(ctl, effort),
					 shares_place(ctl, answer_text(effort, "municipality"), answer_text(effort, "municipality_name")),
					 answer_text(effort, "from"), efforts_before(ctl, effort),
					 efforts_after(ctl, effort), efforts_change(ctl, effort), efforts_verdict(ctl, verdict) });
	text_init(&note, 4096);
	text_printf(&note, "%s: %s", answer_text(effort, "id"), efforts_status(ctl, effort));
	efforts_warnings(ctl, effort, join, &note);
	table_note(table, note.ptr == NULL ? "" : note.ptr);
	text_done(&note);
}

void efforts_list_page(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *efforts = answer_array(doc, "efforts"), *effort;
	struct table table;
	size_t i;

	if (json_array_size(efforts) == 0) {
		paragraph(page, STYLE_PLAIN, W_EFFORTS_NONE, "");
		return;
	}
	table_init(&table, 7);
	table.gives = 2;
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_EFFORT_COL_EFFORT), text(ctl, W_EFFORT_COL_PLACE), text(ctl, W_EFFORT_COL_FROM),
					 text(ctl, W_EFFORT_COL_BEFORE), text(ctl, W_EFFORT_COL_AFTER),
					 text(ctl, W_EFFORT_COL_CHANGE), text(ctl, W_EFFORT_COL_VERDICT) });
	json_array_foreach(efforts, i, effort) list_row(ctl, effort, &table);
	table_print(&table, page, 0x38);
	table_done(&table);
	paragraph(page, STYLE_FAINT, W_EFFORTS_COMPARE, "");
}

/* --- the report --- */

#define SERIES 4

static const char *const series[SERIES] = { "expected", "national", "estimated", "realised" };
static const enum word series_words[SERIES] = { W_EFFORT_MONEY_EXPECTED, W_EFFORT_MONEY_NATIONAL, W_EFFORT_MONEY_ESTIMATED,
						W_EFFORT_MONEY_REALISED };

/* The columns of a report: those series that some effort has. */
struct columns {
	size_t list[SERIES], n;
};

/* "1,200,000", "1,200,000 + ?" where an amount is not stated, "?" where none is. */
static const char *total(struct ctl *ctl, const json_t *object, const char *prefix, const char *name, const char *of)
{
	const char *raw = answer_text(object, ctl_note(ctl, "%s%s%s", prefix, name, of));
	const char *years = strcmp(of, ".total") == 0 ? "" : of;
	bool is_incomplete = answer_text(object, ctl_note(ctl, "%s%s%s.incomplete", prefix, name, years))[0] != '\0';

	if (raw[0] == '\0')
		return is_incomplete ? "?" : "-";
	return ctl_note(ctl, "%s%s", efforts_kroner(ctl, raw), is_incomplete ? " + ?" : "");
}

static struct columns columns_of(struct ctl *ctl, const json_t *totals)
{
	struct columns columns = { .n = 0 };

	for (size_t i = 0; i < SERIES; i++)
		if (strcmp(total(ctl, totals, "", series[i], ".total"), "-") != 0)
			columns.list[columns.n++] = i;
	return columns;
}

/* Fills the cells behind the first `at` with the columns' names or amounts. */
static void fill_names(struct ctl *ctl, const struct columns *columns, const char **cells, size_t at)
{
	for (size_t i = 0; i < columns->n; i++)
		cells[at + i] = text(ctl, series_words[columns->list[i]]);
}

static void fill(struct ctl *ctl, const struct columns *columns, const char **cells, size_t at, const json_t *from,
		 const char *prefix, const char *of)
{
	for (size_t i = 0; i < columns->n; i++)
		cells[at + i] = total(ctl, from, prefix, series[columns->list[i]], of);
}

static void report_efforts(struct page *page, struct ctl *ctl, const json_t *doc, const struct columns *columns)
{
	const char *cells[3 + SERIES] = { text(ctl, W_EFFORT_COL_EFFORT), text(ctl, W_EFFORT_COL_CHANGE),
					  text(ctl, W_EFFORT_COL_VERDICT) };
	const json_t *effort;
	struct table table;
	size_t i;

	table_init(&table, 3 + columns->n);
	fill_names(ctl, columns, cells, 3);
	table_add(&table, STYLE_STRONG, cells);
	json_array_foreach(answer_array(doc, "efforts"), i, effort)
	{
		cells[0] = efforts_title(ctl, effort);
		cells[1] = efforts_change(ctl, effort);
		cells[2] = efforts_verdict(ctl, answer_text(effort, "verdict"));
		fill(ctl, columns, cells, 3, effort, "money.", ".total");
		table_add(&table, style_of(answer_text(effort, "verdict")), cells);
	}
	cells[0] = text(ctl, W_EFFORTS_ALL);
	cells[1] = cells[2] = "";
	fill(ctl, columns, cells, 3, answer_object(doc, "totals"), "", ".total");
	table_add(&table, STYLE_STRONG, cells);
	table_print(&table, page, 0x7a);
	table_done(&table);
}

static void area_row(struct ctl *ctl, struct table *table, const struct columns *columns, const json_t *totals,
		     const char *id, const char *name)
{
	const char *prefix = ctl_note(ctl, "area.%s.", id), *efforts = answer_text(totals, ctl_note(ctl, "%sefforts", prefix));
	const char *cells[2 + SERIES] = { name, efforts };

	if (efforts[0] == '\0')
		return;
	fill(ctl, columns, cells, 2, totals, prefix, ".total");
	table_add(table, STYLE_PLAIN, cells);
}

static void report_areas(struct page *page, struct ctl *ctl, const json_t *doc, const struct columns *columns)
{
	const json_t *totals = answer_object(doc, "totals"), *area;
	const char *cells[2 + SERIES] = { text(ctl, W_COL_AREA), text(ctl, W_EFFORT_COL_EFFORTS) };
	struct table table;
	size_t i;

	table_init(&table, 2 + columns->n);
	fill_names(ctl, columns, cells, 2);
	table_add(&table, STYLE_STRONG, cells);
	json_array_foreach(answer_array(doc, "areas"), i, area)
		area_row(ctl, &table, columns, totals, answer_text(area, "id"), answer_name(ctl, area, answer_text(area, "id")));
	area_row(ctl, &table, columns, totals, "all", text(ctl, W_EFFORTS_ACROSS));
	if (table.rows > 1) {
		page_line(page);
		table_print(&table, page, 0x3e);
		paragraph(page, STYLE_FAINT, W_EFFORTS_ONCE, "");
	}
	table_done(&table);
}

/* Every year that some series of the totals has. */
static void report_years(struct page *page, struct ctl *ctl, const json_t *totals, const struct columns *columns)
{
	const char *cells[1 + SERIES] = { text(ctl, W_EFFORT_COL_YEAR) };
	struct table table;

	table_init(&table, 1 + columns->n);
	fill_names(ctl, columns, cells, 1);
	table_add(&table, STYLE_STRONG, cells);
	for (int year = 1990; year <= 2100; year++) {
		bool is_there = false;

		cells[0] = ctl_note(ctl, "%d", year);
		fill(ctl, columns, cells, 1, totals, "", ctl_note(ctl, ".%d", year));
		for (size_t i = 0; i < columns->n; i++)
			is_there = is_there || strcmp(cells[1 + i], "-") != 0;
		if (is_there)
			table_add(&table, STYLE_PLAIN, cells);
	}
	if (table.rows > 1) {
		page_line(page);
		table_print(&table, page, 0x1e);
	}
	table_done(&table);
}

void efforts_report_page(struct page *page, struct ctl *ctl, const json_t *doc)
{
	struct columns columns;

	if (json_array_size(answer_array(doc, "efforts")) == 0) {
		paragraph(page, STYLE_PLAIN, W_EFFORTS_NONE, "");
		return;
	}
	columns = columns_of(ctl, answer_object(doc, "totals"));
	report_efforts(page, ctl, doc, &columns);
	report_years(page, ctl, answer_object(doc, "totals"), &columns);
	report_areas(page, ctl, doc, &columns);
	paragraph(page, STYLE_FAINT, W_EFFORTS_MONEY_CAUTION, "");
	paragraph(page, STYLE_FAINT, W_EFFORTS_COMPARE, "");
}
