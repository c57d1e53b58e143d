/* SPDX-License-Identifier: MPL-2.0 */
/* Is a record of an effort good? Words and dates have been read; here is what they say together, what they
 * refer to, and that no person is named. See effort.h. */
#include "domain/effort.h"

#include "base/str.h"
#include "event/block.h"
#include "event/cpr.h"
#include "event/decode.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define YEAR_FIRST 1990
#define YEAR_LAST  2100
#define ORE_MAX	   INT64_C(10000000000000) /* so that no sum of lines and years overflows */
#define AMOUNT_MAX INT64_C(1000000000)	   /* hundredths; so that no product with a volume does */
#define VOLUME_MAX INT64_C(10000000000000)

static const char no_person[] = "name units; a person's name, number or address is never kept";

struct check {
	const struct effort *effort;
	const struct effort_known *known;
	effort_tell_fn *tell;
	void *ctx;
	int result;
};

__attribute__((format(printf, 5, 6))) static void fault(struct check *c, const char *member, size_t index,
							 const char *hint, const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->tell(c->ctx, member, index, hint, text);
	c->result = -EINVAL;
}

/* --- text --- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Eight digits, alone or in pairs or fours with single blanks: "12345678", "12 34 56 78", "1234 5678"; or any with
 * "+45" and the like before them. */
static bool has_telephone(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		int digits = 0, run = 0, runs = 0;
		bool is_even = true;
		const char *q = p;

		if (!is_digit(*p) || (p > text && (is_digit(p[-1]) || p[-1] == ',' || p[-1] == '.')))
			continue;
		for (; is_digit(*q) || (*q == ' ' && is_digit(q[1])); q++) {
			digits += is_digit(*q);
			run = is_digit(*q) ? run + 1 : 0;
			runs += *q == ' ';
			is_even = is_even && (*q != ' ' || digits % 2 == 0) && (runs == 0 || run <= 4);
		}
		if (digits >= 8 && p > text && p[-1] == '+')
			return true;
		if (digits == 8 && is_even && *q != ',' && *q != '.' && (runs == 0 || runs == 1 || runs == 3))
			return true;
		p = q - 1;
	}
	return false;
}

bool effort_text_is_fit(const char *text, size_t max)
{
	char padded[EFFORT_TEXT_MAX + DECODE_PADDING + 1] = { 0 };
	size_t len = strlen(text);

	if (len == 0 || len > max || len > EFFORT_TEXT_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f || text[i] == '@')
			return false;
	memcpy(padded, text, len);
	return cpr_find(padded, len, NULL) < 0 && !has_telephone(text);
}

static void check_text(struct check *c, const char *member, size_t index, const char *text, size_t max)
{
	if (text != NULL && !effort_text_is_fit(text, max))
		fault(c, member, index, no_person,
		      "this text is empty, longer than %zu bytes, or reads as an address or number of a person", max);
}

static bool is_made_of(const char *text, const char *allowed, size_t max)
{
	size_t len = strlen(text);

	return len >= 1 && len <= max && strspn(text, allowed) == len;
}

static void check_name(struct check *c, const char *member, size_t index, const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";

	if (text != NULL && (!is_made_of(text, allowed, 64) || !effort_text_is_fit(text, 64)))
		fault(c, member, index, "letters, digits and ._:/- only, at most 64; a unit, never a person",
		      "\"%.60s\" is not the name of a unit", text);
}

static void check_id(struct check *c, const char *member, size_t index, const char *id)
{
	if (id != NULL && (!is_made_of(id, "abcdefghijklmnopqrstuvwxyz0123456789-", 48) || !effort_text_is_fit(id, 48)))
		fault(c, member, index, "ids are of a-z, 0-9 and '-', at most 48", "\"%.60s\" is not an id", id);
}

