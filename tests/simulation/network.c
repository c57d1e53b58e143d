/* SPDX-License-Identifier: MPL-2.0 */
/* See network.h. A wire is one connection: its far end lives on when the client is gone, as long as commands are
 * on their way. */
#include "network.h"

#include "fakes.h"

#include "store/bound.h"
#include "store/link.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message {
	struct message *next;
	int64_t at_us;
	size_t len;
	char bytes[];
};

struct queue {
	struct message *first, **last;
	int64_t at_us; /* of the last one: order is kept */
};

struct wire {
	struct wire *next, **from;
	struct link *link; /* NULL: the client is gone */
	struct queue up, down;
	struct timer arrive, deliver;
	bool is_deaf; /* cut: no reply comes back */
	bool is_reset; /* nothing goes up any more */
};

struct waiting {
	link_handler *handler;
	uint64_t arg;
};

struct link {
	struct host *host;
	struct link_owner owner;
	struct wire *wire;
	struct timer connect, watch, drop;
	redisReader *reader;
	struct bound bound;
	struct waiting *ring; /* owned; a queue: first .. n */
	size_t first, n, cap;
	int64_t timeout_ms, progress_us;
	bool is_connected, is_dead, is_closed;
	int depth;
	const char *why;
};

struct network network;
static struct wire *wires;

/* --- queues --- */

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
	queue->at_us = 0;
}

static void queue_put(struct queue *queue, const char *bytes, size_t len)
{
	struct message *message = malloc(sizeof(*message) + len);
	int64_t at_us = world_us() + world_delay_us(network.usual_us);

	if (message == NULL)
		abort();
	message->next = NULL;
	message->len = len;
	memcpy(message->bytes, bytes, len);
	queue->at_us = message->at_us = at_us > queue->at_us ? at_us : queue->at_us;
	*queue->last = message;
	queue->last = &message->next;
}

static struct message *queue_take(struct queue *queue)
{
	struct message *message = queue->first;

	if (message == NULL)
		return NULL;
	queue->first = message->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	return message;
}

static size_t queue_len(const struct queue *queue)
{
	size_t n = 0;

	for (const struct message *m = queue->first; m != NULL; m = m->next)
		n++;
	return n;
}

static void queue_cut(struct queue *queue, size_t keep)
{
	struct message **at = &queue->first;

	while (*at != NULL && keep-- > 0)
		at = &(*at)->next;
	queue->last = at;
	while (*at != NULL) {
		struct message *gone = *at;

		*at = gone->next;
		free(gone);
	}
}

/* --- wires --- */

static void wire_free(struct wire *wire)
{
	world_cancel(&wire->arrive);
	world_cancel(&wire->deliver);
	queue_cut(&wire->up, 0);
	queue_cut(&wire->down, 0);
	*wire->from = wire->next;
	if (wire->next != NULL)
		wire->next->from = wire->from;
	free(wire);
}

static void wire_release(struct wire *wire)
{
	if (wire->link == NULL && wire->up.first == NULL)
		wire_free(wire);
}

static void schedule(struct timer *timer, const struct queue *queue)
{
	if (queue->first != NULL && !world_is_set(timer))
		world_set(timer, queue->first->at_us - world_us());
}

/* The bytes of one command to arguments; they point into it. */
static size_t parse_command(char *bytes, size_t len, struct arg **ret_argv)
{
	static struct arg *argv;
	static size_t cap;
	char *at = bytes + 1, *end = bytes + len;
	size_t n = strtoul(at, &at, 10);

	if (*bytes != '*')
		abort();
	if (n > cap) {
		cap = n * 2;
		argv = realloc(argv, cap * sizeof(*argv));
		if (argv == NULL)
			abort();
	}
	for (size_t i = 0; i < n; i++) {
		at += 3; /* \r\n$ */
		argv[i].len = strtoul(at, &at, 10);
		argv[i].bytes = at + 2;
		at += 2 + argv[i].len;
		if (at > end)
			abort();
	}
	*ret_argv = argv;
	return n;
}

static void run_command(struct wire *wire, struct message *message)
{
	static struct answer answer;
	struct arg *argv;
	size_t argc = parse_command(message->bytes, message->len, &argv);

	answer_clear(&answer);
	if (network.on_command != NULL)
		network.on_command(network.ctx, false, argv, argc);
	server_run(network.server, argv, argc, world_wall_ms(), &answer);
	if (network.on_command != NULL)
		network.on_command(network.ctx, true, argv, argc);
	if (wire->link == NULL || wire->is_deaf) {
		network.lost_replies++;
		return;
	}
	queue_put(&wire->down, answer.bytes, answer.len);
	schedule(&wire->deliver, &wire->down);
}

