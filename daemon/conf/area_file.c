/* SPDX-License-Identifier: MPL-2.0 */
/* See area_file.h: head, KLE prefixes, tasks and services, the form of each. Options and samples, whose
 * members are free, are in area_extra.c. */
#include "conf/area_file.h"

#include "conf/area_extra.h"
#include "conf/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_MAX 1000000

static const struct field name_fields[] = { { "da", FIELD_TEXT, true }, { "en", FIELD_TEXT, true } };

static int bad(const struct area_reader *r, const config_setting_t *at, const char *hint, const char *what,
	       const char *text)
{
	return fault_add(r->faults, tree_place(r->tree, at), hint, "\"%.60s\" is not %s", text, what);
}

static int too_many(const struct area_reader *r, const config_setting_t *list, const char *what, int max)
{
	return fault_add(r->faults, tree_place(r->tree, list), NULL, "more than %d %s", max, what);
}

/* Text that people read; NULL when it is absent or at fault. */
static const char *label(struct area_reader *r, const config_setting_t *setting)
{
	const char *text = tree_text(r->arena, setting, NULL);

	if (text == NULL || value_is_label(text))
		return text;
	r->result = bad(r, setting, NULL, "a name: 1 to 200 bytes without control characters", text);
	return NULL;
}

static const char *id(struct area_reader *r, const config_setting_t *setting, const char *what)
{
	const char *text = tree_text(r->arena, setting, NULL);

	if (text == NULL || value_is_id(text))
		return text;
	r->result = bad(r, setting, "ids are of a-z, 0-9 and '-', at most 48", what, text);
	return NULL;
}

static int order(struct area_reader *r, const config_setting_t *setting, int otherwise)
{
	int n = tree_int(setting, otherwise);

	if (n >= 0 && n <= ORDER_MAX)
		return n;
	r->result = fault_add(r->faults, tree_place(r->tree, setting), NULL, "order must be from 0 to %d",
			      ORDER_MAX);
	return otherwise;
}

static const char *date(struct area_reader *r, const config_setting_t *setting)
{
	const char *text = tree_text(r->arena, setting, NULL);

	if (text == NULL || value_is_date(text))
		return text;
	r->result = bad(r, setting, "write it as \"2012-12-01\"", "a date", text);
	return NULL;
}

static int check_kle(struct area_reader *r, const config_setting_t *at, const char *text)
{
	if (value_is_kle(text))
		return 0;
	r->result =
		bad(r, at, "write \"27\", \"27.36\" or \"27.36.08\", without facet", "a KLE number", text);
	return -EINVAL;
}

/* --- kle = ( "28", { prefix = "27.60"; shared = true; order = 10; } ) --- */

static void read_claim(struct area_reader *r, const config_setting_t *element, struct area_claim *claim)
{
	static const struct field fields[] = { { "prefix", FIELD_TEXT, true },
					       { "shared", FIELD_BOOL, false },
					       { "order", FIELD_INT, false } };
	const config_setting_t *found[3] = { element, NULL, NULL };

	if (config_setting_type(element) != CONFIG_TYPE_STRING &&
	    tree_fields(r->tree, element, "a KLE prefix", fields, 3, found, r->faults) < 0) {
		r->result = -EINVAL;
		return;
	}
	claim->prefix = tree_text(r->arena, found[0], "");
	claim->is_shared = tree_bool(found[1], false);
	claim->order = order(r, found[2], 0);
	claim->place = tree_place(r->tree, element);
	check_kle(r, found[0], claim->prefix);
}

static void read_claims(struct area_reader *r, const config_setting_t *list, struct area_def *def)
{
	size_t n = list != NULL ? (size_t)config_setting_length(list) : 0;
	struct area_claim *claims;

	if (n > AREA_CLAIMS_MAX) {
		r->result = too_many(r, list, "KLE prefixes", AREA_CLAIMS_MAX);
		return;
	}
	claims = arena_array(r->arena, n, sizeof(*claims));
	for (size_t i = 0; i < n; i++)
		read_claim(r, config_setting_get_elem(list, (unsigned)i), &claims[i]);
	def->claims = claims;
	def->claims_len = n;
}

/* --- tasks = ( { id = ...; da = ...; en = ...; ... } ) --- */

static void read_authority(struct area_reader *r, const config_setting_t *element,
			   struct area_authority *authority)
{
	static const struct field fields[] = { { "from", FIELD_TEXT, false }, { "who", FIELD_TEXT, true } };
	const config_setting_t *found[2];

	if (tree_fields(r->tree, element, "an authority", fields, 2, found, r->faults) < 0)
		r->result = -EINVAL;
	authority->from = date(r, found[0]);
	authority->who = tree_text(r->arena, found[1], "municipal");
	if (value_word("municipal udk state", authority->who) < 0)
		r->result =
			bad(r, found[1], "allowed: municipal, udk, state", "an authority", authority->who);
}

