/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl import --rejects`: the refused rows as they stood in their files, each with its line, code, what
 * was wrong and the next step before it, so that they can be corrected and imported with the same map, which
 * does not look at those columns. Rows that hold personal data leave their line and code only. */
#include "ctl/import.h"

#include "ctl/failure.h"

#include <stdio.h>
#include <string.h>

struct writer {
	struct ctl *ctl;
	const struct import_refusals *refusals; /* sorted */
	struct import_table *table;
	int file;
};

static void put_reject(struct writer *w, struct text *out, const struct import_refused *refused)
{
	struct ctl *ctl = w->ctl;
	char separator = w->table->csv.separator;
	const char *values[] = { import_code_name(refused->code), refused->column,
				 import_refused_why(ctl, refused), import_remedy(ctl, refused->code) };
	static const char *const names[] = { "_code", "_column", "_why", "_next" };
	bool is_json = w->table->is_json;

	if (is_json) {
		text_puts(out, "{");
		text_key_int(out, "_line", refused->line);
	} else {
		text_printf(out, "%lld", (long long)refused->line);
	}
	for (size_t i = 0; i < 4; i++) {
		if (is_json) {
			text_key_cstr(out, names[i], values[i]);
			continue;
		}
		text_add(out, &separator, 1);
		text_puts(out, "\"");
		for (const char *p = values[i]; *p != '\0'; p++)
			text_add(out, *p == '"' ? "'" : p, 1);
		text_puts(out, "\"");
	}
	/* Of what holds personal data nothing is written anywhere. */
	import_table_put(w->table, out, refused->code != E_CPR);
	text_puts(out, is_json ? "}\n" : "\n");
}

static int write_out(struct writer *w, struct text *out, FILE *to)
{
	bool is_whole = !out->is_cut && fwrite(out->ptr == NULL ? "" : out->ptr, 1, out->len, to) == out->len;

	text_clear(out);
	return is_whole ? CTL_OK : ctl_fail_write(w->ctl);
}

/* Goes through the file once more: its refused rows as they are. */
static int rejects_of_file(struct writer *w, FILE *to)
{
	struct import_cell cells[IMPORT_COLUMNS_MAX];
	struct import_fault fault;
	size_t i = import_refusals_find(w->refusals, w->file, 0);
	struct text out;
	int64_t line;
	int r = CTL_OK;

	text_init(&out, 1024 * 1024);
	if (!w->table->is_json && i < w->refusals->n && w->refusals->list[i].file == w->file) {
		char sep[2] = { w->table->csv.separator, '\0' };

		text_printf(&out, "%s_line%s_code%s_column%s_why%s_next", w->file == 0 ? "\xef\xbb\xbf" : "",
			    sep, sep, sep, sep);
		import_table_put_header(w->table, &out);
		text_puts(&out, "\n");
	}
	import_table_rewind(w->table);
	while (r == CTL_OK && i < w->refusals->n && w->refusals->list[i].file == w->file &&
	       import_table_next(w->table, cells, &line, &fault) != IMPORT_END) {
		if (line != w->refusals->list[i].line)
			continue;
		put_reject(w, &out, &w->refusals->list[i++]);
		r = write_out(w, &out, to);
	}
	text_done(&out);
	return r;
}

int import_write_rejects(struct ctl *ctl, const struct import_options *options, const struct import_map *map,
			 const struct import_refusals *refusals, int files)
{
	struct writer w = { .ctl = ctl, .refusals = refusals };
	const char *path = options->rejects;
	FILE *to = fopen(path, "we");
	int r = CTL_OK;

	if (to == NULL)
		return failure_to_create(ctl, path);
	for (w.file = 0; w.file < files && r == CTL_OK; w.file++) {
		r = import_table_open(ctl, map, options->files[w.file], options->encoding, &w.table);
		if (r == CTL_OK)
			r = rejects_of_file(&w, to);
		import_table_close(w.table);
		w.table = NULL;
	}
	if (fclose(to) != 0 && r == CTL_OK)
		r = ctl_fail_write(ctl);
	return r;
}
