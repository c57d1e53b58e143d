/* SPDX-License-Identifier: MPL-2.0 */
/* Id files: every id that was written is found and no other, and damage is noticed where it lies. */
#include "journal_ids.h"

START_TEST(names_are_day_and_segment)
{
	int32_t day;
	uint64_t segment;

	ck_assert(ids_name("20778.17", &day, &segment));
	ck_assert_int_eq(day, 20778);
	ck_assert_uint_eq(segment, 17);
	ck_assert(ids_name("0.18446744073709551615", &day, &segment));
	ck_assert_uint_eq(segment, UINT64_MAX);
	ck_assert(!ids_name("0.18446744073709551616", &day, &segment));
	ck_assert(!ids_name("2147483648.1", &day, &segment));
	ck_assert(!ids_name("20778.17.new", &day, &segment));
	ck_assert(!ids_name("damaged-20778.17", &day, &segment));
	ck_assert(!ids_name("020778.17", &day, &segment));
	ck_assert(!ids_name("20778.017", &day, &segment));
	ck_assert(!ids_name("20778.", &day, &segment));
	ck_assert(!ids_name(".17", &day, &segment));
	ck_assert(!ids_name("20778", &day, &segment));
	ck_assert(!ids_name("-1.17", &day, &segment));
	ck_assert(!ids_name("", &day, &segment));
}
END_TEST

START_TEST(every_id_is_found_and_no_other)
{
	static const size_t sizes[] = { 1,    2,    127,  128,  129,
					255,  256,  257,  1000, IDS_BLOCK * IDS_CHUNK_BLOCKS - 1,
					8192, 8193, 20000 };

	for (size_t s = 0; s < SUITE_LENGTH(sizes); s++) {
		struct ids *ids;
		struct seen seen = { 0 };
		uint32_t content;

		write_family(s + 1, s, sizes[s], DAY);
		ids = open_ids(DAY, s + 1);
		ck_assert_uint_eq(ids_len(ids), sizes[s]);
		check_found(ids, s, sizes[s]);
		for (size_t i = 0; i < 2000; i++)
			MUST(ids_find(ids, id_of(77, i), &content) == 0);
		ck_assert_int_eq(ids_find(ids, 0, &content), 0);
		ck_assert_int_eq(ids_find(ids, UINT64_MAX, &content), 0);
		ck_assert_int_eq(ids_each(ids, see, &seen), 0);
		ck_assert_uint_eq(seen.n, sizes[s]);
		ids_close(ids);
	}
}
END_TEST

START_TEST(the_least_and_the_greatest_id_are_ids)
{
	struct id_entry entries[] = { { UINT64_MAX, 1, DAY }, { 0, 2, DAY }, { 5, 3, DAY } };
	struct ids *ids;
	uint32_t content;
	size_t days;

	ck_assert_int_eq(ids_write(&disk->table, "/ids", 1, entries, 3, &days), 0);
	ids = open_ids(DAY, 1);
	ck_assert_int_eq(ids_find(ids, UINT64_MAX, &content), 1);
	ck_assert_uint_eq(content, 1);
	ck_assert_int_eq(ids_find(ids, 0, &content), 1);
	ck_assert_uint_eq(content, 2);
	ck_assert_int_eq(ids_find(ids, 4, &content), 0);
	ids_close(ids);
}
END_TEST

START_TEST(one_look_is_one_read)
{
	struct ids *ids;
	uint32_t content;

	write_family(1, 1, 50000, DAY);
	disk->by_call[MEM_READ] = 0;
	ids = open_ids(DAY, 1);
	ck_assert_uint_eq(disk->by_call[MEM_READ], 2);
	ck_assert_int_eq(ids_find(ids, id_of(1, 7), &content), 1);
	ck_assert_uint_eq(disk->by_call[MEM_READ], 3);
	ids_close(ids);
}
END_TEST

