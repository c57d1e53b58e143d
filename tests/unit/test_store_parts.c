/* SPDX-License-Identifier: MPL-2.0 */
/* The store's pure parts: addresses, bounds on replies, commands, the text of the functions, closed periods
 * that are due, shares on their way into rankings. */
#include "suite.h"

#include "store/address.h"
#include "store/bound.h"
#include "store/command.h"
#include "store/library.h"
#include "store/rank.h"
#include "store/series.h"

#include "domain/area.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_address)
{
	struct address address;
	struct error error;

	ck_assert_int_eq(address_parse("redis://127.0.0.1:6380/3", &address, &error), 0);
	ck_assert_int_eq(address.n, 1);
	ck_assert_int_eq(address.db, 3);
	ck_assert_int_eq(ntohs(((struct sockaddr_in *)&address.at[0])->sin_port), 6380);
	ck_assert_int_eq(address_parse("redis://me@[::1]:7000", &address, &error), 0);
	ck_assert_int_eq(address.at[0].ss_family, AF_INET6);
	ck_assert_str_eq(address.user, "me");
	ck_assert_int_eq(address_parse("redis://localhost", &address, &error), 0);
	ck_assert_int_eq(address.n, 2);
	ck_assert_int_eq(address_parse("unix:///run/redis.sock", &address, &error), 0);
	ck_assert_int_eq(address.at[0].ss_family, AF_UNIX);
	ck_assert_str_eq(address.text, "unix:///run/redis.sock");
}
END_TEST

