/* SPDX-License-Identifier: MPL-2.0 */
/* Fills a table of local time from the system's time zone data (package tzdata), for 1970 to 2100. Uses the C
 * library's TZ state: main thread, at start and reload only. */
#ifndef RUN_ZONE_LOAD_H
#define RUN_ZONE_LOAD_H

#include "base/error.h"
#include "domain/calendar.h"

/* name: "Europe/Copenhagen". 0, or -ENOENT: no such zone on this system. */
int zone_load(const char *name, struct zone *ret, struct error *reterr);

#endif
