/* SPDX-License-Identifier: MPL-2.0 */
/* One row of somebody else's table by a column map: the members of the event it stands for, the days it
 * covers, how many contacts it counts, and the id by which it is known again. Says what is wrong with a row
 * by code, column and what was expected, never by what the row says. Pure.
 *
 * The id is a keyed hash of the row's key cells as they stand in the file, not of what the map makes of them:
 * the same row is the same event however often and in whatever company it is sent, and a row whose other
 * cells were changed, or that a changed map reads otherwise, is a conflict and not a second contact. */
#ifndef DOMAIN_IMPORT_ROW_H
#define DOMAIN_IMPORT_ROW_H

#include "domain/import_map.h"
#include "event/code.h"

#define IMPORT_COUNT_MAX 1000000 /* contacts on one day */
#define IMPORT_SCRATCH   8192
#define IMPORT_ID        33 /* bytes of an id with its NUL: hexadecimal, beginning with a letter */

/* The cell of a column of the map; is_plain: a number as JSON writes it. */
struct import_cell {
	struct effort_str text;
	bool is_plain;
};

struct import_fault {
	enum code code;
	const char *column; /* its name; "" when no column is at fault */
	const char *field;
	const char *detail; /* constant text: what was expected */
};

struct import_row {
	struct effort_str
		texts[KEYS]; /* as events have them; len 0: not given. Numbers and time apart */
	bool is_exact;       /* texts[KEY_TIME] is a moment; else: */
	struct span span;    /* its days */
	int32_t second;      /* time of day */
	int64_t count, duration_ms; /* duration_ms -1: not given */
	int64_t reading, level;	    /* of a meter, the level in hundredths; -1: not given */
	bool is_skipped;            /* a row that is no data */
	size_t used;
	char scratch[IMPORT_SCRATCH];
};

/* cells: one for each column of the map. CODE_OK, or the code and *ret_fault. */
enum code import_row_read(const struct import_map *, const struct import_cell *cells, struct import_row *ret,
			  struct import_fault *ret_fault);

/* number: how many rows with the same key cells came before it in its file, for maps without key columns;
 * batch: what tells two files apart that hold the same rows ("" : nothing does). */
void import_row_id(const struct import_map *, const struct import_cell *cells, const char *batch,
		   uint32_t number, char ret[IMPORT_ID]);

#endif
