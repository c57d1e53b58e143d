/* SPDX-License-Identifier: MPL-2.0 */
/* See journal_survey.h: totals, id files, dead letters, and the writer. */
#include "ctl/journal_survey.h"

#include "domain/calendar.h"
#include "journal/ids.h"
#include "journal/totals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void unreadable(struct survey *survey, const char *path, int r)
{
	survey_unread(survey, FOUND_UNREADABLE, path, r, NULL);
}

static void reach(int32_t *first, int32_t *last, int32_t day)
{
	if (day < *first)
		*first = day;
	if (day > *last)
		*last = day;
}

/* ---- totals ---- */

/* "2026-11-21", or "names-2026-11" (the month's first day). */
static bool totals_name(const char *name, bool *ret_is_month, int32_t *ret_day)
{
	char day[16];

	*ret_is_month = strncmp(name, "names-", 6) == 0;
	if (!*ret_is_month)
		return day_parse(name, strlen(name), ret_day);
	if (strlen(name) != 13)
		return false;
	snprintf(day, sizeof(day), "%s-01", name + 6);
	return day_parse(day, strlen(day), ret_day);
}

/* 0, or a negative errno with its text. */
static int read_totals(const char *path, bool is_thorough, uint64_t *ret_segment, struct error *reterr)
{
	struct totals *totals = totals_new();
	int r;

	if (totals == NULL)
		return -ENOMEM;
	if (is_thorough)
		r = totals_read(totals, &disk_real, path, INT32_MIN, ret_segment, reterr);
	else
		r = totals_read_positions(totals, &disk_real, path, ret_segment, reterr);
	totals_free(totals);
	return r;
}

/* "2026-11-21.damaged", "names-2026-11.damaged-2". */
static bool is_lost(const char *name)
{
	const char *tail = strstr(name, ".damaged");
	bool is_month;
	int32_t day;
	char base[32];

	if (tail == NULL || (size_t)(tail - name) >= sizeof(base))
		return false;
	snprintf(base, sizeof(base), "%.*s", (int)(tail - name), name);
	return totals_name(base, &is_month, &day);
}

static void look_at_totals(struct survey *survey, struct survey_totals *totals, const char *path,
			   const char *name, bool is_thorough)
{
	struct error err = { "" };
	uint64_t segment = 0;
	bool is_month;
	int32_t day;
	int r;

	if (is_lost(name)) {
		survey_add(survey, FOUND_LOST_TOTALS, path);
		return;
	}
	if (survey_is_aside(survey, path) || !totals_name(name, &is_month, &day))
		return;
	r = read_totals(path, is_thorough, &segment, &err);
	if (r == -ENOENT)
		return;
	totals->bytes += survey_size(path);
	*(is_month ? &totals->months : &totals->days) += 1;
	reach(is_month ? &totals->first_month : &totals->first_day,
	      is_month ? &totals->last_month : &totals->last_day, day);
	if (segment > totals->last_segment)
		totals->last_segment = segment;
	if (r < 0)
		survey_unread(survey, is_month ? FOUND_MONTH : FOUND_DAY, path, r, r == -EBADMSG ? err.text : NULL);
}

static void look_at_writer_totals(struct survey *survey, struct survey_totals *totals, const char *folder,
				  bool is_thorough)
{
	struct survey_names names;
	char path[4800];
	int r = survey_list(folder, &names);

	if (r < 0)
		unreadable(survey, folder, r);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names.list[i]);
		look_at_totals(survey, totals, path, names.list[i], is_thorough);
	}
	survey_names_done(&names);
}

void survey_totals(struct survey *survey, bool is_thorough)
{
	struct survey_names names;
	char folder[4500];
	int r;

	snprintf(folder, sizeof(folder), "%s/" SURVEY_TOTALS, survey->state_dir);
	r = survey_list(folder, &names);
	if (r < 0)
		unreadable(survey, folder, r);
	survey->totals = r < 0 ? NULL : calloc(names.n + 1, sizeof(*survey->totals));
	survey->is_cut |= r == 0 && survey->totals == NULL;
	for (size_t i = 0; survey->totals != NULL && i < names.n; i++) {
		struct survey_totals *totals = &survey->totals[survey->totals_len];

		if (strlen(names.list[i]) >= sizeof(totals->writer))
			continue;
		*totals = (struct survey_totals){ .first_day = INT32_MAX,
						  .last_day = INT32_MIN,
						  .first_month = INT32_MAX,
						  .last_month = INT32_MIN };
		strcpy(totals->writer, names.list[i]);
		snprintf(folder, sizeof(folder), "%s/" SURVEY_TOTALS "/%s", survey->state_dir, names.list[i]);
		look_at_writer_totals(survey, totals, folder, is_thorough);
		survey->totals_len++;
	}
	survey_names_done(&names);
}

