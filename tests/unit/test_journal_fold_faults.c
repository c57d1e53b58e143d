/* SPDX-License-Identifier: MPL-2.0 */
/* Folding cut off at every call, with power gone, disks that fail, and files and segments that are damaged.
 */
#include "journal_list.h"

/* --- cut off --- */

struct cut {
	uint64_t left;
};

static int fail_from(void *ctx, enum mem_call call, const char *path)
{
	struct cut *cut = ctx;

	(void)call, (void)path;
	if (cut->left == 0)
		return -EIO;
	cut->left--;
	return 0;
}

static void go_on(struct mem_disk *after)
{
	fold(after, 2);
	fold(after, 3);
	check_everything(after);
}

/* Segment 2 is folded and nothing works any more from one call on; then it goes on as it is, and after a
 * power cut, in many ways. */
START_TEST(folding_can_be_cut_off_anywhere)
{
	bool is_done = false;
	uint64_t states = 0;

	for (uint64_t s = 1; s <= 3; s++)
		any_segment(s, 6);
	fold(disk, 1);
	for (uint64_t at = 0; !is_done; at++) {
		struct mem_disk *failed = mem_disk_copy(disk);
		struct fold_result result;
		struct cut cut = { at };
		struct error err;

		failed->on_call = fail_from;
		failed->on_call_ctx = &cut;
		is_done = try_fold(failed, 2, &result, &err) == 0;
		ck_assert(is_done || err.text[0] != '\0');
		failed->on_call = NULL;
		for (uint64_t cuts = 0; cuts < 6; cuts++) {
			struct mem_disk *after = mem_disk_copy(failed);

			if (cuts > 0)
				mem_disk_cut_power(after, cuts * 1000003 + at);
			go_on(after);
			mem_disk_free(after);
			states++;
		}
		mem_disk_free(failed);
		ck_assert_uint_lt(at, 5000);
	}
	printf("cut off in %llu ways\n", (unsigned long long)states);
}
END_TEST

/* When it says that it is done, a power cut takes nothing of it away, with the segment removed. */
START_TEST(what_is_folded_is_durable)
{
	any_segment(1, 10);
	fold(disk, 1);
	mem_disk_drop(disk, "/journal/0000000000000001.wal");
	for (uint64_t cuts = 1; cuts < 40; cuts++) {
		struct mem_disk *after = mem_disk_copy(disk);

		mem_disk_cut_power(after, cuts);
		check_everything(after);
		mem_disk_free(after);
	}
}
END_TEST

/* Cut off anywhere and folded again by the next process: what that one finds in place already may have been renamed
 * and never forced to disk. When it says that it is done the segment goes, and then a power cut comes. */
START_TEST(what_is_folded_again_is_durable)
{
	bool is_done = false;

	for (uint64_t s = 1; s <= 3; s++)
		any_segment(s, 6);
	fold(disk, 1);
	for (uint64_t at = 0; !is_done; at++) {
		struct mem_disk *failed = mem_disk_copy(disk);
		struct fold_result result;

		mem_disk_fail(failed, MEM_ANY, at, UINT64_MAX, -EIO);
		is_done = try_fold(failed, 2, &result, NULL) == 0;
		mem_disk_fail(failed, 0, 0, 0, 0);
		fold(failed, 2);
		mem_disk_drop(failed, "/journal/0000000000000002.wal");
		for (uint64_t cuts = 0; cuts < 6; cuts++) {
			struct mem_disk *after = mem_disk_copy(failed);

			mem_disk_cut_power(after, cuts * 1000003 + at);
			fold(after, 3);
			check_everything(after);
			mem_disk_free(after);
		}
		mem_disk_free(failed);
		ck_assert_uint_lt(at, 5000);
	}
}
END_TEST

START_TEST(one_fault_of_the_disk_stops_nothing_for_good)
{
	static const int errors[] = { -EIO, -ENOSPC, -EACCES, -EMFILE };
	uint64_t calls;

	for (uint64_t s = 1; s <= 3; s++)
		any_segment(s, 4);
	fold(disk, 1);
	calls = 1;
	for (uint64_t at = 0; at < calls; at++) {
		struct mem_disk *after = mem_disk_copy(disk);
		struct fold_result result;

		mem_disk_fail(after, MEM_ANY, at, 1, errors[at % 4]);
		(void)try_fold(after, 2, &result, NULL);
		calls = after->failed > 0 ? at + 2 : at;
		mem_disk_fail(after, 0, 0, 0, 0);
		go_on(after);
		mem_disk_free(after);
	}
}
END_TEST

START_TEST(a_disk_that_takes_little_at_a_time_is_enough)
{
	disk->write_max = 100;
	any_segment(1, 10);
	fold(disk, 1);
	check_everything(disk);
}
END_TEST

