/* SPDX-License-Identifier: MPL-2.0 */
/* What has been folded before Redis had it: the batch that may be on its way, what is in none, and where the places they
 * touch were before, whatever is folded twice, cut off or damaged. */
#include "journal_list.h"

#include "journal/unsent.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FILE_NAME "/totals/unsent"

static struct totals *groups[8]; /* what lies between freezes, in their order */
static size_t groups_len;

static void begin(void)
{
	set_up();
	totals_free(list->sums);
	for (size_t i = 0; i < 8; i++)
		groups[i] = totals_new();
	list->sums = groups[0];
	groups_len = 1;
}

static void end(void)
{
	for (size_t i = 0; i < 8; i++)
		totals_free(groups[i]);
	list->sums = NULL;
	tear_down();
}

static void freeze_at(uint64_t position)
{
	wal_mark(wal, MARK_FREEZE, position);
	list->open_len = 0;
	list->sums = groups[groups_len++];
}

static void count_block(unsigned n)
{
	count_some(n);
	list->open_len = 0;
	wal_block(wal);
}

static void begin_segment(uint64_t number, uint64_t position)
{
	wal_begin(wal, disk, number, wal->sequence == 0 ? 1 : wal->sequence, position);
}

static void end_segment(uint64_t position)
{
	wal_mark(wal, MARK_CUT, position);
	wal_block(wal);
	wal_end(wal);
}

/* A segment with one freeze, something before and behind it. */
static void write_one(uint64_t number)
{
	begin_segment(number, number * 1000);
	count_block(20);
	freeze_at(number * 1000 + 500);
	count_block(20);
	end_segment(number * 1000 + 1000);
}

static int fold_with(struct mem_disk *on, uint64_t segment, enum fold_unsent how, uint64_t settled)
{
	struct fold_paths these = paths;
	struct fold_result result = { 0 };
	struct error err = { "" };

	these.unsent = how;
	these.writer = WAL_WRITER;
	these.settled = settled;
	return fold_segment(&on->table, &these, segment, &result, &err);
}

static void fold_kept(uint64_t segment, uint64_t settled)
{
	ck_assert_int_eq(fold_with(disk, segment, FOLD_UNSENT_KEPT, settled), 0);
}

static struct unsent read_it(struct mem_disk *on)
{
	struct unsent unsent;
	struct error err = { "" };
	int r;

	ck_assert_int_eq(unsent_init(&unsent), 0);
	r = unsent_read(&unsent, &on->table, "/totals", &err);
	ck_assert_msg(r == 0, "%s", err.text);
	return unsent;
}

static int look(struct mem_disk *on)
{
	struct unsent unsent;
	struct error err = { "" };
	int r;

	ck_assert_int_eq(unsent_init(&unsent), 0);
	r = unsent_read(&unsent, &on->table, "/totals", &err);
	unsent_done(&unsent);
	return r;
}

static void check_sums(struct mem_disk *on, struct totals *frozen, struct totals *next, uint64_t frozen_from,
		       uint64_t from)
{
	struct unsent unsent = read_it(on);

	sums_check_same("frozen", unsent.frozen, frozen);
	sums_check_same("next", unsent.next, next);
	ck_assert_uint_eq(unsent.frozen_from, frozen_from);
	ck_assert_uint_eq(unsent.from, from);
	unsent_done(&unsent);
}

START_TEST(the_batch_on_its_way_and_what_is_in_none_are_kept)
{
	write_one(1);
	fold_kept(1, 0);
	check_sums(disk, groups[0], groups[1], 1000, 1500);
	write_one(2);
	fold_kept(2, 0);
	check_sums(disk, groups[1], groups[2], 1500, 2500);
	write_one(3);
	fold_kept(3, 0);
	check_sums(disk, groups[2], groups[3], 2500, 3500);
}
END_TEST

START_TEST(what_redis_is_known_to_have_goes)
{
	struct totals *none = totals_new();

	write_one(1);
	fold_kept(1, 1500);
	check_sums(disk, none, groups[1], 1000, 1500);
	write_one(2);
	fold_kept(2, 1500);
	check_sums(disk, groups[1], groups[2], 1500, 2500);
	write_one(3);
	ck_assert_int_eq(fold_with(disk, 3, FOLD_UNSENT_GONE, 0), 0);
	ck_assert_int_eq(look(disk), -ENOENT);
	totals_free(none);
}
END_TEST

