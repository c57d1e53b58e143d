/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: targets, efforts and quality of the data in a report. A daemon that does not know a question
 * leaves its part out. */
#include "ctl/export.h"

#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/link.h"

#include <stdlib.h>
#include <string.h>

/* CTL_OK with *ret_doc NULL where the daemon does not answer such a question. */
static int ask(struct ctl *ctl, const char *command, const char *code, struct reply *ret, bool *ret_has)
{
	int r = link_ask(ctl, ctl_note(ctl, "{\"cmd\":\"%s\",\"municipality\":\"%s\"}", command, code), ret);

	*ret_has = r == CTL_OK && answer_is_true(ret->doc, "ok");
	if (r == CTL_OK && !*ret_has)
		reply_done(ret);
	return r;
}

static bool integer(const json_t *object, const char *name, int64_t *ret)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_integer(value)) {
		*ret = json_integer_value(value);
		return true;
	}
	return share_count(object, NULL, name, ret);
}

static bool is_small(int64_t value, int64_t below)
{
	return value < 0 ? -value < below : value > 0 && value < below;
}

/* --- targets --- */

/* What a target's actual is made of is small, or the report does not tell it of that scope either. */
static bool is_target_hidden(const json_t *target, const struct export_table *table, int64_t below)
{
	const struct export_scope *scope = export_table_find(table, answer_text(target, "scope"));
	int64_t n, part, actual;

	if (scope != NULL && scope->kind != EXPORT_ALL &&
	    (scope->is_hidden[SUM_N] || scope->is_hidden[SUM_SELF]))
		return true;
	if (integer(target, "n", &n) && integer(target, "part", &part))
		return is_small(n, below) || is_small(part, below) || is_small(n - part, below);
	return integer(target, "actual", &actual) && is_small(actual, below);
}

/* The definition with what was counted beside it. */
static json_t *flat(const json_t *target)
{
	json_t *ret = json_copy((json_t *)(uintptr_t)target), *hash = json_object_get(ret, "hash");

	if (json_is_object(hash))
		json_object_update_missing(ret, hash);
	json_object_del(ret, "hash");
	return ret;
}

static json_t *copy_of(const json_t *from, const char *const *names, const char *const *counted,
		       bool is_hidden)
{
	json_t *ret = json_object();

	for (; *names != NULL; names++)
		if (json_object_get(from, *names) != NULL)
			json_object_set(ret, *names, json_object_get(from, *names));
	for (; *counted != NULL; counted++)
		if (json_object_get(from, *counted) != NULL)
			json_object_set_new(ret, *counted,
					    is_hidden ? json_null()
						      : json_incref(json_object_get(from, *counted)));
	return ret;
}

static json_t *target_of(const json_t *target, const struct export_table *table, int64_t below)
{
	static const char *const names[] = { "id",      "da",         "en",         "measure", "scope",
					     "channel", "value",      "comparator", "from",    "to",
					     "due",     "baseline",   "period",     "verdict", "reason",
					     "break",   "next_value", "next_from",  "missing", NULL };
	static const char *const counted[] = { "actual", "gap_pp", "gap",       "move",   "add",
					       "met",    "before", "change_pp", "change", NULL };
	json_t *all = flat(target), *ret = copy_of(all, names, counted, is_target_hidden(all, table, below));

	json_decref(all);
	return ret;
}

int export_targets(struct ctl *ctl, const char *code, const struct export_table *table, int64_t below,
		   json_t *report)
{
	json_t *list = json_array();
	const json_t *target;
	struct reply reply;
	bool has_answer;
	size_t i;
	int r = ask(ctl, "targets", code, &reply, &has_answer);

	if (r == CTL_OK && has_answer) {
		json_array_foreach(answer_array(reply.doc, "targets"), i, target)
			json_array_append_new(list, target_of(target, table, below));
		json_object_set(report, "targets", list);
		reply_done(&reply);
	}
	json_decref(list);
	return r;
}

/* --- efforts --- */