static void read_authorities(struct area_reader *r, const config_setting_t *list, struct area_task *task)
{
	size_t n = list != NULL ? (size_t)config_setting_length(list) : 0;
	struct area_authority *authorities;

	if (n > AREA_AUTHORITIES_MAX) {
		r->result = too_many(r, list, "changes of authority in one task", AREA_AUTHORITIES_MAX);
		return;
	}
	authorities = arena_array(r->arena, n, sizeof(*authorities));
	for (size_t i = 0; i < n; i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned)i);

		read_authority(r, element, &authorities[i]);
		if (i > 0 && (authorities[i].from == NULL ||
			      (authorities[i - 1].from != NULL &&
			       strcmp(authorities[i - 1].from, authorities[i].from) >= 0)))
			r->result = fault_add(r->faults, tree_place(r->tree, element),
					      "give every entry but the first "
					      "a `from`, the earliest first",
					      "authorities must be in order of date");
	}
	task->authorities = authorities;
	task->authorities_len = n;
}

enum { T_ID, T_DA, T_EN, T_KLE, T_WAVE, T_IN_FORCE, T_TARGET, T_ATTENDANCE, T_AUTHORITY, T_GROUPS, T_FIELDS };

static const struct field task_fields[T_FIELDS] = {
	[T_ID] = { "id", FIELD_TEXT, true },
	[T_DA] = { "da", FIELD_TEXT, true },
	[T_EN] = { "en", FIELD_TEXT, true },
	[T_KLE] = { "kle", FIELD_TEXTS, false },
	[T_WAVE] = { "wave", FIELD_INT, false },
	[T_IN_FORCE] = { "in_force", FIELD_TEXT, false },
	[T_TARGET] = { "target", FIELD_BOOL, false },
	[T_ATTENDANCE] = { "attendance", FIELD_BOOL, false },
	[T_AUTHORITY] = { "authority", FIELD_LIST, false },
	[T_GROUPS] = { "groups", FIELD_TEXTS, false },
};

static void check_task(struct area_reader *r, const config_setting_t *element,
		       const config_setting_t *const *found, const struct area_task *task)
{
	struct place at = tree_place(r->tree, element);

	for (size_t i = 0; i < task->kle_len; i++)
		check_kle(r, config_setting_get_elem(found[T_KLE], (unsigned)i), task->kle[i]);
	if (task->wave < 0 || task->wave > 4)
		r->result = fault_add(r->faults, tree_place(r->tree, found[T_WAVE]), "0 or none: in no wave",
				      "wave must be from 0 to 4");
	if (task->is_target && task->is_attendance)
		r->result = fault_add(r->faults, at, "keep one of the two",
				      "a task where attendance in person is "
				      "intended stands under no target");
	if (task->groups_len > AREA_GROUPS_MAX)
		r->result =
			fault_add(r->faults, at, NULL, "more than %d groups in one task", AREA_GROUPS_MAX);
}

static void read_task(struct area_reader *r, const config_setting_t *element, struct area_task *task)
{
	const config_setting_t *found[T_FIELDS];

	if (tree_fields(r->tree, element, "a task", task_fields, T_FIELDS, found, r->faults) < 0)
		r->result = -EINVAL;
	task->place = tree_place(r->tree, element);
	task->id = id(r, found[T_ID], "the id of a task");
	task->name_da = label(r, found[T_DA]);
	task->name_en = label(r, found[T_EN]);
	task->kle_len = tree_texts(r->arena, found[T_KLE], &task->kle);
	task->wave = tree_int(found[T_WAVE], 0);
	task->in_force = date(r, found[T_IN_FORCE]);
	task->is_target = tree_bool(found[T_TARGET], false);
	task->is_attendance = tree_bool(found[T_ATTENDANCE], false);
	read_authorities(r, found[T_AUTHORITY], task);
	task->groups_len = tree_texts(r->arena, found[T_GROUPS], &task->groups);
	check_task(r, element, found, task);
}

static void read_tasks(struct area_reader *r, const config_setting_t *list, struct area_def *def)
{
	size_t n = list != NULL ? (size_t)config_setting_length(list) : 0, claims = def->claims_len;
	struct area_task *tasks;

	if (n > AREA_TASKS_MAX) {
		r->result = too_many(r, list, "tasks", AREA_TASKS_MAX);
		return;
	}
	tasks = arena_array(r->arena, n, sizeof(*tasks));
	for (size_t i = 0; i < n; i++) {
		read_task(r, config_setting_get_elem(list, (unsigned)i), &tasks[i]);
		claims += tasks[i].kle_len;
	}
	if (claims > AREA_CLAIMS_MAX)
		r->result = too_many(r, list, "KLE numbers", AREA_CLAIMS_MAX);
	def->tasks = tasks;
	def->tasks_len = n;
}

/* --- services = ( { source = "*"; service = "..."; task = "..."; } ) --- */

