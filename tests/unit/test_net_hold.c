/* SPDX-License-Identifier: MPL-2.0 */
/* What acknowledgements need of a connection: it alone can be kept waiting; it is told when its answers are
 * out; and it outlives the end of its client for answers that are still owed. */
#include "test_net_help.h"

static void hold_it(struct conn *conn, const char *lines, size_t len)
{
	if (memmem(lines, len, "hold", 4) != NULL)
		conn_hold(conn, true);
}

/* Only the held one waits, and what it sent meanwhile is all there afterwards. */
START_TEST(hold_one)
{
	int held, free_one;
	struct conn *conn;

	held = start_with_one(wide, hold_it);
	say(held, "hold\n");
	until(the.lines == 1);
	conn = the.last;
	say(held, "more\nand more\npart");
	shutdown(held, SHUT_WR);
	free_one = dial(net_address(the.net));
	say(free_one, "free\n");
	until(the.lines == 2);
	run_for(50);
	ck_assert_uint_eq(the.lines, 2);
	ck_assert_uint_eq(the.closes, 0);
	conn_hold(conn, true); /* twice is once */
	conn_hold(conn, false);
	until(the.closes == 1);
	ck_assert_uint_eq(the.lines, 4);
	ck_assert_uint_eq(the.n_faults, 1);
	close(held);
	close(free_one);
	until(the.closes == 2);
	net_end();
}
END_TEST

/* Lines that had been read with the one that made us hold are handed over still: nothing is put aside. */
START_TEST(hold_inside_on_lines)
{
	char *text = malloc(NET_READ_SIZE);
	size_t lines = 0;
	int fd;

	net_start("127.0.0.1:0", wide);
	the.on_lines = hold_it;
	for (size_t at = 0; at + 8 <= NET_READ_SIZE; at += 8, lines++)
		memcpy(text + at, "hold it\n", 8);
	fd = dial(net_address(the.net));
	put(fd, text, lines * 8);
	until(the.lines > 0);
	run_for(30);
	ck_assert_uint_le(the.calls, 5); /* the calls of one read at most */
	while (the.lines < lines) {
		size_t before = the.lines;

		conn_hold(the.last, false);
		until(the.lines > before);
	}
	ck_assert_uint_eq(the.lines, lines);
	close(fd);
	conn_hold(the.last, false);
	until(the.closes == 1);
	free(text);
	net_end();
}
END_TEST

START_TEST(hold_and_pause)
{
	int fd;

	fd = start_with_one(wide, hold_it);
	say(fd, "hold\n");
	until(the.lines == 1);
	say(fd, "more\n");
	net_pause(the.net, true);
	net_pause(the.net, false);
	run_for(30);
	ck_assert_uint_eq(the.lines, 1);
	net_pause(the.net, true);
	conn_hold(the.last, false);
	run_for(30);
	ck_assert_uint_eq(the.lines, 1);
	net_pause(the.net, false);
	until(the.lines == 2);
	close(fd);
	until(the.closes == 1);
	net_end();
}
END_TEST

/* A client that we keep waiting is not closed for it; afterwards its time runs again. */
START_TEST(hold_stops_timeouts)
{
	struct net_limits limits = wide;
	int fd;

	limits.line_timeout_ms = 100;
	limits.idle_timeout_ms = 200;
	fd = start_with_one(limits, hold_it);
	say(fd, "hold\npart");
	until(the.lines == 1);
	run_for(600);
	ck_assert_uint_eq(the.closes, 0);
	conn_hold(the.last, false);
	until(the.closes == 1);
	ck_assert_uint_eq(the.n_faults, 1);
	ck_assert_uint_eq(the.net->status.timeouts, 1);
	close(fd);
	net_end();
}
END_TEST

START_TEST(drain_waits_for_the_held)
{
	int fd;

	fd = start_with_one(wide, hold_it);
	say(fd, "hold\n");
	until(the.lines == 1);
	say(fd, "more\n");
	net_stop_accepting(the.net);
	net_drain(the.net);
	run_for(50);
	ck_assert_uint_eq(n_conns(), 1);
	conn_hold(the.last, false);
	until(n_conns() == 0);
	ck_assert_uint_eq(the.lines, 2);
	close(fd);
	net_end();
}
END_TEST

/* --- drained --- */

static char filler[1000];
static int refills;

static void fill(struct conn *conn)
{
	while (conn->outbox == NULL && conn->state == CONN_OPEN)
		conn_answer(conn, filler, sizeof(filler));
	ck_assert_uint_gt(conn_unsent(conn), 0);
	ck_assert_uint_le(conn_unsent(conn), sizeof(filler));
}

static void fill_once(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	ck_assert_uint_eq(conn_unsent(conn), 0);
	fill(conn);
}

static void refill(struct conn *conn)
{
	if (refills-- > 0)
		fill(conn);
}

