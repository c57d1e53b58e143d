/* SPDX-License-Identifier: MPL-2.0 */
/* See import_map.h. */
#include "conf/import_map.h"

#include "base/letters.h"
#include "conf/near.h"
#include "conf/tree.h"
#include "conf/value.h"
#include "event/encoding.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct reader {
	struct arena *arena;
	struct tree tree;
	struct faults *faults;
	struct import_map *map;
	bool is_bad;
};

static void fault(struct reader *r, const config_setting_t *at, const char *hint, const char *what,
		  const char *text)
{
	fault_add(r->faults, tree_place(&r->tree, at), hint, "\"%.60s\" is not %s", text, what);
	r->is_bad = true;
}

/* One of the words; -1: at fault. */
static int word(struct reader *r, const config_setting_t *setting, const char *const *words, size_t n,
		int otherwise, const char *what)
{
	const char *text;
	char hint[256];

	if (setting == NULL)
		return otherwise;
	text = config_setting_get_string(setting);
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	near_hint(hint, sizeof(hint), text, words, n);
	fault(r, setting, hint, what, text);
	return otherwise;
}

static const char *folded(struct reader *r, const char *text)
{
	char buf[IMPORT_FOLDED];

	letters_fold(text, strlen(text), buf, sizeof(buf));
	return arena_strdup(r->arena, buf);
}

/* A list of texts, folded. */
static size_t folded_texts(struct reader *r, const config_setting_t *setting, const char *const **ret)
{
	const char *const *texts;
	size_t n = tree_texts(r->arena, setting, &texts);
	const char **list = arena_array(r->arena, n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = folded(r, texts[i]);
	*ret = list;
	return n;
}

/* --- the table's form --- */

enum {
	SOURCE,
	SEPARATOR,
	ENCODING,
	DECIMAL,
	THOUSANDS,
	HEADER,
	SKIP_LINES,
	CONSTANTS,
	COLUMNS,
	DROP,
	SALT,
	BOOKING,
	ROOT_FIELDS
};

static const struct field root_fields[ROOT_FIELDS] = {
	[SOURCE] = { "source", FIELD_TEXT, true },
	[SEPARATOR] = { "separator", FIELD_TEXT, false },
	[ENCODING] = { "encoding", FIELD_TEXT, false },
	[DECIMAL] = { "decimal", FIELD_TEXT, false },
	[THOUSANDS] = { "thousands", FIELD_TEXT, false },
	[HEADER] = { "header", FIELD_BOOL, false },
	[SKIP_LINES] = { "skip_lines", FIELD_INT, false },
	[CONSTANTS] = { "constants", FIELD_GROUP, false },
	[COLUMNS] = { "columns", FIELD_LIST, true },
	[DROP] = { "drop", FIELD_TEXTS, false },
	[SALT] = { "salt", FIELD_TEXT, false },
	[BOOKING] = { "booking", FIELD_GROUP, false },
};

/* One character, or none. */
static char sign(struct reader *r, const config_setting_t *setting, const char *allowed, char otherwise,
		 const char *hint)
{
	const char *text;

	if (setting == NULL)
		return otherwise;
	text = config_setting_get_string(setting);
	if (text[0] == '\0')
		return '\0';
	if (text[1] != '\0' || strchr(allowed, text[0]) == NULL) {
		fault(r, setting, hint, "a sign that can stand here", text);
		return otherwise;
	}
	return text[0];
}

static void read_form(struct reader *r, const config_setting_t *const *found)
{
	static const char *const encodings[] = { "auto", "utf-8", "windows-1252", "latin-1" };
	static const int values[] = { -1, ENCODING_UTF8, ENCODING_1252, ENCODING_1252 };
	struct import_map *map = r->map;

	map->source = tree_text(r->arena, found[SOURCE], "");
	if (found[SOURCE] != NULL && !value_is_source(map->source))
		fault(r, found[SOURCE], "1 to 128 printable ASCII signs without blanks",
		      "the name of a source", map->source);
	map->separator = sign(r, found[SEPARATOR], ";,\t|", '\0',
			      "one of \";\" \",\" \"\\t\" \"|\"; without it the first line decides");
	map->numbers.decimal = sign(r, found[DECIMAL], ",.", ',', "\",\" or \".\"");
	map->numbers.thousands = sign(r, found[THOUSANDS], ".,' ", map->numbers.decimal == ',' ? '.' : ',',
				      "\".\" \",\" \"'\" or \"\" for none");
	if (map->numbers.decimal == map->numbers.thousands || map->numbers.decimal == '\0') {
		fault_add(r->faults,
			  tree_place(&r->tree, found[THOUSANDS] != NULL ? found[THOUSANDS] : found[DECIMAL]),
			  "decimal = \",\"; thousands = \".\";",
			  "decimal and thousands sign must be there and differ");
		r->is_bad = true;
	}
	map->encoding = values[word(r, found[ENCODING], encodings, 4, 0, "an encoding")];
	map->has_header = tree_bool(found[HEADER], true);
	map->skip_lines = tree_int(found[SKIP_LINES], 0);
	if (map->skip_lines < 0 || map->skip_lines > 1000) {
		fault_add(r->faults, tree_place(&r->tree, found[SKIP_LINES]), NULL,
			  "skip_lines is 0 to 1000");
		r->is_bad = true;
	}
	map->salt = tree_text(r->arena, found[SALT], "");
	map->drop_len = folded_texts(r, found[DROP], &map->drop);
}

static void read_booking(struct reader *r, const config_setting_t *group)
{
	enum { DATE, WEEKS, SPREAD, TIME, DURATION, FIELDS };
	static const struct field fields[FIELDS] = { [DATE] = { "date", FIELD_TEXT, false },
						     [WEEKS] = { "weeks", FIELD_TEXT, false },
						     [SPREAD] = { "spread", FIELD_TEXT, false },
						     [TIME] = { "time", FIELD_TEXT, false },
						     [DURATION] = { "duration", FIELD_TEXT, false } };
	const config_setting_t *found[FIELDS] = { NULL };
	struct import_map *map = r->map;
	const char *time;

	if (group != NULL && tree_fields(&r->tree, group, "booking", fields, FIELDS, found, r->faults) < 0)
		r->is_bad = true;
	map->date = (enum span_date)word(r, found[DATE], span_date_name, SPAN_DATES, SPAN_AUTO,
					 "a form of dates");
	map->weeks = (enum span_weeks)word(r, found[WEEKS], span_weeks_name, SPAN_WEEKS, SPAN_ISO,
					   "a numbering of weeks");
	map->spread = (enum span_spread)word(r, found[SPREAD], span_spread_name, SPAN_SPREADS, SPAN_DAYS,
					     "a way to book a period's count on its days");
	map->duration = (enum import_duration)word(r, found[DURATION], import_duration_name, IMPORT_DURATIONS,
						   IMPORT_SECONDS, "a unit of handling time");
	time = tree_text(r->arena, found[TIME], "12:00");
	if (!span_parse_clock(time, strlen(time), &map->clock_s))
		fault(r, found[TIME], "write it as \"12:00\"", "a time of day", time);
}

static void read_constants(struct reader *r, const config_setting_t *group)
{
	const char *names[KEYS];
	char hint[512];
	size_t n = 0;

	for (int key = 0; key < KEY_EVENTS; key++)
		if (key != KEY_SOURCE && key != KEY_ID)
			names[n++] = key_name[key];
	for (int i = 0; group != NULL && i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		int key = import_field_find(config_setting_name(setting));

		if (key < 0 || key >= KEYS || key == KEY_ID) {
			near_hint(hint, sizeof(hint), config_setting_name(setting), names, n);
			fault(r, setting, hint, "a member that every event can be given",
			      config_setting_name(setting));
		} else if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
			fault_add(r->faults, tree_place(&r->tree, setting), "write it in quotes",
				  "%s must be text, not %s", key_name[key], tree_type(setting));
			r->is_bad = true;
		} else {
			r->map->constants[key] = tree_text(r->arena, setting, "");
		}
	}
}

