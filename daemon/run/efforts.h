/* SPDX-License-Identifier: MPL-2.0 */
/* Efforts in the follow-up cycle (run/follow.h): reads the days before and after of every effort of a municipality and
 * puts the hash effort:{M}:effort:<id>. Everything reckoned is in count/effort*.h. */
#ifndef RUN_EFFORTS_H
#define RUN_EFFORTS_H

#include "run/effortd.h"

/* As struct follower has them; ctx: struct effortd. */
void efforts_want(void *effortd, struct look *);
void efforts_see(void *effortd, struct look *);

#endif
