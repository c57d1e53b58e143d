/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of suppress.c (cells, relations, company), suppress_solve.c (what follows from all relations
 * together) and suppress_bounds.c (what follows from no cell being negative). */
#ifndef COUNT_SUPPRESS_INSIDE_H
#define COUNT_SUPPRESS_INSIDE_H

#include "count/suppress.h"

#define SUPPRESS_FAR (INT64_C(1) << 60) /* nobody knows how much */

struct cell {
	int64_t value;
	enum suppress_kind kind;
	bool is_hidden, is_small; /* is_small: what must be protected */
	int64_t least, most;      /* what a reader knows of a hidden one */
	uint32_t unknown;         /* its number among the unknowns of the piece at hand */
	uint32_t piece;
	bool has_small; /* of a piece's root: something in it must be protected */
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

/* Narrows what a reader knows of hidden cells, none being negative; where least and most are the same it is
 * known. */
void suppress_narrow(struct suppress *);
/* What follows from the relations together, and from what is known already, becomes known; *ret_is_new is set
 * when something did. 0 or -ENOMEM. */
int suppress_solve(struct suppress *, bool *ret_is_new);

#endif
