/* SPDX-License-Identifier: MPL-2.0 */
/* See source_list.h. Members are few and their checks shared by file and command line: set_member takes text.
 */
#include "conf/source_list.h"

#include "conf/near.h"
#include "conf/value.h"
#include "event/vocab.h"

#include <errno.h>
#include <string.h>

enum { NAME, EXPECTED_EVERY, DEFAULT_KIND, DEFAULT_TASK, AREAS, METHOD, FIELDS };

#define METHOD_MAX 15 /* a part of a cell's label (SPREAD_WORD_MAX) */
#define MEMBERS	   5  /* that the command line takes */

static const struct field fields[FIELDS] = {
	[NAME] = { "name", FIELD_TEXT, true },
	[EXPECTED_EVERY] = { "expected_every", FIELD_TEXT, false },
	[DEFAULT_KIND] = { "default_kind", FIELD_TEXT, false },
	[DEFAULT_TASK] = { "default_task", FIELD_TEXT, false },
	[AREAS] = { "areas", FIELD_TEXTS, false },
	[METHOD] = { "method", FIELD_TEXT, false },
};

static const struct schema_key expected_key = {
	.name = "expected_every",
	.type = TYPE_DURATION,
	.min = INT64_C(1000000),
	.max = INT64_C(31536000000000),
	.words = "never",
	.store = STORE_MS,
};

static int set_expected(struct conf_source *source, const char *text, struct place at, struct faults *faults)
{
	struct error err = { "" }, hint = { "" };
	int64_t number;

	if (value_parse(&expected_key, text, &number, &err, &hint) < 0)
		return fault_add(faults, at, hint.text, "expected_every: %s", err.text);
	source->expected_every_ms = number == INT64_MAX ? 0 : number / 1000;
	return 0;
}

static int set_kind(struct conf_source *source, const char *text, struct place at, struct faults *faults)
{
	char hint[256];
	int kind = vocab_find(vocab_kind, EFFORT_KINDS, (struct effort_str){ text, strlen(text) });

	if (kind < 0) {
		near_hint(hint, sizeof(hint), text, vocab_kind, EFFORT_KINDS);
		return fault_add(faults, at, hint, "default_kind: \"%.60s\" is not a kind", text);
	}
	source->default_kind = kind;
	return 0;
}

static int set_task(struct conf_source *source, struct arena *arena, const char *text, struct place at,
		    struct faults *faults)
{
	if (!value_is_id(text))
		return fault_add(faults, at, "ids are of a-z, 0-9 and '-', at most 48",
				 "default_task: \"%.60s\" is not the id of a task", text);
	source->default_task = arena_strdup(arena, text);
	return 0;
}

/* "shares" is what measures call what is not counted apart. */
static int set_method(struct settings *settings, struct conf_source *source, struct arena *arena, const char *text,
		      struct place at, struct faults *faults)
{
	size_t i = 0;

	if (!value_is_id(text) || strlen(text) > METHOD_MAX || strcmp(text, "shares") == 0)
		return fault_add(faults, at, "write what the second measurement is: method = \"hand-count\"",
				 "method: \"%.60s\" is not 1 to %d of a-z, 0-9 and '-', other than shares", text, METHOD_MAX);
	while (i < settings->methods_len && strcmp(settings->methods[i], text) != 0)
		i++;
	if (i == CONF_METHODS_MAX)
		return fault_add(faults, at, "use one of those there are", "method: more than %d methods", CONF_METHODS_MAX);
	if (i == settings->methods_len)
		settings->methods[settings->methods_len++] = arena_strdup(arena, text);
	source->method = (int)i + 1;
	return 0;
}

/* Absent members are NULL; every fault is added. */
static int set_texts(struct settings *settings, struct conf_source *source, struct arena *arena, const struct tree *tree,
		     const config_setting_t *const *found, struct faults *faults)
{
	int r = 0;

	if (found[EXPECTED_EVERY] != NULL)
		r |= set_expected(source, config_setting_get_string(found[EXPECTED_EVERY]),
				  tree_place(tree, found[EXPECTED_EVERY]), faults);
	if (found[DEFAULT_KIND] != NULL)
		r |= set_kind(source, config_setting_get_string(found[DEFAULT_KIND]),
			      tree_place(tree, found[DEFAULT_KIND]), faults);
	if (found[DEFAULT_TASK] != NULL)
		r |= set_task(source, arena, config_setting_get_string(found[DEFAULT_TASK]),
			      tree_place(tree, found[DEFAULT_TASK]), faults);
	if (found[METHOD] != NULL)
		r |= set_method(settings, source, arena, config_setting_get_string(found[METHOD]),
				tree_place(tree, found[METHOD]), faults);
	source->areas_len = tree_texts(arena, found[AREAS], &source->areas);
	return r;
}

