/* SPDX-License-Identifier: MPL-2.0 */
/* See encode.h. */
#include "store/encode.h"

#include <string.h>

enum { FLAG_TARGET = 1, FLAG_RUNNING = 2, FLAG_ENDED = 4 };

void scene_set(struct scene *scene, int64_t now_ms)
{
	int32_t today = zone_day(scene->view->zone, now_ms);

	scene->now_ms = now_ms;
	for (int w = 0; w < WINDOWS; w++)
		scene->running[w] = period_of((enum window)w, today);
}

const char *scene_code(const struct scene *scene, uint16_t municipality)
{
	return municipality < scene->view->municipalities_len ? scene->view->codes[municipality] : "dk";
}

void scene_label(struct period period, char label[PERIOD_LABEL])
{
	char text[PERIOD_LABEL];

	period_label(period, text);
	memcpy(label, strchr(text, ':') + 1, strlen(strchr(text, ':') + 1) + 1);
}

size_t scene_areas(const struct scene *scene, struct command *command)
{
	const struct store_view *view = scene->view;
	bool has_unclassified = false;

	for (size_t i = 0; i < view->areas_len; i++) {
		command_puts(command, view->areas[i].id);
		has_unclassified |= strcmp(view->areas[i].id, "unclassified") == 0;
	}
	if (!has_unclassified)
		command_puts(command, "unclassified");
	return view->areas_len + !has_unclassified;
}

static void begin(struct command *command, const char *function)
{
	command_clear(command);
	command_puts(command, "FCALL");
	command_puts(command, function);
}

static void window_key(struct command *command, const struct scene *scene, const char *code, const char *kind,
		       int w, const char *label)
{
	command_printf(command, "%s{%s}:%s:%s%s%s", scene->prefix, code, kind, window_name[w],
		       label ? ":" : "", label ? label : "");
}

static void cell_keys(struct command *command, const struct scene *scene, const char *code, int32_t day)
{
	struct date date = date_of_day(day);

	command_printf(command, "%s{%s}:d:%04d-%02d-%02d", scene->prefix, code, date.year, date.month,
		       date.day);
	command_printf(command, "%s{%s}:m:%04d-%02d", scene->prefix, code, date.year, date.month);
	command_printf(command, "%s{%s}:y:%04d", scene->prefix, code, date.year);
}

/* A period is under the target when its last day is. */
static bool is_under_target(const struct scene *scene, struct period period)
{
	return scene->view->target_id && scene->view->target_bp >= 0 && period.end > scene->view->target_from;
}

void encode_once_per_hash(struct command *command, const struct scene *scene)
{
	command_int(command, scene->now_ms);
	command_int(command, scene->lag_ms > 0 ? (scene->lag_ms + 999) / 1000 : 0);
	command_puts(command, scene->missing);
	command_puts(command, scene->view->definition ? scene->view->definition : "");
	command_puts(command, scene->view->target_id ? scene->view->target_id : "");
	command_int(command, scene->view->target_id ? scene->view->target_bp : -1);
}

void encode_window(struct command *command, const struct scene *scene, struct period period,
		   const char *label, bool is_running)
{
	int64_t to_ms = zone_midnight_ms(scene->view->zone, period.end);

	command_puts(command, label);
	command_int(command, zone_midnight_ms(scene->view->zone, period.first));
	command_int(command, to_ms);
	command_int(command, (is_under_target(scene, period) ? FLAG_TARGET : 0) |
				     (is_running ? FLAG_RUNNING : 0) |
				     (to_ms <= scene->now_ms ? FLAG_ENDED : 0));
}

/* Days before the target stands count nothing towards it. */
#define TARGET_SUMS                                                                                          \
	(UINT32_C(1) << SUM_TARGET_N | UINT32_C(1) << SUM_TARGET_SELF | UINT32_C(1) << SUM_MOVABLE)

static void scopes_args(struct command *command, const struct scene *scene, int32_t day,
			const struct spread_scope *scopes, size_t n)
{
	bool has_target = scene->view->target_id && day >= scene->view->target_from;

	command_int(command, (int64_t)n);
	for (size_t i = 0; i < n; i++) {
		uint32_t changed = has_target ? scopes[i].changed : scopes[i].changed & ~TARGET_SUMS;
		bool is_area = !scopes[i].is_group && strcmp(scopes[i].name, "all") != 0;

		if (scopes[i].is_group)
			command_printf(command, "group:%s", scopes[i].name);
		else
			command_puts(command, scopes[i].name);
		command_puts(command, is_area ? "a" : "-");
		command_int(command, __builtin_popcount(changed));
		for (; changed; changed &= changed - 1) {
			int sum = __builtin_ctz(changed);

			command_int(command, sum);
			command_int(command, scopes[i].sums[sum]);
		}
	}
}

