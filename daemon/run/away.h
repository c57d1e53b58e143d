/* SPDX-License-Identifier: MPL-2.0 */
/* What is away while an area is disabled: its plugin is not opened, so the tasks that it declares are not there, nor
 * known by name. What the configuration says of such tasks is no fault of the configuration: it waits, and the log says
 * so. Main thread. */
#ifndef RUN_AWAY_H
#define RUN_AWAY_H

#include "run/snapshot.h"

/* Whether a task that no area has may be one of a disabled area. */
bool away_task(const struct areas *);
/* Whether tasks of this scope may be those of a disabled area. */
bool away_scope(const struct areas *, const char *scope);

/* What waits in the snapshot that comes into force, in the log: default tasks, targets. */
void away_tell(const struct snapshot *);

#endif