static struct conf_source *find(struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->sources_len; i++)
		if (strcmp(settings->sources[i].name, name) == 0)
			return &settings->sources[i];
	return NULL;
}

static int add(struct settings *settings, struct arena *arena, const char *name, struct place at,
	       struct faults *faults, struct conf_source **ret)
{
	if (!value_is_source(name))
		return fault_add(faults, at, "names are 1 to 128 printable ASCII signs without blanks",
				 "\"%.60s\" is not the name of a source", name);
	if (settings->sources_len == SETTINGS_SOURCES_MAX)
		return fault_add(faults, at, NULL, "more than %d sources", SETTINGS_SOURCES_MAX);
	*ret = &settings->sources[settings->sources_len++];
	**ret = (struct conf_source){ .name = arena_strdup(arena, name), .default_kind = -1, .place = at };
	return 0;
}

static int read_one(struct settings *settings, struct arena *arena, const struct tree *tree,
		    const config_setting_t *group, struct faults *faults)
{
	const config_setting_t *found[FIELDS];
	struct conf_source *source;
	const char *name;
	int r = tree_fields(tree, group, "a source", fields, FIELDS, found, faults);

	if (found[NAME] == NULL)
		return -EINVAL;
	name = config_setting_get_string(found[NAME]);
	source = find(settings, name);
	if (source != NULL)
		return fault_add(faults, tree_place(tree, found[NAME]), "keep one of the two",
				 "the source %.60s stands here a second time; the first is in line %d", name,
				 source->place.line);
	if (add(settings, arena, name, tree_place(tree, found[NAME]), faults, &source) < 0)
		return -EINVAL;
	return set_texts(settings, source, arena, tree, found, faults) < 0 ? -EINVAL : r;
}

int source_list_read(struct settings *settings, struct arena *arena, const struct tree *tree,
		     const config_setting_t *list, struct faults *faults)
{
	int r = 0;

	if (!config_setting_is_list(list))
		return fault_add(faults, tree_place(tree, list),
				 "write sources = ( { name = \"borger.dk\"; "
				 "expected_every = \"1h\"; } );",
				 "sources must be a list ( ), not %s", tree_type(list));
	for (int i = 0; i < config_setting_length(list); i++)
		if (read_one(settings, arena, tree, config_setting_get_elem(list, (unsigned)i), faults) < 0)
			r = -EINVAL;
	return r;
}

/* "administration,school" */
static void set_areas(struct conf_source *source, struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text), *save = NULL;
	const char **areas = arena_array(arena, strlen(text) / 2 + 1, sizeof(*areas));
	size_t n = 0;

	for (char *p = strtok_r(copy, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save))
		areas[n++] = p;
	source->areas = areas;
	source->areas_len = n;
}

/* sources.<name>.<member>: names have dots, members have none. */
int source_list_override(struct settings *settings, struct arena *arena, const struct conf_override *o,
			 struct place at, struct faults *faults)
{
	static const char *const members[] = { "expected_every", "default_kind", "default_task", "areas", "method" };
	char *name = arena_strdup(arena, o->key + strlen("sources.")), *member = strrchr(name, '.'),
	     hint[256];
	struct conf_source *source;
	size_t known = 0;

	if (member == NULL)
		return fault_add(faults, at, "write -s sources.NAME.expected_every=1h",
				 "the member is missing");
	*member++ = '\0';
	while (known < MEMBERS && strcmp(member, members[known]) != 0)
		known++;
	if (known == MEMBERS) {
		near_hint(hint, sizeof(hint), member, members, MEMBERS);
		return fault_add(faults, at, hint, "a source has no setting '%s'", member);
	}
	source = find(settings, name);
	if (source == NULL && add(settings, arena, name, at, faults, &source) < 0)
		return -EINVAL;
	if (strcmp(member, "expected_every") == 0)
		return set_expected(source, o->value, at, faults);
	if (strcmp(member, "default_kind") == 0)
		return set_kind(source, o->value, at, faults);
	if (strcmp(member, "default_task") == 0)
		return set_task(source, arena, o->value, at, faults);
	if (strcmp(member, "method") == 0)
		return set_method(settings, source, arena, o->value, at, faults);
	set_areas(source, arena, o->value);
	return 0;
}
