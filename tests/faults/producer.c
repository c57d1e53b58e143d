/* SPDX-License-Identifier: MPL-2.0 */
/* The load generator of the fault tests, and its ledger: what it sent and what it was told, independent of
 * everything effortd keeps. An event is a number: its id is "<run>-<number>", its content the template that a
 * hash of seed and number picks, so the same seed sends the same events. Connections with acks read every
 * answer and resend what a lost connection left open, same id, same content; connections without acks only
 * write, and what they sent is sent again, with acks, at the end. Half of all events are never sent again
 * once they are acknowledged, so that nothing hides a loss; the others are what duplicates are made of.
 *
 * The ledger is a mapped file: PAGE bytes of counters, then one byte for each event. Standard input takes
 * "pause", "go" and "finish" (no more new events; ends when all are acknowledged); its end ends the program.
 * Prints one JSON object at the end. Exit code: 0 everything acknowledged and nothing strange heard, 1
 * something strange, 2 not everything was acknowledged. */
#include "plan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define OUT_MAX   65536
#define IN_MAX    65536
#define CONNS_MAX 64
#define RETRY_MS  20

enum kind { EVENT, BAD, CONFLICT };

struct entry { /* a line on its way */
	uint64_t number;
	int64_t at_ms;
	enum kind kind;
	bool is_nacked, is_rated; /* rated: refused for want of memory or room; sent again */
	uint32_t bad;
};

struct conn {
	int fd;
	bool is_silent, is_greeted, waits_for_hello;
	int64_t retry_ms, cut_ms;
	struct entry *ring; /* unsettled lines, oldest first */
	size_t first, n;
	uint64_t sent, settled; /* lines since the hello */
	uint64_t accepted, duplicate, refused, nacks;
	char out[OUT_MAX];
	size_t out_from, out_to;
	char in[IN_MAX];
	size_t in_len;
};

static struct conn *conns[CONNS_MAX];
static uint64_t sweep;
static bool is_paused, is_finishing;
static int64_t progress_ms, began_ms;
static uint64_t paced;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- connections --- */

static int address(struct sockaddr_storage *ret, socklen_t *ret_len)
{
	char text[256] = "";
	FILE *f = fopen(set.address, "r");
	size_t len = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f != NULL)
		fclose(f);
	while (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	memset(ret, 0, sizeof(*ret));
	if (text[0] == '/') {
		struct sockaddr_un *un = (struct sockaddr_un *)ret;

		un->sun_family = AF_UNIX;
		snprintf(un->sun_path, sizeof(un->sun_path), "%.100s", text);
		*ret_len = sizeof(*un);
		return AF_UNIX;
	}
	struct sockaddr_in *in = (struct sockaddr_in *)ret;

	if (len == 0)
		return -1;
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)atoi(text));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*ret_len = sizeof(*in);
	return AF_INET;
}

static void lose(struct conn *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	c->fd = -1;
	c->retry_ms = now_ms() + RETRY_MS;
	count->lost++;
	for (; c->n > 0; c->n--, c->first = (c->first + 1) % set.window) {
		struct entry *e = &c->ring[c->first];

		if (e->kind == EVENT && !(state[e->number] & ACKED)) {
			plan_push(e->number);
			count->resends++;
		}
	}
}

static void put(struct conn *c, const char *bytes, size_t len)
{
	memcpy(c->out + c->out_to, bytes, len);
	c->out_to += len;
}

