/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal dump --totals DAY|MONTH`: the sums of one file of totals, of every writer that has one.
 */
#include "ctl/journal.h"

#include "ctl/failure.h"

#include "domain/calendar.h"
#include "journal/totals.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WRITE_AT 65536

struct dump {
	struct page page;
	const char *writer;
};

static struct text *begin_line(struct dump *dump, const char *record, const char *code)
{
	struct text *out = &dump->page.text;

	text_puts(out, "{");
	text_key_cstr(out, "record", record);
	text_key_cstr(out, "writer", dump->writer);
	text_key_cstr(out, "municipality", code);
	return out;
}

static int end_line(struct dump *dump)
{
	text_puts(&dump->page.text, "}\n");
	return dump->page.text.len >= WRITE_AT && page_write(&dump->page, stdout) != 0 ? -ECANCELED : 0;
}

static int on_amount(void *ctx, const char *code, const struct standing_text *standing,
		     const struct cell *cell, int64_t count, int64_t seconds)
{
	struct text *out = begin_line(ctx, "amount", code);

	journal_key_day(out, "day", cell->day);
	text_key_cstr(out, "task", standing->task);
	journal_put_cell(out, cell);
	text_key_int(out, "count", count);
	text_key_int(out, "seconds", seconds);
	return end_line(ctx);
}

static int on_name(void *ctx, const char *code, enum dimension dimension, int32_t period,
		   struct effort_str name, const struct name_amount *amount, int64_t last_ms)
{
	struct text *out = begin_line(ctx, "name", code);

	text_key_cstr(out, "dimension", dimension_name[dimension]);
	journal_key_day(out, "period", period);
	text_key(out, "name");
	text_json(out, name);
	text_key_int(out, "events", amount->events);
	text_key_int(out, "contacts", amount->contacts);
	text_key_int(out, "n", amount->n);
	text_key_int(out, "self", amount->self);
	journal_key_moment(out, "last", last_ms);
	return end_line(ctx);
}

static int on_position(void *ctx, const char *code, int dimension, int32_t period, uint64_t position)
{
	struct text *out = begin_line(ctx, "position", code);

	text_key_cstr(out, "dimension",
		      dimension < 0 || dimension >= DIMENSIONS ? NULL : dimension_name[dimension]);
	journal_key_day(out, "period", period);
	text_key_int(out, "position", (int64_t)position);
	return end_line(ctx);
}

static int dump_file(struct dump *dump, const char *path, struct error *reterr)
{
	const struct totals_visit visit = { dump, on_amount, on_name, on_position };
	struct totals *totals = totals_new();
	struct text *out = &dump->page.text;
	uint64_t segment = 0;
	int r;

	if (totals == NULL)
		return error_set(reterr, -ENOMEM, "%s", strerror(ENOMEM));
	r = totals_read(totals, &disk_real, path, INT32_MIN, &segment, reterr);
	if (r == 0) {
		text_puts(out, "{");
		text_key_cstr(out, "record", "totals");
		text_key_cstr(out, "writer", dump->writer);
		text_key_cstr(out, "file", path);
		text_key_int(out, "last_segment", (int64_t)segment);
		r = end_line(dump);
	}
	if (r == 0)
		r = totals_visit(totals, &visit);
	totals_free(totals);
	return r;
}

/* "2026-11-21": a day; "2026-11": the names of a month. */
static bool read_period(const char *text, bool *ret_is_month, int32_t *ret_day)
{
	char day[16];

	*ret_is_month = strlen(text) == 7;
	if (!*ret_is_month)
		return day_parse(text, strlen(text), ret_day);
	snprintf(day, sizeof(day), "%s-01", text);
	return day_parse(day, strlen(day), ret_day);
}

/* One writer's file, if it has one. CTL_OK, or told. */
static int dump_writer(struct ctl *ctl, struct dump *dump, const char *folder, bool is_month, int32_t day,
		       size_t *files)
{
	char path[TOTALS_PATH_MAX];
	struct error err = { "" };
	int r;

	if (is_month)
		totals_month_path(path, folder, day);
	else
		totals_day_path(path, folder, day);
	r = dump_file(dump, path, &err);
	if (r == -ENOENT)
		return CTL_OK;
	*files += 1;
	if (r == -ECANCELED)
		return ctl_fail_write(ctl);
	if (r == -EBADMSG)
		return ctl_fail(ctl, CTL_REFUSED, W_J_TOTALS_BAD, W_NEXT_VERIFY, path, err.text);
	return r < 0 ? ctl_fail(ctl, CTL_IO, W_READ_FAILED, W_NEXT_FILE, path, failure_text(ctl, -r)) : CTL_OK;
}

int journal_dump_totals(struct ctl *ctl, const char *state_dir, const struct journal_options *options)
{
	struct survey_names writers;
	struct dump dump = { .writer = "" };
	char folder[4600];
	size_t files = 0;
	bool is_month;
	int32_t day;
	int r, written;

	if (!read_period(options->totals, &is_month, &day))
		return ctl_fail(ctl, CTL_USAGE, W_J_DAY_BAD, W_NEXT_J_DAY, options->totals);
	snprintf(folder, sizeof(folder), "%s/" SURVEY_TOTALS, state_dir);
	r = survey_list(folder, &writers);
	if (r < 0)
		return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_FILE, folder, failure_text(ctl, -r));
	page_init(&dump.page, ctl);
	r = CTL_OK;
	for (size_t i = 0; i < writers.n && r == CTL_OK; i++) {
		dump.writer = writers.list[i];
		snprintf(folder, sizeof(folder), "%s/" SURVEY_TOTALS "/%s", state_dir, writers.list[i]);
		r = dump_writer(ctl, &dump, folder, is_month, day, &files);
	}
	survey_names_done(&writers);
	written = journal_put(ctl, &dump.page);
	if (r == CTL_OK && files == 0)
		return ctl_fail(ctl, CTL_NO_INPUT, W_J_NO_TOTALS, W_NEXT_JOURNAL_INFO, options->totals);
	return r != CTL_OK ? r : written;
}
