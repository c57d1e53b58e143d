/* SPDX-License-Identifier: MPL-2.0 */
/* See journal_survey.h: the segments, each read whole, and what is missing between them. */
#include "ctl/journal_survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct survey *survey;
	struct survey_segment *segment;
	const char *path;
	size_t told;       /* findings that know when what is lost ended */
	int64_t recent_ms; /* time of the last event read; INT64_MIN */
	bool is_last;
};

static int on_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct reading *reading = ctx;

	(void)sequence, (void)at, (void)len;
	reading->segment->blocks++;
	return 0;
}

static int on_effect(void *ctx, const struct effect *effect)
{
	struct reading *reading = ctx;
	struct survey_segment *segment = reading->segment;

	reading->recent_ms = effect->time_ms;
	for (; reading->told < reading->survey->findings_len; reading->told++)
		reading->survey->findings[reading->told].until_ms = effect->time_ms;
	segment->effects++;
	segment->contacts += effect->count;
	if (effect->time_ms < segment->first_ms)
		segment->first_ms = effect->time_ms;
	if (effect->time_ms > segment->last_ms)
		segment->last_ms = effect->time_ms;
	return 0;
}

static int on_change(void *ctx, const struct change *change)
{
	struct effect effect = { .time_ms = change->time_ms };

	for (size_t i = 0; i < change->parts_len; i++)
		effect.count += change->parts[i].count;
	return on_effect(ctx, &effect);
}

static int on_mark(void *ctx, const struct mark *mark)
{
	struct survey_segment *segment = ((struct reading *)ctx)->segment;

	segment->written_ms = mark->now_ms;
	segment->horizon_ms = mark->horizon_ms;
	return 0;
}

static enum finding_kind kind_of(const struct damage *damage)
{
	bool is_torn = strcmp(damage->what, "torn tail") == 0;

	if (strcmp(damage->what, "header") == 0)
		return FOUND_HEADER;
	if (is_torn && damage->last_block == 0)
		return FOUND_TAIL;
	return is_torn || strcmp(damage->what, "blocks missing") == 0 ? FOUND_CUT : FOUND_BLOCKS;
}

static void on_damage(void *ctx, const struct damage *damage)
{
	struct reading *reading = ctx;
	enum finding_kind kind = kind_of(damage);
	struct finding *finding;

	/* The end of the present segment is being written while it is read. */
	if (kind == FOUND_TAIL && reading->is_last && reading->survey->is_running)
		return;
	reading->segment->damages++;
	finding = survey_add(reading->survey, kind, reading->path);
	finding->from = damage->from;
	finding->to = damage->to;
	finding->since_ms = reading->recent_ms;
	finding->segment = reading->segment->number;
	finding->first_block = damage->first_block;
	finding->last_block = damage->last_block;
	snprintf(finding->detail, sizeof(finding->detail), "%s", damage->what);
}

static void unreadable(struct reading *reading, int r)
{
	enum finding_kind kind = r == -EPROTONOSUPPORT ? FOUND_VERSION
				 : r == -EBADMSG       ? FOUND_HEADER
						       : FOUND_UNREADABLE;
	struct finding *finding = survey_add(reading->survey, kind, reading->path);

	finding->segment = reading->segment->number;
	finding->to = kind == FOUND_HEADER ? reading->segment->bytes : 0;
	finding->error = r;
	snprintf(finding->detail, sizeof(finding->detail), "%s", strerror(-r));
	reading->segment->damages++;
}