static void begin(struct conn *c)
{
	struct sockaddr_storage to;
	socklen_t len;
	int family = address(&to, &len), one = 1;
	static const char hello[] = "{\"hello\":1,\"acks\":true}\n";

	c->retry_ms = now_ms() + RETRY_MS;
	if (family < 0 || (c->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return;
	if (connect(c->fd, (struct sockaddr *)&to, len) < 0) {
		close(c->fd);
		c->fd = -1;
		return;
	}
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	if (family == AF_INET)
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	count->connects++;
	c->first = c->n = c->out_from = c->out_to = c->in_len = 0;
	c->sent = c->settled = c->accepted = c->duplicate = c->refused = c->nacks = 0;
	c->is_greeted = c->is_silent;
	/* Every other time the lines follow the hello at once. */
	c->waits_for_hello = !c->is_silent && plan_roll(2) == 0;
	c->cut_ms = set.cut_ms > 0 ? now_ms() + (int64_t)plan_roll(2 * set.cut_ms) : INT64_MAX;
	if (!c->is_silent)
		put(c, hello, sizeof(hello) - 1);
}

/* --- lines out --- */

static void note(struct conn *c, enum kind kind, uint64_t number, uint32_t bad)
{
	count->lines++;
	c->sent++;
	if (c->is_silent)
		return;
	c->ring[(c->first + c->n++) % set.window] =
		(struct entry){ number, now_ms(), kind, false, false, bad };
}

static void put_event(struct conn *c, enum kind kind, uint64_t number)
{
	struct shape *t = &shapes[plan_shape(number)];
	char head[100];
	int len = snprintf(head, sizeof(head), "{\"id\":\"%s-%llu\",", set.run, (unsigned long long)number);

	if (kind == CONFLICT)
		t = &shapes[t->sibling];
	put(c, head, (size_t)len);
	put(c, t->rest, t->len);
	put(c, "\n", 1);
	note(c, kind, number, 0);
}

static void put_bad(struct conn *c)
{
	uint32_t which = (uint32_t)plan_roll(bads_len);

	for (const char *at = bads[which].line; *at != '\0'; at++) {
		char number[32];

		if (*at == '%')
			put(c, number,
			    (size_t)snprintf(number, sizeof(number), "%llu",
					     (unsigned long long)plan_roll(100000000)));
		else
			put(c, at, 1);
	}
	put(c, "\n", 1);
	count->bad++;
	note(c, BAD, 0, which);
}

/* One that was started before, lately or long ago; on its way on another connection or acknowledged. */
static bool pick_old(uint64_t *ret)
{
	uint64_t back = plan_roll(2) ? 2000 : count->started;

	if (count->started == 0)
		return false;
	*ret = count->started - 1 - plan_roll(back < count->started ? back : count->started);
	return plan_may_repeat(*ret);
}

static bool may_start(void)
{
	if (is_paused || is_finishing || count->started >= set.max)
		return false;
	return set.rate == 0 || paced < set.rate * (uint64_t)(now_ms() - began_ms) / 1000;
}

/* Connections without acks get no more than their part of the events, however fast they take them. */
static bool has_its_share(void)
{
	return count->silent * set.conns > count->started * set.silent + 100;
}

static bool put_new(struct conn *c)
{
	uint64_t number;

	if (!may_start() || (c->is_silent && has_its_share()))
		return false;
	if (set.dup > 0 && plan_roll(100) < set.dup && pick_old(&number)) {
		count->duplicates++;
		put_event(c, EVENT, number);
		return true;
	}
	if (bads_len > 0 && plan_roll(1000) < set.bad_permille) {
		put_bad(c);
		return true;
	}
	if (!c->is_silent && plan_roll(1000) < set.conflict_permille && pick_old(&number) &&
	    state[number] & ACKED) {
		count->conflicts++;
		put_event(c, CONFLICT, number);
		return true;
	}
	number = count->started++;
	paced++;
	shapes[plan_shape(number)].events++;
	state[number] |= SENT;
	count->silent += c->is_silent;
	put_event(c, EVENT, number);
	return true;
}

/* At the end: everything that nobody has acknowledged. */
static bool pop_sweep(uint64_t *ret)
{
	while (sweep < count->started) {
		uint64_t number = sweep++;

		if (!(state[number] & ACKED)) {
			*ret = number;
			return true;
		}
	}
	return false;
}

static bool put_next(struct conn *c)
{
	uint64_t number;

	if (c->is_silent)
		return put_new(c);
	if (plan_pop(&number) || (is_finishing && pop_sweep(&number))) {
		put_event(c, EVENT, number);
		return true;
	}
	return put_new(c);
}

static void fill(struct conn *c)
{
	if (c->out_from == c->out_to)
		c->out_from = c->out_to = 0;
	if (c->waits_for_hello && !c->is_greeted)
		return;
	/* At a given rate what there is must be enough for all connections. */
	for (int left = set.rate > 0 ? 8 : INT32_MAX; left > 0 && c->out_to + LINE_ROOM < OUT_MAX &&
						      (c->is_silent || c->n < set.window) && put_next(c);
	     left--)
		;
}

static void flush(struct conn *c)
{
	ssize_t n;

	fill(c);
	if (c->out_from == c->out_to)
		return;
	n = send(c->fd, c->out + c->out_from, c->out_to - c->out_from, MSG_NOSIGNAL);
	if (n > 0)
		c->out_from += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		lose(c);
}

/* --- answers in --- */

static bool number_of(const char *line, const char *key, uint64_t *ret)
{
	char name[32];
	const char *at;

	snprintf(name, sizeof(name), "\"%s\":", key);
	at = strstr(line, name);
	if (at == NULL)
		return false;
	*ret = strtoull(at + strlen(name), NULL, 10);
	return true;
}

static void take_nack(struct conn *c, const char *line, uint64_t number)
{
	struct entry *e;
	const char *expected;
	char code[40];

	c->nacks++;
	count->nacks++;
	if (number <= c->settled || number > c->settled + c->n) {
		plan_fault("a nack of a line that is not on its way (settled %llu, sent %llu): %s",
			   (unsigned long long)c->settled, (unsigned long long)c->sent, line);
		return;
	}
	e = &c->ring[(c->first + number - c->settled - 1) % set.window];
	expected = e->kind == BAD ? bads[e->bad].code : e->kind == CONFLICT ? "E_CONFLICT" : "none";
	snprintf(code, sizeof(code), "\"code\":\"%s\"", expected);
	e->is_rated = strstr(line, "\"code\":\"E_RATE\"") != NULL;
	if (e->is_nacked || (strstr(line, code) == NULL && !e->is_rated))
		plan_fault("event %llu, expected code %s%s: %s", (unsigned long long)e->number, expected,
			   e->is_nacked ? " once" : "", line);
	e->is_nacked = true;
}

static void settle(struct entry *e, int64_t now)
{
	if (now - e->at_ms > (int64_t)count->ack_ms_max)
		count->ack_ms_max = (uint64_t)(now - e->at_ms);
	if (e->kind == EVENT && !e->is_nacked && !(state[e->number] & ACKED)) {
		state[e->number] |= ACKED;
		count->acked++;
	}
	if (e->kind == EVENT && e->is_rated) {
		count->rated++;
		plan_push(e->number);
	}
	if (e->kind != EVENT && !e->is_nacked)
		plan_fault("a line that must be refused (%s) was taken: event %llu",
			   e->kind == BAD ? bads[e->bad].code : "E_CONFLICT", (unsigned long long)e->number);
}

/* Lines refused up to this one, those settled before among them. */
static uint64_t refused_upto(const struct conn *c, uint64_t upto)
{
	uint64_t refused = c->refused;

	for (uint64_t i = 0; c->settled + i < upto && i < c->n; i++)
		refused += c->ring[(c->first + i) % set.window].is_nacked;
	return refused;
}

static void take_ack(struct conn *c, const char *line, uint64_t upto)
{
	uint64_t accepted, duplicate, refused;
	int64_t now = now_ms();

	if (!number_of(line, "accepted", &accepted) || !number_of(line, "duplicate", &duplicate) ||
	    !number_of(line, "refused", &refused) || accepted + duplicate + refused != upto ||
	    accepted < c->accepted || duplicate < c->duplicate || refused != refused_upto(c, upto) ||
	    upto <= c->settled || upto > c->settled + c->n) {
		plan_fault("an ack that does not add up (settled %llu, sent %llu, nacks %llu): %s",
			   (unsigned long long)c->settled, (unsigned long long)c->sent,
			   (unsigned long long)c->nacks, line);
		lose(c);
		return;
	}
	count->accepted += accepted - c->accepted;
	count->duplicate += duplicate - c->duplicate;
	count->refused += refused - c->refused;
	c->accepted = accepted;
	c->duplicate = duplicate;
	c->refused = refused;
	for (; c->settled < upto; c->settled++, c->n--, c->first = (c->first + 1) % set.window)
		settle(&c->ring[c->first], now);
	progress_ms = now;
}

static void take_line(struct conn *c, const char *line)
{
	uint64_t number;

	if (!c->is_greeted) {
		if (strncmp(line, "{\"ok\":1,", 8) != 0) {
			plan_fault("the answer to a hello: %s", line);
			lose(c);
		}
		c->is_greeted = true;
	} else if (strncmp(line, "{\"nack\":", 8) == 0 && number_of(line, "nack", &number)) {
		take_nack(c, line, number);
	} else if (strncmp(line, "{\"ack\":", 7) == 0 && number_of(line, "ack", &number)) {
		take_ack(c, line, number);
	} else {
		plan_fault("an unknown answer: %s", line);
	}
}

static void take(struct conn *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, IN_MAX - c->in_len, 0);
	size_t from = 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lose(c);
		return;
	}
	if (c->is_silent) {
		plan_fault("%zd bytes to a connection that never asked for an answer", n);
		return;
	}
	c->in_len += (size_t)n;
	for (char *end; c->fd >= 0 && (end = memchr(c->in + from, '\n', c->in_len - from)) != NULL;
	     from = (size_t)(end + 1 - c->in)) {
		*end = '\0';
		take_line(c, c->in + from);
	}
	if (c->fd < 0)
		return;
	memmove(c->in, c->in + from, c->in_len - from);
	c->in_len -= from;
	if (c->in_len == IN_MAX) {
		plan_fault("an answer without an end");
		lose(c);
	}
}

