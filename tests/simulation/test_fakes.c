/* SPDX-License-Identifier: MPL-2.0 */
/* The fakes keep the promises of what they stand for: order and lateness of timers, libevent's rules for events,
 * jobs one after the other, links that answer each command once. */
#include "fakes.h"
#include "network.h"

#include "base/clock.h"
#include "store/link.h"
#include "suite.h"

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include <stdlib.h>
#include <string.h>

static struct host host;
static struct event_base *base;
static char trace[512];
static char text_a[] = "a", text_b[] = "b", text_c[] = "c", text_d[] = "d", text_none[] = "", text_o[] = "o",
	    text_p[] = "p", text_x[] = "x";

static void begin(void)
{
	world_begin(1, INT64_C(1795305600000));
	host = (struct host){ 0 };
	base = fake_base_new(&host);
	trace[0] = '\0';
}

static void end(void)
{
	ck_assert_uint_eq(fake_base_events(base), 0);
	fake_base_free(base);
	world_end();
}

static void note(const char *text)
{
	strcat(trace, text);
}

static void on_note(void *ctx)
{
	note(ctx);
}

START_TEST(timers_keep_their_order)
{
	struct timer a = { .run = on_note, .ctx = text_a }, b = { .run = on_note, .ctx = text_b },
		     c = { .run = on_note, .ctx = text_c }, d = { .run = on_note, .ctx = text_d };

	begin();
	world_set(&a, 30);
	world_set(&b, 10);
	world_set(&c, 10);
	world_set(&d, 20);
	world_cancel(&d);
	world_set(&b, 10);
	world_run(1000);
	ck_assert_str_eq(trace, "cba");
	ck_assert_int_eq(world_us(), 1000);
	end();
}
END_TEST

START_TEST(many_timers)
{
	static struct timer timers[500];
	int64_t last_us = 0;

	begin();
	for (int i = 0; i < 500; i++) {
		timers[i] = (struct timer){ .run = on_note, .ctx = text_none };
		world_set(&timers[i], world_below(100000));
	}
	for (int i = 0; i < 500; i += 3)
		world_cancel(&timers[i]);
	for (int i = 1; i < 500; i += 7)
		world_set(&timers[i], world_below(100000));
	while (world_step(200000)) {
		ck_assert_int_ge(world_us(), last_us);
		last_us = world_us();
	}
	for (int i = 0; i < 500; i++)
		ck_assert(!world_is_set(&timers[i]));
	end();
}
END_TEST

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	note(what == EV_TIMEOUT ? arg : "?");
}

START_TEST(events_are_those_of_libevent)
{
	struct timeval ms = { 0, 10000 };
	struct event *once, *again;

	begin();
	once = event_new(base, -1, 0, on_event, text_o);
	again = event_new(base, -1, EV_PERSIST, on_event, text_p);
	ck_assert_int_eq(event_pending(once, EV_TIMEOUT, NULL), 0);
	event_add(once, &ms);
	event_add(again, &ms);
	ck_assert_int_eq(event_pending(once, EV_TIMEOUT, NULL), EV_TIMEOUT);
	world_run(35000);
	ck_assert_int_eq(event_pending(once, EV_TIMEOUT, NULL), 0);
	event_del(again);
	world_run(35000);
	ck_assert(strcmp(trace, "oppp") == 0 || strcmp(trace, "popp") == 0 || strcmp(trace, "opp") == 0 ||
		  strcmp(trace, "pop") == 0);
	event_active(once, EV_TIMEOUT, 0);
	ck_assert_int_eq(event_pending(once, EV_TIMEOUT, NULL), EV_TIMEOUT);
	event_add(once, &ms);
	trace[0] = '\0';
	world_run(9000);
	ck_assert_str_eq(trace, "");
	world_run(9000);
	ck_assert_str_eq(trace, "o");
	event_free(once);
	event_free(again);
	end();
}
END_TEST

START_TEST(nothing_of_the_dead_happens)
{
	struct timeval ms = { 0, 10000 };
	struct event *event;

	begin();
	event = event_new(base, -1, 0, on_event, text_x);
	event_add(event, &ms);
	host.is_dead = true;
	world_run(50000);
	ck_assert_str_eq(trace, "");
	event_free(event);
	end();
}
END_TEST

