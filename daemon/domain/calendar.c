/* SPDX-License-Identifier: MPL-2.0 */
/* See calendar.h. The date arithmetic counts in eras of 400 years that begin on 1 March, so that the leap day
 * is the last day of a year. */
#include "domain/calendar.h"

#include <stdio.h>

#define DAYS_PER_ERA 146097
#define EPOCH_SHIFT  719468 /* days from 0000-03-01 to 1970-01-01 */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

struct date date_of_day(int32_t day)
{
	int64_t z = (int64_t)day + EPOCH_SHIFT;
	int64_t era = floor_div(z, DAYS_PER_ERA);
	int doe = (int)(z - era * DAYS_PER_ERA);
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	struct date date = { .day = doy - (153 * mp + 2) / 5 + 1, .month = mp < 10 ? mp + 3 : mp - 9 };

	date.year = (int)(yoe + era * 400) + (date.month <= 2);
	return date;
}

int32_t day_of_date(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int yoe = (int)(y - era * 400);
	int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return (int32_t)(era * DAYS_PER_ERA + doe - EPOCH_SHIFT);
}

int weekday_of_day(int32_t day)
{
	return (int)(day + 3 - 7 * floor_div((int64_t)day + 3, 7)) + 1;
}

static bool digits(const char *text, size_t n, int *ret)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*ret = value;
	return true;
}

bool day_parse(const char *text, size_t len, int32_t *ret_day)
{
	struct date back;
	int y, m, d;

	if (len != DAY_LEN || text[4] != '-' || text[7] != '-' || !digits(text, 4, &y) ||
	    !digits(text + 5, 2, &m) || !digits(text + 8, 2, &d) || m < 1 || m > 12 || d < 1)
		return false;
	back = date_of_day(day_of_date(y, m, d));
	if (back.month != m || back.day != d)
		return false;
	*ret_day = day_of_date(y, m, d);
	return true;
}

const char *day_text(int32_t day, char buf[DAY_TEXT])
{
	struct date date = date_of_day(day);

	snprintf(buf, DAY_TEXT, "%04d-%02d-%02d", date.year, date.month, date.day);
	return buf;
}

static size_t zone_index(const struct zone *zone, int64_t time_ms)
{
	size_t low = 0, high = zone->n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (zone->at_ms[mid] <= time_ms)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static int32_t zone_offset_s(const struct zone *zone, int64_t time_ms)
{
	return zone->n == 0 ? 0 : zone->offset_s[zone_index(zone, time_ms)];
}

int32_t zone_day(const struct zone *zone, int64_t time_ms)
{
	return (int32_t)floor_div(time_ms + (int64_t)zone_offset_s(zone, time_ms) * 1000, DAY_MS);
}

int zone_minute(const struct zone *zone, int64_t time_ms)
{
	int64_t local_ms = time_ms + (int64_t)zone_offset_s(zone, time_ms) * 1000;

	return (int)((local_ms - floor_div(local_ms, DAY_MS) * DAY_MS) / 60000);
}

/* Offsets are less than a day, so the moment sought lies within a day and a half of the UTC midnight. */
int64_t zone_midnight_ms(const struct zone *zone, int32_t day)
{
	int64_t low = (int64_t)day * DAY_MS - DAY_MS - DAY_MS / 2,
		high = (int64_t)day * DAY_MS + DAY_MS + DAY_MS / 2;

	while (high - low > 1) {
		int64_t mid = low + (high - low) / 2;

		if (zone_day(zone, mid) < day)
			low = mid;
		else
			high = mid;
	}
	return high;
}

/* What the cache holds is the part of the day that has this offset: on the two days of change that is not all
 * of it. */
static void fill_cache(const struct zone *zone, struct day_cache *cache, int64_t time_ms)
{
	size_t i = zone->n == 0 ? 0 : zone_index(zone, time_ms);
	int64_t offset_ms = zone->n == 0 ? 0 : (int64_t)zone->offset_s[i] * 1000;

	cache->day = (int32_t)floor_div(time_ms + offset_ms, DAY_MS);
	cache->from_ms = (int64_t)cache->day * DAY_MS - offset_ms;
	cache->to_ms = cache->from_ms + DAY_MS;
	if (zone->n > 0 && zone->at_ms[i] > cache->from_ms)
		cache->from_ms = zone->at_ms[i];
	if (i + 1 < zone->n && zone->at_ms[i + 1] < cache->to_ms)
		cache->to_ms = zone->at_ms[i + 1];
}

int32_t zone_day_cached(const struct zone *zone, struct day_cache *cache, int64_t time_ms)
{
	if (!day_cache_hit(cache, time_ms))
		fill_cache(zone, cache, time_ms);
	return cache->day;
}
