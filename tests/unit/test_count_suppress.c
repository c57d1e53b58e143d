/* SPDX-License-Identifier: MPL-2.0 */
/* Small numbers are hidden, and cannot be computed from what is shown: checked by trying every table that
 * what is shown allows. */
#include "suite.h"

#include "count/suppress.h"

#include <stdio.h>
#include <string.h>

#define SIDE  3
#define CELLS (SIDE * SIDE)

/* A square of parts, sums of rows and columns, and the sum of all. */
struct table {
	int64_t parts[CELLS], rows[SIDE], columns[SIDE], all;
	size_t part_cells[CELLS], row_cells[SIDE], column_cells[SIDE], all_cell;
	struct suppress *s;
	size_t open;
};

static void build(struct table *t, int64_t below)
{
	t->s = suppress_new();
	memset(t->rows, 0, sizeof(t->rows));
	memset(t->columns, 0, sizeof(t->columns));
	t->all = 0;
	for (size_t i = 0; i < CELLS; i++) {
		t->rows[i / SIDE] += t->parts[i];
		t->columns[i % SIDE] += t->parts[i];
		t->all += t->parts[i];
		ck_assert_int_eq(suppress_cell(t->s, t->parts[i], SUPPRESS_CHEAP, &t->part_cells[i]), 0);
	}
	for (size_t i = 0; i < SIDE; i++) {
		size_t row[SIDE], column[SIDE];

		suppress_cell(t->s, t->rows[i], SUPPRESS_DEAR, &t->row_cells[i]);
		suppress_cell(t->s, t->columns[i], SUPPRESS_DEAR, &t->column_cells[i]);
		for (size_t k = 0; k < SIDE; k++) {
			row[k] = t->part_cells[i * SIDE + k];
			column[k] = t->part_cells[k * SIDE + i];
		}
		ck_assert_int_eq(suppress_relation(t->s, t->row_cells[i], row, SIDE), 0);
		ck_assert_int_eq(suppress_relation(t->s, t->column_cells[i], column, SIDE), 0);
	}
	suppress_cell(t->s, t->all, SUPPRESS_TOTAL, &t->all_cell);
	ck_assert_int_eq(suppress_relation(t->s, t->all_cell, t->row_cells, SIDE), 0);
	ck_assert_int_eq(suppress_relation(t->s, t->all_cell, t->column_cells, SIDE), 0);
	ck_assert_int_eq(suppress_run(t->s, below, &t->open), 0);
}

/* What a reader who tries everything finds: the least and the greatest value each part can have. */
struct reader {
	const struct table *t;
	int64_t guess[CELLS], least[CELLS], most[CELLS];
	bool is_begun;
};

static bool fits(const struct reader *r)
{
	int64_t all = 0;

	for (size_t i = 0; i < SIDE; i++) {
		int64_t row = 0, column = 0;

		for (size_t k = 0; k < SIDE; k++) {
			row += r->guess[i * SIDE + k];
			column += r->guess[k * SIDE + i];
		}
		all += row;
		if ((!suppress_is_hidden(r->t->s, r->t->row_cells[i]) && row != r->t->rows[i]) ||
		    (!suppress_is_hidden(r->t->s, r->t->column_cells[i]) && column != r->t->columns[i]))
			return false;
	}
	return all == r->t->all;
}

static void try_from(struct reader *r, size_t at, int64_t left)
{
	if (at == CELLS) {
		for (size_t i = 0; left == 0 && fits(r) && i < CELLS; i++) {
			r->least[i] = r->guess[i] < r->least[i] ? r->guess[i] : r->least[i];
			r->most[i] = r->guess[i] > r->most[i] ? r->guess[i] : r->most[i];
		}
		return;
	}
	if (!suppress_is_hidden(r->t->s, r->t->part_cells[at])) {
		r->guess[at] = r->t->parts[at];
		if (r->guess[at] <= left)
			try_from(r, at + 1, left - r->guess[at]);
		return;
	}
	for (r->guess[at] = 0; r->guess[at] <= left; r->guess[at]++) {
		int64_t kept = r->guess[at];

		try_from(r, at + 1, left - kept);
		r->guess[at] = kept;
	}
}

static uint32_t state = 1;

