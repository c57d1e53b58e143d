/* SPDX-License-Identifier: MPL-2.0 */
/* Small numbers of a table that leaves the house: which cells must not be shown so that no number from 1 to
 * below-1 can be read from it or computed from what else it shows. Cells are tied by relations, each a total
 * and its parts; a cell may be in many. Totals keep their true values, small parts included.
 *
 * Primary: a cell of 1 to below-1 that is no grand total. Then, until nothing is left: a hidden cell that is
 * the only one of its relation, or that follows from all relations together (solved as linear equations, and
 * narrowed down knowing that no cell is negative), gets company: the cheapest cell of the relation that is
 * shown. A cell of 0 may be such company, so that a hidden cell may be anything. Pure; owns its memory. */
#ifndef COUNT_SUPPRESS_H
#define COUNT_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUPPRESS_CELLS_MAX 100000

struct suppress;

enum suppress_kind {
	SUPPRESS_CHEAP,  /* hidden first to keep others company */
	SUPPRESS_DEAR,   /* last: what readers come for */
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
