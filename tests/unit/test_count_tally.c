/* SPDX-License-Identifier: MPL-2.0 */
/* The tally against plain arithmetic, and the packing of cells. */
#include "suite.h"

#include "count/tally.h"

#include <effort/plugin.h>

#include <errno.h>
#include <stdlib.h>

static uint64_t seed;

static uint32_t dice(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % n;
}

static struct cell any_cell(void)
{
	uint8_t direction = (uint8_t)dice(2), form = (uint8_t)dice(4);

	return (struct cell){ .municipality = (uint16_t)dice(CELL_MUNICIPALITIES + 1),
			      .day = (int32_t)dice(2 * CELL_DAYS) - CELL_DAYS,
			      .standing = (uint16_t)dice(1 << 14),
			      .channel = (uint8_t)dice(EFFORT_CHANNELS),
			      .direction = direction,
			      .kind = (uint8_t)dice(EFFORT_KINDS),
			      .form = direction == EFFORT_OUT ? form : EFFORT_FORM_NONE,
			      .hours = direction == EFFORT_OUT ? CELL_HOURS_UNKNOWN : form % (CELL_CLOSED + 1),
			      .population = (uint8_t)dice(4),
			      .outcome = (uint8_t)dice(EFFORT_OUTCOMES),
			      .assisted = (uint8_t)dice(7),
			      .is_exempt = dice(2),
			      .is_ignored = dice(2) };
}

START_TEST(a_cell_comes_back_as_it_was)
{
	seed = 1;
	for (int i = 0; i < 100000; i++) {
		struct cell in = any_cell(), out = cell_unpack(cell_pack(&in));

		ck_assert_uint_ne(cell_pack(&in), TALLY_EMPTY);
		ck_assert_uint_eq(cell_pack(&out), cell_pack(&in));
		ck_assert_int_eq(out.municipality, in.municipality);
		ck_assert_int_eq(out.day, in.day);
		ck_assert_int_eq(out.standing, in.standing);
		ck_assert_int_eq(out.channel, in.channel);
		ck_assert_int_eq(out.direction, in.direction);
		ck_assert_int_eq(out.kind, in.kind);
		ck_assert_int_eq(out.form, in.form);
		ck_assert_int_eq(out.hours, in.hours);
		ck_assert_int_eq(out.population, in.population);
		ck_assert_int_eq(out.outcome, in.outcome);
		ck_assert_int_eq(out.assisted, in.assisted);
		ck_assert_int_eq(out.is_exempt, in.is_exempt);
		ck_assert_int_eq(out.is_ignored, in.is_ignored);
	}
}
END_TEST

#define CELLS 50000

START_TEST(every_amount_is_there_once)
{
	static int64_t truth[CELLS];
	struct amount *sorted = malloc(CELLS * sizeof(*sorted));
	struct tally tally;
	int64_t sum = 0;

	seed = 7;
	ck_assert_int_eq(tally_init(&tally, CELLS), 0);
	for (int round = 0; round < 3; round++) {
		size_t n;

		for (int i = 0; i < CELLS; i++)
			truth[i] = 0;
		for (int i = 0; i < 400000; i++) {
			uint32_t cell = dice(CELLS);

			ck_assert_int_eq(tally_add(&tally, (uint64_t)cell << 20, i % 5, 1), 0);
			truth[cell] += i % 5;
		}
		n = tally_sorted(&tally, sorted);
		ck_assert_uint_eq(n, tally.used);
		for (size_t i = 0; i < n; i++) {
			ck_assert(i == 0 || sorted[i - 1].cell < sorted[i].cell);
			ck_assert_int_eq(sorted[i].count, truth[sorted[i].cell >> 20]);
			sum += sorted[i].count;
		}
		ck_assert_int_eq(sum, tally.events);
		tally_clear(&tally);
		ck_assert_uint_eq(tally.used, 0);
		sum = 0;
	}
	free(sorted);
	tally_done(&tally);
}
END_TEST

/* Few are compared, more are dealt out by digits: of all of them, and of those that differ. */
START_TEST(sorting_keeps_what_belongs_together)
{
	static const size_t sizes[] = { 0, 1, 2, 511, 512, 513, 70000 };
	static const uint64_t masks[] = { UINT64_MAX, 0xff, 0xff000000ffff0000, 0 };
	struct amount *amounts = malloc(70000 * sizeof(*amounts));

	seed = 3;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		for (size_t m = 0; m < sizeof(masks) / sizeof(masks[0]); m++) {
			uint64_t before = 0, after = 0;

			for (size_t i = 0; i < sizes[k]; i++) {
				uint64_t cell = ((uint64_t)dice(UINT32_MAX) << 32 | dice(UINT32_MAX)) & masks[m];

				amounts[i] = (struct amount){ cell, (int64_t)(cell ^ 5), (int64_t)~cell };
				before += cell * cell;
			}
			tally_sort(amounts, sizes[k]);
			for (size_t i = 0; i < sizes[k]; i++) {
				ck_assert(i == 0 || amounts[i - 1].cell <= amounts[i].cell);
				ck_assert_int_eq(amounts[i].count, (int64_t)(amounts[i].cell ^ 5));
				ck_assert_int_eq(amounts[i].seconds, (int64_t)~amounts[i].cell);
				after += amounts[i].cell * amounts[i].cell;
			}
			ck_assert_uint_eq(after, before);
		}
	}
	free(amounts);
}
END_TEST

START_TEST(the_bound_holds_and_known_cells_go_on)
{
	struct tally tally;

	ck_assert_int_eq(tally_init(&tally, 3), 0);
	for (uint64_t cell = 0; cell < 3; cell++)
		ck_assert_int_eq(tally_add(&tally, cell, 1, 0), 0);
	ck_assert_int_eq(tally_add(&tally, 9, 1, 0), -ENOSPC);
	ck_assert_int_eq(tally_add(&tally, 2, 1, 0), 0);
	ck_assert_int_eq(tally.events, 4);
	tally_done(&tally);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_cell_comes_back_as_it_was,
		every_amount_is_there_once,
		sorting_keeps_what_belongs_together,
		the_bound_holds_and_known_cells_go_on,
	};

	return RUN_TESTS("count/tally", tests);
}
