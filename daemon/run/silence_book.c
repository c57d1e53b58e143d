/* SPDX-License-Identifier: MPL-2.0 */
/* See silence_book.h. The file is lines of words; days are numbers, `-` is nobody. First today, then the days gone that
 * had silent ones:
 *
 *	effortd-silences 2
 *	20780 20780 phones
 *	20765 20766 phones,post
 *	check 0123456789abcdef
 */
#include "run/silence_book.h"

#include "run/remembered.h"
#include "run/silence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_MS 60000

struct run {
	int32_t first, last;
	char names[SILENCE_MAX];
};

struct silence_book {
	struct remembered file;
	struct run now; /* of today; first > last: no day is known */
	struct run runs[SILENCE_RUNS_MAX];
	size_t n;
	bool has_read;
	int64_t written_ms;
};

/* --- reading and writing --- */

static bool read_run(void *ctx, const char *line)
{
	struct silence_book *book = ctx;
	struct run *run = book->has_read ? &book->runs[book->n] : &book->now;
	char first[16], last[16];
	int at = 0;

	if (book->n == SILENCE_RUNS_MAX || sscanf(line, "%15s %15s %n", first, last, &at) != 2 || at == 0 ||
	    line[at] == '\0' || strlen(line + at) >= sizeof(run->names) || !remembered_day(first, &run->first) ||
	    !remembered_day(last, &run->last) || run->first > run->last)
		return false;
	snprintf(run->names, sizeof(run->names), "%s", strcmp(line + at, "-") == 0 ? "" : line + at);
	book->n += book->has_read;
	book->has_read = true;
	return true;
}

static bool is_whole(void *ctx)
{
	const struct silence_book *book = ctx;

	return book->has_read;
}

struct silence_book *silence_book_open(const struct disk *disk, const char *state_dir)
{
	struct silence_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		return NULL;
	remembered_init(&book->file, disk, state_dir, &word_lines_silences);
	if (!remembered_read(&book->file, read_run, is_whole, book)) {
		book->n = 0;
		book->now = (struct run){ .first = 0, .last = -1 };
	}
	return book;
}

static void put(struct text *t, const struct run *run)
{
	text_printf(t, "%" PRId32 " %" PRId32 " %s\n", run->first, run->last, run->names[0] == '\0' ? "-" : run->names);
}

static void write_file(struct silence_book *book)
{
	struct text t = remembered_begin(&book->file);

	put(&t, &book->now);
	for (size_t i = 0; i < book->n; i++)
		put(&t, &book->runs[i]);
	remembered_write(&book->file, &t);
}

void silence_book_close(struct silence_book *book)
{
	if (book == NULL)
		return;
	if (book->file.is_due)
		write_file(book);
	free(book);
}

/* --- days --- */

/* Those of now were silent when these days ended. */
static void keep(struct silence_book *book, int32_t first, int32_t last)
{
	struct run *before = book->n == 0 ? NULL : &book->runs[book->n - 1];

	if (before != NULL && before->last == first - 1 && strcmp(before->names, book->now.names) == 0) {
		before->last = last;
		return;
	}
	if (book->n == SILENCE_RUNS_MAX)
		memmove(book->runs, book->runs + 1, --book->n * sizeof(*book->runs));
	book->runs[book->n] = book->now;
	book->runs[book->n].first = first;
	book->runs[book->n++].last = last;
}

void silence_book_note(struct silence_book *book, int32_t today, const char *names, int64_t now_ms)
{
	bool is_known = book->now.first <= book->now.last;
	bool has_ended = is_known && today > book->now.last; /* a clock set back ends no day twice */

	if (has_ended && book->now.names[0] != '\0') {
		keep(book, book->now.last, today - 1);
		book->file.is_due = true;
	}
	if (has_ended || !is_known)
		book->now.first = book->now.last = today;
	if (strcmp(book->now.names, names) != 0) {
		snprintf(book->now.names, sizeof(book->now.names), "%s", names);
		book->file.is_due = true;
	}
	if (book->file.is_due && (has_ended || now_ms - book->written_ms >= WRITE_MS)) {
		write_file(book);
		book->written_ms = now_ms;
	}
}

const char *silence_book_at(const struct silence_book *book, int32_t day)
{
	for (size_t i = book == NULL ? 0 : book->n; i-- > 0;)
		if (day >= book->runs[i].first && day <= book->runs[i].last)
			return book->runs[i].names;
	return "";
}

bool silence_book_reaches(const struct silence_book *book, int32_t day)
{
	return book == NULL || book->n < SILENCE_RUNS_MAX || day >= book->runs[0].first;
}
