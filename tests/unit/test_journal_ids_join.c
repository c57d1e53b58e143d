/* SPDX-License-Identifier: MPL-2.0 */
/* Joining id files never loses an id, wherever it is cut off; nor does writing. */
#include "journal_ids.h"

/* --- joining --- */

static int count_file(void *ctx, const char *name)
{
	int32_t day;
	uint64_t segment;

	if (ids_name(name, &day, &segment) && day == DAY)
		++*(size_t *)ctx;
	return 0;
}

static size_t count_files(struct mem_disk *on)
{
	size_t n = 0;

	ck_assert_int_eq(mem_list(on, "/ids", count_file, &n), 0);
	return n;
}

/* An id may stand in several files of the day. */
static bool is_in_any(struct mem_disk *on, uint64_t id, uint64_t segments)
{
	for (uint64_t s = 1; s <= segments; s++) {
		struct ids *ids = ids_open(&on->table, path_of(DAY, s), NULL);
		uint32_t content;
		int r;

		if (ids == NULL) {
			MUST(errno == ENOENT);
			continue;
		}
		r = ids_find(ids, id, &content);
		MUST(r >= 0);
		ids_close(ids);
		if (r == 1 && content == content_of(id))
			return true;
	}
	return false;
}

START_TEST(joined_files_hold_what_each_held)
{
	struct ids *ids;
	struct seen seen = { 0 };

	for (uint64_t s = 1; s <= 7; s++)
		write_family(s, s / 2, 500 + s * 10, DAY); /* families come twice: duplicates */
	write_family(9, 50, 10, DAY + 1);
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY, 7), 0);
	ck_assert_uint_eq(count_files(disk), 7);
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY, 6), 0);
	ck_assert_uint_eq(count_files(disk), 1);
	ids = open_ids(DAY, 7);
	ck_assert_uint_eq(ids_len(ids), 510 + 530 + 550 + 570);
	check_found(ids, 0, 510);
	check_found(ids, 1, 530);
	check_found(ids, 2, 550);
	check_found(ids, 3, 570);
	ck_assert_int_eq(ids_each(ids, see, &seen), 0);
	ids_close(ids);
	ids_close(open_ids(DAY + 1, 9));
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY, 0), 0);
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY + 5, 0), 0);
}
END_TEST

START_TEST(many_files_are_joined_a_few_at_a_time)
{
	struct ids *ids;

	for (uint64_t s = 1; s <= 200; s++)
		write_family(s, s, 50, DAY);
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY, 4), 0);
	ck_assert_uint_eq(count_files(disk), 1);
	ids = open_ids(DAY, 200);
	ck_assert_uint_eq(ids_len(ids), 200 * 50);
	for (uint64_t s = 1; s <= 200; s++)
		check_found(ids, s, 50);
	ids_close(ids);
}
END_TEST

/* The segment of a joined file is folded again: what the others filed stays. */
START_TEST(folding_again_does_not_undo_joining)
{
	struct ids *ids;

	write_family(1, 1, 300, DAY);
	write_family(2, 2, 300, DAY);
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY, 1), 0);
	write_family(2, 2, 300, DAY);
	ids = open_ids(DAY, 2);
	ck_assert_uint_eq(ids_len(ids), 600);
	ids_close(ids);
}
END_TEST

/* Nor does a disk that fails just then. */
START_TEST(faults_while_folding_again_do_not_undo_joining)
{
	struct id_entry *entries = entries_of(2, 300, DAY);
	bool is_done = false;

	write_family(1, 1, 300, DAY);
	write_family(2, 2, 300, DAY);
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY, 1), 0);
	for (uint64_t at = 0; !is_done; at++) {
		struct ids *ids;
		size_t days;

		disk->failed = 0;
		mem_disk_fail(disk, MEM_ANY, at, 1, -EIO);
		(void)ids_write(&disk->table, "/ids", 2, entries, 300, &days);
		mem_disk_fail(disk, 0, 0, 0, 0);
		is_done = disk->failed == 0;
		ids = open_ids(DAY, 2);
		ck_assert_uint_eq(ids_len(ids), 600);
		ids_close(ids);
	}
	free(entries);
}
END_TEST

