/* SPDX-License-Identifier: MPL-2.0 */
/* Small steps that reading back and repairing have in common: which positions a change of a day or of names
 * stands at, and words made numbers. */
#ifndef RUN_PLACE_H
#define RUN_PLACE_H

#include "run/core.h"

/* The periods of a day that Redis may still hold, of the municipality and of the country, are at `position` at
 * least. 0 or -ENOMEM. */
int place_raise_day(struct core *, uint16_t municipality, int32_t day, uint64_t position);
int place_raise_names(struct core *, uint16_t municipality, enum dimension, int32_t month, uint64_t position);
/* Whether Redis keeps hashes of this window (retention); and whether those that it does not keep are known to be deleted. */
bool place_is_kept(const struct core *, enum window, int32_t first);
bool place_is_gone(const struct core *, enum window, int32_t first);
/* Number of a standing told in words, added when new; negative errno. */
int place_standing(struct standings *, const struct standing_text *);

#endif
