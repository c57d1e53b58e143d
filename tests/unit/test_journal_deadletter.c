/* SPDX-License-Identifier: MPL-2.0 */
/* Dead letters: what is told of a refused event and what never is, and that what was kept is in the files,
 * whatever the disk does meanwhile. */
#include "suite.h"

#include "base/str.h"
#include "event/cpr.h"
#include "event/decode.h"
#include "journal/deadletter.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_MS INT64_C(1795338900000) /* 2026-11-22T09:15:00Z */
#define QUOTA (1 << 20)
#define FINE                                                                                                 \
	"{\"id\":\"1\",\"source\":\"a\",\"time\":\"2026-11-22T10:15:00+01:00\",\"municipality\":\"0751\","   \
	"\"channel\":\"phone\",\"kle\":\"23.05.10\"}"
#define CPR "010199-0000"

static char dir[64];
static struct disk disk;
static struct job *given; /* to the worker, not done yet */
static bool is_prompt;
static const uint8_t key[32] = { 1, 2, 3 };

/* --- a worker and a disk that do as told --- */

static void work_off(void)
{
	struct job *job = given;

	given = NULL;
	if (job != NULL) {
		job->work(job);
		job->done(job);
	}
}

static void submit(void *ctx, struct job *job)
{
	(void)ctx;
	ck_assert_ptr_null(given);
	given = job;
	if (is_prompt)
		work_off();
}

static int fail_in;    /* calls until one fails; 0: none */
static int fail_times; /* how many fail then */
static int calls;

static int judge(int error)
{
	calls++;
	if (fail_in > 0 && --fail_in == 0 && fail_times-- > 0) {
		fail_in = 1;
		return error;
	}
	return 0;
}

static int judged_open(void *ctx, const char *path, enum disk_open how)
{
	int r = judge(-EACCES);

	return r < 0 ? r : disk_real.open(ctx, path, how);
}

static ssize_t judged_write(void *ctx, int fd, const void *bytes, size_t len, int64_t at)
{
	int r = judge(-ENOSPC);

	/* What fails has often been written in part. */
	if (r < 0)
		disk_real.write(ctx, fd, bytes, len / 2, at);
	return r < 0 ? r : disk_real.write(ctx, fd, bytes, len, at);
}

static ino_t unsynced; /* a file whose sync failed */

static int judged_sync(void *ctx, int fd)
{
	int r = judge(-EIO);
	struct stat st;

	/* It would succeed, and mean nothing. */
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_ne(st.st_ino, unsynced);
	if (r < 0)
		unsynced = st.st_ino;
	return r < 0 ? r : disk_real.sync(ctx, fd);
}

static int judged_sync_folder(void *ctx, const char *path)
{
	int r = judge(-EIO);

	return r < 0 ? r : disk_real.sync_folder(ctx, path);
}

static int judged_cut(void *ctx, int fd, int64_t size)
{
	int r = judge(-EIO);

	return r < 0 ? r : disk_real.cut(ctx, fd, size);
}

