/* SPDX-License-Identifier: MPL-2.0 */
/* Totals in memory and as files: what is put in comes out, and the same totals are the same bytes. */
#include "journal_example.h"

#include "domain/calendar.h"

#include <time.h>

/* --- memory --- */

START_TEST(what_is_added_adds_up)
{
	struct totals *totals = fresh();
	struct name_amount one = { 1, 2, 3, 4 };
	uint64_t cell = cell_of(totals, 1, 1, DAY, 1);
	char *text;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(totals_add(totals, cell, 2, 30), 0);
		ck_assert_int_eq(totals_add_name(totals, 0, BY_UNIT, DAY, str_of("desk"), &one, 100 - i), 0);
		ck_assert_int_eq(totals_place(totals, 0, BY_UNIT, DAY, 50 - (unsigned)i), 0);
		ck_assert_int_eq(totals_place(totals, 0, -1, DAY, 60 + (unsigned)i), 0);
	}
	text = sums_text(totals);
	sums_check("sums", text,
		   "cell 0993 20778 area-1/task-0+children+money m1 t0 / 1 0 0 0 0 0 0 0 0 0 = 6 90\n"
		   "name 0993 1 20778 desk = 3 6 9 12 last 100\n"
		   "position 0993 -1 20778 = 62\n"
		   "position 0993 1 20778 = 50\n");
	free(text);
	totals_clear(totals);
	text = sums_text(totals);
	ck_assert_str_eq(text, "");
	free(text);
	ck_assert_int_eq(totals_add(totals, cell, 1, 0), 0); /* its words are still known */
	totals_free(totals);
}
END_TEST

START_TEST(a_standing_is_known_whatever_the_order_of_its_groups)
{
	struct totals *totals = fresh();
	struct standing_text a = { "a/b", { "x", "y", "z" }, 3, true, false };
	struct standing_text b = { "a/b", { "z", "x", "y" }, 3, true, false };
	struct standing_text c = { "a/b", { "x", "y" }, 2, true, false };
	struct standing_text d = { "a/b", { "x", "y", "z" }, 3, true, true };

	ck_assert_int_eq(totals_standing(totals, &a), 0);
	ck_assert_int_eq(totals_standing(totals, &b), 0);
	ck_assert_int_eq(totals_standing(totals, &c), 1);
	ck_assert_int_eq(totals_standing(totals, &d), 2);
	totals_free(totals);
}
END_TEST

START_TEST(bounds_are_told)
{
	struct totals *totals = fresh();
	struct name_amount one = { 1, 0, 0, 0 };
	struct standing_text standing;
	char text[16];

	ck_assert_int_eq(totals_add(totals, 0, 1, 0), -EINVAL);
	ck_assert_int_eq(totals_place(totals, 0, -1, DAY, 1), -EINVAL);
	ck_assert_int_eq(totals_add_name(totals, 0, BY_UNIT, DAY, str_of("x"), &one, 0), -EINVAL);
	ck_assert_int_eq(totals_municipality(totals, "12345"), -EINVAL);
	for (int i = 0; i < CELL_MUNICIPALITIES; i++) {
		snprintf(text, sizeof(text), "%04d", i);
		ck_assert_int_eq(totals_municipality(totals, text), i);
	}
	ck_assert_int_eq(totals_municipality(totals, "9999"), -ENOSPC);
	ck_assert_int_eq(totals_municipality(totals, "1022"), 1022);
	for (int i = 0; i < STANDINGS_MAX; i++) {
		snprintf(text, sizeof(text), "a/%d", i);
		standing = (struct standing_text){ .task = text };
		ck_assert_int_eq(totals_standing(totals, &standing), i);
	}
	standing = (struct standing_text){ .task = "a/one-more" };
	ck_assert_int_eq(totals_standing(totals, &standing), -ENOSPC);
	totals_free(totals);
}
END_TEST

/* --- files --- */

START_TEST(files_are_called_by_day_and_month)
{
	char path[TOTALS_PATH_MAX];
	enum totals_kind kind;
	int32_t day;

	totals_day_path(path, "/x/y", DAY);
	ck_assert_str_eq(path, "/x/y/2026-11-21");
	totals_month_path(path, "/x/y", DAY);
	ck_assert_str_eq(path, "/x/y/names-2026-11");
	ck_assert(totals_file_path(path, &kind, &day));
	ck_assert_int_eq(kind, TOTALS_MONTH);
	ck_assert_int_eq(day, DAY - 20);
	ck_assert(!totals_file_name("2026-11-31", &kind, &day));
	ck_assert(!totals_file_name("2026-11-21.new", &kind, &day));
	ck_assert(!totals_file_name("2026-11-21.damaged-7", &kind, &day));
	ck_assert(!totals_file_name("names-2026-13", &kind, &day));
	ck_assert(!totals_file_name("names-2026-11-01", &kind, &day));
	ck_assert(!totals_file_name("names-", &kind, &day));
	ck_assert(!totals_file_name("", &kind, &day));
}
END_TEST

