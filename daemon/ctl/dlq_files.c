/* SPDX-License-Identifier: MPL-2.0 */
/* See dlq.h. Which files there are and how long they are is looked up once, at the beginning: a replay that
 * is refused adds to them. */
#include "ctl/dlq.h"

#include "base/str.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "event/time.h"
#include "journal/deadletter_files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER   "deadletters"
#define PATH_LEN 4200
#define EVENT    ",\"event\":"

struct folder {
	char path[PATH_LEN - 64];
	struct deadletter_file *files; /* owned */
	size_t n, cap;
};

struct reading {
	struct ctl *ctl;
	const struct dlq_options *options;
	int (*visit)(void *ctx, const struct dlq_letter *);
	void *ctx;
	struct dlq_read *read;
};

/* --- which files there are --- */

static const char *path_of(const struct folder *folder, uint64_t number, char path[PATH_LEN])
{
	snprintf(path, PATH_LEN, "%s/%010" PRIu64 ".ndjson", folder->path, number);
	return path;
}

static int io_failed(struct ctl *ctl, const char *path, int error)
{
	return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, error == EACCES ? W_NEXT_PERMISSION : W_NEXT_FILE, path,
			failure_text(ctl, error));
}

static int add_file(struct ctl *ctl, struct folder *folder, uint64_t number)
{
	char path[PATH_LEN];
	struct stat st;

	if (folder->n == folder->cap) {
		size_t cap = folder->cap * 2 + 16;
		struct deadletter_file *files = realloc(folder->files, cap * sizeof(*files));

		if (files == NULL)
			return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
		folder->files = files;
		folder->cap = cap;
	}
	if (stat(path_of(folder, number, path), &st) != 0)
		return errno == ENOENT ? CTL_OK : io_failed(ctl, path, errno);
	folder->files[folder->n++] = (struct deadletter_file){ .number = number, .size = st.st_size };
	return CTL_OK;
}

static int compare(const void *a, const void *b)
{
	const struct deadletter_file *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* A folder that is not there yet has no letters. */
static int look(struct ctl *ctl, const char *state_dir, struct folder *folder)
{
	const struct dirent *entry;
	int r = CTL_OK;
	DIR *dir;

	snprintf(folder->path, sizeof(folder->path), "%s/" FOLDER, state_dir);
	dir = opendir(folder->path);
	if (dir == NULL)
		return errno == ENOENT ? CTL_OK : io_failed(ctl, folder->path, errno);
	while (r == CTL_OK && (entry = readdir(dir)) != NULL) {
		uint64_t number = deadletter_number(entry->d_name);

		if (number > 0)
			r = add_file(ctl, folder, number);
	}
	closedir(dir);
	if (folder->n > 1)
		qsort(folder->files, folder->n, sizeof(*folder->files), compare);
	return r;
}

/* --- letters --- */

static const char *text_of(const json_t *doc, const char *name)
{
	const char *text = json_string_value(json_object_get(doc, name));

	return text == NULL ? "" : text;
}

/* The event stands last in its line, and nothing before it can hold these bytes: in a string a quote has a
 * backslash before it. */
static void find_event(struct dlq_letter *letter)
{
	const char *event;

	if (!json_is_object(json_object_get(letter->doc, "event")))
		return;
	event = memmem(letter->line, letter->len, EVENT, strlen(EVENT));
	if (event == NULL)
		return;
	letter->event = event + strlen(EVENT);
	letter->event += strspn(letter->event, " \t\r"); /* as the line was sent */
	letter->event_len = (size_t)(letter->line + letter->len - 1 - letter->event);
}

static bool is_asked_for(const struct dlq_options *options, const struct dlq_letter *letter)
{
	return (options->code == NULL || strcmp(options->code, letter->code) == 0) &&
	       (options->source == NULL || strcmp(options->source, letter->source) == 0);
}

static int take_line(struct reading *reading, uint64_t file, const char *line, size_t len)
{
	json_t *doc = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	struct dlq_letter letter = { .line = line, .len = len, .doc = doc, .file = file };
	const char *at = text_of(doc, "at");
	int r = CTL_OK;

	letter.source = text_of(doc, "source");
	letter.code = text_of(doc, "code");
	if (letter.code[0] == '\0') {
		reading->read->damaged++;
	} else if (is_asked_for(reading->options, &letter)) {
		if (time_parse(at, strlen(at), &letter.at_ms) != 0)
			letter.at_ms = 0;
		find_event(&letter);
		reading->read->letters++;
		r = reading->visit(reading->ctx, &letter);
	}
	json_decref(doc);
	return r;
}

static int read_file(struct reading *reading, const struct folder *folder, const struct deadletter_file *file)
{
	char path[PATH_LEN], *line = NULL;
	FILE *f = fopen(path_of(folder, file->number, path), "re");
	int64_t left = file->size;
	size_t cap = 0;
	ssize_t n;
	int r = CTL_OK;

	/* Removed for the quota meanwhile. */
	if (f == NULL && errno == ENOENT)
		return CTL_OK;
	if (f == NULL)
		return io_failed(reading->ctl, path, errno);
	reading->read->files++;
	while (r == CTL_OK && left > 0 && (n = getline(&line, &cap, f)) > 0) {
		left -= n;
		if (left >= 0 && line[n - 1] == '\n')
			r = take_line(reading, file->number, line, (size_t)n - 1);
	}
	if (r == CTL_OK && ferror(f))
		r = io_failed(reading->ctl, path, errno);
	free(line);
	fclose(f);
	return r;
}

int dlq_each(struct ctl *ctl, const char *state_dir, const struct dlq_options *options,
	     int (*visit)(void *ctx, const struct dlq_letter *), void *ctx, struct dlq_read *ret)
{
	struct reading reading = { ctl, options, visit, ctx, ret };
	struct folder folder = { .files = NULL };
	int r = look(ctl, state_dir, &folder);

	*ret = (struct dlq_read){ 0 };
	for (size_t i = 0; r == CTL_OK && i < folder.n; i++)
		r = read_file(&reading, &folder, &folder.files[i]);
	free(folder.files);
	return r;
}

void dlq_tell_damaged(struct ctl *ctl, const struct dlq_read *read)
{
	if (read->damaged > 0)
		ctl_say(ctl, W_DLQ_DAMAGED, figure_many(ctl, (int64_t)read->damaged, W_N_LINES));
}
