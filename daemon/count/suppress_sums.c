/* SPDX-License-Identifier: MPL-2.0 */
/* See suppress.h: the sums of hidden cells that a piece gives away and that are small. Every cell of such a
 * sum is small or 0 itself, so only the rows of the reduced system without a large cell matter: what can be
 * computed of small cells are combinations of these, and one that takes each cell once or not at all takes
 * each row once or not at all, for no other row has the cell in its front. All of them are tried among rows
 * that share cells, up to ROWS_MAX; a tangle of more rows than that counts as giving something away. */
#include "count/suppress_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 14

struct search {
	struct suppress *s;
	const struct matrix *m, *grand;
	size_t *rows; /* owned; those without a large cell */
	size_t rows_len;
	bool *is_seen;            /* owned; of these: their tangle has been tried */
	size_t *tangle, *columns; /* owned; rows and columns of the one at hand */
	size_t tangle_len, columns_len;
	int64_t *sum;    /* owned; of the columns at hand */
	uint32_t *found; /* owned; cells of the sum that is given away */
	size_t found_len;
	int64_t *left; /* owned; of that sum, beside the grand totals */
};

static int64_t at(const struct search *f, size_t row, size_t column)
{
	return f->m->rows[row * f->m->width + column];
}

static int64_t value_of(const struct search *f, size_t column)
{
	return f->s->cells[f->m->cells[column]].value;
}

static size_t front_of(const struct matrix *m, size_t row)
{
	size_t front = 0;

	while (front < m->width && m->rows[row * m->width + front] == 0)
		front++;
	return front;
}

/* A cell that is the sum of others is spoken of by these. */
static void find_rows(struct search *f)
{
	for (size_t row = 0; row < f->m->len; row++) {
		size_t front = front_of(f->m, row);

		if (front >= f->m->first_small && front < f->m->width &&
		    !f->s->cells[f->m->cells[front]].is_sum)
			f->rows[f->rows_len++] = row;
	}
}

/* A row of 0 whose cells are all added: none of them can be anything but 0. */
static bool is_all_nothing(const struct search *f, size_t row)
{
	for (size_t column = f->m->first_small; column < f->m->width; column++)
		if (at(f, row, column) > SUPPRESS_PRIME / 2 ||
		    (at(f, row, column) != 0 && value_of(f, column) != 0))
			return false;
	return true;
}

/* Cells that cannot be anything but 0 are known. True: there are some. */
static bool find_nothing(struct search *f)
{
	bool is_any = false;

	for (size_t i = 0; i < f->rows_len; i++) {
		if (!is_all_nothing(f, f->rows[i]))
			continue;
		is_any = true;
		for (size_t column = f->m->first_small; column < f->m->width; column++)
			if (at(f, f->rows[i], column) != 0)
				f->s->cells[f->m->cells[column]].most = 0;
	}
	return is_any;
}

/* --- grand totals --- */

/* The sum follows from grand totals alone, which are shown however small. */
static bool is_grand_total(struct search *f)
{
	const struct matrix *m = f->grand;

	memset(f->left, 0, m->width * sizeof(*f->left));
	for (size_t i = 0; i < f->found_len; i++)
		f->left[m->known + f->s->cells[f->found[i]].column] = 1;
	for (size_t row = 0; row < m->len; row++) {
		size_t front = front_of(m, row);
		int64_t factor = front == m->width ? 0 : f->left[front];

		for (size_t i = front; factor != 0 && i < m->width; i++)
			f->left[i] = (f->left[i] + (SUPPRESS_PRIME - factor) * m->rows[row * m->width + i]) %
				     SUPPRESS_PRIME;
	}
	for (size_t i = 0; i < m->width; i++)
		if (f->left[i] != 0)
			return false;
	return true;
}

/* --- tangles --- */

static bool shares_a_column(const struct search *f, size_t row)
{
	for (size_t i = 0; i < f->columns_len; i++)
		if (at(f, row, f->columns[i]) != 0)
			return true;
	return false;
}

/* Adds a row to the tangle, and its columns. */
static void take_row(struct search *f, size_t i)
{
	f->is_seen[i] = true;
	f->tangle[f->tangle_len++] = f->rows[i];
	for (size_t column = f->m->first_small; column < f->m->width; column++) {
		size_t k = 0;

		while (k < f->columns_len && f->columns[k] != column)
			k++;
		if (k == f->columns_len && at(f, f->rows[i], column) != 0)
			f->columns[f->columns_len++] = column;
	}
}

