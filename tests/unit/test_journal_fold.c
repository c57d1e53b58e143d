/* SPDX-License-Identifier: MPL-2.0 */
/* Folding against a plain list of everything that was ever put into segments: whatever is folded when and
 * twice, the totals and the ids are those of the list. */
#include "journal_list.h"

#include "journal/alike.h"

#include <time.h>

/* --- folding --- */

START_TEST(a_segment_becomes_totals_and_ids)
{
	struct fold_result result;

	any_segment(1, 30);
	result = fold(disk, 1);
	ck_assert_uint_eq(result.ids, list->ids_len);
	ck_assert_uint_ge(result.effects, list->ids_len);
	ck_assert_uint_ge(result.days, 10);
	ck_assert_uint_ge(result.months, 2);
	ck_assert_uint_eq(result.holes + result.damages, 0);
	check_everything(disk);
}
END_TEST

START_TEST(an_empty_segment_changes_nothing)
{
	struct fold_result result;

	wal_begin(wal, disk, 1, 1, list->position);
	wal_end(wal);
	result = fold(disk, 1);
	ck_assert_uint_eq(result.effects + result.days + result.months + result.ids, 0);
	check_everything(disk);
}
END_TEST

START_TEST(segment_after_segment_adds_up)
{
	for (uint64_t s = 1; s <= 12; s++) {
		any_segment(s, 1 + dice(12));
		fold(disk, s);
		check_everything(disk);
	}
}
END_TEST

static uint64_t hash_of_files(const struct mem_disk *on)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < on->now.n; i++) {
		const struct mem_name *name = &on->now.list[i];
		uint64_t hash = 1469598103934665603u;

		if (name->file < 0)
			continue;
		for (const char *c = name->path; *c != '\0'; c++)
			hash = (hash ^ (uint8_t)*c) * 1099511628211u;
		for (size_t k = 0; k < on->files[name->file].now.len; k++)
			hash = (hash ^ on->files[name->file].now.ptr[k]) * 1099511628211u;
		sum += hash;
	}
	return sum;
}

START_TEST(folding_twice_is_folding_once)
{
	uint64_t hash;
	struct fold_result result;

	any_segment(1, 20);
	any_segment(2, 20);
	fold(disk, 1);
	fold(disk, 2);
	hash = hash_of_files(disk);
	disk->by_call[MEM_RENAME] = 0;
	result = fold(disk, 2);
	ck_assert_uint_eq(result.days + result.months, 0);
	ck_assert_uint_gt(result.effects, 0);
	ck_assert_uint_eq(hash_of_files(disk), hash);
	check_everything(disk);
}
END_TEST

/* Whichever segments the same contacts lay in, the files hold the same. */
START_TEST(where_segments_end_makes_no_difference)
{
	struct mem_disk *one = disk, *many = mem_disk_new();
	struct totals *a, *b;

	any_segment(1, 24);
	fold(one, 1);
	disk = many;
	mem_make_folder(many, WAL_DIR);
	mem_make_folder(many, "/totals");
	mem_make_folder(many, "/ids");
	totals_free(list->sums);
	memset(list, 0, sizeof(*list));
	list->sums = totals_new();
	list->position = 1000;
	seed = 1;
	memset(wal, 0, sizeof(*wal));
	for (uint64_t s = 1; s <= 4; s++) {
		wal_begin(wal, disk, s, s * 6 - 5, list->position);
		for (unsigned i = 0; i < 6; i++) {
			count_some(1 + dice(15));
			if (dice(3) == 0)
				mark(MARK_FREEZE);
			wal_block(wal);
		}
		if (s == 4)
			mark(MARK_CUT);
		wal_end(wal);
	}
	for (uint64_t s = 1; s <= 4; s++)
		fold(disk, s);
	a = all_files(one);
	b = all_files(many);
	sums_check_same("files", b, a);
	totals_free(a);
	totals_free(b);
	mem_disk_free(one);
}
END_TEST

START_TEST(an_event_that_is_not_remembered_is_counted_all_the_same)
{
	struct wal_contact contact = any_contact(DAY);

	contact.effect.id_day = 0;
	wal_begin(wal, disk, 1, 1, list->position);
	list_contact(&contact);
	wal_contact(wal, &contact);
	mark(MARK_CUT);
	wal_end(wal);
	ck_assert_uint_eq(fold(disk, 1).ids, 0);
	check_everything(disk);
}
END_TEST

/* --- segments whose disk failed --- */

/* Contacts of one block, put into two segments and counted once. */
static void count_in_both(struct wal *other, unsigned n)
{
	while (n-- > 0) {
		struct wal_contact contact = any_contact(any_day());

		list_contact(&contact);
		wal_contact(wal, &contact);
		wal_contact(other, &contact);
	}
}

static void mark_both(struct wal *other)
{
	uint64_t position = list_mark();

	wal_mark(wal, MARK_FREEZE, position);
	wal_mark(other, MARK_FREEZE, position);
}

