/* SPDX-License-Identifier: MPL-2.0 */
/* Segments as files and the records in them: what is written is read, whatever the values; what is none is
 * refused; a later segment takes over where it says; a disk that cannot read a part loses that part only. */
#include "journal_bed.h"

#include "journal/block.h"

static struct bed_seen seen;

/* --- records --- */

static size_t put_effect(uint8_t *to, const struct effect *effect)
{
	return record_put_effect(to, effect, effect->names);
}

static void check_effect(const struct effect *effect)
{
	uint8_t bytes[RECORD_EFFECT_MAX + 1];
	struct record back = { 0 };
	size_t len;

	memset(bytes, 0x5a, sizeof(bytes));
	len = put_effect(bytes, effect);
	ck_assert_uint_le(len, RECORD_EFFECT_MAX);
	ck_assert_uint_eq(bytes[len], 0x5a);
	ck_assert_uint_eq(record_read(bytes, sizeof(bytes), &back), len);
	ck_assert_int_eq(back.kind, RECORD_EFFECT);
	ck_assert_int_eq(memcmp(&back.effect, effect, offsetof(struct effect, names)), 0);
	ck_assert_int_eq(memcmp(back.effect.names, effect->names, sizeof(effect->names)), 0);
	for (size_t less = 0; less < len; less++)
		ck_assert_uint_eq(record_read(bytes, less, &back), 0);
}

START_TEST(effects_of_every_size)
{
	struct cell last = { .municipality = CELL_MUNICIPALITIES - 1,
			     .day = CELL_DAYS - 1,
			     .standing = STANDINGS_MAX - 1,
			     .channel = EFFORT_CHANNELS - 1,
			     .direction = EFFORT_OUT,
			     .kind = EFFORT_KINDS - 1,
			     .form = EFFORT_FORM_PHYSICAL,
			     .population = EFFORT_INTERNAL,
			     .outcome = EFFORT_OUTCOMES - 1,
			     .assisted = EFFORT_ASSISTED_STAFF,
			     .is_exempt = true,
			     .is_ignored = true };
	struct effect most = { .id = UINT64_MAX,
			       .content = UINT32_MAX,
			       .id_day = UINT16_MAX,
			       .cell = cell_pack(&last),
			       .time_ms = (INT64_C(1) << 43) - 1,
			       .count = (1 << 20) - 1,
			       .seconds = UINT32_MAX };
	struct effect least = { .time_ms = -(INT64_C(1) << 43), .count = 1 };

	for (unsigned names = 0; names < 1u << DIMENSIONS; names++) {
		for (int d = 0; d < DIMENSIONS; d++)
			most.names[d] = least.names[d] =
				(names >> d & 1) != 0 ? UINT32_MAX - 1 - (uint32_t)d : RECORD_NO_NAME;
		check_effect(&most);
		check_effect(&least);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		struct effect effect = bed_effect_of(i);

		check_effect(&effect);
	}
}
END_TEST

