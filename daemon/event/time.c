/* SPDX-License-Identifier: MPL-2.0 */
/* RFC 3339 times: the fixed part is checked and read eight bytes at once, without a branch on its digits. */
#include "event/time.h"

#include "event/block.h"
#include "event/number.h"

#include <errno.h>
#include <stdbool.h>

#define FIRST_YEAR 1900
#define LAST_YEAR  2200
#define SHORTEST   20 /* "2026-11-21T10:15:30Z" */
#define DATE	   11 /* "2026-11-21T" */
#define REST_MAX   6  /* "+01:00" */

struct moment {
	unsigned year, month, day, hour, minute, second;
};

/* Byte i becomes digit i * 10 + digit i + 1. */
static uint64_t pairs(uint64_t digits)
{
	return digits * 10 + (digits >> 8);
}

static unsigned pick(uint64_t bytes, unsigned i)
{
	return (unsigned)(bytes >> 8 * i) & 0xff;
}

static bool read_moment(const char *text, struct moment *ret)
{
	const uint64_t lower_case_t = UINT64_C(0x20) << 16;
	uint64_t bad_date, bad_clock;
	/* "0000-00-" and "00T00:00", the first byte lowest. */
	uint64_t date =
		pairs(block_match(block_load64(text), 0x2d30302d30303030, 0xff0000ff00000000, &bad_date));
	uint64_t clock = pairs(
		block_match(block_load64(text + 8), 0x30303a3030543030, 0x0000ff0000ff0000, &bad_clock));
	unsigned tens = (unsigned)(text[17] - '0');
	unsigned ones = (unsigned)(text[18] - '0');

	*ret = (struct moment){
		pick(date, 0) * 100 + pick(date, 2),
		pick(date, 5),
		pick(clock, 0),
		pick(clock, 3),
		pick(clock, 6),
		tens * 10 + ones,
	};
	return (bad_date | (bad_clock & ~lower_case_t)) == 0 && text[16] == ':' && tens <= 6 && ones <= 9;
}

static bool is_leap_year(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_moment(const struct moment *m)
{
	static const unsigned char days[16] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned days_here = days[m->month & 15] + (m->month == 2 && is_leap_year(m->year));

	return m->year >= FIRST_YEAR && m->year <= LAST_YEAR && m->month <= 12 && m->day >= 1 &&
	       m->day <= days_here && m->hour < 24 && m->minute < 60 && m->second <= 60;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. The year starts in March here, so that the leap
 * day is its last. */
static int64_t day_number(const struct moment *m)
{
	unsigned y = m->year - (m->month < 3);
	unsigned month = m->month < 3 ? m->month + 9 : m->month - 3;

	return (int64_t)(365 * y + y / 4 - y / 100 + y / 400 + (153 * month + 2) / 5 + m->day) - 719469;
}

/* Milliseconds of ".252", cut off behind the third digit, and the text behind them; NULL: no digit behind the
 * dot. */
static const char *read_fraction(const char *p, const char *end, int64_t *ret_ms)
{
	if (end - p >= 8 && number_digits(p) == 3) {
		*ret_ms = number_value(p, 3);
		return p + 3;
	}

	const char *first = p;
	int64_t ms = 0;
	int weight = 100;

	for (; p < end && (unsigned)(*p - '0') < 10; p++) {
		ms += weight * (*p - '0');
		weight /= 10;
	}
	*ret_ms = ms;
	return p > first ? p : NULL;
}

/* Minutes of "Z" or "+01:00", which is all that may be left. */
static bool read_offset(const char *p, const char *end, int *ret_minutes)
{
	uint64_t bad;

	*ret_minutes = 0;
	if (end - p == 1)
		return (*p | 0x20) == 'z';
	if (end - p != 6 || (*p != '+' && *p != '-'))
		return false;

	/* "00:00", the first byte lowest; the eight bytes before the end, of which three do not count */
	uint64_t digits = block_match(block_load64(end - 8) >> 24, 0x30303a3030, 0xffffff0000ff0000, &bad);
	uint64_t numbers = pairs(digits);
	int hours = (int)pick(numbers, 0);
	int minutes = (int)pick(numbers, 3);

	*ret_minutes = *p == '-' ? -(hours * 60 + minutes) : hours * 60 + minutes;
	return bad == 0 && hours < 24 && minutes < 60;
}

int time_parse(const char *text, size_t len, int64_t *ret_ms)
{
	struct moment m;
	const char *p = text + SHORTEST - 1;
	const char *end = text + len;
	int64_t ms = 0;
	int offset;

	if (len < SHORTEST || !read_moment(text, &m) || !is_moment(&m))
		return -EINVAL;
	if (*p == '.') {
		p = read_fraction(p + 1, end, &ms);
		if (p == NULL)
			return -EINVAL;
	}
	if (!read_offset(p, end, &offset))
		return -EINVAL;

	int64_t minute = (day_number(&m) * 24 + m.hour) * 60 + m.minute - offset;

	if (m.second == 60) {
		if ((minute % 1440 + 1440) % 1440 != 1439)
			return -EINVAL;
		m.second = 59;
		ms = 999;
	}
	*ret_ms = (minute * 60 + m.second) * 1000 + ms;
	return 0;
}

static void read_date(const char *text, uint64_t date[2])
{
	date[0] = block_load64(text);
	date[1] = block_load64(text + DATE - 8);
}

void time_known_init(struct time_known *known)
{
	static const char epoch[] = "1970-01-01T";

	read_date(epoch, known->date);
	known->rest = 'Z';
	known->midnight_ms = 0;
}

/* Milliseconds from midnight to "10:15:30"; -1: no such time of day, or a leap second. */
static int64_t read_clock(const char *text)
{
	uint64_t bad;
	uint64_t values = pairs(block_match(block_load64(text), 0x30303a30303a3030, 0x0000ff0000ff0000, &bad));
	unsigned hour = pick(values, 0), minute = pick(values, 3), second = pick(values, 6);

	return bad == 0 && hour < 24 && minute < 60 && second < 60 ? ((hour * 60 + minute) * 60 + second) * INT64_C(1000) : -1;
}

/* What stands behind a time of day and its milliseconds, of either three digits or none; 0: something else. */
static uint64_t read_rest(const char *text, size_t len, int64_t *ret_ms)
{
	size_t at = SHORTEST - 1;

	*ret_ms = 0;
	if (text[at] == '.' && number_digits(text + at + 1) == 3) {
		*ret_ms = number_value(text + at + 1, 3);
		at += 4;
	}
	/* Zeros behind would not tell a shorter rest from a longer one. */
	if (len - at - 1 >= REST_MAX || text[len - 1] == '\0')
		return 0;
	return block_load64(text + at) & block_within(8 * (len - at));
}

int time_parse_alike(struct time_known *known, const char *text, size_t len, int64_t *ret_ms)
{
	uint64_t date[2];
	int64_t ms;

	if (len < SHORTEST)
		return -EINVAL;

	int64_t clock_ms = read_clock(text + DATE);
	uint64_t rest = read_rest(text, len, &ms);

	read_date(text, date);
	if (clock_ms < 0 || rest == 0)
		return time_parse(text, len, ret_ms);
	if (date[0] != known->date[0] || date[1] != known->date[1] || rest != known->rest) {
		int r = time_parse(text, len, ret_ms);

		if (r == 0)
			*known = (struct time_known){ { date[0], date[1] }, rest, *ret_ms - clock_ms - ms };
		return r;
	}
	*ret_ms = known->midnight_ms + clock_ms + ms;
	return 0;
}
