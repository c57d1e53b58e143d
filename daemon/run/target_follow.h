/* SPDX-License-Identifier: MPL-2.0 */
/* The follower that makes effort:{0751}:target:<id> of every target for every municipality it is for, and the
 * country: definition, actual, what is missing, verdict. The fields are described in effortd(8). */
#ifndef RUN_TARGET_FOLLOW_H
#define RUN_TARGET_FOLLOW_H

#include "run/look.h"

void target_follow_want(void *ctx, struct look *);
void target_follow_see(void *ctx, struct look *);

#endif
