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
	entry_make(&entry, picture);
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

START_TEST(every_contact_leaves_at_one_step)
{
	struct cell c = { .municipality = 1, .day = 20000 };

	for (int i = 0; i < 2 * EFFORT_CHANNELS * EFFORT_KINDS * 6 * 4; i++) {
		int64_t left = 0;
		int rest = i;

		c.standing = rest % 2 == 0 ? municipal : handed_over;
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
		for (int s = ENTRY_INFORMATION; s <= ENTRY_N; s++) {
			ck_assert(step("all", (enum entry_step)s) == 0 || step("all", (enum entry_step)s) == 7);
			left += step("all", (enum entry_step)s);
		}
		ck_assert_int_eq(left, 7);
		ck_assert_int_eq(step("all", ENTRY_SELF) + step("all", ENTRY_ASSISTED) + step("all", ENTRY_OTHER),
				 step("all", ENTRY_N));
	}
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
	entry_make(&entry, picture);
	ck_assert(!entry_adds_up(&entry));
	picture_add(picture, str_of("school.n"), 1);
	entry_make(&entry, picture);
	ck_assert(entry_adds_up(&entry));
	picture_add(picture, str_of("school.n"), 1);
	picture_add(picture, str_of("all.n"), 1);
	entry_make(&entry, picture);
	ck_assert(!entry_adds_up(&entry));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { every_contact_leaves_at_one_step, outgoing_internal_and_ignored_stand_beside,
				       what_is_not_of_one_moment_does_not_add_up };

	return RUN_TESTS_WITHIN("count/entry", tests, set_up_standings, tear_down_standings);
}
