/* SPDX-License-Identifier: MPL-2.0 */
/* Changes as bytes and back, and what is none. */
#include "suite.h"

#include "journal/record.h"

#include <string.h>

static uint64_t state = 11;

static uint64_t dice(void)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return state >> 20;
}

static struct change_part any_part(bool is_record)
{
	struct cell cell = { .municipality = (uint16_t)(dice() % CELL_MUNICIPALITIES),
			     .day = 20000 + (int32_t)(dice() % 1000),
			     .standing = (uint16_t)(dice() % STANDINGS_MAX),
			     .channel = (uint8_t)(dice() % EFFORT_CHANNELS),
			     .outcome = (uint8_t)(dice() % EFFORT_OUTCOMES),
			     .assisted = (uint8_t)(dice() % 7) };
	struct change_part part = { .booked = dice() << 22 ^ dice(),
			     .booked_day = (int32_t)(dice() % 65536),
			     .cell = cell_pack(&cell),
			     .time_ms = (int64_t)(dice() % (UINT64_C(1) << 43)) - (int64_t)(dice() % 2 << 42),
			     .count = (int64_t)(dice() % (UINT64_C(1) << 32)) - INT32_MAX };

	if (is_record || dice() % 8 == 0)
		part.count = is_record ? 1 + (int64_t)(dice() % 1000000) : 0;
	if (part.count != 0)
		part.seconds = (int64_t)(dice() % (UINT64_C(1) << 32)) * (part.count < 0 ? -1 : 1);
	part.days = (uint8_t)(dice() % 32);
	for (int d = 0; d < DIMENSIONS; d++)
		part.names[d] = dice() % 2 == 0 ? RECORD_NO_NAME : (uint32_t)dice();
	return part;
}

static struct change any_change(void)
{
	struct change change = { .kind = (enum change_kind)(dice() % 4),
				 .id = dice() << 22 ^ dice(),
				 .content = (uint32_t)dice(),
				 .id_day = (int32_t)(dice() % 65536),
				 .time_ms = (int64_t)(dice() % (UINT64_C(1) << 43)),
				 .about = dice() << 22 ^ dice(),
				 .about_day = (int32_t)(dice() % 65536),
				 .count = (int64_t)(dice() % INT32_MAX),
				 .seconds = (int64_t)(dice() % (UINT64_C(1) << 32)),
				 .parts_len = dice() % (CHANGE_PARTS + 1) };

	if (change_has_record(change.kind)) {
		change.record = any_part(true);
		change.arrival_ms = (int64_t)dice();
		change.known = (uint8_t)dice();
		change.tie_len = dice() % (CHANGE_TIE + 1);
		for (size_t i = 0; i < change.tie_len; i++)
			change.tie[i] = (char)('a' + dice() % 26);
	}
	for (size_t i = 0; i < change.parts_len; i++)
		change.parts[i] = any_part(false);
	return change;
}

static void check_part(const struct change_part *a, const struct change_part *b)
{
	ck_assert_uint_eq(a->booked, b->booked);
	ck_assert_int_eq(a->booked_day, b->booked_day);
	ck_assert_uint_eq(a->cell, b->cell);
	ck_assert_int_eq(a->time_ms, b->time_ms);
	ck_assert_int_eq(a->count, b->count);
	ck_assert_int_eq(a->seconds, b->seconds);
	ck_assert_int_eq(a->days, b->days);
	ck_assert(memcmp(a->names, b->names, sizeof(a->names)) == 0);
}

static void check_change(const struct change *a, const struct change *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_uint_eq(a->content, b->content);
	ck_assert_int_eq(a->id_day, b->id_day);
	ck_assert_int_eq(a->time_ms, b->time_ms);
	ck_assert_uint_eq(a->about, b->about);
	ck_assert_int_eq(a->about_day, b->about_day);
	ck_assert_int_eq(a->count, b->count);
	ck_assert_int_eq(a->seconds, b->seconds);
	ck_assert_int_eq(a->arrival_ms, b->arrival_ms);
	ck_assert_int_eq(a->known, b->known);
	ck_assert_uint_eq(a->tie_len, b->tie_len);
	ck_assert(memcmp(a->tie, b->tie, a->tie_len) == 0);
	ck_assert_uint_eq(a->parts_len, b->parts_len);
	if (change_has_record(a->kind))
		check_part(&a->record, &b->record);
	for (size_t i = 0; i < a->parts_len; i++)
		check_part(&a->parts[i], &b->parts[i]);
}

START_TEST(a_change_comes_back_as_it_was)
{
	for (int i = 0; i < 20000; i++) {
		struct change change = any_change();
		uint8_t bytes[RECORD_CHANGE_MAX + 1];
		size_t len = record_put_change(bytes, &change);
		struct record record;

		ck_assert_uint_le(len, RECORD_CHANGE_MAX);
		ck_assert_uint_eq(record_read(bytes, len, &record), len);
		ck_assert_int_eq(record.kind, RECORD_CHANGE);
		check_change(&change, &record.change);
		ck_assert_uint_eq(record_read(bytes, len - 1 - dice() % len, &record), 0);
	}
}
END_TEST

START_TEST(what_is_out_of_range_is_no_change)
{
	struct change change = any_change();
	uint8_t bytes[RECORD_CHANGE_MAX];
	struct record record;
	size_t len;

	while (change.parts_len != 2 || change.kind != CHANGE_ERRAND)
		change = any_change();
	len = record_put_change(bytes, &change);
	ck_assert_uint_eq(record_read(bytes, len, &record), len);
	for (size_t at = 1; at <= 2; at++) {
		uint8_t was = bytes[at];

		bytes[at] = 200;
		ck_assert_uint_eq(record_read(bytes, len, &record), 0);
		bytes[at] = was;
	}
	change.record.count = 0;
	len = record_put_change(bytes, &change);
	ck_assert_uint_eq(record_read(bytes, len, &record), 0);
	change.record.count = 1;
	change.parts[1].cell |= 1;
	len = record_put_change(bytes, &change);
	ck_assert_uint_eq(record_read(bytes, len, &record), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_change_comes_back_as_it_was, what_is_out_of_range_is_no_change };

	return RUN_TESTS("journal/record", tests);
}
