/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl dlq list`: how many of which source and code lie in which file. */
#include "base/text.h"
#include "ctl/dlq.h"
#include "ctl/figure.h"
#include "ctl/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS_MAX   200 /* for people */
#define GROUPS_MAX 100000
#define OTHERS     "_other"

struct group {
	char *source; /* owned */
	char code[24];
	uint64_t file, letters, replayable;
	int64_t oldest_ms, newest_ms;
};

struct list {
	struct ctl *ctl;
	json_t *places;       /* owned: place of a group by its key */
	struct group *groups; /* owned */
	size_t n, cap;
	uint64_t replayable;
	struct dlq_read read;
};

/* --- counting --- */

static struct group *new_group(struct list *list, const struct dlq_letter *letter, const char *source)
{
	struct group *group;

	if (list->n == list->cap) {
		size_t cap = list->cap * 2 + 64;
		struct group *groups = realloc(list->groups, cap * sizeof(*groups));

		if (groups == NULL)
			return NULL;
		list->groups = groups;
		list->cap = cap;
	}
	group = &list->groups[list->n];
	*group = (struct group){ .source = strdup(source), .file = letter->file, .oldest_ms = INT64_MAX };
	if (group->source == NULL)
		return NULL;
	snprintf(group->code, sizeof(group->code), "%s", letter->code);
	list->n++;
	return group;
}

/* Sources are what senders say: past a bound they are counted as one. */
static struct group *group_of(struct list *list, const struct dlq_letter *letter)
{
	const char *source = letter->source;
	struct group *group = NULL;
	struct text key;

	text_init(&key, 4096);
	for (int i = 0; i < 2 && group == NULL; i++) {
		const json_t *place;

		text_clear(&key);
		text_printf(&key, "%" PRIu64 "\n%s\n%s", letter->file, letter->code, source);
		place = key.is_cut ? NULL : json_object_get(list->places, key.ptr);
		if (place != NULL)
			group = &list->groups[json_integer_value(place)];
		else if (!key.is_cut && (list->n < GROUPS_MAX || i > 0))
			group = new_group(list, letter, source);
		if (place == NULL && group != NULL)
			json_object_set_new(list->places, key.ptr, json_integer((json_int_t)list->n - 1));
		source = OTHERS;
	}
	text_done(&key);
	return group;
}

static int count(void *ctx, const struct dlq_letter *letter)
{
	struct list *list = ctx;
	struct group *group = group_of(list, letter);

	if (group == NULL)
		return ctl_fail(list->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	group->letters++;
	group->replayable += letter->event != NULL;
	list->replayable += letter->event != NULL;
	if (letter->at_ms < group->oldest_ms)
		group->oldest_ms = letter->at_ms;
	if (letter->at_ms > group->newest_ms)
		group->newest_ms = letter->at_ms;
	return CTL_OK;
}

static int compare(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int by_source = strcmp(x->source, y->source);

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return by_source != 0 ? by_source : strcmp(x->code, y->code);
}

/* --- for people --- */

static void heading(struct page *page, struct list *list)
{
	struct page piece;

	page_init(&piece, list->ctl);
	if (list->read.letters == 0)
		page_word(&piece, W_DLQ_NONE);
	else
		page_fill(&piece, W_DLQ_KEPT,
			  figure_many(list->ctl, (int64_t)list->read.letters, W_N_REFUSED_LINES),
			  figure_many(list->ctl, (int64_t)list->read.files, W_N_FILES),
			  figure_count(list->ctl, (int64_t)list->replayable));
	page_paragraph(page, &piece, 0);
	page_done(&piece);
}

static void row(struct list *list, struct table *table, const struct group *group)
{
	struct ctl *ctl = list->ctl;

	table_add(table, STYLE_PLAIN,
		  (const char *const[]){ group->source, group->code, ctl_note(ctl, "%" PRIu64, group->file),
					 figure_count(ctl, (int64_t)group->letters),
					 figure_count(ctl, (int64_t)group->replayable),
					 figure_short(ctl, group->oldest_ms),
					 figure_short(ctl, group->newest_ms) });
}

static void rows(struct page *page, struct list *list)
{
	size_t shown = list->n < ROWS_MAX ? list->n : ROWS_MAX;
	bool is_danish = list->ctl->is_danish;
	struct table table;

	table_init(&table, 7);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ word_text(W_COL_SOURCE, is_danish), word_text(W_COL_CODE, is_danish),
					 word_text(W_COL_FILE, is_danish), word_text(W_COL_N, is_danish),
					 word_text(W_COL_REPLAYABLE, is_danish),
					 word_text(W_COL_OLDEST, is_danish),
					 word_text(W_COL_NEWEST, is_danish) });
	/* The newest files come last, as letters do. */
	for (size_t i = list->n - shown; i < list->n; i++)
		row(list, &table, &list->groups[i]);
	table_print(&table, page, 0x1c);
	table_done(&table);
	if (shown < list->n) {
		page_fill(page, W_DLQ_MORE_ROWS, figure_count(list->ctl, (int64_t)(list->n - shown)));
		page_line(page);
	}
}

static void tell(struct list *list)
{
	struct page page;

	page_init(&page, list->ctl);
	heading(&page, list);
	if (list->n > 0) {
		page_line(&page);
		rows(&page, list);
	}
	page_write(&page, stdout);
	page_done(&page);
}

/* --- for programs --- */

static void key_moment(struct text *out, const char *name, int64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	char stamp[40] = "";
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL)
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_key_cstr(out, name, stamp);
}

static void put_group(struct text *out, const struct group *group)
{
	text_puts(out, "{");
	text_key(out, "file");
	text_printf(out, "\"%010" PRIu64 ".ndjson\"", group->file);
	text_key_cstr(out, "source", group->source);
	text_key_cstr(out, "code", group->code);
	text_key_int(out, "count", (int64_t)group->letters);
	text_key_int(out, "replayable", (int64_t)group->replayable);
	key_moment(out, "oldest", group->oldest_ms);
	key_moment(out, "newest", group->newest_ms);
	text_puts(out, "}");
}

static int tell_json(struct list *list)
{
	struct text out;
	int r = CTL_OK;

	text_init(&out, 64 << 20);
	text_puts(&out, "{\"ok\":true");
	text_key_int(&out, "files", (int64_t)list->read.files);
	text_key_int(&out, "letters", (int64_t)list->read.letters);
	text_key_int(&out, "replayable", (int64_t)list->replayable);
	text_key_int(&out, "damaged", (int64_t)list->read.damaged);
	text_key(&out, "groups");
	text_puts(&out, "[");
	for (size_t i = 0; i < list->n; i++) {
		text_puts(&out, i > 0 ? "," : "");
		put_group(&out, &list->groups[i]);
	}
	text_puts(&out, "]}");
	if (out.is_cut)
		r = ctl_fail(list->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	else
		puts(out.ptr);
	text_done(&out);
	return r;
}

int dlq_list(struct ctl *ctl, const char *state_dir, const struct dlq_options *options)
{
	struct list list = { .ctl = ctl, .places = json_object() };
	int r = dlq_each(ctl, state_dir, options, count, &list, &list.read);

	if (list.n > 1)
		qsort(list.groups, list.n, sizeof(*list.groups), compare);
	if (r == CTL_OK && ctl->is_json)
		r = tell_json(&list);
	else if (r == CTL_OK)
		tell(&list);
	if (r == CTL_OK) {
		dlq_tell_damaged(ctl, &list.read);
		if (fflush(stdout) != 0 || ferror(stdout))
			r = ctl_fail_write(ctl);
	}
	for (size_t i = 0; i < list.n; i++)
		free(list.groups[i].source);
	free(list.groups);
	json_decref(list.places);
	return r;
}
