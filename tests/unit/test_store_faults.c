/* SPDX-License-Identifier: MPL-2.0 */
/* Counted once and never lost, whatever the connection and Redis do: cut connections, a killed Redis,
 * forgotten functions, refusals of all kinds. After each the hashes equal the truth and no count is there
 * twice. What Redis loses: test_store_repair.c. */
#include "store_bed.h"

#include "store/encode.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct bed bed;
static const struct cell by_self = { .channel = EFFORT_SELFSERVICE };
static const struct cell by_phone = { .channel = EFFORT_PHONE };
static int32_t day;

static void setup(void)
{
	day = day_of_date(2026, 11, 21);
	bed_make_dir(&bed);
}

static void start(void)
{
	bed_start_redis(&bed);
	bed_open_store(&bed, bed.url);
	bed_until(&bed, bed.ready > 0);
}

static void teardown(void)
{
	bed_close(&bed);
}

static void count_some(int64_t n)
{
	for (int m = 0; m < 3; m++)
		for (int d = 0; d < 3; d++) {
			bed_count(&bed, m, day - d, "school", "enrolment", true, by_self, n + m);
			bed_count(&bed, m, day - d, "eldercare", "aids", false, by_phone, n);
		}
}

static struct store_status status(void)
{
	struct store_status now;

	store_status(bed.store, &now);
	return now;
}

/* One call by hand: its position, and what all its hashes must hold. */
static redisReply *call_by_hand(const struct spread_group *group, uint64_t position, uint64_t follows)
{
	struct scene scene = {
		.prefix = "effort:", .writer = "w9", .view = &bed.view, .missing = "", .names_per_key = 9
	};
	struct command command;
	redisReply *reply;
	char *bytes, *at;
	size_t len, mark;

	scene_set(&scene, bed_noon(day));
	command_init(&command);
	mark = encode_group(&command, &scene, group);
	ck_assert_int_eq(command_format(&command, &bytes, &len), 0);
	at = bytes + command_offset(&command, mark);
	encode_mark(at, position);
	for (size_t i = 1; i <= ENCODE_HASHES; i++)
		encode_mark(at + i * ENCODE_STRIDE, follows);
	redisAppendFormattedCommand(bed.look, bytes, len);
	free(bytes);
	ck_assert_int_eq(redisGetReply(bed.look, (void **)&reply), REDIS_OK);
	ck_assert_msg(reply->type == REDIS_REPLY_ARRAY, "%s", reply->str);
	command_done(&command);
	return reply;
}

/* The same call given twice, by hand: the second changes nothing and says so. A call that follows something
 * else than what is there changes nothing at all and says what is there. */
START_TEST(test_twice)
{
	struct spread_cell cell = { "n:school/-/phone/transaction", 5 };
	struct spread_scope scope = { .name = "all",
				      .changed = 1 << SUM_CONTACTS | 1 << SUM_N,
				      .sums = { [SUM_CONTACTS] = 5, [SUM_N] = 5 } };
	struct spread_group group = {
		.day = day, .cells = &cell, .cells_len = 1, .scopes = &scope, .scopes_len = 1, .contacts = 5
	};
	redisReply *reply;

	start();
	for (int i = 0; i < 3; i++) {
		reply = call_by_hand(&group, 7, 0);
		ck_assert_int_eq(reply->element[0]->integer, i ? 15 : 0);
		/* Left alone or not, the country's ranking hears the share of running windows. */
		ck_assert_int_eq((int)reply->element[2]->elements, 6 * 3);
		freeReplyObject(reply);
	}
	bed_is(&bed, "5", "HGET effort:{0101}:share:day all.n");
	bed_is(&bed, "5", "HGET effort:{0101}:y:2026 _n");
	bed_is(&bed, "7", "HGET effort:{0101}:tasks:week:2026-W47 _w:w9");
	bed_do(&bed, "DEL effort:{0101}:share:week:2026-W47");
	bed_do(&bed, "HSET effort:{0101}:m:2026-11 _w:w9 6");
	reply = call_by_hand(&group, 8, 7);
	ck_assert_int_eq(reply->element[0]->integer, -1);
	ck_assert_uint_eq(reply->element[1]->elements, 4);
	ck_assert_int_eq(reply->element[1]->element[0]->integer, 2);
	ck_assert_str_eq(reply->element[1]->element[1]->str, "6");
	ck_assert_int_eq(reply->element[1]->element[2]->integer, 5);
	ck_assert_int_eq(reply->element[1]->element[3]->type, REDIS_REPLY_NIL);
	freeReplyObject(reply);
	bed_is(&bed, "5", "HGET effort:{0101}:y:2026 _n");
	bed_do(&bed, "HSET effort:{0101}:m:2026-11 _w:w9 7");
	bed_do(&bed, "HDEL effort:{0101}:y:2026 _w:w9");
	/* What must be absent and is there differs too. */
	reply = call_by_hand(&group, 8, 0);
	ck_assert_uint_eq(reply->element[1]->elements, 2 * 13);
	freeReplyObject(reply);
}
END_TEST

