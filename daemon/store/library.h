/* SPDX-License-Identifier: MPL-2.0 */
/* The Redis function library, etc/redis/effort.lua, apply.lua, repair.lua and moments.lua, built into the program, under
 * a version made of its own text: any change makes a new version, and Redis is given the text again when its
 * version is another one. */
#ifndef STORE_LIBRARY_H
#define STORE_LIBRARY_H

#include <stddef.h>

#define LIBRARY_VERSION_LEN 16

/* The text to load, with its version in it; to be freed with free(). 0 or -ENOMEM. */
int library_text(char **ret_text, size_t *ret_len);
/* The version effort_version answers once it is loaded. */
void library_version(char version[LIBRARY_VERSION_LEN + 1]);

#endif
