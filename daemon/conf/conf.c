/* SPDX-License-Identifier: MPL-2.0 */
/* See conf.h: the order in which files are read, and what becomes of them together. */
#include "conf/conf.h"

#include "conf/area_file.h"
#include "conf/conf_inside.h"
#include "conf/data_file.h"
#include "conf/registry.h"
#include "conf/target_list.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int log_levels[] = { 3, 4, 6, 7 }; /* of the words of log.level */

/* The folder of the main file, absolute. */
static const char *dir_of(struct arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');
	char cwd[PATH_MAX];
	char *dir;

	if (slash == file)
		return "/";
	dir = arena_strdup(arena, slash != NULL ? file : ".");
	if (slash != NULL)
		dir[slash - file] = '\0';
	if (dir[0] == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		return dir;
	return strcmp(dir, ".") == 0 ? arena_strdup(arena, cwd) : settings_absolute(arena, cwd, dir);
}

static int read_settings(struct conf_inside *in, const char *file, const struct conf_override *overrides,
			 size_t n, struct faults *faults)
{
	struct tree tree;
	const char *path;
	int r;

	if (file == NULL)
		return settings_read(&in->settings, &in->arena, NULL, "/", overrides, n, faults);
	path = arena_strdup(&in->arena, file);
	if (tree_open(&tree, path, faults) < 0) {
		settings_read(&in->settings, &in->arena, NULL, "/", overrides, n, faults);
		in->is_unread = true;
		return -EINVAL;
	}
	r = settings_read(&in->settings, &in->arena, &tree, dir_of(&in->arena, path), overrides, n, faults);
	tree_close(&tree);
	return r;
}

static int is_area_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

static int compare_areas(const void *a, const void *b)
{
	const struct area_def *x = a, *y = b;

	return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : strcmp(x->id, y->id);
}

static int read_area_list(struct conf_inside *in, struct dirent **entries, size_t n, struct faults *faults)
{
	struct conf *conf = &in->conf;
	struct area_def *areas = arena_array(&in->arena, n, sizeof(*areas));
	size_t good = 0;

	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(&in->arena, "%s/%s", conf->areas_dir, entries[i]->d_name);

		if (area_file_parse(&in->arena, path, conf->plugins_dir, &areas[good], faults) == 0)
			good++;
	}
	if (good < n)
		return -EINVAL;
	qsort(areas, n, sizeof(*areas), compare_areas);
	conf->areas = areas;
	conf->areas_len = n;
	return 0;
}

static int read_areas(struct conf_inside *in, struct faults *faults)
{
	const struct setting *dir = settings_get(&in->settings, "areas_dir");
	struct dirent **entries = NULL;
	int n = scandir(dir->text, &entries, is_area_file, alphasort), r;

	if (n < 0)
		return fault_add(faults, dir->place, "it holds one *.conf for each service area",
				 "areas_dir: %s: %s", dir->text, strerror(errno));
	if (n == 0)
		r = fault_add(faults, dir->place, "it holds one *.conf for each service area",
			      "areas_dir: no area files (*.conf) in %s", dir->text);
	else if (n > AREA_MAX)
		r = fault_add(faults, dir->place, NULL, "areas_dir: %d area files in %s, at most %d", n,
			      dir->text, AREA_MAX);
	else
		r = read_area_list(in, entries, (size_t)n, faults);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	return r;
}

static bool has_area(const struct conf *conf, const char *id)
{
	for (size_t i = 0; i < conf->areas_len; i++)
		if (strcmp(conf->areas[i].id, id) == 0)
			return true;
	return false;
}

const struct area_def *conf_area_of(const struct conf *conf, const char *task)
{
	for (size_t i = 0; i < conf->areas_len; i++)
		for (size_t t = 0; t < conf->areas[i].tasks_len; t++)
			if (strcmp(conf->areas[i].tasks[t].id, task) == 0)
				return &conf->areas[i];
	return NULL;
}

static int check_source(const struct conf *conf, const struct conf_source *source, struct faults *faults)
{
	int r = 0;

	for (size_t i = 0; i < source->areas_len; i++)
		if (!has_area(conf, source->areas[i]))
			r = fault_add(faults, source->place, "name areas by the ids in areas_dir",
				      "the source %s names the unknown area \"%.60s\"", source->name, source->areas[i]);
	if (source->default_task != NULL && conf_area_of(conf, source->default_task) == NULL)
		r = fault_add(faults, source->place, "name a task by its id in a file of areas_dir, where those that a plugin declares are not",
			      "the source %s names the unknown task \"%.60s\"", source->name, source->default_task);
	return r;
}

static int check_sources(const struct conf *conf, struct faults *faults)
{
	int r = 0;

	for (size_t i = 0; i < conf->sources_len; i++)
		if (check_source(conf, &conf->sources[i], faults) < 0)
			r = -EINVAL;
	return r;
}

static bool has_municipality(void *ctx, const char *code)
{
	const struct conf *conf = ctx;

	for (size_t i = 0; i < conf->municipalities_len; i++)
		if (strcmp(conf->municipalities[i].code, code) == 0)
			return true;
	return false;
}

struct effort_known conf_known(const struct conf *conf)
{
	return (struct effort_known){ conf->areas, conf->areas_len, conf->groups, conf->groups_len,
				      conf->municipalities_len > 0 ? has_municipality : NULL,
				      (void *)(uintptr_t)conf };
}

