/* SPDX-License-Identifier: MPL-2.0 */
/* See encode.h: the calls that come with time passing and with the configuration. */
#include "store/encode.h"

#include "domain/area.h"
#include "store/rank.h"

#include <string.h>

static void begin(struct command *command, const char *function)
{
	command_clear(command);
	command_puts(command, "FCALL");
	command_puts(command, function);
}

static void key(struct command *command, const struct scene *scene, uint16_t municipality, const char *kind,
		int w, const char *tail)
{
	command_printf(command, "%s{%s}:%s:%s%s%s", scene->prefix, scene_code(scene, municipality), kind,
		       window_name[w], tail ? ":" : "", tail ? tail : "");
}

/* Every scope that has a ranking of municipalities: all, areas, groups. */
static size_t ranked_len(const struct store_view *view)
{
	return 2 + view->areas_len + view->groups_len;
}

static const char *ranked_scope(const struct store_view *view, size_t i, char buf[64])
{
	if (i == 0)
		return "all";
	if (i == 1)
		return "unclassified";
	if (i - 2 < view->areas_len)
		return view->areas[i - 2].id;
	buf[0] = '\0';
	strncat(strcat(buf, "group:"), view->groups[i - 2 - view->areas_len].id, 63 - sizeof("group:"));
	return buf;
}

size_t encode_ranked_len(const struct scene *scene)
{
	return ranked_len(scene->view);
}

void encode_ranked_keys(struct command *command, const struct scene *scene, enum window window)
{
	char buf[64];

	for (size_t i = 0; i < ranked_len(scene->view); i++)
		key(command, scene, CELL_COUNTRY, "rank", (int)window, ranked_scope(scene->view, i, buf));
}

static void tick_keys(struct command *command, const struct scene *scene, const struct encode_tick *tick,
		      char labels[WINDOWS][PERIOD_LABEL])
{
	const char *code = scene_code(scene, tick->municipality);
	bool is_country = tick->municipality == CELL_COUNTRY;

	command_int(command, 31 + (is_country ? 1 + WINDOWS * (int64_t)ranked_len(scene->view) : 0));
	for (int w = 0; w < WINDOWS; w++) {
		key(command, scene, tick->municipality, "share", w, NULL);
		key(command, scene, tick->municipality, "tasks", w, NULL);
		key(command, scene, tick->municipality, "rank", w, NULL);
		key(command, scene, tick->municipality, "share", w, labels[w]);
		key(command, scene, tick->municipality, "tasks", w, labels[w]);
	}
	command_printf(command, "%s{%s}:hist", scene->prefix, code);
	if (!is_country)
		return;
	command_printf(command, "%s{%s}:_ranks", scene->prefix, code);
	for (int w = 0; w < WINDOWS; w++)
		encode_ranked_keys(command, scene, (enum window)w);
}

void encode_tick(struct command *command, const struct scene *scene, const struct encode_tick *tick)
{
	const struct store_view *view = scene->view;
	char labels[WINDOWS][PERIOD_LABEL], known[1 + WINDOWS];

	for (int w = 0; w < WINDOWS; w++)
		scene_label(scene->running[w], labels[w]);
	begin(command, "effort_tick");
	tick_keys(command, scene, tick, labels);
	encode_once_per_hash(command, scene);
	known[0] = tick->is_seen ? '1' : '0';
	encode_windows(known + 1, tick->due);
	command_add(command, known, sizeof(known));
	command_puts(command, tick->is_told ? "1" : "0");
	if (tick->has_minute)
		command_int(command, scene->now_ms / 60000 * 60000);
	else
		command_puts(command, "");
	command_int(command, tick->municipality == CELL_COUNTRY ? (int64_t)ranked_len(view) : 0);
	for (int w = 0; w < WINDOWS; w++)
		encode_window(command, scene, scene->running[w], labels[w], true);
	scene_areas(scene, command);
}

void encode_series(struct command *command, const struct scene *scene, uint16_t municipality,
		   enum window window, const int32_t *first, size_t n)
{
	char label[PERIOD_LABEL];

