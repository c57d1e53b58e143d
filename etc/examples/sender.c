/* SPDX-License-Identifier: MPL-2.0 */
/* Sends events to effortd, each counted exactly once:
 *
 *	cc -O2 -o sender sender.c && ./sender HOST PORT < events.ndjson
 *
 * Keeps every line until effortd has said that it is settled, and sends what is not settled again over
 * the next connection. Exit code 0: all settled; 1: all settled, some refused (listed on stderr);
 * 74: standard input could not be read to its end; 75: effortd declines us. POSIX and nothing else. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define WINDOW      10000 /* lines underway at most; effortd may want fewer */
#define MAX_LINE    65536
#define SILENCE_S   30 /* without an answer while we wait for one: the connection is dead */
#define BACKOFF_MAX 5000

struct line {
	char *text; /* with its line end */
	size_t len;
	char *nack; /* why effortd refused it, or NULL */
};

static struct line lines[WINDOW]; /* not settled; a ring */
static size_t first, count;       /* the oldest; how many */
static size_t window = WINDOW;
static unsigned long number;     /* of the oldest, in the input */
static unsigned long settled;    /* lines of this connection */
static size_t sent, sent_bytes;  /* lines sent on it; bytes of the line after them */
static char input[4 * MAX_LINE]; /* of standard input: what is no line yet, or waits for room */
static size_t input_used;
static int input_is_closed, input_failed, some_refused;
static long backoff_ms = 100;
static time_t heard;

