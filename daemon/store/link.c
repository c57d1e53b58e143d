/* SPDX-License-Identifier: MPL-2.0 */
/* See link.h. */
#include "store/link.h"

#include "base/clock.h"
#include "store/bound.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct waiting {
	link_handler *handler;
	uint64_t arg;
};

struct link {
	struct link_owner owner;
	struct bufferevent *io;
	struct event *watch; /* looks for silence */
	redisReader *reader;
	char *in; /* owned: the reply that is not complete yet, and what came after it */
	size_t in_len, in_cap;
	struct bound bound;
	struct waiting *ring; /* owned; first .. first+n, modulo cap (a power of two) */
	size_t first, n, cap;
	int64_t timeout_ms, progress_ms;
	bool is_connected, is_dead, is_closed; /* dead: told or closing; closed: free when unwound */
	int depth;
};

static void leave(struct link *link);

static void fail(struct link *link, const char *why)
{
	if (link->is_dead)
		return;
	link->is_dead = true;
	bufferevent_disable(link->io, EV_READ | EV_WRITE);
	link->owner.on_closed(link->owner.ctx, why);
}

static void enter(struct link *link)
{
	link->depth++;
}

static void destroy(struct link *link)
{
	if (link->io)
		bufferevent_free(link->io);
	if (link->watch)
		event_free(link->watch);
	if (link->reader)
		redisReaderFree(link->reader);
	free(link->in);
	free(link->ring);
	free(link);
}

static void leave(struct link *link)
{
	if (--link->depth == 0 && link->is_closed)
		destroy(link);
}

static bool take(struct link *link, struct waiting *ret)
{
	if (link->n == 0)
		return false;
	*ret = link->ring[link->first];
	link->first = (link->first + 1) & (link->cap - 1);
	link->n--;
	return true;
}

/* One complete reply of len bytes to its handler. */
static void deliver(struct link *link, const char *bytes, size_t len)
{
	struct waiting waiting;
	void *reply = NULL;

	if (redisReaderFeed(link->reader, bytes, len) != REDIS_OK ||
	    redisReaderGetReply(link->reader, &reply) != REDIS_OK || !reply) {
		fail(link, link->reader->errstr[0] ? link->reader->errstr : "a reply that cannot be read");
		return;
	}
	if (take(link, &waiting))
		waiting.handler(link->owner.ctx, waiting.arg, reply);
	else
		fail(link, "a reply nobody asked for");
	freeReplyObject(reply);
}

static void consume(struct link *link)
{
	size_t at = 0;

	while (!link->is_dead && at < link->in_len) {
		int64_t n = bound_scan(&link->bound, link->in + at, link->in_len - at);

		if (n == 0)
			break;
		if (n < 0) {
			fail(link, n == -EFBIG ? "a reply past all bounds" : "no Redis reply");
			return;
		}
		deliver(link, link->in + at, (size_t)n);
		at += (size_t)n;
	}
	memmove(link->in, link->in + at, link->in_len - at);
	link->in_len -= at;
	if (link->in_len == 0 && link->in_cap > 256 * 1024) {
		free(link->in);
		link->in = NULL;
		link->in_cap = 0;
	}
}

static bool make_room(struct link *link, size_t len)
{
	size_t cap = link->in_cap ? link->in_cap : 16384;
	char *in;

	while (cap - link->in_len < len)
		cap *= 2;
	if (cap == link->in_cap)
		return true;
	in = realloc(link->in, cap);
	if (!in)
		return false;
	link->in = in;
	link->in_cap = cap;
	return true;
}

static void on_read(struct bufferevent *io, void *ctx)
{
	struct link *link = ctx;
	struct evbuffer *input = bufferevent_get_input(io);
	size_t len = evbuffer_get_length(input);

	enter(link);
	link->progress_ms = clock_mono_ms();
	if (link->in_len + len > BOUND_REPLY + BOUND_LINE) {
		fail(link, "replies past all bounds");
	} else if (!make_room(link, len)) {
		fail(link, "no memory for a reply");
	} else {
		evbuffer_remove(input, link->in + link->in_len, len);
		link->in_len += len;
		consume(link);
	}
	leave(link);
}

