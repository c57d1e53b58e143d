/* SPDX-License-Identifier: MPL-2.0 */
/* Values from text: amounts with units, words, addresses, URLs, forms; and the nearest name. */
#include "conf/near.h"
#include "conf/value.h"

#include "conf_testing.h"

static bool parses(const char *key, const char *text, int64_t *ret)
{
	struct error err, hint;

	return value_parse(&schema_keys[schema_find(key)], text, ret, &err, &hint) == 0;
}

static void expect_number(const char *key, const char *text, int64_t want)
{
	int64_t got = -1;

	ck_assert_msg(parses(key, text, &got), "%s = %s is refused", key, text);
	ck_assert_msg(got == want, "%s = %s reads as %lld", key, text, (long long)got);
}

static void expect_refused(const char *key, const char *text)
{
	int64_t got;

	ck_assert_msg(!parses(key, text, &got), "%s = %s is accepted", key, text);
}

START_TEST(durations)
{
	static const char *const bad[] = { "",    "35",   "d",     "-1d",   "+1d",
					   " 1d", "1d ",  "1.5d",  "1 d",   "1D",
					   "1dd", "0x1d", "1h30m", "Never", "99999999999999999999d",
					   "off" };

	expect_number("late_limit", "35d", INT64_C(35) * 86400 * 1000000);
	expect_number("late_limit", "never", INT64_MAX);
	expect_number("late_limit", "1000ms", 1000000);
	expect_number("late_limit", "0000002s", 2000000);
	expect_number("late_limit", "2w", INT64_C(14) * 86400 * 1000000);
	expect_number("late_limit", "100y", INT64_C(100) * 365 * 86400 * 1000000);
	expect_number("plugins.budget", "1us", 1);
	expect_number("future_limit", "0s", 0);
	expect_refused("late_limit", "101y");
	expect_refused("late_limit", "999ms");
	expect_refused("flush_interval", "never");
	expect_refused("flush_interval", "1001us");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused("late_limit", bad[i]);
}
END_TEST

START_TEST(amounts)
{
	expect_number("dedup.max_ids", "16M", 16000000);
	expect_number("dedup.max_ids", "1000", 1000);
	expect_number("dedup.max_ids", "256k", 256000);
	expect_number("journal.quota", "4GiB", INT64_C(4) << 30);
	expect_number("journal.quota", "100MB", 100000000);
	expect_number("limits.names", "65536", 65536);
	expect_number("redis.private_port", "off", 0);
	expect_number("redis.private_port", "0", 0);
	expect_refused("dedup.max_ids", "16MiB");
	expect_refused("dedup.max_ids", "16m");
	expect_refused("dedup.max_ids", "2G");
	expect_refused("journal.quota", "4G");
	expect_refused("journal.quota", "4");
	expect_refused("limits.names", "65537");
	expect_refused("limits.names", "4294967297");
	expect_refused("limits.names", "18446744073709551617");
	expect_refused("limits.names", "off");
	expect_refused("limits.names", "0x10");
	expect_refused("redis.private_port", "65536");
}
END_TEST

START_TEST(words)
{
	expect_number("log.level", "error", 0);
	expect_number("log.level", "debug", 3);
	expect_refused("log.level", "Info");
	expect_refused("log.level", "info debug");
	expect_refused("log.level", "");
	expect_number("listen.tls", "off", 0);
	expect_refused("listen.tls", "127.0.0.1:7022");
	expect_refused("listen.http", "systemd");
	ck_assert_int_eq(value_word("a bc d", "bc"), 1);
	ck_assert_int_eq(value_word("a bc d", "b"), -1);
	ck_assert_int_eq(value_word(NULL, "b"), -1);
}
END_TEST

