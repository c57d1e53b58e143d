/* SPDX-License-Identifier: MPL-2.0 */
/* Deduplication against a plain list of everything that was ever accepted, with real id files: answers,
 * moving out, forgetting, and a long life of all of it. */
#include "dedup_bed.h"

/* --- answers --- */

START_TEST(an_id_counts_once)
{
	static const uint64_t odd[] = { 0, 1, 2, UINT64_MAX - 1, UINT64_MAX / 2 };
	struct dedup *d = open_dedup(1000, TODAY - 35, false);

	for (size_t i = 0; i < 5; i++) {
		dedup_prefetch(d, odd[i]);
		dedup_prefetch_place(d, odd[i]);
		ck_assert_uint_lt(dedup_part(odd[i]), DEDUP_PARTS);
		ck_assert_int_eq(dedup_offer(d, odd[i], 7, TODAY, 1, false), DEDUP_NEW);
		ck_assert_int_eq(dedup_offer(d, odd[i], 7, TODAY, 1, true), DEDUP_NEW);
		ck_assert_int_eq(dedup_offer(d, odd[i], 7, TODAY, 1, true), DEDUP_DUPLICATE);
		ck_assert_int_eq(dedup_offer(d, odd[i], 7, TODAY, 9, false), DEDUP_DUPLICATE);
		ck_assert_int_eq(dedup_offer(d, odd[i], 8, TODAY, 1, true), DEDUP_CONFLICT);
		ck_assert_int_eq(dedup_offer(d, odd[i], 7, TODAY - 1, 1, true), DEDUP_DUPLICATE);
	}
	ck_assert_uint_eq(status_of(d).memory_ids, 5);
	dedup_withdraw(d, 0);
	dedup_withdraw(d, 0);
	ck_assert_uint_eq(status_of(d).memory_ids, 4);
	ck_assert_int_eq(dedup_offer(d, 0, 8, TODAY, 1, true), DEDUP_NEW);
	ck_assert_int_eq(dedup_offer(d, 0, 8, TODAY, 1, true), DEDUP_DUPLICATE);
	dedup_close(d);
}
END_TEST

START_TEST(days_far_out_do_not_matter)
{
	static const int32_t days[] = { INT32_MIN, -1, 0, 65535, 65536, INT32_MAX };
	struct dedup *d = open_dedup(1000, INT32_MIN, false);

	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(dedup_offer(d, 100 + i, 1, days[i], 1, true), DEDUP_NEW);
		ck_assert_int_eq(dedup_offer(d, 100 + i, 1, days[i], 1, true), DEDUP_DUPLICATE);
	}
	dedup_close(d);
}
END_TEST

/* --- moving out --- */

START_TEST(old_days_move_out_and_are_still_known)
{
	struct dedup *d = open_dedup(2 * PER_DAY, TODAY - 35, false);
	struct id_entry *all = malloc(6 * PER_DAY * sizeof(*all));
	struct dedup_status s;

	for (int i = 0; i < 6; i++) {
		fill_day(&all[i * PER_DAY], TODAY + i);
		expect_all(d, &all[i * PER_DAY], PER_DAY, DEDUP_NEW);
	}
	tick_all(d);
	ck_assert_uint_eq(status_of(d).memory_ids, 6 * PER_DAY);
	ck_assert(dedup_wants_fold(d));

	fold(d, 1000, all, 6 * PER_DAY);
	ck_assert(!dedup_wants_fold(d));
	tick_all(d);
	s = status_of(d);
	ck_assert_uint_eq(s.memory_ids, PER_DAY);
	ck_assert_uint_eq(s.disk_ids, 5 * PER_DAY);
	ck_assert_int_eq(s.oldest_day, TODAY);
	ck_assert_int_eq(s.memory_from_day, TODAY + 5);
	ck_assert(!dedup_wants_fold(d));
	expect_all(d, all, 6 * PER_DAY, DEDUP_DUPLICATE);
	for (int i = 0; i < 6 * PER_DAY; i += 17)
		ck_assert_int_eq(dedup_offer(d, all[i].id, all[i].content + 1, all[i].day, 1001, true),
				 DEDUP_CONFLICT);
	ck_assert_uint_eq(status_of(d).memory_ids, PER_DAY);
	dedup_close(d);
	free(all);
}
END_TEST

