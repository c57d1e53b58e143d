/* SPDX-License-Identifier: MPL-2.0 */
/* What the parts of a run share: the world at hand. */
#ifndef SIMULATION_SCENARIO_INSIDE_H
#define SIMULATION_SCENARIO_INSIDE_H

#include "network.h"
#include "scenario.h"
#include "truth.h"

struct simulation {
	const struct scenario *scenario;
	struct scenario_result *result;
	struct server server;
	struct machine machines[SCENARIO_MACHINES];
	struct sent *contacts; /* owned */
	size_t contacts_len, contacts_cap;
	size_t oldest; /* all before it are acknowledged */
	size_t deaths_left; /* of Redis, which may come back with an older state; without any, none need be kept */
	struct timer pump;
	int64_t latest_shift_ms; /* the furthest a wall clock has been ahead */
};

extern struct simulation sim;

/* Makes contacts and sends what it can. */
void simulation_send(struct machine *, struct chance *, size_t n);
/* The client of a machine sends what is held, unless it is not read. */
void simulation_pump(struct machine *);

/* scenario_fault.c */
void simulation_faults_begin(void);
void simulation_faults_end(void);
void simulation_fault(const struct step *, struct machine *, struct chance *);
/* Keeps the disks as they are, for journals that are put back later. */
void simulation_keep_disks(void);
/* Whatever is broken is mended; what was to happen later does not. */
void simulation_mend(void);

/* scenario_rest.c: everything comes to rest; then Redis must hold the truth. */
void simulation_rest(struct chance *);

#endif
