/* SPDX-License-Identifier: MPL-2.0 */
/* The journal as a whole: what is told durable is there after a start, in whatever state the disk is left;
 * when commits begin; segments, their words and their end; how it goes on when the disk fails. */
#include "journal_bed.h"

static struct bed_seen seen;

/* --- appending and committing --- */

START_TEST(what_is_durable_is_there_after_a_start)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct journal_found found;

	bed_open(bed, &(struct replay){ 0 });
	ck_assert_uint_eq(journal_last(bed->journal), journal_durable(bed->journal));
	bed_append(bed, 1000);
	ck_assert_uint_eq(journal_last(bed->journal), journal_durable(bed->journal) + 1);
	bed_settle(bed, 10);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	found = bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.effects, 1000);
	ck_assert_uint_eq(found.damages, 0);
	bed_check(bed, &seen);
	bed_free(bed);
}
END_TEST

START_TEST(nothing_is_told_durable_before_it_is)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	journal_commit(bed->journal);
	ck_assert_uint_lt(bed->durable, journal_last(bed->journal));
	ck_assert(bed_work(bed));
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	bed_free(bed);
}
END_TEST

START_TEST(one_commit_is_on_its_way_at_a_time)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	journal_commit(bed->journal);
	bed_append(bed, 10);
	ck_assert_uint_eq(bed->block[19], bed->block[0] + 1);
	bed_mono_ms += 100;
	journal_commit(bed->journal);
	ck_assert_ptr_ne(bed->first_job, NULL);
	ck_assert_ptr_eq(bed->first_job->next, NULL);
	ck_assert(bed_work(bed));
	ck_assert_uint_eq(bed->durable, bed->block[0]);
	ck_assert(bed_work(bed)); /* the second goes on by itself */
	ck_assert_uint_eq(bed->durable, bed->block[19]);
	ck_assert(!bed_work(bed));
	bed_free(bed);
}
END_TEST

START_TEST(commits_keep_a_distance_unless_much_waits)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 1);
	journal_commit(bed->journal);
	ck_assert(bed_work(bed));
	bed_append(bed, 1);
	journal_commit(bed->journal);
	ck_assert_ptr_eq(bed->first_job, NULL);
	ck_assert_int_eq(bed->wake_ms, JOURNAL_SPACING_MS);
	bed_append(bed, JOURNAL_COMMIT_BYTES / 32);
	journal_commit(bed->journal);
	ck_assert_ptr_ne(bed->first_job, NULL);
	ck_assert(bed_work(bed));
	bed_append(bed, 1);
	bed_mono_ms += JOURNAL_SPACING_MS;
	journal_tick(bed->journal);
	ck_assert_ptr_ne(bed->first_job, NULL);
	bed_free(bed);
}
END_TEST

START_TEST(nothing_to_do_is_nothing_done)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	uint64_t calls;

	bed_open(bed, &(struct replay){ 0 });
	calls = bed->disk->calls;
	bed_pass(bed, 2000);
	ck_assert_uint_eq(bed->disk->calls, calls);
	ck_assert_int_eq(bed->states, 0);
	bed_free(bed);
}
END_TEST

START_TEST(many_blocks_come_back)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	for (uint32_t i = 0; i < 1000; i++) {
		bed_append(bed, i % 7);
		bed_settle(bed, 10);
	}
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.damages + seen.nameless, 0);
	ck_assert_uint_eq(seen.effects, bed->effects);
	bed_check(bed, &seen);
	for (uint32_t i = 0; i < bed->effects; i++)
		ck_assert_uint_eq(seen.at_block[i], bed->block[i]);
	bed_free(bed);
}
END_TEST

START_TEST(a_block_larger_than_a_piece_of_memory_comes_back)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	bed->disk->write_max = 10000;
	bed_append(bed, BED_EFFECTS);
	bed_settle(bed, 10);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.blocks, 1);
	ck_assert_uint_eq(seen.effects, BED_EFFECTS);
	bed_check(bed, &seen);
	bed_free(bed);
}
END_TEST

/* --- words --- */

static void no_more(void *ctx, const struct name_record *record, const struct name_amount *more)
{
	(void)ctx, (void)record, (void)more;
}

static uint32_t add_name(struct bed *bed, int32_t month, const char *name)
{
	struct name_amount one = { .events = 1, .contacts = 1 };
	uint32_t number;

	ck_assert_int_eq(names_add(bed->names, 3, BY_UNIT, month, str_of(name), one, 0, &number), 0);
	return number;
}

static char told[8][32];
static uint32_t told_names;

