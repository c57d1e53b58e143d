/* SPDX-License-Identifier: MPL-2.0 */
/* Rows of cells from text with separators (RFC 4180, and what spreadsheets make of it): cells in quotes may
 * hold separators, line ends and doubled quotes; LF, CRLF and CR end a line. Cells are views into the text,
 * or into a scratch where doubled quotes had to be undone. A quote that never ends costs the one line it
 * stands in, not the rest of the file. Pure; allocates nothing. */
#ifndef EVENT_CSV_H
#define EVENT_CSV_H

#include <effort/plugin.h>

#include <stddef.h>
#include <stdint.h>

#define CSV_CELLS_MAX 1024  /* of one row */
#define CSV_ROW_MAX   65536 /* bytes of one row; a quote that is still open there is none */

struct csv {
	const char *at, *end; /* borrowed */
	char separator;
	int64_t line;  /* of the next row, from 1 */
	char *scratch; /* borrowed; CSV_ROW_MAX bytes */
};

enum csv_found {
	CSV_ROW,
	CSV_END,
	CSV_QUOTE,   /* a quoted cell does not end, or is followed by something else */
	CSV_TOO_LONG /* too many bytes or cells */
};

/* The separator that divides the first line: ';', tab, ',' or '|'; ';' when there is none. */
char csv_guess(const char *text, size_t len);

/* The next row, its cells (which live until the next call) and the line it begins in. After a fault the next
 * call goes on with the next line. */
enum csv_found csv_next(struct csv *, struct effort_str *cells, size_t *ret_n, int64_t *ret_line);

#endif
