/* SPDX-License-Identifier: MPL-2.0 */
/* See listener.h. */
#include "net/listener.h"

#include "net/endpoint.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct listener {
	struct endpoint endpoint;
	struct listener_owner owner;
	struct event acceptable, retry;
	int spare; /* -1: lent out */
	bool is_held, is_starved, serves_on_spare;
};

static void take_spare(struct listener *l)
{
	if (l->spare < 0)
		l->spare = eventfd(0, EFD_CLOEXEC);
}

static void give_spare(struct listener *l)
{
	if (l->spare >= 0)
		close(l->spare);
	l->spare = -1;
}

static void watch(struct listener *l)
{
	if (l->is_held || l->is_starved)
		event_del(&l->acceptable);
	else
		event_add(&l->acceptable, NULL);
}

static void starve(struct listener *l, int error)
{
	struct timeval wait = { .tv_usec = LISTENER_RETRY_MS * 1000 };
	bool is_news = !l->is_starved;

	l->is_starved = true;
	watch(l);
	give_spare(l);
	evtimer_add(&l->retry, &wait);
	if (is_news && l->owner.on_starved != NULL)
		l->owner.on_starved(l->owner.ctx, error);
}

static void recover(struct listener *l)
{
	if (!l->is_starved)
		return;
	l->is_starved = false;
	evtimer_del(&l->retry);
	watch(l);
	if (l->owner.on_starved != NULL)
		l->owner.on_starved(l->owner.ctx, 0);
}

/* Of one client that was gone before we came, or of the network: the next one may be fine. */
static bool is_passing(int error)
{
	switch (error) {
	case EINTR:
	case ECONNABORTED:
	case EPERM:
	case EPROTO:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* Accepts one. Returns false when there is nothing more to do now. */
static bool accept_one(struct listener *l)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int fd;

	memset(&peer, 0, sizeof(peer));
	fd = accept4(l->endpoint.fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		recover(l);
		l->owner.on_socket(l->owner.ctx, fd, &peer);
		return true;
	}
	if (errno == EAGAIN) {
		recover(l);
		return false;
	}
	if (is_passing(errno))
		return true;
	if (l->serves_on_spare && l->spare >= 0) {
		give_spare(l);
		return true;
	}
	/* What we do not know stops accepting too: a listener that fails at once would spin. */
	starve(l, errno);
	return false;
}

static void accept_some(struct listener *l)
{
	for (int i = 0; i < LISTENER_TURN && !l->is_held; i++)
		if (!accept_one(l))
			return;
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd, (void)what;
	take_spare(l);
	accept_some(l);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd, (void)what;
	if (!l->is_starved)
		return;
	take_spare(l);
	/* No spare means no descriptor for a client either; one that lives on spares asks all the same. */
	if (l->spare < 0 && !l->serves_on_spare)
		starve(l, EMFILE);
	else if (!l->is_held)
		accept_some(l);
	else
		recover(l);
}

static struct listener *listener_new(struct event_base *base, const struct listener_owner *owner)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->owner = *owner;
	l->spare = -1;
	l->endpoint.fd = -1;
	evtimer_assign(&l->retry, base, on_retry, l);
	return l;
}

static void start(struct listener *l, struct event_base *base)
{
	event_assign(&l->acceptable, base, l->endpoint.fd, EV_READ | EV_PERSIST, on_acceptable, l);
	take_spare(l);
	watch(l);
}

int listener_open(struct event_base *base, const char *spec, const struct listener *replaced,
		  const struct listener_owner *owner, struct listener **ret, struct error *reterr)
{
	struct listener *l = listener_new(base, owner);
	int r;

	if (l == NULL)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = endpoint_open(spec, replaced != NULL ? replaced->endpoint.fd : -1, &l->endpoint, reterr);
	if (r < 0) {
		free(l);
		return r;
	}
	start(l, base);
	*ret = l;
	return 0;
}

int listener_open_path(struct event_base *base, const char *path, const struct listener_owner *owner,
		       struct listener **ret, struct error *reterr)
{
	struct listener *l = listener_new(base, owner);
	int r;

	if (l == NULL)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = endpoint_open_path(path, &l->endpoint, reterr);
	if (r < 0) {
		free(l);
		return r;
	}
	start(l, base);
	*ret = l;
	return 0;
}

void listener_close(struct listener *l)
{
	if (l == NULL)
		return;
	event_del(&l->acceptable);
	evtimer_del(&l->retry);
	give_spare(l);
	endpoint_close(&l->endpoint);
	free(l);
}

void listener_hold(struct listener *l, bool on)
{
	if (l->is_held == on)
		return;
	l->is_held = on;
	watch(l);
}

void listener_serve_on_spare(struct listener *l)
{
	l->serves_on_spare = true;
}

void listener_nudge(struct listener *l)
{
	if (l->is_starved)
		event_active(&l->retry, EV_TIMEOUT, 0);
	else if (l->serves_on_spare)
		take_spare(l);
}

void listener_empty(struct listener *l)
{
	give_spare(l);
	/* What the kernel queues at most, and a few that come meanwhile. */
	for (int i = 0; i < 2 * ENDPOINT_BACKLOG; i++)
		if (!accept_one(l))
			return;
}

const char *listener_address(const struct listener *l)
{
	return l->endpoint.address;
}

bool listener_is_starved(const struct listener *l)
{
	return l->is_starved;
}
