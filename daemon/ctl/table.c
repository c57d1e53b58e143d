/* SPDX-License-Identifier: MPL-2.0 */
/* See table.h. */
#include "ctl/table.h"

#include <stdlib.h>
#include <string.h>

#define NAME_FAIR    20
#define NAME_LEAST   8
#define GIVING_LEAST 10

void table_init(struct table *table, size_t columns)
{
	*table = (struct table){ .columns = columns, .gives = 1 };
}

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i]);
	for (size_t i = 0; i < table->rows; i++)
		free(table->notes[i]);
	free(table->cells);
	free(table->notes);
	free(table->styles);
}

static bool has_room(struct table *table)
{
	size_t room = table->room == 0 ? 16 : table->room * 2;
	void *cells, *notes, *styles;

	if (table->rows < table->room)
		return true;
	cells = realloc(table->cells, room * table->columns * sizeof *table->cells);
	if (cells != NULL)
		table->cells = cells;
	notes = realloc(table->notes, room * sizeof *table->notes);
	if (notes != NULL)
		table->notes = notes;
	styles = realloc(table->styles, room * sizeof *table->styles);
	if (styles != NULL)
		table->styles = styles;
	if (cells == NULL || notes == NULL || styles == NULL)
		return false;
	table->room = room;
	return true;
}

void table_add(struct table *table, enum style style, const char *const *cells)
{
	if (!has_room(table)) {
		table->is_cut = true;
		return;
	}
	for (size_t i = 0; i < table->columns; i++)
		table->cells[table->rows * table->columns + i] = strdup(cells[i]);
	table->notes[table->rows] = NULL;
	table->styles[table->rows] = style;
	table->rows++;
}

void table_note(struct table *table, const char *note)
{
	if (table->rows > 0 && table->notes[table->rows - 1] == NULL)
		table->notes[table->rows - 1] = strdup(note);
}

static const char *cell(const struct table *table, size_t row, size_t column)
{
	const char *text = table->cells[row * table->columns + column];

	return text == NULL ? "" : text;
}

/* The width of each column; returns that of all. */
static int measure(const struct table *table, const struct ctl *ctl, int *widths)
{
	int all = 0;

	for (size_t i = 0; i < table->columns; i++) {
		widths[i] = 0;
		for (size_t r = 0; r < table->rows; r++) {
			int columns = page_measure(ctl, cell(table, r, i));

			if (columns > widths[i])
				widths[i] = columns;
		}
		all += widths[i] + (i > 0 ? 2 : 0);
	}
	return all;
}

/* Takes from a column what is too much, down to `least`; returns what is still too much. */
static int give(int *width, int least, int excess)
{
	int room = *width > least ? *width - least : 0, taken = excess < room ? excess : room;

	if (excess <= 0)
		return excess;
	*width -= taken;
	return excess - taken;
}

bool table_is_whole(const struct table *table, const struct ctl *ctl)
{
	int widths[TABLE_COLUMNS];

	return measure(table, ctl, widths) <= ctl->width;
}

bool table_fits(const struct table *table, const struct ctl *ctl)
{
	int widths[TABLE_COLUMNS];
	int excess = measure(table, ctl, widths) - ctl->width;

	return give(&widths[0], NAME_FAIR, excess) <= 0;
}

static void fit(const struct table *table, const struct ctl *ctl, int *widths)
{
	int excess = measure(table, ctl, widths) - ctl->width;

	excess = give(&widths[0], NAME_FAIR, excess);
	for (size_t i = 1; i < table->gives; i++)
		excess = give(&widths[i], GIVING_LEAST, excess);
	give(&widths[0], NAME_LEAST, excess);
}

static void print_row(const struct table *table, struct page *page, size_t row, const int *widths,
		      unsigned right)
{
	size_t last = table->columns - 1;

	for (size_t i = 0; i <= last; i++) {
		bool is_right = (right >> i & 1) != 0;

		if (i > 0)
			page_spaces(page, 2);
		page_column(page, cell(table, row, i), is_right ? -widths[i] : widths[i]);
	}
	page_trim(page);
}

void table_print(const struct table *table, struct page *page, unsigned right)
{
	int widths[TABLE_COLUMNS];
	struct page piece;

	page_init(&piece, page->ctl);
	fit(table, page->ctl, widths);
	for (size_t r = 0; r < table->rows; r++) {
		page_style(page, table->styles[r]);
		print_row(table, page, r, widths, right);
		page_style(page, STYLE_PLAIN);
		page_line(page);
		if (table->notes[r] != NULL) {
			page_style(page, STYLE_FAINT);
			page_spaces(page, 2);
			page_add(&piece, table->notes[r]);
			page_paragraph(page, &piece, 4);
			page_style(page, STYLE_PLAIN);
		}
	}
	page_done(&piece);
}
