/* SPDX-License-Identifier: MPL-2.0 */
/* See truth.h: what must be. The rules are written out again here, from the contract's section 4. */
#include "truth_inside.h"

#include "event/vocab.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGET 8000

const char *const truth_field[OF_CHANNELS] = { "contacts", "information", "case",   "unknown",
					       "n",	   "self",	  "assisted", "digital",
					       "exempt",   "target_n",	  "target_self", "movable" };

bool truth_is_once(const char *field)
{
	static const char *const known[] = { "as_of",	  "lag_s", "rebuilding", "incomplete",	"missing",    "period",
					     "from",	  "to",	   "restated_at", "definition", "target_id", "schema" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i], field) == 0)
			return true;
	return false;
}

void truth_init(struct truth *truth)
{
	*truth = (struct truth){ 0 };
}

static void drop_fields(struct expected *expected)
{
	for (size_t i = 0; i < expected->fields.used; i++)
		if (expected->kind != EXPECT_CELLS)
			free(expected->fields.entries[i].value);
	table_done(&expected->fields);
	free(expected);
}

void truth_done(struct truth *truth)
{
	for (size_t i = 0; i < truth->hashes.used; i++)
		drop_fields(truth->hashes.entries[i].value);
	table_done(&truth->hashes);
}

/* --- which fields a contact adds to --- */

__attribute__((format(printf, 3, 4))) static struct expected *hash_of(struct truth *truth, enum expected_kind kind,
								       const char *fmt, ...)
{
	char key[128];
	va_list args;
	void **place;
	int n;

	va_start(args, fmt);
	n = vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
	place = table_put(&truth->hashes, key, (size_t)n);
	if (*place == NULL) {
		struct expected *expected = calloc(1, sizeof(*expected));

		if (expected == NULL)
			abort();
		expected->kind = kind;
		*place = expected;
	}
	return *place;
}

static int64_t *sums_of(struct expected *expected, const char *name, size_t n)
{
	void **place = table_put(&expected->fields, name, strlen(name));

	if (*place == NULL)
		*place = calloc(n, sizeof(int64_t));
	if (*place == NULL)
		abort();
	return *place;
}

__attribute__((format(printf, 3, 4))) static void add_cell(struct expected *expected, int64_t amount,
							     const char *fmt, ...)
{
	char field[160];
	va_list args;
	void **place;
	int n;

	if (amount == 0)
		return;
	va_start(args, fmt);
	n = vsnprintf(field, sizeof(field), fmt, args);
	va_end(args);
	place = table_put(&expected->fields, field, (size_t)n);
	*place = (void *)((intptr_t)*place + (intptr_t)amount);
}

static bool is_contact(const struct sent *sent)
{
	return !sent->cell.is_ignored && sent->cell.direction == EFFORT_IN &&
	       sent->cell.population <= EFFORT_BUSINESS;
}

static void add_cells(struct expected *expected, const struct sent *sent)
{
	const struct contact_standing *standing = &contact_standings[sent->cell.standing];
	const struct cell *cell = &sent->cell;
	char label[96], reason[CONTACT_NAME];

	if (sent->reason != 0 && !cell->is_ignored && cell->direction == EFFORT_OUT)
		add_cell(expected, sent->count, "reason:%s", contact_name(BY_REASON, sent, reason));
	snprintf(label, sizeof(label), "%s/%s/%s/%s", standing->area, standing->task,
		 vocab_channel[cell->channel],
		 cell->direction == EFFORT_OUT && !cell->is_ignored ? vocab_form[cell->form]
								     : vocab_kind[cell->kind]);
	if (cell->is_ignored)
		add_cell(expected, sent->count, "ignored:%s", label);
	else if (cell->direction == EFFORT_OUT)
		add_cell(expected, sent->count, "out:%s", label);
	else if (cell->population > EFFORT_BUSINESS)
		add_cell(expected, sent->count, "internal:%s", label);
	if (!is_contact(sent))
		return;
	add_cell(expected, sent->count, "n:%s", label);
	if (cell->outcome != EFFORT_COMPLETED)
		add_cell(expected, sent->count, "%s:%s", vocab_outcome[cell->outcome], label);
	if (cell->assisted != EFFORT_UNASSISTED)
		add_cell(expected, sent->count, "assisted:%s", label);
	if (cell->is_exempt)
		add_cell(expected, sent->count, "exempt:%s", label);
	if (cell->population == EFFORT_BUSINESS)
		add_cell(expected, sent->count, "business:%s", label);
	if (cell->hours != CELL_HOURS_UNKNOWN)
		add_cell(expected, sent->count, "%s:%s", cell->hours == CELL_OPEN ? "open" : "closed", label);
	add_cell(expected, sent->seconds, "seconds:%s", label);
}