static void on_arrive(void *ctx)
{
	struct wire *wire = ctx;
	struct message *message;

	if (!network.server->is_up || network.server->is_hung || (network.is_silent && wire->link != NULL))
		return; /* network_resume() */
	message = queue_take(&wire->up);
	if (message == NULL) {
		wire_release(wire);
		return;
	}
	if (wire->link == NULL)
		network.ghosts++;
	run_command(wire, message);
	free(message);
	schedule(&wire->arrive, &wire->up);
	wire_release(wire);
}

static void on_deliver(void *ctx);

static struct wire *wire_new(struct link *link)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		abort();
	wire->link = link;
	wire->arrive = (struct timer){ .run = on_arrive, .ctx = wire };
	wire->deliver = (struct timer){ .run = on_deliver, .ctx = wire };
	queue_init(&wire->up);
	queue_init(&wire->down);
	wire->next = wires;
	wire->from = &wires;
	if (wires != NULL)
		wires->from = &wire->next;
	wires = wire;
	network.connections++;
	return wire;
}

/* The client's end is gone. What it sent may still arrive: some first commands of it, soon or much later. */
static void wire_abandon(struct wire *wire)
{
	size_t n = queue_len(&wire->up);
	int64_t late_us = world_chance(1, 4) ? world_below(3000000) : 0;

	wire->link = NULL;
	world_cancel(&wire->deliver);
	queue_cut(&wire->down, 0);
	queue_cut(&wire->up, world_below((uint32_t)n + 1));
	if (late_us > 0 && wire->up.first != NULL)
		world_set(&wire->arrive, late_us);
	wire_release(wire);
}

/* --- the client's end --- */

static void leave(struct link *link)
{
	struct host *host = link->host;

	if (link->depth > 1) {
		link->depth--;
		return;
	}
	if (host->after != NULL && !host->is_dead)
		host->after(host); /* may close the link */
	host_enter(NULL);
	link->depth--;
	if (!link->is_closed)
		return;
	world_cancel(&link->connect);
	world_cancel(&link->watch);
	world_cancel(&link->drop);
	if (link->reader != NULL)
		redisReaderFree(link->reader);
	free(link->ring);
	free(link);
}

static void enter(struct link *link)
{
	if (link->depth++ == 0)
		host_enter(link->host);
}

static void fail(struct link *link, const char *why)
{
	if (link->is_dead)
		return;
	link->is_dead = true;
	link->owner.on_closed(link->owner.ctx, why);
}

static void on_connect(void *ctx)
{
	struct link *link = ctx;

	if (link->host->is_dead || network.is_silent)
		return; /* its timeout tells */
	enter(link);
	if (network.is_refused || !network.server->is_up) {
		fail(link, "Connection refused");
	} else {
		link->is_connected = true;
		link->progress_us = world_us();
		link->owner.on_connected(link->owner.ctx);
	}
	leave(link);
}

static void on_watch(void *ctx)
{
	struct link *link = ctx;
	bool is_due = !link->is_connected || link->first < link->n;

	if (link->host->is_dead)
		return;
	world_set(&link->watch, link->timeout_ms * 250);
	enter(link);
	if (is_due && world_us() - link->progress_us > link->timeout_ms * 1000)
		fail(link, link->is_connected ? "no answer in time" : "no connection in time");
	leave(link);
}

static void on_drop(void *ctx)
{
	struct link *link = ctx;

	if (link->host->is_dead)
		return;
	enter(link);
	fail(link, link->why);
	leave(link);
}

static void deliver(struct link *link, const struct message *message)
{
	struct waiting *waiting;
	void *reply = NULL;

	if (bound_scan(&link->bound, message->bytes, message->len) != (int64_t)message->len ||
	    redisReaderFeed(link->reader, message->bytes, message->len) != REDIS_OK ||
	    redisReaderGetReply(link->reader, &reply) != REDIS_OK || reply == NULL || link->first == link->n)
		abort(); /* the model itself is wrong */
	waiting = &link->ring[link->first++];
	link->bound.at = 0;
	link->progress_us = world_us();
	waiting->handler(link->owner.ctx, waiting->arg, reply);
	freeReplyObject(reply);
}

static void on_deliver(void *ctx)
{
	struct wire *wire = ctx;
	struct link *link = wire->link;
	struct message *message;

	if (link->host->is_dead || network.is_silent)
		return;
	message = queue_take(&wire->down);
	if (message == NULL)
		return;
	schedule(&wire->deliver, &wire->down);
	enter(link);
	if (!link->is_dead)
		deliver(link, message);
	leave(link);
	free(message);
}

