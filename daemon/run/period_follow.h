/* SPDX-License-Identifier: MPL-2.0 */
/* The follower that makes share:period:<id> and tasks:period:<id> of every named counting period that has begun, for every
 * municipality with data in its months and the country: sums of its days, in the fields of every other share hash, and
 * `title`. A period is summed up again only when a month it touches has changed since (`_seen` in the hash says what it
 * was made of), so that a late contact restates it and a quiet one costs nothing. Where days are no longer kept, what has
 * been made of them stays; a period of which nothing was made has `reason` days_gone and no numbers. */
#ifndef RUN_PERIOD_FOLLOW_H
#define RUN_PERIOD_FOLLOW_H

#include "run/look.h"

void period_follow_want(void *ctx, struct look *);
void period_follow_choose(void *ctx, struct look *);
void period_follow_see(void *ctx, struct look *);

#endif
