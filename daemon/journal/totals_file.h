/* SPDX-License-Identifier: MPL-2.0 */
/* A totals file, byte by byte; of totals_*.c and fold.c only. Everything little-endian.
 *
 *   head       TOTALS_HEAD bytes, see enum totals_head
 *   codes      4 bytes each, sorted
 *   places     number of the code, dimension + 1, days from the head's day, position; sorted
 *   checksum   XXH3-64 of everything before: the front, which can be read alone
 *   groups     text each with its NUL, sorted
 *   standings  task with its NUL, flags (1: municipal, 2: target), number of groups, their numbers; sorted
 *   cells      distance to the cell before, its three lowest bits (always 0) left out; count; seconds; sorted
 *   names      number of the code, dimension, days from the head's day, text, events, contacts, n, self,
 *              last_ms; sorted
 *   checksum   XXH3-64 of everything before; at the end of a file of every version
 *
 * Numbers are as in totals_bytes.h; a cell's municipality and standing are numbers of this file. */
#ifndef JOURNAL_TOTALS_FILE_H
#define JOURNAL_TOTALS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTALS_MAGIC     "efftotal"
#define TOTALS_VERSION   1
#define TOTALS_SUM       8           /* bytes of a checksum */
#define TOTALS_FILE_MAX  (512 << 20) /* neither written nor read past it */
#define TOTALS_TEXT_MAX  65535       /* a task, a group, a name */
#define TOTALS_CELL_MIN  3           /* least bytes of a cell, a name, a standing, a group, a place */
#define TOTALS_NAME_MIN  9
#define TOTALS_WORD_MIN  3
#define TOTALS_GROUP_MIN 1
#define TOTALS_PLACE_MIN 4

/* Places in the head; 4 bytes each where nothing else is said. */
enum totals_head {
	HEAD_MAGIC = 0, /* 8 */
	HEAD_VERSION = 8,
	HEAD_KIND = 12,    /* enum totals_kind */
	HEAD_DAY = 16,     /* signed */
	HEAD_FRONT = 20,   /* bytes of the front without its checksum */
	HEAD_SEGMENT = 24, /* 8 */
	HEAD_SIZE = 32,    /* 8: of the file */
	HEAD_CODES = 40,   /* from here on: how many */
	HEAD_PLACES = 44,
	HEAD_GROUPS = 48,
	HEAD_STANDINGS = 52,
	HEAD_CELLS = 56,
	HEAD_NAMES = 60,
	TOTALS_HEAD = 64
};

enum totals_kind { TOTALS_DAY, TOTALS_MONTH };

/* What a file is of, by its name without the folder; false: it is no totals file. */
bool totals_file_name(const char *name, enum totals_kind *ret_kind, int32_t *ret_day);
/* The same of a path. */
bool totals_file_path(const char *path, enum totals_kind *ret_kind, int32_t *ret_day);

#endif
