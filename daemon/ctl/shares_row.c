/* SPDX-License-Identifier: MPL-2.0 */
/* The table that both pages of `effortctl shares` are made of: what is in a row, how wide its columns are. */
#include "ctl/shares.h"

#include "ctl/answer.h"
#include "ctl/figure.h"

#include <stdio.h>
#include <string.h>

#define NAME_MIN 8
#define BAR_MIN  8
#define BAR_MAX  50

const char *shares_place(const struct ctl *ctl, const char *code, const char *name)
{
	if (strcmp(code, "dk") == 0)
		return word_text(W_COUNTRY, ctl->is_danish);
	return name[0] == '\0' ? code : name;
}

static void percent_text(struct ctl *ctl, const json_t *hash, const struct shares_row *row, const char *name,
			 char *ret)
{
	const char *raw = row->has_share ? share_field(hash, row->id, name) : NULL;

	snprintf(ret, sizeof row->share_text, "%s", raw == NULL ? "-" : figure_percent(ctl, raw));
}

struct shares_row shares_row_of(struct ctl *ctl, const json_t *hash, const char *scope, const char *name)
{
	struct shares_row row = { .id = scope, .name = name, .target = -1 };
	const char *met = share_field(hash, scope, "met");

	share_count(hash, scope, "n", &row.n);
	row.has_share = row.n > 0 && share_percent(hash, scope, "share", &row.share);
	if (!share_percent(hash, scope, "share_incl_assisted", &row.incl))
		row.incl = row.share;
	percent_text(ctl, hash, &row, "share", row.share_text);
	percent_text(ctl, hash, &row, "share_incl_assisted", row.incl_text);
	if (!share_percent(hash, scope, "target", &row.target))
		row.target = -1;
	row.has_move = met != NULL && share_count(hash, scope, "move", &row.move);
	row.is_met = row.has_move && strcmp(met, "1") == 0;
	return row;
}

static const char *count_text(struct ctl *ctl, const struct shares_row *row)
{
	return row->has_share ? figure_count(ctl, row->n) : word_text(W_NONE, ctl->is_danish);
}

static const char *move_text(struct ctl *ctl, const struct shares_row *row)
{
	if (!row->has_move)
		return "-";
	return row->is_met ? word_text(W_MET, ctl->is_danish) : figure_count(ctl, row->move);
}

static void widen(struct ctl *ctl, int *width, const char *text)
{
	int columns = page_measure(ctl, text);

	if (columns > *width)
		*width = columns;
}

static int word_columns(struct ctl *ctl, enum word word)
{
	return page_measure(ctl, word_text(word, ctl->is_danish));
}

struct shares_layout shares_layout_of(struct ctl *ctl, const struct shares_row *rows, size_t n,
				      enum word first, int indent)
{
	struct shares_layout l = { .name = word_columns(ctl, first),
				   .n = word_columns(ctl, W_COL_N),
				   .share = word_columns(ctl, W_COL_SHARE),
				   .incl = word_columns(ctl, W_COL_INCL),
				   .move = word_columns(ctl, W_COL_MOVE) };
	int room;

	for (size_t i = 0; i < n; i++) {
		widen(ctl, &l.name, rows[i].name);
		widen(ctl, &l.n, count_text(ctl, &rows[i]));
		widen(ctl, &l.share, rows[i].share_text);
		widen(ctl, &l.incl, rows[i].incl_text);
		widen(ctl, &l.move, move_text(ctl, &rows[i]));
	}
	/* Two spaces between columns; the last two are those of the bar. */
	room = ctl->width - indent - l.n - l.share - l.incl - l.move - 8;
	if (l.name > (ctl->width - indent) * 2 / 5)
		l.name = (ctl->width - indent) * 2 / 5;
	l.bar = room - l.name - 2;
	if (l.bar > BAR_MAX)
		l.bar = BAR_MAX;
	if (l.bar < BAR_MIN)
		l.bar = 0;
	if (l.name > room)
		l.name = room < NAME_MIN ? NAME_MIN : room;
	return l;
}

/* The name of the mark stands over the mark. */
static void bar_header(struct page *page, struct ctl *ctl, int bar, int64_t target)
{
	const char *name = "";
	int at = 0, columns;

	if (target >= 0) {
		name = ctl_note(ctl, "%s %d", word_text(W_TARGET, ctl->is_danish), (int)(target / 100));
		at = (int)(target * bar / 10000) + 1;
	}
	columns = page_measure(ctl, name);
	if (at > bar)
		at = bar;
	if (columns > at) {
		page_spaces(page, bar);
		return;
	}
	page_column(page, name, -at);
	page_spaces(page, bar - at);
}

static void header_cell(struct page *page, struct ctl *ctl, enum word word, int width)
{
	page_column(page, word_text(word, ctl->is_danish), width);
	page_spaces(page, 2);
}

void shares_header(struct page *page, struct ctl *ctl, const struct shares_layout *l, enum word first,
		   int64_t target)
{
	page_style(page, STYLE_STRONG);
	header_cell(page, ctl, first, l->name);
	header_cell(page, ctl, W_COL_N, -l->n);
	header_cell(page, ctl, W_COL_SHARE, -l->share);
	header_cell(page, ctl, W_COL_INCL, -l->incl);
	if (l->bar > 0) {
		bar_header(page, ctl, l->bar, target);
		page_spaces(page, 2);
	}
	page_column(page, word_text(W_COL_MOVE, ctl->is_danish), -l->move);
	page_style(page, STYLE_PLAIN);
	page_line(page);
}

void shares_row_add(struct page *page, struct ctl *ctl, const struct shares_layout *l,
		    const struct shares_row *row)
{
	enum style style = !row->has_move ? STYLE_PLAIN : row->is_met ? STYLE_GOOD : STYLE_BAD;

	page_column(page, row->name, l->name);
	page_spaces(page, 2);
	page_column(page, count_text(ctl, row), -l->n);
	page_spaces(page, 2);
	page_column(page, row->share_text, -l->share);
	page_spaces(page, 2);
	page_column(page, row->incl_text, -l->incl);
	page_spaces(page, 2);
	if (l->bar > 0) {
		if (row->has_share)
			page_bar(page, l->bar, row->share, row->incl, row->target);
		else
			page_spaces(page, l->bar);
		page_spaces(page, 2);
	}
	page_style(page, style);
	page_column(page, move_text(ctl, row), -l->move);
	page_style(page, STYLE_PLAIN);
	page_line(page);
}