static bool has_rule(const struct sent *sent)
{
	return contact_standings[sent->cell.standing].has_rule;
}

static bool is_in_n(const struct sent *sent)
{
	const struct cell *cell = &sent->cell;

	if (has_rule(sent))
		return is_contact(sent) && cell->kind <= EFFORT_INFORMATION && cell->channel != EFFORT_EMAIL &&
		       (cell->outcome <= EFFORT_FORWARDED || cell->outcome == EFFORT_ABANDONED) && !cell->is_exempt;

	return is_contact(sent) && cell->kind == EFFORT_TRANSACTION && cell->channel != EFFORT_WEB &&
	       cell->channel != EFFORT_SYSTEM && cell->outcome <= EFFORT_FORWARDED &&
	       contact_standings[cell->standing].is_municipal;
}

static bool is_self_channel(const struct sent *sent)
{
	return sent->cell.channel == EFFORT_SELFSERVICE || (has_rule(sent) && sent->cell.channel == EFFORT_DIGITALPOST);
}

static bool is_self(const struct sent *sent)
{
	return is_self_channel(sent) && sent->cell.assisted == EFFORT_UNASSISTED;
}

static void add_scope(struct expected *expected, const char *scope, const struct sent *sent)
{
	const struct cell *cell = &sent->cell;
	int64_t *sums = sums_of(expected, scope, OF_ALL), n = sent->count;

	if (!is_contact(sent))
		return;
	sums[OF_CONTACTS] += n;
	if (cell->kind != EFFORT_TRANSACTION)
		sums[OF_INFORMATION + cell->kind - 1] += n;
	if (!is_in_n(sent))
		return;
	sums[OF_N] += n;
	sums[OF_CHANNELS + cell->channel] += n;
	sums[OF_EXEMPT] += cell->is_exempt ? n : 0;
	if (is_self_channel(sent))
		sums[is_self(sent) ? OF_SELF : OF_ASSISTED] += n;
	if (cell->channel <= EFFORT_DIGITALPOST)
		sums[OF_DIGITAL] += n;
	if (!contact_standings[cell->standing].is_target)
		return;
	sums[OF_TARGET_N] += n;
	sums[OF_TARGET_SELF] += is_self(sent) ? n : 0;
	sums[OF_MOVABLE] += !is_self_channel(sent) && !cell->is_exempt ? n : 0;
}

static void add_shares(struct truth *truth, const char *code, const struct sent *sent)
{
	const struct contact_standing *standing = &contact_standings[sent->cell.standing];
	char label[PERIOD_LABEL], task[64], group[64];

	snprintf(task, sizeof(task), "%s/%s", standing->area, standing->task);
	snprintf(group, sizeof(group), "group:%s", standing->group == NULL ? "" : standing->group);
	for (int w = 0; w < WINDOWS; w++) {
		struct period period = period_of((enum window)w, sent->cell.day);
		struct expected *share, *tasks;

		period_label(period, label);
		share = hash_of(truth, EXPECT_SHARE, "effort:{%s}:share:%s", code, label);
		share->period = period;
		add_scope(share, "all", sent);
		if (!is_contact(sent))
			continue;
		add_scope(share, standing->area, sent);
		if (standing->group != NULL)
			add_scope(share, group, sent);
		tasks = hash_of(truth, EXPECT_TASKS, "effort:{%s}:tasks:%s", code, label);
		tasks->period = period;
		add_scope(tasks, task, sent);
	}
}

static void add_names(struct truth *truth, const char *code, const struct sent *sent)
{
	struct date date = date_of_day(sent->cell.day);
	char name[CONTACT_NAME];

	for (int d = 0; d < DIMENSIONS; d++) {
		int64_t *sums;

		if (d == BY_REASON || *contact_name((enum dimension)d, sent, name) == '\0')
			continue;
		sums = sums_of(hash_of(truth, EXPECT_NAMES, "effort:{%s}:by:%s:%04d-%02d", code, dimension_name[d],
				       date.year, date.month),
			       name, 3);
		sums[0] += is_contact(sent) ? sent->count : 0;
		sums[1] += is_in_n(sent) ? sent->count : 0;
		sums[2] += is_in_n(sent) && is_self(sent) ? sent->count : 0;
	}
}