START_TEST(what_is_written_is_read)
{
	for (unsigned n = 0; n < 300; n = n * 2 + 1) {
		struct totals *totals = example(n, DAY), *again = fresh();
		struct error err;
		uint64_t segment = 0;

		write_day(totals, DAY, 41 + n);
		ck_assert_int_eq(totals_read(again, &disk->table, path_of(DAY), INT32_MIN, &segment, &err),
				 0);
		sums_check_same("read", again, totals);
		ck_assert_uint_eq(segment, 41 + n);
		ck_assert_uint_eq(totals_segment(again), 41 + n);
		totals_free(again);
		totals_free(totals);
	}
}
END_TEST

START_TEST(large_and_odd_numbers_are_kept)
{
	struct totals *totals = fresh(), *again;
	struct name_amount large = { INT64_MAX, INT64_MAX - 1, 0, 1 };
	uint64_t cell = cell_of(totals, 1, 1, DAY, 1);
	char name[3000];

	memset(name, 'n', sizeof(name));
	ck_assert_int_eq(totals_add(totals, cell, INT64_MAX, INT64_MAX / 2), 0);
	ck_assert_int_eq(totals_add_name(totals, 0, BY_REASON, DAY, (struct effort_str){ name, sizeof(name) },
					 &large, -INT64_C(8000000000000)),
			 0);
	ck_assert_int_eq(
		totals_add_name(totals, 0, BY_REASON, DAY, (struct effort_str){ "", 0 }, &large, INT64_MIN),
		0);
	ck_assert_int_eq(totals_place(totals, 0, -1, DAY, UINT64_MAX), 0);
	write_day(totals, DAY, UINT64_MAX);
	again = read_day(DAY);
	sums_check_same("read", again, totals);
	totals_free(again);
	totals_free(totals);
}
END_TEST

static void shuffle(unsigned *order, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		order[i] = i;
	for (unsigned i = n; i > 1; i--) {
		unsigned j = (unsigned)dice(i), spare = order[i - 1];

		order[i - 1] = order[j];
		order[j] = spare;
	}
}

START_TEST(the_same_totals_are_the_same_bytes)
{
	struct totals *totals = example(200, DAY);
	unsigned order[200];
	size_t len, again_len;
	uint8_t *bytes, *again;

	write_day(totals, DAY, 3);
	totals_free(totals);
	bytes = mem_disk_bytes(disk, path_of(DAY), &len);
	bytes = memcpy(malloc(len), bytes, len);
	for (int round = 0; round < 20; round++) {
		totals = fresh();
		for (unsigned i = 0; i < dice(50); i++) /* words nothing uses */
			cell_of(totals, (unsigned)dice(90), (unsigned)dice(90), DAY, 0);
		shuffle(order, 200);
		for (unsigned i = 0; i < 200; i++)
			add_one(totals, order[i], DAY);
		write_day(totals, DAY, 3);
		totals_free(totals);
		again = mem_disk_bytes(disk, path_of(DAY), &again_len);
		ck_assert_uint_eq(again_len, len);
		ck_assert_mem_eq(again, bytes, len);
	}
	free(bytes);
}
END_TEST

START_TEST(days_of_a_period_add_up)
{
	struct totals *sum = fresh(), *wanted = example(50, DAY);
	struct error err;

	for (int32_t day = DAY; day < DAY + 7; day++) {
		struct totals *totals = example(50, day);

		if (day > DAY)
			for (unsigned i = 0; i < 50; i++)
				add_one(wanted, i, DAY);
		write_day(totals, day, (uint64_t)(100 - day % 7));
		ck_assert_int_eq(totals_read(sum, &disk->table, path_of(day), DAY, NULL, &err), 0);
		totals_free(totals);
	}
	sums_check_same("week", sum, wanted);
	ck_assert_uint_eq(totals_segment(sum), 100);
	totals_free(sum);
	totals_free(wanted);
}
END_TEST

/* Names of a month stay where they are, whatever day sums are made for. */
START_TEST(a_month_of_names_is_kept)
{
	struct totals *totals = fresh(), *again = fresh();
	struct name_amount one = { 1, 2, 1, 1 };
	char path[TOTALS_PATH_MAX], name[32];
	struct error err;

	totals_month_path(path, "/totals", DAY - 20);
	ck_assert_int_ge(totals_municipality(totals, "0101"), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "unit %d", i);
		ck_assert_int_eq(
			totals_add_name(totals, 0, (enum dimension)(i % 4), DAY - 20, str_of(name), &one, i),
			0);
		ck_assert_int_eq(totals_place(totals, 0, i % 4, DAY - 20, (unsigned)i + 1), 0);
	}
	ck_assert_int_eq(totals_write(totals, &disk->table, path, 5), 0);
	ck_assert_int_eq(totals_read(again, &disk->table, path, DAY, NULL, &err), 0);
	sums_check_same("month", again, totals);
	totals_free(again);
	totals_free(totals);
}
END_TEST

