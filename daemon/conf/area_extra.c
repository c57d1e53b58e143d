/* SPDX-License-Identifier: MPL-2.0 */
/* See area_extra.h. Options keep the type they are written in (the host checks them against the plugin's
 * table); samples become JSON members of an event. */
#include "conf/area_extra.h"

#include "base/text.h"
#include "conf/near.h"
#include "conf/value.h"

#include <errno.h>
#include <string.h>

#define SAMPLE_MAX 4096 /* bytes of one sample's members */

static void read_option(struct area_reader *r, const config_setting_t *setting, struct area_option *option)
{
	option->name = arena_strdup(r->arena, config_setting_name(setting));
	option->place = tree_place(r->tree, setting);
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_BOOL:
		option->type = AREA_VALUE_BOOL;
		option->boolean = tree_bool(setting, false);
		return;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		option->type = AREA_VALUE_INT;
		option->integer = tree_integer(setting);
		if (tree_is_bad(setting))
			r->result = -EINVAL;
		return;
	case CONFIG_TYPE_STRING:
		option->type = AREA_VALUE_STRING;
		option->string = tree_text(r->arena, setting, NULL);
		return;
	default:
		break;
	}
	option->type = AREA_VALUE_LIST;
	if (tree_is_texts(setting))
		option->list_len = tree_texts(r->arena, setting, &option->list);
	else
		r->result = fault_add(r->faults, option->place, NULL,
				      "the option '%s' must be true or false, a whole "
				      "number, text, or a list of texts, not %s",
				      option->name, tree_type(setting));
}

void area_extra_options(struct area_reader *r, const config_setting_t *group, struct area_def *def)
{
	size_t n = group != NULL ? (size_t)config_setting_length(group) : 0;
	struct area_option *options;

	if (n > AREA_OPTIONS_MAX) {
		r->result = fault_add(r->faults, tree_place(r->tree, group), NULL, "more than %d options",
				      AREA_OPTIONS_MAX);
		return;
	}
	options = arena_array(r->arena, n, sizeof(*options));
	for (size_t i = 0; i < n; i++)
		read_option(r, config_setting_get_elem(group, (unsigned)i), &options[i]);
	def->options = options;
	def->options_len = n;
}

/* What an event may have (contract, section 2). */
static const char *const event_fields[] = {
	"id",       "source", "time",      "municipality", "channel",  "kle",        "task",
	"service",  "kind",   "direction", "population",   "assisted", "exempt",     "outcome",
	"form",     "reason", "unit",      "handled_by",   "portal",   "duration_s", "count",
	"corrects", "errand", "answer",    "expect",
};

#define EVENT_FIELDS (sizeof(event_fields) / sizeof(event_fields[0]))

static bool is_event_field(const char *name)
{
	for (size_t i = 0; i < EVENT_FIELDS; i++)
		if (strcmp(event_fields[i], name) == 0)
			return true;
	return false;
}

static void add_member(struct area_reader *r, const config_setting_t *member, struct text *event)
{
	const char *name = config_setting_name(member);
	char hint[512];

	if (!is_event_field(name)) {
		near_hint(hint, sizeof(hint), name, event_fields, EVENT_FIELDS);
		r->result = fault_add(r->faults, tree_place(r->tree, member), hint,
				      "an event has no field '%s'", name);
		return;
	}
	if (tree_is_bad(member)) {
		r->result = -EINVAL;
		return;
	}
	text_printf(event, "%s\"%s\":", event->len > 0 ? "," : "", name);
	switch (config_setting_type(member)) {
	case CONFIG_TYPE_STRING:
		text_json(event, (struct effort_str){ config_setting_get_string(member),
						      strlen(config_setting_get_string(member)) });
		break;
	case CONFIG_TYPE_BOOL:
		text_puts(event, tree_bool(member, false) ? "true" : "false");
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		text_printf(event, "%lld", (long long)tree_integer(member));
		break;
	default:
		r->result = fault_add(r->faults, tree_place(r->tree, member), NULL,
				      "'%s' of a sample must be text, a "
				      "whole number, true or false, not %s",
				      name, tree_type(member));
	}
}

/* answer and expect: not part of the event. */
static void read_expectation(struct area_reader *r, const config_setting_t *element,
			     struct area_sample *sample)
{
	const config_setting_t *answer = config_setting_get_member((config_setting_t *)element, "answer");
	const config_setting_t *expect = config_setting_get_member((config_setting_t *)element, "expect");

	sample->answer = "count";
	sample->expect = "-";
	if (answer != NULL &&
	    (config_setting_type(answer) != CONFIG_TYPE_STRING ||
	     value_word("count ignore reject not_mine", config_setting_get_string(answer)) < 0))
		r->result = fault_add(r->faults, tree_place(r->tree, answer),
				      "allowed: count, ignore, reject, not_mine",
				      "'answer' of a sample is not an answer");
	else
		sample->answer = tree_text(r->arena, answer, sample->answer);
	if (expect != NULL && (config_setting_type(expect) != CONFIG_TYPE_STRING ||
			       !value_is_id(config_setting_get_string(expect))))
		r->result = fault_add(r->faults, tree_place(r->tree, expect),
				      "write the id of a task, the reason of a "
				      "rejection, or \"-\" for the area without a task",
				      "'expect' of a sample is not an id");
	else
		sample->expect = tree_text(r->arena, expect, sample->expect);
}

static void read_sample(struct area_reader *r, const config_setting_t *element, struct area_sample *sample)
{
	struct text event;

	sample->place = tree_place(r->tree, element);
	if (!config_setting_is_group(element)) {
		r->result =
			fault_add(r->faults, sample->place, NULL,
				  "a sample must be a group { name = value; }, not %s", tree_type(element));
		return;
	}
	text_init(&event, SAMPLE_MAX);
	for (int i = 0; i < config_setting_length(element); i++) {
		const config_setting_t *member = config_setting_get_elem(element, (unsigned)i);

		if (strcmp(config_setting_name(member), "answer") != 0 &&
		    strcmp(config_setting_name(member), "expect") != 0)
			add_member(r, member, &event);
	}
	read_expectation(r, element, sample);
	if (event.is_cut)
		r->result = fault_add(r->faults, sample->place, NULL, "a sample of more than %d bytes",
				      SAMPLE_MAX);
	sample->event = arena_strdup(r->arena, event.ptr != NULL ? event.ptr : "");
	text_done(&event);
}

void area_extra_samples(struct area_reader *r, const config_setting_t *list, struct area_def *def)
{
	size_t n = list != NULL ? (size_t)config_setting_length(list) : 0;
	struct area_sample *samples;

	if (n > AREA_SAMPLES_MAX) {
		r->result = fault_add(r->faults, tree_place(r->tree, list), NULL, "more than %d samples",
				      AREA_SAMPLES_MAX);
		return;
	}
	samples = arena_array(r->arena, n, sizeof(*samples));
	for (size_t i = 0; i < n; i++)
		read_sample(r, config_setting_get_elem(list, (unsigned)i), &samples[i]);
	def->samples = samples;
	def->samples_len = n;
}
