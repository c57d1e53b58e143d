/* SPDX-License-Identifier: MPL-2.0 */
/* See effort_list.h: the record itself and what holds between records; its lists are read in effort_lines.c. */
#include "conf/effort_list.h"

#include "conf/effort_reader.h"
#include "conf/near.h"
#include "domain/calendar.h"
#include "event/vocab.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ID, TITLE, TITLE_EN, CATEGORY, MUNICIPALITY, SCOPE, SCOPES, CHANNEL, UNIT, FROM, TO, MEASURE, BASELINE, TARGET,
	ALARM, BENEFIT_FROM, STATUS, REALISABILITY, METHOD, COUNTERFACTUAL, NOTE, FUNDED_BY, NEXT_CHECK, MONEY, PLAN,
	GOALS, COSTS, HOURLY_RATE, BENEFITS, OUTSIDE, FIELDS
};

static const struct field fields[FIELDS] = {
	[ID] = { "id", FIELD_TEXT, true },
	[TITLE] = { "title", FIELD_TEXT, true },
	[TITLE_EN] = { "title_en", FIELD_TEXT, false },
	[CATEGORY] = { "category", FIELD_TEXT, true },
	[MUNICIPALITY] = { "municipality", FIELD_TEXT, true },
	[SCOPE] = { "scope", FIELD_TEXT, false },
	[SCOPES] = { "scopes", FIELD_TEXTS, false },
	[CHANNEL] = { "channel", FIELD_TEXT, false },
	[UNIT] = { "unit", FIELD_TEXT, false },
	[FROM] = { "from", FIELD_TEXT, true },
	[TO] = { "to", FIELD_TEXT, false },
	[MEASURE] = { "measure", FIELD_TEXT, false },
	[BASELINE] = { "baseline", FIELD_GROUP, false },
	[TARGET] = { "target", FIELD_GROUP, false },
	[ALARM] = { "alarm", FIELD_NUMBER, false },
	[BENEFIT_FROM] = { "benefit_from", FIELD_TEXT, false },
	[STATUS] = { "status", FIELD_TEXT, false },
	[REALISABILITY] = { "realisability", FIELD_TEXT, false },
	[METHOD] = { "method", FIELD_TEXT, false },
	[COUNTERFACTUAL] = { "counterfactual", FIELD_TEXT, false },
	[NOTE] = { "note", FIELD_TEXT, false },
	[FUNDED_BY] = { "funded_by", FIELD_TEXT, false },
	[NEXT_CHECK] = { "next_check", FIELD_TEXT, false },
	[MONEY] = { "money", FIELD_LIST, false },
	[PLAN] = { "plan", FIELD_LIST, false },
	[GOALS] = { "goals", FIELD_LIST, false },
	[COSTS] = { "costs", FIELD_LIST, false },
	[HOURLY_RATE] = { "hourly_rate", FIELD_NUMBER, false },
	[BENEFITS] = { "benefits", FIELD_LIST, false },
	[OUTSIDE] = { "outside", FIELD_LIST, false },
};

/* --- values --- */

int effort_reader_fault(struct effort_reader *r, const config_setting_t *at, const char *hint, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->result = fault_add(r->faults, tree_place(r->tree, at), hint, "%s", text);
	return r->result;
}

int effort_reader_fields(struct effort_reader *r, const config_setting_t *group, const char *what,
			 const struct field *list, size_t n, const config_setting_t **ret)
{
	if (tree_fields(r->tree, group, what, list, n, ret, r->faults) == 0)
		return 0;
	r->result = -EINVAL;
	return -EINVAL;
}

int32_t effort_reader_day(struct effort_reader *r, const config_setting_t *setting, int32_t otherwise)
{
	const char *text;
	int32_t day;

	if (setting == NULL)
		return otherwise;
	text = config_setting_get_string(setting);
	if (day_parse(text, strlen(text), &day))
		return day;
	effort_reader_fault(r, setting, "write it as \"2012-12-01\"", "\"%.60s\" is not a date", text);
	return otherwise;
}

/* libconfig's decimal numbers are doubles, so two decimals come out exactly up to amounts far past any budget. */
int64_t effort_reader_hundredths(struct effort_reader *r, const config_setting_t *setting, int64_t otherwise)
{
	double number, off;
	int64_t hundredths;

	if (setting == NULL)
		return otherwise;
	if (config_setting_type(setting) == CONFIG_TYPE_INT)
		return (int64_t)config_setting_get_int(setting) * 100;
	number = config_setting_get_float(setting) * 100;
	if (!(number > -1e15 && number < 1e15)) {
		effort_reader_fault(r, setting, NULL, "the number is too large");
		return otherwise;
	}
	hundredths = (int64_t)(number < 0 ? number - 0.5 : number + 0.5);
	off = number - (double)hundredths;
	if (off > 1e-3 || off < -1e-3)
		effort_reader_fault(r, setting, "write it as 80 or 79.99", "a number has at most two decimals");
	return hundredths;
}

