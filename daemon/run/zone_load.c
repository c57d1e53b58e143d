/* SPDX-License-Identifier: MPL-2.0 */
/* See zone_load.h. Asks localtime_r for the offset day by day and halves the day in which it changes. */
#include "run/zone_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY_S     86400
#define LAST_YEAR 2100

static long offset_at(time_t at)
{
	struct tm tm;

	return localtime_r(&at, &tm) == NULL ? 0 : tm.tm_gmtoff;
}

/* The first second of (low, high] with the offset of high. */
static time_t change_between(time_t low, time_t high)
{
	long after = offset_at(high);

	while (high - low > 1) {
		time_t mid = low + (high - low) / 2;

		if (offset_at(mid) == after)
			high = mid;
		else
			low = mid;
	}
	return high;
}

static int fill(struct zone *zone)
{
	time_t end = (time_t)day_of_date(LAST_YEAR, 1, 1) * DAY_S;

	zone->n = 1;
	zone->at_ms[0] = INT64_MIN;
	zone->offset_s[0] = (int32_t)offset_at(0);
	for (time_t at = DAY_S; at < end; at += DAY_S) {
		long offset = offset_at(at);

		if (offset == zone->offset_s[zone->n - 1])
			continue;
		if (zone->n == ZONE_MAX)
			return -E2BIG;
		zone->at_ms[zone->n] = (int64_t)change_between(at - DAY_S, at) * 1000;
		zone->offset_s[zone->n++] = (int32_t)offset;
	}
	return 0;
}

static bool is_installed(const char *name)
{
	const char *dir = getenv("TZDIR");
	char path[512];

	if (strcmp(name, "UTC") == 0)
		return true;
	if (name[0] == '/' || strstr(name, "..") != NULL)
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : "/usr/share/zoneinfo", name);
	return access(path, R_OK) == 0;
}

int zone_load(const char *name, struct zone *ret, struct error *reterr)
{
	char *before = getenv("TZ") != NULL ? strdup(getenv("TZ")) : NULL;
	int r;

	if (!is_installed(name)) {
		free(before);
		return error_set(reterr, -ENOENT, "timezone: '%s' is not on this system", name);
	}
	setenv("TZ", name, 1);
	tzset();
	r = fill(ret);
	if (before != NULL)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
	free(before);
	return r < 0 ? error_set(reterr, r, "time zone '%s' has more changes than effortd keeps", name) : 0;
}