static int tell_name(void *ctx, uint32_t number, const struct name_text *text)
{
	(void)ctx;
	ck_assert_uint_eq(number, told_names);
	snprintf(told[told_names++], 32, "%.*s", STR_ARG(text->name));
	return 0;
}

static uint32_t used[8], used_len;

static int tell_effect(void *ctx, const struct effect *effect)
{
	(void)ctx;
	used[used_len++] = effect->names[BY_UNIT];
	return 0;
}

/* Records of names are used again for other names; in a segment a number never is. */
START_TEST(a_number_used_again_is_another_name)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct replay replay = { .on_name = tell_name, .on_effect = tell_effect };
	struct effect effect = bed_effect_of(0);
	struct journal_found found;
	uint32_t first;

	names_free(bed->names);
	bed->settings.names = bed->names = names_new(100, 32);
	bed_open(bed, &(struct replay){ 0 });
	first = effect.names[BY_UNIT] = add_name(bed, 20000, "old");
	ck_assert_int_eq(journal_effect(bed->journal, &effect), 0);
	effect.names[BY_UNIT] = UINT32_MAX;
	for (int i = 0; i < 13; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		add_name(bed, 20758, name);
	}
	names_cut(bed->names, no_more, NULL);
	names_freeze(bed->names);
	names_settle(bed->names);
	/* Records that became free are taken again, in an order that is not ours to know. */
	for (int i = 0; i < 16 && effect.names[BY_UNIT] != first; i++) {
		char name[16];

		snprintf(name, sizeof(name), "new%d", i);
		effect.names[BY_UNIT] = add_name(bed, 20758, name);
	}
	ck_assert_uint_eq(effect.names[BY_UNIT], first);
	ck_assert_int_eq(journal_effect(bed->journal, &effect), 0);
	ck_assert_int_eq(journal_effect(bed->journal, &effect), 0);
	bed_settle(bed, 10);
	ck_assert_int_eq(journal_replay(&bed->settings, &replay, NULL, &found, NULL), 0);
	ck_assert_uint_eq(told_names, 2);
	ck_assert_str_eq(told[0], "old");
	ck_assert_int_eq(strncmp(told[1], "new", 3), 0);
	ck_assert_uint_eq(used_len, 3);
	ck_assert(used[0] == 0 && used[1] == 1 && used[2] == 1);
	bed_free(bed);
}
END_TEST

/* --- segments --- */

static size_t segment_count(struct bed *bed)
{
	uint64_t *list = NULL;
	size_t n;

	ck_assert_int_eq(segment_list(&bed->disk->table, BED_DIR, &list, &n), 0);
	free(list);
	return n;
}

START_TEST(a_cut_ends_the_segment)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct journal_status status;

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	bed_put_mark(bed, MARK_CUT);
	bed_append(bed, 10);
	ck_assert_uint_eq(bed->block[10], bed->block[9] + 1);
	bed_settle(bed, 10);
	ck_assert_uint_eq(bed->sealed_len, 1);
	ck_assert_uint_eq(bed->sealed[0], 1);
	ck_assert_uint_eq(segment_count(bed), 2);
	journal_status(bed->journal, &status);
	ck_assert_uint_eq(status.segment, 2);
	ck_assert_uint_eq(status.segments, 2);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.effects, 20);
	ck_assert_uint_eq(seen.damages + seen.nameless, 0);
	journal_folded(bed->journal, 1);
	while (bed_work(bed))
		;
	ck_assert_uint_eq(segment_count(bed), 1);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.effects, 10);
	ck_assert_uint_eq(seen.damages + seen.nameless, 0);
	bed_free(bed);
}
END_TEST

/* Ten effects in the first segment, which is folded: the only file there is. */
static void open_and_fold(struct bed *bed)
{
	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	bed_put_mark(bed, MARK_CUT);
	bed_settle(bed, 10);
	journal_folded(bed->journal, 1);
	while (bed_work(bed))
		;
}

START_TEST(the_last_segment_is_not_removed)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	open_and_fold(bed);
	ck_assert_uint_eq(segment_count(bed), 1);
	bed_append(bed, 10);
	bed_settle(bed, 10);
	ck_assert_uint_eq(segment_count(bed), 1);
	bed_kill(bed);
	bed_open(bed, &(struct replay){ 0 });
	ck_assert_uint_eq(bed->found.last_segment, 2);
	bed_free(bed);
}
END_TEST

