/* SPDX-License-Identifier: MPL-2.0 */
/* The search of one line for personal data: every name, string and number of it, unescaped, at every level.
 * Only for lines that json_read() accepted. Pure. */
#ifndef EVENT_SEARCH_H
#define EVENT_SEARCH_H

#include "event/json.h"

#include <stdbool.h>

/* True: there is a CPR number. *ret_at is where its name, string or number starts, *ret_field the member's
 * name when it is the value of one we know, else "". */
bool search_line(const struct json *, size_t *ret_at, const char **ret_field);

#endif
