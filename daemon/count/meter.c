/* SPDX-License-Identifier: MPL-2.0 */
/* See meter.h. */
#include "count/meter.h"

#include "domain/calendar.h"
#include "domain/period.h"

#define NOON_MINUTE (12 * 60)

int32_t meter_day(int32_t day, int minute)
{
	return minute < NOON_MINUTE ? day - 1 : day;
}

static bool is_earlier(const struct meter_reading *a, const struct meter_reading *b)
{
	return a->time_ms != b->time_ms ? a->time_ms < b->time_ms : a->id < b->id;
}

size_t meter_before(const struct meter_reading *r, size_t n, size_t of)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (i != of && r[i].is_there && is_earlier(&r[i], &r[of]) && (best == n || is_earlier(&r[best], &r[i])))
			best = i;
	return best;
}

size_t meter_behind(const struct meter_reading *r, size_t n, size_t of)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (i != of && r[i].is_there && is_earlier(&r[of], &r[i]) && (best == n || is_earlier(&r[i], &r[best])))
			best = i;
	return best;
}

bool meter_is_reset(const struct meter_reading *from, const struct meter_reading *to)
{
	return to->value < from->value;
}

static int64_t shown_between(const struct meter_reading *from, const struct meter_reading *to)
{
	return meter_is_reset(from, to) ? to->value : to->value - from->value;
}

static bool is_tied(const struct meter_reading *from, const struct meter_reading *to)
{
	return cell_day(to->cell) - cell_day(from->cell) <= METER_APART_DAYS;
}

bool meter_is_too_much(const struct meter_reading *from, const struct meter_reading *to)
{
	return is_tied(from, to) && shown_between(from, to) > METER_COUNT_MAX;
}

size_t meter_pieces(const struct meter_reading *from, const struct meter_reading *to,
		    struct meter_piece ret[METER_PIECES])
{
	int64_t count = shown_between(from, to);
	int32_t end = cell_day(to->cell), first = cell_day(from->cell) + 1, day;
	struct cell cell = cell_unpack(to->cell);
	size_t n = 0;

	if (!is_tied(from, to) || count == 0 || count > METER_COUNT_MAX)
		return 0;
	/* Two within one day. */
	first = first > end ? end : first;
	for (day = first; day <= end;) {
		int32_t next = period_of(WINDOW_MONTH, day).end;

		next = next > end + 1 ? end + 1 : next;
		cell.day = next - 1;
		ret[n] = (struct meter_piece){ .cell = cell_pack(&cell),
					       .count = count * (next - first) / (end + 1 - first) -
							count * (day - first) / (end + 1 - first),
					       .days = (uint8_t)(next - day) };
		n += ret[n].count > 0;
		day = next;
	}
	return n;
}
