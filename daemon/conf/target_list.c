/* SPDX-License-Identifier: MPL-2.0 */
/* See target_list.h. */
#include "conf/target_list.h"

#include "conf/near.h"
#include "conf/tree.h"
#include "conf/value.h"
#include "event/vocab.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	ID,
	DA,
	EN,
	MEASURE,
	SCOPE,
	CHANNEL,
	MUNICIPALITY,
	VALUE,
	VALUES,
	COMPARATOR,
	FROM,
	TO,
	DUE,
	BASELINE,
	WINDOW,
	LEAST_N,
	FIELDS
};

static const struct field fields[FIELDS] = {
	[ID] = { "id", FIELD_TEXT, true },
	[DA] = { "da", FIELD_TEXT, false },
	[EN] = { "en", FIELD_TEXT, false },
	[MEASURE] = { "measure", FIELD_TEXT, true },
	[SCOPE] = { "scope", FIELD_TEXT, true },
	[CHANNEL] = { "channel", FIELD_TEXT, false },
	[MUNICIPALITY] = { "municipality", FIELD_TEXT, false },
	[VALUE] = { "value", FIELD_NUMBER, false },
	[VALUES] = { "values", FIELD_LIST, false },
	[COMPARATOR] = { "comparator", FIELD_TEXT, true },
	[FROM] = { "from", FIELD_TEXT, true },
	[TO] = { "to", FIELD_TEXT, false },
	[DUE] = { "due", FIELD_TEXT, false },
	[BASELINE] = { "baseline", FIELD_TEXT, false },
	[WINDOW] = { "window", FIELD_TEXT, false },
	[LEAST_N] = { "least_n", FIELD_INT, false },
};

struct reader {
	struct arena *arena;
	struct tree tree;
	struct faults *faults;
	const struct conf *conf;
	int result;
};

static void fault(struct reader *r, const config_setting_t *at, const char *hint, const char *what, const char *text)
{
	r->result = fault_add(r->faults, tree_place(&r->tree, at), hint, "\"%.60s\" is not %s", text, what);
}

static const char *text_of(struct reader *r, const config_setting_t *setting, const char *otherwise)
{
	return tree_text(r->arena, setting, otherwise);
}

/* One of a list of words; 0 after a fault. */
static int word(struct reader *r, const config_setting_t *setting, const char *what, const char *const *list, size_t n)
{
	const char *text = config_setting_get_string(setting);
	int found = vocab_find(list, n, (struct effort_str){ text, strlen(text) });
	char hint[512];

	if (found >= 0)
		return found;
	near_hint(hint, sizeof(hint), text, list, n);
	fault(r, setting, hint, what, text);
	return 0;
}

static int32_t date(struct reader *r, const config_setting_t *setting, int32_t otherwise)
{
	const char *text;
	int32_t day;

	if (setting == NULL)
		return otherwise;
	text = config_setting_get_string(setting);
	if (day_parse(text, strlen(text), &day))
		return day;
	fault(r, setting, "write it as \"2012-12-01\"", "a date", text);
	return otherwise;
}

/* --- values --- */

static double number_of(const config_setting_t *setting)
{
	return config_setting_type(setting) == CONFIG_TYPE_INT ? config_setting_get_int(setting) :
								 config_setting_get_float(setting);
}

/* Percent to hundredths of a percent; libconfig's floats are doubles, so two decimals come out exactly. */
static int64_t basis_points(struct reader *r, const config_setting_t *setting)
{
	double percent = number_of(setting), off;
	int points = percent > 0 && percent <= 100 ? (int)(percent * 100 + 0.5) : 0;

	off = percent * 100 - points;
	if (points == 0 || off > 1e-6 || off < -1e-6) {
		r->result = fault_add(r->faults, tree_place(&r->tree, setting), "write it as 80 or 79.99",
				      "value must be a percentage from 0.01 to 100 with at most two decimals");
		return 0;
	}
	return points;
}

static int64_t contacts(struct reader *r, const config_setting_t *setting)
{
	double number = number_of(setting);

	if (number < 1 || number > 9007199254740992.0 || number != (double)(int64_t)number) {
		r->result = fault_add(r->faults, tree_place(&r->tree, setting), "write a whole number, such as 60000",
				      "the value of a volume must be a number of contacts from 1 on");
		return 0;
	}
	return (int64_t)number;
}

static int64_t value(struct reader *r, enum measure measure, const config_setting_t *setting)
{
	if (setting == NULL)
		return 0;
	return measure_is_share(measure) ? basis_points(r, setting) : contacts(r, setting);
}

static struct target_step step(struct reader *r, const struct target_def *def, const config_setting_t *element)
{
	static const struct field step_fields[] = { { "from", FIELD_TEXT, true }, { "value", FIELD_NUMBER, true } };
	const config_setting_t *found[2];

	if (tree_fields(&r->tree, element, "a value of a target", step_fields, 2, found, r->faults) < 0)
		r->result = -EINVAL;
	return (struct target_step){ date(r, found[0], INT32_MIN), value(r, def->measure, found[1]) };
}

