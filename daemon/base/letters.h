/* SPDX-License-Identifier: MPL-2.0 */
/* Words as people spell them, made comparable: without case, also of Æ, Ø, Å and their like, without blanks
 * around them and with one between them; and as names that keys are made of. UTF-8; bytes that are none stay
 * as they are. Pure. */
#ifndef BASE_LETTERS_H
#define BASE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

/* The text without blanks (also the unbreakable one) around it: moves *text, returns the length. */
size_t letters_trim(const char **text, size_t len);

/* "  Tlf.  Ældre " as "tlf. ældre". Returns the length; what does not fit in size - 1 bytes is cut. ret is
 * NUL-terminated. */
size_t letters_fold(const char *text, size_t len, char *ret, size_t size);

/* "Ældre & Sundhed" as "Aeldre-Sundhed": letters, digits and . _ : / - only, at least one of them; is_lower:
 * "aeldre-sundhed". Returns the length, 0 when nothing is left or it does not fit. */
size_t letters_slug(const char *text, size_t len, bool is_lower, char *ret, size_t size);

#endif