/* Asked between any two steps of a sweep, and new ones come for the day that moves. */
START_TEST(nothing_is_unknown_while_a_day_moves)
{
	size_t n = 600000;
	struct dedup *d = open_dedup(n / 10, TODAY - 35, false);
	struct id_entry *all = malloc(n * sizeof(*all));
	size_t added = n / 2;
	int steps = 0;

	for (size_t i = 0; i < n; i++)
		all[i] = (struct id_entry){ dice(), (uint32_t)i, TODAY };
	for (size_t i = 0; i < added; i++)
		ck_assert_int_eq(offer(d, &all[i], 5), DEDUP_NEW);
	fold(d, 5, all, added);
	while (status_of(d).memory_ids > added - n / 2 && steps < 100) {
		dedup_tick(d);
		steps++;
		for (int i = 0; i < 2000; i++)
			ck_assert_int_eq(offer(d, &all[dice() % added], 6), DEDUP_DUPLICATE);
		for (int i = 0; i < 1000; i++)
			ck_assert_int_eq(offer(d, &all[added++], 6), DEDUP_NEW);
	}
	ck_assert_int_gt(steps, 1);
	ck_assert_int_lt(steps, 100);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(offer(d, &all[i], 6), i < added ? DEDUP_DUPLICATE : DEDUP_NEW);
	dedup_close(d);
	free(all);
}
END_TEST

/* Of a day that is on disk already: into memory, into a further file, out of memory. */
START_TEST(late_ids_follow_their_day)
{
	struct dedup *d = open_dedup(PER_DAY / 2, TODAY - 35, false);
	struct id_entry *day = malloc(3 * PER_DAY * sizeof(*day));

	for (int i = 0; i < 3; i++)
		fill_day(&day[i * PER_DAY], TODAY);
	for (int i = 0; i < 3; i++) {
		uint64_t segment = (uint64_t)i + 1;

		for (int k = 0; k < PER_DAY; k++)
			ck_assert_int_eq(offer(d, &day[i * PER_DAY + k], segment), DEDUP_NEW);
		tick_all(d);
		ck_assert_uint_eq(status_of(d).memory_ids, PER_DAY);
		ck_assert(dedup_wants_fold(d));
		fold(d, segment, &day[i * PER_DAY], PER_DAY);
		tick_all(d);
		ck_assert_uint_eq(status_of(d).memory_ids, 0);
		ck_assert_uint_eq(status_of(d).disk_ids, (uint64_t)(i + 1) * PER_DAY);
	}
	for (int i = 0; i < 3 * PER_DAY; i++)
		ck_assert_int_eq(offer(d, &day[i], 4), DEDUP_DUPLICATE);
	dedup_close(d);
	free(day);
}
END_TEST

START_TEST(what_is_not_folded_stays_in_memory)
{
	struct dedup *d = open_dedup(2 * PER_DAY, TODAY - 35, false);
	struct id_entry *day = malloc(2 * PER_DAY * sizeof(*day));

	fill_day(day, TODAY);
	fill_day(day + PER_DAY, TODAY);
	for (int i = 0; i < PER_DAY; i++)
		ck_assert_int_eq(offer(d, &day[i], 2), DEDUP_NEW);
	fold(d, 2, day, PER_DAY);
	tick_all(d);
	dedup_folded(d, 20000);
	tick_all(d);
	for (int i = PER_DAY; i < 2 * PER_DAY; i++)
		ck_assert_int_eq(offer(d, &day[i], 65536 + (i & 1)), DEDUP_NEW);

	/* Too far from what is folded to be told apart: nothing moves. */
	dedup_set_max(d, 10, false);
	tick_all(d);
	ck_assert_uint_eq(status_of(d).memory_ids, 2 * PER_DAY);
	dedup_folded(d, 65535);
	tick_all(d);
	ck_assert_uint_eq(status_of(d).memory_ids, PER_DAY);
	ck_assert(dedup_wants_fold(d));
	for (int i = 0; i < 2 * PER_DAY; i++)
		ck_assert_int_eq(offer(d, &day[i], 65538), DEDUP_DUPLICATE);
	dedup_close(d);
	free(day);
}
END_TEST

/* --- by arrival --- */

START_TEST(by_arrival_an_id_may_be_in_any_day)
{
	struct dedup *d = open_dedup(10, TODAY - 35, true);
	struct id_entry *all = malloc(2 * PER_DAY * sizeof(*all));

	fill_day(all, TODAY);
	fill_day(all + PER_DAY, TODAY + 1);
	for (int i = 0; i < 2 * PER_DAY; i++)
		ck_assert_int_eq(offer(d, &all[i], 1), DEDUP_NEW);
	fold(d, 1, all, 2 * PER_DAY);
	tick_all(d);
	ck_assert_uint_eq(status_of(d).memory_ids, 0);
	for (int i = 0; i < 2 * PER_DAY; i++)
		ck_assert_int_eq(dedup_offer(d, all[i].id, all[i].content, TODAY + 20, 2, true),
				 DEDUP_DUPLICATE);
	ck_assert_uint_eq(status_of(d).memory_ids, 0);
	dedup_close(d);
	free(all);
}
END_TEST