/* What cannot be read now may be readable later: nothing is folded without it. */
START_TEST(what_the_disk_cannot_read_is_no_hole)
{
	struct fold_result result;
	struct error err = { "" };

	any_segment(1, 10);
	for (uint64_t skip = 0; skip < 2; skip++) {
		mem_disk_fail(disk, MEM_CALL(MEM_READ), skip, UINT64_MAX, -EIO);
		ck_assert_int_lt(try_fold(disk, 1, &result, &err), 0);
		ck_assert_ptr_nonnull(strstr(err.text, "0000000000000001.wal"));
	}
	mem_disk_fail(disk, 0, 0, 0, 0);
	fold(disk, 1);
	check_everything(disk);
}
END_TEST

/* --- damage --- */

static char *file_of_today(void)
{
	static char path[TOTALS_PATH_MAX];

	totals_day_path(path, "/totals", DAY);
	return path;
}

static void spoil(struct mem_disk *on, const char *path, size_t at)
{
	size_t len;
	uint8_t *bytes = mem_disk_bytes(on, path, &len);

	ck_assert_ptr_nonnull(bytes);
	bytes = memcpy(malloc(len), bytes, len);
	bytes[at < len ? at : len - 1] ^= 0x40;
	mem_disk_put(on, path, bytes, len);
	free(bytes);
}

static uint64_t set_aside(void)
{
	uint64_t n = 99;

	ck_assert_int_eq(fold_count_set_aside(&disk->table, "/totals", &n), 0);
	return n;
}

static bool is_set_aside(bool of_names, int32_t first, int32_t end)
{
	bool is = false;

	ck_assert_int_eq(fold_is_set_aside(&disk->table, "/totals", of_names, first, end, &is), 0);
	return is;
}

START_TEST(a_damaged_file_is_set_aside_and_begun_anew)
{
	struct totals *sum, *before;
	uint64_t damaged = 0;
	struct fold_result result;
	struct error err = { "" };
	char *text;

	any_segment(1, 30);
	fold(disk, 1);
	spoil(disk, file_of_today(), 200);
	ck_assert_int_eq(fold_sum(&disk->table, "/totals", DAY, DAY + 1, &sum, &damaged, &err), 0);
	ck_assert_uint_eq(damaged, 1);
	ck_assert_ptr_nonnull(strstr(err.text, "/totals/2026-11-21: damaged"));
	text = sums_text(sum);
	ck_assert_str_eq(text, "");
	free(text);
	totals_free(sum);

	before = list->sums; /* of this day only what comes from now on is known */
	list->sums = totals_new();
	any_segment(2, 30);
	ck_assert_int_eq(try_fold(disk, 2, &result, &err), 0);
	ck_assert_uint_eq(result.damages, 1);
	ck_assert_uint_eq(result.set_aside, 1);
	ck_assert_uint_eq(set_aside(), 1);
	ck_assert_ptr_nonnull(strstr(err.text, "2026-11-21: damaged"));
	ck_assert_ptr_nonnull(mem_find(&disk->now, "/totals/2026-11-21.damaged-2"));
	ck_assert_int_eq(fold_sum(&disk->table, "/totals", DAY, DAY + 1, &sum, &damaged, &err), 0);
	ck_assert_uint_eq(damaged, 0);
	ck_assert_uint_gt(sum->cells.used, 0);
	totals_free(sum);
	totals_free(before);
	/* And that it is less than was counted is known as long as the file lies there. */
	ck_assert(is_set_aside(false, DAY - 3, DAY + 1));
	ck_assert(!is_set_aside(false, DAY - 3, DAY));
	ck_assert(!is_set_aside(false, DAY + 1, DAY + 9));
	ck_assert(!is_set_aside(true, DAY, DAY + 1));
	ck_assert_int_eq(disk->table.remove(disk->table.ctx, "/totals/2026-11-21.damaged-2"), 0);
	ck_assert(!is_set_aside(false, DAY, DAY + 1));
	ck_assert_uint_eq(set_aside(), 0);
}
END_TEST

/* Wherever that is cut off: what this segment has is there in the end. */
START_TEST(setting_aside_can_be_cut_off_anywhere)
{
	struct totals *wanted = NULL;
	bool is_done = false;

	any_segment(1, 10);
	fold(disk, 1);
	spoil(disk, file_of_today(), 200);
	any_segment(2, 10);
	for (uint64_t at = 0; !is_done; at++) {
		struct mem_disk *after = mem_disk_copy(disk);
		struct fold_result result;
		struct totals *found;

		mem_disk_fail(after, MEM_ANY, at, UINT64_MAX, -EIO);
		is_done = try_fold(after, 2, &result, NULL) == 0;
		mem_disk_cut_power(after, at);
		fold(after, 2);
		found = all_files(after);
		if (wanted == NULL) {
			wanted = found;
		} else {
			sums_check_same("in the end", found, wanted);
			totals_free(found);
		}
		mem_disk_free(after);
	}
	totals_free(wanted);
}
END_TEST

