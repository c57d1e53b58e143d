/* SPDX-License-Identifier: MPL-2.0 */
/* What is shown of a comparison: a page for people, or a document for programs. Neither holds a number that
 * is too small to show. */
#include "ctl/answer.h"
#include "ctl/compare.h"
#include "ctl/figure.h"
#include "ctl/shares.h"
#include "ctl/table.h"

#include <stdio.h>
#include <string.h>

static const char *hundredths(struct ctl *ctl, int64_t bp)
{
	int64_t size = bp < 0 ? -bp : bp;

	return ctl_note(ctl, "%s%lld.%02d", bp < 0 ? "-" : "", (long long)(size / 100), (int)(size % 100));
}

static const char *percent(struct ctl *ctl, int64_t bp)
{
	return figure_percent(ctl, hundredths(ctl, bp));
}

static const char *points(struct ctl *ctl, int64_t bp)
{
	return ctl_note(ctl, "%s%s", bp > 0 ? "+" : bp < 0 ? "-" : "", figure_points(ctl, bp < 0 ? -bp : bp));
}

static const char *word(const struct ctl *ctl, enum word w)
{
	return word_text(w, ctl->is_danish);
}

static void line(struct page *page, enum word w, const char *const *values)
{
	struct page piece;

	page_init(&piece, page->ctl);
	page_fill_list(&piece, w, values);
	page_paragraph(page, &piece, 2);
	page_done(&piece);
}

#define LINE(page, w, ...) line(page, w, (const char *const[]){ __VA_ARGS__, NULL })

static bool is_own(const struct comparison *c, const char *code)
{
	return strcmp(code, c->wish->own_code) == 0;
}

static void table_of(struct page *page, struct ctl *ctl, const struct comparison *c)
{
	struct table table;

	table_init(&table, 5);
	table.gives = 2;
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ "", word(ctl, W_COL_MUNICIPALITY), word(ctl, W_COL_N),
					 word(ctl, W_COL_SHARE), word(ctl, W_CMP_COL_GAP) });
	for (size_t i = 0; i < c->result.ranked; i++) {
		const struct compare_unit *unit = &c->units[i];

		table_add(&table, is_own(c, unit->code) ? STYLE_STRONG : STYLE_PLAIN,
			  (const char *const[]){ ctl_note(ctl, "%zu", unit->rank),
						 ctl_note(ctl, "%s%s", compare_row_of(c, unit->code)->name,
							  is_own(c, unit->code) ? " *" : ""),
						 figure_count(ctl, unit->n),
						 percent(ctl, unit->share_bp),
						 points(ctl, unit->share_bp - c->result.best_bp) });
	}
	table_print(&table, page, 0x1d);
	table_done(&table);
}

static void figures(struct page *page, struct ctl *ctl, const struct comparison *c)
{
	const struct compare_result *r = &c->result;
	const struct compare_unit *own = compare_unit_of(c, c->wish->own_code);

	page_line(page);
	LINE(page, W_CMP_FIGURES, figure_many(ctl, (int64_t)r->ranked, W_N_MUNICIPALITIES), percent(ctl, r->least_bp),
	     percent(ctl, r->first_quartile_bp), percent(ctl, r->median_bp),
	     percent(ctl, r->third_quartile_bp), percent(ctl, r->best_bp));
	LINE(page, r->ranked < c->units_len ? W_CMP_ALL_SHOWN : W_CMP_ALL, percent(ctl, r->all_bp),
	     figure_count(ctl, r->n));
	if (own != NULL && own->rank > 0)
		LINE(page, W_CMP_OWN, compare_row_of(c, own->code)->name, ctl_note(ctl, "%zu", own->rank),
		     figure_count(ctl, (int64_t)r->ranked), points(ctl, own->share_bp - r->best_bp),
		     points(ctl, own->share_bp - r->median_bp));
}

static enum word reason_word(enum compare_reason reason)
{
	static const enum word words[COMPARE_REASONS] = { W_CMP_NO_DATA,     W_CMP_NO_DATA,
							  W_CMP_NO_CONTACTS, W_CMP_INCOMPLETE,
							  W_CMP_REBUILDING,  W_CMP_DEFINITION,
							  W_CMP_PERIOD,      W_CMP_BREAK };

	return words[reason];
}

static void left_out(struct page *page, struct ctl *ctl, const struct comparison *c)
{
	bool is_told = false;

	for (size_t i = 0; i < c->rows_len; i++) {
		const struct compare_row *row = &c->rows[i];
		const struct compare_unit *unit = compare_unit_of(c, row->code);

		if (row->reason == COMPARE_OK && (unit == NULL || !unit->is_too_small))
			continue;
		if (!is_told) {
			page_line(page);
			page_word(page, W_CMP_LEFT_OUT);
			page_line(page);
			is_told = true;
		}
		page_spaces(page, 2);
		page_add(page, row->name);
		page_add(page, ": ");
		if (row->reason == COMPARE_OK)
			page_fill(page, W_CMP_TOO_SMALL, figure_count(ctl, c->wish->below));
		else
			page_fill(page, reason_word(row->reason), row->detail);
		page_line(page);
	}
}

