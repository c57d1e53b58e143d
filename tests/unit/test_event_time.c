/* SPDX-License-Identifier: MPL-2.0 */
/* RFC 3339: the calendar against the C library's, offsets, fractions, leap seconds and what is not a time. */
#include "event/time.h"
#include "test_event_case.h"

#include <time.h>

static int parse(const char *text, int64_t *ret_ms)
{
	/* an exact copy: time_parse() needs nothing behind the text */
	size_t len = strlen(text);
	char *copy = malloc(len + 1);

	memcpy(copy, text, len);

	int r = time_parse(copy, len, ret_ms);

	free(copy);
	return r;
}

START_TEST(accepted)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t00:00:00z", 0 },
		{ "1970-01-01T00:00:00-00:00", 0 },
		{ "1970-01-01T00:00:00.001Z", 1 },
		{ "1969-12-31T23:59:59.999Z", -1 },
		{ "1970-01-01T01:00:00+01:00", 0 },
		{ "1969-12-31T14:30:00-09:30", 0 },
		{ "1970-01-01T23:59:00+23:59", 0 },
		{ "2026-11-21T10:15:30+01:00", 1795252530000 },
		{ "2026-11-21T10:15:30.2+01:00", 1795252530200 },
		{ "2026-11-21T10:15:30.25+01:00", 1795252530250 },
		{ "2026-11-21T10:15:30.2529999+01:00", 1795252530252 },
		{ "2026-11-21T10:15:30.252999999999999999999+01:00", 1795252530252 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "1900-01-01T00:00:00Z", -2208988800000 },
		{ "2200-12-31T23:59:59Z", 7289654399000 },
		{ "2016-12-31T23:59:60Z", 1483228799999 },
		{ "2017-01-01T00:59:60.5+01:00", 1483228799999 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t ms = 1;

		ck_assert_msg(parse(cases[i].text, &ms) == 0, "%s", cases[i].text);
		ck_assert_msg(ms == cases[i].ms, "%s: %lld", cases[i].text, (long long)ms);
	}
}
END_TEST

START_TEST(refused)
{
	static const char *const cases[] = {
		"",
		"Z",
		"2026",
		"2026-11-21",
		"2026-11-21T10:15:30",
		"2026-11-21T10:15Z",
		"2026-11-21 10:15:30Z",
		"2026-11-21T10:15:30+0100",
		"2026-11-21T10:15:30+01",
		"2026-11-21T10:15:30+1:00",
		"2026-11-21T10:15:30+24:00",
		"2026-11-21T10:15:30+01:60",
		"2026-11-21T10:15:30 01:00",
		"2026-11-21T10:15:30+01:00Z",
		"2026-11-21T10:15:30ZZ",
		"2026-11-21T10:15:30.Z",
		"2026-11-21T10:15:30,5Z",
		"2026-11-21T10:15:30.5",
		"2026-11-21T10:15:30.5.5Z",
		"2026-00-21T10:15:30Z",
		"2026-13-21T10:15:30Z",
		"2026-99-21T10:15:30Z",
		"2026-11-00T10:15:30Z",
		"2026-11-31T10:15:30Z",
		"2026-02-29T10:15:30Z",
		"1900-02-29T10:15:30Z",
		"2100-02-29T10:15:30Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T10:60:00Z",
		"2026-11-21T10:15:61Z",
		"2026-11-21T10:15:60Z",
		"2016-12-31T23:59:60+01:00",
		"2026-11-21T10:15:99Z",
		"1899-12-31T23:59:59Z",
		"2201-01-01T00:00:00Z",
		"9999-01-01T00:00:00Z",
		"+026-11-21T10:15:30Z",
		"2026-1--21T10:15:30Z",
		"2026/11/21T10:15:30Z",
		"2026-11-21T10.15.30Z",
		"2026-11-21X10:15:30Z",
		("2026-11-21\x14"
		 "10:15:30Z"),
		"2026-11-21T1 :15:30Z",
		"2026-11-21T10:15:3/Z",
		"2026-11-21T10:15::0Z",
		"2026-11-21T10:15:30\x1a",
		"2026-11-21T10:15:30+0a:00",
		"2026-11-21T10:15:30+01-00",
		" 2026-11-21T10:15:30Z",
		"2026-11-21T10:15:30Z ",
		"20261121T101530Z",
		"1795252530",
		"\xb2\xb0\xb2\xb6-11-21T10:15:30Z",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t ms;

		ck_assert_msg(parse(cases[i], &ms) != 0, "accepted: %s", cases[i]);
	}
}
END_TEST

