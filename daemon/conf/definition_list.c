/* SPDX-License-Identifier: MPL-2.0 */
/* See definition_list.h. What an entry leaves out is as in the shipped definition. */
#include "conf/definition_list.h"

#include "conf/near.h"
#include "conf/value.h"
#include "domain/calendar.h"
#include "event/vocab.h"

#include <errno.h>
#include <string.h>

enum { ID, FROM, KINDS, LEFT_OUT, OUTCOMES, POPULATIONS, EXEMPT, SELF, DIGITAL, FIELDS };

static const struct field fields[FIELDS] = {
	[ID] = { "id", FIELD_TEXT, true },
	[FROM] = { "from", FIELD_TEXT, false },
	[KINDS] = { "kinds", FIELD_TEXTS, false },
	[LEFT_OUT] = { "left_out", FIELD_TEXTS, false },
	[OUTCOMES] = { "outcomes", FIELD_TEXTS, false },
	[POPULATIONS] = { "populations", FIELD_TEXTS, false },
	[EXEMPT] = { "exempt", FIELD_TEXT, false },
	[SELF] = { "self", FIELD_TEXTS, false },
	[DIGITAL] = { "digital", FIELD_TEXTS, false },
};

struct reader {
	const struct tree *tree;
	struct faults *faults;
	int result;
};

static void fault(struct reader *r, const config_setting_t *at, const char *hint, const char *text, const char *what)
{
	r->result = fault_add(r->faults, tree_place(r->tree, at), hint, "\"%.60s\" is not %s", text, what);
}

/* The words of an array as bits; `otherwise` where it is not there. */
static uint32_t words(struct reader *r, const config_setting_t *array, const char *what, const char *const *list, size_t n,
		      uint32_t otherwise)
{
	uint32_t bits = 0;

	if (array == NULL)
		return otherwise;
	for (int i = 0; i < config_setting_length(array); i++) {
		const config_setting_t *one = config_setting_get_elem(array, (unsigned)i);
		const char *text = config_setting_get_string(one);
		int found = vocab_find(list, n, (struct effort_str){ text, strlen(text) });
		char hint[512];

		if (found >= 0) {
			bits |= UINT32_C(1) << found;
			continue;
		}
		near_hint(hint, sizeof(hint), text, list, n);
		fault(r, one, hint, text, what);
	}
	return bits;
}

static bool is_out(struct reader *r, const config_setting_t *exempt)
{
	const char *text = exempt == NULL ? "in" : config_setting_get_string(exempt);

	if (strcmp(text, "in") != 0 && strcmp(text, "out") != 0)
		fault(r, exempt, "write \"in\" or \"out\"", text, "a place for exempt citizens");
	return strcmp(text, "out") == 0;
}

static struct share_rule read_rule(struct reader *r, const config_setting_t *const *found)
{
	uint32_t all = (UINT32_C(1) << EFFORT_CHANNELS) - 1;
	struct share_rule rule = share_kl_2014;

	rule.kinds = (uint8_t)words(r, found[KINDS], "a kind", vocab_kind, EFFORT_KINDS, rule.kinds);
	rule.channels = (uint16_t)(all & ~words(r, found[LEFT_OUT], "a channel", vocab_channel, EFFORT_CHANNELS,
						all & ~rule.channels));
	rule.outcomes = (uint8_t)words(r, found[OUTCOMES], "an outcome", vocab_outcome, EFFORT_OUTCOMES, rule.outcomes);
	rule.populations = (uint8_t)words(r, found[POPULATIONS], "a population that has shares", vocab_population, 2,
					  rule.populations);
	rule.is_exempt_out = is_out(r, found[EXEMPT]);
	rule.self = (uint16_t)words(r, found[SELF], "a channel", vocab_channel, EFFORT_CHANNELS, rule.self);
	rule.digital = (uint16_t)words(r, found[DIGITAL], "a channel", vocab_channel, EFFORT_CHANNELS, rule.digital);
	return rule;
}

