/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl import`: its command line and its summary. See import.h. */
#include "ctl/import.h"

#include "ctl/acked.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/page.h"
#include "event/encoding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_MAX   100
#define LISTED_MAX 10000 /* with --json */

/* --- the summary --- */

static void put_refused_json(struct text *out, const char *const *names,
			     const struct import_refusals *refusals)
{
	size_t n = refusals->n < LISTED_MAX ? refusals->n : LISTED_MAX;

	text_key(out, "codes");
	text_puts(out, "{");
	for (int code = 1; code <= CODES; code++)
		if (refusals->by_code[code] > 0)
			text_key_int(out, import_code_name(code), (int64_t)refusals->by_code[code]);
	text_puts(out, "}");
	text_key(out, "rejects");
	text_puts(out, "[");
	for (size_t i = 0; i < n; i++) {
		const struct import_refused *refused = &refusals->list[i];

		text_puts(out, i > 0 ? ",{" : "{");
		text_key_cstr(out, "file", names[refused->file]);
		text_key_int(out, "line", refused->line);
		text_key_cstr(out, "code", import_code_name(refused->code));
		text_key_cstr(out, "column", refused->column);
		text_key_cstr(out, "field", refused->field);
		text_key_cstr(out, "detail", refused->detail);
		text_puts(out, "}");
	}
	text_puts(out, "]");
}

/* Nothing where there was no configuration to look into. */
static void put_unclassified_json(struct text *out, const char *const *names,
				  const struct import_unclassified *unclassified)
{
	if (!unclassified->is_known)
		return;
	text_key(out, "unclassified");
	text_puts(out, "{");
	text_key_int(out, "rows", unclassified->rows);
	text_key_int(out, "contacts", unclassified->contacts);
	text_key(out, "first");
	text_puts(out, "[");
	for (size_t i = 0; i < unclassified->first_len; i++) {
		text_puts(out, i > 0 ? ",{" : "{");
		text_key_cstr(out, "file", names[unclassified->first[i].file]);
		text_key_int(out, "line", unclassified->first[i].line);
		text_puts(out, "}");
	}
	text_puts(out, "]}");
}

static int tell_json(struct ctl *ctl, const struct import_options *options, const char *const *names,
		     const struct import_sums *sums, const struct import_refusals *refusals)
{
	struct text out;
	int r = CTL_OK;

	text_init(&out, 64 * 1024 * 1024);
	text_puts(&out, "{");
	text_key_bool(&out, "is_dry", options->is_dry);
	text_key_int(&out, "files", sums->files);
	text_key_int(&out, "rows", sums->rows);
	text_key_int(&out, "refused", (int64_t)(refusals->n + refusals->more));
	text_key_int(&out, "skipped", sums->skipped);
	text_key_int(&out, "zero", sums->zero);
	text_key_int(&out, "events", sums->events);
	text_key_int(&out, "contacts", sums->contacts);
	text_key_int(&out, "readings", sums->shown);
	text_key_int(&out, "accepted", (int64_t)sums->accepted);
	text_key_int(&out, "duplicate", (int64_t)sums->duplicate);
	text_key_int(&out, "waiting", (int64_t)sums->waiting);
	put_unclassified_json(&out, names, &sums->unclassified);
	put_refused_json(&out, names, refusals);
	text_puts(&out, "}");
	if (out.is_cut || puts(out.ptr) == EOF || fflush(stdout) != 0)
		r = ctl_fail_write(ctl);
	text_done(&out);
	return r;
}

static void list_refused(struct ctl *ctl, const char *const *names, const struct import_refusals *refusals)
{
	struct text out;

	text_init(&out, 1024 * 1024);
	for (size_t i = 0; i < refusals->n && i < TOLD_MAX; i++)
		import_refused_put(ctl, &out, names[refusals->list[i].file], &refusals->list[i]);
	fputs(out.ptr == NULL ? "" : out.ptr, stderr);
	text_done(&out);
}

/* What to do about each code, once. */
static void list_remedies(struct page *page, struct ctl *ctl, const struct import_refusals *refusals)
{
	for (int code = 1; code < CODES; code++) {
		const struct code_text *text = code_text((enum code)code);
		struct page piece;

		if (refusals->by_code[code] == 0)
			continue;
		page_spaces(page, 2);
		page_init(&piece, ctl);
		page_add(&piece, text->name);
		page_add(&piece, ": ");
		page_add(&piece, import_remedy(ctl, code));
		page_paragraph(page, &piece, 4);
		page_done(&piece);
	}
}

/* "5 contacts", "3 readings", "5 contacts and 3 readings". */
static const char *amounts(struct ctl *ctl, const struct import_sums *sums)
{
	if (sums->shown == 0)
		return figure_many(ctl, sums->contacts, W_N_CONTACTS);
	if (sums->contacts == 0)
		return figure_many(ctl, sums->shown, W_N_READINGS);
	return ctl_note(ctl, "%s %s %s", figure_many(ctl, sums->contacts, W_N_CONTACTS), word_text(W_AND, ctl->is_danish),
			figure_many(ctl, sums->shown, W_N_READINGS));
}

static void put_outcome(struct page *page, struct ctl *ctl, const struct import_options *options,
			const struct import_sums *sums)
{
	if (options->is_dry) {
		page_fill(page, W_IMPORT_WOULD_SEND, figure_many(ctl, sums->events, W_N_EVENTS),
			  amounts(ctl, sums));
	} else {
		page_fill(page, W_IMPORT_SENT, figure_many(ctl, sums->events, W_N_EVENTS),
			  amounts(ctl, sums),
			  figure_count(ctl, (int64_t)sums->accepted),
			  figure_count(ctl, (int64_t)sums->duplicate));
	}
	page_line(page);
	if (sums->waiting > 0) {
		page_word(page, W_IMPORT_WAITING);
		page_line(page);
	}
}

/* "Opgave": the columns whose words tell the task; never what stands in them, which is anybody's text. */
static const char *columns_of(struct ctl *ctl, const struct import_map *map)
{
	const char *list = "";

	for (size_t i = 0; i < map->columns_len; i++) {
		int field = map->columns[i].field;

		if (field == KEY_TASK || field == KEY_SERVICE || field == KEY_KLE)
			list = ctl_note(ctl, "%s%s\"%s\"", list, list[0] == '\0' ? "" : ", ", map->columns[i].name);
	}
	return list[0] == '\0' ? "`constants`" : list;
}

/* "uge47.csv:2, 5, uge48.csv:3" */
static const char *places_of(struct ctl *ctl, const char *const *names, const struct import_unclassified *unclassified)
{
	const char *list = "";
	int file = -1;

	for (size_t i = 0; i < unclassified->first_len; i++) {
		list = ctl_note(ctl, "%s%s", list, i == 0 ? "" : ", ");
		if (unclassified->first[i].file != file)
			list = ctl_note(ctl, "%s%s:", list, names[unclassified->first[i].file]);
		list = ctl_note(ctl, "%s%lld", list, (long long)unclassified->first[i].line);
		file = unclassified->first[i].file;
	}
	return list;
}

static void put_unclassified(struct page *page, struct ctl *ctl, const struct import_map *map,
			     const char *const *names, const struct import_unclassified *unclassified)
{
	if (unclassified->rows > 0)
		page_say(page, STYLE_WARN, W_IMPORT_UNCLASSIFIED,
			 (const char *const[]){ figure_many(ctl, unclassified->rows, W_N_ROWS),
						figure_many(ctl, unclassified->contacts, W_N_CONTACTS),
						columns_of(ctl, map), places_of(ctl, names, unclassified), NULL });
}

static void tell(struct ctl *ctl, const struct import_options *options, const struct import_map *map,
		 const char *const *names, const struct import_sums *sums, const struct import_refusals *refusals)
{
	struct page page;

	list_refused(ctl, names, refusals);
	page_init(&page, ctl);
	page_fill(&page, W_IMPORT_ROWS, figure_many(ctl, sums->files, W_N_FILES),
		  figure_many(ctl, sums->rows, W_N_ROWS),
		  figure_count(ctl, (int64_t)(refusals->n + refusals->more)),
		  figure_count(ctl, sums->skipped), figure_count(ctl, sums->zero));
	page_line(&page);
	put_outcome(&page, ctl, options, sums);
	put_unclassified(&page, ctl, map, names, &sums->unclassified);
	if (options->is_dry && !sums->unclassified.is_known) {
		page_word(&page, W_VALID_FORM_ONLY);
		page_line(&page);
	}
	if (refusals->n > TOLD_MAX) {
		page_fill(&page, W_IMPORT_TOLD, figure_count(ctl, TOLD_MAX));
		page_line(&page);
	}
	list_remedies(&page, ctl, refusals);
	if (refusals->n > 0)
		page_say(&page, STYLE_PLAIN, options->rejects != NULL ? W_IMPORT_REJECTS : W_IMPORT_NO_REJECTS,
			 (const char *const[]){ options->rejects, NULL });
	page_write(&page, stderr);
	page_done(&page);
}

int import_tell(struct ctl *ctl, const struct import_options *options, const struct import_map *map,
		const char *const *names, const struct import_sums *sums, const struct import_refusals *refusals)
{
	if (ctl->is_json)
		return tell_json(ctl, options, names, sums, refusals);
	tell(ctl, options, map, names, sums, refusals);
	return CTL_OK;
}

/* --- the command line --- */

static int parse_encoding(struct ctl *ctl, const char *text, int *ret)
{
	static const struct {
		const char *name;
		int encoding;
	} names[] = { { "auto", -1 },
		      { "utf-8", ENCODING_UTF8 },
		      { "utf8", ENCODING_UTF8 },
		      { "windows-1252", ENCODING_1252 },
		      { "latin-1", ENCODING_1252 },
		      { "latin1", ENCODING_1252 } };

	*ret = -1;
	if (text == NULL)
		return CTL_OK;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i].name, text) != 0)
			continue;
		*ret = names[i].encoding;
		return CTL_OK;
	}
	return ctl_fail(ctl, CTL_USAGE, W_IMPORT_ENCODING, W_NEXT_IMPORT_ENCODING, text);
}

static int parse_timeout(struct ctl *ctl, const char *text, int64_t *ret_ms)
{
	double seconds;
	char *end;

	*ret_ms = ACKED_TIMEOUT_MS;
	if (text == NULL)
		return CTL_OK;
	seconds = strtod(text, &end);
	if (end == text || *end != '\0' || !(seconds >= 0 && seconds <= 1e9))
		return ctl_fail(ctl, CTL_USAGE, W_TIMEOUT_BAD, W_NEXT_TIMEOUT, text);
	*ret_ms = (int64_t)(seconds * 1000);
	return CTL_OK;
}

/* Standard input can be read once: it must be the only file, and its rejects are not to be had. */
static int check_stdin(struct ctl *ctl, const struct import_options *options)
{
	size_t n = 0;
	bool has_stdin = false;

	for (; options->files[n] != NULL; n++)
		has_stdin |= strcmp(options->files[n], "-") == 0;
	if (has_stdin && (n > 1 || options->rejects != NULL))
		return ctl_fail(ctl, CTL_USAGE, W_IMPORT_STDIN, W_NEXT_IMPORT_STDIN, "");
	return CTL_OK;
}

int import_command(struct ctl *ctl, char **args)
{
	struct import_options o = { .batch = "" };
	const char *encoding = NULL, *timeout = NULL;
	const struct option own[] = { { "--map", &o.map, NULL },
				      { "--batch", &o.batch, NULL },
				      { "--rejects", &o.rejects, NULL },
				      { "--to", &o.to, NULL },
				      { "-c", &o.config, NULL },
				      { "--encoding", &encoding, NULL },
				      { "--timeout", &timeout, NULL },
				      { "--dry-run", NULL, &o.is_dry },
				      { NULL, NULL, NULL } };
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "import");
	if (o.map == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_IMPORT_NO_MAP, W_NEXT_IMPORT_NO_MAP, "");
	if (args[0] == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_IMPORT_NO_FILE, W_NEXT_HELP, "");
	o.files = args;
	r = parse_encoding(ctl, encoding, &o.encoding);
	if (r == CTL_OK)
		r = parse_timeout(ctl, timeout, &o.timeout_ms);
	if (r == CTL_OK)
		r = check_stdin(ctl, &o);
	return r == CTL_OK ? import_run(ctl, &o) : r;
}
