/* SPDX-License-Identifier: MPL-2.0 */
/* The oracle: what Redis must hold when everything has come to rest, made by brute force from the plain list of
 * contacts, and what must be true of it at every moment. Shares no code with the product but periods and words. */
#ifndef SIMULATION_TRUTH_H
#define SIMULATION_TRUTH_H

#include "contact.h"
#include "keys.h"

struct truth {
	struct table hashes; /* by key: struct expected */
};

void truth_init(struct truth *);
void truth_done(struct truth *);
void truth_add(struct truth *, const struct sent *);
/* Takes back of a contact what a correction says. What comes to nothing may be there as 0 or not at all. */
void truth_take(struct truth *, const struct sent *of, const struct sent *correction);
/* What the records of one errand come to. is_bounds: everything they may have been counted as, while they came. */
void truth_add_errand(struct truth *, struct sent *const *, size_t n, int64_t window_ms, bool is_bounds);
/* The same of the readings of one meter. */
void truth_add_meter(struct truth *, struct sent *const *, size_t n, bool is_bounds);

#define TRUTH_RECORDS 12 /* of one errand, readings of one meter */
#define TRUTH_WHY 640

/* Every field that must be there with its value, and no other; the running hashes as of now. False: why. */
bool truth_holds(const struct truth *, const struct keys *, int64_t now_ms, char why[TRUTH_WHY]);
/* At any moment: every hash of shares agrees with itself, as one picture of one moment. */
bool truth_is_consistent(const struct keys *, char why[TRUTH_WHY]);
bool truth_key_is_consistent(const struct keys *, const char *key, size_t len, char why[TRUTH_WHY]);
/* Nothing is counted that is not in the truth (made of everything ever sent). */
bool truth_bounds(const struct truth *, const struct keys *, char why[TRUTH_WHY]);

#endif
