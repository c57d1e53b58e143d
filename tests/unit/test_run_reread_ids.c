/* SPDX-License-Identifier: MPL-2.0 */
/* Ids read back: known afterwards, few or so many that a thread offers them, and what fails there is told. */
#include "dedup_bed.h"

#include "run/reread_ids.h"

#include <pthread.h>

#define MANY 400000

static uint64_t nth(size_t i)
{
	return (i + 1) * UINT64_C(0xd6e8feb86659fd93);
}

static void check_known(size_t n)
{
	struct dedup *d = open_dedup(2 * MANY, TODAY - 35, false);
	struct reread_ids *ids = reread_ids_new(d);

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(
			reread_ids_add(ids, nth(i), (uint32_t)i, TODAY - (int32_t)(i % 30), 1 + i / 150000),
			0);
	ck_assert_int_eq(reread_ids_end(ids), 0);
	reread_ids_free(ids);
	ck_assert_uint_eq(status_of(d).memory_ids, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(dedup_offer(d, nth(i), (uint32_t)i, TODAY, 9, true), DEDUP_DUPLICATE);
	dedup_close(d);
}

START_TEST(few_are_known)
{
	check_known(0);
	check_known(1);
	check_known(1000);
}
END_TEST

START_TEST(many_are_known)
{
	check_known(MANY);
}
END_TEST

START_TEST(given_up_in_the_middle)
{
	struct dedup *d = open_dedup(2 * MANY, TODAY - 35, false);
	struct reread_ids *ids = reread_ids_new(d);

	for (size_t i = 0; i < MANY; i++)
		ck_assert_int_eq(reread_ids_add(ids, nth(i), 1, TODAY, 1), 0);
	reread_ids_free(ids);
	reread_ids_free(NULL);
	dedup_close(d);
}
END_TEST

static bool is_failing, is_read_elsewhere;
static pthread_t our_thread;

static ssize_t read_or_fail(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	is_read_elsewhere |= !pthread_equal(pthread_self(), our_thread);
	return is_failing ? -EIO : disk_real.read(ctx, fd, bytes, len, at);
}

/* Ids that a file has to be asked for, and the disk fails meanwhile: with `others` before and behind them. */
static void check_error(size_t others)
{
	static struct id_entry entries[PER_DAY];
	struct disk disk = disk_real;
	const struct dedup_settings settings = { dir, &disk, 1000, false };
	struct error err = { "" };
	uint64_t damaged;
	struct reread_ids *ids;
	struct dedup *d;
	int r = 0;

	disk.read = read_or_fail;
	our_thread = pthread_self();
	fill_day(entries, TODAY);
	fold(NULL, 1, entries, PER_DAY);
	d = dedup_open(&settings, TODAY - 35, &damaged, &err);
	ck_assert_ptr_nonnull(d);
	ids = reread_ids_new(d);
	is_failing = true;
	is_read_elsewhere = false;
	for (size_t i = 0; i < others && r == 0; i++)
		r = reread_ids_add(ids, nth(i), 1, TODAY - 1, 2);
	for (size_t i = 0; i < PER_DAY && r == 0; i++)
		r = reread_ids_add(ids, entries[i].id, entries[i].content, TODAY, 2);
	for (size_t i = 0; i < others && r == 0; i++)
		r = reread_ids_add(ids, nth(MANY + i), 1, TODAY - 1, 2);
	ck_assert_int_eq(r == 0 ? reread_ids_end(ids) : r, -EIO);
	ck_assert_int_eq(reread_ids_end(ids), -EIO);
	reread_ids_free(ids);
	dedup_close(d);
	is_failing = false;
}

START_TEST(an_error_of_few_is_told)
{
	check_error(0);
	ck_assert(!is_read_elsewhere);
}
END_TEST

START_TEST(an_error_of_many_is_told)
{
	check_error(MANY);
	ck_assert(is_read_elsewhere);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { few_are_known, many_are_known, given_up_in_the_middle,
				       an_error_of_few_is_told, an_error_of_many_is_told };

	return RUN_TESTS_WITHIN("run/reread_ids", tests, set_up, tear_down);
}