int effort_reader_word(struct effort_reader *r, const config_setting_t *setting, const char *const *words, size_t n,
		       int otherwise)
{
	const char *text = setting == NULL ? NULL : config_setting_get_string(setting);
	char hint[512];

	if (text == NULL)
		return otherwise;
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	near_hint(hint, sizeof(hint), text, words, n);
	effort_reader_fault(r, setting, hint, "%s: \"%.60s\" is none of its words", config_setting_name(setting), text);
	return otherwise;
}

bool effort_reader_is_most(struct effort_reader *r, const config_setting_t *setting)
{
	static const char *const words[] = { ">=", "<=" };

	return effort_reader_word(r, setting, words, 2, 0) == 1;
}

/* --- one effort --- */

/* Members that catalogues of efforts have and this one never will. */
static bool names_a_person(struct effort_reader *r, const config_setting_t *group)
{
	static const char *const persons[] = { "contact", "contacts",	    "contact_person", "kontakt",
					       "kontaktperson", "kontaktpersoner", "person",	     "owner",
					       "name",	  "email",	    "mail",	     "phone",
					       "telefon", "address",	    "adresse" };
	bool is_found = false;

	for (size_t i = 0; config_setting_is_group(group) && i < sizeof(persons) / sizeof(persons[0]); i++) {
		const config_setting_t *member = config_setting_get_member(group, persons[i]);

		if (member == NULL)
			continue;
		effort_reader_fault(r, member, "remove it; who owns an effort is a `unit`",
				    "'%s': no person's name, number or address is kept with an effort", persons[i]);
		is_found = true;
	}
	return is_found;
}

static void read_scopes(struct effort_reader *r, const config_setting_t *group, const config_setting_t *const *found,
			struct effort *ret)
{
	const char **one;

	if ((found[SCOPE] == NULL) == (found[SCOPES] == NULL)) {
		effort_reader_fault(r, group, "write scope = \"school\"; or scopes = [ \"school\", \"daycare\" ];",
				    "an effort needs either 'scope' or 'scopes'");
	} else if (found[SCOPES] != NULL) {
		ret->scopes_len = tree_texts(r->arena, found[SCOPES], &ret->scopes);
	} else {
		one = arena_array(r->arena, 1, sizeof(*one));
		one[0] = tree_text(r->arena, found[SCOPE], "");
		ret->scopes = one;
		ret->scopes_len = 1;
	}
}

/* { from, to }, { value }, or { none = true }; absent: the same days a year earlier. */
static void read_baseline(struct effort_reader *r, const config_setting_t *group, struct effort *ret)
{
	static const struct field baseline[] = { { "from", FIELD_TEXT, false },
						 { "to", FIELD_TEXT, false },
						 { "value", FIELD_NUMBER, false },
						 { "none", FIELD_BOOL, false } };
	const config_setting_t *found[4];
	bool has_days, is_none;

	if (group == NULL || effort_reader_fields(r, group, "a baseline", baseline, 4, found) < 0)
		return;
	has_days = found[0] != NULL && found[1] != NULL;
	is_none = tree_bool(found[3], false);
	if (has_days + (found[2] != NULL) + is_none != 1 || (found[0] == NULL) != (found[1] == NULL))
		effort_reader_fault(r, group, "write { from = \"2013-01-01\"; to = \"2013-06-30\"; }, { value = 47; } "
					      "or { none = true; }",
				    "a baseline is days, a value, or none");
	ret->baseline = has_days ? BASELINE_DAYS : found[2] != NULL ? BASELINE_VALUE : BASELINE_NONE;
	ret->baseline_first = effort_reader_day(r, found[0], 0);
	ret->baseline_last = effort_reader_day(r, found[1], 0);
	ret->baseline_value = effort_reader_hundredths(r, found[2], 0);
}

static void read_target(struct effort_reader *r, const config_setting_t *group, struct effort *ret)
{
	static const struct field target[] = { { "value", FIELD_NUMBER, true },
					       { "comparator", FIELD_TEXT, false },
					       { "due", FIELD_TEXT, false } };
	const config_setting_t *found[3];

	ret->target = (struct goal){ .first = ret->first, .due = EFFORT_DAY_NONE };
	if (group == NULL || effort_reader_fields(r, group, "a target", target, 3, found) < 0)
		return;
	ret->has_target = true;
	ret->target.value = effort_reader_hundredths(r, found[0], 0);
	ret->target.is_most = effort_reader_is_most(r, found[1]);
	ret->target.due = effort_reader_day(r, found[2], EFFORT_DAY_NONE);
}

