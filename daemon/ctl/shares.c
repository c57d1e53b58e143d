/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl shares`: asks the daemon and shows one municipality or the ranking, once or again and again. */
#include "ctl/shares.h"

#include "base/text.h"
#include "conf/near.h"
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "domain/counting.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct wish {
	const char *place, *window, *label, *watch, *times;
	char code[MUNICIPALITY_CODE]; /* empty: the ranking */
	char window_buf[16], label_buf[96];
	double watch_s;
	long times_n;
	bool is_compared, is_explained;
};

static int check_window(struct ctl *ctl, const struct wish *w)
{
	const char *nearest;

	if (window_find(w->window, strlen(w->window)) >= 0 ||
	    (w->label != NULL && strncmp(w->label, COUNTING_PREFIX, strlen(COUNTING_PREFIX)) == 0))
		return CTL_OK;
	nearest = near_find(w->window, window_name, WINDOWS);
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_WINDOW_UNKNOWN, W_NEXT_DID_YOU_MEAN, w->window, nearest);
	return ctl_fail(ctl, CTL_USAGE, W_WINDOW_UNKNOWN, W_NEXT_WINDOW, w->window);
}

/* "day:2026-11-21" brings its window along; "2026-11-21" takes the one asked for. */
static int check_label(struct ctl *ctl, struct wish *w)
{
	const char *colon = strchr(w->label, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - w->label);

	if (strlen(w->label) >= COUNTING_LABEL ||
	    strspn(w->label, "abcdefghijklmnopqrstuvwxyz0123456789:-QW") != strlen(w->label))
		return ctl_fail(ctl, CTL_USAGE, W_LABEL_BAD, W_NEXT_LABEL_ANY, w->label);
	if (colon == NULL) {
		const char *window = w->window == NULL ? "day" : w->window;

		snprintf(w->label_buf, sizeof w->label_buf, "%.16s:%s", window, w->label);
		w->label = w->label_buf;
		return CTL_OK;
	}
	if (w->window != NULL && (strlen(w->window) != len || memcmp(w->window, w->label, len) != 0))
		return ctl_fail(ctl, CTL_USAGE, W_LABEL_OTHER_WINDOW, W_NEXT_LABEL_ANY, w->label, w->window);
	snprintf(w->window_buf, sizeof w->window_buf, "%.*s", (int)len, w->label);
	w->window = w->window_buf;
	return CTL_OK;
}

static int check_watch(struct ctl *ctl, struct wish *w)
{
	char *end;

	if (w->watch != NULL) {
		w->watch_s = strtod(w->watch, &end);
		if (end == w->watch || *end != '\0' || !(w->watch_s >= 0.1 && w->watch_s <= 86400))
			return ctl_fail(ctl, CTL_USAGE, W_WATCH_BAD, W_NEXT_WATCH, w->watch);
	}
	if (w->times != NULL) {
		w->times_n = strtol(w->times, &end, 10);
		if (end == w->times || *end != '\0' || w->times_n < 1)
			return ctl_fail(ctl, CTL_USAGE, W_TIMES_BAD, W_NEXT_WATCH, w->times);
	}
	return CTL_OK;
}

static int read_wish(struct ctl *ctl, char **args, struct wish *w)
{
	const struct option own[] = { { "--window", &w->window, NULL },
				      { "--label", &w->label, NULL },
				      { "--watch", &w->watch, NULL },
				      { "--times", &w->times, NULL },
				      { "--compare", NULL, &w->is_compared },
				      { "--explain", NULL, &w->is_explained },
				      { NULL, NULL, NULL } };
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK || ctl->wants_help)
		return r;
	w->place = args[0];
	if (args[0] != NULL && args[1] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[1]);
	if ((w->is_compared || w->is_explained) && args[0] == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_COMPARE_NEEDS_PLACE, W_NEXT_COMPARE_PLACE,
				w->is_compared ? "--compare" : "--explain");
	if (w->label != NULL)
		r = check_label(ctl, w);
	if (w->window == NULL)
		w->window = "day";
	if (r == CTL_OK)
		r = check_window(ctl, w);
	return r == CTL_OK ? check_watch(ctl, w) : r;
}

static const char *request_of(struct ctl *ctl, const struct wish *w)
{
	const char *place = w->code[0] == '\0' ? "" : ctl_note(ctl, ",\"municipality\":\"%s\"", w->code);
	const char *label = w->label == NULL ? "" : ctl_note(ctl, ",\"label\":\"%s\"", w->label);
	const char *compare = w->is_compared ? ",\"compare\":true" : "";
	const char *explain = w->is_explained ? ",\"explain\":true" : "";

	return ctl_note(ctl, "{\"cmd\":\"shares\"%s,\"window\":\"%s\"%s%s%s}", place, w->window, label, compare,
			explain);
}

static size_t lines_of(const struct page *page)
{
	size_t n = 0;

	for (size_t i = 0; i < page->text.len; i++)
		n += page->text.ptr[i] == '\n';
	return n;
}

static void one_page(struct page *page, struct ctl *ctl, const struct wish *w, const json_t *doc, bool is_compact)
{
	if (w->is_explained) {
		shares_head(page, ctl, doc);
		shares_explain(page, ctl, doc);
	} else {
		shares_page(page, ctl, doc, is_compact);
	}
	if (w->is_compared)
		shares_change(page, ctl, doc);
}

static void render(struct page *page, struct ctl *ctl, const struct wish *w, const json_t *doc)
{
	if (w->code[0] == '\0') {
		shares_ranking(page, ctl, doc, w->window, w->label);
		return;
	}
	one_page(page, ctl, w, doc, false);
	/* While watching, all of it must fit or the top scrolls away. */
	if (w->watch != NULL && ctl->height > 0 && lines_of(page) >= (size_t)ctl->height) {
		text_clear(&page->text);
		one_page(page, ctl, w, doc, true);
	}
}

/* Draws over what the last round left: from the top, each line cleared to its end, then the rest of the
 * screen. */
static void redraw(struct page *page, int height)
{
	const char *at = page->text.ptr == NULL ? "" : page->text.ptr;
	int lines = 0;

	fputs("\033[H", stdout);
	for (; *at != '\0' && (height == 0 || lines < height - 1); lines++) {
		size_t len = strcspn(at, "\n");

		fwrite(at, 1, len, stdout);
		fputs("\033[0m\033[K\n", stdout);
		at += len + (at[len] == '\n');
	}
	fputs("\033[J", stdout);
	text_clear(&page->text);
}

static int show(struct ctl *ctl, const struct wish *w, bool is_first)
{
	bool is_redrawn = w->watch != NULL && ctl->is_terminal;
	struct reply reply;
	struct page page;
	int r = link_ask_ok(ctl, request_of(ctl, w), &reply);

	if (r != CTL_OK)
		return r;
	if (ctl->is_json) {
		r = reply_print(ctl, &reply);
		reply_done(&reply);
		return r;
	}
	ctl_measure_screen(ctl);
	page_init(&page, ctl);
	render(&page, ctl, w, reply.doc);
	if (is_redrawn)
		redraw(&page, ctl->height);
	else if (!is_first)
		putchar('\n');
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	reply_done(&reply);
	return r;
}

static void pause_s(double s)
{
	struct timespec t = { (time_t)s, (long)((s - (double)(time_t)s) * 1e9) };

	nanosleep(&t, NULL);
}

/* On a terminal somebody is waiting for the daemon to come back; a script wants to know that it went. */
static int watch(struct ctl *ctl, const struct wish *w)
{
	int r = CTL_OK;

	if (ctl->is_terminal && !ctl->is_json)
		fputs("\033[2J", stdout);
	for (long i = 0; w->times_n == 0 || i < w->times_n; i++) {
		if (i > 0)
			pause_s(w->watch_s);
		r = show(ctl, w, i == 0);
		if (r != CTL_OK && (!ctl->is_terminal || r != CTL_UNAVAILABLE))
			break;
	}
	return r;
}

int shares_command(struct ctl *ctl, char **args)
{
	struct wish w = { 0 };
	int r = read_wish(ctl, args, &w);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "shares");
	if (w.place != NULL)
		r = municipality_find(ctl, w.place, w.window, w.code);
	if (r == CTL_OK && !ctl->is_json)
		r = link_use_zone(ctl);
	if (r != CTL_OK)
		return r;
	return w.watch == NULL ? show(ctl, &w, true) : watch(ctl, &w);
}
