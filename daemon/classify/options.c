/* SPDX-License-Identifier: MPL-2.0 */
/* See options.h. Owns the rules: every option of the file is one of the table's, of its type and in its
 * range, once; every required one is given; defaults obey the same rules, so a fault there is the plugin's.
 */
#include "classify/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *type_name(uint32_t type)
{
	static const char *const names[] = { "?", "true or false", "a whole number", "text",
					     "a list of texts" };

	return type <= EFFORT_LIST ? names[type] : names[0];
}

/* Distance of two names (insertions, deletions, replacements), for "did you mean". Long names are never near.
 */
static unsigned distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[AREA_NAME_MAX + 1];

	if (la > AREA_NAME_MAX || lb > AREA_NAME_MAX)
		return UINT32_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[lb];
}

static void fault_unknown(const struct options *o, const struct area_def *def,
			  const struct area_option *given, struct faults *faults)
{
	char hint[160] = "the plugin has no options";
	unsigned best = UINT32_MAX;

	for (size_t i = 0; i < o->len; i++) {
		unsigned d = distance(given->name, o->values[i].option->name);
		if (d >= best)
			continue;
		best = d;
		snprintf(hint, sizeof(hint),
			 d <= 3 ? "did you mean \"%s\"?" : "the nearest option it has is \"%s\"",
			 o->values[i].option->name);
	}
	fault_add(faults, given->place, hint, "area %s: plugin %s has no option \"%s\"", def->id, def->plugin,
		  given->name);
}

/* min and max of 0 and 0: no bound. */
static bool is_in_range(const struct effort_option *option, int64_t value)
{
	return (option->min == 0 && option->max == 0) || (value >= option->min && value <= option->max);
}

/* What the option's bounds apply to: the number, the bytes of the text, the elements of the list. */
static int64_t measured(const struct option_value *v)
{
	switch (v->option->type) {
	case EFFORT_INT:
		return v->integer;
	case EFFORT_STRING:
		return (int64_t)v->string.len;
	default:
		return (int64_t)v->list_len;
	}
}

static void fault_range(const struct option_value *v, struct place place, const char *area,
			const char *source, struct faults *faults)
{
	const char *what = v->option->type == EFFORT_INT      ? ""
			   : v->option->type == EFFORT_STRING ? " bytes"
							      : " elements";

	fault_add(faults, place, v->option->help,
		  "area %s: %s \"%s\" is %" PRId64 "%s, allowed is %" PRId64 " to %" PRId64, area, source,
		  v->option->name, measured(v), what, v->option->min, v->option->max);
}

static bool types_agree(uint32_t wanted, enum area_value_type given)
{
	return (wanted == EFFORT_BOOL && given == AREA_VALUE_BOOL) ||
	       (wanted == EFFORT_INT && given == AREA_VALUE_INT) ||
	       (wanted == EFFORT_STRING && given == AREA_VALUE_STRING) ||
	       (wanted == EFFORT_LIST && given == AREA_VALUE_LIST);
}

static int set_list(struct option_value *v, const char *const *list, size_t n)
{
	v->list = calloc(n + 1, sizeof(*v->list));
	if (v->list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		v->list[i] = (struct effort_str){ list[i], strlen(list[i]) };
	v->list_len = n;
	return 0;
}

static void take(struct options *o, const struct area_def *def, const struct area_option *given,
		 struct faults *faults)
{
	struct option_value *v = NULL;

	for (size_t i = 0; i < o->len && v == NULL; i++)
		v = strcmp(o->values[i].option->name, given->name) == 0 ? &o->values[i] : NULL;
	if (v == NULL) {
		fault_unknown(o, def, given, faults);
		return;
	}
	if (v->is_given) {
		fault_add(faults, given->place, NULL, "area %s: option \"%s\" is given twice", def->id,
			  given->name);
		return;
	}
	v->is_given = true;
	if (!types_agree(v->option->type, given->type)) {
		fault_add(faults, given->place, v->option->help, "area %s: option \"%s\" must be %s", def->id,
			  given->name, type_name(v->option->type));
		return;
	}
	v->boolean = given->type == AREA_VALUE_BOOL && given->boolean;
	v->integer = given->type == AREA_VALUE_INT ? given->integer : 0;
	if (given->type == AREA_VALUE_STRING)
		v->string = (struct effort_str){ given->string, strlen(given->string) };
	if (given->type == AREA_VALUE_LIST && set_list(v, given->list, given->list_len) < 0)
		fault_add(faults, given->place, NULL, "area %s: no memory", def->id);
	else if (given->type != AREA_VALUE_BOOL && !is_in_range(v->option, measured(v)))
		fault_range(v, given->place, def->id, "option", faults);
}

/* A list's default is its elements joined by commas. */
static int default_list(struct option_value *v, const char *text)
{
	size_t n = 1;

	for (const char *p = text; *p != '\0'; p++)
		n += *p == ',';
	v->list = calloc(n, sizeof(*v->list));
	if (v->list == NULL)
		return -ENOMEM;
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		v->list[v->list_len++] = (struct effort_str){ text, len };
		text += len + (text[len] == ',');
	}
	return 0;
}