/* --- the whole --- */

static void command(void)
{
	static char line[256];
	static size_t len;
	ssize_t n = read(STDIN_FILENO, line + len, sizeof(line) - 1 - len);

	if (n <= 0)
		exit(2);
	len += (size_t)n;
	for (char *end; (end = memchr(line, '\n', len)) != NULL;) {
		*end = '\0';
		if (strcmp(line, "finish") == 0)
			is_finishing = true, progress_ms = now_ms();
		else if (strcmp(line, "pause") == 0)
			is_paused = true;
		else if (strcmp(line, "go") == 0)
			is_paused = false, began_ms = now_ms(), paced = 0;
		len -= (size_t)(end + 1 - line);
		memmove(line, end + 1, len);
	}
}

static bool is_done(void)
{
	if (!is_finishing)
		return false;
	for (size_t i = 0; i < set.conns; i++)
		if (!conns[i]->is_silent && conns[i]->n > 0)
			return false;
	/* A resend may have been lost behind the sweep: look again. */
	if (sweep == count->started && plan_is_empty() && count->acked < count->started)
		sweep = 0;
	return count->acked == count->started;
}

static void update_oldest(void)
{
	int64_t now = now_ms(), oldest = now;

	for (size_t i = 0; i < set.conns; i++)
		if (conns[i]->n > 0 && conns[i]->ring[conns[i]->first].at_ms < oldest)
			oldest = conns[i]->ring[conns[i]->first].at_ms;
	count->oldest_ms = (uint64_t)(now - oldest);
}

