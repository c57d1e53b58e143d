/* SPDX-License-Identifier: MPL-2.0 */
/* See import.h: the rows of a table, and what of them may be shown again. A row that holds a personal number
 * anywhere but in a dropped column goes no further than here. */
#include "base/letters.h"
#include "ctl/import.h"
#include "event/cpr.h"
#include "event/encoding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- rows of cells --- */

static enum import_found refuse(struct import_fault *ret, enum code code, const char *column,
				const char *detail)
{
	*ret = (struct import_fault){ code, column, "", detail };
	return IMPORT_REFUSED;
}

/* Of a column that becomes the id or the errand the decoder judges: it knows the event's time. */
static bool is_judged_later(const struct import_table *table, size_t cell)
{
	for (size_t i = 0; i < table->map->columns_len; i++) {
		int field = table->map->columns[i].field;

		if (table->at[i] == cell)
			return field == KEY_ID || field == KEY_ERRAND || field == KEY_CORRECTS;
	}
	return false;
}

/* Some cell that is looked at reads as a personal number. has_later: those the decoder judges too. */
bool import_table_holds_cpr(const struct import_table *table, bool has_later)
{
	for (size_t i = 0; i < table->row_len; i++)
		if (!table->is_dropped[i] && (has_later || !is_judged_later(table, i)) &&
		    cpr_find(table->row[i].ptr, table->row[i].len, NULL) >= 0)
			return true;
	return false;
}

static enum import_found judge_cells(const struct import_table *table, struct import_fault *ret_fault)
{
	enum import_found found = IMPORT_EMPTY;

	if (import_table_holds_cpr(table, false))
		return refuse(ret_fault, E_CPR, "",
			      "no personal numbers; columns that hold them belong under `drop`");
	for (size_t i = 0; i < table->row_len; i++) {
		struct effort_str text = table->row[i];

		text.len = letters_trim(&text.ptr, text.len);
		if (text.len == 0 || table->is_dropped[i])
			continue;
		found = IMPORT_ROW;
		if (i >= table->header_len)
			return refuse(ret_fault, E_VALUE, "",
				      "no more cells than the first line has; is a separator inside a cell "
				      "without quotes?");
		if (!encoding_is_utf8(text.ptr, text.len))
			return refuse(ret_fault, E_UTF8, "", "UTF-8, or --encoding windows-1252");
	}
	return found;
}

static enum import_found next_cells(struct import_table *table, struct import_cell *cells, int64_t *ret_line,
				    struct import_fault *ret_fault)
{
	enum csv_found found = csv_next(&table->csv, table->row, &table->row_len, ret_line);

	if (found == CSV_END)
		return IMPORT_END;
	if (found != CSV_ROW)
		table->row_len = 0;
	if (found == CSV_QUOTE)
		return refuse(ret_fault, E_VALUE, "", "a closing quote, and a separator behind it");
	if (found == CSV_TOO_LONG)
		return refuse(ret_fault, E_TOO_LONG, "",
			      "at most 65,536 bytes and 1,024 cells; is a closing quote missing?");
	for (size_t i = 0; i < table->map->columns_len; i++)
		cells[i] = table->at[i] < table->row_len && !table->is_dropped[table->at[i]]
				   ? (struct import_cell){ .text = table->row[table->at[i]] }
				   : (struct import_cell){ .text = { "", 0 } };
	return judge_cells(table, ret_fault);
}

/* --- rows of members --- */

/* The text of a value; numbers and words as JSON writes them. Copied with room behind it. */
static struct effort_str value_text(struct import_table *table, const json_t *value)
{
	char *out = table->copies + table->copies_used;
	size_t room = sizeof table->copies - table->copies_used;
	int n;

	if (json_is_string(value))
		n = snprintf(out, room, "%s", json_string_value(value));
	else if (json_is_integer(value))
		n = snprintf(out, room, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		n = snprintf(out, room, "%.15g", json_real_value(value));
	else
		n = snprintf(out, room, "%s",
			     json_is_true(value)    ? "true"
			     : json_is_false(value) ? "false"
						    : "");
	if (n < 0 || (size_t)n + DECODE_PADDING >= room)
		return (struct effort_str){ "", 0 };
	table->copies_used += (size_t)n + DECODE_PADDING;
	return (struct effort_str){ out, (size_t)n };
}

static bool is_cpr(struct import_table *table, const char *name)
{
	char *out = table->copies + table->copies_used;
	size_t len = strlen(name);

	if (table->copies_used + len + DECODE_PADDING > sizeof table->copies)
		return false;
	memcpy(out, name, len);
	return cpr_find(out, len, NULL) >= 0;
}

/* Every name and value at every level. */
static bool holds_cpr(struct import_table *table, const json_t *value, int depth)
{
	const char *name;
	json_t *member;
	size_t i, before = table->copies_used;
	struct effort_str text;
	bool is_found;

	if (depth > DECODE_MAX_DEPTH)
		return false;
	if (json_is_array(value)) {
		json_array_foreach(value, i, member) if (holds_cpr(table, member, depth + 1)) return true;
		return false;
	}
	if (json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)value, name,
				    member) if (is_cpr(table, name) ||
						holds_cpr(table, member, depth + 1)) return true;
		return false;
	}
	text = value_text(table, value);
	is_found = cpr_find(text.ptr, text.len, NULL) >= 0;
	table->copies_used = before;
	return is_found;
}

