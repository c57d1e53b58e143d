/* SPDX-License-Identifier: MPL-2.0 */
/* Deduplication and its files: restarts, files that are damaged, disks that fail, and how seldom they are
 * asked. */
#include "dedup_bed.h"

START_TEST(a_restart_forgets_nothing)
{
	struct id_entry *all = malloc(6 * PER_DAY * sizeof(*all));

	for (int i = 0; i < 6; i++)
		fill_day(&all[i * PER_DAY], TODAY + i);
	fold(NULL, 1, all, 4 * PER_DAY);
	fold(NULL, 2, all + 3 * PER_DAY, 3 * PER_DAY);
	for (size_t max = 0; max <= 8 * PER_DAY; max += PER_DAY) {
		struct dedup *d = open_dedup(max, TODAY + 1, false);
		struct dedup_status s = status_of(d);

		ck_assert_uint_le(s.memory_ids, max);
		ck_assert_uint_ge(s.memory_ids + s.disk_ids, 5 * PER_DAY);
		ck_assert_int_eq(s.oldest_day, TODAY + 1);
		expect_all(d, all + PER_DAY, 5 * PER_DAY, DEDUP_DUPLICATE);
		expect_all(d, all, PER_DAY, DEDUP_NEW);
		dedup_close(d);
	}
	free(all);
}
END_TEST

