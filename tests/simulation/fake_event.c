/* SPDX-License-Identifier: MPL-2.0 */
/* libevent's events in virtual time: timers and event_active(), nothing with a descriptor; and the two clocks.
 * A timer is up to 2 ms late, as on a real machine. An event that a dead host left behind never runs. */
#include "fakes.h"

#include "base/clock.h"

#include <event2/event.h>
#include <event2/util.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define LATE_US 2000

struct event_base {
	struct host *host;
	size_t events;
};

struct event {
	struct event_base *base;
	event_callback_fn callback;
	void *arg;
	struct timer timer; /* of its timeout */
	struct timer soon;  /* event_active() */
	int64_t every_us;   /* EV_PERSIST */
	short kinds, active;
};

static struct host *current;

void host_enter(struct host *host)
{
	current = host;
	world_set_shift_ms(host == NULL ? 0 : host->wall_shift_ms);
}

struct host *host_current(void)
{
	return current;
}

struct event_base *fake_base_new(struct host *host)
{
	struct event_base *base = calloc(1, sizeof(*base));

	if (base == NULL)
		abort();
	base->host = host;
	return base;
}

struct host *fake_base_host(const struct event_base *base)
{
	return base->host;
}

void fake_base_free(struct event_base *base)
{
	free(base);
}

size_t fake_base_events(const struct event_base *base)
{
	return base->events;
}

static void call(struct event *event, short what)
{
	struct host *host = event->base->host;

	if (host->is_dead)
		return;
	host_enter(host);
	host->events_run++;
	event->callback(-1, what, event->arg);
	if (host->after != NULL && !host->is_dead)
		host->after(host);
	host_enter(NULL);
}

static int64_t late_us(void)
{
	return world_below(LATE_US);
}

static void on_timeout(void *ctx)
{
	struct event *event = ctx;

	if ((event->kinds & EV_PERSIST) != 0)
		world_set(&event->timer, event->every_us + late_us());
	call(event, EV_TIMEOUT);
}

static void on_soon(void *ctx)
{
	struct event *event = ctx;
	short what = event->active;

	event->active = 0;
	call(event, what);
}

struct event *event_new(struct event_base *base, evutil_socket_t fd, short kinds, event_callback_fn callback,
			void *arg)
{
	struct event *event = calloc(1, sizeof(*event));

	if (fd >= 0 || (kinds & ~(EV_PERSIST | EV_TIMEOUT)) != 0) {
		fprintf(stderr, "the simulation knows no events of descriptors and signals\n");
		abort();
	}
	if (event == NULL)
		return NULL;
	event->base = base;
	event->callback = callback;
	event->arg = arg;
	event->kinds = kinds;
	event->timer = (struct timer){ .run = on_timeout, .ctx = event };
	event->soon = (struct timer){ .run = on_soon, .ctx = event };
	base->events++;
	return event;
}

int event_del(struct event *event)
{
	world_cancel(&event->timer);
	world_cancel(&event->soon);
	event->active = 0;
	return 0;
}

void event_free(struct event *event)
{
	event_del(event);
	event->base->events--;
	free(event);
}

int event_add(struct event *event, const struct timeval *after)
{
	if (after == NULL)
		return 0;
	event->every_us = (int64_t)after->tv_sec * 1000000 + after->tv_usec;
	if (event->active == EV_TIMEOUT) {
		world_cancel(&event->soon);
		event->active = 0;
	}
	world_set(&event->timer, event->every_us + late_us());
	return 0;
}

void event_active(struct event *event, int what, short calls)
{
	(void)calls;
	event->active |= (short)what;
	if (!world_is_set(&event->soon))
		world_set(&event->soon, world_below(200));
}

int event_pending(const struct event *event, short what, struct timeval *at)
{
	short is = (short)(event->active | (world_is_set(&event->timer) ? EV_TIMEOUT : 0));

	if (at != NULL && world_is_set(&event->timer)) {
		int64_t us = world_due_us(&event->timer);

		at->tv_sec = us / 1000000;
		at->tv_usec = us % 1000000;
	}
	return is & what;
}

struct event_base *event_get_base(const struct event *event)
{
	return event->base;
}

void evutil_secure_rng_get_bytes(void *bytes, size_t len)
{
	(void)!getrandom(bytes, len, 0);
}

/* The monotonic clock begins somewhere, never at 0. */
#define MONO_FROM_US INT64_C(5400000000)

int64_t clock_now_ms(void)
{
	return world_wall_ms();
}

int64_t clock_mono_us(void)
{
	return MONO_FROM_US + world_us();
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}
