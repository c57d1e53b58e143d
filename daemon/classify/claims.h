/* SPDX-License-Identifier: MPL-2.0 */
/* Who claims which KLE prefix: all claims of a set of areas, checked against each other and merged into one
 * list that the router builds its tree from. Pure.
 *
 * The KLE numbers of a task are claims too. Where the area also claims that very number in its own words,
 * those words hold (shared, order); else the number is the area's alone, so a number under tasks of two areas
 * needs a shared claim in both. A longer prefix may always be claimed inside another area's shorter one: the
 * longest wins. */
#ifndef CLASSIFY_CLAIMS_H
#define CLASSIFY_CLAIMS_H

#include "base/error.h"
#include "domain/area.h"

/* "27", "27.36" or "27.36.08" as level 1 to 3 and its digits as one number; key sorts shorter prefixes first.
 */
#define KLE_KEY(level, number) ((uint32_t)(level) << 20 | (uint32_t)(number))
#define KLE_LEVEL(key)         ((key) >> 20)
#define KLE_NUMBER(key)        ((key)&0xfffffu)

/* The key of a prefix; 0: not of the form. */
uint32_t kle_key(const char *text, size_t len);

struct claim {
	uint32_t key;
	uint16_t area;   /* index of the definition */
	uint16_t listed; /* class of the task this number means, 1 + its index in the definition; 0: none */
	bool is_shared;
	bool is_explicit; /* written as a claim, not only as a task's number */
	int order;
	struct place place;
};

struct claims {
	struct claim *list; /* owned; by key, then by the order of asking */
	size_t len;
};

/* Adds a fault for every bad form, number given twice in one area and prefix two areas claim without both
 * sharing it. -ENOMEM or 0; what is in the list is usable only if no fault was added. */
int claims_init(struct claims *, const struct area_def *defs, size_t n, struct faults *);
void claims_done(struct claims *);

#endif
