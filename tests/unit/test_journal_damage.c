/* SPDX-License-Identifier: MPL-2.0 */
/* Damage: every byte of a journal flipped, every place it can be cut at, pages zeroed, segments emptied,
 * zeroed, missing and swapped. It opens, tells what is wrong, and keeps everything outside the blocks that
 * were touched. */
#include "journal_bed.h"

#define SEGMENTS   9
#define FAILED     4  /* its disk failed, and the next one took over */
#define ROUNDS     10 /* commits in a segment */
#define BLOCKS_MAX 1024
/* Every byte; under a sanitizer, which makes it ten times slower, every seventh. */
#ifdef __SANITIZE_ADDRESS__
#define STEP 7
#else
#define STEP 1
#endif

static struct bed_seen seen, clean;
static struct bed *bed;

/* Where the blocks of the journal lie. */
struct place_of_block {
	uint64_t segment, sequence;
	int64_t from, to;
	uint32_t effects;
};

static struct place_of_block blocks[BLOCKS_MAX];
static size_t blocks_len;

static void path_of(char path[SEGMENT_PATH_MAX], uint64_t segment)
{
	segment_path(path, BED_DIR, segment);
}

static uint64_t noting;

static int note_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	(void)ctx;
	ck_assert_uint_lt(blocks_len, BLOCKS_MAX);
	blocks[blocks_len++] = (struct place_of_block){ noting, sequence, at, at + (int64_t)len, 0 };
	return 0;
}

static int note_effect(void *ctx, const struct effect *effect)
{
	(void)ctx, (void)effect;
	blocks[blocks_len - 1].effects++;
	return 0;
}

static int note_segment(void *ctx, const struct segment_head *head)
{
	(void)ctx;
	noting = head->number;
	return 0;
}

/* Segments of about 8 KiB, 64 KiB in all, one of them abandoned half way, the last of them not sealed. */
static void set_up(void)
{
	const struct replay note = { .on_block = note_block, .on_effect = note_effect };
	struct journal_found found;

	bed = bed_new(JOURNAL_SEGMENT_BYTES);
	bed->position = 1000;
	bed_open(bed, &(struct replay){ 0 });
	for (int i = 1; i <= (SEGMENTS - 1) * ROUNDS; i++) {
		if (i == (FAILED - 1) * ROUNDS + ROUNDS / 2)
			mem_disk_fail(bed->disk, MEM_CALL(MEM_SYNC), 0, 1, -EIO);
		bed_append(bed, (uint32_t)(1 + i % 7 * 4));
		if (i % 3 == 0)
			bed_put_mark(bed, MARK_FREEZE);
		if (i % ROUNDS == 0 && i < (SEGMENTS - 1) * ROUNDS)
			bed_put_mark(bed, MARK_CUT);
		bed_settle(bed, 10);
	}
	bed_kill(bed);
	ck_assert_int_eq(journal_replay(&bed->settings, &note, note_segment, &found, NULL), 0);
	ck_assert_uint_eq(found.segments, SEGMENTS);
	bed_read(bed, bed->disk, &clean);
	ck_assert_uint_eq(clean.effects, bed->effects);
	ck_assert_uint_eq(clean.damages, 0);
}

static void tear_down(void)
{
	bed_free(bed);
}

static uint8_t *bytes_of(uint64_t segment, size_t *ret_len)
{
	char path[SEGMENT_PATH_MAX];
	uint8_t *bytes;

	path_of(path, segment);
	bytes = mem_disk_bytes(bed->disk, path, ret_len);
	ck_assert_ptr_ne(bytes, NULL);
	return bytes;
}

/* --- a reader that is fast enough to be asked for every byte --- */

struct quick {
	uint64_t effects, damages, blocks, lost;
	const char *what;
	uint8_t is_there[BED_EFFECTS];
};

static struct quick quick;

static int quick_effect(void *ctx, const struct effect *effect)
{
	struct quick *q = ctx;
	uint32_t i = bed_number_of(effect);

	BED_MUST(i < bed->effects && !q->is_there[i]);
	q->is_there[i] = 1;
	q->effects++;
	return 0;
}

static int quick_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	(void)sequence, (void)at, (void)len;
	((struct quick *)ctx)->blocks++;
	return 0;
}

static void quick_damage(void *ctx, const struct damage *damage)
{
	struct quick *q = ctx;

	q->damages++;
	q->what = damage->what;
	if (damage->last_block > 0)
		q->lost += damage->last_block - damage->first_block + 1;
}

static const struct replay quick_replay = {
	.ctx = &quick, .on_effect = quick_effect, .on_block = quick_block, .on_damage = quick_damage
};

