/* SPDX-License-Identifier: MPL-2.0 */
/* Holds the model of Redis to the real one: the same random calls of a function that does what it is told, given
 * to both, must have the same answers and leave the same keys. The effort library itself is compared by
 * test_redis_replay. A redis-server of its own on a unix socket, ended by process id. */
#include "redis_real.h"
#include "server.h"
#include "suite.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char library_text[] =
	"#!lua name=trial\n"
	"local call\n"
	"local function run(keys, argv)\n"
	"  local words = {}\n"
	"  for i = 2, #argv do words[#words + 1] = argv[i] == 'KEY1' and keys[1] or argv[i] == 'KEY2' and keys[2] or argv[i] end\n"
	"  for i = 1, #words do\n"
	"    if string.match(words[i], '^=') then words[i] = tonumber(string.sub(words[i], 2)) end\n"
	"  end\n"
	"  if argv[1] == 'plain' then return call(unpack(words)) end\n"
	"  local done, answer = pcall(call, unpack(words))\n"
	"  if not done then return { err = answer } end\n"
	"  if type(answer) == 'number' then return tostring(answer / 2) end\n"
	"  if type(answer) == 'table' then return { #answer, answer.ok or 'none', answer } end\n"
	"  return { answer == false and 'false' or answer, answer }\n"
	"end\n"
	"redis.register_function('trial', function(keys, argv)\n"
	"  call = redis.call\n"
	"  return run(keys, argv)\n"
	"end)\n"
	"redis.register_function('convert', function(keys, argv)\n"
	"  return { 1, 2.9, -3.5, true, 'x', { 'a', { } }, { ok = 'FINE' }, nil, 'hidden' }\n"
	"end)\n";

#define WORDS 24

struct words {
	char text[WORDS][80];
	size_t n;
};

static struct real real;
static struct server server;
static struct chance chance;

static void add(struct words *words, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct words *words, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(words->text[words->n++], sizeof(words->text[0]), fmt, args);
	va_end(args);
}

static uint32_t any(uint32_t n)
{
	return chance_below(&chance, n);
}

static void add_field(struct words *words)
{
	add(words, "f%u", any(12));
}

static void add_value(struct words *words)
{
	static const char *const values[] = { "", "0", "-5", "12345678901234", "æøå", "=7", "=2.5", "=-12", "=1e15" };

	add(words, "%s", values[any(sizeof(values) / sizeof(*values))]);
}

/* One command on KEY1 (and KEY2). */
static void make_command(struct words *words)
{
	static const char *const plain[] = { "HGETALL", "HLEN", "TYPE", "EXISTS", "HKEYS", "HVALS",
					     "DEL",	"ZCARD", "XLEN",  "UNLINK" };
	uint32_t dice = any(16);

	if (dice == 0 && any(3) > 0)
		dice = 1;
	switch (dice) {
	case 0:
		add(words, "%s", plain[any(10)]);
		add(words, "KEY1");
		break;
	case 1:
		add(words, "%s", plain[any(6)]);
		add(words, "KEY1");
		break;
	case 2:
	case 3:
	case 4:
		add(words, "HSET");
		add(words, "KEY1");
		for (uint32_t i = 0, n = 1 + any(4); i < n; i++) {
			add_field(words);
			add_value(words);
		}
		break;
	case 5:
	case 6:
		add(words, "HMGET");
		add(words, "KEY1");
		for (uint32_t i = 0, n = 1 + any(4); i < n; i++)
			add_field(words);
		break;
	case 7:
		add(words, "HDEL");
		add(words, "KEY1");
		for (uint32_t i = 0, n = 1 + any(4); i < n; i++)
			add_field(words);
		break;
	case 8:
		add(words, "COPY");
		add(words, "KEY1");
		add(words, "KEY2");
		if (any(2))
			add(words, "REPLACE");
		break;
	case 9:
		add(words, any(2) ? "HGET" : "HEXISTS");
		add(words, "KEY1");
		add_field(words);
		break;
	case 10:
		add(words, "ZADD");
		add(words, "KEY1");
		add(words, "%u.%02u", any(101), any(100));
		add_field(words);
		break;
	case 11:
		add(words, "ZREM");
		add(words, "KEY1");
		add_field(words);
		add_field(words);
		break;
	case 12:
		add(words, "XADD");
		add(words, "KEY1");
		if (any(3) == 0) {
			add(words, "MAXLEN");
			add(words, "=");
			add(words, "%u", 1 + any(6));
		}
		add(words, "%u", any(300));
		add_field(words);
		add_value(words);
		break;
	case 13:
		add(words, any(2) ? "XRANGE" : "XREVRANGE");
		add(words, "KEY1");
		add(words, strcmp(words->text[words->n - 2], "XRANGE") == 0 ? "-" : "+");
		add(words, strcmp(words->text[words->n - 3], "XRANGE") == 0 ? "+" : "-");
		if (any(2)) {
			add(words, "COUNT");
			add(words, "%u", 1 + any(3));
		}
		break;
	case 14:
		add(words, "HINCRBY");
		add(words, "KEY1");
		add_field(words);
		add(words, "%d", (int)any(20) - 10);
		break;
	default:
		add(words, "XRANGE");
		add(words, "KEY1");
		add(words, "%u", any(300));
		add(words, "%u", any(300));
	}
}

