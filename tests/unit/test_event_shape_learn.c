/* SPDX-License-Identifier: MPL-2.0 */
/* Which lines are learnt, and what becomes of the others' shapes meanwhile: more shapes than the table holds, lines
 * that have none, lines one behind the other. */
#include "test_event_shape.h"

/* A text that begins like another one is no reason to give up: the member is a number, a word, a string, a list. */
START_TEST(of_several_kinds)
{
	static const char *const kinds[] = { "1", "\"a\"", "[\"a\"]", "{\"b\":null}", "[]", "[[1]]" };
	struct decoder *d = decoder_new(0);
	char line[512];

	for (size_t i = 0; i < 6 * SHAPE_PATIENCE * 6; i++)
		expect_same(d, line, (size_t)sprintf(line, BASE ",\"x\":%s}", kinds[i / 3 % 6]));
	for (size_t i = 0; i < 6; i++)
		ck_assert_msg(is_alike(d, line, (size_t)sprintf(line, BASE ",\"x\":%s}", kinds[i])), "%s", line);
	decoder_free(d);
}
END_TEST

/* More values than a shape has: never learnt, and no others forgotten for it. */
START_TEST(too_many_values)
{
	char line[2048] = BASE ",\"x\":[0", usual[] = BASE "}";
	struct decoder *d = decoder_new(0);

	for (int i = 0; i < 200; i++)
		strcat(line, ",1");
	strcat(line, "]}");
	expect_same(d, usual, strlen(usual));
	for (int i = 0; i < 4 * SHAPE_PATIENCE; i++)
		expect_same(d, line, strlen(line));
	ck_assert(!is_alike(d, line, strlen(line)) && is_alike(d, usual, strlen(usual)));
	decoder_free(d);
}
END_TEST

/* Members we know, where no form rule looks at them, with a value that has values inside. */
START_TEST(known_but_not_asked_for)
{
	static const char *const lines[] = {
		BASE ",\"type\":{\"x\":1}}",   BASE ",\"type\":\"x\"}",     BASE ",\"data\":{\"id\":1,\"data\":{\"id\":true}}}",
		BASE ",\"data\":[{\"id\":1}]}", BASE ",\"data\":{\"id\":[]}}", BASE ",\"data\":{}}",
		BASE ",\"data\":\"\"}",	  BASE ",\"data\":true}",
	};
	struct decoder *d = decoder_new(0);

	for (size_t i = 0; i < 8 * SHAPE_PATIENCE * 8; i++)
		expect_same(d, lines[i / 3 % 8], strlen(lines[i / 3 % 8]));
	decoder_free(d);
}
END_TEST

/* Lines of a known shape are found without looking for their end. */
START_TEST(among_lines)
{
	static const char text[] = BASE "}\n" BASE "}\r\n\n" BASE "}\n";
	char lines[sizeof text + DECODE_PADDING] = { 0 };
	struct decoder *d = decoder_new(0);
	const char *at = lines, *end = lines + sizeof text - 1;
	struct effort_event ev;
	struct effort_str line;
	struct refusal why;

	memcpy(lines, text, sizeof text - 1);
	ck_assert(!decode_alike(d, &at, end, NO_SOURCE, &ev, &line));
	ck_assert_int_eq(decode_unlike(d, lines, sizeof BASE, NO_SOURCE, &ev, &why), CODE_OK);
	ck_assert(decode_alike(d, &at, end, NO_SOURCE, &ev, &line) && line.len == sizeof BASE);
	ck_assert(decode_alike(d, &at, end, NO_SOURCE, &ev, &line) && line.len == sizeof BASE);
	ck_assert(!decode_alike(d, &at, end, NO_SOURCE, &ev, &line));
	at++; /* the empty line */
	ck_assert(decode_alike(d, &at, end, NO_SOURCE, &ev, &line) && at == end);
	ck_assert(!decode_alike(d, &at, end, NO_SOURCE, &ev, &line));
	decoder_free(d);
}
END_TEST