START_TEST(marks_and_words)
{
	const struct mark mark = { .position = UINT64_MAX - 1,
				   .kind = MARK_FREEZE,
				   .now_ms = -5,
				   .horizon_ms = INT64_MIN,
				   .settled = UINT64_MAX - 2 };
	const struct name_text name = { 1022, BY_REASON, -3, { "b\xc3\xb8rn", 5 } };
	struct standing_text standing = { .task = "area/task",
					  .groups_len = SCOPE_GROUPS_MAX,
					  .is_target = true };
	struct record back;
	uint8_t bytes[4096];
	char groups[SCOPE_GROUPS_MAX][24];

	ck_assert_uint_eq(record_put_mark(bytes, &mark), record_read(bytes, sizeof(bytes), &back));
	ck_assert_int_eq(back.kind, RECORD_MARK);
	ck_assert(back.mark.position == mark.position && back.mark.kind == MARK_FREEZE &&
		  back.mark.now_ms == -5 && back.mark.horizon_ms == INT64_MIN &&
		  back.mark.settled == UINT64_MAX - 2);

	ck_assert_uint_eq(record_put_municipality(bytes, 1022, "0751"),
			  record_read(bytes, sizeof(bytes), &back));
	ck_assert_uint_eq(back.number, 1022);
	ck_assert_str_eq(back.code, "0751");

	for (int i = 0; i < SCOPE_GROUPS_MAX; i++) {
		snprintf(groups[i], sizeof(groups[i]), "group-%d", i);
		standing.groups[i] = groups[i];
	}
	ck_assert_uint_eq(record_put_standing(bytes, STANDINGS_MAX - 1, &standing),
			  record_standing_len(&standing));
	ck_assert_uint_eq(record_read(bytes, sizeof(bytes), &back), record_standing_len(&standing));
	ck_assert_uint_eq(back.number, STANDINGS_MAX - 1);
	ck_assert_str_eq(back.standing.task, "area/task");
	ck_assert(!back.standing.is_municipal && back.standing.is_target);
	for (int i = 0; i < SCOPE_GROUPS_MAX; i++)
		ck_assert_str_eq(back.standing.groups[i], groups[i]);

	ck_assert_uint_eq(record_put_name(bytes, 4000000000u, &name), record_name_len(&name));
	ck_assert_uint_eq(record_read(bytes, sizeof(bytes), &back), record_name_len(&name));
	ck_assert_uint_eq(back.number, 4000000000u);
	ck_assert(str_same(back.name.name, name.name) && back.name.municipality == 1022 &&
		  back.name.dimension == BY_REASON && back.name.period == -3);
}
END_TEST

START_TEST(what_is_no_record)
{
	struct effect effect = bed_effect_of(1);
	uint8_t good[RECORD_EFFECT_MAX], bytes[RECORD_EFFECT_MAX];
	struct record back;

	put_effect(good, &effect);
	for (int i = 0; i < 8; i++) {
		memcpy(bytes, good, sizeof(bytes));
		switch (i) {
		case 0: /* no kind */
			bytes[0] = 0;
			break;
		case 1:
			bytes[0] = RECORD_MARK + 1;
			break;
		case 2: /* parts there are not */
			bytes[1] |= 0x80;
			break;
		case 3: /* no count */
			bytes[29] &= 0x0f;
			bytes[30] = bytes[31] = 0;
			break;
		case 4: /* the country */
			bytes[23] = bytes[22] = 0xff;
			break;
		case 5: /* bits a cell does not have */
			bytes[16] |= 1;
			break;
		case 6: /* neither open nor closed */
			bytes[17] |= 0x60;
			break;
		default: /* no channel */
			bytes[18] |= 0x3c;
			break;
		}
		ck_assert_uint_eq(record_read(bytes, sizeof(bytes), &back), 0);
	}
	ck_assert_uint_gt(record_read(good, sizeof(good), &back), 0);
}
END_TEST

/* Never past the end, never without an end. */
START_TEST(noise_is_read_safely)
{
	uint64_t random = 3;

	for (int i = 0; i < 200000; i++) {
		size_t len = mem_random(&random) % 80, n;
		uint8_t *bytes = malloc(len);
		struct record back;

		for (size_t at = 0; at < len; at++)
			bytes[at] = (uint8_t)mem_random(&random);
		if (len > 0)
			bytes[0] = (uint8_t)(bytes[0] % 7);
		n = record_read(bytes, len, &back);
		BED_MUST(n <= len);
		free(bytes);
	}
}
END_TEST

/* --- names and headers --- */

