/* SPDX-License-Identifier: MPL-2.0 */
/* Where the daemon listens: addresses and what is no address, Unix sockets left behind, passed sockets, a change of
 * address that loses nobody. */
#include "test_net_help.h"

static void expect_works(void)
{
	size_t lines = the.lines;
	int fd = dial(net_address(the.net));

	say(fd, "x\n");
	until(the.lines == lines + 1);
	close(fd);
	until(n_conns() == 0);
}

static void expect_refused(const char *spec, int code, const char *part)
{
	char before[128];
	struct error error = { "" };
	int r;

	snprintf(before, sizeof(before), "%s", net_address(the.net));
	r = net_listen(the.net, spec, &error);
	ck_assert_msg(r == code, "%s: %d, not %d (%s)", spec, r, code, error.text);
	ck_assert_msg(strstr(error.text, part) != NULL, "%s: \"%s\" lacks \"%s\"", spec, error.text, part);
	ck_assert_str_eq(net_address(the.net), before);
}

START_TEST(addresses)
{
	struct error error = { "" };

	net_start("127.0.0.1:0", wide);
	ck_assert_int_eq(strncmp(net_address(the.net), "127.0.0.1:", 10), 0);
	ck_assert_int_gt(atoi(net_address(the.net) + 10), 0);
	expect_works();
	if (net_listen(the.net, "[::1]:0", &error) == 0) { /* machines without IPv6 exist */
		ck_assert_int_eq(strncmp(net_address(the.net), "[::1]:", 6), 0);
		expect_works();
	}
	ck_assert_int_eq(net_listen(the.net, "off", &error), 0);
	ck_assert_str_eq(net_address(the.net), "off");
	ck_assert_int_eq(net_listen(the.net, "0.0.0.0:0", &error), 0);
	ck_assert_int_eq(strncmp(net_address(the.net), "0.0.0.0:", 8), 0);
	net_end();
}
END_TEST

START_TEST(bad_addresses)
{
	static const char *const bad[] = { "",
					   ":",
					   ":7020",
					   "7020",
					   "localhost:7020",
					   "127.0.0.1",
					   "127.0.0.1:",
					   "127.0.0.1:65536",
					   "127.0.0.1:-1",
					   "127.0.0.1:+1",
					   "127.0.0.1:7x",
					   "127.0.0.1:000080",
					   "::1:7020",
					   "[::1]",
					   "[::1:7020",
					   "[127.0.0.1]:1",
					   "[fe80::1%lo]:7020",
					   "1:7020",
					   "127.1:7020",
					   "run/in.sock",
					   "999.0.0.1:1",
					   "[]:1",
					   " 127.0.0.1:1",
					   "Off",
					   "Systemd" };

	net_start("127.0.0.1:0", wide);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused(bad[i], -EINVAL, "is no place to listen");
	expect_refused("192.0.2.1:0", -EADDRNOTAVAIL, "does not have that address");
	expect_works();
	net_end();
}
END_TEST

START_TEST(taken_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char spec[64];

	bind(fd, (struct sockaddr *)&at, len);
	listen(fd, 1);
	getsockname(fd, (struct sockaddr *)&at, &len);
	snprintf(spec, sizeof(spec), "127.0.0.1:%u", ntohs(at.sin_port));
	net_start("127.0.0.1:0", wide);
	expect_refused(spec, -EADDRINUSE, "something else listens there");
	close(fd);
	ck_assert_int_eq(net_listen(the.net, spec, NULL), 0);
	net_end();
}
END_TEST

/* A restart at once, while old connections are in TIME_WAIT. */
START_TEST(port_again_at_once)
{
	char spec[64];

	net_start("127.0.0.1:0", wide);
	snprintf(spec, sizeof(spec), "%s", net_address(the.net));
	int fd = dial(spec);
	say(fd, "x\n");
	until(the.lines == 1);
	net_end(); /* we close first: TIME_WAIT is ours */
	close(fd);
	net_start(spec, wide);
	expect_works();
	net_end();
}
END_TEST

/* Unix sockets */

static void make_stale(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(at.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
}

START_TEST(unix_stale)
{
	char path[128];
	struct stat st;

	strcpy(path, temp_path("stale.sock"));
	make_stale(path);
	umask(0);
	net_start(path, wide);
	ck_assert_str_eq(net_address(the.net), path);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0660);
	expect_works();
	net_end();
	ck_assert_int_lt(stat(path, &st), 0); /* removed with us */
	umask(077);
	net_start(path, wide);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0660);
	net_end();
	rmdir(temp_path(""));
}
END_TEST

START_TEST(unix_taken)
{
	char path[128], file[128], long_path[300];
	struct error error = { "" };
	struct stat st;
	int other;

	strcpy(path, temp_path("live.sock"));
	strcpy(file, temp_path("file"));
	other = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	strcpy(at.sun_path, path);
	ck_assert_int_eq(bind(other, (struct sockaddr *)&at, sizeof(at)), 0);
	listen(other, 0);
	net_start("127.0.0.1:0", wide);
	for (int i = 0; i < 3; i++) /* also when its queue is full */
		expect_refused(path, -EADDRINUSE, "a running process answers");
	ck_assert_int_eq(stat(path, &st), 0);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	expect_refused(file, -EADDRINUSE, "is no socket");
	ck_assert_int_eq(stat(file, &st), 0);
	expect_refused("/nowhere/at/all.sock", -ENOENT, "does not exist");
	memset(long_path, 'a', sizeof(long_path));
	long_path[0] = '/';
	long_path[299] = '\0';
	expect_refused(long_path, -ENAMETOOLONG, "at most 107 bytes");
	/* The file of another is not removed with us. */
	close(other);
	ck_assert_int_eq(net_listen(the.net, path, &error), 0);
	unlink(path);
	make_stale(path);
	net_end();
	ck_assert_int_eq(stat(path, &st), 0);
	unlink(path);
	unlink(file);
	rmdir(temp_path(""));
}
END_TEST

