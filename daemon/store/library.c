/* SPDX-License-Identifier: MPL-2.0 */
/* See library.h. The paths are relative to the folder daemon/, which is on the include path, and so on the
 * assembler's. */
#include "store/library.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__asm__(".pushsection .rodata\n"
	".global effort_library_begin\n"
	".hidden effort_library_begin\n"
	"effort_library_begin:\n"
	".incbin \"../etc/redis/effort.lua\"\n"
	".incbin \"../etc/redis/apply.lua\"\n"
	".incbin \"../etc/redis/repair.lua\"\n"
	".incbin \"../etc/redis/moments.lua\"\n"
	".global effort_library_end\n"
	".hidden effort_library_end\n"
	"effort_library_end:\n"
	".byte 0\n"
	".popsection\n");

extern const char effort_library_begin[], effort_library_end[];

static const char placeholder[] = "0000000000000000";

void library_version(char version[LIBRARY_VERSION_LEN + 1])
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (const char *at = effort_library_begin; at < effort_library_end; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
	snprintf(version, LIBRARY_VERSION_LEN + 1, "%016" PRIx64, hash);
}

void library_name(char name[LIBRARY_NAME_LEN + 1])
{
	char version[LIBRARY_VERSION_LEN + 1];

	library_version(version);
	snprintf(name, LIBRARY_NAME_LEN + 1, LIBRARY_FAMILY "_%s", version);
}

int library_text(char **ret_text, size_t *ret_len)
{
	size_t len = (size_t)(effort_library_end - effort_library_begin);
	char version[LIBRARY_VERSION_LEN + 1];
	char *text = malloc(len + 1), *at;

	if (!text)
		return -ENOMEM;
	memcpy(text, effort_library_begin, len);
	text[len] = '\0';
	library_version(version);
	for (at = strstr(text, placeholder); at != NULL; at = strstr(at, placeholder))
		memcpy(at, version, LIBRARY_VERSION_LEN);
	*ret_text = text;
	*ret_len = len;
	return 0;
}
