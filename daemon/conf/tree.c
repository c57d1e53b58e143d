/* SPDX-License-Identifier: MPL-2.0 */
/* See tree.h. The place of a setting is its hook: scan and libconfig meet the settings in the same order. */
#include "conf/tree.h"

#include "conf/near.h"

#include <errno.h>
#include <string.h>

#define FIELDS_MAX 40

/* Gives every setting below its mark. False: the scan and libconfig do not agree on what is in the file. */
static bool place_settings(config_setting_t *parent, const struct scan *scan, size_t *at)
{
	for (int i = 0; i < config_setting_length(parent); i++) {
		config_setting_t *setting = config_setting_get_elem(parent, (unsigned)i);

		if (*at == scan->len)
			return false;
		config_setting_set_hook(setting, &scan->marks[(*at)++]);
		if (config_setting_is_aggregate(setting) && !place_settings(setting, scan, at))
			return false;
	}
	return true;
}

/* What the scan let pass and libconfig did not: it tells the line only. */
static int parse_fault(const struct tree *tree, struct faults *faults)
{
	int line = config_error_line(&tree->config);
	const char *text = config_error_text(&tree->config);
	char quoted[160], hint[320];

	document_quote(&tree->doc, document_line_offset(&tree->doc, line), quoted, sizeof(quoted));
	snprintf(hint, sizeof(hint), "in `%s`%s", quoted,
		 text != NULL && strstr(text, "array") != NULL
			 ? ": [ ] holds values of one type; use ( ) for a mixed list"
			 : "");
	return fault_add(faults, (struct place){ tree->doc.path, line, 1 }, hint, "%s",
			 text != NULL ? text : "syntax error");
}

static int parse(struct tree *tree, struct faults *faults)
{
	size_t at = 0;

	if (config_read_string(&tree->config, tree->doc.bytes) != CONFIG_TRUE)
		return parse_fault(tree, faults);
	if (!place_settings(config_root_setting(&tree->config), &tree->scan, &at) || at != tree->scan.len)
		return fault_add(faults, (struct place){ tree->doc.path, 0, 0 }, "write it more plainly",
				 "the file cannot be understood");
	return 0;
}

/* Takes over doc. */
static int open_document(struct tree *tree, struct document doc, struct faults *faults)
{
	memset(tree, 0, sizeof(*tree));
	tree->doc = doc;
	config_init(&tree->config);
	if (scan_document(&tree->doc, &tree->scan, faults) < 0 || parse(tree, faults) < 0) {
		tree_close(tree);
		return -EINVAL;
	}
	return 0;
}

int tree_open(struct tree *tree, const char *path, struct faults *faults)
{
	struct document doc;

	if (document_read(path, &doc, faults) < 0)
		return -EINVAL;
	return open_document(tree, doc, faults);
}

int tree_open_text(struct tree *tree, const char *path, const char *bytes, size_t len, struct faults *faults)
{
	struct document doc;

	if (document_from(path, bytes, len, &doc, faults) < 0)
		return -EINVAL;
	return open_document(tree, doc, faults);
}

void tree_close(struct tree *tree)
{
	config_destroy(&tree->config);
	scan_done(&tree->scan);
	document_done(&tree->doc);
}

struct place tree_place(const struct tree *tree, const config_setting_t *setting)
{
	const struct scan_mark *mark = config_setting_get_hook(setting);

	if (mark == NULL)
		return (struct place){ tree->doc.path, 0, 0 };
	return (struct place){ tree->doc.path, mark->line, mark->column };
}

bool tree_is_bad(const config_setting_t *setting)
{
	const struct scan_mark *mark = config_setting_get_hook(setting);

	return mark != NULL && mark->is_bad;
}

const char *tree_type(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return "a group { }";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "a whole number";
	case CONFIG_TYPE_FLOAT:
		return "a decimal number";
	case CONFIG_TYPE_STRING:
		return "text";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_ARRAY:
		return "an array [ ]";
	default:
		return "a list ( )";
	}
}

static const char *const field_words[] = {
	[FIELD_TEXT] = "text in quotes",
	[FIELD_INT] = "a whole number without quotes",
	[FIELD_BOOL] = "true or false without quotes",
	[FIELD_NUMBER] = "a number without quotes",
	[FIELD_AMOUNT] = "a number, or one in quotes with decimal comma",
	[FIELD_GROUP] = "a group { name = value; }",
	[FIELD_LIST] = "a list ( ..., ... )",
	[FIELD_TEXTS] = "a list of texts [ \"...\", \"...\" ]",
};

