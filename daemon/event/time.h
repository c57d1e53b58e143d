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

/* The date and the offset of a time that was read: most times that come after it have the same. */
struct time_known {
	uint64_t date[2];    /* "2026-11-" and "6-11-21T" */
	uint64_t rest;       /* "+01:00", "Z" or ".5Z", zeros behind */
	int64_t midnight_ms; /* what the time of day is added to: when that date begins at that offset, and the fraction in rest */
};

/* One that is true, so that no text can pass for a date never checked. */
void time_known_init(struct time_known *);

/* The same as time_parse(), in fewer steps where date and offset are those of the time before. 8 bytes must be
 * readable behind the text. */
int time_parse_alike(struct time_known *, const char *text, size_t len, int64_t *ret_ms);

#endif
