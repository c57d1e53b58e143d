/* SPDX-License-Identifier: MPL-2.0 */
/* Folding, joining and reading totals without memory, at every single allocation: told, nothing leaks, and
 * when there is memory again the result is what it would have been. */
#include "journal_memory.h"
#include "suite.h"

#include "journal/fold.h"
#include "journal/ids.h"

#include "domain/period.h"
#include "journal_wal.h"

#define DAY 20778

static const struct fold_paths paths = { .journal = WAL_DIR,
					.totals = "/totals",
					.ids = "/ids",
					.bookings = "/bookings",
					.errands = { "/errands", INT64_MIN / 2, 0, SIZE_MAX },
					.meters = { "/meters", INT64_MIN / 2, 0, SIZE_MAX } };
static struct mem_disk *disk;
static uint64_t seed;

static struct wal_contact any_contact(void)
{
	int32_t day = DAY - (int32_t)(mem_random(&seed) % 9);
	struct wal_contact contact = { .municipality = (unsigned)(mem_random(&seed) % WAL_MUNICIPALITIES),
				       .standing = (unsigned)(mem_random(&seed) % WAL_STANDINGS) };

	contact.cell = (struct cell){ .day = day, .direction = mem_random(&seed) % 2 };
	contact.month = period_of(WINDOW_MONTH, day).first;
	for (int d = 0; d < DIMENSIONS; d++)
		contact.names[d] = (int)(mem_random(&seed) % WAL_NAMES);
	contact.effect = (struct effect){
		.id = mem_random(&seed), .id_day = 20000 + day % 3, .time_ms = day * DAY_MS, .count = 1
	};
	return contact;
}

static void write_segment(uint64_t number, int blocks)
{
	struct wal *wal = calloc(1, sizeof(*wal));

	wal_begin(wal, disk, number, number * 1000, number * 1000);
	for (int b = 0; b < blocks; b++) {
		for (int i = 0; i < 60; i++) {
			struct wal_contact contact = any_contact();

			wal_contact(wal, &contact);
		}
		wal_mark(wal, MARK_CUT, number * 1000 + (uint64_t)b);
		wal_block(wal);
	}
	wal_end(wal);
	free(wal);
}

static int fold(struct mem_disk *on, uint64_t segment)
{
	struct fold_result result;
	struct error err;

	return fold_segment(&on->table, &paths, segment, &result, &err);
}

static void set_up(void)
{
	disk = mem_disk_new();
	seed = 1;
	mem_make_folder(disk, WAL_DIR);
	mem_make_folder(disk, "/totals");
	mem_make_folder(disk, "/ids");
	write_segment(1, 10);
	write_segment(2, 10);
	ck_assert_int_eq(fold(disk, 1), 0);
}

static void tear_down(void)
{
	mem_disk_free(disk);
}

static bool is_same_bytes(struct mem_disk *a, struct mem_disk *b)
{
	if (a->now.n != b->now.n)
		return false;
	for (size_t i = 0; i < a->now.n; i++) {
		size_t a_len = 0, b_len = 0;
		const uint8_t *a_bytes = mem_disk_bytes(a, a->now.list[i].path, &a_len);
		const uint8_t *b_bytes = mem_disk_bytes(b, a->now.list[i].path, &b_len);

		if (a_len != b_len || (a_len > 0 && memcmp(a_bytes, b_bytes, a_len) != 0))
			return false;
	}
	return true;
}

/* Runs `what` with each allocation failing in turn, until none does; then `what` again on what that left. */
static void starve(int (*what)(struct mem_disk *))
{
	struct mem_disk *wanted = mem_disk_copy(disk);
	int64_t n = 0;

	ck_assert_int_eq(what(wanted), 0);
	for (bool is_done = false; !is_done; n++) {
		struct mem_disk *after = mem_disk_copy(disk);
		int64_t live = memory.live;
		int r;

		memory_fail(n);
		r = what(after);
		is_done = !memory.has_failed;
		memory.left = -1;
		if (r != 0 && (is_done || r != -ENOMEM)) /* qsort() can do without */
			ck_abort_msg("allocation %d: %d", (int)n, r);
		if (memory.live != live)
			ck_abort_msg("allocation %d: %d blocks not freed", (int)n, (int)(memory.live - live));
		ck_assert_int_eq(what(after), 0);
		if (!is_same_bytes(after, wanted))
			ck_abort_msg("allocation %d: not the same in the end", (int)n);
		mem_disk_free(after);
	}
	mem_disk_free(wanted);
	ck_assert(!MEMORY_CAN_FAIL || n > 5);
}

static int fold_second(struct mem_disk *on)
{
	return fold(on, 2);
}

START_TEST(folding_without_memory)
{
	starve(fold_second);
}
END_TEST

static int fold_unsent(struct mem_disk *on)
{
	struct fold_paths these = paths;
	struct fold_result result;
	struct error err;

	these.unsent = FOLD_UNSENT_KEPT;
	these.writer = WAL_WRITER;
	return fold_segment(&on->table, &these, 2, &result, &err);
}

START_TEST(keeping_what_redis_lacks_without_memory)
{
	starve(fold_unsent);
}
END_TEST

static int sum_up(struct mem_disk *on)
{
	struct totals *totals;
	uint64_t damaged;
	struct error err;
	int r = fold_sum(&on->table, "/totals", DAY - 4, DAY, &totals, &damaged, &err);

	if (r == 0)
		totals_free(totals);
	return r;
}

START_TEST(sums_without_memory)
{
	starve(sum_up);
}
END_TEST

static int read_positions(struct mem_disk *on)
{
	struct totals *totals;
	struct error err;
	int r = fold_positions(&on->table, "/totals", &totals, &err);

	if (r == 0)
		totals_free(totals);
	return r;
}

START_TEST(positions_without_memory)
{
	starve(read_positions);
}
END_TEST

static int join(struct mem_disk *on)
{
	return ids_join(&on->table, "/ids", 20000 + DAY % 3, 1);
}

START_TEST(joining_without_memory)
{
	ck_assert_int_eq(fold(disk, 2), 0);
	starve(join);
}
END_TEST

static int pass_by(void *ctx, uint64_t id, uint32_t content)
{
	(void)ctx, (void)id, (void)content;
	return 0;
}

static int look_through(struct mem_disk *on)
{
	char path[64];
	struct ids *ids;
	int r;

	snprintf(path, sizeof(path), "/ids/%d.1", 20000 + DAY % 3);
	ids = ids_open(&on->table, path, NULL);
	if (ids == NULL)
		return -errno;
	r = ids_each(ids, pass_by, NULL);
	ids_close(ids);
	return r;
}

START_TEST(id_files_without_memory)
{
	int64_t live = memory.live;

	for (int n = 0; n < 20; n++) {
		int r;

		memory_fail(n);
		r = look_through(disk);
		memory.left = -1;
		ck_assert_int_eq(r, memory.has_failed ? -ENOMEM : 0);
		ck_assert_int_eq(memory.live, live);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		folding_without_memory, keeping_what_redis_lacks_without_memory, sums_without_memory,     positions_without_memory,
		joining_without_memory, id_files_without_memory,
	};

	return RUN_TESTS_WITHIN("journal/memory", tests, set_up, tear_down);
}