struct link *link_open(struct event_base *base, const struct sockaddr *at, socklen_t len, int64_t timeout_ms,
		       const struct link_owner *owner)
{
	struct link *link = calloc(1, sizeof(*link));

	(void)at;
	(void)len;
	if (link == NULL)
		return NULL;
	link->host = fake_base_host(base);
	link->owner = *owner;
	link->timeout_ms = timeout_ms;
	link->progress_us = world_us();
	link->reader = redisReaderCreate();
	link->connect = (struct timer){ .run = on_connect, .ctx = link };
	link->watch = (struct timer){ .run = on_watch, .ctx = link };
	link->drop = (struct timer){ .run = on_drop, .ctx = link };
	link->wire = wire_new(link);
	world_set(&link->connect, world_delay_us(network.usual_us * 2));
	world_set(&link->watch, timeout_ms * 250);
	return link;
}

void link_close(struct link *link)
{
	if (link == NULL || link->is_closed)
		return;
	link->depth++;
	link->is_dead = link->is_closed = true;
	wire_abandon(link->wire);
	while (link->first < link->n) {
		struct waiting waiting = link->ring[link->first++];

		waiting.handler(link->owner.ctx, waiting.arg, NULL);
	}
	if (--link->depth > 0)
		return;
	world_cancel(&link->connect);
	world_cancel(&link->watch);
	world_cancel(&link->drop);
	redisReaderFree(link->reader);
	free(link->ring);
	free(link);
}

int link_send(struct link *link, const char *bytes, size_t len, link_handler *handler, uint64_t arg)
{
	if (link->is_dead)
		return -ENOMEM;
	if (link->first == link->n)
		link->first = link->n = 0;
	if (link->n == link->cap) {
		link->cap = link->cap == 0 ? 64 : link->cap * 2;
		link->ring = realloc(link->ring, link->cap * sizeof(*link->ring));
		if (link->ring == NULL)
			abort();
	}
	if (link->first == link->n)
		link->progress_us = world_us();
	link->ring[link->n++] = (struct waiting){ handler, arg };
	if (link->host->is_dead || link->wire->is_reset)
		return 0;
	queue_put(&link->wire->up, bytes, len);
	schedule(&link->wire->arrive, &link->wire->up);
	return 0;
}

/* Who ends here was killed: there are no last words. */
void link_push(struct link *link)
{
	(void)link;
}

/* --- what goes wrong --- */

void network_begin(struct server *server)
{
	network = (struct network){ .server = server, .usual_us = 100 };
}

void network_end(void)
{
	while (wires != NULL) {
		if (wires->link != NULL)
			abort();
		wire_free(wires);
	}
}

static void drop(struct wire *wire, const char *why, bool is_told)
{
	wire->is_deaf = true;
	world_cancel(&wire->deliver);
	queue_cut(&wire->down, 0);
	wire->link->why = why;
	if (is_told)
		world_set(&wire->link->drop, world_below(2000));
	network.cuts++;
}

void network_cut(bool is_told)
{
	for (struct wire *wire = wires; wire != NULL; wire = wire->next) {
		if (wire->link == NULL)
			continue;
		queue_cut(&wire->up, world_below((uint32_t)queue_len(&wire->up) + 1));
		drop(wire, "Redis closed the connection", is_told);
	}
}

void network_reset(void)
{
	struct wire *next;

	for (struct wire *wire = wires; wire != NULL; wire = next) {
		next = wire->next;
		world_cancel(&wire->arrive);
		queue_cut(&wire->up, 0);
		wire->is_reset = true;
		if (wire->link == NULL)
			wire_free(wire);
		else
			drop(wire, "Connection reset by peer", true);
	}
}

void network_resume(void)
{
	for (struct wire *wire = wires; wire != NULL; wire = wire->next) {
		schedule(&wire->arrive, &wire->up);
		if (wire->link == NULL || wire->is_deaf)
			continue;
		schedule(&wire->deliver, &wire->down);
		if (!wire->link->is_connected && !world_is_set(&wire->link->connect))
			world_set(&wire->link->connect, world_delay_us(network.usual_us));
	}
}

size_t network_ghosts(void)
{
	size_t n = 0;

	for (const struct wire *wire = wires; wire != NULL; wire = wire->next)
		n += wire->link == NULL ? queue_len(&wire->up) : 0;
	return n;
}
