/* SPDX-License-Identifier: MPL-2.0 */
/* See export.h: the report of one municipality: what it covers, its scopes, the seasons up to it, targets,
 * efforts, quality. */
#include "ctl/export.h"

#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPORT_SCHEMA 1

json_t *export_hundredths(int64_t hundredths)
{
	int64_t size = hundredths < 0 ? -hundredths : hundredths;
	char text[32];

	snprintf(text, sizeof text, "%s%lld.%02d", hundredths < 0 ? "-" : "", (long long)(size / 100),
		 (int)(size % 100));
	return json_string(text);
}

/* --- scopes --- */

static const char *const kind_name[] = { "all", "group", "area", "task" };

/* The published text of a derived field, where all numbers it is made of may be shown. */
static void put_derived(json_t *ret, const struct export_scope *scope, const char *name, const int *sums)
{
	const char *value = share_field(scope->hash, scope->id, name);
	bool is_shown = true;

	if (value == NULL)
		return;
	for (; *sums >= 0; sums++)
		is_shown &= export_is_shown(scope, *sums);
	json_object_set_new(ret, name, is_shown ? json_string(value) : json_null());
}

static bool is_plain(int64_t value, int64_t below)
{
	return value == 0 || value >= below || value <= -below;
}

/* Target and gap tell of contacts under the target, which are not shown themselves: they and what lies beside
 * them must be large enough. Those of the grand total are no grand total: they tell the tasks under the
 * target, and are shown where these are. */
static bool is_target_shown(const struct export_table *table, const struct export_scope *scope, int64_t below)
{
	const struct export_scope *under = export_table_find(table, "group:target");
	int64_t n = scope->value[SUM_N], self = scope->value[SUM_SELF];
	int64_t target_n = scope->value[SUM_TARGET_N], target_self = scope->value[SUM_TARGET_SELF];

	if (scope->kind == EXPORT_ALL && under != NULL)
		return export_is_shown(under, SUM_N) && export_is_shown(under, SUM_SELF);
	return export_is_shown(scope, SUM_N) && export_is_shown(scope, SUM_SELF) &&
	       is_plain(target_n, below) && is_plain(target_self, below) &&
	       is_plain(target_n - target_self, below) && is_plain(n - target_n, below) &&
	       is_plain(self - target_self, below);
}

static void put_target(json_t *ret, const struct export_table *table, const struct export_scope *scope,
		       int64_t below)
{
	static const char *const names[] = { "gap_pp", "move", "met" };
	const char *target = share_field(scope->hash, scope->id, "target");

	if (target == NULL)
		return;
	json_object_set_new(ret, "target", json_string(target));
	for (size_t i = 0; i < 3; i++) {
		const char *value = share_field(scope->hash, scope->id, names[i]);

		if (value == NULL)
			continue;
		if (!is_target_shown(table, scope, below))
			json_object_set_new(ret, names[i], json_null());
		else if (i == 0)
			json_object_set_new(ret, names[i], json_string(value));
		else
			json_object_set_new(ret, names[i], json_integer(atoll(value)));
	}
}

/* What the shares of a report are compared with: the hash of the period before, and where that is a season
 * the report tells too, its table. */
struct compared {
	const json_t *hash;
	const struct export_table *table; /* NULL: none */
};

static bool is_earlier_shown(const struct export_scope *scope, const struct compared *earlier, int64_t below)
{
	const struct export_scope *other =
		earlier->table == NULL ? NULL : export_table_find(earlier->table, scope->id);
	int64_t n = 0, self = 0;

	if (scope->kind == EXPORT_ALL)
		return true;
	if (other != NULL)
		return export_is_shown(other, SUM_N) && export_is_shown(other, SUM_SELF);
	share_count(earlier->hash, scope->id, "n", &n);
	share_count(earlier->hash, scope->id, "self", &self);
	return is_plain(n, below) && is_plain(self, below);
}

static void put_change(json_t *ret, const struct export_scope *scope, const struct compared *earlier,
		       int64_t below)
{
	int64_t now, then;

	if (scope->kind == EXPORT_TASK || !share_percent(scope->hash, scope->id, "share", &now) ||
	    !share_percent(earlier->hash, scope->id, "share", &then))
		return;
	json_object_set_new(ret, "change_pp",
			    export_is_shown(scope, SUM_N) && export_is_shown(scope, SUM_SELF) &&
					    is_earlier_shown(scope, earlier, below)
				    ? export_hundredths(now - then)
				    : json_null());
}

