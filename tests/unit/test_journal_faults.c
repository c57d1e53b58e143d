/* SPDX-License-Identifier: MPL-2.0 */
/* A disk that fails: every call of every kind, once and several times in a row, full disks, short writes, and
 * the power going at every call that changes something. Whatever happens, what was told durable is there
 * once, what was not at most once, whether all segments are read in a row or each by itself, and the journal
 * goes on by itself. */
#include "journal_bed.h"

static struct bed_seen seen, seen_alone;

/* A small life: commits, freezes, cuts, several segments. */
static void live(struct bed *bed)
{
	for (int i = 0; i < 8; i++) {
		bed_append(bed, 15);
		journal_commit(bed->journal);
		bed_append(bed, 5);
		if (i % 4 == 1)
			bed_put_mark(bed, MARK_FREEZE);
		bed_settle(bed, 4);
		if (i % 3 == 2)
			bed_put_mark(bed, MARK_CUT);
		bed_settle(bed, i % 2 == 0 ? 4 : 0);
	}
}

/* Every segment by itself, as folding reads them. */
static void read_alone(const struct bed *bed, const struct mem_disk *disk, struct bed_seen *to)
{
	struct replay replay = bed_replay(to);
	uint64_t *list = NULL;
	size_t n;

	ck_assert_int_eq(segment_list(&disk->table, BED_DIR, &list, &n), 0);
	for (size_t i = 0; i < n; i++) {
		char path[SEGMENT_PATH_MAX];
		struct segment_head head;
		struct segment_end end;

		segment_path(path, bed->settings.dir, list[i]);
		ck_assert_int_eq(segment_read(&disk->table, path, &replay, &head, &end), 0);
	}
	free(list);
}

static void check_disk(const struct bed *bed, const struct mem_disk *disk)
{
	bed_read(bed, disk, &seen);
	bed_check(bed, &seen);
	read_alone(bed, disk, &seen_alone);
	ck_assert_int_eq(memcmp(seen.times, seen_alone.times, sizeof(seen.times)), 0);
	ck_assert_uint_eq(seen.nameless, 0);
}

/* A start on what is left: what was found stays, and what comes is added. */
static void check_start(const struct bed *bed, struct mem_disk *disk)
{
	static struct bed next;
	static uint64_t seed;
	struct replay replay = bed_replay(&seen);
	uint64_t found;

	next = *bed;
	next.disk = disk;
	next.settings.disk = &disk->table;
	next.settings.commits.ctx = &next;
	next.is_eager = true;
	next.sealed_len = 0;
	bed_open(&next, &replay);
	bed_check(bed, &seen);
	found = seen.effects;
	for (uint32_t i = 0; i < next.effects; i++)
		next.block[i] = seen.times[i] == 1 ? 0 : BED_NEVER;
	bed_append(&next, 20);
	bed_settle(&next, 10);
	ck_assert_uint_eq(next.durable, journal_last(next.journal));
	journal_close(next.journal);
	mem_disk_cut_power(disk, seed++);
	bed_read(&next, disk, &seen);
	bed_check(&next, &seen);
	ck_assert_uint_eq(seen.effects, found + 20);
}

/* --- one kind of fault --- */

struct fault_plan {
	unsigned calls;
	int error;
	uint64_t times;
};

/* A life with the fault after `skip` calls, and everything that must hold behind it. False: it came too late.
 */
static bool survive(const struct fault_plan *faults, uint64_t skip)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct mem_disk *after;
	bool has_failed;

	bed_open(bed, &(struct replay){ 0 });
	mem_disk_fail(bed->disk, faults->calls, skip, faults->times, faults->error);
	live(bed);
	bed_pass(bed, (int64_t)(faults->times + 3) * JOURNAL_RETRY_MS);
	has_failed = bed->disk->failed > 0;
	bed->disk->fail_calls = 0;
	ck_assert_msg(bed->state == JOURNAL_FINE, "call %lu x %lu: %s", skip, faults->times, bed->why);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	check_disk(bed, bed->disk);
	ck_assert_uint_eq(seen.effects, bed->effects);
	ck_assert_msg(seen.damages == 0, "call %lu x %lu: %s", skip, faults->times, seen.what);
	for (uint64_t seed = 0; seed < 4; seed++) {
		after = mem_disk_copy(bed->disk);
		mem_disk_cut_power(after, seed);
		check_disk(bed, after);
		ck_assert_uint_eq(seen.effects, bed->effects);
		check_start(bed, after);
		mem_disk_free(after);
	}
	bed_free(bed);
	return has_failed;
}

