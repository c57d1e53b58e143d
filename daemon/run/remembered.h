/* SPDX-License-Identifier: MPL-2.0 */
/* What has been in force, remembered in a file of state_dir so that nothing configured reaches back: lines of words
 * (journal/word_lines.h). One without a check, of version 1, is to be written anew. Days are numbers, `-` is "always".
 * Where the file is damaged or cannot be read or replaced that is told in the log, and what is configured counts. The
 * loop's thread. */
#ifndef RUN_REMEMBERED_H
#define RUN_REMEMBERED_H

#include "journal/word_lines.h"

#include <stdbool.h>

struct remembered {
	const struct disk *disk; /* borrowed */
	char path[4200];
	const struct word_lines *form;
	bool is_lost; /* there was something, and nobody knows what */
	bool is_due;  /* to be written: it was read from a file of version 1, or the last write failed */
};

void remembered_init(struct remembered *, const struct disk *, const char *state_dir, const struct word_lines *);

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