/* The first of them holds from the beginning. */
static void read_steps(struct reader *r, struct target_def *def, const config_setting_t *list)
{
	size_t n = (size_t)config_setting_length(list);
	struct target_step *steps = arena_array(r->arena, n + 1, sizeof(*steps));

	if (n == 0 || n > TARGET_STEPS_MAX) {
		r->result = fault_add(r->faults, tree_place(&r->tree, list), NULL, "1 to %d values are needed, here are %zu",
				      TARGET_STEPS_MAX, n);
		n = 1;
	}
	for (size_t i = 0; i < n && i < (size_t)config_setting_length(list); i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned)i);

		steps[i] = step(r, def, element);
		if (i > 0 && steps[i].from <= steps[i - 1].from)
			r->result = fault_add(r->faults, tree_place(&r->tree, element), "sort the values by their dates",
					      "a value begins no later than the one before it");
	}
	steps[0].from = INT32_MIN;
	def->steps = steps;
	def->steps_len = n;
}

static void read_value(struct reader *r, struct target_def *def, const config_setting_t *element,
		       const config_setting_t *const *found)
{
	struct target_step *only;

	if ((found[VALUE] == NULL) == (found[VALUES] == NULL))
		r->result = fault_add(r->faults, tree_place(&r->tree, found[VALUES] != NULL ? found[VALUES] : element),
				      "write value = 80.0; or values = ( { from = \"2026-01-01\"; value = 70.0; }, ... );",
				      "a target needs either 'value' or 'values'");
	if (found[VALUES] != NULL) {
		read_steps(r, def, found[VALUES]);
		return;
	}
	only = arena_array(r->arena, 1, sizeof(*only));
	*only = (struct target_step){ INT32_MIN, value(r, def->measure, found[VALUE]) };
	def->steps = only;
	def->steps_len = 1;
}

/* --- what is measured --- */

static bool is_name(const char *text)
{
	return value_is_id(text) || strcmp(text, "-") == 0;
}

/* "all", an area, "group:<group>" or "<area>/<task>" in form. */
static bool is_scope(struct reader *r, const char *text)
{
	const char *slash = strchr(text, '/');
	char *area;

	if (strncmp(text, "group:", 6) == 0)
		return value_is_id(text + 6);
	if (slash == NULL)
		return value_is_id(text);
	area = arena_strdup(r->arena, text);
	area[slash - text] = '\0';
	return value_is_id(area) && is_name(slash + 1);
}

static void read_scope(struct reader *r, struct target_def *def, const config_setting_t *const *found)
{
	def->scope = text_of(r, found[SCOPE], "all");
	if (found[SCOPE] != NULL && !is_scope(r, def->scope))
		fault(r, found[SCOPE], "write \"all\", an area, \"group:waves\" or \"area/task\"", "a scope", def->scope);
	if (found[CHANNEL] == NULL)
		return;
	if (!measure_takes_channel(def->measure))
		r->result = fault_add(r->faults, tree_place(&r->tree, found[CHANNEL]), "remove channel",
				      "%s is not measured by channel", measure_name[def->measure]);
	else
		def->channel = vocab_channel[word(r, found[CHANNEL], "a channel", vocab_channel, EFFORT_CHANNELS)];
}

static void read_municipality(struct reader *r, struct target_def *def, const config_setting_t *setting)
{
	if (setting == NULL)
		return;
	def->municipality = text_of(r, setting, NULL);
	for (size_t i = 0; i < r->conf->municipalities_len; i++)
		if (strcmp(r->conf->municipalities[i].code, def->municipality) == 0)
			return;
	if (r->conf->municipalities_len > 0)
		fault(r, setting, "use a code of the file of municipalities, such as \"0751\", or leave it out for all",
		      "a municipality", def->municipality);
}

/* "2011-09-05..2011-09-25" */
static bool days_of(const char *text, int32_t *first, int32_t *end)
{
	if (strlen(text) != 22 || strncmp(text + 10, "..", 2) != 0 || !day_parse(text, 10, first) ||
	    !day_parse(text + 12, 10, end) || *end < *first)
		return false;
	++*end;
	return true;
}

static void read_baseline(struct reader *r, struct target_def *def, const config_setting_t *setting)
{
	struct target_baseline *baseline = &def->baseline;
	struct period period;
	char *rest;

	if (setting == NULL)
		return;
	baseline->text = text_of(r, setting, "");
	baseline->kind = AGAINST_DAYS;
	if (period_parse(baseline->text, strlen(baseline->text), &period)) {
		baseline->first = period.first;
		baseline->end = period.end;
		return;
	}
	if (days_of(baseline->text, &baseline->first, &baseline->end))
		return;
	baseline->kind = AGAINST_NUMBER;
	errno = 0;
	baseline->number = strtoll(baseline->text, &rest, 10);
	if (baseline->text[0] < '0' || baseline->text[0] > '9' || *rest != '\0' || errno != 0 || baseline->number < 1)
		fault(r, setting,
		      "write a period (\"year:2012\"), days (\"2011-09-05..2011-09-25\") or contacts (\"12000\")",
		      "a baseline", baseline->text);
}

