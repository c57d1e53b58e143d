/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of `effortctl shares`: finding the municipality, and the two pages. The pages only read the
 * daemon's document and write to a page; asking, watching and printing is the command's (shares.c). */
#ifndef CTL_SHARES_H
#define CTL_SHARES_H

#include "ctl/page.h"

#include <jansson.h>

#define MUNICIPALITY_CODE 8

/* The code of "751", "0751", "dk", a name or its unique beginning. Asks the daemon for names. An enum
 * ctl_exit. */
int municipality_find(struct ctl *, const char *wanted, const char *window, char *ret_code);

/* One municipality: the sentence, the areas, the three tasks. compact: without the lines of channels. */
void shares_page(struct page *, struct ctl *, const json_t *doc, bool is_compact);
/* The sentence and the warnings alone; who entered the share, of a document asked for with "explain". */
void shares_head(struct page *, struct ctl *, const json_t *doc);
void shares_explain(struct page *, struct ctl *, const json_t *doc);
/* The differences to earlier periods, of a document asked for with "compare". */
void shares_change(struct page *, struct ctl *, const json_t *doc);
/* The ranking of all municipalities with data. */
void shares_ranking(struct page *, struct ctl *, const json_t *doc, const char *window, const char *label);

/* The place as people call it: the country in their language, else the name given, else the code. */
const char *shares_place(const struct ctl *, const char *code, const char *name);

/* A period in words: its title where it has one, else what the label says. */
const char *shares_period(struct ctl *, const char *label, const char *title);
/* The period of an answer (label, title, first, last): a named one with its days. */
const char *shares_days(struct ctl *, const json_t *doc);

/* Lines of warning under the headline: not live, incomplete, being rebuilt. hash: the share hash. */
void shares_warnings(struct page *, struct ctl *, const json_t *hash, int64_t now_ms, bool is_running);

/* What one row shows; numbers in hundredths of a percent. */
struct shares_row {
	const char *id, *name;
	int order;
	int64_t n, share, incl, move, target; /* target < 0: none */
	char share_text[16], incl_text[16];   /* "-" where absent */
	bool has_share, has_move, is_met;
};

struct shares_row shares_row_of(struct ctl *, const json_t *hash, const char *scope, const char *name);

/* Column widths of a table of rows for the screen at hand. */
struct shares_layout {
	int name, n, share, incl, bar, move; /* bar 0: no room for one */
};

/* first: header of the first column; indent: columns kept free before the table. */
struct shares_layout shares_layout_of(struct ctl *, const struct shares_row *rows, size_t n, enum word first,
				      int indent);
void shares_header(struct page *, struct ctl *, const struct shares_layout *, enum word first,
		   int64_t target);
void shares_row_add(struct page *, struct ctl *, const struct shares_layout *, const struct shares_row *);

#endif
