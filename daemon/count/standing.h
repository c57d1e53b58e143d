/* SPDX-License-Identifier: MPL-2.0 */
/* Standings: what a counted contact is counted under, resolved once when it is counted: area and task by
 * name, and how the task stood on that day (municipal, under the main target, in which groups, by which rule it enters the
 * share). A rule other than the shipped one is kept among the groups, as a word that no group can have: so it lies in
 * journal and totals with every contact, and no later configuration counts it otherwise.
 *
 * Append-only and independent of the configuration in force: counts refer to standings by number, so a reload
 * never moves what is counted. The registry owns its text. Bounded by STANDINGS_MAX; one registry a process,
 * main thread. */
#ifndef COUNT_STANDING_H
#define COUNT_STANDING_H

#include "domain/share.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STANDINGS_MAX    16384 /* fits the 14 bits a cell has for it */
#define SCOPE_AREAS_MAX  256   /* area names over the life of the process */
#define SCOPE_GROUPS_MAX 32    /* group names over the life of the process */

struct standing {
	uint16_t area;   /* number of the area's name */
	uint16_t task;   /* number of the (area, task) pair: the scope in the tasks hash */
	uint32_t groups; /* bit i: group name i */
	uint32_t shown;  /* of them: those that are scopes */
	bool is_municipal, is_target;
	uint8_t apart; /* its groups have STANDING_APART<method>: number of that group + 1; 0: none */
	const struct share_rule *rule; /* it is counted under; NULL: the shipped one. Borrowed from the registry */
};

/* A second measurement of the same thing (register and hand count) stands as a group of this name with its method
 * behind it: written wherever standings are, and kept out of the shares. */
#define STANDING_APART "method:"
bool standing_group_is_apart(const char *group);

struct standings;

struct standings *standings_new(void); /* NULL: no memory */
void standings_free(struct standings *);

/* Number of the standing with these parts, added when new. groups: bits from standings_group(). Negative
 * errno: -ENOSPC past a bound, -ENOMEM. */
int standings_intern(struct standings *, const char *area, const char *task, uint32_t groups,
		     bool is_municipal, bool is_target);
/* Bit number of a group's name, added when new; -ENOSPC. */
int standings_group(struct standings *, const char *group);

/* The method that a standing is counted apart for; NULL: it is in the shares. */
const char *standings_method(const struct standings *, const struct standing *);
/* The rule among the names of groups, read into *rule; NULL: none, the shipped one holds. */
const struct share_rule *standing_rule(const char *const *groups, size_t n, struct share_rule *rule);

const struct standing *standings_get(const struct standings *, uint32_t number);
const char *standings_area(const struct standings *, uint16_t area);
size_t standings_areas(const struct standings *);
/* "<area>/<task>" of a pair number. */
const char *standings_task(const struct standings *, uint16_t task);
size_t standings_tasks(const struct standings *);
const char *standings_group_name(const struct standings *, int group);
size_t standings_groups(const struct standings *);

#endif
