/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl dlq replay`: the kept events once more, each confirmed (acked.h). Ids make it harmless to do so
 * again: what has been counted meanwhile is a duplicate. What is refused again is kept again, so an event may
 * lie there many times; it is sent once. */
#include "base/text.h"
#include "ctl/acked.h"
#include "ctl/dlq.h"
#include "ctl/expected.h"
#include "ctl/figure.h"
#include "ctl/page.h"
#include "ctl/send.h"
#include "event/code.h"
#include "journal/id_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 20

struct replay {
	struct ctl *ctl;
	struct acked *acked;  /* owned; NULL with --dry-run */
	struct id_table sent; /* of events, by a hash of their bytes */
	struct text line;
	const char *to;
	uint64_t events, repeated, unreplayable;
	uint64_t told, by_code[CODES + 1]; /* the last: codes that we do not know */
	struct dlq_read read;
	bool is_dry;
};

/* --- each event once --- */

/* FNV-1a. */
static uint64_t hash_of(const char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* 1: it was new; 0: it has been sent; -ENOMEM. */
static int remember(struct replay *replay)
{
	uint64_t key = id_key(hash_of(replay->line.ptr, replay->line.len));
	int r;

	if (id_table_find(&replay->sent, key) != NULL)
		return 0;
	r = id_table_add(&replay->sent, (struct id_slot){ key, 0, 0, 0 });
	return r < 0 ? r : 1;
}

/* The event as it came; what the connection said about its source stands in the letter alone. */
static void make_line(struct replay *replay, const struct dlq_letter *letter)
{
	const json_t *event = json_object_get(letter->doc, "event");
	struct text *line = &replay->line;

	text_clear(line);
	if (json_object_get(event, "source") != NULL || strcmp(letter->source, "_unknown") == 0) {
		text_add(line, letter->event, letter->event_len);
		return;
	}
	text_puts(line, "{");
	text_key_cstr(line, "source", letter->source);
	text_puts(line, json_object_size(event) > 0 ? "," : "");
	text_add(line, letter->event + 1, letter->event_len - 1);
}

static int put(struct replay *replay)
{
	const struct text *line = &replay->line;

	if (!replay->is_dry)
		return acked_send(replay->acked, line->ptr, line->len, ++replay->events, 0);
	replay->events++;
	if (!replay->ctl->is_json && puts(line->ptr) == EOF)
		return ctl_fail_write(replay->ctl);
	return CTL_OK;
}

static int replay_letter(void *ctx, const struct dlq_letter *letter)
{
	struct replay *replay = ctx;
	int r;

	if (letter->event == NULL) {
		replay->unreplayable++;
		return CTL_OK;
	}
	make_line(replay, letter);
	r = replay->line.is_cut ? -ENOMEM : remember(replay);
	if (r < 0)
		return ctl_fail(replay->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	if (r == 0) {
		replay->repeated++;
		return CTL_OK;
	}
	r = put(replay);
	/* With its source it no longer fits. */
	if (r == CTL_REFUSED) {
		replay->events--;
		replay->unreplayable++;
		r = CTL_OK;
	}
	return r;
}

static void on_settled(void *ctx, const struct acked_line *line, const struct acked_refusal *refusal)
{
	struct replay *replay = ctx;
	struct page page;
	int code;

	(void)line;
	if (refusal == NULL)
		return;
	code = code_find(refusal->code);
	replay->by_code[code < 0 ? CODES : code]++;
	if (++replay->told > TOLD_MAX)
		return;
	page_init(&page, replay->ctl);
	page_add(&page, ctl_note(replay->ctl, "%s: %s", refusal->code,
				 expected_answer(replay->ctl, refusal->code, refusal->detail)));
	if (refusal->id[0] != '\0')
		page_add(&page, ctl_note(replay->ctl, " (id %s)", refusal->id));
	page_line(&page);
	page_write(&page, stderr);
	page_done(&page);
}

/* --- the end --- */

static const char *code_of(size_t i)
{
	return i == CODES ? "?" : code_name((enum code)i);
}

static int tell_json(const struct replay *replay, const struct acked_sums *sums)
{
	struct text out;
	int r = CTL_OK;

	text_init(&out, 65536);
	text_puts(&out, "{");
	text_key_cstr(&out, "to", replay->to);
	text_key_int(&out, "letters", (int64_t)replay->read.letters);
	text_key_int(&out, "events", (int64_t)replay->events);
	text_key_int(&out, "repeated", (int64_t)replay->repeated);
	text_key_int(&out, "not_replayable", (int64_t)replay->unreplayable);
	text_key_bool(&out, "is_dry", replay->is_dry);
	text_key_int(&out, "accepted", (int64_t)sums->accepted);
	text_key_int(&out, "duplicate", (int64_t)sums->duplicate);
	text_key_int(&out, "refused", (int64_t)sums->refused);
	text_key_int(&out, "waiting", (int64_t)sums->waiting);
	text_key(&out, "codes");
	text_puts(&out, "{");
	for (size_t i = 1; i <= CODES; i++) {
		if (replay->by_code[i] > 0)
			text_key_int(&out, code_of(i), (int64_t)replay->by_code[i]);
	}
	text_puts(&out, "}}");
	if (puts(out.ptr) == EOF || fflush(stdout) != 0)
		r = ctl_fail_write(replay->ctl);
	text_done(&out);
	return r;
}

static void put_codes(struct page *page, const struct replay *replay)
{
	struct ctl *ctl = replay->ctl;

	for (size_t i = 1, n = 0; i <= CODES; i++) {
		if (replay->by_code[i] > 0)
			page_add(page, ctl_note(ctl, "%s%s %s", n++ == 0 ? ": " : ", ", code_of(i),
						figure_count(ctl, (int64_t)replay->by_code[i])));
	}
}

static void tell(const struct replay *replay, const struct acked_sums *sums)
{
	struct ctl *ctl = replay->ctl;
	struct page page;

	page_init(&page, ctl);
	if (replay->read.letters == 0) {
		page_word(&page, W_DLQ_NONE);
	} else if (replay->is_dry) {
		page_fill(&page, W_DLQ_WOULD_SEND, figure_many(ctl, (int64_t)replay->events, W_N_EVENTS));
	} else if (replay->events == 0) {
		page_word(&page, W_DLQ_NOTHING_TO_SEND);
	} else {
		page_fill(&page, W_ACKED_SUMS,
			  figure_many(ctl, (int64_t)(sums->accepted + sums->duplicate + sums->refused),
				      W_N_EVENTS),
			  replay->to, figure_count(ctl, (int64_t)sums->accepted),
			  figure_many(ctl, (int64_t)sums->duplicate, W_N_DUPLICATES),
			  figure_count(ctl, (int64_t)sums->refused));
		put_codes(&page, replay);
	}
	page_line(&page);
	if (replay->unreplayable > 0) {
		page_fill(&page, W_DLQ_NOT_REPLAYABLE,
			  figure_many(ctl, (int64_t)replay->unreplayable, W_N_REFUSED_LINES));
		page_line(&page);
	}
	if (replay->repeated > 0) {
		page_fill(&page, W_DLQ_REPEATED,
			  figure_many(ctl, (int64_t)replay->repeated, W_N_REFUSED_LINES));
		page_line(&page);
	}
	page_write(&page, stderr);
	page_done(&page);
	dlq_tell_damaged(ctl, &replay->read);
}

static int conclude(const struct replay *replay, int r)
{
	struct acked_sums sums = { 0 };
	int told = CTL_OK;

	if (replay->acked != NULL)
		acked_sums(replay->acked, &sums);
	if (replay->ctl->is_json)
		told = tell_json(replay, &sums);
	else
		tell(replay, &sums);
	if (r == CTL_OK)
		r = told;
	return r == CTL_OK && sums.refused > 0 ? CTL_REFUSED : r;
}

static int open_connection(struct replay *replay, const struct dlq_options *options, char *address,
			   size_t size)
{
	struct acked_settings settings = { .timeout_ms = ACKED_TIMEOUT_MS,
					   .ctx = replay,
					   .on_settled = on_settled };
	int r = CTL_OK;

	replay->to = options->to;
	if (options->to == NULL) {
		r = send_find_address(replay->ctl, address, size);
		replay->to = address;
	}
	settings.address = replay->to;
	if (r == CTL_OK)
		r = acked_open(replay->ctl, &settings, &replay->acked);
	if (r == CTL_OK)
		acked_catch_signals();
	return r;
}

int dlq_replay(struct ctl *ctl, const char *state_dir, const struct dlq_options *options)
{
	struct replay replay = { .ctl = ctl, .is_dry = options->is_dry };
	char address[256];
	int r = CTL_OK, finished;

	if (!options->is_dry)
		r = open_connection(&replay, options, address, sizeof(address));
	if (r != CTL_OK)
		return r;
	text_init(&replay.line, 4 * ACKED_MAX_LINE);
	if (id_table_init(&replay.sent) < 0)
		r = ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	if (r == CTL_OK)
		r = dlq_each(ctl, state_dir, options, replay_letter, &replay, &replay.read);
	/* A file that could not be read does not keep back what was. */
	if (replay.acked != NULL) {
		finished = r == CTL_TEMPORARY ? r : acked_finish(replay.acked);
		r = finished != CTL_OK ? finished : r;
	}
	r = conclude(&replay, r);
	acked_close(replay.acked);
	id_table_done(&replay.sent);
	text_done(&replay.line);
	return r;
}
