/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of suppress.c (cells, relations, company), suppress_solve.c (what follows from all relations
 * together) and suppress_bounds.c (what follows from no cell being negative). */
#ifndef COUNT_SUPPRESS_INSIDE_H
#define COUNT_SUPPRESS_INSIDE_H

#include "count/suppress.h"

struct cell {
	int64_t value;
	enum suppress_kind kind;
	bool is_hidden, is_small; /* is_small: what must be protected */
	int64_t least, most;      /* what a reader knows of a hidden one */
	uint32_t unknown;         /* its number among the unknowns of the piece at hand */
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
};

/* Company for a cell that is given away: in a relation of its own, else in one of those the chain of hidden
 * cells leads to that gave it away. False: nothing is left that could be hidden. */
bool suppress_help(struct suppress *, size_t cell);

/* Helps small cells that can be computed. *ret_changed is set when something was hidden. 0 or -ENOMEM. */
int suppress_solve(struct suppress *, bool *ret_changed);
/* The same for those that can be narrowed down to one value. *ret_open grows by what could not be helped. */
void suppress_keep_wide(struct suppress *, bool *ret_changed, size_t *ret_open);

#endif
