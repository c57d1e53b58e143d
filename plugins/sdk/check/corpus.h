/* SPDX-License-Identifier: MPL-2.0 */
/* Events to try a plugin with: from a file, made up from what an area lists, mutated by a seed, or laid out
 * so that one byte read past a text faults. Everything made here obeys the contract, as what effortd hands
 * over does; a plugin that stumbles over it would stumble in production. */
#ifndef CHECK_CORPUS_H
#define CHECK_CORPUS_H

#include "classify/router.h"

#include <stdio.h>

#define CORPUS_MAX   4096
#define CORPUS_TEXTS 13 /* texts of an event */

struct corpus {
	char *memory; /* owned: events and their texts, in pages that can be made read-only */
	size_t size, used;
	struct effort_event *events;       /* in memory */
	const struct effort_event **batch; /* owned: pointers to all of them */
	size_t len;
};

int corpus_init(struct corpus *);
void corpus_done(struct corpus *);

/* Events of a file, one JSON line each; false: *ret_line cannot be read, why says so. */
bool corpus_add_file(struct corpus *, const char *path, const struct router *, size_t *ret_line,
		     char why[static 200]);
/* n events made of the area's own KLE numbers, tasks, services and option texts, and of others. */
void corpus_add_made(struct corpus *, const struct area_def *, const struct router *, uint64_t seed,
		     size_t n);
/* Changes every event's texts and numbers within what the contract allows. */
void corpus_mutate(struct corpus *, const struct router *, uint64_t seed);
/* No byte of an event can be written; true on success. */
bool corpus_protect(struct corpus *);

/* The i-th text of an event, 0 to CORPUS_TEXTS - 1. */
struct effort_str *corpus_text(struct effort_event *, size_t i);

/* One event whose texts, and itself, end where readable memory ends. */
struct edge {
	char *memory; /* owned */
	struct effort_event *event;
};

int edge_init(struct edge *);
void edge_done(struct edge *);
const struct effort_event *edge_put(struct edge *, const struct effort_event *);

#endif
