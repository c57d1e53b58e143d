/* SPDX-License-Identifier: MPL-2.0 */
/* A net over time: nothing lost of clients that send and vanish, timeouts, pause and resume, the end in good
 * order. */
#include "test_net_help.h"

#define MIB (1024 * 1024)

/* The promise of the silent server: 1 MiB sent by clients that never read and close at once, 1,000 times. */
START_TEST(send_and_vanish)
{
	enum { ROUNDS = 1000, AT_ONCE = 4 };
	char *text = malloc(MIB);
	struct sender senders[AT_ONCE];
	size_t lines = 0;

	/* Lines of many lengths; the last byte ends the last one. */
	for (size_t at = 0, n = 7; at < MIB; at++, n--) {
		text[at] = n == 0 || at == MIB - 1 ? '\n' : 'x';
		if (text[at] == '\n') {
			n = 1 + (at * 7919) % 400;
			lines++;
		}
	}
	net_start("127.0.0.1:0", wide);
	the.keeps_text = false;
	for (int round = 0; round < ROUNDS; round += AT_ONCE) {
		for (int i = 0; i < AT_ONCE; i++)
			sender_start(&senders[i], dial(net_address(the.net)), text, MIB);
		until(the.closes == (size_t)round + AT_ONCE);
		for (int i = 0; i < AT_ONCE; i++)
			pthread_join(senders[i].thread, NULL);
		ck_assert_uint_eq(the.len, ((size_t)round + AT_ONCE) * MIB);
	}
	ck_assert_uint_eq(the.lines, ROUNDS * lines);
	ck_assert_uint_eq(the.n_faults, 0);
	ck_assert_uint_eq(the.net->status.bytes, (uint64_t)ROUNDS * MIB);
	free(text);
	net_end();
}
END_TEST

/* One connection for each event, as `nc` in a shell loop makes them. */
START_TEST(one_event_a_connection)
{
	net_start("127.0.0.1:0", wide);
	for (int i = 0; i < 3000; i++) {
		int fd = dial(net_address(the.net));

		say(fd, "{\"id\":1}\n");
		close(fd);
		if (i % 50 == 0)
			turn();
	}
	until(the.closes == 3000);
	ck_assert_uint_eq(the.lines, 3000);
	net_end();
}
END_TEST

