/* SPDX-License-Identifier: MPL-2.0 */
/* See scenario.h: running one. What the steps do is here and in scenario_fault.c, what is compared at rest in
 * scenario_rest.c. */
#include "scenario_inside.h"

#include "failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct simulation sim;

/* --- contacts --- */

static void ack(struct sent *sent)
{
	sent->state = CONTACT_ACKED;
	note("contact %u acknowledged", sent->number);
}

static void on_durable(struct machine *m, uint64_t block)
{
	for (size_t i = sim.oldest; i < sim.contacts_len; i++) {
		struct sent *sent = &sim.contacts[i];

		if (sent->state == CONTACT_WAITING && sent->machine == m - sim.machines && sent->block <= block)
			ack(sent);
	}
	while (sim.oldest < sim.contacts_len && sim.contacts[sim.oldest].state >= CONTACT_ACKED)
		sim.oldest++;
}

/* What was not acknowledged has to be sent again. */
static void on_ended(struct machine *m)
{
	for (size_t i = sim.oldest; i < sim.contacts_len; i++)
		if (sim.contacts[i].state == CONTACT_WAITING && sim.contacts[i].machine == m - sim.machines)
			sim.contacts[i].state = CONTACT_HELD;
}

static bool is_name_taken(struct machine *m)
{
	const struct object *object;
	const struct text *run;
	char key[64];
	int n;

	n = snprintf(key, sizeof(key), "effort:_claim:%s", m->core->identity.writer);
	object = keys_get(&sim.server.keys, key, (size_t)n);
	run = object == NULL ? NULL : object_get(object, "run", 3);
	return run != NULL && identity_find_run(&m->core->identity, strtoull(run->bytes, NULL, 10)) == SIZE_MAX;
}

static void offer(struct machine *m, struct sent *sent)
{
	uint64_t block;
	int answer = machine_offer(m, sent, false, &block);

	sent->is_offered = true;
	if (answer == CORE_CANNOT)
		return;
	if (sent->corrects != 0 && answer == CORE_NOT_KNOWN && m->has_lost_journal) {
		sent->state = CONTACT_LOST;
		return;
	}
	if (answer != CORE_ACCEPTED && answer != CORE_DUPLICATE)
		failure("%s: contact %u is answered %d", m->name, sent->number, answer);
	note("%s: contact %u (%s, day %d, %lld of channel %u, errand %u, meter %u shows %lld, corrects %u, %s/%s) %s, block %llu", m->name,
	     sent->number, contact_view.codes[sent->cell.municipality], sent->cell.day, (long long)sent->count,
	     sent->cell.channel, sent->errand, sent->meter, (long long)sent->reading, sent->corrects, contact_standings[sent->cell.standing].area, contact_standings[sent->cell.standing].task,
	     answer == CORE_ACCEPTED ? "accepted" : "known", (unsigned long long)block);
	sent->block = block;
	if (block <= machine_durable(m))
		ack(sent);
	else
		sent->state = CONTACT_WAITING;
}

void simulation_pump(struct machine *m)
{
	size_t n = 0;

	if (m->core == NULL || machine_is_paused(m))
		return;
	for (size_t i = sim.oldest; i < sim.contacts_len && n < 50; i++) {
		struct sent *sent = &sim.contacts[i];

		if (sent->state != CONTACT_HELD || sent->machine != m - sim.machines)
			continue;
		offer(m, sent);
		n++;
	}
	if (n > 0)
		machine_turn(m);
}

static void on_pump(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < sim.scenario->machines; i++)
		simulation_pump(&sim.machines[i]);
	world_set(&sim.pump, 5000 + world_below(20000));
}

/* One of the same client that is acknowledged and has something left; NULL: none was met. Where a journal is lost
 * what it knew of contacts is lost too. */
static struct sent *to_correct(const struct machine *m, struct chance *chance)
{
	struct sent *sent;

	if (sim.contacts_len == 0 || chance_below(chance, 5) != 0)
		return NULL;
	sent = &sim.contacts[chance_below(chance, (uint32_t)sim.contacts_len)];
	/* Two that are on their way at once may change places when they are sent again. */
	for (size_t i = sim.oldest; i < sim.contacts_len; i++)
		if (sim.contacts[i].corrects == sent->number + 1 && sim.contacts[i].state != CONTACT_ACKED)
			return NULL;
	return sent->state == CONTACT_ACKED && sent->corrects == 0 && sent->left > 0 &&
			       sent->machine == m - sim.machines && !m->has_lost_journal
		       ? sent
		       : NULL;
}

/* One contact in four is a record of an errand, most of these of one that has begun: on the same machine, not long ago, so
 * that it is not forgotten. Dice of its own, so that contacts are what they are without errands. */