/* A rule under which nothing can ever enter, or that contradicts itself. */
static void check_rule(struct reader *r, struct place at, const struct definition *d)
{
	const struct share_rule *rule = &d->rule;

	if (rule->kinds == 0 || rule->outcomes == 0 || rule->populations == 0 || rule->channels == 0)
		r->result = fault_add(r->faults, at, "leave the list away to have that of kl-2014",
				      "by the definition %.60s nothing enters the share", d->id);
	if ((rule->self & rule->channels) == 0 || (rule->self & ~rule->channels) != 0 ||
	    (rule->digital & ~rule->channels) != 0)
		r->result = fault_add(r->faults, at, "take the channel out of left_out, or out of self and digital",
				      "the definition %.60s counts a channel as self-service or digital that it leaves out",
				      d->id);
	if (strcmp(d->id, SHARE_SHIPPED) == 0 && !share_rule_is_same(rule, &share_kl_2014))
		r->result = fault_add(r->faults, at, "give another definition another id",
				      "%s is the name of the shipped definition, which is another one", SHARE_SHIPPED);
}

static int32_t read_from(struct reader *r, const config_setting_t *from)
{
	const char *text = from == NULL ? NULL : config_setting_get_string(from);
	int32_t day = INT32_MIN;

	if (text != NULL && !(value_is_date(text) && day_parse(text, strlen(text), &day)))
		fault(r, from, "write it as \"2027-01-01\"", text, "a date");
	return day;
}

static void check_place(struct reader *r, const struct settings *settings, const struct definition *d, bool is_first)
{
	const struct definition *list = settings->definitions;
	size_t n = settings->definitions_len;

	if (!value_is_id(d->id))
		r->result = fault_add(r->faults, d->place, "ids are of a-z, 0-9 and '-', at most 48",
				      "\"%.60s\" is not the id of a definition", d->id);
	if (is_first)
		return;
	if (d->from <= list[n - 1].from)
		r->result = fault_add(r->faults, d->place, "write them in the order of their dates, the first one may have none",
				      "the definition %.60s does not begin after the one above it", d->id);
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].id, d->id) == 0 && strcmp(d->id, SHARE_SHIPPED) != 0)
			r->result = fault_add(r->faults, d->place, "give one of the two another id",
					      "the definition %.60s stands here a second time", d->id);
}

static void read_one(struct reader *r, struct settings *settings, struct arena *arena, const config_setting_t *group)
{
	const config_setting_t *found[FIELDS];
	struct definition d = { .place = tree_place(r->tree, group) };
	bool is_first;

	if (tree_fields(r->tree, group, "a definition", fields, FIELDS, found, r->faults) < 0)
		r->result = -EINVAL;
	if (found[ID] == NULL)
		return;
	d.id = tree_text(arena, found[ID], "");
	d.from = read_from(r, found[FROM]);
	d.rule = read_rule(r, found);
	/* The first one without a date stands in the place of the shipped one. */
	is_first = d.from == INT32_MIN && settings->definitions_len == 1 && settings->definitions[0].place.line == 0;
	check_rule(r, d.place, &d);
	check_place(r, settings, &d, is_first);
	if (settings->definitions_len > DEFINITIONS_MAX)
		r->result = fault_add(r->faults, d.place, NULL, "more than %d definitions", DEFINITIONS_MAX);
	else if (is_first)
		settings->definitions[0] = d;
	else
		settings->definitions[settings->definitions_len++] = d;
}

int definition_list_read(struct settings *settings, struct arena *arena, const struct tree *tree,
			 const config_setting_t *list, struct faults *faults)
{
	struct reader r = { tree, faults, 0 };

	if (!config_setting_is_list(list))
		return fault_add(faults, tree_place(tree, list),
				 "write definitions = ( { id = \"local-2027\"; from = \"2027-01-01\"; left_out = [ \"system\" ]; } );",
				 "definitions must be a list ( ), not %s", tree_type(list));
	for (int i = 0; i < config_setting_length(list); i++)
		read_one(&r, settings, arena, config_setting_get_elem(list, (unsigned)i));
	return r.result;
}
