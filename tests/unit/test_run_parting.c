/* SPDX-License-Identifier: MPL-2.0 */
/* What an original takes with it when it leaves its name to a copy, read back from a journal that the journal's own code
 * has written: all that lies behind the last block both have. What cannot be read is told, and where the end of a batch
 * may have lain in it, nothing of what came before is taken along. */
#include "journal_bed.h"

#include "base/log.h"
#include "run/core.h"
#include "run/parting.h"
#include "store/inside.h"

#include <stdio.h>
#include <unistd.h>

#define SEGMENTS 4
#define ROUNDS	 5
#define EFFECTS	 7 /* in each */
#define NO_BLOCK 0

static struct bed *bed;
static struct core core;
static struct store store;
static struct parting parting;
static char log_path[] = "/tmp/effort-parting-XXXXXX";

static void write_segments(void)
{
	for (int i = 1; i <= SEGMENTS * ROUNDS; i++) {
		bed_append(bed, EFFECTS);
		if (i % ROUNDS == 3)
			bed_put_mark(bed, MARK_FREEZE);
		if (i % ROUNDS == 0 && i < SEGMENTS * ROUNDS)
			bed_put_mark(bed, MARK_CUT);
		bed_settle(bed, 10);
	}
}

/* One run, in whose time nothing has reached Redis. */
static void set_up(void)
{
	strcpy(log_path + strlen(log_path) - 6, "XXXXXX");
	close(mkstemp(log_path));
	ck_assert_int_eq(log_open(&(struct log_settings){ .level = LOG_INFO, .file = log_path }), 0);
	bed = bed_new(JOURNAL_SEGMENT_BYTES);
	bed->position = 1000;
	bed_open(bed, &(struct replay){ 0 });
	write_segments();
	core.settings.disk = &bed->disk->table;
	core.journal = bed->journal;
	core.identity = bed->identity;
	core.identity.runs_len = 1;
	core.store = &store;
	ck_assert_int_eq(ledger_init(&core.ledger, 1000, 100000), 0);
}

static void tear_down(void)
{
	young_free(parting.own);
	ledger_done(&core.ledger);
	bed_free(bed);
	log_close();
	unlink(log_path);
}

/* --- what the journal holds --- */

static uint64_t block_of_round(uint32_t i)
{
	return bed->block[i * EFFECTS];
}

/* What the effects behind this block count, but for those in one other. */
static int64_t behind(uint64_t block, uint64_t but)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < bed->effects; i++)
		if (bed->block[i] > block && bed->block[i] != but)
			n += bed_effect_of(i).count;
	return n;
}

static uint8_t *bytes_of(uint64_t segment)
{
	char path[SEGMENT_PATH_MAX];
	uint8_t *bytes;
	size_t len;

	segment_path(path, BED_DIR, segment);
	bytes = mem_disk_bytes(bed->disk, path, &len);
	ck_assert_ptr_nonnull(bytes);
	return bytes;
}

struct block_at {
	uint64_t block;
	int64_t at;
};

static int find_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct block_at *place = ctx;

	(void)len;
	if (sequence == place->block)
		place->at = at;
	return 0;
}

static void damage_block(uint64_t segment, uint64_t block)
{
	struct block_at place = { .block = block };
	const struct replay replay = { .ctx = &place, .on_block = find_block };
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	struct segment_end end;

	segment_path(path, BED_DIR, segment);
	ck_assert_int_eq(segment_read(&bed->disk->table, path, &replay, &head, &end), 0);
	ck_assert_int_gt(place.at, 0);
	bytes_of(segment)[place.at + 40] ^= 0x55;
}

static bool is_told(const char *what)
{
	static char text[65536];
	FILE *file = fopen(log_path, "r");
	size_t n;

	ck_assert_ptr_nonnull(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	return strstr(text, what) != NULL;
}

static void part(uint64_t block)
{
	young_free(parting.own);
	ck_assert_int_eq(parting_own(&core, block, &parting), 0);
}

/* --- tests --- */

START_TEST(all_behind_the_last_common_block_is_taken_along)
{
	for (uint32_t i = 0; i < SEGMENTS * ROUNDS; i++) {
		part(block_of_round(i));
		ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(i), NO_BLOCK));
		ck_assert(!parting.is_short);
		ck_assert(!parting.is_forgotten);
	}
	ck_assert(!is_told("damaged"));
}
END_TEST

START_TEST(a_block_that_is_damaged_is_told_and_the_rest_taken_along)
{
	uint64_t damaged = block_of_round(ROUNDS + 1);

	damage_block(2, damaged);
	part(block_of_round(0));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(0), damaged));
	ck_assert(parting.is_short);
	ck_assert(is_told("what=checksum segment=2"));
	ck_assert(is_told("next=\"effortctl journal verify\""));
}
END_TEST

