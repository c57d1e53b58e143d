/* SPDX-License-Identifier: MPL-2.0 */
/* Files of state_dir that are lines of words: the first says what they are and in which version, the last is a check of
 * everything before. Version 1 had no check: such a file is taken as it is. What the lines between say is their owner's
 * (run/remembered.h); here is whether they are as they were written. Any thread; no state. */
#ifndef JOURNAL_WORD_LINES_H
#define JOURNAL_WORD_LINES_H

#include "base/text.h"
#include "journal/disk.h"

struct word_lines {
	const char *name; /* of the file */
	const char *kind; /* its first word */
	size_t max;	  /* bytes */
};

extern const struct word_lines word_lines_targets, word_lines_definitions, word_lines_silences;

/* The lines between the first and the check; *ret is to be freed. -ENOENT; -EBADMSG: it is not of this kind, or of a later
 * version, or not as it was written; or a negative errno of the disk. */
int word_lines_load(const struct word_lines *, const struct disk *, const char *path, char **ret, bool *ret_is_checked);

/* The first line; and the last, of everything before it. */
void word_lines_begin(const struct word_lines *, struct text *);
void word_lines_end(struct text *);

#endif
