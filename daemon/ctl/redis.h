/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl redis`: is what Redis holds what this effortd has counted? Three requests on the control socket.
 *
 *   {"cmd":"redis"}
 *     {"ok":true,"state":"ready","address":"unix:///...","version":"7.0.15","writer":"0123456789abcdef",
 *      "position":N,"periods":N,"gaps":N,"repairs":N,"withheld":N,"withheld_for":"","waiting":N,"waiting_for":"",
 *      "repairing":N,"probed":N,"auditing":false,"lag_s":0.0,
 *      "advice":["..."],"advice_kinds":["persistence"],"error":""}
 *   state: as in status; anything but "ready" is away. periods: those whose hashes this writer has changed
 * and keeps. probed, gaps, repairs: since the start: hashes looked at, periods found wanting, periods brought
 *   back. repairing: periods that are known to be wanting and wait or are on their way. auditing: a probe of
 *   everything is under way or wanted; true from the answer to redis-audit on. advice: in words, how Redis is
 *   not set up to keep counts; advice_kinds: the same in the same order as eviction, persistence, encoding.
 *   withheld: since the start: periods a rebuild has left as they are, for the writers of withheld_for (commas between),
 *   which do not run, have a part in them. waiting: periods with hashes that wait for the part of the writers of
 *   waiting_for, as far as they have been looked at.
 *   error: the last one; current when state is not "ready".
 *
 *   {"cmd":"redis-audit"}                     {"ok":true}
 *   {"cmd":"redis-rebuild","municipality":"0751","period":"day:2026-11-21"}
 *                                             {"ok":true,"periods":N}
 *   "without_others":true: also what writers have a part in that do not run.
 *   Both members may be missing: all of them. municipality "dk" is the country. Each period stands in
 *   `repairing` from the answer on, until Redis has it. A refusal is {"ok":false,"code":"...","error":"...","hint":"..."}.
 */
#ifndef CTL_REDIS_H
#define CTL_REDIS_H

#include "ctl/page.h"

#include <jansson.h>

/* As monitoring systems expect. */
enum redis_level { REDIS_FINE, REDIS_WARNING, REDIS_CRITICAL, REDIS_UNKNOWN };

/* Judges an answer to {"cmd":"redis"} and says it in lines, the first of them short. */
enum redis_level redis_judge(struct page *, struct ctl *, const json_t *doc);

#endif