/* Members in every order, far more than are remembered; then the usual order again. */
START_TEST(many_shapes)
{
	static const char *const members[] = {
		"\"id\":\"a\"",
		"\"source\":\"s\"",
		"\"time\":\"2026-11-21T10:15:30Z\"",
		"\"municipality\":\"751\"",
		"\"channel\":\"phone\"",
		"\"task\":\"t\"",
		"\"duration_s\":5",
		"\"exempt\":true",
		"\"x\":null",
	};
	const size_t n = sizeof members / sizeof members[0];
	struct decoder *d = decoder_new(0);
	uint32_t state = 7;

	for (int i = 0; i < 20000; i++) {
		char line[512] = "{";
		size_t order[16];

		for (size_t k = 0; k < n; k++)
			order[k] = k;
		for (size_t k = n - 1; i % 5 != 0 && k > 0; k--) {
			state = state * 1664525 + 1013904223;

			size_t other = (state >> 16) % (k + 1);
			size_t swap = order[k];

			order[k] = order[other];
			order[other] = swap;
		}
		for (size_t k = 0; k < n; k++)
			sprintf(line + strlen(line), "%s%s", k > 0 ? "," : "", members[order[k]]);
		strcat(line, "}");
		expect_same(d, line, strlen(line));
	}
	decoder_free(d);
}
END_TEST

/* A line that is learnt each time anew, for it is never read by its shape, leaves room for others. */
START_TEST(learnt_again_and_again)
{
	static const char again[] = "{\"id\":\"a\",\"source\":\"\xc3\xa6\",\"time\":\"2026-11-21T10:15:30Z\",\"municipality\":"
				    "\"751\",\"channel\":\"phone\",\"task\":\"t\",\"duration_s\":1.5}";
	static const char other[] = "{\"source\":\"s\",\"id\":\"a\",\"time\":\"2026-11-21T10:15:30Z\",\"municipality\":"
				    "\"751\",\"channel\":\"phone\",\"task\":\"t\",\"duration_s\":1}";
	struct decoder *d = decoder_new(0);

	for (int i = 0; i < 2 * SHAPE_STEPS * SHAPE_PATIENCE; i++)
		expect_same(d, again, sizeof again - 1);
	for (int i = 0; i < 3 * SHAPE_PATIENCE; i++)
		expect_same(d, other, sizeof other - 1);
	ck_assert(is_alike(d, other, sizeof other - 1));
	decoder_free(d);
}
END_TEST

/* One sender's lines are each of a shape of their own: another's are learnt all the same, also when they come later. */
START_TEST(crowded_out_for_a_while_only)
{
	static const char form[] = "{\"id\":\"a\",%s\"source\":\"s\",\"time\":\"2026-11-21T10:15:30Z\",\"municipality\":"
				   "\"751\",\"channel\":\"phone\",\"task\":\"t\"}\n";
	int lines = 4 * SHAPE_CROWDED * SHAPE_PATIENCE, alike = 0;
	struct decoder *d = decoder_new(0);
	struct effort_event ev;
	struct effort_str line;
	struct refusal why;

	for (int i = 0; i < lines; i++) {
		char text[256 + DECODE_PADDING] = "", seq[32];
		const char *at = text;
		bool is_late = i > 10 * SHAPE_PATIENCE;
		size_t len;

		snprintf(seq, sizeof(seq), "\"seq-%d\":1,", i);
		for (int of_it = 1; of_it >= (is_late ? 0 : 1); of_it--) {
			len = (size_t)snprintf(text, sizeof(text), form, of_it ? seq : "");
			at = text;
			if (decode_alike(d, &at, text + len, NO_SOURCE, &ev, &line))
				alike += !of_it;
			else
				ck_assert_int_eq(decode_unlike(d, text, len - 1, NO_SOURCE, &ev, &why), CODE_OK);
		}
	}
	ck_assert_int_ge(alike, lines / 2);
	decoder_free(d);
}
END_TEST

/* Times as common programs write them, with nine digits of a second and an offset, too. */
START_TEST(long_times)
{
	static const char text[] = "{\"id\":\"a\",\"source\":\"s\",\"time\":\"2026-11-21T10:15:30.123456789+01:00\","
				   "\"municipality\":\"751\",\"channel\":\"phone\",\"task\":\"t\"}\n";
	char lines[sizeof text + DECODE_PADDING] = { 0 };
	struct decoder *d = decoder_new(0);
	const char *at = lines;
	struct effort_event ev;
	struct effort_str line;
	struct refusal why;

	memcpy(lines, text, sizeof text - 1);
	ck_assert_int_eq(decode_unlike(d, lines, sizeof text - 2, NO_SOURCE, &ev, &why), CODE_OK);
	ck_assert(decode_alike(d, &at, lines + sizeof text - 1, NO_SOURCE, &ev, &line));
	ck_assert_uint_eq(line.len, sizeof text - 2);
	decoder_free(d);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		of_several_kinds,
		too_many_values,
		known_but_not_asked_for,
		among_lines,
		many_shapes,
		learnt_again_and_again,
		crowded_out_for_a_while_only,
		long_times,
	};

	return RUN_TESTS("event shape learning", tests);
}
