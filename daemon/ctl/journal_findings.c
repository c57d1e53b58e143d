/* SPDX-License-Identifier: MPL-2.0 */
/* What each kind of finding means, as sentences and as JSON, and the small things all actions print. */
#include "ctl/journal.h"

#include "ctl/failure.h"
#include "ctl/figure.h"
#include "domain/calendar.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name; /* in JSON */
	enum word what, lost, does, next;
} kinds[FINDINGS] = {
	[FOUND_TAIL] = { "torn_tail", W_JF_TAIL, W_JL_TAIL, W_JD_TAIL, W_JN_TAIL },
	[FOUND_BLOCKS] = { "damaged_blocks", W_JF_BLOCKS, W_JL_BLOCKS, W_JD_BLOCKS, W_JN_SEND_AGAIN },
	[FOUND_CUT] = { "cut_off", W_JF_CUT, W_JL_BLOCKS, W_JD_BLOCKS, W_JN_SEND_AGAIN },
	[FOUND_HEADER] = { "damaged_header", W_JF_HEADER, W_JL_SEGMENT, W_JD_SEGMENT, W_JN_SEGMENT },
	[FOUND_MISSING] = { "missing_segment", W_JF_MISSING, W_JL_SEGMENT, W_JD_SEGMENT, W_JN_SEGMENT },
	[FOUND_VERSION] = { "later_version", W_JF_VERSION, W_JL_NOTHING, W_JD_VERSION, W_JN_VERSION },
	[FOUND_DAY] = { "damaged_day", W_JF_DAY, W_JL_DAY, W_JD_TOTALS, W_JN_TOTALS },
	[FOUND_MONTH] = { "damaged_month", W_JF_MONTH, W_JL_MONTH, W_JD_TOTALS, W_JN_TOTALS },
	[FOUND_IDS] = { "damaged_ids", W_JF_IDS, W_JL_IDS, W_JD_IDS, W_JN_IDS },
	[FOUND_BOOKINGS] = { "damaged_bookings", W_JF_BOOKINGS, W_JL_BOOKINGS, W_JD_BOOKINGS, W_JN_BOOKINGS },
	[FOUND_ERRANDS] = { "damaged_errands", W_JF_ERRANDS, W_JL_ERRANDS, W_JD_ERRANDS, W_JN_BOOKINGS },
	[FOUND_TARGETS] = { "damaged_targets", W_JF_TARGETS, W_JL_TARGETS, W_JD_REMEMBERED, W_JN_REMEMBERED },
	[FOUND_DEFINITIONS] = { "damaged_definitions", W_JF_DEFINITIONS, W_JL_DEFINITIONS, W_JD_REMEMBERED,
				W_JN_REMEMBERED },
	[FOUND_SILENCES] = { "damaged_silences", W_JF_SILENCES, W_JL_SILENCES, W_JD_REMEMBERED, W_JN_REMEMBERED },
	[FOUND_UNSENT] = { "damaged_unsent", W_JF_UNSENT, W_JL_NOTHING, W_JD_UNSENT, W_JN_UNSENT },
	[FOUND_WRITER_COPY] = { "writer_copy", W_JF_COPY, W_JL_NOTHING, W_JD_COPY, W_JN_COPY },
	[FOUND_WRITER] = { "writer", W_JF_WRITER, W_JL_WRITER, W_JD_WRITER, W_JN_WRITER },
	[FOUND_UNREADABLE] = { "unreadable", W_JF_UNREADABLE, W_JL_UNKNOWN, W_JD_UNREADABLE,
			       W_JN_UNREADABLE },
	[FOUND_LOST_TOTALS] = { "lost_totals", W_JF_LOST_TOTALS, W_JL_LOST_TOTALS, W_JD_LOST_TOTALS, W_JN_LOST_TOTALS },
	[FOUND_STRAY] = { "unfinished", W_JF_STRAY, W_JL_NOTHING, W_JD_STRAY, W_JN_STRAY },
	[FOUND_SET_ASIDE] = { "set_aside", W_JF_ASIDE, W_JL_ASIDE, W_JD_ASIDE, W_JN_ASIDE },
};

static void sentence(struct page *page, enum word head, enum word word, const char *const *values)
{
	struct page piece;

	page_init(&piece, page->ctl);
	page_spaces(page, 2);
	page_word(page, head);
	page_spaces(page, 1);
	page_fill_list(&piece, word, values);
	page_paragraph(page, &piece, 4);
	page_done(&piece);
}

/* " (blocks 15-17; about 21 Nov 11:01 to 21 Nov 11:02)": which events are lost, as far as it is known. */
static const char *which(struct ctl *ctl, const struct finding *finding)
{
	bool has_blocks = finding->last_block != 0;
	bool has_times = finding->since_ms != INT64_MIN && finding->until_ms != INT64_MIN;
	const char *blocks = "", *times = "";

	if (has_blocks && finding->first_block == finding->last_block)
		blocks = ctl_note(ctl, "%s %" PRIu64, word_text(W_J_BLOCK, ctl->is_danish),
				  finding->last_block);
	else if (has_blocks)
		blocks = ctl_note(ctl, "%s %" PRIu64 "-%" PRIu64, word_text(W_J_BLOCKS, ctl->is_danish),
				  finding->first_block, finding->last_block);
	if (has_times)
		times = ctl_note(ctl, "%s %s - %s", word_text(W_J_ABOUT, ctl->is_danish),
				 figure_short(ctl, finding->since_ms), figure_short(ctl, finding->until_ms));
	if (!has_blocks && !has_times)
		return "";
	return ctl_note(ctl, " (%s%s%s)", blocks, has_blocks && has_times ? "; " : "", times);
}