START_TEST(days_have_files_of_their_own)
{
	struct id_entry entries[300];
	size_t days;

	for (size_t i = 0; i < 300; i++)
		entries[i] =
			(struct id_entry){ id_of(1, i), content_of(id_of(1, i)), DAY - (int32_t)(i % 3) };
	ck_assert_int_eq(ids_write(&disk->table, "/ids", 4, entries, 300, &days), 0);
	ck_assert_uint_eq(days, 3);
	for (int32_t day = DAY - 2; day <= DAY; day++) {
		struct ids *ids = open_ids(day, 4);
		uint32_t content;

		ck_assert_uint_eq(ids_len(ids), 100);
		ck_assert_int_eq(ids_find(ids, id_of(1, (uint64_t)(DAY - day)), &content), 1);
		ck_assert_int_eq(ids_find(ids, id_of(1, (uint64_t)(DAY - day + 1) % 3), &content), 0);
		ids_close(ids);
	}
}
END_TEST

START_TEST(writing_twice_is_writing_once)
{
	size_t len, again_len;
	uint8_t *bytes, *again;

	write_family(3, 1, 1000, DAY);
	bytes = mem_disk_bytes(disk, path_of(DAY, 3), &len);
	bytes = memcpy(malloc(len), bytes, len);
	write_family(3, 1, 1000, DAY);
	again = mem_disk_bytes(disk, path_of(DAY, 3), &again_len);
	ck_assert_uint_eq(again_len, len);
	ck_assert_mem_eq(again, bytes, len);
	free(bytes);
}
END_TEST

START_TEST(an_id_that_comes_twice_stands_once)
{
	struct id_entry entries[] = { { 9, 1, DAY }, { 8, 4, DAY }, { 9, 1, DAY }, { 8, 4, DAY } };
	struct ids *ids;
	size_t days;

	ck_assert_int_eq(ids_write(&disk->table, "/ids", 1, entries, 4, &days), 0);
	ids = open_ids(DAY, 1);
	ck_assert_uint_eq(ids_len(ids), 2);
	ids_close(ids);
	ck_assert_int_eq(ids_write(&disk->table, "/ids", 2, NULL, 0, &days), 0);
	ck_assert_uint_eq(days, 0);
}
END_TEST

/* However they come: spread or not, many days or one, as many as it takes for every way of sorting. */
START_TEST(entries_are_sorted)
{
	static const size_t sizes[] = { 0, 1, 2, 1000, 19999, 20000, 200000 };
	uint64_t seed = 5;

	for (size_t s = 0; s < SUITE_LENGTH(sizes); s++) {
		for (int way = 0; way < 6; way++) {
			struct id_entry *entries = calloc(sizes[s] + 1, sizeof(*entries));
			uint64_t sum = 0;

			for (size_t i = 0; i < sizes[s]; i++) {
				uint64_t any = mem_random(&seed);

				entries[i].id = way % 2 == 0 ? any : any % 50000;
				entries[i].day = way < 2 ? 5 : (int32_t)(any >> 7) % (way < 4 ? 3 : 60000);
				sum += entries[i].id ^ (uint64_t)entries[i].day;
			}
			ids_sort(entries, sizes[s]);
			for (size_t i = 0; i < sizes[s]; i++) {
				const struct id_entry *a = &entries[i > 0 ? i - 1 : 0], *b = &entries[i];

				MUST(a->day < b->day || (a->day == b->day && a->id <= b->id));
				sum -= b->id ^ (uint64_t)b->day;
			}
			MUST(sum == 0);
			free(entries);
		}
	}
}
END_TEST

/* --- damage --- */

static int count_all(void *ctx, uint64_t id, uint32_t content)
{
	MUST(content == content_of(id));
	++*(size_t *)ctx;
	return 0;
}