/* A data file, unless its setting is at fault itself. */
static const char *file_of(const struct conf_inside *in, const char *key)
{
	const struct setting *setting = settings_get(&in->settings, key);

	return setting->is_bad ? NULL : setting->text;
}

/* An effort that waits for its scope or municipality stops nothing. */
static void warn_away(const struct effort_list *list, size_t first, struct faults *warnings)
{
	for (size_t i = first; i < list->n; i++)
		if (list->efforts[i].away != NULL)
			fault_add(warnings, list->efforts[i].place,
				  "mend the configuration, and it is followed again; or effortctl efforts remove",
				  "the registered effort %s is not followed: %s", list->efforts[i].id,
				  list->efforts[i].away);
}

/* What effortctl keeps in state_dir. Who may not look there (effortctl without root) does without. */
static int read_registry(struct conf_inside *in, struct effort_list *list, const struct effort_known *known,
			 struct faults *faults, struct faults *warnings)
{
	const char *state_dir = file_of(in, "state_dir");
	char path[REGISTRY_PATH];
	size_t had = list->n;

	if (state_dir == NULL)
		return 0;
	registry_path(state_dir, path);
	if (access(path, R_OK) < 0) {
		if (errno == EACCES)
			fault_add(warnings, (struct place){ arena_strdup(&in->arena, path), 0, 0 },
				  "run as effortd's user or as root", "no access to the registry of efforts");
		return 0;
	}
	if (effort_list_read_registry(list, &in->arena, arena_strdup(&in->arena, path), known, faults) < 0)
		return -EINVAL;
	warn_away(list, had, warnings);
	return 0;
}

static int read_efforts(struct conf_inside *in, struct faults *faults, struct faults *warnings)
{
	struct effort_known known = conf_known(&in->conf);
	struct effort_list list = { 0 };
	const char *file = file_of(in, "efforts");
	bool is_default = settings_get(&in->settings, "efforts")->origin == ORIGIN_DEFAULT;
	int r = 0;

	if (file != NULL && effort_list_read(&list, &in->arena, file, is_default, &known, faults) == -EINVAL)
		r = -EINVAL;
	r |= read_registry(in, &list, &known, faults, warnings);
	if (r == 0)
		r = effort_list_join(&list, faults);
	in->conf.efforts = list.efforts;
	in->conf.efforts_len = list.n;
	in->conf.outsides = list.outsides;
	in->conf.outsides_len = list.outsides_len;
	return r;
}

static int read_data(struct conf_inside *in, struct faults *faults, struct faults *warnings)
{
	const char *municipalities = file_of(in, "municipalities"), *tasks = file_of(in, "tasks");
	const char *targets = file_of(in, "targets"), *areas = file_of(in, "areas_dir");
	int r = 0;

	if (municipalities != NULL)
		r |= data_file_municipalities(&in->arena, municipalities, &in->conf, faults);
	if (tasks != NULL)
		r |= data_file_tasks(&in->arena, tasks, &in->conf, faults);
	if (targets != NULL)
		r |= target_list_read(&in->arena, targets, &in->conf, faults);
	if (areas != NULL && read_areas(in, faults) == 0)
		r |= check_sources(&in->conf, faults);
	else
		r = -EINVAL;
	return r | read_efforts(in, faults, warnings);
}

/* What does not go by the table. */
static void finish(struct conf_inside *in)
{
	const struct setting *port = settings_get(&in->settings, "redis.private_port");
	struct conf *conf = &in->conf;

	settings_store(&in->settings, conf);
	conf->log_level = log_levels[settings_get(&in->settings, "log.level")->number];
	conf->log_is_json = settings_get(&in->settings, "log.format")->number == 1;
	if (strcmp(port->text, "0") == 0)
		conf->redis_private_port = CONF_PORT_ANY;
	conf->sources = in->settings.sources;
	conf->sources_len = in->settings.sources_len;
	memcpy(conf->methods, in->settings.methods, sizeof(conf->methods));
	conf->methods_len = in->settings.methods_len;
	conf->periods = in->settings.periods;
	conf->periods_len = in->settings.periods_len;
	conf->definitions = in->settings.definitions;
	conf->definitions_len = in->settings.definitions_len;
}

struct conf *conf_load(const char *file, const struct conf_override *overrides, size_t overrides_len,
		       struct faults *faults, struct faults *warnings)
{
	struct conf_inside *in = calloc(1, sizeof(*in));
	size_t before = faults->n + faults->more;

	if (in == NULL) {
		fault_add(faults, (struct place){ file, 0, 0 }, NULL, "out of memory");
		return NULL;
	}
	read_settings(in, file, overrides, overrides_len, faults);
	if (!in->is_unread) {
		finish(in);
		read_data(in, faults, warnings);
	}
	if (faults->n + faults->more > before) {
		conf_free(&in->conf);
		return NULL;
	}
	return &in->conf;
}

struct place conf_place(const struct conf *conf, const char *name)
{
	const struct conf_inside *in = (const struct conf_inside *)conf;

	return settings_get(&in->settings, name)->place;
}

void conf_free(struct conf *conf)
{
	struct conf_inside *in = (struct conf_inside *)conf;

	if (in == NULL)
		return;
	arena_done(&in->arena);
	free(in);
}
