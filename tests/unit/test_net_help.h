/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of net/ share: a net on a real loop that writes down all it is told, clients on real
 * sockets, and waiting for something to become true. Every check includes it once, so all is static. */
#ifndef TEST_NET_HELP_H
#define TEST_NET_HELP_H

#include "suite.h"

#include "base/clock.h"
#include "net/inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

struct told {
	enum net_fault fault;
	size_t size;
};

static struct {
	struct event_base *base;
	struct net *net;
	char *text; /* all lines, in order */
	size_t len, cap, lines, calls;
	bool keeps_text;
	struct told faults[64];
	size_t n_faults, closes, drains, notices;
	char last_notice[200], all_notices[4000];
	void (*on_lines)(struct conn *, const char *, size_t);
	void (*on_drained)(struct conn *);
	void (*on_close)(struct conn *);
	struct conn *last;
} the;

static void told_lines(void *ctx, struct conn *conn, char *lines, size_t len)
{
	volatile char sum = 0;

	ck_assert_ptr_eq(ctx, &the);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(lines[len - 1], '\n');
	for (int i = 0; i < NET_PADDING; i++) /* readable */
		sum = (char)(sum + lines[len + (size_t)i]);
	the.calls++;
	the.last = conn;
	for (const char *p = lines; p < lines + len; p = (const char *)memchr(p, '\n', len) + 1)
		the.lines++;
	if (the.keeps_text) {
		if (the.len + len > the.cap)
			the.text = realloc(the.text, the.cap = 2 * (the.len + len));
		memcpy(the.text + the.len, lines, len);
	}
	the.len += len;
	if (the.on_lines != NULL)
		the.on_lines(conn, lines, len);
	memset(lines, 'X', len); /* the owner's for the call */
}

static void told_fault(void *ctx, struct conn *conn, enum net_fault fault, size_t size)
{
	(void)ctx, (void)conn;
	if (the.n_faults < 64)
		the.faults[the.n_faults] = (struct told){ fault, size };
	the.n_faults++;
}

static void told_close(void *ctx, struct conn *conn)
{
	(void)ctx;
	the.closes++;
	if (the.on_close != NULL)
		the.on_close(conn);
}

static void told_drained(void *ctx, struct conn *conn)
{
	(void)ctx;
	ck_assert_uint_eq(conn_unsent(conn), 0);
	the.drains++;
	if (the.on_drained != NULL)
		the.on_drained(conn);
}

static void told_notice(void *ctx, const char *msg, const char *detail, uint64_t n)
{
	size_t len = strlen(the.all_notices);

	(void)ctx;
	the.notices++;
	snprintf(the.last_notice, sizeof(the.last_notice), "%s: %s (%lu)", msg, detail, (unsigned long)n);
	snprintf(the.all_notices + len, sizeof(the.all_notices) - len, "%s\n", the.last_notice);
}

static const struct net_limits wide UNUSED = { 4096, 0, INT64_MAX, INT64_MAX };

/* Listens on spec with these limits. */
static UNUSED void net_start(const char *spec, struct net_limits limits)
{
	struct net_owner owner = { &the, told_lines, told_fault, told_close, told_drained, told_notice };
	struct error error = { "" };

	free(the.text);
	memset(&the, 0, sizeof(the));
	the.keeps_text = true;
	the.base = event_base_new();
	the.net = net_new(the.base, &owner, &limits);
	ck_assert_ptr_nonnull(the.net);
	ck_assert_msg(net_listen(the.net, spec, &error) == 0, "%s", error.text);
}

static UNUSED void net_end(void)
{
	net_free(the.net);
	event_base_free(the.base);
	the.net = NULL;
	the.base = NULL;
}

static UNUSED void turn(void)
{
	event_base_loop(the.base, EVLOOP_NONBLOCK);
}

/* Runs the loop for so long. Returns how often it turned. */
static UNUSED size_t run_for(int64_t ms)
{
	struct timeval slice = { .tv_usec = 5000 };
	int64_t end = clock_mono_ms() + ms;
	size_t turns = 0;

	while (clock_mono_ms() < end) {
		event_base_loopexit(the.base, &slice);
		event_base_loop(the.base, EVLOOP_ONCE);
		turns++;
	}
	return turns;
}

