/* SPDX-License-Identifier: MPL-2.0 */
/* Acknowledgements over real sockets, with the journal played by a number: in order, coalesced, never before
 * their block is durable; a client past its window, or one that reads nothing, waits alone; and the hello
 * that asks for them. */
#include "test_net_help.h"

#include "base/str.h"
#include "event/frame.h"
#include "run/hello.h"

#include <jansson.h>

#define DETAIL "nothing \"knows\" this"

static struct acks_book book;
static uint64_t block; /* the open one */

/* A line's first letter says what becomes of it: a(ccepted), d(uplicate), r(efused; the rest is its id). */
static void judge(struct acks *acks, struct effort_str line)
{
	struct effort_str id = { line.ptr + 1, line.len - 1 };

	if (line.ptr[0] == 'a')
		acks_accepted(acks, block);
	else if (line.ptr[0] == 'd')
		acks_duplicate(acks, block);
	else
		acks_refused(acks, block, id, id.len > 0 ? E_KLE : E_JSON, DETAIL);
}

static void take_lines(struct conn *conn, const char *lines, size_t len)
{
	struct producer *producer = producer_of(conn);
	char *at = (char *)(uintptr_t)lines;
	const char *next;
	struct frame frame = { 0 };
	struct effort_str line;

	if (!conn->is_answered && !hello_take(conn, producer, &book, &at, &len))
		return;
	next = at;
	while (frame_next(&frame, &next, at + len, &line) == FRAME_LINE)
		if (producer->acks != NULL)
			judge(producer->acks, line);
}

static void go_on(struct conn *conn)
{
	struct producer *producer = conn_user(conn);

	if (producer != NULL && producer->acks != NULL)
		acks_drained(producer->acks);
}

static void start_on(const char *spec)
{
	net_start(spec, wide);
	the.on_lines = take_lines;
	the.on_drained = go_on;
	the.on_close = producer_free;
	book = (struct acks_book){ 0 };
	block = 7;
}

static void start(void)
{
	start_on("127.0.0.1:0");
}

/* Reads what there is within 30 ms. */
static const char *hear(int fd)
{
	static char text[1 << 20];
	size_t got = 0;

	for (int i = 0; i < 6; i++) {
		ssize_t n = heard(fd, text + got, sizeof(text) - 1 - got);

		got += n > 0 ? (size_t)n : 0;
		run_for(5);
	}
	text[got] = '\0';
	return text;
}

#define HELLO  "{\"hello\":1,\"acks\":true}\n"
#define ANSWER "{\"ok\":1,\"max_line\":65536,\"window\":10000}\n"

static int dial_acks(void)
{
	int fd = dial(net_address(the.net));
	size_t lines = the.lines;

	say(fd, HELLO);
	until(the.lines == lines + 1);
	ck_assert_str_eq(hear(fd), ANSWER);
	return fd;
}

static void say_lines(int fd, const char *text, size_t n)
{
	size_t lines = the.lines;

	say(fd, text);
	until(the.lines == lines + n);
}

static struct acks *its_acks(void)
{
	return ((struct producer *)conn_user(the.last))->acks;
}

static void end(int fd)
{
	size_t closes = the.closes;

	close(fd);
	acks_durable(&book, UINT64_MAX);
	until(the.closes == closes + 1);
	ck_assert_ptr_null(book.first);
	net_end();
	ck_assert_uint_eq(book.connections + book.unsettled + book.kept, 0);
	rmdir(temp_path(""));
}

START_TEST(ack_waits_for_the_disk)
{
	int fd;

	start();
	fd = dial_acks();
	ck_assert_ptr_null(book.first);
	say_lines(fd, "a\na\n\nd\n", 4); /* an empty line is none */
	ck_assert_uint_eq(book.unsettled, 3);
	ck_assert_uint_eq(book.connections, 1);
	ck_assert_str_eq(hear(fd), "");
	acks_durable(&book, 6);
	ck_assert_str_eq(hear(fd), "");
	acks_durable(&book, 7);
	ck_assert_uint_eq(book.unsettled, 0);
	ck_assert_str_eq(hear(fd), "{\"ack\":3,\"accepted\":2,\"duplicate\":1,\"refused\":0}\n");
	ck_assert_ptr_null(book.first);
	acks_durable(&book, 8);
	ck_assert_str_eq(hear(fd), "");
	end(fd);
}
END_TEST

