/* SPDX-License-Identifier: MPL-2.0 */
/* The part of `effortctl shares --compare` below the areas: each share beside that of the period before and of the same
 * one a year earlier, with the difference in percentage points. Only reads the daemon's document. */
#include "ctl/shares.h"

#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/table.h"

#include <stdio.h>
#include <string.h>

static const char *word(const struct ctl *ctl, enum word w)
{
	return word_text(w, ctl->is_danish);
}

static const char *percent(struct ctl *ctl, const json_t *hash, const char *scope)
{
	const char *raw = share_field(hash, scope, "share");

	return raw == NULL ? "-" : figure_percent(ctl, raw);
}

/* "+9,00", "-1,00", "0,00"; "-" where one side has no number. */
static const char *change(struct ctl *ctl, const json_t *earlier, const char *scope)
{
	const char *raw = answer_text(answer_object(answer_object(earlier, "change"), scope), "share");
	int64_t points;

	if (!figure_hundredths(raw[0] == '-' ? raw + 1 : raw, &points))
		return "-";
	return ctl_note(ctl, "%s%s", points == 0 ? "" : raw[0] == '-' ? "-" : "+", figure_points(ctl, points));
}

/* --- what is compared with what --- */

static const char *date(struct ctl *ctl, const json_t *earlier, const char *name)
{
	return figure_period(ctl, ctl_note(ctl, "day:%s", answer_text(earlier, name)));
}

static void say_definition(struct page *page, struct page *piece, const json_t *hash, const json_t *earlier)
{
	const char *then = answer_text(earlier, "definition"), *now = share_field(hash, NULL, "definition");

	if (then[0] == '\0' || now == NULL || strcmp(then, now) == 0)
		return;
	page_fill(piece, W_CHANGE_DEFINITION, then, now);
	page_style(page, STYLE_WARN);
	page_paragraph(page, piece, 2);
	page_style(page, STYLE_PLAIN);
}

static void say_earlier(struct page *page, struct ctl *ctl, const json_t *hash, const json_t *earlier, enum word w)
{
	const char *reason = answer_text(earlier, "reason");
	struct page piece, part;

	page_init(&piece, ctl);
	page_init(&part, ctl);
	if (answer_is_true(earlier, "is_part"))
		page_fill(&part, W_CHANGE_PART, date(ctl, earlier, "first"), date(ctl, earlier, "last"));
	if (strcmp(reason, "no_such_period") == 0)
		page_fill(&piece, W_CHANGE_NO_PERIOD,
			  word(ctl, w == W_CHANGE_YEAR ? W_COL_YEAR_BEFORE : W_COL_BEFORE));
	else
		page_fill(&piece, w, shares_period(ctl, answer_text(earlier, "label"), answer_text(earlier, "title")),
			  part.text.ptr == NULL ? "" : part.text.ptr);
	if (strcmp(reason, "no_data") == 0)
		page_word(&piece, W_CHANGE_NO_DATA);
	else if (strcmp(reason, "days_gone") == 0)
		page_word(&piece, W_CHANGE_DAYS_GONE);
	page_paragraph(page, &piece, 2);
	say_definition(page, &piece, hash, earlier);
	page_done(&part);
	page_done(&piece);
}

/* --- the table --- */

struct columns {
	struct ctl *ctl;
	const json_t *hash, *previous, *year; /* year NULL: the same as previous */
	struct table *table;
};

static void row(struct columns *c, const char *scope, const char *name)
{
	const json_t *before = answer_object(c->previous, "share"), *then = answer_object(c->year, "share");
	const char *raw = answer_text(answer_object(answer_object(c->previous, "change"), scope), "share");
	int64_t n = 0;

	if (!share_count(c->hash, scope, "n", &n) && share_field(before, scope, "n") == NULL &&
	    share_field(then, scope, "n") == NULL)
		return;
	table_add(c->table, raw[0] == '-' ? STYLE_BAD : STYLE_PLAIN,
		  (const char *const[]){ name, percent(c->ctl, c->hash, scope), percent(c->ctl, before, scope),
					 change(c->ctl, c->previous, scope), percent(c->ctl, then, scope),
					 change(c->ctl, c->year, scope) });
}

static void rows_of(struct columns *c, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		row(c, answer_text(item, "id"), answer_name(c->ctl, item, answer_text(item, "id")));
}

static void target_row(struct columns *c, const json_t *doc)
{
	const json_t *group;
	size_t i;

	json_array_foreach(answer_array(doc, "groups"), i, group)
		if (strcmp(answer_text(group, "id"), "target") == 0)
			row(c, "group:target", answer_name(c->ctl, group, "group:target"));
}

void shares_change(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *compare = answer_object(doc, "compare"), *hash = answer_object(doc, "share");
	const json_t *previous = answer_object(compare, "previous"), *year = answer_object(compare, "year_earlier");
	bool is_one = strcmp(answer_text(previous, "label"), answer_text(year, "label")) == 0;
	struct columns c = { ctl, hash, previous, is_one ? NULL : year, NULL };
	struct table table;

	page_line(page);
	page_style(page, STYLE_STRONG);
	page_word(page, W_CHANGE_HEAD);
	page_style(page, STYLE_PLAIN);
	page_line(page);
	say_earlier(page, ctl, hash, previous, W_CHANGE_BEFORE);
	if (!is_one)
		say_earlier(page, ctl, hash, year, W_CHANGE_YEAR);
	table_init(&table, is_one ? 4 : 6);
	c.table = &table;
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ word(ctl, W_COL_AREA), word(ctl, W_COL_SHARE), word(ctl, W_COL_BEFORE),
					 word(ctl, W_COL_CHANGE), word(ctl, W_COL_YEAR_BEFORE),
					 word(ctl, W_COL_CHANGE) });
	target_row(&c, doc);
	rows_of(&c, answer_array(doc, "areas"));
	row(&c, "all", word(ctl, W_ALL));
	if (table.rows > 1)
		table_print(&table, page, 0x3e);
	table_done(&table);
}