void compare_page(struct page *page, struct ctl *ctl, const struct comparison *c)
{
	static const enum word measures[COMPARE_MEASURES] = { W_CMP_SELF, W_CMP_INCL, W_CMP_DIGITAL };
	const char *scope = answer_name(ctl, answer_object(c->doc, "scope"), c->wish->scope);

	page_style(page, STYLE_STRONG);
	LINE(page, W_CMP_TITLE, scope, shares_period(ctl, c->label, answer_text(c->doc, "title")),
	     word(ctl, measures[c->wish->measure]));
	page_style(page, STYLE_PLAIN);
	if (c->wish->wants_equal_tasks)
		LINE(page, W_CMP_TASKS, figure_count(ctl, (int64_t)c->tasks_used),
		     figure_count(ctl, (int64_t)c->tasks_left));
	if (c->definition[0] != '\0')
		LINE(page, W_CMP_BY_DEFINITION, c->definition);
	if (c->result.ranked > 0) {
		page_line(page);
		table_of(page, ctl, c);
		figures(page, ctl, c);
	} else {
		page_line(page);
		LINE(page, W_CMP_NOBODY, "");
	}
	left_out(page, ctl, c);
}

/* --- the document --- */

static void put_percent(struct text *out, const char *name, int64_t bp)
{
	int64_t size = bp < 0 ? -bp : bp;

	text_key(out, name);
	text_printf(out, "\"%s%lld.%02d\"", bp < 0 ? "-" : "", (long long)(size / 100), (int)(size % 100));
}

static void put_units(struct text *out, const struct comparison *c)
{
	text_key(out, "municipalities");
	text_puts(out, "[");
	for (size_t i = 0; i < c->result.ranked; i++) {
		const struct compare_unit *unit = &c->units[i];

		text_puts(out, i > 0 ? ",{" : "{");
		text_key_int(out, "rank", (int64_t)unit->rank);
		text_key_cstr(out, "code", unit->code);
		text_key_cstr(out, "name", compare_row_of(c, unit->code)->name);
		text_key_int(out, "n", unit->n);
		put_percent(out, "share", unit->share_bp);
		put_percent(out, "to_best_pp", unit->share_bp - c->result.best_bp);
		text_key_bool(out, "is_own", is_own(c, unit->code));
		text_puts(out, "}");
	}
	text_puts(out, "]");
}

static void put_left_out(struct text *out, const struct comparison *c)
{
	bool is_first = true;

	text_key(out, "left_out");
	text_puts(out, "[");
	for (size_t i = 0; i < c->rows_len; i++) {
		const struct compare_row *row = &c->rows[i];
		const struct compare_unit *unit = compare_unit_of(c, row->code);

		if (row->reason == COMPARE_OK && (unit == NULL || !unit->is_too_small))
			continue;
		text_puts(out, is_first ? "{" : ",{");
		is_first = false;
		text_key_cstr(out, "code", row->code);
		text_key_cstr(out, "name", row->name);
		text_key_cstr(out, "reason",
			      row->reason == COMPARE_OK ? "too-small" : compare_reason_name[row->reason]);
		text_key_cstr(out, "detail", row->detail);
		text_puts(out, "}");
	}
	text_puts(out, "]");
}

static void put_figures(struct text *out, const struct comparison *c)
{
	const struct compare_result *r = &c->result;
	const struct compare_unit *own = compare_unit_of(c, c->wish->own_code);

	text_key_int(out, "reporting", (int64_t)r->ranked);
	if (r->ranked > 0) {
		put_percent(out, "least", r->least_bp);
		put_percent(out, "first_quartile", r->first_quartile_bp);
		put_percent(out, "median", r->median_bp);
		put_percent(out, "third_quartile", r->third_quartile_bp);
		put_percent(out, "best", r->best_bp);
	}
	text_key(out, "all");
	text_puts(out, "{");
	text_key_int(out, "n", r->n);
	if (r->n > 0)
		put_percent(out, "share", r->all_bp);
	text_puts(out, "}");
	if (own == NULL || own->rank == 0)
		return;
	text_key(out, "own");
	text_puts(out, "{");
	text_key_cstr(out, "code", own->code);
	text_key_int(out, "rank", (int64_t)own->rank);
	put_percent(out, "share", own->share_bp);
	put_percent(out, "to_best_pp", own->share_bp - r->best_bp);
	put_percent(out, "to_median_pp", own->share_bp - r->median_bp);
	text_puts(out, "}");
}

static void put_tasks(struct text *out, const struct comparison *c)
{
	const json_t *names = answer_object(c->doc, "task_names");
	const char *task;
	json_t *name;

	for (int is_used = 1; is_used >= 0; is_used--) {
		bool is_first = true;

		text_key(out, is_used ? "tasks" : "other_tasks");
		text_puts(out, "[");
		json_object_foreach((json_t *)(uintptr_t)names, task, name)
		{
			if (compare_uses_task(c, task) != (is_used == 1))
				continue;
			text_puts(out, is_first ? "" : ",");
			is_first = false;
			text_json(out, (struct effort_str){ task, strlen(task) });
		}
		text_puts(out, "]");
	}
}

void compare_json(struct text *out, const struct comparison *c)
{
	text_puts(out, "{");
	text_key_bool(out, "ok", true);
	text_key_cstr(out, "scope", c->wish->scope);
	text_key_cstr(out, "label", c->label);
	text_key_cstr(out, "definition", c->definition);
	text_key_cstr(out, "measure", compare_measure_name[c->wish->measure]);
	text_key_int(out, "suppress", c->wish->below);
	put_units(out, c);
	put_figures(out, c);
	put_left_out(out, c);
	if (c->wish->wants_equal_tasks)
		put_tasks(out, c);
	text_puts(out, "}");
}