/* Every day from 1900 to 2200 against timegm(), each at another time of day. */
START_TEST(every_day)
{
	int64_t first = -2208988800 / 86400;
	int64_t last = 7289654399 / 86400;

	for (int64_t day = first; day <= last; day++) {
		int64_t want = day * 86400 + (day - first) * 7919 % 86400;
		time_t t = (time_t)want;
		struct tm tm;
		char text[64];
		int64_t ms;

		gmtime_r(&t, &tm);
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
		ck_assert_msg(parse(text, &ms) == 0 && ms == want * 1000, "%s", text);
	}
}
END_TEST

/* Each byte of a good time replaced by every other byte: only what still reads as a time is accepted. */
START_TEST(every_byte)
{
	static const char good[] = "2026-11-21T10:15:30+01:00";

	for (size_t i = 0; i < sizeof good - 1; i++) {
		for (int c = 0; c < 256; c++) {
			char text[sizeof good];
			int64_t ms;

			memcpy(text, good, sizeof good);
			text[i] = (char)c;

			bool is_digit_place = good[i] >= '0' && good[i] <= '9';
			bool may_be = is_digit_place   ? c >= '0' && c <= '9'
				      : good[i] == 'T' ? c == 'T' || c == 't'
				      : good[i] == '+' ? c == '+' || c == '-'
						       : c == good[i];

			if (!may_be)
				ck_assert_msg(time_parse(text, sizeof good - 1, &ms) != 0, "%s", text);
		}
	}
}
END_TEST

static void expect_alike(struct time_known *known, const char *text, size_t len)
{
	char padded[64 + 8] = { 0 };
	int64_t ms = 1, ms_alike = 1;
	int r = time_parse(text, len, &ms);

	memcpy(padded, text, len);
	memset(padded + len, '0', 8);
	if (time_parse_alike(known, padded, len, &ms_alike) != r || ms_alike != ms)
		ck_abort_msg("%.*s", (int)len, text);
}

/* After one time, another: with each byte replaced by every other byte, and with what stands behind the clock cut off
 * or replaced by that of other times. */
START_TEST(alike)
{
	static const char *const texts[] = {
		"1970-01-01T00:00:00Z",		 "2026-11-21T10:15:30+01:00",	   "2026-11-21T23:59:59.999+01:00",
		"2026-11-21t10:15:30.25z",	 "2026-11-22T00:00:00.5-09:30",	   "2016-12-31T23:59:60Z",
		"2017-01-01T00:59:60.250+01:00", "2026-11-21T10:15:30.2529+01:00", "2026-11-21T10:15:30-00:00",
	};
	enum { N = sizeof texts / sizeof texts[0] };

	for (size_t before = 0; before < N; before++) {
		struct time_known known;

		time_known_init(&known);
		for (size_t i = 0; i < N; i++) {
			size_t len = strlen(texts[i]), rest_len = strlen(texts[before] + 19);
			char text[64];

			memcpy(text, texts[i], len);
			for (size_t at = 0; at < len; at++) {
				for (int c = 0; c < 256; c++) {
					text[at] = (char)c;
					expect_alike(&known, texts[before], 19 + rest_len);
					expect_alike(&known, text, len);
				}
				text[at] = texts[i][at];
				expect_alike(&known, text, at);
			}
			memset(text + len, 0, 6);
			for (size_t more = 1; more < 6; more++)
				expect_alike(&known, text, len + more);
			memcpy(text + 19, texts[before] + 19, rest_len);
			expect_alike(&known, text, 19 + rest_len);
		}
	}
}
END_TEST

/* Nothing that was never checked passes for a known date. */
START_TEST(nothing_known)
{
	static const char zeros[] = "\0\0\0\0\0\0\0\0\0\0\0" "00:00:00" "\0\0\0\0\0\0";
	struct time_known known;

	time_known_init(&known);
	expect_alike(&known, zeros, sizeof zeros - 1);
	expect_alike(&known, "1970-01-01T10:15:30Z", 20);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { accepted, refused, every_day, every_byte, alike, nothing_known };

	return RUN_TESTS("event time", tests);
}
