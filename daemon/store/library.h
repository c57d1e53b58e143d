/* SPDX-License-Identifier: MPL-2.0 */
/* The Redis function library, etc/redis/effort.lua, apply.lua, repair.lua and moments.lua, built into the program, under
 * a version made of its own text: any change makes a new version. The version is part of the library's name and of the
 * name of each of its functions ("effort_apply_0123456789abcdef"), so effortds of different versions on one Redis leave
 * each other's alone, and each runs nothing but its own text. command.h puts it behind the names that are called,
 * olds.c takes away what no effortd calls any more. */
#ifndef STORE_LIBRARY_H
#define STORE_LIBRARY_H

#include <stddef.h>

#define LIBRARY_VERSION_LEN 16
#define LIBRARY_FAMILY      "effort" /* alone: the name of a library from before they had versions */
#define LIBRARY_NAME_LEN    (sizeof(LIBRARY_FAMILY) + LIBRARY_VERSION_LEN)

/* The text to load, with its version in it; to be freed with free(). 0 or -ENOMEM. */
int library_text(char **ret_text, size_t *ret_len);
/* Made anew with each call, from the whole text: for those who keep it. */
void library_version(char version[LIBRARY_VERSION_LEN + 1]);
/* "effort_<version>" */
void library_name(char name[LIBRARY_NAME_LEN + 1]);

#endif
