/* SPDX-License-Identifier: MPL-2.0 */
/* The nearest known name to a misspelt one, by Damerau-Levenshtein distance (two letters swapped count as
 * one), and the hint made of it. Pure. */
#ifndef CONF_NEAR_H
#define CONF_NEAR_H

#include <stddef.h>

/* Steps from one name to the other; only the first 63 bytes are looked at. */
size_t near_distance(const char *a, const char *b);

/* The nearest name within two steps (one step for names of up to three letters), the first among equals;
 * NULL: none. */
const char *near_find(const char *word, const char *const *names, size_t n);

/* "did you mean 'x'? Known here: a, b, c" or "known here: a, b, c"; cut with "..." where buf ends. */
void near_hint(char *buf, size_t size, const char *word, const char *const *names, size_t n);

#endif
