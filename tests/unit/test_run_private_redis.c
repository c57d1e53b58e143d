/* SPDX-License-Identifier: MPL-2.0 */
/* The private redis-server: who may do what, one server on the data at a time, its end with its parent in any
 * way. */
#include "suite.h"

#include "base/clock.h"
#include "run/private_redis.h"

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include <signal.h>
#include <netinet/in.h>
#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64], notices[4096];
static struct event_base *base;
static struct error error;

static void on_notice(void *ctx, int level, const char *msg, const char *detail)
{
	size_t len = strlen(notices);

	(void)ctx;
	(void)level;
	snprintf(notices + len, sizeof(notices) - len, "%s (%s)\n", msg, detail);
}

static struct private_redis_settings settings(void)
{
	return (struct private_redis_settings){ .program = "redis-server",
						.state_dir = dir,
						.run_dir = dir,
						.prefix = "effort:",
						.on_notice = on_notice };
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/effort-private-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	notices[0] = '\0';
	base = event_base_new();
}

static void teardown(void)
{
	pid_t rm = fork();

	event_base_free(base);
	if (rm == 0) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	waitpid(rm, NULL, 0);
}

static struct private_redis *start(void)
{
	struct private_redis_settings now = settings();
	struct private_redis *redis = private_redis_start(base, &now, &error);

	ck_assert_msg(redis != NULL, "%s", error.text);
	return redis;
}

static redisContext *client(const char *url)
{
	for (int i = 0; i < 500; i++) {
		redisContext *context = redisConnectUnix(url + strlen("unix://"));

		if (context && !context->err)
			return context;
		if (context)
			redisFree(context);
		usleep(10000);
	}
	ck_abort_msg("no private redis-server at %s", url);
}

static void log_in(redisContext *context, const struct private_redis *redis)
{
	char password[128] = "";
	FILE *in = fopen(private_redis_password_file(redis), "r");
	redisReply *reply;

	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(fgets(password, sizeof(password), in));
	fclose(in);
	password[strcspn(password, "\n")] = '\0';
	reply = redisCommand(context, "AUTH effortd %s", password);
	ck_assert_str_eq(reply->str, "OK");
	freeReplyObject(reply);
}

/* The first word of an error, or "". */
static const char *refusal(redisContext *context, const char *command)
{
	static char word[32];
	redisReply *reply = redisCommand(context, command);

	ck_assert_ptr_nonnull(reply);
	snprintf(word, sizeof(word), "%.*s",
		 reply->type == REDIS_REPLY_ERROR ? (int)strcspn(reply->str, " ") : 0,
		 reply->str ? reply->str : "");
	freeReplyObject(reply);
	return word;
}

static void run(int64_t ms)
{
	struct timeval limit = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(base, &limit);
	event_base_dispatch(base);
}

START_TEST(test_users)
{
	static const char *const forbidden[] = {
		"SET effort:a b",
		"HSET effort:h a b",
		"DEL effort:k",
		"FLUSHALL",
		"CONFIG GET *",
		"SHUTDOWN NOSAVE",
		"ACL LIST",
		"FUNCTION FLUSH",
		"PUBLISH effort:changed x",
		"GET other:key",
		"SUBSCRIBE other",
		"EVAL return(1) 0",
		"KEYS *",
		"REPLICAOF 127.0.0.1 1",
		"CLIENT KILL TYPE normal",
		"FCALL effort_apply 0",
		"MONITOR",
	};
	static const char *const allowed[] = {
		"GET effort:k",
		"HGETALL effort:h",
		"PING",
		"INFO server",
		"SELECT 0",
		"XRANGE effort:s - +",
		"ZRANGE effort:z 0 -1",
		"TTL effort:k",
		"TYPE effort:k",
		"SCAN 0",
		"SUBSCRIBE effort:changed",
	};
	struct private_redis *redis = start();
	redisContext *effortd = client(private_redis_url(redis));

	log_in(effortd, redis);
	ck_assert_str_eq(refusal(effortd, "SET effort:k v"), "");
	ck_assert_str_eq(refusal(effortd, "PUBLISH effort:changed 0751"), "");
	ck_assert_str_eq(refusal(effortd, "FUNCTION FLUSH"), "");
	ck_assert_str_eq(refusal(effortd, "SET other v"), "NOPERM");
	for (int named = 0; named < 2; named++) {
		redisContext *reader = client(private_redis_url(redis));

		if (named)
			ck_assert_str_eq(refusal(reader, "AUTH dashboard anything"), "");
		for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
			ck_assert_msg(strcmp(refusal(reader, forbidden[i]), named ? "NOPERM" : "NOAUTH") == 0, "%s",
				      forbidden[i]);
		for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
			ck_assert_msg(strcmp(refusal(reader, allowed[i]), named ? "" : "NOAUTH") == 0, "%s", allowed[i]);
		redisFree(reader);
	}
	redisFree(effortd);
	private_redis_stop(redis, 5000);
}
END_TEST

