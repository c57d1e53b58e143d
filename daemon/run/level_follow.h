/* SPDX-License-Identifier: MPL-2.0 */
/* The follower that shows levels (the share of citizens enrolled in Digital Post): kept as they were told, never summed,
 * so the country has none. effort:{0751}:levels has the latest one of each source and meter. Loop's thread. */
#ifndef RUN_LEVEL_FOLLOW_H
#define RUN_LEVEL_FOLLOW_H

#include "run/follow.h"

/* ctx: the core. */
void level_follow_want(void *ctx, struct look *);
void level_follow_see(void *ctx, struct look *);

struct core;
/* Whether there are levels of this municipality: it is looked at even when nothing is counted there. */
bool level_follow_has(const struct core *, const char *code);

#endif