/* Passed sockets, in a child that has descriptors 3 and 4 to itself. */

static int listening_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	listen(fd, 10); /* unbound: any port of 0.0.0.0 */
	return fd;
}

static void pass(int n, const char *names)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", (int)getpid());
	setenv("LISTEN_PID", text, 1);
	snprintf(text, sizeof(text), "%d", n);
	setenv("LISTEN_FDS", text, 1);
	if (names != NULL)
		setenv("LISTEN_FDNAMES", names, 1);
	else
		unsetenv("LISTEN_FDNAMES");
}

static int port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	getsockname(fd, (struct sockaddr *)&at, &len);
	return ntohs(at.sin_port);
}

static void expect_passed(const char *spec, int fd)
{
	struct error error = { "" };
	char text[64];

	ck_assert_msg(net_listen(the.net, spec, &error) == 0, "%s", error.text);
	snprintf(text, sizeof(text), "0.0.0.0:%d", port_of(fd));
	ck_assert_str_eq(net_address(the.net), text);
	snprintf(text, sizeof(text), "127.0.0.1:%d", port_of(fd));
	fd = dial(text);
	size_t lines = the.lines;
	say(fd, "x\n");
	until(the.lines == lines + 1);
	close(fd);
	until(n_conns() == 0);
	ck_assert_int_eq(net_listen(the.net, "off", NULL), 0);
}

START_TEST(systemd)
{
	int a = listening_socket(), b = listening_socket();

	/* main() has kept these two free of anything else. */
	dup2(a, 3);
	dup2(b, 4);
	close(a);
	close(b);
	net_start("off", wide);
	unsetenv("LISTEN_PID");
	expect_refused("systemd", -ENOENT, "no socket was passed");
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "2", 1);
	expect_refused("systemd", -ENOENT, "no socket was passed");
	pass(2, NULL);
	expect_passed("systemd", 3);
	expect_passed("systemd", 3); /* and again after a reload to something else */
	pass(2, "http:ndjson");
	expect_passed("systemd", 4);
	expect_passed("systemd:http", 3);
	expect_refused("systemd:htt", -ENOENT, "no passed socket has that name");
	pass(2, "a:b");
	expect_passed("systemd", 3);
	dup2(0, 3);
	expect_refused("systemd", -EINVAL, "no listening stream socket");
	net_end();
}
END_TEST

/* Change of address */

START_TEST(change_of_address)
{
	char spec[64], first[64];
	struct error error = { "" };
	int old, waiting[20];

	net_start("127.0.0.1:0", wide);
	strcpy(first, net_address(the.net));
	old = dial(first);
	say(old, "a\nb");
	until(the.lines == 1);
	/* The same spec carries the open one over. */
	ck_assert_int_eq(net_listen(the.net, "127.0.0.1:0", &error), 0);
	ck_assert_str_eq(net_address(the.net), first);
	/* Who waits in the old queue is taken along. */
	for (int i = 0; i < 20; i++) {
		waiting[i] = dial(first);
		say(waiting[i], "w\n");
		close(waiting[i]);
	}
	ck_assert_int_eq(net_listen(the.net, temp_path("new.sock"), &error), 0);
	expect_refused("127.0.0.1:x", -EINVAL, "no place");
	until(the.lines == 21);
	say(old, "c\n");
	until(the.lines == 22);
	ck_assert_uint_eq(the.n_faults, 0);
	close(old);
	until(n_conns() == 0);
	/* From one address to all of the same port, and back: the old one still listens when the new one
	 * begins. */
	ck_assert_int_eq(net_listen(the.net, first, &error), 0);
	snprintf(spec, sizeof(spec), "0.0.0.0%s", strchr(first, ':'));
	ck_assert_msg(net_listen(the.net, spec, &error) == 0, "%s", error.text);
	ck_assert_str_eq(net_address(the.net), spec);
	expect_works();
	ck_assert_msg(net_listen(the.net, first, &error) == 0, "%s", error.text);
	expect_works();
	/* And a second daemon cannot squeeze in beside it afterwards. */
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage at;
	socklen_t len = sockaddr_of(first, &at);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_lt(bind(fd, (struct sockaddr *)&at, len), 0);
	close(fd);
	net_end();
	rmdir(temp_path(""));
}
END_TEST

START_TEST(stop_accepting)
{
	int old, fd;
	char spec[64];

	net_start("127.0.0.1:0", wide);
	strcpy(spec, net_address(the.net));
	old = dial(spec);
	say(old, "a\n");
	net_stop_accepting(the.net); /* it waits still, and is not reset */
	ck_assert_str_eq(net_address(the.net), "off");
	until(the.lines == 1);
	struct sockaddr_storage at;
	socklen_t len = sockaddr_of(spec, &at);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_lt(connect(fd, (struct sockaddr *)&at, len), 0);
	close(fd);
	say(old, "b\n");
	until(the.lines == 2);
	close(old);
	net_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		addresses,
		bad_addresses,
		taken_port,
		port_again_at_once,
		unix_stale,
		unix_taken,
		systemd,
		change_of_address,
		stop_accepting,
	};

	/* Where passed sockets come, nothing of the test runner may lie. */
	while (dup(0) < 4)
		;
	return RUN_TESTS("net/listen", tests);
}
