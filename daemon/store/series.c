/* SPDX-License-Identifier: MPL-2.0 */
/* See series.h. */
#include "store/series.h"

#include <stdlib.h>
#include <string.h>

/* First days are stored from 0 up, so that sorting by number sorts by time. */
#define DAY_ZERO (INT32_C(1) << 24)

static uint64_t pack(uint16_t municipality, enum window window, int32_t first)
{
	return (uint64_t)municipality << 40 | (uint64_t)window << 32 | (uint32_t)(first + DAY_ZERO);
}

void series_done(struct series *series)
{
	free(series->due);
	memset(series, 0, sizeof(*series));
}

static int compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static void sort(struct series *series)
{
	size_t kept = 0;

	if (series->len == 0 || series->sorted == series->len)
		return;
	qsort(series->due, series->len, sizeof(*series->due), compare);
	for (size_t i = 0; i < series->len; i++)
		if (kept == 0 || series->due[kept - 1] != series->due[i])
			series->due[kept++] = series->due[i];
	series->len = series->sorted = kept;
}

static bool room(struct series *series)
{
	uint64_t *due;
	size_t cap;

	if (series->len < series->cap)
		return true;
	sort(series);
	if (series->len < series->cap / 2)
		return true;
	cap = series->cap * 2 + 256;
	due = cap <= SERIES_MAX ? realloc(series->due, cap * sizeof(*due)) : NULL;
	if (!due)
		return series->len < series->cap;
	series->due = due;
	series->cap = cap;
	return true;
}

void series_add(struct series *series, uint16_t municipality, enum window window, int32_t first)
{
	if (window != WINDOW_DAY && window != WINDOW_WEEK && window != WINDOW_MONTH &&
	    window != WINDOW_SEASON)
		return;
	if (room(series))
		series->due[series->len++] = pack(municipality, window, first);
	else
		series->dropped++;
}

void series_touch(struct series *series, uint16_t municipality, int32_t day, int32_t today)
{
	for (int w = 0; w < WINDOWS; w++) {
		struct period period = period_of((enum window)w, day);

		if (period.end <= today)
			series_add(series, municipality, period.window, period.first);
	}
}

bool series_take(struct series *series, const struct scene *scene, struct command *command)
{
	int32_t first[SERIES_CALL];
	uint64_t stream;
	size_t n = 0;

	if (series->len == 0)
		return false;
	sort(series);
	stream = series->due[0] >> 32;
	for (; n < series->len && n < SERIES_CALL && series->due[n] >> 32 == stream; n++)
		first[n] = (int32_t)(uint32_t)series->due[n] - DAY_ZERO;
	encode_series(command, scene, (uint16_t)(stream >> 8), (enum window)(stream & 0xff), first, n);
	memmove(series->due, series->due + n, (series->len - n) * sizeof(*series->due));
	series->len -= n;
	series->sorted = series->len;
	return true;
}
