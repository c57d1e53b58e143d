/* SPDX-License-Identifier: MPL-2.0 */
/* The control socket with real clients: requests in pieces, too long, several at once; answers late, large,
 * to nobody; and its limits. */
#include "test_net_help.h"

static struct {
	struct control *control;
	uint64_t ids[1000];
	char request[CONTROL_REQUEST_MAX + 1];
	size_t len, n;
	bool waits; /* do not answer yet */
	const char *answer;
	size_t answer_len;
} boss;

static void on_request(void *ctx, uint64_t id, const char *request, size_t len)
{
	ck_assert_ptr_eq(ctx, &boss);
	ck_assert_uint_le(len, CONTROL_REQUEST_MAX);
	ck_assert_int_eq(request[len], '\0');
	memcpy(boss.request, request, len + 1);
	boss.len = len;
	boss.ids[boss.n++ % 1000] = id;
	if (boss.waits)
		return;
	if (boss.answer != NULL)
		control_answer(boss.control, id, boss.answer, boss.answer_len);
	else
		control_answer(boss.control, id, request, len); /* an echo */
}

static char path[128];

static void control_start(void)
{
	struct control_owner owner = { &boss, on_request };
	struct error error = { "" };

	memset(&boss, 0, sizeof(boss));
	strcpy(path, temp_path("control.sock"));
	the.base = event_base_new();
	boss.control = control_open(the.base, path, &owner, &error);
	ck_assert_msg(boss.control != NULL, "%s", error.text);
}

static void control_end(void)
{
	struct stat st;

	control_close(boss.control);
	event_base_free(the.base);
	ck_assert_int_lt(stat(path, &st), 0);
	rmdir(temp_path(""));
}

/* The next `len` bytes the client gets. */
static void expect_bytes(int fd, const char *text)
{
	size_t len = strlen(text), got = 0;
	char *buffer = malloc(len + 1);

	while (got < len) {
		ssize_t n = heard(fd, buffer + got, len - got);

		ck_assert_msg(n > 0 || (n < 0 && errno == EAGAIN), "%s after %zu bytes",
			      n == 0 ? "closed" : "error", got);
		got += n > 0 ? (size_t)n : 0;
		run_for(1);
	}
	buffer[len] = '\0';
	ck_assert_str_eq(buffer, text);
	free(buffer);
}

static void expect_closed(int fd)
{
	char byte;
	ssize_t n;
	int64_t end = clock_mono_ms() + WAIT_MS;

	while ((n = heard(fd, &byte, 1)) < 0 && errno == EAGAIN) {
		run_for(1);
		ck_assert_int_lt(clock_mono_ms(), end);
	}
	ck_assert_int_le(n, 0);
	close(fd);
}

START_TEST(requests)
{
	int fd;
	struct stat st;

	control_start();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0660);
	fd = dial(path);
	say(fd, "{\"cmd\":\"status\"}\n");
	expect_bytes(fd, "{\"cmd\":\"status\"}\n");
	/* In pieces, with CR, after empty lines. */
	for (const char *p = "\n\r\n{\"a\":1}\r\n"; *p != '\0'; p++) {
		put(fd, p, 1);
		run_for(1);
	}
	expect_bytes(fd, "{\"a\":1}\n");
	/* Many at once come in order, one at a time. */
	char many[4000] = "", expected[4000] = "";
	for (int i = 0; i < 300; i++)
		sprintf(many + strlen(many), "%d\n", i), sprintf(expected + strlen(expected), "%d\n", i);
	say(fd, many);
	expect_bytes(fd, expected);
	ck_assert_uint_eq(boss.n, 302);
	for (int i = 1; i < 302; i++)
		ck_assert_uint_ne(boss.ids[i], boss.ids[i - 1]);
	close(fd);
	control_end();
}
END_TEST

START_TEST(a_buffer_full_of_requests)
{
	char *many = malloc(200001);
	int fd, seen = 0;

	control_start();
	memset(many, '\n', 200000);
	for (int i = 0; i < 200000; i += 2)
		many[i] = 'x';
	many[200000] = '\0';
	fd = dial(path);
	struct sender sender;
	sender_start(&sender, dup(fd), many, 200000);
	while (seen < 200000) {
		char buffer[4096];
		ssize_t n = heard(fd, buffer, sizeof(buffer));

		ck_assert(n > 0 || (n < 0 && errno == EAGAIN));
		for (ssize_t i = 0; i < n; i++, seen++)
			ck_assert_int_eq(buffer[i], seen % 2 ? '\n' : 'x');
		turn();
	}
	pthread_join(sender.thread, NULL);
	close(fd);
	free(many);
	control_end();
}
END_TEST

