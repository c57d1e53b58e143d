/* SPDX-License-Identifier: MPL-2.0 */
/* All municipalities with data, the country first, then by share. */
#include "ctl/shares.h"

#include "base/clock.h"
#include "ctl/answer.h"
#include "ctl/figure.h"

#include <stdlib.h>
#include <string.h>

static bool is_country(const struct shares_row *row)
{
	return strcmp(row->id, "dk") == 0;
}

static int by_share(const void *a, const void *b)
{
	const struct shares_row *x = a, *y = b;

	if (is_country(x) != is_country(y))
		return is_country(x) ? -1 : 1;
	if (x->has_share != y->has_share)
		return x->has_share ? -1 : 1;
	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return x->n != y->n ? (x->n > y->n ? -1 : 1) : strcmp(x->id, y->id);
}

static size_t read_rows(struct ctl *ctl, const json_t *list, struct shares_row *rows)
{
	const json_t *item;
	size_t n = 0, i;

	json_array_foreach(list, i, item)
	{
		const char *code = answer_text(item, "code"), *name = answer_text(item, "name");
		struct shares_row *row = &rows[n];

		if (code[0] == '\0')
			continue;
		*row = shares_row_of(ctl, answer_object(item, "share"), "all", shares_place(ctl, code, name));
		row->id = code;
		n++;
	}
	qsort(rows, n, sizeof *rows, by_share);
	return n;
}

/* The warning of the first row that has one stands for all. */
static const json_t *first_share(const json_t *list)
{
	return answer_object(json_array_get(list, 0), "share");
}

#define RANK 4 /* columns before the name */

static void table(struct page *page, struct ctl *ctl, const struct shares_row *rows, size_t n)
{
	struct shares_layout layout = shares_layout_of(ctl, rows, n, W_COL_MUNICIPALITY, RANK);

	page_spaces(page, RANK);
	shares_header(page, ctl, &layout, W_COL_MUNICIPALITY, rows[0].target);
	for (size_t i = 0, rank = 1; i < n; i++) {
		bool is_ranked = rows[i].has_share && !is_country(&rows[i]);

		page_column(page, is_ranked ? ctl_note(ctl, "%zu", rank++) : "", 1 - RANK);
		page_spaces(page, 1);
		shares_row_add(page, ctl, &layout, &rows[i]);
	}
}

void shares_ranking(struct page *page, struct ctl *ctl, const json_t *doc, const char *window,
		    const char *label)
{
	const json_t *list = answer_array(doc, "municipalities"), *first = first_share(list);
	size_t size = json_array_size(list), n;
	struct shares_row *rows = calloc(size + 1, sizeof *rows);
	int64_t now_ms = answer_int(doc, "now_ms");
	const char *shown = label;
	struct page title;

	if (rows == NULL)
		return;
	if (shown == NULL)
		shown = answer_text(doc, "label")[0] != '\0' ? answer_text(doc, "label")
							     : share_field(first, NULL, "period");
	n = read_rows(ctl, list, rows);
	page_init(&title, ctl);
	page_fill(&title, n == 0 ? W_RANK_NONE : W_RANK_TITLE,
		  shown == NULL ? window : shares_period(ctl, shown, answer_text(doc, "title")));
	page_style(page, STYLE_STRONG);
	page_paragraph(page, &title, 0);
	page_style(page, STYLE_PLAIN);
	page_done(&title);
	if (n > 0) {
		shares_warnings(page, ctl, first, now_ms == 0 ? clock_now_ms() : now_ms, label == NULL);
		page_line(page);
		table(page, ctl, rows, n);
	}
	free(rows);
}
