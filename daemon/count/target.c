/* SPDX-License-Identifier: MPL-2.0 */
/* See target.h. */
#include "count/target.h"

#include "base/str.h"
#include "domain/share.h"
#include "event/vocab.h"

#include <stdio.h>

const char *const target_verdict_name[TARGET_VERDICTS] = {
	[TARGET_VERDICT_NOT_STARTED] = "not_started", [TARGET_VERDICT_TOO_EARLY] = "too_early",
	[TARGET_VERDICT_ON_TRACK] = "on_track",	      [TARGET_VERDICT_MET] = "met",
	[TARGET_VERDICT_MISSED] = "missed",
};

struct measured target_measure(enum measure measure, const struct target_subject *subject,
			       const struct picture *picture, const struct picture *baseline)
{
	struct measured m = measure_take(measure, &subject->scope, picture, baseline);

	for (size_t i = 0; i < subject->apart_len; i++) {
		const struct measure_scope task = { .scope = subject->apart[i], .channel = subject->scope.channel };
		struct measured apart = measure_take(measure, &task, picture, baseline);

		m.part -= apart.part;
		m.n -= apart.n;
	}
	if (measure_is_share(measure) && m.n <= 0)
		m.has_value = false;
	return m;
}

/* --- a baseline that is a number --- */

/* A picture in which the scope has so many contacts of the kind that should fall. NULL: no memory. */
static struct picture *picture_of_number(const struct target_def *def, const struct measure_scope *scope)
{
	bool is_information = def->measure == MEASURE_REDUCTION_INFORMATION;
	const char *kind = vocab_kind[is_information ? EFFORT_INFORMATION : EFFORT_TRANSACTION];
	const char *label = scope->tasks_len > 0 ? scope->tasks[0] : scope->scope;
	const char *channel = scope->channel == NULL ? "-" : scope->channel;
	struct picture *picture = picture_new();
	char fields[3][256];

	if (picture == NULL)
		return NULL;
	snprintf(fields[0], sizeof(fields[0]), "%s.%s", scope->scope, sum_name[is_information ? SUM_INFORMATION : SUM_N]);
	snprintf(fields[1], sizeof(fields[1]), "%s.ch.%s", scope->scope, channel);
	snprintf(fields[2], sizeof(fields[2]), "n:%s%s/%s/%s", label, strchr(label, '/') != NULL ? "" : "/-", channel, kind);
	for (int i = 0; i < 3; i++) {
		if (picture_add(picture, str_of(fields[i]), def->baseline.number) == 0)
			continue;
		picture_free(picture);
		return NULL;
	}
	return picture;
}

/* --- against the value --- */

static bool is_met(const struct target_def *def, const struct target_state *s)
{
	if (!measure_is_share(def->measure))
		return def->comparator == COMPARATOR_LEAST ? s->measured.part >= s->value : s->measured.part <= s->value;
	return def->comparator == COMPARATOR_LEAST ? measured_is_least(&s->measured, s->value) :
						     measured_is_most(&s->measured, s->value);
}

/* What of part is over T percent of n. */
static int64_t over(const struct measured *m, int64_t target_bp)
{
	struct measured rest = { true, m->n - m->part, m->n, 0 };

	return measured_move(&rest, 10000 - target_bp);
}

static void compare_share(const struct target_def *def, struct target_state *s)
{
	const struct measured *m = &s->measured;

	if (def->comparator == COMPARATOR_MOST) {
		s->actual = measured_basis_points_most(m, s->value);
		s->gap = s->value - s->actual;
		s->move = over(m, s->value);
		return;
	}
	s->actual = measured_basis_points(m, s->value);
	s->gap = s->actual - s->value;
	s->move = measured_move(m, s->value);
	s->add = measure_is_reduction(def->measure) ? TARGET_NONE : measured_add(m, s->value);
	if (s->add < 0)
		s->add = TARGET_NONE;
}

static void compare_volume(const struct target_def *def, struct target_state *s)
{
	s->actual = s->measured.part;
	s->gap = def->comparator == COMPARATOR_LEAST ? s->actual - s->value : s->value - s->actual;
	s->move = s->gap < 0 ? -s->gap : 0;
}

