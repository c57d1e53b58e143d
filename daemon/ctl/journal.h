/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal`: what its actions share. They work on the files of a state_dir, beside a running
 * effortd or without one, and only read; `repair --write` alone changes something, under effortd's own lock.
 */
#ifndef CTL_JOURNAL_H
#define CTL_JOURNAL_H

#include "count/tally.h"
#include "ctl/journal_survey.h"
#include "ctl/page.h"

struct journal_options {
	const char *segment, *limit, *totals;
	bool is_writing;
};

typedef int journal_action(struct ctl *, const char *state_dir, const struct journal_options *);

/* Each an enum ctl_exit. */
journal_action journal_info, journal_verify, journal_dump, journal_dump_totals, journal_repair;

/* What a finding is, what it costs, what effortd does about it and what people do: a paragraph each. */
void journal_tell(struct page *, struct ctl *, const struct finding *);
/* "findings":[...] with its key. */
void journal_tell_json(struct text *, const struct survey *);
/* survey_new(); CTL_OK, or told: CTL_NO_INPUT when there is no journal, CTL_INTERNAL. */
int journal_look(struct ctl *, const char *state_dir, bool is_thorough, struct survey **ret);
/* Puts the page out; CTL_OK or CTL_IO. Frees it. */
int journal_put(struct ctl *, struct page *);

/* "2026-11-21"; "-" for none (INT32_MIN, INT32_MAX). */
const char *journal_day(struct ctl *, int32_t day);
/* "2026-11-21T10:15:30.000Z", null when it is none. */
void journal_key_moment(struct text *, const char *name, int64_t ms);
void journal_key_day(struct text *, const char *name, int32_t day);
/* The words of a cell, apart from municipality, day and task. */
void journal_put_cell(struct text *, const struct cell *);

#endif
