/* SPDX-License-Identifier: MPL-2.0 */
/* What an event is known by once it has been accepted: a keyed hash of (source, id), one of everything else it
 * says, and the day its id is filed under. Without the key nobody can tell from a hash which id it was. */
#ifndef RUN_EVENT_KEY_H
#define RUN_EVENT_KEY_H

#include <effort/plugin.h>

#define KEY_SECRET 192

struct key_maker {
	uint8_t secret[KEY_SECRET];
};

struct event_key {
	uint64_t id;
	uint32_t content;
	int32_t day; /* UTC, from 1 */
};

void key_maker_init(struct key_maker *, const uint8_t key[32]);
/* arrival_ms: filed under its day; INT64_MIN: under the day of the event's own time. */
struct event_key key_make(const struct key_maker *, const struct effort_event *, int64_t arrival_ms);

/* The id alone: hash of (source, id). */
uint64_t key_id(const struct key_maker *, struct effort_str source, struct effort_str id);

/* What an errand of a municipality is known by. method: that its records are counted apart for, or none: two
 * measurements of the same thing are never mixed. */
uint64_t key_errand(const struct key_maker *, struct effort_str municipality, struct effort_str errand,
		    struct effort_str method);

/* What a source's meter, or level, of a municipality is known by. */
uint64_t key_meter(const struct key_maker *, const struct effort_event *);

/* UTC day an id of this moment is filed under: within 1 .. 65535. */
int32_t key_day(int64_t time_ms);

#endif