/* Every byte of a file of three blocks: what is told is what was written, or the damage. */
START_TEST(damage_is_noticed_where_it_lies)
{
	const size_t n = 300;
	uint8_t *bytes;
	size_t len, unopened = 0, block = IDS_BLOCK_BYTES;

	write_family(3, 1, n, DAY);
	for (size_t i = 0;; i++) {
		struct ids *ids;
		size_t seen = 0, lost = 0;

		bytes = mem_disk_bytes(disk, path_of(DAY, 3), &len);
		if (i >= len)
			break;
		bytes[i] ^= 0x20;
		errno = 0;
		ids = ids_open(&disk->table, path_of(DAY, 3), NULL);
		if (ids == NULL) {
			ck_assert_int_eq(errno, EBADMSG);
			unopened++;
		} else {
			ck_assert_int_eq(ids_each(ids, count_all, &seen), -EBADMSG);
			ck_assert(seen == n - IDS_BLOCK || seen == n - n % IDS_BLOCK);
			for (size_t k = 0; k < n; k++) {
				uint32_t content;
				int r = ids_find(ids, id_of(1, k), &content);

				MUST(r == -EBADMSG || (r == 1 && content == content_of(id_of(1, k))));
				lost += r == -EBADMSG;
			}
			ck_assert_uint_eq(lost, n - seen);
			ids_close(ids);
		}
		bytes = mem_disk_bytes(disk, path_of(DAY, 3), &len);
		bytes[i] ^= 0x20;
	}
	ck_assert_uint_eq(unopened, len - 2 * block - (n % IDS_BLOCK * IDS_ENTRY + IDS_SUM));
}
END_TEST

START_TEST(every_other_length_is_noticed)
{
	size_t len;
	uint8_t *bytes, *copy;

	write_family(3, 1, 130, DAY);
	bytes = mem_disk_bytes(disk, path_of(DAY, 3), &len);
	copy = calloc(1, len + 40);
	memcpy(copy, bytes, len);
	for (size_t i = 0; i < len + 40; i++) {
		if (i == len)
			continue;
		mem_disk_put(disk, path_of(DAY, 3), copy, i);
		ck_assert_ptr_null(ids_open(&disk->table, path_of(DAY, 3), NULL));
		ck_assert_int_eq(errno, EBADMSG);
	}
	free(copy);
}
END_TEST

/* A head that asks for everything gets nothing. */
START_TEST(a_head_of_huge_numbers_asks_for_no_memory)
{
	size_t len;
	uint8_t *bytes;

	write_family(3, 1, 130, DAY);
	bytes = mem_disk_bytes(disk, path_of(DAY, 3), &len);
	for (int i = 0; i < 8; i++) {
		bytes = mem_disk_bytes(disk, path_of(DAY, 3), &len);
		bytes[IDS_HEAD_ENTRIES + i] = 0xff;
		ck_assert_ptr_null(ids_open(&disk->table, path_of(DAY, 3), NULL));
		ck_assert_int_eq(errno, EBADMSG);
	}
}
END_TEST

START_TEST(a_file_under_another_name_is_not_taken)
{
	write_family(3, 1, 130, DAY);
	ck_assert_int_eq(mem_rename(disk, "/ids/20778.3", "/ids/20778.4"), 0);
	ck_assert_ptr_null(ids_open(&disk->table, path_of(DAY, 4), NULL));
	ck_assert_int_eq(errno, EBADMSG);
	ck_assert_ptr_null(ids_open(&disk->table, path_of(DAY, 3), NULL));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		names_are_day_and_segment,
		every_id_is_found_and_no_other,
		the_least_and_the_greatest_id_are_ids,
		one_look_is_one_read,
		days_have_files_of_their_own,
		writing_twice_is_writing_once,
		an_id_that_comes_twice_stands_once,
		entries_are_sorted,
		damage_is_noticed_where_it_lies,
		every_other_length_is_noticed,
		a_head_of_huge_numbers_asks_for_no_memory,
		a_file_under_another_name_is_not_taken,
	};

	return RUN_TESTS_WITHIN("journal/ids", tests, set_up, tear_down);
}