static void find_tangle(struct search *f, size_t first)
{
	bool is_changed = true;

	f->tangle_len = f->columns_len = 0;
	take_row(f, first);
	while (is_changed) {
		is_changed = false;
		for (size_t i = first + 1; i < f->rows_len; i++)
			if (!f->is_seen[i] && shares_a_column(f, f->rows[i])) {
				take_row(f, i);
				is_changed = true;
			}
	}
}

/* The sum at hand has each cell once or not at all, and is small. */
static bool is_given_away(struct search *f)
{
	int64_t value = 0;

	f->found_len = 0;
	for (size_t i = 0; i < f->columns_len; i++) {
		if (f->sum[i] > 1)
			return false;
		value += f->sum[i] * value_of(f, f->columns[i]);
		if (f->sum[i] == 1)
			f->found[f->found_len++] = f->m->cells[f->columns[i]];
	}
	return value > 0 && value < f->s->below && (f->found_len == 1 || !is_grand_total(f));
}

static void add_to_sum(struct search *f, size_t row, bool is_taken_off)
{
	for (size_t i = 0; i < f->columns_len; i++) {
		int64_t factor = at(f, row, f->columns[i]);

		f->sum[i] = (f->sum[i] + (is_taken_off ? SUPPRESS_PRIME - factor : factor)) % SUPPRESS_PRIME;
	}
}

/* Each choice differs from the one before it by one row. */
static bool try_tangle(struct search *f)
{
	uint32_t taken = 0;

	memset(f->sum, 0, f->columns_len * sizeof(*f->sum));
	for (uint32_t choice = 1; choice < UINT32_C(1) << f->tangle_len; choice++) {
		int row = __builtin_ctz(choice);

		add_to_sum(f, f->tangle[row], (taken >> row & 1) != 0);
		taken ^= UINT32_C(1) << row;
		if (is_given_away(f))
			return true;
	}
	return false;
}

/* Too many to try: all of it that has a value. */
static bool take_tangle(struct search *f)
{
	f->found_len = 0;
	for (size_t i = 0; i < f->columns_len; i++)
		if (value_of(f, f->columns[i]) > 0)
			f->found[f->found_len++] = f->m->cells[f->columns[i]];
	return f->found_len > 0;
}

static void judge(struct search *f, bool *ret_changed, size_t *ret_open)
{
	for (size_t i = 0; i < f->rows_len; i++) {
		if (f->is_seen[i])
			continue;
		find_tangle(f, i);
		if (!(f->tangle_len > ROWS_MAX ? take_tangle(f) : try_tangle(f)))
			continue;
		if (suppress_help(f->s, f->found, f->found_len))
			*ret_changed = true;
		else
			++*ret_open;
	}
}

static bool search_init(struct search *f, struct suppress *s, const struct matrix *m,
			const struct matrix *grand)
{
	*f = (struct search){ .s = s,
			      .m = m,
			      .grand = grand,
			      .rows = calloc(m->len + 1, sizeof(*f->rows)),
			      .is_seen = calloc(m->len + 1, sizeof(*f->is_seen)),
			      .tangle = calloc(m->len + 1, sizeof(*f->tangle)),
			      .columns = calloc(m->width + 1, sizeof(*f->columns)),
			      .sum = calloc(m->width + 1, sizeof(*f->sum)),
			      .found = calloc(m->width + 1, sizeof(*f->found)),
			      .left = calloc(grand->width + 1, sizeof(*f->left)) };
	return f->rows != NULL && f->is_seen != NULL && f->tangle != NULL && f->columns != NULL &&
	       f->sum != NULL && f->found != NULL && f->left != NULL;
}

static void search_done(struct search *f)
{
	free(f->rows);
	free(f->is_seen);
	free(f->tangle);
	free(f->columns);
	free(f->sum);
	free(f->found);
	free(f->left);
}

int suppress_sums(struct suppress *s, const struct matrix *m, const struct matrix *grand, bool *ret_changed,
		  size_t *ret_open)
{
	struct search f;
	int r = -ENOMEM;

	if (search_init(&f, s, m, grand)) {
		find_rows(&f);
		r = find_nothing(&f);
		if (r == 0)
			judge(&f, ret_changed, ret_open);
	}
	search_done(&f);
	return r;
}