static void survive_everywhere(unsigned calls, int error)
{
	static const uint64_t times[] = { 1, 2, 3, 5 };

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		const struct fault_plan faults = { calls, error, times[i] };
		uint64_t skip = 0;

		while (survive(&faults, skip))
			skip++;
		ck_assert_uint_ge(skip, 2);
	}
}

START_TEST(a_sync_that_fails)
{
	survive_everywhere(MEM_CALL(MEM_SYNC), -EIO);
}
END_TEST

START_TEST(a_sync_that_finds_no_space)
{
	survive_everywhere(MEM_CALL(MEM_SYNC), -ENOSPC);
}
END_TEST

START_TEST(a_write_that_fails)
{
	survive_everywhere(MEM_CALL(MEM_WRITE), -EIO);
}
END_TEST

START_TEST(a_write_that_finds_no_space)
{
	survive_everywhere(MEM_CALL(MEM_WRITE), -ENOSPC);
	survive_everywhere(MEM_CALL(MEM_WRITE), -EDQUOT);
}
END_TEST

START_TEST(a_segment_that_cannot_be_made)
{
	survive_everywhere(MEM_CALL(MEM_OPEN), -EMFILE);
	survive_everywhere(MEM_CALL(MEM_RENAME), -EIO);
	survive_everywhere(MEM_CALL(MEM_SYNC_FOLDER), -EIO);
	survive_everywhere(MEM_CALL(MEM_SYNC_FOLDER), -ENOSPC);
}
END_TEST

START_TEST(everything_that_fails_for_a_while)
{
	survive_everywhere(MEM_ANY, -EIO);
}
END_TEST

/* --- states --- */

START_TEST(one_failure_is_mended_at_once_two_are_told)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	mem_disk_fail(bed->disk, MEM_CALL(MEM_SYNC), 0, 1, -EIO);
	bed_append(bed, 5);
	bed_settle(bed, 5);
	ck_assert_int_eq(bed->states, 0);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	mem_disk_fail(bed->disk, MEM_CALL(MEM_SYNC), 0, 3, -EIO);
	bed_append(bed, 5);
	bed_settle(bed, 5);
	ck_assert_int_eq(bed->state, JOURNAL_STALLED);
	ck_assert_ptr_ne(strstr(bed->why, BED_DIR), NULL);
	ck_assert_ptr_ne(strstr(bed->why, strerror(EIO)), NULL);
	ck_assert_int_le(bed->wake_ms, JOURNAL_RETRY_MS);
	bed_pass(bed, 2 * JOURNAL_RETRY_MS + 10);
	ck_assert_int_eq(bed->state, JOURNAL_FINE);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	bed_free(bed);
}
END_TEST

/* A file whose sync failed is not written and not synced again. */
static const char *left;

static int watch_left(void *ctx, enum mem_call call, const char *path)
{
	(void)ctx;
	if (left != NULL && strcmp(path, left) == 0)
		ck_assert_msg(call != MEM_SYNC && call != MEM_WRITE, "%s again", path);
	return 0;
}

START_TEST(a_file_that_failed_is_left_alone)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 5);
	bed_settle(bed, 5);
	mem_disk_fail(bed->disk, MEM_CALL(MEM_SYNC), 0, 1, -EIO);
	bed_append(bed, 5);
	journal_commit(bed->journal);
	bed_mono_ms++;
	ck_assert(bed_work(bed));
	left = BED_DIR "/0000000000000001.wal";
	bed->disk->on_call = watch_left;
	bed_pass(bed, 1000);
	bed_append(bed, 5);
	bed_put_mark(bed, MARK_CUT);
	bed_pass(bed, 10);
	left = NULL;
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	/* It is sealed when the mark that covers it is durable. */
	ck_assert_uint_eq(bed->sealed_len, 2);
	ck_assert_uint_eq(bed->sealed[0], 1);
	ck_assert_uint_eq(bed->sealed[1], 2);
	bed_free(bed);
}
END_TEST

