/* SPDX-License-Identifier: MPL-2.0 */
/* Borrowed strings (struct effort_str of the plugin ABI): the few things everybody does with them. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <effort/plugin.h>

#include <string.h>

/* For printf: "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct effort_str str_of(const char *text)
{
	return (struct effort_str){ text, strlen(text) };
}

static inline bool str_same(struct effort_str a, struct effort_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

#endif
