/* SPDX-License-Identifier: MPL-2.0 */
/* See target_follow.h. */
#include "run/target_follow.h"

#include "run/silence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BREAKS_MAX  64
#define SUFFIX_SIZE (sizeof("target:") + AREA_NAME_MAX)

static bool is_for(const struct target_def *def, const struct look *look)
{
	return def->municipality == NULL || strcmp(def->municipality, look->code) == 0;
}

/* A new definition begins at midnight: until then the numbers of the old one stand. So they do while its area is disabled. */
static bool is_waiting(const struct target_entry *entry, const struct look *look)
{
	return entry->is_away || (entry->item.since != INT32_MIN && entry->item.since > look->today);
}

void target_follow_want(void *ctx, struct look *look)
{
	const struct target_set *set = look->snapshot->targets;

	(void)ctx;
	for (size_t i = 0; i < set->n; i++) {
		const struct target_item *item = &set->list[i].item;
		struct target_days days;

		if (!is_for(&item->def, look) || is_waiting(&set->list[i], look))
			continue;
		days = target_days(&item->def, item->since, look->today);
		if (days.reason != TARGET_FINE)
			continue;
		look_want(look, days.first, days.end);
		look_want(look, days.baseline_first, days.baseline_end);
	}
}

/* --- breaks: what makes the numbers of a period differ from those before --- */

struct brk {
	int32_t day;
	const char *what, *task; /* task: NULL or "<area>/<task>" */
};

struct breaks {
	struct brk list[BREAKS_MAX];
	size_t n;
};

static void add_break(struct breaks *breaks, int32_t day, const char *what, const char *task)
{
	if (breaks->n < BREAKS_MAX)
		breaks->list[breaks->n++] = (struct brk){ day, what, task };
}

static int by_day(const void *a, const void *b)
{
	const struct brk *x = a, *y = b;

	return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : strcmp(x->what, y->what);
}

/* first < day < end: what happened on the first day is how the period began. */
static void find_breaks(const struct target_entry *entry, const struct snapshot *s, int32_t first, int32_t end,
			struct breaks *breaks)
{
	const struct target_item *item = &entry->item;

	if (item->since != INT32_MIN && item->since >= first && item->since < end)
		add_break(breaks, item->since, "definition", NULL);
	for (size_t i = 1; i < item->def.steps_len; i++)
		if (item->steps[i].from > first && item->steps[i].from < end)
			add_break(breaks, item->steps[i].from, "value", NULL);
	for (size_t i = 1; i < s->conf->definitions_len; i++)
		if (s->conf->definitions[i].from > first && s->conf->definitions[i].from < end)
			add_break(breaks, s->conf->definitions[i].from, "share", NULL);
	for (size_t i = 0; i < entry->tasks.tasks_len; i++) {
		const struct class_info *class = areas_class(s->areas, entry->tasks.classes[i]);

		for (size_t j = 0; j < class->authorities_len; j++)
			if (class->authorities[j].from > first && class->authorities[j].from < end)
				add_break(breaks, class->authorities[j].from, "authority", entry->tasks.tasks[i]);
	}
	qsort(breaks->list, breaks->n, sizeof(breaks->list[0]), by_day);
}

/* "2026-07-01:value,2026-10-01:authority:school/transport" */
static void put_breaks(struct sheet *sheet, const struct breaks *breaks)
{
	struct text t;

	if (breaks->n == 0)
		return;
	text_init(&t, SHEET_MAX);
	for (size_t i = 0; i < breaks->n; i++) {
		const struct brk *b = &breaks->list[i];

		text_printf(&t, "%s%s:%s", i > 0 ? "," : "", DAY_STR(b->day), b->what);
		if (b->task != NULL)
			text_printf(&t, ":%s", b->task);
	}
	if (!t.is_cut)
		sheet_put(sheet, "break", t.ptr);
	text_done(&t);
}

/* --- the sheet --- */

static void put_number(struct sheet *sheet, const char *name, const struct target_def *def, int64_t value)
{
	if (measure_is_share(def->measure))
		sheet_percent(sheet, name, value);
	else
		sheet_int(sheet, name, value);
}

static void put_definition(struct sheet *sheet, const struct target_def *def, const struct target_days *days,
			   const struct look *look)
{
	int32_t first = days->first < days->end ? days->first : look->today;
	int32_t end = days->first < days->end && days->end <= look->today ? days->end : look->today + 1;
	char definition[DEFINITION_NAMES];

	store_view_definition(&look->snapshot->view, first, end, definition);
	sheet_put(sheet, "id", def->id);
	sheet_put(sheet, "title_da", def->name_da);
	sheet_put(sheet, "title_en", def->name_en);
	sheet_put(sheet, "definition", definition);
	sheet_put(sheet, "measure", measure_name[def->measure]);
	sheet_put(sheet, "scope", def->scope);
	if (def->channel != NULL)
		sheet_put(sheet, "channel", def->channel);
	sheet_put(sheet, "comparator", comparator_sign[def->comparator]);
	sheet_put(sheet, "window", window_name[def->window]);
	sheet_date(sheet, "from", def->from);
	if (def->end != INT32_MAX)
		sheet_date(sheet, "to", def->end - 1);
	if (def->due != INT32_MAX)
		sheet_date(sheet, "due", def->due);
	sheet_int(sheet, "least_n", def->least_n);
	if (def->baseline.kind != AGAINST_NOTHING)
		sheet_put(sheet, "baseline", def->baseline.text);
}