/* A proxy of its own process: copies bytes both ways until told by SIGUSR1 to keep replies back, and on SIGUSR2
 * closes everything and listens again. */
static volatile sig_atomic_t is_holding, is_cutting;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		is_holding = 1;
	else
		is_cutting = 1;
}

static int listen_at(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(path);
	memcpy(un.sun_path, path, strlen(path) + 1);
	if (bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 || listen(fd, 8) < 0)
		_exit(1);
	return fd;
}

static int connect_to(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(un.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) < 0)
		return close(fd), -1;
	return fd;
}

/* is_dropped: what has an answer of effort_apply, which begins with a number; effort_claim's, asked before, does not. */
static bool forward(int from, int to, bool is_dropped)
{
	char buf[65536];
	ssize_t n = recv(from, buf, sizeof(buf), MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	is_dropped &= memmem(buf, (size_t)n, "*2\r\n:", 5) != NULL || memmem(buf, (size_t)n, "*3\r\n:", 5) != NULL;
	return is_dropped || send(to, buf, (size_t)n, MSG_NOSIGNAL) == n;
}

static void proxy_main(const char *path, const char *target)
{
	int listener = listen_at(path);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	for (;;) {
		int client = accept(listener, NULL, NULL), server;

		if (client < 0)
			continue;
		is_cutting = is_holding = 0;
		server = connect_to(target);
		while (server >= 0 && !is_cutting && forward(client, server, false) &&
		       forward(server, client, is_holding))
			usleep(200);
		close(client);
		close(server);
	}
}

static pid_t start_proxy(char path[112])
{
	pid_t pid;

	snprintf(path, 112, "%s/p", bed.dir);
	pid = fork();
	if (pid == 0)
		proxy_main(path, bed.socket);
	while (access(path, F_OK) != 0)
		usleep(1000);
	usleep(20000);
	return pid;
}

START_TEST(test_reply_lost)
{
	char path[112], url[128];
	pid_t proxy;

	bed_start_redis(&bed);
	proxy = start_proxy(path);
	snprintf(url, sizeof(url), "unix://%s", path);
	bed_open_store(&bed, url);
	bed_until(&bed, bed.ready > 0);
	for (int round = 1; round <= 4; round++) {
		int lost = bed.lost;

		count_some(round);
		kill(proxy, SIGUSR1);
		usleep(30000);
		bed_send(&bed, bed_noon(day));
		/* Redis has applied the heads of all chains, but nobody knows. */
		bed_run(&bed, 100);
		ck_assert_int_eq(bed.settled, round - 1);
		kill(proxy, SIGUSR2);
		bed_until(&bed, bed.lost > lost);
		bed_until(&bed, bed.settled == round);
		bed_check(&bed, day);
		ck_assert_uint_gt(status().skipped, 0);
	}
	kill(proxy, SIGKILL);
	waitpid(proxy, NULL, 0);
}
END_TEST

/* A stopped Redis takes the bytes and says nothing: the batch times out, and is not counted twice when Redis
 * goes on. */
START_TEST(test_silent_redis)
{
	bed.timeout_ms = 200;
	start();
	count_some(3);
	kill(bed.redis, SIGSTOP);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.lost > 0);
	ck_assert_str_eq(bed.why, "no answer in time");
	bed_run(&bed, 300);
	ck_assert_int_eq(bed.lost, 1);
	kill(bed.redis, SIGCONT);
	bed_until(&bed, bed.settled == 1);
	bed_check(&bed, day);
}
END_TEST

