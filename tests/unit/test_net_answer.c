/* SPDX-License-Identifier: MPL-2.0 */
/* Answers to clients that asked for them: they arrive whole, whatever the client still sends; who does not
 * read them is closed; who is gone harms nobody, and what it had sent is kept. */
#include "test_net_help.h"

static void answer_and_close(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	conn_answer(conn, "{\"error\":\"E_AUTH\"}\n", 19);
	conn_close(conn);
	conn_answer(conn, "never", 5);
}

/* The client goes on sending after the refusal and still gets to read it. */
START_TEST(answer_survives_unread_input)
{
	char buffer[100];

	net_start("127.0.0.1:0", wide);
	the.on_lines = answer_and_close;
	for (int round = 0; round < 50; round++) {
		int fd = dial(net_address(the.net));
		size_t got = 0;
		ssize_t n;

		the.closes = 0;
		say(fd, "{\"hello\":1}\n");
		until(the.len > 0);
		for (int i = 0; i < 200; i++)
			say(fd, "more that nobody reads any more\n");
		turn();
		for (int i = 0; i < 200; i++)
			say(fd, "more that nobody reads any more\n");
		shutdown(fd, SHUT_WR);
		until(the.closes == 1);
		while ((n = recv(fd, buffer + got, sizeof(buffer) - got, 0)) > 0)
			got += (size_t)n;
		ck_assert_int_eq(n, 0); /* an end, no reset */
		ck_assert_uint_eq(got, 19);
		close(fd);
		the.len = 0;
	}
	net_end();
}
END_TEST

START_TEST(lingering_ends)
{
	char buffer[100];
	int fd;

	fd = start_with_one(wide, answer_and_close);
	say(fd, "{\"hello\":1}\n"); /* and the client just stays */
	until(the.lines == 1);
	/* It gets the answer and the end at once, not after the lingering. */
	ck_assert_int_eq(recv(fd, buffer, sizeof(buffer), MSG_WAITALL), 19);
	ck_assert_uint_eq(the.closes, 0);
	until(the.closes == 1);
	close(fd);
	net_end();
}
END_TEST

static char big_answer[NET_ANSWER_MAX];
static size_t answers;

static void answer_much(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	for (size_t i = 0; i < answers; i++)
		conn_answer(conn, big_answer, sizeof(big_answer));
}

START_TEST(answers_all_arrive)
{
	static char buffer[65536];
	size_t got = 0, sent = 0;
	int fd;

	net_start("127.0.0.1:0", wide);
	memset(big_answer, 'z', sizeof(big_answer));
	answers = 1;
	the.on_lines = answer_much;
	fd = dial_narrow();
	for (int i = 0; i < 60; i++) {
		ssize_t n;

		say(fd, "go\n");
		sent += sizeof(big_answer);
		while (got < sent) {
			turn();
			n = heard(fd, buffer, sizeof(buffer));
			if (n > 0)
				got += (size_t)n;
			ck_assert_int_ne(n, 0);
		}
	}
	ck_assert_uint_eq(got, sent);
	close(fd);
	until(the.closes == 1);
	net_end();
}
END_TEST

START_TEST(full_outbox_closes)
{
	int fd, good;

	net_start("127.0.0.1:0", wide);
	answers = 1000;
	the.on_lines = answer_much;
	fd = dial_narrow();
	good = dial(net_address(the.net));
	say(fd, "go\n");
	until(the.closes == 1);
	ck_assert_uint_eq(n_conns(), 1);
	the.on_lines = NULL;
	say(good, "fine\n");
	until(the.lines == 2);
	close(fd);
	close(good);
	until(the.closes == 2);
	net_end();
}
END_TEST

static void answer_until_it_stays(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	while (conn->outbox == NULL && conn->state == CONN_OPEN)
		conn_answer(conn, big_answer, 1000);
}

START_TEST(unread_answer_closes)
{
	int fd;

	net_start("127.0.0.1:0", wide);
	net_set_patience(the.net, 200);
	the.on_lines = answer_until_it_stays;
	fd = dial_narrow();
	say(fd, "go\npart");
	until(the.lines == 1);
	run_for(60);
	ck_assert_uint_eq(the.closes, 0);
	until(the.closes == 1);
	ck_assert_uint_eq(the.n_faults, 1); /* the unfinished line is told */
	ck_assert_ptr_nonnull(strstr(the.all_notices, "answers were not read (1)"));
	close(fd);
	net_end();
}
END_TEST

/* Who half-closes still gets the answer, as `nc -N` does. */
START_TEST(answer_after_half_close)
{
	static char buffer[65536];
	size_t got = 0;
	ssize_t n;
	int fd;

	net_start("127.0.0.1:0", wide);
	answers = 1;
	the.on_lines = answer_until_it_stays;
	fd = dial_narrow();
	say(fd, "go\n");
	shutdown(fd, SHUT_WR);
	until(the.lines == 1);
	for (;;) {
		turn();
		n = heard(fd, buffer, sizeof(buffer));
		if (n == 0)
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	ck_assert_uint_gt(got, 1000);
	ck_assert_uint_eq(got % 1000, 0);
	close(fd);
	until(the.closes == 1);
	net_end();
}
END_TEST

/* No SIGPIPE (check would report the signal), and input that had come is still handed over. */
START_TEST(answer_to_the_gone)
{
	int fd;

	signal(SIGPIPE, SIG_DFL);
	net_start("127.0.0.1:0", wide);
	answers = 3;
	the.on_lines = answer_much;
	for (int i = 0; i < 50; i++) {
		fd = dial(net_address(the.net));
		say(fd, "a\n");
		turn();
		say(fd, "b\n");
		if (i % 2)
			reset(fd);
		else
			close(fd);
		until(the.net->status.accepted == (uint64_t)i + 1 && n_conns() == 0);
	}
	net_end();
}
END_TEST

static int gone_fd;

static void reset_then_answer(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	if (gone_fd >= 0) {
		say(gone_fd, "b\nc");
		reset(gone_fd);
	}
	gone_fd = -1;
	conn_answer(conn, "{}\n", 3);
	conn_answer(conn, "{}\n", 3);
}

/* That the answer cannot be sent is no reason to throw away what the client had sent before it went. */
START_TEST(failed_answer_loses_no_input)
{
	gone_fd = start_with_one(wide, reset_then_answer);
	say(gone_fd, "a\n");
	until(the.closes == 1);
	ck_assert_uint_eq(the.len, 4);
	ck_assert_mem_eq(the.text, "a\nb\n", 4);
	ck_assert_uint_eq(the.n_faults, 1);
	net_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		answer_survives_unread_input, lingering_ends,
		answers_all_arrive,           full_outbox_closes,
		unread_answer_closes,         answer_after_half_close,
		answer_to_the_gone,           failed_answer_loses_no_input,
	};

	return RUN_TESTS("net/answer", tests);
}
