/* SPDX-License-Identifier: MPL-2.0 */
/* See suppress.h. What can be computed is found by elimination over the integers modulo a prime: the hidden
 * cells are the unknowns, a relation with hidden cells is an equation, and what the reduced system gives away
 * is suppress_sums.c's to find. Coefficients are 0, 1 and -1, so the prime finds what the rationals would.
 * Tables fall apart into pieces that share no relation, and each is solved alone. */
#include "count/suppress_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- pieces --- */

static uint32_t root_of(const struct suppress *s, uint32_t cell)
{
	while (s->cells[cell].piece != cell)
		cell = s->cells[cell].piece;
	return cell;
}

static void join(struct suppress *s, uint32_t *with, size_t cell)
{
	uint32_t root;

	if (!cell_is_unknown(&s->cells[cell]))
		return;
	root = root_of(s, (uint32_t)cell);
	if (*with != UINT32_MAX)
		s->cells[root].piece = *with;
	else
		*with = root;
}

/* Unknown cells that share relations get the same root. */
static void find_pieces(struct suppress *s)
{
	for (size_t i = 0; i < s->cells_len; i++)
		s->cells[i].piece = (uint32_t)i;
	for (size_t i = 0; i < s->relations_len; i++) {
		uint32_t with = UINT32_MAX;

		join(s, &with, s->relations[i].total);
		for (size_t k = 0; k < s->relations[i].n; k++)
			join(s, &with, s->parts[s->relations[i].first + k]);
	}
	for (size_t i = 0; i < s->cells_len; i++)
		s->cells[i].piece = root_of(s, (uint32_t)i);
}

/* --- equations --- */

static int64_t power(int64_t base, int64_t exponent)
{
	int64_t result = 1;

	for (; exponent > 0; exponent >>= 1, base = base * base % SUPPRESS_PRIME)
		if ((exponent & 1) != 0)
			result = result * base % SUPPRESS_PRIME;
	return result;
}

static void set(const struct suppress *s, int64_t *row, size_t number, int64_t sign)
{
	const struct cell *cell = &s->cells[number];

	if (cell_is_unknown(cell) || cell->value != 0)
		row[cell->column] = (row[cell->column] + sign + SUPPRESS_PRIME) % SUPPRESS_PRIME;
}

static void add_row(const struct suppress *s, struct matrix *m, const struct relation *relation)
{
	int64_t *row = m->rows + m->len++ * m->width;

	memset(row, 0, m->width * sizeof(*row));
	set(s, row, relation->total, -1);
	for (size_t i = 0; i < relation->n; i++)
		set(s, row, s->parts[relation->first + i], 1);
}

static void scale(int64_t *row, size_t width, int64_t factor)
{
	for (size_t i = 0; i < width; i++)
		row[i] = row[i] * factor % SUPPRESS_PRIME;
}

static void take_off(int64_t *row, const int64_t *other, size_t width, int64_t factor)
{
	for (size_t i = 0; i < width; i++)
		if (other[i] != 0)
			row[i] = (row[i] + (SUPPRESS_PRIME - other[i]) * factor) % SUPPRESS_PRIME;
}

static void swap(int64_t *a, int64_t *b, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		int64_t kept = a[i];

		a[i] = b[i];
		b[i] = kept;
	}
}

/* To reduced row echelon form. */
static void reduce(struct matrix *m)
{
	size_t done = 0;

	for (size_t column = 0; column < m->width && done < m->len; column++) {
		int64_t *pivot = m->rows + done * m->width;
		size_t at = done;

		while (at < m->len && m->rows[at * m->width + column] == 0)
			at++;
		if (at == m->len)
			continue;
		swap(pivot, m->rows + at * m->width, m->width);
		scale(pivot, m->width, power(pivot[column], SUPPRESS_PRIME - 2));
		for (size_t i = 0; i < m->len; i++) {
			int64_t *row = m->rows + i * m->width;

			if (i != done && row[column] != 0)
				take_off(row, pivot, m->width, row[column]);
		}
		done++;
	}
}

/* --- one piece --- */

/* The piece a relation belongs to; UINT32_MAX: it has no unknown cell. */
static uint32_t piece_of(const struct suppress *s, const struct relation *relation)
{
	if (cell_is_unknown(&s->cells[relation->total]))
		return s->cells[relation->total].piece;
	for (size_t i = 0; i < relation->n; i++)
		if (cell_is_unknown(&s->cells[s->parts[relation->first + i]]))
			return s->cells[s->parts[relation->first + i]].piece;
	return UINT32_MAX;
}

static void add_column(struct suppress *s, struct matrix *m, size_t cell)
{
	s->cells[cell].column = (uint32_t)m->width;
	m->cells[m->width++] = (uint32_t)cell;
}