START_TEST(late_answers)
{
	int a, b;

	control_start();
	boss.waits = true;
	a = dial(path);
	b = dial(path);
	say(a, "from a\nagain a\n");
	until(boss.n == 1);
	say(b, "from b\n");
	until(boss.n == 2);
	run_for(20);
	ck_assert_uint_eq(boss.n, 2); /* a's second waits for the answer to the first */
	control_answer(boss.control, boss.ids[1], "to b", 4);
	control_answer(boss.control, boss.ids[1], "twice", 5); /* ignored */
	control_answer(boss.control, boss.ids[0], "to a", 4);
	control_answer(boss.control, 12345, "nobody", 6);
	expect_bytes(a, "to a\n");
	expect_bytes(b, "to b\n");
	until(boss.n == 3);
	control_answer(boss.control, boss.ids[2], "a2", 2);
	expect_bytes(a, "a2\n");
	close(a);
	close(b);
	control_end();
}
END_TEST

/* `nc -N` and `socat`: the request, then the end; with and without the last LF. */
START_TEST(half_close)
{
	int fd;

	control_start();
	for (int i = 0; i < 2; i++) {
		boss.waits = true;
		boss.n = 0;
		fd = dial(path);
		say(fd, i == 0 ? "one\ntwo\n" : "one\ntwo");
		shutdown(fd, SHUT_WR);
		until(boss.n == 1);
		run_for(10);
		boss.waits = false;
		control_answer(boss.control, boss.ids[0], "1", 1);
		expect_bytes(fd, "1\ntwo\n");
		expect_closed(fd);
	}
	control_end();
}
END_TEST

START_TEST(gone_before_the_answer)
{
	uint64_t old;
	int fd;

	control_start();
	boss.waits = true;
	fd = dial(path);
	say(fd, "slow\n");
	until(boss.n == 1);
	old = boss.ids[0];
	close(fd);
	run_for(20);
	control_answer(boss.control, old, "late", 4);
	run_for(20);
	/* The place has a new client now; the old id is not its. */
	fd = dial(path);
	say(fd, "new\n");
	until(boss.n == 2);
	control_answer(boss.control, old, "wrong", 5);
	control_answer(boss.control, boss.ids[1], "right", 5);
	expect_bytes(fd, "right\n");
	close(fd);
	run_for(20);
	/* Gone when the answer comes at once: its further requests go with it. */
	boss.waits = false;
	fd = dial(path);
	say(fd, "x\ny\nz\n");
	close(fd);
	until(boss.n == 3);
	run_for(20);
	ck_assert_uint_eq(boss.n, 3);
	control_end();
}
END_TEST

START_TEST(length_limit)
{
	char *longest = malloc(CONTROL_REQUEST_MAX + 3);
	int fd;
	struct sender sender;

	control_start();
	memset(longest, 'x', CONTROL_REQUEST_MAX + 2);
	longest[CONTROL_REQUEST_MAX] = '\n';
	longest[CONTROL_REQUEST_MAX + 1] = '\0';
	fd = dial(path);
	sender_start(&sender, dup(fd), longest, CONTROL_REQUEST_MAX + 1);
	expect_bytes(fd, longest);
	pthread_join(sender.thread, NULL);
	ck_assert_uint_eq(boss.len, CONTROL_REQUEST_MAX);
	longest[CONTROL_REQUEST_MAX] = 'x';
	longest[CONTROL_REQUEST_MAX + 1] = '\n';
	sender_start(&sender, dup(fd), longest, CONTROL_REQUEST_MAX + 2);
	expect_bytes(fd, "{\"error\":\"E_TOO_LONG\"");
	ck_assert_uint_eq(boss.n, 1);
	int64_t end = clock_mono_ms() + WAIT_MS;
	char rest[200];
	for (ssize_t n = 1; n > 0 || (n < 0 && errno == EAGAIN); n = heard(fd, rest, sizeof(rest))) {
		run_for(1);
		ck_assert_int_lt(clock_mono_ms(), end);
	}
	pthread_join(sender.thread, NULL);
	close(fd);
	free(longest);
	control_end();
}
END_TEST

START_TEST(large_answer_and_slow_reader)
{
	size_t len = 20 * 1024 * 1024, got = 0;
	char *big = malloc(len), *buffer = malloc(65536);
	int fds[4];

	control_start();
	control_set_patience(boss.control, 300);
	memset(big, 'y', len);
	boss.answer = big;
	boss.answer_len = len;
	for (int i = 0; i < 4; i++) {
		fds[i] = dial(path);
		say(fds[i], "give\n");
		until(boss.n == (size_t)i + 1);
	}
	/* 64 MiB is the bound: three fit, the fourth is closed. */
	expect_closed(fds[3]);
	/* One that reads slowly is served to its end, though it takes longer than the patience; who does not
	 * read goes. */
	int64_t begin = clock_mono_ms();
	while (got < len + 1) {
		ssize_t n = heard(fds[0], buffer, 65536);

		got += n > 0 ? (size_t)n : 0;
		ck_assert_int_ne(n, 0);
		run_for(got < len / 20 ? 20 : 0);
		turn();
	}
	ck_assert_int_gt(clock_mono_ms() - begin, 300);
	run_for(600);
	for (int i = 1; i < 3; i++) {
		got = 0;
		for (;;) {
			ssize_t n = heard(fds[i], buffer, 65536);

			if (n == 0 || (n < 0 && errno != EAGAIN))
				break;
			got += n > 0 ? (size_t)n : 0;
			run_for(n < 0 ? 5 : 0);
		}
		ck_assert_uint_lt(got, len);
		close(fds[i]);
	}
	boss.answer = NULL;
	say(fds[0], "still here\n");
	expect_bytes(fds[0], "still here\n");
	close(fds[0]);
	free(big);
	free(buffer);
	control_end();
}
END_TEST

