/* SPDX-License-Identifier: MPL-2.0 */
/* Who follows up: the table of everything that makes hashes of others in the follow-up cycle. A new follower is
 * a line in followers.c. */
#ifndef RUN_FOLLOWERS_H
#define RUN_FOLLOWERS_H

#include "run/effortd.h"

/* Fills the list, FOLLOWERS_MAX long; returns how many. */
size_t followers_list(struct effortd *, struct follower *ret);

#endif