static void make_call(struct words *words)
{
	words->n = 0;
	add(words, "FCALL");
	add(words, "trial");
	add(words, "2");
	add(words, "k%u", any(10));
	add(words, "k%u", any(10));
	add(words, "%s", any(3) ? "plain" : "caught");
	make_command(words);
}

static void compare(const struct words *words)
{
	const char *argv[WORDS];
	size_t lens[WORDS];

	for (size_t i = 0; i < words->n; i++) {
		argv[i] = words->text[i];
		lens[i] = strlen(argv[i]);
	}
	real_compare(&real, &server, 0, words->n, argv, lens);
}

static void load_library(void)
{
	struct words load = { .n = 0 };
	const char *argv[] = { "FUNCTION", "LOAD", "REPLACE", library_text };
	size_t lens[] = { 8, 4, 7, sizeof(library_text) - 1 };

	(void)load;
	real_compare(&real, &server, 0, 4, argv, lens);
}

START_TEST(the_same_calls_do_the_same)
{
	struct words words;

	chance.state = 4711;
	real_start(&real);
	server_init(&server);
	load_library();
	for (int i = 0; i < 40000; i++) {
		make_call(&words);
		compare(&words);
		if (i < 1500 || i % 5000 == 0)
			real_compare_keys(&real, &server);
	}
	real_compare_keys(&real, &server);
	words.n = 0;
	add(&words, "FCALL");
	add(&words, "convert");
	add(&words, "0");
	compare(&words);
	words.n = 0;
	add(&words, "FCALL");
	add(&words, "nobody");
	add(&words, "0");
	compare(&words);
	server_done(&server);
	library_free_all();
	real_stop(&real);
}
END_TEST

/* --- what a simulation needs beyond that --- */

static int64_t fields_of(const char *key)
{
	const struct object *object = keys_get(&server.keys, key, strlen(key));

	return object == NULL ? -1 : (int64_t)object->table.len;
}

static void run(size_t n, const char *const *argv)
{
	struct answer answer = { 0 };
	struct arg args[8];

	for (size_t i = 0; i < n; i++)
		args[i] = (struct arg){ argv[i], strlen(argv[i]) };
	server_run(&server, args, n, 0, &answer);
	answer_done(&answer);
}

static void set_field(const char *key, const char *field)
{
	run(4, (const char *[]){ "HSET", key, field, "1" });
}

START_TEST(snapshots_come_back)
{
	server_init(&server);
	set_field("a", "1");
	server_save(&server);
	set_field("a", "2");
	set_field("b", "1");
	server_save(&server);
	set_field("b", "2");
	server_restart(&server, 1);
	ck_assert_int_eq(fields_of("a"), 2);
	ck_assert_int_eq(fields_of("b"), 1);
	set_field("b", "3");
	server_restart(&server, 2);
	ck_assert_int_eq(fields_of("a"), 1);
	ck_assert_int_eq(fields_of("b"), -1);
	server_restart(&server, 1);
	ck_assert_int_eq(fields_of("b"), 1);
	server_flush(&server);
	ck_assert_int_eq(fields_of("a"), -1);
	server_done(&server);
}
END_TEST

START_TEST(keys_expire_and_are_evicted)
{
	struct chance some = { 3 };

	server_init(&server);
	run(5, (const char *[]){ "SET", "alive", "1", "PX", "100" });
	set_field("a", "1");
	set_field("b", "1");
	ck_assert_uint_eq(server_evict(&server, &some, 1), 1);
	ck_assert_uint_eq(server.keys.table.len, 2);
	keys_expire(&server.keys, 99);
	ck_assert_uint_ge(server.keys.table.len, 1);
	keys_expire(&server.keys, 100);
	ck_assert_ptr_null(keys_get(&server.keys, "alive", 5));
	server_done(&server);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { the_same_calls_do_the_same, snapshots_come_back,
				       keys_expire_and_are_evicted };

	return RUN_TESTS("simulation/redis_model", tests);
}
