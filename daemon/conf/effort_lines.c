/* SPDX-License-Identifier: MPL-2.0 */
/* The lists of an effort: money, plan, goals counted by hand, unit costs, benefits, outside markers. See
 * effort_reader.h. What decides about money (was it expected or realised, does it come again, can it be taken
 * out of a budget) must be written: nothing of it has a default. */
#include "conf/effort_reader.h"

#include "event/vocab.h"

#include <string.h>

/* Room for the lines of a list, all zero. */
static void *room(struct effort_reader *r, const config_setting_t *list, size_t size, size_t *ret_len)
{
	*ret_len = list == NULL ? 0 : (size_t)config_setting_length(list);
	return arena_array(r->arena, *ret_len + 1, size);
}

static const config_setting_t *line(const config_setting_t *list, size_t i)
{
	return config_setting_get_elem(list, (unsigned)i);
}

/* --- money --- */

enum { M_TITLE, M_YEAR, M_UNTIL, M_KRONER, M_BASIS, M_ORIGIN, M_RECURRENCE, M_CASHABLE, M_PRICE_LEVEL, M_UNIT,
       M_SCENARIO, M_FIELDS };

static const struct field money_fields[M_FIELDS] = {
	[M_TITLE] = { "title", FIELD_TEXT, false },
	[M_YEAR] = { "year", FIELD_INT, true },
	[M_UNTIL] = { "until", FIELD_INT, false },
	[M_KRONER] = { "kroner", FIELD_NUMBER, false },
	[M_BASIS] = { "basis", FIELD_TEXT, true },
	[M_ORIGIN] = { "origin", FIELD_TEXT, false },
	[M_RECURRENCE] = { "recurrence", FIELD_TEXT, true },
	[M_CASHABLE] = { "cashable", FIELD_BOOL, true },
	[M_PRICE_LEVEL] = { "price_level", FIELD_TEXT, false },
	[M_UNIT] = { "unit", FIELD_TEXT, false },
	[M_SCENARIO] = { "scenario", FIELD_TEXT, false },
};

static void read_money(struct effort_reader *r, const config_setting_t *group, struct effort_money *ret)
{
	static const char *const origins[] = { "local", "national" }, *const recurrences[] = { "one-off", "yearly" };
	const config_setting_t *found[M_FIELDS];

	if (effort_reader_fields(r, group, "a money line", money_fields, M_FIELDS, found) < 0)
		return;
	ret->title = tree_text(r->arena, found[M_TITLE], NULL);
	ret->year = tree_int(found[M_YEAR], 0);
	ret->until = tree_int(found[M_UNTIL], ret->year);
	ret->has_amount = found[M_KRONER] != NULL;
	ret->ore = effort_reader_hundredths(r, found[M_KRONER], 0);
	ret->basis = (enum money_basis)effort_reader_word(r, found[M_BASIS], money_basis_name, MONEY_BASES, 0);
	ret->is_national = effort_reader_word(r, found[M_ORIGIN], origins, 2, 0) == 1;
	ret->is_yearly = effort_reader_word(r, found[M_RECURRENCE], recurrences, 2, 0) == 1;
	ret->is_cashable = tree_bool(found[M_CASHABLE], false);
	ret->price_level = tree_text(r->arena, found[M_PRICE_LEVEL], NULL);
	ret->unit = tree_text(r->arena, found[M_UNIT], NULL);
	ret->scenario = tree_text(r->arena, found[M_SCENARIO], NULL);
}

void effort_lines_money(struct effort_reader *r, const config_setting_t *list, struct effort *effort)
{
	struct effort_money *money = room(r, list, sizeof(*money), &effort->money_len);

	for (size_t i = 0; i < effort->money_len; i++)
		read_money(r, line(list, i), &money[i]);
	effort->money = money;
}

/* --- plan --- */