/* The next one fails while the last is on its way out, at each sync there is. */
START_TEST(a_segment_stays_when_the_next_one_fails)
{
	for (int skip = 0; skip < 8; skip++) {
		struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
		struct journal_status status;

		open_and_fold(bed);
		mem_disk_fail(bed->disk, MEM_CALL(MEM_SYNC), skip, 1, -EIO);
		bed_append(bed, 10);
		journal_commit(bed->journal);
		for (int i = 0; i < 3; i++) {
			bed_mono_ms += 10;
			journal_tick(bed->journal);
			(void)bed_work(bed);
			ck_assert_uint_ge(segment_count(bed), 1);
			journal_status(bed->journal, &status);
			ck_assert_uint_ge(status.segment, 1);
		}
		bed_settle(bed, 2000);
		ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
		bed_free(bed);
	}
}
END_TEST

START_TEST(a_freeze_ends_a_segment_that_is_large_enough)
{
	struct bed *bed = bed_new(10000);
	struct journal_status status;

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	bed_put_mark(bed, MARK_FREEZE);
	bed_settle(bed, 10);
	ck_assert_uint_eq(bed->sealed_len, 0);
	do {
		bed_append(bed, 1);
		journal_status(bed->journal, &status);
	} while (status.bytes + status.pending_bytes < 10500);
	ck_assert(!journal_wants_cut(bed->journal));
	bed_put_mark(bed, MARK_FREEZE);
	bed_settle(bed, 10);
	ck_assert_uint_eq(bed->sealed_len, 1);
	bed_append(bed, 400);
	ck_assert(journal_wants_cut(bed->journal));
	bed_put_mark(bed, MARK_FREEZE);
	ck_assert(!journal_wants_cut(bed->journal));
	bed_append(bed, 10);
	journal_ask_cut(bed->journal);
	ck_assert(journal_wants_cut(bed->journal));
	bed_put_mark(bed, MARK_FREEZE);
	ck_assert(!journal_wants_cut(bed->journal));
	bed_settle(bed, 10);
	ck_assert_uint_eq(bed->sealed_len, 3);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.effects, bed->effects);
	bed_free(bed);
}
END_TEST

START_TEST(several_cuts_wait_for_a_slow_disk)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	for (int i = 0; i < 5; i++) {
		bed_append(bed, 100);
		bed_put_mark(bed, MARK_CUT);
		journal_commit(bed->journal);
	}
	bed_settle(bed, 20);
	ck_assert_uint_eq(bed->sealed_len, 5);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.effects, 500);
	ck_assert_uint_eq(seen.damages + seen.nameless, 0);
	bed_free(bed);
}
END_TEST

static void check_writer(const struct bed *bed, uint64_t segment, const char *writer)
{
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;

	segment_path(path, BED_DIR, segment);
	ck_assert_int_eq(segment_head_read(&bed->disk->table, path, &head), 0);
	ck_assert_str_eq(head.writer, writer);
}

/* The last mark of the old name waits, and no segment is begun for it yet. */
START_TEST(a_segment_bears_the_name_of_who_wrote_it)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	bed_put_mark(bed, MARK_CUT);
	bed_settle(bed, 10);
	bed_put_mark(bed, MARK_CUT);
	snprintf(bed->identity.writer, sizeof(bed->identity.writer), "ffeeddccbbaa9988");
	bed_append(bed, 10);
	bed_put_mark(bed, MARK_CUT);
	bed_settle(bed, 10);
	check_writer(bed, 1, "00112233445566aa");
	check_writer(bed, 2, "00112233445566aa");
	check_writer(bed, 3, "ffeeddccbbaa9988");
	bed_free(bed);
}
END_TEST

START_TEST(a_start_knows_the_marks)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	uint64_t freeze, cut;
	struct journal_found found;

	bed->position = 100;
	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 5);
	freeze = bed_put_mark(bed, MARK_FREEZE);
	bed_append(bed, 5);
	bed->settled = 7;
	cut = bed_put_mark(bed, MARK_CUT);
	bed_append(bed, 5);
	bed_settle(bed, 10);
	found = bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(found.freeze, freeze);
	ck_assert_uint_eq(found.position, cut);
	ck_assert_uint_eq(found.cut, 101); /* the mark of the first start, which had nothing to close */
	ck_assert_uint_eq(found.settled, 7);
	ck_assert_int_eq(found.horizon_ms, seen.mark.horizon_ms);
	journal_folded(bed->journal, 1);
	while (bed_work(bed))
		;
	found = bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(found.freeze, freeze);
	ck_assert_uint_eq(found.position, cut);
	ck_assert_uint_eq(found.cut, cut);
	ck_assert_uint_eq(found.settled, 7);
	ck_assert_uint_eq(seen.marks, 0);
	bed_free(bed);
}
END_TEST

