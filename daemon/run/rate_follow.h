/* SPDX-License-Identifier: MPL-2.0 */
/* The follower that makes effort:{0751}:measures:<window> of every running window: what of the contacts is not in
 * the share hashes (count/rates.h). The fields are described in effortd(8). */
#ifndef RUN_RATE_FOLLOW_H
#define RUN_RATE_FOLLOW_H

#include "run/look.h"

void rate_follow_want(void *ctx, struct look *);
void rate_follow_see(void *ctx, struct look *);

#endif