static void on_event(struct bufferevent *io, short what, void *ctx)
{
	struct link *link = ctx;
	int code = errno;

	(void)io;
	enter(link);
	if (what & BEV_EVENT_CONNECTED) {
		link->is_connected = true;
		link->progress_ms = clock_mono_ms();
		link->owner.on_connected(link->owner.ctx);
	} else if (what & BEV_EVENT_EOF) {
		fail(link, "Redis closed the connection");
	} else if (what & BEV_EVENT_ERROR) {
		fail(link, code ? strerror(code) : "connection failed");
	}
	leave(link);
}

static void on_watch(evutil_socket_t fd, short what, void *ctx)
{
	struct link *link = ctx;
	bool is_due = !link->is_connected || link->n > 0;

	(void)fd;
	(void)what;
	enter(link);
	if (is_due && clock_mono_ms() - link->progress_ms > link->timeout_ms)
		fail(link, link->is_connected ? "no answer in time" : "no connection in time");
	leave(link);
}

static void set_options(int fd)
{
	int on = 1, idle_s = 10, tries = 3;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
}

static int start(struct link *link, struct event_base *base, const struct sockaddr *at, socklen_t len)
{
	int64_t every_ms = link->timeout_ms / 4 > 10 ? link->timeout_ms / 4 : 10;
	struct timeval every = { every_ms / 1000, every_ms % 1000 * 1000 };
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (at->sa_family != AF_UNIX)
		set_options(fd);
	link->io = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!link->io) {
		close(fd);
		return -ENOMEM;
	}
	bufferevent_setcb(link->io, on_read, NULL, on_event, link);
	link->watch = event_new(base, -1, EV_PERSIST, on_watch, link);
	link->reader = redisReaderCreate();
	if (!link->watch || !link->reader || event_add(link->watch, &every) < 0 ||
	    bufferevent_enable(link->io, EV_READ | EV_WRITE) < 0)
		return -ENOMEM;
	return bufferevent_socket_connect(link->io, at, (int)len) < 0 ? -ECONNREFUSED : 0;
}

struct link *link_open(struct event_base *base, const struct sockaddr *at, socklen_t len, int64_t timeout_ms,
		       const struct link_owner *owner)
{
	struct link *link = calloc(1, sizeof(*link));
	int r;

	if (!link)
		return NULL;
	link->owner = *owner;
	link->timeout_ms = timeout_ms;
	link->progress_ms = clock_mono_ms();
	r = start(link, base, at, len);
	if (r < 0) {
		destroy(link);
		errno = -r;
		return NULL;
	}
	return link;
}

void link_close(struct link *link)
{
	struct waiting waiting;

	if (!link || link->is_closed)
		return;
	enter(link);
	link->is_dead = true;
	link->is_closed = true;
	bufferevent_disable(link->io, EV_READ | EV_WRITE);
	bufferevent_setcb(link->io, NULL, NULL, NULL, NULL);
	event_del(link->watch);
	while (take(link, &waiting))
		waiting.handler(link->owner.ctx, waiting.arg, NULL);
	leave(link);
}

static bool grow_ring(struct link *link)
{
	size_t cap = link->cap ? link->cap * 2 : 256;
	struct waiting *ring = malloc(cap * sizeof(*ring));

	if (!ring)
		return false;
	for (size_t i = 0; i < link->n; i++)
		ring[i] = link->ring[(link->first + i) & (link->cap - 1)];
	free(link->ring);
	link->ring = ring;
	link->first = 0;
	link->cap = cap;
	return true;
}

int link_send(struct link *link, const char *bytes, size_t len, link_handler *handler, uint64_t arg)
{
	if (link->is_dead || (link->n == link->cap && !grow_ring(link)) ||
	    evbuffer_add(bufferevent_get_output(link->io), bytes, len) < 0)
		return -ENOMEM;
	if (link->n == 0)
		link->progress_ms = clock_mono_ms();
	link->ring[(link->first + link->n++) & (link->cap - 1)] = (struct waiting){ handler, arg };
	return 0;
}

void link_push(struct link *link)
{
	struct evbuffer *output = bufferevent_get_output(link->io);

	if (link->is_dead || !link->is_connected)
		return;
	/* A bufferevent keeps its output to itself. */
	evbuffer_unfreeze(output, 1);
	(void)evbuffer_write(output, bufferevent_getfd(link->io));
	evbuffer_freeze(output, 1);
}
