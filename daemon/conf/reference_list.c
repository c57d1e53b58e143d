/* SPDX-License-Identifier: MPL-2.0 */
/* See reference_list.h. Numbers are written as 367095 and 6.5, or in quotes as a Danish spreadsheet has them, "367.095"
 * and "6,5"; a number that could be meant in two ways is refused. */
#include "conf/reference_list.h"

#include "base/amount.h"
#include "conf/effort_reader.h"
#include "conf/value.h"
#include "domain/calendar.h"
#include "event/vocab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MUNICIPALITY, INHABITANTS, CHILDREN, COSTS, HOURS, CLOSED, FIELDS };

static const struct field fields[FIELDS] = {
	[MUNICIPALITY] = { "municipality", FIELD_TEXT, true }, [INHABITANTS] = { "inhabitants", FIELD_LIST, false },
	[CHILDREN] = { "children", FIELD_LIST, false },	       [COSTS] = { "costs", FIELD_LIST, false },
	[HOURS] = { "hours", FIELD_LIST, false },	       [CLOSED] = { "closed", FIELD_TEXTS, false },
};

/* --- values --- */

static int64_t danish_hundredths(struct effort_reader *r, const config_setting_t *setting)
{
	const char *text = config_setting_get_string(setting);
	int64_t number = 0;

	if (amount_parse(&amount_danish, text, strlen(text), 2, &number) < 0)
		effort_reader_fault(r, setting, "write it as \"1.234,5\": a comma before at most two decimals",
				    "\"%.60s\" is not a number", text);
	return number;
}

static int64_t hundredths(struct effort_reader *r, const config_setting_t *setting)
{
	if (setting != NULL && config_setting_type(setting) == CONFIG_TYPE_STRING)
		return danish_hundredths(r, setting);
	return effort_reader_hundredths(r, setting, 0);
}

/* 367.095 without quotes is a decimal number to libconfig and a whole one to whoever wrote it. */
static int64_t persons(struct effort_reader *r, const config_setting_t *setting)
{
	int64_t number = 0;

	if (setting == NULL)
		return 0;
	if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		const char *text = config_setting_get_string(setting);

		(void)!amount_parse(&amount_danish, text, strlen(text), 0, &number);
	} else if (config_setting_type(setting) == CONFIG_TYPE_INT) {
		number = config_setting_get_int(setting);
	}
	if (number <= 0)
		effort_reader_fault(r, setting, "write it as 367095 or \"367.095\"", "persons are a whole number from 1");
	return number;
}

/* Room for the lines of a list, all zero; too many are a fault. */
static void *room(struct effort_reader *r, const config_setting_t *list, size_t size, size_t *ret_len)
{
	*ret_len = list == NULL ? 0 : (size_t)config_setting_length(list);
	if (*ret_len > REFERENCE_LINES_MAX) {
		effort_reader_fault(r, list, NULL, "%s: more than %d lines", config_setting_name(list), REFERENCE_LINES_MAX);
		*ret_len = 0;
	}
	return arena_array(r->arena, *ret_len + 1, size);
}

/* --- inhabitants and children --- */

