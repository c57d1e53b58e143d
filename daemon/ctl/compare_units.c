/* SPDX-License-Identifier: MPL-2.0 */
/* Who can be compared: those whose period and definition are those of one's own municipality (else of most),
 * whose sources all report, and who have contacts there. The others are named with the reason. */
#include "ctl/compare.h"

#include "ctl/answer.h"

#include <stdio.h>
#include <string.h>

const char *const compare_measure_name[COMPARE_MEASURES] = { "selfservice", "selfservice_incl_assisted",
							     "digital" };
const char *const compare_reason_name[COMPARE_REASONS] = { "",           "no-data",    "no-contacts",
							   "incomplete", "rebuilding", "definition",
							   "period",     "break" };

static bool is_wished(char *const *codes, const char *code)
{
	if (codes == NULL)
		return true;
	for (; *codes != NULL; codes++)
		if (strcmp(*codes, code) == 0)
			return true;
	return false;
}

static const char *once(const struct compare_row *row, const char *name)
{
	return answer_text(row->hash, name);
}

const struct compare_row *compare_row_of(const struct comparison *c, const char *code)
{
	for (size_t i = 0; i < c->rows_len; i++)
		if (strcmp(c->rows[i].code, code) == 0)
			return &c->rows[i];
	return NULL;
}

const struct compare_unit *compare_unit_of(const struct comparison *c, const char *code)
{
	for (size_t i = 0; i < c->units_len; i++)
		if (strcmp(c->units[i].code, code) == 0)
			return &c->units[i];
	return NULL;
}

static void read_rows(struct comparison *c, char *const *codes)
{
	const json_t *item;
	size_t i;

	json_array_foreach(answer_array(c->doc, "municipalities"), i, item)
	{
		const char *code = answer_text(item, "code");

		if (c->rows_len < COMPARE_MAX && is_wished(codes, code))
			c->rows[c->rows_len++] = (struct compare_row){ .code = code,
								       .name = answer_text(item, "name"),
								       .sums = answer_object(item, "sums"),
								       .tasks = answer_object(item, "tasks"),
								       .hash = answer_object(item, "hash"),
								       .detail = "" };
	}
	for (; codes != NULL && *codes != NULL; codes++)
		if (c->rows_len < COMPARE_MAX && compare_row_of(c, *codes) == NULL)
			c->rows[c->rows_len++] = (struct compare_row){
				.code = *codes, .name = *codes, .reason = COMPARE_NO_DATA, .detail = ""
			};
}

/* What most rows say; the own one's word is worth more. */
static const char *common(const struct comparison *c, const char *name)
{
	const struct compare_row *own = compare_row_of(c, c->wish->own_code);
	const char *best = "";
	size_t most = 0;

	if (own != NULL && own->hash != NULL)
		return once(own, name);
	for (size_t i = 0; i < c->rows_len; i++) {
		size_t n = 0;

		for (size_t k = 0; k < c->rows_len; k++)
			n += strcmp(once(&c->rows[i], name), once(&c->rows[k], name)) == 0;
		if (n > most && c->rows[i].hash != NULL) {
			most = n;
			best = once(&c->rows[i], name);
		}
	}
	return best;
}

/* The period now running is called by the window alone: its hash says which one it is. */
static void name_period(struct comparison *c)
{
	bool is_running = strchr(c->wish->label, ':') == NULL && c->period[0] != '\0';

	snprintf(c->label, sizeof c->label, "%.55s%s%.39s", c->wish->label, is_running ? ":" : "",
		 is_running ? c->period : "");
}

static void judge_hash(const struct comparison *c, struct compare_row *row)
{
	static const struct {
		const char *field, *detail;
		enum compare_reason reason;
	} flags[] = { { "incomplete", "missing", COMPARE_INCOMPLETE },
		      { "rebuilding", "", COMPARE_REBUILDING },
		      { "break", "break", COMPARE_BREAK } };

	if (row->reason != COMPARE_OK)
		return;
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (!share_flag(row->hash, flags[i].field))
			continue;
		row->reason = flags[i].reason;
		row->detail = once(row, flags[i].detail);
		return;
	}
	if (strcmp(once(row, "definition"), c->definition) != 0) {
		row->reason = COMPARE_DEFINITION;
		row->detail = once(row, "definition");
	} else if (strcmp(once(row, "period"), c->period) != 0) {
		row->reason = COMPARE_PERIOD;
		row->detail = once(row, "period");
	}
}