/* Lines of the block on its way and of the open one are told apart, and what becomes durable together is told
 * together. */
START_TEST(blocks_and_coalescing)
{
	int fd;

	start();
	fd = dial_acks();
	say_lines(fd, "a\n", 1);
	block = 8;
	say_lines(fd, "a\nrx1\n", 2);
	block = 9;
	say_lines(fd, "d\n", 1);
	acks_durable(&book, 7);
	ck_assert_str_eq(hear(fd), "{\"ack\":1,\"accepted\":1,\"duplicate\":0,\"refused\":0}\n");
	acks_durable(&book, 9);
	ck_assert_str_eq(
		hear(fd),
		"{\"nack\":3,\"id\":\"x1\",\"code\":\"E_KLE\",\"detail\":\"nothing \\\"knows\\\" this\"}\n"
		"{\"ack\":4,\"accepted\":2,\"duplicate\":1,\"refused\":1}\n");
	end(fd);
}
END_TEST

/* More blocks than there are slots: told later than could be, never sooner. */
START_TEST(many_blocks)
{
	char expected[100];
	int fd;

	start();
	fd = dial_acks();
	for (int i = 0; i < 10; i++, block++)
		say_lines(fd, i == 4 ? "rx\n" : "a\n", 1);
	acks_durable(&book, 15); /* the last line lies in 16 */
	hear(fd);
	ck_assert_uint_ge(book.unsettled, 1);
	acks_durable(&book, 16);
	snprintf(expected, sizeof(expected), "{\"ack\":10,\"accepted\":9,\"duplicate\":0,\"refused\":1}\n");
	ck_assert_ptr_nonnull(strstr(hear(fd), expected));
	end(fd);
}
END_TEST

/* Ids are any printable ASCII. */
START_TEST(nack_is_json)
{
	const char *line, *next;
	char text[200] = "r";
	int fd;

	start();
	fd = dial_acks();
	for (int c = ' '; c < 127; c++)
		text[1 + c - ' '] = (char)c;
	strcat(text, "\nr\na\n");
	say_lines(fd, text, 3);
	acks_durable(&book, block);
	line = hear(fd);
	for (int i = 1; i <= 3; i++, line = next + 1) {
		json_t *doc;

		next = strchr(line, '\n');
		doc = json_loadb(line, (size_t)(next - line), JSON_REJECT_DUPLICATES, NULL);
		ck_assert_ptr_nonnull(doc);
		ck_assert_int_eq(json_integer_value(json_object_get(doc, i < 3 ? "nack" : "ack")), i);
		if (i == 1) {
			text[1 + 127 - ' '] = '\0';
			ck_assert_str_eq(json_string_value(json_object_get(doc, "id")), text + 1);
		}
		if (i == 2) {
			ck_assert_str_eq(json_string_value(json_object_get(doc, "id")), "");
			ck_assert_str_eq(json_string_value(json_object_get(doc, "code")), "E_JSON");
		}
		if (i < 3)
			ck_assert_str_eq(json_string_value(json_object_get(doc, "detail")), DETAIL);
		json_decref(doc);
	}
	ck_assert_str_eq(line, "");
	end(fd);
}
END_TEST

/* A clean end: everything that was read is still told. */
START_TEST(half_close_gets_its_acks)
{
	const char *ack;
	int fd;

	start();
	fd = dial_acks();
	say(fd, "a\na\nr1\n");
	shutdown(fd, SHUT_WR);
	until(the.lines == 4);
	run_for(30);
	ck_assert_uint_eq(the.closes, 0);
	acks_durable(&book, block);
	ack = hear(fd);
	ck_assert_ptr_nonnull(strstr(ack, "{\"nack\":3"));
	ck_assert_ptr_nonnull(strstr(ack, "{\"ack\":3,\"accepted\":2,\"duplicate\":0,\"refused\":1}\n"));
	until(the.closes == 1);
	close(fd);
	net_end();
}
END_TEST

static char *repeated(const char *line, size_t n)
{
	size_t len = strlen(line);
	char *text = malloc(n * len + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, line, len);
	text[n * len] = '\0';
	return text;
}