static int by_from(const void *a, const void *b)
{
	const struct reference_step *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void read_numbers(struct effort_reader *r, const config_setting_t *list, const char *what, struct reference *ret,
			 enum reference_kind kind)
{
	static const struct field members[] = { { "from", FIELD_TEXT, true },
						{ "number", FIELD_AMOUNT, true },
						{ "cite", FIELD_TEXT, false } };
	struct reference_step *steps = room(r, list, sizeof(*steps), &ret->numbers[kind].len);

	for (size_t i = 0; i < ret->numbers[kind].len; i++) {
		const config_setting_t *line = config_setting_get_elem(list, (unsigned)i), *found[3];

		if (effort_reader_fields(r, line, what, members, 3, found) < 0)
			continue;
		steps[i].from = effort_reader_day(r, found[0], 0);
		steps[i].number = persons(r, found[1]);
		for (size_t k = 0; k < i; k++)
			if (steps[k].from == steps[i].from)
				effort_reader_fault(r, found[0], "keep one of the two", "this day stands here a second time");
	}
	qsort(steps, ret->numbers[kind].len, sizeof(*steps), by_from);
	ret->numbers[kind].steps = steps;
}

/* --- what a contact takes --- */

static void check_cost(struct effort_reader *r, const config_setting_t *line, const struct reference_cost *list,
		       size_t n)
{
	const struct reference_cost *cost = &list[n];

	if (!cost->has_minutes && !cost->has_price)
		effort_reader_fault(r, line, "write minutes, kroner or both; what is not known is left out",
				    "neither minutes nor kroner");
	if (cost->minutes < 0 || cost->ore < 0)
		effort_reader_fault(r, line, NULL, "a contact takes no less than nothing");
	for (size_t i = 0; i < n; i++)
		if (list[i].channel == cost->channel && list[i].from == cost->from)
			effort_reader_fault(r, line, "keep one of the two", "this channel and day stand here a second time");
}

static void read_costs(struct effort_reader *r, const config_setting_t *list, struct reference *ret)
{
	static const struct field members[] = { { "channel", FIELD_TEXT, true },    { "from", FIELD_TEXT, true },
						{ "minutes", FIELD_AMOUNT, false }, { "kroner", FIELD_AMOUNT, false },
						{ "price_level", FIELD_TEXT, false }, { "cite", FIELD_TEXT, false } };
	struct reference_cost *costs = room(r, list, sizeof(*costs), &ret->costs_len);

	for (size_t i = 0; i < ret->costs_len; i++) {
		const config_setting_t *line = config_setting_get_elem(list, (unsigned)i), *found[6];

		if (effort_reader_fields(r, line, "what a contact takes", members, 6, found) < 0)
			continue;
		costs[i] = (struct reference_cost){
			.channel = effort_reader_word(r, found[0], vocab_channel, EFFORT_CHANNELS, 0),
			.from = effort_reader_day(r, found[1], 0),
			.has_minutes = found[2] != NULL,
			.minutes = hundredths(r, found[2]),
			.has_price = found[3] != NULL,
			.ore = hundredths(r, found[3]),
			.price_level = tree_text(r->arena, found[4], NULL),
		};
		check_cost(r, line, costs, i);
	}
	ret->costs = costs;
}

/* --- opening hours --- */

enum { H_FROM, H_CHANNEL, H_UNIT, H_MONDAY, H_FIELDS = H_MONDAY + 7 };

static const struct field hours_fields[H_FIELDS] = {
	[H_FROM] = { "from", FIELD_TEXT, true },	    [H_CHANNEL] = { "channel", FIELD_TEXT, false },
	[H_UNIT] = { "unit", FIELD_TEXT, false },	    [H_MONDAY] = { "monday", FIELD_TEXT, false },
	[H_MONDAY + 1] = { "tuesday", FIELD_TEXT, false },  [H_MONDAY + 2] = { "wednesday", FIELD_TEXT, false },
	[H_MONDAY + 3] = { "thursday", FIELD_TEXT, false }, [H_MONDAY + 4] = { "friday", FIELD_TEXT, false },
	[H_MONDAY + 5] = { "saturday", FIELD_TEXT, false }, [H_MONDAY + 6] = { "sunday", FIELD_TEXT, false },
};

static bool is_same_unit(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check_hours(struct effort_reader *r, const config_setting_t *line, const struct reference_hours *list,
			size_t n)
{
	if (list[n].unit != NULL && !value_is_service(list[n].unit))
		effort_reader_fault(r, line, "as events have it: letters, digits and . _ : / -", "\"%.60s\" is not a unit",
				    list[n].unit);
	for (size_t i = 0; i < n; i++)
		if (list[i].from == list[n].from && list[i].channel == list[n].channel &&
		    is_same_unit(list[i].unit, list[n].unit))
			effort_reader_fault(r, line, "keep one of the two",
					    "hours from this day on stand here a second time");
}

static void read_week(struct effort_reader *r, const config_setting_t *const *days, struct reference_hours *ret)
{
	for (int i = 0; i < 7; i++) {
		const char *text = days[i] == NULL ? NULL : config_setting_get_string(days[i]);

		if (text != NULL && !reference_spans_parse(text, ret->days[i].spans, &ret->days[i].n))
			effort_reader_fault(r, days[i],
					    "write it as \"09:00-12:00, 13:00-18:00\"; a closed day is left out",
					    "%s: \"%.60s\" are no opening hours", config_setting_name(days[i]), text);
	}
}

static void read_hours(struct effort_reader *r, const config_setting_t *list, struct reference *ret)
{
	struct reference_hours *hours = room(r, list, sizeof(*hours), &ret->hours_len);

	for (size_t i = 0; i < ret->hours_len; i++) {
		const config_setting_t *line = config_setting_get_elem(list, (unsigned)i), *found[H_FIELDS];

		hours[i].channel = -1;
		if (effort_reader_fields(r, line, "opening hours", hours_fields, H_FIELDS, found) < 0)
			continue;
		hours[i].from = effort_reader_day(r, found[H_FROM], 0);
		hours[i].channel = effort_reader_word(r, found[H_CHANNEL], vocab_channel, EFFORT_CHANNELS, -1);
		hours[i].unit = tree_text(r->arena, found[H_UNIT], NULL);
		read_week(r, found + H_MONDAY, &hours[i]);
		check_hours(r, line, hours, i);
	}
	ret->hours = hours;
}

static int by_day(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static void read_closed(struct effort_reader *r, const config_setting_t *list, struct reference *ret)
{
	size_t n = list == NULL ? 0 : (size_t)config_setting_length(list);
	int32_t *days;

	if (n > REFERENCE_CLOSED_MAX) {
		effort_reader_fault(r, list, NULL, "more than %d closed days", REFERENCE_CLOSED_MAX);
		return;
	}
	days = arena_array(r->arena, n + 1, sizeof(*days));
	for (size_t i = 0; i < n; i++)
		days[i] = effort_reader_day(r, config_setting_get_elem(list, (unsigned)i), 0);
	qsort(days, n, sizeof(*days), by_day);
	ret->closed = days;
	ret->closed_len = n;
}

/* --- the list --- */

static bool is_place(const struct conf *conf, const char *code)
{
	for (size_t i = 0; i < conf->municipalities_len; i++)
		if (strcmp(conf->municipalities[i].code, code) == 0)
			return true;
	return strcmp(code, "dk") == 0;
}

static void check_place(struct effort_reader *r, const struct conf *conf, const config_setting_t *at,
			const struct reference *list, size_t n)
{
	const char *code = list[n].municipality;

	if (!is_place(conf, code))
		effort_reader_fault(r, at, "write the four digits of one listed above, or dk for the country",
				    "\"%.60s\" is not a municipality here", code);
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].municipality, code) == 0)
			effort_reader_fault(r, at, "write all that is known of it in one",
					    "the reference data of %.60s stand here a second time", code);
	if (strcmp(code, "dk") == 0 && list[n].hours_len > 0)
		effort_reader_fault(r, at, "write them with the municipality", "the country has no opening hours");
}