START_TEST(test_killed_redis)
{
	bed.extra[0] = "--appendonly";
	bed.extra[1] = "yes";
	bed.extra[2] = "--appendfsync";
	bed.extra[3] = "always";
	start();
	for (int round = 1; round <= 3; round++) {
		int ready = bed.ready;

		count_some(round);
		bed_send(&bed, bed_noon(day));
		if (round == 2)
			bed_run(&bed, 1);
		if (round == 3)
			bed_until(&bed, bed.settled == 3);
		bed_stop_redis(&bed, SIGKILL);
		bed_run(&bed, 100);
		bed_start_redis(&bed);
		bed_until(&bed, bed.ready > ready && bed.settled == round);
		bed_check(&bed, day);
	}
}
END_TEST

/* No connection yet: a batch can be made and waits. */
START_TEST(test_sent_before_ready)
{
	bed_open_store(&bed, bed.url);
	count_some(1);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.lost > 0);
	ck_assert(store_is_busy(bed.store));
	ck_assert(!store_is_ready(bed.store));
	bed_run(&bed, 200);
	ck_assert_int_eq(bed.lost, 1);
	bed_start_redis(&bed);
	bed_until(&bed, bed.settled == 1);
	bed_check(&bed, day);
}
END_TEST

START_TEST(test_function_deleted)
{
	start();
	count_some(1);
	bed_do(&bed, "FUNCTION FLUSH");
	bed_send_and_wait(&bed, bed_noon(day));
	bed_check(&bed, day);
	ck_assert_int_eq(bed.trouble, 0);
	ck_assert_int_eq(bed.lost, 0);
	bed_do(&bed, "FUNCTION FLUSH");
	store_tick(bed.store, bed_noon(day), 0, "running");
	bed_until(&bed, bed.ready == 3);
}
END_TEST

START_TEST(test_other_version)
{
	bed_start_redis(&bed);
	bed_do(&bed, "FUNCTION LOAD %s",
	       "#!lua name=effort\nredis.register_function('effort_version', function() return 'old' end)\n"
	       "redis.register_function('effort_apply', function() return 'old' end)");
	bed_open_store(&bed, bed.url);
	bed_until(&bed, bed.ready > 0);
	count_some(1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_check(&bed, day);
	ck_assert_str_eq(bed_text(&bed, "FCALL effort_version 0"), "old");
}
END_TEST

/* Refused for a while: told once, kept, and counted once when it is over. */
static void refused(const char *error, const char *undo)
{
	count_some(2);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.trouble > 0);
	ck_assert_msg(strncmp(bed.error, error, strlen(error)) == 0, "%s", bed.error);
	bed_run(&bed, 500);
	ck_assert_int_eq(bed.trouble, 1);
	ck_assert_int_eq(bed.settled, 0);
	ck_assert_str_eq(status().state, "ready");
	bed_do(&bed, undo);
	bed_until(&bed, bed.settled == 1);
	bed_check(&bed, day);
}

/* A replica now: told once, another connection is tried until there is a master. */
START_TEST(test_read_only)
{
	start();
	bed_do(&bed, "REPLICAOF 127.0.0.1 1");
	count_some(2);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.trouble > 0);
	ck_assert_msg(strncmp(bed.error, "READONLY", 8) == 0, "%s", bed.error);
	bed_run(&bed, 500);
	ck_assert_int_eq(bed.trouble, 1);
	ck_assert_int_eq(bed.lost, 1);
	ck_assert_int_eq(bed.settled, 0);
	bed_do(&bed, "REPLICAOF NO ONE");
	bed_until(&bed, bed.settled == 1);
	bed_check(&bed, day);
}
END_TEST