START_TEST(window_holds_one_alone)
{
	char *full = repeated("a\n", ACKS_WINDOW);
	int fd, other;

	start();
	fd = dial_acks();
	say_lines(fd, full, ACKS_WINDOW);
	ck_assert(!the.last->is_held); /* who keeps to the window is never stopped */
	say_lines(fd, "a\n", 1);
	ck_assert(the.last->is_held);
	say(fd, "a\n");
	other = dial_acks();
	say_lines(other, "a\n", 1);
	ck_assert_uint_eq(the.lines, 1 + ACKS_WINDOW + 1 + 2);
	acks_durable(&book, block);
	until(the.lines == 1 + ACKS_WINDOW + 2 + 2);
	ck_assert_ptr_nonnull(strstr(hear(fd), "{\"ack\":10001,\"accepted\":10001,"));
	close(other);
	until(the.closes == 1);
	end(fd);
	free(full);
}
END_TEST

/* Bad lines without end from a client that does not read: what is kept of them has a bound, and once it reads
 * it is told each of them, in order. */
START_TEST(flood_of_refusals)
{
	enum { LINES = 120000 };
	char *text = repeated("r\n", LINES);
	static char answers[16 << 20];
	struct sender sender;
	size_t got = 0, most_unsent = 0;
	unsigned long next = 1;
	char *line, *end_of_line, *context = NULL;
	int fd;

	start();
	the.keeps_text = false;
	fd = dial_acks();
	sender_start(&sender, dup(fd), text, 2 * LINES);
	for (;;) {
		ssize_t n = heard(fd, answers + got, 3000);

		if (n > 0)
			got += (size_t)n;
		turn();
		acks_durable(&book, block++);
		if (conn_unsent(the.last) > most_unsent)
			most_unsent = conn_unsent(the.last);
		answers[got] = '\0';
		if (got > 60 && strstr(answers + got - 60, ",\"refused\":120000}\n") != NULL)
			break;
	}
	ck_assert_uint_lt(most_unsent, NET_ANSWER_MAX);
	for (line = strtok_r(answers, "\n", &context); line != NULL; line = strtok_r(NULL, "\n", &context)) {
		if (strncmp(line, "{\"nack\":", 8) == 0) {
			ck_assert_uint_eq(strtoul(line + 8, &end_of_line, 10), next);
			next++;
		} else {
			ck_assert_uint_eq(strtoul(line + 7, &end_of_line, 10), next - 1);
		}
	}
	ck_assert_uint_eq(next, LINES + 1);
	pthread_join(sender.thread, NULL);
	end(fd);
	free(text);
}
END_TEST

/* All clients together keep no more than ACKS_KEPT_MAX: who wants more is closed, and the others are told. */
START_TEST(refusals_of_all_are_bounded)
{
	int good, bad;
	struct conn *conn;
	struct acks *acks;

	start();
	good = dial_acks();
	say_lines(good, "rx\n", 1);
	bad = dial_acks();
	conn = the.last;
	acks = its_acks();
	while (conn->state == CONN_OPEN)
		acks_refused(acks, block, str_of("y"), E_KLE, DETAIL);
	ck_assert_uint_le(book.kept, ACKS_KEPT_MAX);
	ck_assert_uint_gt(book.kept, ACKS_KEPT_MAX / 4);
	acks_refused(acks, block, str_of("y"), E_KLE, DETAIL); /* no more effect */
	acks_accepted(acks, block);
	acks_durable(&book, block);
	ck_assert_ptr_nonnull(
		strstr(hear(good), "{\"ack\":1,\"accepted\":0,\"duplicate\":0,\"refused\":1}\n"));
	ck_assert_str_eq(hear(bad), "");
	close(bad);
	until(the.closes == 1);
	ck_assert_uint_eq(book.kept, 0);
	end(good);
}
END_TEST

/* On unix sockets the kernel's buffers are of one size.
 * One that never reads is stopped while it owes us the reading, then closed; the other goes on. */
START_TEST(non_reader_waits_alone)
{
	int fd, good;
	struct conn *bad;

	start_on(temp_path("slow"));
	net_set_patience(the.net, 300);
	fd = dial(net_address(the.net));
	say_lines(fd, HELLO, 1);
	bad = the.last;
	while (!bad->is_held) {
		say_lines(fd, "a\n", 1);
		acks_durable(&book, block++);
		ck_assert_uint_lt(conn_unsent(bad), 1000);
	}
	good = dial_acks();
	say_lines(good, "a\n", 1);
	acks_durable(&book, block);
	ck_assert_str_eq(hear(good), "{\"ack\":1,\"accepted\":1,\"duplicate\":0,\"refused\":0}\n");
	until(the.closes == 1);
	say_lines(good, "a\n", 1);
	close(fd);
	end(good);
}
END_TEST

