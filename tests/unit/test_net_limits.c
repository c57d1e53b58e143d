/* SPDX-License-Identifier: MPL-2.0 */
/* How many are let in: a crowd at once, the limits on connections, and a process that runs out of
 * descriptors: who waits, waits in the kernel's queue, at no cost, and is served in the end. */
#include "test_net_help.h"

#define CROWD 2000

static void raise_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

START_TEST(crowd)
{
	static int fds[CROWD];
	struct rlimit limit;
	int n = CROWD;

	raise_descriptors();
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2 * CROWD + 100)
		n = (int)(limit.rlim_cur - 100) / 2;
	net_start("127.0.0.1:0", wide);
	for (int i = 0; i < n; i++) {
		fds[i] = dial(net_address(the.net));
		if (i % 100 == 0)
			turn();
	}
	until(n_conns() == (size_t)n);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < n; i++)
			say(fds[i], round == 1 ? "part" : "line\n");
	until(the.lines == 2 * (size_t)n);
	for (int i = 0; i < n; i++)
		close(fds[i]);
	until(n_conns() == 0);
	ck_assert_uint_eq(the.n_faults, 0);
	ck_assert_uint_eq(the.closes, (size_t)n);
	net_end();
}
END_TEST

START_TEST(max_connections)
{
	struct net_limits limits = wide;
	struct net_status status;
	int fds[20];

	limits.max_connections = 8;
	net_start("127.0.0.1:0", limits);
	for (int i = 0; i < 20; i++) {
		fds[i] = dial(net_address(the.net));
		say(fds[i], "x\n");
	}
	until(the.lines == 8);
	run_for(50);
	ck_assert_uint_eq(n_conns(), 8);
	ck_assert_uint_eq(the.lines, 8);
	ck_assert_uint_eq(the.notices, 1);
	ck_assert_ptr_nonnull(strstr(the.last_notice, "accepting paused: max_connections"));
	net_status(the.net, &status);
	ck_assert(status.accept_is_paused);
	/* Waiting costs nothing. */
	ck_assert_uint_lt(run_for(100), 60);
	/* One leaves, one comes; and that is no news. */
	close(fds[0]);
	until(the.lines == 9);
	ck_assert_uint_eq(n_conns(), 8);
	ck_assert_uint_eq(the.notices, 1);
	for (int i = 1; i < 20; i++)
		close(fds[i]);
	until(the.lines == 20 && n_conns() == 0);
	until(the.notices == 2);
	ck_assert_ptr_nonnull(strstr(the.last_notice, "accepting resumed"));
	net_status(the.net, &status);
	ck_assert(!status.accept_is_paused);
	net_end();
}
END_TEST

START_TEST(raised_limit_lets_in)
{
	struct net_limits limits = wide;
	int fds[4];

	limits.max_connections = 1;
	net_start("127.0.0.1:0", limits);
	for (int i = 0; i < 4; i++)
		fds[i] = dial(net_address(the.net));
	run_for(30);
	ck_assert_uint_eq(n_conns(), 1);
	limits.max_connections = 4;
	net_set_limits(the.net, &limits);
	until(n_conns() == 4);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	until(n_conns() == 0);
	net_end();
}
END_TEST

START_TEST(per_address)
{
	struct net_limits limits = wide;
	struct net_status status;
	int fds[6];
	char byte;

	limits.max_per_address = 4;
	net_start("127.0.0.1:0", limits);
	for (int i = 0; i < 6; i++)
		fds[i] = dial(net_address(the.net));
	until(the.net->status.refused_per_address == 2);
	ck_assert_uint_eq(n_conns(), 4);
	ck_assert_int_eq(recv(fds[4], &byte, 1, 0), 0); /* silently */
	close(fds[4]);
	close(fds[5]);
	/* Another address is not touched by it. */
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK + 1) } };
	struct sockaddr_storage at;
	socklen_t len = sockaddr_of(net_address(the.net), &at);
	fds[4] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fds[4], (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(connect(fds[4], (struct sockaddr *)&at, len), 0);
	until(n_conns() == 5);
	close(fds[0]);
	until(n_conns() == 4);
	fds[0] = dial(net_address(the.net));
	until(n_conns() == 5);
	net_status(the.net, &status);
	ck_assert_uint_eq(status.refused_per_address, 2);
	until(strstr(the.all_notices, "one address has too many (2)") != NULL);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
	until(n_conns() == 0);
	for (int i = 0; i < PEERS_BUCKETS; i++)
		ck_assert_ptr_null(the.net->peers.buckets[i]);
	net_end();
}
END_TEST

/* Descriptors run out: the child listens with few, the parent dials many. What the child found comes back
 * through a pipe as text, "" when all is well. */

static const char *starve(int room)
{
	struct rlimit limit;
	int lowest = dup(0);
	size_t turns, notices;
	char address[64];

	close(lowest);
	getrlimit(RLIMIT_NOFILE, &limit);
	net_start("127.0.0.1:0", wide);
	strcpy(address, net_address(the.net));
	int clients[40];
	for (int i = 0; i < 40; i++) {
		clients[i] = dial(address);
		say(clients[i], "x\n");
	}
	lowest = dup(0);
	close(lowest);
	limit.rlim_cur = (rlim_t)(lowest + room);
	setrlimit(RLIMIT_NOFILE, &limit);
	run_for(100);
	if (n_conns() > (size_t)room || n_conns() + 1 < (size_t)room)
		return "not as many accepted as there were descriptors";
	if (the.notices != 1 || strstr(the.last_notice, "out of descriptors") == NULL)
		return "no single notice";
	/* Somebody else in the process can still open something: the spare was given back. */
	int other = dup(0);
	if (other < 0)
		return "no spare descriptor for the rest of the process";
	close(other);
	/* 1 second: 4 retries and our own slices of 5 ms; a spinning listener turns a million times. */
	turns = run_for(1000);
	if (turns > 450)
		return "the loop spins";
	notices = the.notices;
	if (notices != 1)
		return "a retry is no news";
	/* Each that leaves lets the next one in at once. */
	for (int i = 0; i < 40; i++)
		close(clients[i]);
	for (int i = 0; i < 2000 && the.lines < 40; i++)
		run_for(5);
	if (the.lines != 40)
		return "not all were served after all";
	for (int i = 0; i < 1000 && the.notices < 2; i++)
		run_for(5);
	if (strstr(the.last_notice, "accepting resumed") == NULL)
		return "not told that it goes on";
	/* Well again. */
	int fd = dial(address);
	say(fd, "y\n");
	for (int i = 0; i < 200 && the.lines < 41; i++)
		run_for(5);
	close(fd);
	if (the.lines != 41)
		return "not well again";
	net_end();
	return "";
}

START_TEST(out_of_descriptors)
{
	int pipes[2], status;
	char text[200] = "";
	pid_t child;

	ck_assert_int_eq(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		const char *found = starve(6);

		if (write(pipes[1], found, strlen(found)) < 0)
			_exit(2);
		_exit(0);
	}
	close(pipes[1]);
	for (size_t at = 0; at < sizeof(text) - 1;) {
		ssize_t n = read(pipes[0], text + at, sizeof(text) - 1 - at);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	waitpid(child, &status, 0);
	ck_assert_str_eq(text, "");
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(pipes[0]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		crowd, max_connections, raised_limit_lets_in, per_address, out_of_descriptors,
	};

	return RUN_TESTS("net/limits", tests);
}
