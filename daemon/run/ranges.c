/* SPDX-License-Identifier: MPL-2.0 */
/* See ranges.h. A range is read one hash after the other; several ranges at once, but never so many that others
 * who ask the store find no room. */
#include "run/ranges.h"

#include "base/str.h"

#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX	 8 /* ranges read at once */
#define AGAIN_MS 50

enum kind { OF_CELLS, OF_SHARE, OF_TASKS, KINDS };

struct ask {
	struct ask *next;      /* owned by the list */
	struct ranges *ranges; /* borrowed; NULL: given up, freed when its query is answered */
	char code[8];
	int32_t at, end; /* days that are still to be read */
	struct period unit;
	enum kind kind;
	bool is_out; /* a query of it is under way */
	bool is_whole;
	struct picture *picture; /* owned */
	void (*on_picture)(void *ctx, struct picture *, bool is_whole);
	void *ctx;
};

struct ranges {
	struct core *core; /* borrowed */
	char *prefix;	   /* owned */
	struct ask *asks;  /* owned, oldest first */
	size_t n, out;
	struct event *again; /* owned */
	bool is_going;
};

static void go_on(struct ranges *ranges);

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	go_on(ctx);
}

struct ranges *ranges_new(struct core *core, const char *redis_prefix)
{
	struct ranges *ranges = calloc(1, sizeof(*ranges));

	if (ranges == NULL)
		return NULL;
	ranges->core = core;
	ranges->prefix = strdup(redis_prefix);
	ranges->again = event_new(core->settings.base, -1, 0, on_again, ranges);
	if (ranges->prefix == NULL || ranges->again == NULL) {
		ranges_free(ranges);
		return NULL;
	}
	return ranges;
}

static void unlink_ask(struct ranges *ranges, const struct ask *ask)
{
	struct ask **at = &ranges->asks;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	ranges->n--;
}

/* Answers and forgets: with the picture, or with NULL. */
static void answer(struct ranges *ranges, struct ask *ask, bool has_picture)
{
	struct picture *picture = has_picture ? ask->picture : NULL;

	unlink_ask(ranges, ask);
	if (!has_picture)
		picture_free(ask->picture);
	ask->picture = NULL;
	ask->on_picture(ask->ctx, picture, has_picture && ask->is_whole);
	if (ask->is_out)
		ask->ranges = NULL;
	else
		free(ask);
}

void ranges_free(struct ranges *ranges)
{
	if (ranges == NULL)
		return;
	ranges->is_going = true; /* whoever is told must not begin again */
	while (ranges->asks != NULL)
		answer(ranges, ranges->asks, false);
	if (ranges->again != NULL)
		event_free(ranges->again);
	free(ranges->prefix);
	free(ranges);
}

/* The longest period of the calendar that begins at `day` and ends within the range. */
static struct period unit_at(int32_t day, int32_t end)
{
	static const enum window longest[] = { WINDOW_YEAR, WINDOW_MONTH };

	for (size_t i = 0; i < sizeof(longest) / sizeof(*longest); i++) {
		struct period period = period_of(longest[i], day);

		if (period.first == day && period.end <= end)
			return period;
	}
	return period_of(WINDOW_DAY, day);
}

static void key_of(const struct ask *ask, char *key, size_t size)
{
	static const char cells[WINDOWS] = { [WINDOW_DAY] = 'd', [WINDOW_MONTH] = 'm', [WINDOW_YEAR] = 'y' };
	char label[PERIOD_LABEL];

	period_label(ask->unit, label);
	if (ask->kind == OF_CELLS)
		snprintf(key, size, "%s{%s}:%c:%s", ask->ranges->prefix, ask->code, cells[ask->unit.window],
			 strchr(label, ':') + 1);
	else
		snprintf(key, size, "%s{%s}:%s:%s", ask->ranges->prefix, ask->code,
			 ask->kind == OF_SHARE ? "share" : "tasks", label);
}

static void advance(struct ask *ask)
{
	if (++ask->kind < KINDS)
		return;
	ask->kind = OF_CELLS;
	ask->at = ask->unit.end;
}

/* Days that retention has removed, or is about to, are not asked for: what is left of them proves nothing. */
static void skip_removed(struct ask *ask)
{
	int32_t kept = ask->ranges->core->identity.day_kept;

	while (ask->at < ask->end && ask->kind == OF_CELLS) {
		ask->unit = unit_at(ask->at, ask->end);
		if (ask->unit.window != WINDOW_DAY || ask->unit.first >= kept)
			return;
		ask->is_whole = false;
		ask->at = ask->unit.end;
	}
}

static void on_hash(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct ask *ask = ctx;
	struct ranges *ranges = ask->ranges;

	ask->is_out = false;
	if (ranges == NULL) {
		free(ask);
		return;
	}
	ranges->out--;
	if (text == NULL || picture_add_hash(ask->picture, n, text, len) < 0)
		answer(ranges, ask, false);
	else
		advance(ask);
	go_on(ranges);
}

/* -EAGAIN: later. Otherwise the ask is on its way or answered. */
static int send_next(struct ranges *ranges, struct ask *ask)
{
	char key[320];
	int r;

	skip_removed(ask);
	if (ask->at >= ask->end) {
		answer(ranges, ask, true);
		return 0;
	}
	key_of(ask, key, sizeof(key));
	ask->is_out = true;
	ranges->out++;
	r = store_query(ranges->core->store, 2, (const char *const[]){ "HGETALL", key }, on_hash, ask);
	if (r == 0)
		return 0;
	ask->is_out = false;
	ranges->out--;
	if (r != -EAGAIN)
		answer(ranges, ask, false);
	return r == -EAGAIN ? r : 0;
}

static struct ask *first_idle(const struct ranges *ranges)
{
	struct ask *ask = ranges->asks;

	while (ask != NULL && ask->is_out)
		ask = ask->next;
	return ask;
}

/* Answers may ask again: they only lengthen the list this loop works on. */
static void go_on(struct ranges *ranges)
{
	struct timeval after = { 0, AGAIN_MS * 1000 };
	struct ask *ask;

	if (ranges->is_going)
		return;
	ranges->is_going = true;
	while (ranges->out < OUT_MAX && (ask = first_idle(ranges)) != NULL) {
		if (send_next(ranges, ask) == -EAGAIN) {
			event_add(ranges->again, &after);
			break;
		}
	}
	ranges->is_going = false;
}

int ranges_ask(struct ranges *ranges, const char *code, int32_t first, int32_t end,
	       void (*on_picture)(void *ctx, struct picture *, bool is_whole), void *ctx)
{
	struct timeval now = { 0, 0 };
	struct ask *ask, **last = &ranges->asks;

	if (ranges->n >= RANGES_MAX)
		return -EAGAIN;
	ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		return -ENOMEM;
	*ask = (struct ask){ .ranges = ranges, .at = first, .end = end, .is_whole = true, .on_picture = on_picture,
			     .ctx = ctx };
	snprintf(ask->code, sizeof(ask->code), "%s", code);
	ask->picture = picture_new();
	if (ask->picture == NULL) {
		free(ask);
		return -ENOMEM;
	}
	while (*last != NULL)
		last = &(*last)->next;
	*last = ask;
	ranges->n++;
	event_add(ranges->again, &now); /* never from within the call */
	return 0;
}
