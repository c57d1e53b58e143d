/* SPDX-License-Identifier: MPL-2.0 */
/* See scenario.h: making one. */
#include "scenario.h"

#include <string.h>

const char *const step_name[STEPS] = {
	[STEP_SEND] = "send",
	[STEP_TRICKLE] = "trickle",
	[STEP_AGAIN] = "again",
	[STEP_WAIT] = "wait",
	[STEP_KILL] = "kill",
	[STEP_POWER] = "power cut",
	[STEP_DIE_AT] = "die at a disk operation",
	[STEP_STORM] = "dies again and again",
	[STEP_STOP] = "stop",
	[STEP_DISK_FAILS] = "disk fails",
	[STEP_DISK_FULL] = "disk full",
	[STEP_DISK_SLOW] = "disk slow",
	[STEP_CUT] = "connections cut",
	[STEP_SILENCE] = "network silent",
	[STEP_REFUSE_CONNECT] = "connections refused",
	[STEP_REDIS_DIES] = "redis dies",
	[STEP_REDIS_FLUSHED] = "redis flushed",
	[STEP_REDIS_EVICTS] = "redis evicts",
	[STEP_REDIS_FORGETS] = "redis forgets the functions",
	[STEP_REDIS_REFUSES] = "redis refuses",
	[STEP_REDIS_HANGS] = "redis hangs",
	[STEP_DAYS] = "days go by",
	[STEP_CLOCK] = "clock set",
	[STEP_REBUILD] = "rebuild",
	[STEP_REST] = "rest",
	[STEP_OLD_JOURNAL] = "old journal put back",
	[STEP_COPY_JOURNAL] = "journal copied",
	[STEP_DAMAGED_JOURNAL] = "journal damaged",
};

enum scenario_ending scenario_ending;

/* How often each is chosen, of all. */
static const uint8_t weight[STEPS] = {
	[STEP_SEND] = 30,	   [STEP_TRICKLE] = 16,	      [STEP_AGAIN] = 8,	       [STEP_WAIT] = 10,
	[STEP_KILL] = 22,	   [STEP_POWER] = 14,	      [STEP_DIE_AT] = 22,      [STEP_STOP] = 4,	       [STEP_STORM] = 24,
	[STEP_DISK_FAILS] = 5,	   [STEP_DISK_FULL] = 3,      [STEP_DISK_SLOW] = 3,    [STEP_CUT] = 8,
	[STEP_SILENCE] = 3,	   [STEP_REFUSE_CONNECT] = 3, [STEP_REDIS_DIES] = 6,   [STEP_REDIS_FLUSHED] = 2,
	[STEP_REDIS_EVICTS] = 5,   [STEP_REDIS_FORGETS] = 2,  [STEP_REDIS_REFUSES] = 4, [STEP_REDIS_HANGS] = 3,
	[STEP_DAYS] = 3,	   [STEP_CLOCK] = 2,	      [STEP_REBUILD] = 2,
};

static enum step_kind any_kind(struct chance *chance)
{
	uint32_t sum = 0, at;
	int kind = 0;

	for (int k = 0; k < STEPS; k++)
		sum += weight[k];
	at = chance_below(chance, sum);
	while (at >= weight[kind])
		at -= weight[kind++];
	return (enum step_kind)kind;
}

static struct machine_settings any_settings(struct chance *chance)
{
	static const size_t segments[] = { 300, 1000, 3000, 20000, 1 << 20 };
	static const int64_t intervals[] = { 1, 10, 100, 1000 };

	return (struct machine_settings){
		.segment_bytes = segments[chance_below(chance, 5)],
		.dedup_max_ids = chance_below(chance, 2) == 0 ? 20 + chance_below(chance, 100) : 100000,
		.cells = chance_below(chance, 4) == 0 ? 60 : 100000,
		.flush_interval_ms = intervals[chance_below(chance, 4)],
		.share_interval_ms = 1000,
		.probe_interval_ms = chance_below(chance, 3) == 0 ? 1000 : 200,
		.timeout_ms = chance_below(chance, 3) == 0 ? 500 : 2000,
		.commit_us = chance_below(chance, 3) == 0 ? 20000 : 600,
		.keep_us = chance_below(chance, 3) == 0 ? 50000 : 2000,
	};
}

static void add(struct scenario *scenario, struct chance *chance, enum step_kind kind)
{
	struct step *step = &scenario->steps[scenario->n];

	if (scenario->n == SCENARIO_STEPS)
		return;
	*step = (struct step){ .kind = kind,
			       .seed = chance_random(chance),
			       .machine = (uint8_t)chance_below(chance, (uint32_t)scenario->machines) };
	scenario->n++;
}

static enum step_kind any_ending(const struct scenario *scenario, struct chance *chance)
{
	if (scenario_ending == ENDING_DAMAGED)
		return STEP_DAMAGED_JOURNAL;
	if (scenario_ending == ENDING_COPIED || (scenario->machines > 1 && chance_below(chance, 2) == 0))
		return STEP_COPY_JOURNAL;
	return chance_below(chance, 2) == 0 ? STEP_OLD_JOURNAL : STEP_DAMAGED_JOURNAL;
}

/* A journal is only put back, copied or damaged where it is known what must follow: with everything at rest, and as the
 * last thing that goes wrong but kills. */
static void add_journal_fault(struct scenario *scenario, struct chance *chance)
{
	add(scenario, chance, any_ending(scenario, chance));
	for (uint32_t i = 0, n = 4 + chance_below(chance, 8); i < n; i++) {
		static const enum step_kind kinds[] = { STEP_SEND,  STEP_TRICKLE, STEP_WAIT,	     STEP_KILL,
							 STEP_STORM, STEP_CUT,	   STEP_REDIS_FLUSHED };

		add(scenario, chance, kinds[chance_below(chance, 7)]);
	}
	add(scenario, chance, STEP_REST);
}

void scenario_make(struct scenario *scenario, uint64_t seed, size_t steps)
{
	struct chance chance = { seed };
	size_t phase = 8 + chance_below(&chance, 24);

	memset(scenario, 0, sizeof(*scenario));
	scenario->seed = seed;
	scenario->machines = chance_below(&chance, 3) == 0 || scenario_ending == ENDING_COPIED ? 2 : 1;
	for (int i = 0; i < SCENARIO_MACHINES; i++)
		scenario->settings[i] = any_settings(&chance);
	scenario->network_us = chance_below(&chance, 3) == 0 ? 2000 : 100;
	scenario->snapshot_every = 1 + chance_below(&chance, 40);
	/* Some day of 2026 and 2027, at times just before midnight. */
	scenario->wall_ms = INT64_C(1795305600000) + (int64_t)chance_below(&chance, 400) * DAY_MS +
			    (chance_below(&chance, 4) == 0 ? 23 * INT64_C(3600000) - 60000
							   : chance_below(&chance, 86400) * INT64_C(1000));
	if (steps == 0)
		steps = 20 + chance_below(&chance, 30);
	if (steps > SCENARIO_STEPS - 32)
		steps = SCENARIO_STEPS - 32;
	while (scenario->n < steps) {
		add(scenario, &chance, any_kind(&chance));
		if (scenario->n % phase == phase - 1)
			add(scenario, &chance, STEP_REST);
	}
	add(scenario, &chance, STEP_REST);
	if ((chance_below(&chance, 4) == 0 && scenario_ending == ENDING_ANY) || scenario_ending > ENDING_PLAIN)
		add_journal_fault(scenario, &chance);
}
