/* SPDX-License-Identifier: MPL-2.0 */
/* Writes what an effortd leaves in its state_dir, without effortd: a writer, SEGMENTS segments with the same
 * contents every time (the first of them folded into totals and id files and removed), and one more that was
 * being written. For tests of `effortctl journal`.
 *
 *   journal_fixture STATE_DIR */
#include "base/str.h"
#include "domain/calendar.h"
#include "journal/fold.h"
#include "journal/journal.h"
#include "journal/word_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS 4
#define COMMITS  5
#define EVENTS   10                     /* of a commit */
#define NOON_MS  INT64_C(1795258800000) /* 2026-11-21T11:00Z */

static void die(const char *what, int r, const char *why)
{
	fprintf(stderr, "journal_fixture: %s: %s %s\n", what, strerror(-r), why);
	exit(1);
}

static void check(const char *what, int r)
{
	if (r < 0)
		die(what, r, "");
}

/* ---- a worker without a thread ---- */

static struct job *first_job, **last_job = &first_job;

static void submit(void *ctx, struct job *job)
{
	(void)ctx;
	job->next = NULL;
	*last_job = job;
	last_job = &job->next;
}

static void work(void)
{
	while (first_job != NULL) {
		struct job *job = first_job;

		first_job = job->next;
		if (first_job == NULL)
			last_job = &first_job;
		job->work(job);
		job->done(job);
	}
}

/* ---- a journal's owner that needs nothing ---- */

static int64_t mono_ms, now_ms = NOON_MS;

static int64_t mono(void)
{
	return mono_ms += 100;
}

static int64_t now(void)
{
	return now_ms;
}

static void on_durable(void *ctx, uint64_t block)
{
	(void)ctx, (void)block;
}

static void on_state(void *ctx, enum journal_state state, const char *why)
{
	(void)ctx;
	if (state != JOURNAL_FINE)
		die("state", 0, why);
}

static void on_sealed(void *ctx, uint64_t segment)
{
	(void)ctx, (void)segment;
}

static void wake_in(void *ctx, int64_t ms)
{
	(void)ctx, (void)ms;
}

/* ---- what is in it ---- */

struct fixture {
	char state[3000], journal[3100], ids[3100], bookings[3100], totals[3200];
	struct identity identity;
	struct standings *standings;
	struct names *names;
	struct journal *out;
	uint64_t position;
	int standing;
};

static const char codes[2][5] = { "0751", "0101" };

static void add_event(struct fixture *f, uint64_t n)
{
	const struct name_amount one = { 1, 1, 1, n % 3 != 0 };
	const struct cell cell = { .municipality = (uint16_t)(n % 2),
				   .day = day_of_date(2026, 11, 21),
				   .standing = (uint16_t)f->standing,
				   .channel = n % 3 == 0 ? 5 : 1 };
	struct effect effect = { .id = n * UINT64_C(0x9e3779b97f4a7c15),
				 .content = (uint32_t)n * 7919,
				 .id_day = day_of_date(2026, 11, 21),
				 .cell = cell_pack(&cell),
				 .time_ms = NOON_MS + (int64_t)n * 1000,
				 .count = 1 + (int64_t)(n % 2) };

	for (int i = 0; i < DIMENSIONS; i++)
		effect.names[i] = RECORD_NO_NAME;
	check("names_add", names_add(f->names, cell.municipality, BY_SOURCE, day_of_date(2026, 11, 1),
				     str_of(n % 2 == 0 ? "borger.dk" : "callcenter"), one, effect.time_ms,
				     &effect.names[BY_SOURCE]));
	check("journal_effect", journal_effect(f->out, &effect));
}

static void add_mark(struct fixture *f, enum mark_kind kind)
{
	uint64_t settled = f->position;
	const struct mark mark = { f->position += 10, kind, now_ms += 1000, NOON_MS - 35 * DAY_MS, settled };

	check("journal_mark", journal_mark(f->out, &mark));
}

static void commit(struct fixture *f)
{
	journal_tick(f->out);
	journal_commit(f->out);
	work();
	journal_tick(f->out);
	work();
	if (journal_durable(f->out) < journal_last(f->out))
		die("commit", 0, "not durable");
}