/* --- around each test --- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void set_up(void)
{
	strcpy(dir, "/tmp/effort-dead-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	disk = disk_real;
	disk.open = judged_open;
	disk.write = judged_write;
	disk.sync = judged_sync;
	disk.sync_folder = judged_sync_folder;
	disk.cut = judged_cut;
	is_prompt = true;
	given = NULL;
	fail_in = fail_times = 0;
}

static void tear_down(void)
{
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct deadletters *open_quota(int64_t quota)
{
	struct deadletters_settings settings = { dir, &disk, { NULL, submit }, quota, key };
	struct error err = { "" };
	struct deadletters *d = deadletters_open(&settings, &err);

	ck_assert_msg(d != NULL, "%s", err.text);
	return d;
}

static struct deadletters_status status_of(const struct deadletters *d)
{
	struct deadletters_status status;

	deadletters_status(d, &status);
	return status;
}

static void add(struct deadletters *d, enum code code, struct effort_str bytes, uint64_t line)
{
	struct deadletter letter = { AT_MS,     code,  str_of("kommune/a"), line,
				     bytes.len, "kle", "a detail",          bytes };

	deadletters_add(d, &letter);
}

static int compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_ours(const struct dirent *entry)
{
	return strstr(entry->d_name, ".ndjson") != NULL;
}

/* All files, in their order, as one. Every line must be JSON. */
static json_t *read_all(size_t *ret_files)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_ours, compare);
	json_t *all = json_array();
	static char line[200000];

	for (int i = 0; i < n; i++) {
		char path[400];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		f = fopen(path, "r");
		ck_assert_ptr_nonnull(f);
		while (fgets(line, sizeof(line), f) != NULL) {
			json_t *letter = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

			ck_assert_msg(letter != NULL, "%s: %s", path, line);
			ck_assert_int_eq(line[strlen(line) - 1], '\n');
			json_array_append_new(all, letter);
		}
		fclose(f);
		free(names[i]);
	}
	free(names);
	if (ret_files != NULL)
		*ret_files = (size_t)n;
	return all;
}

static const char *text_of(const json_t *letter, const char *name)
{
	return json_string_value(json_object_get(letter, name));
}

static json_int_t number_of(const json_t *letter, const char *name)
{
	return json_integer_value(json_object_get(letter, name));
}

/* --- what is told --- */

START_TEST(an_event_is_kept_whole)
{
	struct deadletters *d = open_quota(QUOTA);
	json_t *all, *letter;

	add(d, E_MUNICIPALITY, str_of(FINE), 17);
	deadletters_flush(d);
	all = read_all(NULL);
	ck_assert_uint_eq(json_array_size(all), 1);
	letter = json_array_get(all, 0);
	ck_assert_str_eq(text_of(letter, "at"), "2026-11-22T09:15:00Z");
	ck_assert_str_eq(text_of(letter, "source"), "kommune/a");
	ck_assert_str_eq(text_of(letter, "code"), "E_MUNICIPALITY");
	ck_assert_int_eq(number_of(letter, "line"), 17);
	ck_assert_int_eq(number_of(letter, "size"), (json_int_t)strlen(FINE));
	ck_assert_str_eq(text_of(letter, "field"), "kle");
	ck_assert_str_eq(text_of(letter, "detail"), "a detail");
	ck_assert_str_eq(text_of(json_object_get(letter, "event"), "kle"), "23.05.10");
	ck_assert_uint_eq(json_object_size(letter), 8);
	ck_assert_uint_eq(status_of(d).kept, 1);
	ck_assert_int_gt(status_of(d).bytes, 100);
	json_decref(all);
	deadletters_close(d);
}
END_TEST

static char *only_line(struct deadletters *d)
{
	static char line[4096];
	char path[200];
	FILE *f;

	deadletters_flush(d);
	snprintf(path, sizeof(path), "%s/0000000001.ndjson", dir);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	fclose(f);
	unlink(path);
	deadletters_close(d);
	return line;
}