/* False: the default is not of the option's own type. */
static bool set_default(struct option_value *v)
{
	const char *text = v->option->default_value;
	char *end;

	v->string = (struct effort_str){ "", 0 };
	if (text == NULL)
		return true;
	switch (v->option->type) {
	case EFFORT_BOOL:
		v->boolean = strcmp(text, "true") == 0;
		return v->boolean || strcmp(text, "false") == 0;
	case EFFORT_INT:
		errno = 0;
		v->integer = strtoll(text, &end, 10);
		return errno == 0 && end != text && *end == '\0' && is_in_range(v->option, v->integer);
	case EFFORT_STRING:
		v->string = (struct effort_str){ text, strlen(text) };
		return is_in_range(v->option, measured(v));
	default:
		return default_list(v, text) == 0 && is_in_range(v->option, measured(v));
	}
}

static void check_table(struct options *o, const struct area_def *def, const char *plugin,
			struct faults *faults)
{
	for (size_t i = 0; i < o->len; i++) {
		const struct effort_option *option = o->values[i].option;
		bool is_required = (option->flags & EFFORT_OPTION_REQUIRED) != 0;
		if (option->name == NULL || option->type > EFFORT_LIST ||
		    (option->flags & ~EFFORT_OPTION_REQUIRED) != 0)
			fault_add(faults, def->place, "tell the plugin's author",
				  "area %s: %s: row %zu of its option table has no name, or a type or flag "
				  "this effortd does not know",
				  def->id, plugin, i + 1);
		else if (!set_default(&o->values[i]) && !is_required)
			fault_add(faults, def->place, "tell the plugin's author",
				  "area %s: %s: the default \"%s\" of its option \"%s\" is not %s in range",
				  def->id, plugin, option->default_value, option->name,
				  type_name(option->type));
	}
}

void options_init(struct options *o, const struct effort_option *table, const struct area_def *def,
		  const char *plugin, struct faults *faults)
{
	size_t n = 0, before = faults->n + faults->more;

	memset(o, 0, sizeof(*o));
	while (table != NULL && n < OPTIONS_MAX && table[n].type != EFFORT_OPTION_END)
		n++;
	o->values = calloc(n + 1, sizeof(*o->values));
	if (o->values == NULL) {
		fault_add(faults, def->place, NULL, "area %s: no memory", def->id);
		return;
	}
	o->len = n;
	for (size_t i = 0; i < n; i++)
		o->values[i].option = &table[i];
	check_table(o, def, plugin, faults);
	if (faults->n + faults->more > before)
		return;
	for (size_t i = 0; i < o->len; i++) {
		free(o->values[i].list);
		o->values[i].list = NULL;
		o->values[i].list_len = 0;
	}
	for (size_t i = 0; i < def->options_len; i++)
		take(o, def, &def->options[i], faults);
	for (size_t i = 0; i < n; i++) {
		struct option_value *v = &o->values[i];
		if (v->is_given)
			continue;
		set_default(v);
		if ((v->option->flags & EFFORT_OPTION_REQUIRED) != 0)
			fault_add(faults, def->place, v->option->help,
				  "area %s: plugin %s needs the option \"%s\"", def->id, def->plugin,
				  v->option->name);
	}
}

void options_done(struct options *o)
{
	for (size_t i = 0; i < o->len; i++)
		free(o->values[i].list);
	free(o->values);
	memset(o, 0, sizeof(*o));
}

const struct option_value *options_find(const struct options *o, const char *name,
					enum effort_option_type type)
{
	for (size_t i = 0; i < o->len; i++) {
		if (o->values[i].option->type == type && strcmp(o->values[i].option->name, name) == 0)
			return &o->values[i];
	}
	return NULL;
}
