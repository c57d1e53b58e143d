/* SPDX-License-Identifier: MPL-2.0 */
/* A growing piece of text with an upper bound: JSON answers, lists for people. Owns its bytes. Running out of
 * memory or room sets `is_cut` and drops what does not fit; callers look once, at the end. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <effort/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *ptr; /* owned, NUL-terminated; NULL while empty */
	size_t len, cap, max;
	bool is_cut;
};

void text_init(struct text *, size_t max);
void text_done(struct text *);
void text_clear(struct text *);

void text_add(struct text *, const char *bytes, size_t len);
void text_puts(struct text *, const char *);
void text_printf(struct text *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string with its quotes; bytes that are no valid text in a log (controls, DEL, invalid UTF-8) come as
 * \u escapes. */
void text_json(struct text *, struct effort_str);
/* "name": with a comma before it unless it follows '{', '[' or nothing. */
void text_key(struct text *, const char *name);
void text_key_cstr(struct text *, const char *name, const char *value); /* NULL: null */
void text_key_int(struct text *, const char *name, int64_t value);
void text_key_bool(struct text *, const char *name, bool value);

#endif