START_TEST(a_file_of_a_later_version_stops_folding)
{
	struct fold_result result;
	struct error err;
	uint8_t *bytes;
	size_t len;
	uint64_t hash;

	any_segment(1, 20);
	fold(disk, 1);
	bytes = mem_disk_bytes(disk, file_of_today(), &len);
	bytes[HEAD_VERSION] = 9;
	hash = sums_checksum(bytes, len - 8);
	memcpy(bytes + len - 8, &hash, 8);
	any_segment(2, 20);
	ck_assert_int_eq(try_fold(disk, 2, &result, &err), -EPROTONOSUPPORT);
	ck_assert_ptr_nonnull(strstr(err.text, "2026-11-21: format 9"));
	ck_assert_ptr_nonnull(mem_find(&disk->now, file_of_today()));
}
END_TEST

/* What was read before a hole is of the first batch behind the last mark, wherever that ended. */
static void list_hole(void)
{
	uint64_t position = list->position;

	(void)list_mark();
	list->position = position;
}

/* Others may have ended in the hole: what this mark covers behind it is in Redis only where the mark is. */
static uint64_t list_mark_behind_hole(void)
{
	size_t open_len = list->open_len;
	uint64_t position = list_mark();

	for (size_t i = 0; i < open_len; i++)
		ck_assert_int_eq(totals_place(list->sums, list->open[i].municipality, list->open[i].dimension,
					      list->open[i].period, position),
				 0);
	return position;
}

static void block_of(unsigned municipality, bool is_lost)
{
	for (int i = 0; i < 10; i++) {
		struct wal_contact contact = any_contact(DAY);

		contact.municipality = municipality;
		contact.standing = 1;
		memset(contact.names, 0xff, sizeof(contact.names));
		if (!is_lost)
			list_contact(&contact);
		wal_contact(wal, &contact);
	}
	wal_block(wal);
}

static int64_t lose_block_of(unsigned municipality)
{
	int64_t at = wal->at;

	block_of(municipality, true);
	return at;
}

/* A hole in a segment costs what lay in it; where in Redis the rest is depends on the side of it. */
START_TEST(a_hole_costs_what_lay_in_it)
{
	struct fold_result result;
	int64_t holes[3];

	wal_begin(wal, disk, 1, 1, list->position);
	block_of(0, false);
	list_hole();
	holes[0] = lose_block_of(0);
	wal_mark(wal, MARK_FREEZE, list_mark_behind_hole());
	block_of(1, false);
	block_of(2, false);
	list_hole();
	holes[1] = lose_block_of(2);
	block_of(2, false);
	block_of(3, false);
	holes[2] = lose_block_of(3);
	block_of(4, false);
	wal_mark(wal, MARK_CUT, list_mark_behind_hole());
	block_of(5, false);
	wal_mark(wal, MARK_CUT, list_mark());
	wal_end(wal);
	for (int i = 0; i < 3; i++)
		spoil(disk, "/journal/0000000000000001.wal", (size_t)holes[i] + BLOCK_HEAD_BYTES + 10);
	result = fold(disk, 1);
	ck_assert_uint_eq(result.holes, 3);
	ck_assert_uint_eq(result.effects, 70);
	check_everything(disk);
}
END_TEST

START_TEST(a_segment_without_its_header_is_not_folded)
{
	struct fold_result result;
	struct error err = { "" };

	any_segment(1, 3);
	spoil(disk, "/journal/0000000000000001.wal", 20);
	ck_assert_int_eq(try_fold(disk, 1, &result, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "0000000000000001.wal: its header is damaged"));
	ck_assert_int_eq(try_fold(disk, 2, &result, &err), -ENOENT);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		folding_can_be_cut_off_anywhere,
		what_is_folded_is_durable,
		what_is_folded_again_is_durable,
		one_fault_of_the_disk_stops_nothing_for_good,
		a_disk_that_takes_little_at_a_time_is_enough,
		what_the_disk_cannot_read_is_no_hole,
		a_damaged_file_is_set_aside_and_begun_anew,
		setting_aside_can_be_cut_off_anywhere,
		a_file_of_a_later_version_stops_folding,
		a_hole_costs_what_lay_in_it,
		a_segment_without_its_header_is_not_folded,
	};

	return RUN_TESTS_WITHIN("journal/fold faults", tests, set_up, tear_down);
}
