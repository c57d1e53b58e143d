/* SPDX-License-Identifier: MPL-2.0 */
/* Counts per name: what is admitted, what is counted as other, and that whatever comes in goes out once,
 * also when everything is full. */
#include "suite.h"

#include "count/names.h"
#include "count/tally.h"

#include "base/str.h"

#include <errno.h>
#include <stdio.h>

#define MONTH 31 /* first days of months, roughly: what matters is that they are a month apart */

struct totals {
	int64_t town, country, other;
	int records;
};

static void on_record(void *ctx, const struct name_record *r)
{
	struct totals *totals = ctx;

	totals->records++;
	if (r->municipality == CELL_COUNTRY)
		totals->country += r->frozen.contacts;
	else
		totals->town += r->frozen.contacts;
	if (str_same(r->name, str_of(NAME_OTHER)) && r->municipality != CELL_COUNTRY)
		totals->other += r->frozen.contacts;
}

static int add_to(struct names *names, uint16_t municipality, int32_t period, int i, int64_t contacts)
{
	char name[32];
	int n = snprintf(name, sizeof(name), "unit-%d", i);
	struct name_amount amount = { .events = 1, .contacts = contacts };

	return names_add(names, municipality, BY_UNIT, period, (struct effort_str){ name, (size_t)n }, amount,
			 i, NULL);
}

static void add(struct names *names, int32_t period, int i, int64_t contacts)
{
	ck_assert_int_eq(add_to(names, 5, period, i, contacts), 0);
}

static void add_many(struct names *names, int32_t period, int from, int to)
{
	for (int i = from; i < to; i++)
		add(names, period, i, 1);
}

static struct totals frozen(const struct names *names)
{
	struct totals totals = { 0 };

	names_frozen(names, on_record, &totals);
	return totals;
}

/* One batch: frozen, sent, answered. */
static struct totals send(struct names *names)
{
	struct totals totals;

	names_freeze(names);
	totals = frozen(names);
	names_settle(names);
	return totals;
}

START_TEST(names_past_the_bound_are_counted_as_other)
{
	struct names *names = names_new(256, 10000);
	struct totals totals;

	add_many(names, MONTH, 0, 1000);
	add(names, MONTH, 3, 10);
	names_freeze(names);
	add(names, MONTH, 4, 100); /* waits while the others are on their way */
	totals = frozen(names);
	ck_assert_int_eq(totals.town, 1010);
	ck_assert_int_eq(totals.country, 1010);
	ck_assert_int_eq(totals.other, 1000 - 256);
	ck_assert_int_eq(totals.records, 2 * 257);
	names_settle(names);
	ck_assert(names_wait(names));
	totals = send(names);
	ck_assert_int_eq(totals.town, 100);
	ck_assert_int_eq(totals.country, 100);
	ck_assert(!names_wait(names));
	ck_assert_uint_eq(names_frozen_len(names), 0);
	names_free(names);
}
END_TEST

START_TEST(records_are_bounded_in_all)
{
	struct names *names = names_new(1000000, 500);
	struct totals totals;

	add_many(names, MONTH, 0, 5000);
	totals = send(names);
	ck_assert_int_eq(totals.town, 5000);
	ck_assert_int_eq(totals.country, 5000);
	ck_assert_int_lt(totals.records, 1100);
	names_free(names);
}
END_TEST

/* Year after year of new names: each month's are known by name, and the batch that a month begins with is the
 * only one that may find everything still full. */
START_TEST(old_periods_are_forgotten_when_full)
{
	struct names *names = names_new(1000, 2000);

	for (int month = 1; month < 60; month++) {
		add(names, month * MONTH, month * 10000, 1);
		send(names);
		add_many(names, month * MONTH, month * 10000 + 1, month * 10000 + 300);
		ck_assert_int_eq(send(names).other, 0);
	}
	names_free(names);
}
END_TEST

/* Late counts for past months fill the table too; they go before the running month has to do without. */
START_TEST(late_names_make_way)
{
	struct names *names = names_new(1000, 2000);

	add(names, 100 * MONTH, 0, 1);
	for (int month = 1; month < 60; month++) {
		add_many(names, month * MONTH, month * 10000, month * 10000 + 300);
		send(names);
	}
	add_many(names, 100 * MONTH, 1, 200);
	ck_assert_int_eq(send(names).other, 0);
	names_free(names);
}
END_TEST

/* The month that runs is not forgotten, whatever day it is: its names stay known, others stay out. */
START_TEST(the_running_month_stays)
{
	struct names *names = names_new(1000, 500);

	add_many(names, 10 * MONTH, 0, 1000); /* fewer than 500 by name */
	send(names);
	for (int32_t day = 10 * MONTH; day < 11 * MONTH; day++) {
		struct name_amount letter = { .events = 1, .contacts = 1 };

		ck_assert_int_eq(names_add(names, 5, BY_REASON, day, str_of("exempt"), letter, day, NULL), 0);
		send(names);
	}
	add_many(names, 10 * MONTH, 0, 100);
	ck_assert_int_eq(send(names).other, 0);
	add_many(names, 10 * MONTH, 900, 1000);
	ck_assert_int_eq(send(names).other, 100);
	names_free(names);
}
END_TEST

