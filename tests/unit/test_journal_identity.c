/* SPDX-License-Identifier: MPL-2.0 */
/* Who the journal is to Redis: kept twice, recognized when damaged, positions that are used once. */
#include "journal_disk.h"
#include "suite.h"

#include "journal/identity.h"

#include <inttypes.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define DIR "/state"

static struct mem_disk *disk;
static struct identity one, other;

static void set_up(void)
{
	disk = mem_disk_new();
	disk->table.make_folder(disk, DIR);
}

static void tear_down(void)
{
	mem_disk_free(disk);
}

static bool read_it(struct identity *identity, const char **ret_damage)
{
	bool is_new;

	ck_assert_int_eq(identity_read(identity, &disk->table, DIR, &is_new, ret_damage), 0);
	return is_new;
}

/* A new one with some runs, written. */
static void make_one(void)
{
	const char *damage;

	ck_assert(read_it(&one, &damage));
	ck_assert_ptr_eq(damage, NULL);
	for (int i = 0; i < 5; i++)
		identity_begin_run(&one, i == 0 ? 0 : one.runs[one.runs_len - 1].first + 1000, (uint64_t)i, 0);
	one.day_kept = 20413;
	one.day_gone = 20411;
	ck_assert_int_eq(identity_write(&one, &disk->table, DIR), 0);
}

static void check_same(const struct identity *a, const struct identity *b)
{
	ck_assert_str_eq(a->writer, b->writer);
	ck_assert_int_eq(memcmp(a->key, b->key, sizeof(a->key)), 0);
	ck_assert_uint_eq(a->incarnation, b->incarnation);
	ck_assert_int_eq(a->day_kept, b->day_kept);
	ck_assert_int_eq(a->week_kept, b->week_kept);
	ck_assert_uint_eq(a->runs_len, b->runs_len);
	ck_assert_int_eq(memcmp(a->runs, b->runs, a->runs_len * sizeof(*a->runs)), 0);
}

START_TEST(what_was_written_is_read)
{
	const char *damage;

	make_one();
	ck_assert_uint_eq(strlen(one.writer), 16);
	ck_assert_int_eq(one.week_kept, INT32_MIN);
	ck_assert_uint_eq(one.incarnation, 5);
	ck_assert(!read_it(&other, &damage));
	ck_assert_ptr_eq(damage, NULL);
	check_same(&one, &other);
}
END_TEST

START_TEST(two_new_ones_differ)
{
	const char *damage;

	ck_assert(read_it(&one, &damage));
	ck_assert(read_it(&other, &damage));
	ck_assert_str_ne(one.writer, other.writer);
	ck_assert_int_ne(memcmp(one.key, other.key, sizeof(one.key)), 0);
}
END_TEST

START_TEST(another_writer_keeps_the_key)
{
	make_one();
	other = one;
	identity_renew(&other);
	ck_assert_str_ne(one.writer, other.writer);
	ck_assert_int_eq(memcmp(one.key, other.key, sizeof(one.key)), 0);
	ck_assert_uint_eq(other.runs_len, 0);
	ck_assert(!identity_is_own(&other, one.runs[0].first, one.runs[4].first));
}
END_TEST

/* Every byte, one bit of it: the copy is used, and told. */
START_TEST(a_damaged_file_is_the_copy)
{
	const char *damage;
	size_t len;
	uint8_t *bytes;

	make_one();
	bytes = mem_disk_bytes(disk, DIR "/writer", &len);
	for (size_t at = 0; at < len; at++) {
		bytes[at] ^= (uint8_t)(1u << (at % 7));
		ck_assert(!read_it(&other, &damage));
		ck_assert_ptr_ne(damage, NULL);
		check_same(&one, &other);
		bytes[at] ^= (uint8_t)(1u << (at % 7));
	}
	mem_disk_drop(disk, DIR "/writer");
	ck_assert(!read_it(&other, &damage));
	ck_assert_ptr_ne(damage, NULL);
	check_same(&one, &other);
}
END_TEST

START_TEST(both_damaged_is_a_new_writer)
{
	const char *damage;
	size_t len;

	make_one();
	mem_disk_bytes(disk, DIR "/writer", &len)[40] ^= 1;
	mem_disk_bytes(disk, DIR "/writer.copy", &len)[len - 3] ^= 1;
	ck_assert(read_it(&other, &damage));
	ck_assert_ptr_ne(damage, NULL);
	ck_assert_str_ne(one.writer, other.writer);
	ck_assert_uint_eq(other.runs_len, 0);
}
END_TEST

