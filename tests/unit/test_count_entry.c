/* SPDX-License-Identifier: MPL-2.0 */
/* Who enters: every contact leaves at one step, steps and areas add up; and that agrees with what spread() does, contact by
 * contact, over every combination of the closed fields. */
#include "count/entry.h"

#include "base/str.h"
#include "count/spread.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

static struct picture *picture;
static struct entry entry;

static void set_up(void)
{
	picture = picture_new();
	ck_assert_ptr_nonnull(picture);
}

static void tear_down(void)
{
	picture_free(picture);
}

static int take(void *ctx, const struct spread_group *group)
{
	char field[256];

	(void)ctx;
	if (group->municipality == CELL_COUNTRY)
		return 0;
	for (size_t i = 0; i < group->cells_len; i++)
		ck_assert_int_eq(picture_add(picture, str_of(group->cells[i].field), group->cells[i].amount), 0);
	for (size_t i = 0; i < group->scopes_len; i++)
		for (int s = 0; s < SUMS; s++) {
			if (group->scopes[i].is_group)
				continue;
			snprintf(field, sizeof(field), "%s.%s", group->scopes[i].name, sum_name[s]);
			ck_assert_int_eq(picture_add(picture, str_of(field), group->scopes[i].sums[s]), 0);
		}
	return 0;
}

static const struct share_rule *rule = &share_kl_2014;

static void look(void)
{
	entry_init(&entry);
	entry_add(&entry, picture, rule);
}

static int64_t step(const char *scope, enum entry_step s)
{
	for (size_t i = 0; i < entry.n; i++)
		if (strcmp(entry.scopes[i].name, scope) == 0)
			return entry.scopes[i].steps[s];
	return -1;
}

/* Spreads one amount and looks at it alone. */
static void one(struct cell cell, const struct standings *standings, int64_t count)
{
	struct amount amounts[2] = { { cell_pack(&cell), count, 0 } };

	picture_free(picture);
	picture = picture_new();
	ck_assert_int_eq(spread(amounts, 1, standings, take, NULL), 0);
	look();
}

static struct standings *standings;
static uint16_t municipal, handed_over;

static void set_up_standings(void)
{
	set_up();
	standings = standings_new();
	ck_assert_ptr_nonnull(standings);
	municipal = (uint16_t)standings_intern(standings, "school", "enrolment", 0, true, true);
	handed_over = (uint16_t)standings_intern(standings, "benefits", "pension", 0, false, false);
}

static void tear_down_standings(void)
{
	standings_free(standings);
	tear_down();
}

static void every_contact(uint16_t ours, uint16_t theirs)
{
	struct cell c = { .municipality = 1, .day = 20000 };

	for (int i = 0; i < 2 * EFFORT_CHANNELS * EFFORT_KINDS * 6 * 4; i++) {
		int64_t left = 0;
		int rest = i;

		c.standing = rest % 2 == 0 ? ours : theirs;
		rest /= 2;
		c.channel = (uint8_t)(rest % EFFORT_CHANNELS);
		rest /= EFFORT_CHANNELS;
		c.kind = (uint8_t)(rest % EFFORT_KINDS);
		rest /= EFFORT_KINDS;
		c.outcome = (uint8_t)(rest % 6);
		c.is_exempt = rest / 6 % 2;
		c.assisted = rest / 12 % 2 && c.channel == EFFORT_SELFSERVICE ? 1 : 0;
		one(c, standings, 7);
		ck_assert(entry_adds_up(&entry));
		ck_assert_int_eq(step("all", ENTRY_CONTACTS), 7);
		for (int s = ENTRY_TRANSACTION; s <= ENTRY_N; s++) {
			ck_assert(step("all", (enum entry_step)s) == 0 || step("all", (enum entry_step)s) == 7);
			left += step("all", (enum entry_step)s);
		}
		ck_assert_int_eq(left, 7);
		ck_assert_int_eq(step("all", ENTRY_SELF) + step("all", ENTRY_ASSISTED) + step("all", ENTRY_OTHER),
				 step("all", ENTRY_N));
	}
}

START_TEST(every_contact_leaves_at_one_step)
{
	every_contact(municipal, handed_over);
}
END_TEST

/* Under another rule too, whatever it leaves out. */
START_TEST(every_contact_leaves_at_one_step_under_other_rules)
{
	struct share_rule rules[3] = { share_kl_2014, share_kl_2014, share_kl_2014 };

	rules[0].kinds = 0xf;
	rules[0].channels = (1 << EFFORT_CHANNELS) - 1;
	rules[1].is_exempt_out = true;
	rules[1].outcomes = 1 << EFFORT_FORWARDED | 1 << EFFORT_NO_SHOW;
	rules[2].kinds = 1 << EFFORT_INFORMATION;
	rules[2].channels = 1 << EFFORT_SELFSERVICE | 1 << EFFORT_PHONE;
	rules[2].self = rules[2].digital = 1 << EFFORT_PHONE;
	for (size_t i = 0; i < SUITE_LENGTH(rules); i++) {
		char word[SHARE_RULE_WORD];
		int bit;

		share_rule_print(&rules[i], word);
		bit = standings_group(standings, word);
		ck_assert_int_ge(bit, 0);
		rule = &rules[i];
		every_contact((uint16_t)standings_intern(standings, "school", "enrolment", UINT32_C(1) << bit, true, true),
			      (uint16_t)standings_intern(standings, "benefits", "pension", UINT32_C(1) << bit, false, false));
	}
	rule = &share_kl_2014;
}
END_TEST

START_TEST(outgoing_internal_and_ignored_stand_beside)
{
	struct cell c = { .municipality = 1, .day = 20000, .standing = municipal, .channel = EFFORT_LETTER };
	static const enum entry_step beside[] = { ENTRY_OUT, ENTRY_INTERNAL, ENTRY_IGNORED };

	for (int i = 0; i < 3; i++) {
		struct cell some = c;

		some.direction = i == 0 ? EFFORT_OUT : EFFORT_IN;
		some.population = i == 1 ? EFFORT_INTERNAL : EFFORT_CITIZEN;
		some.is_ignored = i == 2;
		one(some, standings, 3);
		for (int s = 0; s < ENTRY_STEPS; s++)
			ck_assert_int_eq(step("all", (enum entry_step)s), (enum entry_step)s == beside[i] ? 3 : 0);
		ck_assert_int_eq(step("school", beside[i]), 3);
		ck_assert(entry_adds_up(&entry));
	}
}
END_TEST

START_TEST(what_is_not_of_one_moment_does_not_add_up)
{
	picture_add(picture, str_of("n:school/a/phone/transaction"), 3);
	picture_add(picture, str_of("all.n"), 3);
	picture_add(picture, str_of("school.n"), 2);
	look();
	ck_assert(!entry_adds_up(&entry));
	picture_add(picture, str_of("school.n"), 1);
	look();
	ck_assert(entry_adds_up(&entry));
	picture_add(picture, str_of("school.n"), 1);
	picture_add(picture, str_of("all.n"), 1);
	look();
	ck_assert(!entry_adds_up(&entry));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { every_contact_leaves_at_one_step,
				       every_contact_leaves_at_one_step_under_other_rules, outgoing_internal_and_ignored_stand_beside,
				       what_is_not_of_one_moment_does_not_add_up };

	return RUN_TESTS_WITHIN("count/entry", tests, set_up_standings, tear_down_standings);
}