static struct line *line_at(size_t i)
{
	return &lines[(first + i) % WINDOW];
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void *need(void *memory)
{
	if (memory == NULL) {
		perror("sender");
		exit(71);
	}
	return memory;
}

static void add_line(const char *text, size_t len)
{
	struct line *line = line_at(count);

	while (len > 0 && text[len - 1] == '\r')
		len--;
	if (len == 0)
		return; /* effortd skips empty lines too */
	if (count++ == 0)
		heard = now();
	*line = (struct line){ need(malloc(len + 1)), len + 1, NULL };
	memcpy(line->text, text, len);
	line->text[len] = '\n';
}

static void read_input(void)
{
	ssize_t n = read(STDIN_FILENO, input + input_used, sizeof input - input_used - 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		perror("standard input");
		input_failed = 1;
		input_used = 0; /* half a line: we were waiting for its end */
	}
	input_is_closed = n <= 0;
	input_used += n > 0 ? (size_t)n : 0;
	/* The last line may lack its end; one that fills all the room is cut, and effortd refuses it. */
	if ((input_is_closed && input_used > 0) ||
	    (input_used == sizeof input - 1 && memchr(input, '\n', input_used) == NULL))
		input[input_used++] = '\n';
}

/* Takes the lines that have come, as far as there is room for them. */
static void take_lines(void)
{
	char *at = input, *end;

	while (count < window && (end = memchr(at, '\n', input_used - (size_t)(at - input))) != NULL) {
		add_line(at, (size_t)(end - at));
		at = end + 1;
	}
	input_used -= (size_t)(at - input);
	memmove(input, at, input_used);
}

/* --- answers --- */

static unsigned long value_of(const char *answer, const char *key)
{
	const char *at = strstr(answer, key);

	return at == NULL ? 0 : strtoul(at + strlen(key), NULL, 10);
}

static void settle_one(void)
{
	struct line *line = line_at(0);

	number++;
	if (line->nack != NULL) {
		fprintf(stderr, "line %lu refused: %s\n", number, line->nack);
		some_refused = 1;
	}
	free(line->nack);
	free(line->text);
	first = (first + 1) % WINDOW;
	count--;
	sent--;
	settled++;
}

/* 0, or -1: it makes no sense. */
static int take_answer(const char *answer)
{
	unsigned long n;

	if (strncmp(answer, "{\"nack\":", 8) == 0) {
		n = value_of(answer, "{\"nack\":");
		if (n <= settled || n - settled > sent)
			return -1;
		free(line_at(n - settled - 1)->nack);
		line_at(n - settled - 1)->nack = need(strdup(answer));
		return 0;
	}
	n = value_of(answer, "{\"ack\":");
	if (n < settled || n - settled > sent)
		return -1;
	while (settled < n)
		settle_one();
	backoff_ms = 100;
	return 0;
}

/* Takes what has come from effortd. 0, or -1: the connection is of no more use. */
static int hear(int fd, char *buffer, size_t size, size_t *used)
{
	ssize_t n = recv(fd, buffer + *used, size - *used - 1, 0);
	char *at = buffer, *end;

	if (n <= 0)
		return n < 0 && errno == EINTR ? 0 : -1;
	*used += (size_t)n;
	heard = now();
	while ((end = memchr(at, '\n', *used - (size_t)(at - buffer))) != NULL) {
		*end = '\0';
		if (take_answer(at) < 0)
			return -1;
		at = end + 1;
	}
	*used -= (size_t)(at - buffer);
	memmove(buffer, at, *used);
	return *used < size - 1 ? 0 : -1;
}

/* --- one connection --- */

static int dial(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *one;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return -1;
	for (one = list; one != NULL && fd < 0; one = one->ai_next) {
		fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
		if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	return fd;
}

static int greet(int fd)
{
	static const char hello[] = "{\"hello\":1,\"acks\":true}\n";
	struct timeval patience = { .tv_sec = 10 };
	char answer[512];
	size_t len = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (send(fd, hello, sizeof hello - 1, MSG_NOSIGNAL) < 0)
		return -1;
	while (len + 1 < sizeof answer && recv(fd, answer + len, 1, 0) == 1 && answer[len] != '\n')
		len++;
	answer[len] = '\0';
	if (strncmp(answer, "{\"error\":", 9) == 0 && strstr(answer, "\"E_RATE\"") == NULL) {
		fprintf(stderr, "effortd declines: %s\n", answer);
		exit(75);
	}
	if (strncmp(answer, "{\"ok\":1,", 8) != 0)
		return -1;
	window = value_of(answer, "\"window\":");
	window = window == 0 || window > WINDOW ? WINDOW : window;
	return 0;
}

/* Sends what the socket takes. 0, or -1: broken. */
static int talk(int fd)
{
	while (sent < count) {
		const struct line *line = line_at(sent);
		ssize_t n = send(fd, line->text + sent_bytes, line->len - sent_bytes,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		sent_bytes += (size_t)n;
		if (sent_bytes == line->len) {
			sent++;
			sent_bytes = 0;
		}
	}
	return 0;
}

/* Until all is settled (0) or the connection breaks (-1). */
static int converse(int fd)
{
	static char buffer[16384];
	size_t used = 0;

	/* What is not settled goes out again, the same bytes: effortd knows an event by its id and time. */
	settled = sent = sent_bytes = 0;
	heard = now();
	for (;;) {
		struct pollfd polls[2] = { { .fd = fd, .events = POLLIN }, { .fd = -1, .events = POLLIN } };

		take_lines();
		if (count == 0 && input_is_closed && input_used == 0)
			return 0;
		if (sent < count)
			polls[0].events |= POLLOUT;
		if (!input_is_closed && count < window)
			polls[1].fd = STDIN_FILENO;
		if (poll(polls, 2, 1000) < 0 && errno != EINTR)
			return -1;
		if (polls[1].revents != 0)
			read_input();
		if ((polls[0].revents & POLLOUT) != 0 && talk(fd) < 0)
			return -1;
		if ((polls[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    hear(fd, buffer, sizeof buffer, &used) < 0)
			return -1;
		if (count > 0 && now() - heard > SILENCE_S)
			return -1;
	}
}

/* Full jitter: senders that were cut off together do not come back together. */
static void wait_a_little(void)
{
	long ms = random() % backoff_ms;
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
	backoff_ms = 2 * backoff_ms > BACKOFF_MAX ? BACKOFF_MAX : 2 * backoff_ms;
}

int main(int argc, char **argv)
{
	int is_done = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: %s HOST PORT < events.ndjson\n", argv[0]);
		return 64;
	}
	srandom((unsigned)time(NULL) ^ (unsigned)getpid());
	while (!is_done) {
		int fd = dial(argv[1], argv[2]);

		is_done = fd >= 0 && greet(fd) == 0 && converse(fd) == 0;
		if (fd >= 0)
			close(fd);
		if (is_done)
			break;
		fprintf(stderr, "no connection; %zu lines wait; trying again\n", count);
		for (size_t i = 0; i < count; i++) {
			free(line_at(i)->nack);
			line_at(i)->nack = NULL;
		}
		wait_a_little();
	}
	return input_failed ? 74 : some_refused;
}