/* --- columns --- */

enum { COLUMN, FIELD, VALUES, OTHERWISE, EMPTY, SKIP, KEY, COLUMN_FIELDS };

static const struct field column_fields[COLUMN_FIELDS] = {
	[COLUMN] = { "column", FIELD_TEXT, true },  [FIELD] = { "field", FIELD_TEXT, false },
	[VALUES] = { "values", FIELD_LIST, false }, [OTHERWISE] = { "otherwise", FIELD_TEXT, false },
	[EMPTY] = { "empty", FIELD_TEXT, false },   [SKIP] = { "skip", FIELD_TEXTS, false },
	[KEY] = { "key", FIELD_BOOL, false },
};

/* values = ( [ "Tlf.", "Telefon", "phone" ], ... ): the last of each is what the others mean. */
static void read_values(struct reader *r, const config_setting_t *list, struct import_column *column)
{
	int rows = list == NULL ? 0 : config_setting_length(list);
	struct import_value *values = arena_array(r->arena, IMPORT_VALUES_MAX, sizeof(*values));

	for (int i = 0; i < rows; i++) {
		const config_setting_t *row = config_setting_get_elem(list, (unsigned)i);
		const char *const *texts;
		size_t n;

		if (!tree_is_texts(row) || config_setting_length(row) < 2) {
			fault_add(r->faults, tree_place(&r->tree, row),
				  "write [ \"Tlf.\", \"Telefon\", \"phone\" ]",
				  "a line of the table of values is a list of texts: what stands in the "
				  "file, and last what it means");
			r->is_bad = true;
			continue;
		}
		n = tree_texts(r->arena, row, &texts);
		for (size_t k = 0; k + 1 < n && column->values_len < IMPORT_VALUES_MAX; k++)
			values[column->values_len++] =
				(struct import_value){ folded(r, texts[k]), texts[n - 1] };
	}
	if (column->values_len == IMPORT_VALUES_MAX) {
		fault_add(r->faults, tree_place(&r->tree, list), NULL, "more than %d values",
			  IMPORT_VALUES_MAX - 1);
		r->is_bad = true;
	}
	column->values = values;
}

