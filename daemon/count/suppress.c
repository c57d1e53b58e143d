/* SPDX-License-Identifier: MPL-2.0 */
/* See suppress.h. What can be computed is found by elimination over the integers modulo a prime: the hidden
 * cells are the unknowns, a relation with hidden cells is an equation, and a row of the reduced system with
 * one unknown gives that cell away. Coefficients are 0, 1 and -1, so the prime finds what the rationals
 * would. Tables fall apart into pieces that share no relation, and each is solved alone. */
#include "count/suppress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PRIME INT64_C(2147483647)

struct cell {
	int64_t value;
	enum suppress_kind kind;
	bool is_hidden, is_small; /* is_small: what must be protected */
	int64_t least, most;      /* what a reader knows of a hidden one */
	uint32_t unknown;         /* its number among the unknowns of the piece at hand */
	uint32_t piece;
};

struct relation {
	size_t total, first, n; /* parts[first .. first + n - 1] */
};

struct suppress {
	struct cell *cells; /* owned */
	size_t cells_len, cells_cap;
	struct relation *relations; /* owned */
	size_t relations_len, relations_cap;
	size_t *parts; /* owned */
	size_t parts_len, parts_cap;
};

static int grow(void **list, size_t *cap, size_t need, size_t size)
{
	size_t wanted = *cap == 0 ? 64 : *cap;
	void *bigger;

	if (need <= *cap)
		return 0;
	while (wanted < need)
		wanted *= 2;
	bigger = realloc(*list, wanted * size);
	if (bigger == NULL)
		return -ENOMEM;
	*list = bigger;
	*cap = wanted;
	return 0;
}

struct suppress *suppress_new(void)
{
	return calloc(1, sizeof(struct suppress));
}

void suppress_free(struct suppress *s)
{
	if (s == NULL)
		return;
	free(s->cells);
	free(s->relations);
	free(s->parts);
	free(s);
}

int suppress_cell(struct suppress *s, int64_t value, enum suppress_kind kind, size_t *ret)
{
	if (s->cells_len == SUPPRESS_CELLS_MAX)
		return -ENOSPC;
	if (grow((void **)&s->cells, &s->cells_cap, s->cells_len + 1, sizeof(*s->cells)) < 0)
		return -ENOMEM;
	s->cells[s->cells_len] = (struct cell){ .value = value, .kind = kind };
	*ret = s->cells_len++;
	return 0;
}

int suppress_relation(struct suppress *s, size_t total, const size_t *parts, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += s->cells[parts[i]].value;
	if (sum != s->cells[total].value)
		return -EINVAL;
	if (grow((void **)&s->parts, &s->parts_cap, s->parts_len + n, sizeof(*s->parts)) < 0 ||
	    grow((void **)&s->relations, &s->relations_cap, s->relations_len + 1, sizeof(*s->relations)) < 0)
		return -ENOMEM;
	memcpy(s->parts + s->parts_len, parts, n * sizeof(*parts));
	s->relations[s->relations_len++] = (struct relation){ total, s->parts_len, n };
	s->parts_len += n;
	return 0;
}

bool suppress_is_hidden(const struct suppress *s, size_t cell)
{
	return s->cells[cell].is_hidden;
}

/* --- company --- */

static bool is_in(const struct suppress *s, const struct relation *relation, size_t cell)
{
	for (size_t i = 0; i < relation->n; i++)
		if (s->parts[relation->first + i] == cell)
			return true;
	return relation->total == cell;
}

/* An empty cell of an empty relation stays known to be empty. */
static bool is_empty_for_sure(const struct suppress *s, const struct cell *cell)
{
	size_t number = (size_t)(cell - s->cells);

	for (size_t i = 0; cell->value == 0 && i < s->relations_len; i++)
		if (s->relations[i].total != number && !s->cells[s->relations[i].total].is_hidden &&
		    s->cells[s->relations[i].total].value == 0 && is_in(s, &s->relations[i], number))
			return true;
	return false;
}

/* What it costs to hide a cell: dear ones and empty ones last, small ones first. -1: it cannot be, or would
 * be of no use. */
static int64_t cost(const struct suppress *s, const struct cell *cell)
{
	const int64_t much = INT64_C(1) << 60;

	if (cell->is_hidden || cell->kind == SUPPRESS_TOTAL || cell->kind == SUPPRESS_KNOWN ||
	    is_empty_for_sure(s, cell))
		return -1;
	if (cell->value == 0)
		return much / 2;
	return (cell->kind == SUPPRESS_DEAR ? much : 0) + (cell->value < much / 4 ? cell->value : much / 4);
}

