/* SPDX-License-Identifier: MPL-2.0 */
/* The inside of a JSON string: is it valid, and what does it say. Pure. */
#ifndef EVENT_CHARS_H
#define EVENT_CHARS_H

#include "event/code.h"

#include <stdbool.h>
#include <stddef.h>

/* Checks the bytes between two quotes: UTF-8 (shortest form, no surrogates, at most U+10FFFF), no control
 * bytes, escapes that exist, surrogate pairs that are whole, no U+0000. CODE_OK and whether there are
 * escapes; or the code, the place and what was expected. */
enum code chars_check(const char *from, const char *to, bool *ret_has_escapes, const char **ret_at,
		      const char **ret_detail);

/* Writes what a checked string says to `out`, which has room for as many bytes as the string has. Returns how
 * many. */
size_t chars_unescape(const char *from, const char *to, char *out);

/* Bytes of the UTF-8 character at p (1 to 4) and the character; 0: it is not valid. */
size_t chars_next(const char *p, const char *end, unsigned *ret_character);

#endif
