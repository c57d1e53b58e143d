/* SPDX-License-Identifier: MPL-2.0 */
/* Denmark's time from 2010 to 2039 by its rule, for tests that read no zone files: summer time from the last
 * Sunday of March to that of October, both at 01:00 UTC. */
#ifndef DANISH_ZONE_H
#define DANISH_ZONE_H

#include "domain/calendar.h"

static inline void danish_zone(struct zone *ret)
{
	ret->n = 1;
	ret->at_ms[0] = INT64_MIN;
	ret->offset_s[0] = 3600;
	for (int year = 2010; year < 2040; year++) {
		int32_t march = day_of_date(year, 3, 31), october = day_of_date(year, 10, 31);

		march -= weekday_of_day(march) % 7;
		october -= weekday_of_day(october) % 7;
		ret->at_ms[ret->n] = march * DAY_MS + 3600000;
		ret->offset_s[ret->n++] = 7200;
		ret->at_ms[ret->n] = october * DAY_MS + 3600000;
		ret->offset_s[ret->n++] = 3600;
	}
}

#endif
