/* SPDX-License-Identifier: MPL-2.0 */
/* Totals made up for tests, and their files on a disk in memory. Included by one file of a program. */
#ifndef TESTS_JOURNAL_EXAMPLE_H
#define TESTS_JOURNAL_EXAMPLE_H

#include "suite.h"

#include "journal/totals_file.h"
#include "journal/totals_inside.h"

#include "base/str.h"
#include "journal_disk.h"
#include "journal_sums.h"

#define DAY 20778 /* 2026-11-21 */

static struct mem_disk *disk;
static uint64_t seed;

static inline void set_up(void)
{
	disk = mem_disk_new();
	mem_make_folder(disk, "/totals");
	seed = 7;
}

static inline void tear_down(void)
{
	mem_disk_free(disk);
}

static inline uint64_t dice(uint64_t n)
{
	return mem_random(&seed) % n;
}

static inline const char *path_of(int32_t day)
{
	static char path[TOTALS_PATH_MAX];

	totals_day_path(path, "/totals", day);
	return path;
}

static inline struct totals *fresh(void)
{
	struct totals *totals = totals_new();

	ck_assert_ptr_nonnull(totals);
	return totals;
}

static inline struct standing_text standing_of(unsigned number)
{
	static char task[64];
	struct standing_text standing = { .task = task,
					  .is_municipal = number % 3 != 0,
					  .is_target = number % 2 == 0 };

	snprintf(task, sizeof(task), "area-%u/task-%u", number % 7, number / 2);
	if (number % 4 == 1)
		standing.groups[standing.groups_len++] = "money";
	if (number % 5 == 1)
		standing.groups[standing.groups_len++] = "children";
	return standing;
}

static inline uint64_t cell_of(struct totals *totals, unsigned code, unsigned standing, int32_t day,
			       unsigned rest)
{
	struct standing_text text = standing_of(standing);
	char digits[5];
	struct cell cell = { .day = day,
			     .channel = (uint8_t)(rest % EFFORT_CHANNELS),
			     .kind = (uint8_t)(rest / 13 % 4),
			     .outcome = (uint8_t)(rest / 52 % 6),
			     .is_exempt = rest % 11 == 0 };
	int municipality, number;

	snprintf(digits, sizeof(digits), "%04u", 1000 - code * 7 % 1000);
	municipality = totals_municipality(totals, digits);
	number = totals_standing(totals, &text);
	ck_assert_int_ge(municipality, 0);
	ck_assert_int_ge(number, 0);
	cell.municipality = (uint16_t)municipality;
	cell.standing = (uint16_t)number;
	return cell_pack(&cell);
}

/* One thing that is counted: cell, reason, position. */
static inline void add_one(struct totals *totals, unsigned i, int32_t day)
{
	uint64_t cell = cell_of(totals, i % 5, i % 17, day, i);
	struct name_amount amount = { 1, i, i / 2, i / 3 };
	char name[32];

	snprintf(name, sizeof(name), "reason-%u", i % 13);
	ck_assert_int_eq(totals_add(totals, cell, 1 + i % 3, i * 10), 0);
	ck_assert_int_eq(totals_add_name(totals, cell_municipality(cell), BY_REASON, day, str_of(name),
					 &amount, INT64_C(1795000000000) + i),
			 0);
	ck_assert_int_eq(totals_place(totals, cell_municipality(cell), -1, day, UINT64_C(1) << 40 | i), 0);
}

static inline struct totals *example(unsigned n, int32_t day)
{
	struct totals *totals = fresh();

	for (unsigned i = 0; i < n; i++)
		add_one(totals, i, day);
	return totals;
}

static inline void write_day(const struct totals *totals, int32_t day, uint64_t segment)
{
	ck_assert_int_eq(totals_write(totals, &disk->table, path_of(day), segment), 0);
}

static inline struct totals *read_day(int32_t day)
{
	struct totals *totals = fresh();
	struct error err = { "" };
	int r = totals_read(totals, &disk->table, path_of(day), INT32_MIN, NULL, &err);

	ck_assert_msg(r == 0, "%d: %s", r, err.text);
	return totals;
}

#endif
