/* SPDX-License-Identifier: MPL-2.0 */
/* The page a head of citizen service looks at first: one sentence, then the areas by what is missing and the
 * channels their contacts came by, then the three tasks to move first. A page is a picture of one document.
 */
#include "ctl/shares.h"

#include "ctl/answer.h"
#include "ctl/figure.h"
#include "event/vocab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEADLINE       "group:target"
#define LIVE_MS        15000 /* contract, section 4 */
#define ROWS_MAX       40
#define CHANNELS_SHOWN 4
#define TASKS_SHOWN    3
#define MISSING_SIZE   2048

static int64_t target_of(const json_t *hash, const char *scope)
{
	int64_t target;

	return share_percent(hash, scope, "target", &target) ? target : -1;
}

/* ---- the sentence ---- */

static const char *day(struct ctl *ctl, const json_t *doc, const char *name)
{
	return figure_period(ctl, ctl_note(ctl, "day:%s", answer_text(doc, name)));
}

/* When the numbers end. A dated hash says when it last changed; what was counted since would stand in it. */
static int64_t end_of(const json_t *doc, const json_t *hash)
{
	bool is_dated = !answer_is_true(doc, "is_running") && answer_text(doc, "title")[0] == '\0';
	int64_t as_of;

	if (is_dated || !share_count(hash, NULL, "as_of", &as_of))
		return answer_int(doc, "now_ms");
	return as_of;
}

const char *shares_days(struct ctl *ctl, const json_t *doc)
{
	const char *title = answer_text(doc, "title");
	const char *period = shares_period(ctl, answer_text(doc, "label"), title);

	return title[0] == '\0'
		       ? period
		       : ctl_note(ctl, "%s (%s - %s)", period, day(ctl, doc, "first"), day(ctl, doc, "last"));
}

static const char *moment(struct ctl *ctl, const json_t *doc, const json_t *hash)
{
	const char *label = answer_text(doc, "label"), *period = shares_days(ctl, doc);

	if (!answer_is_true(doc, "is_under_way"))
		return period;
	if (strncmp(label, "day:", 4) == 0)
		return ctl_note(ctl, ctl->is_danish ? "%s %s" : "%s, %s", period, figure_time(ctl, end_of(doc, hash)));
	return ctl_note(ctl, ctl->is_danish ? "%s til %s" : "%s up to %s", period,
			figure_day_time(ctl, end_of(doc, hash)));
}

static void say_target(struct page *piece, struct ctl *ctl, const json_t *hash)
{
	const char *target = share_field(hash, HEADLINE, "target"), *met = share_field(hash, HEADLINE, "met");
	int64_t move = 0;

	if (target == NULL || met == NULL || !share_count(hash, HEADLINE, "move", &move))
		page_word(piece, W_HEAD_NO_TARGET);
	else if (strcmp(met, "1") == 0)
		page_fill(piece, W_HEAD_MET, figure_percent(ctl, target));
	else
		page_fill(piece, W_HEAD_MISSED, figure_percent(ctl, target), figure_count(ctl, move));
}

static void say_change(struct page *piece, struct ctl *ctl, const json_t *doc, int64_t share)
{
	const char *label = answer_text(doc, "before_label");
	const char *period = shares_period(ctl, label, answer_text(doc, "before_title"));
	bool is_part = answer_is_true(doc, "is_under_way");
	int64_t before;

	if (strchr(label, ':') == NULL)
		return; /* there is no period to compare with */
	if (!share_percent(answer_object(doc, "before"), HEADLINE, "share", &before)) {
		page_fill(piece, W_HEAD_NO_BEFORE, period);
		return;
	}
	if (share == before)
		page_fill(piece, W_HEAD_SAME, period);
	else
		page_fill(piece, share > before ? W_HEAD_MORE : W_HEAD_LESS,
			  figure_points(ctl, share - before), period);
	/* A part of a period is being compared with a whole one. */
	if (is_part)
		page_word(piece, W_HEAD_WHOLE);
}

