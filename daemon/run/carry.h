/* SPDX-License-Identifier: MPL-2.0 */
/* Sums made effects again, for the journal of a writer that begins with them: cells and names that belong together as
 * sums, not event by event. Which name stands beside which cell is made up; what every cell and every name gains is
 * exact, and so is everything added up from it later. Loop's thread. */
#ifndef RUN_CARRY_H
#define RUN_CARRY_H

#include "count/names.h"
#include "count/tally.h"
#include "journal/record.h"

/* Tells effects (of negative counts where a sum is less than nothing, and the seconds with them) that add up to `cells` and to what waits of `names`. Names that no cell is left for are left out. 0, or a
 * negative errno: -ENOMEM, or what on_effect returned. */
int carry(const struct tally *cells, const struct standings *, const struct names *, int64_t now_ms,
	  int (*on_effect)(void *ctx, const struct effect *), void *ctx);

#endif
