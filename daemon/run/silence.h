/* SPDX-License-Identifier: MPL-2.0 */
/* Which silent sources concern whom. A source that feeds certain areas (sources.<name>.areas) makes the numbers of
 * these areas incomplete and those over all areas, not its neighbours'. Pure. */
#ifndef RUN_SILENCE_H
#define RUN_SILENCE_H

#include "conf/conf.h"
#include "store/store.h"

#define SILENCE_MAX STORE_MISSING /* bytes of the names, with NUL */

/* Those of `names` (comma-separated, as the store has them) that feed the area of a scope as the hashes write it
 * ("school", "school/school-enrolment"; "all" and groups: every area). ret: "" for none. */
void silence_of(const struct conf *, const char *names, const char *scope, char ret[SILENCE_MAX]);

#endif