/* How far it goes, or why it cannot be read. */
static const char *further(struct ctl *ctl, const struct finding *finding)
{
	if (finding->last_segment > 0)
		return ctl_note(ctl, "%s %" PRIu64, word_text(W_J_AND_TO, ctl->is_danish), finding->last_segment);
	return finding->error < 0 ? failure_text(ctl, -finding->error) : finding->detail;
}

void journal_tell(struct page *page, struct ctl *ctl, const struct finding *finding)
{
	const char *values[] = { which(ctl, finding), further(ctl, finding), NULL };
	struct page piece;

	page_init(&piece, ctl);
	page_style(page, finding_is_damage(finding->kind) ? STYLE_BAD : STYLE_WARN);
	page_add(&piece, finding->file == NULL ? "?" : finding->file);
	if (finding->to > 0)
		page_fill(&piece, W_J_BYTES, figure_count(ctl, finding->from),
			  figure_count(ctl, finding->to));
	page_add(&piece, ": ");
	page_fill_list(&piece, kinds[finding->kind].what, values);
	page_paragraph(page, &piece, 2);
	page_done(&piece);
	page_style(page, STYLE_PLAIN);
	sentence(page, W_J_LOST, kinds[finding->kind].lost, values);
	sentence(page, W_J_DOES, kinds[finding->kind].does, values);
	sentence(page, W_J_NEXT, kinds[finding->kind].next, values);
}

static void tell_text(struct text *out, const char *name, enum word word, const char *const *values)
{
	static struct ctl english; /* JSON says the same whatever the reader's language */
	struct page piece;

	english.is_utf8 = true;
	page_init(&piece, &english);
	page_fill_list(&piece, word, values);
	text_key_cstr(out, name, piece.text.ptr == NULL ? "" : piece.text.ptr);
	page_done(&piece);
}

static void tell_json(struct text *out, const struct finding *finding)
{
	const char *values[] = { "", finding->detail, NULL };

	text_puts(out, "{");
	text_key_cstr(out, "kind", kinds[finding->kind].name);
	text_key_bool(out, "is_damage", finding_is_damage(finding->kind));
	text_key_cstr(out, "file", finding->file == NULL ? "" : finding->file);
	if (finding->to > 0) {
		text_key_int(out, "from", finding->from);
		text_key_int(out, "to", finding->to);
	}
	if (finding->segment > 0)
		text_key_int(out, "segment", (int64_t)finding->segment);
	if (finding->last_segment > 0)
		text_key_int(out, "last_segment", (int64_t)finding->last_segment);
	if (finding->first_block > 0 || finding->last_block > 0) {
		text_key_int(out, "first_block", (int64_t)finding->first_block);
		text_key_int(out, "last_block", (int64_t)finding->last_block);
	}
	if (finding->since_ms != INT64_MIN)
		journal_key_moment(out, "since", finding->since_ms);
	if (finding->until_ms != INT64_MIN)
		journal_key_moment(out, "until", finding->until_ms);
	text_key_cstr(out, "detail", finding->detail);
	tell_text(out, "lost", kinds[finding->kind].lost, values);
	tell_text(out, "effortd", kinds[finding->kind].does, values);
	tell_text(out, "next", kinds[finding->kind].next, values);
	text_puts(out, "}");
}

void journal_tell_json(struct text *out, const struct survey *survey)
{
	text_key_int(out, "damages", (int64_t)survey->damages);
	text_key(out, "findings");
	text_puts(out, "[");
	for (size_t i = 0; i < survey->findings_len; i++) {
		text_puts(out, i > 0 ? "," : "");
		tell_json(out, &survey->findings[i]);
	}
	text_puts(out, "]");
	text_key_int(out, "findings_more", (int64_t)survey->findings_more);
}

/* ---- what all actions do ---- */

int journal_look(struct ctl *ctl, const char *state_dir, bool is_thorough, struct survey **ret)
{
	struct survey *survey;
	int r;

	if (survey_new(state_dir, is_thorough, &survey) < 0)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	if (survey->has_journal && !survey->is_cut) {
		*ret = survey;
		return CTL_OK;
	}
	if (survey->is_cut)
		r = ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	else
		r = ctl_fail(ctl, CTL_NO_INPUT, W_J_NONE, W_NEXT_STATE_DIR, state_dir);
	survey_free(survey);
	return r;
}

int journal_put(struct ctl *ctl, struct page *page)
{
	int r = page_write(page, stdout) == 0 ? CTL_OK : ctl_fail_write(ctl);

	page_done(page);
	return r;
}

const char *journal_day(struct ctl *ctl, int32_t day)
{
	return day == INT32_MAX || day == INT32_MIN ? "-" : ctl_note(ctl, "%s", DAY_STR(day));
}

void journal_key_day(struct text *out, const char *name, int32_t day)
{
	text_key_cstr(out, name, day == INT32_MAX || day == INT32_MIN ? NULL : DAY_STR(day));
}

void journal_key_moment(struct text *out, const char *name, int64_t ms)
{
	char moment[64];
	int64_t day, in_day;

	/* None, or past the years that a calendar has. */
	if (ms < -700000 * DAY_MS || ms > 2900000 * DAY_MS) {
		text_key_cstr(out, name, NULL);
		return;
	}
	day = (ms >= 0 ? ms : ms - DAY_MS + 1) / DAY_MS;
	in_day = ms - day * DAY_MS;
	snprintf(moment, sizeof(moment), "%sT%02d:%02d:%02d.%03dZ", DAY_STR((int32_t)day),
		 (int)(in_day / 3600000), (int)(in_day / 60000 % 60), (int)(in_day / 1000 % 60), (int)(in_day % 1000));
	text_key_cstr(out, name, moment);
}
