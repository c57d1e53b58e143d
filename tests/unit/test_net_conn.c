/* SPDX-License-Identifier: MPL-2.0 */
/* Bytes to lines on real sockets: every way a text can be cut, over-long and unfinished lines, the ends of a
 * connection, and silence. */
#include "test_net_help.h"

static void expect_text(const char *text)
{
	ck_assert_uint_eq(the.len, strlen(text));
	ck_assert_mem_eq(the.text, text, the.len);
}

/* A line of len bytes (without its LF). */
static char *line_of(size_t len, const char *end)
{
	char *line = malloc(len + strlen(end) + 1);

	for (size_t i = 0; i < len; i++)
		line[i] = (char)('a' + i % 26);
	strcpy(line + len, end);
	return line;
}

static void send_all_and_close(const char *bytes, size_t len)
{
	struct sender sender;
	size_t closes = the.closes;

	sender_start(&sender, dial(net_address(the.net)), bytes, len);
	until(the.closes > closes);
	pthread_join(sender.thread, NULL);
}

START_TEST(whole_lines)
{
	int fd;

	fd = start_with_one(wide, NULL);
	say(fd, "one\ntwo\r\n\nthree\n");
	until(the.lines == 4);
	expect_text("one\ntwo\r\n\nthree\n"); /* CR and empty lines are the owner's */
	say(fd, "four\n");
	until(the.lines == 5);
	ck_assert_int_eq(strncmp(conn_peer(the.last), "127.0.0.1:", 10), 0);
	close(fd);
	until(the.closes == 1);
	ck_assert_uint_eq(the.n_faults, 0);
	net_end();
}
END_TEST

static const char cut_text[] = "{\"a\":1}\n{\"b\":\"\xC3\xA6\"}\r\n\n\r\nx\n{\"c\":3}\n";

START_TEST(every_split_point)
{
	size_t len = sizeof(cut_text) - 1;

	net_start("127.0.0.1:0", wide);
	for (size_t a = 0; a <= len; a++) {
		for (size_t b = a; b <= len; b += 5) {
			int fd = dial(net_address(the.net));
			struct net_status before, now;

			the.len = the.lines = 0;
			net_status(the.net, &before);
			put(fd, cut_text, a);
			do
				turn(), net_status(the.net, &now);
			while (now.bytes - before.bytes < a);
			put(fd, cut_text + a, b - a);
			do
				turn(), net_status(the.net, &now);
			while (now.bytes - before.bytes < b);
			put(fd, cut_text + b, len - b);
			close(fd);
			until(n_conns() == 0);
			expect_text(cut_text);
		}
	}
	ck_assert_uint_eq(the.n_faults, 0);
	net_end();
}
END_TEST

START_TEST(byte_by_byte)
{
	size_t len = sizeof(cut_text) - 1;
	int fd;

	fd = start_with_one(wide, NULL);
	for (size_t i = 0; i < len; i++) {
		put(fd, cut_text + i, 1);
		until(the.net->status.bytes == i + 1);
	}
	expect_text(cut_text);
	/* Nothing is kept where no line is open. */
	ck_assert_ptr_null(the.net->conns->intake.carry);
	close(fd);
	until(the.closes == 1);
	net_end();
}
END_TEST

/* len, line end, faults, lines */
static const struct {
	size_t len;
	const char *end;
	size_t faults;
} boundary[] = {
	{ 65535, "\n", 0 },   { 65536, "\n", 0 },   { 65536, "\r\n", 0 }, { 65537, "\n", 1 },
	{ 65537, "\r\n", 1 }, { 65538, "\n", 1 },   { 65539, "\n", 1 },   { 131072, "\n", 1 },
	{ 300000, "\n", 1 },  { 1000000, "\n", 1 },
};

/* The long line between good ones, in pieces of many sizes. */
START_TEST(long_lines)
{
	static const size_t pieces[] = { 1, 2, 1000, 4096, 65535, 65536, 65537, 65538, 10000000 };
	char *line = line_of(boundary[_i].len, boundary[_i].end);
	size_t len = strlen(line), good = boundary[_i].faults == 0 ? len : 0;

	net_start("127.0.0.1:0", wide);
	the.keeps_text = false;
	for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
		/* Cut off the front, so that the start of the line is carried. */
		size_t cut = pieces[p] < len ? pieces[p] : len;
		int fd = dial(net_address(the.net));
		struct sender sender;

		the.len = the.lines = the.n_faults = the.closes = 0;
		the.net->status.bytes = 0;
		say(fd, "before\n");
		put(fd, line, cut > 200000 ? 200000 : cut);
		until(the.net->status.bytes == 7 + (cut > 200000 ? 200000 : cut));
		cut = cut > 200000 ? 200000 : cut;
		char *rest = malloc(len - cut + 13);
		memcpy(rest, line + cut, len - cut);
		memcpy(rest + len - cut, "after\nagain\n", 12);
		sender_start(&sender, fd, rest, len - cut + 12);
		until(the.closes == 1);
		pthread_join(sender.thread, NULL);
		free(rest);
		ck_assert_uint_eq(the.n_faults, boundary[_i].faults);
		ck_assert_uint_eq(the.lines, 3 + (good > 0));
		ck_assert_uint_eq(the.len, 7 + 12 + good);
		if (boundary[_i].faults > 0) {
			ck_assert_int_eq(the.faults[0].fault, NET_TOO_LONG);
			ck_assert_uint_gt(the.faults[0].size, DECODE_MAX_LINE);
			ck_assert_uint_le(the.faults[0].size, len);
		}
	}
	free(line);
	net_end();
}
END_TEST

static void drop_lines(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	conn_close(conn);
}

