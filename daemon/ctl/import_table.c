/* SPDX-License-Identifier: MPL-2.0 */
/* See import.h: a file and its header. The file is read whole: which encoding it is in shows only at its end,
 * and rows are gone through more than once. */
#include "ctl/import.h"

#include "base/letters.h"
#include "conf/near.h"
#include "ctl/failure.h"
#include "ctl/page.h"
#include "event/encoding.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOWHERE SIZE_MAX

/* --- bytes --- */

static int read_all(struct ctl *ctl, struct import_table *table, int fd)
{
	size_t cap = 65536;
	struct stat st;
	ssize_t n = 1;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size < IMPORT_FILE_MAX)
		cap += (size_t)st.st_size;
	while (n != 0) {
		char *bytes = table->len + 65536 < cap && table->bytes != NULL
				      ? table->bytes
				      : realloc(table->bytes, cap *= 2);

		if (bytes == NULL)
			return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
		table->bytes = bytes;
		n = read(fd, bytes + table->len, cap - table->len - DECODE_PADDING);
		if (n < 0 && errno != EINTR)
			return ctl_fail(ctl, CTL_IO, W_READ_FAILED, W_NEXT_FILE, table->file,
					failure_text(ctl, errno));
		table->len += n > 0 ? (size_t)n : 0;
		if (table->len > IMPORT_FILE_MAX)
			return ctl_fail(ctl, CTL_IO, W_IMPORT_TOO_LARGE, W_NEXT_IMPORT_SPLIT, table->file);
	}
	return CTL_OK;
}

static int to_utf8(struct ctl *ctl, struct import_table *table, int encoding)
{
	size_t mark = encoding_mark(table->bytes, table->len);
	char *utf8;

	if (encoding < 0)
		encoding = (int)encoding_guess(table->bytes, table->len);
	if (encoding == ENCODING_UTF16)
		return ctl_fail(ctl, CTL_CONFIG, W_IMPORT_UTF16, W_NEXT_IMPORT_UTF8, table->file);
	if (encoding == ENCODING_1252 && mark == 0) {
		utf8 = malloc(table->len * 3 + DECODE_PADDING + 1);
		if (utf8 == NULL)
			return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
		table->len = encoding_from_1252(table->bytes, table->len, utf8);
		free(table->bytes);
		table->bytes = utf8;
	}
	memmove(table->bytes, table->bytes + mark, table->len - mark);
	table->len = encoding_compose(table->bytes, table->len - mark);
	memset(table->bytes + table->len, 0, DECODE_PADDING);
	return CTL_OK;
}

/* --- the header --- */

static int no_column(struct ctl *ctl, const struct import_table *table, const struct import_column *column)
{
	const char *names[CSV_CELLS_MAX], *nearest;
	char folded[CSV_CELLS_MAX > 256 ? 256 : CSV_CELLS_MAX][64];
	size_t n = table->row_len < 256 ? table->row_len : 256;
	struct text list;
	int r;

	text_init(&list, 4096);
	for (size_t i = 0; i < n; i++) {
		letters_fold(table->row[i].ptr, table->row[i].len, folded[i], sizeof folded[i]);
		names[i] = folded[i];
		text_printf(&list, "%s%s", i > 0 ? ", " : "", folded[i]);
	}
	nearest = near_find(column->folded, names, n);
	if (nearest != NULL)
		r = ctl_fail(ctl, CTL_CONFIG, W_IMPORT_NO_COLUMN, W_NEXT_DID_YOU_MEAN, column->name, nearest,
			     table->file);
	else
		r = ctl_fail(ctl, CTL_CONFIG, W_IMPORT_NO_COLUMN, W_NEXT_IMPORT_COLUMNS, column->name,
			     list.ptr == NULL ? "" : list.ptr, table->file);
	text_done(&list);
	return r;
}

