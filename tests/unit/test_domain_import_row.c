/* SPDX-License-Identifier: MPL-2.0 */
/* Rows of a table by a map: what they say, when, how many, and by which id they are known again. */
#include "suite.h"

#include "domain/import_row.h"

#include <stdio.h>
#include <string.h>

static struct import_value channels[] = { { "tlf.", "phone" }, { "skranke", "counter" } };
static const char *const totals[] = { "i alt" };

static struct import_map map;
static struct import_row row;
static struct import_fault fault;

static void set_up(void)
{
	map = (struct import_map){ .path = "map",
				   .source = "t",
				   .numbers = amount_danish,
				   .has_header = true,
				   .clock_s = 12 * 3600,
				   .salt = "",
				   .columns_len = 4,
				   .columns = {
					   { .name = "Dato", .folded = "dato", .field = IMPORT_DATE },
					   { .name = "Kanal",
					     .folded = "kanal",
					     .field = KEY_CHANNEL,
					     .values = channels,
					     .values_len = 2 },
					   { .name = "Enhed",
					     .folded = "enhed",
					     .field = KEY_UNIT,
					     .skip = totals,
					     .skip_len = 1 },
					   { .name = "Antal", .folded = "antal", .field = KEY_COUNT } } };
	map.constants[KEY_MUNICIPALITY] = "0751";
}

static enum code read(const char *a, const char *b, const char *c, const char *d)
{
	const struct import_cell cells[] = { { { a, strlen(a) }, false },
					     { { b, strlen(b) }, false },
					     { { c, strlen(c) }, false },
					     { { d, strlen(d) }, false } };

	return import_row_read(&map, cells, &row, &fault);
}

static const char *id_of(const char *a, const char *b, const char *c, const char *d, const char *batch,
			 uint32_t number)
{
	const struct import_cell cells[] = { { { a, strlen(a) }, false },
					     { { b, strlen(b) }, false },
					     { { c, strlen(c) }, false },
					     { { d, strlen(d) }, false } };
	static char ids[32][IMPORT_ID];
	static unsigned at;
	char *id = ids[at++ % 32];

	import_row_id(&map, cells, batch, number, id);
	return id;
}

static bool is(int key, const char *want)
{
	return row.texts[key].len == strlen(want) && memcmp(row.texts[key].ptr, want, strlen(want)) == 0;
}

START_TEST(cells_constants_and_values)
{
	ck_assert_int_eq(read(" 21-11-2026 ", "TLF.", "\xc3\x86ldre & Sundhed", "1.204"), CODE_OK);
	ck_assert(is(KEY_CHANNEL, "phone") && is(KEY_UNIT, "Aeldre-Sundhed") &&
		  is(KEY_MUNICIPALITY, "0751") && is(KEY_SOURCE, "t"));
	ck_assert_int_eq(row.count, 1204);
	ck_assert_int_eq(row.span.first, day_of_date(2026, 11, 21));
	ck_assert_int_eq(row.span.end - row.span.first, 1);
	ck_assert_int_eq(row.second, 12 * 3600);
	ck_assert_int_eq(row.duration_ms, -1);
	ck_assert_int_eq(read("21-11-2026 14:05", "fax", "A", "0"), CODE_OK);
	ck_assert(is(KEY_CHANNEL, "fax") && row.count == 0 && row.second == 14 * 3600 + 5 * 60);
	map.columns[1].otherwise = "other";
	ck_assert_int_eq(read("21-11-2026", "fax", "A", "1"), CODE_OK);
	ck_assert(is(KEY_CHANNEL, "other"));
	ck_assert_int_eq(read("", "", "I ALT", "99"), CODE_OK);
	ck_assert(row.is_skipped);
}
END_TEST

START_TEST(what_is_missing_is_not_zero)
{
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "A", ""), E_MISSING);
	ck_assert_str_eq(fault.column, "Antal");
	ck_assert_int_eq(read("", "Tlf.", "A", "1"), E_MISSING);
	map.columns[3].empty = "0";
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "A", ""), CODE_OK);
	ck_assert_int_eq(row.count, 0);
}
END_TEST

START_TEST(what_is_wrong_names_its_column)
{
	ck_assert_int_eq(read("31-11-2026", "Tlf.", "A", "1"), E_TIME);
	ck_assert_str_eq(fault.column, "Dato");
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "A", "2,5"), E_VALUE);
	ck_assert_str_eq(fault.detail, "a whole number");
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "A", "-2"), E_VALUE);
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "A", "1000001"), E_VALUE);
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "&&", "1"), E_VALUE);
	ck_assert_str_eq(fault.column, "Enhed");
}
END_TEST

START_TEST(periods_and_their_years)
{
	map.columns[0].field = IMPORT_WEEK;
	ck_assert_int_eq(read("47", "Tlf.", "A", "1"), E_MISSING);
	map.columns[2].field = IMPORT_YEAR;
	ck_assert_int_eq(read("47", "Tlf.", "2026", "1"), CODE_OK);
	ck_assert_int_eq(row.span.first, day_of_date(2026, 11, 16));
	ck_assert_int_eq(row.span.end - row.span.first, 7);
	ck_assert_int_eq(read("54", "Tlf.", "2026", "1"), E_TIME);
	map.columns[0].field = IMPORT_FROM;
	map.columns[2].field = IMPORT_TO;
	ck_assert_int_eq(read("01-11-2026", "Tlf.", "30-11-2026", "1"), CODE_OK);
	ck_assert_int_eq(row.span.end - row.span.first, 30);
	ck_assert_int_eq(read("30-11-2026", "Tlf.", "01-11-2026", "1"), E_TIME);
	ck_assert_int_eq(read("30-11-2026", "Tlf.", "", "1"), E_MISSING);
}
END_TEST