static void change_file(const char *name, long at)
{
	char path[128];
	int fd, c = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	at = at < 0 ? lseek(fd, 0, SEEK_END) + at : at;
	ck_assert_int_eq(pread(fd, &c, 1, at), 1);
	c ^= 0x55;
	ck_assert_int_eq(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static int take_name(void *ctx, const char *name)
{
	int32_t day;
	uint64_t segment;

	if (ids_name(name, &day, &segment) && day == TODAY + 1)
		strcpy(ctx, name);
	return 0;
}

START_TEST(a_damaged_file_is_set_aside_and_told)
{
	struct id_entry *all = malloc(3 * PER_DAY * sizeof(*all));
	struct dedup_settings settings = { dir, &disk_real, 100000, false };
	char name[64] = "";

	for (int i = 0; i < 3; i++)
		fill_day(&all[i * PER_DAY], TODAY + i);
	for (long at = 0; at < 2; at++) {
		struct error err = { "" };
		uint64_t damaged = 0;
		struct dedup *d;

		fold(NULL, 1, all, 3 * PER_DAY);
		ck_assert_int_eq(disk_real.list(disk_real.ctx, dir, take_name, name), 0);
		change_file(name, at == 0 ? 1 : -20);
		d = dedup_open(&settings, TODAY, &damaged, &err);
		ck_assert_ptr_nonnull(d);
		ck_assert_uint_eq(damaged, 1);
		ck_assert_ptr_nonnull(strstr(err.text, name));
		expect_all(d, all, PER_DAY, DEDUP_DUPLICATE);
		expect_all(d, all + 2 * PER_DAY, PER_DAY, DEDUP_DUPLICATE);
		ck_assert_int_eq(files(), 3);
		dedup_close(d);
		d = open_dedup(100000, TODAY, false);
		ck_assert_int_eq(dedup_forget(d, TODAY + 3), 0);
		ck_assert_int_eq(files(), 0);
		dedup_close(d);
	}
	free(all);
}
END_TEST

static size_t unknown(struct dedup *d, const struct id_entry *entries, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += dedup_offer(d, entries[i].id, entries[i].content, entries[i].day, 9, false) ==
			 DEDUP_NEW;
	return found;
}

/* Loaded into memory, or asked on disk; at once and after the next start. */
START_TEST(a_damaged_place_costs_what_lies_in_it)
{
	struct id_entry *all = malloc(PER_DAY * sizeof(*all));
	char name[64];
	size_t lost;

	fill_day(all, TODAY + 1);
	for (size_t max = 0; max <= PER_DAY; max += PER_DAY) {
		struct dedup_settings settings = { dir, &disk_real, max, false };
		struct error err = { "" };
		uint64_t damaged = 0;
		struct dedup *d;

		fold(NULL, 1, all, PER_DAY);
		ck_assert_int_eq(disk_real.list(disk_real.ctx, dir, take_name, name), 0);
		change_file(name, PER_DAY * 6);
		d = dedup_open(&settings, TODAY, &damaged, &err);
		ck_assert_ptr_nonnull(d);
		ck_assert_uint_eq(damaged, max > 0);
		lost = unknown(d, all, PER_DAY);
		ck_assert_uint_gt(lost, 0);
		ck_assert_uint_lt(lost, PER_DAY / 10);
		ck_assert_uint_eq(status_of(d).damaged, 1);
		ck_assert_ptr_nonnull(strstr(status_of(d).damage, name));
		dedup_close(d);

		d = open_dedup(max, TODAY, false);
		ck_assert_uint_eq(unknown(d, all, PER_DAY), lost);
		ck_assert_int_eq(files(), 2);
		ck_assert_int_eq(dedup_forget(d, TODAY + 2), 0);
		ck_assert_int_eq(files(), 0);
		dedup_close(d);
	}
	free(all);
}
END_TEST

/* --- a disk that fails --- */

static bool is_failing;

static int failing_open(void *ctx, const char *path, enum disk_open how)
{
	return is_failing ? -EIO : disk_real.open(ctx, path, how);
}

static ssize_t failing_read(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	return is_failing ? -EIO : disk_real.read(ctx, fd, bytes, len, at);
}

START_TEST(a_failing_disk_loses_nothing)
{
	struct disk disk = disk_real;
	struct dedup_settings settings = { dir, &disk, 10, false };
	struct id_entry *all = malloc(2 * PER_DAY * sizeof(*all));
	struct error err = { "" };
	uint64_t damaged;
	struct dedup *d;
	int failed = 0;

	disk.open = failing_open;
	disk.read = failing_read;
	is_failing = false;
	d = dedup_open(&settings, TODAY, &damaged, &err);
	fill_day(all, TODAY);
	fill_day(all + PER_DAY, TODAY + 1);
	expect_all(d, all, 2 * PER_DAY, DEDUP_NEW);
	fold(d, 1000, all, 2 * PER_DAY);

	is_failing = true;
	tick_all(d);
	ck_assert_uint_eq(status_of(d).memory_ids, 2 * PER_DAY);
	expect_all(d, all, 2 * PER_DAY, DEDUP_DUPLICATE);

	is_failing = false;
	tick_all(d);
	ck_assert_uint_eq(status_of(d).memory_ids, 0);
	is_failing = true;
	for (int i = 0; i < 2 * PER_DAY; i++) {
		int r = offer(d, &all[i], 1001);

		ck_assert(r == -EIO || r == DEDUP_DUPLICATE);
		failed += r == -EIO;
	}
	ck_assert_int_gt(failed, 0);
	is_failing = false;
	expect_all(d, all, 2 * PER_DAY, DEDUP_DUPLICATE);
	dedup_close(d);

	is_failing = true;
	ck_assert_ptr_null(dedup_open(&settings, TODAY, &damaged, &err));
	ck_assert_ptr_nonnull(strstr(err.text, dir));
	free(all);
}
END_TEST

/* --- filed by arrival --- */

static bool is_arrival_noted(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/by-arrival", dir);
	return access(path, F_OK) == 0;
}

static int failing_rename(void *ctx, const char *from, const char *to)
{
	(void)ctx, (void)from, (void)to;
	return -ENOSPC;
}

/* Filed under the day they came, asked for under the day of the event, which is another. */
static void expect_of_day(struct dedup *d, const struct id_entry *entries, int32_t day, int answer)
{
	for (size_t i = 0; i < PER_DAY; i++)
		ck_assert_int_eq(dedup_offer(d, entries[i].id, entries[i].content, day, 9, false), answer);
}

static void change_limit(bool by_reload, bool is_noted)
{
	struct id_entry entries[PER_DAY];
	struct dedup *d = open_dedup(PER_DAY / 2, TODAY - 35, true);

	fill_day(entries, TODAY);
	expect_all(d, entries, PER_DAY, DEDUP_NEW);
	fold(d, 1, entries, PER_DAY);
	if (by_reload)
		ck_assert_int_eq(dedup_set_max(d, PER_DAY / 2, false), 0);
	dedup_close(d);
	ck_assert(is_arrival_noted());
	for (int start = 0; start < 3; start++) {
		d = open_dedup(PER_DAY / 2, TODAY - 35, false);
		ck_assert_int_eq(dedup_set_max(d, PER_DAY / 2, false), 0);
		expect_of_day(d, entries, TODAY - 20, DEDUP_DUPLICATE);
		ck_assert_int_eq(dedup_forget(d, is_noted ? TODAY : TODAY + 1), 0);
		ck_assert_int_eq(is_arrival_noted(), is_noted);
		dedup_close(d);
		if (!is_noted)
			return;
	}
}

START_TEST(a_limit_finds_what_came_without_one)
{
	change_limit(true, true);
}
END_TEST

START_TEST(so_it_does_when_it_comes_with_a_start)
{
	change_limit(false, true);
}
END_TEST

/* They are read back from the journal, and no file has them yet. */
START_TEST(so_it_does_for_what_only_the_journal_has)
{
	struct id_entry entries[PER_DAY];
	struct dedup *d = open_dedup(PER_DAY / 2, TODAY - 35, true);

	dedup_close(d);
	fill_day(entries, TODAY);
	d = open_dedup(PER_DAY / 2, TODAY - 35, false);
	expect_all(d, entries, PER_DAY, DEDUP_NEW);
	ck_assert_int_eq(dedup_set_max(d, PER_DAY / 2, false), 0);
	ck_assert_int_eq(dedup_forget(d, TODAY - 30), 0);
	ck_assert(is_arrival_noted());
	fold(d, 1, entries, PER_DAY);
	tick_all(d);
	expect_of_day(d, entries, TODAY - 20, DEDUP_DUPLICATE);
	dedup_close(d);
}
END_TEST

START_TEST(once_they_are_forgotten_nothing_is_noted)
{
	change_limit(true, false);
}
END_TEST

START_TEST(what_cannot_be_noted_holds_and_is_tried_again)
{
	struct disk disk = disk_real;
	struct dedup_settings settings = { dir, &disk, 10, false };
	struct error err = { "" };
	uint64_t damaged;
	struct dedup *d = dedup_open(&settings, TODAY, &damaged, &err);

	disk.rename = failing_rename;
	ck_assert_int_eq(dedup_set_max(d, 10, true), -ENOSPC);
	ck_assert(!is_arrival_noted());
	disk.rename = disk_real.rename;
	ck_assert_int_eq(dedup_set_max(d, 10, true), 0);
	ck_assert(is_arrival_noted());
	ck_assert_int_eq(dedup_set_max(d, 10, false), 0);
	ck_assert_int_eq(dedup_forget(d, TODAY + 1), 0);
	ck_assert(!is_arrival_noted());
	dedup_close(d);
}
END_TEST

/* --- filters --- */

static size_t reads;

static ssize_t counted_read(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	reads++;
	return disk_real.read(ctx, fd, bytes, len, at);
}

#define MANY 300000

/* Far more of one day than memory takes: each is known, and a new one seldom asks the disk. */
START_TEST(new_ids_of_a_day_on_disk_ask_no_file)
{
	struct disk disk = disk_real;
	struct dedup_settings settings = { dir, &disk, MANY / 4, false };
	struct id_entry *all = malloc(MANY * sizeof(*all));
	struct error err = { "" };
	uint64_t damaged;
	struct dedup *d;
	size_t asked = 0;

	disk.read = counted_read;
	d = dedup_open(&settings, TODAY, &damaged, &err);
	for (size_t i = 0; i < MANY; i++)
		all[i] = (struct id_entry){ dice(), (uint32_t)i, TODAY };
	for (size_t i = 0; i < MANY; i++) {
		reads = 0;
		ck_assert_int_eq(offer(d, &all[i], 1 + i / (MANY / 10)), DEDUP_NEW);
		asked += reads;
		if (i % (MANY / 10) == MANY / 10 - 1) {
			fold(d, 1 + i / (MANY / 10), &all[i + 1 - MANY / 10], MANY / 10);
			tick_all(d);
			ck_assert_uint_le(status_of(d).memory_ids, MANY / 4);
		}
	}
	ck_assert_uint_ge(status_of(d).disk_ids, MANY / 2);
	ck_assert_uint_le(status_of(d).memory_bytes, MANY / 4 * 40);
	ck_assert_uint_lt(asked, MANY / 10);
	for (size_t i = 0; i < MANY; i += 7)
		ck_assert_int_eq(offer(d, &all[i], 20), DEDUP_DUPLICATE);
	dedup_close(d);

	d = dedup_open(&settings, TODAY, &damaged, &err);
	reads = 0;
	for (size_t i = 0; i < MANY / 10; i++)
		ck_assert_int_eq(dedup_offer(d, dice(), 1, TODAY, 20, false), DEDUP_NEW);
	asked = reads;
	for (size_t i = 0; i < MANY; i += 7)
		ck_assert_int_eq(offer(d, &all[i], 20), DEDUP_DUPLICATE);
	ck_assert_uint_lt(asked, MANY / 100);
	dedup_close(d);
	free(all);
}
END_TEST

#define DAYS 12

/* The newest days have them; older days go without, and nothing is unknown there either. */
START_TEST(filters_take_no_more_than_they_may)
{
	size_t n = 70000;
	struct dedup *d = open_dedup(n, TODAY, false);
	struct id_entry *all = malloc(DAYS * n * sizeof(*all));

	for (int day = 0; day < DAYS; day++) {
		struct id_entry *entries = &all[(size_t)day * n];

		for (size_t i = 0; i < n; i++) {
			entries[i] = (struct id_entry){ dice(), (uint32_t)i, TODAY + day };
			ck_assert_int_eq(offer(d, &entries[i], (uint64_t)day + 1), DEDUP_NEW);
		}
		fold(d, (uint64_t)day + 1, entries, n);
		tick_all(d);
		ck_assert_uint_le(status_of(d).memory_bytes, status_of(d).memory_ids * 27 + n * 8 + 400000);
	}
	for (size_t i = 0; i < DAYS * n; i += 13)
		ck_assert_int_eq(offer(d, &all[i], 20), DEDUP_DUPLICATE);
	dedup_close(d);
	free(all);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_restart_forgets_nothing,
		a_damaged_file_is_set_aside_and_told,
		a_damaged_place_costs_what_lies_in_it,
		a_failing_disk_loses_nothing,
		a_limit_finds_what_came_without_one,
		so_it_does_when_it_comes_with_a_start, so_it_does_for_what_only_the_journal_has,
		once_they_are_forgotten_nothing_is_noted,
		what_cannot_be_noted_holds_and_is_tried_again,
		new_ids_of_a_day_on_disk_ask_no_file,
		filters_take_no_more_than_they_may,
	};

	return RUN_TESTS_WITHIN("journal/dedup_disk", tests, set_up, tear_down);
}
