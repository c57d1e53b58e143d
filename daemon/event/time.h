/* SPDX-License-Identifier: MPL-2.0 */
/* RFC 3339 times to Unix milliseconds. Pure.
 *
 * "2026-11-21T10:15:30+01:00", "2026-11-21t09:15:30.250z", any number of fraction digits (what is finer than
 * a millisecond is cut off), offset required, "-00:00" is UTC. Years 1900 to 2200. A leap second (:60) is
 * accepted where one can be, at 23:59:60 UTC, and reads as the last millisecond of that minute, so that it
 * stays in its day. */
#ifndef EVENT_TIME_H
#define EVENT_TIME_H

#include <stddef.h>
#include <stdint.h>

/* 0, or -EINVAL. */
int time_parse(const char *text, size_t len, int64_t *ret_ms);

#endif