/* --- forgetting --- */

START_TEST(forgotten_days_leave_nothing)
{
	struct dedup *d = open_dedup(4 * PER_DAY, TODAY - 35, false);
	struct id_entry *all = malloc(6 * PER_DAY * sizeof(*all));

	for (int i = 0; i < 6; i++) {
		fill_day(&all[i * PER_DAY], TODAY + i);
		expect_all(d, &all[i * PER_DAY], PER_DAY, DEDUP_NEW);
	}
	fold(d, 1000, all, 6 * PER_DAY);
	tick_all(d);
	ck_assert_int_eq(files(), 6);
	ck_assert_int_eq(dedup_forget(d, TODAY + 4), 0);
	ck_assert_int_eq(files(), 2);
	ck_assert_uint_eq(status_of(d).memory_ids, 2 * PER_DAY);
	ck_assert_uint_eq(status_of(d).disk_ids, 0);
	ck_assert_int_eq(status_of(d).oldest_day, TODAY + 4);
	/* One still lies in memory, unswept. */
	all[3 * PER_DAY].day = TODAY + 5;
	ck_assert_int_eq(offer(d, &all[3 * PER_DAY], 1001), DEDUP_NEW);
	ck_assert_int_eq(offer(d, &all[3 * PER_DAY], 1001), DEDUP_DUPLICATE);
	dedup_withdraw(d, all[3 * PER_DAY + 1].id);
	tick_all(d);
	ck_assert_int_eq(offer(d, &all[3 * PER_DAY], 1001), DEDUP_DUPLICATE);
	expect_all(d, &all[4 * PER_DAY], 2 * PER_DAY, DEDUP_DUPLICATE);
	ck_assert_uint_eq(status_of(d).memory_ids, 2 * PER_DAY + 1);
	ck_assert_int_eq(dedup_forget(d, TODAY + 10), 0);
	ck_assert_int_eq(files(), 0);
	ck_assert_uint_eq(status_of(d).memory_ids, 0);
	ck_assert_int_eq(status_of(d).oldest_day, INT32_MAX);
	dedup_close(d);
	free(all);
}
END_TEST

/* --- everything at once --- */

#define LIFE 120000

START_TEST(a_long_life_accepts_each_id_once)
{
	struct id_entry *all = malloc(LIFE * sizeof(*all)), *unfolded = malloc(LIFE * sizeof(*all));
	struct dedup *d = open_dedup(5000, TODAY - 10, false);
	size_t n = 0, waiting = 0, wrong = 0, first = 0;
	uint64_t segment = 1;

	for (int step = 0; step < LIFE; step++) {
		int32_t today = TODAY + step / 4000;
		uint64_t what = dice() % 100;

		if (what < 60 || n == first) {
			all[n] = (struct id_entry){ dice(), (uint32_t)dice(),
						    today - (int32_t)(dice() % 4 == 0 ? dice() % 9 : 0) };
			wrong += offer(d, &all[n], segment) != DEDUP_NEW;
			unfolded[waiting++] = all[n++];
		} else {
			const struct id_entry *e = &all[first + dice() % (n - first)];

			if (e->day >= today - 10)
				wrong += offer(d, e, segment) != DEDUP_DUPLICATE;
		}
		if (step % 97 == 0)
			dedup_tick(d);
		if (dedup_wants_fold(d) || step % 3001 == 0) {
			fold(d, segment, unfolded, waiting);
			waiting = 0;
			segment++;
		}
		if (step % 4000 == 3999) {
			ck_assert_int_eq(dedup_forget(d, today - 10), 0);
			ck_assert_uint_le(status_of(d).memory_ids, 10000);
		}
		if (step % 30011 == 30010) {
			dedup_close(d);
			d = open_dedup(5000, today - 10, false);
			for (size_t i = 0; i < waiting; i++)
				ck_assert_int_eq(offer(d, &unfolded[i], segment), DEDUP_NEW);
		}
		ck_assert_uint_eq(wrong, 0);
		while (first < n && all[first].day < today - 10)
			first++;
	}
	dedup_close(d);
	free(all);
	free(unfolded);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_id_counts_once,
		days_far_out_do_not_matter,
		old_days_move_out_and_are_still_known,
		nothing_is_unknown_while_a_day_moves,
		late_ids_follow_their_day,
		what_is_not_folded_stays_in_memory,
		by_arrival_an_id_may_be_in_any_day,
		forgotten_days_leave_nothing,
		a_long_life_accepts_each_id_once,
	};

	return RUN_TESTS_WITHIN("journal/dedup", tests, set_up, tear_down);
}