START_TEST(test_files)
{
	struct private_redis *redis = start();
	char path[128], line[4096];
	struct stat st;
	FILE *in;
	size_t n;

	redisFree(client(private_redis_url(redis)));
	ck_assert_int_eq(stat(private_redis_url(redis) + 7, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0660);
	ck_assert_int_eq(stat(private_redis_password_file(redis), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s/redis", dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	/* No password where other users can see it. */
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)private_redis_pid(redis));
	in = fopen(path, "r");
	n = fread(line, 1, sizeof(line) - 1, in);
	fclose(in);
	ck_assert_uint_lt(n, 200);
	for (size_t i = 0; i + 20 < n; i++)
		ck_assert_uint_lt(strspn(line + i, "0123456789abcdef"), 20);
	private_redis_stop(redis, 5000);
}
END_TEST

START_TEST(test_data_stays)
{
	struct private_redis *redis = start();
	redisContext *context = client(private_redis_url(redis));

	log_in(context, redis);
	ck_assert_str_eq(refusal(context, "SET effort:k stays"), "");
	redisFree(context);
	private_redis_stop(redis, 5000);
	redis = start();
	context = client(private_redis_url(redis));
	log_in(context, redis);
	for (int i = 0; i < 500 && strcmp(refusal(context, "GET effort:k"), "LOADING") == 0; i++)
		usleep(10000);
	redisReply *reply = redisCommand(context, "GET effort:k");
	ck_assert_str_eq(reply->str, "stays");
	freeReplyObject(reply);
	redisFree(context);
	private_redis_stop(redis, 5000);
}
END_TEST

/* While one lives a second start on the same data waits, and says what is the matter. */
START_TEST(test_second_start)
{
	struct private_redis *redis = start(), *second;
	struct private_redis_settings now = settings();
	int64_t began_ms = clock_mono_ms();

	second = private_redis_start(base, &now, &error);
	ck_assert_ptr_null(second);
	ck_assert_int_ge(clock_mono_ms() - began_ms, 1000);
	ck_assert_msg(strstr(error.text, "another redis-server"), "%s", error.text);
	ck_assert_int_eq(kill(private_redis_pid(redis), 0), 0);
	private_redis_stop(redis, 5000);
	redis = start();
	private_redis_stop(redis, 5000);
}
END_TEST

/* Zeros at the end of its file, as a power cut may leave them. */
START_TEST(test_damaged)
{
	struct private_redis *redis = start();
	redisContext *context = client(private_redis_url(redis));
	char path[256];
	int fd;

	redisFree(context);
	private_redis_stop(redis, 5000);
	snprintf(path, sizeof(path), "%s/redis/appendonlydir/appendonly.aof.1.incr.aof", dir);
	fd = open(path, O_WRONLY | O_APPEND);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "\0\0\0\0\0\0\0", 7), 7);
	close(fd);
	redis = start();
	for (int i = 0; i < 500 && strstr(notices, "set aside") == NULL; i++)
		run(10);
	ck_assert_msg(strstr(notices, "set aside, the counts are brought back") != NULL, "%s", notices);
	for (int i = 0; i < 500 && private_redis_pid(redis) == 0; i++)
		run(10);
	redisFree(client(private_redis_url(redis)));
	ck_assert_int_gt(private_redis_pid(redis), 0);
	private_redis_stop(redis, 5000);
}
END_TEST

START_TEST(test_died)
{
	struct private_redis *redis = start();
	pid_t first = private_redis_pid(redis);

	redisFree(client(private_redis_url(redis)));
	kill(first, SIGKILL);
	for (int i = 0; i < 500 && (private_redis_pid(redis) == 0 || private_redis_pid(redis) == first); i++)
		run(10);
	ck_assert_int_gt(private_redis_pid(redis), 0);
	ck_assert_int_ne(private_redis_pid(redis), first);
	redisFree(client(private_redis_url(redis)));
	ck_assert_msg(strstr(notices, "private redis died (signal 9"), "%s", notices);
	private_redis_stop(redis, 5000);
}
END_TEST

