/* SPDX-License-Identifier: MPL-2.0 */
/* See snapshot.h. */
#include "run/snapshot.h"

#include "run/zone_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* always, in force, the target's start, four authorities, and one to spare; and the definitions of the share */
#define STANDS_PER_CLASS (8 + DEFINITIONS_MAX)

static const struct place nowhere;

/* --- how classes stand --- */

static bool is_municipal(const struct class_info *class, int32_t day)
{
	bool municipal = true;

	for (size_t i = 0; i < class->authorities_len && class->authorities[i].from <= day; i++)
		municipal = class->authorities[i].is_municipal;
	return municipal;
}

static bool is_target(const struct class_info *class, const struct target_def *target, int32_t day)
{
	return class->is_target && !class->is_attendance && day >= class->in_force && day >= target->from &&
	       is_municipal(class, day);
}

static bool was_handed_over(const struct class_info *class)
{
	for (size_t i = 0; i < class->authorities_len; i++)
		if (!class->authorities[i].is_municipal)
			return true;
	return false;
}

static int add_group(struct ledger *ledger, const char *group, uint32_t *groups)
{
	int bit = standings_group(ledger->standings, group);

	if (bit < 0)
		return bit;
	*groups |= UINT32_C(1) << bit;
	return 0;
}

/* The groups an area file names, and the three that follow from the task itself. 0 or a negative errno. */
static int groups_of(struct ledger *ledger, const struct conf *conf, const struct class_info *class,
		     bool target, uint32_t *groups)
{
	int r = target ? add_group(ledger, "target", groups) : 0;

	for (size_t i = 0; i < conf->groups_len && r == 0; i++)
		if (class->groups >> i & 1)
			r = add_group(ledger, conf->groups[i].id, groups);
	if (r == 0 && class->wave > 0)
		r = add_group(ledger, "waves", groups);
	if (r == 0 && was_handed_over(class))
		r = add_group(ledger, "udk", groups);
	return r;
}

bool snapshot_is_in_group(const struct snapshot *s, uint32_t number, const char *group)
{
	const struct class_info *class = areas_class(s->areas, number);

	for (size_t i = 0; i < s->conf->groups_len; i++)
		if (class->groups >> i & 1 && strcmp(s->conf->groups[i].id, group) == 0)
			return true;
	return (strcmp(group, "target") == 0 && class->is_target && !class->is_attendance) ||
	       (strcmp(group, "waves") == 0 && class->wave > 0) ||
	       (strcmp(group, "udk") == 0 && was_handed_over(class));
}

/* A rule other than the shipped one goes with the contacts, among the groups. */
static int add_rule(struct ledger *ledger, const struct conf *conf, int32_t day, uint32_t *groups)
{
	const struct definition *d = definition_on(conf->definitions, conf->definitions_len, day);
	char word[SHARE_RULE_WORD];

	if (share_rule_is_same(&d->rule, &share_kl_2014))
		return 0;
	share_rule_print(&d->rule, word);
	return add_group(ledger, word, groups);
}

static const char *area_id(const struct areas *areas, const struct class_info *class)
{
	return class->area < areas_len(areas) ? areas_def(areas, class->area)->id : "unclassified";
}