START_TEST(only_paths_of_totals_are_written)
{
	struct totals *totals = example(3, DAY);

	ck_assert_int_eq(totals_write(totals, &disk->table, "/totals/2026-11-21.bak", 1), -EINVAL);
	totals_free(totals);
}
END_TEST

/* --- positions --- */

static char *position_text(const struct totals *totals)
{
	struct sums_lines lines = { 0 };
	const struct totals_visit visit = { &lines, NULL, NULL, sums_on_position };
	char *text = malloc(200000);

	text[0] = '\0';
	ck_assert_int_eq(totals_visit(totals, &visit), 0);
	if (lines.n > 0)
		qsort(lines.list, lines.n, sizeof(*lines.list), sums_by_text);
	for (size_t i = 0; i < lines.n; i++) {
		strcat(strcat(text, lines.list[i]), "\n");
		free(lines.list[i]);
	}
	free(lines.list);
	return text;
}

START_TEST(positions_are_read_without_the_rest)
{
	for (unsigned n = 1; n < 2000; n *= 4) {
		struct totals *totals = fresh(), *front = fresh();
		struct error err;
		uint64_t segment;
		char code[5], *a, *b;

		for (unsigned i = 0; i < n && i < CELL_MUNICIPALITIES; i++) {
			snprintf(code, sizeof(code), "%04u", i);
			ck_assert_int_eq(totals_municipality(totals, code), (int)i);
			ck_assert_int_eq(totals_place(totals, (uint16_t)i, -1, DAY, i * 77777777), 0);
		}
		for (unsigned i = 0; i < n; i++)
			add_one(totals, i, DAY);
		write_day(totals, DAY, 9);
		disk->by_call[MEM_READ] = 0;
		ck_assert_int_eq(totals_read_positions(front, &disk->table, path_of(DAY), &segment, &err), 0);
		ck_assert_uint_le(disk->by_call[MEM_READ], 2);
		ck_assert_uint_eq(segment, 9);
		ck_assert_uint_eq(totals_segment(front), 9);
		a = position_text(front);
		b = position_text(totals);
		sums_check("positions", a, b);
		ck_assert_uint_eq(front->cells.used, 0);
		free(a);
		free(b);
		totals_free(front);
		totals_free(totals);
	}
}
END_TEST

START_TEST(missing_files_are_told)
{
	struct totals *totals = fresh();
	struct error err;

	ck_assert_int_eq(totals_read(totals, &disk->table, path_of(DAY), INT32_MIN, NULL, &err), -ENOENT);
	ck_assert_int_eq(totals_read_positions(totals, &disk->table, path_of(DAY), NULL, &err), -ENOENT);
	totals_free(totals);
}
END_TEST

/* --- size --- */

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

START_TEST(a_large_day_is_small_and_read_fast)
{
	struct totals *totals = fresh(), *again;
	double ms;
	size_t len;

	while (totals->cells.used < 35000) {
		uint64_t cell =
			cell_of(totals, (unsigned)dice(98), (unsigned)dice(400), DAY, (unsigned)dice(100000));

		ck_assert_int_eq(totals_add(totals, cell, (int64_t)dice(500), (int64_t)dice(100000)), 0);
	}
	write_day(totals, DAY, 1);
	mem_disk_bytes(disk, path_of(DAY), &len);
	ms = now_ms();
	again = read_day(DAY);
	ms = now_ms() - ms;
	printf("35000 cells: %zu bytes, read in %.1f ms\n", len, ms);
	ck_assert_uint_lt(len, 35000 * 12);
	ck_assert_double_lt(ms, 5000);
	sums_check_same("large", again, totals);
	totals_free(again);
	totals_free(totals);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_is_added_adds_up,
		a_standing_is_known_whatever_the_order_of_its_groups,
		bounds_are_told,
		files_are_called_by_day_and_month,
		what_is_written_is_read,
		large_and_odd_numbers_are_kept,
		the_same_totals_are_the_same_bytes,
		days_of_a_period_add_up,
		a_month_of_names_is_kept,
		only_paths_of_totals_are_written,
		positions_are_read_without_the_rest,
		missing_files_are_told,
		a_large_day_is_small_and_read_fast,
	};

	return RUN_TESTS_WITHIN("journal/totals", tests, set_up, tear_down);
}