static void join(const struct machine *m, struct sent *sent)
{
	struct chance chance = { sim.scenario->seed ^ (sent->number + UINT64_C(1)) << 32 };

	if (m->has_lost_journal || chance_below(&chance, 4) != 0)
		return;
	for (int i = 0; i < 4; i++) {
		struct sent *of = &sim.contacts[sent->number - chance_below(&chance, sent->number < 60 ? sent->number + 1 : 60)];

		if (of->errand == of->number + 1 && of->machine == m - sim.machines && of->members < TRUTH_RECORDS &&
		    world_wall_ms() - of->made_ms < MACHINE_ERRAND_MS / 4) {
			contact_join(sent, of);
			sim.result->merged++;
			return;
		}
	}
	contact_join(sent, sent);
}

/* No two readings of a meter of the same moment: the contract does not say which is the later one. */
static int64_t moment_of(const struct sent *sent)
{
	int64_t time_ms = sent->time_ms;

	for (size_t i = 0; i < sim.contacts_len; i++)
		if (sim.contacts[i].meter == sent->meter && sim.contacts[i].time_ms == time_ms) {
			time_ms--;
			i = SIZE_MAX;
		}
	return time_ms;
}

/* One contact in eight is none, but a reading of a meter, most of these of one that has begun. Dice of its own. */
static bool read_meter(const struct machine *m, struct sent *sent)
{
	struct chance chance = { ~sim.scenario->seed ^ (sent->number + UINT64_C(1)) << 32 };
	struct sent *of = sent;

	if (m->has_lost_journal || chance_below(&chance, 8) != 0)
		return false;
	for (int i = 0; i < 8 && of == sent; i++) {
		of = &sim.contacts[sent->number - chance_below(&chance, sent->number < 100 ? sent->number + 1 : 100)];
		if (of->meter != of->number + 1 || of->machine != m - sim.machines || of->members == TRUTH_RECORDS)
			of = sent;
	}
	contact_read(sent, of, &chance);
	contact_read_at(sent, moment_of(sent));
	sim.result->readings++;
	return true;
}

void simulation_send(struct machine *m, struct chance *chance, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sent *sent, *of;

		if (sim.contacts_len == sim.contacts_cap) {
			sim.contacts_cap = sim.contacts_cap * 2 + 256;
			sim.contacts = realloc(sim.contacts, sim.contacts_cap * sizeof(*sim.contacts));
			if (sim.contacts == NULL)
				abort();
		}
		sent = &sim.contacts[sim.contacts_len];
		of = to_correct(m, chance);
		if (of != NULL)
			contact_correct(sent, of, chance, (uint32_t)sim.contacts_len, world_wall_ms());
		else
			contact_make(sent, chance, (uint32_t)sim.contacts_len, world_wall_ms());
		sent->made_ms = world_wall_ms();
		sent->machine = (uint8_t)(m - sim.machines);
		if (of == NULL && !read_meter(m, sent))
			join(m, sent);
		sim.contacts_len++;
	}
	simulation_pump(m);
}

/* Acknowledged contacts again: each must be known, however long ago; with other content it is a conflict. */
static void send_again(struct machine *m, struct chance *chance)
{
	for (int i = 0; i < 20 && sim.contacts_len > 0 && m->core != NULL && !m->has_lost_journal; i++) {
		const struct sent *sent = &sim.contacts[chance_below(chance, (uint32_t)sim.contacts_len)];
		bool is_other = chance_below(chance, 4) == 0;
		uint64_t block;
		int answer;

		if (sent->state != CONTACT_ACKED || sent->machine != m - sim.machines)
			continue;
		answer = machine_offer(m, sent, is_other, &block);
		if (answer != (is_other ? CORE_CONFLICT : CORE_DUPLICATE) && answer != CORE_CANNOT)
			failure("%s: contact %u, acknowledged before, is sent again%s and answered %d", m->name,
				sent->number, is_other ? " with other content" : "", answer);
		machine_turn(m);
	}
}

/* --- Redis --- */

static bool is_tick(const struct arg *function)
{
	static const char name[] = "effort_tick_"; /* and the version */

	return function->len >= sizeof(name) - 1 && memcmp(function->bytes, name, sizeof(name) - 1) == 0;
}

static void tell_command(const struct arg *argv, size_t argc)
{
	char text[640];
	int n = 0;

	if (!fake_log_is_on || argc < 4 || !arg_is(&argv[0], "FCALL") || is_tick(&argv[1]))
		return;
	for (size_t i = 3; i < argc && n < 100; i++)
		if (argv[i].len > 3 && memcmp(argv[i].bytes, "_w:", 3) == 0)
			for (size_t k = i; k < argc && k < i + 24; k++)
				n += snprintf(text + n, sizeof(text) - (size_t)n, " %.*s", (int)argv[k].len > 20 ? 20 : (int)argv[k].len,
					      argv[k].bytes);
	text[n] = '\0';
	note("redis: %.*s %.*s%s", (int)argv[1].len, argv[1].bytes, (int)argv[3].len, argv[3].bytes, text);
}