	begin(command, "effort_series");
	command_int(command, 1 + (int64_t)n);
	key(command, scene, municipality, "series", (int)window, NULL);
	for (size_t i = 0; i < n; i++) {
		scene_label(period_of(window, first[i]), label);
		key(command, scene, municipality, "share", (int)window, label);
	}
	for (size_t i = 0; i < n; i++)
		command_int(command, zone_midnight_ms(scene->view->zone, first[i]));
	scene_areas(scene, command);
}

size_t encode_rank_scope(const struct scene *scene, const char *scope)
{
	char buf[64];

	for (size_t i = 0; i < ranked_len(scene->view); i++)
		if (strcmp(ranked_scope(scene->view, i, buf), scope) == 0)
			return i + 1;
	return 0;
}

void encode_rank(struct command *command, const struct scene *scene, const struct rank_entry *entries,
		 size_t n)
{
	enum window window = (enum window)entries[0].window;
	char label[PERIOD_LABEL];

	scene_label(scene->running[window], label);
	begin(command, "effort_rank");
	command_int(command, 2 + (int64_t)ranked_len(scene->view));
	key(command, scene, CELL_COUNTRY, "share", (int)window, NULL);
	command_printf(command, "%s{%s}:_ranks", scene->prefix, scene_code(scene, CELL_COUNTRY));
	encode_ranked_keys(command, scene, window);
	command_int(command, (int64_t)window + 1);
	command_puts(command, label);
	for (size_t i = 0; i < n; i++) {
		int share = entries[i].share;

		command_int(command, entries[i].scope);
		command_puts(command, scene_code(scene, entries[i].municipality));
		if (share < 0)
			command_puts(command, "");
		else
			command_printf(command, "%d.%02d", share / 100, share % 100);
	}
}

static void index_entry(struct command *command, const char *id, const char *da, const char *en,
			int64_t order)
{
	command_printf(command, "%s.da", id);
	command_puts(command, da ? da : id);
	command_printf(command, "%s.en", id);
	command_puts(command, en ? en : id);
	command_printf(command, "%s.order", id);
	command_int(command, order);
}

static void index_areas(struct command *command, const struct store_view *view)
{
	int order = 0;
	bool has_unclassified = false;

	for (size_t i = 0; i < view->areas_len; i++) {
		const struct area_def *area = &view->areas[i];

		index_entry(command, area->id, area->name_da, area->name_en, area->order);
		order = area->order > order ? area->order : order;
		has_unclassified |= strcmp(area->id, "unclassified") == 0;
	}
	if (!has_unclassified)
		index_entry(command, "unclassified", "Uklassificeret", "Unclassified", order + 1);
}

/* The country first: a 99th municipality. */
static void index_municipalities(struct command *command, const struct store_view *view)
{
	index_entry(command, "dk", "Danmark", "Denmark", 0);
	for (size_t i = 0; i < view->municipalities_len; i++)
		index_entry(command, view->codes[i], view->municipality_names[i], view->municipality_names[i],
			    (int64_t)i + 1);
}

void encode_index(struct command *command, const struct scene *scene, int index)
{
	static const char *const name[ENCODE_INDEXES] = { "municipalities", "areas", "tasks", "groups" };
	const struct store_view *view = scene->view;

	begin(command, "effort_index");
	command_int(command, 1);
	command_printf(command, "%sindex:%s", scene->prefix, name[index]);
	if (index == 0)
		index_municipalities(command, view);
	else if (index == 1)
		index_areas(command, view);
	else if (index == 2)
		for (size_t i = 0; i < view->tasks_len; i++)
			index_entry(command, view->tasks[i].id, view->tasks[i].name_da,
				    view->tasks[i].name_en, (int64_t)i + 1);
	else
		for (size_t i = 0; i < view->groups_len; i++)
			index_entry(command, view->groups[i].id, view->groups[i].name_da,
				    view->groups[i].name_en, view->groups[i].order);
}