/* --- sums --- */

static int64_t part_of(enum compare_measure measure, int64_t self, int64_t assisted, int64_t digital)
{
	return measure == COMPARE_DIGITAL ? digital : measure == COMPARE_INCL ? self + assisted : self;
}

static int64_t sum(const struct compare_row *row, const char *name)
{
	int64_t value = 0;

	share_count(row->sums, NULL, name, &value);
	return value;
}

bool compare_uses_task(const struct comparison *c, const char *task)
{
	bool is_used = false;

	for (size_t i = 0; i < c->rows_len; i++) {
		if (c->rows[i].reason != COMPARE_OK)
			continue;
		if (json_object_get(c->rows[i].tasks, task) == NULL)
			return false;
		is_used = true;
	}
	return is_used;
}

static void add_tasks(struct comparison *c, struct compare_row *row)
{
	const char *task;
	json_t *sums;

	json_object_foreach((json_t *)(uintptr_t)row->tasks, task, sums)
	{
		if (!compare_uses_task(c, task))
			continue;
		row->n += json_integer_value(json_array_get(sums, 0));
		row->part += part_of(c->wish->measure, json_integer_value(json_array_get(sums, 1)),
				     json_integer_value(json_array_get(sums, 2)),
				     json_integer_value(json_array_get(sums, 3)));
	}
}

static void count_tasks(struct comparison *c)
{
	const json_t *names = answer_object(c->doc, "task_names");
	const char *task;
	json_t *name;

	json_object_foreach((json_t *)(uintptr_t)names, task, name)
	{
		bool is_used = compare_uses_task(c, task);

		c->tasks_used += is_used;
		for (size_t i = 0; !is_used && i < c->rows_len; i++)
			if (json_object_get(c->rows[i].tasks, task) != NULL) {
				c->tasks_left++;
				break;
			}
	}
}

static void add_up(struct comparison *c)
{
	for (size_t i = 0; i < c->rows_len; i++) {
		struct compare_row *row = &c->rows[i];

		if (row->reason == COMPARE_OK && sum(row, "n") <= 0)
			row->reason = COMPARE_NO_CONTACTS;
	}
	for (size_t i = 0; i < c->rows_len; i++) {
		struct compare_row *row = &c->rows[i];

		if (row->reason != COMPARE_OK)
			continue;
		if (c->wish->wants_equal_tasks) {
			add_tasks(c, row);
			continue;
		}
		row->n = sum(row, "n");
		row->part = part_of(c->wish->measure, sum(row, "self"), sum(row, "assisted"),
				    sum(row, "digital"));
	}
}

/* The target that the page can speak of: the main one, where it is this measure's. */
static int64_t target_of(const struct comparison *c)
{
	int64_t target = -1;

	if (c->wish->measure == COMPARE_SELF && !c->wish->wants_equal_tasks && c->rows_len > 0)
		share_percent(c->rows[0].sums, NULL, "target", &target);
	return target;
}

void compare_judge(struct comparison *c, const struct compare_wish *wish, const json_t *doc,
		   char *const *codes)
{
	*c = (struct comparison){ .wish = wish, .doc = doc };
	read_rows(c, codes);
	c->definition = common(c, "definition");
	c->period = common(c, "period");
	name_period(c);
	for (size_t i = 0; i < c->rows_len; i++)
		judge_hash(c, &c->rows[i]);
	add_up(c);
	if (wish->wants_equal_tasks)
		count_tasks(c);
	for (size_t i = 0; i < c->rows_len; i++) {
		struct compare_row *row = &c->rows[i];

		if (row->reason == COMPARE_OK && row->n <= 0)
			row->reason = COMPARE_NO_CONTACTS;
		if (row->reason == COMPARE_OK)
			c->units[c->units_len++] =
				(struct compare_unit){ .code = row->code, .part = row->part, .n = row->n };
	}
	c->result = compare_units(c->units, c->units_len, wish->below, target_of(c));
}
