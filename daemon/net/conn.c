/* SPDX-License-Identifier: MPL-2.0 */
/* One connection: read, answered, closed. Per readiness it costs one recv into the net's shared buffer and
 * one call of the owner; no allocation, no clock. Answers are the exception and pay for themselves (struct
 * outbox). A socket's error is treated as its end: what had arrived before it has been read by then. */
#include "base/clock.h"
#include "net/inner.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUTBOX_FIRST 4096
_Static_assert(((NET_ANSWER_MAX / OUTBOX_FIRST) & (NET_ANSWER_MAX / OUTBOX_FIRST - 1)) == 0,
	       "doubling ends at the limit");

/* Life and death */

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	conn_read(arg);
}

static void link_in(struct net *net, struct conn *conn)
{
	conn->next = net->conns;
	if (net->conns != NULL)
		net->conns->prev = conn;
	net->conns = conn;
	net->status.connections++;
	net->status.accepted++;
}

static void unlink_from(struct net *net, struct conn *conn)
{
	if (conn->prev != NULL)
		conn->prev->next = conn->next;
	else
		net->conns = conn->next;
	if (conn->next != NULL)
		conn->next->prev = conn->prev;
	net->status.connections--;
}

void conn_add(struct net *net, int fd, const struct sockaddr_storage *peer)
{
	struct conn *conn;
	struct peer *origin;

	if (peers_take(&net->peers, peer, net->limits.max_per_address, &origin) < 0) {
		net->status.refused_per_address++;
		net->refused++;
		close(fd);
		return;
	}
	conn = calloc(1, sizeof(*conn));
	if (conn == NULL) {
		peers_drop(&net->peers, origin);
		close(fd);
		return;
	}
	conn->net = net;
	conn->fd = fd;
	conn->origin = origin;
	conn->heard_tick = net->tick;
	peers_describe(peer, conn->peer);
	event_assign(&conn->readable, net->base, fd, EV_READ | EV_PERSIST, on_readable, conn);
	link_in(net, conn);
	conn_watch(conn);
}

bool conn_is_read(const struct conn *conn)
{
	return conn->state == CONN_OPEN && !conn->is_held && !conn->net->is_paused;
}

void conn_watch(struct conn *conn)
{
	if (!conn_is_read(conn)) {
		event_del(&conn->readable);
		return;
	}
	event_add(&conn->readable, NULL);
	if (conn->net->is_draining)
		event_active(&conn->readable, EV_READ, 0);
}

static void free_outbox(struct conn *conn)
{
	if (conn->outbox == NULL)
		return;
	event_del(&conn->outbox->writable);
	free(conn->outbox->bytes);
	free(conn->outbox);
	conn->outbox = NULL;
}

void conn_kill(struct conn *conn)
{
	struct net *net = conn->net;

	if (conn->state == CONN_DEAD)
		return;
	conn->state = CONN_DEAD;
	event_del(&conn->readable);
	free_outbox(conn);
	conn->next_dead = net->dead;
	net->dead = conn;
	event_active(&net->reap, EV_TIMEOUT, 0);
}

void conn_reap(struct net *net)
{
	net->depth++;
	while (net->dead != NULL) {
		struct conn *conn = net->dead;

		net->dead = conn->next_dead;
		unlink_from(net, conn);
		close(conn->fd);
		peers_drop(&net->peers, conn->origin);
		intake_done(&conn->intake, &net->pool);
		net->owner.on_close(net->owner.ctx, conn);
		free(conn);
		net_freed(net);
	}
	net->depth--;
}

/* The answers are out, or there were none. */
static void leave(struct conn *conn)
{
	/* Closing with unread bytes in the socket resets the connection, which can take the answer away from
	 * the client. Who was told nothing has nothing to lose. */
	if (!conn->is_answered || conn->is_at_end || conn->is_deaf) {
		conn_kill(conn);
		return;
	}
	conn->state = CONN_LINGERING;
	conn->linger_until_ms = clock_mono_ms() + NET_LINGER_MS;
	shutdown(conn->fd, SHUT_WR);
	event_add(&conn->readable, NULL);
}

void conn_close(struct conn *conn)
{
	if (conn->state != CONN_OPEN && conn->state != CONN_OWING)
		return;
	event_del(&conn->readable);
	conn->state = CONN_FLUSHING;
	if (conn->outbox == NULL)
		leave(conn);
}

/* Nothing more is read: closes now, or when the answers that are still owed have been given. */
static void finish(struct conn *conn)
{
	if (conn->state != CONN_OPEN || !conn->owes || conn->is_deaf) {
		conn_close(conn);
		return;
	}
	event_del(&conn->readable);
	conn->state = CONN_OWING;
}

void conn_end(struct conn *conn)
{
	if (conn->state == CONN_OPEN)
		intake_end(conn);
	finish(conn);
}

void conn_age(struct conn *conn, int64_t now_ms)
{
	if (conn->state == CONN_LINGERING && now_ms >= conn->linger_until_ms) {
		conn_kill(conn);
	} else if (conn->outbox != NULL && now_ms - conn->outbox->since_ms >= conn->net->patience_ms) {
		conn->net->non_readers++;
		conn->net->status.timeouts++;
		if (conn->state == CONN_OPEN)
			intake_end(conn);
		conn_kill(conn);
	}
}

/* Reading */

