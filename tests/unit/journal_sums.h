/* SPDX-License-Identifier: MPL-2.0 */
/* Totals as text, to be compared. */
#ifndef TESTS_JOURNAL_SUMS_H
#define TESTS_JOURNAL_SUMS_H

#include "suite.h"

#include "journal/totals.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* The checksum of journal files. */
static inline uint64_t sums_checksum(const void *bytes, size_t len)
{
	return XXH3_64bits(bytes, len);
}

/* --- totals as text --- */

struct sums_lines {
	char **list;
	size_t n, cap;
};

__attribute__((format(printf, 2, 3))) static inline int sums_line(struct sums_lines *lines, const char *fmt,
								  ...)
{
	va_list ap;

	if (lines->n == lines->cap) {
		lines->cap = lines->cap * 2 + 64;
		lines->list = realloc(lines->list, lines->cap * sizeof(*lines->list));
		ck_assert_ptr_nonnull(lines->list);
	}
	va_start(ap, fmt);
	ck_assert_int_ge(vasprintf(&lines->list[lines->n++], fmt, ap), 0);
	va_end(ap);
	return 0;
}

static inline int sums_on_amount(void *ctx, const char *code, const struct standing_text *standing,
				 const struct cell *cell, int64_t count, int64_t seconds)
{
	char groups[1024] = "";

	for (size_t i = 0; i < standing->groups_len; i++)
		snprintf(groups + strlen(groups), sizeof(groups) - strlen(groups), "+%s",
			 standing->groups[i]);
	return sums_line(ctx, "cell %s %d %s%s m%d t%d / %d %d %d %d %d %d %d %d %d %d = %" PRId64 " %" PRId64,
			 code, cell->day, standing->task, groups, standing->is_municipal, standing->is_target,
			 cell->channel, cell->direction, cell->kind, cell->form, cell->hours, cell->population,
			 cell->outcome, cell->assisted, cell->is_exempt, cell->is_ignored, count, seconds);
}

static inline int sums_on_name(void *ctx, const char *code, enum dimension dimension, int32_t period,
			       struct effort_str name, const struct name_amount *amount, int64_t last_ms)
{
	return sums_line(ctx,
			 "name %s %d %d %.*s = %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " last %" PRId64,
			 code, (int)dimension, period, (int)name.len, name.ptr, amount->events,
			 amount->contacts, amount->n, amount->self, last_ms);
}

static inline int sums_on_position(void *ctx, const char *code, int dimension, int32_t period,
				   uint64_t position)
{
	return sums_line(ctx, "position %s %d %d = %" PRIu64, code, dimension, period, position);
}

static inline int sums_by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All of it, a line each, sorted; to be freed. */
static inline char *sums_text(const struct totals *totals)
{
	struct sums_lines lines = { 0 };
	const struct totals_visit visit = { &lines, sums_on_amount, sums_on_name, sums_on_position };
	size_t len = 0;
	char *text;

	ck_assert_int_eq(totals_visit(totals, &visit), 0);
	if (lines.n > 0)
		qsort(lines.list, lines.n, sizeof(*lines.list), sums_by_text);
	for (size_t i = 0; i < lines.n; i++)
		len += strlen(lines.list[i]) + 1;
	text = malloc(len + 1);
	ck_assert_ptr_nonnull(text);
	text[0] = '\0';
	len = 0;
	for (size_t i = 0; i < lines.n; i++) {
		len += (size_t)sprintf(text + len, "%s\n", lines.list[i]);
		free(lines.list[i]);
	}
	free(lines.list);
	return text;
}

/* Fails with the first line that differs. */
static inline void sums_check(const char *what, const char *found, const char *wanted)
{
	size_t at = 0, line = 0;

	if (strcmp(found, wanted) == 0)
		return;
	for (; found[at] == wanted[at]; at++)
		if (found[at] == '\n')
			line = at + 1;
	ck_abort_msg("%s: found\n%.200s\nwanted\n%.200s", what, found + line, wanted + line);
}

static inline void sums_check_same(const char *what, const struct totals *found, const struct totals *wanted)
{
	char *a = sums_text(found), *b = sums_text(wanted);

	sums_check(what, a, b);
	free(a);
	free(b);
}

#endif