static void read_plan(struct effort_reader *r, const config_setting_t *group, struct effort_plan *ret)
{
	static const struct field fields[] = { { "year", FIELD_INT, true },
					       { "volume", FIELD_INT, true },
					       { "scenario", FIELD_TEXT, false } };
	const config_setting_t *found[3];

	if (effort_reader_fields(r, group, "a line of the plan", fields, 3, found) < 0)
		return;
	ret->year = tree_int(found[0], 0);
	ret->volume = tree_int(found[1], 0);
	ret->scenario = tree_text(r->arena, found[2], NULL);
}

void effort_lines_plan(struct effort_reader *r, const config_setting_t *list, struct effort *effort)
{
	struct effort_plan *plan = room(r, list, sizeof(*plan), &effort->plan_len);

	for (size_t i = 0; i < effort->plan_len; i++)
		read_plan(r, line(list, i), &plan[i]);
	effort->plan = plan;
}

/* --- goals --- */

enum { G_TITLE, G_VALUE, G_COMPARATOR, G_DUE, G_BEFORE, G_RESULT, G_AS_OF, G_FIELDS };

static const struct field goal_fields[G_FIELDS] = {
	[G_TITLE] = { "title", FIELD_TEXT, true },	  [G_VALUE] = { "value", FIELD_NUMBER, true },
	[G_COMPARATOR] = { "comparator", FIELD_TEXT, false }, [G_DUE] = { "due", FIELD_TEXT, false },
	[G_BEFORE] = { "before", FIELD_NUMBER, false },	  [G_RESULT] = { "result", FIELD_NUMBER, false },
	[G_AS_OF] = { "as_of", FIELD_TEXT, false },
};

static void read_goal(struct effort_reader *r, const config_setting_t *group, int32_t first, struct effort_goal *ret)
{
	const config_setting_t *found[G_FIELDS];

	ret->goal = (struct goal){ .first = first, .due = EFFORT_DAY_NONE };
	ret->as_of = EFFORT_DAY_NONE;
	if (effort_reader_fields(r, group, "a goal", goal_fields, G_FIELDS, found) < 0)
		return;
	ret->title = tree_text(r->arena, found[G_TITLE], NULL);
	ret->goal.value = effort_reader_hundredths(r, found[G_VALUE], 0);
	ret->goal.is_most = effort_reader_is_most(r, found[G_COMPARATOR]);
	ret->goal.due = effort_reader_day(r, found[G_DUE], EFFORT_DAY_NONE);
	ret->has_before = found[G_BEFORE] != NULL;
	ret->goal.start = effort_reader_hundredths(r, found[G_BEFORE], 0);
	ret->has_result = found[G_RESULT] != NULL;
	ret->result = effort_reader_hundredths(r, found[G_RESULT], 0);
	ret->as_of = effort_reader_day(r, found[G_AS_OF], EFFORT_DAY_NONE);
	if (found[G_AS_OF] == NULL && ret->has_result)
		effort_reader_fault(r, found[G_RESULT], "write as_of = \"2016-03-01\"",
				    "a result needs the day it was counted on");
}

void effort_lines_goals(struct effort_reader *r, const config_setting_t *list, struct effort *effort)
{
	struct effort_goal *goals = room(r, list, sizeof(*goals), &effort->goals_len);

	for (size_t i = 0; i < effort->goals_len; i++)
		read_goal(r, line(list, i), effort->first, &goals[i]);
	effort->goals = goals;
}

/* --- unit costs --- */

static void read_cost(struct effort_reader *r, const config_setting_t *group, struct effort_cost *ret)
{
	static const struct field fields[] = { { "channel", FIELD_TEXT, true },
					       { "minutes", FIELD_NUMBER, false },
					       { "kroner", FIELD_NUMBER, false } };
	const config_setting_t *found[3];

	if (effort_reader_fields(r, group, "a unit cost", fields, 3, found) < 0)
		return;
	ret->channel = effort_reader_word(r, found[0], vocab_channel, EFFORT_CHANNELS, 0);
	ret->has_minutes = found[1] != NULL;
	ret->minutes = effort_reader_hundredths(r, found[1], 0);
	ret->has_price = found[2] != NULL;
	ret->ore = effort_reader_hundredths(r, found[2], 0);
}