static void read_quickly(void)
{
	struct journal_found found;

	quick = (struct quick){ 0 };
	BED_MUST(journal_replay(&bed->settings, &quick_replay, NULL, &found, NULL) == 0);
	BED_MUST(found.damages == quick.damages);
}

/* One segment alone; `only` is what check_but() looks at then. 0: all of them. */
static uint64_t only;

static void read_alone(uint64_t segment)
{
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	struct segment_end end;

	quick = (struct quick){ 0 };
	path_of(path, segment);
	only = segment;
	BED_MUST(segment_read(bed->settings.disk, path, &quick_replay, &head, &end) == 0);
}

/* The block that lies in the abandoned segment too: it comes from there when the other cannot be read. */
static bool is_in_both(size_t b)
{
	return blocks[b].segment == FAILED + 1 && blocks[b - 1].segment == FAILED;
}

/* Every effect but those of blocks that overlap these bytes of a segment is there. */
static void check_but(uint64_t segment, int64_t from, int64_t to)
{
	uint64_t effects = 0, whole = 0;

	for (size_t b = 0; b < blocks_len; b++) {
		if (only != 0 && blocks[b].segment != only)
			continue;
		if (blocks[b].segment == segment && blocks[b].from < to && blocks[b].to > from &&
		    (from >= SEGMENT_HEAD_BYTES || !is_in_both(b)))
			continue;
		effects += blocks[b].effects;
		whole++;
	}
	if (quick.effects != effects)
		ck_abort_msg("bytes %ld to %ld of segment %lu: %lu effects, must be %lu (%s)", from, to,
			     segment, quick.effects, effects, quick.what == NULL ? "-" : quick.what);
	BED_MUST(quick.blocks == whole);
	only = 0;
}

static uint64_t effects_but(uint64_t segment)
{
	uint64_t effects = 0;

	for (size_t b = 0; b < blocks_len; b++)
		effects += blocks[b].segment == segment && !is_in_both(b) ? 0 : blocks[b].effects;
	return effects;
}

/* Now and then with the reader that looks at everything. */
static void look_closely(uint64_t i)
{
	if (i % 499 != 0)
		return;
	read_quickly();
	bed_read(bed, bed->disk, &seen);
	BED_MUST(seen.nameless == 0 && seen.effects == quick.effects);
}

/* Where a segment's own blocks end; behind it an abandoned one has what the next one has too. */
static int64_t end_of(uint64_t segment)
{
	int64_t end = 0;

	for (size_t b = 0; b < blocks_len; b++)
		if (blocks[b].segment == segment)
			end = blocks[b].to;
	return end;
}

/* Loop: the segment. */
START_TEST(every_byte_flipped)
{
	uint64_t segment = (uint64_t)_i;
	size_t len;
	uint8_t *bytes = bytes_of(segment, &len);

	ck_assert_uint_gt(len, 4096);
	for (size_t at = 0; at < len; at += STEP) {
		bytes[at] ^= (uint8_t)(1u << (at % 8));
		if (at < SEGMENT_HEAD_BYTES || at % 101 == 0)
			read_quickly();
		else
			read_alone(segment);
		BED_MUST(quick.damages == ((int64_t)at < end_of(segment)));
		if (at < SEGMENT_HEAD_BYTES) {
			BED_MUST(strcmp(quick.what, "header") == 0);
			check_but(segment, 0, INT64_MAX);
		} else {
			check_but(segment, (int64_t)at, (int64_t)at + 1);
		}
		look_closely(at);
		bytes[at] ^= (uint8_t)(1u << (at % 8));
	}
	read_quickly();
	ck_assert_uint_eq(quick.damages, 0);
}
END_TEST

/* True: a block ends here, or the header; the file's end cannot be told from one that was meant. */
static bool is_border(uint64_t segment, size_t len)
{
	for (size_t b = 0; b < blocks_len; b++)
		if (blocks[b].segment == segment && blocks[b].to == (int64_t)len)
			return true;
	return len == SEGMENT_HEAD_BYTES;
}

/* Loop: the segment. */
START_TEST(every_place_to_be_cut_at)
{
	uint64_t segment = (uint64_t)_i;
	char path[SEGMENT_PATH_MAX];
	struct mem_file *file;
	size_t len;

	bytes_of(segment, &len);
	path_of(path, segment);
	file = &bed->disk->files[mem_find(&bed->disk->now, path)->file];
	for (size_t at = 0; at < len; at += STEP) {
		file->now.len = at;
		if (at < SEGMENT_HEAD_BYTES || at % 101 == 0)
			read_quickly();
		else
			read_alone(segment);
		check_but(segment, at < SEGMENT_HEAD_BYTES ? 0 : (int64_t)at, INT64_MAX);
		/* What another segment follows lacks blocks in any case. */
		BED_MUST(quick.damages ==
			 ((int64_t)at < end_of(segment) && (segment < SEGMENTS || !is_border(segment, at))));
		look_closely(at);
	}
	file->now.len = len;
}
END_TEST

