/* SPDX-License-Identifier: MPL-2.0 */
/* A line of a known shape is judged exactly as if it were the first: each value of a learnt line, and several at
 * once, replaced by everything that could go wrong there, and lines that differ in their values only are of one shape. */
#include "test_event_shape.h"

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
/* Values without quotes, and those that nobody asks for, of members that are known elsewhere too. */
#define NATIVE_STRANGERS                                                                                     \
	"{\"a-name-of-more-than-thirty-two-bytes\":[],\"id\":\"i\",\"source\":\"s\",\"time\":"               \
	"\"2026-11-21T10:15:30Z\",\"municipality\":\"751\",\"channel\":\"selfservice\",\"service\":\"%s\","    \
	"\"data\":{\"kind\":\"%s\"},\"x\":{\"y\":[%s, \"%s\"],\"id\" : %s},\"w\":%s,\"assisted\":%s,\"exempt\":%s,"       \
	"\"duration_s\":%s,\"count\":%s}"
#define ENVELOPE_STRANGERS                                                                                   \
	"{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"time\":\"2026-11-21T10:15:30Z\","            \
	"\"kind\":\"%s\",\"type\":\"%s\",\"sequence\":%s,\"subject\":\"%s\",\"exempt\":%s,\"data\":{"         \
	"\"municipality\":\"751\",\"task\":\"t\",\"specversion\":%s,\"channel\":\"selfservice\","              \
	"\"assisted\":%s,\"exempt\":%s,\"data\":{\"x\":%s},\"count\":%s}}"

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

static const char *const good_strangers[VALUES] = {
	"s/1", "t", "17", "Flytning p\xc3\xa5 vej", "null", "12.5", "true", "false", "178", "1",
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
	"false",
	"tru",
	"truex",
	"nul",
	"falsy",
	"\"counter\"",
	"\"\"",
	"\"0101990000\"",
	"[]",
	"{}",
	"[1,2]",
	"[true,null]",
	"{\"y\":false}",
	"1,\"y\":true",
	"true,\"exempt\":false",
	"-0",
	"-12.25",
	"1.",
	".5",
	"1.25e-3",
	"1E400",
	"1e",
	"+1",
	"123456789",
	"1763900000000",
	"9007199254740992",
	"9007199254740993",
	"-9007199254740993",
	"010199.0000",
	"110199.0000",
	"-1101990000",
	"1101990000.5",
	"1101990000e1",
	"11019900001",
	"5.1101990000",
	"1795256130",
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
	"Flytning p\xc3\xa5 vej \xe2\x82\xac \xf0\x9f\x98\x80",
	"\xc3\xa6 010199-0000",
	"\xc3\xa6\"",
	"\xc3\xa6\\u0061",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xc3\xa6",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xc3",
	"\xed\xa0\x80",
	"\xc0\xaf",
	"\xf4\x90\x80\x80",
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

static uint32_t roll(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8) % below;
}

static void replace_each(const char *form, const char *const usual[VALUES])
{
	struct decoder *d = decoder_new(0);
	char line[4096], again[4096];
	size_t len = fill(line, form, usual);

	expect(line, CODE_OK);
	expect_same(d, line, len);
	ck_assert(is_alike(d, line, len));
	for (size_t at = 0; at < VALUES; at++) {
		for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
			const char *values[VALUES];

			memcpy(values, usual, sizeof values);
			values[at] = others[i];
			expect_same(d, again, fill(again, form, values));
			/* and back again */
			expect_same(d, line, len);
		}
	}
	for (size_t cut = 1; cut < len; cut++)
		expect_same(d, line, cut);
	decoder_free(d);
}

/* Several at once, and a byte that is none of its line's. */
static void replace_some(const char *form, const char *const usual[VALUES], uint32_t seed)
{
	struct decoder *d = decoder_new(0);
	char line[4096];

	for (int i = 0; i < 3000; i++) {
		const char *values[VALUES];

		memcpy(values, usual, sizeof values);
		for (uint32_t n = roll(&seed, 4); n > 0; n--)
			values[roll(&seed, VALUES)] = others[roll(&seed, sizeof others / sizeof others[0])];

		size_t len = fill(line, form, values);

		expect_same(d, line, len);
		line[roll(&seed, (uint32_t)len)] = (char)roll(&seed, 256);
		expect_same(d, line, len);
	}
	decoder_free(d);
}

START_TEST(native)
{
	replace_each(NATIVE, good);
	replace_some(NATIVE, good, 1);
}
END_TEST

START_TEST(envelope)
{
	replace_each(ENVELOPE, good);
	replace_some(ENVELOPE, good, 2);
}
END_TEST

START_TEST(native_strangers)
{
	replace_each(NATIVE_STRANGERS, good_strangers);
	replace_some(NATIVE_STRANGERS, good_strangers, 3);
}
END_TEST

START_TEST(envelope_strangers)
{
	replace_each(ENVELOPE_STRANGERS, good_strangers);
	replace_some(ENVELOPE_STRANGERS, good_strangers, 4);
}
END_TEST

/* One line learnt, the others read by its shape: no line is learnt so soon after another. */
START_TEST(values_make_no_shape)
{
	static const char *const of_strangers[] = { "", "x", "Flytning p\xc3\xa5 vej", "2c169c0b-16d9-4f40-a4b6-92ac1d5ff5fc",
						    "0101990", "x\x7f" };
	static const char *const bare[] = { "true", "false", "null", "0", "1234567", "12345678", "1763900000000", "-1",
					    "1.25", "1e-3" };
	static const char *const of_assisted[] = { "true", "false" };
	static const char *const of_duration[] = { "0", "12.5", "1e3", "31536000" };
	static const struct {
		size_t at, n;
		const char *const *values;
	} changes[] = { { 3, 6, of_strangers }, { 2, 10, bare },       { 4, 10, bare },
			{ 5, 10, bare },	{ 6, 2, of_assisted },	{ 7, 2, of_assisted }, { 8, 4, of_duration } };
	struct decoder *d = decoder_new(0);
	char line[1024];

	expect_same(d, line, fill(line, NATIVE_STRANGERS, good_strangers));
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		for (size_t k = 0; k < changes[i].n; k++) {
			const char *values[VALUES];

			memcpy(values, good_strangers, sizeof values);
			values[changes[i].at] = changes[i].values[k];
			ck_assert_msg(is_alike(d, line, fill(line, NATIVE_STRANGERS, values)), "%s", line);
		}
	}
	decoder_free(d);
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

int main(void)
{
	const TTest *const tests[] = {
		native,
		envelope,
		native_strangers,
		envelope_strangers,
		values_make_no_shape,
		zeros_behind_a_value,
		other_values_of_unknown_members,
		too_long,
	};

	return RUN_TESTS("event shape", tests);
}
