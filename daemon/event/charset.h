/* SPDX-License-Identifier: MPL-2.0 */
/* Which characters the free texts of an event may be made of (contract, section 2). Pure. */
#ifndef EVENT_CHARSET_H
#define EVENT_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

enum charset {
	CHARSET_PRINTABLE = 1, /* ASCII 32 to 126 */
	CHARSET_NAME = 2,      /* A-Z a-z 0-9 . _ : / - */
	CHARSET_TASK = 4       /* a-z 0-9 - */
};

/* Is the text 1 to max characters of the set? */
bool charset_holds(unsigned char set, const char *text, size_t len, size_t max);

/* An id: 1 to 128 printable ASCII characters. */
bool charset_is_id(const char *text, size_t len);

/* A source: 1 to 128 bytes of UTF-8, without spaces and without what nobody sees. */
bool charset_is_source(const char *text, size_t len);

#endif