static void put_next_value(struct sheet *sheet, const struct target_def *def, int32_t day)
{
	int32_t next = target_next_change(def->steps, def->steps_len, day);

	if (next == INT32_MAX)
		return;
	put_number(sheet, "next_value", def, target_value(def->steps, def->steps_len, next));
	sheet_date(sheet, "next_from", next);
}

static void put_numbers(struct sheet *sheet, const struct target_def *def, const struct target_state *state)
{
	bool is_share = measure_is_share(def->measure);

	if (!state->measured.has_value)
		return;
	put_number(sheet, "actual", def, state->actual);
	if (is_share) {
		sheet_int(sheet, "n", state->measured.n);
		sheet_int(sheet, "part", state->measured.part);
	}
	put_number(sheet, is_share ? "gap_pp" : "gap", def, state->gap);
	sheet_int(sheet, "move", state->move);
	if (state->add != TARGET_NONE)
		sheet_int(sheet, "add", state->add);
	if (state->measured.movable > 0)
		sheet_int(sheet, "movable", state->measured.movable);
	sheet_put(sheet, "met", state->is_met ? "1" : "0");
	if (state->pace != TARGET_NONE)
		sheet_int(sheet, "pace", state->pace);
	if (state->before == TARGET_NONE)
		return;
	put_number(sheet, "before", def, state->before);
	put_number(sheet, is_share ? "change_pp" : "change", def, state->actual - state->before);
}

static void put_period(struct sheet *sheet, const struct target_days *days)
{
	char label[PERIOD_LABEL];

	if (days->first >= days->end)
		return;
	period_label_days(days->first, days->end, label);
	sheet_put(sheet, "period", label);
	sheet_date(sheet, "first", days->first);
	sheet_date(sheet, "last", days->end - 1);
}

static void see_target(const struct target_entry *entry, struct look *look, struct sheet *sheet)
{
	const struct target_def *def = &entry->item.def;
	struct target_days days = target_days(def, entry->item.since, look->today);
	struct target_material material = { .is_whole = true };
	struct target_state state;
	struct breaks breaks = { .n = 0 };
	char missing[SILENCE_MAX];
	bool is_whole = true;

	if (days.reason == TARGET_FINE) {
		material.now = look_picture(look, days.first, days.end, &material.is_whole);
		material.baseline = look_picture(look, days.baseline_first, days.baseline_end, &is_whole);
		if (measure_is_reduction(def->measure))
			material.is_whole &= is_whole;
		else if (!is_whole)
			material.baseline = NULL;
		find_breaks(entry, look->snapshot, days.first, days.end < look->today + 1 ? days.end : look->today + 1, &breaks);
	}
	target_judge(def, &days, look->today, &entry->subject, &material, &state);
	put_definition(sheet, def, &days, look);
	put_number(sheet, "value", def, state.value);
	put_next_value(sheet, def, days.first < days.end ? days.first : look->today);
	put_period(sheet, &days);
	put_numbers(sheet, def, &state);
	sheet_put(sheet, "verdict", target_verdict_name[state.verdict]);
	if (state.reason != TARGET_FINE)
		sheet_put(sheet, "reason", target_reason_name[state.reason]);
	put_breaks(sheet, &breaks);
	silence_of(look->snapshot->conf, look->missing, def->scope, missing);
	sheet_put(sheet, "incomplete", missing[0] == '\0' ? "0" : "1");
	if (missing[0] != '\0')
		sheet_put(sheet, "missing", missing);
}

void target_follow_see(void *ctx, struct look *look)
{
	const struct target_set *set = look->snapshot->targets;

	(void)ctx;
	for (size_t i = 0; i < set->n; i++) {
		const struct target_item *item = &set->list[i].item;
		char suffix[SUFFIX_SIZE];
		struct sheet *sheet;

		if (!is_for(&item->def, look))
			continue;
		snprintf(suffix, sizeof(suffix), "target:%s", item->def.id);
		if (is_waiting(&set->list[i], look)) {
			look_keep(look, suffix);
			continue;
		}
		sheet = sheet_new(suffix);
		if (sheet != NULL)
			see_target(&set->list[i], look, sheet);
		look_put(look, sheet);
	}
}