START_TEST(names_of_files)
{
	char path[SEGMENT_PATH_MAX];

	segment_path(path, "/a/b", 7);
	ck_assert_str_eq(path, "/a/b/0000000000000007.wal");
	ck_assert_uint_eq(segment_number("0000000000000007.wal"), 7);
	ck_assert_uint_eq(segment_number("0999999999999999.wal"), UINT64_C(999999999999999));
	/* A stray file would lead the next segment out of its digits. */
	ck_assert_uint_eq(segment_number("9999999999999999.wal"), 0);
	ck_assert_uint_eq(segment_number("0000000000000000.wal"), 0);
	ck_assert_uint_eq(segment_number("000000000000007.wal"), 0);
	ck_assert_uint_eq(segment_number("0000000000000007.wal.new"), 0);
	ck_assert_uint_eq(segment_number("000000000000000a.wal"), 0);
	ck_assert_uint_eq(segment_number("0000000000000007.wax"), 0);
	ck_assert_uint_eq(segment_number(""), 0);
}
END_TEST

static const struct segment_head some_head = { .number = 12,
					       .writer = "0123456789abcdef",
					       .nonce = 0xdeadbeef,
					       .first_block = 99,
					       .position = 1000,
					       .freeze = 900,
					       .created_ms = 1795000000000,
					       .horizon_ms = INT64_MIN };

static struct mem_disk *disk_with_head(char path[SEGMENT_PATH_MAX])
{
	struct mem_disk *disk = mem_disk_new();
	const char *what;
	int fd;

	disk->table.make_folder(disk, BED_DIR);
	fd = segment_create(&disk->table, BED_DIR, &some_head, &what);
	ck_assert_int_ge(fd, 0);
	disk->table.close(disk, fd);
	segment_path(path, BED_DIR, some_head.number);
	return disk;
}