START_TEST(an_excerpt_tells_no_number)
{
	static const struct {
		enum code code;
		const char *bytes, *excerpt;
	} cases[] = {
		{ E_JSON, "{\"id\":\"" CPR "\",,}", "{\"id\":\"######-####\",,}" },
		{ E_JSON, "\\u0030\\u0031 \\\\ \\n1\\", ".. . .#." },
		{ E_JSON, "a\\u00", "a." },
		{ E_UTF8, "caf\xe9 \xc3\xa6\x01\x7f~ 5", "caf. ....~ #" },
		{ E_DEPTH, "[[[[[[[[[[1", "[[[[[[[[[[#" },
		{ E_DUPLICATE_KEY, FINE, NULL },
		{ E_TOO_LONG, FINE, NULL },
		{ E_PARTIAL, FINE, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct deadletters *d = open_quota(QUOTA);
		json_t *letter;

		add(d, cases[i].code, str_of(cases[i].bytes), 1);
		letter = json_loads(only_line(d), 0, NULL);
		ck_assert_ptr_nonnull(letter);
		ck_assert_ptr_null(json_object_get(letter, "event"));
		ck_assert_uint_eq(strlen(text_of(letter, "hash")), 16);
		ck_assert_uint_le(strlen(text_of(letter, "excerpt")), 120);
		ck_assert_ptr_null(strpbrk(text_of(letter, "excerpt"), "0123456789\\"));
		if (cases[i].excerpt != NULL)
			ck_assert_str_eq(text_of(letter, "excerpt"), cases[i].excerpt);
		json_decref(letter);
	}
}
END_TEST

START_TEST(of_personal_data_only_that_it_was_there)
{
	struct deadletters *d = open_quota(QUOTA);
	const char *line;
	json_t *letter;

	add(d, E_CPR, str_of("{\"id\":\"" CPR "\"}"), 99);
	line = only_line(d);
	ck_assert_str_eq(line, "{\"at\":\"2026-11-22T09:15:00Z\",\"source\":\"kommune/a\",\"code\":\"E_CPR\","
			       "\"size\":20,\"field\":\"kle\"}\n");
	letter = json_loads(line, 0, NULL);
	ck_assert_ptr_nonnull(letter);
	json_decref(letter);
}
END_TEST

/* Whatever the code says: a number that nobody has looked for is not in the file. */
START_TEST(no_code_lets_a_number_through)
{
	static const char *const lines[] = {
		"{\"id\":\"x\",\"note\":\"" CPR "\"}",
		"{\"id\":\"x\",\"" CPR "\":1}",
		"{\"id\":\"x\",\"a\":[{\"b\":101990000}],\"c\":\"0101990000\"}",
		"{\"id\":\"x\",\"note\":\"01\\u00301990000\"}",
		"{\"id\":\"x\",\"note\":\"" CPR "\"",
		"{\"id\":\"x\",\"id\":\"" CPR "\"}",
		"[[[[[[[[[[\"" CPR "\"]]]]]]]]]]",
		("\xff " CPR),
		"0101990000",
	};

	for (int code = CODE_OK + 1; code < CODES; code++) {
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
			struct deadletters *d = open_quota(QUOTA);
			char padded[4096 + DECODE_PADDING] = "";

			add(d, (enum code)code, str_of(lines[i]), 1);
			strcpy(padded, only_line(d));
			ck_assert_int_eq(cpr_find(padded, strlen(padded), NULL), -1);
			ck_assert_ptr_null(strstr(padded, "1990000"));
			ck_assert_ptr_null(strstr(padded, "\"event\""));
		}
	}
}
END_TEST

START_TEST(what_is_gone_is_told_without_it)
{
	struct deadletters *d = open_quota(QUOTA);
	struct deadletter letter = { AT_MS, E_TOO_LONG, { "", 0 }, 3, 123456, "", "", { NULL, 0 } };

	deadletters_add(d, &letter);
	ck_assert_str_eq(only_line(d),
			 "{\"at\":\"2026-11-22T09:15:00Z\",\"source\":\"_unknown\",\"code\":\"E_TOO_LONG\","
			 "\"line\":3,\"size\":123456,\"field\":\"\",\"detail\":\"\"}\n");
}
END_TEST

START_TEST(the_longest_line_is_kept)
{
	struct deadletters *d = open_quota(QUOTA);
	static char line[DECODE_MAX_LINE + 2];
	json_t *all;
	int n = snprintf(line, sizeof(line), "{\"id\":\"1\",\"note\":\"");

	memset(line + n, 'x', DECODE_MAX_LINE - (size_t)n);
	memcpy(line + DECODE_MAX_LINE - 2, "\"}", 2);
	add(d, E_MISSING, (struct effort_str){ line, DECODE_MAX_LINE }, 1);
	add(d, E_MISSING, (struct effort_str){ line, DECODE_MAX_LINE + 1 }, 2);
	deadletters_flush(d);
	all = read_all(NULL);
	ck_assert_ptr_nonnull(json_object_get(json_array_get(all, 0), "event"));
	ck_assert_ptr_null(json_object_get(json_array_get(all, 1), "event"));
	ck_assert_ptr_nonnull(json_object_get(json_array_get(all, 1), "excerpt"));
	json_decref(all);
	deadletters_close(d);
}
END_TEST

