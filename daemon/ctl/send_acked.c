/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl send --acks`: what is read goes to the spool, is safe there, goes to the daemon, and leaves the
 * spool when it is settled; without a spool the way is shorter. Reading waits while nothing more can be kept,
 * so whoever writes to our pipe waits too. Each refused line is told, up to TOLD_MAX of them. */
#include "base/clock.h"
#include "ctl/acked.h"
#include "ctl/expected.h"
#include "ctl/figure.h"
#include "ctl/page.h"
#include "ctl/send.h"
#include "ctl/send_input.h"
#include "ctl/spool.h"
#include "event/code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOLD_MAX    100
#define PROGRESS_MS 200

/* A line's number: in the low bits its own, above them which input it came from; 0: the spool. */
#define NUMBER_BITS 40

struct job {
	struct ctl *ctl;
	const struct send_acked *what;
	struct acked *acked;
	struct spool *spool; /* NULL: none */
	struct input input;
	const char *unread; /* the input that an interrupt kept from its end; NULL: none */
	uint64_t input_number, rest_lines;
	uint64_t place;                              /* of the last line that is in the spool */
	uint64_t told, too_long, by_code[CODES + 1]; /* the last: codes that we do not know */
	bool is_spool_broken; /* something is not in it that should be, or cannot be read from it */
	bool shows_progress;
	int64_t shown_ms;
};

/* --- what becomes of lines --- */

static const char *name_of(const struct job *job, uint64_t number)
{
	uint64_t input = number >> NUMBER_BITS;

	if (input == 0)
		return job->what->spool_dir == NULL ? "event" : job->what->spool_dir;
	return job->what->files[0] == NULL || strcmp(job->what->files[input - 1], "-") == 0
		       ? "stdin"
		       : job->what->files[input - 1];
}

static void tell_refusal(struct job *job, uint64_t number, const char *code, const char *id,
			 const char *detail)
{
	int known = code_find(code);
	struct page page;

	job->by_code[known < 0 ? CODES : known]++;
	if (++job->told > TOLD_MAX + 1)
		return;
	page_init(&page, job->ctl);
	if (job->shows_progress)
		text_puts(&page.text, "\r\033[K");
	if (job->told > TOLD_MAX) {
		page_word(&page, W_ACKED_NO_MORE);
	} else {
		page_add(&page, name_of(job, number));
		text_printf(&page.text,
			    ":%llu: ", (unsigned long long)(number & (((uint64_t)1 << NUMBER_BITS) - 1)));
		page_add(&page, code);
		page_add(&page, ctl_note(job->ctl, ": %s", detail));
		if (id[0] != '\0')
			page_add(&page, ctl_note(job->ctl, " (id %s)", id));
	}
	page_line(&page);
	page_write(&page, stderr);
	page_done(&page);
}

static void on_settled(void *ctx, const struct acked_line *line, const struct acked_refusal *refusal)
{
	struct job *job = ctx;

	if (refusal != NULL)
		tell_refusal(job, line->number, refusal->code, refusal->id,
			     expected_answer(job->ctl, refusal->code, refusal->detail));
	if (job->spool != NULL)
		spool_settled(job->spool, line->place);
}

static void on_progress(void *ctx)
{
	struct job *job = ctx;

	if (job->spool != NULL)
		spool_note(job->spool);
}

static void show_progress(struct job *job)
{
	struct ctl *ctl = job->ctl;
	int64_t now_ms = clock_mono_ms();
	struct acked_sums sums;
	struct page page;

	if (!job->shows_progress || now_ms - job->shown_ms < PROGRESS_MS)
		return;
	job->shown_ms = now_ms;
	acked_sums(job->acked, &sums);
	page_init(&page, ctl);
	text_puts(&page.text, "\r\033[K");
	page_fill(&page, W_ACKED_PROGRESS,
		  figure_count(ctl, (int64_t)(sums.accepted + sums.duplicate + sums.refused)),
		  figure_count(ctl, (int64_t)sums.refused), figure_count(ctl, (int64_t)sums.waiting));
	page_write(&page, stderr);
	fflush(stderr);
	page_done(&page);
}

static void clear_progress(const struct job *job)
{
	if (job->shows_progress)
		fputs("\r\033[K", stderr);
}

/* --- the way of a line --- */

static int send_line(struct job *job, struct effort_str line, uint64_t number, uint64_t place)
{
	int r;

	do {
		bool is_readable;

		show_progress(job);
		r = acked_has_room(job->acked) ? CTL_OK
					       : acked_step(job->acked, -1, PROGRESS_MS, &is_readable);
	} while (r == CTL_OK && !acked_has_room(job->acked));
	return r == CTL_OK ? acked_send(job->acked, line.ptr, line.len, number, place) : r;
}

static void refuse_long(struct job *job, uint64_t number)
{
	job->too_long++;
	tell_refusal(job, number, code_name(E_TOO_LONG), "",
		     word_text(W_ACKED_TOO_LONG, job->ctl->is_danish));
}

/* Nothing but CRs: there is nothing to confirm. */
static bool is_empty(struct effort_str line)
{
	while (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line.len == 0;
}

/* A line on its way: made safe with its whole batch before the first of them is sent. */
struct batched {
	struct effort_str line;
	uint64_t number, place;
};

/* All whole lines of the input's buffer. A spool that fails keeps nobody from being sent: they have been
 * read.
 */
static int send_whole_lines(struct job *job)
{
	static struct batched batch[4096];
	int spooled = CTL_OK, r = CTL_OK;
	enum input_found found;
	size_t n;

	do {
		n = 0;
		while (n < sizeof batch / sizeof batch[0] &&
		       (found = input_next(&job->input, &batch[n].line, &batch[n].number)) != INPUT_NONE) {
			batch[n].number |= job->input_number << NUMBER_BITS;
			if (found == INPUT_TOO_LONG) {
				refuse_long(job, batch[n].number);
				continue;
			}
			if (is_empty(batch[n].line))
				continue;
			if (job->spool != NULL && spooled == CTL_OK)
				spooled = spool_add(job->spool, batch[n].line.ptr, batch[n].line.len,
						    &job->place);
			batch[n++].place = job->place;
		}
		if (job->spool != NULL && spooled == CTL_OK)
			spooled = spool_sync(job->spool);
		for (size_t i = 0; i < n && r == CTL_OK; i++)
			r = send_line(job, batch[i].line, batch[i].number, batch[i].place);
	} while (r == CTL_OK && n > 0);
	job->is_spool_broken = spooled != CTL_OK;
	return r != CTL_OK ? r : spooled;
}

/* A line of the spool that is not sent is settled when all before it are. */
static int pass_over(struct job *job, uint64_t place)
{
	int r = acked_finish(job->acked);

	if (r != CTL_OK)
		return r;
	spool_settled(job->spool, place);
	spool_note(job->spool);
	return CTL_OK;
}

static int send_one_left(struct job *job, struct effort_str line, uint64_t place)
{
	int r;

	job->place = place;
	job->rest_lines++;
	if (is_empty(line))
		return pass_over(job, place);
	r = send_line(job, line, job->rest_lines, place);
	if (r != CTL_REFUSED)
		return r;
	/* Damaged: none of ours is that long. */
	r = pass_over(job, place);
	if (r == CTL_OK)
		refuse_long(job, job->rest_lines);
	return r;
}

static int send_rest(struct job *job)
{
	struct effort_str line;
	uint64_t place;
	int r;

	while ((r = spool_rest(job->spool, &line.ptr, &line.len, &place)) == CTL_OK && line.ptr != NULL) {
		r = send_one_left(job, line, place);
		if (r != CTL_OK)
			return r;
	}
	job->is_spool_broken = r != CTL_OK;
	if (job->rest_lines > 0 && r == CTL_OK)
		ctl_say(job->ctl, W_ACKED_REST, job->what->spool_dir,
			figure_many(job->ctl, (int64_t)job->rest_lines, W_N_LINES));
	return r;
}

static int send_input(struct job *job, const char *file)
{
	struct ctl *ctl = job->ctl;
	int r = input_open(ctl, &job->input, file);
	bool is_readable = false;

	job->input_number++;
	while (r == CTL_OK && !job->input.has_ended && !acked_is_interrupted()) {
		show_progress(job);
		r = acked_step(job->acked, acked_has_room(job->acked) ? job->input.fd : -1, PROGRESS_MS,
			       &is_readable);
		if (r != CTL_OK || !is_readable)
			continue;
		r = input_read(ctl, &job->input);
		if (job->input.had_no_lf)
			ctl_say(ctl, W_SEND_LF_ADDED, job->input.name);
		if (r == CTL_OK)
			r = send_whole_lines(job);
	}
	if (r == CTL_OK && !job->input.has_ended && job->unread == NULL)
		job->unread = job->input.name;
	input_close(&job->input);
	return r;
}

static int send_event(struct job *job)
{
	struct effort_str line = { job->what->line->ptr, job->what->line->len - 1 };
	int r = CTL_OK;

	if (job->spool != NULL)
		r = spool_add(job->spool, line.ptr, line.len, &job->place);
	if (r == CTL_OK && job->spool != NULL)
		r = spool_sync(job->spool);
	return r == CTL_OK ? send_line(job, line, 1, job->place) : r;
}

static int send_all(struct job *job)
{
	char **files = job->what->files;
	int r = job->spool == NULL ? CTL_OK : send_rest(job);

	if (r != CTL_OK)
		return r;
	if (job->what->line != NULL)
		return send_event(job);
	if (files[0] == NULL)
		return send_input(job, "-");
	for (; *files != NULL && r == CTL_OK; files++)
		r = send_input(job, *files);
	return r;
}

/* --- the end --- */

static const char *code_of(size_t i)
{
	return i == CODES ? "?" : code_name((enum code)i);
}

static int print_json(struct job *job, const struct acked_sums *sums)
{
	struct text json;
	int r = CTL_OK;

	text_init(&json, 8192);
	text_puts(&json, "{");
	text_key_cstr(&json, "to", job->what->to);
	text_key_int(&json, "accepted", (int64_t)sums->accepted);
	text_key_int(&json, "duplicate", (int64_t)sums->duplicate);
	text_key_int(&json, "refused", (int64_t)sums->refused);
	text_key_int(&json, "waiting", (int64_t)sums->waiting);
	text_key(&json, "codes");
	text_puts(&json, "{");
	for (size_t i = 1; i <= CODES; i++)
		if (job->by_code[i] > 0)
			text_key_int(&json, code_of(i), (int64_t)job->by_code[i]);
	text_puts(&json, "}}");
	if (puts(json.ptr) == EOF || fflush(stdout) != 0)
		r = ctl_fail_write(job->ctl);
	text_done(&json);
	return r;
}

static void print_sums(struct job *job, const struct acked_sums *sums)
{
	struct ctl *ctl = job->ctl;
	struct page page;

	page_init(&page, ctl);
	page_fill(&page, W_ACKED_SUMS,
		  figure_many(ctl, (int64_t)(sums->accepted + sums->duplicate + sums->refused), W_N_LINES),
		  job->what->to, figure_count(ctl, (int64_t)sums->accepted),
		  figure_many(ctl, (int64_t)sums->duplicate, W_N_DUPLICATES),
		  figure_count(ctl, (int64_t)sums->refused));
	for (size_t i = 1, n = 0; i <= CODES; i++)
		if (job->by_code[i] > 0)
			page_add(&page, ctl_note(ctl, "%s%s %s", n++ == 0 ? ": " : ", ", code_of(i),
						 figure_count(ctl, (int64_t)job->by_code[i])));
	page_line(&page);
	if (sums->waiting > 0 && job->spool != NULL && !job->is_spool_broken) {
		page_fill(&page, W_ACKED_SPOOLED, job->what->spool_dir);
		page_line(&page);
	}
	page_write(&page, stderr);
	page_done(&page);
}

static int conclude(struct job *job, int r)
{
	struct acked_sums sums;
	int printed = CTL_OK;

	clear_progress(job);
	acked_sums(job->acked, &sums);
	sums.refused += job->too_long;
	if (job->ctl->is_json)
		printed = print_json(job, &sums);
	else
		print_sums(job, &sums);
	if (r == CTL_OK)
		r = printed;
	return r == CTL_OK && sums.refused > 0 ? CTL_REFUSED : r;
}

/* What waits is waited for. A file that could not be read does not keep back what was. */
static int finish(struct job *job, int r)
{
	int finished = r == CTL_TEMPORARY ? r : acked_finish(job->acked);

	if (r == CTL_OK || finished != CTL_OK)
		r = finished;
	if (r == CTL_OK && job->unread != NULL) {
		clear_progress(job);
		r = ctl_fail(job->ctl, CTL_TEMPORARY, W_ACKED_UNREAD, W_NEXT_ACKED, job->unread);
	}
	return job->is_spool_broken ? CTL_IO : r;
}

int send_acked(struct ctl *ctl, const struct send_acked *what)
{
	static struct job job;
	const char *term = getenv("TERM");
	struct acked_settings settings = { .address = what->to,
					   .timeout_ms = what->timeout_ms,
					   .ctx = &job,
					   .on_settled = on_settled,
					   .on_progress = on_progress };
	int r;

	job.ctl = ctl;
	job.what = what;
	job.shows_progress = isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
	r = acked_open(ctl, &settings, &job.acked);
	if (r == CTL_OK && what->spool_dir != NULL)
		r = spool_open(ctl, what->spool_dir, &job.spool);
	if (r == CTL_OK) {
		acked_catch_signals();
		r = conclude(&job, finish(&job, send_all(&job)));
	}
	spool_close(job.spool);
	acked_close(job.acked);
	return r;
}