START_TEST(headers)
{
	char path[SEGMENT_PATH_MAX];
	struct mem_disk *disk = disk_with_head(path);
	struct segment_head head;
	size_t len;
	uint8_t *bytes;

	ck_assert_int_eq(segment_head_read(&disk->table, path, &head), 0);
	ck_assert_str_eq(head.writer, some_head.writer);
	ck_assert(head.number == 12 && head.nonce == 0xdeadbeef && head.first_block == 99 &&
		  head.position == 1000 && head.freeze == 900 && head.created_ms == 1795000000000 &&
		  head.horizon_ms == INT64_MIN);
	ck_assert_int_eq(segment_head_read(&disk->table, BED_DIR "/0000000000000001.wal", &head), -ENOENT);
	bytes = mem_disk_bytes(disk, path, &len);
	ck_assert_uint_eq(len, SEGMENT_HEAD_BYTES);
	for (size_t bit = 0; bit < len * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(segment_head_read(&disk->table, path, &head), -EBADMSG);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	mem_disk_put(disk, BED_DIR "/0000000000000013.wal", bytes, len);
	ck_assert_int_eq(segment_head_read(&disk->table, BED_DIR "/0000000000000013.wal", &head), -EBADMSG);
	mem_disk_free(disk);
}
END_TEST

START_TEST(a_segment_that_cannot_be_made_leaves_nothing)
{
	for (uint64_t skip = 0; skip < 5; skip++) {
		struct mem_disk *disk = mem_disk_new();
		const char *what = NULL;

		disk->table.make_folder(disk, BED_DIR);
		mem_disk_fail(disk, MEM_ANY, skip, 1, -EIO);
		ck_assert_int_eq(segment_create(&disk->table, BED_DIR, &some_head, &what), -EIO);
		ck_assert_ptr_ne(what, NULL);
		ck_assert_uint_eq(disk->now.n, 1); /* the folder */
		for (int fd = 0; fd < MEM_FDS; fd++)
			ck_assert_int_eq(disk->fds[fd], 0);
		mem_disk_free(disk);
	}
}
END_TEST

/* --- segments made by hand --- */

struct hand {
	struct mem_disk *disk;
	struct segment_head head;
	int fd;
	int64_t at;
	uint64_t sequence;
};

static struct hand hand_begin(struct mem_disk *disk, uint64_t number, uint64_t first_block,
			      const char *writer)
{
	struct hand hand = { disk, some_head, -1, SEGMENT_HEAD_BYTES, first_block };
	const char *what;

	bed_fill_codes();
	disk->table.make_folder(disk, BED_DIR);
	hand.head.number = number;
	hand.head.first_block = first_block;
	hand.head.nonce = number * 77;
	snprintf(hand.head.writer, sizeof(hand.head.writer), "%s", writer);
	hand.fd = segment_create(&disk->table, BED_DIR, &hand.head, &what);
	ck_assert_int_ge(hand.fd, 0);
	return hand;
}

static bool once(void *ctx, struct block_piece *ret)
{
	struct block_piece *piece = ctx;

	*ret = *piece;
	piece->bytes = NULL;
	return ret->bytes != NULL;
}

static void hand_block(struct hand *hand, const uint8_t *records, size_t len)
{
	uint8_t bytes[4096];
	struct block_piece piece = { records, len };

	block_head_write(bytes, hand->head.nonce, hand->at, hand->sequence++, once, &piece);
	memcpy(bytes + BLOCK_HEAD_BYTES, records, len);
	ck_assert_int_eq(
		disk_write_all(&hand->disk->table, hand->fd, bytes, BLOCK_HEAD_BYTES + len, hand->at), 0);
	hand->at += (int64_t)(BLOCK_HEAD_BYTES + len);
}

/* A block of one effect without names, with the words it needs, or of a mark alone. */
static void hand_effect(struct hand *hand, uint32_t i, bool has_words)
{
	struct effect effect = bed_effect_of(i);
	uint32_t standing = bed_standing(i);
	char task[64];
	struct standing_text text = { .task = task,
				      .groups = { "group-0", "group-1" },
				      .groups_len = standing % 3,
				      .is_municipal = standing % 2 == 0,
				      .is_target = standing % 3 == 0 };
	uint8_t bytes[512];
	size_t len = 0;

	bed_standing_text(standing, task);
	if (has_words) {
		len = record_put_municipality(bytes, (uint16_t)(i % BED_CODES), bed_code(i));
		len += record_put_standing(bytes + len, (uint16_t)standing, &text);
	}
	hand_block(hand, bytes, len + put_effect(bytes + len, &effect));
}

static void hand_mark(struct hand *hand, uint64_t position)
{
	const struct mark mark = { .position = position, .kind = MARK_CUT };
	uint8_t bytes[RECORD_MARK_LEN];

	hand_block(hand, bytes, record_put_mark(bytes, &mark));
}

static struct segment_end hand_read(struct hand *hand)
{
	struct replay replay = bed_replay(&seen);
	struct segment_head head;
	struct segment_end end;
	char path[SEGMENT_PATH_MAX];

	segment_path(path, BED_DIR, hand->head.number);
	ck_assert_int_eq(segment_read(&hand->disk->table, path, &replay, &head, &end), 0);
	ck_assert_uint_eq(end.damages, seen.damages);
	return end;
}

START_TEST(where_a_segment_ends)
{
	struct mem_disk *disk = mem_disk_new();
	struct hand hand = hand_begin(disk, 3, 50, "aa");
	struct segment_end end = hand_read(&hand);

	ck_assert(!end.is_sealed && end.next_block == 50 && end.at == SEGMENT_HEAD_BYTES && end.damages == 0);
	hand_effect(&hand, 1, true);
	hand_mark(&hand, 17);
	end = hand_read(&hand);
	ck_assert(end.is_sealed && end.next_block == 52 && end.at == hand.at && end.mark.position == 17);
	hand_effect(&hand, 2, true);
	end = hand_read(&hand);
	ck_assert(!end.is_sealed && end.next_block == 53 && end.at == hand.at && end.mark.position == 17);
	ck_assert_uint_eq(seen.effects, 2);
	mem_disk_free(disk);
}
END_TEST

/* A block belongs to the last segment that may have it. */
START_TEST(the_next_segment_takes_over)
{
	struct mem_disk *disk = mem_disk_new();
	struct hand one = hand_begin(disk, 1, 1, "aa"), two;
	struct segment_end end;

	for (uint32_t i = 1; i <= 5; i++)
		hand_effect(&one, i, true);
	two = hand_begin(disk, 2, 4, "aa");
	end = hand_read(&one);
	ck_assert_uint_eq(seen.effects, 3);
	ck_assert_uint_eq(end.next_block, 4);
	ck_assert_uint_eq(seen.damages, 0);
	ck_assert(seen.times[1] == 1 && seen.times[3] == 1 && seen.times[4] == 0);
	for (uint32_t i = 4; i <= 6; i++)
		hand_effect(&two, i, true);
	hand_read(&two);
	ck_assert_uint_eq(seen.effects, 3);
	/* Another's segment takes nothing over; nor does one that is further on. */
	hand_begin(disk, 3, 5, "bb");
	hand_begin(disk, 4, 7, "aa");
	hand_read(&two);
	ck_assert_uint_eq(seen.effects, 3);
	ck_assert_uint_eq(seen.damages, 0);
	mem_disk_free(disk);
}
END_TEST

START_TEST(blocks_that_the_next_segment_misses)
{
	struct mem_disk *disk = mem_disk_new();
	struct hand one = hand_begin(disk, 1, 1, "aa");

	hand_effect(&one, 1, true);
	hand_begin(disk, 2, 4, "aa");
	hand_read(&one);
	ck_assert_str_eq(seen.what, "blocks missing");
	ck_assert(seen.damage.first_block == 2 && seen.damage.last_block == 3);
	mem_disk_free(disk);
}
END_TEST

START_TEST(a_block_that_comes_twice_counts_once)
{
	struct mem_disk *disk = mem_disk_new();
	struct hand hand = hand_begin(disk, 1, 1, "aa");

	hand_effect(&hand, 1, true);
	hand_effect(&hand, 2, true);
	hand.sequence = 2;
	hand_effect(&hand, 3, true);
	hand_effect(&hand, 4, true);
	hand_read(&hand);
	ck_assert_uint_eq(seen.effects, 3);
	ck_assert(seen.times[2] == 1 && seen.times[3] == 0 && seen.times[4] == 1);
	ck_assert_uint_eq(seen.damages, 0);
	mem_disk_free(disk);
}
END_TEST

START_TEST(effects_without_their_words)
{
	struct mem_disk *disk = mem_disk_new();
	struct hand hand = hand_begin(disk, 1, 1, "aa");

	hand_effect(&hand, 1, false);
	hand_effect(&hand, 1, true);
	hand_read(&hand);
	ck_assert_uint_eq(seen.effects, 1);
	ck_assert_uint_eq(seen.damages, 1);
	ck_assert_str_eq(seen.what, "words missing");
	ck_assert(seen.damage.first_block == 1 && seen.damage.last_block == 1);
	mem_disk_free(disk);
}
END_TEST

START_TEST(a_whole_block_with_a_record_that_is_none)
{
	struct mem_disk *disk = mem_disk_new();
	struct hand hand = hand_begin(disk, 1, 1, "aa");
	uint8_t bytes[100] = { RECORD_MUNICIPALITY, 0, 9, 0, '0', '1', '0', '1', 99 };

	hand_effect(&hand, 1, true);
	hand_block(&hand, bytes, sizeof(bytes));
	hand_effect(&hand, 2, true);
	hand_read(&hand);
	ck_assert_uint_eq(seen.effects, 2);
	ck_assert_uint_eq(seen.damages, 1);
	ck_assert_str_eq(seen.what, "record");
	ck_assert_uint_eq(seen.damage.first_block, 2);
	mem_disk_free(disk);
}
END_TEST

static int refuse(void *ctx, const struct effect *effect)
{
	(void)ctx, (void)effect;
	return -ECANCELED;
}

START_TEST(a_visitor_ends_the_reading)
{
	struct mem_disk *disk = mem_disk_new();
	struct hand hand = hand_begin(disk, 1, 1, "aa");
	const struct replay replay = { .on_effect = refuse };
	struct segment_head head;
	struct segment_end end;

	hand_effect(&hand, 1, true);
	ck_assert_int_eq(segment_read(&disk->table, BED_DIR "/0000000000000001.wal", &replay, &head, &end),
			 -ECANCELED);
	mem_disk_free(disk);
}
END_TEST

/* --- a disk that cannot read a part --- */

static ssize_t (*read_well)(void *ctx, int fd, void *bytes, size_t len, int64_t at);
static int64_t bad_from, bad_to;

static ssize_t read_badly(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	return at < bad_to && at + (int64_t)len > bad_from ? -EIO : read_well(ctx, fd, bytes, len, at);
}

START_TEST(a_part_that_cannot_be_read)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);

	bed_open(bed, &(struct replay){ 0 });
	for (int i = 0; i < 100; i++) {
		bed_append(bed, 30);
		bed_settle(bed, 5);
	}
	bed_put_mark(bed, MARK_CUT);
	bed_settle(bed, 5);
	read_well = bed->disk->table.read;
	bed->disk->table.read = read_badly;
	bad_from = 40960;
	bad_to = 40961;
	bed_read(bed, bed->disk, &seen);
	ck_assert_uint_ge(seen.damages, 1);
	ck_assert_uint_ge(seen.blocks, 95);
	ck_assert_uint_eq(seen.blocks + seen.lost, 101);
	ck_assert_uint_eq(seen.nameless, 0);
	bed_free(bed);
}
END_TEST