static bool starts(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* Counts by channel and year would each have to be judged against tables that are not here: they stay home.
 */
static bool stays(const char *name)
{
	static const char *const names[] = { "ch.",          "contacts.", "actual.",    "before.n",
					     "before.part",  "after.n",   "after.part", "before.volume",
					     "after.volume", "change_pct" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (starts(name, names[i]))
			return true;
	return strcmp(name, "as_of") == 0 || strcmp(name, "change") == 0;
}

static bool is_side_small(const json_t *effort, const char *n_name, const char *part_name, int64_t below)
{
	int64_t n, part;

	return integer(effort, n_name, &n) && integer(effort, part_name, &part) &&
	       (is_small(n, below) || is_small(part, below) || is_small(n - part, below));
}

static json_t *effort_of(const json_t *effort, int64_t below)
{
	static const char *const made_of_both[] = { "before.share", "after.share",     "change_pp",
						    "moved",        "month_change_pp", "gap_pp",
						    "gap",          "hours",           "kroner" };
	bool is_hidden = is_side_small(effort, "before.n", "before.part", below) ||
			 is_side_small(effort, "after.n", "after.part", below);
	json_t *ret = json_object(), *value;
	const char *name;
	int64_t moved;

	is_hidden |= integer(effort, "moved", &moved) && is_small(moved, below);
	json_object_foreach((json_t *)(uintptr_t)effort, name, value)
	{
		bool is_made = false;

		if (stays(name))
			continue;
		for (size_t i = 0; i < sizeof made_of_both / sizeof made_of_both[0]; i++)
			is_made |= strcmp(name, made_of_both[i]) == 0;
		json_object_set_new(ret, name, is_made && is_hidden ? json_null() : json_incref(value));
	}
	return ret;
}

int export_efforts(struct ctl *ctl, const char *code, int64_t below, json_t *report)
{
	json_t *list = json_array();
	const json_t *effort;
	struct reply reply;
	bool has_answer;
	size_t i;
	int r = ask(ctl, "efforts", code, &reply, &has_answer);

	if (r == CTL_OK && has_answer) {
		json_array_foreach(answer_array(reply.doc, "efforts"), i, effort)
			json_array_append_new(list, effort_of(effort, below));
		json_object_set(report, "efforts", list);
		reply_done(&reply);
	}
	json_decref(list);
	return r;
}

/* --- inhabitants --- */

/* Of the contacts that the report shows, so that nothing else can be computed from it. */
int export_population(struct ctl *ctl, const char *code, const struct export_table *table,
		      const struct export_options *options, json_t *report)
{
	const struct export_scope *all = export_table_find(table, "all");
	struct reply reply;
	int64_t persons, hundredths;
	int r;

	if (all == NULL || !export_is_shown(all, SUM_CONTACTS))
		return CTL_OK;
	r = link_ask(ctl, ctl_note(ctl, "{\"cmd\":\"measures\",\"municipality\":\"%s\",\"label\":\"%s\"}", code, options->label),
		     &reply);
	if (r != CTL_OK)
		return r;
	persons = atoll(answer_text(answer_object(reply.doc, "measures"), "all.inhabitants"));
	if (persons > 0 && !__builtin_mul_overflow(all->value[SUM_CONTACTS], INT64_C(200000), &hundredths)) {
		json_t *population = json_object();

		json_object_set_new(population, "inhabitants", json_integer(persons));
		json_object_set_new(population, "contacts_per_1000",
				    export_hundredths((hundredths + persons) / (2 * persons)));
		json_object_set_new(report, "population", population);
	}
	reply_done(&reply);
	return CTL_OK;
}

/* --- quality --- */

static void put_part(json_t *ret, const char *name, const char *percent, const struct export_scope *scope,
		     int sum, const struct export_scope *all)
{
	bool is_shown = scope == NULL || export_is_shown(scope, sum) || scope->value[sum] == 0;
	int64_t part = scope == NULL ? 0 : scope->value[sum], n = all->value[SUM_CONTACTS];

	json_object_set_new(ret, name, is_shown ? json_integer(part) : json_null());
	if (n > 0)
		json_object_set_new(ret, percent,
				    is_shown ? export_hundredths(share_basis_points(part, n, -1))
					     : json_null());
}

/* Since the daemon began, of all municipalities: what was refused has none for sure. */
static int put_refused(struct ctl *ctl, json_t *quality)
{
	json_t *codes = json_object(), *n;
	const json_t *source;
	struct reply reply;
	const char *code;
	size_t i;
	int r = link_ask_ok(ctl, "{\"cmd\":\"sources\"}", &reply);

	if (r == CTL_OK) {
		json_array_foreach(answer_array(reply.doc, "sources"), i, source) json_object_foreach(
			(json_t *)(uintptr_t)answer_object(source, "codes"), code, n)
			json_object_set_new(codes, code,
					    json_integer(answer_int(codes, code) + json_integer_value(n)));
		json_object_set(quality, "refused", codes);
		reply_done(&reply);
	}
	json_decref(codes);
	return r;
}

int export_quality(struct ctl *ctl, const struct export_table *table, const struct export_options *options,
		   const json_t *share, json_t *report)
{
	const struct export_scope *all = export_table_find(table, "all");
	json_t *quality = json_object();
	const char *missing = share_field(share, NULL, "missing");
	int r = CTL_OK;

	json_object_set_new(quality, "incomplete", json_boolean(share_flag(share, "incomplete")));
	json_object_set_new(quality, "missing", json_string(missing == NULL ? "" : missing));
	if (all != NULL) {
		put_part(quality, "unclassified", "unclassified_pct",
			 export_table_find(table, "unclassified"), SUM_CONTACTS, all);
		put_part(quality, "unknown_kind", "unknown_kind_pct", all, SUM_UNKNOWN, all);
	}
	if (options->wants_refused)
		r = put_refused(ctl, quality);
	json_object_set_new(report, "quality", quality);
	return r;
}
