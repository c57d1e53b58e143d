/* SPDX-License-Identifier: MPL-2.0 */
/* What is away while an area is disabled: its plugin is not opened, so nobody is asked for its tasks, and those that it
 * declares itself are not known by name. What the configuration says of them is no fault of the configuration: it waits,
 * and the log says so. Main thread. */
#ifndef RUN_AWAY_H
#define RUN_AWAY_H

#include "run/snapshot.h"

/* Whether tasks of this scope may be those of a disabled area. */
bool away_scope(const struct areas *, const char *scope);

/* What waits in the snapshot that comes into force, in the log: default tasks, targets. */
void away_tell(const struct snapshot *);

#endif