/* Hides the cheapest cell of the relation. */
static bool add_company(struct suppress *s, const struct relation *relation)
{
	struct cell *best = &s->cells[relation->total];

	for (size_t i = 0; i < relation->n; i++) {
		struct cell *cell = &s->cells[s->parts[relation->first + i]];

		if (cost(s, cell) >= 0 && (cost(s, best) < 0 || cost(s, cell) < cost(s, best)))
			best = cell;
	}
	if (cost(s, best) < 0)
		return false;
	best->is_hidden = true;
	return true;
}

/* It would tell something: that a cell which no table shows is large tells nothing small. */
static bool matters(const struct cell *cell)
{
	return cell->is_hidden && (cell->is_small || cell->kind != SUPPRESS_UNSAID);
}

/* A relation with one hidden cell, its total among them, and that one matters. */
static bool is_one_alone(const struct suppress *s, const struct relation *relation)
{
	const struct cell *total = &s->cells[relation->total];
	size_t hidden = total->is_hidden, mattering = matters(total);

	for (size_t i = 0; i < relation->n; i++) {
		hidden += s->cells[s->parts[relation->first + i]].is_hidden;
		mattering += matters(&s->cells[s->parts[relation->first + i]]);
	}
	return hidden == 1 && mattering == 1;
}

/* Relations with a single hidden cell, until there are none that can be helped. */
static void keep_none_alone(struct suppress *s)
{
	bool is_changed = true;

	while (is_changed) {
		is_changed = false;
		for (size_t i = 0; i < s->relations_len; i++)
			if (is_one_alone(s, &s->relations[i]))
				is_changed |= add_company(s, &s->relations[i]);
	}
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

	if (!s->cells[cell].is_hidden)
		return;
	root = root_of(s, (uint32_t)cell);
	if (*with != UINT32_MAX)
		s->cells[root].piece = *with;
	else
		*with = root;
}

/* Hidden cells that share relations get the same root. */
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