static void find_field(struct reader *r, const config_setting_t *setting, struct import_column *column)
{
	const char *names[IMPORT_FIELDS], *text;
	size_t n = 0;
	char hint[512];

	column->field = IMPORT_NOTHING;
	if (setting == NULL)
		return;
	text = config_setting_get_string(setting);
	column->field = import_field_find(text);
	if (column->field != -2)
		return;
	for (int i = 0; i < IMPORT_FIELDS; i++)
		if (import_field_find(import_field_name(i)) >= 0)
			names[n++] = import_field_name(i);
	near_hint(hint, sizeof(hint), text, names, n);
	fault(r, setting, hint, "a field of an event or a part of its date", text);
}

static void check_twice(struct reader *r, const struct import_column *column)
{
	for (size_t i = 0; i < r->map->columns_len; i++) {
		const struct import_column *other = &r->map->columns[i];

		if (column->field < 0 || other->field != column->field)
			continue;
		fault_add(r->faults, column->place, "keep one of the two",
			  "%s is filled a second time; the first is in line %d",
			  import_field_name(column->field), other->place.line);
		r->is_bad = true;
	}
}

static void read_column(struct reader *r, const config_setting_t *group)
{
	const config_setting_t *found[COLUMN_FIELDS];
	struct import_column column = { .place = tree_place(&r->tree, group) };

	if (tree_fields(&r->tree, group, "a column", column_fields, COLUMN_FIELDS, found, r->faults) < 0) {
		r->is_bad = true;
		return;
	}
	column.name = tree_text(r->arena, found[COLUMN], "");
	column.folded = folded(r, column.name);
	find_field(r, found[FIELD], &column);
	read_values(r, found[VALUES], &column);
	column.otherwise = tree_text(r->arena, found[OTHERWISE], NULL);
	column.empty = tree_text(r->arena, found[EMPTY], NULL);
	column.skip_len = folded_texts(r, found[SKIP], &column.skip);
	column.is_key = tree_bool(found[KEY], false);
	check_twice(r, &column);
	r->map->has_key |= column.is_key;
	r->map->columns[r->map->columns_len++] = column;
}

static bool has(const struct import_map *map, int field)
{
	for (size_t i = 0; i < map->columns_len; i++)
		if (map->columns[i].field == field)
			return true;
	return field < KEYS && map->constants[field] != NULL;
}

static bool has_one_of(const struct import_map *map, const int *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has(map, fields[i]))
			return true;
	return false;
}

/* What every event needs must come from somewhere. */
static void check_whole(struct reader *r)
{
	static const struct {
		int fields[6];
		size_t n;
		const char *what, *hint;
	} needs[] = {
		{ { KEY_MUNICIPALITY },
		  1,
		  "municipality",
		  "add a column for it, or a constant for all rows" },
		{ { KEY_CHANNEL }, 1, "channel", "add a column for it, or a constant for all rows" },
		{ { KEY_KLE, KEY_TASK, KEY_SERVICE },
		  3,
		  "kle, task or service",
		  "add a column or a constant for one of them" },
		{ { KEY_TIME, IMPORT_DATE, IMPORT_FROM, IMPORT_WEEK, IMPORT_MONTH, IMPORT_QUARTER },
		  6,
		  "time, date or period",
		  "add a column for time, date, week, month or quarter, or for from and to" },
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (has_one_of(r->map, needs[i].fields, needs[i].n))
			continue;
		fault_add(r->faults, (struct place){ r->map->path, 0, 0 }, needs[i].hint, "nothing fills %s",
			  needs[i].what);
		r->is_bad = true;
	}
}

int import_map_read(struct arena *arena, const char *path, struct import_map *ret, struct faults *faults)
{
	struct reader r = { .arena = arena, .faults = faults, .map = ret };
	const config_setting_t *found[ROOT_FIELDS];
	int n;

	*ret = (struct import_map){ .path = path };
	if (tree_open(&r.tree, path, faults) < 0)
		return -EINVAL;
	if (tree_fields(&r.tree, config_root_setting(&r.tree.config), "a column map", root_fields,
			ROOT_FIELDS, found, faults) < 0)
		r.is_bad = true;
	read_form(&r, found);
	read_booking(&r, found[BOOKING]);
	read_constants(&r, found[CONSTANTS]);
	n = found[COLUMNS] == NULL ? 0 : config_setting_length(found[COLUMNS]);
	if (n > IMPORT_COLUMNS_MAX) {
		fault_add(faults, tree_place(&r.tree, found[COLUMNS]), NULL, "more than %d columns",
			  IMPORT_COLUMNS_MAX);
		r.is_bad = true;
		n = 0;
	}
	for (int i = 0; i < n; i++)
		read_column(&r, config_setting_get_elem(found[COLUMNS], (unsigned)i));
	if (!r.is_bad)
		check_whole(&r);
	tree_close(&r.tree);
	return r.is_bad ? -EINVAL : 0;
}