/* "borger.dk,callcenter" with room to read and to wrap; ret has MISSING_SIZE bytes. */
static const char *missing_of(const json_t *hash, char *ret)
{
	const char *at = share_field(hash, NULL, "missing");
	size_t n = 0;

	for (at = at == NULL ? "?" : at; *at != '\0' && n + 2 < MISSING_SIZE; at++) {
		ret[n++] = *at;
		if (*at == ',' && at[1] != ' ')
			ret[n++] = ' ';
	}
	ret[n] = '\0';
	return ret;
}

/* Who has reported says nothing of a closed period from which nothing is kept, nor of one without any numbers. */
static void say_sources(struct page *piece, const json_t *hash, bool says_all)
{
	char missing[MISSING_SIZE];

	if (share_flag(hash, "incomplete"))
		page_fill(piece, W_HEAD_MISSING, missing_of(hash, missing));
	else if (says_all && json_object_size(hash) > 0)
		page_word(piece, W_HEAD_ALL_SOURCES);
}

const char *shares_period(struct ctl *ctl, const char *label, const char *title)
{
	return title[0] != '\0' ? title : figure_period(ctl, label);
}

static void sentence(struct page *page, struct ctl *ctl, const json_t *doc, const json_t *hash)
{
	const json_t *place = answer_object(doc, "municipality");
	bool is_running = answer_is_true(doc, "is_running");
	int64_t n = 0, share;
	bool has_share = share_count(hash, HEADLINE, "n", &n) && n > 0 &&
			 share_percent(hash, HEADLINE, "share", &share);
	struct page piece;

	page_init(&piece, ctl);
	page_fill(&piece, W_HEAD_PLACE,
		  shares_place(ctl, answer_text(place, "code"), answer_text(place, "name")),
		  moment(ctl, doc, hash));
	say_sources(&piece, hash, is_running || has_share);
	if (share_field(hash, NULL, "reason") != NULL) {
		page_word(&piece, W_HEAD_GONE);
	} else if (!has_share) {
		page_word(&piece, answer_is_true(doc, "is_under_way") ? W_HEAD_NONE : W_HEAD_NONE_CLOSED);
	} else {
		page_fill(&piece, W_HEAD_SHARE, figure_percent(ctl, share_field(hash, HEADLINE, "share")),
			  figure_many(ctl, n, W_N_APPLICATIONS));
		say_target(&piece, ctl, hash);
		say_change(&piece, ctl, doc, share);
	}
	text_puts(&piece.text, ".");
	page_style(page, STYLE_STRONG);
	page_paragraph(page, &piece, 0);
	page_style(page, STYLE_PLAIN);
	page_done(&piece);
}

static void warning(struct page *page, struct page *piece)
{
	page_style(page, STYLE_WARN);
	page_paragraph(page, piece, 2);
	page_style(page, STYLE_PLAIN);
}

void shares_warnings(struct page *page, struct ctl *ctl, const json_t *hash, int64_t now_ms, bool is_running)
{
	struct page piece;
	int64_t as_of;

	page_init(&piece, ctl);
	if (is_running && share_count(hash, NULL, "as_of", &as_of) && now_ms - as_of > LIVE_MS) {
		page_fill(&piece, W_NOT_LIVE, figure_day_time(ctl, as_of),
			  figure_duration(ctl, now_ms - as_of));
		warning(page, &piece);
	}
	if (share_flag(hash, "incomplete")) {
		char missing[MISSING_SIZE];

		page_fill(&piece, W_INCOMPLETE, missing_of(hash, missing));
		warning(page, &piece);
	}
	if (share_flag(hash, "rebuilding")) {
		page_word(&piece, W_REBUILDING);
		warning(page, &piece);
	}
	page_done(&piece);
}

/* ---- the areas ---- */

static bool is_unclassified(const struct shares_row *row)
{
	return strcmp(row->id, "unclassified") == 0;
}

/* Most missing first; among equals those that have a number, the lower share, the usual order. */
static int by_missing(const void *a, const void *b)
{
	const struct shares_row *x = a, *y = b;

	if (is_unclassified(x) != is_unclassified(y))
		return is_unclassified(x) ? 1 : -1;
	if (x->move != y->move)
		return x->move > y->move ? -1 : 1;
	if (x->has_move != y->has_move)
		return x->has_move ? -1 : 1;
	if (x->has_share != y->has_share)
		return x->has_share ? -1 : 1;
	if (x->share != y->share)
		return x->share < y->share ? -1 : 1;
	return x->order != y->order ? (x->order < y->order ? -1 : 1) : strcmp(x->id, y->id);
}

