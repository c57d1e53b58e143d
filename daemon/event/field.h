/* SPDX-License-Identifier: MPL-2.0 */
/* The form rules of an event's members (contract, section 2): from the strings and numbers of one object to a
 * struct effort_event. Knows nothing about lines, envelopes and personal data. */
#ifndef EVENT_FIELD_H
#define EVENT_FIELD_H

#include "event/json.h"
#include "event/time.h"
#include "event/words.h"

#include <stdbool.h>

struct field_fault {
	enum key key;
	const char *detail; /* constant text: what was expected */
};

struct field_reader {
	const struct words *words;
	const struct json_object *context; /* id, source and time: the envelope, or the event itself */
	const struct json_object *members; /* all others */
	bool is_plain;                     /* all strings are ASCII 32 to 126 */
	struct json_pool *pool;
	struct time_known *time;
	struct effort_str default_source;
};

/* Fills in an event that was set to its defaults. CODE_OK; or the code and what is at fault, with the event
 * half-filled. */
enum code field_read_all(const struct field_reader *, struct effort_event *ev, struct field_fault *ret_fault);

#endif