/* Reads all until what has been answered is out. Returns the bytes. */
static size_t read_until_drained(int fd, size_t drains)
{
	char buffer[8192];
	size_t got = 0;
	ssize_t n;

	while (the.drains < drains) {
		turn();
		n = heard(fd, buffer, sizeof(buffer));
		ck_assert_int_ne(n, 0);
		got += n > 0 ? (size_t)n : 0;
	}
	return got;
}

START_TEST(drained_is_told)
{
	int fd;

	net_start("127.0.0.1:0", wide);
	the.on_lines = fill_once;
	the.on_drained = refill; /* answers again from within */
	refills = 3;
	fd = dial_narrow();
	say(fd, "go\n");
	until(the.lines == 1);
	run_for(20);
	ck_assert_uint_eq(the.drains, 0);
	ck_assert_uint_gt(read_until_drained(fd, 4), 4000);
	run_for(20);
	ck_assert_uint_eq(the.drains, 4);
	ck_assert_uint_eq(conn_unsent(the.last), 0);
	close(fd);
	until(the.closes == 1);
	net_end();
}
END_TEST

static void answer_small(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	conn_answer(conn, "{}\n", 3);
}

/* What goes out at once is no news. */
START_TEST(small_answer_is_not_told)
{
	char buffer[10];
	int fd;

	fd = start_with_one(wide, answer_small);
	say(fd, "go\n");
	until(heard(fd, buffer, sizeof(buffer)) == 3);
	ck_assert_ptr_null(the.last->outbox);
	close(fd);
	until(the.closes == 1);
	ck_assert_uint_eq(the.drains, 0);
	net_end();
}
END_TEST

/* The outbox takes NET_ANSWER_MAX and no byte more, and keeps no more memory than doubling needs. */
START_TEST(outbox_grows_to_its_limit)
{
	char byte = 'b';
	int fd;

	net_start("127.0.0.1:0", wide);
	the.on_lines = fill_once;
	fd = dial_narrow();
	say(fd, "go\n");
	until(the.lines == 1);
	ck_assert_uint_le(the.last->outbox->cap, 4096);
	while (conn_unsent(the.last) + sizeof(filler) <= NET_ANSWER_MAX) {
		conn_answer(the.last, filler, sizeof(filler));
		ck_assert_uint_le(the.last->outbox->cap, 2 * conn_unsent(the.last) + 4096);
	}
	conn_answer(the.last, filler, NET_ANSWER_MAX - conn_unsent(the.last));
	ck_assert_uint_eq(conn_unsent(the.last), NET_ANSWER_MAX);
	ck_assert_uint_eq(the.last->outbox->cap, NET_ANSWER_MAX);
	ck_assert_int_eq(the.last->state, CONN_OPEN);
	conn_answer(the.last, &byte, 1);
	ck_assert_int_eq(the.last->state, CONN_DEAD);
	until(the.closes == 1);
	close(fd);
	net_end();
}
END_TEST

/* Nobody takes what waits: that, too, is told, so that the owner goes on with what the client has sent. */
START_TEST(drained_by_reset)
{
	int fd;

	net_start("127.0.0.1:0", wide);
	the.on_lines = fill_once;
	fd = dial_narrow();
	say(fd, "go\n");
	until(the.lines == 1);
	conn_hold(the.last, true);
	the.on_lines = NULL;
	reset(fd);
	until(the.drains == 1);
	ck_assert_uint_eq(the.closes, 0);
	conn_hold(the.last, false);
	until(the.closes == 1);
	net_end();
}
END_TEST

/* --- owed --- */

static void owe(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	conn_owe(conn, true);
}

/* What a client that half-closes hears, to its end. */
static size_t hear_to_end(int fd, char *ret, size_t size)
{
	size_t got = 0;

	for (;;) {
		ssize_t n = heard(fd, ret + got, size - got);

		turn();
		if (n == 0)
			return got;
		got += n > 0 ? (size_t)n : 0;
	}
}

START_TEST(half_close_waits_for_what_is_owed)
{
	char buffer[100];
	int fd;

	fd = start_with_one(wide, owe);
	say(fd, "a\npart");
	shutdown(fd, SHUT_WR);
	until(the.n_faults == 1); /* told at once */
	run_for(50);
	ck_assert_uint_eq(the.closes, 0);
	ck_assert_int_eq(heard(fd, buffer, sizeof(buffer)), -1);
	conn_answer(the.last, "one\n", 4);
	conn_hold(the.last, true); /* changes nothing any more */
	conn_hold(the.last, false);
	run_for(20);
	ck_assert_uint_eq(the.closes, 0);
	conn_answer(the.last, "two\n", 4);
	conn_owe(the.last, false);
	ck_assert_uint_eq(hear_to_end(fd, buffer, sizeof(buffer)), 8);
	ck_assert_mem_eq(buffer, "one\ntwo\n", 8);
	until(the.closes == 1);
	close(fd);
	net_end();
}
END_TEST

