/* SPDX-License-Identifier: MPL-2.0 */
/* journal_replay(): every segment in its order, and what is missing between them. */
#include "journal/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replaying {
	const struct journal_settings *settings;
	const struct replay *to;
	int (*on_segment)(void *ctx, const struct segment_head *);
	struct journal_found *found;
	uint64_t broken;       /* files without a header since the last segment that was read */
	struct replay through; /* counts, and passes on to `to` */
};

static int count_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct replaying *r = ctx;

	r->found->blocks++;
	return r->to->on_block == NULL ? 0 : r->to->on_block(r->to->ctx, sequence, at, len);
}

static int count_effect(void *ctx, const struct effect *effect)
{
	struct replaying *r = ctx;

	r->found->effects++;
	return r->to->on_effect == NULL ? 0 : r->to->on_effect(r->to->ctx, effect);
}

static int count_change(void *ctx, const struct change *change)
{
	struct replaying *r = ctx;

	r->found->effects++;
	return r->to->on_change == NULL ? 0 : r->to->on_change(r->to->ctx, change);
}

static void raise_horizon(struct journal_found *found, int64_t horizon_ms)
{
	if (horizon_ms > found->horizon_ms)
		found->horizon_ms = horizon_ms;
}

static int note_mark(void *ctx, const struct mark *mark)
{
	struct replaying *r = ctx;

	if (mark->position > r->found->position)
		r->found->position = mark->position;
	if (mark->kind == MARK_FREEZE && mark->position > r->found->freeze)
		r->found->freeze = mark->position;
	r->found->settled = mark->settled;
	raise_horizon(r->found, mark->horizon_ms);
	return r->to->on_mark == NULL ? 0 : r->to->on_mark(r->to->ctx, mark);
}

static void count_damage(void *ctx, const struct damage *damage)
{
	struct replaying *r = ctx;

	r->found->damages++;
	if (r->to->on_damage != NULL)
		r->to->on_damage(r->to->ctx, damage);
}

static int pass_municipality(void *ctx, uint16_t number, const char *code)
{
	struct replaying *r = ctx;

	return r->to->on_municipality == NULL ? 0 : r->to->on_municipality(r->to->ctx, number, code);
}

static int pass_standing(void *ctx, uint16_t number, const struct standing_text *text)
{
	struct replaying *r = ctx;

	return r->to->on_standing == NULL ? 0 : r->to->on_standing(r->to->ctx, number, text);
}

static int pass_name(void *ctx, uint32_t number, const struct name_text *text)
{
	struct replaying *r = ctx;

	return r->to->on_name == NULL ? 0 : r->to->on_name(r->to->ctx, number, text);
}

static void note_head(struct replaying *r, const struct segment_head *head)
{
	struct journal_found *found = r->found;

	if (found->last_segment == 0)
		found->cut = head->position;
	if (head->position > found->position)
		found->position = head->position;
	if (head->freeze > found->freeze)
		found->freeze = head->freeze;
	found->settled = head->settled;
	raise_horizon(found, head->horizon_ms);
}

/* Blocks between what has been read and this segment went with a file that is not there. What lacks before
 * its very neighbour was told when that was read; nothing lacks where a number was never used. */
static void tell_missing(struct replaying *r, const struct segment_head *head)
{
	const struct journal_found *found = r->found;

	if (found->last_segment == 0 || head->number - found->last_segment - 1 == r->broken ||
	    head->first_block <= found->end.next_block)
		return;
	count_damage(r, &(struct damage){ .segment = found->last_segment + 1,
					  .first_block = found->end.next_block,
					  .last_block = head->first_block - 1,
					  .what = "segment missing" });
}

static int read_segment(struct replaying *r, const char *path, const struct segment_head *head)
{
	struct segment_head again;
	struct segment_end end;
	int e = r->on_segment == NULL ? 0 : r->on_segment(r->to->ctx, head);

	if (e == 1)
		count_damage(r, &(struct damage){ .segment = head->number, .what = "another writer's" });
	if (e != 0)
		return e == 1 ? 0 : e;
	tell_missing(r, head);
	note_head(r, head);
	e = segment_read(r->settings->disk, path, &r->through, &again, &end);
	if (e != 0)
		return e;
	r->found->segments++;
	r->found->last_segment = head->number;
	r->broken = 0;
	r->found->end = end;
	return 0;
}

static int replay_one(struct replaying *r, uint64_t number, struct error *reterr)
{
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	struct segment_end end;
	int e;

	segment_path(path, r->settings->dir, number);
	e = segment_head_read(r->settings->disk, path, &head);
	if (e == 0) {
		e = read_segment(r, path, &head);
	} else if (e == -EBADMSG) {
		e = segment_read(r->settings->disk, path, &r->through, &head, &end); /* tells the damage */
		r->broken++;
	}
	if (e == -EPROTONOSUPPORT)
		return error_set(reterr, e, "%s: written by a later version of effortd; start that one",
				 path);
	if (e == -EIO)
		return error_set(reterr, e,
				 "cannot read %s: %s; look after the disk (renamed to .damaged it is left out, with what it holds)",
				 path, strerror(-e));
	return e < 0 ? error_set(reterr, e, "cannot read %s: %s", path, strerror(-e)) : e;
}

int journal_replay(const struct journal_settings *settings, const struct replay *replay,
		   int (*on_segment)(void *ctx, const struct segment_head *), struct journal_found *ret_found,
		   struct error *reterr)
{
	struct journal_found found = { .horizon_ms = INT64_MIN, .end = { .next_block = 1 } };
	struct replaying r = {
		.settings = settings, .to = replay, .on_segment = on_segment, .found = &found
	};
	uint64_t *list = NULL;
	size_t n = 0;
	int e = segment_list(settings->disk, settings->dir, &list, &n);

	if (e < 0 && e != -ENOENT)
		return error_set(reterr, e, "cannot read the folder %s: %s", settings->dir, strerror(-e));
	r.through = (struct replay){ &r,           pass_municipality, pass_standing, pass_name,
				     count_effect, note_mark,         count_block,   count_damage,
				     count_change };
	e = 0;
	for (size_t i = 0; i < n && e == 0; i++)
		e = replay_one(&r, list[i], reterr);
	free(list);
	if (e == 0)
		*ret_found = found;
	return e;
}