static size_t read_areas(struct ctl *ctl, const json_t *doc, const json_t *hash, struct shares_row *rows)
{
	const json_t *areas = answer_array(doc, "areas"), *area;
	bool has_unclassified = false;
	size_t n = 0, i;

	json_array_foreach(areas, i, area)
	{
		const char *id = answer_text(area, "id");

		if (id[0] == '\0' || n == ROWS_MAX - 2)
			continue;
		rows[n] = shares_row_of(ctl, hash, id, answer_name(ctl, area, id));
		rows[n].order = (int)answer_int(area, "order");
		has_unclassified |= is_unclassified(&rows[n++]);
	}
	if (!has_unclassified) {
		rows[n] = shares_row_of(ctl, hash, "unclassified", word_text(W_UNCLASSIFIED, ctl->is_danish));
		n++;
	}
	qsort(rows, n, sizeof *rows, by_missing);
	return n;
}

struct channel {
	const char *name;
	int64_t n;
};

static int by_most(const void *a, const void *b)
{
	const struct channel *x = a, *y = b;

	return x->n != y->n ? (x->n > y->n ? -1 : 1) : strcmp(x->name, y->name);
}

static size_t read_channels(struct ctl *ctl, const json_t *hash, const char *scope, struct channel *ret)
{
	size_t n = 0;

	for (int c = 0; c < EFFORT_CHANNELS; c++) {
		int64_t count = 0;

		if (c == EFFORT_SELFSERVICE)
			continue;
		if (!share_count(hash, scope, ctl_note(ctl, "ch.%s", vocab_channel[c]), &count) || count <= 0)
			continue;
		ret[n++] = (struct channel){ (ctl->is_danish ? vocab_channel_da : vocab_channel)[c], count };
	}
	qsort(ret, n, sizeof *ret, by_most);
	return n;
}

/* "via phone 120, letter 40, 3 others 12" */
static void channels(struct page *page, struct ctl *ctl, const json_t *hash, const char *scope)
{
	struct channel list[EFFORT_CHANNELS];
	size_t n = read_channels(ctl, hash, scope, list);
	struct page piece;
	int64_t rest = 0;

	if (n == 0)
		return;
	page_init(&piece, ctl);
	page_word(&piece, W_VIA);
	for (size_t i = 0; i < n && i < CHANNELS_SHOWN; i++)
		page_add(&piece, ctl_note(ctl, "%s %s %s", i == 0 ? "" : ",", list[i].name,
					  figure_count(ctl, list[i].n)));
	for (size_t i = CHANNELS_SHOWN; i < n; i++)
		rest += list[i].n;
	if (rest > 0)
		page_fill(&piece, W_VIA_OTHERS, figure_count(ctl, rest));
	page_style(page, STYLE_FAINT);
	page_spaces(page, 2);
	page_paragraph(page, &piece, 4);
	page_style(page, STYLE_PLAIN);
	page_done(&piece);
}

/* The share is of all tasks, what is missing of some: that is said where it makes a difference. */
static void say_under_target(struct page *page, struct ctl *ctl, const json_t *hash)
{
	int64_t n, target_n;

	if (share_field(hash, "all", "met") != NULL && share_count(hash, "all", "n", &n) &&
	    share_count(hash, "all", "target_n", &target_n) && target_n != n)
		page_say(page, STYLE_FAINT, W_UNDER_TARGET,
			 (const char *const[]){ figure_count(ctl, target_n), figure_count(ctl, n), NULL });
}

