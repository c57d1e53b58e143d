/* SPDX-License-Identifier: MPL-2.0 */
/* Closed periods whose entry in the series streams is to be written or written again. Bounded by SERIES_MAX;
 * past it the newest are dropped and counted. Pure. */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include "store/encode.h"

#define SERIES_MAX  (1 << 18)
#define SERIES_CALL 100 /* periods in one call */

struct series {
	uint64_t *due; /* owned: municipality, window, first day; sorted below `sorted` */
	size_t len, cap, sorted;
	uint64_t dropped;
};

void series_done(struct series *);
/* The four windows that have a series and whose period of this day is over at today. */
void series_touch(struct series *, uint16_t municipality, int32_t day, int32_t today);
void series_add(struct series *, uint16_t municipality, enum window, int32_t first);
/* Makes the call of the next stream and forgets its periods; false: none is due. */
bool series_take(struct series *, const struct scene *, struct command *);

#endif
