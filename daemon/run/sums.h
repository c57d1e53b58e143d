/* SPDX-License-Identifier: MPL-2.0 */
/* The truth of a period at the batch boundary: what the totals files hold, and the young, minus what is cut and
 * in no batch. What the ledger and the files count in their own numbers is brought together here. */
#ifndef RUN_SUMS_H
#define RUN_SUMS_H

#include "journal/totals.h"
#include "run/ledger.h"

struct sums_visit {
	void *ctx;
	/* One municipality (the country last); its day is the period's first. Reasons are among the cells. */
	int (*on_group)(void *ctx, const struct spread_group *);
	/* All names of one municipality (the country last), amounts in `frozen`. */
	int (*on_names)(void *ctx, uint16_t municipality, const struct name_record *const *, size_t n);
};

/* files: sums of first <= day < end. 0, what a visitor returned, or a negative errno. */
int sums_of_period(struct ledger *, const struct totals *files, int32_t first, int32_t end,
		   const struct sums_visit *);
/* files: names of that month. */
int sums_of_names(struct ledger *, const struct totals *files, enum dimension, int32_t month,
		  const struct sums_visit *);

#endif