static ssize_t receive(struct conn *conn)
{
	ssize_t n;

	do
		n = recv(conn->fd, conn->net->buffer + INTAKE_ROOM, NET_READ_SIZE, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

/* While draining a connection ends where nothing waits in its socket and no line is open. More may have moved
 * up while we read, so the socket is asked again. */
static void end_if_drained(struct conn *conn)
{
	const struct net *net = conn->net;
	char byte;

	if (!net->is_draining || !conn_is_read(conn) || intake_is_unfinished(&conn->intake))
		return;
	if (recv(conn->fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN)
		finish(conn);
}

static void take(struct conn *conn, ssize_t n)
{
	struct net *net = conn->net;

	net->status.bytes += (uint64_t)n;
	conn->heard_tick = net->tick;
	if (intake_take(conn, net->buffer + INTAKE_ROOM, (size_t)n) < 0)
		conn_close(conn);
}

void conn_read(struct conn *conn)
{
	struct net *net = conn->net;
	ssize_t n;

	net->depth++;
	n = receive(conn);
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		conn->is_at_end = true;
		if (n < 0)
			conn->is_deaf = true;
		conn_end(conn);
		if (conn->state == CONN_LINGERING || conn->is_deaf)
			conn_kill(conn);
	} else if (conn->state == CONN_OPEN) {
		if (n > 0)
			take(conn, n);
		end_if_drained(conn);
	}
	net->depth--;
}

/* Answering */

static ssize_t send_some(struct conn *conn, const char *bytes, size_t len)
{
	ssize_t n;

	do
		n = send(conn->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0 || errno == EAGAIN)
		return n > 0 ? n : 0;
	/* Nobody listens any more, yet what the client has sent may still wait to be read: not the end. */
	conn->is_deaf = true;
	return -1;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;
	struct net *net = conn->net;
	struct outbox *box = conn->outbox;
	ssize_t n = send_some(conn, box->bytes + box->start, box->end - box->start);

	(void)fd, (void)what;
	if (n > 0) {
		box->start += (size_t)n;
		box->since_ms = clock_mono_ms();
	}
	if (n >= 0 && box->start < box->end)
		return;
	free_outbox(conn);
	net->depth++;
	if (conn->state == CONN_FLUSHING || (conn->state == CONN_OWING && conn->is_deaf))
		leave(conn);
	else if (net->owner.on_drained != NULL)
		net->owner.on_drained(net->owner.ctx, conn);
	net->depth--;
}

static struct outbox *open_outbox(struct conn *conn)
{
	struct outbox *box = malloc(sizeof(*box));

	if (box == NULL)
		return NULL;
	memset(box, 0, sizeof(*box));
	box->since_ms = clock_mono_ms();
	event_assign(&box->writable, conn->net->base, conn->fd, EV_WRITE | EV_PERSIST, on_writable, conn);
	event_add(&box->writable, NULL);
	conn->outbox = box;
	return box;
}

/* Room for len more bytes behind those that wait. false: there may not be so much, or no memory. */
static bool make_room(struct outbox *box, size_t len)
{
	size_t waiting = box->end - box->start, cap = box->cap > 0 ? box->cap : OUTBOX_FIRST;
	char *grown;

	if (len <= box->cap - box->end)
		return true;
	if (waiting > 0 && box->start > 0)
		memmove(box->bytes, box->bytes + box->start, waiting);
	box->start = 0;
	box->end = waiting;
	if (len > NET_ANSWER_MAX - waiting)
		return false;
	while (cap < waiting + len)
		cap *= 2;
	grown = cap == box->cap ? box->bytes : realloc(box->bytes, cap);
	if (grown == NULL)
		return false;
	box->bytes = grown;
	box->cap = cap;
	return true;
}

/* false: no room. */
static bool put_aside(struct conn *conn, const char *text, size_t len)
{
	struct outbox *box = conn->outbox != NULL ? conn->outbox : open_outbox(conn);

	if (box == NULL || !make_room(box, len))
		return false;
	memcpy(box->bytes + box->end, text, len);
	box->end += len;
	return true;
}

void conn_answer(struct conn *conn, const char *text, size_t len)
{
	int on = 1;
	ssize_t n = 0;

	if ((conn->state != CONN_OPEN && conn->state != CONN_OWING) || conn->is_deaf)
		return;
	if (!conn->is_answered)
		setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	conn->is_answered = true;
	if (conn->outbox == NULL)
		n = send_some(conn, text, len);
	if (n < 0 || (size_t)n == len)
		return;
	if (!put_aside(conn, text + n, len - (size_t)n)) {
		conn->net->non_readers++;
		conn_kill(conn);
	}
}

size_t conn_unsent(const struct conn *conn)
{
	return conn->outbox == NULL ? 0 : conn->outbox->end - conn->outbox->start;
}

/* What the owner may ask */

void conn_hold(struct conn *conn, bool hold)
{
	if (conn->is_held == hold)
		return;
	conn->is_held = hold;
	if (conn->state != CONN_OPEN)
		return;
	/* Nobody pays for the time in which we did not listen. */
	conn->heard_tick = conn->intake.since_tick = conn->net->tick;
	conn_watch(conn);
}

void conn_owe(struct conn *conn, bool owes)
{
	conn->owes = owes;
	if (!owes && conn->state == CONN_OWING)
		conn_close(conn);
}

void conn_set_user(struct conn *conn, void *user)
{
	conn->user = user;
}

void *conn_user(const struct conn *conn)
{
	return conn->user;
}

const char *conn_peer(const struct conn *conn)
{
	return conn->peer;
}
