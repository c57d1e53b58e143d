/* SPDX-License-Identifier: MPL-2.0 */
/* What a meter has counted between two readings (a franking machine's counter, the total of a statistics page): the
 * difference, spread over the days the two readings are apart. A function of the readings that are there, in the
 * order of their times, so it is of no account in which order they arrive. A lower reading than the one before means
 * that the meter began anew at 0: it was reset or replaced. Pure. */
#ifndef COUNT_METER_H
#define COUNT_METER_H

#include "count/tally.h"

#include <effort/plugin.h>

#define METER_READINGS   32  /* of one meter are remembered */
#define METER_APART_DAYS 400 /* readings further apart are not tied: the later one is a new beginning */
#define METER_PIECES     16  /* months that METER_APART_DAYS may touch */
#define METER_COUNT_MAX  INT64_C(10000000) /* more between two readings is a mistyped one, and counts nothing */

struct meter_reading {
	uint64_t id; /* keyed hash: decides between readings of the same moment */
	int64_t time_ms, value;
	uint64_t cell; /* its day: the last one it covers, of meter_day() */
	bool is_there; /* it has not been taken back */
};

/* So much, evenly over so many days of one month, of which the cell's day is the last. */
struct meter_piece {
	uint64_t cell;
	int64_t count;
	uint8_t days;
};

/* The last local day that a reading covers: one before noon of the local clock (minutes past 00:00) belongs to the end of the
 * day before. */
int32_t meter_day(int32_t day, int minute);

/* The reading next to this one that is there, before or behind it in time; n: none. */
size_t meter_before(const struct meter_reading *, size_t n, size_t of);
size_t meter_behind(const struct meter_reading *, size_t n, size_t of);

/* What was counted from one reading to the next, in cells like the later one's. Returns how many pieces. */
size_t meter_pieces(const struct meter_reading *from, const struct meter_reading *to,
		    struct meter_piece ret[METER_PIECES]);
/* Whether the meter began anew in between. */
bool meter_is_reset(const struct meter_reading *from, const struct meter_reading *to);
/* Whether it shows more than METER_COUNT_MAX more, and so nothing was counted. */
bool meter_is_too_much(const struct meter_reading *from, const struct meter_reading *to);

/* Amount number i of n equal ones of a count, exactly: all of them add up to it. */
static inline int64_t meter_part(int64_t count, int64_t i, int64_t n)
{
	return count * (i + 1) / n - count * i / n;
}

#endif
