/* SPDX-License-Identifier: MPL-2.0 */
/* A start that finds files of errands: none, a whole one, a damaged one, one of a later version. */
#include "suite.h"

#include "journal_disk.h"
#include "run/core_inside.h"

#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define PATH "/errands"

static struct mem_disk *disk;
static struct core *core;

static void set_up(void)
{
	disk = mem_disk_new();
	core = calloc(1, sizeof(*core));
	core->settings.disk = &disk->table;
}

static void tear_down(void)
{
	free(core);
	mem_disk_free(disk);
}

static void write_file(uint64_t segment)
{
	struct errands *errands = errands_new();

	ck_assert_int_eq(errands_write(errands, &disk->table, PATH, segment), 0);
	errands_free(errands);
}

static int open_book(struct error *reterr)
{
	struct errand_book book;
	int r = errand_book_open(&book, core, PATH, false, reterr);

	if (r == 0) {
		r = (int)book.segment;
		errand_book_close(&book);
	}
	return r;
}

START_TEST(none_a_whole_one_and_a_damaged_one_are_opened)
{
	struct error err = { "" };
	uint8_t *bytes;
	size_t len;

	ck_assert_int_eq(open_book(&err), 0);
	write_file(17);
	ck_assert_int_eq(open_book(&err), 17);
	bytes = (uint8_t *)(uintptr_t)mem_disk_bytes(disk, PATH, &len);
	bytes[9] ^= 1;
	ck_assert_int_eq(open_book(&err), 0);
}
END_TEST

START_TEST(one_of_a_later_version_stops_the_start_and_says_what_to_do)
{
	struct error err = { "" };
	uint64_t check;
	uint8_t *bytes;
	size_t len;

	write_file(17);
	bytes = (uint8_t *)(uintptr_t)mem_disk_bytes(disk, PATH, &len);
	bytes[8]++;
	check = XXH3_64bits(bytes, len - 8);
	for (size_t i = 0; i < 8; i++)
		bytes[len - 8 + i] = (uint8_t)(check >> 8 * i);
	ck_assert_int_eq(open_book(&err), -EPROTONOSUPPORT);
	ck_assert_str_eq(err.text, PATH ": written by a later version of effortd; start that one");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { none_a_whole_one_and_a_damaged_one_are_opened,
				       one_of_a_later_version_stops_the_start_and_says_what_to_do };

	return RUN_TESTS_WITHIN("run/errand_book", tests, set_up, tear_down);
}