/* ---- ids ---- */

static int pass(void *ctx, uint64_t id, uint32_t content)
{
	(void)ctx, (void)id, (void)content;
	return 0;
}

static void look_at_ids(struct survey *survey, const char *path, int32_t day, bool is_thorough)
{
	struct error err = { "" };
	struct ids *ids = ids_open(&disk_real, path, &err);
	int r = 0;

	if (ids == NULL && access(path, F_OK) != 0)
		return;
	survey->ids.files++;
	survey->ids.bytes += survey_size(path);
	reach(&survey->ids.first_day, &survey->ids.last_day, day);
	if (ids != NULL) {
		survey->ids.ids += ids_len(ids);
		r = is_thorough ? ids_each(ids, pass, NULL) : 0;
		ids_close(ids);
		if (r < 0)
			snprintf(err.text, sizeof(err.text), "%s", r == -EBADMSG ? "checksum" : strerror(-r));
	}
	if (ids == NULL || r < 0)
		snprintf(survey_add(survey, FOUND_IDS, path)->detail, 200, "%.199s", err.text);
}

void survey_ids(struct survey *survey, bool is_thorough)
{
	struct survey_names names;
	char folder[4100], path[4500];
	uint64_t segment;
	int32_t day;
	int r;

	snprintf(folder, sizeof(folder), "%s/" SURVEY_IDS, survey->state_dir);
	r = survey_list(folder, &names);
	if (r < 0)
		unreadable(survey, folder, r);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names.list[i]);
		if (!survey_is_aside(survey, path) && ids_name(names.list[i], &day, &segment))
			look_at_ids(survey, path, day, is_thorough);
	}
	survey_names_done(&names);
}

/* ---- dead letters ---- */

void survey_deadletters(struct survey *survey)
{
	struct survey_names names;
	char folder[4100], path[4500];

	snprintf(folder, sizeof(folder), "%s/" SURVEY_DEADLETTERS, survey->state_dir);
	if (survey_list(folder, &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names.list[i]);
		survey->deadletter_files++;
		survey->deadletter_bytes += survey_size(path);
	}
	survey_names_done(&names);
}

/* ---- the writer ---- */

/* A disk on which one file cannot be seen: shows what the other copy alone says. */
static int open_but_one(void *ctx, const char *path, enum disk_open how)
{
	const char *name = strrchr(path, '/');

	if (name != NULL && strcmp(name + 1, ctx) == 0)
		return -ENOENT;
	return disk_real.open(disk_real.ctx, path, how);
}

static bool is_whole(struct identity *identity, const char *folder, char *other)
{
	struct disk disk = disk_real;
	const char *damage = NULL;
	bool is_new = false;

	disk.ctx = other;
	disk.open = open_but_one;
	return identity_read(identity, &disk, folder, &is_new, &damage) == 0 && !is_new;
}

void survey_writer(struct survey *survey)
{
	char name[] = "writer", copy[] = "writer.copy", folder[4100], path[4200], copy_path[4200];
	struct identity *identity = calloc(1, sizeof(*identity));
	bool has_copy, has_first;

	if (identity == NULL) {
		survey->is_cut = true;
		return;
	}
	snprintf(folder, sizeof(folder), "%s/" SURVEY_JOURNAL, survey->state_dir);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(copy_path, sizeof(copy_path), "%s/%s", folder, copy);
	has_copy = is_whole(identity, folder, name);
	has_first = is_whole(identity, folder, copy);
	if (!has_first && has_copy)
		is_whole(identity, folder, name);
	if (has_first || has_copy)
		survey->identity = identity;
	else
		free(identity);
	if (has_first && has_copy)
		return;
	if (has_first || has_copy)
		survey_add(survey, FOUND_WRITER_COPY, has_first ? copy_path : path);
	else
		survey_add(survey, FOUND_WRITER, path);
}