START_TEST(addresses)
{
	static const char *const good[] = { "127.0.0.1:7020", "0.0.0.0:0", "[::1]:7020", "[::]:65535",
					    "/run/x.sock",    "systemd",   "off" };
	static const char *const bad[] = { "",
					   ":7020",
					   "7020",
					   "127.0.0.1",
					   "127.0.0.1:",
					   "127.0.0.1:65536",
					   "127.0.0.1:-1",
					   "127.0.0.1: 1",
					   "256.0.0.1:1",
					   "::1:7020",
					   "[::1]",
					   "[x]:1",
					   "localhost:7020",
					   "*:7020",
					   "[127.0.0.1]:1",
					   "unix:/tmp/x.sock",
					   "unix:///tmp/x.sock",
					   "unix:",
					   "on" };
	int64_t number;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(parses("listen.ndjson", good[i], &number), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused("listen.ndjson", bad[i]);
}
END_TEST

START_TEST(urls)
{
	static const char *const good[] = { "private",
					    "redis://127.0.0.1:6379",
					    "redis://[::1]:6379/0",
					    "redis://redis.local:6379/15",
					    "redis://effortd@h:1",
					    "unix:///run/r.sock" };
	static const char *const bad[] = { "",
					   "redis://",
					   "redis://h",
					   "redis://h:0",
					   "redis://h:65536",
					   "redis://@h:1",
					   "redis://u:p@h:1",
					   "redis://h:1/x",
					   "redis://:1",
					   "redis://h h:1",
					   "redis://[h]:1",
					   "unix://x",
					   "unix:///",
					   "rediss://h:1",
					   "sentinel://m@h:1",
					   "cluster://h:1",
					   "Private",
					   "127.0.0.1:6379" };
	int64_t number;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(parses("redis.url", good[i], &number), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused("redis.url", bad[i]);
}
END_TEST

START_TEST(a_password_is_not_repeated)
{
	struct error err, hint;
	int64_t number;

	value_parse(&schema_keys[schema_find("redis.url")], "redis://u:geheim@h:1", &number, &err, &hint);
	ck_assert_ptr_null(strstr(err.text, "geheim"));
	value_parse(&schema_keys[schema_find("redis.url")], "redis:/u:geheim@h:1", &number, &err, &hint);
	ck_assert_ptr_null(strstr(err.text, "geheim"));
}
END_TEST

START_TEST(forms)
{
	ck_assert(value_is_kle("27") && value_is_kle("27.36") && value_is_kle("27.36.08"));
	ck_assert(!value_is_kle("") && !value_is_kle("2") && !value_is_kle("27.") && !value_is_kle("27.3") &&
		  !value_is_kle("27-36") && !value_is_kle("27.36.08 G01") && !value_is_kle("27.36.0a"));
	ck_assert(value_is_date("2012-02-29") && !value_is_date("2013-02-29") && !value_is_date("2012-2-29"));
	ck_assert(value_is_id("daycare-admission") && !value_is_id("Daycare") && !value_is_id(""));
	ck_assert(!value_is_id("0123456789012345678901234567890123456789012345678"));
	ck_assert(value_is_source("borger.dk") && !value_is_source("a b") && !value_is_source("æ"));
	ck_assert(value_is_file("table") && !value_is_file("../table") && !value_is_file("table.so"));
}
END_TEST

START_TEST(printing)
{
	char buf[32];

	value_print(TYPE_DURATION, INT64_C(86400000000), buf, sizeof(buf));
	ck_assert_str_eq(buf, "1d");
	value_print(TYPE_DURATION, 1500, buf, sizeof(buf));
	ck_assert_str_eq(buf, "1500us");
	value_print(TYPE_DURATION, 0, buf, sizeof(buf));
	ck_assert_str_eq(buf, "0s");
	value_print(TYPE_SIZE, 16 << 20, buf, sizeof(buf));
	ck_assert_str_eq(buf, "16MiB");
	value_print(TYPE_COUNT, 4000000, buf, sizeof(buf));
	ck_assert_str_eq(buf, "4M");
	value_print(TYPE_INT, 0, buf, sizeof(buf));
	ck_assert_str_eq(buf, "0");
}
END_TEST

START_TEST(nearest)
{
	static const char *const names[] = { "prefix", "private_port", "url", "user" };
	char buf[96], small[32], longest[100];

	ck_assert_uint_eq(near_distance("port", "prot"), 1);
	ck_assert_uint_eq(near_distance("", "abc"), 3);
	ck_assert_uint_eq(near_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(near_distance("same", "same"), 0);
	ck_assert_str_eq(near_find("perfix", names, 4), "prefix");
	ck_assert_str_eq(near_find("urk", names, 4), "url");
	ck_assert_ptr_null(near_find("xyz", names, 4));
	near_hint(buf, sizeof(buf), "usr", names, 4);
	ck_assert_str_eq(buf, "did you mean 'user'? Known here: prefix, private_port, url, user");
	near_hint(small, sizeof(small), "zzz", names, 4);
	ck_assert_str_eq(small, "known here: prefix, ...");
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_ptr_null(near_find(longest, names, 4));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		durations, amounts,  words,   addresses, urls, a_password_is_not_repeated,
		forms,     printing, nearest,
	};

	return RUN_TESTS("conf/value", tests);
}