START_TEST(moments_are_taken_as_they_are)
{
	map.columns[0].field = KEY_TIME;
	ck_assert_int_eq(read("2026-11-21T10:15:30+01:00", "Tlf.", "A", "1"), CODE_OK);
	ck_assert(row.is_exact && is(KEY_TIME, "2026-11-21T10:15:30+01:00"));
	ck_assert_int_eq(read("21-11-2026 10:15", "Tlf.", "A", "1"), CODE_OK);
	ck_assert(!row.is_exact && row.second == 10 * 3600 + 15 * 60);
}
END_TEST

START_TEST(handling_times)
{
	map.columns[2] = (struct import_column){ .name = "Tid", .folded = "tid", .field = KEY_DURATION_S };
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "1.234,5", "1"), CODE_OK);
	ck_assert_int_eq(row.duration_ms, 1234500);
	map.duration = IMPORT_MINUTES;
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "1,5", "1"), CODE_OK);
	ck_assert_int_eq(row.duration_ms, 90000);
	map.duration = IMPORT_CLOCKED;
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "1:02:03", "1"), CODE_OK);
	ck_assert_int_eq(row.duration_ms, 3723000);
	ck_assert_int_eq(read("21-11-2026", "Tlf.", "90", "1"), E_VALUE);
}
END_TEST

START_TEST(what_meters_show)
{
	map.columns[1] = (struct import_column){ .name = "Maskine", .folded = "maskine", .field = KEY_METER };
	map.columns[2] = (struct import_column){ .name = "Visning", .folded = "visning", .field = KEY_READING };
	map.columns_len = 3;
	ck_assert_int_eq(read("30-11-2026", "Frankering 2", "1.204.777", ""), CODE_OK);
	ck_assert(is(KEY_METER, "Frankering-2"));
	ck_assert_int_eq(row.reading, 1204777);
	ck_assert_int_eq(row.level, -1);
	ck_assert_int_eq(row.count, 1);
	ck_assert_int_eq(read("30-11-2026", "a", "", ""), E_MISSING);
	ck_assert_int_eq(read("30-11-2026", "a", "-1", ""), E_VALUE);
	ck_assert_int_eq(read("30-11-2026", "a", "1,5", ""), E_VALUE);
	ck_assert_str_eq(fault.column, "Visning");
	map.columns[2].field = KEY_LEVEL;
	ck_assert_int_eq(read("30-11-2026", "a", "87,5", ""), CODE_OK);
	ck_assert_int_eq(row.level, 8750);
	ck_assert_int_eq(row.reading, -1);
	/* A month's is shown on its last day. */
	map.columns[0].field = IMPORT_MONTH;
	ck_assert_int_eq(read("2026-02", "a", "87,5", ""), CODE_OK);
	ck_assert_int_eq(row.span.end - row.span.first, 1);
	ck_assert_int_eq(row.span.first, day_of_date(2026, 2, 28));
	/* Another reading of the same day is no other row. */
	map.columns[2].field = KEY_READING;
	ck_assert_str_eq(id_of("2026-02", "a", "5", "", "", 0), id_of("2026-02", "a", "6", "", "", 0));
}
END_TEST

START_TEST(ids)
{
	const char *one = id_of("21-11-2026", "Tlf.", "A", "5", "", 0);

	ck_assert_uint_eq(strlen(one), IMPORT_ID - 1);
	ck_assert(one[0] >= 'a' && one[0] <= 'f');
	ck_assert_str_eq(one, id_of(" 21-11-2026", "Tlf. ", "A", "6", "", 0)); /* a count is no key */
	ck_assert_str_ne(one, id_of("21-11-2026", "Tlf.", "B", "5", "", 0));
	ck_assert_str_ne(one, id_of("21-11-2026", "Tlf.", "A", "5", "", 1));
	ck_assert_str_ne(one, id_of("21-11-2026", "Tlf.", "A", "5", "second counter", 0));
	ck_assert_str_ne(id_of("a", "bc", "", "", "", 0), id_of("ab", "c", "", "", "", 0));
	map.constants[KEY_MUNICIPALITY] = "0461";
	ck_assert_str_ne(one, id_of("21-11-2026", "Tlf.", "A", "5", "", 0));
	map.constants[KEY_MUNICIPALITY] = "0751";
	map.salt = "s";
	ck_assert_str_ne(one, id_of("21-11-2026", "Tlf.", "A", "5", "", 0));
	map.salt = "";
	map.has_key = map.columns[2].is_key = true;
	ck_assert_str_eq(id_of("21-11-2026", "Tlf.", "A", "5", "", 0),
			 id_of("22-11-2026", "Skranke", "A", "7", "", 0));
}
END_TEST

START_TEST(an_id_never_changes)
{
	/* What was counted with it must be known again by every later version. */
	ck_assert_str_eq(id_of("21-11-2026", "Tlf.", "A", "5", "", 0), "f124ee9e816bcae447bacf3e4854f4fc");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { cells_constants_and_values,
				       what_is_missing_is_not_zero,
				       what_is_wrong_names_its_column,
				       periods_and_their_years,
				       moments_are_taken_as_they_are,
				       handling_times,
				       what_meters_show,
				       ids,
				       an_id_never_changes };

	return RUN_TESTS_WITHIN("domain/import_row", tests, set_up, NULL);
}
