/* SPDX-License-Identifier: MPL-2.0 */
/* One configured area: its plugin's instance, its classes, its statistics and the breaker that takes a slow
 * plugin out of the way for a while. Main thread only. */
#ifndef CLASSIFY_AREA_H
#define CLASSIFY_AREA_H

#include "classify/classes.h"
#include "classify/module.h"
#include "classify/verdict.h"

struct area {
	const struct area_def *def;         /* borrowed */
	char *path;                         /* owned: where the plugin was loaded from */
	const struct effort_plugin *plugin; /* lives for ever; NULL: not loaded */
	void *instance;                     /* the plugin's; between open() and close() */
	bool is_open;
	struct classes classes;
	uint32_t class_base; /* index of its class 0 in the whole set */

	struct area_status counts; /* the numbers of it; texts are filled when asked for */
	bool is_disabled;
	int slow_in_a_row;
	bool breaker_is_open, breaker_was_told_open;
	int64_t breaker_until_us; /* when the next batch is tried */
};

/* Tasks to classes, module, options, open() unless it is disabled. Every fault is added; the area is to be
 * ended in any case. */
void area_init(struct area *, uint16_t index, const struct area_def *, const struct group_def *groups,
	       size_t groups_len, const char *run_dir, bool is_disabled, struct faults *);
void area_done(struct area *);

/* False: not now (breaker, disabled). */
bool area_is_asked(const struct area *, int64_t now_us);

/* Zeroes the verdicts, calls the plugin once and keeps time. Verdicts are unchecked. */
void area_ask(struct area *, const struct effort_event *const *events, size_t n,
	      struct effort_verdict *verdicts, int64_t (*now_us)(void), const struct areas_limits *);

/* One event outside of counting and timing, for samples. */
void area_try(const struct area *, const struct effort_event *const *event, struct effort_verdict *verdict);

/* Checks one verdict; a fault is counted. */
enum verdict_fault area_check(struct area *, const struct effort_verdict *);

void area_status(const struct area *, struct area_status *ret);

#endif
