/* SPDX-License-Identifier: MPL-2.0 */
/* See encode.h. */
#include "store/encode.h"

#include <inttypes.h>
#include <string.h>

enum { FLAG_TARGET = 1, FLAG_RUNNING = 2, FLAG_ENDED = 4, FLAG_CELLS = 8, FLAG_TARGET_VALUE = 16 };

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

/* d:2026-11-21, m:2026-11, y:2026 */
static void cells_key(struct command *command, const struct scene *scene, const char *code, int w,
		      int32_t day)
{
	struct date date = date_of_day(day);

	if (w == WINDOW_DAY)
		command_printf(command, "%s{%s}:d:%s", scene->prefix, code, DAY_STR(day));
	else if (w == WINDOW_MONTH)
		command_printf(command, "%s{%s}:m:%04d-%02d", scene->prefix, code, date.year, date.month);
	else
		command_printf(command, "%s{%s}:y:%04d", scene->prefix, code, date.year);
}

unsigned encode_hashes(struct place_key key)
{
	if (key.place >= PLACE_NAMES)
		return HASH_CELLS;
	return key.place == WINDOW_DAY || key.place == WINDOW_MONTH || key.place == WINDOW_YEAR
		       ? HASH_CELLS | HASH_SHARE | HASH_TASKS
		       : HASH_SHARE | HASH_TASKS;
}

static void names_key(struct command *command, const struct scene *scene, struct place_key key)
{
	struct date date = date_of_day(key.first);

	command_printf(command, "%s{%s}:by:%s:%04d-%02d", scene->prefix, scene_code(scene, key.municipality),
		       dimension_name[key.place - PLACE_NAMES], date.year, date.month);
}

void encode_key(struct command *command, const struct scene *scene, struct place_key key, enum hash hash)
{
	const char *code = scene_code(scene, key.municipality);
	char label[PERIOD_LABEL];

	if (key.place >= PLACE_NAMES) {
		names_key(command, scene, key);
		return;
	}
	if (hash == HASH_CELLS) {
		cells_key(command, scene, code, key.place, key.first);
		return;
	}
	scene_label(period_of((enum window)key.place, key.first), label);
	window_key(command, scene, code, hash == HASH_SHARE ? "share" : "tasks", key.place, label);
}

bool scene_is_running(const struct scene *scene, struct place_key key)
{
	return key.first == scene->running[key.place >= PLACE_NAMES ? WINDOW_MONTH : key.place].first;
}

struct place_hash encode_group_hash(uint16_t municipality, int32_t day, size_t number)
{
	static const uint8_t cells[] = { WINDOW_DAY, WINDOW_MONTH, WINDOW_YEAR };
	uint8_t w = number < 3 ? cells[number] : (uint8_t)((number - 3) % WINDOWS);
	enum hash hash = number < 3 ? HASH_CELLS : number < 3 + WINDOWS ? HASH_SHARE : HASH_TASKS;

	return (struct place_hash){ { municipality, w, period_of((enum window)w, day).first }, hash };
}

void encode_mark(char *at, uint64_t position)
{
	for (int i = ENCODE_MARK - 1; i >= 0; i--, position /= 10)
		at[i] = (char)('0' + position % 10);
}

void encode_skip(char *at)
{
	memcpy(at, "skip            ", ENCODE_MARK);
}

void encode_any(char *at)
{
	memcpy(at, "any             ", ENCODE_MARK);
}

void encode_windows(char *at, unsigned windows)
{
	for (int w = 0; w < WINDOWS; w++)
		at[w] = windows >> w & 1 ? '1' : '0';
}

static void open_mark(struct command *command)
{
	command_add(command, "0000000000000000", ENCODE_MARK);
}

static int64_t target_flags(const struct scene *scene, struct period period)
{
	int64_t target = store_view_target(scene->view, period.first, period.end);

	return target < 0 ? 0 : FLAG_TARGET | FLAG_TARGET_VALUE * target;
}

void encode_once_per_hash(struct command *command, const struct scene *scene)
{
	command_int(command, scene->now_ms);
	command_int(command, scene->lag_ms > 0 ? (scene->lag_ms + 999) / 1000 : 0);
	command_puts(command, scene->missing);
	command_puts(command, scene->view->definition ? scene->view->definition : "");
	command_puts(command, scene->view->target_id ? scene->view->target_id : "");
}

