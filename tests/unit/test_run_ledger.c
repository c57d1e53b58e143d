/* SPDX-License-Identifier: MPL-2.0 */
/* The ledger through cuts, freezes and foldings: at every step files, young and minus what is in no batch is what
 * Redis should hold. The files are a struct totals that takes what is folded. */
#include "domain/period.h"
#include "run/ledger.h"
#include "run/sums.h"
#include "suite.h"

#include <string.h>

#define DAY 20000

static struct ledger ledger;
static struct totals *files;
static int standing;

static void set_up(void)
{
	ck_assert_int_eq(ledger_init(&ledger, 256, 4096), 0);
	files = totals_new();
	ck_assert_ptr_nonnull(files);
	standing = standings_intern(ledger.standings, "school", "school-enrolment", 0, true, true);
	ck_assert_int_ge(standing, 0);
	ck_assert_int_eq(ledger_municipality(&ledger, "0751"), 0);
}

static void tear_down(void)
{
	ledger_done(&ledger);
	totals_free(files);
}

static void count(int32_t day, int64_t n, const char *unit)
{
	struct cell cell = { .day = day, .standing = (uint16_t)standing, .channel = EFFORT_PHONE };
	struct effort_event ev = { .count = n,
				   .time_ms = day * INT64_C(86400000),
				   .source = { "src", 3 },
				   .unit = { unit, strlen(unit) } };
	struct effect effect;

	ck_assert_int_eq(ledger_count(&ledger, &(struct spot){ cell, cell_pack(&cell), NULL }, &ev, 1, &effect), 0);
	ck_assert_int_eq(effect.count, n);
	ck_assert_uint_ne(effect.names[BY_UNIT], RECORD_NO_NAME);
	ck_assert_uint_eq(effect.names[BY_PORTAL], RECORD_NO_NAME);
}

/* What folding does with a segment: its young go to the files. */
static void fold(uint64_t segment)
{
	struct standing_text text = { .task = "school/school-enrolment", .is_municipal = true, .is_target = true };
	struct young *folded;

	for (const struct young *young = ledger.oldest; young != NULL && young->segment <= segment;
	     young = young->next) {
		for (size_t i = 0; i <= young->cells.mask; i++) {
			struct cell cell = cell_unpack(young->cells.slots[i].cell);
			int m = totals_municipality(files, "0751"), s = totals_standing(files, &text);

			if (young->cells.slots[i].cell == TALLY_EMPTY)
				continue;
			cell.municipality = (uint16_t)m;
			cell.standing = (uint16_t)s;
			ck_assert_int_eq(totals_add(files, cell_pack(&cell), young->cells.slots[i].count, 0), 0);
		}
		for (size_t i = 0; i <= young->mask; i++) {
			const struct name_record *r;

			if (young->slots[i].number == UINT32_MAX)
				continue;
			r = names_get(ledger.names, young->slots[i].number);
			ck_assert_int_eq(totals_add_name(files, 0, (enum dimension)r->dimension, r->period, r->name,
							 &young->slots[i].amount, 1),
					 0);
		}
	}
	while ((folded = ledger_take_folded(&ledger, segment)) != NULL)
		young_free(folded);
}

struct seen {
	int64_t contacts, country, unit;
	int groups;
};

static int on_group(void *ctx, const struct spread_group *group)
{
	struct seen *seen = ctx;

	seen->groups++;
	if (group->municipality == CELL_COUNTRY)
		seen->country += group->contacts;
	else
		seen->contacts += group->contacts;
	ck_assert_int_eq(group->day, DAY);
	return 0;
}

static int on_names(void *ctx, uint16_t municipality, const struct name_record *const *records, size_t n)
{
	struct seen *seen = ctx;

	for (size_t i = 0; i < n && municipality != CELL_COUNTRY; i++)
		seen->unit += records[i]->frozen.contacts;
	return 0;
}