/* A client that reads late finds the newest ack, and goes on. */
START_TEST(drained_goes_on)
{
	char buffer[65536] = "";
	struct conn *conn;
	size_t got = 0, sent = 0;
	char expected[100];
	int fd;

	start_on(temp_path("late"));
	fd = dial_acks();
	conn = the.last;
	for (; !conn->is_held; sent++) {
		say_lines(fd, "a\n", 1);
		acks_durable(&book, block++);
	}
	say(fd, "d\n");
	snprintf(expected, sizeof(expected), "{\"ack\":%zu,\"accepted\":%zu,\"duplicate\":1,\"refused\":0}\n",
		 sent + 1, sent);
	do {
		ssize_t n = heard(fd, buffer, sizeof(buffer) - 1);

		if (n > 0) {
			got += (size_t)n;
			buffer[n] = '\0';
		}
		turn();
		acks_durable(&book, block);
	} while (strstr(buffer, expected) == NULL);
	ck_assert(!conn->is_held);
	ck_assert_uint_gt(got, 1000);
	end(fd);
}
END_TEST

/* --- hello --- */

static void expect_answer(const char *hello, const char *answer)
{
	static char buffer[300];
	int fd = dial(net_address(the.net));
	size_t got = 0, closes = the.closes;
	bool closed = false;

	say(fd, hello);
	for (int i = 0; i < 400 && !closed && (got == 0 || buffer[got - 1] != '\n'); i++) {
		ssize_t n = heard(fd, buffer + got, sizeof(buffer) - 1 - got);

		closed = n == 0;
		got += n > 0 ? (size_t)n : 0;
		run_for(1);
	}
	buffer[got] = '\0';
	ck_assert_str_eq(buffer, answer);
	close(fd);
	until(the.closes == closes + 1);
}

START_TEST(hello_answers)
{
	start();
	expect_answer("{\"hello\":1}\n", ANSWER);
	ck_assert_ptr_null(book.first);
	expect_answer("{\"hello\":1,\"acks\":false}\n", ANSWER);
	expect_answer("{\"acks\":true,\"hello\":1,\"source\":\"borger.dk\"}\r\n", ANSWER);
	expect_answer("{\"hello\":1,\"acks\":\"yes\"}\n",
		      "{\"error\":\"E_TYPE\",\"detail\":\"acks must be true or false\"}\n");
	expect_answer("{\"hello\":2,\"acks\":true}\n",
		      "{\"error\":\"E_VALUE\",\"detail\":\"only hello version 1 is spoken here\"}\n");
	expect_answer("{\"hello\":1,\"acks\":true,\"token\":\"x\"}\n",
		      "{\"error\":\"E_AUTH\",\"detail\":\"no tokens are configured in this version\"}\n");
	expect_answer("{\"hello\":1,\"source\":\"a b\"}\n",
		      "{\"error\":\"E_SOURCE\",\"detail\":\"source must be 1 to 128 bytes of visible text "
		      "without spaces\"}\n");
	net_end();
}
END_TEST

/* Lines that come with the hello in one piece count from 1, and without acks nobody is told anything. */
START_TEST(hello_with_lines)
{
	int fd;

	start();
	fd = dial(net_address(the.net));
	say_lines(fd, HELLO "a\nr1\n", 3);
	acks_durable(&book, block);
	ck_assert_str_eq(
		hear(fd), ANSWER
		"{\"nack\":2,\"id\":\"1\",\"code\":\"E_KLE\",\"detail\":\"nothing \\\"knows\\\" this\"}\n"
		"{\"ack\":2,\"accepted\":1,\"duplicate\":0,\"refused\":1}\n");
	close(fd);
	until(the.closes == 1);
	fd = dial(net_address(the.net));
	say_lines(fd, "{\"hello\":1,\"source\":\"borger.dk\"}\na\n", 2);
	acks_durable(&book, block);
	ck_assert_str_eq(hear(fd), ANSWER);
	end(fd);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ack_waits_for_the_disk,
		blocks_and_coalescing,
		many_blocks,
		nack_is_json,
		half_close_gets_its_acks,
		window_holds_one_alone,
		flood_of_refusals,
		refusals_of_all_are_bounded,
		non_reader_waits_alone,
		drained_goes_on,
		hello_answers,
		hello_with_lines,
	};

	return RUN_TESTS("run/acks", tests);
}
