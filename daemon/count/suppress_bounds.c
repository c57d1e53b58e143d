/* SPDX-License-Identifier: MPL-2.0 */
/* See suppress.h: the least and the greatest value each hidden cell can have, narrowed relation by relation.
 */
#include "count/suppress_inside.h"

#define FAR SUPPRESS_FAR

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

void suppress_narrow(struct suppress *s)
{
	bool is_changed = true;

	for (int round = 0; is_changed && round < 1000; round++) {
		is_changed = false;
		for (size_t i = 0; i < s->relations_len; i++)
			is_changed |= narrow_relation(s, &s->relations[i]);
	}
}