/* A running copy, of several writers: one whose clock is behind may change the hash and not the copy. The copy is put
 * right with the next probe, so it is looked at when everything is at rest. */
static bool is_shared_copy(const struct arg *key)
{
	size_t colons = 0;

	for (size_t i = 0; i < key->len; i++)
		colons += key->bytes[i] == ':';
	return sim.scenario->machines > 1 && colons < 4;
}

/* Around every command Redis runs: snapshots, and that nothing impossible is to be seen. */
static void on_command(void *ctx, bool is_done, const struct arg *argv, size_t argc)
{
	char why[TRUTH_WHY];
	const struct arg *key;

	(void)ctx;
	if (!is_done) {
		if (world_chance(1, sim.scenario->snapshot_every) && sim.deaths_left > 0)
			server_save(&sim.server);
		return;
	}
	tell_command(argv, argc);
	if (argc < 4 || !arg_is(&argv[0], "FCALL"))
		return;
	/* One of its keys, most of the time none. */
	if (!world_chance(1, 3))
		return;
	key = &argv[3 + world_below((uint32_t)(argc - 3 < 24 ? argc - 3 : 24))];
	if (is_shared_copy(key))
		return;
	if (!truth_key_is_consistent(&sim.server.keys, key->bytes, key->len, why))
		failure("%s", why);
}

/* --- a run --- */

static void begin(const struct scenario *scenario)
{
	memset(&sim, 0, sizeof(sim));
	sim.scenario = scenario;
	world_begin(scenario->seed, scenario->wall_ms);
	server_init(&sim.server);
	network_begin(&sim.server);
	network.usual_us = scenario->network_us;
	network.on_command = on_command;
	for (int i = 0; i < scenario->machines; i++) {
		machine_init(&sim.machines[i], i, &scenario->settings[i]);
		sim.machines[i].on_durable = on_durable;
		sim.machines[i].on_ended = on_ended;
		sim.machines[i].is_name_taken = is_name_taken;
		machine_start(&sim.machines[i]);
	}
	sim.pump = (struct timer){ .run = on_pump };
	world_set(&sim.pump, 1000);
	simulation_faults_begin();
}

static void finish(struct scenario_result *ret)
{
	for (int i = 0; i < sim.scenario->machines; i++) {
		struct machine *m = &sim.machines[i];

		ret->kills += m->kills;
		ret->power_cuts += m->power_cuts;
		ret->starts += m->starts;
		ret->duplicates += m->duplicates;
		machine_done(m);
	}
	ret->contacts += sim.contacts_len;
	ret->commands += sim.server.commands;
	ret->cuts += network.cuts;
	ret->ghosts += network.ghosts;
	network_end();
	simulation_faults_end();
	server_done(&sim.server);
	free(sim.contacts);
	world_end();
}

static void run_step(const struct step *step)
{
	struct chance chance = { step->seed };
	struct machine *m = &sim.machines[step->machine];

	switch (step->kind) {
	case STEP_SEND:
		simulation_send(m, &chance, 1 + chance_below(&chance, chance_below(&chance, 6) == 0 ? 150 : 20));
		break;
	case STEP_TRICKLE:
		for (uint32_t i = 0, n = 1 + chance_below(&chance, 30); i < n; i++) {
			simulation_send(m, &chance, 1);
			world_run(chance_below(&chance, 20000));
		}
		break;
	case STEP_AGAIN:
		send_again(m, &chance);
		break;
	case STEP_WAIT:
		world_run((int64_t)chance_below(&chance, 4000000));
		break;
	case STEP_REST:
		simulation_rest(&chance);
		break;
	default:
		simulation_fault(step, m, &chance);
	}
	/* Mostly at once, at times a little later. */
	world_run(chance_below(&chance, 2) == 0 ? chance_below(&chance, 3000) : chance_below(&chance, 300000));
}

void scenario_run(const struct scenario *scenario, struct scenario_result *ret)
{
	begin(scenario);
	sim.result = ret;
	for (size_t i = 0; i < scenario->n; i++)
		sim.deaths_left += scenario->steps[i].kind == STEP_REDIS_DIES && !scenario->steps[i].is_off;
	for (size_t i = 0; i < scenario->n; i++) {
		if (scenario->steps[i].is_off)
			continue;
		note("--- step %zu: %s, machine %d", i, step_name[scenario->steps[i].kind],
		     scenario->steps[i].machine);
		sim.deaths_left -= scenario->steps[i].kind == STEP_REDIS_DIES;
		run_step(&scenario->steps[i]);
	}
	finish(ret);
}