/* --- verdicts --- */

/* By the days gone: a plan of 60,000 a year is 30,000 at midsummer. */
static int64_t pace_of(const struct target_days *days, int32_t today, int64_t value)
{
	int64_t gone = today + 1 - days->first, all = days->end - days->first;

	if (gone > all)
		gone = all;
	return value / all * gone + value % all * gone / all;
}

static enum target_verdict judge_volume(const struct target_def *def, const struct target_days *days, int32_t today,
					struct target_state *s)
{
	bool is_least = def->comparator == COMPARATOR_LEAST;

	s->pace = pace_of(days, today, s->value);
	if (s->is_met && (is_least || days->is_over))
		return TARGET_VERDICT_MET;
	if (days->is_over || (!is_least && !s->is_met))
		return TARGET_VERDICT_MISSED;
	if (is_least ? s->actual >= s->pace : s->actual <= s->pace)
		return TARGET_VERDICT_ON_TRACK;
	return TARGET_VERDICT_TOO_EARLY;
}

static enum target_verdict judge_share(const struct target_def *def, int32_t today, const struct target_state *s)
{
	if (s->reason == TARGET_FEW)
		return TARGET_VERDICT_TOO_EARLY;
	if (s->is_met)
		return TARGET_VERDICT_MET;
	return def->due == INT32_MAX || today > def->due || today >= def->end ? TARGET_VERDICT_MISSED :
										  TARGET_VERDICT_ON_TRACK;
}

/* Why there is no number; TARGET_FINE: there is one. */
static enum target_reason take(const struct target_def *def, const struct target_subject *subject,
			       const struct target_material *material, struct measured *ret)
{
	struct picture *number = NULL;

	if (!material->is_whole)
		return TARGET_DAYS_GONE;
	if (measure_is_reduction(def->measure) && def->baseline.kind == AGAINST_NUMBER) {
		const struct target_subject whole = { .scope = subject->scope };

		number = picture_of_number(def, &subject->scope);
		if (number == NULL)
			return TARGET_NO_BASELINE;
		*ret = target_measure(def->measure, &whole, material->now, number);
		picture_free(number);
	} else {
		*ret = target_measure(def->measure, subject, material->now, material->baseline);
	}
	return ret->has_value ? TARGET_FINE : TARGET_NO_CONTACTS;
}

static void compare_before(const struct target_def *def, const struct target_subject *subject,
			   const struct target_material *material, struct target_state *s)
{
	struct measured before;

	if (measure_is_reduction(def->measure) || def->baseline.kind != AGAINST_DAYS || material->baseline == NULL)
		return;
	before = target_measure(def->measure, subject, material->baseline, NULL);
	if (before.has_value)
		s->before = measure_is_share(def->measure) ? measured_basis_points(&before, -1) : before.part;
}

void target_judge(const struct target_def *def, const struct target_days *days, int32_t today,
		  const struct target_subject *subject, const struct target_material *material,
		  struct target_state *ret)
{
	struct target_state s = { .reason = days->reason, .add = TARGET_NONE, .pace = TARGET_NONE, .before = TARGET_NONE };

	s.value = target_value(def->steps, def->steps_len, days->first < days->end ? days->first : today);
	s.verdict = days->reason == TARGET_NOT_STARTED ? TARGET_VERDICT_NOT_STARTED : TARGET_VERDICT_TOO_EARLY;
	if (s.reason == TARGET_FINE)
		s.reason = take(def, subject, material, &s.measured);
	if (s.reason != TARGET_FINE) {
		s.measured = (struct measured){ 0 };
		*ret = s;
		return;
	}
	s.is_met = is_met(def, &s);
	compare_before(def, subject, material, &s);
	if (measure_is_share(def->measure)) {
		compare_share(def, &s);
		if (s.measured.n < def->least_n)
			s.reason = TARGET_FEW;
		s.verdict = judge_share(def, today, &s);
	} else {
		compare_volume(def, &s);
		s.verdict = judge_volume(def, days, today, &s);
	}
	*ret = s;
}