static void check_texts(struct check *c)
{
	const struct effort *e = c->effort;

	check_id(c, "id", 0, e->id);
	check_id(c, "funded_by", 0, e->funded_by);
	if (e->funded_by != NULL && strcmp(e->funded_by, e->id) == 0)
		fault(c, "funded_by", 0, NULL, "an effort does not pay for itself");
	check_text(c, "title", 0, e->title, 200);
	check_text(c, "title_en", 0, e->title_en, 200);
	check_name(c, "unit", 0, e->unit);
	check_text(c, "realisability", 0, e->realisability, 24);
	check_text(c, "method", 0, e->method, EFFORT_TEXT_MAX);
	check_text(c, "counterfactual", 0, e->counterfactual, EFFORT_TEXT_MAX);
	check_text(c, "note", 0, e->note, EFFORT_TEXT_MAX);
}

/* --- scopes --- */

static const struct area_def *find_area(const struct effort_known *known, const char *scope)
{
	size_t len = strcspn(scope, "/");

	for (size_t i = 0; i < known->areas_len; i++)
		if (strlen(known->areas[i].id) == len && strncmp(known->areas[i].id, scope, len) == 0)
			return &known->areas[i];
	return NULL;
}

static const struct area_task *find_task(const struct area_def *area, const char *scope)
{
	const char *slash = strchr(scope, '/');

	for (size_t i = 0; slash != NULL && i < area->tasks_len; i++)
		if (strcmp(area->tasks[i].id, slash + 1) == 0)
			return &area->tasks[i];
	return NULL;
}

static bool has_group(const struct effort_known *known, const char *id)
{
	for (size_t i = 0; i < known->groups_len; i++)
		if (strcmp(known->groups[i].id, id) == 0)
			return true;
	return false;
}

static bool is_known(const struct effort_known *known, const char *scope)
{
	const struct area_def *area;

	if (known == NULL || known->areas_len == 0 || strcmp(scope, "all") == 0 || strcmp(scope, "unclassified") == 0)
		return true;
	if (strncmp(scope, "group:", 6) == 0)
		return has_group(known, scope + 6);
	area = find_area(known, scope);
	return area != NULL && (strchr(scope, '/') == NULL || find_task(area, scope) != NULL);
}

static void check_scope(struct check *c, const char *member, size_t index, const char *scope)
{
	if (!is_made_of(scope, "abcdefghijklmnopqrstuvwxyz0123456789-/:", 104) || !is_known(c->known, scope))
		fault(c, member, index,
		      "write \"all\", an area (\"school\"), a task (\"school/school-enrolment\") or a group "
		      "(\"group:waves\")",
		      "\"%.100s\" is not a scope", scope);
}

/* Sums of several scopes are the effort's numbers: no contact may lie in two of them. */
static void check_scopes(struct check *c)
{
	const struct effort *e = c->effort;

	if (e->scopes_len == 0 || e->scopes_len > EFFORT_SCOPES_MAX)
		fault(c, "scopes", 0, NULL, "1 to %d scopes are needed, here are %zu", EFFORT_SCOPES_MAX, e->scopes_len);
	for (size_t i = 0; i < e->scopes_len; i++) {
		check_scope(c, "scopes", i, e->scopes[i]);
		for (size_t j = 0; j < i; j++)
			if (effort_scopes_touch(e->scopes[i], e->scopes[j], c->known))
				fault(c, "scopes", i, "keep the wider one", "\"%s\" and \"%s\" have contacts in common",
				      e->scopes[j], e->scopes[i]);
	}
}

static bool has_code(const char *code)
{
	return strcmp(code, "dk") == 0 || (strlen(code) == 4 && strspn(code, "0123456789") == 4);
}

static void check_municipality(struct check *c, const char *member, size_t index, const char *code)
{
	if (!has_code(code))
		fault(c, member, index, "write four digits, such as \"0751\", or \"dk\"",
		      "\"%.60s\" is not the code of a municipality", code);
	else if (strcmp(code, "dk") != 0 && c->known != NULL && c->known->has_municipality != NULL &&
		 !c->known->has_municipality(c->known->ctx, code))
		fault(c, member, index, "it must stand in the file of municipalities", "there is no municipality %s",
		      code);
}

/* --- days and targets --- */

