/* SPDX-License-Identifier: MPL-2.0 */
/* See sheet.h. */
#include "run/sheet.h"

#include "domain/calendar.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX 1024

struct sheet *sheet_new(const char *suffix)
{
	struct sheet *sheet = calloc(1, sizeof(*sheet));

	if (sheet == NULL)
		return NULL;
	text_init(&sheet->bytes, SHEET_MAX);
	sheet->suffix = strdup(suffix);
	if (sheet->suffix == NULL) {
		sheet_free(sheet);
		return NULL;
	}
	return sheet;
}

void sheet_free(struct sheet *sheet)
{
	if (sheet == NULL)
		return;
	text_done(&sheet->bytes);
	free(sheet->suffix);
	free(sheet);
}

bool sheet_is_short(const struct sheet *sheet)
{
	return sheet->bytes.is_cut;
}

void sheet_put(struct sheet *sheet, const char *name, const char *value)
{
	text_add(&sheet->bytes, name, strlen(name) + 1);
	text_add(&sheet->bytes, value, strlen(value) + 1);
	sheet->n += 2;
}

void sheet_definition(struct sheet *sheet, const struct store_view *view, int32_t first, int32_t end)
{
	char names[DEFINITION_NAMES];
	int32_t cut = store_view_definition(view, first, end, names);

	sheet_put(sheet, "definition", names);
	if (cut != INT32_MAX)
		sheet_date(sheet, "break", cut);
}

void sheet_printf(struct sheet *sheet, const char *name, const char *fmt, ...)
{
	char value[VALUE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	sheet_put(sheet, name, value);
}

void sheet_int(struct sheet *sheet, const char *name, int64_t value)
{
	sheet_printf(sheet, name, "%" PRId64, value);
}

void sheet_percent(struct sheet *sheet, const char *name, int64_t basis_points)
{
	int64_t size = basis_points < 0 ? -basis_points : basis_points;

	sheet_printf(sheet, name, "%s%" PRId64 ".%02d", basis_points < 0 ? "-" : "", size / 100, (int)(size % 100));
}

void sheet_date(struct sheet *sheet, const char *name, int32_t day)
{
	sheet_put(sheet, name, DAY_STR(day));
}