static json_t *scope_of(const struct export_table *table, const struct export_scope *scope,
			const struct compared *earlier, int64_t below)
{
	static const int strict[] = { SUM_N, SUM_SELF, -1 }, wide[] = { SUM_N, SUM_SELF, SUM_ASSISTED, -1 },
			 digital[] = { SUM_N, SUM_DIGITAL, -1 };
	json_t *ret = json_object();

	json_object_set_new(ret, "id", json_string(scope->id));
	json_object_set_new(ret, "kind", json_string(kind_name[scope->kind]));
	json_object_set_new(ret, "name",
			    scope->area == NULL ? json_string(scope->name) : json_sprintf("%s: %s", scope->area, scope->name));
	for (const int *sum = export_columns; *sum >= 0; sum++)
		if (scope->has[*sum])
			json_object_set_new(ret, sum_name[*sum],
					    export_is_shown(scope, *sum) ? json_integer(scope->value[*sum])
									 : json_null());
	put_derived(ret, scope, "share", strict);
	put_derived(ret, scope, "share_incl_assisted", wide);
	put_derived(ret, scope, "share_digital", digital);
	put_target(ret, table, scope, below);
	put_change(ret, scope, earlier, below);
	return ret;
}

/* --- seasons --- */

struct season {
	int year;
	bool is_autumn;
};

static struct season before(struct season season)
{
	return season.is_autumn ? (struct season){ season.year, false }
				: (struct season){ season.year - 1, true };
}

/* The season in which a period ends: its last moment is one before `to`. */
static bool season_of(const json_t *share, struct season *ret)
{
	const char *to = share_field(share, NULL, "to");
	time_t last = to == NULL ? 0 : (time_t)(atoll(to) / 1000 - 1);
	struct tm tm;

	if (to == NULL || localtime_r(&last, &tm) == NULL)
		return false;
	*ret = (struct season){ tm.tm_year + 1900, tm.tm_mon >= 6 };
	return true;
}

static int ask_season(struct ctl *ctl, const char *code, struct season season, struct reply *ret)
{
	return link_ask_ok(
		ctl,
		ctl_note(ctl, "{\"cmd\":\"shares\",\"municipality\":\"%s\",\"label\":\"season:%04d-%s\"}",
			 code, season.year, season.is_autumn ? "autumn" : "spring"),
		ret);
}

static json_t *season_row(const struct export_scope *scope)
{
	static const int strict[] = { SUM_N, SUM_SELF, -1 };
	static const int sums[] = { SUM_N, SUM_SELF };
	json_t *ret = json_object();

	json_object_set_new(ret, "id", json_string(scope->id));
	json_object_set_new(ret, "name", json_string(scope->name));
	for (size_t i = 0; i < 2; i++)
		if (scope->has[sums[i]])
			json_object_set_new(ret, sum_name[sums[i]],
					    export_is_shown(scope, sums[i])
						    ? json_integer(scope->value[sums[i]])
						    : json_null());
	put_derived(ret, scope, "share", strict);
	return ret;
}

/* The change from the same season a year earlier, of shares that are shown. */
static void put_year_change(json_t *row, const json_t *earlier)
{
	const json_t *scope;
	int64_t now, then;
	size_t i;

	json_array_foreach(answer_array(earlier, "scopes"), i, scope)
	{
		if (strcmp(answer_text(scope, "id"), answer_text(row, "id")) != 0)
			continue;
		if (figure_hundredths(answer_text(row, "share"), &now) &&
		    figure_hundredths(answer_text(scope, "share"), &then))
			json_object_set_new(row, "change_year_pp", export_hundredths(now - then));
	}
}

static json_t *season_part(const struct export_table *table, const char *label)
{
	json_t *ret = json_object(), *scopes = json_array();

	json_object_set_new(ret, "label", json_string(label));
	for (size_t i = 0; i < table->n; i++) {
		const struct export_scope *scope = &table->scopes[i];

		if (scope->kind == EXPORT_ALL || scope->kind == EXPORT_AREA ||
		    strcmp(scope->id, "group:target") == 0)
			json_array_append_new(scopes, season_row(scope));
	}
	json_object_set_new(ret, "scopes", scopes);
	return ret;
}

