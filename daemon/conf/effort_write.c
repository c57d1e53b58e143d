/* SPDX-License-Identifier: MPL-2.0 */
/* Efforts as text that the reader of effort_list.c makes the same records of: members that have their default
 * are left out. */
#include "conf/effort_list.h"

#include "domain/calendar.h"
#include "event/vocab.h"

#include <inttypes.h>
#include <string.h>

static void put_text(FILE *out, const char *indent, const char *name, const char *text)
{
	if (text == NULL)
		return;
	fprintf(out, "%s%s = \"", indent, name);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputs("\";", out);
}

static void put_day(FILE *out, const char *indent, const char *name, int32_t day)
{
	if (day != EFFORT_DAY_NONE)
		fprintf(out, "%s%s = \"%s\";", indent, name, DAY_STR(day));
}

/* Always with two decimals: libconfig keeps whole numbers past 32 bits only as decimal ones. */
static void put_hundredths(FILE *out, const char *indent, const char *name, int64_t n)
{
	uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	fprintf(out, "%s%s = %s%" PRIu64 ".%02" PRIu64 ";", indent, name, n < 0 ? "-" : "", size / 100, size % 100);
}

static void put_int(FILE *out, const char *indent, const char *name, int64_t n)
{
	fprintf(out, "%s%s = %" PRId64 ";", indent, name, n);
}

static void put_bool(FILE *out, const char *indent, const char *name, bool is_true)
{
	fprintf(out, "%s%s = %s;", indent, name, is_true ? "true" : "false");
}

/* The beginning of line i of a list; list_end() after the last of n. */
static void list_line(FILE *out, const char *name, size_t i)
{
	if (i == 0)
		fprintf(out, "\n\t\t%s = (", name);
	fprintf(out, "%s\n\t\t\t{", i == 0 ? "" : " },");
}

static void list_end(FILE *out, size_t n)
{
	if (n > 0)
		fputs(" } );", out);
}

static void put_money(FILE *out, const struct effort *e)
{
	for (size_t i = 0; i < e->money_len; i++) {
		const struct effort_money *m = &e->money[i];

		list_line(out, "money", i);
		put_text(out, " ", "title", m->title);
		put_int(out, " ", "year", m->year);
		if (m->until != m->year)
			put_int(out, " ", "until", m->until);
		if (m->has_amount)
			put_hundredths(out, " ", "kroner", m->ore);
		put_text(out, " ", "basis", money_basis_name[m->basis]);
		put_text(out, " ", "origin", m->is_national ? "national" : NULL);
		put_text(out, " ", "recurrence", m->is_yearly ? "yearly" : "one-off");
		put_bool(out, " ", "cashable", m->is_cashable);
		put_text(out, " ", "price_level", m->price_level);
		put_text(out, " ", "unit", m->unit);
		put_text(out, " ", "scenario", m->scenario);
	}
	list_end(out, e->money_len);
}

static void put_plan(FILE *out, const struct effort *e)
{
	for (size_t i = 0; i < e->plan_len; i++) {
		list_line(out, "plan", i);
		put_int(out, " ", "year", e->plan[i].year);
		put_int(out, " ", "volume", e->plan[i].volume);
		put_text(out, " ", "scenario", e->plan[i].scenario);
	}
	list_end(out, e->plan_len);
}

static void put_goals(FILE *out, const struct effort *e)
{
	for (size_t i = 0; i < e->goals_len; i++) {
		const struct effort_goal *g = &e->goals[i];

		list_line(out, "goals", i);
		put_text(out, " ", "title", g->title);
		put_hundredths(out, " ", "value", g->goal.value);
		put_text(out, " ", "comparator", g->goal.is_most ? "<=" : NULL);
		put_day(out, " ", "due", g->goal.due);
		if (g->has_before)
			put_hundredths(out, " ", "before", g->goal.start);
		if (g->has_result)
			put_hundredths(out, " ", "result", g->result);
		put_day(out, " ", "as_of", g->as_of);
	}
	list_end(out, e->goals_len);
}

static void put_costs(FILE *out, const struct effort *e)
{
	for (size_t i = 0; i < e->costs_len; i++) {
		list_line(out, "costs", i);
		put_text(out, " ", "channel", vocab_channel[e->costs[i].channel]);
		if (e->costs[i].has_minutes)
			put_hundredths(out, " ", "minutes", e->costs[i].minutes);
		if (e->costs[i].has_price)
			put_hundredths(out, " ", "kroner", e->costs[i].ore);
	}
	list_end(out, e->costs_len);
	if (e->rate != 0)
		put_hundredths(out, "\n\t\t", "hourly_rate", e->rate);
}