static void check_days(struct check *c)
{
	const struct effort *e = c->effort;

	if (e->last < e->first)
		fault(c, "to", 0, NULL, "to is before from");
	if (e->baseline == BASELINE_DAYS && e->baseline_last < e->baseline_first)
		fault(c, "baseline", 0, NULL, "the baseline's to is before its from");
	if (e->baseline == BASELINE_DAYS && e->baseline_last >= e->first)
		fault(c, "baseline", 0, "end it on the day before from, or leave it out: then it is the same days a year earlier",
		      "the baseline reaches into the effort itself");
	if (e->baseline == BASELINE_VALUE && measure_is_share(e->measure) &&
	    (e->baseline_value < 0 || e->baseline_value > 10000))
		fault(c, "baseline", 0, NULL, "a share is 0 to 100");
	if (e->benefit_from != EFFORT_DAY_NONE && e->benefit_from < e->first)
		fault(c, "benefit_from", 0, NULL, "benefit_from is before from");
	if (e->alarm < 0 || e->alarm > 10000 || (e->alarm > 0 && !measure_is_share(e->measure)))
		fault(c, "alarm", 0, "write the percentage points a month may fall by", "an alarm is for shares, from 0 to 100");
}

/* A task where attendance in person is intended: nothing there is a failure of self-service. */
static bool intends_attendance(const struct effort_known *known, const char *scope)
{
	const struct area_def *area = known == NULL ? NULL : find_area(known, scope);
	const struct area_task *task = area == NULL ? NULL : find_task(area, scope);

	return task != NULL && task->is_attendance;
}

static void check_target(struct check *c)
{
	const struct effort *e = c->effort;

	if (!e->has_target)
		return;
	if (measure_is_share(e->measure) && (e->target.value < 0 || e->target.value > 10000))
		fault(c, "target", 0, "write it as 80 or 79.99", "the target of a share is 0 to 100");
	if (!measure_is_share(e->measure) && (e->target.value < 0 || e->target.value > VOLUME_MAX))
		fault(c, "target", 0, NULL, "the target of a volume is a number of contacts");
	if (e->target.due < e->first)
		fault(c, "target", 0, NULL, "the target is due before the effort begins");
	for (size_t i = 0; measure_is_channel_shift(e->measure) && i < e->scopes_len; i++)
		if (intends_attendance(c->known, e->scopes[i]))
			fault(c, "target", 0, "leave the target out, or measure something else (in_person)",
			      "in %s attendance in person is intended: it stands under no digital target", e->scopes[i]);
}

/* --- lists --- */

static void check_length(struct check *c, const char *member, size_t n)
{
	if (n > EFFORT_LINES_MAX)
		fault(c, member, 0, NULL, "more than %d lines", EFFORT_LINES_MAX);
}

static bool is_year(int year)
{
	return year >= YEAR_FIRST && year <= YEAR_LAST;
}

