/* SPDX-License-Identifier: MPL-2.0 */
/* What has been in force, remembered in a file of state_dir so that nothing configured reaches back: lines of words, the
 * first saying what they are and in which version, the last a check of everything before. Version 1 had no check: such a
 * file is taken as it is, and is to be written anew. Days are numbers, `-` is "always". Where the file is damaged or cannot
 * be read or replaced that is told in the log, and what is configured counts. The loop's thread. */
#ifndef RUN_REMEMBERED_H
#define RUN_REMEMBERED_H

#include "base/text.h"
#include "journal/disk.h"

#include <stdbool.h>

struct remembered {
	const struct disk *disk; /* borrowed */
	char path[4200];
	const char *kind; /* the first line's word; constant text */
	size_t max;	  /* bytes of the file */
	bool is_lost;	  /* there was something, and nobody knows what */
	bool is_due;	  /* to be written: it was read from a file of version 1, or the last write failed */
};

void remembered_init(struct remembered *, const struct disk *, const char *state_dir, const char *name,
		     const char *kind, size_t max);

/* Passes each line behind the first, then asks whether it was all; where one of them says no the file is damaged. False:
 * nothing is remembered (no file, or told). */
bool remembered_read(struct remembered *, bool (*on_line)(void *ctx, const char *line), bool (*is_whole)(void *ctx),
		     void *ctx);

/* The file's text, begun with its first line; and the file replaced by it. remembered_write() frees the text; from then on
 * what has been in force is known again. Where that fails it is told, and the file is due. */
struct text remembered_begin(const struct remembered *);
void remembered_write(struct remembered *, struct text *);

bool remembered_day(const char *word, int32_t *ret); /* INT32_MIN: always */
void remembered_put_day(struct text *, int32_t day);

#endif