/* The flags; behind them the definition, where the period's is not that of the call, and where a change cuts it. */
static void flags_arg(struct command *command, const struct scene *scene, struct period period, int64_t flags)
{
	const struct store_view *view = scene->view;
	int32_t today = scene->running[WINDOW_DAY].first;
	char names[DEFINITION_NAMES];
	int32_t cut;

	if (view->definitions_len < 2) {
		command_int(command, flags);
		return;
	}
	/* A change that lies ahead may still be taken back. */
	cut = store_view_definition(view, period.first, period.end <= today ? period.end : today + 1, names);
	if (cut != INT32_MAX)
		command_printf(command, "%" PRId64 " %s %s", flags, names, DAY_STR(cut));
	else
		command_printf(command, "%" PRId64 " %s", flags, names);
}

static void window_args(struct command *command, const struct scene *scene, struct period period,
			const char *label, int flags)
{
	int64_t to_ms = zone_midnight_ms(scene->view->zone, period.end);

	command_puts(command, label);
	command_int(command, zone_midnight_ms(scene->view->zone, period.first));
	command_int(command, to_ms);
	flags_arg(command, scene, period, flags | target_flags(scene, period) | (to_ms <= scene->now_ms ? FLAG_ENDED : 0));
}

void encode_window(struct command *command, const struct scene *scene, struct period period,
		   const char *label, bool is_running)
{
	window_args(command, scene, period, label, is_running ? FLAG_RUNNING : 0);
}