bool tree_is_texts(const config_setting_t *setting)
{
	if (!config_setting_is_array(setting) && !config_setting_is_list(setting))
		return false;
	for (int i = 0; i < config_setting_length(setting); i++)
		if (config_setting_type(config_setting_get_elem(setting, (unsigned)i)) != CONFIG_TYPE_STRING)
			return false;
	return true;
}

static bool has_type(const config_setting_t *setting, enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
		return config_setting_type(setting) == CONFIG_TYPE_STRING;
	case FIELD_INT:
		return config_setting_type(setting) == CONFIG_TYPE_INT;
	case FIELD_BOOL:
		return config_setting_type(setting) == CONFIG_TYPE_BOOL;
	case FIELD_NUMBER:
		return config_setting_type(setting) == CONFIG_TYPE_INT ||
		       config_setting_type(setting) == CONFIG_TYPE_FLOAT;
	case FIELD_AMOUNT:
		return has_type(setting, FIELD_NUMBER) || has_type(setting, FIELD_TEXT);
	case FIELD_GROUP:
		return config_setting_is_group(setting);
	case FIELD_LIST:
		return config_setting_is_list(setting) ||
		       (config_setting_is_array(setting) && config_setting_length(setting) == 0);
	default:
		return tree_is_texts(setting);
	}
}

static int unknown_member(const struct tree *tree, const config_setting_t *member, const char *what,
			  const struct field *fields, size_t n, struct faults *faults)
{
	const char *names[FIELDS_MAX];
	char hint[512];

	for (size_t i = 0; i < n; i++)
		names[i] = fields[i].name;
	near_hint(hint, sizeof(hint), config_setting_name(member), names, n);
	return fault_add(faults, tree_place(tree, member), hint, "%s has no setting '%s'", what,
			 config_setting_name(member));
}

/* One member of the group: sets its slot in ret, or adds a fault. */
static int read_member(const struct tree *tree, const config_setting_t *member, const char *what,
		       const struct field *fields, size_t n, const config_setting_t **ret,
		       struct faults *faults)
{
	size_t i = 0;

	while (i < n && strcmp(fields[i].name, config_setting_name(member)) != 0)
		i++;
	if (i == n)
		return unknown_member(tree, member, what, fields, n, faults);
	if (tree_is_bad(member))
		return -EINVAL;
	if (!has_type(member, fields[i].type))
		return fault_add(faults, tree_place(tree, member), NULL, "'%s' of %s must be %s, not %s",
				 fields[i].name, what, field_words[fields[i].type], tree_type(member));
	ret[i] = member;
	return 0;
}

int tree_fields(const struct tree *tree, const config_setting_t *group, const char *what,
		const struct field *fields, size_t n, const config_setting_t **ret, struct faults *faults)
{
	int r = 0;

	memset(ret, 0, n * sizeof(*ret));
	if (!config_setting_is_group(group))
		return fault_add(faults, tree_place(tree, group), NULL,
				 "%s must be a group { name = value; }, not %s", what, tree_type(group));
	for (int i = 0; i < config_setting_length(group); i++)
		if (read_member(tree, config_setting_get_elem(group, (unsigned)i), what, fields, n, ret,
				faults) < 0)
			r = -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (fields[i].is_required && config_setting_get_member(group, fields[i].name) == NULL)
			r = fault_add(faults, tree_place(tree, group), NULL, "%s needs '%s', %s", what,
				      fields[i].name, field_words[fields[i].type]);
	return r;
}

const char *tree_text(struct arena *arena, const config_setting_t *setting, const char *otherwise)
{
	return setting != NULL ? arena_strdup(arena, config_setting_get_string(setting)) : otherwise;
}

int tree_int(const config_setting_t *setting, int otherwise)
{
	return setting != NULL ? config_setting_get_int(setting) : otherwise;
}

int64_t tree_integer(const config_setting_t *setting)
{
	return config_setting_type(setting) == CONFIG_TYPE_INT64 ? config_setting_get_int64(setting)
								 : config_setting_get_int(setting);
}

bool tree_bool(const config_setting_t *setting, bool otherwise)
{
	return setting != NULL ? config_setting_get_bool(setting) == CONFIG_TRUE : otherwise;
}

size_t tree_texts(struct arena *arena, const config_setting_t *setting, const char *const **ret)
{
	size_t n = setting != NULL ? (size_t)config_setting_length(setting) : 0;
	const char **list = arena_array(arena, n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = arena_strdup(arena, config_setting_get_string_elem(setting, (int)i));
	*ret = list;
	return n;
}