START_TEST(fair)
{
	char *text = malloc(64 * MIB);
	struct sender sender;
	int fd;

	memset(text, 'x', 64 * MIB);
	for (size_t i = 99; i < 64 * MIB; i += 100)
		text[i] = '\n';
	text[64 * MIB - 1] = '\n';
	net_start("127.0.0.1:0", wide);
	the.keeps_text = false;
	sender_start(&sender, dial(net_address(the.net)), text, 64 * MIB);
	until(the.len > MIB);
	/* Among one that never stops, a small one is served within a few turns, that is after a few reads of
	 * it. */
	fd = dial(net_address(the.net));
	until(n_conns() == 2);
	say(fd, "y\n");
	struct conn *small = the.net->conns;
	size_t calls = the.calls;
	while (the.last != small) {
		event_base_loop(the.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		ck_assert_uint_lt(the.calls, calls + 20);
	}
	close(fd);
	until(n_conns() == 0);
	pthread_join(sender.thread, NULL);
	ck_assert_uint_eq(the.len, 64 * MIB + 2);
	free(text);
	net_end();
}
END_TEST

/* Timeouts */

START_TEST(line_timeout)
{
	struct net_limits limits = { 100, 0, 200, INT64_MAX };
	int slow, quiet, lively;
	char byte, *junk = malloc(70000);

	memset(junk, 'j', 70000);
	slow = start_with_one(limits, NULL);
	quiet = dial(net_address(the.net));
	lively = dial(net_address(the.net));
	say(quiet, "whole\n"); /* no open line: may stay */
	int64_t begin = clock_mono_ms();
	while (the.closes == 0 && clock_mono_ms() - begin < 5000) {
		/* A byte now and then does not help, a line does. */
		if (send(slow, "x", 1, MSG_NOSIGNAL) < 0)
			break;
		say(lively, "a\nb");
		run_for(20);
		say(lively, "\n");
	}
	until(the.closes == 1);
	ck_assert_int_ge(clock_mono_ms() - begin, 200);
	ck_assert_uint_eq(the.n_faults, 1);
	ck_assert_int_eq(the.faults[0].fault, NET_PARTIAL);
	until(strstr(the.all_notices, "a line was not finished in time (1)") != NULL);
	ck_assert_uint_eq(n_conns(), 2);
	while (recv(slow, &byte, 1, 0) > 0)
		ck_abort_msg("a byte was written");
	close(slow);
	/* In an over-long line that is only skipped the clock runs too. */
	put(quiet, junk, 70000);
	until(the.closes == 2);
	ck_assert_uint_eq(the.n_faults, 2);
	ck_assert_int_eq(the.faults[1].fault, NET_TOO_LONG);
	close(quiet);
	close(lively);
	until(the.closes == 3);
	free(junk);
	net_end();
}
END_TEST

START_TEST(idle_timeout)
{
	struct net_limits limits = { 100, 0, 10000, 200 };
	struct net_status status;
	int idle, busy;

	idle = start_with_one(limits, NULL);
	busy = dial(net_address(the.net));
	until(n_conns() == 2);
	int64_t begin = clock_mono_ms();
	while (the.closes == 0) {
		say(busy, "x\n");
		run_for(20);
		ck_assert_int_lt(clock_mono_ms() - begin, WAIT_MS);
	}
	ck_assert_int_ge(clock_mono_ms() - begin, 200);
	ck_assert_uint_eq(n_conns(), 1);
	ck_assert_uint_eq(the.n_faults, 0);
	net_status(the.net, &status);
	ck_assert_uint_eq(status.timeouts, 1);
	close(idle);
	close(busy);
	until(n_conns() == 0);
	/* Nobody there: no timer either. */
	until(!event_pending(&the.net->sweep, EV_TIMEOUT, NULL));
	net_end();
}
END_TEST

/* What came while the process stood still counts for the client. */
START_TEST(our_own_stall_is_nobodys_fault)
{
	struct net_limits limits = { 100, 0, 100, 100 };
	int fd;

	fd = start_with_one(limits, NULL);
	until(n_conns() == 1);
	say(fd, "a\nb");
	until(the.lines == 1);
	usleep(400000);
	say(fd, "\nc\n");
	until(the.lines == 3);
	ck_assert_uint_eq(the.closes, 0);
	close(fd);
	until(n_conns() == 0);
	net_end();
}
END_TEST

/* The last moment: the sweep finds a client late whose bytes are there already. */
START_TEST(late_and_there)
{
	struct net_limits limits = { 100, 0, 60000, 60000 };
	int fd;

	fd = start_with_one(limits, NULL);
	say(fd, "a\nb");
	until(the.lines == 1);
	the.net->tick += 1000;
	say(fd, "\nc\n");
	event_active(&the.net->sweep, EV_TIMEOUT, 0); /* stands before the reading in the next turn */
	until(the.lines == 3);
	ck_assert_uint_eq(the.closes, 0);
	the.net->tick += 1000;
	event_active(&the.net->sweep, EV_TIMEOUT, 0);
	until(the.closes == 1);
	ck_assert_uint_eq(the.n_faults, 0);
	close(fd);
	net_end();
}
END_TEST

/* Pause */

START_TEST(pause_and_resume)
{
	struct net_limits limits = { 100, 0, 150, 150 };
	struct net_status status;
	char *text = malloc(32 * MIB);
	struct sender sender;
	int fd;

	memset(text, 'x', 32 * MIB);
	for (size_t i = 127; i < 32 * MIB; i += 128)
		text[i] = '\n';
	net_start("127.0.0.1:0", limits);
	the.keeps_text = false;
	fd = dial(net_address(the.net));
	say(fd, "a\nb");
	until(the.lines == 1);
	net_pause(the.net, true);
	net_status(the.net, &status);
	ck_assert(status.is_paused);
	sender_start(&sender, dial(net_address(the.net)), text, 32 * MIB);
	say(fd, "c");
	/* Nothing is read, the loop does not spin, and no timeout runs for what we do not read. */
	ck_assert_uint_lt(run_for(600), 400);
	ck_assert_uint_eq(the.lines, 1);
	ck_assert_uint_eq(the.closes, 0);
	ck_assert_uint_eq(n_conns(), 2); /* accepting goes on */
	net_pause(the.net, false);
	run_for(30);
	say(fd, "\n");
	until(the.len == 5 + (size_t)32 * MIB);
	pthread_join(sender.thread, NULL);
	ck_assert_uint_eq(the.n_faults, 0);
	close(fd);
	until(n_conns() == 0);
	free(text);
	net_end();
}
END_TEST

static void pause_now(struct conn *conn, const char *lines, size_t len)
{
	(void)conn, (void)lines, (void)len;
	net_pause(the.net, true);
}

START_TEST(pause_inside_on_lines)
{
	int a, b;

	a = start_with_one(wide, NULL);
	b = dial(net_address(the.net));
	until(n_conns() == 2);
	the.on_lines = pause_now;
	say(a, "x\n");
	say(b, "y\n");
	run_for(50);
	ck_assert_uint_eq(the.lines, 1); /* also the one that was ready in the same turn */
	net_pause(the.net, false);
	run_for(50);
	ck_assert_uint_eq(the.lines, 2);
	close(a);
	close(b);
	net_end();
	ck_assert_uint_eq(the.closes, 2);
}
END_TEST

/* The end */

START_TEST(drain)
{
	int idle, open_line;

	idle = start_with_one(wide, NULL);
	open_line = dial(net_address(the.net));
	until(n_conns() == 2);
	say(idle, "in the buffer\n");
	say(open_line, "one\ntw");
	int late = dial(net_address(the.net));
	say(late, "in the queue\n");
	net_stop_accepting(the.net);
	net_drain(the.net);
	/* All that was sent is taken; who is at a line end goes; the open line may end. */
	until(n_conns() == 1);
	ck_assert_uint_eq(the.lines, 3);
	run_for(30);
	ck_assert_uint_eq(n_conns(), 1);
	say(open_line, "o\n");
	until(n_conns() == 0);
	ck_assert_uint_eq(the.lines, 4);
	ck_assert_uint_eq(the.n_faults, 0);
	close(idle);
	close(open_line);
	close(late);
	net_end();
}
END_TEST

/* More than one read waits, and every read ends at a line end. A Unix socket, because there what was sent is
 * at once with the receiver. */
START_TEST(drain_takes_all_that_waits)
{
	int fd, size = 4 * MIB;
	size_t sent = 0;
	char lines[4096];

	memset(lines, '\n', sizeof(lines));
	net_start(temp_path("in.sock"), wide);
	fd = dial(net_address(the.net));
	until(n_conns() == 1);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (ssize_t n; (n = send(fd, lines, sizeof(lines), MSG_DONTWAIT)) > 0;)
		sent += (size_t)n;
	net_drain(the.net);
	until(n_conns() == 0);
	ck_assert_uint_eq(the.len, sent);
	close(fd);
	net_end();
	rmdir(temp_path(""));
}
END_TEST

START_TEST(drain_past_the_deadline)
{
	int fd;

	fd = start_with_one(wide, NULL);
	say(fd, "one\ntw");
	until(the.lines == 1);
	net_drain(the.net);
	run_for(30);
	ck_assert_uint_eq(n_conns(), 1);
	net_close_all(the.net);
	ck_assert_uint_eq(n_conns(), 0);
	ck_assert_uint_eq(the.closes, 1);
	ck_assert_uint_eq(the.n_faults, 1);
	ck_assert_uint_eq(the.faults[0].size, 2);
	close(fd);
	net_end();
}
END_TEST

/* While paused nothing is taken; draining goes on with the reading. */
START_TEST(drain_while_paused)
{
	int fd;

	fd = start_with_one(wide, NULL);
	until(n_conns() == 1);
	net_pause(the.net, true);
	say(fd, "x\n");
	net_drain(the.net);
	run_for(30);
	ck_assert_uint_eq(n_conns(), 1);
	ck_assert_uint_eq(the.lines, 0);
	net_pause(the.net, false);
	until(n_conns() == 0);
	ck_assert_uint_eq(the.lines, 1);
	close(fd);
	net_end();
}
END_TEST

START_TEST(free_tells_everyone)
{
	int fds[10];

	net_start("127.0.0.1:0", wide);
	for (int i = 0; i < 10; i++) {
		fds[i] = dial(net_address(the.net));
		say(fds[i], "x\ny");
	}
	until(the.lines == 10);
	net_end();
	ck_assert_uint_eq(the.closes, 10);
	ck_assert_uint_eq(the.n_faults, 10);
	for (int i = 0; i < 10; i++)
		close(fds[i]);
}
END_TEST

/* Memory between two reads: what 500 slow clients cost, and that it is given back. */
START_TEST(carry_is_given_back)
{
	enum { N = 500 };
	static int fds[N];
	char *junk = malloc(60000);
	size_t held = 0;

	memset(junk, 'x', 60000);
	net_start("127.0.0.1:0", wide);
	the.keeps_text = false;
	for (int i = 0; i < N; i++) {
		fds[i] = dial(net_address(the.net));
		put(fds[i], junk, i % 2 ? 100 : 60000);
		turn();
	}
	until(the.net->status.bytes == N / 2 * 60100);
	for (struct conn *conn = the.net->conns; conn != NULL; conn = conn->next)
		held += conn->intake.cap;
	ck_assert_uint_eq(held, N / 2 * (INTAKE_CARRY_SMALL + INTAKE_CARRY_MAX));
	for (int i = 0; i < N; i++)
		say(fds[i], "\n");
	until(the.lines == N);
	for (struct conn *conn = the.net->conns; conn != NULL; conn = conn->next)
		ck_assert_ptr_null(conn->intake.carry);
	ck_assert_uint_le(the.net->pool.n, INTAKE_POOL_MAX);
	for (int i = 0; i < N; i++)
		close(fds[i]);
	until(n_conns() == 0);
	free(junk);
	net_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		send_and_vanish,
		one_event_a_connection,
		fair,
		line_timeout,
		idle_timeout,
		our_own_stall_is_nobodys_fault,
		late_and_there,
		pause_and_resume,
		pause_inside_on_lines,
		drain,
		drain_takes_all_that_waits,
		drain_past_the_deadline,
		drain_while_paused,
		free_tells_everyone,
		carry_is_given_back,
	};

	return RUN_TESTS("net/life", tests);
}
