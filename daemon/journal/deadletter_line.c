/* SPDX-License-Identifier: MPL-2.0 */
/* See deadletter_line.h. What is masked: a digit is shown as '#'; an escape (the backslash with what belongs
 * to it) and every byte outside printable ASCII as '.'. So no number can be read in an excerpt, however
 * written. */
#include "journal/deadletter_line.h"

#include "base/str.h"
#include "event/decode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define KEY_BYTES 32

struct deadletter_writer {
	const uint8_t *key;      /* borrowed */
	struct decoder *decoder; /* owned */
	char line[DECODE_MAX_LINE + DECODE_PADDING];
};

struct deadletter_writer *deadletter_writer_new(const uint8_t *key)
{
	struct deadletter_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->key = key;
	w->decoder = decoder_new(DECODE_MAX_LINE);
	if (w->decoder == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void deadletter_writer_free(struct deadletter_writer *w)
{
	if (w == NULL)
		return;
	decoder_free(w->decoder);
	free(w);
}

/* --- what may be told --- */

static bool is_of_unread_line(enum code code)
{
	return code == E_JSON || code == E_UTF8 || code == E_TOO_LONG || code == E_DEPTH ||
	       code == E_DUPLICATE_KEY || code == E_PARTIAL;
}

/* The decoder reports any other code only of a line that it has read to its end and searched. */
static bool is_searched(struct deadletter_writer *w, const struct deadletter *letter)
{
	struct effort_event ev;
	struct refusal refusal;
	enum code code;

	if (is_of_unread_line(letter->code) || letter->bytes.len == 0 || letter->bytes.len > DECODE_MAX_LINE)
		return false;
	memcpy(w->line, letter->bytes.ptr, letter->bytes.len);
	memset(w->line + letter->bytes.len, 0, DECODE_PADDING);
	decoder_reset(w->decoder);
	code = decode_line(w->decoder, w->line, letter->bytes.len, letter->source, &ev, &refusal);
	return code != E_CPR && !is_of_unread_line(code);
}

/* --- the parts of a line --- */

static void add_time(struct text *text, int64_t at_ms)
{
	time_t at = (time_t)(at_ms >= 0 ? at_ms / 1000 : (at_ms - 999) / 1000);
	struct tm tm;
	char stamp[40] = "";

	if (gmtime_r(&at, &tm) != NULL)
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_key_cstr(text, "at", stamp);
}

static void add_hash(const struct deadletter_writer *w, struct effort_str bytes, struct text *text)
{
	XXH3_state_t *state = XXH3_createState();

	if (state == NULL) {
		text->is_cut = true;
		return;
	}
	XXH3_64bits_reset(state);
	XXH3_64bits_update(state, w->key, KEY_BYTES);
	XXH3_64bits_update(state, bytes.ptr, bytes.len);
	XXH3_64bits_update(state, w->key, KEY_BYTES);
	text_key(text, "hash");
	text_printf(text, "\"%016" PRIx64 "\"", XXH3_64bits_digest(state));
	XXH3_freeState(state);
}

/* Bytes of the escape that begins at a backslash. */
static size_t escape_len(const char *at, const char *end)
{
	size_t len = end - at > 1 && at[1] == 'u' ? 6 : 2;

	return len < (size_t)(end - at) ? len : (size_t)(end - at);
}

static size_t mask(struct effort_str bytes, char masked[DEADLETTER_EXCERPT])
{
	const char *at = bytes.ptr, *end = at + bytes.len;
	size_t n = 0;

	while (at < end && n < DEADLETTER_EXCERPT) {
		unsigned char c = (unsigned char)*at;

		if (c >= '0' && c <= '9')
			masked[n++] = '#';
		else
			masked[n++] = (char)(c == '\\' || c < ' ' || c > '~' ? '.' : c);
		at += c == '\\' ? escape_len(at, end) : 1;
	}
	return n;
}

static void add_excerpt(struct effort_str bytes, struct text *text)
{
	char masked[DEADLETTER_EXCERPT];
	size_t n = mask(bytes, masked);

	text_key(text, "excerpt");
	text_json(text, (struct effort_str){ masked, n });
}

static void add_content(struct deadletter_writer *w, const struct deadletter *letter, struct text *text)
{
	text_key_cstr(text, "detail", letter->detail);
	if (is_searched(w, letter)) {
		text_key(text, "event");
		text_add(text, letter->bytes.ptr, letter->bytes.len);
	} else if (letter->bytes.len > 0) {
		add_hash(w, letter->bytes, text);
		add_excerpt(letter->bytes, text);
	}
}

bool deadletter_write(struct deadletter_writer *w, const struct deadletter *letter, struct text *text)
{
	size_t before = text->len;
	bool is_personal = letter->code == E_CPR, is_whole;

	text_puts(text, "{");
	add_time(text, letter->at_ms);
	text_key(text, "source");
	text_json(text, letter->source.len > 0 ? letter->source : str_of("_unknown"));
	text_key_cstr(text, "code", code_name(letter->code));
	if (!is_personal)
		text_key_int(text, "line", (int64_t)letter->line);
	text_key_int(text, "size", (int64_t)letter->size);
	text_key_cstr(text, "field", letter->field);
	if (!is_personal)
		add_content(w, letter, text);
	text_puts(text, "}\n");
	is_whole = !text->is_cut;
	if (!is_whole) {
		text->is_cut = false;
		text->len = before;
		if (text->ptr != NULL)
			text->ptr[before] = '\0';
	}
	return is_whole;
}
