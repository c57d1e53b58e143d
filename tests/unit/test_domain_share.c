/* SPDX-License-Identifier: MPL-2.0 */
/* Who enters the share, and the arithmetic of shares at their edges. */
#include "suite.h"

#include "domain/share.h"

#include <string.h>

static struct contact transaction(uint8_t channel)
{
	return (struct contact){ .channel = channel, .is_municipal = true, .is_target = true };
}

static bool has(const struct contact *contact, enum sum sum)
{
	return contact_sums(contact) >> sum & 1;
}

START_TEST(an_unassisted_submission_is_in_numerator_and_denominator)
{
	struct contact c = transaction(EFFORT_SELFSERVICE);

	ck_assert(has(&c, SUM_CONTACTS) && has(&c, SUM_N) && has(&c, SUM_SELF) && has(&c, SUM_DIGITAL));
	ck_assert(has(&c, SUM_TARGET_N) && has(&c, SUM_TARGET_SELF));
	ck_assert(!has(&c, SUM_ASSISTED) && !has(&c, SUM_MOVABLE));
}
END_TEST

START_TEST(help_is_counted_once_and_apart)
{
	struct contact c = transaction(EFFORT_SELFSERVICE);

	c.assisted = EFFORT_ASSISTED_COUNTER;
	ck_assert(has(&c, SUM_N) && has(&c, SUM_ASSISTED) && has(&c, SUM_DIGITAL));
	ck_assert(!has(&c, SUM_SELF) && !has(&c, SUM_TARGET_SELF) && !has(&c, SUM_MOVABLE));
}
END_TEST

START_TEST(what_stays_outside_n)
{
	struct contact web = transaction(EFFORT_WEB), system = transaction(EFFORT_SYSTEM),
		       info = transaction(EFFORT_PHONE), unknown = transaction(EFFORT_PHONE),
		       lost = transaction(EFFORT_PHONE), gone = transaction(EFFORT_PHONE);

	info.kind = EFFORT_INFORMATION;
	unknown.kind = EFFORT_KIND_UNKNOWN;
	lost.outcome = EFFORT_MISDIRECTED;
	gone.is_municipal = false;
	for (struct contact *c[] = { &web, &system, &info, &unknown, &lost, &gone }, **p = c; p < c + 6;
	     p++) {
		ck_assert(has(*p, SUM_CONTACTS));
		ck_assert(!has(*p, SUM_N) && !has(*p, SUM_TARGET_N));
	}
	ck_assert(has(&info, SUM_INFORMATION) && has(&unknown, SUM_UNKNOWN));
}
END_TEST

START_TEST(who_never_enters_the_citizen_share)
{
	struct contact out = transaction(EFFORT_DIGITALPOST), staff = transaction(EFFORT_SELFSERVICE),
		       ignored = transaction(EFFORT_SELFSERVICE), business = transaction(EFFORT_SELFSERVICE);

	out.direction = EFFORT_OUT;
	staff.population = EFFORT_INTERNAL;
	ignored.is_ignored = true;
	business.population = EFFORT_BUSINESS;
	ck_assert_uint_eq(contact_sums(&out), 0);
	ck_assert_uint_eq(contact_sums(&staff), 0);
	ck_assert_uint_eq(contact_sums(&ignored), 0);
	ck_assert(has(&business, SUM_SELF));
}
END_TEST

START_TEST(exempt_citizens_are_in_n_but_need_not_move)
{
	struct contact c = transaction(EFFORT_COUNTER);

	ck_assert(has(&c, SUM_MOVABLE));
	c.is_exempt = true;
	ck_assert(has(&c, SUM_N) && has(&c, SUM_EXEMPT) && !has(&c, SUM_MOVABLE));
}
END_TEST

START_TEST(every_channel_has_its_sum)
{
	for (uint8_t channel = 0; channel < EFFORT_CHANNELS; channel++) {
		struct contact c = transaction(channel);

		ck_assert_int_eq(has(&c, SUM_CHANNEL + channel), has(&c, SUM_N));
		ck_assert(strncmp(sum_name[SUM_CHANNEL + channel], "ch.", 3) == 0);
	}
}
END_TEST