static bool wants_out(struct conn *c)
{
	if (c->out_from < c->out_to)
		return true;
	fill(c);
	return c->out_from < c->out_to;
}

static void turn(void)
{
	static size_t first; /* takes turns */
	struct pollfd polls[CONNS_MAX + 1];
	int64_t now = now_ms();

	polls[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	first = (first + 1) % set.conns;
	for (size_t k = 0; k < set.conns; k++) {
		size_t i = (first + k) % set.conns;
		struct conn *c = conns[i];

		if (c->fd >= 0 && now > c->cut_ms)
			lose(c);
		if (c->fd < 0 && now >= c->retry_ms && !(c->is_silent && is_finishing))
			begin(c);
		polls[i + 1] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
		if (c->fd >= 0 && wants_out(c))
			polls[i + 1].events |= POLLOUT;
	}
	if (poll(polls, (nfds_t)set.conns + 1, 5) < 0)
		return;
	if (polls[0].revents != 0)
		command();
	for (size_t i = 0; i < set.conns; i++) {
		if (conns[i]->fd >= 0 && polls[i + 1].revents & (POLLIN | POLLHUP | POLLERR))
			take(conns[i]);
		if (conns[i]->fd >= 0 && polls[i + 1].revents & POLLOUT)
			flush(conns[i]);
	}
	update_oldest();
}

/* Clean ends: half-closed, and read to the end; a moment, so that nothing strange follows. */
static void part(void)
{
	for (size_t i = 0; i < set.conns; i++)
		if (conns[i]->fd >= 0)
			shutdown(conns[i]->fd, SHUT_WR);
	for (int64_t until = now_ms() + 1000; now_ms() < until;) {
		struct pollfd polls[CONNS_MAX];
		int open = 0;

		for (size_t i = 0; i < set.conns; i++) {
			polls[i] = (struct pollfd){ .fd = conns[i]->fd, .events = POLLIN };
			open += conns[i]->fd >= 0;
		}
		if (open == 0 || poll(polls, (nfds_t)set.conns, 100) < 0)
			return;
		for (size_t i = 0; i < set.conns; i++)
			if (conns[i]->fd >= 0 && polls[i].revents != 0)
				take(conns[i]);
	}
}

int main(int argc, char **argv)
{
	plan_parse(argc, argv);
	if (set.conns > CONNS_MAX)
		return 64;
	for (size_t i = 0; i < set.conns; i++) {
		conns[i] = calloc(1, sizeof(*conns[i]));
		conns[i]->ring = calloc(set.window, sizeof(struct entry));
		conns[i]->fd = -1;
		conns[i]->is_silent = i < set.silent;
	}
	began_ms = progress_ms = now_ms();
	while (!is_done()) {
		turn();
		if (is_finishing && now_ms() - progress_ms > (int64_t)set.patience * 1000) {
			plan_report((double)(now_ms() - began_ms) / 1000);
			return 2;
		}
	}
	part();
	plan_report((double)(now_ms() - began_ms) / 1000);
	return count->faults > 0 ? 1 : 0;
}
