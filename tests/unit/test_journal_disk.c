/* SPDX-License-Identifier: MPL-2.0 */
/* The machine's own disk behind the table, and the disk in memory that stands for it in other tests: the same
 * calls give the same answers on both. Then what only the one in memory can: a power cut. */
#include "journal_disk.h"
#include "suite.h"

#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static struct mem_disk *mem;

static void set_up(void)
{
	snprintf(dir, sizeof(dir), "/tmp/test_journal_disk.XXXXXX");
	ck_assert_ptr_ne(mkdtemp(dir), NULL);
	mem = mem_disk_new();
	mem->table.make_folder(mem, dir);
}

static int remove_one(void *ctx, const char *name)
{
	char path[400];

	(void)ctx;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (unlink(path) < 0)
		rmdir(path);
	return 0;
}

static void tear_down(void)
{
	disk_real.list(NULL, dir, remove_one, NULL);
	rmdir(dir);
	mem_disk_free(mem);
}

/* Loop: 0 the machine's, 1 the one in memory. */
static const struct disk *disk_of(int i)
{
	return i == 0 ? &disk_real : &mem->table;
}

static const char *in(const char *name)
{
	static char path[4][128];
	static int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", dir, name);
	return to;
}

static int count_names(void *ctx, const char *name)
{
	ck_assert_ptr_eq(strchr(name, '/'), NULL);
	++*(int *)ctx;
	return 0;
}

static int stop(void *ctx, const char *name)
{
	(void)ctx, (void)name;
	return 42;
}

START_TEST(files)
{
	const struct disk *disk = disk_of(_i);
	char bytes[16] = "";
	int fd;

	ck_assert_int_eq(disk->open(disk->ctx, in("a"), DISK_READ), -ENOENT);
	ck_assert_int_eq(disk->open(disk->ctx, in("a"), DISK_EDIT), -ENOENT);
	fd = disk->open(disk->ctx, in("a"), DISK_NEW);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(disk->write(disk->ctx, fd, "hello", 5, 3), 5);
	ck_assert_int_eq(disk->size(disk->ctx, fd), 8);
	ck_assert_int_eq(disk->read(disk->ctx, fd, bytes, 16, 0), 8);
	ck_assert_int_eq(memcmp(bytes, "\0\0\0hello", 8), 0);
	ck_assert_int_eq(disk->read(disk->ctx, fd, bytes, 16, 100), 0);
	ck_assert_int_eq(disk_read_all(disk, fd, bytes, 9, 0), -EIO);
	ck_assert_int_eq(disk_read_all(disk, fd, bytes, 5, 3), 0);
	ck_assert_int_eq(memcmp(bytes, "hello", 5), 0);
	ck_assert_int_eq(disk->cut(disk->ctx, fd, 5), 0);
	ck_assert_int_eq(disk->size(disk->ctx, fd), 5);
	ck_assert_int_eq(disk->cut(disk->ctx, fd, 7), 0);
	ck_assert_int_eq(disk_read_all(disk, fd, bytes, 4, 3), 0);
	ck_assert_int_eq(memcmp(bytes, "he\0\0", 4), 0);
	ck_assert_int_eq(disk->sync(disk->ctx, fd), 0);
	disk->close(disk->ctx, fd);
	fd = disk->open(disk->ctx, in("a"), DISK_EDIT);
	ck_assert_int_eq(disk->size(disk->ctx, fd), 7);
	ck_assert_int_eq(disk->reserve(disk->ctx, fd, 4), 0);
	disk->close(disk->ctx, fd);
	fd = disk->open(disk->ctx, in("a"), DISK_NEW);
	ck_assert_int_eq(disk->size(disk->ctx, fd), 0);
	disk->close(disk->ctx, fd);
}
END_TEST

