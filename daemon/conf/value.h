/* SPDX-License-Identifier: MPL-2.0 */
/* One value: from text (of a file or of `-s`) to a checked number or text under its row of the schema, and
 * the forms that ids, KLE numbers and dates have in the other files. Pure. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/error.h"
#include "conf/schema.h"

/* Checks text against the key. *ret_number: the value of numbers, counts, sizes (bytes) and durations
 * (microseconds, INT64_MAX for "never"); index of the word of an enum; 0 for other words and types. Returns 0
 * or -EINVAL with the message in *reterr ("35x has no unit ...") and, if it is not empty, the next step in
 * *rethint. */
int value_parse(const struct schema_key *key, const char *text, int64_t *ret_number, struct error *reterr,
		struct error *rethint);

/* A number of that type as one would write it: "20ms", "4M", "4GiB". */
void value_print(enum schema_type type, int64_t number, char *buf, size_t size);

/* Index of text in the blank-separated words; -1: not one of them. */
int value_word(const char *words, const char *text);

bool value_is_id(const char *text);      /* [a-z0-9-]{1,48} */
bool value_is_file(const char *text);    /* [A-Za-z0-9_-]{1,48}: a file name without extension */
bool value_is_source(const char *text);  /* 1-128 printable ASCII without blanks */
bool value_is_service(const char *text); /* [A-Za-z0-9._:/-]{1,64} */
bool value_is_kle(const char *text);     /* 27, 27.36 or 27.36.08 */
bool value_is_date(const char *text);    /* YYYY-MM-DD, a real one */
bool value_is_label(const char *text);   /* 1-200 bytes without control characters */

#endif
