/* SPDX-License-Identifier: MPL-2.0 */
/* What an event adds to its names, case by case. */
#include "suite.h"

#include "count/named.h"

#include <effort/plugin.h>

#include <string.h>

static const struct standing municipal = { .is_municipal = true }, other = { 0 },
			     apart = { .is_municipal = true, .apart = 1 };

static struct cell contact(void)
{
	return (struct cell){ .channel = EFFORT_SELFSERVICE, .kind = EFFORT_TRANSACTION };
}

static void check(struct cell cell, const struct standing *standing, int64_t contacts, int64_t n,
		  int64_t self)
{
	struct name_amount amount = named_amount(&cell, standing, 5);

	ck_assert_int_eq(amount.events, 1); /* seen in any case */
	ck_assert_int_eq(amount.contacts, contacts);
	ck_assert_int_eq(amount.n, n);
	ck_assert_int_eq(amount.self, self);
}

START_TEST(a_contact_counts)
{
	struct cell cell = contact();

	check(cell, &municipal, 5, 5, 5);
	cell.channel = EFFORT_PHONE;
	check(cell, &municipal, 5, 5, 0);
	cell.population = EFFORT_BUSINESS;
	check(cell, &municipal, 5, 5, 0);
	cell.kind = EFFORT_INFORMATION;
	check(cell, &municipal, 5, 0, 0);
	check(contact(), &other, 5, 0, 0);
}
END_TEST

START_TEST(what_is_no_contact_is_seen_only)
{
	struct cell cell = contact();

	cell.is_ignored = true;
	check(cell, &municipal, 0, 0, 0);
	cell = contact();
	cell.direction = EFFORT_OUT;
	check(cell, &municipal, 0, 0, 0);
	cell = contact();
	cell.population = EFFORT_AUTHORITY;
	check(cell, &municipal, 0, 0, 0);
	cell.population = EFFORT_INTERNAL;
	check(cell, &municipal, 0, 0, 0);
}
END_TEST

START_TEST(reasons_are_of_letters)
{
	struct cell cell = contact();

	ck_assert_int_eq(named_letters(&cell, &municipal, 5).events, 0);
	cell.direction = EFFORT_OUT;
	ck_assert_int_eq(named_letters(&cell, &municipal, 5).events, 1);
	ck_assert_int_eq(named_letters(&cell, &municipal, 5).contacts, 5);
	cell.is_ignored = true;
	ck_assert_int_eq(named_letters(&cell, &municipal, 5).events, 0);
}
END_TEST

START_TEST(what_was_added_can_be_taken_back)
{
	struct cell cell = contact();
	struct name_amount sum = named_amount(&cell, &municipal, 7),
			   back = named_amount(&cell, &municipal, -7);

	name_amount_add(&sum, &back);
	ck_assert_int_eq(sum.contacts, 0);
	ck_assert_int_eq(sum.n, 0);
	ck_assert_int_eq(sum.self, 0);
}
END_TEST

START_TEST(what_is_counted_apart_is_seen_only)
{
	struct cell cell = contact();

	check(cell, &apart, 0, 0, 0);
	cell.direction = EFFORT_OUT;
	ck_assert_int_eq(named_letters(&cell, &apart, 5).events, 0);
}
END_TEST

START_TEST(how_a_contact_to_a_unit_ended)
{
	const struct effort_str unit = { "library", 7 }, none = { "", 0 };
	char buf[NAMED_END_MAX], long_unit[NAMED_END_MAX];
	struct cell cell = contact();

#define END(cell) named_end(&(cell), &municipal, unit, buf)
	ck_assert_uint_eq(END(cell).len, 0); /* unassisted self-service is in the unit's own counts */
	cell.assisted = EFFORT_ASSISTED_LIBRARY;
	ck_assert(effort_equals(END(cell), "assisted/library"));
	ck_assert_uint_eq(named_end(&cell, &other, unit, buf).len, 0);
	ck_assert_uint_eq(named_end(&cell, &apart, unit, buf).len, 0);
	ck_assert_uint_eq(named_end(&cell, &municipal, none, buf).len, 0);
	cell.kind = EFFORT_INFORMATION;
	ck_assert_uint_eq(END(cell).len, 0);
	cell = (struct cell){ .channel = EFFORT_PHONE, .kind = EFFORT_CASE };
	ck_assert(effort_equals(END(cell), "resolved/library"));
	cell.outcome = EFFORT_FORWARDED;
	ck_assert(effort_equals(END(cell), "forwarded/library"));
	ck_assert(effort_equals(named_end(&cell, &other, unit, buf), "forwarded/library"));
	cell.outcome = EFFORT_ABANDONED;
	ck_assert_uint_eq(END(cell).len, 0);
	cell = (struct cell){ .channel = EFFORT_COUNTER, .population = EFFORT_INTERNAL };
	ck_assert_uint_eq(END(cell).len, 0);
	cell = (struct cell){ .channel = EFFORT_EMAIL };
	ck_assert_uint_eq(END(cell).len, 0);
	memset(long_unit, 'u', sizeof(long_unit));
	cell = (struct cell){ .channel = EFFORT_PHONE };
	ck_assert_uint_eq(named_end(&cell, &municipal, (struct effort_str){ long_unit, 64 }, buf).len, 73);
	ck_assert_uint_eq(named_end(&cell, &municipal, (struct effort_str){ long_unit, sizeof(long_unit) }, buf).len, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_contact_counts,
		what_is_no_contact_is_seen_only, what_is_counted_apart_is_seen_only, how_a_contact_to_a_unit_ended,
		reasons_are_of_letters,
		what_was_added_can_be_taken_back,
	};

	return RUN_TESTS("count/named", tests);
}