static void read_one(struct effort_reader *r, const struct conf *conf, const config_setting_t *group,
		     struct reference *list, size_t n)
{
	const config_setting_t *found[FIELDS];

	list[n].municipality = "";
	list[n].place = tree_place(r->tree, group);
	if (effort_reader_fields(r, group, "reference data", fields, FIELDS, found) < 0 || found[MUNICIPALITY] == NULL)
		return;
	list[n].municipality = tree_text(r->arena, found[MUNICIPALITY], "");
	read_numbers(r, found[INHABITANTS], "a number of inhabitants", &list[n], REFERENCE_INHABITANTS);
	read_numbers(r, found[CHILDREN], "a number of children", &list[n], REFERENCE_CHILDREN);
	read_costs(r, found[COSTS], &list[n]);
	read_hours(r, found[HOURS], &list[n]);
	read_closed(r, found[CLOSED], &list[n]);
	check_place(r, conf, found[MUNICIPALITY], list, n);
}

int reference_list_read(struct conf *conf, struct arena *arena, const struct tree *tree, const config_setting_t *list,
			struct faults *faults)
{
	struct effort_reader r = { .arena = arena, .tree = (struct tree *)(uintptr_t)tree, .faults = faults };
	size_t n = list == NULL ? 0 : (size_t)config_setting_length(list);
	struct reference *references = arena_array(arena, n + 1, sizeof(*references));

	for (size_t i = 0; i < n; i++)
		read_one(&r, conf, config_setting_get_elem(list, (unsigned)i), references, i);
	conf->references = references;
	conf->references_len = n;
	return r.result == 0 ? 0 : -EINVAL;
}

const struct reference *conf_reference(const struct conf *conf, const char *code)
{
	for (size_t i = 0; i < conf->references_len; i++)
		if (strcmp(conf->references[i].municipality, code) == 0)
			return &conf->references[i];
	return NULL;
}