/* On a copy of the files as of the last fold, as the keeping worker hands it over. */
static struct seen truth(void)
{
	struct seen seen = { 0 };
	const struct sums_visit visit = { &seen, on_group, on_names };
	int32_t month = period_of(WINDOW_MONTH, DAY).first;

	ck_assert_int_eq(sums_of_period(&ledger, files, DAY, DAY + 1, &visit), 0);
	ck_assert_int_eq(sums_of_names(&ledger, files, BY_UNIT, month, &visit), 0);
	ck_assert_int_eq(seen.contacts, seen.country);
	ck_assert_int_eq(seen.contacts, seen.unit);
	return seen;
}

START_TEST(truth_is_what_was_frozen)
{
	count(DAY, 5, "front");
	ck_assert_int_eq(truth().contacts, 0);
	ck_assert_int_eq(ledger_cut(&ledger, 1), 0);
	ck_assert_int_eq(truth().contacts, 0);
	ledger_freeze(&ledger);
	ck_assert_int_eq(truth().contacts, 5);
	ck_assert(ledger_is_frozen(&ledger));

	count(DAY, 7, "back");
	ck_assert_int_eq(ledger_cut(&ledger, 1), 0);
	fold(1);
	ck_assert_int_eq(truth().contacts, 5);
	count(DAY, 11, "front");
	ck_assert_int_eq(truth().contacts, 5);
	ledger_settle(&ledger);
	ck_assert_int_eq(truth().contacts, 5);

	ck_assert_int_eq(ledger_cut(&ledger, 2), 0);
	ledger_freeze(&ledger);
	ck_assert_int_eq(truth().contacts, 23);
	fold(2);
	ck_assert_int_eq(truth().contacts, 23);
	ledger_settle(&ledger);
	ck_assert(!ledger_waits(&ledger));
	ck_assert_ptr_null(ledger.oldest);
}
END_TEST

START_TEST(taken_back_is_nothing)
{
	struct cell cell = { .day = DAY, .standing = (uint16_t)standing };
	struct effort_event ev = { .count = 3, .source = { "src", 3 }, .unit = { "front", 5 } };
	struct effect effect;

	ck_assert_int_eq(ledger_count(&ledger, &(struct spot){ cell, cell_pack(&cell), NULL }, &ev, 1, &effect), 0);
	ledger_uncount(&ledger, &effect);
	count(DAY, 2, "front");
	ck_assert_int_eq(ledger_cut(&ledger, 1), 0);
	ledger_freeze(&ledger);
	ck_assert_int_eq(truth().contacts, 2);
}
END_TEST

START_TEST(a_cut_with_nothing_to_cut_leaves_no_young)
{
	ck_assert_int_eq(ledger_cut(&ledger, 1), 0);
	ck_assert_ptr_null(ledger.oldest);
	count(DAY, 5, "u");
	ck_assert_int_eq(ledger_cut(&ledger, 1), 0);
	ck_assert_ptr_nonnull(ledger.youngest);
	ck_assert_int_eq(ledger_cut(&ledger, 2), 0); /* the name waits, and is cut */
	ck_assert_uint_eq(ledger.youngest->segment, 1);
}
END_TEST

START_TEST(days_are_counted_for_positions)
{
	count(DAY, 1, "front");
	count(DAY, 1, "front");
	count(DAY - 1, 1, "front");
	ck_assert_uint_eq(ledger_days(&ledger), 2);
	ck_assert_int_eq(ledger_cut(&ledger, 1), 0);
	count(DAY - 2, 1, "front");
	ck_assert_uint_eq(ledger_days(&ledger), 3);
	for (int i = 0; i < 100; i++)
		count(DAY + i, 1, "front");
	ck_assert_uint_ge(ledger_days(&ledger), 102);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { truth_is_what_was_frozen, taken_back_is_nothing,
				       a_cut_with_nothing_to_cut_leaves_no_young,
				       days_are_counted_for_positions };

	return RUN_TESTS_WITHIN("run/ledger", tests, set_up, tear_down);
}