static void read_words(struct effort_reader *r, const config_setting_t *const *found, struct effort *ret)
{
	ret->id = tree_text(r->arena, found[ID], "");
	ret->title = tree_text(r->arena, found[TITLE], "");
	ret->title_en = tree_text(r->arena, found[TITLE_EN], NULL);
	ret->category =
		(enum category)effort_reader_word(r, found[CATEGORY], category_name, CATEGORIES, CATEGORY_OTHER);
	ret->municipality = tree_text(r->arena, found[MUNICIPALITY], "");
	ret->channel = effort_reader_word(r, found[CHANNEL], vocab_channel, EFFORT_CHANNELS, -1);
	ret->unit = tree_text(r->arena, found[UNIT], NULL);
	ret->measure = (enum measure)effort_reader_word(r, found[MEASURE], measure_name, MEASURES, MEASURE_SELFSERVICE);
	ret->status = (enum effort_status)effort_reader_word(r, found[STATUS], effort_status_name, EFFORT_STATUSES,
							     EFFORT_RUNNING);
	ret->realisability = tree_text(r->arena, found[REALISABILITY], NULL);
	ret->method = tree_text(r->arena, found[METHOD], NULL);
	ret->counterfactual = tree_text(r->arena, found[COUNTERFACTUAL], NULL);
	ret->note = tree_text(r->arena, found[NOTE], NULL);
	ret->funded_by = tree_text(r->arena, found[FUNDED_BY], NULL);
}

static void read_effort(struct effort_reader *r, const config_setting_t *group, struct effort *ret)
{
	const config_setting_t *found[FIELDS];

	ret->place = tree_place(r->tree, group);
	if (names_a_person(r, group) ||
	    effort_reader_fields(r, group, "an effort", fields, FIELDS, found) < 0)
		return;
	read_words(r, found, ret);
	read_scopes(r, group, found, ret);
	ret->first = effort_reader_day(r, found[FROM], 0);
	ret->last = effort_reader_day(r, found[TO], EFFORT_DAY_NONE);
	read_baseline(r, found[BASELINE], ret);
	read_target(r, found[TARGET], ret);
	ret->alarm = effort_reader_hundredths(r, found[ALARM], 0);
	ret->benefit_from = effort_reader_day(r, found[BENEFIT_FROM], EFFORT_DAY_NONE);
	ret->next_check = effort_reader_day(r, found[NEXT_CHECK], EFFORT_DAY_NONE);
	ret->rate = effort_reader_hundredths(r, found[HOURLY_RATE], 0);
	effort_lines_money(r, found[MONEY], ret);
	effort_lines_plan(r, found[PLAN], ret);
	effort_lines_goals(r, found[GOALS], ret);
	effort_lines_costs(r, found[COSTS], ret);
	effort_lines_benefits(r, found[BENEFITS], ret);
	ret->outsides = effort_lines_outsides(r, found[OUTSIDE], &ret->outsides_len);
}

/* --- a file --- */

struct telling {
	struct effort_reader *reader;
	const config_setting_t *group;
	struct effort *effort;
};

/* The place of what effort_check() is about: the line of a list, the member, else the effort. */
static void tell(void *ctx, const char *member, size_t index, const char *hint, const char *text)
{
	const struct telling *t = ctx;
	const config_setting_t *at = config_setting_get_member(t->group, member);

	if (at == NULL)
		at = strcmp(member, "scopes") == 0 ? config_setting_get_member(t->group, "scope") : NULL;
	if (at != NULL && config_setting_is_aggregate(at) && !config_setting_is_group(at) &&
	    index < (size_t)config_setting_length(at))
		at = config_setting_get_elem(at, (unsigned)index);
	effort_reader_fault(t->reader, at != NULL ? at : t->group, hint, "%s", text);
}

static struct effort *add(struct effort_list *list, struct arena *arena)
{
	struct effort *efforts;

	if (list->n == list->room) {
		list->room = list->room == 0 ? 16 : list->room * 2;
		efforts = arena_array(arena, list->room, sizeof(*efforts));
		if (list->n > 0)
			memcpy(efforts, list->efforts, list->n * sizeof(*efforts));
		list->efforts = efforts;
	}
	return &list->efforts[list->n++];
}

/* The first that does not fit. */
static void note_away(void *ctx, const char *member, size_t index, const char *hint, const char *text)
{
	const struct telling *t = ctx;

	(void)member;
	(void)index;
	(void)hint;
	if (t->effort->away == NULL)
		t->effort->away = arena_strdup(t->reader->arena, text);
}

static void check(struct telling *t, const struct effort_known *known, bool is_registry)
{
	t->effort->is_registered = is_registry;
	if (effort_check(t->effort, is_registry ? NULL : known, tell, t) == 0 && is_registry)
		effort_check(t->effort, known, note_away, t);
}