void effort_lines_costs(struct effort_reader *r, const config_setting_t *list, struct effort *effort)
{
	struct effort_cost *costs = room(r, list, sizeof(*costs), &effort->costs_len);

	for (size_t i = 0; i < effort->costs_len; i++)
		read_cost(r, line(list, i), &costs[i]);
	effort->costs = costs;
}

/* --- benefits --- */

enum { B_TITLE, B_VOLUME, B_PER, B_QUANTITY, B_PRICE, B_MINUTES, B_RATE, B_CASHABLE, B_FIELDS };

static const struct field benefit_fields[B_FIELDS] = {
	[B_TITLE] = { "title", FIELD_TEXT, true },	  [B_VOLUME] = { "volume", FIELD_INT, true },
	[B_PER] = { "per", FIELD_INT, false },		  [B_QUANTITY] = { "quantity", FIELD_NUMBER, false },
	[B_PRICE] = { "price", FIELD_NUMBER, false },	  [B_MINUTES] = { "minutes", FIELD_NUMBER, false },
	[B_RATE] = { "hourly_rate", FIELD_NUMBER, false }, [B_CASHABLE] = { "cashable", FIELD_BOOL, true },
};

static void read_benefit(struct effort_reader *r, const config_setting_t *group, struct effort_benefit *ret)
{
	const config_setting_t *found[B_FIELDS];

	*ret = (struct effort_benefit){ .per = 1, .quantity = 100 };
	if (effort_reader_fields(r, group, "a benefit", benefit_fields, B_FIELDS, found) < 0)
		return;
	ret->title = tree_text(r->arena, found[B_TITLE], NULL);
	ret->volume = tree_int(found[B_VOLUME], 0);
	ret->per = tree_int(found[B_PER], 1);
	ret->quantity = effort_reader_hundredths(r, found[B_QUANTITY], 100);
	ret->has_price = found[B_PRICE] != NULL;
	ret->price = effort_reader_hundredths(r, found[B_PRICE], 0);
	ret->has_minutes = found[B_MINUTES] != NULL;
	ret->minutes = effort_reader_hundredths(r, found[B_MINUTES], 0);
	ret->has_rate = found[B_RATE] != NULL;
	ret->rate = effort_reader_hundredths(r, found[B_RATE], 0);
	ret->is_cashable = tree_bool(found[B_CASHABLE], false);
}

void effort_lines_benefits(struct effort_reader *r, const config_setting_t *list, struct effort *effort)
{
	struct effort_benefit *benefits = room(r, list, sizeof(*benefits), &effort->benefits_len);

	for (size_t i = 0; i < effort->benefits_len; i++)
		read_benefit(r, line(list, i), &benefits[i]);
	effort->benefits = benefits;
}

/* --- outside markers --- */

static void read_outside(struct effort_reader *r, const config_setting_t *group, struct effort_outside *ret)
{
	static const struct field fields[] = { { "title", FIELD_TEXT, true },
					       { "from", FIELD_TEXT, true },
					       { "to", FIELD_TEXT, false },
					       { "municipality", FIELD_TEXT, false },
					       { "scope", FIELD_TEXT, false } };
	const config_setting_t *found[5];

	if (effort_reader_fields(r, group, "an outside marker", fields, 5, found) < 0)
		return;
	ret->title = tree_text(r->arena, found[0], NULL);
	ret->first = effort_reader_day(r, found[1], 0);
	ret->last = effort_reader_day(r, found[2], ret->first);
	ret->municipality = tree_text(r->arena, found[3], NULL);
	ret->scope = tree_text(r->arena, found[4], NULL);
}

struct effort_outside *effort_lines_outsides(struct effort_reader *r, const config_setting_t *list, size_t *ret_len)
{
	struct effort_outside *outsides = room(r, list, sizeof(*outsides), ret_len);

	for (size_t i = 0; i < *ret_len; i++)
		read_outside(r, line(list, i), &outsides[i]);
	return outsides;
}