bool import_is_in(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* Where in a row a column stands; header rows: the first cell called so; else its number, from 1. */
static size_t find_cell(const struct import_table *table, const struct import_column *column, bool *ret_twice)
{
	char folded[IMPORT_FOLDED], *end;
	size_t at = NOWHERE;
	long number;

	*ret_twice = false;
	if (!table->map->has_header) {
		number = strtol(column->name, &end, 10);
		return *end == '\0' && number >= 1 && number <= CSV_CELLS_MAX ? (size_t)number - 1 : NOWHERE;
	}
	for (size_t i = 0; i < table->row_len; i++) {
		letters_fold(table->row[i].ptr, table->row[i].len, folded, sizeof folded);
		if (strcmp(folded, column->folded) != 0)
			continue;
		*ret_twice = at != NOWHERE;
		at = at == NOWHERE ? i : at;
	}
	return at;
}

static int bind_columns(struct ctl *ctl, struct import_table *table)
{
	/* What --rejects put before the row. */
	static const char *const added[] = { "_line", "_code", "_column", "_why", "_next" };
	const struct import_map *map = table->map;
	char folded[IMPORT_FOLDED];
	bool is_twice;

	for (size_t i = 0; i < map->columns_len; i++) {
		table->at[i] = find_cell(table, &map->columns[i], &is_twice);
		if (is_twice)
			return ctl_fail(ctl, CTL_CONFIG, W_IMPORT_TWICE, W_NEXT_IMPORT_TWICE,
					map->columns[i].name, table->file);
		if (table->at[i] == NOWHERE)
			return no_column(ctl, table, &map->columns[i]);
	}
	for (size_t i = 0; i < CSV_CELLS_MAX; i++) {
		if (!map->has_header)
			snprintf(folded, sizeof folded, "%zu", i + 1);
		else if (i < table->row_len)
			letters_fold(table->row[i].ptr, table->row[i].len, folded, sizeof folded);
		else
			break;
		table->is_dropped[i] = import_is_in(map->drop, map->drop_len, folded) ||
				       import_is_in(added, sizeof added / sizeof added[0], folded);
	}
	return CTL_OK;
}

static void go_to(struct import_table *table, size_t at, int64_t line)
{
	table->csv.at = table->bytes + at;
	table->csv.line = line;
}

static void skip_lines(struct import_table *table, int n)
{
	for (; n > 0 && table->csv.at < table->csv.end; n--) {
		const char *lf = memchr(table->csv.at, '\n', (size_t)(table->csv.end - table->csv.at));

		table->csv.at = lf == NULL ? table->csv.end : lf + 1;
		table->csv.line++;
	}
}

/* "sep=;", as spreadsheets write it for each other. */
static void skip_sep(struct import_table *table)
{
	const char *at = table->csv.at;

	if (table->csv.end - at >= 5 && strncasecmp(at, "sep=", 4) == 0) {
		table->csv.separator = at[4];
		skip_lines(table, 1);
	}
}

static int read_header(struct ctl *ctl, struct import_table *table)
{
	const struct import_map *map = table->map;
	struct csv *csv = &table->csv;
	int64_t line;

	*csv = (struct csv){ table->bytes, table->bytes + table->len, map->separator, 1, table->scratch };
	skip_sep(table);
	skip_lines(table, map->skip_lines);
	if (csv->separator == '\0')
		csv->separator = csv_guess(csv->at, (size_t)(csv->end - csv->at));
	table->begin = (size_t)(csv->at - table->bytes);
	table->begin_line = csv->line;
	if (csv->at == csv->end)
		return ctl_fail(ctl, CTL_CONFIG, W_IMPORT_NOTHING, W_NEXT_IMPORT_HEADER, table->file);
	/* A first line of data is no header, and is not shown. */
	if (csv_next(csv, table->row, &table->row_len, &line) != CSV_ROW ||
	    (map->has_header && import_table_holds_cpr(table, true)))
		return ctl_fail(ctl, CTL_CONFIG, W_IMPORT_HEADER_BAD, W_NEXT_IMPORT_HEADER, table->file);
	table->header_len = map->has_header ? table->row_len : CSV_CELLS_MAX;
	if (!map->has_header)
		go_to(table, table->begin, table->begin_line);
	table->rows_begin = (size_t)(csv->at - table->bytes);
	table->begin_line = csv->line;
	return bind_columns(ctl, table);
}

/* --- opening --- */

static bool looks_like_json(const struct import_table *table)
{
	size_t i = 0;

	while (i < table->len && strchr(" \t\r\n", table->bytes[i]) != NULL)
		i++;
	return i < table->len && table->bytes[i] == '{';
}

static int open_table(struct ctl *ctl, struct import_table *table, const char *file, int encoding)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_FILE, file, failure_text(ctl, errno));
	table->file = is_stdin ? "stdin" : file;
	r = read_all(ctl, table, fd);
	if (!is_stdin)
		close(fd);
	if (r == CTL_OK)
		r = to_utf8(ctl, table, encoding < 0 ? table->map->encoding : encoding);
	if (r != CTL_OK)
		return r;
	table->is_json = looks_like_json(table);
	if (!table->is_json)
		return read_header(ctl, table);
	table->csv = (struct csv){ .at = table->bytes, .end = table->bytes + table->len, .line = 1 };
	table->begin_line = 1;
	return CTL_OK;
}

int import_table_open(struct ctl *ctl, const struct import_map *map, const char *file, int encoding,
		      struct import_table **ret)
{
	struct import_table *table = calloc(1, sizeof *table);
	int r;

	if (table == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	table->map = map;
	r = open_table(ctl, table, file, encoding);
	if (r != CTL_OK) {
		import_table_close(table);
		return r;
	}
	*ret = table;
	return CTL_OK;
}

void import_table_close(struct import_table *table)
{
	if (table == NULL)
		return;
	json_decref(table->doc);
	free(table->bytes);
	free(table);
}

void import_table_rewind(struct import_table *table)
{
	go_to(table, table->rows_begin, table->begin_line);
}
