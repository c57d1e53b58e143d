/* SPDX-License-Identifier: MPL-2.0 */
/* See import.h: all files, one after the other, each in up to two passes. The first sends the first event of
 * every row; when all of them are settled, the second sends the rest of those rows whose first event was not
 * refused. So a row of many days is counted whole or not at all, also when it was counted before with another
 * count. Interrupted, the same command goes on where it stopped: what has been counted is a duplicate. */
#include "ctl/import.h"

#include "base/clock.h"
#include "conf/import_map.h"
#include "ctl/acked.h"
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/link.h"
#include "ctl/page.h"
#include "ctl/send.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_MS 200
#define BAR_COLUMNS 24
/* An event's number: the line in the low bits, the file above. */
#define LINE_BITS 40

struct run {
	struct ctl *ctl;
	const struct import_options *options;
	struct arena arena;
	struct import_map map;
	struct catalogue *catalogue; /* owned; NULL: none */
	struct import_maker *maker;  /* owned */
	struct acked *acked;         /* owned; NULL: a dry run */
	struct import_table *table;  /* owned; the file at hand */
	struct import_refusals refusals;
	struct import_sums sums;
	const char **names; /* owned; of the files */
	int file;
	bool has_memory, shows_progress;
	int64_t shown_ms;
	char address[256];
};

static int no_memory(struct ctl *ctl)
{
	return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
}

/* --- progress --- */

static void show_progress(struct run *run)
{
	int64_t now_ms = clock_mono_ms();
	size_t done = (size_t)(run->table->csv.at - run->table->bytes), all = run->table->len;
	struct ctl *ctl = run->ctl;
	struct page page;

	if (!run->shows_progress || now_ms - run->shown_ms < PROGRESS_MS || all == 0)
		return;
	run->shown_ms = now_ms;
	page_init(&page, ctl);
	text_puts(&page.text, "\r\033[K[");
	for (size_t i = 0; i < BAR_COLUMNS; i++)
		text_puts(&page.text, i < done * BAR_COLUMNS / all ? "#" : ".");
	text_puts(&page.text, "] ");
	page_fill(&page, W_IMPORT_PROGRESS, figure_count(ctl, (int64_t)(done * 100 / all)),
		  run->names[run->file], figure_count(ctl, run->sums.rows),
		  figure_count(ctl, (int64_t)run->refusals.n));
	page_write(&page, stderr);
	fflush(stderr);
	page_done(&page);
}

static void clear_progress(const struct run *run)
{
	if (run->shows_progress)
		fputs("\r\033[K", stderr);
}

/* --- refusals --- */

static void refuse(struct run *run, int file, int64_t line, int code, bool is_ours,
		   const struct import_fault *fault)
{
	if (import_refuse(&run->refusals, file, line, code, is_ours, fault) < 0)
		run->has_memory = false;
}

static void on_settled(void *ctx, const struct acked_line *line, const struct acked_refusal *refusal)
{
	struct run *run = ctx;
	int code;

	if (refusal == NULL)
		return;
	code = code_find(refusal->code);
	refuse(run, (int)(line->number >> LINE_BITS),
	       (int64_t)(line->number & ((UINT64_C(1) << LINE_BITS) - 1)), code < 0 ? CODES : code, false,
	       &(struct import_fault){ .column = "", .field = "", .detail = refusal->detail });
}

/* --- rows --- */

static int send_piece(struct run *run, int64_t piece, int64_t line)
{
	size_t len;
	const char *text = import_piece(run->maker, piece, &len);
	int r = CTL_OK;

	if (text == NULL)
		return no_memory(run->ctl);
	while (r == CTL_OK && !acked_has_room(run->acked)) {
		bool is_readable;

		show_progress(run);
		r = acked_step(run->acked, -1, PROGRESS_MS, &is_readable);
	}
	if (r == CTL_OK)
		r = acked_send(run->acked, text, len, (uint64_t)line | (uint64_t)run->file << LINE_BITS, 0);
	return r == CTL_OK && acked_is_interrupted() ? acked_finish(run->acked) : r;
}