static void check_money(struct check *c)
{
	check_length(c, "money", c->effort->money_len);
	for (size_t i = 0; i < c->effort->money_len; i++) {
		const struct effort_money *m = &c->effort->money[i];

		check_text(c, "money", i, m->title, 200);
		check_id(c, "money", i, m->scenario);
		check_name(c, "money", i, m->unit);
		check_text(c, "money", i, m->price_level, 24);
		if (!is_year(m->year) || !is_year(m->until) || m->until < m->year)
			fault(c, "money", i, NULL, "year and until are years from %d to %d, in this order", YEAR_FIRST,
			      YEAR_LAST);
		if (m->until > m->year && !m->is_yearly)
			fault(c, "money", i, "write recurrence = \"yearly\", or leave until out",
			      "what is one-off falls in one year");
		if (m->has_amount && (m->ore > ORE_MAX || m->ore < -ORE_MAX))
			fault(c, "money", i, "amounts are in kroner", "an amount is at most a hundred billion kroner");
		if (m->basis == MONEY_REALISED && m->scenario != NULL)
			fault(c, "money", i, "leave scenario out", "what is realised belongs to no scenario");
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void check_plan(struct check *c)
{
	const struct effort_plan *plan = c->effort->plan;

	check_length(c, "plan", c->effort->plan_len);
	for (size_t i = 0; i < c->effort->plan_len; i++) {
		check_id(c, "plan", i, plan[i].scenario);
		if (!is_year(plan[i].year))
			fault(c, "plan", i, NULL, "year must be from %d to %d", YEAR_FIRST, YEAR_LAST);
		if (plan[i].volume < 0)
			fault(c, "plan", i, NULL, "a volume is 0 or more");
		for (size_t j = 0; j < i; j++)
			if (plan[j].year == plan[i].year && same_text(plan[j].scenario, plan[i].scenario))
				fault(c, "plan", i, "keep one of the two", "the plan says two things of %d",
				      plan[i].year);
	}
}

static void check_goals(struct check *c)
{
	check_length(c, "goals", c->effort->goals_len);
	for (size_t i = 0; i < c->effort->goals_len; i++) {
		const struct effort_goal *g = &c->effort->goals[i];

		check_text(c, "goals", i, g->title, 200);
		if (g->goal.due < g->goal.first)
			fault(c, "goals", i, NULL, "a goal is due before the effort begins");
	}
}

static bool is_amount(int64_t n)
{
	return n >= 0 && n <= AMOUNT_MAX;
}

static void check_costs(struct check *c)
{
	const struct effort *e = c->effort;

	check_length(c, "costs", e->costs_len);
	for (size_t i = 0; i < e->costs_len; i++) {
		const struct effort_cost *cost = &e->costs[i];

		if (!cost->has_minutes && !cost->has_price)
			fault(c, "costs", i, "write minutes, kroner or both", "it says neither minutes nor kroner");
		if (!is_amount(cost->minutes) || !is_amount(cost->ore))
			fault(c, "costs", i, NULL, "minutes and kroner are 0 or more");
		for (size_t j = 0; j < i; j++)
			if (e->costs[j].channel == cost->channel)
				fault(c, "costs", i, "keep one of the two", "this channel stands here a second time");
	}
	if (!is_amount(e->rate))
		fault(c, "hourly_rate", 0, NULL, "an hourly rate is 0 or more");
}

static void check_benefits(struct check *c)
{
	check_length(c, "benefits", c->effort->benefits_len);
	for (size_t i = 0; i < c->effort->benefits_len; i++) {
		const struct effort_benefit *b = &c->effort->benefits[i];

		check_text(c, "benefits", i, b->title, 200);
		if (!b->has_price && !b->has_minutes)
			fault(c, "benefits", i, "write price, minutes or both",
			      "hours and kroner come from stated numbers only");
		if (b->has_rate && !b->has_minutes)
			fault(c, "benefits", i, NULL, "an hourly rate needs minutes");
		if (b->volume < 0 || b->volume > INT32_MAX || b->per < 1 || b->per > INT32_MAX || !is_amount(b->quantity) ||
		    !is_amount(b->minutes) || !is_amount(b->rate) || b->price > ORE_MAX || b->price < -ORE_MAX)
			fault(c, "benefits", i, NULL, "a number is out of range");
	}
}

static void check_outsides(struct check *c)
{
	check_length(c, "outside", c->effort->outsides_len);
	for (size_t i = 0; i < c->effort->outsides_len; i++) {
		const struct effort_outside *o = &c->effort->outsides[i];

		check_text(c, "outside", i, o->title, 200);
		if (o->last < o->first)
			fault(c, "outside", i, NULL, "to is before from");
	}
}

int effort_check(const struct effort *effort, const struct effort_known *known, effort_tell_fn *tell, void *ctx)
{
	struct check c = { effort, known, tell, ctx, 0 };

	check_texts(&c);
	check_municipality(&c, "municipality", 0, effort->municipality);
	check_scopes(&c);
	check_days(&c);
	check_target(&c);
	check_money(&c);
	check_plan(&c);
	check_goals(&c);
	check_costs(&c);
	check_benefits(&c);
	check_outsides(&c);
	return c.result;
}
