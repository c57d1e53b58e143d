/* SPDX-License-Identifier: MPL-2.0 */
/* Effects that differ in nothing but id, time and seconds, added up to one. Between two marks under load lie some
 * hundred thousand effects and a fraction of these, so what an effect costs whoever reads a journal (folding, a start) is
 * this one look-up; what is made of it (sums, names, places) is made once. All numbers are the segment's own, in the order
 * of their first effects. Pure; bounded: past ALIKE_MAX the owner uses them up and begins anew. */
#ifndef JOURNAL_ALIKE_H
#define JOURNAL_ALIKE_H

#include "journal/record.h"
#include "journal/totals_index.h"

#define ALIKE_MAX (1 << 18)

struct alike {
	uint64_t cell;
	int64_t count; /* of each of them */
	uint32_t names[DIMENSIONS];
	bool is_counted; /* false: count and seconds are 0; only its names were seen */
	uint32_t booked; /* the owner's; RECORD_NO_NAME at first */
	int64_t times;   /* so many effects */
	int64_t seconds; /* their sum */
	int64_t last_ms; /* newest time */
};

struct alikes {
	struct alike *list; /* owned */
	size_t len, cap;
	struct totals_index index;
};

/* Those this effect is one of, with it. NULL: no memory. Valid until the next call. */
struct alike *alikes_add(struct alikes *, const struct effect *);
/* Whether it would be one of those there are. */
bool alikes_has(const struct alikes *, const struct effect *);
/* Asks the memory for what adding these will look at: worth it for some ten of them, for each is in another place. */
void alikes_prefetch(const struct alikes *, const struct effect *, size_t n);
void alikes_clear(struct alikes *);
void alikes_done(struct alikes *);

#endif