static void areas(struct page *page, struct ctl *ctl, const json_t *doc, const json_t *hash, bool is_compact)
{
	struct shares_row rows[ROWS_MAX];
	size_t n = read_areas(ctl, doc, hash, rows);
	struct shares_layout layout;

	rows[n] = shares_row_of(ctl, hash, "all", word_text(W_ALL, ctl->is_danish));
	layout = shares_layout_of(ctl, rows, n + 1, W_COL_AREA, 0);
	shares_header(page, ctl, &layout, W_COL_AREA, target_of(hash, HEADLINE));
	for (size_t i = 0; i <= n; i++) {
		shares_row_add(page, ctl, &layout, &rows[i]);
		if (!is_compact && i < n && rows[i].has_share)
			channels(page, ctl, hash, rows[i].id);
	}
	say_under_target(page, ctl, hash);
}

/* ---- the tasks ---- */

struct task {
	char scope[128];
	int64_t move, movable;
	bool is_short; /* moving all who can is not enough */
};

/* Most to move first; among equals where most can be moved. */
static bool is_before(const struct task *a, const struct task *b)
{
	if (a->move != b->move)
		return a->move > b->move;
	if (a->movable != b->movable)
		return a->movable > b->movable;
	return strcmp(a->scope, b->scope) < 0;
}

static size_t insert(struct task *top, size_t n, const struct task *task)
{
	size_t at = n;

	while (at > 0 && is_before(task, &top[at - 1]))
		at--;
	if (at == TASKS_SHOWN)
		return n;
	if (n < TASKS_SHOWN)
		n++;
	memmove(&top[at + 1], &top[at], (n - at - 1) * sizeof *top);
	top[at] = *task;
	return n;
}

static size_t read_tasks(const json_t *hash, struct task *top)
{
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)hash, key, value)
	{
		size_t len = strlen(key);
		struct task task = { "", 0, 0, false };

		if (len < 6 || strcmp(key + len - 5, ".move") != 0 || len - 5 >= sizeof task.scope)
			continue;
		memcpy(task.scope, key, len - 5);
		if (!share_count(hash, task.scope, "move", &task.move) || task.move <= 0)
			continue;
		task.is_short =
			share_count(hash, task.scope, "movable", &task.movable) && task.move > task.movable;
		n = insert(top, n, &task);
	}
	return n;
}

static const char *area_name(struct ctl *ctl, const json_t *doc, const char *scope)
{
	const json_t *area;
	size_t len = strcspn(scope, "/"), i;

	json_array_foreach(answer_array(doc, "areas"), i, area)
	{
		const char *id = answer_text(area, "id");

		if (strlen(id) == len && memcmp(id, scope, len) == 0)
			return answer_name(ctl, area, id);
	}
	return ctl_note(ctl, "%.*s", (int)len, scope);
}

static void tasks(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *hash = answer_object(doc, "tasks"), *names = answer_object(doc, "task_names");
	struct task top[TASKS_SHOWN];
	size_t n = read_tasks(hash, top);
	struct page piece;

	page_style(page, STYLE_STRONG);
	page_word(page, n == 0 ? W_TASKS_NONE : W_TASKS);
	page_style(page, STYLE_PLAIN);
	page_line(page);
	page_init(&piece, ctl);
	for (size_t i = 0; i < n; i++) {
		const char *scope = top[i].scope, *raw = share_field(hash, scope, "share");
		int64_t count = 0;

		share_count(hash, scope, "n", &count);
		page_fill(&piece, top[i].is_short ? W_TASK_SHORT : W_TASK, ctl_note(ctl, "%zu", i + 1),
			  answer_name(ctl, answer_object(names, scope), scope), area_name(ctl, doc, scope),
			  figure_count(ctl, top[i].move), figure_count(ctl, top[i].movable),
			  raw == NULL ? "-" : figure_percent(ctl, raw), figure_count(ctl, count));
		page_spaces(page, 2);
		page_paragraph(page, &piece, 5);
	}
	page_done(&piece);
}

void shares_head(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *hash = answer_object(doc, "share");

	sentence(page, ctl, doc, hash);
	shares_warnings(page, ctl, hash, answer_int(doc, "now_ms"), answer_is_true(doc, "is_running"));
}

void shares_page(struct page *page, struct ctl *ctl, const json_t *doc, bool is_compact)
{
	const json_t *hash = answer_object(doc, "share");

	shares_head(page, ctl, doc);
	page_line(page);
	areas(page, ctl, doc, hash, is_compact);
	page_line(page);
	tasks(page, ctl, doc);
}