static void read_efforts(struct effort_reader *r, const config_setting_t *setting, struct effort_list *list,
			 const struct effort_known *known, bool is_registry)
{
	size_t n = setting == NULL ? 0 : (size_t)config_setting_length(setting);

	if (list->n + n > EFFORTS_MAX) {
		effort_reader_fault(r, setting, NULL, "more than %d efforts", EFFORTS_MAX);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct telling telling = { r, config_setting_get_elem(setting, (unsigned)i), add(list, r->arena) };
		int before = r->result;

		r->result = 0;
		read_effort(r, telling.group, telling.effort);
		if (r->result == 0)
			check(&telling, known, is_registry);
		r->result |= before;
	}
}

static void read_outsides(struct effort_reader *r, const config_setting_t *setting, struct effort_list *list)
{
	size_t n, had = list->outsides_len;
	struct effort_outside *more = effort_lines_outsides(r, setting, &n), *both;

	if (n == 0)
		return;
	both = arena_array(r->arena, had + n, sizeof(*both));
	if (had > 0)
		memcpy(both, list->outsides, had * sizeof(*both));
	memcpy(both + had, more, n * sizeof(*both));
	list->outsides = both;
	list->outsides_len = had + n;
	for (size_t i = 0; i < n; i++)
		if (more[i].title != NULL && !effort_text_is_fit(more[i].title, 200))
			effort_reader_fault(r, config_setting_get_elem(setting, (unsigned)i), NULL,
					    "the title is empty, too long, or reads as an address or number of a person");
}

static int read_tree(struct effort_list *list, struct arena *arena, struct tree *tree,
		     const struct effort_known *known, bool is_registry, struct faults *faults)
{
	static const struct field top[] = { { "efforts", FIELD_LIST, false }, { "outside", FIELD_LIST, false } };
	struct effort_reader r = { arena, tree, faults, 0 };
	const config_setting_t *found[2];

	effort_reader_fields(&r, config_root_setting(&tree->config), "a file of efforts", top, 2, found);
	read_efforts(&r, found[0], list, known, is_registry);
	read_outsides(&r, found[1], list);
	tree_close(tree);
	return r.result < 0 ? -EINVAL : 0;
}

int effort_list_read(struct effort_list *list, struct arena *arena, const char *path, bool is_optional,
		     const struct effort_known *known, struct faults *faults)
{
	struct tree tree;

	if (is_optional && access(path, F_OK) < 0)
		return -ENOENT;
	if (tree_open(&tree, path, faults) < 0)
		return -EINVAL;
	return read_tree(list, arena, &tree, known, false, faults);
}

int effort_list_read_registry(struct effort_list *list, struct arena *arena, const char *path,
			      const struct effort_known *known, struct faults *faults)
{
	struct tree tree;

	if (access(path, F_OK) < 0)
		return -ENOENT;
	if (tree_open(&tree, path, faults) < 0)
		return -EINVAL;
	return read_tree(list, arena, &tree, known, true, faults);
}

int effort_list_read_text(struct effort_list *list, struct arena *arena, const char *path, const char *bytes,
			  size_t len, const struct effort_known *known, struct faults *faults)
{
	struct tree tree;

	if (tree_open_text(&tree, path, bytes, len, faults) < 0)
		return -EINVAL;
	return read_tree(list, arena, &tree, known, false, faults);
}

const struct effort *effort_list_find(const struct effort_list *list, const char *id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->efforts[i].id != NULL && strcmp(list->efforts[i].id, id) == 0)
			return &list->efforts[i];
	return NULL;
}

/* The one that is one too many in its municipality is told. */
static bool is_too_many(const struct effort_list *list, size_t i)
{
	size_t n = 0;

	for (size_t j = 0; j <= i; j++)
		n += strcmp(list->efforts[j].municipality, list->efforts[i].municipality) == 0;
	return n == EFFORTS_OF_ONE_MAX + 1;
}

int effort_list_join(const struct effort_list *list, struct faults *faults)
{
	int r = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct effort *effort = &list->efforts[i], *first = effort_list_find(list, effort->id);

		if (first != effort)
			r = fault_add(faults, effort->place, "give one of the two another id",
				      "the effort %s stands here a second time; the first is in %s:%d", effort->id,
				      first->place.file, first->place.line);
		if (is_too_many(list, i))
			r = fault_add(faults, effort->place, "take out those that are over", "more than %d efforts of %s",
				      EFFORTS_OF_ONE_MAX, effort->municipality);
		if (effort->funded_by != NULL && !effort->is_registered && effort_list_find(list, effort->funded_by) == NULL)
			r = fault_add(faults, effort->place, "name an effort by its id",
				      "funded_by: there is no effort %s", effort->funded_by);
	}
	return r;
}
