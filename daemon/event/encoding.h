/* SPDX-License-Identifier: MPL-2.0 */
/* What a file's bytes mean: UTF-8, with or without the mark that spreadsheets put first, or Windows-1252
 * (which holds Latin-1). Pure; allocates nothing. */
#ifndef EVENT_ENCODING_H
#define EVENT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

enum encoding { ENCODING_UTF8, ENCODING_1252, ENCODING_UTF16 /* recognised, not read */, ENCODINGS };

/* Which one a whole text is in: by its mark, else UTF-8 if every byte fits, else Windows-1252. */
enum encoding encoding_guess(const char *text, size_t len);

/* Bytes of the UTF-8 mark at the beginning: 3 or 0. */
size_t encoding_mark(const char *text, size_t len);

bool encoding_is_utf8(const char *text, size_t len);

/* Windows-1252 as UTF-8; out has room for 3 * len bytes. The five bytes that mean nothing there come out as
 * they are, which is no UTF-8. Returns the length. */
size_t encoding_from_1252(const char *text, size_t len, char *out);

/* Letters that came in two pieces ("A" and a ring above, as some systems export them) in one: Å, å. In place;
 * returns the length. */
size_t encoding_compose(char *text, size_t len);

#endif
