/* SPDX-License-Identifier: MPL-2.0 */
/* What happens in one run, decided by its seed before it begins: how many machines and how they are set, and a
 * list of steps, each with a seed of its own, so that leaving one out does not change the others. A run is phases:
 * some steps, then everything is made sound and comes to rest, and Redis is compared with the truth. */
#ifndef SIMULATION_SCENARIO_H
#define SIMULATION_SCENARIO_H

#include "machine.h"

enum step_kind {
	STEP_SEND,	/* a burst */
	STEP_TRICKLE,	/* one by one */
	STEP_AGAIN,	/* acknowledged ones again, and some with other content */
	STEP_WAIT,
	STEP_KILL,
	STEP_POWER,
	STEP_DIE_AT,	/* at a disk operation */
	STEP_STORM,	/* dies again and again, with a few contacts between */
	STEP_STOP,
	STEP_DISK_FAILS,
	STEP_DISK_FULL,
	STEP_DISK_SLOW,
	STEP_CUT,
	STEP_SILENCE,
	STEP_REFUSE_CONNECT,
	STEP_REDIS_DIES,
	STEP_REDIS_FLUSHED,
	STEP_REDIS_EVICTS,
	STEP_REDIS_FORGETS,
	STEP_REDIS_REFUSES,
	STEP_REDIS_HANGS,
	STEP_DAYS,	/* time goes by while everything sleeps */
	STEP_CLOCK,	/* one machine's wall clock is set */
	STEP_REBUILD,
	STEP_REST,	/* everything sound: compare */
	STEP_OLD_JOURNAL, /* the machine goes on with its disk of some time ago */
	STEP_COPY_JOURNAL, /* the other machine gets a copy of this one's disk */
	STEP_DAMAGED_JOURNAL, /* something of a segment is not what was written */
	STEPS
};

extern const char *const step_name[STEPS];

struct step {
	enum step_kind kind;
	uint64_t seed;
	uint8_t machine;
	bool is_off; /* left out while shrinking */
};

#define SCENARIO_STEPS	  256
#define SCENARIO_MACHINES 2

struct scenario {
	uint64_t seed;
	int machines;
	struct machine_settings settings[SCENARIO_MACHINES];
	int64_t wall_ms, network_us;
	uint32_t snapshot_every; /* commands */
	struct step steps[SCENARIO_STEPS];
	size_t n;
};

/* What becomes of journals at the end of a run. */
extern enum scenario_ending {
	ENDING_ANY,	/* of one in four something: put back, copied or damaged */
	ENDING_PLAIN,	/* nothing */
	ENDING_COPIED,	/* of two machines one's is copied */
	ENDING_DAMAGED,
} scenario_ending;

/* steps: about so many; 0: as usual. */
void scenario_make(struct scenario *, uint64_t seed, size_t steps);

struct scenario_result {
	uint64_t kills, power_cuts, starts, contacts, merged, duplicates, commands, readings, snapshots_back, flushed, evicted,
		disk_failures, cuts, ghosts, rests, gaps;
};

/* Ends the process through failure() when something is wrong. */
void scenario_run(const struct scenario *, struct scenario_result *ret);

#endif
