/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal info`: what there is. */
#include "ctl/journal.h"

#include "ctl/figure.h"
#include "ctl/table.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LABEL 15

/* ---- for people ---- */

static void line(struct page *page, enum word label, enum style style, struct page *piece)
{
	page_style(page, STYLE_STRONG);
	page_column(page, word_text(label, page->ctl->is_danish), LABEL);
	page_style(page, style);
	page_paragraph(page, piece, LABEL);
	page_style(page, STYLE_PLAIN);
}

static const char *moment(struct ctl *ctl, int64_t ms)
{
	return ms == INT64_MIN || ms == INT64_MAX ? "-" : figure_short(ctl, ms);
}

static void say_place(struct page *page, struct page *piece, struct ctl *ctl, const struct survey *survey)
{
	const struct identity *identity = survey->identity;

	page_fill(piece, survey->is_running ? W_J_PLACE_RUNNING : W_J_PLACE_STOPPED, survey->state_dir);
	line(page, W_J_PLACE, STYLE_PLAIN, piece);
	if (identity == NULL)
		page_word(piece, W_J_WRITER_NONE);
	else
		page_fill(piece, W_J_WRITER_IS, identity->writer,
			  figure_many(ctl, (int64_t)identity->incarnation, W_N_TIMES));
	line(page, W_J_WRITER, identity == NULL ? STYLE_BAD : STYLE_PLAIN, piece);
	if (survey->horizon_ms == INT64_MIN)
		page_word(piece, W_J_HORIZON_NONE);
	else
		page_fill(piece, W_J_HORIZON_IS, figure_day_time(ctl, survey->horizon_ms));
	line(page, W_J_HORIZON, STYLE_PLAIN, piece);
}

static void say_totals(struct page *page, struct page *piece, struct ctl *ctl, const struct survey *survey)
{
	for (size_t i = 0; i < survey->totals_len; i++) {
		const struct survey_totals *totals = &survey->totals[i];
		bool is_own =
			survey->identity != NULL && strcmp(totals->writer, survey->identity->writer) == 0;

		page_fill(piece, W_J_FOLDED_IS, figure_count(ctl, (int64_t)totals->last_segment),
			  figure_many(ctl, (int64_t)totals->days, W_N_DAYS),
			  journal_day(ctl, totals->first_day), journal_day(ctl, totals->last_day),
			  figure_many(ctl, (int64_t)totals->months, W_N_MONTHS),
			  figure_bytes(ctl, totals->bytes));
		if (!is_own)
			page_fill(piece, W_J_FOLDED_OTHER, totals->writer);
		line(page, W_J_FOLDED, STYLE_PLAIN, piece);
	}
	if (survey->totals_len > 0)
		return;
	page_word(piece, W_J_FOLDED_NONE);
	line(page, W_J_FOLDED, STYLE_PLAIN, piece);
}

static void say_rest(struct page *page, struct page *piece, struct ctl *ctl, const struct survey *survey)
{
	const struct survey_ids *ids = &survey->ids;

	if (ids->files == 0)
		page_word(piece, W_J_IDS_NONE);
	else
		page_fill(piece, W_J_IDS_ARE, figure_many(ctl, (int64_t)ids->ids, W_N_IDS),
			  figure_many(ctl, (int64_t)ids->files, W_N_FILES), journal_day(ctl, ids->first_day),
			  journal_day(ctl, ids->last_day), figure_bytes(ctl, ids->bytes));
	line(page, W_J_IDS, STYLE_PLAIN, piece);
	page_fill(piece, W_J_DEADLETTERS_ARE, figure_many(ctl, (int64_t)survey->deadletter_files, W_N_FILES),
		  figure_bytes(ctl, survey->deadletter_bytes));
	line(page, W_J_DEADLETTERS, STYLE_PLAIN, piece);
	page_fill(piece, W_J_SIZE_IS, figure_bytes(ctl, survey->bytes),
		  figure_bytes(ctl, survey->segment_bytes),
		  figure_many(ctl, (int64_t)survey->segments_len, W_N_SEGMENTS));
	line(page, W_J_SIZE, STYLE_PLAIN, piece);
	if (survey->damages == 0)
		page_word(piece, W_J_DAMAGE_NONE);
	else
		page_fill(piece, W_J_DAMAGE_IS, figure_many(ctl, (int64_t)survey->damages, W_N_DAMAGES));
	line(page, W_J_DAMAGE, survey->damages == 0 ? STYLE_PLAIN : STYLE_BAD, piece);
}

static enum word state(const struct survey *survey, size_t i)
{
	const struct survey_segment *segment = &survey->segments[i];

	if (segment->damages > 0)
		return W_J_DAMAGED;
	if (segment->end.is_sealed && i + 1 < survey->segments_len)
		return W_J_SEALED;
	return survey->is_running ? W_J_WRITTEN : W_J_OPEN;
}

static void segments(struct page *page, struct ctl *ctl, const struct survey *survey)
{
	struct table table;

	table_init(&table, 7);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){
			  word_text(W_J_COL_SEGMENT, ctl->is_danish), word_text(W_J_COL_SIZE, ctl->is_danish),
			  word_text(W_J_COL_BLOCKS, ctl->is_danish), word_text(W_COL_EVENTS, ctl->is_danish),
			  word_text(W_J_COL_FROM, ctl->is_danish), word_text(W_J_COL_TO, ctl->is_danish),
			  word_text(W_COL_STATE, ctl->is_danish) });
	for (size_t i = 0; i < survey->segments_len; i++) {
		const struct survey_segment *segment = &survey->segments[i];

		table_add(
			&table, segment->damages > 0 ? STYLE_BAD : STYLE_PLAIN,
			(const char *const[]){
				ctl_note(ctl, "%" PRIu64, segment->number), figure_bytes(ctl, segment->bytes),
				figure_count(ctl, (int64_t)segment->blocks),
				figure_count(ctl, (int64_t)segment->effects), moment(ctl, segment->first_ms),
				moment(ctl, segment->last_ms), word_text(state(survey, i), ctl->is_danish) });
	}
	page_line(page);
	table_print(&table, page, 0x0f);
	table_done(&table);
}

static void tell(struct page *page, struct ctl *ctl, const struct survey *survey)
{
	struct page piece;

	page_init(&piece, ctl);
	say_place(page, &piece, ctl, survey);
	say_totals(page, &piece, ctl, survey);
	say_rest(page, &piece, ctl, survey);
	page_done(&piece);
	if (survey->segments_len > 0)
		segments(page, ctl, survey);
}

/* ---- for programs ---- */

static void put_segment(struct text *out, const struct survey_segment *segment)
{
	text_puts(out, "{");
	text_key_int(out, "number", (int64_t)segment->number);
	text_key_int(out, "bytes", segment->bytes);
	text_key_int(out, "blocks", (int64_t)segment->blocks);
	text_key_int(out, "effects", (int64_t)segment->effects);
	text_key_int(out, "contacts", segment->contacts);
	text_key_bool(out, "is_sealed", segment->end.is_sealed);
	text_key_int(out, "damages", (int64_t)segment->damages);
	text_key_cstr(out, "writer", segment->has_head ? segment->head.writer : NULL);
	text_key_int(out, "first_block", (int64_t)segment->head.first_block);
	text_key_int(out, "next_block", (int64_t)segment->end.next_block);
	text_key_int(out, "position",
		     (int64_t)(segment->end.mark.position != 0 ? segment->end.mark.position
							       : segment->head.position));
	journal_key_moment(out, "created", segment->has_head ? segment->head.created_ms : INT64_MIN);
	journal_key_moment(out, "written", segment->written_ms);
	journal_key_moment(out, "first", segment->first_ms);
	journal_key_moment(out, "last", segment->last_ms);
	text_puts(out, "}");
}

static void put_totals(struct text *out, const struct survey_totals *totals)
{
	text_puts(out, "{");
	text_key_cstr(out, "writer", totals->writer);
	text_key_int(out, "days", (int64_t)totals->days);
	journal_key_day(out, "first_day", totals->first_day);
	journal_key_day(out, "last_day", totals->last_day);
	text_key_int(out, "months", (int64_t)totals->months);
	journal_key_day(out, "first_month", totals->first_month);
	journal_key_day(out, "last_month", totals->last_month);
	text_key_int(out, "last_segment", (int64_t)totals->last_segment);
	text_key_int(out, "bytes", totals->bytes);
	text_puts(out, "}");
}

static void put_lists(struct text *out, const struct survey *survey)
{
	text_key(out, "segments");
	text_puts(out, "[");
	for (size_t i = 0; i < survey->segments_len; i++) {
		text_puts(out, i > 0 ? "," : "");
		put_segment(out, &survey->segments[i]);
	}
	text_puts(out, "]");
	text_key(out, "totals");
	text_puts(out, "[");
	for (size_t i = 0; i < survey->totals_len; i++) {
		text_puts(out, i > 0 ? "," : "");
		put_totals(out, &survey->totals[i]);
	}
	text_puts(out, "]");
}

static void put_ids(struct text *out, const struct survey_ids *ids)
{
	text_key(out, "ids");
	text_puts(out, "{");
	text_key_int(out, "files", (int64_t)ids->files);
	text_key_int(out, "ids", (int64_t)ids->ids);
	journal_key_day(out, "first_day", ids->first_day);
	journal_key_day(out, "last_day", ids->last_day);
	text_key_int(out, "bytes", ids->bytes);
	text_puts(out, "}");
}

static void put(struct text *out, const struct survey *survey)
{
	const struct identity *identity = survey->identity;

	text_puts(out, "{");
	text_key_bool(out, "ok", survey->damages == 0);
	text_key_cstr(out, "state_dir", survey->state_dir);
	text_key_bool(out, "is_running", survey->is_running);
	text_key_cstr(out, "writer", identity == NULL ? NULL : identity->writer);
	text_key_int(out, "incarnation", identity == NULL ? 0 : (int64_t)identity->incarnation);
	text_key_int(out, "runs", identity == NULL ? 0 : (int64_t)identity->runs_len);
	journal_key_moment(out, "horizon", survey->horizon_ms);
	put_lists(out, survey);
	put_ids(out, &survey->ids);
	text_key(out, "deadletters");
	text_puts(out, "{");
	text_key_int(out, "files", (int64_t)survey->deadletter_files);
	text_key_int(out, "bytes", survey->deadletter_bytes);
	text_puts(out, "}");
	text_key_int(out, "journal_bytes", survey->segment_bytes);
	text_key_int(out, "bytes", survey->bytes);
	journal_tell_json(out, survey);
	text_puts(out, "}\n");
}

int journal_info(struct ctl *ctl, const char *state_dir, const struct journal_options *options)
{
	struct survey *survey;
	struct page page;
	int r = journal_look(ctl, state_dir, false, &survey);

	(void)options;
	if (r != CTL_OK)
		return r;
	page_init(&page, ctl);
	if (ctl->is_json)
		put(&page.text, survey);
	else
		tell(&page, ctl, survey);
	survey_free(survey);
	return journal_put(ctl, &page);
}
