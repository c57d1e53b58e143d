/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl dlq show`: the latest refused events, oldest of them first; with --json the lines as they are.
 */
#include "ctl/dlq.h"
#include "ctl/expected.h"
#include "ctl/figure.h"
#include "ctl/page.h"
#include "event/code.h"
#include "event/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATEST 20
#define INDENT 4

struct show {
	struct ctl *ctl;
	char **latest; /* owned: a ring; NULL: all are wanted, at once */
	uint64_t size, seen;
};

static int put_line(struct show *show, const char *line, size_t len)
{
	if (fwrite(line, 1, len, stdout) != len || putchar('\n') == EOF)
		return ctl_fail_write(show->ctl);
	return CTL_OK;
}

static int keep(void *ctx, const struct dlq_letter *letter)
{
	struct show *show = ctx;
	char **place;

	if (show->latest == NULL)
		return put_line(show, letter->line, letter->len);
	place = &show->latest[show->seen++ % show->size];
	free(*place);
	*place = strndup(letter->line, letter->len);
	return *place == NULL ? ctl_fail(show->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "") : CTL_OK;
}

/* --- for people --- */

static const char *text_of(const json_t *doc, const char *name)
{
	const char *text = json_string_value(json_object_get(doc, name));

	return text == NULL ? "" : text;
}

static int64_t number_of(const json_t *doc, const char *name)
{
	return json_integer_value(json_object_get(doc, name));
}

/* "kle: a KLE number such as 23.05.10 (line 17, 212 bytes)" */
static void put_why(struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const char *field = text_of(doc, "field"), *detail = text_of(doc, "detail");
	int code = code_find(text_of(doc, "code"));

	/* The daemon's own words are English. */
	if (ctl->is_danish && detail[0] != '\0' && code > CODE_OK) {
		const char *meaning = code_text((enum code)code)->meaning_da, *expected = expected_da(detail);

		detail = expected != NULL ? expected
					  : ctl_note(ctl, "%.*s", (int)strlen(meaning) - 1,
						     meaning); /* its full stop */
	}

	if (field[0] != '\0')
		page_add(piece, ctl_note(ctl, "%s%s", field, detail[0] != '\0' ? ": " : " "));
	if (detail[0] != '\0')
		page_add(piece, ctl_note(ctl, "%s ", detail));
	if (number_of(doc, "line") > 0)
		page_fill(piece, W_DLQ_PLACE, figure_count(ctl, number_of(doc, "line")),
			  figure_many(ctl, number_of(doc, "size"), W_N_BYTES));
	else
		page_fill(piece, W_DLQ_SIZE, figure_many(ctl, number_of(doc, "size"), W_N_BYTES));
}

/* What there is of the event; of one that held personal data there is nothing. */
static void put_content(struct page *piece, const json_t *doc)
{
	const json_t *event = json_object_get(doc, "event");
	char *text = event == NULL ? NULL : json_dumps(event, 0);

	if (text != NULL)
		page_add(piece, text);
	else if (text_of(doc, "excerpt")[0] != '\0')
		page_fill(piece, W_DLQ_EXCERPT, text_of(doc, "excerpt"));
	free(text);
}

static void end_paragraph(struct page *page, struct page *piece, enum style style)
{
	if (piece->text.len == 0)
		return;
	page_spaces(page, INDENT);
	page_style(page, style);
	page_paragraph(page, piece, INDENT);
	page_style(page, STYLE_PLAIN);
}

static void put_letter(struct ctl *ctl, struct page *page, const json_t *doc)
{
	const char *at = text_of(doc, "at");
	struct page piece;
	int64_t ms;

	page_init(&piece, ctl);
	page_style(page, STYLE_STRONG);
	page_add(page, time_parse(at, strlen(at), &ms) == 0 ? figure_short(ctl, ms) : "-");
	page_add(page, "  ");
	page_add(page, text_of(doc, "code"));
	page_style(page, STYLE_PLAIN);
	page_add(page, "  ");
	page_add(page, text_of(doc, "source"));
	page_line(page);
	put_why(&piece, ctl, doc);
	end_paragraph(page, &piece, STYLE_PLAIN);
	put_content(&piece, doc);
	end_paragraph(page, &piece, STYLE_FAINT);
	page_done(&piece);
}

static int show_latest(struct show *show)
{
	uint64_t n = show->seen < show->size ? show->seen : show->size;
	int r = CTL_OK;

	for (uint64_t i = show->seen - n; i < show->seen && r == CTL_OK; i++) {
		const char *line = show->latest[i % show->size];
		struct page page;
		json_t *doc;

		if (show->ctl->is_json) {
			r = put_line(show, line, strlen(line));
			continue;
		}
		doc = json_loads(line, 0, NULL);
		page_init(&page, show->ctl);
		put_letter(show->ctl, &page, doc);
		if (page_write(&page, stdout) != 0)
			r = ctl_fail_write(show->ctl);
		page_done(&page);
		json_decref(doc);
	}
	return r;
}

static void tell_rest(struct show *show, const struct dlq_read *read)
{
	if (show->ctl->is_json)
		return;
	if (read->letters == 0)
		ctl_say(show->ctl, W_DLQ_NONE, "");
	else if (read->letters > show->size)
		ctl_say(show->ctl, W_DLQ_LATEST, figure_count(show->ctl, (int64_t)show->size),
			figure_many(show->ctl, (int64_t)read->letters, W_N_REFUSED_LINES));
}

int dlq_show(struct ctl *ctl, const char *state_dir, const struct dlq_options *options)
{
	struct show show = { .ctl = ctl, .size = LATEST };
	struct dlq_read read;
	int r = dlq_limit(ctl, options, &show.size);

	if (r != CTL_OK)
		return r;
	if (!ctl->is_json || options->limit != NULL) {
		show.latest = calloc(show.size, sizeof(*show.latest));
		if (show.latest == NULL)
			return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	}
	r = dlq_each(ctl, state_dir, options, keep, &show, &read);
	if (r == CTL_OK && show.latest != NULL)
		r = show_latest(&show);
	if (r == CTL_OK && fflush(stdout) != 0)
		r = ctl_fail_write(ctl);
	if (r == CTL_OK) {
		tell_rest(&show, &read);
		dlq_tell_damaged(ctl, &read);
	}
	for (uint64_t i = 0; show.latest != NULL && i < show.size; i++)
		free(show.latest[i]);
	free(show.latest);
	return r;
}
