/* SPDX-License-Identifier: MPL-2.0 */
/* A small table on a page: a header, rows, columns as wide as their widest text. Where the screen is too
 * narrow the first columns give way; a note is wrapped. Owns copies of its texts. */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include "ctl/page.h"

#define TABLE_COLUMNS 10

struct table {
	size_t columns, rows, room;
	char **cells; /* owned; rows * columns; row 0 is the header */
	char **notes; /* owned; a line under the row, or NULL */
	enum style *styles;
	size_t gives; /* how many columns from the left give way; 1 unless set */
	bool is_cut;  /* no memory */
};

void table_init(struct table *, size_t columns);
void table_done(struct table *);
/* One text for each column. */
void table_add(struct table *, enum style, const char *const *cells);
/* A line under the row just added. */
void table_note(struct table *, const char *note);
/* The columns need no more than the screen has, without cutting a name of ordinary length. */
bool table_fits(const struct table *, const struct ctl *);
/* Nothing is cut. */
bool table_is_whole(const struct table *, const struct ctl *);
/* Bit i of right: column i is aligned to the right. */
void table_print(const struct table *, struct page *, unsigned right);

#endif