#define WAIT_MS 20000
#define until(condition)                                                                                     \
	do {                                                                                                 \
		int64_t end_ = clock_mono_ms() + WAIT_MS;                                                    \
		while (!(condition)) {                                                                       \
			struct timeval slice_ = { .tv_usec = 2000 };                                         \
			ck_assert_msg(clock_mono_ms() < end_, "never true: %s", #condition);                 \
			event_base_loopexit(the.base, &slice_);                                              \
			event_base_loop(the.base, EVLOOP_ONCE);                                              \
		}                                                                                            \
	} while (0)

static UNUSED size_t n_conns(void)
{
	struct net_status status;

	net_status(the.net, &status);
	return status.connections;
}

/* Clients */

/* The socket address of net_address() text. */
static UNUSED socklen_t sockaddr_of(const char *address, struct sockaddr_storage *ret)
{
	const char *colon = strrchr(address, ':');
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_un *un = (struct sockaddr_un *)ret;
	char host[64] = "";

	memset(ret, 0, sizeof(*ret));
	if (address[0] == '/') {
		un->sun_family = AF_UNIX;
		strcpy(un->sun_path, address);
		return sizeof(*un);
	}
	if (address[0] == '[') {
		memcpy(host, address + 1, (size_t)(colon - address) - 2);
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)atoi(colon + 1));
		ck_assert_int_eq(inet_pton(AF_INET6, host, &in6->sin6_addr), 1);
		return sizeof(*in6);
	}
	memcpy(host, address, (size_t)(colon - address));
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)atoi(colon + 1));
	ck_assert_int_eq(inet_pton(AF_INET, host, &in->sin_addr), 1);
	return sizeof(*in);
}

/* A blocking client. */
static UNUSED int dial(const char *address)
{
	struct sockaddr_storage at;
	socklen_t len = sockaddr_of(address, &at);
	int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_msg(connect(fd, (struct sockaddr *)&at, len) == 0, "connect %s: %s", address,
		      strerror(errno));
	return fd;
}

/* One whose socket takes little, so that answers stay with us. */
static UNUSED int dial_narrow(void)
{
	struct sockaddr_storage at;
	socklen_t len = sockaddr_of(net_address(the.net), &at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), size = 4096;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, len), 0);
	return fd;
}

/* Listens on any port, does that with lines (or NULL), and has one client. */
static UNUSED int start_with_one(struct net_limits limits,
				 void (*on_lines)(struct conn *, const char *, size_t))
{
	net_start("127.0.0.1:0", limits);
	the.on_lines = on_lines;
	return dial(net_address(the.net));
}

static UNUSED void put(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		ck_assert_msg(n > 0, "send: %s", strerror(errno));
		bytes += n;
		len -= (size_t)n;
	}
}

static UNUSED void say(int fd, const char *text)
{
	put(fd, text, strlen(text));
}

/* Sends from a thread and closes, so that the loop can read meanwhile. */
struct sender {
	pthread_t thread;
	int fd;
	const char *bytes;
	size_t len;
};

static void *sender_run(void *arg)
{
	struct sender *sender = arg;
	size_t sent = 0;

	while (sent < sender->len) {
		ssize_t n = send(sender->fd, sender->bytes + sent, sender->len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	close(sender->fd);
	return NULL;
}

static UNUSED void sender_start(struct sender *sender, int fd, const char *bytes, size_t len)
{
	*sender = (struct sender){ .fd = fd, .bytes = bytes, .len = len };
	ck_assert_int_eq(pthread_create(&sender->thread, NULL, sender_run, sender), 0);
}

static UNUSED void reset(int fd)
{
	struct linger now = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/* What the client can read now; -1: nothing yet, 0: the end. */
static UNUSED ssize_t heard(int fd, char *ret, size_t size)
{
	return recv(fd, ret, size, MSG_DONTWAIT);
}

static UNUSED char *temp_path(const char *name)
{
	static char folder[64], path[2][128];
	static int at;

	if (folder[0] == '\0') {
		strcpy(folder, "/tmp/effort-net-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(folder));
	}
	mkdir(folder, 0700); /* the test before may have removed it */
	at = !at;
	snprintf(path[at], sizeof(path[at]), "%s%s%s", folder, name[0] != '\0' ? "/" : "", name);
	return path[at];
}

#endif