#define SEASONS_READ (EXPORT_TABLES_MAX - 1)

/* Everything a report is made of. */
struct material {
	struct ctl *ctl;
	const char *code;
	const struct export_options *options;
	struct reply replies[1 + SEASONS_READ];       /* the period's, then the seasons' from the last back */
	struct export_table tables[1 + SEASONS_READ]; /* the same */
	size_t n;
	json_t *groups; /* owned */
};

static int read_table(struct material *m, int r)
{
	if (r != CTL_OK)
		return r;
	m->n++;
	if (export_table_read(m->ctl, m->replies[m->n - 1].doc, m->n > 1, &m->tables[m->n - 1]) < 0)
		return ctl_fail(m->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	return CTL_OK;
}

static int read_seasons(struct material *m)
{
	struct season season;
	int r = CTL_OK;

	if (!season_of(answer_object(m->replies[0].doc, "share"), &season))
		return CTL_OK;
	for (int i = 0; i < SEASONS_READ && r == CTL_OK; i++, season = before(season))
		r = read_table(m, ask_season(m->ctl, m->code, season, &m->replies[m->n]));
	return r;
}

/* Oldest first; the two before them are only there for their change. */
static json_t *seasons_of(const struct material *m)
{
	json_t *all = json_array(), *told = json_array(), *row;
	size_t i;

	for (size_t k = m->n; k-- > 1;)
		json_array_append_new(all, season_part(&m->tables[k], m->tables[k].label));
	for (size_t k = 2; k < json_array_size(all); k++) {
		json_array_foreach(json_object_get(json_array_get(all, k), "scopes"), i, row)
			put_year_change(row, json_array_get(all, k - 2));
		if (json_array_size(json_object_get(json_array_get(all, k), "scopes")) > 0)
			json_array_append(told, json_array_get(all, k));
	}
	json_decref(all);
	return told;
}

/* --- the whole --- */

static void copy(json_t *ret, const char *name, const json_t *hash, const char *field)
{
	const char *value = share_field(hash, NULL, field);

	if (value != NULL && strcmp(value, "0") != 0)
		json_object_set_new(ret, name, json_string(value));
}

static const char *place_name(struct ctl *ctl, const json_t *doc)
{
	const json_t *place = answer_object(doc, "municipality");

	return strcmp(answer_text(place, "code"), "dk") == 0 ? word_text(W_COUNTRY, ctl->is_danish)
							     : answer_text(place, "name");
}

static void put_head(struct ctl *ctl, const json_t *doc, const struct export_options *options, json_t *report)
{
	const json_t *place = answer_object(doc, "municipality"), *share = answer_object(doc, "share");

	json_object_set_new(report, "report", json_string("effortd-standard"));
	json_object_set_new(report, "schema", json_integer(REPORT_SCHEMA));
	json_object_set_new(report, "municipality", json_string(answer_text(place, "code")));
	json_object_set_new(report, "name", json_string(place_name(ctl, doc)));
	json_object_set_new(report, "label", json_string(answer_text(doc, "label")));
	if (answer_text(doc, "title")[0] != '\0') {
		json_object_set_new(report, "title", json_string(answer_text(doc, "title")));
		json_object_set_new(report, "first", json_string(answer_text(doc, "first")));
		json_object_set_new(report, "last", json_string(answer_text(doc, "last")));
	}
	json_object_set_new(report, "before_label", json_string(answer_text(doc, "before_label")));
	copy(report, "from", share, "from");
	copy(report, "to", share, "to");
	copy(report, "as_of", share, "as_of");
	copy(report, "restated_at", share, "restated_at");
	copy(report, "definition", share, "definition");
	copy(report, "target_id", share, "target_id");
	copy(report, "break", share, "break");
	copy(report, "rebuilding", share, "rebuilding");
	json_object_set_new(report, "suppress", json_integer(options->below));
}

static json_t *groups_of(struct ctl *ctl, const json_t *doc, const char *label)
{
	const json_t *item;
	json_t *ret = json_object();
	struct reply reply;
	size_t i;

	json_array_foreach(answer_array(doc, "groups"), i, item)
	{
		const char *scope = ctl_note(ctl, "group:%s", answer_text(item, "id"));

		if (link_ask_ok(ctl,
				ctl_note(ctl,
					 "{\"cmd\":\"compare\",\"scope\":\"%s\",\"label\":\"%s\","
					 "\"municipality\":\"dk\"}",
					 scope, label),
				&reply) != CTL_OK) {
			json_decref(ret);
			return NULL;
		}
		json_object_set(ret, scope, reply.doc);
		reply_done(&reply);
	}
	return ret;
}

static json_t *scopes_of(const struct material *m)
{
	struct compared earlier = { .hash = answer_object(m->replies[0].doc, "before") };
	json_t *scopes = json_array();

	for (size_t i = 1; i < m->n; i++)
		if (strcmp(m->tables[i].label, answer_text(m->replies[0].doc, "before_label")) == 0)
			earlier.table = &m->tables[i];
	for (size_t i = 0; i < m->tables[0].n; i++)
		json_array_append_new(scopes, scope_of(&m->tables[0], &m->tables[0].scopes[i], &earlier,
						       m->options->below));
	return scopes;
}

/* How targets and efforts stand is of now: a period that is over would be another report each day with it. */
static bool has_now(const struct material *m)
{
	const char *to = share_field(answer_object(m->replies[0].doc, "share"), NULL, "to");

	return m->options->wants_now || (to != NULL && answer_int(m->replies[0].doc, "now_ms") < atoll(to));
}

static int put_now(struct material *m, json_t *report)
{
	int r = export_targets(m->ctl, m->code, &m->tables[0], m->options->below, report);

	return r == CTL_OK ? export_efforts(m->ctl, m->code, m->options->below, report) : r;
}

static int put_parts(struct material *m, json_t *report)
{
	int r = CTL_OK;

	put_head(m->ctl, m->replies[0].doc, m->options, report);
	json_object_set_new(report, "scopes", scopes_of(m));
	json_object_set_new(report, "seasons", seasons_of(m));
	if (has_now(m))
		r = put_now(m, report);
	if (r == CTL_OK)
		r = export_population(m->ctl, m->code, &m->tables[0], m->options, report);
	if (r == CTL_OK)
		r = export_quality(m->ctl, &m->tables[0], m->options,
				   answer_object(m->replies[0].doc, "share"), report);
	return r;
}

static int build(struct material *m, json_t *report, bool *ret_is_open)
{
	size_t open = 0;
	int r = read_seasons(m);

	if (r != CTL_OK)
		return r;
	m->groups = groups_of(m->ctl, m->replies[0].doc, m->options->label);
	if (m->groups == NULL)
		return CTL_REFUSED;
	if (export_hide(m->tables, m->n, m->groups, m->options->below, &open) < 0)
		return ctl_fail(m->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	*ret_is_open = open > 0;
	if (*ret_is_open)
		ctl_fail(m->ctl, CTL_REFUSED, W_EXPORT_OPEN, W_NEXT_EXPORT_OPEN, place_name(m->ctl, m->replies[0].doc));
	return *ret_is_open ? CTL_OK : put_parts(m, report);
}

int export_report(struct ctl *ctl, const char *code, const struct export_options *options, json_t **ret,
		  bool *ret_is_open)
{
	struct material m = { .ctl = ctl, .code = code, .options = options };
	json_t *report = json_object();
	int r = read_table(
		&m, link_ask_ok(ctl,
				ctl_note(ctl, "{\"cmd\":\"shares\",\"municipality\":\"%s\",\"label\":\"%s\"}",
					 code, options->label),
				&m.replies[0]));

	*ret = NULL;
	*ret_is_open = false;
	if (r == CTL_OK && m.tables[0].n > 0) {
		r = build(&m, report, ret_is_open);
		if (r == CTL_OK && !*ret_is_open)
			*ret = json_incref(report);
	}
	for (size_t i = 0; i < m.n; i++) {
		export_table_done(&m.tables[i]);
		reply_done(&m.replies[i]);
	}
	json_decref(m.groups);
	json_decref(report);
	return r;
}
