/* SPDX-License-Identifier: MPL-2.0 */
/* See import_map.h: the names. */
#include "domain/import_map.h"

#include <string.h>

const char *const import_duration_name[IMPORT_DURATIONS] = { "seconds", "minutes", "hours", "clock" };

static const char *const parts[IMPORT_FIELDS - KEYS] = { "date",  "clock",   "year", "week",
							 "month", "quarter", "from", "to" };

const char *import_field_name(int field)
{
	if (field == IMPORT_NOTHING)
		return "";
	return field < KEYS ? key_name[field] : parts[field - KEYS];
}

int import_field_find(const char *name)
{
	for (int i = 0; i < KEY_EVENTS; i++)
		if (i != KEY_SOURCE && strcmp(key_name[i], name) == 0)
			return i;
	for (int i = KEYS; i < IMPORT_FIELDS; i++)
		if (strcmp(parts[i - KEYS], name) == 0)
			return i;
	return -2;
}
