/* SPDX-License-Identifier: MPL-2.0 */
/* See named.h. */
#include "count/named.h"

#include "count/spread.h"

#include <string.h>

struct name_amount named_amount(const struct cell *cell, const struct standing *standing, int64_t count)
{
	bool is_self, is_in_n = spread_in_n(cell, standing, &is_self);
	bool is_contact =
		standing->apart == 0 && !cell->is_ignored && cell->direction == EFFORT_IN && cell->population <= EFFORT_BUSINESS;

	return (struct name_amount){ .events = 1,
				     .contacts = is_contact ? count : 0,
				     .n = is_in_n ? count : 0,
				     .self = is_self ? count : 0 };
}

static const char *end_of(const struct cell *cell, const struct standing *standing)
{
	bool is_self, is_in_n = spread_in_n(cell, standing, &is_self);

	if (named_amount(cell, standing, 1).contacts == 0)
		return NULL;
	if (cell->channel == EFFORT_SELFSERVICE)
		return is_in_n && !is_self ? "assisted" : NULL;
	if (cell->channel != EFFORT_PHONE && cell->channel != EFFORT_COUNTER)
		return NULL;
	return cell->outcome == EFFORT_COMPLETED ? "resolved" : cell->outcome == EFFORT_FORWARDED ? "forwarded" : NULL;
}

struct effort_str named_end(const struct cell *cell, const struct standing *standing, struct effort_str unit,
			    char buf[NAMED_END_MAX])
{
	const char *end = unit.len == 0 ? NULL : end_of(cell, standing);
	size_t len = end == NULL ? 0 : strlen(end);

	if (end == NULL || len + 1 + unit.len > NAMED_END_MAX)
		return (struct effort_str){ "", 0 };
	memcpy(buf, end, len);
	buf[len] = '/';
	memcpy(buf + len + 1, unit.ptr, unit.len);
	return (struct effort_str){ buf, len + 1 + unit.len };
}

struct name_amount named_letters(const struct cell *cell, const struct standing *standing, int64_t count)
{
	if (standing->apart != 0 || cell->is_ignored || cell->direction != EFFORT_OUT)
		return (struct name_amount){ 0 };
	return (struct name_amount){ .events = 1, .contacts = count };
}