static void drop_members(struct import_table *table)
{
	char folded[IMPORT_FOLDED];
	const char *name;
	json_t *member;
	void *next;

	json_object_foreach_safe(table->doc, next, name, member)
	{
		letters_fold(name, strlen(name), folded, sizeof folded);
		if (import_is_in(table->map->drop, table->map->drop_len, folded))
			json_object_del(table->doc, name);
	}
}

/* "a.b": member b of a, unless there is a member called "a.b". */
static const json_t *find_member(const json_t *doc, const char *name)
{
	const json_t *value = json_object_get(doc, name);
	const char *dot = strchr(name, '.');
	char head[128];

	if (value != NULL || dot == NULL || (size_t)(dot - name) >= sizeof head)
		return value;
	memcpy(head, name, (size_t)(dot - name));
	head[dot - name] = '\0';
	return find_member(json_object_get(doc, head), dot + 1);
}

static enum import_found judge_members(struct import_table *table, struct import_cell *cells,
				       struct import_fault *ret_fault)
{
	json_t *rest;
	bool is_found;

	/* What the decoder judges itself is left out of this search. */
	rest = json_copy(table->doc);
	for (size_t i = 0; i < table->map->columns_len; i++) {
		const struct import_column *column = &table->map->columns[i];
		const json_t *value = find_member(table->doc, column->name);

		cells[i] = (struct import_cell){ value_text(table, value), json_is_number(value) };
		if (column->field == KEY_ID || column->field == KEY_ERRAND || column->field == KEY_CORRECTS)
			json_object_del(rest, column->name);
	}
	is_found = holds_cpr(table, rest, 0);
	json_decref(rest);
	return is_found ? refuse(ret_fault, E_CPR, "",
				 "no personal numbers; members that hold them belong under `drop`")
			: IMPORT_ROW;
}

static enum import_found next_members(struct import_table *table, struct import_cell *cells,
				      int64_t *ret_line, struct import_fault *ret_fault)
{
	struct csv *csv = &table->csv;
	const char *line = csv->at, *lf;
	size_t len;

	if (csv->at == csv->end)
		return IMPORT_END;
	lf = memchr(line, '\n', (size_t)(csv->end - line));
	len = (size_t)((lf == NULL ? csv->end : lf) - line);
	csv->at = lf == NULL ? csv->end : lf + 1;
	*ret_line = csv->line++;
	json_decref(table->doc);
	table->doc = NULL;
	table->copies_used = 0;
	len = letters_trim(&line, len);
	if (len == 0)
		return IMPORT_EMPTY;
	if (len > DECODE_MAX_LINE)
		return refuse(ret_fault, E_TOO_LONG, "", "at most 65,536 bytes");
	table->doc = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(table->doc))
		return refuse(ret_fault, E_JSON, "", "a JSON object on one line");
	drop_members(table);
	return judge_members(table, cells, ret_fault);
}

enum import_found import_table_next(struct import_table *table, struct import_cell *cells, int64_t *ret_line,
				    struct import_fault *ret_fault)
{
	return table->is_json ? next_members(table, cells, ret_line, ret_fault)
			      : next_cells(table, cells, ret_line, ret_fault);
}

/* --- for rejects --- */

static void put_cell(struct text *out, char separator, struct effort_str text)
{
	text_add(out, &separator, 1);
	if (text.len == 0)
		return;
	text_puts(out, "\"");
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			text_puts(out, "\"");
		text_add(out, text.ptr + i, 1);
	}
	text_puts(out, "\"");
}

static void put_cells(const struct import_table *table, struct text *out, bool has_content)
{
	size_t n = table->header_len;

	/* One cell too many stays one too many. */
	if (n == CSV_CELLS_MAX || (has_content && table->row_len > n))
		n = table->row_len;

	for (size_t i = 0; i < n; i++)
		if (!table->is_dropped[i])
			put_cell(out, table->csv.separator,
				 has_content && i < table->row_len ? table->row[i]
								   : (struct effort_str){ "", 0 });
}

/* A row may have been refused for something else before anybody looked for personal numbers in all of it. */
void import_table_put(struct import_table *table, struct text *out, bool has_content)
{
	char *json;

	if (!table->is_json) {
		put_cells(table, out, has_content && !import_table_holds_cpr(table, true));
		return;
	}
	table->copies_used = 0;
	if (!has_content || table->doc == NULL || json_object_size(table->doc) == 0 ||
	    holds_cpr(table, table->doc, 0))
		return;
	json = json_dumps(table->doc, JSON_COMPACT);
	if (json == NULL)
		return;
	text_puts(out, ",");
	text_add(out, json + 1, strlen(json) - 2);
	free(json);
}

void import_table_put_header(struct import_table *table, struct text *out)
{
	int64_t line;

	if (table->is_json || !table->map->has_header)
		return;
	table->csv.at = table->bytes + table->begin;
	if (csv_next(&table->csv, table->row, &table->row_len, &line) == CSV_ROW)
		put_cells(table, out, true);
	import_table_rewind(table);
}
