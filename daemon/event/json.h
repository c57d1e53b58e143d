/* SPDX-License-Identifier: MPL-2.0 */
/* One line of strict JSON (RFC 8259 with I-JSON's stricter points) in one pass: checks all of it and keeps
 * the members that have a name in key.h, of the outer object and of its member `data`. Strings are views into
 * the line; those with escapes are unescaped into the pool. Nothing is allocated and nothing is interpreted
 * here.
 *
 * Stricter than RFC 8259: one object and nothing else, no byte order mark, no name twice in one object
 * (compared unescaped), no lone surrogates, no U+0000, whole numbers within +-2^53, others below 1e308, at
 * most DECODE_MAX_DEPTH levels and DECODE_MAX_MEMBERS members of each object. */
#ifndef EVENT_JSON_H
#define EVENT_JSON_H

#include "event/code.h"
#include "event/decode.h"
#include "event/key.h"
#include "event/lexicon.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type { JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL, JSON_OBJECT, JSON_ARRAY };

struct json_value {
	const char *text; /* a string's unescaped text, else the value as written */
	uint32_t len;
	uint16_t at;   /* offset in the line of the first byte, behind the quote of a string */
	uint16_t type; /* enum json_type */
};

/* The members of one object that have a name in key.h. */
struct json_object {
	uint64_t seen;    /* KEY_BIT of those that are there; the others have no value */
	uint64_t strings; /* those of them that are strings */
	struct json_value value[KEYS];
};

/* Room for unescaped text, used from the front. */
struct json_pool {
	char *text;
	size_t used, size; /* DECODE_PADDING more are readable */
};

struct json {
	const struct lexicon *names; /* of key_name; borrowed */
	struct json_pool *pool;      /* borrowed */

	/* what the last line said */
	struct json_object outer;
	struct json_object data; /* when outer has a `data` that is an object; else seen is 0 */
	bool has_suspects;       /* digits of the raw line may be a CPR number */
	bool has_escapes;        /* a backslash somewhere */
	bool is_plain;           /* only ASCII 32 to 126 and no backslash */
	const char *fault_at;    /* when it was refused */
	const char *fault_detail;

	/* the pass */
	const char *line, *end;
	const uint32_t *quote; /* the next quote not taken yet */
	const uint32_t *quotes_end;
	struct json_object nested; /* thrown away: the members of all other objects */
	uint32_t quotes[DECODE_MAX_LINE + 2 * BLOCK];
};

/* CODE_OK, or the first lexical fault, with what had been read before it in outer and data. */
enum code json_read(struct json *, const char *line, size_t len);

#endif
