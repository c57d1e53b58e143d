/* SPDX-License-Identifier: MPL-2.0 */
/* Coming to rest: everything is sound, clients get all their acknowledgements, everything is in Redis; then every
 * hash in Redis is compared with the truth. */
#include "scenario_inside.h"

#include "failure.h"

#include <inttypes.h>
#include <stdio.h>

#define REST_US	   INT64_C(400000000)
#define STEP_US	   250000
#define QUIET_US   INT64_C(6000000)
#define PATIENCE_US INT64_C(30000000)

static size_t not_acknowledged(void)
{
	size_t n = 0;

	for (size_t i = sim.oldest; i < sim.contacts_len; i++)
		n += sim.contacts[i].state != CONTACT_ACKED && sim.contacts[i].state != CONTACT_LOST;
	return n;
}

static bool is_at_rest(void)
{
	for (int i = 0; i < sim.scenario->machines; i++)
		if (!machine_is_at_rest(&sim.machines[i]))
			return false;
	return not_acknowledged() == 0 && network_ghosts() == 0;
}

static void tell_unrest(void)
{
	char text[512];
	size_t n = 0;

	for (int i = 0; i < sim.scenario->machines; i++) {
		struct machine *m = &sim.machines[i];
		struct store_status status = { .state = "" };

		if (m->core != NULL)
			store_status(m->core->store, &status);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "; %s: %s", m->name,
				      m->core == NULL ? "not running" : "");
		if (m->core != NULL)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "paused \"%s\", durable %d, waits %d, frozen %d, gaps %zu, exact %d, adding up %d, foreign %d, redis %s %.60s",
					      core_paused(m->core), core_is_durable(m->core),
					      ledger_waits(&m->core->ledger), ledger_is_frozen(&m->core->ledger),
					      repair_len(&m->core->repair), keep_is_exact(&m->core->keep),
					      m->core->repair.is_working, m->core->is_foreign, status.state,
					      status.error);
	}
	failure("does not come to rest: %zu contacts not acknowledged%s", not_acknowledged(), text);
}

static void wait_for_rest(void)
{
	int64_t until_us = world_us() + REST_US;
	int quiet = 0;

	while (quiet < 4) {
		if (world_us() > until_us)
			tell_unrest();
		world_run(STEP_US);
		quiet = is_at_rest() ? quiet + 1 : 0;
	}
}

/* Whether it may be one contact with others: incoming, of citizens or businesses. */
static bool is_record(const struct sent *sent)
{
	return sent->errand != 0 && !sent->cell.is_ignored && sent->cell.direction == EFFORT_IN &&
	       sent->cell.population <= EFFORT_BUSINESS;
}

static void add_errand(struct truth *truth, size_t first, bool is_bounds)
{
	struct sent *records[TRUTH_RECORDS];
	size_t n = 0;

	for (size_t i = first; i < sim.contacts_len; i++)
		if (sim.contacts[i].errand == first + 1 && is_record(&sim.contacts[i]))
			records[n++] = &sim.contacts[i];
	truth_add_errand(truth, records, n, MACHINE_ERRAND_MS, is_bounds);
}

static void add_meter(struct truth *truth, size_t first, bool is_bounds)
{
	struct sent *readings[TRUTH_RECORDS];
	size_t n = 0;

	for (size_t i = first; i < sim.contacts_len; i++)
		if (sim.contacts[i].meter == first + 1)
			readings[n++] = &sim.contacts[i];
	truth_add_meter(truth, readings, n, is_bounds);
}

/* A record, a reading: what it counts depends on others. */
static bool is_by_itself(const struct sent *sent)
{
	return !is_record(sent) && sent->meter == 0;
}

/* is_bounds: what was ever sent, whatever was taken back of it. */
static void make_truth(struct truth *truth, bool is_bounds)
{
	truth_init(truth);
	for (size_t i = 0; i < sim.contacts_len; i++) {
		const struct sent *sent = &sim.contacts[i];

		if (sent->errand == i + 1)
			add_errand(truth, i, is_bounds);
		if (sent->meter == i + 1)
			add_meter(truth, i, is_bounds);
		if (sent->corrects == 0 && is_by_itself(sent))
			truth_add(truth, sent);
		else if (sent->corrects != 0 && is_by_itself(&sim.contacts[sent->corrects - 1]) &&
			 sent->state == CONTACT_ACKED && !is_bounds)
			truth_take(truth, &sim.contacts[sent->corrects - 1], sent);
	}
}

static int64_t wall_ms(void)
{
	return world_wall_ms() + sim.latest_shift_ms;
}

static bool may_lack(void)
{
	for (int i = 0; i < sim.scenario->machines; i++)
		if (sim.machines[i].may_lack || (sim.machines[i].core != NULL && sim.machines[i].core->is_short))
			return true;
	return false;
}

static bool holds(const struct truth *truth, char why[TRUTH_WHY])
{
	if (may_lack())
		return truth_bounds(truth, &sim.server.keys, why);
	return truth_holds(truth, &sim.server.keys, wall_ms(), why);
}

void simulation_rest(struct chance *chance)
{
	bool is_audited = chance_below(chance, 2) == 0;
	int64_t until_us;
	struct truth truth;
	char why[TRUTH_WHY];

	simulation_mend();
	wait_for_rest();
	for (int i = 0; i < sim.scenario->machines; i++)
		if (is_audited && sim.machines[i].core != NULL)
			store_audit(sim.machines[i].core->store);
	world_run(QUIET_US);
	wait_for_rest();
	make_truth(&truth, may_lack());
	until_us = world_us() + PATIENCE_US;
	while (!holds(&truth, why)) {
		if (world_us() > until_us)
			failure("at rest%s: %s", is_audited ? " after an audit" : "", why);
		world_run(1000000);
	}
	if (!truth_is_consistent(&sim.server.keys, why))
		failure("%s", why);
	truth_done(&truth);
	if (chance_below(chance, 3) == 0)
		simulation_keep_disks();
	sim.result->rests++;
}
