/* SPDX-License-Identifier: MPL-2.0 */
/* See journal_survey.h: what is remembered beside totals and ids. Bookings (what an id was counted for), errands and
 * meters (their records), what has been in force or silent, and what Redis lacked of what was folded. */
#include "ctl/journal_survey.h"

#include "journal/bookings.h"
#include "journal/errands.h"
#include "journal/unsent.h"
#include "journal/word_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void look_at_bookings(struct survey *survey, bool is_thorough)
{
	struct survey_names names;
	char folder[4100], path[4500];
	int r;

	snprintf(folder, sizeof(folder), "%s/" SURVEY_BOOKINGS, survey->state_dir);
	r = survey_list(folder, &names);
	if (r < 0)
		survey_unread(survey, FOUND_UNREADABLE, folder, r, NULL);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		int found;

		snprintf(path, sizeof(path), "%s/%s", folder, names.list[i]);
		if (survey_is_aside(survey, path))
			continue;
		survey->memory_bytes += survey_size(path);
		found = bookings_check(&disk_real, folder, names.list[i], is_thorough);
		/* Joined with others meanwhile. */
		if (found < 0 && found != -ENOENT)
			survey_unread(survey, FOUND_BOOKINGS, path, found, NULL);
	}
	survey_names_done(&names);
}

static void look_at_errands(struct survey *survey, const char *name)
{
	struct errands *errands;
	char path[4100];
	uint64_t segment;
	int r;

	snprintf(path, sizeof(path), "%s/%s", survey->state_dir, name);
	r = errands_read(&disk_real, path, &errands, &segment);
	if (r == 0)
		errands_free(errands);
	else if (r != -ENOENT)
		survey_unread(survey, FOUND_ERRANDS, path, r, NULL);
	survey->memory_bytes += survey_size(path);
}

static void look_at_lines(struct survey *survey, const struct word_lines *form, enum finding_kind kind)
{
	char path[4100], *lines = NULL;
	bool is_checked;
	int r;

	snprintf(path, sizeof(path), "%s/%s", survey->state_dir, form->name);
	r = word_lines_load(form, &disk_real, path, &lines, &is_checked);
	free(lines);
	if (r < 0 && r != -ENOENT)
		survey_unread(survey, kind, path, r, NULL);
	survey->memory_bytes += survey_size(path);
}

static void look_at_unsent(struct survey *survey, const char *writer)
{
	struct error err = { "" };
	struct unsent unsent;
	char folder[4200], path[4300];
	int r = unsent_init(&unsent);

	snprintf(folder, sizeof(folder), "%s/" SURVEY_TOTALS "/%s", survey->state_dir, writer);
	snprintf(path, sizeof(path), "%s/" SURVEY_UNSENT, folder);
	if (r == 0)
		r = unsent_read(&unsent, &disk_real, folder, &err);
	unsent_done(&unsent);
	if (r < 0 && r != -ENOENT)
		survey_unread(survey, FOUND_UNSENT, path, r, err.text);
	survey->memory_bytes += survey_size(path);
}

void survey_memory(struct survey *survey, bool is_thorough)
{
	look_at_bookings(survey, is_thorough);
	look_at_errands(survey, SURVEY_ERRANDS);
	look_at_errands(survey, SURVEY_METERS);
	look_at_lines(survey, &word_lines_targets, FOUND_TARGETS);
	look_at_lines(survey, &word_lines_definitions, FOUND_DEFINITIONS);
	look_at_lines(survey, &word_lines_silences, FOUND_SILENCES);
	for (size_t i = 0; i < survey->totals_len; i++)
		look_at_unsent(survey, survey->totals[i].writer);
}