static void zero(uint64_t segment, size_t from, size_t n)
{
	size_t len;
	uint8_t *bytes = bytes_of(segment, &len), *copy;

	n = from + n > len ? len - from : n;
	/* What is zero already is not touched. */
	for (; n > 0 && bytes[from] == 0; from++)
		n--;
	while (n > 0 && bytes[from + n - 1] == 0)
		n--;
	if (n == 0)
		return;
	copy = malloc(n);
	memcpy(copy, bytes + from, n);
	memset(bytes + from, 0, n);
	read_quickly();
	BED_MUST(quick.damages >= 1);
	check_but(segment, from < SEGMENT_HEAD_BYTES ? 0 : (int64_t)from,
		  from < SEGMENT_HEAD_BYTES ? INT64_MAX : (int64_t)(from + n));
	look_closely(from);
	memcpy(bytes + from, copy, n);
	free(copy);
}

/* Many blocks at once, with the words they defined. */
START_TEST(pages_of_sealed_segments_zeroed)
{
	for (uint64_t segment = 1; segment < SEGMENTS; segment++) {
		size_t len;

		bytes_of(segment, &len);
		for (size_t from = 0; from < len && segment != FAILED; from += 128) {
			zero(segment, from, 512);
			zero(segment, from, 4096);
			zero(segment, from, 6000);
		}
	}
}
END_TEST

/* At the end of what a crash left words may be gone; what needs them is told, and nothing is made up. */
START_TEST(pages_of_the_last_segment_zeroed)
{
	size_t len;
	uint8_t *bytes = bytes_of(SEGMENTS, &len), *copy = malloc(len);

	memcpy(copy, bytes, len);
	for (size_t from = SEGMENT_HEAD_BYTES; from < len; from += 64) {
		size_t n = from + 4096 > len ? len - from : 4096;

		memset(bytes + from, 0, n);
		bed_read(bed, bed->disk, &seen);
		ck_assert_uint_ge(seen.damages, 1);
		ck_assert_uint_ge(seen.effects, effects_but(SEGMENTS));
		memcpy(bytes, copy, len);
	}
	free(copy);
}
END_TEST

START_TEST(noise_instead_of_bytes)
{
	uint64_t random = 1;
	size_t len;
	uint8_t *bytes = bytes_of(2, &len), *copy = malloc(len);

	memcpy(copy, bytes, len);
	for (int i = 0; i < 3000; i++) {
		size_t from = mem_random(&random) % len, n = 1 + mem_random(&random) % 3000;

		n = from + n > len ? len - from : n;
		for (size_t at = from; at < from + n; at++)
			bytes[at] = (uint8_t)mem_random(&random);
		read_quickly();
		if (from >= SEGMENT_HEAD_BYTES)
			check_but(2, (int64_t)from, (int64_t)(from + n));
		look_closely((uint64_t)i);
		memcpy(bytes, copy, len);
	}
	free(copy);
}
END_TEST

/* Bytes of the same segment at another place, and of another segment at theirs, are not taken for blocks. */
START_TEST(blocks_at_another_place)
{
	size_t len[2];
	uint8_t *from = bytes_of(1, &len[0]), *to = bytes_of(2, &len[1]), *copy = malloc(len[1]);

	memcpy(copy, to, len[1]);
	memcpy(to + SEGMENT_HEAD_BYTES, from + SEGMENT_HEAD_BYTES, 3000);
	read_quickly();
	check_but(2, SEGMENT_HEAD_BYTES, SEGMENT_HEAD_BYTES + 3000);
	memcpy(to, copy, len[1]);
	memmove(to + 4000, to + SEGMENT_HEAD_BYTES, 3000);
	read_quickly();
	check_but(2, 4000, 7000);
	memcpy(to, copy, len[1]);
	free(copy);
}
END_TEST

/* --- whole segments --- */

/* Opens what is left as a start does, goes on, and reads again: what was found is still there. */
static void check_start(uint64_t effects)
{
	uint64_t found;

	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.effects, effects);
	ck_assert_uint_ge(seen.damages, 1);
	bed->is_eager = true;
	bed_open(bed, &(struct replay){ 0 });
	found = bed->found.effects;
	bed_append(bed, 20);
	bed_settle(bed, 10);
	ck_assert_uint_eq(bed->durable, journal_last(bed->journal));
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.effects, found + 20);
}

static uint64_t blocks_in(uint64_t segment)
{
	uint64_t n = 0;

	for (size_t b = 0; b < blocks_len; b++)
		n += blocks[b].segment == segment;
	return n;
}