START_TEST(names)
{
	const struct disk *disk = disk_of(_i);
	int n = 0;

	disk->close(disk->ctx, disk->open(disk->ctx, in("a"), DISK_NEW));
	disk->close(disk->ctx, disk->open(disk->ctx, in("b"), DISK_NEW));
	ck_assert_int_eq(disk->rename(disk->ctx, in("a"), in("b")), 0);
	ck_assert_int_eq(disk->rename(disk->ctx, in("a"), in("b")), -ENOENT);
	ck_assert_int_eq(disk->sync_folder(disk->ctx, dir), 0);
	ck_assert_int_eq(disk->make_folder(disk->ctx, in("f")), 0);
	ck_assert_int_eq(disk->make_folder(disk->ctx, in("f")), 0);
	ck_assert_int_eq(disk->list(disk->ctx, dir, count_names, &n), 0);
	ck_assert_int_eq(n, 2);
	ck_assert_int_eq(disk->list(disk->ctx, dir, stop, NULL), 42);
	ck_assert_int_eq(disk->list(disk->ctx, in("none"), stop, NULL), -ENOENT);
	ck_assert_int_eq(disk->remove(disk->ctx, in("b")), 0);
	ck_assert_int_eq(disk->remove(disk->ctx, in("b")), -ENOENT);
}
END_TEST