/* False: it has been folded and removed meanwhile. */
static bool read_segment(struct survey *survey, struct survey_segment *segment, bool is_last)
{
	char path[SEGMENT_PATH_MAX], folder[4100];
	struct reading reading = { survey, segment, path, survey->findings_len, INT64_MIN, is_last };
	const struct replay replay = { .ctx = &reading,
				       .on_block = on_block,
				       .on_effect = on_effect,
				       .on_change = on_change,
				       .on_mark = on_mark,
				       .on_damage = on_damage };
	int r;

	snprintf(folder, sizeof(folder), "%s/" SURVEY_JOURNAL, survey->state_dir);
	segment_path(path, folder, segment->number);
	segment->bytes = survey_size(path);
	r = segment_head_read(&disk_real, path, &segment->head);
	segment->has_head = r == 0;
	if (r == 0)
		r = segment_read(&disk_real, path, &replay, &segment->head, &segment->end);
	if (r == -ENOENT)
		return false;
	if (r < 0)
		unreadable(&reading, r);
	if (segment->horizon_ms == INT64_MIN && segment->has_head)
		segment->horizon_ms = segment->head.horizon_ms;
	survey->segment_bytes += segment->bytes;
	if (segment->horizon_ms > survey->horizon_ms)
		survey->horizon_ms = segment->horizon_ms;
	return true;
}

/* Segments that should lie between two neighbours. */
static void look_between(struct survey *survey, const struct survey_segment *before,
			 const struct survey_segment *after)
{
	char path[SEGMENT_PATH_MAX], folder[4100];
	struct finding *finding;

	snprintf(folder, sizeof(folder), "%s/" SURVEY_JOURNAL, survey->state_dir);
	if (after->number <= before->number + 1)
		return;
	segment_path(path, folder, before->number + 1);
	finding = survey_add(survey, FOUND_MISSING, path);
	finding->segment = before->number + 1;
	if (after->number > before->number + 2)
		finding->last_segment = after->number - 1;
	if (before->has_head && after->has_head && before->damages == 0 &&
	    before->end.next_block < after->head.first_block) {
		finding->first_block = before->end.next_block;
		finding->last_block = after->head.first_block - 1;
	}
}

static size_t list_segments(struct survey *survey, const struct survey_names *names, const char *folder)
{
	char path[SEGMENT_PATH_MAX];
	size_t n = 0;

	for (size_t i = 0; i < names->n; i++) {
		uint64_t number = segment_number(names->list[i]);

		snprintf(path, sizeof(path), "%s/%s", folder, names->list[i]);
		if (number == 0) {
			/* The reserve for a full disk, and what is set aside. */
			survey->bytes += survey_size(path);
			survey_is_aside(survey, path);
			continue;
		}
		survey->segments[n++] = (struct survey_segment){ .number = number,
								 .first_ms = INT64_MAX,
								 .last_ms = INT64_MIN,
								 .written_ms = INT64_MIN,
								 .horizon_ms = INT64_MIN };
	}
	return n;
}

/* What is lost at an end of a segment, or with all of it, lies between events of its neighbours. */
static void look_around(struct survey *survey)
{
	for (size_t i = 0; i < survey->findings_len; i++) {
		struct finding *finding = &survey->findings[i];
		bool has_since = finding->since_ms != INT64_MIN;

		for (size_t k = 0; finding->segment != 0 && k < survey->segments_len; k++) {
			const struct survey_segment *segment = &survey->segments[k];

			if (segment->effects == 0)
				continue;
			if (segment->number < finding->segment && !has_since)
				finding->since_ms = segment->last_ms;
			if (segment->number > finding->segment && finding->until_ms == INT64_MIN)
				finding->until_ms = segment->first_ms;
		}
	}
}

void survey_segments(struct survey *survey)
{
	struct survey_names names;
	char folder[4100];
	size_t n, kept = 0;
	int r;

	snprintf(folder, sizeof(folder), "%s/" SURVEY_JOURNAL, survey->state_dir);
	r = survey_list(folder, &names);
	if (r < 0) {
		survey_unread(survey, FOUND_UNREADABLE, folder, r, NULL);
		return;
	}
	survey->segments = calloc(names.n + 1, sizeof(*survey->segments));
	survey->is_cut |= survey->segments == NULL;
	n = survey->segments == NULL ? 0 : list_segments(survey, &names, folder);
	survey_names_done(&names);
	for (size_t i = 0; i < n; i++) {
		struct survey_segment *segment = &survey->segments[kept];

		*segment = survey->segments[i];
		if (read_segment(survey, segment, i + 1 == n)) {
			if (kept > 0)
				look_between(survey, segment - 1, segment);
			kept++;
		}
	}
	survey->segments_len = kept;
	look_around(survey);
}