static int by_day(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* The days on which something about the class changes, sorted, INT32_MIN first. */
static size_t days_of(const struct class_info *class, const struct target_def *target, const struct conf *conf,
		      int32_t *days)
{
	size_t n = 0, kept = 1;

	days[n++] = INT32_MIN;
	days[n++] = class->in_force;
	days[n++] = target->from;
	for (size_t i = 0; i < class->authorities_len; i++)
		days[n++] = class->authorities[i].from;
	for (size_t i = 1; i < conf->definitions_len; i++)
		days[n++] = conf->definitions[i].from;
	qsort(days, n, sizeof(*days), by_day);
	for (size_t i = 1; i < n; i++)
		if (days[i] != days[kept - 1] && days[i] != INT32_MAX)
			days[kept++] = days[i];
	return kept;
}

/* What is counted apart for a method stands in a group of its own. */
static int add_method(struct ledger *ledger, const struct conf *conf, int method, uint32_t *groups)
{
	char group[64];

	if (method == 0)
		return 0;
	snprintf(group, sizeof(group), STANDING_APART "%s", conf->methods[method - 1]);
	return add_group(ledger, group, groups);
}

static int add_stands(struct snapshot *s, struct ledger *ledger, uint32_t number, int method)
{
	const struct class_info *class = areas_class(s->areas, number);
	size_t at = (size_t)method * areas_classes(s->areas) + number;
	struct stand *stands = s->stands + at * STANDS_PER_CLASS;
	int32_t days[STANDS_PER_CLASS];
	size_t n = days_of(class, &s->targets->main->item.def, s->conf, days);

	for (size_t i = 0; i < n; i++) {
		bool target = is_target(class, &s->targets->main->item.def, days[i]);
		uint32_t groups = 0;
		int r = groups_of(ledger, s->conf, class, target, &groups);

		if (r == 0)
			r = add_method(ledger, s->conf, method, &groups);
		if (r == 0)
			r = add_rule(ledger, s->conf, days[i], &groups);
		if (r == 0)
			r = standings_intern(ledger->standings, area_id(s->areas, class), class->label,
					     groups, is_municipal(class, days[i]), target);
		if (r < 0)
			return r;
		stands[i] = (struct stand){ days[i], (uint16_t)r };
	}
	s->classes[at] = (struct class_stands){ stands, n };
	return 0;
}

static int stand_classes(struct snapshot *s, struct ledger *ledger, struct faults *faults)
{
	size_t n = areas_classes(s->areas), methods = 1 + s->conf->methods_len;

	s->classes = calloc(methods * n, sizeof(*s->classes));
	s->stands = calloc(methods * n * STANDS_PER_CLASS, sizeof(*s->stands));
	if (s->classes == NULL || s->stands == NULL)
		return fault_add(faults, nowhere, NULL, "out of memory");
	for (size_t i = 0; i < methods * n; i++)
		if (add_stands(s, ledger, (uint32_t)(i % n), (int)(i / n)) < 0)
			return fault_add(faults, nowhere, "restart effortd, or use fewer tasks",
					 "more tasks and groups than this process can number (%d)",
					 STANDINGS_MAX);
	return 0;
}

uint16_t snapshot_standing(const struct snapshot *s, uint32_t class, int32_t day, int method)
{
	const struct class_stands *stands = &s->classes[(size_t)method * areas_classes(s->areas) + class];
	size_t i = stands->len - 1;

	while (i > 0 && stands->stands[i].from > day)
		i--;
	return stands->stands[i].standing;
}

static int method_of(const struct conf *conf, const char *method)
{
	for (size_t i = 0; i < conf->methods_len; i++)
		if (strcmp(conf->methods[i], method) == 0)
			return (int)i + 1;
	return -1;
}

static int32_t definition_end(const struct conf *conf, const struct definition *d)
{
	return d + 1 < conf->definitions + conf->definitions_len ? d[1].from : INT32_MAX;
}

uint16_t snapshot_ruled_on(const struct snapshot *s, struct ledger *ledger, uint16_t standing, int32_t day,
			   int32_t *ret_until)
{
	const struct standing *known = standings_get(ledger->standings, standing);
	const char *area = standings_area(ledger->standings, known->area);
	const char *task = standings_task(ledger->standings, known->task) + strlen(area) + 1;
	uint32_t groups = known->shown;
	int r;

	*ret_until = definition_end(s->conf, definition_on(s->conf->definitions, s->conf->definitions_len, day));
	r = add_rule(ledger, s->conf, day, &groups);
	if (r == 0)
		r = standings_intern(ledger->standings, area, task, groups, known->is_municipal, known->is_target);
	return r < 0 ? standing : (uint16_t)r;
}

/* What is counted apart stays with its method, or as it is when the configuration has it no more. */
uint16_t snapshot_standing_on(const struct snapshot *s, struct ledger *ledger, uint16_t standing, int32_t day)
{
	const struct standings *standings = ledger->standings;
	const struct standing *known = standings_get(standings, standing);
	int32_t until;
	int method = known->apart == 0 ? 0 : method_of(s->conf, standings_method(standings, known));

	for (uint32_t class = 0; method >= 0 && class < areas_classes(s->areas); class++)
		if (standings_get(standings, s->classes[class].stands[0].standing)->task == known->task)
			return snapshot_standing(s, class, day, method);
	return snapshot_ruled_on(s, ledger, standing, day, &until);
}

enum cell_hours snapshot_hours(const struct snapshot *s, const struct effort_event *ev, uint16_t municipality)
{
	static const enum cell_hours hours[] = { [REFERENCE_HOURS_UNKNOWN] = CELL_HOURS_UNKNOWN,
						 [REFERENCE_OPEN] = CELL_OPEN,
						 [REFERENCE_CLOSED] = CELL_CLOSED };
	const struct reference *reference = s->hours[municipality];

	if (reference == NULL || ev->direction != EFFORT_IN || ev->population > EFFORT_BUSINESS)
		return CELL_HOURS_UNKNOWN;
	return hours[reference_open(reference, ev->channel, ev->unit, ev->day, zone_minute(&s->zone, ev->time_ms))];
}

/* --- municipalities and what the store shows --- */

static const struct reference *with_hours(const struct reference *reference)
{
	return reference != NULL && reference->hours_len > 0 ? reference : NULL;
}

static int number_municipalities(struct snapshot *s, struct ledger *ledger, struct faults *faults)
{
	for (size_t i = 0; i < s->conf->municipalities_len; i++) {
		int index = ledger_municipality(ledger, s->conf->municipalities[i].code);

		if (index < 0)
			return fault_add(faults, nowhere, NULL, "more than %d municipalities",
					 CELL_MUNICIPALITIES);
		s->municipality[atoi(s->conf->municipalities[i].code)] = (uint16_t)(index + 1);
		s->hours[index] = with_hours(conf_reference(s->conf, s->conf->municipalities[i].code));
	}
	return 0;
}

static int view_municipalities(struct snapshot *s, const struct ledger *ledger)
{
	const char **lists = calloc(ledger->codes_len * 2 + 1, sizeof(*lists));

	if (lists == NULL)
		return -ENOMEM;
	s->view_memory[0] = lists;
	for (size_t i = 0; i < ledger->codes_len; i++)
		lists[i] = lists[ledger->codes_len + i] = ledger->codes[i];
	for (size_t i = 0; i < s->conf->municipalities_len; i++)
		lists[ledger->codes_len + s->municipality[atoi(s->conf->municipalities[i].code)] - 1] =
			s->conf->municipalities[i].name;
	s->view.municipalities_len = ledger->codes_len;
	s->view.codes = lists;
	s->view.municipality_names = lists + ledger->codes_len;
	return 0;
}

static int view_tasks(struct snapshot *s, struct faults *faults)
{
	size_t n = areas_classes(s->areas), kept = 0;
	struct store_task *tasks = calloc(n, sizeof(*tasks));
	char(*ids)[128] = calloc(n, sizeof(*ids));

	s->view_memory[1] = tasks;
	s->view_memory[2] = ids;
	if (tasks == NULL || ids == NULL)
		return fault_add(faults, nowhere, NULL, "out of memory");
	for (uint32_t i = 0; i < n; i++) {
		const struct class_info *class = areas_class(s->areas, i);

		snprintf(ids[kept], sizeof(*ids), "%s/%s", area_id(s->areas, class), class->label);
		tasks[kept] = (struct store_task){ ids[kept], class->name_da, class->name_en };
		kept++;
	}
	s->view.tasks = tasks;
	s->view.tasks_len = kept;
	return 0;
}

static int make_view(struct snapshot *s, const struct ledger *ledger, struct faults *faults)
{
	const struct conf *conf = s->conf;

	s->view = (struct store_view){ .zone = &s->zone,
				       .tasks = s->view.tasks,
				       .tasks_len = s->view.tasks_len,
				       .areas = conf->areas,
				       .areas_len = conf->areas_len,
				       .groups = conf->groups,
				       .groups_len = conf->groups_len,
				       .target_id = conf->main_target->id,
				       .target_steps = s->targets->main->item.steps,
				       .target_steps_len = s->targets->main->item.def.steps_len,
				       .target_from = s->targets->main->item.def.from,
				       .definition = conf->definitions[0].id,
				       .definitions = conf->definitions,
				       .definitions_len = conf->definitions_len };
	if (view_municipalities(s, ledger) < 0)
		return fault_add(faults, nowhere, NULL, "out of memory");
	return 0;
}

/* --- the whole --- */

static int set_targets(struct snapshot *s, const struct snapshot_settings *settings, struct faults *faults)
{
	s->targets = target_set_new(s, settings->book, zone_day(&s->zone, settings->now_ms), faults);
	return s->targets == NULL ? -EINVAL : 0;
}

/* Contacts may be a little ahead of the clock; what they were counted under is in force too. */
static int judge_definitions(struct snapshot *s, const struct ledger *ledger, const struct snapshot_settings *settings,
			     struct faults *faults)
{
	int32_t today = zone_day(&s->zone, settings->now_ms), ahead = 0;

	if (settings->definitions == NULL)
		return 0;
	if (s->conf->future_limit_ms != CONF_NEVER)
		ahead = zone_day(&s->zone, settings->now_ms + s->conf->future_limit_ms) - today;
	return definition_book_judge(settings->definitions, s->conf, today, ledger->codes_len > 0, ahead, faults);
}

static bool is_listed(const char *const *list, const char *id)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, id) == 0)
			return true;
	return false;
}