/* --- files --- */

/* Lines first <= line < end, each exactly once and in order. */
static void expect_lines(json_int_t first, json_int_t end)
{
	json_t *all = read_all(NULL);

	ck_assert_int_eq((json_int_t)json_array_size(all), end - first);
	for (size_t i = 0; i < json_array_size(all); i++)
		ck_assert_int_eq(number_of(json_array_get(all, i), "line"), first + (json_int_t)i);
	json_decref(all);
}

START_TEST(the_oldest_go_and_are_counted)
{
	int64_t quota = 64 * 1024;
	struct deadletters *d = open_quota(quota);
	uint64_t n = 0;
	size_t files;
	json_t *all;

	while (n < 3000) {
		for (int i = 0; i < 70; i++)
			add(d, E_TASK, str_of(FINE), n++);
		deadletters_flush(d);
		ck_assert_int_le(status_of(d).bytes, quota);
	}
	all = read_all(&files);
	ck_assert_uint_ge(files, 2);
	ck_assert_uint_le(files, 3);
	ck_assert_uint_gt(json_array_size(all), 100);
	ck_assert_uint_eq(status_of(d).kept, n);
	ck_assert_uint_eq(status_of(d).dropped, n - json_array_size(all));
	ck_assert_uint_eq(status_of(d).lines, json_array_size(all));
	json_decref(all);
	expect_lines((json_int_t)status_of(d).dropped, (json_int_t)n);

	deadletters_set_quota(d, quota / 4);
	add(d, E_TASK, str_of(FINE), n++);
	deadletters_flush(d);
	add(d, E_TASK, str_of(FINE), n++);
	deadletters_flush(d);
	ck_assert_int_le(status_of(d).bytes, quota / 4);
	expect_lines((json_int_t)status_of(d).dropped, (json_int_t)n);
	ck_assert_uint_eq(status_of(d).lines, n - status_of(d).dropped);
	deadletters_close(d);
}
END_TEST