static void count_unclassified(struct run *run, const struct import_made *made, int64_t line)
{
	struct import_unclassified *sums = &run->sums.unclassified;
	size_t i = 0;

	sums->rows++;
	sums->contacts += made->contacts;
	while (i < sums->first_len && sums->first[i].words != made->words)
		i++;
	if (i < sums->first_len || i == IMPORT_WORDS_TOLD)
		return;
	sums->first[i].file = run->file;
	sums->first[i].line = line;
	sums->first[i].words = made->words;
	sums->first_len++;
}

static void count_row(struct run *run, const struct import_made *made, int64_t line)
{
	run->sums.skipped += made->is_skipped;
	run->sums.zero += !made->is_skipped && made->pieces == 0;
	run->sums.events += made->pieces;
	run->sums.contacts += made->contacts;
	run->sums.shown += made->shown;
	if (made->is_unclassified)
		count_unclassified(run, made, line);
}

/* Makes the row. CODE_OK: *ret; anything else has been dealt with; *ret_r says how. */
static int make_row(struct run *run, const struct import_cell *cells, int64_t line, bool is_first,
		    struct import_made *ret, int *ret_r)
{
	struct import_fault fault;
	int code = import_make(run->maker, cells, line, ret, &fault);

	*ret_r = code < 0 ? no_memory(run->ctl) : CTL_OK;
	if (code > 0 && is_first)
		refuse(run, run->file, line, code, true, &fault);
	return code;
}

static bool is_refused(const struct run *run, int64_t line)
{
	size_t i = import_refusals_find(&run->refusals, run->file, line);

	return i < run->refusals.n && run->refusals.list[i].file == run->file &&
	       run->refusals.list[i].line == line;
}

static int first_of_row(struct run *run, const struct import_cell *cells, int64_t line, bool *has_more)
{
	struct import_made made;
	int r;

	if (make_row(run, cells, line, true, &made, &r) != CODE_OK)
		return r;
	count_row(run, &made, line);
	*has_more |= made.pieces > 1;
	return made.pieces > 0 && run->acked != NULL ? send_piece(run, 0, line) : CTL_OK;
}

static int rest_of_row(struct run *run, const struct import_cell *cells, int64_t line)
{
	struct import_made made;
	int r;

	if (make_row(run, cells, line, false, &made, &r) != CODE_OK || made.pieces < 2 ||
	    is_refused(run, line))
		return r;
	for (int64_t i = 1; i < made.pieces && r == CTL_OK; i++)
		r = send_piece(run, i, line);
	return r;
}

static int pass(struct run *run, bool is_first, bool *has_more)
{
	struct import_cell cells[IMPORT_COLUMNS_MAX];
	struct import_fault fault;
	enum import_found found;
	int64_t line;
	int r = import_maker_restart(run->maker) < 0 ? no_memory(run->ctl) : CTL_OK;

	import_table_rewind(run->table);
	while (r == CTL_OK && (found = import_table_next(run->table, cells, &line, &fault)) != IMPORT_END) {
		show_progress(run);
		if (is_first && found != IMPORT_EMPTY)
			run->sums.rows++;
		if (is_first && found == IMPORT_REFUSED)
			refuse(run, run->file, line, (int)fault.code, true, &fault);
		run->sums.empty += is_first && found == IMPORT_EMPTY;
		if (found == IMPORT_ROW)
			r = is_first ? first_of_row(run, cells, line, has_more)
				     : rest_of_row(run, cells, line);
		if (!run->has_memory)
			r = no_memory(run->ctl);
	}
	return r;
}

static int import_file(struct run *run, const char *file)
{
	bool has_more = false;
	int r = import_table_open(run->ctl, &run->map, file, run->options->encoding, &run->table);

	if (r != CTL_OK)
		return r;
	run->names[run->file] = run->table->file;
	r = pass(run, true, &has_more);
	if (r == CTL_OK && run->acked != NULL)
		r = acked_finish(run->acked);
	if (r == CTL_OK && run->acked != NULL && has_more) {
		import_refusals_sort(&run->refusals);
		r = pass(run, false, &has_more);
		if (r == CTL_OK)
			r = acked_finish(run->acked);
	}
	import_table_close(run->table);
	run->table = NULL;
	run->sums.files++;
	return r;
}

/* --- beginning and end --- */

