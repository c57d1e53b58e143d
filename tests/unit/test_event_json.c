/* SPDX-License-Identifier: MPL-2.0 */
/* Strict JSON: each class of JSONTestSuite that matters to a line of ours, with the code it is refused with.
 */
#include "test_event_case.h"

struct json_case {
	const char *member; /* behind a good event */
	enum code code;
};

static void expect_all(const struct json_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_with(cases[i].member, cases[i].code);
}

#define EXPECT_ALL(cases) expect_all(cases, sizeof cases / sizeof cases[0])

START_TEST(strings)
{
	static const struct json_case cases[] = {
		{ "\"x\":\"\"", CODE_OK },
		{ "\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", CODE_OK },
		{ "\"x\":\"\\u00e6\\u00F8\\u00e5\"", CODE_OK },
		{ "\"x\":\"\\ud83d\\ude00\"", CODE_OK },
		{ "\"x\":\"\xc3\xa6\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"", CODE_OK },
		{ "\"x\":\"\x7f\"", CODE_OK },
		{ "\"x\":\"\\a\"", E_JSON },
		{ "\"x\":\"\\'\"", E_JSON },
		{ "\"x\":\"\\x41\"", E_JSON },
		{ "\"x\":\"\\U0041\"", E_JSON },
		{ "\"x\":\"\\u00\"", E_JSON },
		{ "\"x\":\"\\u00g0\"", E_JSON },
		{ "\"x\":\"\\u+041\"", E_JSON },
		{ "\"x\":\"\\u0000\"", E_JSON },
		{ "\"x\":\"a\\u0000b\"", E_JSON },
		{ "\"\\u0000\":1", E_JSON },
		{ "\"x\":\"\\ud83d\"", E_JSON },
		{ "\"x\":\"\\ud83dabcdef\"", E_JSON },
		{ "\"x\":\"\\ude00\"", E_JSON },
		{ "\"x\":\"\\ud83d\\ud83d\"", E_JSON },
		{ "\"x\":\"\\ud83d\\u0041\"", E_JSON },
		{ "\"x\":\"\\ud83d\\", E_JSON },
		{ "\"x\":\"a\tb\"", E_JSON },
		{ "\"x\":\"a\nb\"", E_JSON },
		{ "\"x\":\"\x01\"", E_JSON },
		{ "\"x\":\"\x1f\"", E_JSON },
		{ "\"x\ty\":1", E_JSON },
		{ "\"x\":'a'", E_JSON },
		{ "x:1", E_JSON },
		{ "\"x\":a", E_JSON },
		{ "\"x\":\"a", E_JSON },
		{ "\"x\":\"a\\", E_JSON },
		{ "\"x\":\"a\\\"", E_JSON },
		{ "\"x\":\\\"a\"", E_JSON },
		{ "\"x\"\\:1", E_JSON },
	};
	EXPECT_ALL(cases);
}
END_TEST

START_TEST(utf8)
{
	static const struct json_case cases[] = {
		{ "\"x\":\"\x80\"", E_UTF8 },
		{ "\"x\":\"\xff\"", E_UTF8 },
		{ "\"x\":\"\xe6\xf8\xe5\"", E_UTF8 },
		{ "\"x\":\"\xc3\"", E_UTF8 },
		{ "\"x\":\"\xc0\xaf\"", E_UTF8 },
		{ "\"x\":\"\xc1\xbf\"", E_UTF8 },
		{ "\"x\":\"\xe0\x80\xaf\"", E_UTF8 },
		{ "\"x\":\"\xf0\x80\x80\xaf\"", E_UTF8 },
		{ "\"x\":\"\xe2\x82\"", E_UTF8 },
		{ "\"x\":\"\xf0\x9f\x98\"", E_UTF8 },
		{ "\"x\":\"\xed\xa0\x80\"", E_UTF8 },
		{ "\"x\":\"\xf4\x90\x80\x80\"", E_UTF8 },
		{ "\"x\":\"\xf8\x88\x80\x80\x80\"", E_UTF8 },
		{ "\"\xff\":1", E_UTF8 },
		{ "\"x\":{\"y\":[\"\xff\"]}", E_UTF8 },
		{ "\"x\":\xc3\xa6", E_JSON },
	};
	EXPECT_ALL(cases);
}
END_TEST

START_TEST(numbers)
{
	static const struct json_case cases[] = {
		{ "\"x\":0", CODE_OK },
		{ "\"x\":-0", CODE_OK },
		{ "\"x\":-1", CODE_OK },
		{ "\"x\":1.5", CODE_OK },
		{ "\"x\":0.0", CODE_OK },
		{ "\"x\":1e5", CODE_OK },
		{ "\"x\":1E+5", CODE_OK },
		{ "\"x\":1.5e-5", CODE_OK },
		{ "\"x\":1e-999", CODE_OK },
		{ "\"x\":0e999", CODE_OK },
		{ "\"x\":9007199254740992", CODE_OK },
		{ "\"x\":-9007199254740992", CODE_OK },
		{ "\"x\":9007199254740993", E_JSON },
		{ "\"x\":-9007199254740993", E_JSON },
		{ "\"x\":99999999999999999999", E_JSON },
		{ "\"x\":1e308", E_JSON },
		{ "\"x\":9e307", CODE_OK },
		{ "\"x\":1e999", E_JSON },
		{ "\"x\":-1e99999999999999999999", E_JSON },
		{ "\"x\":1e-99999999999999999999", CODE_OK },
		{ "\"x\":01", E_JSON },
		{ "\"x\":-01", E_JSON },
		{ "\"x\":00", E_JSON },
		{ "\"x\":+1", E_JSON },
		{ "\"x\":-", E_JSON },
		{ "\"x\":--1", E_JSON },
		{ "\"x\":.5", E_JSON },
		{ "\"x\":1.", E_JSON },
		{ "\"x\":1.e5", E_JSON },
		{ "\"x\":1e", E_JSON },
		{ "\"x\":1e+", E_JSON },
		{ "\"x\":1e1.5", E_JSON },
		{ "\"x\":0x10", E_JSON },
		{ "\"x\":1_000", E_JSON },
		{ "\"x\":1 000", E_JSON },
		{ "\"x\":1,5", E_JSON },
		{ "\"x\":Infinity", E_JSON },
		{ "\"x\":-Infinity", E_JSON },
		{ "\"x\":NaN", E_JSON },
		{ "\"x\":1a", E_JSON },
	};
	EXPECT_ALL(cases);
}
END_TEST

START_TEST(structure)
{
	static const struct json_case cases[] = {
		{ "\"x\":null", CODE_OK },
		{ "\"x\":true", CODE_OK },
		{ "\"x\":[]", CODE_OK },
		{ "\"x\":{}", CODE_OK },
		{ "\"x\":[ ]", CODE_OK },
		{ "\"x\":[1,\"a\",null,{\"b\":[]}]", CODE_OK },
		{ " \t\r\n\"x\" : [ 1 , 2 ] ", CODE_OK },
		{ "\"\":1", CODE_OK },
		{ "", E_JSON },
		{ "\"x\"", E_JSON },
		{ "\"x\":", E_JSON },
		{ "\"x\" 1", E_JSON },
		{ "\"x\"::1", E_JSON },
		{ "\"x\":1,", E_JSON },
		{ ",\"x\":1", E_JSON },
		{ "\"x\":1 \"y\":2", E_JSON },
		{ "1:1", E_JSON },
		{ "null:1", E_JSON },
		{ "\"x\":[1,]", E_JSON },
		{ "\"x\":[,1]", E_JSON },
		{ "\"x\":[1 2]", E_JSON },
		{ "\"x\":[1", E_JSON },
		{ "\"x\":[1}", E_JSON },
		{ "\"x\":{\"a\":1]", E_JSON },
		{ "\"x\":{\"a\"}", E_JSON },
		{ "\"x\":{a:1}", E_JSON },
		{ "\"x\":]", E_JSON },
		{ "\"x\":True", E_JSON },
		{ "\"x\":tru", E_JSON },
		{ "\"x\":truex", E_JSON },
		{ "\"x\":nul", E_JSON },
		{ "/* a comment */\"x\":1", E_JSON },
		{ "\"x\":1//", E_JSON },
	};
	EXPECT_ALL(cases);
}
END_TEST

START_TEST(whole_line)
{
	expect(BASE "}", CODE_OK);
	expect(" \t" BASE "} \r\n", CODE_OK);
	expect(BASE "}}", E_JSON);
	expect(BASE "}{}", E_JSON);
	expect(BASE "},", E_JSON);
	expect(BASE "} x", E_JSON);
	expect(BASE, E_JSON);
	expect("\xef\xbb\xbf" BASE "}", E_JSON);
	expect(" ", E_JSON);
	expect("{", E_JSON);
	expect("\"", E_JSON);
	expect("[]", E_JSON);
	expect("null", E_JSON);
	expect("\"text\"", E_JSON);
	expect("[" BASE "}]", E_JSON);
	expect("\xff", E_JSON);
	expect("<13>Nov 21 10:15:30 host app: message", E_JSON);
	expect("{}", E_MISSING);
	expect_bytes(BASE ",\"x\":\"a\0b\"}", sizeof(BASE ",\"x\":\"a\0b\"}") - 1, E_JSON);
	expect_bytes(BASE "}\0", sizeof(BASE "}\0") - 1, E_JSON);
}
END_TEST

/* Whatever a line is cut off at, and whatever lies behind it: never accepted, never read beyond. */
START_TEST(every_prefix)
{
	static const char line[] =
		BASE ",\"x\":[1.5e3,true,{\"y\":\"\\u00e6\\\\\xc3\xa6\"},-2],\"duration_s\":12}";

	for (size_t len = 1; len < sizeof line - 1; len++) {
		struct decoded d = decode_bytes(line, len, NO_SOURCE);

		ck_assert_msg(d.code == E_JSON || d.code == E_UTF8, "%s at %zu", code_name(d.code), len);
		decoded_done(&d);
	}
	expect(line, CODE_OK);
}
END_TEST

START_TEST(duplicates)
{
	static const struct json_case cases[] = {
		{ "\"x\":1,\"x\":2", E_DUPLICATE_KEY },
		{ "\"x\":1,\"\\u0078\":2", E_DUPLICATE_KEY },
		{ "\"\\u0078\":1,\"\\u0078\":2", E_DUPLICATE_KEY },
		{ "\"\xc3\xa6\":1,\"\\u00e6\":2", E_DUPLICATE_KEY },
		{ "\"channel\":\"phone\"", E_DUPLICATE_KEY },
		{ "\"\\u0063hannel\":\"phone\"", E_DUPLICATE_KEY },
		{ "\"\":1,\"\":2", E_DUPLICATE_KEY },
		{ "\"x\":{\"y\":1,\"y\":1}", E_DUPLICATE_KEY },
		{ "\"x\":{\"id\":1,\"id\":1}", E_DUPLICATE_KEY },
		{ "\"x\":[{\"y\":1,\"y\":1}]", E_DUPLICATE_KEY },
		{ "\"x\":{\"id\":1},\"y\":{\"id\":1}", CODE_OK },
		{ "\"x\":{\"id\":{\"id\":{\"id\":1}},\"time\":2}", CODE_OK },
		{ "\"x\":{\"id\":{\"id\":1},\"id\":2}", E_DUPLICATE_KEY },
		{ "\"x\":1,\"X\":2", CODE_OK },
		{ "\"abcdefghijklmnopqrstuvwxyz1\":1,\"abcdefghijklmnopqrstuvwxyz2\":2", CODE_OK },
		{ "\"abcdefghijklmnopqrstuvwxyz1\":1,\"abcdefghijklmnopqrstuvwxyz1\":2", E_DUPLICATE_KEY },
	};
	EXPECT_ALL(cases);
}
END_TEST

static void nest(char *out, unsigned levels, const char *open, const char *close)
{
	strcpy(out, "\"x\":");
	for (unsigned i = 0; i < levels; i++)
		strcat(out, open);
	strcat(out, "1");
	for (unsigned i = 0; i < levels; i++)
		strcat(out, close);
}

START_TEST(depth)
{
	char text[4096];

	/* the event itself is the first level */
	nest(text, 7, "[", "]");
	expect_with(text, CODE_OK);
	nest(text, 8, "[", "]");
	expect_with(text, E_DEPTH);
	nest(text, 7, "{\"x\":", "}");
	expect_with(text, CODE_OK);
	nest(text, 8, "{\"x\":", "}");
	expect_with(text, E_DEPTH);
	nest(text, 400, "[", "]");
	expect_with(text, E_DEPTH);
}
END_TEST

/* n more members x1, x2, ... */
static void add_members(char *out, unsigned n)
{
	*out = '\0';
	for (unsigned i = 1; i <= n; i++)
		out += sprintf(out, "%s\"x%u\":%u", i > 1 ? "," : "", i, i);
}

START_TEST(members)
{
	char text[2048], nested[2100];

	add_members(text, DECODE_MAX_MEMBERS - 6);
	expect_with(text, CODE_OK);
	add_members(text, DECODE_MAX_MEMBERS - 5);
	expect_with(text, E_TOO_LONG);
	add_members(text, DECODE_MAX_MEMBERS);
	snprintf(nested, sizeof nested, "\"x\":{%s}", text);
	expect_with(nested, CODE_OK);
	add_members(text, DECODE_MAX_MEMBERS + 1);
	snprintf(nested, sizeof nested, "\"x\":{%s}", text);
	expect_with(nested, E_TOO_LONG);
}
END_TEST

START_TEST(length)
{
	static char line[DECODE_MAX_LINE + 2];
	size_t head = (size_t)sprintf(line, BASE ",\"x\":\"");

	memset(line + head, 'x', sizeof line - head);
	memcpy(line + DECODE_MAX_LINE - 2, "\"}", 2);
	expect_bytes(line, DECODE_MAX_LINE, CODE_OK);
	line[DECODE_MAX_LINE - 2] = line[DECODE_MAX_LINE - 1] = 'x';
	memcpy(line + DECODE_MAX_LINE - 1, "\"}", 2);
	expect_bytes(line, DECODE_MAX_LINE + 1, E_TOO_LONG);

	/* nothing but quotes, backslashes or brackets */
	memset(line, '"', sizeof line);
	expect_bytes(line, DECODE_MAX_LINE, E_JSON);
	memset(line + head, '\\', sizeof line - head);
	memcpy(line, BASE ",\"x\":\"", head);
	memcpy(line + DECODE_MAX_LINE - 2, "\"}", 2);
	expect_bytes(line, DECODE_MAX_LINE, (DECODE_MAX_LINE - 2 - head) % 2 == 0 ? CODE_OK : E_JSON);
	memset(line, '[', sizeof line);
	expect_bytes(line, DECODE_MAX_LINE, E_JSON);
}
END_TEST

START_TEST(escapes_in_names_and_values)
{
	struct decoded d = decode_text("{\"\\u0069d\":\"a\\u002d1\\/"
				       "\\\"\",\"source\":\"s\",\"time\":\"2026-11-21T10:15:30\\u002b01:00\","
				       "\"municipality\":\"\\u0030751\",\"ch\\u0061nnel\":\"ph\\u006fne\","
				       "\"kle\":\"23.05.10\\u0020G01\","
				       "\"kind\":\"cas\\u0065\",\"service\":\"k\\u00f8\"}");

	ck_assert_int_eq(d.code, E_VALUE);
	ck_assert_str_eq(d.refusal.field, "service");
	ck_assert(str_is(d.refusal.id, "a-1/\""));
	decoded_done(&d);

	d = decode_text("{\"\\u0069d\":\"a\\u002d1\\/"
			"\\\"\",\"source\":\"b\\u00f8rger\",\"time\":\"2026-11-21T10:15:30\\u002b01:00\","
			"\"municipality\":\"\\u0030751\",\"ch\\u0061nnel\":\"ph\\u006fne\",\"kle\":\"23.05."
			"10\\u0020G01\","
			"\"kind\":\"cas\\u0065\"}");
	ck_assert_int_eq(d.code, CODE_OK);
	ck_assert(str_is(d.event.id, "a-1/\""));
	ck_assert(str_is(d.event.source, "b\xc3\xb8rger"));
	ck_assert(str_is(d.event.municipality, "0751"));
	ck_assert(str_is(d.event.kle, "23.05.10"));
	ck_assert(str_is(d.event.facet, "G01"));
	ck_assert_int_eq(d.event.channel, EFFORT_PHONE);
	ck_assert_int_eq(d.event.kind, EFFORT_CASE);
	decoded_done(&d);
}
END_TEST

/* The first fault is told with its place. */
START_TEST(place)
{
	struct decoded d = decode_text("{\"id\":\"x\",\"id\":tru}");

	ck_assert_int_eq(d.code, E_DUPLICATE_KEY);
	ck_assert_uint_eq(d.refusal.at, 10);
	ck_assert_str_eq(d.refusal.field, "");
	decoded_done(&d);

	d = decode_text("{\"id\":\"x\",\"y\":tru}");
	ck_assert_int_eq(d.code, E_JSON);
	ck_assert_uint_eq(d.refusal.at, 14);
	decoded_done(&d);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		strings,
		utf8,
		numbers,
		structure,
		whole_line,
		every_prefix,
		duplicates,
		depth,
		members,
		length,
		escapes_in_names_and_values,
		place,
	};

	return RUN_TESTS("event json", tests);
}