/* It may be readable again: nobody sets the segment aside for it. */
START_TEST(a_header_that_cannot_be_read)
{
	struct bed *bed = bed_new(JOURNAL_SEGMENT_BYTES);
	const struct journal_settings settings = { .dir = BED_DIR, .disk = &bed->disk->table };
	struct journal_found found;
	struct segment_head head;
	struct error err = { "" };
	int64_t files;

	bed_open(bed, &(struct replay){ 0 });
	bed_append(bed, 30);
	bed_settle(bed, 5);
	files = (int64_t)bed->disk->now.n;
	read_well = bed->disk->table.read;
	bed->disk->table.read = read_badly;
	bad_from = 0;
	bad_to = 1;
	ck_assert_int_eq(segment_head_read(settings.disk, BED_DIR "/0000000000000001.wal", &head), -EIO);
	ck_assert_int_eq(journal_replay(&settings, &(struct replay){ 0 }, NULL, &found, &err), -EIO);
	ck_assert_ptr_nonnull(strstr(err.text, ".damaged"));
	ck_assert_int_eq((int64_t)bed->disk->now.n, files);
	bed->disk->table.read = read_well;
	ck_assert_int_eq(journal_replay(&settings, &(struct replay){ 0 }, NULL, &found, &err), 0);
	ck_assert_uint_eq(found.effects, 30);
	bed_free(bed);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { effects_of_every_size,
				       marks_and_words,
				       what_is_no_record,
				       noise_is_read_safely,
				       names_of_files,
				       headers,
				       a_segment_that_cannot_be_made_leaves_nothing,
				       where_a_segment_ends,
				       the_next_segment_takes_over,
				       blocks_that_the_next_segment_misses,
				       a_block_that_comes_twice_counts_once,
				       effects_without_their_words,
				       a_whole_block_with_a_record_that_is_none,
				       a_visitor_ends_the_reading,
				       a_part_that_cannot_be_read,
				       a_header_that_cannot_be_read };

	return RUN_TESTS("journal/segment", tests);
}