START_TEST(whole_files)
{
	const struct disk *disk = disk_of(_i);
	void *bytes;
	size_t len;
	int n = 0;

	ck_assert_int_eq(disk_load(disk, in("a"), 100, &bytes, &len), -ENOENT);
	ck_assert_int_eq(disk_replace(disk, in("a"), "first", 5), 0);
	ck_assert_int_eq(disk_replace(disk, in("a"), "second", 6), 0);
	ck_assert_int_eq(disk_load(disk, in("a"), 5, &bytes, &len), -EFBIG);
	ck_assert_int_eq(disk_load(disk, in("a"), 6, &bytes, &len), 0);
	ck_assert_uint_eq(len, 6);
	ck_assert_str_eq(bytes, "second");
	free(bytes);
	ck_assert_int_eq(disk_replace(disk, in("none/a"), "x", 1), _i == 0 ? -ENOENT : 0);
	ck_assert_int_eq(disk->list(disk->ctx, dir, count_names, &n), 0);
	ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(modes_of_the_machine)
{
	struct stat st;

	umask(0);
	ck_assert_int_eq(disk_replace(&disk_real, in("a"), "x", 1), 0);
	ck_assert_int_eq(stat(in("a"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	ck_assert_int_eq(disk_real.make_folder(NULL, in("f")), 0);
	ck_assert_int_eq(stat(in("f"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0750);
	ck_assert_int_eq(disk_real.make_folder(NULL, in("a")), -ENOTDIR);
	ck_assert_int_eq(symlink("a", in("link")), 0);
	ck_assert_int_eq(disk_real.open(NULL, in("link"), DISK_READ), -ELOOP);
}
END_TEST

/* A read that fails for a moment is made again; one that fails on is told. */
START_TEST(a_read_that_fails)
{
	char bytes[3];
	int fd;

	ck_assert_int_eq(disk_replace(&mem->table, in("a"), "old", 3), 0);
	fd = mem->table.open(mem, in("a"), DISK_READ);
	mem_disk_fail(mem, MEM_CALL(MEM_READ), 0, DISK_READ_TRIES - 1, -EIO);
	ck_assert_int_eq(disk_read_all(&mem->table, fd, bytes, 3, 0), 0);
	ck_assert_mem_eq(bytes, "old", 3);
	mem_disk_fail(mem, MEM_CALL(MEM_READ), 0, DISK_READ_TRIES, -EIO);
	ck_assert_int_eq(disk_read_all(&mem->table, fd, bytes, 3, 0), -EIO);
	mem_disk_fail(mem, MEM_CALL(MEM_READ), 0, 1, -ENOSPC);
	ck_assert_int_eq(disk_read_all(&mem->table, fd, bytes, 3, 0), -ENOSPC);
	mem->table.close(mem, fd);
}
END_TEST

/* Where a replacement fails, the old bytes are there and nothing else. */
START_TEST(a_replacement_that_fails)
{
	for (uint64_t skip = 0; skip < 5; skip++) {
		void *bytes;
		size_t len;
		int n = 0;

		ck_assert_int_eq(disk_replace(&mem->table, in("a"), "old", 3), 0);
		mem_disk_fail(mem, MEM_ANY, skip, 1, -EIO);
		ck_assert_int_eq(disk_replace(&mem->table, in("a"), "new", 3), -EIO);
		mem->fail_calls = 0;
		ck_assert_int_eq(disk_load(&mem->table, in("a"), 100, &bytes, &len), 0);
		ck_assert_str_eq(bytes, skip < 4 ? "old" : "new");
		free(bytes);
		ck_assert_int_eq(mem->table.list(mem, dir, count_names, &n), 0);
		ck_assert_int_eq(n, 1);
	}
}
END_TEST

/* --- the disk in memory --- */

/* What a power cut leaves of a write that was not synced: every possibility is met. */
START_TEST(a_power_cut_leaves_anything_of_what_was_not_synced)
{
	int whole = 0, none = 0, other = 0;

	for (uint64_t seed = 0; seed < 300; seed++) {
		struct mem_disk *disk = mem_disk_new();
		char text[2048], back[2048];
		int fd;
		int64_t size;

		memset(text, 'x', sizeof(text));
		disk->table.make_folder(disk, "/d");
		fd = disk->table.open(disk, "/d/a", DISK_NEW);
		disk->table.write(disk, fd, "kept", 4, 0);
		disk->table.sync(disk, fd);
		disk->table.sync_folder(disk, "/d");
		disk->table.write(disk, fd, text, sizeof(text), 4);
		mem_disk_cut_power(disk, seed);
		fd = disk->table.open(disk, "/d/a", DISK_READ);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(disk_read_all(&disk->table, fd, back, 4, 0), 0);
		ck_assert_int_eq(memcmp(back, "kept", 4), 0);
		size = disk->table.size(disk, fd);
		if (size == 4)
			none++;
		else if (size == 4 + sizeof(text) &&
			 disk_read_all(&disk->table, fd, back, sizeof(text), 4) == 0 &&
			 memcmp(text, back, sizeof(text)) == 0)
			whole++;
		else
			other++;
		mem_disk_free(disk);
	}
	ck_assert(whole > 20 && none > 20 && other > 20);
}
END_TEST

START_TEST(a_name_needs_its_folder_synced)
{
	int there = 0;

	for (uint64_t seed = 0; seed < 300; seed++) {
		struct mem_disk *disk = mem_disk_new();
		int fd;

		disk->table.make_folder(disk, "/d");
		fd = disk->table.open(disk, "/d/a", DISK_NEW);
		disk->table.write(disk, fd, "kept", 4, 0);
		disk->table.sync(disk, fd);
		mem_disk_cut_power(disk, seed);
		there += disk->table.open(disk, "/d/a", DISK_READ) >= 0;
		mem_disk_free(disk);
	}
	ck_assert(there > 50 && there < 250);
}
END_TEST

/* A sync that says yes after one that said no has not saved what the first one lost. */
START_TEST(a_failed_sync_is_not_made_good_by_a_later_one)
{
	int lost = 0;

	for (uint64_t seed = 0; seed < 100; seed++) {
		struct mem_disk *disk = mem_disk_new();
		int fd;

		disk->table.make_folder(disk, "/d");
		fd = disk->table.open(disk, "/d/a", DISK_NEW);
		disk->table.sync_folder(disk, "/d");
		disk->table.write(disk, fd, "gone", 4, 0);
		mem_disk_fail(disk, MEM_CALL(MEM_SYNC), 0, 1, -EIO);
		ck_assert_int_eq(disk->table.sync(disk, fd), -EIO);
		ck_assert_int_eq(disk->table.sync(disk, fd), 0);
		mem_disk_cut_power(disk, seed);
		fd = disk->table.open(disk, "/d/a", DISK_READ);
		lost += disk->table.size(disk, fd) < 4;
		mem_disk_free(disk);
	}
	ck_assert_int_gt(lost, 10);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		modes_of_the_machine,           a_read_that_fails,
		a_replacement_that_fails,       a_power_cut_leaves_anything_of_what_was_not_synced,
		a_name_needs_its_folder_synced, a_failed_sync_is_not_made_good_by_a_later_one
	};
	TCase *tcase = suite_case("disk", set_up, tear_down);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, files, 0, 2);
	tcase_add_loop_test(tcase, names, 0, 2);
	tcase_add_loop_test(tcase, whole_files, 0, 2);
	return suite_run("journal/disk", tcase);
}