static uint32_t draw(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

START_TEST(nothing_small_is_shown_or_can_be_computed)
{
	for (int round = 0; round < 3000; round++) {
		struct table t;
		struct reader r = { .t = &t };

		for (size_t i = 0; i < CELLS; i++)
			t.parts[i] = draw(3) == 0 ? 0 : draw(4);
		build(&t, 3);
		for (size_t i = 0; i < CELLS; i++) {
			r.least[i] = INT64_MAX;
			r.most[i] = -1;
			if (t.parts[i] > 0 && t.parts[i] < 3)
				ck_assert(suppress_is_hidden(t.s, t.part_cells[i]));
		}
		try_from(&r, 0, t.all);
		for (size_t i = 0; i < CELLS; i++)
			if (t.parts[i] > 0 && t.parts[i] < 3)
				ck_assert_msg(r.most[i] > r.least[i], "round %d: part %zu is %d for sure",
					      round, i, (int)r.least[i]);
		ck_assert_uint_eq(t.open, 0);
		ck_assert(!suppress_is_hidden(t.s, t.all_cell));
		suppress_free(t.s);
	}
}
END_TEST

START_TEST(tables_without_small_numbers_are_shown_whole)
{
	struct table t = { .parts = { 5, 0, 7, 9, 100, 0, 6, 6, 6 } };

	build(&t, 5);
	for (size_t i = 0; i < CELLS; i++)
		ck_assert(!suppress_is_hidden(t.s, t.part_cells[i]));
	suppress_free(t.s);
}
END_TEST

START_TEST(company_is_the_smallest_part_and_never_the_total)
{
	const int64_t values[] = { 97, 3, 20, 30 };
	struct suppress *s = suppress_new();
	size_t parts[4], total, open;

	for (size_t i = 0; i < 4; i++)
		suppress_cell(s, values[i], i == 0 ? SUPPRESS_DEAR : SUPPRESS_CHEAP, &parts[i]);
	suppress_cell(s, 150, SUPPRESS_TOTAL, &total);
	ck_assert_int_eq(suppress_relation(s, total, parts, 4), 0);
	ck_assert_int_eq(suppress_run(s, 5, &open), 0);
	ck_assert(!suppress_is_hidden(s, parts[0]) && suppress_is_hidden(s, parts[1]));
	ck_assert(suppress_is_hidden(s, parts[2]) && !suppress_is_hidden(s, parts[3]) &&
		  !suppress_is_hidden(s, total));
	ck_assert_uint_eq(open, 0);
	suppress_free(s);
}
END_TEST

START_TEST(a_small_rest_that_is_not_said_must_not_be_computable)
{
	struct suppress *s = suppress_new();
	size_t total, parts[3], open;

	/* 50 = 30 + 17 + a rest of 3 that is in no table */
	suppress_cell(s, 50, SUPPRESS_DEAR, &total);
	suppress_cell(s, 30, SUPPRESS_DEAR, &parts[0]);
	suppress_cell(s, 17, SUPPRESS_CHEAP, &parts[1]);
	suppress_cell(s, 3, SUPPRESS_UNSAID, &parts[2]);
	suppress_relation(s, total, parts, 3);
	ck_assert_int_eq(suppress_run(s, 5, &open), 0);
	ck_assert(!suppress_is_hidden(s, total) && !suppress_is_hidden(s, parts[0]) &&
		  suppress_is_hidden(s, parts[1]));
	ck_assert_int_eq(suppress_run(s, 3, &open), 0);
	ck_assert(!suppress_is_hidden(s, parts[1]));
	suppress_free(s);
}
END_TEST

START_TEST(what_can_only_be_0_is_as_good_as_shown)
{
	struct suppress *s = suppress_new();
	size_t whole, parts[3], others, nothing, zeros[2], open;

	/* 63 = 3 + 20 + 40, and 60 = 20 + 40 + one of two that are 0 together */
	suppress_cell(s, 63, SUPPRESS_TOTAL, &whole);
	suppress_cell(s, 3, SUPPRESS_CHEAP, &parts[0]);
	suppress_cell(s, 20, SUPPRESS_UNSAID, &parts[1]);
	suppress_cell(s, 40, SUPPRESS_UNSAID, &parts[2]);
	suppress_cell(s, 60, SUPPRESS_DEAR, &others);
	suppress_cell(s, 0, SUPPRESS_TOTAL, &nothing);
	suppress_cell(s, 0, SUPPRESS_UNSAID, &zeros[0]);
	suppress_cell(s, 0, SUPPRESS_UNSAID, &zeros[1]);
	ck_assert_int_eq(suppress_relation(s, whole, parts, 3), 0);
	ck_assert_int_eq(suppress_relation(s, others, (const size_t[]){ parts[1], parts[2], zeros[0] }, 3), 0);
	ck_assert_int_eq(suppress_relation(s, nothing, zeros, 2), 0);
	ck_assert_int_eq(suppress_run(s, 5, &open), 0);
	ck_assert_uint_eq(open, 0);
	ck_assert(suppress_is_hidden(s, others));
	suppress_free(s);
}
END_TEST

START_TEST(a_relation_that_is_none_is_refused)
{
	struct suppress *s = suppress_new();
	size_t total, part;

	suppress_cell(s, 5, SUPPRESS_TOTAL, &total);
	suppress_cell(s, 4, SUPPRESS_CHEAP, &part);
	ck_assert_int_lt(suppress_relation(s, total, &part, 1), 0);
	suppress_free(s);
}
END_TEST

START_TEST(what_cannot_be_helped_is_told)
{
	struct suppress *s = suppress_new();
	size_t total, part, open;

	suppress_cell(s, 4, SUPPRESS_TOTAL, &total);
	suppress_cell(s, 4, SUPPRESS_CHEAP, &part);
	suppress_relation(s, total, &part, 1);
	ck_assert_int_eq(suppress_run(s, 5, &open), 0);
	ck_assert_uint_eq(open, 1);
	suppress_free(s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { nothing_small_is_shown_or_can_be_computed,
				       tables_without_small_numbers_are_shown_whole,
				       company_is_the_smallest_part_and_never_the_total,
				       a_small_rest_that_is_not_said_must_not_be_computable,
				       what_can_only_be_0_is_as_good_as_shown,
				       a_relation_that_is_none_is_refused,
				       what_cannot_be_helped_is_told };

	return RUN_TESTS("count/suppress", tests);
}