START_TEST(a_start_closes_what_was_open)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct replay replay = bed_replay(&seen);

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	bed_settle(bed, 10);
	bed_append(bed, 10);
	journal_commit(bed->journal); /* never done */
	bed_kill(bed);
	for (uint64_t start = 2; start < 6; start++) {
		replay = bed_replay(&seen);
		bed_open(bed, &replay);
		ck_assert_uint_eq(seen.effects, 10);
		ck_assert_uint_eq(seen.damages, 0);
		ck_assert_uint_eq(seen.marks, start - 2);
		ck_assert_uint_eq(bed->found.last_segment, start - 1);
		bed_kill(bed);
	}
	bed_free(bed);
}
END_TEST

START_TEST(numbers_begin_where_totals_ended)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct journal_status status;

	bed->settings.segment_floor = 57;
	bed_open(bed, &(struct replay){ 0 });
	journal_status(bed->journal, &status);
	ck_assert_uint_eq(status.segment, 57);
	bed_kill(bed);
	bed_open(bed, &(struct replay){ 0 });
	journal_status(bed->journal, &status);
	ck_assert_uint_eq(status.segment, 58);
	bed_free(bed);
}
END_TEST

static int leave_out_2(void *ctx, const struct segment_head *head)
{
	(void)ctx;
	return head->number == 2;
}

START_TEST(the_reader_may_leave_a_segment_out)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct replay replay;
	struct journal_found found;

	bed_open(bed, &(struct replay){ 0 });
	for (int i = 0; i < 3; i++) {
		bed_append(bed, 10);
		bed_put_mark(bed, MARK_CUT);
	}
	bed_settle(bed, 10);
	replay = bed_replay(&seen);
	ck_assert_int_eq(journal_replay(&bed->settings, &replay, leave_out_2, &found, NULL), 0);
	ck_assert_uint_eq(seen.effects, 20);
	ck_assert_uint_eq(found.segments, 2);
	ck_assert_str_eq(seen.what, "segment missing");
	ck_assert_uint_eq(seen.damages, 2);
	bed_free(bed);
}
END_TEST

/* --- limits --- */

START_TEST(a_slow_disk_is_told_and_over_again)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct effect effect = bed_effect_of(1);

	bed_open(bed, &(struct replay){ 0 });
	for (int i = 0; i < JOURNAL_PENDING_MAX / 32 + 1; i++)
		BED_MUST(journal_effect(bed->journal, &effect) == 0);
	journal_commit(bed->journal);
	ck_assert_int_eq(bed->state, JOURNAL_BEHIND);
	ck_assert(bed_work(bed));
	ck_assert_int_eq(bed->state, JOURNAL_FINE);
	ck_assert_int_eq(bed->states, 2);
	bed_free(bed);
}
END_TEST

START_TEST(the_quota_is_told_and_over_again)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed->settings.quota = 10000;
	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 300);
	bed_settle(bed, 10);
	ck_assert_int_eq(bed->state, JOURNAL_OVER_QUOTA);
	ck_assert(journal_wants_cut(bed->journal)); /* or it would never end */
	bed_put_mark(bed, MARK_CUT);
	bed_settle(bed, 10);
	ck_assert(!journal_wants_cut(bed->journal));
	journal_folded(bed->journal, bed->sealed[0]);
	ck_assert_int_eq(bed->state, JOURNAL_FINE);
	journal_set_quota(bed->journal, 1);
	bed_append(bed, 1);
	bed_settle(bed, 10);
	ck_assert_int_eq(bed->state, JOURNAL_OVER_QUOTA);
	journal_set_quota(bed->journal, 1000000);
	ck_assert_int_eq(bed->state, JOURNAL_FINE);
	bed_free(bed);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { what_is_durable_is_there_after_a_start,
				       nothing_is_told_durable_before_it_is,
				       one_commit_is_on_its_way_at_a_time,
				       commits_keep_a_distance_unless_much_waits,
				       nothing_to_do_is_nothing_done,
				       many_blocks_come_back,
				       a_block_larger_than_a_piece_of_memory_comes_back,
				       a_number_used_again_is_another_name,
				       a_cut_ends_the_segment,
				       the_last_segment_is_not_removed,
		a_segment_stays_when_the_next_one_fails,
				       a_freeze_ends_a_segment_that_is_large_enough,
				       several_cuts_wait_for_a_slow_disk,
				       a_segment_bears_the_name_of_who_wrote_it,
				       a_start_knows_the_marks,
				       a_start_closes_what_was_open,
				       numbers_begin_where_totals_ended,
				       the_reader_may_leave_a_segment_out,
				       a_slow_disk_is_told_and_over_again,
				       the_quota_is_told_and_over_again };

	return RUN_TESTS("journal/journal", tests);
}