/* 1: three durable blocks, then two that were written again to 2. */
static void failed_segment(void)
{
	struct wal *other = calloc(1, sizeof(*other));

	wal_begin(wal, disk, 1, 1, list->position);
	for (int i = 0; i < 3; i++) {
		count_some(8);
		if (i == 0)
			mark(MARK_FREEZE);
		wal_block(wal);
	}
	wal_begin(other, disk, 2, 4, list->position);
	count_in_both(other, 5);
	wal_block(wal);
	wal_block(other);
	count_in_both(other, 5);
	mark_both(other);
	wal_block(wal);
	wal_block(other);
	wal_end(wal);
	*wal = *other;
	free(other);
}

START_TEST(blocks_written_again_count_once)
{
	failed_segment();
	count_some(7);
	mark(MARK_CUT);
	wal_end(wal);
	fold(disk, 1);
	fold(disk, 1);
	mem_disk_drop(disk, "/journal/0000000000000001.wal");
	fold(disk, 2);
	check_everything(disk);
}
END_TEST

START_TEST(blocks_written_again_count_once_wherever_power_goes)
{
	failed_segment();
	mark(MARK_CUT);
	wal_end(wal);
	for (uint64_t at = 0; at < 60; at++) {
		struct mem_disk *after = mem_disk_copy(disk);
		struct fold_result result;

		mem_disk_fail(after, MEM_ANY, at, UINT64_MAX, -EIO);
		(void)try_fold(after, 1, &result, NULL);
		mem_disk_cut_power(after, at);
		fold(after, 1);
		fold(after, 2);
		check_everything(after);
		mem_disk_free(after);
	}
}
END_TEST

START_TEST(blocks_written_again_count_once_whatever_fails)
{
	static const int errors[] = { -EIO, -EMFILE, -EACCES, -ENOMEM };
	uint64_t calls;

	failed_segment();
	mark(MARK_CUT);
	wal_end(wal);
	for (int e = 0; e < 4; e++) {
		calls = 1;
		for (uint64_t at = 0; at < calls; at++) {
			struct mem_disk *after = mem_disk_copy(disk);
			struct fold_result result;

			mem_disk_fail(after, MEM_ANY, at, 1, errors[e]);
			(void)try_fold(after, 1, &result, NULL);
			calls = after->failed > 0 ? at + 2 : at;
			mem_disk_fail(after, 0, 0, 0, 0);
			fold(after, 1);
			fold(after, 2);
			check_everything(after);
			mem_disk_free(after);
		}
	}
}
END_TEST

START_TEST(what_no_mark_covers_waits)
{
	struct fold_result result;
	struct error err = { "" };

	wal_begin(wal, disk, 1, 1, list->position);
	count_some(10);
	wal_end(wal);
	ck_assert_int_eq(try_fold(disk, 1, &result, &err), -EAGAIN);
	ck_assert_ptr_nonnull(strstr(err.text, "segment 1 ends without a mark"));
	wal_begin(wal, disk, 2, 2, list->position);
	count_some(10);
	wal_block(wal);
	ck_assert_int_eq(try_fold(disk, 1, &result, &err), -EAGAIN);
	mark(MARK_FREEZE); /* of what the first segment ends with, too */
	wal_end(wal);
	fold(disk, 1);
	fold(disk, 2);
	check_everything(disk);
}
END_TEST

/* --- sums and positions --- */

static int add_to_sum(void *ctx, const char *code, const struct standing_text *standing,
		      const struct cell *cell, int64_t count, int64_t seconds)
{
	struct totals *sum = ctx;
	struct cell as = *cell;

	if (cell->day < DAY - 30 || cell->day >= DAY)
		return 0;
	as.municipality = (uint16_t)totals_municipality(sum, code);
	as.standing = (uint16_t)totals_standing(sum, standing);
	as.day = DAY - 30;
	return totals_add(sum, cell_pack(&as), count, seconds);
}

static int name_to_sum(void *ctx, const char *code, enum dimension dimension, int32_t period,
		       struct effort_str name, const struct name_amount *amount, int64_t last_ms)
{
	struct totals *sum = ctx;

	if (dimension != BY_REASON || period < DAY - 30 || period >= DAY)
		return 0;
	return totals_add_name(sum, (uint16_t)totals_municipality(sum, code), dimension, DAY - 30, name,
			       amount, last_ms);
}

static int position_to_sum(void *ctx, const char *code, int dimension, int32_t period, uint64_t position)
{
	struct totals *sum = ctx;

	if (dimension >= 0 || period < DAY - 30 || period >= DAY)
		return 0;
	return totals_place(sum, (uint16_t)totals_municipality(sum, code), -1, DAY - 30, position);
}

START_TEST(a_period_is_the_sum_of_its_days)
{
	struct totals *wanted = totals_new(), *found;
	const struct totals_visit visit = { wanted, add_to_sum, name_to_sum, position_to_sum };
	uint64_t damaged = 99;
	struct error err;

	for (uint64_t s = 1; s <= 3; s++) {
		any_segment(s, 20);
		fold(disk, s);
	}
	ck_assert_int_eq(totals_visit(list->sums, &visit), 0);
	ck_assert_int_eq(fold_sum(&disk->table, "/totals", DAY - 30, DAY, &found, &damaged, &err), 0);
	ck_assert_uint_eq(damaged, 0);
	sums_check_same("period", found, wanted);
	ck_assert_uint_eq(totals_segment(found), 3);
	totals_free(found);
	totals_free(wanted);
}
END_TEST

