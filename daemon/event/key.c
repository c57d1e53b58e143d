/* SPDX-License-Identifier: MPL-2.0 */
/* The names of an event's members, as senders write them. Constant data. */
#include "event/key.h"

const char *const key_name[KEYS] = {
	[KEY_ID] = "id",
	[KEY_SOURCE] = "source",
	[KEY_TIME] = "time",
	[KEY_MUNICIPALITY] = "municipality",
	[KEY_CHANNEL] = "channel",
	[KEY_KLE] = "kle",
	[KEY_TASK] = "task",
	[KEY_SERVICE] = "service",
	[KEY_KIND] = "kind",
	[KEY_DIRECTION] = "direction",
	[KEY_POPULATION] = "population",
	[KEY_ASSISTED] = "assisted",
	[KEY_EXEMPT] = "exempt",
	[KEY_OUTCOME] = "outcome",
	[KEY_FORM] = "form",
	[KEY_REASON] = "reason",
	[KEY_UNIT] = "unit",
	[KEY_HANDLED_BY] = "handled_by",
	[KEY_PORTAL] = "portal",
	[KEY_DURATION_S] = "duration_s",
	[KEY_COUNT] = "count",
	[KEY_CORRECTS] = "corrects",
	[KEY_ERRAND] = "errand",
	[KEY_SPECVERSION] = "specversion",
	[KEY_TYPE] = "type",
	[KEY_DATACONTENTTYPE] = "datacontenttype",
	[KEY_DATA] = "data",
	[KEY_DATA_BASE64] = "data_base64",
};