START_TEST(test_out_of_memory)
{
	start();
	bed_do(&bed, "CONFIG SET maxmemory 1");
	refused("OOM", "CONFIG SET maxmemory 0");
}
END_TEST

START_TEST(test_no_replicas)
{
	start();
	bed_do(&bed, "CONFIG SET min-replicas-to-write 1");
	refused("NOREPLICAS", "CONFIG SET min-replicas-to-write 0");
}
END_TEST

static void write_password(const char *text)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/password", bed.dir);
	file = fopen(path, "w");
	fprintf(file, "%s\n", text);
	fclose(file);
	bed.password_file = path;
}

START_TEST(test_no_permission)
{
	bed_start_redis(&bed);
	bed_do(&bed, "ACL SETUSER effortd on >secret ~effort:* &effort:* +@all");
	write_password("secret");
	bed.user = "effortd";
	bed_open_store(&bed, bed.url);
	bed_until(&bed, bed.ready > 0);
	bed_do(&bed, "ACL SETUSER effortd -hset");
	/* Refused in the middle of a call, after other commands of it went through. */
	count_some(2);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.trouble > 0);
	ck_assert_msg(strstr(bed.error, "can't run this command") || strstr(bed.error, "NOPERM"), "%s",
		      bed.error);
	bed_do(&bed, "ACL SETUSER effortd +hset");
	bed_until(&bed, bed.settled == 1);
	bed_check(&bed, day);
}
END_TEST

START_TEST(test_wrong_password)
{
	bed_start_redis(&bed);
	bed_do(&bed, "ACL SETUSER effortd on >secret ~effort:* &effort:* +@all");
	write_password("wrong");
	bed.user = "effortd";
	bed_open_store(&bed, bed.url);
	bed_until(&bed, bed.lost > 0);
	ck_assert_msg(strstr(bed.why, "WRONGPASS"), "%s", bed.why);
	bed_run(&bed, 300);
	ck_assert_int_eq(bed.lost, 1);
	write_password("secret"); /* read again at every try */
	bed_until(&bed, bed.ready > 0);
}
END_TEST

static const struct {
	const char *made, *key, *says;
} wrong_types[] = {
	{ "SET %s x", "effort:{0751}:share:month:2026-11", "is a string, not a hash" },
	{ "SADD %s x", "effort:{0751}:d:2026-11-20", "is a set, not a hash" },
	{ "SET %s x", "effort:{0751}:y:2026", "is a string, not a hash" },
	{ "LPUSH %s x", "effort:{0751}:by:unit:2026-11", "is a list, not a hash" },
	{ "ZADD %s 1 x", "effort:{0751}:sources", "is a zset, not a hash" },
};

static void name_some(void)
{
	struct name_amount amount = { .events = 1, .contacts = 1 };
	int32_t month = day_of_date(2026, 11, 1);

	names_add(bed.names, 1, BY_UNIT, month, (struct effort_str){ "front", 5 }, amount, 1, NULL);
	names_add(bed.names, 1, BY_SOURCE, month, (struct effort_str){ "phone-a", 7 }, amount, 1, NULL);
}

/* A key of another type is named; it stops only its own municipality, nothing is lost, and the hashes before
 * it are not counted twice. */
START_TEST(test_wrong_type)
{
	const char *key = wrong_types[_i].key;
	char want[200];

	start();
	bed_do(&bed, wrong_types[_i].made, key);
	count_some(2);
	name_some();
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.trouble > 0);
	snprintf(want, sizeof(want), "WRONGTYPE %s %s; rename or delete that key", key, wrong_types[_i].says);
	ck_assert_str_eq(bed.error, want);
	bed_run(&bed, 300);
	ck_assert_int_eq(bed.trouble, 1);
	ck_assert_int_eq(bed.settled, 0);
	bed_is(&bed, "2026-11-21", "HGET effort:{0851}:share:day period");
	bed_do(&bed, "DEL %s", key);
	bed_until(&bed, bed.settled == 1);
	bed_check(&bed, day);
}
END_TEST