static void scopes_args(struct command *command, const struct spread_scope *scopes, size_t n)
{
	command_int(command, (int64_t)n);
	for (size_t i = 0; i < n; i++) {
		uint32_t changed = scopes[i].changed;
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

/* What a group's call ends with. */
static void contents_args(struct command *command, const struct spread_group *group)
{
	scopes_args(command, group->scopes, group->scopes_len);
	scopes_args(command, group->tasks, group->tasks_len);
	for (size_t i = 0; i < group->cells_len; i++) {
		command_puts(command, group->cells[i].field);
		command_int(command, group->cells[i].amount);
	}
	for (size_t i = 0; i < group->reasons_len; i++) {
		command_puts(command, group->reasons[i].field);
		command_int(command, group->reasons[i].amount);
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
	cells_key(command, scene, code, WINDOW_DAY, group->day);
	cells_key(command, scene, code, WINDOW_MONTH, group->day);
	cells_key(command, scene, code, WINDOW_YEAR, group->day);
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

size_t encode_group(struct command *command, const struct scene *scene, const struct spread_group *group)
{
	char labels[WINDOWS][PERIOD_LABEL];
	size_t mark;

	begin(command, "effort_apply");
	group_keys(command, scene, group, labels);
	command_printf(command, "_w:%s", scene->writer);
	mark = command->n;
	for (size_t i = 0; i <= ENCODE_MORE; i++)
		open_mark(command);
	encode_once_per_hash(command, scene);
	command_puts(command, group->municipality == CELL_COUNTRY ? "0" : "1");
	for (int w = 0; w < WINDOWS; w++) {
		struct period period = period_of((enum window)w, group->day);

		encode_window(command, scene, period, labels[w], period.first == scene->running[w].first);
	}
	command_int(command, group->contacts);
	contents_args(command, group);
	return mark;
}

void encode_reasons(struct command *command, const struct encode_name *names, size_t n)
{
	command_clear(command);
	for (size_t i = 0; i < n; i++) {
		command_printf(command, "reason:%.*s", (int)names[i].name_len, names[i].name);
		command_int(command, names[i].amount.contacts);
	}
}

static const char *const how_text[] = { [ENCODE_ADD] = "0000000000000000",
					[ENCODE_RESET] = "reset           ",
					[ENCODE_MUST] = "must            ",
					[ENCODE_KEEP] = "keep            " };

size_t encode_names(struct command *command, const struct scene *scene, struct place_key key,
		    const struct encode_name *names, size_t n, enum encode_how how, const char *living)
{
	bool is_source = key.place == PLACE_NAMES + BY_SOURCE;
	size_t mark;

	begin(command, "effort_names");
	command_int(command, is_source ? 2 : 1);
	names_key(command, scene, key);
	if (is_source)
		command_printf(command, "%s{%s}:sources", scene->prefix, scene_code(scene, key.municipality));
	command_printf(command, "_w:%s", scene->writer);
	mark = command->n;
	open_mark(command);
	if (how == ENCODE_FORCE)
		command_printf(command, "force %s", living);
	else
		command_add(command, how_text[how], ENCODE_MARK);
	command_int(command, (int64_t)scene->names_per_key);
	for (size_t i = 0; i < n; i++) {
		command_add(command, names[i].name, names[i].name_len);
		command_int(command, names[i].amount.contacts);
		command_int(command, names[i].amount.n);
		command_int(command, names[i].amount.self);
		command_int(command, names[i].last_ms);
	}
	return mark;
}

static void reset_keys(struct command *command, const struct scene *scene, struct place_key key)
{
	const char *code = scene_code(scene, key.municipality);
	bool has_cells = encode_hashes(key) & HASH_CELLS, is_running = scene_is_running(scene, key);

	command_int(command, 2 + has_cells + 3 * is_running);
	encode_key(command, scene, key, HASH_SHARE);
	encode_key(command, scene, key, HASH_TASKS);
	if (has_cells)
		encode_key(command, scene, key, HASH_CELLS);
	if (!is_running)
		return;
	window_key(command, scene, code, "share", key.place, NULL);
	window_key(command, scene, code, "tasks", key.place, NULL);
	window_key(command, scene, code, "rank", key.place, NULL);
}

size_t encode_reset(struct command *command, const struct scene *scene, struct place_key key,
		    const struct spread_group *group, enum encode_how how, const char *others, const char *living)
{
	static const char *const text[] = { [ENCODE_FORCE] = "force", [ENCODE_MUST] = "must", [ENCODE_KEEP] = "keep" };
	struct period period = period_of((enum window)key.place, key.first);
	char label[PERIOD_LABEL];
	size_t mark;

	scene_label(period, label);
	begin(command, "effort_reset");
	reset_keys(command, scene, key);
	command_printf(command, "_w:%s", scene->writer);
	mark = command->n;
	open_mark(command);
	command_printf(command, "%s%s;%s", how == ENCODE_RESET ? "" : text[how], others, how == ENCODE_FORCE ? living : "");
	encode_once_per_hash(command, scene);
	command_puts(command, key.municipality == CELL_COUNTRY ? "0" : "1");
	command_int(command, key.place + 1);
	window_args(command, scene, period, label,
		    (scene_is_running(scene, key) ? FLAG_RUNNING : 0) |
			    (encode_hashes(key) & HASH_CELLS ? FLAG_CELLS : 0));
	command_int(command, group->contacts);
	contents_args(command, group);
	return mark;
}

static void probe_windows(struct command *command, const struct scene *scene,
			  const struct encode_probe *probe, const char *code)
{
	for (int w = 0; w < WINDOWS; w++) {
		struct place_key key = { probe->municipality, (uint8_t)w, scene->running[w].first };

		if (!(probe->windows >> w & 1))
			continue;
		encode_key(command, scene, key, HASH_SHARE);
		encode_key(command, scene, key, HASH_TASKS);
		window_key(command, scene, code, "share", w, NULL);
		window_key(command, scene, code, "tasks", w, NULL);
		window_key(command, scene, code, "rank", w, NULL);
	}
}

static void probe_more(struct command *command, const struct scene *scene, const struct encode_probe *probe,
		       const char *code)
{
	static const enum window series[] = { WINDOW_DAY, WINDOW_WEEK, WINDOW_MONTH, WINDOW_SEASON };

	command_printf(command, "%s{%s}:sources", scene->prefix, code);
	for (int i = 0; i < 4; i++)
		window_key(command, scene, code, "series", (int)series[i], NULL);
	if (probe->municipality == CELL_COUNTRY)
		for (int w = 0; w < WINDOWS; w++)
			encode_ranked_keys(command, scene, (enum window)w);
}

void encode_probe(struct command *command, const struct scene *scene, const struct encode_probe *probe)
{
	const char *code = scene_code(scene, probe->municipality);
	size_t more = !probe->is_whole ? 0
		      : probe->municipality == CELL_COUNTRY
			      ? ENCODE_PROBE_RANKS + WINDOWS * encode_ranked_len(scene)
			      : ENCODE_PROBE_RANKS;
	char label[PERIOD_LABEL];

	begin(command, "effort_probe");
	command_int(command,
		    (int64_t)(probe->hashes_len + 5 * (size_t)__builtin_popcount(probe->windows) + more));
	for (size_t i = 0; i < probe->hashes_len; i++)
		encode_key(command, scene, probe->hashes[i].key, probe->hashes[i].hash);
	probe_windows(command, scene, probe, code);
	if (probe->is_whole)
		probe_more(command, scene, probe, code);
	command_printf(command, "_w:%s", scene->writer);
	command_puts(command, probe->municipality == CELL_COUNTRY ? "0" : "1");
	command_int(command, (int64_t)probe->hashes_len);
	command_int(command, __builtin_popcount(probe->windows));
	for (int w = 0; w < WINDOWS; w++) {
		if (!(probe->windows >> w & 1))
			continue;
		scene_label(scene->running[w], label);
		command_int(command, w + 1);
		command_puts(command, label);
		command_int(command, zone_midnight_ms(scene->view->zone, scene->running[w].first));
	}
}
