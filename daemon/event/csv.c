/* SPDX-License-Identifier: MPL-2.0 */
/* See csv.h. A row is measured first and its quotes undone only when it is whole. */
#include "event/csv.h"

#include <stdbool.h>
#include <string.h>

char csv_guess(const char *text, size_t len)
{
	static const char signs[] = ";\t,|";
	size_t count[sizeof(signs) - 1] = { 0 }, best = 0;
	bool is_quoted = false;

	for (size_t i = 0; i < len && (is_quoted || (text[i] != '\n' && text[i] != '\r')); i++) {
		const char *sign = is_quoted || text[i] == '\0' ? NULL : strchr(signs, text[i]);

		if (text[i] == '"')
			is_quoted = !is_quoted;
		else if (sign != NULL)
			count[sign - signs]++;
	}
	for (size_t i = 1; i < sizeof(signs) - 1; i++)
		if (count[i] > count[best])
			best = i;
	return signs[best];
}

/* Behind the line end at p, if one is there. */
static const char *line_end(const char *p, const char *end)
{
	if (p < end && *p == '\r')
		return p + 1 < end && p[1] == '\n' ? p + 2 : p + 1;
	return p < end && *p == '\n' ? p + 1 : p;
}

static bool is_line_end(const char *p)
{
	return *p == '\n' || *p == '\r';
}

/* The closing quote of the cell that opens before p; NULL: there is none within the row's length. */
static const char *closing(const char *p, const char *end)
{
	while (p < end) {
		p = memchr(p, '"', (size_t)(end - p));
		if (p == NULL)
			return NULL;
		if (p + 1 == end || p[1] != '"')
			return p;
		p += 2;
	}
	return NULL;
}

/* Returns where the scratch is free. */
static char *undouble(struct effort_str *cell, char *out)
{
	const char *p = cell->ptr, *end = p + cell->len;

	if (cell->len == 0 || memchr(p, '"', cell->len) == NULL)
		return out;
	cell->ptr = out;
	for (; p < end; p++) {
		*out++ = *p;
		if (*p == '"')
			p++;
	}
	cell->len = (size_t)(out - cell->ptr);
	return out;
}

static enum csv_found skip_line(struct csv *csv, enum csv_found found)
{
	while (csv->at < csv->end && !is_line_end(csv->at))
		csv->at++;
	csv->at = line_end(csv->at, csv->end);
	csv->line++;
	return found;
}

static int64_t lines_in(const char *from, const char *to)
{
	int64_t n = 0;

	for (; from < to; from++)
		n += *from == '\n' || (*from == '\r' && (from + 1 == to || from[1] != '\n'));
	return n;
}

/* One cell from p on; returns what stands behind it, or NULL: its quotes make no sense. */
static const char *measure(const struct csv *csv, const char *p, const char *limit, struct effort_str *ret)
{
	const char *close;

	if (p < csv->end && *p == '"') {
		close = closing(p + 1, limit);
		if (close == NULL)
			return NULL;
		*ret = (struct effort_str){ p + 1, (size_t)(close - p - 1) };
		p = close + 1;
		return p == csv->end || *p == csv->separator || is_line_end(p) ? p : NULL;
	}
	ret->ptr = p;
	while (p < limit && *p != csv->separator && !is_line_end(p))
		p++;
	ret->len = (size_t)(p - ret->ptr);
	return p;
}

enum csv_found csv_next(struct csv *csv, struct effort_str *cells, size_t *ret_n, int64_t *ret_line)
{
	char *scratch = csv->scratch;
	const char *p = csv->at;
	const char *limit = csv->end - p > CSV_ROW_MAX ? p + CSV_ROW_MAX : csv->end;
	size_t n = 0;

	*ret_line = csv->line;
	if (p == csv->end)
		return CSV_END;
	for (;; p++) {
		if (n == CSV_CELLS_MAX)
			return skip_line(csv, CSV_TOO_LONG);
		p = measure(csv, p, limit, &cells[n]);
		if (p == NULL)
			return skip_line(csv, CSV_QUOTE);
		if (p == limit && limit != csv->end)
			return skip_line(csv, CSV_TOO_LONG);
		n++;
		if (p == csv->end || is_line_end(p))
			break;
	}
	p = line_end(p, csv->end);
	csv->line += lines_in(csv->at, p);
	for (size_t i = 0; i < n; i++)
		if (cells[i].ptr > csv->at && cells[i].ptr[-1] == '"')
			scratch = undouble(&cells[i], scratch);
	csv->at = p;
	*ret_n = n;
	return CSV_ROW;
}