struct matrix {
	int64_t *rows; /* owned */
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
	if (s->cells[cell].is_hidden)
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

static void take_off(int64_t *row, const int64_t *other, size_t width, int64_t factor)
{
	for (size_t i = 0; i < width; i++)
		if (other[i] != 0)
			row[i] = (row[i] + (PRIME - other[i]) * factor) % PRIME;
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
		scale(pivot, m->width, power(pivot[column], PRIME - 2));
		for (size_t i = 0; i < m->len; i++) {
			int64_t *row = m->rows + i * m->width;

			if (i != done && row[column] != 0)
				take_off(row, pivot, m->width, row[column]);
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
		if (s->cells[i].is_hidden && s->cells[i].piece == piece)
			s->cells[i].unknown = (uint32_t)n++;
	return n;
}

/* The piece a relation belongs to; UINT32_MAX: it has no hidden cell. */
static uint32_t piece_of(const struct suppress *s, const struct relation *relation)
{
	if (s->cells[relation->total].is_hidden)
		return s->cells[relation->total].piece;
	for (size_t i = 0; i < relation->n; i++)
		if (s->cells[s->parts[relation->first + i]].is_hidden)
			return s->cells[s->parts[relation->first + i]].piece;
	return UINT32_MAX;
}

/* Marks the hidden cells that share a relation with marked ones; false: there were no new ones. */
static bool widen(const struct suppress *s, bool *marked)
{
	bool is_wider = false;

	for (size_t i = 0; i < s->relations_len; i++) {
		const struct relation *relation = &s->relations[i];
		const size_t *parts = s->parts + relation->first;
		bool is_touched = marked[relation->total];

		for (size_t k = 0; k < relation->n; k++)
			is_touched |= marked[parts[k]];
		for (size_t k = 0; is_touched && k <= relation->n; k++) {
			size_t cell = k < relation->n ? parts[k] : relation->total;

			if (!s->cells[cell].is_hidden || marked[cell])
				continue;
			marked[cell] = true;
			is_wider = true;
		}
	}
	return is_wider;
}

/* Company for a cell that is given away: in a relation of its own, else in one of those the chain of hidden
 * cells leads to that gave it away. */
static bool help(struct suppress *s, size_t cell)
{
	bool *marked = calloc(s->cells_len, sizeof(*marked)), is_helped = false;

	if (marked == NULL)
		return false;
	marked[cell] = true;
	do {
		for (size_t i = 0; i < s->relations_len && !is_helped; i++) {
			const struct relation *relation = &s->relations[i];
			bool is_touched = marked[relation->total];

			for (size_t k = 0; k < relation->n; k++)
				is_touched |= marked[s->parts[relation->first + k]];
			is_helped = is_touched && add_company(s, relation);
		}
	} while (!is_helped && widen(s, marked));
	free(marked);
	return is_helped;
}

/* Helps each small cell that the piece gives away. 0 or -ENOMEM. */
static int solve(struct suppress *s, uint32_t piece, bool *ret_changed)
{
	struct matrix m = { .width = number_unknowns(s, piece) };
	size_t rows = 0;

	for (size_t i = 0; i < s->relations_len; i++)
		rows += piece_of(s, &s->relations[i]) == piece;
	m.rows = calloc(rows * m.width + 1, sizeof(*m.rows));
	if (m.rows == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < s->relations_len; i++)
		if (piece_of(s, &s->relations[i]) == piece)
			add_row(s, &m, &s->relations[i]);
	reduce(&m);
	for (size_t row = 0; row < m.len; row++) {
		size_t unknown = given_away(&m, row);

		for (size_t i = 0; unknown < m.width && i < s->cells_len; i++) {
			if (!s->cells[i].is_hidden || s->cells[i].piece != piece ||
			    s->cells[i].unknown != unknown)
				continue;
			if (s->cells[i].is_small)
				*ret_changed |= help(s, i);
			break;
		}
	}
	free(m.rows);
	return 0;
}

/* --- bounds --- */

#define FAR (INT64_C(1) << 60)

static int64_t least_of(const struct cell *cell)
{
	return cell->is_hidden ? cell->least : cell->value;
}

static int64_t most_of(const struct cell *cell)
{
	return cell->is_hidden ? cell->most : cell->value;
}

static int64_t capped(int64_t value)
{
	return value > FAR ? FAR : value;
}

static bool narrow(struct cell *cell, int64_t least, int64_t most)
{
	bool is_changed = false;

	if (!cell->is_hidden)
		return false;
	if (least > cell->least) {
		cell->least = least;
		is_changed = true;
	}
	if (most < cell->most) {
		cell->most = most;
		is_changed = true;
	}
	return is_changed;
}

/* What a relation tells of each of its cells, none being negative. */
static bool narrow_relation(struct suppress *s, const struct relation *relation)
{
	struct cell *total = &s->cells[relation->total];
	int64_t least = 0, most = 0;
	bool is_changed;

	for (size_t i = 0; i < relation->n; i++) {
		const struct cell *part = &s->cells[s->parts[relation->first + i]];

		least += least_of(part);
		most = capped(most + most_of(part));
	}
	is_changed = narrow(total, least, most);
	for (size_t i = 0; i < relation->n; i++) {
		struct cell *part = &s->cells[s->parts[relation->first + i]];
		int64_t others_most = most >= FAR ? FAR : most - most_of(part);

		is_changed |= narrow(part, least_of(total) - others_most,
				     most_of(total) - (least - least_of(part)));
	}
	return is_changed;
}

/* Everything a patient reader can narrow down step by step. */
static void narrow_all(struct suppress *s)
{
	bool is_changed = true;

	for (size_t i = 0; i < s->cells_len; i++) {
		s->cells[i].least = 0;
		s->cells[i].most = FAR;
	}
	for (int round = 0; is_changed && round < 1000; round++) {
		is_changed = false;
		for (size_t i = 0; i < s->relations_len; i++)
			is_changed |= narrow_relation(s, &s->relations[i]);
	}
}

/* Helps small cells that are narrowed down to one value. */
static void keep_wide(struct suppress *s, bool *ret_changed, size_t *ret_open)
{
	narrow_all(s);
	*ret_open = 0;
	for (size_t i = 0; i < s->cells_len; i++) {
		struct cell *cell = &s->cells[i];

		if (!cell->is_small || cell->least < cell->most)
			continue;
		if (help(s, i))
			*ret_changed = true;
		else
			++*ret_open;
	}
}

int suppress_run(struct suppress *s, int64_t below, size_t *ret_open)
{
	bool is_changed = true;
	int r = 0;

	for (size_t i = 0; i < s->cells_len; i++) {
		struct cell *cell = &s->cells[i];

		cell->is_small = cell->kind != SUPPRESS_TOTAL && cell->kind != SUPPRESS_KNOWN &&
				 cell->value > 0 && cell->value < below;
		cell->is_hidden = cell->is_small || cell->kind == SUPPRESS_UNSAID;
	}
	*ret_open = 0;
	while (is_changed && r == 0) {
		is_changed = false;
		keep_none_alone(s);
		find_pieces(s);
		/* What one piece hides may join it with another: from the start again. */
		for (size_t i = 0; i < s->cells_len && r == 0 && !is_changed; i++)
			if (s->cells[i].is_hidden && s->cells[i].piece == i)
				r = solve(s, (uint32_t)i, &is_changed);
		if (!is_changed && r == 0)
			keep_wide(s, &is_changed, ret_open);
	}
	return r;
}