/* Five effects, and five more whose sync fails: they go to the second segment, and lie in the first one too. */
static void open_and_take_over(struct bed *bed)
{
	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 5);
	bed_settle(bed, 5);
	mem_disk_fail(bed->disk, MEM_CALL(MEM_SYNC), 0, 1, -EIO);
	bed_append(bed, 5);
	bed_settle(bed, 5);
}

START_TEST(the_mark_behind_a_segment_that_failed)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	struct mark mark;
	uint64_t position;

	open_and_take_over(bed);
	ck_assert_int_eq(segment_next_mark(bed->settings.disk, BED_DIR, 1, bed->identity.writer, &mark),
			 -ENOENT);
	position = bed_put_mark(bed, MARK_FREEZE);
	bed_put_mark(bed, MARK_FREEZE);
	bed_settle(bed, 5);
	ck_assert_int_eq(segment_next_mark(bed->settings.disk, BED_DIR, 1, bed->identity.writer, &mark), 0);
	ck_assert_uint_eq(mark.position, position);
	bed_free(bed);
}
END_TEST

static int count_effect(void *ctx, const struct effect *effect)
{
	(void)effect;
	++*(uint32_t *)ctx;
	return 0;
}

/* What a sync left behind lies in the segment that failed, too: where the next one cannot be opened, nothing is read. */
START_TEST(a_neighbour_that_cannot_be_opened)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	int refused = 0;

	open_and_take_over(bed);
	bed_kill(bed);
	for (uint64_t skip = 0; skip < 12; skip++) {
		uint32_t effects = 0;
		struct journal_found found;
		struct error error;
		int r;

		mem_disk_fail(bed->disk, MEM_CALL(MEM_OPEN), skip, 1, -EMFILE);
		r = journal_replay(&bed->settings, &(struct replay){ .ctx = &effects, .on_effect = count_effect }, NULL,
				   &found, &error);
		mem_disk_fail(bed->disk, 0, 0, 0, 0);
		ck_assert_msg(r < 0 || effects == 10, "%u effects", effects);
		refused += r < 0;
	}
	ck_assert_int_gt(refused, 2);
	bed_free(bed);
}
END_TEST

/* The block that brought the words along is damaged: they stand again behind it. */
START_TEST(the_words_of_a_segment_that_took_over)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	size_t len;
	uint64_t block;

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 3000);
	bed_settle(bed, 5);
	mem_disk_fail(bed->disk, MEM_CALL(MEM_SYNC), 0, 1, -EIO);
	bed_append(bed, 5);
	block = journal_last(bed->journal);
	bed_settle(bed, 5);
	bed_append(bed, 100);
	bed_settle(bed, 5);
	bed_append(bed, 100);
	bed_settle(bed, 5);
	bed_kill(bed);
	mem_disk_bytes(bed->disk, BED_DIR "/0000000000000002.wal", &len)[500] ^= 1;
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.damages, 1);
	ck_assert(seen.damage.first_block == block && seen.damage.last_block == block);
	ck_assert_uint_eq(seen.effects, 3200);
	ck_assert_uint_eq(seen.nameless, 0);
	bed_free(bed);
}
END_TEST

/* --- a full disk --- */

START_TEST(a_full_disk_takes_the_reserve_and_goes_on_when_there_is_space)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	bed->disk->capacity = mem_used(bed->disk) + 1000;
	bed_append(bed, 300);
	bed_settle(bed, 10);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal)); /* in the reserve's place */
	ck_assert_int_eq(bed->state, JOURNAL_FULL);
	bed_pass(bed, 3000);
	ck_assert_int_eq(bed->state, JOURNAL_FULL);
	bed->disk->capacity = mem_used(bed->disk);
	bed_append(bed, 10);
	bed_pass(bed, 3000);
	ck_assert_uint_lt(bed->durable, journal_last(bed->journal));
	ck_assert_ptr_ne(strstr(bed->why, strerror(ENOSPC)), NULL);
	bed->disk->capacity += 1000000; /* enough for what waits, not for the reserve */
	bed_pass(bed, 3000);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	ck_assert_int_eq(bed->state, JOURNAL_FULL);
	bed->disk->capacity += JOURNAL_RESERVE_BYTES;
	bed_pass(bed, 3000);
	ck_assert_int_eq(bed->state, JOURNAL_FINE);
	check_disk(bed, bed->disk);
	ck_assert_uint_eq(seen.damages, 0);
	bed_free(bed);
}
END_TEST