static void open_journal(struct fixture *f)
{
	const struct journal_settings settings = { .dir = f->journal,
						   .disk = &disk_real,
						   .commits = { NULL, submit },
						   .quota = INT64_C(1) << 30,
						   .segment_bytes = JOURNAL_SEGMENT_BYTES,
						   .mono_ms = mono,
						   .now_ms = now,
						   .standings = f->standings,
						   .names = f->names,
						   .codes = codes };
	const struct journal_owner owner = { f, on_durable, on_state, on_sealed, wake_in };
	const struct replay replay = { .ctx = f };
	struct journal_found found = { 0 };
	struct error err = { "" };
	struct mark mark;
	int r = journal_replay(&settings, &replay, NULL, &found, &err);

	if (r < 0)
		die("journal_replay", r, err.text);
	mark = (struct mark){ f->position, MARK_CUT, now_ms, NOON_MS - 35 * DAY_MS, 0 };
	f->out = journal_open(&settings, &owner, &f->identity, &found, &mark, &err);
	if (f->out == NULL)
		die("journal_open", 0, err.text);
}

static void begin(struct fixture *f, const char *state)
{
	const char *damage = NULL;
	bool is_new = false;

	snprintf(f->state, sizeof(f->state), "%s", state);
	snprintf(f->journal, sizeof(f->journal), "%s/journal", state);
	snprintf(f->ids, sizeof(f->ids), "%s/ids", state);
	check("make_folder", disk_real.make_folder(disk_real.ctx, state));
	check("make_folder", disk_real.make_folder(disk_real.ctx, f->journal));
	check("identity_read", identity_read(&f->identity, &disk_real, f->journal, &is_new, &damage));
	f->position = identity_begin_run(&f->identity, 0, 0, IDENTITY_UNKNOWN);
	check("identity_write", identity_write(&f->identity, &disk_real, f->journal));
	snprintf(f->totals, sizeof(f->totals), "%s/totals", state);
	check("make_folder", disk_real.make_folder(disk_real.ctx, f->totals));
	snprintf(f->totals, sizeof(f->totals), "%s/totals/%s", state, f->identity.writer);
	check("make_folder", disk_real.make_folder(disk_real.ctx, f->totals));
	check("make_folder", disk_real.make_folder(disk_real.ctx, f->ids));
	snprintf(f->bookings, sizeof(f->bookings), "%s/bookings", state);
	check("make_folder", disk_real.make_folder(disk_real.ctx, f->bookings));
	f->standings = standings_new();
	f->names = names_new(256, 4096);
	if (f->standings == NULL || f->names == NULL)
		die("memory", 0, "");
	f->standing = standings_intern(f->standings, "administration", "moving",
				       1U << standings_group(f->standings, "target"), true, true);
	check("standings_intern", f->standing);
	open_journal(f);
}

static void fold_first(struct fixture *f)
{
	const struct fold_paths paths = { .journal = f->journal,
						.totals = f->totals,
						.ids = f->ids,
						.bookings = f->bookings };
	struct fold_result result = { 0 };
	struct error err = { "" };
	int r = fold_segment(&disk_real, &paths, 1, &result, &err);

	if (r < 0)
		die("fold_segment", r, err.text);
	journal_folded(f->out, 1);
	work();
}

/* What has been in force, as effortd remembers it. */
static void remember(const char *state_dir, const struct word_lines *form, const char *lines)
{
	char path[4200];
	struct text text;

	text_init(&text, form->max);
	word_lines_begin(form, &text);
	text_puts(&text, lines);
	word_lines_end(&text);
	snprintf(path, sizeof(path), "%s/%s", state_dir, form->name);
	check(form->name, disk_replace(&disk_real, path, text.ptr, text.len));
	text_done(&text);
}

int main(int argc, char **argv)
{
	static struct fixture f;
	uint64_t n = 0;

	if (argc != 2)
		return 64;
	begin(&f, argv[1]);
	for (int segment = 1; segment <= SEGMENTS + 1; segment++) {
		for (int i = 0; i < COMMITS; i++) {
			for (int k = 0; k < EVENTS; k++)
				add_event(&f, ++n);
			commit(&f);
			if (i == 2)
				add_mark(&f, MARK_FREEZE);
		}
		if (segment <= SEGMENTS)
			add_mark(&f, MARK_CUT);
		commit(&f);
	}
	fold_first(&f);
	remember(argv[1], &word_lines_targets, "target kl-80 15675 - selfservice,group:target,-,>=,-,year,-\nstep - 8000\n");
	remember(argv[1], &word_lines_definitions, "kl-2014 - _share:39fe008000c1fce\n");
	remember(argv[1], &word_lines_silences, "20778 20778 phones\n");
	journal_close(f.out);
	names_free(f.names);
	standings_free(f.standings);
	printf("{\"writer\":\"%s\",\"events\":%" PRIu64 ",\"in_segment\":%d}\n", f.identity.writer, n,
	       COMMITS * EVENTS);
	return 0;
}