static void fold_run(uint64_t segment, uint64_t behind)
{
	struct fold_paths these = paths;
	struct fold_result result;
	struct error err;

	these.unsent = FOLD_UNSENT_KEPT;
	these.writer = WAL_WRITER;
	these.behind = behind;
	ck_assert_int_eq(fold_segment(&disk->table, &these, segment, &result, &err), 0);
}

/* What no batch has, by the run that took it; with a batch it is one. */
START_TEST(runs_are_kept_apart)
{
	struct unsent unsent;
	int64_t all;

	begin_segment(1, 1000);
	freeze_at(1100);
	count_block(20);
	end_segment(1200);
	fold_run(1, 0);
	for (uint64_t segment = 2; segment < 5; segment++) {
		if (segment != 3) /* of the run that the second is of */
			list->sums = groups[groups_len++];
		begin_segment(segment, segment * 1000);
		count_block(20);
		end_segment(segment * 1000 + 100);
		fold_run(segment, segment == 4 ? 3 : 1);
	}
	unsent = read_it(disk);
	ck_assert_uint_eq(unsent.earlier_len, 2);
	ck_assert_uint_eq(unsent.earlier[0].behind, 0);
	ck_assert_uint_eq(unsent.earlier[1].behind, 1);
	ck_assert_uint_eq(unsent.behind, 3);
	sums_check_same("first", unsent.earlier[0].sums, groups[1]);
	sums_check_same("second", unsent.earlier[1].sums, groups[2]);
	sums_check_same("third", unsent.next, groups[3]);
	all = unsent.earlier[0].sums->cells.events + unsent.earlier[1].sums->cells.events + unsent.next->cells.events;
	unsent_done(&unsent);
	begin_segment(5, 5000);
	freeze_at(5100);
	count_block(20);
	end_segment(5200);
	fold_run(5, 4);
	unsent = read_it(disk);
	ck_assert_uint_eq(unsent.earlier_len, 0);
	ck_assert_int_eq(unsent.frozen->cells.events, all);
	sums_check_same("fourth", unsent.next, groups[4]);
	unsent_done(&unsent);
}
END_TEST

START_TEST(more_runs_than_are_kept_apart)
{
	struct unsent unsent;

	for (uint64_t segment = 1; segment <= UNSENT_PARTS + 4; segment++) {
		begin_segment(segment, segment * 1000);
		count_block(2);
		end_segment(segment * 1000 + 100);
		fold_run(segment, segment - 1);
	}
	unsent = read_it(disk);
	ck_assert_uint_eq(unsent.earlier_len, UNSENT_PARTS);
	ck_assert_uint_eq(unsent.earlier[0].behind, 0);
	ck_assert_uint_eq(unsent.earlier[1].behind, 4);
	ck_assert_uint_eq(unsent.behind, UNSENT_PARTS + 3);
	unsent_done(&unsent);
}
END_TEST

START_TEST(nothing_is_kept_of_another_writer)
{
	struct fold_paths these = paths;
	struct fold_result result;
	struct error err;

	write_one(1);
	these.unsent = FOLD_UNSENT_KEPT;
	these.writer = "fedcba9876543210";
	ck_assert_int_eq(fold_segment(&disk->table, &these, 1, &result, &err), 0);
	ck_assert_int_eq(look(disk), -ENOENT);
}
END_TEST

/* The places that the contacts of one day and name touch, and what is known of them. */
static uint64_t place_of(int dimension, int32_t period)
{
	struct unsent unsent = read_it(disk);
	uint64_t position = UINT64_MAX;
	char code[5];

	wal_code(code, 0);
	ck_assert(unsent_place(&unsent, code, dimension, period, &position));
	unsent_done(&unsent);
	return position;
}

static void count_one(int32_t day)
{
	struct wal_contact contact = any_contact(day);

	contact.municipality = 0;
	contact.names[BY_SOURCE] = 1;
	contact.cell.is_ignored = false;
	list_contact(&contact);
	wal_contact(wal, &contact);
	list->open_len = 0;
	wal_block(wal);
}

