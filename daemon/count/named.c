/* SPDX-License-Identifier: MPL-2.0 */
/* See named.h. */
#include "count/named.h"

#include "count/spread.h"

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

struct name_amount named_letters(const struct cell *cell, const struct standing *standing, int64_t count)
{
	if (standing->apart != 0 || cell->is_ignored || cell->direction != EFFORT_OUT)
		return (struct name_amount){ 0 };
	return (struct name_amount){ .events = 1, .contacts = count };
}
