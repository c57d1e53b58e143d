/* SPDX-License-Identifier: MPL-2.0 */
/* Small numbers of a table that leaves the house: which cells must not be shown. Cells are tied by relations,
 * each a total and its parts; a cell may be in many. Totals keep their true values, small parts included.
 *
 * The promise, for what the relations tell: by adding and taking off shown cells in any way, no cell from 1
 * to below-1 can be computed, whether the table shows it or not; a shown total less its shown parts is no
 * such number either (all less one area are the others together), unless it is all of a grand total. Nor can
 * such a cell be narrowed down to one value relation by relation, knowing that no cell is negative, nor by
 * both in turn: a hidden cell that is surely 0 is as good as shown. Grand totals are always shown. What is a
 * number of its own only beside several relations is to be a cell: a caller whose sets overlap gives what one
 * has more than another.
 *
 * A cell of 1 to below-1 that is no grand total is hidden. Then, until nothing is left: what is given away
 * all the same gets company: the cheapest cell that is shown of the relations which gave it away. At last
 * what was hidden as company and is not needed is shown again, the dearest first. A cell of 0 may be such
 * company of one cell, so that a hidden cell may be anything. Pure; owns its memory. */
#ifndef COUNT_SUPPRESS_H
#define COUNT_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUPPRESS_CELLS_MAX 100000

struct suppress;

enum suppress_kind {
	SUPPRESS_CHEAP, /* hidden first to keep others company, and so on to what readers come for */
	SUPPRESS_FAIR,
	SUPPRESS_GOOD,
	SUPPRESS_DEAR,
	SUPPRESS_DEAREST,
	SUPPRESS_TOTAL,  /* a grand total: always shown */
	SUPPRESS_UNSAID, /* never shown itself; a small one must not be computable either */
	SUPPRESS_KNOWN /* everybody knows it (a channel that cannot count here): of no use as company, always
			  shown */
};

struct suppress *suppress_new(void); /* NULL: no memory */
void suppress_free(struct suppress *);

/* Adds a cell; *ret is its number, from 0 on. 0, -ENOMEM, -ENOSPC past SUPPRESS_CELLS_MAX. */
int suppress_cell(struct suppress *, int64_t value, enum suppress_kind, size_t *ret);
/* Cell `total` is the sum of the n parts. 0; -ENOMEM; -EINVAL: it is not. */
int suppress_relation(struct suppress *, size_t total, const size_t *parts, size_t n);

/* Decides. 0 or -ENOMEM. *ret_open: hidden cells that can be computed all the same, because nothing is left
 * that could be hidden. */
int suppress_run(struct suppress *, int64_t below, size_t *ret_open);
bool suppress_is_hidden(const struct suppress *, size_t cell);

#endif