/* Two of them: each is told in its turn, once. Ranks are sorted sets, and those of a period at its begin are
 * written anew whatever they were. */
START_TEST(test_two_wrong_types)
{
	start();
	count_some(1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_do(&bed, "DEL effort:{0851}:rank:year");
	bed_do(&bed, "HSET effort:{0851}:rank:year a b");
	bed_do(&bed, "DEL effort:{0751}:sources");
	bed_do(&bed, "SET effort:{0751}:sources x");
	count_some(2);
	name_some();
	bed_send(&bed, bed_noon(day));
	bed_run(&bed, 500);
	ck_assert_int_eq(bed.trouble, 1);
	bed_do(&bed, "DEL effort:{0851}:rank:year");
	bed_run(&bed, 500);
	ck_assert_str_eq(bed.error, "WRONGTYPE effort:{0751}:sources is a string, not a hash; "
				    "rename or delete that key");
	ck_assert_int_eq(bed.settled, 1);
	bed_do(&bed, "DEL effort:{0751}:sources");
	bed_until(&bed, bed.settled == 2);
	store_audit(bed.store); /* the ranking that was deleted comes back */
	bed_run(&bed, 100);
	bed_check(&bed, day);
}
END_TEST

START_TEST(test_prefix)
{
	bed.prefix = "kommune:";
	start();
	count_some(1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_check(&bed, day);
	bed_drain(&bed, bed_noon(day));
	bed_is(&bed, "0", "EVAL return(#redis.call('KEYS','effort:*')) 0");
	bed_is(&bed, "1", "EXISTS kommune:alive");
}
END_TEST

/* A server that says what no Redis says. */
static void hostile(const char *says, const char *why)
{
	char path[112], url[128];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/h", bed.dir);
	pid = fork();
	if (pid == 0) {
		int listener = listen_at(path);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			char buf[4096];
			int client = accept(listener, NULL, NULL);

			if (read(client, buf, sizeof(buf)) > 0 && write(client, says, strlen(says)) < 0)
				_exit(1);
			usleep(100000);
			close(client);
		}
	}
	while (access(path, F_OK) != 0)
		usleep(1000);
	usleep(20000);
	snprintf(url, sizeof(url), "unix://%s", path);
	bed_open_store(&bed, url);
	bed_until(&bed, bed.lost > 0);
	ck_assert_str_eq(bed.why, why);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

START_TEST(test_hostile_array)
{
	hostile("*1000000000\r\n", "a reply past all bounds");
}
END_TEST

START_TEST(test_hostile_bulk)
{
	hostile("$536870912000\r\n", "a reply past all bounds");
}
END_TEST

START_TEST(test_hostile_text)
{
	hostile("HTTP/1.1 400 Bad Request\r\n\r\n", "no Redis reply");
}
END_TEST

START_TEST(test_old_server)
{
	hostile("$21\r\nredis_version:6.2.14\r\n\r\n",
		"Redis 6.2.14 is too old: functions need 7.0 or newer");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_twice,
		test_reply_lost,
		test_silent_redis,
		test_killed_redis,
		test_sent_before_ready,
		test_function_deleted,
		test_other_version,
		test_read_only,
		test_out_of_memory,
		test_no_replicas,
		test_no_permission,
		test_wrong_password,
		test_two_wrong_types,
		test_prefix,
		test_hostile_array,
		test_hostile_bulk,
		test_hostile_text,
		test_old_server,
	};
	TCase *tcase = suite_case("store/faults", setup, teardown);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, test_wrong_type, 0, SUITE_LENGTH(wrong_types));
	return suite_run("store/faults", tcase);
}
