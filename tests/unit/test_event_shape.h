/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of shapes share: is a line judged as if it were the first, and is it read by a shape. */
#ifndef TEST_EVENT_SHAPE_H
#define TEST_EVENT_SHAPE_H

#include "test_event_case.h"

#include "event/shape.h"

static inline bool is_same_text(struct effort_str a, struct effort_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static inline bool is_same_event(const struct effort_event *a, const struct effort_event *b)
{
	return memcmp(a, b, offsetof(struct effort_event, id)) == 0 && is_same_text(a->id, b->id) &&
	       is_same_text(a->source, b->source) && is_same_text(a->municipality, b->municipality) &&
	       is_same_text(a->kle, b->kle) && is_same_text(a->facet, b->facet) && is_same_text(a->task, b->task) &&
	       is_same_text(a->service, b->service) && is_same_text(a->reason, b->reason) &&
	       is_same_text(a->unit, b->unit) && is_same_text(a->handled_by, b->handled_by) &&
	       is_same_text(a->portal, b->portal) && is_same_text(a->corrects, b->corrects) &&
	       is_same_text(a->errand, b->errand) && is_same_text(a->meter, b->meter) && a->reading == b->reading;
}

static inline bool is_same_refusal(const struct refusal *a, const struct refusal *b)
{
	return strcmp(a->field, b->field) == 0 && strcmp(a->detail, b->detail) == 0 && a->at == b->at &&
	       is_same_text(a->id, b->id) && is_same_text(a->source, b->source);
}

/* The line with its end and another line behind it, of which only the first is to be taken; with no end in
 * sight, none. */
static inline void expect_same_among_lines(struct decoder *trained, const char *text, size_t len,
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
static inline void expect_same(struct decoder *trained, const char *text, size_t len)
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

/* Is this line, with an LF behind it, read by a shape? */
static inline bool is_alike(struct decoder *d, const char *text, size_t len)
{
	char *line = calloc(1, len + 1 + DECODE_PADDING);
	const char *at = line;
	struct effort_event ev;
	struct effort_str taken;

	memcpy(line, text, len);
	line[len] = '\n';

	bool is_taken = decode_alike(d, &at, line + len + 1, NO_SOURCE, &ev, &taken);

	free(line);
	return is_taken;
}

#endif