/* Every cut, also an empty file. */
START_TEST(a_short_file_is_the_copy)
{
	const char *damage;
	void *bytes;
	size_t len;

	make_one();
	ck_assert_int_eq(disk_load(&disk->table, DIR "/writer", 1 << 20, &bytes, &len), 0);
	for (size_t at = 0; at < len; at++) {
		mem_disk_put(disk, DIR "/writer", bytes, at);
		ck_assert(!read_it(&other, &damage));
		ck_assert_ptr_ne(damage, NULL);
		check_same(&one, &other);
	}
	free(bytes);
}
END_TEST

START_TEST(a_disk_that_cannot_read_is_no_new_writer)
{
	const char *damage = NULL;
	bool is_new = false;

	make_one();
	mem_disk_fail(disk, MEM_CALL(MEM_OPEN), 0, 1, -EACCES);
	ck_assert_int_eq(identity_read(&other, &disk->table, DIR, &is_new, &damage), -EACCES);
	ck_assert(!is_new);
}
END_TEST

START_TEST(a_write_that_fails_or_ends_half_way_leaves_one_that_is_whole)
{
	for (uint64_t skip = 0; skip < 14; skip++) {
		for (uint64_t seed = 0; seed < 20; seed++) {
			const char *damage;
			struct mem_disk *before;

			make_one();
			other = one;
			other.incarnation = 77;
			before = disk;
			disk = mem_disk_copy(before);
			mem_disk_fail(disk, MEM_ANY, skip, UINT64_MAX, -EIO);
			identity_write(&other, &disk->table, DIR);
			mem_disk_cut_power(disk, seed);
			ck_assert(!read_it(&other, &damage));
			ck_assert_str_eq(other.writer, one.writer);
			ck_assert(other.incarnation == 77 || other.incarnation == one.incarnation);
			mem_disk_free(disk);
			disk = before;
			mem_disk_drop(disk, DIR "/writer");
			mem_disk_drop(disk, DIR "/writer.copy");
		}
	}
}
END_TEST

/* --- positions --- */

START_TEST(a_run_begins_behind_the_last)
{
	const char *damage;
	uint64_t first, second, third;

	read_it(&one, &damage);
	ck_assert(!identity_is_own(&one, 1, 1));
	first = identity_begin_run(&one, 0, 0, 0);
	ck_assert_uint_ge(first, 1);
	ck_assert(identity_is_own(&one, first, first + 10));
	ck_assert(identity_is_own(&one, first + 10, first + 10));
	ck_assert(!identity_is_own(&one, first + 11, first + 10));
	ck_assert(!identity_is_own(&one, first - 1, first + 10));
	second = identity_begin_run(&one, first + 10, 0, 0);
	ck_assert_uint_gt(second, first + 10);
	ck_assert_uint_le(second, first + 16 + (UINT64_C(1) << 32));
	ck_assert_uint_eq(second % 2, 0);
	/* What was counted behind the last mark was placed a little behind it. */
	ck_assert(identity_is_own(&one, first + 12, second));
	ck_assert(!identity_is_own(&one, first + 13, second));
	/* Nothing was written in the second run. */
	third = identity_begin_run(&one, first + 10, 0, 0);
	ck_assert_uint_gt(third, second);
	ck_assert(!identity_is_own(&one, second, third));
	ck_assert(identity_is_own(&one, first, third));
	ck_assert_uint_eq(one.incarnation, 3);
}
END_TEST

/* A start that could not read the last marks, and ended after it had written where it believes the run to end. */
START_TEST(marks_read_back_are_ours)
{
	const char *damage;
	uint64_t first, second;

	read_it(&one, &damage);
	first = identity_begin_run(&one, 0, 0, 0);
	second = identity_begin_run(&one, first + 2, 0, 0);
	ck_assert(!identity_is_own(&one, first + 10, second));
	identity_saw(&one, first + 10);
	ck_assert(identity_is_own(&one, first + 10, second));
	ck_assert(identity_is_own(&one, first + 12, second)); /* what follows the last mark */
	ck_assert(!identity_is_own(&one, first + 13, second));
	identity_saw(&one, first + 4);
	ck_assert(identity_is_own(&one, first + 12, second));
	identity_saw(&one, second + 10);
	ck_assert(!identity_is_own(&one, second + 10, second));
	ck_assert_uint_eq(one.runs[1].last, second - 1);
	identity_saw(&one, first - 1); /* another name's */
	ck_assert(!identity_is_own(&one, first - 1, second));
	ck_assert_uint_eq(one.runs_len, 2);
}
END_TEST