static int read_map(struct run *run)
{
	struct faults *faults = calloc(1, sizeof *faults);
	int r;

	if (faults == NULL)
		return no_memory(run->ctl);
	r = import_map_read(&run->arena, run->options->map, &run->map, faults);
	for (size_t i = 0; i < faults->n; i++)
		fprintf(stderr, "%s\n%s%s%s", faults->list[i].text, faults->list[i].hint == NULL ? "" : "  ",
			faults->list[i].hint == NULL ? "" : faults->list[i].hint,
			faults->list[i].hint == NULL ? "" : "\n");
	faults_done(faults);
	free(faults);
	return r < 0 ? ctl_fail(run->ctl, CTL_CONFIG, W_IMPORT_MAP_BAD, W_NEXT_IMPORT_MAP, run->options->map)
		     : CTL_OK;
}

/* What the daemon would say is said here first, where its configuration is at hand. */
static int open_catalogue(struct run *run)
{
	int r = CTL_OK;

	if (run->options->config != NULL)
		r = catalogue_open(run->ctl, run->options->config, &run->catalogue);
	else
		run->catalogue = catalogue_of_daemon(run->ctl);
	run->sums.unclassified.is_known = run->catalogue != NULL;
	if (r == CTL_OK && run->catalogue != NULL)
		figure_use_zone(catalogue_zone(run->catalogue));
	return r;
}

static int connect_daemon(struct run *run)
{
	struct acked_settings settings = { .address = run->options->to,
					   .timeout_ms = run->options->timeout_ms,
					   .ctx = run,
					   .on_settled = on_settled };
	int r = CTL_OK;

	if (run->options->is_dry)
		return CTL_OK;
	if (settings.address == NULL)
		r = send_find_address(run->ctl, run->address, sizeof run->address);
	if (settings.address == NULL)
		settings.address = run->address;
	if (r == CTL_OK)
		r = acked_open(run->ctl, &settings, &run->acked);
	if (r == CTL_OK)
		acked_catch_signals();
	return r;
}

static int begin(struct run *run)
{
	size_t n = 0;
	int r;

	while (run->options->files[n] != NULL)
		n++;
	run->names = calloc(n + 1, sizeof *run->names);
	r = run->names == NULL ? no_memory(run->ctl) : read_map(run);
	if (r == CTL_OK)
		r = open_catalogue(run);
	if (r != CTL_OK)
		return r;
	run->maker = import_maker_new(&run->map, run->catalogue, run->options->batch, clock_now_ms());
	return run->maker == NULL ? no_memory(run->ctl) : connect_daemon(run);
}

static int conclude(struct run *run, int r)
{
	struct acked_sums sums = { 0 };
	int told;

	clear_progress(run);
	import_refusals_sort(&run->refusals);
	if (run->acked != NULL)
		acked_sums(run->acked, &sums);
	run->sums.accepted = sums.accepted;
	run->sums.duplicate = sums.duplicate;
	run->sums.waiting = sums.waiting;
	if (run->sums.files == 0 && r != CTL_OK && r != CTL_TEMPORARY)
		return r;
	if (run->options->rejects != NULL && run->has_memory && (r == CTL_OK || r == CTL_TEMPORARY)) {
		told = import_write_rejects(run->ctl, run->options, &run->map, &run->refusals,
					    (int)run->sums.files);
		r = r == CTL_OK ? told : r;
	}
	told = import_tell(run->ctl, run->options, &run->map, run->names, &run->sums, &run->refusals);
	if (r == CTL_OK)
		r = told;
	return r == CTL_OK && run->refusals.n > 0 ? CTL_REFUSED : r;
}

int import_run(struct ctl *ctl, const struct import_options *options)
{
	static struct run run;
	const char *term = getenv("TERM");
	int r;

	run.ctl = ctl;
	run.options = options;
	run.has_memory = true;
	run.shows_progress = isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
	r = begin(&run);
	if (r == CTL_OK) {
		for (run.file = 0; options->files[run.file] != NULL && r == CTL_OK; run.file++)
			r = import_file(&run, options->files[run.file]);
		r = conclude(&run, r);
	}
	acked_close(run.acked);
	import_maker_free(run.maker);
	catalogue_close(run.catalogue);
	import_refusals_done(&run.refusals);
	arena_done(&run.arena);
	free(run.names);
	return r;
}
