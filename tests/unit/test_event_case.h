/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of the event layer share: a decoder, and a line decoded from a heap buffer of exactly the
 * size that the decoder may read, so that a sanitizer sees one byte more. */
#ifndef TEST_EVENT_CASE_H
#define TEST_EVENT_CASE_H

#include "suite.h"

#include "event/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_SOURCE ((struct effort_str){ "", 0 })

/* A good event without its closing brace, and what it ends with. */
#define BASE                                                                                                 \
	"{\"id\":\"a-1\",\"source\":\"borger.dk\",\"time\":\"2026-11-21T10:15:30+01:00\","                   \
	"\"municipality\":\"0751\",\"channel\":\"phone\",\"kle\":\"23.05.10\""

struct decoded {
	struct decoder *decoder;
	char *line;
	enum code code;
	struct effort_event event;
	struct refusal refusal;
};

static inline struct decoded decode_bytes(const char *bytes, size_t len, struct effort_str source)
{
	struct decoded d = { .decoder = decoder_new(len), .line = malloc(len + DECODE_PADDING) };

	memcpy(d.line, bytes, len);
	memset(d.line + len, '"', DECODE_PADDING); /* what lies behind must not matter */
	d.code = decode_line(d.decoder, d.line, len, source, &d.event, &d.refusal);
	return d;
}

static inline struct decoded decode_text(const char *text)
{
	return decode_bytes(text, strlen(text), NO_SOURCE);
}

static inline void decoded_done(struct decoded *d)
{
	decoder_free(d->decoder);
	free(d->line);
}

static inline void expect_bytes(const char *bytes, size_t len, enum code code)
{
	struct decoded d = decode_bytes(bytes, len, NO_SOURCE);

	ck_assert_msg(d.code == code, "%s, not %s: %.*s", code_name(d.code), code_name(code), (int)len,
		      bytes);
	if (code != CODE_OK) {
		ck_assert_int_eq(d.refusal.code, code);
		ck_assert_ptr_nonnull(d.refusal.field);
		ck_assert_ptr_nonnull(d.refusal.detail);
		ck_assert_uint_le(d.refusal.at, len);
	}
	decoded_done(&d);
}

static inline void expect(const char *text, enum code code)
{
	expect_bytes(text, strlen(text), code);
}

/* A good event with more members behind. */
static inline void expect_with(const char *members, enum code code)
{
	size_t room = sizeof BASE + strlen(members) + 3;
	char *line = malloc(room);

	snprintf(line, room, BASE ",%s}", members);
	expect(line, code);
	free(line);
}

static inline bool str_is(struct effort_str s, const char *text)
{
	return effort_equals(s, text);
}

/* A CloudEvents envelope without its data and its closing brace. */
#define CE                                                                                                   \
	"{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"/"                                               \
	"s\",\"type\":\"dk.contact\",\"time\":\"2026-11-21T10:15:30Z\""
#define CE_DATA "\"municipality\":\"751\",\"channel\":\"chat\",\"service\":\"bot\""

#endif