START_TEST(a_damaged_file_stops_joining)
{
	uint8_t *bytes;
	size_t len;

	for (uint64_t s = 1; s <= 3; s++)
		write_family(s, s, 300, DAY);
	bytes = mem_disk_bytes(disk, path_of(DAY, 2), &len);
	bytes[IDS_HEAD + 2000] ^= 1;
	ck_assert_int_eq(ids_join(&disk->table, "/ids", DAY, 1), -EBADMSG);
	ck_assert_uint_eq(count_files(disk), 3);
	ck_assert_ptr_null(mem_find(&disk->now, "/ids/20778.3.new"));
	ids_close(open_ids(DAY, 1));
	ids_close(open_ids(DAY, 3));
}
END_TEST

/* --- cut off --- */

struct cut {
	uint64_t left;
};

/* From a call on nothing works any more. */
static int fail_from(void *ctx, enum mem_call call, const char *path)
{
	struct cut *cut = ctx;

	(void)call, (void)path;
	if (cut->left == 0)
		return -EIO;
	cut->left--;
	return 0;
}

static int join_or_write(struct mem_disk *on, bool is_join)
{
	struct id_entry *entries;
	size_t days;
	int r;

	if (is_join)
		return ids_join(&on->table, "/ids", DAY, 1);
	entries = entries_of(8, 700, DAY);
	for (size_t i = 0; i < 300; i++)
		entries[i].day = DAY + 1;
	r = ids_write(&on->table, "/ids", 8, entries, 700, &days);
	free(entries);
	return r;
}

static void check_all_there(struct mem_disk *on)
{
	for (uint64_t s = 1; s <= 5; s++)
		for (size_t i = 0; i < 200; i += 7)
			MUST(is_in_any(on, id_of(s, i), 8));
}

/* Cut off at every call, by a fault and by a power cut in many ways: nothing that was there is lost, and
 * doing it again makes it whole. */
static void cut_everywhere(bool is_join)
{
	bool is_done = false;

	for (uint64_t s = 1; s <= 5; s++)
		write_family(s, s, 200, DAY);
	for (uint64_t at = 0; !is_done; at++) {
		struct mem_disk *failed = mem_disk_copy(disk);
		struct cut cut = { at };

		failed->on_call = fail_from;
		failed->on_call_ctx = &cut;
		is_done = join_or_write(failed, is_join) == 0;
		failed->on_call = NULL;
		for (uint64_t seed = 0; seed < 12; seed++) {
			struct mem_disk *after = mem_disk_copy(failed);

			if (seed > 0)
				mem_disk_cut_power(after, seed * 1000 + at);
			check_all_there(after);
			if (is_done && !is_join)
				ck_assert(is_in_any(after, id_of(8, 650), 8));
			ck_assert_int_eq(join_or_write(after, is_join), 0);
			check_all_there(after);
			ck_assert_uint_eq(count_files(after), is_join ? 1 : 6);
			mem_disk_free(after);
		}
		mem_disk_free(failed);
		ck_assert_uint_lt(at, 1000);
	}
}

START_TEST(joining_can_be_cut_off_anywhere)
{
	cut_everywhere(true);
}
END_TEST

START_TEST(writing_can_be_cut_off_anywhere)
{
	cut_everywhere(false);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		joined_files_hold_what_each_held,    many_files_are_joined_a_few_at_a_time,
		folding_again_does_not_undo_joining, faults_while_folding_again_do_not_undo_joining,
		a_damaged_file_stops_joining,        joining_can_be_cut_off_anywhere,
		writing_can_be_cut_off_anywhere,
	};

	return RUN_TESTS_WITHIN("journal/ids join", tests, set_up, tear_down);
}
