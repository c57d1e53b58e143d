/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of suppress.c (cells, relations, company), suppress_solve.c (all relations together as equations),
 * suppress_sums.c (which numbers they give away) and suppress_bounds.c (what follows from no cell being
 * negative). */
#ifndef COUNT_SUPPRESS_INSIDE_H
#define COUNT_SUPPRESS_INSIDE_H

#include "count/suppress.h"

struct cell {
	int64_t value;
	enum suppress_kind kind;
	bool is_hidden, is_small; /* is_small: what must be protected */
	int64_t least, most;      /* what a reader knows of a hidden one */
	uint32_t column;          /* of the piece at hand */
	uint32_t turn;            /* when it got its column, of the known ones */
	bool is_sum;              /* of other unknown cells of the piece, whatever they are */
	uint8_t height;           /* above the cells that no relation takes apart */
	uint32_t piece;
};

struct relation {
	size_t total, first, n; /* parts[first .. first + n - 1] */
};

struct suppress {
	struct cell *cells; /* owned */
	size_t cells_len, cells_cap;
	struct relation *relations; /* owned */
	size_t relations_len, relations_cap;
	size_t *parts; /* owned */
	size_t parts_len, parts_cap;
	int64_t below;
	uint32_t turn; /* pieces solved */
};

#define SUPPRESS_HEIGHT_MAX 15
#define SUPPRESS_PRIME      INT64_C(2147483647)

/* The equations of a piece in reduced row echelon form, modulo the prime. Its columns are known cells, grand
 * totals first, as long as they are no mere numbers; then the unknown ones that are too large for a small
 * sum; then the others. */
struct matrix {
	int64_t *rows;                                           /* owned */
	uint32_t *cells;                                         /* owned; of each column */
	size_t len, rows_cap, width, totals, known, first_small; /* known: totals among them */
};

/* What a reader does not know: a hidden cell that is not narrowed down to one value. */
static inline bool cell_is_unknown(const struct cell *cell)
{
	return cell->is_hidden && cell->least < cell->most;
}

/* Company for cells whose sum is given away: in the relation that has most of them, else in one of those the
 * chain of hidden cells leads to that gave it away. For a sum of several the company has a value itself.
 * False: nothing is left that could be hidden. */
bool suppress_help(struct suppress *, const uint32_t *cells, size_t n);

/* Helps what can be computed. *ret_changed is set when something was hidden; *ret_open grows by what could
 * not be helped. 0 or -ENOMEM. suppress_narrow comes before. */
int suppress_solve(struct suppress *, bool *ret_changed, size_t *ret_open);
/* The same for the sums that a piece gives away. grand: its equations with all columns but grand totals. 1:
 * cells were found that can only be 0; nothing was helped, and the piece is to be solved with them known. */
int suppress_sums(struct suppress *, const struct matrix *, const struct matrix *grand, bool *ret_changed,
		  size_t *ret_open);

/* Least and most of each hidden cell. */
void suppress_narrow(struct suppress *);
/* Helps small cells that are narrowed down to one value. */
void suppress_keep_wide(struct suppress *, bool *ret_changed, size_t *ret_open);

#endif