void truth_add(struct truth *truth, const struct sent *sent)
{
	struct date date = date_of_day(sent->cell.day);
	const char *const codes[] = { contact_view.codes[sent->cell.municipality], "dk" };

	for (int i = 0; i < 2; i++) {
		add_cells(hash_of(truth, EXPECT_CELLS, "effort:{%s}:d:%04d-%02d-%02d", codes[i], date.year, date.month,
				  date.day),
			  sent);
		add_cells(hash_of(truth, EXPECT_CELLS, "effort:{%s}:m:%04d-%02d", codes[i], date.year, date.month),
			  sent);
		add_cells(hash_of(truth, EXPECT_CELLS, "effort:{%s}:y:%04d", codes[i], date.year), sent);
		add_shares(truth, codes[i], sent);
		add_names(truth, codes[i], sent);
	}
}

void truth_take(struct truth *truth, const struct sent *of, const struct sent *correction)
{
	struct sent less = *of;

	less.count = -correction->count;
	less.seconds = -correction->seconds;
	truth_add(truth, &less);
}

/* --- as text --- */

__attribute__((format(printf, 4, 5))) static void put(struct table *texts, const char *scope, const char *name,
						       const char *fmt, ...)
{
	char field[160], value[64];
	va_list args;
	int n, len;

	n = name[0] == '\0' ? snprintf(field, sizeof(field), "%s", scope)
			    : snprintf(field, sizeof(field), "%s.%s", scope, name);
	va_start(args, fmt);
	len = vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	*table_put(texts, field, (size_t)n) = text_new(value, (size_t)len);
}

/* Hundredths of a percent by division of integers: rounded half up, one less where that would reach a target that
 * the exact ratio misses. */
static void put_percent(struct table *texts, const char *scope, const char *name, int64_t part, int64_t n,
			int64_t minus)
{
	int64_t exact = part * 10000 / n, bp = exact + (part * 10000 % n * 2 >= n ? 1 : 0);

	if (exact < TARGET && bp == TARGET)
		bp = TARGET - 1;
	bp -= minus;
	put(texts, scope, name, "%s%" PRId64 ".%02" PRId64, bp < 0 ? "-" : "", (bp < 0 ? -bp : bp) / 100,
	    (bp < 0 ? -bp : bp) % 100);
}

void truth_write_derived(const char *scope, const int64_t *sums, struct table *texts)
{
	int64_t move = TARGET * sums[OF_TARGET_N] - 10000 * sums[OF_TARGET_SELF];

	if (sums[OF_N] > 0) {
		put_percent(texts, scope, "share", sums[OF_SELF], sums[OF_N], 0);
		put_percent(texts, scope, "share_incl_assisted", sums[OF_SELF] + sums[OF_ASSISTED], sums[OF_N], 0);
		put_percent(texts, scope, "share_digital", sums[OF_DIGITAL], sums[OF_N], 0);
	}
	if (sums[OF_TARGET_N] == 0)
		return;
	put_percent(texts, scope, "gap_pp", sums[OF_TARGET_SELF], sums[OF_TARGET_N], TARGET);
	put(texts, scope, "move", "%" PRId64, move > 0 ? (move + 9999) / 10000 : 0);
	put(texts, scope, "met", move > 0 ? "0" : "1");
}

static void put_scope(struct table *texts, const char *scope, const int64_t *sums, bool has_channels)
{
	char name[32];

	for (int i = 0; i < OF_CHANNELS; i++)
		put(texts, scope, truth_field[i], "%" PRId64, sums[i]);
	for (int c = 0; c < EFFORT_CHANNELS && has_channels; c++) {
		snprintf(name, sizeof(name), "ch.%s", vocab_channel[c]);
		put(texts, scope, name, "%" PRId64, sums[OF_CHANNELS + c]);
	}
	put(texts, scope, "target", "80.00");
	truth_write_derived(scope, sums, texts);
}

void truth_write(const struct expected *expected, struct table *ret_texts)
{
	for (size_t i = 0; i < expected->fields.used; i++) {
		const char *name = expected->fields.entries[i].name->bytes;
		const int64_t *sums = expected->fields.entries[i].value;

		switch (expected->kind) {
		case EXPECT_CELLS:
			put(ret_texts, name, "", "%" PRId64, (int64_t)(intptr_t)sums);
			break;
		case EXPECT_NAMES:
			put(ret_texts, name, "contacts", "%" PRId64, sums[0]);
			put(ret_texts, name, "n", "%" PRId64, sums[1]);
			put(ret_texts, name, "self", "%" PRId64, sums[2]);
			break;
		default:
			put_scope(ret_texts, name, sums, expected->kind == EXPECT_SHARE);
		}
	}
}

void truth_drop_texts(struct table *texts)
{
	for (size_t i = 0; i < texts->used; i++)
		text_drop(texts->entries[i].value);
	table_done(texts);
}
