/* SPDX-License-Identifier: MPL-2.0 */
/* See suppress.h. What can be computed is found by elimination over the integers modulo a prime: the hidden
 * cells whose value is not known otherwise are the unknowns, a relation with unknowns is an equation, and a
 * row of the reduced system with one unknown gives that cell away. Coefficients are 0, 1 and -1, so the prime
 * finds what the rationals would. Tables fall apart into pieces that share no relation, and each is solved
 * alone. */
#include "count/suppress_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PRIME INT64_C(2147483647)

static bool is_unknown(const struct cell *cell)
{
	return cell->is_hidden && cell->least < cell->most;
}

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

	if (!is_unknown(&s->cells[cell]))
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
	for (size_t i = 0; i < s->cells_len; i++) {
		s->cells[i].piece = (uint32_t)i;
		s->cells[i].has_small = false;
	}
	for (size_t i = 0; i < s->relations_len; i++) {
		uint32_t with = UINT32_MAX;

		join(s, &with, s->relations[i].total);
		for (size_t k = 0; k < s->relations[i].n; k++)
			join(s, &with, s->parts[s->relations[i].first + k]);
	}
	for (size_t i = 0; i < s->cells_len; i++) {
		s->cells[i].piece = root_of(s, (uint32_t)i);
		s->cells[s->cells[i].piece].has_small |= s->cells[i].is_small && is_unknown(&s->cells[i]);
	}
}

/* --- equations --- */

struct matrix {
	int64_t *rows; /* owned */
	uint32_t *at;  /* owned; room for the columns of a row */
	size_t len, width;
};

static int64_t power(int64_t base, int64_t exponent)
{
	int64_t result = 1;

	for (; exponent > 0; exponent >>= 1, base = base * base % PRIME)
		if ((exponent & 1) != 0)
			result = result * base % PRIME;
	return result;
}

static void set(const struct suppress *s, int64_t *row, size_t cell, int64_t sign)
{
	if (is_unknown(&s->cells[cell]))
		row[s->cells[cell].unknown] = (row[s->cells[cell].unknown] + sign + PRIME) % PRIME;
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
		row[i] = row[i] * factor % PRIME;
}

/* at: where the other row is not 0; n of them. */
static void take_off(int64_t *row, const int64_t *other, const uint32_t *at, size_t n, int64_t factor)
{
	for (size_t i = 0; i < n; i++)
		row[at[i]] = (row[at[i]] + (PRIME - other[at[i]]) * factor) % PRIME;
}

static size_t find_not_0(const int64_t *row, size_t width, uint32_t *ret_at)
{
	size_t n = 0;

	for (size_t i = 0; i < width; i++)
		if (row[i] != 0)
			ret_at[n++] = (uint32_t)i;
	return n;
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
		size_t at = done, n;

		while (at < m->len && m->rows[at * m->width + column] == 0)
			at++;
		if (at == m->len)
			continue;
		swap(pivot, m->rows + at * m->width, m->width);
		scale(pivot, m->width, power(pivot[column], PRIME - 2));
		n = find_not_0(pivot, m->width, m->at);
		for (size_t i = 0; i < m->len; i++) {
			int64_t *row = m->rows + i * m->width;

			if (i != done && row[column] != 0)
				take_off(row, pivot, m->at, n, row[column]);
		}
		done++;
	}
}

/* The unknown that a row gives away; m->width: none. */
static size_t given_away(const struct matrix *m, size_t row)
{
	size_t found = m->width;

	for (size_t i = 0; i < m->width; i++) {
		if (m->rows[row * m->width + i] == 0)
			continue;
		if (found != m->width)
			return m->width;
		found = i;
	}
	return found;
}

/* --- one piece --- */

static size_t number_unknowns(struct suppress *s, uint32_t piece)
{
	size_t n = 0;

	for (size_t i = 0; i < s->cells_len; i++)
		if (is_unknown(&s->cells[i]) && s->cells[i].piece == piece)
			s->cells[i].unknown = (uint32_t)n++;
	return n;
}

/* The piece a relation belongs to; UINT32_MAX: it has no unknown. */
static uint32_t piece_of(const struct suppress *s, const struct relation *relation)
{
	if (is_unknown(&s->cells[relation->total]))
		return s->cells[relation->total].piece;
	for (size_t i = 0; i < relation->n; i++)
		if (is_unknown(&s->cells[s->parts[relation->first + i]]))
			return s->cells[s->parts[relation->first + i]].piece;
	return UINT32_MAX;
}

static void learn(struct suppress *s, uint32_t piece, size_t unknown)
{
	for (size_t i = 0; i < s->cells_len; i++) {
		struct cell *cell = &s->cells[i];

		if (!cell->is_hidden || cell->piece != piece || cell->unknown != unknown)
			continue;
		cell->least = cell->most = cell->value;
		return;
	}
}

/* Learns each cell that the piece gives away. 0 or -ENOMEM. */
static int solve(struct suppress *s, uint32_t piece, bool *ret_is_new)
{
	struct matrix m = { .width = number_unknowns(s, piece) };
	size_t rows = 0;

	for (size_t i = 0; i < s->relations_len; i++)
		rows += piece_of(s, &s->relations[i]) == piece;
	m.rows = calloc(rows * m.width + 1, sizeof(*m.rows));
	m.at = calloc(m.width + 1, sizeof(*m.at));
	if (m.rows == NULL || m.at == NULL) {
		free(m.rows);
		free(m.at);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->relations_len; i++)
		if (piece_of(s, &s->relations[i]) == piece)
			add_row(s, &m, &s->relations[i]);
	reduce(&m);
	for (size_t row = 0; row < m.len; row++) {
		size_t unknown = given_away(&m, row);

		if (unknown == m.width)
			continue;
		learn(s, piece, unknown);
		*ret_is_new = true;
	}
	free(m.rows);
	free(m.at);
	return 0;
}

int suppress_solve(struct suppress *s, bool *ret_is_new)
{
	int r = 0;

	find_pieces(s);
	for (size_t i = 0; i < s->cells_len && r == 0; i++)
		if (s->cells[i].piece == i && s->cells[i].has_small)
			r = solve(s, (uint32_t)i, ret_is_new);
	return r;
}
