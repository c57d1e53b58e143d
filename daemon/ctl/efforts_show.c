/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl efforts show`: one effort with everything that is known of it. What is not known is not shown. */
#include "ctl/efforts.h"

#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/shares.h"
#include "ctl/table.h"
#include "domain/effort.h"
#include "domain/measure.h"
#include "event/vocab.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL	   12
#define GOALS_MAX  EFFORT_LINES_MAX
#define SERIES_MAX 8

static const char *text(const struct ctl *ctl, enum word word)
{
	return word_text(word, ctl->is_danish);
}

static void sentence(struct page *page, enum style style, enum word word, const char *a, const char *b)
{
	struct page piece;

	page_init(&piece, page->ctl);
	page_fill(&piece, word, a, b);
	page_style(page, style);
	page_paragraph(page, &piece, 2);
	page_style(page, STYLE_PLAIN);
	page_done(&piece);
}

/* "Label       value", where there is a value. */
static void row(struct page *page, enum word label, const char *value)
{
	struct page piece;

	if (value[0] == '\0')
		return;
	page_column(page, text(page->ctl, label), LABEL);
	page_init(&piece, page->ctl);
	page_add(&piece, value);
	page_paragraph(page, &piece, LABEL);
	page_done(&piece);
}

/* --- the head --- */

static const char *period(struct ctl *ctl, const char *from, const char *to)
{
	struct page page;
	const char *note;

	if (from[0] == '\0')
		return "";
	page_init(&page, ctl);
	if (to[0] == '\0')
		page_fill(&page, W_EFFORT_FROM, from);
	else
		page_fill(&page, W_EFFORT_FROM_TO, from, to);
	note = ctl_note(ctl, "%s", page.text.ptr);
	page_done(&page);
	return note;
}

static const char *word_of(const struct ctl *ctl, const char *name, const char *const *names, const char *const *da,
			   const char *const *en, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (ctl->is_danish ? da : en)[i];
	return name;
}

/* By their names, where effortd told them. */
static const char *scopes_of(const struct ctl *ctl, const json_t *e)
{
	const char *names = answer_text(e, ctl->is_danish ? "scopes_da" : "scopes_en");

	return names[0] != '\0' ? names : answer_text(e, "scopes");
}

static void put_head(struct page *page, struct ctl *ctl, const json_t *e)
{
	const char *unit = answer_text(e, "unit");

	page_style(page, STYLE_STRONG);
	page_add(page, efforts_title(ctl, e));
	page_style(page, STYLE_PLAIN);
	page_add(page, ctl_note(ctl, ", %s (%s)", shares_place(ctl, answer_text(e, "municipality"), answer_text(e, "municipality_name")),
				answer_text(e, "id")));
	page_line(page);
	page_add(page, word_of(ctl, answer_text(e, "category"), category_name, category_da, category_en, CATEGORIES));
	page_add(page, ", ");
	page_add(page, word_of(ctl, answer_text(e, "status"), effort_status_name, effort_status_da, effort_status_en,
			       EFFORT_STATUSES));
	page_add(page, ctl_note(ctl, ", %s", period(ctl, answer_text(e, "from"), answer_text(e, "to"))));
	if (unit[0] != '\0') {
		page_add(page, ", ");
		page_fill(page, W_EFFORT_UNIT, unit);
	}
	page_line(page);
	sentence(page, STYLE_PLAIN, W_EFFORT_MEASURE,
		 word_of(ctl, answer_text(e, "measure"), measure_name, measure_da, measure_en, MEASURES), scopes_of(ctl, e));
}

/* --- before and after --- */

static const char *side(struct ctl *ctl, const json_t *e, const char *name, const char *value)
{
	const char *n = answer_text(e, ctl_note(ctl, "%s.n", name)), *part = answer_text(e, ctl_note(ctl, "%s.part", name));
	const char *days = period(ctl, answer_text(e, ctl_note(ctl, "%s.from", name)), answer_text(e, ctl_note(ctl, "%s.to", name)));

	if (strcmp(value, "-") == 0)
		return "";
	if (n[0] == '\0')
		return ctl_note(ctl, "%s%s%s", value, days[0] != '\0' ? "  " : "", days);
	return ctl_note(ctl, "%s  %s / %s  %s", value, figure_count(ctl, atoll(part)), figure_count(ctl, atoll(n)), days);
}

static const char *amount(struct ctl *ctl, const json_t *e, const char *name, enum word word)
{
	struct page page;
	const char *note, *raw = answer_text(e, name);

	if (raw[0] == '\0')
		return "";
	page_init(&page, ctl);
	page_fill(&page, word, efforts_kroner(ctl, raw));
	note = ctl_note(ctl, "%s", page.text.ptr);
	page_done(&page);
	return note;
}

static const char *both(struct ctl *ctl, const char *a, const char *b)
{
	return ctl_note(ctl, "%s%s%s", a, a[0] != '\0' && b[0] != '\0' ? ", " : "", b);
}

/* "at least 80.00% by 2026-12-31: too early (-12.00 pp)" */
static const char *target(struct ctl *ctl, const json_t *e)
{
	const char *raw = answer_text(e, "target"), *gap = answer_text(e, "gap_pp"), *due = answer_text(e, "due"),
		   *verdict = efforts_verdict(ctl, answer_text(e, "verdict")), *note;
	bool is_volume = strcmp(answer_text(e, "measure"), "volume") == 0,
	     is_most = strcmp(answer_text(e, "comparator"), "<=") == 0;
	struct page page;

	if (raw[0] == '\0')
		return "";
	page_init(&page, ctl);
	page_fill(&page, is_most ? W_EFFORT_AT_MOST : W_EFFORT_AT_LEAST,
		  is_volume ? efforts_kroner(ctl, raw) : figure_percent(ctl, raw));
	if (due[0] != '\0')
		page_fill(&page, W_EFFORT_DUE, due);
	if (verdict[0] != '\0')
		page_add(&page, ctl_note(ctl, ": %s", verdict));
	if (gap[0] != '\0')
		page_add(&page, ctl_note(ctl, " (%s%s pp)", gap[0] == '-' ? "" : "+", figure_decimal(ctl, gap)));
	note = ctl_note(ctl, "%s", page.text.ptr);
	page_done(&page);
	return note;
}

static void put_effect(struct page *page, struct ctl *ctl, const json_t *e)
{
	const char *change = efforts_change(ctl, e), *moved = answer_text(e, "moved");

	page_line(page);
	row(page, W_EFFORT_BEFORE, side(ctl, e, "before", efforts_before(ctl, e)));
	row(page, W_EFFORT_AFTER, side(ctl, e, "after", efforts_after(ctl, e)));
	row(page, W_EFFORT_CHANGE, strcmp(change, "-") == 0 ? "" : change);
	if (moved[0] != '\0')
		row(page, W_EFFORT_MOVED, figure_count(ctl, atoll(moved)));
	row(page, W_EFFORT_TARGET, target(ctl, e));
	row(page, W_EFFORT_FREED, both(ctl, amount(ctl, e, "hours", W_EFFORT_HOURS), amount(ctl, e, "kroner", W_EFFORT_KRONER)));
	row(page, W_EFFORT_BENEFIT,
	    both(ctl, amount(ctl, e, "benefit.hours", W_EFFORT_HOURS), amount(ctl, e, "benefit.kroner", W_EFFORT_KRONER)));
	if (answer_text(e, "as_of")[0] == '\0')
		sentence(page, STYLE_FAINT, W_EFFORT_NOT_COUNTED, "", "");
}

/* --- tables --- */

static void shift_row(struct ctl *ctl, struct table *table, const json_t *e, const char *label, const char *name)
{
	const char *before = answer_text(e, ctl_note(ctl, "%s.before", name)), *after = answer_text(e, ctl_note(ctl, "%s.after", name));
	int64_t change = atoll(answer_text(e, ctl_note(ctl, "%s.change", name)));

	if (before[0] == '\0')
		return;
	table_add(table, STYLE_PLAIN,
		  (const char *const[]){ label, figure_count(ctl, atoll(before)), figure_count(ctl, atoll(after)),
					 ctl_note(ctl, "%s%s", change > 0 ? "+" : "", figure_count(ctl, change)) });
}

static void put_channels(struct page *page, struct ctl *ctl, const json_t *e)
{
	struct table table;

	table_init(&table, 4);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_EFFORT_COL_CHANNEL), text(ctl, W_EFFORT_COL_BEFORE), text(ctl, W_EFFORT_COL_AFTER),
					 text(ctl, W_EFFORT_COL_CHANGE) });
	for (int c = 0; c < EFFORT_CHANNELS; c++)
		shift_row(ctl, &table, e, ctl->is_danish ? vocab_channel_da[c] : vocab_channel[c],
			  ctl_note(ctl, "ch.%s", vocab_channel[c]));
	shift_row(ctl, &table, e, text(ctl, W_EFFORT_ALL_KINDS), "contacts");
	if (table.rows > 1) {
		page_line(page);
		sentence(page, STYLE_PLAIN, W_EFFORT_CHANNELS, "", "");
		table_print(&table, page, 0xe);
	}
	table_done(&table);
}

static void put_goals(struct page *page, struct ctl *ctl, const json_t *e)
{
	struct table table;

	table_init(&table, 5);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_EFFORT_COL_GOAL), text(ctl, W_EFFORT_COL_BEFORE), text(ctl, W_EFFORT_TARGET),
					 text(ctl, W_EFFORT_COL_RESULT), text(ctl, W_EFFORT_COL_VERDICT) });
	for (int i = 1; i <= GOALS_MAX && answer_text(e, ctl_note(ctl, "goal.%d.title", i))[0] != '\0'; i++)
		table_add(&table, STYLE_PLAIN,
			  (const char *const[]){
				  answer_text(e, ctl_note(ctl, "goal.%d.title", i)),
				  efforts_kroner(ctl, answer_text(e, ctl_note(ctl, "goal.%d.before", i))),
				  ctl_note(ctl, "%s %s", answer_text(e, ctl_note(ctl, "goal.%d.comparator", i)),
					   efforts_kroner(ctl, answer_text(e, ctl_note(ctl, "goal.%d.value", i)))),
				  efforts_kroner(ctl, answer_text(e, ctl_note(ctl, "goal.%d.result", i))),
				  efforts_verdict(ctl, answer_text(e, ctl_note(ctl, "goal.%d.verdict", i))) });
	if (table.rows > 1) {
		page_line(page);
		table_print(&table, page, 0xe);
	}
	table_done(&table);
}

static void put_plan(struct page *page, struct ctl *ctl, const json_t *e)
{
	struct table table;

	table_init(&table, 3);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_EFFORT_COL_YEAR), text(ctl, W_EFFORT_COL_PLAN), text(ctl, W_EFFORT_COL_ACTUAL) });
	for (int year = 1990; year <= 2100; year++) {
		const char *plan = answer_text(e, ctl_note(ctl, "plan.%d", year)), *actual = answer_text(e, ctl_note(ctl, "actual.%d", year));

		if (plan[0] == '\0' && actual[0] == '\0')
			continue;
		table_add(&table, STYLE_PLAIN,
			  (const char *const[]){ ctl_note(ctl, "%d", year), plan[0] == '\0' ? "-" : figure_count(ctl, atoll(plan)),
						 actual[0] == '\0' ? "-" : figure_count(ctl, atoll(actual)) });
	}
	if (table.rows > 1) {
		page_line(page);
		table_print(&table, page, 0x6);
	}
	table_done(&table);
}

/* --- money --- */

/* Names of the series that the effort has, as the fields money.<name>.total tell. */
static size_t find_series(const json_t *e, char ret[SERIES_MAX][96])
{
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)e, key, value)
	{
		size_t len = strlen(key);

		if (n < SERIES_MAX && strncmp(key, "money.", 6) == 0 && len > 12 && len < 96 &&
		    strcmp(key + len - 6, ".total") == 0)
			snprintf(ret[n++], 96, "%.*s", (int)(len - 12), key + 6);
	}
	return n;
}

static const char *series_label(struct ctl *ctl, const char *name)
{
	static const struct {
		const char *name;
		enum word word;
	} labels[] = { { "expected", W_EFFORT_MONEY_EXPECTED }, { "estimated", W_EFFORT_MONEY_ESTIMATED },
		       { "realised", W_EFFORT_MONEY_REALISED }, { "national", W_EFFORT_MONEY_NATIONAL } };
	size_t len = strcspn(name, ":");

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strlen(labels[i].name) == len && strncmp(labels[i].name, name, len) == 0)
			return ctl_note(ctl, "%s%s%s", text(ctl, labels[i].word), name[len] == ':' ? " " : "",
					name[len] == ':' ? name + len + 1 : "");
	return name;
}

static void put_years(struct page *page, struct ctl *ctl, const json_t *e, const char *name)
{
	const char *payback = answer_text(e, ctl_note(ctl, "money.%s.payback", name));
	struct table table;

	table_init(&table, 3);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ series_label(ctl, name), text(ctl, W_EFFORT_COL_MONEY), text(ctl, W_EFFORT_COL_ACCUMULATED) });
	for (int year = 1990; year <= 2100; year++) {
		const char *kroner = answer_text(e, ctl_note(ctl, "money.%s.%d", name, year));

		if (kroner[0] != '\0')
			table_add(&table, STYLE_PLAIN,
				  (const char *const[]){ ctl_note(ctl, "%d", year), efforts_kroner(ctl, kroner),
							 efforts_kroner(ctl, answer_text(e, ctl_note(ctl, "money.%s.accumulated.%d",
												     name, year))) });
	}
	page_line(page);
	table_print(&table, page, 0x6);
	table_done(&table);
	if (payback[0] != '\0')
		sentence(page, STYLE_PLAIN, W_EFFORT_PAYBACK, payback, "");
	if (answer_text(e, ctl_note(ctl, "money.%s.incomplete", name))[0] != '\0')
		sentence(page, STYLE_WARN, W_EFFORT_INCOMPLETE, "", "");
}

static void put_compared(struct page *page, struct ctl *ctl, const json_t *e)
{
	struct page piece;

	if (answer_text(e, "money.compared.from")[0] == '\0')
		return;
	page_line(page);
	page_init(&piece, ctl);
	page_fill(&piece, W_EFFORT_DEVIATION, answer_text(e, "money.compared.from"), answer_text(e, "money.compared.to"),
		  efforts_kroner(ctl, answer_text(e, "money.compared.realised")),
		  efforts_kroner(ctl, answer_text(e, "money.compared.expected")),
		  efforts_verdict(ctl, answer_text(e, "money.verdict")));
	page_paragraph(page, &piece, 2);
	page_done(&piece);
}

static void put_money(struct page *page, struct ctl *ctl, const json_t *e)
{
	char names[SERIES_MAX][96];
	size_t n = find_series(e, names);

	for (size_t i = 0; i < n; i++)
		put_years(page, ctl, e, names[i]);
	put_compared(page, ctl, e);
	if (n > 0)
		sentence(page, STYLE_FAINT, W_EFFORTS_MONEY_CAUTION, "", "");
}

/* --- the end --- */

static void warn(void *page, const char *warning)
{
	struct page *p = page, piece;

	page_style(p, STYLE_WARN);
	page_add(p, "! ");
	page_init(&piece, p->ctl);
	page_add(&piece, warning);
	page_paragraph(p, &piece, 2);
	page_style(p, STYLE_PLAIN);
	page_done(&piece);
}

static void put_words(struct page *page, const json_t *e)
{
	static const struct {
		const char *name;
		enum word word;
	} words[] = { { "method", W_EFFORT_METHOD },		  { "counterfactual", W_EFFORT_COUNTERFACTUAL },
		      { "note", W_EFFORT_NOTE },		  { "realisability", W_EFFORT_REALISABILITY },
		      { "funded_by", W_EFFORT_FUNDED_BY }, { "next_check", W_EFFORT_NEXT_CHECK } };

	page_line(page);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (answer_text(e, words[i].name)[0] != '\0')
			sentence(page, STYLE_PLAIN, words[i].word, answer_text(e, words[i].name), "");
}

void efforts_show_page(struct page *page, struct ctl *ctl, const json_t *effort)
{
	put_head(page, ctl, effort);
	put_effect(page, ctl, effort);
	efforts_warnings(ctl, effort, warn, page);
	put_channels(page, ctl, effort);
	put_goals(page, ctl, effort);
	put_plan(page, ctl, effort);
	put_money(page, ctl, effort);
	put_words(page, effort);
	sentence(page, STYLE_FAINT, W_EFFORTS_CAUTION, "", "");
}