/* effortd dies by SIGKILL: the server ends by itself, and the next effortd can start one on the same data. */
START_TEST(test_parent_killed)
{
	int pipes[2];
	pid_t parent, server = 0;
	struct private_redis *redis;

	ck_assert_int_eq(pipe(pipes), 0);
	parent = fork();
	if (parent == 0) {
		redis = start();
		server = private_redis_pid(redis);
		if (write(pipes[1], &server, sizeof(server)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(pipes[0], &server, sizeof(server)), (int)sizeof(server));
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	redis = start();
	ck_assert_int_ne(private_redis_pid(redis), server);
	redisFree(client(private_redis_url(redis)));
	for (int i = 0; i < 500 && kill(server, 0) == 0; i++) {
		char path[64], state = '?';
		FILE *in;

		/* Where nobody reaps orphans it stays a zombie. */
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)server);
		in = fopen(path, "r");
		if (in && fscanf(in, "%*d %*s %c", &state) == 1 && state == 'Z') {
			fclose(in);
			break;
		}
		if (in)
			fclose(in);
		usleep(10000);
		ck_assert_int_lt(i, 499);
	}
	private_redis_stop(redis, 5000);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

START_TEST(test_no_program)
{
	struct private_redis_settings now = settings();

	now.program = "/nowhere/redis-server";
	ck_assert_ptr_null(private_redis_start(base, &now, &error));
	ck_assert_msg(strstr(error.text, "/nowhere/redis-server") && strstr(error.text, "install"), "%s",
		      error.text);
}
END_TEST

START_TEST(test_bad_prefix)
{
	struct private_redis_settings now = settings();

	now.prefix = "a* +@all";
	ck_assert_ptr_null(private_redis_start(base, &now, &error));
	ck_assert_msg(strstr(error.text, "redis.prefix"), "%s", error.text);
}
END_TEST

/* A folder with everything in its name that a configuration line gives a meaning. */
START_TEST(test_odd_folder)
{
	struct private_redis_settings now = settings();
	struct private_redis *redis;
	char odd[160];

	snprintf(odd, sizeof(odd), "%s/a b\"c'\\ #\nport 7", dir);
	ck_assert_int_eq(mkdir(odd, 0700), 0);
	now.state_dir = now.run_dir = odd;
	redis = private_redis_start(base, &now, &error);
	ck_assert_msg(redis != NULL, "%s", error.text);
	redisFree(client(private_redis_url(redis)));
	private_redis_stop(redis, 5000);
}
END_TEST

/* Relative folders mean what they mean to us, not to the server, which has another working folder. */
START_TEST(test_relative_folder)
{
	struct private_redis_settings now = settings();
	struct private_redis *redis;

	ck_assert_int_eq(chdir(dir), 0);
	now.state_dir = now.run_dir = ".";
	redis = private_redis_start(base, &now, &error);
	ck_assert_msg(redis != NULL, "%s", error.text);
	redisFree(client(private_redis_url(redis)));
	private_redis_stop(redis, 5000);
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

/* One that nobody has at this moment. */
static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

START_TEST(test_port)
{
	struct private_redis_settings now = settings();
	struct private_redis *redis;
	redisContext *context = NULL;

	now.port = free_port();
	redis = private_redis_start(base, &now, &error);
	ck_assert_msg(redis != NULL, "%s", error.text);
	for (int i = 0; i < 500; i++) {
		context = redisConnect("127.0.0.1", now.port);
		if (context && !context->err)
			break;
		redisFree(context);
		context = NULL;
		usleep(10000);
	}
	ck_assert_ptr_nonnull(context);
	ck_assert_str_eq(refusal(context, "GET effort:k"), "NOAUTH");
	ck_assert_str_eq(refusal(context, "AUTH dashboard any"), "");
	ck_assert_str_eq(refusal(context, "GET effort:k"), "");
	ck_assert_str_eq(refusal(context, "SET effort:k v"), "NOPERM");
	redisFree(context);
	private_redis_stop(redis, 5000);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_users,
		test_files,
		test_data_stays,
		test_second_start,
		test_died,
		test_damaged,
		test_parent_killed,
		test_no_program,
		test_bad_prefix,
		test_odd_folder,
		test_relative_folder,
		test_port,
	};

	return RUN_TESTS_WITHIN("run/private_redis", tests, setup, teardown);
}