START_TEST(where_a_place_was_before_is_known)
{
	int32_t month = period_of(WINDOW_MONTH, DAY).first;

	begin_segment(1, 1000);
	count_one(DAY);
	end_segment(1100);
	ck_assert_int_eq(fold_with(disk, 1, FOLD_UNSENT_GONE, 0), 0);
	begin_segment(2, 1100);
	count_one(DAY);
	count_one(DAY - 1);
	freeze_at(1200);
	count_one(DAY - 2);
	end_segment(1300);
	fold_kept(2, 0);
	ck_assert_uint_eq(place_of(-1, DAY), 1001); /* as the totals had it */
	ck_assert_uint_eq(place_of(BY_SOURCE, month), 1001);
	ck_assert_uint_eq(place_of(-1, DAY - 1), 0); /* nothing was there */
	ck_assert_uint_eq(place_of(-1, DAY - 2), 0);
	begin_segment(3, 1300);
	count_one(DAY);
	freeze_at(1400);
	count_one(DAY - 1);
	end_segment(1500);
	fold_kept(3, 0);
	/* The batch of 1200 was settled before the next was marked. */
	ck_assert_uint_eq(place_of(-1, DAY), 1200);
	ck_assert_uint_eq(place_of(BY_SOURCE, month), 1200);
	ck_assert_uint_eq(place_of(-1, DAY - 1), 1200);
	ck_assert_uint_eq(place_of(-1, DAY - 2), 0);
}
END_TEST

START_TEST(cut_off_anywhere_it_is_the_same_in_the_end)
{
	struct mem_disk *wanted;
	struct unsent unsent, again;
	int64_t n = 0;

	write_one(1);
	write_one(2);
	fold_kept(1, 0);
	wanted = mem_disk_copy(disk);
	ck_assert_int_eq(fold_with(wanted, 2, FOLD_UNSENT_KEPT, 0), 0);
	unsent = read_it(wanted);
	for (bool is_done = false; !is_done; n++) {
		struct mem_disk *after = mem_disk_copy(disk);

		mem_disk_fail(after, MEM_CALL(MEM_RENAME), (uint64_t)n, 1, -EIO);
		is_done = fold_with(after, 2, FOLD_UNSENT_KEPT, 0) == 0;
		mem_disk_fail(after, 0, 0, 0, 0);
		ck_assert_int_eq(fold_with(after, 2, FOLD_UNSENT_KEPT, 0), 0);
		check_sums(after, groups[1], groups[2], 1500, 2500);
		again = read_it(after);
		sums_check_same("places", again.places, unsent.places);
		unsent_done(&again);
		mem_disk_free(after);
	}
	ck_assert_int_gt(n, 3);
	unsent_done(&unsent);
	mem_disk_free(wanted);
}
END_TEST

START_TEST(any_damage_is_found)
{
	size_t len;

	begin_segment(1, 1000);
	count_block(3);
	freeze_at(1500);
	count_block(3);
	end_segment(2000);
	fold_kept(1, 0);
	begin_segment(2, 2000);
	count_block(3);
	end_segment(2100);
	fold_run(2, 1);
	(void)mem_disk_bytes(disk, FILE_NAME, &len);
	for (size_t at = 0; at < len; at++) {
		struct mem_disk *bad = mem_disk_copy(disk);
		uint8_t *bytes = (uint8_t *)(uintptr_t)mem_disk_bytes(bad, FILE_NAME, &len);

		bytes[at] ^= 0x10;
		if (look(bad) != -EBADMSG)
			ck_abort_msg("byte %zu: %d", at, look(bad));
		mem_disk_free(bad);
	}
}
END_TEST

/* What follows is kept all the same; a start sees that it does not go back far enough. */
START_TEST(a_damaged_one_is_begun_anew)
{
	struct unsent unsent;
	uint8_t *bytes;
	size_t len;

	write_one(1);
	write_one(2);
	fold_kept(1, 0);
	bytes = (uint8_t *)(uintptr_t)mem_disk_bytes(disk, FILE_NAME, &len);
	bytes[9] ^= 1;
	fold_kept(2, 0);
	unsent = read_it(disk);
	ck_assert_uint_eq(unsent.frozen_from, 2000);
	unsent_done(&unsent);
}
END_TEST