/* Areas whose plugin has crashed too often start disabled: their events are unclassified. */
static uint64_t disabled_areas(const struct conf *conf, const char *const *disabled)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < conf->areas_len && i < AREA_MAX; i++)
		if (is_listed(disabled, conf->areas[i].id))
			bits |= UINT64_C(1) << i;
	return bits;
}

static int load_areas(struct snapshot *s, const char *copies_dir, const char *const *disabled,
		      struct faults *faults)
{
	const struct conf *conf = s->conf;
	struct areas_limits limits = { .batch_budget_us = conf->plugin_budget_us,
				       .slow_batches = conf->plugin_slow_batches,
				       .breaker_ms = conf->plugin_breaker_ms,
				       .disabled = disabled_areas(conf, disabled) };

	s->areas = areas_new(conf->areas, conf->areas_len, conf->groups, conf->groups_len, copies_dir,
			     &limits, faults);
	return s->areas == NULL ? -EINVAL : 0;
}

struct snapshot *snapshot_new(struct conf *conf, struct ledger *ledger, const struct snapshot_settings *settings,
			      struct faults *faults)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	struct error error;
	int r;

	if (s == NULL) {
		conf_free(conf);
		fault_add(faults, nowhere, NULL, "out of memory");
		return NULL;
	}
	s->conf = conf;
	r = zone_load(conf->timezone, &s->zone, &error);
	if (r < 0)
		fault_add(faults, conf_place(conf, "timezone"),
			  "install the package tzdata, or name a zone of it: Europe/Copenhagen", "%s",
			  error.text);
	/* Before the ledger numbers the municipalities of the configuration: those it has, have been counted. */
	if (load_areas(s, settings->copies_dir, settings->disabled, faults) < 0 || r < 0 ||
	    judge_definitions(s, ledger, settings, faults) < 0 || number_municipalities(s, ledger, faults) < 0 ||
	    view_tasks(s, faults) < 0 || set_targets(s, settings, faults) < 0 || stand_classes(s, ledger, faults) < 0 ||
	    make_view(s, ledger, faults) < 0) {
		snapshot_free(s);
		return NULL;
	}
	return s;
}

void snapshot_free(struct snapshot *s)
{
	if (s == NULL)
		return;
	target_set_free(s->targets);
	areas_free(s->areas);
	conf_free(s->conf);
	free(s->classes);
	free(s->stands);
	for (size_t i = 0; i < sizeof(s->view_memory) / sizeof(s->view_memory[0]); i++)
		free(s->view_memory[i]);
	free(s);
}