/* What is known of the relations of a piece: where it is 0, nobody is there. */
static void number_known(struct suppress *s, uint32_t piece, struct matrix *m, bool are_totals)
{
	m->rows_cap = 0;
	for (size_t i = 0; i < s->relations_len; i++) {
		const struct relation *relation = &s->relations[i];

		if (piece_of(s, relation) != piece)
			continue;
		m->rows_cap++;
		for (size_t k = 0; k <= relation->n; k++) {
			size_t number = k < relation->n ? s->parts[relation->first + k] : relation->total;
			struct cell *cell = &s->cells[number];

			if (cell_is_unknown(cell) || cell->value == 0 || cell->turn == s->turn ||
			    (cell->kind == SUPPRESS_TOTAL) != are_totals)
				continue;
			cell->turn = s->turn;
			add_column(s, m, number);
		}
	}
	m->known = m->width;
	if (are_totals)
		m->totals = m->width;
}

/* Large cells before small ones, so that rows with a small one in front have small ones only; sums before
 * what they are made of. */
static void number_unknowns(struct suppress *s, uint32_t piece, struct matrix *m)
{
	for (int round = SUPPRESS_HEIGHT_MAX + 1; round >= 0; round--) {
		for (size_t i = 0; i < s->cells_len; i++) {
			const struct cell *cell = &s->cells[i];
			int its = cell->value >= s->below ? SUPPRESS_HEIGHT_MAX + 1 : cell->height;

			if (its == round && cell_is_unknown(cell) && cell->piece == piece)
				add_column(s, m, i);
		}
		if (round > SUPPRESS_HEIGHT_MAX)
			m->first_small = m->width;
	}
}

/* Rows without known cells hold whatever the numbers are: a cell that such a row makes the sum of others is
 * no number beside them. */
static void find_sums(struct suppress *s, const struct matrix *m)
{
	for (size_t i = 0; i < m->width; i++)
		s->cells[m->cells[i]].is_sum = false;
	for (size_t row = 0; row < m->len; row++) {
		const int64_t *at = m->rows + row * m->width;
		size_t front = 0, i;

		while (front < m->width && at[front] == 0)
			front++;
		for (i = front + 1; i < m->width && (at[i] == 0 || at[i] == SUPPRESS_PRIME - 1);)
			i++;
		if (front >= m->first_small && front < m->width && i >= m->width)
			s->cells[m->cells[front]].is_sum = true;
	}
}

/* The first columns are mere numbers. */
static void drop_columns(struct matrix *m, size_t n)
{
	size_t width = m->width - n;

	for (size_t row = 0; row < m->len; row++)
		memmove(m->rows + row * width, m->rows + row * m->width + n, width * sizeof(*m->rows));
	memmove(m->cells, m->cells + n, width * sizeof(*m->cells));
	m->width = width;
	m->known -= n;
	m->first_small -= n;
	reduce(m);
}

static int make_equations(struct suppress *s, uint32_t piece, struct matrix *m)
{
	m->cells = calloc(s->cells_len, sizeof(*m->cells));
	if (m->cells == NULL)
		return -ENOMEM;
	s->turn++;
	number_known(s, piece, m, true);
	number_known(s, piece, m, false);
	number_unknowns(s, piece, m);
	m->rows = calloc(m->rows_cap * m->width + 1, sizeof(*m->rows));
	if (m->rows == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < s->relations_len; i++)
		if (piece_of(s, &s->relations[i]) == piece)
			add_row(s, m, &s->relations[i]);
	reduce(m);
	return 0;
}

static int copy_equations(const struct matrix *m, struct matrix *ret)
{
	*ret = *m;
	ret->rows = calloc(m->len * m->width + 1, sizeof(*ret->rows));
	ret->cells = calloc(m->width + 1, sizeof(*ret->cells));
	if (ret->rows == NULL || ret->cells == NULL)
		return -ENOMEM;
	memcpy(ret->rows, m->rows, m->len * m->width * sizeof(*ret->rows));
	memcpy(ret->cells, m->cells, m->width * sizeof(*ret->cells));
	return 0;
}

static int solve(struct suppress *s, uint32_t piece, bool *ret_changed, size_t *ret_open)
{
	struct matrix grand = { 0 }, m = { 0 };
	int r = make_equations(s, piece, &grand);

	if (r == 0) {
		find_sums(s, &grand);
		drop_columns(&grand, grand.totals);
		r = copy_equations(&grand, &m);
	}
	if (r == 0) {
		drop_columns(&m, m.known);
		for (size_t i = 0; i < m.width; i++)
			s->cells[m.cells[i]].column = (uint32_t)i;
		r = suppress_sums(s, &m, &grand, ret_changed, ret_open);
	}
	free(grand.rows);
	free(grand.cells);
	free(m.rows);
	free(m.cells);
	return r;
}

int suppress_solve(struct suppress *s, bool *ret_changed, size_t *ret_open)
{
	int r = 0;

	find_pieces(s);
	/* What one piece hides may join it with another: the caller begins anew. */
	for (size_t i = 0; i < s->cells_len && r == 0 && !*ret_changed; i++)
		if (cell_is_unknown(&s->cells[i]) && s->cells[i].piece == i)
			do
				r = solve(s, (uint32_t)i, ret_changed, ret_open);
			while (r > 0);
	return r;
}
