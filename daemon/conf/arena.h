/* SPDX-License-Identifier: MPL-2.0 */
/* Memory that is freed in one go: a configuration and all its strings. Zeroed, aligned for any type. Running
 * out of memory ends the process with a line on stderr, as libconfig does: an arena holds a few kilobytes of
 * checked, size-limited files, so there is nothing sensible left to do then. Belongs to one thread. */
#ifndef CONF_ARENA_H
#define CONF_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *blocks; /* owned */
};

void *arena_alloc(struct arena *, size_t size);
void *arena_array(struct arena *, size_t n, size_t size);
char *arena_strdup(struct arena *, const char *text);
char *arena_printf(struct arena *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_done(struct arena *);

#endif
