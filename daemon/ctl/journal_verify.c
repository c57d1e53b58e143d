/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal verify`: reads everything and tells each damage with what follows from it. */
#include "ctl/journal.h"

#include "ctl/figure.h"

static void put(struct text *out, const struct survey *survey, int64_t effects, size_t files)
{
	text_puts(out, "{");
	text_key_bool(out, "ok", survey->damages == 0);
	text_key_cstr(out, "state_dir", survey->state_dir);
	text_key_bool(out, "is_running", survey->is_running);
	text_key_int(out, "segments", (int64_t)survey->segments_len);
	text_key_int(out, "effects", effects);
	text_key_int(out, "totals", (int64_t)files);
	text_key_int(out, "id_files", (int64_t)survey->ids.files);
	text_key_int(out, "bytes", survey->bytes);
	journal_tell_json(out, survey);
	text_puts(out, "}\n");
}

static void summary(struct page *page, struct ctl *ctl, const struct survey *survey, int64_t effects,
		    size_t files)
{
	struct page piece;

	page_init(&piece, ctl);
	page_fill(&piece, W_J_READ, figure_many(ctl, (int64_t)survey->segments_len, W_N_SEGMENTS),
		  figure_many(ctl, effects, W_N_EVENTS), figure_many(ctl, (int64_t)files, W_N_TOTALS),
		  figure_many(ctl, (int64_t)survey->ids.files, W_N_ID_FILES),
		  figure_bytes(ctl, survey->bytes - survey->deadletter_bytes));
	if (survey->damages == 0)
		page_word(&piece, W_J_WHOLE);
	else
		page_fill(&piece, W_J_NOT_WHOLE, figure_many(ctl, (int64_t)survey->damages, W_N_DAMAGES));
	page_style(page, survey->damages == 0 ? STYLE_GOOD : STYLE_BAD);
	page_paragraph(page, &piece, 0);
	page_style(page, STYLE_PLAIN);
	if (survey->findings_more > 0) {
		page_fill(&piece, W_J_MORE, figure_count(ctl, (int64_t)survey->findings_more));
		page_paragraph(page, &piece, 0);
	}
	page_done(&piece);
}

int journal_verify(struct ctl *ctl, const char *state_dir, const struct journal_options *options)
{
	struct survey *survey;
	struct page page;
	int64_t effects = 0;
	size_t files = 0;
	int r = journal_look(ctl, state_dir, true, &survey);
	bool is_whole;

	(void)options;
	if (r != CTL_OK)
		return r;
	for (size_t i = 0; i < survey->segments_len; i++)
		effects += (int64_t)survey->segments[i].effects;
	for (size_t i = 0; i < survey->totals_len; i++)
		files += survey->totals[i].days + survey->totals[i].months;
	page_init(&page, ctl);
	if (ctl->is_json) {
		put(&page.text, survey, effects, files);
	} else {
		for (size_t i = 0; i < survey->findings_len; i++)
			journal_tell(&page, ctl, &survey->findings[i]);
		summary(&page, ctl, survey, effects, files);
	}
	is_whole = survey->damages == 0;
	survey_free(survey);
	r = journal_put(ctl, &page);
	return r != CTL_OK ? r : is_whole ? CTL_OK : CTL_REFUSED;
}
