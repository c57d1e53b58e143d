/* SPDX-License-Identifier: MPL-2.0 */
/* Numbers and text as bytes, little-endian, small numbers short (7 bits a byte): what totals files are made
 * of. Writing remembers that memory ran out, reading that bytes ran out, so that callers look once, at the
 * end. */
#ifndef JOURNAL_TOTALS_BYTES_H
#define JOURNAL_TOTALS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journal files are little-endian");

#define BYTES_NUMBER_MAX 10

struct bytes_out {
	uint8_t *ptr; /* owned */
	size_t len, cap;
	bool is_failed; /* no memory; what is there is useless */
};

struct bytes_in {
	const uint8_t *at, *end;
	bool is_bad; /* something did not fit; zeros were given instead */
};

static inline uint8_t *bytes_room(struct bytes_out *out, size_t len)
{
	size_t cap = out->cap < 4096 ? 4096 : out->cap;
	uint8_t *bigger;

	while (cap - out->len < len)
		cap *= 2;
	if (cap != out->cap) {
		bigger = out->is_failed ? NULL : realloc(out->ptr, cap);
		if (bigger == NULL) {
			out->is_failed = true;
			return NULL;
		}
		out->ptr = bigger;
		out->cap = cap;
	}
	return out->ptr + out->len;
}

static inline void bytes_put(struct bytes_out *out, const void *bytes, size_t len)
{
	uint8_t *at = bytes_room(out, len);

	if (at == NULL || len == 0)
		return;
	memcpy(at, bytes, len);
	out->len += len;
}

static inline void bytes_store(uint8_t *at, uint64_t value, size_t len)
{
	memcpy(at, &value, len);
}

static inline uint64_t bytes_fetch(const uint8_t *at, size_t len)
{
	uint64_t value = 0;

	memcpy(&value, at, len);
	return value;
}

static inline void bytes_put_fixed(struct bytes_out *out, uint64_t value, size_t len)
{
	uint8_t bytes[8];

	bytes_store(bytes, value, len);
	bytes_put(out, bytes, len);
}

static inline void bytes_put_number(struct bytes_out *out, uint64_t value)
{
	uint8_t *at = bytes_room(out, BYTES_NUMBER_MAX), *from = at;

	if (at == NULL)
		return;
	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at++ = (uint8_t)value;
	out->len += (size_t)(at - from);
}

/* Small when it is near zero on either side. */
static inline void bytes_put_signed(struct bytes_out *out, int64_t value)
{
	bytes_put_number(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static inline void bytes_put_string(struct bytes_out *out, const char *text)
{
	bytes_put(out, text, strlen(text) + 1);
}

static inline void bytes_put_text(struct bytes_out *out, const char *text, size_t len)
{
	bytes_put_number(out, len);
	bytes_put(out, text, len);
}

static inline size_t bytes_left(const struct bytes_in *in)
{
	return (size_t)(in->end - in->at);
}

/* NULL past the end. */
static inline const uint8_t *bytes_take(struct bytes_in *in, size_t len)
{
	const uint8_t *at = in->at;

	if (in->is_bad || bytes_left(in) < len) {
		in->is_bad = true;
		return NULL;
	}
	in->at += len;
	return at;
}

static inline uint64_t bytes_number(struct bytes_in *in)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
		uint8_t byte = *in->at++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return value;
	}
	in->is_bad = true;
	return 0;
}

/* A number below `end`. */
static inline uint64_t bytes_below(struct bytes_in *in, uint64_t end)
{
	uint64_t value = bytes_number(in);

	if (value < end)
		return value;
	in->is_bad = true;
	return 0;
}

static inline int64_t bytes_signed(struct bytes_in *in)
{
	uint64_t value = bytes_number(in);

	return (int64_t)(value >> 1 ^ ((value & 1) != 0 ? UINT64_MAX : 0));
}

/* Text that ends with a NUL, where it lies. */
static inline const char *bytes_string(struct bytes_in *in)
{
	const uint8_t *nul = in->is_bad ? NULL : memchr(in->at, '\0', bytes_left(in));
	const char *text = (const char *)in->at;

	if (nul == NULL) {
		in->is_bad = true;
		return "";
	}
	in->at = nul + 1;
	return text;
}

/* Text of at most `max` bytes, where it lies. */
static inline const char *bytes_text(struct bytes_in *in, size_t max, size_t *ret_len)
{
	size_t len = (size_t)bytes_below(in, (uint64_t)max + 1);
	const uint8_t *at = bytes_take(in, len);

	*ret_len = at == NULL ? 0 : len;
	return at == NULL ? "" : (const char *)at;
}

#endif
