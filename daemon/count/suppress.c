/* SPDX-License-Identifier: MPL-2.0 */
/* See suppress.h. What else gives a cell away is looked for in suppress_solve.c and suppress_bounds.c. */
#include "count/suppress_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	const int64_t much = INT64_C(1) << 56;

	if (cell->is_hidden || cell->kind > SUPPRESS_DEAREST || is_empty_for_sure(s, cell))
		return -1;
	if (cell->value == 0)
		return 2 * much * (int64_t)cell->kind + much;
	return 2 * much * (int64_t)cell->kind + (cell->value < much ? cell->value : much);
}

struct offer {
	struct cell *cell; /* NULL: none */
	int64_t price;
};

/* The cheapest cell of the relation, where it is cheaper than what is offered. needs_value: one of 0 would
 * not help. */
static void look_for_company(struct suppress *s, const struct relation *relation, bool needs_value,
			     struct offer *best)
{
	for (size_t i = 0; i <= relation->n; i++) {
		struct cell *cell = &s->cells[i == 0 ? relation->total : s->parts[relation->first + i - 1]];
		int64_t price = needs_value && cell->value == 0 ? -1 : cost(s, cell);

		if (price >= 0 && (best->cell == NULL || price < best->price))
			*best = (struct offer){ cell, price };
	}
}

static bool take(const struct offer *offer)
{
	if (offer->cell != NULL)
		offer->cell->is_hidden = true;
	return offer->cell != NULL;
}

static bool add_company(struct suppress *s, const struct relation *relation, bool needs_value)
{
	struct offer best = { 0 };

	look_for_company(s, relation, needs_value, &best);
	return take(&best);
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
				is_changed |= add_company(s, &s->relations[i], false);
	}
}

/* A shown total less its shown parts is what the hidden ones are together: a small number, and not all there
 * is of a grand total. */
static bool is_small_together(const struct suppress *s, const struct relation *relation, int64_t below)
{
	const struct cell *total = &s->cells[relation->total];
	int64_t sum = 0;

	for (size_t i = 0; i < relation->n; i++) {
		const struct cell *part = &s->cells[s->parts[relation->first + i]];

		sum += part->is_hidden ? part->value : 0;
	}
	return !total->is_hidden && sum > 0 && sum < below &&
	       !(total->kind == SUPPRESS_TOTAL && sum == total->value);
}

/* Each gets company with a value of its own; those that cannot are counted. */
static void keep_none_small(struct suppress *s, int64_t below, bool *ret_changed, size_t *ret_open)
{
	for (size_t i = 0; i < s->relations_len; i++) {
		if (!is_small_together(s, &s->relations[i], below))
			continue;
		if (add_company(s, &s->relations[i], true))
			*ret_changed = true;
		else
			++*ret_open;
	}
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

/* Company for a cell that is given away: in the relations of its own, else in those the chain of hidden cells
 * leads to that gave it away. False: nothing is left that could be hidden. */
static bool help(struct suppress *s, size_t cell)
{
	bool *marked = calloc(s->cells_len, sizeof(*marked));
	struct offer best = { 0 };

	if (marked == NULL)
		return false;
	marked[cell] = true;
	do {
		for (size_t i = 0; i < s->relations_len; i++) {
			const struct relation *relation = &s->relations[i];
			bool is_touched = marked[relation->total];

			for (size_t k = 0; k < relation->n; k++)
				is_touched |= marked[s->parts[relation->first + k]];
			if (is_touched)
				look_for_company(s, relation, false, &best);
		}
	} while (best.cell == NULL && widen(s, marked));
	free(marked);
	return take(&best);
}

/* Everything a patient reader finds out: what is known makes more known. 0 or -ENOMEM. */
static int read_patiently(struct suppress *s)
{
	bool is_new = true;
	int r = 0;

	for (size_t i = 0; i < s->cells_len; i++) {
		s->cells[i].least = 0;
		s->cells[i].most = SUPPRESS_FAR;
	}
	while (is_new && r == 0) {
		is_new = false;
		suppress_narrow(s);
		r = suppress_solve(s, &is_new);
	}
	return r;
}

static void keep_none_known(struct suppress *s, bool *ret_changed, size_t *ret_open)
{
	for (size_t i = 0; i < s->cells_len; i++) {
		if (!s->cells[i].is_small || s->cells[i].least < s->cells[i].most)
			continue;
		if (help(s, i))
			*ret_changed = true;
		else
			++*ret_open;
	}
}

static int hide_all(struct suppress *s, int64_t below, size_t *ret_open)
{
	bool is_changed = true;
	int r = 0;

	while (is_changed && r == 0) {
		is_changed = false;
		*ret_open = 0;
		keep_none_alone(s);
		keep_none_small(s, below, &is_changed, ret_open);
		if (is_changed)
			continue;
		r = read_patiently(s);
		if (r == 0)
			keep_none_known(s, &is_changed, ret_open);
	}
	return r;
}

/* --- what is not needed --- */

static int is_safe(struct suppress *s, int64_t below, bool *ret)
{
	int r;

	*ret = false;
	for (size_t i = 0; i < s->relations_len; i++)
		if (is_small_together(s, &s->relations[i], below))
			return 0;
	r = read_patiently(s);
	for (size_t i = 0; i < s->cells_len && r == 0; i++)
		if (s->cells[i].is_small && s->cells[i].least == s->cells[i].most)
			return 0;
	*ret = r == 0;
	return r;
}

/* Company was chosen step by step: what came later often makes an earlier one needless. */
static int show_needless(struct suppress *s, int64_t below, enum suppress_kind kind)
{
	int r = 0;

	for (size_t i = 0; i < s->cells_len && r == 0; i++) {
		struct cell *cell = &s->cells[i];
		bool is_needless;

		if (!cell->is_hidden || cell->is_small || cell->kind != kind)
			continue;
		cell->is_hidden = false;
		r = is_safe(s, below, &is_needless);
		cell->is_hidden = !is_needless;
	}
	return r;
}

int suppress_run(struct suppress *s, int64_t below, size_t *ret_open)
{
	int r;

	for (size_t i = 0; i < s->cells_len; i++) {
		struct cell *cell = &s->cells[i];

		cell->is_small = cell->kind != SUPPRESS_TOTAL && cell->kind != SUPPRESS_KNOWN &&
				 cell->value > 0 && cell->value < below;
		cell->is_hidden = cell->is_small || cell->kind == SUPPRESS_UNSAID;
	}
	r = hide_all(s, below, ret_open);
	for (int kind = SUPPRESS_DEAREST; kind >= SUPPRESS_CHEAP && *ret_open == 0 && r == 0; kind--)
		r = show_needless(s, below, (enum suppress_kind)kind);
	return r;
}
