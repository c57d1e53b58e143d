/* SPDX-License-Identifier: MPL-2.0 */
/* See data_file.h. */
#include "conf/data_file.h"

#include "conf/peer_list.h"
#include "conf/reference_list.h"
#include "conf/tree.h"
#include "conf/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct data_reader {
	struct arena *arena;
	struct tree tree;
	struct faults *faults;
	struct conf *conf;
	int result;
};

static int bad(struct data_reader *r, const config_setting_t *at, const char *hint, const char *what,
	       const char *text)
{
	r->result = fault_add(r->faults, tree_place(&r->tree, at), hint, "\"%.60s\" is not %s", text, what);
	return r->result;
}

static const char *label(struct data_reader *r, const config_setting_t *setting)
{
	const char *text = tree_text(r->arena, setting, "");

	if (setting != NULL && !value_is_label(text))
		bad(r, setting, NULL, "a name: 1 to 200 bytes without control characters", text);
	return text;
}

static const char *id(struct data_reader *r, const config_setting_t *setting)
{
	const char *text = tree_text(r->arena, setting, "");

	if (setting != NULL && !value_is_id(text))
		bad(r, setting, "ids are of a-z, 0-9 and '-', at most 48", "an id", text);
	return text;
}

/* Opens the file, reads its top level and hands over to read; closes again. */
static int with_file(struct arena *arena, const char *path, struct conf *conf, const char *what,
		     const struct field *fields, size_t n, struct faults *faults,
		     void (*read)(struct data_reader *, const config_setting_t *const *found))
{
	struct data_reader r = { .arena = arena, .faults = faults, .conf = conf };
	const config_setting_t *found[8];

	if (tree_open(&r.tree, path, faults) < 0)
		return -EINVAL;
	if (tree_fields(&r.tree, config_root_setting(&r.tree.config), what, fields, n, found, faults) < 0)
		r.result = -EINVAL;
	read(&r, found);
	tree_close(&r.tree);
	return r.result;
}

/* --- municipalities --- */

static int compare_codes(const void *a, const void *b)
{
	const struct conf_municipality *x = a, *y = b;

	return strcmp(x->code, y->code);
}

static void read_municipality(struct data_reader *r, const config_setting_t *element,
			      struct conf_municipality *list, size_t i)
{
	static const struct field fields[] = { { "code", FIELD_TEXT, true }, { "name", FIELD_TEXT, true } };
	const config_setting_t *found[2];
	const char *code;

	list[i].code = list[i].name = "";
	if (tree_fields(&r->tree, element, "a municipality", fields, 2, found, r->faults) < 0)
		r->result = -EINVAL;
	if (found[0] == NULL)
		return;
	code = tree_text(r->arena, found[0], "");
	if (strlen(code) != 4 || strspn(code, "0123456789") != 4) {
		bad(r, found[0], "write four digits, such as \"0751\"", "the code of a municipality", code);
		return;
	}
	for (size_t j = 0; j < i; j++)
		if (strcmp(list[j].code, code) == 0)
			r->result =
				fault_add(r->faults, tree_place(&r->tree, found[0]), "keep one of the two",
					  "the municipality %s stands here a second time", code);
	list[i].code = code;
	list[i].name = label(r, found[1]);
}

static void read_municipalities(struct data_reader *r, const config_setting_t *const *found)
{
	size_t n = found[0] != NULL ? (size_t)config_setting_length(found[0]) : 0;
	struct conf_municipality *list;

	if (found[0] == NULL)
		return;
	if (n == 0 || n > DATA_MUNICIPALITIES_MAX) {
		r->result = fault_add(r->faults, tree_place(&r->tree, found[0]), NULL,
				      "1 to %d municipalities are needed, "
				      "here are %zu",
				      DATA_MUNICIPALITIES_MAX, n);
		return;
	}
	list = arena_array(r->arena, n, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		read_municipality(r, config_setting_get_elem(found[0], (unsigned)i), list, i);
	qsort(list, n, sizeof(*list), compare_codes);
	r->conf->municipalities = list;
	r->conf->municipalities_len = n;
	if (peer_list_read(r->conf, r->arena, &r->tree, found[1], r->faults) < 0)
		r->result = -EINVAL;
	if (reference_list_read(r->conf, r->arena, &r->tree, found[2], r->faults) < 0)
		r->result = -EINVAL;
}

int data_file_municipalities(struct arena *arena, const char *path, struct conf *conf, struct faults *faults)
{
	static const struct field fields[] = { { "municipalities", FIELD_LIST, true },
					       { "peers", FIELD_LIST, false },
					       { "reference", FIELD_LIST, false } };

	return with_file(arena, path, conf, "the file of municipalities", fields, 3, faults,
			 read_municipalities);
}

/* --- tasks: package and groups --- */

static int compare_groups(const void *a, const void *b)
{
	const struct group_def *x = a, *y = b;

	return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : strcmp(x->id, y->id);
}

static void read_group(struct data_reader *r, const config_setting_t *element, struct group_def *list,
		       size_t i)
{
	static const struct field fields[] = { { "id", FIELD_TEXT, true },
					       { "da", FIELD_TEXT, true },
					       { "en", FIELD_TEXT, true },
					       { "order", FIELD_INT, false } };
	const config_setting_t *found[4];

	list[i].id = "";
	if (tree_fields(&r->tree, element, "a group of tasks", fields, 4, found, r->faults) < 0)
		r->result = -EINVAL;
	list[i].place = tree_place(&r->tree, element);
	list[i].id = id(r, found[0]);
	list[i].name_da = label(r, found[1]);
	list[i].name_en = label(r, found[2]);
	list[i].order = tree_int(found[3], 1000);
	for (size_t j = 0; j < i; j++)
		if (list[i].id[0] != '\0' && strcmp(list[i].id, list[j].id) == 0)
			r->result = fault_add(r->faults, list[i].place, "keep one of the two",
					      "the group %s stands here a "
					      "second time; the first is in line %d",
					      list[i].id, list[j].place.line);
}

static void read_groups(struct data_reader *r, const config_setting_t *setting)
{
	size_t n = setting != NULL ? (size_t)config_setting_length(setting) : 0;
	struct group_def *list;

	if (n > AREA_GROUPS_MAX) {
		r->result = fault_add(r->faults, tree_place(&r->tree, setting), NULL, "more than %d groups",
				      AREA_GROUPS_MAX);
		return;
	}
	list = arena_array(r->arena, n, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		read_group(r, config_setting_get_elem(setting, (unsigned)i), list, i);
	if (n > 0)
		qsort(list, n, sizeof(*list), compare_groups);
	r->conf->groups = list;
	r->conf->groups_len = n;
}

static void read_tasks(struct data_reader *r, const config_setting_t *const *found)
{
	r->conf->task_package = id(r, found[0]);
	r->conf->definition = tree_text(r->arena, found[1], "");
	if (found[1] != NULL && strcmp(r->conf->definition, "kl-2014") != 0)
		bad(r, found[1], "the one there is: kl-2014", "a definition of the share",
		    r->conf->definition);
	read_groups(r, found[2]);
}

int data_file_tasks(struct arena *arena, const char *path, struct conf *conf, struct faults *faults)
{
	static const struct field fields[] = { { "package", FIELD_TEXT, true },
					       { "definition", FIELD_TEXT, true },
					       { "groups", FIELD_LIST, true } };

	return with_file(arena, path, conf, "the task package", fields, 3, faults, read_tasks);
}
