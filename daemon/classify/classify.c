/* SPDX-License-Identifier: MPL-2.0 */
/* See classify.h. Owns the set: building it with every fault of every area reported at once, and the rounds a
 * batch goes through. In a round each pending event is offered to its next claimant, all events of one area
 * in one call; those the area says are not its own go into the next round. An event is offered to an area
 * once, so there are at most as many rounds as areas. Nothing is allocated after areas_new. */
#include "classify/classify.h"

#include "classify/area.h"
#include "classify/router.h"
#include "classify/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY AREA_MAX /* place in the tables of a round for events without a claimant left */

/* What one piece of a batch is worked on in. Index i is the event's place in the piece. */
struct work {
	uint64_t asked[AREAS_BATCH];                    /* areas that have been offered event i */
	uint16_t pending[AREAS_BATCH];                  /* events of the round */
	uint16_t sorted[AREAS_BATCH];                   /* the same by area */
	uint8_t area[AREAS_BATCH];                      /* of pending[k] */
	const struct effort_event *events[AREAS_BATCH]; /* parallel to sorted */
	struct effort_verdict verdicts[AREAS_BATCH];    /* parallel to sorted */
};

struct areas {
	const struct area_def *defs; /* borrowed */
	struct area *list;           /* owned */
	size_t len;
	struct router *router;      /* owned */
	struct class_info *classes; /* owned; texts are the areas' */
	size_t classes_len;
	struct areas_limits limits;
	uint64_t mismatches;
	struct work work;
};

/* ---- building ---- */

static void check_ids(const struct area_def *defs, size_t n, struct faults *faults)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(defs[i].id, defs[k].id) == 0)
				fault_add(faults, defs[i].place, "area ids are unique",
					  "area %s is defined twice (first in %s:%d)", defs[i].id,
					  defs[k].place.file != NULL ? defs[k].place.file : "?",
					  defs[k].place.line);
		}
		if (strcmp(defs[i].id, "unclassified") == 0 || strcmp(defs[i].id, "all") == 0)
			fault_add(faults, defs[i].place, "choose another id",
				  "area %s: the id is taken by effortd itself", defs[i].id);
	}
}

/* One table of all classes; an area's own ids are offsets from its base. */
static int join_classes(struct areas *as)
{
	size_t n = 1;

	for (size_t i = 0; i < as->len; i++)
		n += as->list[i].classes.len;
	as->classes = calloc(n, sizeof(*as->classes));
	if (as->classes == NULL)
		return -ENOMEM;
	as->classes[0] = (struct class_info){ .area = (uint16_t)as->len,
					      .label = "-",
					      .name_da = "Ikke klassificeret",
					      .name_en = "Unclassified",
					      .in_force = INT32_MAX };
	as->classes_len = 1;
	for (size_t i = 0; i < as->len; i++) {
		struct area *a = &as->list[i];
		a->class_base = (uint32_t)as->classes_len;
		memcpy(&as->classes[as->classes_len], a->classes.list, a->classes.len * sizeof(*as->classes));
		as->classes_len += a->classes.len;
	}
	return 0;
}

static void build(struct areas *as, const struct area_def *defs, size_t n, const struct group_def *groups,
		  size_t groups_len, const char *run_dir, struct faults *faults)
{
	check_ids(defs, n, faults);
	if (groups_len > AREA_GROUPS_MAX)
		fault_add(faults, groups[AREA_GROUPS_MAX].place, NULL, "more than %d groups",
			  AREA_GROUPS_MAX);
	as->router = router_new(defs, n, faults);
	for (size_t i = 0; i < n; i++, as->len++)
		area_init(&as->list[i], (uint16_t)i, &defs[i], groups, groups_len, run_dir,
			  (as->limits.disabled >> i & 1) != 0, faults);
	for (size_t i = 0; i < n && as->router != NULL; i++) {
		if (as->list[i].is_open)
			samples_run(&as->list[i], (uint16_t)i, as->router, faults);
	}
	if (join_classes(as) < 0)
		fault_add(faults, (struct place){ 0 }, NULL, "no memory for the classes of %zu areas", n);
}

struct areas *areas_new(const struct area_def *defs, size_t n, const struct group_def *groups,
			size_t groups_len, const char *run_dir, const struct areas_limits *limits,
			struct faults *faults)
{
	size_t before = faults->n + faults->more;
	struct areas *as;

	if (n > AREA_MAX) {
		fault_add(faults, defs[AREA_MAX].place, NULL, "%zu areas; there can be %d", n, AREA_MAX);
		return NULL;
	}
	as = calloc(1, sizeof(*as));
	if (as != NULL)
		as->list = calloc(n + 1, sizeof(*as->list));
	if (as == NULL || as->list == NULL) {
		free(as);
		fault_add(faults, (struct place){ 0 }, NULL, "no memory for %zu areas", n);
		return NULL;
	}
	as->defs = defs;
	as->limits = *limits;
	build(as, defs, n, groups, groups_len, run_dir, faults);
	if (faults->n + faults->more == before)
		return as;
	areas_free(as);
	return NULL;
}

void areas_free(struct areas *as)
{
	if (as == NULL)
		return;
	for (size_t i = 0; i < as->len; i++)
		area_done(&as->list[i]);
	router_free(as->router);
	free(as->list);
	free(as->classes);
	free(as);
}

/* ---- classifying ---- */

static const struct outcome unclassified = { .answer = EFFORT_COUNT };

