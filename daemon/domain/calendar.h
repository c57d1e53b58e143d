/* SPDX-License-Identifier: MPL-2.0 */
/* Days as numbers (days since 1970-01-01, proleptic Gregorian) and local time as a table of offsets. Pure:
 * the table is filled from the system's time zone data by whoever may read files. */
#ifndef DOMAIN_CALENDAR_H
#define DOMAIN_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_MS INT64_C(86400000)

struct date {
	int year, month, day; /* month and day from 1 */
};

struct date date_of_day(int32_t day);
int32_t day_of_date(int year, int month, int day);
int weekday_of_day(int32_t day); /* 1 Monday .. 7 Sunday (ISO 8601) */

#define DAY_LEN 10 /* "2026-11-21" */

/* DAY_LEN characters, a real date. */
bool day_parse(const char *text, size_t len, int32_t *ret_day);
/* The way back. Returns buf; DAY_STR() is it as an expression, good until its block ends. */
#define DAY_TEXT 40
const char *day_text(int32_t day, char buf[DAY_TEXT]);
#define DAY_STR(day) day_text(day, (char[DAY_TEXT]){ 0 })

/* Local time: from at_ms[i] on, local time is UTC + offset_s[i]. Sorted; at_ms[0] is INT64_MIN. */
#define ZONE_MAX 512

struct zone {
	size_t n;
	int64_t at_ms[ZONE_MAX];
	int32_t offset_s[ZONE_MAX];
};

int32_t zone_day(const struct zone *, int64_t time_ms);
/* Minutes past 00:00 on the local clock. */
int zone_minute(const struct zone *, int64_t time_ms);
/* The first moment of a local day, also where midnight is skipped or told twice (the first one then). */
int64_t zone_midnight_ms(const struct zone *, int32_t day);

/* Remembers the local day last asked for: events come in bursts of one day. */
struct day_cache {
	int64_t from_ms, to_ms;
	int32_t day;
};

static inline bool day_cache_hit(const struct day_cache *cache, int64_t time_ms)
{
	return time_ms >= cache->from_ms && time_ms < cache->to_ms;
}

int32_t zone_day_cached(const struct zone *, struct day_cache *, int64_t time_ms);

#endif