START_TEST(a_full_disk_at_every_size)
{
	for (int64_t room = 0; room < 16000; room += 333) {
		struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

		bed_open(bed, &(struct replay){ 0 });
		bed->disk->write_max = 700;
		bed->disk->capacity = mem_used(bed->disk) - JOURNAL_RESERVE_BYTES + room;
		live(bed);
		bed_pass(bed, 2000);
		check_disk(bed, bed->disk);
		bed->disk->capacity += 2 * JOURNAL_RESERVE_BYTES;
		bed_pass(bed, 2000);
		ck_assert_int_eq(bed->state, JOURNAL_FINE);
		ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
		check_disk(bed, bed->disk);
		ck_assert_uint_eq(seen.effects, bed->effects);
		ck_assert_uint_eq(seen.damages, 0);
		bed_free(bed);
	}
}
END_TEST

START_TEST(no_space_from_the_start)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed->disk->capacity = 1000000;
	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 10);
	bed_settle(bed, 10);
	ck_assert_int_eq(bed->state, JOURNAL_FULL);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	bed->disk->capacity *= 10;
	bed_pass(bed, 1000);
	ck_assert_int_eq(bed->state, JOURNAL_FINE);
	bed_free(bed);
}
END_TEST

/* --- the power goes --- */

static struct bed *powered;
static uint64_t cuts, seeds;

/* Before each call that changes something: what a killed process leaves now, and what a power cut. */
static int cut_here(void *ctx, enum mem_call call, const char *path)
{
	static uint64_t calls;
	struct mem_disk *after;

	if ((MEM_CALL(call) & MEM_CHANGES) == 0)
		return 0;
	(void)ctx, (void)path;
	after = mem_disk_copy(powered->disk);
	check_disk(powered, after);
	check_start(powered, after);
	mem_disk_free(after);
	for (uint64_t seed = 0; seed < seeds; seed++) {
		after = mem_disk_copy(powered->disk);
		mem_disk_cut_power(after, calls * seeds + seed);
		check_disk(powered, after);
		if (seed == 0)
			check_start(powered, after);
		mem_disk_free(after);
		cuts++;
	}
	calls++;
	return 0;
}

START_TEST(the_power_goes_at_any_moment)
{
	powered = bed_new(JOURNAL_SEGMENT_BYTES);
	seeds = 20;
	bed_open(powered, &(struct replay){ 0 });
	powered->disk->on_call = cut_here;
	live(powered);
	bed_pass(powered, 10);
	ck_assert_uint_gt(cuts, 500);
	bed_free(powered);
}
END_TEST

START_TEST(the_power_goes_while_the_disk_fails)
{
	seeds = 3;
	for (uint64_t skip = 0; skip < 18; skip++) {
		powered = bed_new(JOURNAL_SEGMENT_BYTES);
		bed_open(powered, &(struct replay){ 0 });
		powered->disk->on_call = cut_here;
		mem_disk_fail(powered->disk, MEM_CALL(MEM_SYNC) | MEM_CALL(MEM_WRITE), skip, 1 + skip % 3,
			      -EIO);
		live(powered);
		bed_pass(powered, 2000);
		bed_free(powered);
	}
	ck_assert_uint_gt(cuts, 1000);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_sync_that_fails,
				       a_sync_that_finds_no_space,
				       a_write_that_fails,
				       a_write_that_finds_no_space,
				       a_segment_that_cannot_be_made,
				       everything_that_fails_for_a_while,
				       one_failure_is_mended_at_once_two_are_told,
				       a_file_that_failed_is_left_alone,
				       the_mark_behind_a_segment_that_failed,
				       a_neighbour_that_cannot_be_opened,
		the_words_of_a_segment_that_took_over,
				       a_full_disk_takes_the_reserve_and_goes_on_when_there_is_space,
				       a_full_disk_at_every_size,
				       no_space_from_the_start,
				       the_power_goes_at_any_moment,
				       the_power_goes_while_the_disk_fails };

	return RUN_TESTS("journal/faults", tests);
}
