/* SPDX-License-Identifier: MPL-2.0 */
/* What truth.c (what must be) and truth_check.c (what is) share. */
#ifndef SIMULATION_TRUTH_INSIDE_H
#define SIMULATION_TRUTH_INSIDE_H

#include "truth.h"

#include "domain/period.h"

enum { OF_CONTACTS, OF_INFORMATION, OF_CASE, OF_UNKNOWN, OF_N, OF_SELF, OF_ASSISTED, OF_DIGITAL, OF_EXEMPT,
       OF_TARGET_N, OF_TARGET_SELF, OF_MOVABLE, OF_CHANNELS, OF_ALL = OF_CHANNELS + EFFORT_CHANNELS };

extern const char *const truth_field[OF_CHANNELS];

enum expected_kind { EXPECT_CELLS, EXPECT_SHARE, EXPECT_TASKS, EXPECT_NAMES };

struct expected {
	enum expected_kind kind;
	struct period period; /* of SHARE and TASKS */
	/* CELLS: int64_t as pointer; SHARE, TASKS: int64_t[OF_ALL] by scope; NAMES: int64_t[3] by name */
	struct table fields;
};

/* All fields of one hash that do not begin with an underscore and are not those once per hash, as text. */
void truth_write(const struct expected *, struct table *ret_texts);
/* Of a share's fields those that are computed of its sums (int64_t[OF_ALL]): share, gap_pp, move and so on. */
void truth_write_derived(const char *scope, const int64_t *sums, struct table *ret_texts);
void truth_drop_texts(struct table *);
/* "as_of", "lag_s", ... */
bool truth_is_once(const char *field);

#endif