START_TEST(a_restart_goes_on_behind_the_last_whole_line)
{
	struct deadletters *d = open_quota(QUOTA);
	char path[200];
	struct stat st;
	FILE *f;

	for (uint64_t i = 0; i < 10; i++)
		add(d, E_TASK, str_of(FINE), i);
	deadletters_close(d);
	snprintf(path, sizeof(path), "%s/0000000001.ndjson", dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0640 & ~umask(0));
	f = fopen(path, "a");
	for (int i = 0; i < 100000; i++)
		fputs("torn", f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/readme", dir);
	fclose(fopen(path, "w"));

	d = open_quota(QUOTA);
	ck_assert_int_eq(status_of(d).bytes, (int64_t)st.st_size + 400000);
	ck_assert(!status_of(d).is_counted);
	deadletters_flush(d);
	ck_assert(status_of(d).is_counted);
	ck_assert_uint_eq(status_of(d).lines, 10);
	add(d, E_TASK, str_of(FINE), 10);
	deadletters_flush(d);
	ck_assert_uint_eq(status_of(d).lines, 11);
	deadletters_close(d);
	expect_lines(0, 11);
}
END_TEST

START_TEST(a_slow_worker_is_waited_for)
{
	struct deadletters *d = open_quota(64 << 20);
	uint64_t n = 0;

	is_prompt = false;
	while (n < 100)
		add(d, E_TASK, str_of(FINE), n++);
	deadletters_flush(d);
	deadletters_flush(d);
	ck_assert(!deadletters_is_full(d));
	while (!deadletters_is_full(d))
		add(d, E_TASK, str_of(FINE), n++);
	deadletters_flush(d);
	work_off();
	deadletters_flush(d);
	while (!deadletters_is_full(d))
		add(d, E_TASK, str_of(FINE), n++);
	work_off();
	ck_assert(!deadletters_is_full(d));
	add(d, E_TASK, str_of(FINE), n++);
	deadletters_close(d);
	expect_lines(0, (json_int_t)n);
}
END_TEST

/* Each call to the disk in turn fails, once or for a while. A write that fails is repeated in its place;
 * after a failed sync nobody knows, and a line may be there twice rather than not at all. */
START_TEST(a_failing_disk_keeps_nothing_back)
{
	for (int times = 1; times < 6; times += 2) {
		int last = 1;

		for (int at = 1; at <= last; at++) {
			struct deadletters *d = open_quota(32 * 1024);
			uint64_t n = 0, seen = 0;
			json_t *all;

			calls = 0;
			unsynced = 0;
			fail_in = at;
			fail_times = times;
			for (int round = 0; round < 12; round++) {
				for (int i = 0; i < 5; i++)
					add(d, E_TASK, str_of(FINE), n++);
				deadletters_flush(d);
			}
			fail_in = 0;
			deadletters_flush(d);
			ck_assert_str_eq(status_of(d).error, "");
			last = calls;
			deadletters_close(d);

			all = read_all(NULL);
			for (size_t i = 0; i < json_array_size(all); i++) {
				uint64_t line = (uint64_t)number_of(json_array_get(all, i), "line");

				ck_assert_uint_le(line, seen);
				seen += line == seen;
			}
			ck_assert_uint_eq(seen, n);
			ck_assert_uint_le(json_array_size(all), n + 60);
			json_decref(all);
			nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
			mkdir(dir, 0700);
		}
		ck_assert_int_gt(last, 20);
	}
}
END_TEST

START_TEST(trouble_is_told_and_over_when_it_is_over)
{
	struct deadletters *d = open_quota(QUOTA);

	fail_in = 1;
	fail_times = 1000;
	add(d, E_TASK, str_of(FINE), 0);
	deadletters_flush(d);
	ck_assert_ptr_nonnull(strstr(status_of(d).error, dir));
	ck_assert_ptr_nonnull(strstr(status_of(d).error, strerror(EACCES)));
	ck_assert_uint_eq(status_of(d).dropped, 0);
	while (!deadletters_is_full(d))
		add(d, E_TASK, str_of(FINE), status_of(d).kept);
	deadletters_flush(d);
	ck_assert(deadletters_is_full(d));
	fail_in = 0;
	deadletters_flush(d);
	deadletters_flush(d);
	ck_assert(!deadletters_is_full(d));
	ck_assert_str_eq(status_of(d).error, "");
	deadletters_close(d);
}
END_TEST

START_TEST(a_folder_that_cannot_be_used_is_told)
{
	struct deadletters_settings settings = { "/proc/none/here", &disk, { NULL, submit }, QUOTA, key };
	struct error err = { "" };

	ck_assert_ptr_null(deadletters_open(&settings, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/proc/none/here"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_event_is_kept_whole,
		an_excerpt_tells_no_number,
		of_personal_data_only_that_it_was_there,
		no_code_lets_a_number_through,
		what_is_gone_is_told_without_it,
		the_longest_line_is_kept,
		the_oldest_go_and_are_counted,
		a_restart_goes_on_behind_the_last_whole_line,
		a_slow_worker_is_waited_for,
		a_failing_disk_keeps_nothing_back,
		trouble_is_told_and_over_when_it_is_over,
		a_folder_that_cannot_be_used_is_told,
	};

	return RUN_TESTS_WITHIN("journal/deadletter", tests, set_up, tear_down);
}
