/* SPDX-License-Identifier: MPL-2.0 */
/* See settings.h. One road for all values: text, checked by value_parse; what libconfig has typed becomes
 * text first. */
#include "conf/settings.h"

#include "conf/near.h"
#include "conf/definition_list.h"
#include "conf/period_list.h"
#include "conf/source_list.h"
#include "conf/value.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMBERS_MAX 64

struct reader {
	struct settings *settings;
	struct arena *arena;
	const struct tree *main;
	const char *dir;
	struct faults *faults;
	int result;
};

const char *settings_absolute(struct arena *arena, const char *base, const char *path)
{
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	return path[0] == '/' ? arena_strdup(arena, path) : arena_printf(arena, "%s/%s", base, path);
}

static const char *working_dir(struct arena *arena)
{
	char buf[PATH_MAX];

	return getcwd(buf, sizeof(buf)) != NULL ? arena_strdup(arena, buf) : "/";
}

static const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home != NULL && home[0] == '/')
		return home;
	user = getpwuid(geteuid());
	return user != NULL ? user->pw_dir : "/tmp";
}

/* state_dir and run_dir of an ordinary user, by the XDG base directory specification. */
static const char *user_dir(struct arena *arena, const char *variable, const char *below_home)
{
	const char *base = getenv(variable);

	if (base != NULL && base[0] == '/')
		return arena_printf(arena, "%s/effortd", base);
	if (below_home == NULL)
		return arena_printf(arena, "/tmp/effortd-%u", (unsigned)geteuid());
	return arena_printf(arena, "%s/%s/effortd", home_dir(), below_home);
}

static const char *default_text(struct arena *arena, const struct schema_key *key)
{
	if (geteuid() != 0 && strcmp(key->name, "state_dir") == 0)
		return user_dir(arena, "XDG_STATE_HOME", ".local/state");
	if (geteuid() != 0 && strcmp(key->name, "run_dir") == 0)
		return user_dir(arena, "XDG_RUNTIME_DIR", NULL);
	return key->default_text;
}

static bool is_path(const struct schema_key *key, const char *text)
{
	if (text[0] == '\0' || value_word(key->words, text) >= 0)
		return false;
	if (key->type == TYPE_ADDRESS)
		return strchr(text, '/') != NULL && strncmp(text, "unix:", 5) != 0;
	return key->type == TYPE_PATH;
}

/* Takes one value. base: what a relative path starts at. */
static void take(struct reader *r, int index, const char *text, enum origin origin, struct place place,
		 const char *base)
{
	const struct schema_key *key = &schema_keys[index];
	struct setting *setting = &r->settings->list[index];
	struct error err = { "" }, hint = { "" };
	int64_t number;

	setting->place = place;
	setting->origin = origin;
	if (is_path(key, text))
		text = settings_absolute(r->arena, base, text);
	if (value_parse(key, text, &number, &err, &hint) < 0) {
		setting->is_bad = true;
		r->result = fault_add(r->faults, place, hint.text[0] != '\0' ? hint.text : NULL, "%s: %s",
				      key->name, err.text);
		return;
	}
	setting->is_bad = false;
	setting->text = arena_strdup(r->arena, text);
	setting->number = number;
}

static void take_defaults(struct reader *r)
{
	for (size_t i = 0; i < schema_len; i++) {
		if (schema_keys[i].type < TYPE_SOURCES)
			take(r, (int)i, default_text(r->arena, &schema_keys[i]), ORIGIN_DEFAULT,
			     (struct place){ NULL, 0, 0 }, "/");
	}
}

/* The full name of a setting that ends in ".word", for hints on a setting in the wrong group. */
static const char *elsewhere(const char *word)
{
	for (size_t i = 0; i < schema_len; i++) {
		const char *dot = strrchr(schema_keys[i].name, '.');

		if (strcmp(dot != NULL ? dot + 1 : schema_keys[i].name, word) == 0)
			return schema_keys[i].name;
	}
	return NULL;
}

static void unknown(struct reader *r, struct place place, const char *group, const char *word)
{
	const char *names[MEMBERS_MAX], *other = elsewhere(word);
	char buf[1024], hint[900];
	size_t n = schema_members(group, names, MEMBERS_MAX, buf, sizeof(buf));

	if (other != NULL && near_find(word, names, n) == NULL)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", other);
	else
		near_hint(hint, sizeof(hint), word, names, n);
	r->result = fault_add(r->faults, place, hint, "unknown setting '%s%s%s'", group,
			      group[0] != '\0' ? "." : "", word);
}

/* What the schema says a value must look like in a file. */
static void wrong_type(struct reader *r, const struct schema_key *key, const config_setting_t *setting)
{
	bool is_int = key->type == TYPE_INT;
	const char *quote = is_int ? "" : "\"", *example = key->default_text;
	char hint[160];

	if (key->type == TYPE_PATH)
		example = "/absolute/path";
	if (is_int && strcmp(example, "off") == 0)
		example = "7379";
	snprintf(hint, sizeof(hint), "write it %s quotes, such as %s%s%s", is_int ? "without" : "in", quote,
		 example, quote);
	r->result = fault_add(r->faults, tree_place(r->main, setting), hint, "%s must be %s, not %s",
			      key->name, is_int ? "a whole number" : "text", tree_type(setting));
}