static void group_keys(struct command *command, const struct scene *scene, const struct spread_group *group,
		       char labels[WINDOWS][PERIOD_LABEL])
{
	const char *code = scene_code(scene, group->municipality);
	struct period period[WINDOWS];
	int running = 0;

	for (int w = 0; w < WINDOWS; w++) {
		period[w] = period_of((enum window)w, group->day);
		scene_label(period[w], labels[w]);
		running += period[w].first == scene->running[w].first;
	}
	command_int(command, 3 + 2 * WINDOWS + 3 * running);
	cell_keys(command, scene, code, group->day);
	for (int w = 0; w < WINDOWS; w++)
		window_key(command, scene, code, "share", w, labels[w]);
	for (int w = 0; w < WINDOWS; w++)
		window_key(command, scene, code, "tasks", w, labels[w]);
	for (int w = 0; w < WINDOWS; w++) {
		if (period[w].first != scene->running[w].first)
			continue;
		window_key(command, scene, code, "share", w, NULL);
		window_key(command, scene, code, "tasks", w, NULL);
		window_key(command, scene, code, "rank", w, NULL);
	}
}

void encode_group(struct command *command, const struct scene *scene, const struct spread_group *group,
		  uint64_t position)
{
	char labels[WINDOWS][PERIOD_LABEL];

	begin(command, "effort_apply");
	group_keys(command, scene, group, labels);
	command_printf(command, "_w:%s", scene->writer);
	command_int(command, (int64_t)position);
	encode_once_per_hash(command, scene);
	command_puts(command, group->municipality == CELL_COUNTRY ? "0" : "1");
	for (int w = 0; w < WINDOWS; w++) {
		struct period period = period_of((enum window)w, group->day);

		encode_window(command, scene, period, labels[w], period.first == scene->running[w].first);
	}
	command_int(command, group->contacts);
	command_int(command, (int64_t)group->cells_len);
	for (size_t i = 0; i < group->cells_len; i++) {
		command_puts(command, group->cells[i].field);
		command_int(command, group->cells[i].amount);
	}
	scopes_args(command, scene, group->day, group->scopes, group->scopes_len);
	scopes_args(command, scene, group->day, group->tasks, group->tasks_len);
}

static void encode_reasons(struct command *command, const struct scene *scene,
			   const struct encode_name *names, size_t n, uint64_t position)
{
	begin(command, "effort_cells");
	command_int(command, 3);
	cell_keys(command, scene, scene_code(scene, names[0].municipality), names[0].period);
	command_printf(command, "_w:%s", scene->writer);
	command_int(command, (int64_t)position);
	for (size_t i = 0; i < n; i++) {
		command_printf(command, "reason:%.*s", (int)names[i].name_len, names[i].name);
		command_int(command, names[i].amount.contacts);
	}
}

void encode_names(struct command *command, const struct scene *scene, const struct encode_name *names,
		  size_t n, uint64_t position)
{
	const char *code = scene_code(scene, names[0].municipality);
	struct date date = date_of_day(names[0].period);
	bool is_source = names[0].dimension == BY_SOURCE;

	if (names[0].dimension == BY_REASON) {
		encode_reasons(command, scene, names, n, position);
		return;
	}
	begin(command, "effort_names");
	command_int(command, is_source ? 2 : 1);
	command_printf(command, "%s{%s}:by:%s:%04d-%02d", scene->prefix, code,
		       dimension_name[names[0].dimension], date.year, date.month);
	if (is_source)
		command_printf(command, "%s{%s}:sources", scene->prefix, code);
	command_printf(command, "_w:%s", scene->writer);
	command_int(command, (int64_t)position);
	command_int(command, (int64_t)scene->names_per_key);
	for (size_t i = 0; i < n; i++) {
		command_add(command, names[i].name, names[i].name_len);
		command_int(command, names[i].amount.contacts);
		command_int(command, names[i].amount.n);
		command_int(command, names[i].amount.self);
		command_int(command, names[i].last_ms);
	}
}