START_TEST(counts_in_flight_are_not_forgotten)
{
	struct names *names = names_new(1000, 600);
	struct totals totals;

	add_many(names, 1 * MONTH, 0, 250); /* on its way */
	names_freeze(names);
	add_many(names, 1 * MONTH, 100, 150); /* waits, of the same names */
	add_many(names, 9 * MONTH, 0, 400);   /* the month passes and all is full */
	totals = frozen(names);
	ck_assert_int_eq(totals.town, 250);
	names_settle(names); /* forgets what is old and idle */
	totals = send(names);
	ck_assert_int_eq(totals.town, 50 + 400);
	ck_assert_int_eq(totals.country, 50 + 400);
	ck_assert(!names_wait(names));
	/* Their key counts on where it was: those that stayed are still its names. */
	add_many(names, 1 * MONTH, 100, 150);
	totals = send(names);
	ck_assert_int_eq(totals.town, 50);
	names_free(names);
}
END_TEST

/* A key that was forgotten in part admits as many names as went, and no more. */
START_TEST(a_key_never_has_more_names_than_it_may)
{
	struct names *names = names_new(100, 300);
	int64_t other;

	add_many(names, 1 * MONTH, 0, 100);
	names_freeze(names);
	add_many(names, 1 * MONTH, 0, 40); /* these are kept */
	add_many(names, 9 * MONTH, 0, 100);
	names_settle(names); /* the other sixty go */
	add_many(names, 1 * MONTH, 0, 1000);
	other = send(names).other - 3; /* three of the ninth month came when it was full */
	ck_assert_int_eq(other, 900);
	names_free(names);
}
END_TEST

/* Past twice the records nothing is taken in, not even as other; what is in goes out, and then there is room
 * again. */
START_TEST(nothing_waits_for_ever)
{
	struct names *names = names_new(10, 100);
	int64_t in = 0, out = 0;
	int refused = 0;

	for (int round = 0; round < 3; round++) {
		for (uint16_t m = 0; m < CELL_MUNICIPALITIES; m++)
			for (int32_t day = 1; day < 4; day++) {
				int r = add_to(names, m, MONTH + round * 3 + day, m, 1);

				ck_assert(r == 0 || r == -ENOMEM);
				in += r == 0;
				refused += r != 0;
			}
		out += send(names).town;
		ck_assert(!names_wait(names));
		ck_assert_uint_eq(names_frozen_len(names), 0);
	}
	ck_assert_int_gt(refused, 0);
	ck_assert_int_gt(in, 3 * 1000); /* every round took as many */
	ck_assert_int_eq(in, out);
	names_free(names);
}
END_TEST

/* Against plain sums, in a table that is full most of the time. */
START_TEST(what_comes_in_goes_out_once)
{
	struct names *names = names_new(20, 3000);
	uint64_t seed = 11;
	int64_t in = 0, out = 0, country = 0;

	for (int i = 0; i < 300000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 99;
		ck_assert_int_eq(add_to(names, seed >> 40 & 15,
					(int32_t)(i / 10000 - (seed >> 50 & 3)) * MONTH,
					(int)(seed >> 20 & 63), i % 7),
				 0);
		in += i % 7;
		if (i % 1009 == 0) {
			struct totals totals = send(names);

			out += totals.town;
			country += totals.country;
		}
	}
	out += frozen((names_freeze(names), names)).town;
	country += frozen(names).country;
	ck_assert_int_eq(in, out);
	ck_assert_int_eq(in, country);
	names_free(names);
}
END_TEST

struct asked {
	uint16_t municipality;
	int32_t period;
	struct effort_str name;
	int64_t time_ms;
};

/* As the ledger does it: with a hint first. */
static uint32_t add_asked(struct names *names, const struct asked *a, struct name_hint *hint, int *hits)
{
	struct name_amount amount = { .events = 1, .contacts = a->time_ms % 7 };
	uint32_t number;

	if (hint != NULL && names_add_hinted(names, *hint, a->municipality, BY_SOURCE, a->period, &amount, a->time_ms)) {
		(*hits)++;
		return hint->number;
	}
	ck_assert_int_eq(names_add(names, a->municipality, BY_SOURCE, a->period, a->name, amount, a->time_ms, &number), 0);
	if (hint != NULL)
		*hint = names_hint(names, number, a->name);
	return number;
}

/* Fewer hints than municipalities, in a table that is full most of the time, forgets names and gives their numbers to
 * others: everything is taken into the record that looking finds. */
START_TEST(a_hint_leads_where_looking_does)
{
	struct names *hinted = names_new(40, 3000), *plain = names_new(40, 3000);
	struct name_hint hints[64][12] = { 0 };
	uint64_t seed = 5;
	int hits = 0;

	for (int i = 0; i < 200000; i++) {
		struct asked a = { .time_ms = i };
		char name[16];
		int k;

		seed = seed * UINT64_C(6364136223846793005) + 99;
		k = (int)(seed >> 20 & 63);
		a.municipality = seed >> 40 & 15;
		a.period = (int32_t)(i / 10000 - (seed >> 50 & 3)) * MONTH;
		a.name = (struct effort_str){ name, (size_t)snprintf(name, sizeof(name), "source-%d", k) };
		ck_assert_uint_eq(add_asked(hinted, &a, &hints[k][a.municipality % 12], &hits),
				  add_asked(plain, &a, NULL, NULL));
		if (i % 1009 == 0)
			ck_assert_int_eq(send(hinted).town, send(plain).town);
	}
	ck_assert_int_gt(hits, 10000);
	names_free(hinted);
	names_free(plain);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		names_past_the_bound_are_counted_as_other,
		records_are_bounded_in_all,
		old_periods_are_forgotten_when_full,
		late_names_make_way,
		the_running_month_stays,
		counts_in_flight_are_not_forgotten,
		a_key_never_has_more_names_than_it_may,
		nothing_waits_for_ever,
		what_comes_in_goes_out_once,
		a_hint_leads_where_looking_does,
	};

	return RUN_TESTS("count/names", tests);
}
