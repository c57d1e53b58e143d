/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of `effortctl import`: a table read from a file (import_table.c,
 * import_cells.c), events made of its rows and
 * judged here before any of them is sent (import_event.c), the rows that were refused (import_refused.c,
 * import_rejects.c), and the passes over all files (import_run.c). The map and what it makes of a row is
 * domain/import_row's. */
#ifndef CTL_IMPORT_H
#define CTL_IMPORT_H

#include "base/text.h"
#include "ctl/catalogue.h"
#include "ctl/ctl.h"
#include "domain/import_row.h"
#include "event/csv.h"
#include "event/decode.h"

#include <jansson.h>

#define IMPORT_FILE_MAX    ((size_t)1024 * 1024 * 1024)
#define IMPORT_REFUSED_MAX 1000000 /* rows that are remembered one by one */
#define IMPORT_WORDS_TOLD  5       /* that no area knows: as many places are told */

/* --- tables --- */

/* A file of rows: CSV, or one JSON object a line. Owns the file's bytes as UTF-8. */
struct import_table {
	const struct import_map *map; /* borrowed */
	const char *file;             /* borrowed; "stdin" */
	char *bytes;                  /* owned; DECODE_PADDING zeros behind them */
	size_t len;
	bool is_json;
	struct csv csv;                       /* at: of JSON too */
	size_t begin, rows_begin;             /* byte where the header, and the first row, begins */
	int64_t begin_line;                   /* of the header */
	size_t at[IMPORT_COLUMNS_MAX];        /* place of each column of the map in a row */
	size_t header_len;                    /* cells of the header */
	bool is_dropped[CSV_CELLS_MAX];       /* not looked at */
	struct effort_str row[CSV_CELLS_MAX]; /* the row at hand */
	size_t row_len;
	json_t *doc; /* owned; the object at hand */
	size_t copies_used;
	char scratch[CSV_ROW_MAX + DECODE_PADDING];
	char copies[CSV_ROW_MAX + DECODE_PADDING * (IMPORT_COLUMNS_MAX + 1)]; /* of JSON values */
};

enum import_found {
	IMPORT_ROW,
	IMPORT_EMPTY, /* a row of blanks */
	IMPORT_REFUSED,
	IMPORT_END
};

/* encoding -1: the map's. file "-": standard input. CTL_OK; CTL_IO; CTL_CONFIG: the map does not fit the
 * file; said. */
int import_table_open(struct ctl *, const struct import_map *, const char *file, int encoding,
		      struct import_table **ret);
void import_table_close(struct import_table *); /* NULL is allowed */
/* Before the first row again. */
void import_table_rewind(struct import_table *);
/* The next row: its cells in the order of the map, and its line. IMPORT_REFUSED: *ret_fault says why; it
 * holds personal data, say. */
enum import_found import_table_next(struct import_table *, struct import_cell *cells, int64_t *ret_line,
				    struct import_fault *ret_fault);
/* The row at hand, its dropped cells left out, as part of a line of rejects: cells with a separator before
 * each, or members of an object. has_content false: as many empty cells. */
void import_table_put(struct import_table *, struct text *, bool has_content);
/* Some cell of the row at hand reads as a personal number. has_later: also one the decoder judges, an id. */
bool import_table_holds_cpr(const struct import_table *, bool has_later);
/* The names of its columns in the same form; nothing for JSON. */
void import_table_put_header(struct import_table *, struct text *);
bool import_is_in(const char *const *list, size_t n, const char *name);

/* --- events --- */

/* Makes the events of rows. Owns its decoder and a table of the rows' keys. */
struct import_maker;

/* catalogue NULL: municipality and age are not checked. batch "": none. NULL: no memory. */
struct import_maker *import_maker_new(const struct import_map *, const struct catalogue *, const char *batch,
				      int64_t now_ms);
void import_maker_free(struct import_maker *);
/* A new file begins: keys of rows count from there. */
int import_maker_restart(struct import_maker *);

/* What a row comes to. */
struct import_made {
	bool is_skipped;
	int64_t contacts, pieces; /* pieces: events; 0: nothing was counted */
	int64_t shown;            /* of them: what a meter shows, and levels, which are no contacts */
	bool is_unclassified;     /* no area knows its task, service or KLE number */
	uint64_t words;           /* of its task, service and KLE number: a hash */
};

/* Reads the row and judges all its events. CODE_OK or the code and *ret_fault; E_RATE never. -1: no memory.
 */
int import_make(struct import_maker *, const struct import_cell *cells, int64_t line, struct import_made *ret,
		struct import_fault *ret_fault);
/* Event i of the row just made, without line end; lives until the next call. */
const char *import_piece(struct import_maker *, int64_t i, size_t *ret_len);

/* --- refused rows --- */

struct import_refused {
	int file;
	int64_t line;
	int code;     /* enum code; CODES: one that we do not know */
	bool is_ours; /* refused here; else by the daemon */
	const char *column, *field;
	char detail[96];
};

struct import_refusals {
	struct import_refused *list; /* owned */
	size_t n, cap;
	uint64_t more, by_code[CODES + 1];
};

/* A row is remembered once: later refusals of the same row in a row are the first one's. 0 or -ENOMEM. */
int import_refuse(struct import_refusals *, int file, int64_t line, int code, bool is_ours,
		  const struct import_fault *);
void import_refusals_done(struct import_refusals *);
/* Sorted by file and line, once each. */
void import_refusals_sort(struct import_refusals *);
/* The first one at or behind (file, line); n: none. After a sort. */
size_t import_refusals_find(const struct import_refusals *, int file, int64_t line);
/* The next step for rows refused with this code, in the reader's language. */
const char *import_remedy(const struct ctl *, int code);
/* Why, in the reader's language. */
const char *import_refused_why(struct ctl *, const struct import_refused *);
/* On a line: file:line: CODE "column": why */
void import_refused_put(struct ctl *, struct text *, const char *file, const struct import_refused *);
const char *import_code_name(int code);

/* --- the run --- */

struct import_options {
	const char *map, *batch, *rejects, *to, *config;
	int encoding; /* -1: the map's */
	bool is_dry;
	int64_t timeout_ms;
	char **files;
};

/* Rows that count as unclassified. `first`: where the first different words of theirs stand. */
struct import_unclassified {
	bool is_known; /* there was a configuration to look into */
	int64_t rows, contacts;
	size_t first_len;
	struct {
		int file;
		int64_t line;
		uint64_t words;
	} first[IMPORT_WORDS_TOLD];
};

struct import_sums {
	int64_t files, rows, skipped, empty, zero, events, contacts, shown;
	uint64_t accepted, duplicate, waiting; /* events */
	struct import_unclassified unclassified;
};

/* Goes through the files once more. CTL_OK or CTL_IO, said. After a sort. */
int import_write_rejects(struct ctl *, const struct import_options *, const struct import_map *,
			 const struct import_refusals *, int files);
/* CTL_OK, CTL_REFUSED when rows were refused, or what went wrong, said. */
int import_run(struct ctl *, const struct import_options *);
/* The summary; names: of the files. */
int import_tell(struct ctl *, const struct import_options *, const struct import_map *,
		const char *const *names, const struct import_sums *, const struct import_refusals *);

#endif
