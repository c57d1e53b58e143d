/* SPDX-License-Identifier: MPL-2.0 */
/* See import.h: the rows that were refused, here or by the daemon. */
#include "ctl/import.h"

#include "ctl/expected.h"
#include "ctl/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *import_code_name(int code)
{
	return code == CODES ? "?" : code_name((enum code)code);
}

static int grow(struct import_refusals *refusals)
{
	size_t cap = refusals->cap == 0 ? 64 : refusals->cap * 2;
	struct import_refused *list = realloc(refusals->list, cap * sizeof *list);

	if (list == NULL)
		return -ENOMEM;
	refusals->list = list;
	refusals->cap = cap;
	return 0;
}

int import_refuse(struct import_refusals *refusals, int file, int64_t line, int code, bool is_ours,
		  const struct import_fault *fault)
{
	const struct import_refused *last = refusals->n > 0 ? &refusals->list[refusals->n - 1] : NULL;
	struct import_refused *refused;

	/* The days of one row come one after the other. */
	if (last != NULL && last->file == file && last->line == line)
		return 0;
	refusals->by_code[code]++;
	if (refusals->n == IMPORT_REFUSED_MAX) {
		refusals->more++;
		return 0;
	}
	if (refusals->n == refusals->cap && grow(refusals) < 0)
		return -ENOMEM;
	refused = &refusals->list[refusals->n++];
	*refused = (struct import_refused){ .file = file,
					    .line = line,
					    .code = code,
					    .is_ours = is_ours,
					    .column = fault->column,
					    .field = fault->field };
	snprintf(refused->detail, sizeof refused->detail, "%s", fault->detail);
	return 0;
}

void import_refusals_done(struct import_refusals *refusals)
{
	free(refusals->list);
	*refusals = (struct import_refusals){ 0 };
}

static int compare(const void *a, const void *b)
{
	const struct import_refused *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

void import_refusals_sort(struct import_refusals *refusals)
{
	size_t n = 0;

	if (refusals->n == 0)
		return;
	qsort(refusals->list, refusals->n, sizeof *refusals->list, compare);
	for (size_t i = 1; i < refusals->n; i++) {
		if (compare(&refusals->list[n], &refusals->list[i]) == 0)
			refusals->by_code[refusals->list[i].code]--;
		else
			refusals->list[++n] = refusals->list[i];
	}
	refusals->n = n + 1;
}

size_t import_refusals_find(const struct import_refusals *refusals, int file, int64_t line)
{
	const struct import_refused wanted = { .file = file, .line = line };
	size_t from = 0, to = refusals->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare(&refusals->list[middle], &wanted) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const char *import_refused_why(struct ctl *ctl, const struct import_refused *refused)
{
	const char *expected = ctl->is_danish && refused->is_ours ? expected_da(refused->detail) : NULL;

	if (expected != NULL)
		return ctl_note(ctl, "%s %s", word_text(W_EXPECTED, true), expected);
	if (ctl->is_danish && refused->code < CODES)
		return code_text((enum code)refused->code)->meaning_da;
	if (!refused->is_ours)
		return refused->detail;
	return ctl_note(ctl, "%s %s", word_text(W_EXPECTED, ctl->is_danish), refused->detail);
}

void import_refused_put(struct ctl *ctl, struct text *out, const char *file,
			const struct import_refused *refused)
{
	struct page page;

	page_init(&page, ctl);
	page_add(&page, file);
	text_printf(&page.text, ":%lld: ", (long long)refused->line);
	page_add(&page, import_code_name(refused->code));
	if (refused->column[0] != '\0') {
		page_add(&page, " \"");
		page_add(&page, refused->column);
		page_add(&page, "\"");
	} else if (refused->field[0] != '\0') {
		page_add(&page, " ");
		page_add(&page, refused->field);
	}
	page_add(&page, ": ");
	page_add(&page, import_refused_why(ctl, refused));
	page_line(&page);
	text_add(out, page.text.ptr, page.text.len);
	page_done(&page);
}