/* Long and short lines mixed at random against a plain count. */
START_TEST(random_texts)
{
	srand(20260401U + (unsigned)_i);
	net_start("127.0.0.1:0", wide);
	for (int round = 0; round < 12; round++) {
		size_t cap = 3000000, len = 0, lines = 0, faults = 0, good = 0, n;
		char *text = malloc(cap), *expected = malloc(cap);

		while (len < cap - 200000) {
			size_t sizes[] = { (size_t)rand() % 300, (size_t)rand() % 140000,
					   65530 + (size_t)rand() % 12, 0 };

			n = sizes[rand() % 16 == 0 ? 1 + rand() % 2 : rand() % 9 == 0 ? 3 : 0];
			memset(text + len, 'a' + rand() % 26, n);
			text[len + n] = '\n';
			if (n > DECODE_MAX_LINE) {
				faults++;
			} else {
				memcpy(expected + good, text + len, n + 1);
				good += n + 1;
				lines++;
			}
			len += n + 1;
		}
		the.len = the.lines = the.n_faults = 0;
		send_all_and_close(text, len);
		ck_assert_uint_eq(the.n_faults, faults);
		ck_assert_uint_eq(the.lines, lines);
		ck_assert_uint_eq(the.len, good);
		ck_assert_mem_eq(the.text, expected, good);
		free(text);
		free(expected);
	}
	net_end();
}
END_TEST

START_TEST(long_first_line_is_no_hello)
{
	char *line = line_of(70000, "\nnext\n");

	net_start("127.0.0.1:0", wide);
	send_all_and_close(line, strlen(line));
	expect_text("next\n");
	free(line);
	net_end();
}
END_TEST

START_TEST(half_close)
{
	char byte;
	int fd;

	fd = start_with_one(wide, NULL);
	say(fd, "whole\npart");
	shutdown(fd, SHUT_WR);
	until(the.closes == 1);
	expect_text("whole\n");
	ck_assert_uint_eq(the.n_faults, 1);
	ck_assert_int_eq(the.faults[0].fault, NET_PARTIAL);
	ck_assert_uint_eq(the.faults[0].size, 4);
	/* Silence: the client sees the end and not one byte. */
	ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
	close(fd);
	net_end();
}
END_TEST

START_TEST(end_inside_a_long_line)
{
	char *line = line_of(70000, "");

	net_start("127.0.0.1:0", wide);
	send_all_and_close(line, strlen(line));
	ck_assert_uint_eq(the.n_faults, 1); /* too long, and not partial as well */
	ck_assert_int_eq(the.faults[0].fault, NET_TOO_LONG);
	free(line);
	net_end();
}
END_TEST

START_TEST(reset_keeps_what_came)
{
	int fd;

	fd = start_with_one(wide, NULL);
	say(fd, "one\ntwo\nthr");
	reset(fd);
	until(the.closes == 1);
	expect_text("one\ntwo\n");
	ck_assert_uint_eq(the.n_faults, 1);
	ck_assert_int_eq(the.faults[0].fault, NET_PARTIAL);
	/* Resets of all kinds harm nobody. */
	for (int i = 0; i < 200; i++) {
		fd = dial(net_address(the.net));
		if (i % 3 == 0)
			say(fd, "x\n");
		if (i % 2 == 0)
			turn();
		reset(fd);
	}
	until(the.net->status.accepted >= 150 && n_conns() == 0);
	net_end();
}
END_TEST

START_TEST(unix_socket)
{
	int fd;

	net_start(temp_path("in.sock"), wide);
	fd = dial(net_address(the.net));
	say(fd, "hello\n");
	until(the.lines == 1);
	ck_assert_str_eq(conn_peer(the.last), "unix");
	close(fd);
	until(the.closes == 1);
	net_end();
	rmdir(temp_path(""));
}
END_TEST

/* Closing */

START_TEST(close_inside_on_lines)
{
	int fd;

	fd = start_with_one(wide, drop_lines);
	say(fd, "first\n");
	until(the.closes == 1);
	ck_assert_uint_eq(n_conns(), 0);
	close(fd);
	/* A long line divides what is handed over: the second half must not come. */
	char *text = line_of(70000, "\nlater\n");
	text[5] = '\n';
	the.lines = 0;
	send_all_and_close(text, strlen(text));
	ck_assert_uint_eq(the.lines, 1);
	ck_assert_uint_eq(the.n_faults, 0);
	free(text);
	net_end();
}
END_TEST

static struct conn *others[2];

static void close_all_there_are(struct conn *conn, const char *lines, size_t len)
{
	(void)lines, (void)len;
	for (int i = 0; i < 2; i++)
		if (others[i] != NULL)
			conn_close(others[i]);
	conn_close(conn);
	conn_close(conn);
	net_close_all(the.net);
}

START_TEST(close_others_inside_on_lines)
{
	int a, b;

	a = start_with_one(wide, NULL);
	b = dial(net_address(the.net));
	until(n_conns() == 2);
	others[0] = the.net->conns;
	others[1] = the.net->conns->next;
	the.on_lines = close_all_there_are;
	say(a, "x\n");
	say(b, "y\n"); /* both are ready in one turn */
	until(the.closes == 2);
	ck_assert_uint_eq(the.lines, 1);
	close(a);
	close(b);
	net_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		whole_lines,
		every_split_point,
		byte_by_byte,
		long_first_line_is_no_hello,
		half_close,
		end_inside_a_long_line,
		reset_keeps_what_came,
		unix_socket,
		close_inside_on_lines,
		close_others_inside_on_lines,
	};
	TCase *tcase = suite_case("net/conn", NULL, NULL);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, long_lines, 0, SUITE_LENGTH(boundary));
	tcase_add_loop_test(tcase, random_texts, 0, 3);
	return suite_run("net/conn", tcase);
}
