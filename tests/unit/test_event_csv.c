/* SPDX-License-Identifier: MPL-2.0 */
/* Rows and cells, and what a file's bytes mean. */
#include "suite.h"

#include "event/csv.h"
#include "event/encoding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char scratch[CSV_ROW_MAX];

/* Rows as "1:[a|b] 2:[c]"; faults as "3:quote". */
static const char *rows(const char *text, char separator)
{
	static char out[4096];
	static struct effort_str cells[CSV_CELLS_MAX];
	struct csv csv = { text, text + strlen(text), separator, 1, scratch };
	enum csv_found found;
	size_t n, at = 0;
	int64_t line;

	out[0] = '\0';
	while ((found = csv_next(&csv, cells, &n, &line)) != CSV_END) {
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%d:", at > 0 ? " " : "", (int)line);
		if (found != CSV_ROW) {
			at += (size_t)snprintf(out + at, sizeof(out) - at,
					       found == CSV_QUOTE ? "quote" : "long");
			continue;
		}
		for (size_t i = 0; i < n; i++)
			at += (size_t)snprintf(out + at, sizeof(out) - at, "%c%.*s", i == 0 ? '[' : '|',
					       (int)cells[i].len, cells[i].ptr);
		at += (size_t)snprintf(out + at, sizeof(out) - at, "]");
	}
	return out;
}

START_TEST(cells_lines_and_quotes)
{
	ck_assert_str_eq(rows("a;b\r\nc;d\n", ';'), "1:[a|b] 2:[c|d]");
	ck_assert_str_eq(rows("a;;\n\n;x", ';'), "1:[a||] 2:[] 3:[|x]");
	ck_assert_str_eq(rows("a\rb", ';'), "1:[a] 2:[b]");
	ck_assert_str_eq(rows("\"a;b\";\"say \"\"hi\"\"\";c\n", ';'), "1:[a;b|say \"hi\"|c]");
	ck_assert_str_eq(rows("\"two\nlines\";x\ny;z\n", ';'), "1:[two\nlines|x] 3:[y|z]");
	ck_assert_str_eq(rows("5\" screen,1,5\n", ','), "1:[5\" screen|1|5]");
	ck_assert_str_eq(rows("", ';'), "");
	ck_assert_str_eq(rows("\"\";\"\"\"\"", ';'), "1:[|\"]");
}
END_TEST

START_TEST(a_quote_that_never_ends_costs_one_line)
{
	ck_assert_str_eq(rows("a;\"b\nc;d\ne;f\n", ';'), "1:quote 2:[c|d] 3:[e|f]");
	ck_assert_str_eq(rows("\"a\"b;c\nd\n", ';'), "1:quote 2:[d]");
}
END_TEST

START_TEST(a_row_too_long_is_stepped_over)
{
	char *text = malloc(CSV_ROW_MAX + 100);

	memset(text, 'x', CSV_ROW_MAX + 10);
	strcpy(text + CSV_ROW_MAX + 10, "\nb;c");
	ck_assert_str_eq(rows(text, ';'), "1:long 2:[b|c]");
	memset(text, ';', CSV_CELLS_MAX + 10);
	strcpy(text + CSV_CELLS_MAX + 10, "\nb;c");
	ck_assert_str_eq(rows(text, ';'), "1:long 2:[b|c]");
	free(text);
}
END_TEST

START_TEST(the_separator_is_found)
{
	ck_assert_int_eq(csv_guess("Dato;Antal, i alt;Kanal\n1,2,3,4,5", 36), ';');
	ck_assert_int_eq(csv_guess("a\tb", 3), '\t');
	ck_assert_int_eq(csv_guess("a,b,\"c;d;e;f\"", 13), ',');
	ck_assert_int_eq(csv_guess("alone", 5), ';');
}
END_TEST

START_TEST(case_22_encodings)
{
	char out[32];
	size_t len;

	ck_assert_int_eq(encoding_guess("\xef\xbb\xbf"
					"a",
					4),
			 ENCODING_UTF8);
	ck_assert_int_eq(encoding_guess("\xc3\x86ldre", 6), ENCODING_UTF8);
	ck_assert_int_eq(encoding_guess("\xc6ldre", 5), ENCODING_1252);
	ck_assert_int_eq(encoding_guess("\xff\xfe"
					"a\0",
					4),
			 ENCODING_UTF16);
	len = encoding_from_1252("\xc6\xd8\xc5 \xe6\xf8\xe5 \x80", 9, out);
	ck_assert_uint_eq(len, 17);
	ck_assert_mem_eq(out, "ÆØÅ æøå €", 17);
	len = encoding_from_1252("\x81", 1, out);
	ck_assert(!encoding_is_utf8(out, len));
	strcpy(out, "A\xcc\x8arhus p\xc3\xa5 va\xcc\x8ar");
	len = encoding_compose(out, strlen(out));
	ck_assert_uint_eq(len, strlen("Århus på vår"));
	ck_assert_mem_eq(out, "Århus på vår", len);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { cells_lines_and_quotes, a_quote_that_never_ends_costs_one_line,
				       a_row_too_long_is_stepped_over, the_separator_is_found,
				       case_22_encodings };

	return RUN_TESTS("event/csv", tests);
}
