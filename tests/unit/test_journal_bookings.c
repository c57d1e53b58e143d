/* SPDX-License-Identifier: MPL-2.0 */
/* Bookings against a plain list: what is written, joined, cut off, damaged and forgotten, the sum of an id is
 * that of the list. */
#include "suite.h"

#include "journal/bookings.h"
#include "journal_disk.h"

#include <errno.h>
#include <inttypes.h>

#define DIR     "/bookings"
#define IDS     400
#define DAY     20000
#define ENTRIES 8000

struct entry {
	uint64_t id, segment;
	unsigned kind;
	int64_t count, seconds;
	int32_t day;
};

static struct mem_disk *disk;
static struct entry *list;
static size_t list_len;
static uint64_t seed = 7;

static uint64_t dice(uint64_t end)
{
	return mem_random(&seed) % end;
}

static uint64_t id_of(uint64_t n)
{
	return (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void set_up(void)
{
	disk = mem_disk_new();
	disk->table.make_folder(disk, DIR);
	list = mem_must(calloc(ENTRIES, sizeof(*list)));
	list_len = 0;
}

static void tear_down(void)
{
	mem_disk_free(disk);
	free(list);
}

static const char *code_of(unsigned kind)
{
	return kind % 3 == 0 ? "0751" : "0101";
}

static uint64_t cell_of(struct kinds *kinds, unsigned kind)
{
	const struct standing_text text = { .task = kind % 2 == 0 ? "school/a" : "daycare/b",
					    .groups = { "waves" },
					    .groups_len = kind % 4 < 2,
					    .is_municipal = true };
	struct cell cell = { .day = DAY + (int)kind, .channel = kind % EFFORT_CHANNELS };

	cell.municipality = (uint16_t)kinds_municipality(kinds, code_of(kind));
	cell.standing = (uint16_t)kinds_standing(kinds, &text);
	return cell_pack(&cell);
}

static uint32_t kind_number(struct kinds *kinds, unsigned kind, int64_t count)
{
	struct booking_kind of = { .cell = cell_of(kinds, kind), .count = count };
	char name[16];
	uint32_t number;

	for (int d = 0; d < DIMENSIONS; d++)
		of.names[d] = RECORD_NO_NAME;
	snprintf(name, sizeof(name), "unit-%u", kind);
	ck_assert_int_eq(kinds_text(kinds, (struct effort_str){ name, strlen(name) }, &of.names[BY_UNIT]), 0);
	ck_assert_int_eq(kinds_add(kinds, &of, &number), 0);
	return number;
}

/* The segment's entries of the list, as folding gives them. */
static int write_segment(struct mem_disk *on, uint64_t segment)
{
	struct kinds *kinds = mem_must(kinds_new(NULL));
	struct booking *bookings = mem_must(calloc(list_len + 1, sizeof(*bookings)));
	size_t n = 0;
	int r;

	for (size_t i = 0; i < list_len; i++) {
		const struct entry *e = &list[i];

		if (e->segment == segment)
			bookings[n++] = (struct booking){ e->id, kind_number(kinds, e->kind, e->count),
							  (uint32_t)(e->seconds < 0 ? -e->seconds : e->seconds),
							  e->day };
	}
	r = bookings_write(&on->table, DIR, segment, kinds, bookings, n);
	free(bookings);
	kinds_free(kinds);
	return r;
}

static void put(uint64_t segment, uint64_t n, int64_t count, int64_t seconds)
{
	ck_assert_uint_lt(list_len, ENTRIES);
	list[list_len++] = (struct entry){ id_of(n), segment, (unsigned)(n % 50), count, seconds,
					   DAY + (int32_t)(n % 40) };
}

static void any_segment(uint64_t segment, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool is_taking = dice(4) == 0;

		put(segment, dice(IDS), is_taking ? -1 - (int64_t)dice(3) : 1 + (int64_t)dice(9),
		    is_taking ? -(int64_t)dice(60) : (int64_t)dice(60));
	}
	ck_assert_int_eq(write_segment(disk, segment), 0);
}

struct sums_of {
	unsigned kind;
	int64_t count, seconds;
	int32_t day;
};

static int add(void *ctx, const struct kinds *kinds, const struct booking_kind *kind, int64_t seconds, int32_t day)
{
	struct sums_of *sum = ctx;
	struct cell cell = cell_unpack(kind->cell);
	struct effort_str unit = kinds_name(kinds, kind->names[BY_UNIT]);
	char name[16];

	snprintf(name, sizeof(name), "unit-%u", sum->kind);
	ck_assert_int_eq(cell.day, DAY + (int)sum->kind);
	ck_assert_str_eq(kinds_code(kinds, kind->cell), code_of(sum->kind));
	ck_assert_str_eq(kinds_standing_text(kinds, kind->cell)->task, sum->kind % 2 == 0 ? "school/a" : "daycare/b");
	ck_assert(unit.len == strlen(name) && memcmp(unit.ptr, name, unit.len) == 0);
	ck_assert_uint_eq(kinds_name(kinds, kind->names[BY_PORTAL]).len, 0);
	sum->count += kind->count;
	sum->seconds += seconds;
	sum->day = day;
	return 0;
}

static void check_id(struct bookings *b, uint64_t n, uint64_t last, int32_t from_day)
{
	struct sums_of sum = { .kind = (unsigned)(n % 50) };
	const struct bookings_visit visit = { &sum, add };
	int64_t count = 0, seconds = 0;
	uint64_t segment = 0;

	for (size_t i = 0; i < list_len; i++) {
		if (list[i].id != id_of(n) || list[i].day < from_day)
			continue;
		count += list[i].count;
		seconds += list[i].seconds;
	}
	ck_assert_int_eq(bookings_find(b, id_of(n), &visit, &segment), 0);
	ck_assert_int_eq(sum.count, count);
	ck_assert_int_eq(sum.seconds, seconds);
	ck_assert_uint_eq(segment, last);
}

static void check_all(struct mem_disk *on, uint64_t last)
{
	struct bookings *b = mem_must(bookings_open(&on->table, DIR));

	for (uint64_t n = 0; n < IDS + 5; n++)
		check_id(b, n, last, 0);
	bookings_close(b);
}

static int count_file(void *ctx, const char *name)
{
	(void)name;
	++*(size_t *)ctx;
	return 0;
}

static size_t files(struct mem_disk *on)
{
	size_t n = 0;

	ck_assert_int_eq(mem_list(on, DIR, count_file, &n), 0);
	return n;
}

START_TEST(what_is_written_is_found)
{
	check_all(disk, 0);
	any_segment(3, 1000);
	check_all(disk, 3);
	any_segment(5, 1);
	any_segment(9, 300);
	check_all(disk, 9);
	ck_assert_uint_eq(files(disk), 3);
	ck_assert_int_eq(write_segment(disk, 7), 0);
	ck_assert_uint_eq(files(disk), 3);
}
END_TEST

START_TEST(a_segment_written_twice_counts_once)
{
	any_segment(1, 500);
	ck_assert_int_eq(write_segment(disk, 1), 0);
	check_all(disk, 1);
	for (uint64_t s = 2; s <= 12; s++)
		any_segment(s, 50);
	ck_assert_int_eq(bookings_join(&disk->table, DIR, 0), 0);
	ck_assert_uint_eq(files(disk), 1);
	ck_assert_int_eq(write_segment(disk, 12), 0);
	ck_assert_int_eq(write_segment(disk, 4), 0);
	check_all(disk, 12);
	ck_assert_int_eq(bookings_join(&disk->table, DIR, 0), 0);
	ck_assert_uint_eq(files(disk), 1);
	check_all(disk, 12);
}
END_TEST

START_TEST(an_open_folder_follows_what_is_written_and_joined)
{
	struct bookings *b = mem_must(bookings_open(&disk->table, DIR));

	for (uint64_t s = 1; s <= 40; s++) {
		any_segment(s, 30);
		if (s % 3 == 0)
			ck_assert_int_eq(bookings_join(&disk->table, DIR, 0), 0);
		for (uint64_t n = 0; n < IDS; n += 7)
			check_id(b, n, s, 0);
		if (s % 11 == 0)
			bookings_rest(b);
	}
	ck_assert_uint_lt(files(disk), 12);
	bookings_close(b);
}
END_TEST

/* Every call of the disk fails once, and power goes after it. */
START_TEST(joining_is_cut_off_anywhere)
{
	uint64_t cuts = 0;
	bool is_done = false;

	for (uint64_t s = 1; s <= 12; s++)
		any_segment(s, 60);
	for (uint64_t skip = 0; !is_done; skip++) {
		struct mem_disk *copy = mem_disk_copy(disk);

		mem_disk_fail(copy, MEM_ANY, skip, 1, -EIO);
		(void)!bookings_join(&copy->table, DIR, 0);
		is_done = copy->fail_times > 0;
		mem_disk_fail(copy, 0, 0, 0, 0);
		mem_disk_cut_power(copy, skip + 1);
		check_all(copy, 12);
		ck_assert_int_eq(bookings_join(&copy->table, DIR, 0), 0);
		check_all(copy, 12);
		mem_disk_free(copy);
		cuts++;
	}
	ck_assert_uint_gt(cuts, 80);
}
END_TEST

START_TEST(old_ids_go_with_their_files_and_when_files_are_joined)
{
	struct bookings *b = mem_must(bookings_open(&disk->table, DIR));

	for (uint64_t s = 1; s <= 10; s++)
		for (uint64_t n = 0; n < 40; n++)
			put(s, s <= 5 ? n % 10 : n, 1, 1);
	for (uint64_t s = 1; s <= 10; s++)
		ck_assert_int_eq(write_segment(disk, s), 0);
	ck_assert_int_eq(bookings_forget(&disk->table, DIR, DAY + 9), 0);
	ck_assert_uint_eq(files(disk), 10);
	ck_assert_int_eq(bookings_forget(&disk->table, DIR, DAY + 10), 0);
	ck_assert_uint_eq(files(disk), 5);
	for (uint64_t s = 11; s <= 15; s++) {
		for (uint64_t n = 0; n < 40; n++)
			put(s, n, -1, -1);
		ck_assert_int_eq(write_segment(disk, s), 0);
	}
	ck_assert_int_eq(bookings_join(&disk->table, DIR, DAY + 20), 0);
	ck_assert_uint_eq(files(disk), 1);
	for (uint64_t n = 20; n < 40; n++)
		check_id(b, n, 15, DAY + 20);
	list_len = 0;
	for (uint64_t n = 0; n < 20; n++)
		check_id(b, n, 15, 0);
	ck_assert_int_eq(bookings_forget(&disk->table, DIR, DAY + 40), 0);
	ck_assert_uint_eq(files(disk), 0);
	bookings_close(b);
}
END_TEST

/* A flipped bit is never a wrong sum. */
START_TEST(damage_is_noticed)
{
	size_t refused = 0, aside = 0;

	any_segment(1, 700);
	for (size_t i = 0; i < 400; i++) {
		struct mem_disk *copy = mem_disk_copy(disk);
		char path[64];
		size_t len, at;
		uint8_t *bytes;
		struct bookings *b;
		const char *last;

		snprintf(path, sizeof(path), DIR "/1-1.%d", DAY + 39);
		bytes = mem_disk_bytes(copy, path, &len);
		at = dice(len);
		bytes[at] ^= (uint8_t)(1 << dice(8));
		b = mem_must(bookings_open(&copy->table, DIR));
		for (uint64_t n = 0; n < IDS; n += 5) {
			struct sums_of sum = { .kind = (unsigned)(n % 50) };
			const struct bookings_visit visit = { &sum, add };
			uint64_t segment;
			int r = bookings_find(b, id_of(n), &visit, &segment);

			if (r == -EBADMSG)
				refused++;
			else if (r == 0 && bookings_damaged(b, &last) == 0)
				check_id(b, n, 1, 0);
			ck_assert(r == 0 || r == -EBADMSG || r == -EPROTONOSUPPORT);
		}
		aside += bookings_damaged(b, &last);
		bookings_close(b);
		mem_disk_free(copy);
	}
	ck_assert_uint_gt(refused, 100);
	ck_assert_uint_gt(aside, 20);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { what_is_written_is_found,
				       a_segment_written_twice_counts_once,
				       an_open_folder_follows_what_is_written_and_joined,
				       joining_is_cut_off_anywhere,
				       old_ids_go_with_their_files_and_when_files_are_joined,
				       damage_is_noticed };

	return RUN_TESTS_WITHIN("journal/bookings", tests, set_up, tear_down);
}