static int only_position(void *ctx, const char *code, int dimension, int32_t period, uint64_t position)
{
	struct totals *totals = ctx;

	return totals_place(totals, (uint16_t)totals_municipality(totals, code), dimension, period, position);
}

START_TEST(positions_of_everything_are_found)
{
	struct totals *wanted = totals_new(), *found;
	const struct totals_visit visit = { wanted, NULL, NULL, only_position };
	struct error err;

	for (uint64_t s = 1; s <= 3; s++) {
		any_segment(s, 20);
		fold(disk, s);
	}
	ck_assert_int_eq(totals_visit(list->sums, &visit), 0);
	ck_assert_int_eq(fold_positions(&disk->table, "/totals", &found, &err), 0);
	ck_assert_str_eq(err.text, "");
	sums_check_same("positions", found, wanted);
	ck_assert_uint_eq(totals_segment(found), 3);
	totals_free(found);
	totals_free(wanted);
	ck_assert_int_eq(fold_positions(&disk->table, "/nowhere", &found, &err), 0);
	totals_free(found);
}
END_TEST

/* A fold that was cut off shows in what is read. */
START_TEST(half_a_fold_shows)
{
	struct fold_result result;
	struct totals *found;
	struct error err;

	any_segment(1, 20);
	any_segment(2, 20);
	fold(disk, 1);
	mem_disk_fail(disk, MEM_CALL(MEM_RENAME), 3, 1, -EIO);
	ck_assert_int_eq(try_fold(disk, 2, &result, &err), -EIO);
	ck_assert_int_eq(fold_positions(&disk->table, "/totals", &found, &err), 0);
	ck_assert_uint_eq(totals_segment(found), 2);
	totals_free(found);
	fold(disk, 2);
	check_everything(disk);
}
END_TEST

/* --- much --- */

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* A hundred thousand contacts; then three hundred days at a time. */
START_TEST(much_is_folded_in_time)
{
	double ms;
	struct fold_result result;
	struct totals *files;

	wal_begin(wal, disk, 1, 1, list->position);
	for (int i = 0; i < 200; i++) {
		for (int k = 0; k < 500; k++) {
			struct wal_contact contact = any_contact(DAY - (int32_t)dice(2));

			list_contact(&contact);
			wal_contact(wal, &contact);
		}
		mark(MARK_FREEZE);
		wal_block(wal);
	}
	wal_end(wal);
	ms = now_ms();
	result = fold(disk, 1);
	ms = now_ms() - ms;
	printf("%llu effects, %lld bytes: folded into %llu days in %.0f ms\n",
	       (unsigned long long)result.effects, (long long)wal->at, (unsigned long long)result.days, ms);
	ck_assert_double_lt(ms, 10000);
	wal_begin(wal, disk, 2, 201, list->position);
	for (int32_t day = DAY - 300; day < DAY; day++) {
		struct wal_contact contact = any_contact(day);

		memset(contact.names, 0xff, sizeof(contact.names));
		list_contact(&contact);
		wal_contact(wal, &contact);
	}
	mark(MARK_CUT);
	wal_end(wal);
	ck_assert_uint_eq(fold(disk, 2).days, 300);
	files = all_files(disk);
	sums_check_same("files", files, list->sums);
	totals_free(files);
}
END_TEST

/* No two of them are alike, and no mark lies between them. */
START_TEST(more_than_is_held_at_once_is_counted)
{
	struct wal_contact contact = any_contact(DAY);

	memset(contact.names, 0xff, sizeof(contact.names));
	contact.effect.id_day = 0;
	wal_begin(wal, disk, 1, 1, list->position);
	for (int i = 0; i < ALIKE_MAX + 1000; i++) {
		contact.effect.count = i + 1;
		list->open_len = 0; /* the same place every time */
		list_contact(&contact);
		wal_contact(wal, &contact);
		if (i % 500 == 499)
			wal_block(wal);
	}
	mark(MARK_CUT);
	wal_end(wal);
	ck_assert_uint_eq(fold(disk, 1).effects, ALIKE_MAX + 1000);
	check_everything(disk);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_segment_becomes_totals_and_ids,
		an_empty_segment_changes_nothing,
		segment_after_segment_adds_up,
		folding_twice_is_folding_once,
		where_segments_end_makes_no_difference,
		an_event_that_is_not_remembered_is_counted_all_the_same,
		blocks_written_again_count_once,
		blocks_written_again_count_once_wherever_power_goes,
		blocks_written_again_count_once_whatever_fails,
		what_no_mark_covers_waits,
		a_period_is_the_sum_of_its_days,
		positions_of_everything_are_found,
		half_a_fold_shows,
		much_is_folded_in_time,
		more_than_is_held_at_once_is_counted,
	};

	return RUN_TESTS_WITHIN("journal/fold", tests, set_up, tear_down);
}