/* Nothing owed any more while the client is there changes nothing. */
START_TEST(paid_before_the_end)
{
	int fd;

	fd = start_with_one(wide, owe);
	say(fd, "a\n");
	until(the.lines == 1);
	conn_owe(the.last, false);
	the.on_lines = NULL;
	say(fd, "b\n");
	until(the.lines == 2);
	close(fd);
	until(the.closes == 1);
	net_end();
}
END_TEST

/* An answer that the client takes slowly, and the last word comes after its end: all of it arrives. */
START_TEST(owed_answer_in_pieces)
{
	static char buffer[NET_ANSWER_MAX * 40];
	size_t got;
	int fd;

	net_start("127.0.0.1:0", wide);
	the.on_lines = owe;
	fd = dial_narrow();
	say(fd, "a\n");
	shutdown(fd, SHUT_WR);
	until(the.lines == 1);
	run_for(20);
	ck_assert_int_eq(the.last->state, CONN_OWING);
	while (the.last->outbox == NULL)
		conn_answer(the.last, filler, sizeof(filler));
	got = read_until_drained(fd, 1);
	ck_assert_uint_eq(the.closes, 0);
	conn_answer(the.last, "end\n", 4);
	conn_owe(the.last, false);
	got += hear_to_end(fd, buffer, sizeof(buffer));
	ck_assert_uint_eq(got % sizeof(filler), 4);
	until(the.closes == 1);
	close(fd);
	net_end();
}
END_TEST

/* A drain ends reading; what was read is still answered. */
START_TEST(drain_waits_for_what_is_owed)
{
	char buffer[100];
	int fd;

	fd = start_with_one(wide, owe);
	say(fd, "a\n");
	until(the.lines == 1);
	net_stop_accepting(the.net);
	net_drain(the.net);
	run_for(50);
	ck_assert_uint_eq(n_conns(), 1);
	say(fd, "not read any more\n");
	conn_answer(the.last, "one\n", 4);
	conn_owe(the.last, false);
	ck_assert_uint_eq(hear_to_end(fd, buffer, sizeof(buffer)), 4);
	close(fd);
	until(n_conns() == 0);
	ck_assert_uint_eq(the.lines, 1);
	net_end();
}
END_TEST

/* Who was reset, or does not read, is not waited for. */
START_TEST(owed_to_the_gone)
{
	int fd;

	net_start("127.0.0.1:0", wide);
	net_set_patience(the.net, 100);
	the.on_lines = owe;
	fd = dial(net_address(the.net));
	say(fd, "a\n");
	until(the.lines == 1);
	reset(fd);
	until(the.closes == 1);
	fd = dial_narrow();
	say(fd, "b\n");
	shutdown(fd, SHUT_WR);
	until(the.lines == 2);
	run_for(20);
	while (the.last->outbox == NULL)
		conn_answer(the.last, filler, sizeof(filler));
	until(the.closes == 2);
	close(fd);
	fd = dial(net_address(the.net));
	say(fd, "c\n");
	shutdown(fd, SHUT_WR);
	until(the.lines == 3);
	run_for(20);
	close(fd); /* the first answer finds nobody, the second knows */
	conn_answer(the.last, "one\n", 4);
	run_for(20);
	conn_answer(the.last, "two\n", 4);
	conn_owe(the.last, false);
	until(the.closes == 3);
	net_end();
}
END_TEST

/* The owner's own closing does not wait, nor does the end of everything. */
START_TEST(close_whatever_is_owed)
{
	int fd;

	fd = start_with_one(wide, owe);
	say(fd, "a\n");
	shutdown(fd, SHUT_WR);
	until(the.lines == 1);
	run_for(20);
	conn_close(the.last);
	until(the.closes == 1);
	close(fd);
	fd = dial(net_address(the.net));
	say(fd, "b\n");
	shutdown(fd, SHUT_WR);
	until(the.lines == 2);
	run_for(20);
	ck_assert_uint_eq(n_conns(), 1);
	net_close_all(the.net);
	ck_assert_uint_eq(n_conns(), 0);
	close(fd);
	net_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		hold_one,
		hold_inside_on_lines,
		hold_and_pause,
		hold_stops_timeouts,
		drain_waits_for_the_held,
		drained_is_told,
		small_answer_is_not_told,
		outbox_grows_to_its_limit,
		drained_by_reset,
		half_close_waits_for_what_is_owed,
		paid_before_the_end,
		owed_answer_in_pieces,
		drain_waits_for_what_is_owed,
		owed_to_the_gone,
		close_whatever_is_owed,
	};

	return RUN_TESTS("net/hold", tests);
}
