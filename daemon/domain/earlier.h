/* SPDX-License-Identifier: MPL-2.0 */
/* What a period is compared with: the one before it, and the same one a year earlier. A period that still runs is
 * compared with a part of the earlier one that is as long, never with the whole: half a season says nothing of a season
 * that holds Christmas. Pure.
 *
 * Before a day stands the same weekday a week earlier, and a year earlier the same weekday 52 weeks back: a Sunday is
 * not compared with a Monday. A week is compared with the ISO week of the same number. */
#ifndef DOMAIN_EARLIER_H
#define DOMAIN_EARLIER_H

#include "domain/period.h"

enum earlier { EARLIER_PREVIOUS, EARLIER_YEAR, EARLIERS };

extern const char *const earlier_name[EARLIERS]; /* "previous", "year_earlier" */

struct earlier_days {
	struct period period;
	int32_t first, end; /* what of it is compared */
	bool is_part;       /* that is not all of it */
};

/* False: there is none (week 53). A period that runs today (not on its last day) is compared with: as many days of the
 * one before, the same dates of the year before, the same weekdays of a week. */
bool earlier_find(enum earlier, struct period, int32_t today, struct earlier_days *ret);

#endif