static void put_benefits(FILE *out, const struct effort *e)
{
	for (size_t i = 0; i < e->benefits_len; i++) {
		const struct effort_benefit *b = &e->benefits[i];

		list_line(out, "benefits", i);
		put_text(out, " ", "title", b->title);
		put_int(out, " ", "volume", b->volume);
		if (b->per != 1)
			put_int(out, " ", "per", b->per);
		if (b->quantity != 100)
			put_hundredths(out, " ", "quantity", b->quantity);
		if (b->has_price)
			put_hundredths(out, " ", "price", b->price);
		if (b->has_minutes)
			put_hundredths(out, " ", "minutes", b->minutes);
		if (b->has_rate)
			put_hundredths(out, " ", "hourly_rate", b->rate);
		put_bool(out, " ", "cashable", b->is_cashable);
	}
	list_end(out, e->benefits_len);
}

static void put_outsides(FILE *out, const struct effort *e)
{
	for (size_t i = 0; i < e->outsides_len; i++) {
		const struct effort_outside *o = &e->outsides[i];

		list_line(out, "outside", i);
		put_text(out, " ", "title", o->title);
		put_day(out, " ", "from", o->first);
		if (o->last != o->first)
			put_day(out, " ", "to", o->last);
		put_text(out, " ", "municipality", o->municipality);
		put_text(out, " ", "scope", o->scope);
	}
	list_end(out, e->outsides_len);
}

static void put_measured(FILE *out, const struct effort *e)
{
	put_text(out, "\n\t\t", "measure", e->measure == MEASURE_SELFSERVICE ? NULL : measure_name[e->measure]);
	if (e->baseline != BASELINE_YEAR_EARLIER)
		fputs("\n\t\tbaseline = {", out);
	if (e->baseline == BASELINE_DAYS) {
		put_day(out, " ", "from", e->baseline_first);
		put_day(out, " ", "to", e->baseline_last);
	} else if (e->baseline == BASELINE_VALUE) {
		put_hundredths(out, " ", "value", e->baseline_value);
	} else if (e->baseline == BASELINE_NONE) {
		put_bool(out, " ", "none", true);
	}
	if (e->baseline != BASELINE_YEAR_EARLIER)
		fputs(" };", out);
	if (e->has_target) {
		fputs("\n\t\ttarget = {", out);
		put_hundredths(out, " ", "value", e->target.value);
		put_text(out, " ", "comparator", e->target.is_most ? "<=" : NULL);
		put_day(out, " ", "due", e->target.due);
		fputs(" };", out);
	}
	if (e->alarm != 0)
		put_hundredths(out, "\n\t\t", "alarm", e->alarm);
}

static void put_effort(FILE *out, const struct effort *e)
{
	static const char indent[] = "\n\t\t";

	put_text(out, indent, "id", e->id);
	put_text(out, indent, "title", e->title);
	put_text(out, indent, "title_en", e->title_en);
	put_text(out, indent, "category", category_name[e->category]);
	put_text(out, indent, "municipality", e->municipality);
	fputs("\n\t\tscopes = [", out);
	for (size_t i = 0; i < e->scopes_len; i++)
		fprintf(out, "%s \"%s\"", i > 0 ? "," : "", e->scopes[i]);
	fputs(" ];", out);
	put_text(out, indent, "channel", e->channel < 0 ? NULL : vocab_channel[e->channel]);
	put_text(out, indent, "unit", e->unit);
	put_day(out, indent, "from", e->first);
	put_day(out, indent, "to", e->last);
	put_measured(out, e);
	put_day(out, indent, "benefit_from", e->benefit_from);
	put_text(out, indent, "status", effort_status_name[e->status]);
	put_text(out, indent, "realisability", e->realisability);
	put_text(out, indent, "method", e->method);
	put_text(out, indent, "counterfactual", e->counterfactual);
	put_text(out, indent, "note", e->note);
	put_text(out, indent, "funded_by", e->funded_by);
	put_day(out, indent, "next_check", e->next_check);
	put_money(out, e);
	put_plan(out, e);
	put_goals(out, e);
	put_costs(out, e);
	put_benefits(out, e);
	put_outsides(out, e);
}

void effort_list_write(const struct effort_list *list, FILE *out)
{
	fputs("efforts = (", out);
	for (size_t i = 0; i < list->n; i++) {
		fprintf(out, "%s\n\t{", i > 0 ? "," : "");
		put_effort(out, &list->efforts[i]);
		fputs("\n\t}", out);
	}
	fputs("\n);\n", out);
}
