/* SPDX-License-Identifier: MPL-2.0 */
/* The producers' side as a whole: the listener, the list of connections, limits, and one timer for all
 * timeouts. What a single connection does is in conn.c. */
#include "base/clock.h"
#include "net/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MAX_MS 1000

/* Accepting */

static void note(struct net *net, const char *msg, const char *detail, uint64_t n)
{
	if (net->owner.on_notice != NULL)
		net->owner.on_notice(net->owner.ctx, msg, detail, n);
}

static size_t max_connections(const struct net *net)
{
	return net->limits.max_connections > 0 ? (size_t)net->limits.max_connections : 1;
}

/* Accepting stops at the limit and goes on below it. That it goes on is news only when a sweep finds clear
 * room (tell_sweep), or a full house where one leaves and one comes would fill the log. */
static void check_room(struct net *net)
{
	size_t n = net->status.connections, max = max_connections(net);

	if (net->listener != NULL)
		listener_hold(net->listener, n >= max);
	if (n < max || net->is_full)
		return;
	net->is_full = true;
	note(net, "accepting paused", "max_connections is reached; further clients wait in the queue", n);
}

static void start_sweep(struct net *net)
{
	struct timeval every = { .tv_sec = net->sweep_ms / 1000, .tv_usec = net->sweep_ms % 1000 * 1000 };

	if (!evtimer_pending(&net->sweep, NULL))
		event_add(&net->sweep, &every);
}

static void on_socket(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	struct net *net = ctx;

	net->depth++;
	conn_add(net, fd, peer);
	start_sweep(net);
	check_room(net);
	net->depth--;
}

static void on_starved(void *ctx, int error)
{
	struct net *net = ctx;
	uint64_t n = net->status.connections;

	if (error == 0)
		note(net, "accepting resumed", "descriptors and memory are there again", n);
	else if (error == EMFILE)
		note(net, "accepting paused",
		     "out of descriptors: raise LimitNOFILE or lower max_connections", n);
	else if (error == ENFILE)
		note(net, "accepting paused", "the system is out of descriptors: see fs.file-max", n);
	else if (error == ENOMEM || error == ENOBUFS)
		note(net, "accepting paused", "the system is out of memory for sockets", n);
	else
		note(net, "accepting paused", "the system refuses to accept", n);
}

void net_freed(struct net *net)
{
	check_room(net);
	if (net->listener != NULL)
		listener_nudge(net->listener);
}

/* Who waits would be reset with the listener. */
static void close_listener(struct net *net)
{
	struct listener *old = net->listener;

	if (old == NULL)
		return;
	listener_empty(old);
	net->listener = NULL;
	listener_close(old);
	free(net->spec);
	net->spec = NULL;
}

int net_listen(struct net *net, const char *spec, struct error *reterr)
{
	struct listener_owner owner = { net, on_socket, on_starved };
	struct listener *made = NULL;
	char *copy;
	int r;

	if (strcmp(spec, "off") == 0) {
		close_listener(net);
		return 0;
	}
	if (net->spec != NULL && strcmp(net->spec, spec) == 0)
		return 0;
	copy = strdup(spec);
	if (copy == NULL)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = listener_open(net->base, spec, net->listener, &owner, &made, reterr);
	if (r < 0) {
		free(copy);
		return r;
	}
	close_listener(net);
	net->listener = made;
	net->spec = copy;
	check_room(net);
	return 0;
}

const char *net_address(const struct net *net)
{
	return net->listener != NULL ? listener_address(net->listener) : "off";
}

void net_stop_accepting(struct net *net)
{
	close_listener(net);
}

/* Timeouts */

static uint32_t ticks_of(int64_t timeout_ms, int64_t sweep_ms)
{
	int64_t ticks = timeout_ms / sweep_ms;

	/* One more, because the sweep before the first byte may have been just before it. */
	return ticks >= UINT32_MAX / 2 ? UINT32_MAX : (uint32_t)ticks + 1;
}

static bool is_line_late(const struct conn *conn)
{
	return intake_is_unfinished(&conn->intake) &&
	       conn->net->tick - conn->intake.since_tick >= conn->net->line_ticks;
}

static bool is_idle(const struct conn *conn)
{
	return conn->net->tick - conn->heard_tick >= conn->net->idle_ticks;
}

static void check_timeouts(struct net *net, struct conn *conn)
{
	if (!is_line_late(conn) && !is_idle(conn))
		return;
	/* Something may have come since: what is there is not lost for a timeout. */
	conn_read(conn);
	if (!conn_is_read(conn))
		return;
	if (is_line_late(conn))
		net->late_lines++;
	else if (is_idle(conn))
		net->idlers++;
	else
		return;
	net->status.timeouts++;
	conn_end(conn);
}

