/* SPDX-License-Identifier: MPL-2.0 */
/* A line of a known shape is judged exactly as if it were the first: each value of a learnt line replaced by
 * everything that could go wrong there, and more shapes than the table holds. */
#include "test_event_case.h"

#include "event/shape.h"

#define NATIVE                                                                                               \
	"{\"id\":\"%s\",\"time\":\"%s\",\"municipality\":\"%s\",\"channel\":\"%s\",\"kle\":\"%s\",\"kind\":" \
	"\"%s\","                                                                                            \
	"\"source\":\"%s\",\"unit\":\"%s\",\"errand\":\"%s\",\"note\":\"a\",\"x\":{\"y\":[1]},\"duration_"   \
	"s\":%s}"
#define ENVELOPE                                                                                             \
	"{\"specversion\":\"1.0\",\"id\":\"%s\",\"time\":\"%s\",\"type\":\"t\",\"data\":{\"municipality\":"  \
	"\"%s\","                                                                                            \
	"\"channel\":\"%s\",\"kle\":\"%s\",\"kind\":\"%s\",\"id\":\"i\"},\"source\":\"%s\",\"unit\":\"%s\"," \
	"\"errand\":\"%s\",\"count\":%s}"

/* The form of a line is a parameter here. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

#define VALUES 10

static const char *const good[VALUES] = {
	"2c169c0b-16d9-4f40-a4b6-92ac1d5ff5fc",
	"2026-11-21T00:00:00.252+01:00",
	"0791",
	"phone",
	"34.00.00",
	"transaction",
	"callcenter-01",
	"u",
	"e",
	"178",
};

/* What may stand where a good value stood: good, bad, or breaking out of it. */
static const char *const others[] = {
	"",
	" ",
	"x",
	"0751",
	"751",
	"9751",
	"counter",
	"information",
	"23.05.10 G01",
	"2026-11-21T00:00:00Z",
	"0",
	"7",
	"12345678",
	"1.5",
	"1e3",
	"-1",
	"01",
	"null",
	"true",
	"x\\",
	"\\",
	"\\\"",
	"\\\\",
	"\\u0061",
	"\\ud83d",
	"x\",\"y\":\"z",
	"x\"",
	"\"",
	"\x01",
	"\t",
	"\x7f",
	"\xc3\xa6",
	"\xff",
	"\xc3",
	"{",
	"}",
	"]",
	"0101990000",
	"010199-0000",
	"\\u0030101990000",
	"1112612345",
	"aa010199-0000-4aaa-8aaa-aaaaaaaaaaaa",
	"2026-11-21T00:00:00.0101990000Z",
	"2026-11-21T00:00:00.00101990000Z",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 010199 0000",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxx 010199-0000",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 0101990000",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\x7f",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 0101990000",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
};

static size_t fill(char *line, const char *form, const char *const v[VALUES])
{
	return (size_t)sprintf(line, form, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);
}

static bool is_same_text(struct effort_str a, struct effort_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool is_same_event(const struct effort_event *a, const struct effort_event *b)
{
	return memcmp(a, b, offsetof(struct effort_event, id)) == 0 && is_same_text(a->id, b->id) &&
	       is_same_text(a->source, b->source) && is_same_text(a->municipality, b->municipality) &&
	       is_same_text(a->kle, b->kle) && is_same_text(a->facet, b->facet) && is_same_text(a->unit, b->unit) &&
	       is_same_text(a->errand, b->errand);
}

static bool is_same_refusal(const struct refusal *a, const struct refusal *b)
{
	return strcmp(a->field, b->field) == 0 && strcmp(a->detail, b->detail) == 0 && a->at == b->at &&
	       is_same_text(a->id, b->id) && is_same_text(a->source, b->source);
}

/* The line with its end and another line behind it, of which only the first is to be taken; with no end in
 * sight, none. */
static void expect_same_among_lines(struct decoder *trained, const char *text, size_t len,
				    const struct decoded *alone)
{
	static const char *const ends[] = { "\n", "\r\n", "", "\r", "\r\r\n" };

	for (int i = 0; i < 5; i++) {
		size_t end_len = strlen(ends[i]);
		char *lines = malloc(2 * len + end_len + DECODE_PADDING);
		const char *at = lines, *end = lines + len + end_len + (i < 2 ? len : 0);
		struct effort_event ev;
		struct effort_str line;

		memcpy(lines, text, len);
		memcpy(lines + len, ends[i], end_len);
		memset(lines + len + end_len, '\n', len + DECODE_PADDING);
		if (i < 2)
			memcpy(lines + len + end_len, text, len);

		bool is_taken = decode_alike(trained, &at, end, NO_SOURCE, &ev, &line);

		if (!is_taken && at != lines)
			ck_abort_msg("moved on without a line: %.*s", (int)len, text);
		if (is_taken && (i > 1 || alone->code != CODE_OK || at != lines + len + end_len ||
				 line.ptr != lines || line.len != len || !is_same_event(&ev, &alone->event)))
			ck_abort_msg("another line or event among others: %.*s", (int)len, text);
		decoder_reset(trained);
		free(lines);
	}
}

/* Compared first and told only where they differ: every check that is told costs a message to another process. */
static void expect_same(struct decoder *trained, const char *text, size_t len)
{
	struct decoded alone = decode_bytes(text, len, NO_SOURCE);
	char *line = malloc(len + DECODE_PADDING);
	struct effort_event ev;
	struct refusal why;

	memcpy(line, text, len);
	memset(line + len, '"', DECODE_PADDING);

	enum code code = decode_line(trained, line, len, NO_SOURCE, &ev, &why);

	if (code != alone.code)
		ck_abort_msg("%s, alone %s: %.*s", code_name(code), code_name(alone.code), (int)len, text);
	if (code == CODE_OK && !is_same_event(&ev, &alone.event))
		ck_abort_msg("another event than alone: %.*s", (int)len, text);
	if (code != CODE_OK && !is_same_refusal(&why, &alone.refusal))
		ck_abort_msg("refused for %s %s, alone for %s %s: %.*s", why.field, why.detail, alone.refusal.field,
			     alone.refusal.detail, (int)len, text);
	decoder_reset(trained);
	expect_same_among_lines(trained, text, len, &alone);
	decoded_done(&alone);
	free(line);
}

static void replace_each(const char *form, enum code code)
{
	struct decoder *d = decoder_new(0);
	char line[2048];
	size_t len = fill(line, form, good);

	expect(line, code);
	for (int i = 0; i < 3; i++)
		expect_same(d, line, len);
	for (size_t at = 0; at < VALUES; at++) {
		for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
			const char *values[VALUES];

			memcpy(values, good, sizeof values);
			values[at] = others[i];
			expect_same(d, line, fill(line, form, values));
			/* and back again */
			expect_same(d, line, fill(line, form, good));
		}
	}
	for (size_t cut = 1; cut < len; cut++)
		expect_same(d, line, cut);
	decoder_free(d);
}

