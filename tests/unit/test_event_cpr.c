/* SPDX-License-Identifier: MPL-2.0 */
/* The search for CPR numbers: the table of cpr.h, every date, a million UUIDs, and whole lines. All numbers
 * here are made up: their last four digits are 0000. */
#include "event/cpr.h"
#include "../fuzz/naive_cpr.h"
#include "test_event_case.h"

static ptrdiff_t find(const char *text, size_t len, const struct cpr_excuse *excuse)
{
	char *copy = malloc(len + DECODE_PADDING);

	memcpy(copy, text, len);
	memset(copy + len, '0', DECODE_PADDING);

	ptrdiff_t at = cpr_find(copy, len, excuse);
	int64_t near_s = excuse != NULL ? excuse->time_s : 0;

	ck_assert_msg(at == naive_cpr(text, len, excuse != NULL ? &near_s : NULL), "%.*s", (int)len, text);
	free(copy);
	return at;
}

static bool is_found(const char *text)
{
	return find(text, strlen(text), NULL) >= 0;
}

START_TEST(found)
{
	static const char *const cases[] = {
		"0101990000",
		"010199-0000",
		"010199 0000",
		"010199.0000",
		"6101990000",
		"910199-0000",
		"610299-0000",
		"2902000000",
		"290204-0000",
		"290296-0000",
		"8902000000",
		"3112990000",
		"0101000000",
		"a0101990000",
		"0101990000a",
		"x010199-0000y",
		"-0101990000",
		"0101990000-",
		"+45 0101990000",
		"1-010199-0000",
		"1.0101990000.1",
		"1 010199 0000 1",
		"CPR:0101990000",
		"cpr=010199-0000&x=1",
		"\xc3\xa6"
		"0101990000\xc3\xa6",
		"\n0101990000\n",
		"(010199-0000)",
		"010199-0000-0000",
		"12345 0101990000",
		"borger.dk/0101990000/receipt",
		"0101990000.pdf",
		/* too short for a hex token, or none */
		"abcde0101990000",
		"0101990000abcde",
		"0101990000000000 0101990000",
		"0101990000abcdefg",
		"xabcdef0101990000",
		"abcdef0101990000_x\xc3\xb8"
		"0101990000",
		"\xc3\xb8"
		"abcdef0101990000",
		"abcdefabcd010199-0000",
		/* nearly a UUID */
		"0101990000-1111-4111-8111-111111111111",
		"11111111-1111-4111-8111-0101990000",
		"11111111-1111-4111-8111-aa010199-0000",
		"01019900001111-4111-8111-111111111111 0101990000",
		"abcdefab-cdef-4bcd-8bcd-aa0101990000f010199-0000 010199-0000",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_msg(is_found(cases[i]), "missed: %s", cases[i]);
}
END_TEST

START_TEST(not_found)
{
	static const char *const cases[] = {
		"",
		"0",
		"010199",
		"010199000",
		"010199-000",
		"01019900001",
		"10101990000",
		"010199-00001",
		"1010199-0000",
		"12010199 0000",
		"010199  0000",
		"010199--0000",
		"010199/0000",
		"010199_0000",
		"010199:0000",
		"01-01-99-0000",
		"01.01.99 0000",
		"0101-990000",
		"0101 99 0000",
		"01019 90000",
		"0001990000",
		"3201990000",
		"3204990000",
		"3104990000",
		"6001990000",
		"9201990000",
		"9901990000",
		"0100990000",
		"0113990000",
		"3002000000",
		"2902010000",
		"2902990000",
		"9002000000",
		"010199\xc2\xad"
		"0000",
		"010199\xc2\xa0"
		"0000",
		/* UUIDs and hex tokens */
		"abcdef01-0199-4000-8010-199000000000",
		"aaaaaaaa-aaaa-4aaa-8aaa-a0101990000a",
		"aa010199-0000-4aaa-8aaa-aaaaaaaaaaaa",
		"urn:uuid:aa010199-0000-4aaa-8aaa-aaaaaaaaaaaa",
		"{AA010199-0000-4AAA-8AAA-AAAAAAAAAAAA}",
		"x-aa010199-0000-4aaa-8aaa-aaaaaaaaaaaa-x",
		"abcdef0101990000",
		"0101990000abcdef",
		"ABCDEF0101990000",
		"sha1:a0101990000aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"0101990000aaaaaa-0101990000bbbbbb",
		"0000000101990000",
		"2026-11-21T10:15:30.252+01:00",
		"45 12 34 56 78",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_msg(!is_found(cases[i]), "found: %s", cases[i]);
}
END_TEST

/* Every DDMMYY there is, in each form. */
START_TEST(every_date)
{
	static const char *const between[] = { "", "-", " ", "." };
	size_t dates = 0;

	for (int ddmmyy = 0; ddmmyy < 1000000; ddmmyy++) {
		char text[32];
		int len = snprintf(text, sizeof text, "%06d%s0000", ddmmyy, between[ddmmyy % 4]);

		dates += find(text, (size_t)len, NULL) == 0;
	}
	/* per year 365 days, 25 of a hundred years with one more, twice for the replacement numbers */
	ck_assert_uint_eq(dates, 2 * (36500 + 25));
}
END_TEST

/* At every place of a text that is longer than a block. */
START_TEST(every_place)
{
	static const char *const numbers[] = { "0101990000", "010199-0000" };

	for (size_t n = 0; n < 2; n++) {
		size_t len = strlen(numbers[n]);

		for (size_t at = 0; at + len <= 200; at++) {
			char text[200];

			memset(text, 'x', sizeof text);
			memcpy(text + at, numbers[n], len);
			ck_assert_int_eq(find(text, sizeof text, NULL), (ptrdiff_t)at);
			ck_assert_int_eq(find(text, at + len, NULL), (ptrdiff_t)at);
			ck_assert_int_eq(find(text, at + len - 1, NULL), -1);
		}
	}
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

START_TEST(million_uuids)
{
	uint64_t state = 88172645463325252;

	for (int i = 0; i < 1000000; i++) {
		char text[37 + DECODE_PADDING] = { 0 };
		uint64_t a = next_random(&state);
		uint64_t b = next_random(&state);

		snprintf(text, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
			 (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff, 0x8000u | (unsigned)(b >> 50),
			 (unsigned long long)(b & 0xffffffffffff));
		ck_assert_msg(cpr_find(text, 36, NULL) < 0, "%s", text);
	}
}
END_TEST

/* Texts of the characters that matter, against the plain definition. */
START_TEST(random_texts)
{
	static const char alphabet[] = "0101012399-- .aF\"x\xc3";
	uint64_t state = 362436069362436069;

	for (int i = 0; i < 300000; i++) {
		char text[160];
		size_t len = next_random(&state) % sizeof text;

		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[next_random(&state) % (sizeof alphabet - 1)];
		find(text, len, NULL);
	}
}
END_TEST

START_TEST(excuses)
{
	/* 0311261111 is no date; 1112612345 would be 11 December */
	struct cpr_excuse at = { 1112612345 };
	struct cpr_excuse edge = { 1112612345 - CPR_NEAR_S };
	struct cpr_excuse beyond = { 1112612345 - CPR_NEAR_S - 1 };
	struct cpr_excuse after = { 1112612345 + CPR_NEAR_S + 1 };

	ck_assert_int_eq(find("1112612345", 10, NULL), 0);
	ck_assert_int_eq(find("1112612345", 10, &at), -1);
	ck_assert_int_eq(find("req-1112612345-7", 16, &at), -1);
	ck_assert_int_eq(find("1112612345", 10, &edge), -1);
	ck_assert_int_eq(find("1112612345", 10, &beyond), 0);
	ck_assert_int_eq(find("1112612345", 10, &after), 0);
	ck_assert_int_eq(find("111261-2345", 11, &at), 0);
	ck_assert_int_eq(find("1112612345 0101990000", 21, &at), 11);
}
END_TEST

/* A line of 64 KiB that is nothing but suspects takes no longer than any other. */
START_TEST(hostile_length)
{
	static char text[65536 + DECODE_PADDING];

	for (size_t i = 0; i + 11 <= 65536; i += 11)
		memcpy(text + i, "a0101990000", 11);
	memset(text + 65536 - 9, 'a', 9);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(cpr_find(text, 65536, NULL), -1);
}
END_TEST

START_TEST(lines)
{
	static const struct {
		const char *members;
		const char *field;
	} cases[] = {
		{ "\"unit\":\"010199-0000\"", "unit" },
		{ "\"errand\":\"0101990000\"", "errand" },
		{ "\"x\":\"0101990000\"", "" },
		{ "\"x\":\"\\u00301\\u003099\\u0030\\u0030000\"", "" },
		{ "\"x\":\"0101\\u0039\\u0039\\u002d0000\"", "" },
		{ "\"x\":\"010199\\u00200000\"", "" },
		{ "\"x\":\"\\n0101990000\"", "" },
		{ "\"unit\":\"\\u003010199-0000\"", "unit" },
		{ "\"x\":1101990000", "" },
		{ "\"x\":-1101990000", "" },
		{ "\"x\":110199.0000", "" },
		{ "\"duration_s\":1101990000", "duration_s" },
		{ "\"x\":[[\"0101990000\"]]", "" },
		{ "\"x\":{\"y\":{\"z\":\"0101990000\"}}", "" },
		{ "\"0101990000\":1", "" },
		{ "\"x\":{\"010199 0000\":1}", "" },
		{ "\"\\u0030101990000\":1", "" },
		{ "\"kind\":\"0101990000\"", "kind" },
		{ "\"task\":null,\"kind\":7,\"x\":\"0101990000\"", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char line[1024];

		snprintf(line, sizeof line, BASE ",%s}", cases[i].members);

		struct decoded d = decode_text(line);

		ck_assert_msg(d.code == E_CPR, "%s: %s", code_name(d.code), line);
		ck_assert_str_eq(d.refusal.field, cases[i].field);
		ck_assert_uint_eq(d.refusal.id.len, 0);
		ck_assert(str_is(d.refusal.source, "borger.dk"));
		decoded_done(&d);
	}
	/* not found in what escapes are made of, nor across two values */
	expect_with("\"x\":\"\\u310199 0000\"", CODE_OK);
	expect_with("\"x\":\"0101\\u00399\",\"y\":\"0000\"", CODE_OK);
	expect_with("\"x\":[10199,990000]", CODE_OK);
	expect_with("\"unit\":\"010199\",\"portal\":\"0000\"", CODE_OK);
}
END_TEST

static enum code code_of(const char *id, const char *time, const char *more)
{
	char line[1024];

	snprintf(line, sizeof line,
		 "{\"id\":\"%s\",\"source\":\"s\",\"time\":\"%s\",\"municipality\":\"751\",\"channel\":"
		 "\"phone\","
		 "\"task\":\"t\"%s}",
		 id, time, more);

	struct decoded d = decode_text(line);
	enum code code = d.code;

	decoded_done(&d);
	return code;
}

START_TEST(timestamps_in_lines)
{
	/* 1112612345 is 2005-04-04T10:59:05Z */
	const char *same = "2005-04-04T10:59:05Z";

	ck_assert_int_eq(code_of("1112612345", same, ""), CODE_OK);
	ck_assert_int_eq(code_of("q-1112612345-1", same, ""), CODE_OK);
	ck_assert_int_eq(code_of("\\u0031112612345", same, ""), CODE_OK);
	ck_assert_int_eq(code_of("1112612345", "2005-04-06T10:59:05Z", ""), CODE_OK);
	ck_assert_int_eq(code_of("1112612345", "2005-04-06T10:59:06Z", ""), E_CPR);
	ck_assert_int_eq(code_of("1112612345", "2005-04-02T10:59:04Z", ""), E_CPR);
	ck_assert_int_eq(code_of("1112612345", "yesterday", ""), E_CPR);
	ck_assert_int_eq(code_of("1", same, ",\"errand\":\"1112612345\""), CODE_OK);
	ck_assert_int_eq(code_of("1", same, ",\"unit\":\"1112612345\""), E_CPR);
	ck_assert_int_eq(code_of("1", same, ",\"corrects\":\"1112612345\""), E_CPR);
	ck_assert_int_eq(code_of("1", same, ",\"x\":{\"id\":\"1112612345\"}"), E_CPR);
	ck_assert_int_eq(code_of("1", same, ",\"x\":1112612345"), E_CPR);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		found,        not_found, every_date,     every_place, million_uuids,
		random_texts, excuses,   hostile_length, lines,       timestamps_in_lines,
	};

	return RUN_TESTS("event cpr", tests);
}
