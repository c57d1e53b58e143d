/* SPDX-License-Identifier: MPL-2.0 */
/* Sends the lines of a file to a port of 127.0.0.1 as fast as they are taken, or at a pace: the producer of
 * every measurement in this folder, in C so that it is not what is measured. Lines go out in pieces of whole
 * lines, turn about over the connections. Prints "go" when the file is in memory and the connections stand,
 * then at the end one JSON line.
 *
 *     bench_load [-c CONNECTIONS] [-w BYTES] [-r EVENTS_PER_S] [-n LINES] [-p FIRST-LAST] [-a] PORT FILE
 *
 * -w 0: one line a send. -p: the file once for each number from FIRST to LAST (to 255), which becomes the first
 * two digits of every id, so that millions of lines become billions of events. -a: says hello, reads acknowledgements, and tells how long they took, from before
 * the send of a piece until all of it is acknowledged. One thread, poll(); a connection that is not read does
 * not hold up others. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 10000
#define PIECES_OPEN     16384 /* sent and not acknowledged; effortd's window has 10,000 lines */
#define REPLY_BYTES     65536

static const char hello[] = "{\"hello\":1,\"acks\":true}\n";

struct piece {
	uint64_t last; /* its last line's number within the connection */
	int64_t at_ns;
};

struct conn {
	const char *at, *end; /* what of the piece is still to be sent */
	struct piece *pieces; /* owned; a ring, only with -a */
	uint64_t lines, first, next;
	char reply[REPLY_BYTES];
	size_t reply_len;
};

static int connections = 1;
static long piece_bytes = 65536, lines_max = -1;
static double pace;
static bool has_acks;
static unsigned pass, last_pass; /* 0: ids stay as they are */

static struct conn *conns;
static struct pollfd *polls;
static char *bytes; /* owned */
static const char *at, *end;
static uint64_t taken, acked, nacked;
static uint32_t *latencies_us; /* owned */
static size_t latencies_len, latencies_cap;
static int64_t began_ns;

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	size_t len = 0;

	if (fd < 0 || fstat(fd, &st) < 0 || (bytes = malloc((size_t)st.st_size + 1)) == NULL)
		die(path);
	while (len < (size_t)st.st_size) {
		ssize_t n = read(fd, bytes + len, (size_t)st.st_size - len);

		if (n <= 0)
			die(path);
		len += (size_t)n;
	}
	close(fd);
	at = bytes;
	end = bytes + len;
	for (long n = 0; lines_max >= 0 && at < end; n++) {
		if (n == lines_max) {
			end = at;
			break;
		}
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	}
	at = bytes;
}

static void open_all(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	conns = calloc((size_t)connections, sizeof(*conns));
	polls = calloc((size_t)connections, sizeof(*polls));
	for (int i = 0; i < connections; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
			die("connect");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (has_acks && send(fd, hello, sizeof(hello) - 1, 0) != sizeof(hello) - 1)
			die("hello");
		if (has_acks && (conns[i].pieces = calloc(PIECES_OPEN, sizeof(*conns[i].pieces))) == NULL)
			die("memory");
		fcntl(fd, F_SETFL, O_NONBLOCK);
		polls[i].fd = fd;
	}
}

/* Writes the number of the pass into each line's id. */
static void number_ids(void)
{
	static const char begins[] = "{\"id\":\"", digits[] = "0123456789abcdef";

	for (char *line = bytes; line < end; line = (char *)memchr(line, '\n', (size_t)(end - line)) + 1) {
		if (strncmp(line, begins, sizeof(begins) - 1) != 0) {
			fprintf(stderr, "-p: every line must begin with %s\n", begins);
			exit(1);
		}
		line[sizeof(begins) - 1] = digits[pass / 16];
		line[sizeof(begins)] = digits[pass % 16];
	}
}

/* The file once more, when all of it has been sent: nothing points into it then. */
static bool next_pass(void)
{
	if (pass == last_pass)
		return false;
	for (int i = 0; i < connections; i++)
		if (conns[i].at != conns[i].end)
			return false;
	pass++;
	number_ids();
	at = bytes;
	return true;
}

/* Lines the pace allows by now. */
static uint64_t allowed(int64_t now)
{
	return pace > 0 ? (uint64_t)((double)(now - began_ns) * pace / 1e9) + 1 : UINT64_MAX;
}

static bool take_piece(struct conn *c, int64_t now)
{
	uint64_t most = allowed(now), lines = 0;
	const char *to;

	if ((at == end && !next_pass()) || taken >= most || (has_acks && c->next - c->first == PIECES_OPEN))
		return false;
	to = at;
	do {
		to = (const char *)memchr(to, '\n', (size_t)(end - to)) + 1;
		lines++;
	} while (to < end && to - at < piece_bytes && taken + lines < most);
	c->at = at;
	c->end = at = to;
	c->lines += lines;
	taken += lines;
	if (has_acks)
		c->pieces[c->next++ % PIECES_OPEN] = (struct piece){ c->lines, now };
	return true;
}

static void note_latency(int64_t ns)
{
	if (latencies_len == latencies_cap) {
		latencies_cap = latencies_cap * 2 + 4096;
		latencies_us = realloc(latencies_us, latencies_cap * sizeof(*latencies_us));
		if (latencies_us == NULL)
			die("memory");
	}
	latencies_us[latencies_len++] = (uint32_t)(ns / 1000);
}

