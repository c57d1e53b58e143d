/* SPDX-License-Identifier: MPL-2.0 */
/* Counting periods: found by their label, compared with the right one and with as many days of it. */
#include "domain/counting.h"

#include "suite.h"

static struct counting list[6];
static size_t n;

static void add(const char *id, const char *from, const char *last)
{
	int32_t end;

	ck_assert(day_parse(from, 10, &list[n].first) && day_parse(last, 10, &end));
	list[n].id = list[n].title = id;
	list[n++].end = end + 1;
}

static void set_up(void)
{
	n = 0;
	add("2012-e", "2012-10-22", "2012-11-11");
	add("2011-e", "2011-10-24", "2011-11-13");
	add("2012-f", "2012-04-23", "2012-05-13");
	add("overlap", "2012-05-01", "2012-10-22"); /* not over when 2012-e begins */
}

static const char *earlier(const char *label, enum earlier which)
{
	const struct counting *of = counting_find(list, n, label);
	const struct counting *then;

	ck_assert_ptr_nonnull(of);
	then = counting_earlier(list, n, of, which);
	return then == NULL ? "-" : then->id;
}

START_TEST(found_by_label)
{
	ck_assert_ptr_eq(counting_find(list, n, "period:2012-f"), &list[2]);
	ck_assert_ptr_null(counting_find(list, n, "period:2012"));
	ck_assert_ptr_null(counting_find(list, n, "2012-f"));
	ck_assert_ptr_null(counting_find(list, n, "day:2012-04-23"));
}
END_TEST

START_TEST(compared_with_the_last_one_that_is_over_and_the_one_a_year_before)
{
	ck_assert_str_eq(earlier("period:2012-e", EARLIER_PREVIOUS), "2012-f");
	ck_assert_str_eq(earlier("period:2012-e", EARLIER_YEAR), "2011-e");
	ck_assert_str_eq(earlier("period:2012-f", EARLIER_PREVIOUS), "2011-e");
	ck_assert_str_eq(earlier("period:2012-f", EARLIER_YEAR), "-");
	ck_assert_str_eq(earlier("period:2011-e", EARLIER_PREVIOUS), "-");
}
END_TEST

START_TEST(a_running_one_is_compared_with_as_many_days)
{
	const struct counting *now = &list[0], *then = &list[1];

	ck_assert_int_eq(counting_end(now, then, now->first), then->first + 1);
	ck_assert_int_eq(counting_end(now, then, now->first + 6), then->first + 7);
	ck_assert_int_eq(counting_end(now, then, now->end - 1), then->end);
	ck_assert_int_eq(counting_end(now, then, now->end + 100), then->end);
	ck_assert_int_eq(counting_end(now, then, now->first - 1), then->end);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { found_by_label, compared_with_the_last_one_that_is_over_and_the_one_a_year_before,
				       a_running_one_is_compared_with_as_many_days };

	return RUN_TESTS_WITHIN("domain/counting", tests, set_up, NULL);
}