static void spoil(uint64_t segment, int64_t at)
{
	char path[SEGMENT_PATH_MAX];
	size_t len;
	uint8_t *bytes;

	segment_path(path, WAL_DIR, segment);
	bytes = (uint8_t *)(uintptr_t)mem_disk_bytes(disk, path, &len);
	ck_assert_uint_lt((size_t)at, len);
	bytes[at] ^= 0x10;
}

/* The end of a batch may have lain in the hole: what came before it may be in Redis. */
START_TEST(with_a_hole_nothing_is_kept)
{
	int64_t hole;

	write_one(1);
	fold_kept(1, 0);
	begin_segment(2, 2000);
	count_block(20);
	hole = wal->at;
	freeze_at(2500);
	wal_block(wal);
	count_block(20);
	end_segment(3000);
	spoil(2, hole + BLOCK_HEAD_BYTES + 2);
	fold_kept(2, 0);
	ck_assert_int_eq(look(disk), -ENOENT);
	list->sums = groups[groups_len++];
	write_one(3);
	fold_kept(3, 0);
	check_sums(disk, groups[3], groups[4], 3000, 3500);
}
END_TEST

/* It was in a segment that could not be folded: the next one's header tells. */
START_TEST(behind_a_lost_end_it_is_begun_anew)
{
	struct totals *none = totals_new();

	write_one(1);
	fold_kept(1, 0);
	list->sums = groups[groups_len++];
	wal_begin_behind(wal, disk, 3, wal->sequence, 3000, 2500);
	count_block(20);
	end_segment(4000);
	fold_kept(3, 0);
	check_sums(disk, none, groups[2], 3000, 3000);
	totals_free(none);
}
END_TEST

/* Somebody has gone back to an older effortd: nothing is touched, and why is told. */
START_TEST(one_of_a_later_effortd_stops_folding)
{
	struct fold_paths these = paths;
	struct fold_result result = { 0 };
	struct error err = { "" };
	uint8_t *bytes;
	size_t len;
	uint64_t check;

	write_one(1);
	write_one(2);
	fold_kept(1, 0);
	bytes = (uint8_t *)(uintptr_t)mem_disk_bytes(disk, FILE_NAME, &len);
	bytes[8]++;
	check = XXH3_64bits(bytes, 64);
	memcpy(bytes + 64, &check, sizeof(check));
	these.unsent = FOLD_UNSENT_KEPT;
	these.writer = WAL_WRITER;
	ck_assert_int_eq(fold_segment(&disk->table, &these, 2, &result, &err), -EPROTONOSUPPORT);
	ck_assert_str_eq(err.text, "/totals/unsent: of a later effortd: use the effortd that wrote it");
	ck_assert_uint_eq(result.days + result.months + result.damages, 0);
}
END_TEST

START_TEST(what_is_damaged_in_one_is_told)
{
	struct fold_paths these = paths;
	struct fold_result result = { 0 };
	struct error err = { "" };
	size_t len;

	write_one(1);
	write_one(2);
	fold_kept(1, 0);
	((uint8_t *)(uintptr_t)mem_disk_bytes(disk, FILE_NAME, &len))[9] ^= 1;
	these.unsent = FOLD_UNSENT_KEPT;
	these.writer = WAL_WRITER;
	ck_assert_int_eq(fold_segment(&disk->table, &these, 2, &result, &err), 0);
	ck_assert_str_eq(err.text, "/totals/unsent: damaged: its head does not fit");
	ck_assert_uint_eq(result.damages, 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_batch_on_its_way_and_what_is_in_none_are_kept,
		what_redis_is_known_to_have_goes,
		runs_are_kept_apart,
		more_runs_than_are_kept_apart,
		nothing_is_kept_of_another_writer,
		where_a_place_was_before_is_known,
		cut_off_anywhere_it_is_the_same_in_the_end,
		any_damage_is_found,
		a_damaged_one_is_begun_anew,
		with_a_hole_nothing_is_kept,
		behind_a_lost_end_it_is_begun_anew,
		one_of_a_later_effortd_stops_folding,
		what_is_damaged_in_one_is_told,
	};

	return RUN_TESTS_WITHIN("journal/unsent", tests, begin, end);
}
