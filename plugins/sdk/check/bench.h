/* SPDX-License-Identifier: MPL-2.0 */
/* The checks of effort-plugin-check: each says ok or what is wrong, in one line. A check runs in a process of
 * its own, so it may crash or hang without more ado. */
#ifndef CHECK_BENCH_H
#define CHECK_BENCH_H

#include "classify/area.h"
#include "classify/router.h"

/* What is checked, with what. */
struct subject {
	const char *path, *run_dir;
	const struct area_def *def;
	const struct group_def *groups;
	size_t groups_len;
	const char *events; /* file of events; NULL: none */
	uint64_t seed;
	bool ignores_static; /* instrumented builds write static data */
};

struct check {
	const char *name;
	/* True: fine. text: one line for people in either case. */
	bool (*run)(const struct subject *, char *text, size_t size);
};

extern const struct check checks[];
extern const size_t checks_len;

#endif