START_TEST(two_copies_part)
{
	const char *damage;
	uint64_t mine, theirs;

	read_it(&one, &damage);
	identity_begin_run(&one, 0, 0, 0);
	other = one;
	mine = identity_begin_run(&one, one.runs[0].first + 5, 0, 0);
	theirs = identity_begin_run(&other, other.runs[0].first + 5, 0, 0);
	ck_assert_uint_ne(mine, theirs);
	ck_assert(!identity_is_own(&one, theirs, mine + 5) || !identity_is_own(&other, mine, theirs + 5));
}
END_TEST

/* Where two journals have parted is told by the last run of the other one's that is found here. */
START_TEST(runs_are_found)
{
	const char *damage;
	uint64_t first, second;

	read_it(&one, &damage);
	ck_assert_uint_eq(identity_find_run(&one, 0), SIZE_MAX);
	first = identity_begin_run(&one, 0, 0, 0);
	ck_assert_uint_eq(identity_find_run(&one, first), 0);
	ck_assert_uint_eq(identity_find_run(&one, first + 2), SIZE_MAX);
	second = identity_begin_run(&one, first + 10, 7, 12);
	ck_assert_uint_eq(identity_find_run(&one, first), 0);
	ck_assert_uint_eq(identity_find_run(&one, second), 1);
	ck_assert_uint_eq(identity_find_run(&one, second + 2), SIZE_MAX);
	ck_assert_uint_eq(identity_find_run(&one, first + 10), 0); /* one that was joined with the oldest */
	ck_assert_uint_eq(identity_find_run(&one, first + 14), SIZE_MAX);
	ck_assert_uint_eq(identity_run_at(&one, first - 1), SIZE_MAX);
	ck_assert_uint_eq(identity_run_at(&one, second - 1), 0);
	ck_assert_uint_eq(identity_run_at(&one, second + 100), 1);
	ck_assert_uint_eq(one.runs[1].behind, 7);
	ck_assert_uint_eq(one.runs[1].block, 12);
}
END_TEST

START_TEST(a_file_without_segments_of_runs)
{
	const char text[] = "effortd-writer 1\nwriter 0123456789abcdef\nkey "
			    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
			    "incarnation 2\nday-kept -\nweek-kept -\nrun 4 8\nrun 90 99\nrun 200 210 6\n";
	const char *damage;
	char file[512];
	int len = snprintf(file, sizeof(file), "%scheck %016" PRIx64 "\n", text, XXH3_64bits(text, sizeof(text) - 1));

	mem_disk_put(disk, DIR "/writer", file, (size_t)len);
	ck_assert(!read_it(&one, &damage));
	ck_assert_ptr_eq(damage, NULL);
	ck_assert_uint_eq(one.runs_len, 3);
	ck_assert_uint_eq(one.runs[1].last, 99);
	ck_assert_uint_eq(one.runs[1].behind, IDENTITY_UNKNOWN);
	ck_assert_uint_eq(one.runs[2].behind, 6);
	ck_assert_uint_eq(one.runs[2].block, IDENTITY_UNKNOWN);
}
END_TEST

START_TEST(more_runs_than_there_is_room_for)
{
	const char *damage;
	uint64_t last = 0, firsts[IDENTITY_RUNS + 50];

	read_it(&one, &damage);
	for (size_t i = 0; i < IDENTITY_RUNS + 50; i++) {
		firsts[i] = identity_begin_run(&one, last, 0, 0);
		last = firsts[i] + 10;
	}
	ck_assert_uint_eq(one.runs_len, IDENTITY_RUNS);
	for (size_t i = 0; i < IDENTITY_RUNS + 50; i++)
		ck_assert(identity_is_own(&one, firsts[i] + 5, last));
	ck_assert_int_eq(identity_write(&one, &disk->table, DIR), 0);
	ck_assert(!read_it(&other, &damage));
	check_same(&one, &other);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { what_was_written_is_read,
				       two_new_ones_differ,
				       another_writer_keeps_the_key,
				       a_damaged_file_is_the_copy,
				       both_damaged_is_a_new_writer,
				       a_short_file_is_the_copy,
				       a_disk_that_cannot_read_is_no_new_writer,
				       a_write_that_fails_or_ends_half_way_leaves_one_that_is_whole,
				       a_run_begins_behind_the_last,
				       marks_read_back_are_ours,
				       two_copies_part,
				       runs_are_found,
				       a_file_without_segments_of_runs,
				       more_runs_than_there_is_room_for };

	return RUN_TESTS_WITHIN("journal/identity", tests, set_up, tear_down);
}