static bool is_file(const char *path)
{
	return mem_find(&bed->disk->now, path) != NULL;
}

START_TEST(a_missing_segment)
{
	char path[SEGMENT_PATH_MAX];

	path_of(path, 2);
	mem_disk_drop(bed->disk, path);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.damages, 1);
	ck_assert_str_eq(seen.what, "segment missing");
	ck_assert_uint_eq(seen.damage.segment, 2);
	ck_assert_uint_eq(seen.lost, blocks_in(2));
	check_start(effects_but(2));
}
END_TEST

/* Loop: empty, zeroed, noise, of each segment. */
START_TEST(a_segment_without_a_header)
{
	uint64_t segment = (uint64_t)_i % SEGMENTS + 1;
	size_t len;
	uint8_t *bytes = bytes_of(segment, &len);
	char path[SEGMENT_PATH_MAX], aside[SEGMENT_PATH_MAX + 8];

	path_of(path, segment);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	if (_i / SEGMENTS == 0)
		mem_disk_put(bed->disk, path, "", 0);
	else
		memset(bytes, _i / SEGMENTS == 1 ? 0 : 0xa5, len);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.damages, 1);
	ck_assert_str_eq(seen.what, "header");
	ck_assert_uint_eq(seen.damage.segment, segment);
	check_start(effects_but(segment));
	/* It is kept for people, under another name, and its number is not used again. */
	ck_assert(!is_file(path) && is_file(aside));
	path_of(path, SEGMENTS + 1);
	ck_assert(is_file(path));
}
END_TEST

START_TEST(swapped_segments)
{
	size_t len[2];
	uint8_t *one = bytes_of(1, &len[0]), *two = bytes_of(2, &len[1]), *copy = malloc(len[0]);
	char path[2][SEGMENT_PATH_MAX];

	path_of(path[0], 1);
	path_of(path[1], 2);
	memcpy(copy, one, len[0]);
	mem_disk_put(bed->disk, path[0], two, len[1]);
	mem_disk_put(bed->disk, path[1], copy, len[0]);
	free(copy);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.damages, 2);
	check_start(effects_but(1) + effects_but(2) - effects_but(0));
}
END_TEST

START_TEST(all_segments_are_gone)
{
	for (uint64_t segment = 1; segment <= SEGMENTS; segment++) {
		size_t len;

		memset(bytes_of(segment, &len), 0, 200);
	}
	check_start(0);
}
END_TEST

/* Names that are no segments, and folders, are let alone. */
START_TEST(strangers_in_the_folder)
{
	mem_disk_put(bed->disk, BED_DIR "/0000000000000009.wal.new", "x", 1);
	mem_disk_put(bed->disk, BED_DIR "/notes.txt", "x", 1);
	mem_disk_put(bed->disk, BED_DIR "/1.wal", "x", 1);
	mem_disk_put(bed->disk, BED_DIR "/000000000000000x.wal", "x", 1);
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_eq(seen.damages, 0);
	bed_open(bed, &(struct replay){ 0 });
	ck_assert(!is_file(BED_DIR "/0000000000000009.wal.new"));
	ck_assert(is_file(BED_DIR "/notes.txt"));
	ck_assert(is_file(BED_DIR "/1.wal"));
}
END_TEST

/* Torn bytes behind the last block go at the next start. */
START_TEST(a_torn_tail_is_told_once)
{
	size_t len;
	uint8_t *bytes = bytes_of(SEGMENTS, &len), *longer = malloc(len + 100);
	char path[SEGMENT_PATH_MAX];

	memcpy(longer, bytes, len);
	memset(longer + len, 0x5a, 100);
	path_of(path, SEGMENTS);
	mem_disk_put(bed->disk, path, longer, len + 100);
	free(longer);
	bed_read(bed, bed->disk, &seen);
	ck_assert_str_eq(seen.what, "torn tail");
	ck_assert_int_eq(seen.damage.from, (int64_t)len);
	ck_assert_uint_eq(seen.effects, clean.effects);
	check_start(clean.effects);
	ck_assert_uint_eq(seen.damages, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { pages_of_sealed_segments_zeroed,
				       pages_of_the_last_segment_zeroed,
				       noise_instead_of_bytes,
				       blocks_at_another_place,
				       a_missing_segment,
				       swapped_segments,
				       all_segments_are_gone,
				       strangers_in_the_folder,
				       a_torn_tail_is_told_once };
	TCase *tcase = suite_case("damage", set_up, tear_down);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, every_byte_flipped, 1, SEGMENTS + 1);
	tcase_add_loop_test(tcase, every_place_to_be_cut_at, 1, SEGMENTS + 1);
	tcase_add_loop_test(tcase, a_segment_without_a_header, 0, 3 * SEGMENTS);
	return suite_run("journal/damage", tcase);
}