/* One leaf of the main file. */
static void read_leaf(struct reader *r, int index, const config_setting_t *setting)
{
	const struct schema_key *key = &schema_keys[index];
	int type = config_setting_type(setting);
	const char *text;

	r->settings->list[index].is_bad = true;
	if (tree_is_bad(setting)) {
		r->result = -EINVAL;
		return;
	}
	if ((type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64) &&
	    (key->type == TYPE_INT || key->type == TYPE_COUNT))
		text = arena_printf(r->arena, "%" PRId64, tree_integer(setting));
	else if (type == CONFIG_TYPE_STRING &&
		 (key->type != TYPE_INT || value_word(key->words, config_setting_get_string(setting)) >= 0))
		text = config_setting_get_string(setting);
	else {
		wrong_type(r, key, setting);
		return;
	}
	take(r, index, text, ORIGIN_FILE, tree_place(r->main, setting), r->dir);
}

static void read_group(struct reader *r, const char *group, const config_setting_t *parent)
{
	for (int i = 0; i < config_setting_length(parent); i++) {
		const config_setting_t *setting = config_setting_get_elem(parent, (unsigned)i);
		const char *name = config_setting_name(setting);
		const char *full = group[0] != '\0' ? arena_printf(r->arena, "%s.%s", group, name) : name;
		int index = schema_find(full);

		if (index >= 0 && schema_keys[index].type == TYPE_SOURCES) {
			if (source_list_read(r->settings, r->arena, r->main, setting, r->faults) < 0)
				r->result = -EINVAL;
		} else if (index >= 0 && schema_keys[index].type == TYPE_PERIODS) {
			if (period_list_read(r->settings, r->arena, r->main, setting, r->faults) < 0)
				r->result = -EINVAL;
		} else if (index >= 0 && schema_keys[index].type == TYPE_DEFINITIONS) {
			if (definition_list_read(r->settings, r->arena, r->main, setting, r->faults) < 0)
				r->result = -EINVAL;
		} else if (index >= 0) {
			read_leaf(r, index, setting);
		} else if (!schema_is_group(full)) {
			unknown(r, tree_place(r->main, setting), group, name);
		} else if (config_setting_is_group(setting)) {
			read_group(r, full, setting);
		} else {
			r->result = fault_add(r->faults, tree_place(r->main, setting), NULL,
					      "%s must be a group { name = value; }, not %s", full,
					      tree_type(setting));
		}
	}
}

static void take_override(struct reader *r, const struct conf_override *o)
{
	struct place place = { arena_printf(r->arena, "-s %s", o->key), 0, 0 };
	const char *dot = strrchr(o->key, '.');
	int index = schema_find(o->key);

	if (strncmp(o->key, "sources.", 8) == 0) {
		if (source_list_override(r->settings, r->arena, o, place, r->faults) < 0)
			r->result = -EINVAL;
	} else if (index >= 0 && schema_keys[index].type < TYPE_SOURCES) {
		take(r, index, o->value, ORIGIN_OVERRIDE, place, working_dir(r->arena));
	} else if (index >= 0 || schema_is_group(o->key)) {
		r->result = fault_add(r->faults, place,
				      index < 0				      ? NULL :
				      schema_keys[index].type == TYPE_SOURCES ? "write -s sources.NAME.expected_every=1h" :
										"write it in the configuration file",
				      "is not a single setting");
	} else if (dot != NULL) {
		char *group = arena_strdup(r->arena, o->key);

		group[dot - o->key] = '\0';
		unknown(r, place, schema_is_group(group) ? group : "",
			schema_is_group(group) ? dot + 1 : o->key);
	} else {
		unknown(r, place, "", o->key);
	}
}

int settings_read(struct settings *settings, struct arena *arena, const struct tree *main, const char *dir,
		  const struct conf_override *overrides, size_t overrides_len, struct faults *faults)
{
	struct reader r = { settings, arena, main, dir, faults, 0 };

	memset(settings, 0, sizeof(*settings));
	settings->list = arena_array(arena, schema_len, sizeof(*settings->list));
	settings->sources = arena_array(arena, SETTINGS_SOURCES_MAX, sizeof(*settings->sources));
	settings->periods = arena_array(arena, COUNTINGS_MAX, sizeof(*settings->periods));
	settings->definitions = arena_array(arena, DEFINITIONS_MAX + 1, sizeof(*settings->definitions));
	settings->definitions[0] = (struct definition){ SHARE_SHIPPED, INT32_MIN, share_kl_2014, { NULL, 0, 0 } };
	settings->definitions_len = 1;
	take_defaults(&r);
	if (main != NULL)
		read_group(&r, "", config_root_setting(&main->config));
	for (size_t i = 0; i < overrides_len; i++)
		take_override(&r, &overrides[i]);
	return r.result;
}

const struct setting *settings_get(const struct settings *settings, const char *name)
{
	return &settings->list[schema_find(name)];
}

void settings_store(const struct settings *settings, struct conf *conf)
{
	for (size_t i = 0; i < schema_len; i++) {
		const struct schema_key *key = &schema_keys[i];
		const struct setting *s = &settings->list[i];
		void *field = (char *)conf + key->offset;

		switch (key->store) {
		case STORE_NOT:
			break;
		case STORE_TEXT:
			*(const char **)field =
				s->text[0] == '\0' || strcmp(s->text, "stderr") == 0 ? NULL : s->text;
			break;
		case STORE_INT:
			*(int *)field = (int)s->number;
			break;
		case STORE_INT64:
		case STORE_US:
			*(int64_t *)field = s->number;
			break;
		case STORE_MS:
			*(int64_t *)field = s->number == INT64_MAX ? CONF_NEVER : s->number / 1000;
			break;
		}
	}
}
