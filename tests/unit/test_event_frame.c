/* SPDX-License-Identifier: MPL-2.0 */
/* Lines out of a stream: line ends, empty lines, the limit, and the same lines however the stream is cut. */
#include "event/frame.h"
#include "test_event_case.h"

/* Feeds a stream in pieces of `step` bytes as a connection would, and writes what comes out: "<line>" or
 * "!size;". */
static void feed(const char *bytes, size_t len, size_t step, char *out, size_t *ret_rest)
{
	char *kept = malloc(len + 1);
	size_t kept_len = 0;
	struct frame f = { 0 };

	*out = '\0';
	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step;

		memcpy(kept + kept_len, bytes + at, n);
		kept_len += n;

		const char *p = kept;
		struct effort_str line;
		enum frame_found found;

		while ((found = frame_next(&f, &p, kept + kept_len, &line)) != FRAME_REST) {
			if (found == FRAME_LINE)
				out += sprintf(out, "<%.*s>", line.len > 20 ? 1 : (int)line.len, line.ptr);
			else
				out += sprintf(out, "!%zu;", line.len);
		}
		kept_len -= (size_t)(p - kept);
		memmove(kept, p, kept_len);
		ck_assert_uint_le(kept_len, FRAME_MAX_REST);
	}
	*ret_rest = frame_end(&f, kept, kept + kept_len);
	free(kept);
}

START_TEST(line_ends)
{
	static const struct {
		const char *stream, *want;
		size_t rest;
	} cases[] = {
		{ "", "", 0 },
		{ "a\n", "<a>", 0 },
		{ "a\r\n", "<a>", 0 },
		{ "a\nb\n", "<a><b>", 0 },
		{ "\n\r\n\n", "", 0 },
		{ "\na\n\n\r\nb\n", "<a><b>", 0 },
		{ "a\r\r\n", "<a\r>", 0 },
		{ "a\rb\n", "<a\rb>", 0 },
		{ "a", "", 1 },
		{ "a\nbc", "<a>", 2 },
		{ "a\nbc\r", "<a>", 2 },
		{ "a\n\r", "<a>", 0 },
		{ " \n", "< >", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t step = 1; step < 8; step++) {
			char out[256];
			size_t rest;

			feed(cases[i].stream, strlen(cases[i].stream), step, out, &rest);
			ck_assert_str_eq(out, cases[i].want);
			ck_assert_uint_eq(rest, cases[i].rest);
		}
	}
}
END_TEST

/* A line of `n` bytes between two others. */
static void feed_long(size_t n, const char *line_end, size_t step, char *out, size_t *ret_rest)
{
	size_t len = 2 + n + strlen(line_end) + 2;
	char *bytes = malloc(len + 1);

	memcpy(bytes, "a\n", 2);
	memset(bytes + 2, 'x', n);
	sprintf(bytes + 2 + n, "%sb\n", line_end);
	feed(bytes, len, step, out, ret_rest);
	free(bytes);
}

START_TEST(limit)
{
	static const size_t steps[] = { 1000, 4096, 65536, 65537, 1000000 };
	char out[256];
	size_t rest;

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		feed_long(65536, "\n", steps[i], out, &rest);
		ck_assert_str_eq(out, "<a><x><b>");
		feed_long(65536, "\r\n", steps[i], out, &rest);
		ck_assert_str_eq(out, "<a><x><b>");
		feed_long(65537, "\n", steps[i], out, &rest);
		ck_assert_str_eq(out, "<a>!65537;<b>");
		feed_long(500000, "\r\n", steps[i], out, &rest);
		ck_assert(strcmp(out, "<a>!500000;<b>") == 0 || strcmp(out, "<a>!500001;<b>") == 0);
		ck_assert_uint_eq(rest, 0);
	}
}
END_TEST

START_TEST(long_rest)
{
	char *bytes = malloc(200000);
	char out[16];
	size_t rest;

	memset(bytes, 'x', 200000);
	feed(bytes, 200000, 7777, out, &rest);
	ck_assert_str_eq(out, "");
	ck_assert_uint_eq(rest, 200000);
	free(bytes);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { line_ends, limit, long_rest };

	return RUN_TESTS("event frame", tests);
}