/* --- one target --- */

static void read_dates(struct reader *r, struct target_def *def, const config_setting_t *const *found)
{
	int32_t to = date(r, found[TO], INT32_MAX);

	def->from = date(r, found[FROM], INT32_MIN);
	def->end = to == INT32_MAX ? to : to + 1;
	def->due = date(r, found[DUE], INT32_MAX);
	if (def->due < def->from)
		r->result = fault_add(r->faults, tree_place(&r->tree, found[DUE]), NULL, "due is before from");
	if (to < def->from)
		r->result = fault_add(r->faults, tree_place(&r->tree, found[TO]), NULL, "to is before from");
}

static void read_names(struct reader *r, struct target_def *def, const config_setting_t *const *found)
{
	def->id = text_of(r, found[ID], "");
	if (found[ID] != NULL && !value_is_id(def->id))
		fault(r, found[ID], "ids are of a-z, 0-9 and '-', at most 48", "an id", def->id);
	def->name_da = text_of(r, found[DA], measure_da[def->measure]);
	def->name_en = text_of(r, found[EN], measure_en[def->measure]);
	for (int i = DA; i <= EN; i++)
		if (found[i] != NULL && !value_is_label(config_setting_get_string(found[i])))
			fault(r, found[i], NULL, "a name: 1 to 200 bytes without control characters",
			      config_setting_get_string(found[i]));
}

static void read_target(struct reader *r, const config_setting_t *element, struct target_def *def)
{
	const config_setting_t *found[FIELDS];

	if (tree_fields(&r->tree, element, "a target", fields, FIELDS, found, r->faults) < 0)
		r->result = -EINVAL;
	def->place = tree_place(&r->tree, element);
	if (found[MEASURE] != NULL)
		def->measure = (enum measure)word(r, found[MEASURE], "a measure", measure_name, MEASURES);
	if (found[COMPARATOR] != NULL)
		def->comparator =
			(enum comparator)word(r, found[COMPARATOR], "a comparator", comparator_sign, COMPARATORS);
	def->window = WINDOW_YEAR;
	if (found[WINDOW] != NULL)
		def->window = (enum window)word(r, found[WINDOW], "a window", window_name, WINDOWS);
	def->least_n = tree_int(found[LEAST_N], TARGET_LEAST_N);
	if (def->least_n < 1)
		r->result = fault_add(r->faults, tree_place(&r->tree, found[LEAST_N]), NULL, "least_n is at least 1");
	read_names(r, def, found);
	read_scope(r, def, found);
	read_municipality(r, def, found[MUNICIPALITY]);
	read_value(r, def, element, found);
	read_dates(r, def, found);
	read_baseline(r, def, found[BASELINE]);
}

static void check_twice(struct reader *r, const struct target_def *list, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (list[i].id[0] != '\0' && strcmp(list[i].id, list[j].id) == 0)
			r->result = fault_add(r->faults, list[i].place, "keep one of the two",
					      "the target %s stands here a second time; the first is in line %d", list[i].id,
					      list[j].place.line);
}

/* The one the share hashes show for every scope. */
static bool is_main(const struct target_def *def)
{
	return def->measure == MEASURE_SELFSERVICE && strcmp(def->scope, "group:target") == 0 &&
	       def->comparator == COMPARATOR_LEAST && def->municipality == NULL && def->end == INT32_MAX;
}

static void find_main(struct reader *r, const config_setting_t *setting, struct conf *conf)
{
	for (size_t i = 0; i < conf->targets_len; i++) {
		if (!is_main(&conf->targets[i]))
			continue;
		conf->main_target = &conf->targets[i];
		return;
	}
	if (r->result == 0)
		r->result = fault_add(r->faults, tree_place(&r->tree, setting), "keep the main target (kl-80)",
				      "no main target: one with measure \"selfservice\", scope \"group:target\", comparator "
				      "\">=\", for all municipalities and without an end");
}

int target_list_read(struct arena *arena, const char *path, struct conf *conf, struct faults *faults)
{
	static const struct field top[] = { { "targets", FIELD_LIST, true } };
	struct reader r = { .arena = arena, .faults = faults, .conf = conf };
	const config_setting_t *found[1];
	struct target_def *list;
	size_t n;

	if (tree_open(&r.tree, path, faults) < 0)
		return -EINVAL;
	if (tree_fields(&r.tree, config_root_setting(&r.tree.config), "the file of targets", top, 1, found, faults) < 0)
		r.result = -EINVAL;
	n = found[0] != NULL ? (size_t)config_setting_length(found[0]) : 0;
	if (n > TARGETS_MAX) {
		r.result = fault_add(faults, tree_place(&r.tree, found[0]), NULL, "more than %d targets", TARGETS_MAX);
		n = 0;
	}
	list = arena_array(arena, n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		read_target(&r, config_setting_get_elem(found[0], (unsigned)i), &list[i]);
		check_twice(&r, list, i);
	}
	conf->targets = list;
	conf->targets_len = n;
	find_main(&r, found[0], conf);
	tree_close(&r.tree);
	return r.result;
}