static void tell_sweep(struct net *net)
{
	size_t n = net->status.connections, max = max_connections(net);

	if (net->is_full && n + 1 + max / 8 <= max) {
		net->is_full = false;
		note(net, "accepting resumed", "connections are below max_connections again", n);
	}
	if (net->late_lines > 0)
		note(net, "connections closed", "a line was not finished in time", net->late_lines);
	if (net->idlers > 0)
		note(net, "connections closed", "nothing came within the idle timeout", net->idlers);
	if (net->non_readers > 0)
		note(net, "connections closed", "answers were not read", net->non_readers);
	if (net->refused > 0)
		note(net, "connections refused", "one address has too many", net->refused);
	net->late_lines = net->idlers = net->non_readers = net->refused = 0;
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct net *net = arg;
	int64_t now_ms = clock_mono_ms();

	(void)fd, (void)what;
	net->depth++;
	if (!net->is_paused)
		net->tick++;
	for (struct conn *conn = net->conns; conn != NULL; conn = conn->next) {
		conn_age(conn, now_ms);
		if (conn_is_read(conn))
			check_timeouts(net, conn);
	}
	tell_sweep(net);
	if (net->conns == NULL && !net->is_full)
		event_del(&net->sweep);
	net->depth--;
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	conn_reap(arg);
}

void net_set_limits(struct net *net, const struct net_limits *limits)
{
	int64_t shortest = limits->line_timeout_ms < limits->idle_timeout_ms ? limits->line_timeout_ms
									     : limits->idle_timeout_ms;
	int64_t old_ms = net->sweep_ms;

	if (net->patience_ms < shortest)
		shortest = net->patience_ms;
	net->limits = *limits;
	net->sweep_ms = shortest / 4 < 1 ? 1 : shortest / 4 > SWEEP_MAX_MS ? SWEEP_MAX_MS : shortest / 4;
	net->line_ticks = ticks_of(limits->line_timeout_ms, net->sweep_ms);
	net->idle_ticks = ticks_of(limits->idle_timeout_ms, net->sweep_ms);
	/* Ticks of another length: everybody starts anew. */
	if (old_ms != 0 && old_ms != net->sweep_ms) {
		for (struct conn *conn = net->conns; conn != NULL; conn = conn->next)
			conn->heard_tick = conn->intake.since_tick = net->tick;
		event_del(&net->sweep);
	}
	if (net->conns != NULL)
		start_sweep(net);
	check_room(net);
}

void net_set_patience(struct net *net, int64_t ms)
{
	net->patience_ms = ms;
	net_set_limits(net, &net->limits);
}

/* All connections at once */

void net_pause(struct net *net, bool pause)
{
	if (net->is_paused == pause)
		return;
	net->is_paused = pause;
	for (struct conn *conn = net->conns; conn != NULL; conn = conn->next)
		if (conn->state == CONN_OPEN)
			conn_watch(conn);
}

void net_drain(struct net *net)
{
	net->is_draining = true;
	for (struct conn *conn = net->conns; conn != NULL; conn = conn->next)
		if (conn_is_read(conn))
			conn_watch(conn);
}

void net_close_all(struct net *net)
{
	net->depth++;
	for (struct conn *conn = net->conns; conn != NULL; conn = conn->next) {
		if (conn->state == CONN_OPEN)
			intake_end(conn);
		conn_kill(conn);
	}
	net->depth--;
	if (net->depth == 0)
		conn_reap(net);
}

/* Life */

struct net *net_new(struct event_base *base, const struct net_owner *owner, const struct net_limits *limits)
{
	struct net *net = calloc(1, sizeof(*net));

	if (net == NULL)
		return NULL;
	net->buffer = calloc(1, INTAKE_ROOM + NET_READ_SIZE + NET_PADDING);
	if (net->buffer == NULL) {
		free(net);
		return NULL;
	}
	net->base = base;
	net->owner = *owner;
	net->patience_ms = NET_ANSWER_PATIENCE_MS;
	event_assign(&net->sweep, base, -1, EV_PERSIST, on_sweep, net);
	evtimer_assign(&net->reap, base, on_reap, net);
	net_set_limits(net, limits);
	return net;
}

void net_free(struct net *net)
{
	if (net == NULL)
		return;
	/* Not emptied: who waits has not been heard, and will not be. */
	listener_close(net->listener);
	net->listener = NULL;
	net_close_all(net);
	event_del(&net->sweep);
	event_del(&net->reap);
	intake_pool_done(&net->pool);
	free(net->spec);
	free(net->buffer);
	free(net);
}

void net_status(const struct net *net, struct net_status *ret)
{
	*ret = net->status;
	ret->is_paused = net->is_paused;
	ret->accept_is_paused = net->status.connections >= max_connections(net) ||
				(net->listener != NULL && listener_is_starved(net->listener));
}
