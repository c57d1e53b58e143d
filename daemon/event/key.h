/* SPDX-License-Identifier: MPL-2.0 */
/* The members an event or its CloudEvents envelope may have. The order is the order in which they are read,
 * so it decides which of several faults is told. Constant data. */
#ifndef EVENT_KEY_H
#define EVENT_KEY_H

#include <stdint.h>

enum key {
	KEY_ID,
	KEY_SOURCE,
	KEY_TIME,
	KEY_MUNICIPALITY,
	KEY_CHANNEL,
	KEY_KLE,
	KEY_TASK,
	KEY_SERVICE,
	KEY_KIND,
	KEY_DIRECTION,
	KEY_POPULATION,
	KEY_ASSISTED,
	KEY_EXEMPT,
	KEY_OUTCOME,
	KEY_FORM,
	KEY_REASON,
	KEY_UNIT,
	KEY_HANDLED_BY,
	KEY_PORTAL,
	KEY_DURATION_S,
	KEY_COUNT,
	KEY_CORRECTS,
	KEY_ERRAND,
	KEY_METER,
	KEY_READING,
	KEY_LEVEL,
	KEY_EVENTS, /* of an event so many */
	/* the envelope */
	KEY_SPECVERSION = KEY_EVENTS,
	KEY_TYPE,
	KEY_DATACONTENTTYPE,
	KEY_DATA,
	KEY_DATA_BASE64,
	KEYS,
	KEY_NONE = -1
};

/* A set of keys. */
#define KEY_BIT(key) (UINT64_C(1) << (key))

/* What an envelope says itself; all others of an event's members come from its `data`. */
#define KEY_CONTEXT (KEY_BIT(KEY_ID) | KEY_BIT(KEY_SOURCE) | KEY_BIT(KEY_TIME))
#define KEY_EVENT   (KEY_BIT(KEY_EVENTS) - 1)

extern const char *const key_name[KEYS];

#endif