static const struct {
	int64_t part, n, bp;
	bool met;
	int64_t move;
} edges[] = {
	{ 7999, 10000, 7999, false, 1 },
	{ 8000, 10000, 8000, true, 0 },
	{ 8001, 10000, 8001, true, 0 },
	{ 79996, 100000, 7999, false, 4 }, /* 79.996 is not shown as the target it misses */
	{ 799999, 1000000, 7999, false, 1 },
	{ 4, 5, 8000, true, 0 },
	{ 3, 4, 7500, false, 1 }, /* ceil(3.2) - 3 */
	{ 0, 7, 0, false, 6 },
	{ 7, 7, 10000, true, 0 },
	{ 1718947, 3674068, 4679, false, 1220308 },
};

START_TEST(edges_of_the_target)
{
	ck_assert_int_eq(share_basis_points(edges[_i].part, edges[_i].n, 8000), edges[_i].bp);
	ck_assert_int_eq(share_is_met(edges[_i].part, edges[_i].n, 8000), edges[_i].met);
	ck_assert_int_eq(share_move(edges[_i].part, edges[_i].n, 8000), edges[_i].move);
}
END_TEST

START_TEST(moving_so_many_meets_the_target_and_one_fewer_does_not)
{
	for (int64_t n = 1; n < 400; n++) {
		for (int64_t part = 0; part <= n; part++) {
			int64_t move = share_move(part, n, 8000);

			ck_assert(share_is_met(part + move, n, 8000));
			ck_assert(move == 0 || !share_is_met(part + move - 1, n, 8000));
		}
	}
}
END_TEST

START_TEST(a_rule_survives_as_a_word)
{
	struct share_rule rule = share_kl_2014, back;
	char word[SHARE_RULE_WORD];

	rule.is_exempt_out = true;
	rule.self = 1 << EFFORT_PHONE | 1 << EFFORT_OTHER;
	rule.outcomes = 1 << EFFORT_NO_SHOW;
	share_rule_print(&rule, word);
	ck_assert_uint_lt(strlen(word), SHARE_RULE_WORD);
	memset(&back, 0xff, sizeof(back));
	ck_assert(share_rule_parse(word, &back));
	ck_assert(share_rule_is_same(&rule, &back) && back.self == rule.self && back.kinds == rule.kinds);
	ck_assert(!share_rule_is_same(&share_kl_2014, &back));
	share_rule_print(&share_kl_2014, word);
	ck_assert(share_rule_parse(word, &back) && share_rule_is_same(&share_kl_2014, &back));
	for (const char *const *no = (const char *const[]){ "waves", "_share:", "_share:12", "_share:gggggggggggggggg",
							    "_share:fffffffffffffff", NULL };
	     *no != NULL; no++)
		ck_assert_msg(!share_rule_parse(*no, &back), "%s is a rule", *no);
}
END_TEST

START_TEST(another_rule_says_who_enters)
{
	struct share_rule rule = share_kl_2014;
	struct contact c = transaction(EFFORT_DIGITALPOST);

	c.rule = &rule;
	ck_assert(has(&c, SUM_N) && !has(&c, SUM_SELF) && has(&c, SUM_DIGITAL) && has(&c, SUM_MOVABLE));
	rule.self |= 1 << EFFORT_DIGITALPOST;
	ck_assert(has(&c, SUM_SELF) && has(&c, SUM_TARGET_SELF) && !has(&c, SUM_ASSISTED) && !has(&c, SUM_MOVABLE));
	c.is_exempt = true;
	ck_assert(has(&c, SUM_N));
	rule.is_exempt_out = true;
	ck_assert(!has(&c, SUM_N) && has(&c, SUM_CONTACTS));
	c.is_exempt = false;
	rule.kinds = 1 << EFFORT_CASE;
	ck_assert(!has(&c, SUM_N));
	c.kind = EFFORT_CASE;
	ck_assert(has(&c, SUM_N) && has(&c, SUM_CASE));
	rule.populations = 1 << EFFORT_CITIZEN;
	c.population = EFFORT_BUSINESS;
	ck_assert(!has(&c, SUM_N));
	c.population = EFFORT_CITIZEN;
	c.is_municipal = false;
	ck_assert(!has(&c, SUM_N));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_rule_survives_as_a_word, another_rule_says_who_enters,
		an_unassisted_submission_is_in_numerator_and_denominator,
		help_is_counted_once_and_apart,
		what_stays_outside_n,
		who_never_enters_the_citizen_share,
		exempt_citizens_are_in_n_but_need_not_move,
		every_channel_has_its_sum,
		moving_so_many_meets_the_target_and_one_fewer_does_not,
	};
	TCase *tcase = suite_case("domain/share", NULL, NULL);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, edges_of_the_target, 0, SUITE_LENGTH(edges));
	return suite_run("domain/share", tcase);
}
