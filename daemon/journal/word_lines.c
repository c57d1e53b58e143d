/* SPDX-License-Identifier: MPL-2.0 */
/* See word_lines.h. */
#include "journal/word_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define VERSION		  2
#define VERSION_UNCHECKED 1

#define CHECK_LEN (6 + 16 + 1) /* "check ", digits, newline */

const struct word_lines word_lines_targets = { "targets", "effortd-targets", 4 * 1024 * 1024 };
const struct word_lines word_lines_definitions = { "definitions", "effortd-definitions", 65536 };
const struct word_lines word_lines_silences = { "silences", "effortd-silences", 4 * 1024 * 1024 };

void word_lines_begin(const struct word_lines *form, struct text *text)
{
	text_printf(text, "%s %d\n", form->kind, VERSION);
}

void word_lines_end(struct text *text)
{
	text_printf(text, "check %016" PRIx64 "\n", XXH3_64bits(text->ptr, text->len));
}

static bool has_check(const char *bytes, size_t len)
{
	char check[CHECK_LEN + 1];

	if (len < CHECK_LEN)
		return false;
	snprintf(check, sizeof(check), "check %016" PRIx64 "\n", XXH3_64bits(bytes, len - CHECK_LEN));
	return memcmp(bytes + len - CHECK_LEN, check, CHECK_LEN) == 0;
}

/* Length of the first line when it says this version; 0: it does not. */
static size_t first_line(const struct word_lines *form, const char *text, int version)
{
	char first[64];
	size_t len = (size_t)snprintf(first, sizeof(first), "%s %d\n", form->kind, version);

	return strncmp(text, first, len) == 0 ? len : 0;
}

int word_lines_load(const struct word_lines *form, const struct disk *disk, const char *path, char **ret, bool *ret_is_checked)
{
	void *bytes = NULL;
	size_t len, first;
	int r = disk_load(disk, path, form->max, &bytes, &len);
	char *text = bytes;
	bool is_checked;

	if (r < 0)
		return r;
	is_checked = first_line(form, text, VERSION_UNCHECKED) == 0;
	first = first_line(form, text, is_checked ? VERSION : VERSION_UNCHECKED);
	if (first == 0 || (is_checked && !has_check(text, len))) {
		free(text);
		return -EBADMSG;
	}
	len -= first + (is_checked ? CHECK_LEN : 0);
	memmove(text, text + first, len);
	text[len] = '\0';
	*ret = text;
	*ret_is_checked = is_checked;
	return 0;
}