struct counted {
	struct job job;
	const char *work, *done;
};

static void work(struct job *job)
{
	note(((struct counted *)job)->work);
}

static void done(struct job *job)
{
	note(((struct counted *)job)->done);
}

START_TEST(jobs_come_one_after_the_other)
{
	struct counted a = { { work, done, NULL }, "a", "A" }, b = { { work, done, NULL }, "b", "B" };
	struct fake_worker worker;

	begin();
	fake_worker_init(&worker, &host, 1000);
	worker.worker.submit(worker.worker.ctx, &a.job);
	worker.worker.submit(worker.worker.ctx, &b.job);
	ck_assert_str_eq(trace, "");
	world_run(100000000);
	ck_assert_str_eq(trace, "aAbB");
	worker.worker.submit(worker.worker.ctx, &a.job);
	worker.worker.submit(worker.worker.ctx, &b.job);
	fake_worker_drain(&worker);
	ck_assert_str_eq(trace, "aAbBaAbB");
	end();
}
END_TEST

/* --- links --- */

static struct link *link;
static int connected, closed, answers, nulls, order_faults;
static uint64_t next_arg;

static void on_connected(void *ctx)
{
	(void)ctx;
	connected++;
}

static void on_closed(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
	closed++;
	link_close(link);
	link = NULL;
}

static void on_reply(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	(void)ctx;
	order_faults += arg != next_arg++;
	if (reply == NULL)
		nulls++;
	else
		answers++;
}

static void send_ping(uint64_t arg)
{
	ck_assert_int_eq(link_send(link, "*1\r\n$4\r\nPING\r\n", 14, on_reply, arg), 0);
}

static void open_link(void)
{
	const struct link_owner owner = { NULL, on_connected, on_closed };

	connected = closed = answers = nulls = order_faults = 0;
	next_arg = 0;
	link = link_open(base, NULL, 0, 1000, &owner);
}

START_TEST(links_answer_in_order)
{
	struct server server;

	begin();
	server_init(&server);
	network_begin(&server);
	open_link();
	world_run(100000);
	ck_assert_int_eq(connected, 1);
	for (uint64_t i = 0; i < 50; i++)
		send_ping(i);
	world_run(1000000);
	ck_assert_int_eq(answers, 50);
	for (uint64_t i = 50; i < 100; i++)
		send_ping(i);
	world_run(120);
	network_cut(true);
	world_run(10000000);
	ck_assert_int_eq(closed, 1);
	ck_assert_int_eq(answers + nulls, 100);
	ck_assert_int_eq(order_faults, 0);
	network_end();
	server_done(&server);
	end();
}
END_TEST

START_TEST(links_time_out_and_are_refused)
{
	struct server server;

	begin();
	server_init(&server);
	network_begin(&server);
	network.is_silent = true;
	open_link();
	world_run(3000000);
	ck_assert_int_eq(closed, 1);
	network.is_silent = false;
	open_link();
	world_run(100000);
	server.is_hung = true;
	send_ping(0);
	world_run(3000000);
	ck_assert_int_eq(closed, 1);
	ck_assert_int_eq(nulls, 1);
	server.is_hung = false;
	network.is_refused = true;
	open_link();
	world_run(3000000);
	ck_assert_int_eq(closed, 1);
	ck_assert_int_eq(connected, 0);
	network_end();
	server_done(&server);
	end();
}
END_TEST

START_TEST(the_same_seed_is_the_same_run)
{
	uint64_t first[2];

	for (int i = 0; i < 2; i++) {
		begin();
		first[i] = world_random() + world_below(1000) + (uint64_t)world_delay_us(500);
		end();
	}
	ck_assert_uint_eq(first[0], first[1]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { timers_keep_their_order,	      many_timers,
				       events_are_those_of_libevent,  nothing_of_the_dead_happens,
				       jobs_come_one_after_the_other, links_answer_in_order,
				       links_time_out_and_are_refused, the_same_seed_is_the_same_run };

	return RUN_TESTS("simulation/fakes", tests);
}