static void read_service(struct area_reader *r, const config_setting_t *element, struct area_service *service)
{
	static const struct field fields[] = { { "source", FIELD_TEXT, false },
					       { "service", FIELD_TEXT, true },
					       { "task", FIELD_TEXT, false } };
	const config_setting_t *found[3];

	if (tree_fields(r->tree, element, "a service", fields, 3, found, r->faults) < 0)
		r->result = -EINVAL;
	service->place = tree_place(r->tree, element);
	service->source = tree_text(r->arena, found[0], "*");
	service->service = tree_text(r->arena, found[1], NULL);
	service->task = id(r, found[2], "the id of a task");
	if (!value_is_source(service->source))
		r->result = bad(r, found[0],
				"a source is 1 to 128 printable ASCII signs without blanks; \"*\" is any",
				"a source", service->source);
	if (service->service != NULL && !value_is_service(service->service))
		r->result = bad(r, found[1], "services are of A-Z, a-z, 0-9 and . _ : / -, at most 64",
				"a service", service->service);
}

static void read_services(struct area_reader *r, const config_setting_t *list, struct area_def *def)
{
	size_t n = list != NULL ? (size_t)config_setting_length(list) : 0;
	struct area_service *services;

	if (n > AREA_SERVICES_MAX) {
		r->result = too_many(r, list, "services", AREA_SERVICES_MAX);
		return;
	}
	services = arena_array(r->arena, n, sizeof(*services));
	for (size_t i = 0; i < n; i++)
		read_service(r, config_setting_get_elem(list, (unsigned)i), &services[i]);
	def->services = services;
	def->services_len = n;
}

/* --- the whole file --- */

enum { F_AREA, F_PLUGIN, F_ORDER, F_NAME, F_KLE, F_TASKS, F_SERVICES, F_OPTIONS, F_SAMPLES, F_FIELDS };

static const struct field file_fields[F_FIELDS] = {
	[F_AREA] = { "area", FIELD_TEXT, true },          [F_PLUGIN] = { "plugin", FIELD_TEXT, true },
	[F_ORDER] = { "order", FIELD_INT, false },        [F_NAME] = { "name", FIELD_GROUP, true },
	[F_KLE] = { "kle", FIELD_LIST, false },           [F_TASKS] = { "tasks", FIELD_LIST, false },
	[F_SERVICES] = { "services", FIELD_LIST, false }, [F_OPTIONS] = { "options", FIELD_GROUP, false },
	[F_SAMPLES] = { "samples", FIELD_LIST, false },
};

static void read_head(struct area_reader *r, const config_setting_t *const *found, struct area_def *def)
{
	const config_setting_t *names[2] = { NULL, NULL };

	def->id = id(r, found[F_AREA], "the id of an area");
	def->plugin = tree_text(r->arena, found[F_PLUGIN], NULL);
	if (def->plugin != NULL && !value_is_file(def->plugin))
		r->result =
			bad(r, found[F_PLUGIN], "write the file name in plugins.dir without folder and .so",
			    "the name of a plugin", def->plugin);
	def->order = order(r, found[F_ORDER], 1000);
	if (found[F_NAME] != NULL &&
	    tree_fields(r->tree, found[F_NAME], "name", name_fields, 2, names, r->faults) < 0)
		r->result = -EINVAL;
	def->name_da = label(r, names[0]);
	def->name_en = label(r, names[1]);
	if (found[F_AREA] != NULL)
		def->place = tree_place(r->tree, found[F_AREA]);
}

static void read_file(struct area_reader *r, struct area_def *def)
{
	const config_setting_t *root = config_root_setting(&r->tree->config), *found[F_FIELDS];

	if (tree_fields(r->tree, root, "an area file", file_fields, F_FIELDS, found, r->faults) < 0)
		r->result = -EINVAL;
	read_head(r, found, def);
	read_claims(r, found[F_KLE], def);
	read_tasks(r, found[F_TASKS], def);
	read_services(r, found[F_SERVICES], def);
	area_extra_options(r, found[F_OPTIONS], def);
	area_extra_samples(r, found[F_SAMPLES], def);
}

int area_file_parse(struct arena *arena, const char *path, const char *plugins_dir, struct area_def *ret,
		    struct faults *faults)
{
	struct area_def def = { .dir = plugins_dir };
	struct area_reader r = { .arena = arena, .faults = faults };
	struct tree tree;

	if (tree_open(&tree, path, faults) < 0)
		return -EINVAL;
	r.tree = &tree;
	read_file(&r, &def);
	tree_close(&tree);
	if (r.result < 0)
		return -EINVAL;
	*ret = def;
	return 0;
}

struct owned_area {
	struct area_def def; /* first: what the caller holds */
	struct arena arena;
};

int area_file_read(const char *path, const char *plugins_dir, struct area_def **ret, struct faults *faults)
{
	struct owned_area *owned = calloc(1, sizeof(*owned));
	const char *own_path, *own_dir;

	if (owned == NULL)
		return fault_add(faults, (struct place){ path, 0, 0 }, NULL, "out of memory");
	own_path = arena_strdup(&owned->arena, path);
	own_dir = arena_strdup(&owned->arena, plugins_dir);
	if (area_file_parse(&owned->arena, own_path, own_dir, &owned->def, faults) < 0) {
		area_file_free(&owned->def);
		return -EINVAL;
	}
	*ret = &owned->def;
	return 0;
}

void area_file_free(struct area_def *def)
{
	struct owned_area *owned = (struct owned_area *)def;

	if (owned == NULL)
		return;
	arena_done(&owned->arena);
	free(owned);
}