START_TEST(damage_before_the_last_common_block_costs_nothing)
{
	damage_block(2, block_of_round(ROUNDS + 1));
	part(block_of_round(ROUNDS + 2));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(ROUNDS + 2), NO_BLOCK));
	ck_assert(!parting.is_short);
	ck_assert(!is_told("damaged"));
}
END_TEST

/* A position that has been sent may be that of the mark in the damaged block: what came before it may be in Redis. */
START_TEST(nothing_before_a_batch_that_may_have_ended_in_the_damage_is_taken_along)
{
	uint64_t damaged = block_of_round(ROUNDS + 2);

	store.sent = 1004;
	damage_block(2, damaged);
	part(block_of_round(ROUNDS));
	ck_assert_int_eq(parting.own->cells.events, behind(damaged, NO_BLOCK));
	ck_assert(parting.is_short);
}
END_TEST

START_TEST(damage_behind_the_last_batch_that_was_sent_leaves_what_came_before_it)
{
	uint64_t damaged = block_of_round(ROUNDS + 2);

	store.sent = 1003;
	damage_block(2, damaged);
	part(block_of_round(ROUNDS));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(ROUNDS), damaged));
	ck_assert(parting.is_short);
}
END_TEST

/* Of an earlier run nobody knows what was sent. */
START_TEST(damage_in_an_earlier_run_leaves_all_before_it)
{
	core.identity.runs[0].behind = 3;
	damage_block(3, block_of_round(2 * ROUNDS + 4));
	part(block_of_round(2 * ROUNDS));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(2 * ROUNDS + 4), NO_BLOCK));
	ck_assert(parting.is_short);
}
END_TEST

START_TEST(a_segment_whose_header_is_unreadable_is_told_as_missing)
{
	bytes_of(2)[20] ^= 0x55;
	part(block_of_round(0));
	ck_assert_int_eq(parting.own->cells.events,
			 behind(block_of_round(0), NO_BLOCK) - behind(block_of_round(ROUNDS - 1), NO_BLOCK) +
				 behind(block_of_round(2 * ROUNDS - 1), NO_BLOCK));
	ck_assert(parting.is_short);
	ck_assert(is_told("what=header segment=2"));
}
END_TEST

START_TEST(so_is_the_first_and_the_last)
{
	bytes_of(SEGMENTS)[20] ^= 0x55;
	part(block_of_round(ROUNDS * (SEGMENTS - 1) - 1));
	ck_assert_int_eq(parting.own->cells.events, 0);
	ck_assert(parting.is_short);
	bytes_of(SEGMENTS)[20] ^= 0x55;
	bytes_of(1)[20] ^= 0x55;
	part(block_of_round(0));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(ROUNDS - 1), NO_BLOCK));
	ck_assert(parting.is_short);
}
END_TEST

START_TEST(one_that_both_have_costs_nothing)
{
	bytes_of(1)[20] ^= 0x55;
	part(block_of_round(ROUNDS));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(ROUNDS), NO_BLOCK));
	ck_assert(!parting.is_short);
}
END_TEST

START_TEST(no_batch_that_may_have_ended_in_an_unreadable_segment_is_taken_along)
{
	store.sent = 1004;
	bytes_of(2)[20] ^= 0x55;
	part(block_of_round(0));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(2 * ROUNDS - 1), NO_BLOCK));
	ck_assert(parting.is_short);
}
END_TEST

START_TEST(what_has_been_folded_is_missing)
{
	journal_folded(bed->journal, 1);
	part(block_of_round(0));
	ck_assert_int_eq(parting.own->cells.events, behind(block_of_round(ROUNDS - 1), NO_BLOCK));
	ck_assert(parting.is_short);
	ck_assert(!is_told("damaged"));
	part(block_of_round(ROUNDS));
	ck_assert(!parting.is_short);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { all_behind_the_last_common_block_is_taken_along,
					      a_block_that_is_damaged_is_told_and_the_rest_taken_along,
					      damage_before_the_last_common_block_costs_nothing,
					      nothing_before_a_batch_that_may_have_ended_in_the_damage_is_taken_along,
					      damage_behind_the_last_batch_that_was_sent_leaves_what_came_before_it,
					      damage_in_an_earlier_run_leaves_all_before_it,
					      a_segment_whose_header_is_unreadable_is_told_as_missing,
					      so_is_the_first_and_the_last,
					      one_that_both_have_costs_nothing,
					      no_batch_that_may_have_ended_in_an_unreadable_segment_is_taken_along,
					      what_has_been_folded_is_missing };

	return RUN_TESTS_WITHIN("run/parting", tests, set_up, tear_down);
}