START_TEST(test_bad_address)
{
	static const struct {
		const char *url;
		int code;
		const char *word;
	} cases[] = {
		{ "rediss://127.0.0.1:1", -ENOTSUP, "not there yet" },
		{ "sentinel://main@127.0.0.1:1", -ENOTSUP, "not there yet" },
		{ "cluster://127.0.0.1:1", -ENOTSUP, "not there yet" },
		{ "http://127.0.0.1", -EINVAL, "expected" },
		{ "", -EINVAL, "expected" },
		{ "redis://me:secret@127.0.0.1:1", -EINVAL, "password" },
		{ "redis://redis.example:6379", -EINVAL, "no IP address" },
		{ "redis://127.0.0.1:0", -EINVAL, "host:port" },
		{ "redis://127.0.0.1:99999", -EINVAL, "host:port" },
		{ "redis://127.0.0.1:6379/x", -EINVAL, "database" },
		{ "redis://[::1", -EINVAL, "host:port" },
		{ "unix://relative", -EINVAL, "absolute" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct address address;
		struct error error = { "" };

		ck_assert_msg(address_parse(cases[i].url, &address, &error) == cases[i].code, "%s",
			      cases[i].url);
		ck_assert_msg(strstr(error.text, cases[i].word), "%s: %s", cases[i].url, error.text);
		ck_assert_msg(!strstr(error.text, "secret"), "%s", error.text);
	}
}
END_TEST

/* Given byte by byte or at once, the same answer. */
static int64_t scan(const char *text)
{
	struct bound bound = { 0 }, slow = { 0 };
	size_t len = strlen(text);
	int64_t at_once = bound_scan(&bound, text, len), last = 0;

	for (size_t n = 1; n <= len && last == 0; n++)
		last = bound_scan(&slow, text, n);
	ck_assert_msg(at_once == last, "%s: %lld, %lld", text, (long long)at_once, (long long)last);
	return at_once;
}

START_TEST(test_bound)
{
	ck_assert_int_eq(scan("+OK\r\n"), 5);
	ck_assert_int_eq(scan("-ERR x\r\n+OK\r\n"), 8);
	ck_assert_int_eq(scan(":-12\r\n"), 6);
	ck_assert_int_eq(scan("$-1\r\n"), 5);
	ck_assert_int_eq(scan("$3\r\nabc\r\n"), 9);
	ck_assert_int_eq(scan("$3\r\nabc\r"), 0);
	ck_assert_int_eq(scan("*0\r\n"), 4);
	ck_assert_int_eq(scan("*-1\r\n"), 5);
	ck_assert_int_eq(scan("*2\r\n*1\r\n:1\r\n$1\r\nx\r\n+more\r\n"), 19);
	ck_assert_int_eq(scan("*100000\r\n"), 0);
	ck_assert_int_eq(scan("*100001\r\n"), -EFBIG);
	ck_assert_int_eq(scan("*2\r\n*60000\r\n*60000\r\n"), -EFBIG);
	ck_assert_int_eq(scan("$1048577\r\n"), -EFBIG);
	ck_assert_int_eq(scan("$99999999999999\r\n"), -EPROTO);
	ck_assert_int_eq(scan("$-2\r\n"), -EPROTO);
	ck_assert_int_eq(scan("%2\r\n"), -EPROTO);
	ck_assert_int_eq(scan("OK\n"), -EPROTO);
	ck_assert_int_eq(scan("*1\r\n*1\r\n!"), 0);
	ck_assert_int_eq(scan("*1\r\n*1\r\n!\r\n"), -EPROTO);
}
END_TEST

START_TEST(test_long_line)
{
	struct bound bound = { 0 };
	char *text = malloc(BOUND_LINE + 8);

	memset(text, 'x', BOUND_LINE + 8);
	text[0] = '-';
	ck_assert_int_eq(bound_scan(&bound, text, BOUND_LINE - 1), 0);
	ck_assert_int_eq(bound_scan(&bound, text, BOUND_LINE + 1), -EFBIG);
	free(text);
}
END_TEST

START_TEST(test_command)
{
	struct command command;
	char *bytes;
	size_t len;

	command_init(&command);
	for (int round = 0; round < 2; round++) {
		command_clear(&command);
		command_puts(&command, "SET");
		command_add(&command, "a\0b", 3);
		command_int(&command, INT64_MIN);
		command_int(&command, 0);
		command_puts(&command, "");
		command_printf(&command, "%d-%s", 7, "x");
		ck_assert_int_eq(command_format(&command, &bytes, &len), 0);
		ck_assert_uint_eq(len, 71);
		ck_assert_mem_eq(bytes,
				 "*6\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$20\r\n-9223372036854775808\r\n$"
				 "1\r\n0\r\n$0\r\n\r\n$3\r\n7-x\r\n",
				 71);
		free(bytes);
	}
	command_clear(&command);
	command_printf(&command, "%01000d", 7);
	ck_assert_int_eq(command_format(&command, &bytes, &len), 0);
	ck_assert_uint_eq(len, sizeof("*1\r\n$1000\r\n\r\n") - 1 + 1000);
	ck_assert_int_eq(bytes[len - 3], '7');
	free(bytes);
	command_clear(&command);
	for (int i = 0; i < 100000; i++)
		command_int(&command, i);
	ck_assert_int_eq(command_format(&command, &bytes, &len), 0);
	free(bytes);
	command_done(&command);
}
END_TEST

/* The version is behind the name of a function that is called, and behind nothing else. */
START_TEST(test_command_calls)
{
	char version[LIBRARY_VERSION_LEN + 1], expected[128];
	struct command command;

	library_version(version);
	command_init(&command);
	for (int round = 0; round < 2; round++) {
		command_clear(&command);
		command_puts(&command, "FCALL");
		command_puts(&command, "effort_x");
		command_puts(&command, "FCALL");
		command_puts(&command, "effort_y");
		snprintf(expected, sizeof(expected), "FCALLeffort_x_%sFCALLeffort_y", version);
		ck_assert_uint_eq(command.n, 4);
		ck_assert_uint_eq(command.bytes_len, strlen(expected));
		ck_assert_mem_eq(command.bytes, expected, strlen(expected));
		command_clear(&command);
		command_puts(&command, "GET");
		command_puts(&command, "effort_x");
		ck_assert_uint_eq(command.bytes_len, strlen("GETeffort_x"));
	}
	command_done(&command);
}
END_TEST

START_TEST(test_library)
{
	char version[LIBRARY_VERSION_LEN + 1], name[LIBRARY_NAME_LEN + 1], *text, line[64];
	size_t len;

	library_version(version);
	ck_assert_uint_eq(strlen(version), LIBRARY_VERSION_LEN);
	ck_assert_int_eq(library_text(&text, &len), 0);
	library_name(name);
	ck_assert_uint_eq(strlen(name), LIBRARY_NAME_LEN);
	snprintf(line, sizeof(line), "#!lua name=%s\n", name);
	ck_assert_int_eq(strncmp(text, line, strlen(line)), 0);
	snprintf(line, sizeof(line), "local VERSION = \"%s\"", version);
	ck_assert_ptr_nonnull(strstr(text, line));
	ck_assert_uint_eq(strlen(text), len);
	free(text);
}
END_TEST

/* Bytes of n arguments with lengths around powers of ten and bytes of every value, as hiredis writes them. */
static char *as_hiredis(const struct command *command, int *ret_len)
{
	const char **argv = calloc(command->n, sizeof(*argv));
	size_t *lens = calloc(command->n, sizeof(*lens)), begin = 0;
	char *bytes;

	for (size_t i = 0; i < command->n; begin = command->ends[i++]) {
		argv[i] = command->bytes + begin;
		lens[i] = command->ends[i] - begin;
	}
	*ret_len = redisFormatCommandArgv(&bytes, (int)command->n, argv, lens);
	free(argv);
	free(lens);
	return bytes;
}

static void add_some(struct command *command, size_t from, size_t n)
{
	static const size_t lens[] = { 0, 1, 9, 10, 11, 99, 100, 999, 1000 };
	char bytes[1000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	for (size_t i = from; i < from + n; i++)
		command_add(command, bytes, lens[i % 9]);
}

START_TEST(test_command_is_as_hiredis_writes_it)
{
	static const size_t sizes[] = { 1, 9, 10, 11, 99, 100, 101, 1000 };
	struct command whole, half;

	command_init(&whole);
	command_init(&half);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		size_t len, joined_len, shift, split = sizes[s] / 2 + 1;
		char *bytes, *joined, *expected;
		int expected_len;

		command_clear(&whole);
		add_some(&whole, 0, sizes[s]);
		expected = as_hiredis(&whole, &expected_len);
		ck_assert_int_eq(command_format(&whole, &bytes, &len), 0);
		ck_assert_uint_eq(len, (size_t)expected_len);
		ck_assert_int_eq(memcmp(bytes, expected, len), 0);

		command_clear(&half);
		add_some(&half, 0, split);
		ck_assert_int_eq(command_format(&half, &joined, &joined_len), 0);
		command_clear(&half);
		add_some(&half, split, sizes[s] - split);
		if (split < sizes[s])
			ck_assert_int_eq(command_append(&half, &joined, &joined_len, &shift), 0);
		ck_assert_uint_eq(joined_len, len);
		ck_assert_int_eq(memcmp(joined, expected, len), 0);
		free(bytes);
		free(joined);
		redisFreeCommand(expected);
	}
	command_done(&whole);
	command_done(&half);
}
END_TEST

static struct zone zone = { .n = 1, .at_ms = { INT64_MIN }, .offset_s = { 3600 } };
static const char *const codes[] = { "0101", "0751" };
static const struct area_def areas[] = { { .id = "school" } };
static struct store_view view = {
	.zone = &zone, .municipalities_len = 2, .codes = codes, .areas = areas, .areas_len = 1
};
static struct scene scene = { .prefix = "e:", .writer = "w", .view = &view, .missing = "" };

static size_t args_with(const struct command *command, const char *word)
{
	size_t n = 0, begin = 0;

	for (size_t i = 0; i < command->n; begin = command->ends[i++])
		n += command->ends[i] - begin == strlen(word) &&
		     memcmp(command->bytes + begin, word, strlen(word)) == 0;
	return n;
}

START_TEST(test_series_due)
{
	struct series series = { 0 };
	struct command command;
	size_t before;
	int calls = 0;

	command_init(&command);
	scene_set(&scene, day_of_date(2026, 11, 21) * DAY_MS);
	for (int round = 0; round < 3; round++)
		for (int i = 250; i > 0; i--)
			series_add(&series, 1, WINDOW_DAY, 20000 + i);
	series_add(&series, 0, WINDOW_QUARTER, 20000);
	before = series.len;
	series_touch(&series, 0, 20000, 20000); /* nothing of that day is over on that day */
	ck_assert_uint_eq(series.len, before);
	series_touch(&series, 0, 20000, 20001);
	while (series_take(&series, &scene, &command)) {
		ck_assert_uint_eq(
			args_with(&command, calls == 0 ? "e:{0101}:series:day" : "e:{0751}:series:day"), 1);
		calls++;
	}
	ck_assert_int_eq(calls, 4);
	series_done(&series);
	command_done(&command);
}
END_TEST

START_TEST(test_series_bound)
{
	struct series series = { 0 };

	for (int i = 0; i < SERIES_MAX + 10; i++)
		series_add(&series, 0, WINDOW_DAY, i);
	ck_assert_uint_le(series.len, SERIES_MAX);
	ck_assert_uint_gt(series.dropped, 0);
	series_done(&series);
}
END_TEST

START_TEST(test_rank)
{
	struct rank rank = { 0 };
	struct command command;
	int32_t first;

	command_init(&command);
	scene_set(&scene, day_of_date(2026, 11, 21) * DAY_MS);
	first = scene.running[WINDOW_WEEK].first;
	rank_add(&rank, &scene, WINDOW_WEEK, first, 0, "school", "12.50");
	rank_add(&rank, &scene, WINDOW_WEEK, first, 0, "school", "29.00");
	rank_add(&rank, &scene, WINDOW_WEEK, first, 1, "all", "");
	rank_add(&rank, &scene, WINDOW_WEEK, first - 7, 1, "school", "77.77");
	rank_add(&rank, &scene, WINDOW_DAY, scene.running[WINDOW_DAY].first, 1, "all", "0.07");
	rank_add(&rank, &scene, WINDOW_DAY, scene.running[WINDOW_DAY].first, 1, "nobody", "1.00");
	ck_assert(rank_take(&rank, &scene, &command));
	ck_assert_uint_eq(args_with(&command, "0.07"), 1);
	ck_assert_uint_eq(args_with(&command, "2026-11-21"), 1);
	ck_assert_uint_eq(args_with(&command, "1.00"), 0);
	ck_assert(rank_take(&rank, &scene, &command));
	ck_assert_uint_eq(args_with(&command, "29.00"), 1);
	ck_assert_uint_eq(args_with(&command, "12.50"), 0);
	ck_assert_uint_eq(args_with(&command, "77.77"), 0);
	ck_assert_uint_eq(args_with(&command, ""), 1);
	ck_assert(!rank_take(&rank, &scene, &command));
	rank_done(&rank);
	command_done(&command);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_address,   test_bad_address, test_bound,
		test_long_line, test_command, test_command_calls, test_command_is_as_hiredis_writes_it,
		test_library,   test_series_due,  test_series_bound,
		test_rank,
	};

	return RUN_TESTS("store/parts", tests);
}