/* Finds the next claimant of every pending event and counts them per area. */
static void route(struct areas *as, struct effort_event *const *events, size_t pending, int64_t now_us,
		  uint16_t counts[static AREA_MAX + 1])
{
	struct work *w = &as->work;
	struct claimant next;

	memset(counts, 0, (AREA_MAX + 1) * sizeof(*counts));
	for (size_t k = 0; k < pending; k++) {
		uint16_t i = w->pending[k];
		uint8_t area = NOBODY;
		events[i]->listed = EFFORT_NO_TASK;
		if (router_next(as->router, events[i], w->asked[i], &next)) {
			w->asked[i] |= UINT64_C(1) << next.area;
			events[i]->listed = next.listed;
			area = (uint8_t)next.area;
			if (!area_is_asked(&as->list[area], now_us)) {
				as->list[area].counts.skipped++;
				area = NOBODY;
			}
		}
		w->area[k] = area;
		counts[area]++;
	}
}

/* Sorts the pending events by area, in their order; start[a] is where area a begins. */
static void group(struct work *w, struct effort_event *const *events, size_t pending,
		  const uint16_t counts[static AREA_MAX + 1], uint16_t start[static AREA_MAX + 1])
{
	uint16_t next[AREA_MAX + 1], sum = 0;

	for (size_t a = 0; a <= AREA_MAX; a++) {
		start[a] = next[a] = sum;
		sum = (uint16_t)(sum + counts[a]);
	}
	for (size_t k = 0; k < pending; k++) {
		uint16_t at = next[w->area[k]]++;
		w->sorted[at] = w->pending[k];
		w->events[at] = events[w->pending[k]];
	}
}

/* What a verdict makes of the event. False: not mine. */
static bool settle(struct area *a, const struct effort_verdict *v, struct outcome *out)
{
	*out = unclassified;
	if (area_check(a, v) != VERDICT_FINE)
		return true;
	switch (v->answer) {
	case EFFORT_COUNT:
		out->class = a->class_base + v->class_id;
		return true;
	case EFFORT_IGNORE:
		a->counts.ignored++;
		out->answer = EFFORT_IGNORE;
		out->class = a->class_base + v->class_id;
		return true;
	case EFFORT_REJECT:
		a->counts.rejected++;
		out->answer = EFFORT_REJECT;
		out->reason = a->classes.reasons[v->reason - 1];
		return true;
	default:
		a->counts.not_mine++;
		return false;
	}
}

/* Asks one area about its events of the round; what it does not take is pending again. Returns the new
 * pending. */
static size_t ask(struct areas *as, struct area *a, size_t start, size_t n, struct outcome *outcomes,
		  size_t pending, int64_t (*now_us)(void))
{
	struct work *w = &as->work;

	area_ask(a, &w->events[start], n, &w->verdicts[start], now_us, &as->limits);
	for (size_t k = start; k < start + n; k++) {
		if (!settle(a, &w->verdicts[k], &outcomes[w->sorted[k]]))
			w->pending[pending++] = w->sorted[k];
	}
	return pending;
}

static void classify_piece(struct areas *as, struct effort_event *const *events, size_t n,
			   struct outcome *outcomes, int64_t (*now_us)(void))
{
	uint16_t counts[AREA_MAX + 1], start[AREA_MAX + 1];
	struct work *w = &as->work;
	size_t pending = n;

	memset(w->asked, 0, n * sizeof(*w->asked));
	for (size_t i = 0; i < n; i++) {
		w->pending[i] = (uint16_t)i;
		if (router_is_mismatch(as->router, events[i]))
			as->mismatches++;
	}
	while (pending > 0) {
		route(as, events, pending, now_us(), counts);
		group(w, events, pending, counts, start);
		pending = 0;
		for (size_t a = 0; a < as->len; a++) {
			if (counts[a] > 0)
				pending =
					ask(as, &as->list[a], start[a], counts[a], outcomes, pending, now_us);
		}
		for (size_t k = start[NOBODY]; k < (size_t)start[NOBODY] + counts[NOBODY]; k++)
			outcomes[w->sorted[k]] = unclassified;
	}
}

void areas_classify(struct areas *as, struct effort_event *const *events, size_t n,
		    struct outcome *ret_outcomes, int64_t (*now_us)(void))
{
	while (n > 0) {
		size_t piece = n < AREAS_BATCH ? n : AREAS_BATCH;
		classify_piece(as, events, piece, ret_outcomes, now_us);
		events += piece;
		ret_outcomes += piece;
		n -= piece;
	}
}

/* ---- looking ---- */

size_t areas_len(const struct areas *as)
{
	return as->len;
}

const struct area_def *areas_def(const struct areas *as, size_t area)
{
	return &as->defs[area];
}

size_t areas_classes(const struct areas *as)
{
	return as->classes_len;
}

const struct class_info *areas_class(const struct areas *as, uint32_t class)
{
	return &as->classes[class];
}

void areas_status(const struct areas *as, size_t area, struct area_status *ret)
{
	area_status(&as->list[area], ret);
}

bool areas_is_disabled(const struct areas *as, size_t area)
{
	return as->list[area].is_disabled;
}

uint64_t areas_mismatches(const struct areas *as)
{
	return as->mismatches;
}

bool areas_take_change(struct areas *as, struct plugin_change *ret)
{
	for (size_t i = 0; i < as->len; i++) {
		struct area *a = &as->list[i];
		if (a->breaker_is_open == a->breaker_was_told_open)
			continue;
		a->breaker_was_told_open = a->breaker_is_open;
		*ret = (struct plugin_change){ i, a->breaker_is_open, !a->breaker_is_open };
		return true;
	}
	return false;
}