START_TEST(native)
{
	replace_each(NATIVE, CODE_OK);
}
END_TEST

START_TEST(envelope)
{
	replace_each(ENVELOPE, CODE_OK);
}
END_TEST

/* Raw zeros, which end no string here: words of closed lists lie among zeros. */
START_TEST(zeros_behind_a_value)
{
	struct decoder *d = decoder_new(0);
	char line[2048], value[128];

	for (size_t at = 0; at < 4 * VALUES; at++) {
		const char *values[VALUES], *form = at % 2 == 0 ? NATIVE : ENVELOPE;
		size_t len, zeros = at % 4 < 2 ? 1 : 3;

		memcpy(values, good, sizeof values);
		len = fill(line, form, good);
		for (int i = 0; i < 3; i++)
			expect_same(d, line, len);
		snprintf(value, sizeof value, "%s%.*s", good[at / 4], (int)zeros, "~~~");
		values[at / 4] = value;
		len = fill(line, form, values);
		for (char *zero = line; (zero = memchr(zero, '~', (size_t)(line + len - zero))) != NULL;)
			*zero = '\0';
		expect_same(d, line, len);
	}
	decoder_free(d);
}
END_TEST

START_TEST(other_values_of_unknown_members)
{
	struct decoder *d = decoder_new(0);
	static const char *const lines[] = {
		BASE ",\"note\":\"a\",\"x\":[1,2]}",    BASE ",\"note\":\"0101990000\",\"x\":[1,2]}",
		BASE ",\"note\":\"a\",\"x\":[1,02]}",   BASE ",\"note\":\"a\",\"note\":[1,2]}",
		BASE ",\"note\":\"\xff\",\"x\":[1,2]}", BASE ",\"note\":\"a\",\"x\":[1,2}}",
		BASE ",\"note\":\"a\",\"x\":[1,2]} ",   BASE ",\"note\":\"a\",\"x\":[1,2]}}",
	};

	for (size_t i = 0; i < 100; i++)
		expect_same(d, lines[i % 2 ? i / 2 % 8 : 0], strlen(lines[i % 2 ? i / 2 % 8 : 0]));
	decoder_free(d);
}
END_TEST

/* The limit holds for a line of a known shape too. */
START_TEST(too_long)
{
	static const char head[] =
		"{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"s\",\"time\":\"2026-11-21T10:15:30Z\","
		"\"data\":{\"municipality\":\"751\",\"channel\":\"sms\",\"task\":\"t\"},\"type\":\"";
	static char line[DECODE_MAX_LINE + 8];
	struct decoder *d = decoder_new(0);

	memset(line, 'x', sizeof line);
	memcpy(line, head, sizeof head - 1);
	for (size_t len = DECODE_MAX_LINE - 2; len < DECODE_MAX_LINE + 4; len++) {
		memcpy(line + len - 2, "\"}", 2);
		expect_same(d, line, len);
		expect_bytes(line, len, len <= DECODE_MAX_LINE ? CODE_OK : E_TOO_LONG);
		memcpy(line + len - 2, "xx", 2);
	}
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
	static const char again[] = "{\"id\":\"a\",\"source\":\"s\",\"time\":\"2026-11-21T10:15:30Z\",\"municipality\":"
				    "\"751\",\"channel\":\"phone\",\"task\":\"t\",\"duration_s\":1.5}";
	static const char other[] = "{\"source\":\"s\",\"id\":\"a\",\"time\":\"2026-11-21T10:15:30Z\",\"municipality\":"
				    "\"751\",\"channel\":\"phone\",\"task\":\"t\",\"duration_s\":1}";
	struct decoder *d = decoder_new(0);

	for (int i = 0; i < 2 * SHAPE_STEPS * SHAPE_PATIENCE; i++)
		expect_same(d, again, sizeof again - 1);
	for (int i = 0; i < 3 * SHAPE_PATIENCE; i++)
		expect_same(d, other, sizeof other - 1);
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

		snprintf(seq, sizeof(seq), "\"seq\":\"%d\",", i);
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
	const TTest *const tests[] = { native, envelope, zeros_behind_a_value, other_values_of_unknown_members, too_long,
				       among_lines, many_shapes, learnt_again_and_again, crowded_out_for_a_while_only,
				       long_times };

	return RUN_TESTS("event shape", tests);
}
