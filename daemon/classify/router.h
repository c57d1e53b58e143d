/* SPDX-License-Identifier: MPL-2.0 */
/* Which areas an event is offered to, in which order, and what each area's own lists say it is. Pure and,
 * once built, constant: lookups allocate nothing and may run in any thread.
 *
 * The order: the area of the named task; the area the (source, service) pair is mapped to, an exact source
 * before "*"; the claimants of the longest KLE prefix in their order, then those of the shorter ones. No area
 * twice. */
#ifndef CLASSIFY_ROUTER_H
#define CLASSIFY_ROUTER_H

#include "base/error.h"
#include "domain/area.h"

#include <effort/plugin.h>

struct router;

struct claimant {
	uint16_t area; /* index of the definition */
	uint16_t
		listed; /* what its lists say: 1 + index of the task; 0: the area is known, the task is not */
};

/* NULL when a fault was added: claims (claims.h), a task id or a (source, service) pair given twice, a
 * service naming a task its area has not, too many. Keeps pointers into the definitions. At most AREA_MAX
 * areas. */
struct router *router_new(const struct area_def *defs, size_t n, struct faults *);
void router_free(struct router *);

/* The next area to ask. asked: bit i for each area i already asked. False: nobody is left. */
bool router_next(const struct router *, const struct effort_event *, uint64_t asked,
		 struct claimant *ret_claimant);

/* What the area's own lists say of any event: task, else service, else KLE; 0: nothing. */
uint16_t router_listed(const struct router *, const struct effort_event *, uint16_t area);

/* True when the event's KLE number belongs to other areas than its task does, or to another task of that
 * area. */
bool router_is_mismatch(const struct router *, const struct effort_event *);

#endif
