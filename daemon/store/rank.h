/* SPDX-License-Identifier: MPL-2.0 */
/* Shares of municipalities on their way into the country's rankings: told by effort_apply and effort_tick,
 * kept until sent, the last one of each scope and municipality wins. What is lost here comes again when a
 * tick tells all running shares. Bounded. Pure. */
#ifndef STORE_RANK_H
#define STORE_RANK_H

#include "store/encode.h"

#define RANK_MAX 65536

struct rank_entry {
	int32_t first; /* first day of the running period it belongs to */
	int32_t share; /* hundredths of a percent; -1: none any more */
	uint32_t serial;
	uint16_t municipality, scope; /* number of the scope, encode_rank's order */
	uint8_t window;
};

struct rank {
	struct rank_entry *entries; /* owned */
	size_t len, cap;
	bool is_short; /* something was dropped: ask for all shares again */
};

void rank_done(struct rank *);
/* share as told: "46.79" or "". */
void rank_add(struct rank *, const struct scene *, enum window, int32_t first, uint16_t municipality,
	      const char *scope, const char *share);
/* Makes the call of the next window that has something and forgets it; false: nothing waits. The call's
 * failure to be encoded shows in command->failed. */
bool rank_take(struct rank *, const struct scene *, struct command *);

#endif