static void settle(struct conn *c, uint64_t line)
{
	int64_t now = now_ns();

	while (c->first < c->next && c->pieces[c->first % PIECES_OPEN].last <= line)
		note_latency(now - c->pieces[c->first++ % PIECES_OPEN].at_ns);
}

static void take_reply(struct conn *c, const char *line)
{
	static const char ack[] = "{\"ack\":", nack[] = "{\"nack\":";

	if (strncmp(line, ack, sizeof(ack) - 1) == 0) {
		uint64_t n = strtoull(line + sizeof(ack) - 1, NULL, 10);

		settle(c, n);
	} else if (strncmp(line, nack, sizeof(nack) - 1) == 0) {
		nacked++;
	} else if (strncmp(line, "{\"error\"", 8) == 0) {
		fprintf(stderr, "%s\n", line);
		exit(1);
	}
}

/* False: the other side has closed. */
static bool read_replies(struct conn *c, int fd)
{
	for (;;) {
		ssize_t n = recv(fd, c->reply + c->reply_len, REPLY_BYTES - 1 - c->reply_len, 0);
		char *from = c->reply, *lf;

		if (n == 0)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->reply_len += (size_t)n;
		c->reply[c->reply_len] = '\0';
		for (; (lf = strchr(from, '\n')) != NULL; from = lf + 1) {
			*lf = '\0';
			take_reply(c, from);
		}
		c->reply_len -= (size_t)(from - c->reply);
		memmove(c->reply, from, c->reply_len);
	}
}

/* True: something went out. */
static bool send_some(struct conn *c, int fd, int64_t now)
{
	ssize_t n;

	if (c->at == c->end && !take_piece(c, now))
		return false;
	n = send(fd, c->at, (size_t)(c->end - c->at), MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("send");
	if (n > 0)
		c->at += n;
	return n > 0;
}

static void rest(int64_t now)
{
	struct timespec wait = { .tv_nsec = 100000000 };

	if (pace > 0 && at < end) {
		int64_t due = began_ns + (int64_t)((double)taken * 1e9 / pace) - now;

		wait.tv_nsec = due < 0 ? 0 : due > 100000000 ? 100000000 : (long)due;
	}
	for (int i = 0; i < connections; i++)
		polls[i].events =
			(short)((conns[i].at < conns[i].end ? POLLOUT : 0) | (has_acks ? POLLIN : 0));
	if (ppoll(polls, (nfds_t)connections, &wait, NULL) < 0 && errno != EINTR)
		die("poll");
}

static void send_all(void)
{
	bool is_done = false;

	while (!is_done) {
		int64_t now = now_ns();
		bool has_moved = false;

		is_done = at == end && pass == last_pass;
		for (int i = 0; i < connections; i++) {
			has_moved |= send_some(&conns[i], polls[i].fd, now);
			if (has_acks && !read_replies(&conns[i], polls[i].fd))
				die("closed by the other side");
			is_done &= conns[i].at == conns[i].end;
		}
		if (!is_done && (!has_moved || pace > 0))
			rest(now);
	}
}

/* The clean end: what comes back is read until the other side has closed. */
static void close_all(void)
{
	for (int i = 0; i < connections; i++) {
		struct pollfd poll_in = { .fd = polls[i].fd, .events = POLLIN };

		shutdown(polls[i].fd, SHUT_WR);
		while (read_replies(&conns[i], polls[i].fd))
			poll(&poll_in, 1, 1000);
		close(polls[i].fd);
		acked += conns[i].next - conns[i].first == 0 ? conns[i].lines : 0;
		free(conns[i].pieces);
	}
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void report(double seconds)
{
	printf("{\"sent\":%llu,\"seconds\":%.4f", (unsigned long long)taken, seconds);
	if (has_acks) {
		qsort(latencies_us, latencies_len, sizeof(*latencies_us), ascending);
		printf(",\"acked\":%llu,\"nacked\":%llu", (unsigned long long)acked,
		       (unsigned long long)nacked);
		if (latencies_len > 0)
			printf(",\"ack_p50_us\":%u,\"ack_p99_us\":%u", latencies_us[latencies_len / 2],
			       latencies_us[latencies_len * 99 / 100]);
	}
	printf("}\n");
}

static int usage(void)
{
	fprintf(stderr,
		"bench_load [-c CONNECTIONS] [-w BYTES] [-r EVENTS_PER_S] [-n LINES] [-p FIRST-LAST] [-a] PORT FILE\n");
	return 64;
}

int main(int argc, char **argv)
{
	int option;
	double seconds;

	while ((option = getopt(argc, argv, "c:w:r:n:p:a")) != -1) {
		if (option == 'c')
			connections = atoi(optarg);
		else if (option == 'w')
			piece_bytes = atol(optarg);
		else if (option == 'r')
			pace = atof(optarg);
		else if (option == 'n')
			lines_max = atol(optarg);
		else if (option == 'p' && sscanf(optarg, "%u-%u", &pass, &last_pass) == 2 && pass <= last_pass &&
			 last_pass <= 255)
			continue;
		else if (option == 'a')
			has_acks = true;
		else
			return usage();
	}
	if (argc - optind != 2 || connections < 1 || connections > CONNECTIONS_MAX)
		return usage();
	read_file(argv[optind + 1]);
	if (last_pass > 0)
		number_ids();
	open_all(atoi(argv[optind]));
	printf("go\n");
	fflush(stdout);
	began_ns = now_ns();
	send_all();
	seconds = (double)(now_ns() - began_ns) / 1e9;
	close_all();
	report(seconds);
	return has_acks && acked != taken;
}