START_TEST(places)
{
	int fds[CONTROL_CLIENTS + 1];

	control_start();
	for (int i = 0; i <= CONTROL_CLIENTS; i++) {
		fds[i] = dial(path);
		say(fds[i], "hi\n");
	}
	until(boss.n == CONTROL_CLIENTS);
	run_for(30);
	ck_assert_uint_eq(boss.n, CONTROL_CLIENTS);
	ck_assert_uint_lt(run_for(100), 60); /* waiting costs nothing */
	close(fds[5]);
	until(boss.n == CONTROL_CLIENTS + 1);
	expect_bytes(fds[CONTROL_CLIENTS], "hi\n");
	for (int i = 0; i <= CONTROL_CLIENTS; i++)
		if (i != 5)
			close(fds[i]);
	control_end();
}
END_TEST

/* Who only sits there may stay while there is room, and makes room when there is none. */
START_TEST(sitters_make_room)
{
	int fds[CONTROL_CLIENTS + 1];

	control_start();
	control_set_patience(boss.control, 100);
	fds[0] = dial(path);
	run_for(250);
	say(fds[0], "stayed\n");
	expect_bytes(fds[0], "stayed\n");
	for (int i = 1; i <= CONTROL_CLIENTS; i++)
		fds[i] = dial(path);
	say(fds[CONTROL_CLIENTS], "room\n");
	expect_bytes(fds[CONTROL_CLIENTS], "room\n");
	for (int i = 0; i <= CONTROL_CLIENTS; i++)
		close(fds[i]);
	control_end();
}
END_TEST

START_TEST(unfinished_request)
{
	int fd;

	control_start();
	control_set_patience(boss.control, 100);
	fd = dial(path);
	say(fd, "{\"cmd\":");
	expect_closed(fd);
	ck_assert_uint_eq(boss.n, 0);
	control_end();
}
END_TEST

START_TEST(second_daemon)
{
	struct control_owner owner = { &boss, on_request };
	struct error error = { "" };
	int fd;

	control_start();
	ck_assert_ptr_null(control_open(the.base, path, &owner, &error));
	ck_assert_msg(strstr(error.text, "running already?") != NULL, "%s", error.text);
	fd = dial(path); /* the first one still has it */
	say(fd, "x\n");
	expect_bytes(fd, "x\n");
	close(fd);
	control_end();
}
END_TEST

START_TEST(killed_daemon_leaves_a_stale_file)
{
	pid_t child;
	int status;

	temp_path(""); /* one folder for both */
	child = fork();
	if (child == 0) {
		control_start();
		_exit(0);
	}
	waitpid(child, &status, 0);
	control_start();
	int fd = dial(path);
	say(fd, "x\n");
	expect_bytes(fd, "x\n");
	close(fd);
	control_end();
}
END_TEST

/* At the limit of descriptors one can still ask. */
START_TEST(out_of_descriptors)
{
	struct rlimit limit, tight;
	int fd, second, lowest;

	control_start();
	fd = dial(path);
	second = dial(path);
	say(fd, "one\n");
	say(second, "two\n");
	getrlimit(RLIMIT_NOFILE, &limit);
	tight = limit;
	lowest = dup(0);
	close(lowest);
	tight.rlim_cur = (rlim_t)lowest;
	setrlimit(RLIMIT_NOFILE, &tight);
	expect_bytes(fd, "one\n");
	ck_assert_uint_lt(run_for(300), 200);
	ck_assert_uint_eq(boss.n, 1);
	close(fd);
	expect_bytes(second, "two\n");
	setrlimit(RLIMIT_NOFILE, &limit);
	close(second);
	control_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		requests,
		a_buffer_full_of_requests,
		late_answers,
		half_close,
		gone_before_the_answer,
		length_limit,
		large_answer_and_slow_reader,
		places,
		sitters_make_room,
		unfinished_request,
		second_daemon,
		killed_daemon_leaves_a_stale_file,
		out_of_descriptors,
	};

	return RUN_TESTS("net/control", tests);
}
