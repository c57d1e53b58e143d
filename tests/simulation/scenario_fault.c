/* SPDX-License-Identifier: MPL-2.0 */
/* What goes wrong in a run. Faults that last end by themselves, or with simulation_mend(). */
#include "scenario_inside.h"

#include "failure.h"

#include <errno.h>

/* What is to happen later: one of each kind. */
static struct {
	struct timer kill[SCENARIO_MACHINES], power[SCENARIO_MACHINES], disk[SCENARIO_MACHINES];
	struct timer redis_up, redis_sound, network_sound;
	struct mem_disk *old[SCENARIO_MACHINES]; /* owned: a disk of some time ago */
	size_t age;
} later;

static void on_kill(void *ctx)
{
	machine_kill(ctx, false, world_delay_us(100000));
}

static void on_power(void *ctx)
{
	machine_kill(ctx, true, world_delay_us(100000));
}

static void on_disk_sound(void *ctx)
{
	struct machine *m = ctx;

	m->disk.fails_of = 0;
	m->disk.mem->capacity = INT64_MAX / 4;
	m->host.slow_us = 0;
}

static void on_redis_up(void *ctx)
{
	(void)ctx;
	if (sim.server.is_up)
		return;
	server_restart(&sim.server, later.age);
	note("redis is back, %zu snapshots old", later.age);
}

static void on_redis_sound(void *ctx)
{
	(void)ctx;
	sim.server.refusal = REFUSE_NOTHING;
	sim.server.is_hung = false;
	network_resume();
}

static void on_network_sound(void *ctx)
{
	(void)ctx;
	network.is_silent = network.is_refused = false;
	network_resume();
}

void simulation_faults_begin(void)
{
	for (int i = 0; i < SCENARIO_MACHINES; i++) {
		later.kill[i] = (struct timer){ .run = on_kill, .ctx = &sim.machines[i] };
		later.power[i] = (struct timer){ .run = on_power, .ctx = &sim.machines[i] };
		later.disk[i] = (struct timer){ .run = on_disk_sound, .ctx = &sim.machines[i] };
		later.old[i] = NULL;
	}
	later.redis_up = (struct timer){ .run = on_redis_up };
	later.redis_sound = (struct timer){ .run = on_redis_sound };
	later.network_sound = (struct timer){ .run = on_network_sound };
}

void simulation_faults_end(void)
{
	for (int i = 0; i < SCENARIO_MACHINES; i++) {
		mem_disk_free(later.old[i]);
		later.old[i] = NULL;
	}
}

void simulation_mend(void)
{
	for (int i = 0; i < sim.scenario->machines; i++) {
		struct machine *m = &sim.machines[i];

		world_cancel(&later.kill[i]);
		world_cancel(&later.power[i]);
		world_cancel(&later.disk[i]);
		m->disk.dies_in = 0;
		on_disk_sound(m);
		m->host.wall_shift_ms = sim.latest_shift_ms;
		m->is_off = false;
		if (m->core == NULL && !world_is_set(&m->start))
			world_set(&m->start, 1000);
	}
	world_cancel(&later.redis_up);
	world_cancel(&later.redis_sound);
	world_cancel(&later.network_sound);
	on_redis_up(NULL);
	on_redis_sound(NULL);
	on_network_sound(NULL);
}

static int64_t a_while(struct chance *chance)
{
	return chance_below(chance, 3) == 0 ? chance_below(chance, 8000000) : chance_below(chance, 300000);
}

/* The machine dies as soon as it has done a little, in all the ways it can, and comes back at once. */
static void storm(struct machine *m, struct chance *chance)
{
	size_t i = (size_t)(m - sim.machines);

	for (uint32_t n = 4 + chance_below(chance, 30); n > 0; n--) {
		int64_t in_us = chance_below(chance, 3) == 0 ? chance_below(chance, 200000) : chance_below(chance, 15000);

		simulation_send(m, chance, chance_below(chance, 6));
		if (chance_below(chance, 2) == 0) {
			m->disk.dies_in = 1 + chance_below(chance, 50);
			m->dies_by_power = chance_below(chance, 2) == 0;
		} else {
			world_set(chance_below(chance, 2) == 0 ? &later.kill[i] : &later.power[i], in_us);
		}
		world_run(in_us + 1000);
		if (m->core == NULL && !m->is_off)
			world_set(&m->start, chance_below(chance, 2000));
		world_run(2000 + chance_below(chance, 3000));
	}
}

/* --- the disk --- */

static void disk_fails(struct machine *m, struct chance *chance)
{
	static const int errors[] = { -EIO, -ENOSPC, -EDQUOT };

	m->disk.fails_of = 1 + chance_below(chance, 6);
	m->disk.fail_error = errors[chance_below(chance, 3)];
	world_set(&later.disk[m - sim.machines], a_while(chance));
	note("%s: one disk operation of %u fails: %d", m->name, m->disk.fails_of, m->disk.fail_error);
}

static void disk_full(struct machine *m, struct chance *chance)
{
	m->disk.mem->capacity = mem_used(m->disk.mem) + chance_below(chance, 600);
	world_set(&later.disk[m - sim.machines], a_while(chance));
}

static void disk_slow(struct machine *m, struct chance *chance)
{
	m->host.slow_us = a_while(chance);
	world_set(&later.disk[m - sim.machines], a_while(chance) * 2);
}

/* --- Redis --- */

/* When another journal is gone nobody could bring back what Redis loses: then it loses nothing, but where counts may be
 * below the truth anyway. */
static bool may_lose(void)
{
	for (int i = 0; i < sim.scenario->machines; i++)
		if (sim.machines[i].has_lost_journal && !sim.machines[i].may_lack)
			return false;
	return true;
}

static void redis_dies(struct chance *chance)
{
	if (!sim.server.is_up || !may_lose())
		return;
	sim.server.is_up = sim.server.is_hung = false;
	network_reset();
	later.age = chance_below(chance, 2) == 0 ? 0 : 1 + chance_below(chance, SERVER_SNAPSHOTS - 1);
	sim.result->snapshots_back += later.age > 0;
	world_set(&later.redis_up, a_while(chance));
}

static void redis_evicts(struct chance *chance)
{
	size_t n = 1 + chance_below(chance, chance_below(chance, 3) == 0 ? 100 : 4);

	if (may_lose())
		sim.result->evicted += server_evict(&sim.server, chance, n);
}

static void redis_refuses(struct chance *chance)
{
	sim.server.refusal = (enum server_refusal)(1 + chance_below(chance, REFUSALS - 1));
	world_set(&later.redis_sound, a_while(chance));
	note("redis refuses: %d", (int)sim.server.refusal);
}

/* --- time --- */

static void set_clock(struct machine *m, struct chance *chance)
{
	m->host.wall_shift_ms = sim.latest_shift_ms - (int64_t)chance_below(chance, 3600000);
	if (chance_below(chance, 2) == 0)
		m->host.wall_shift_ms = sim.latest_shift_ms += chance_below(chance, 600000);
}

/* Everything sleeps; most of the time until shortly before a midnight. */
static void days_go_by(struct chance *chance)
{
	int64_t now_ms = world_wall_ms() + sim.latest_shift_ms;
	int32_t day = zone_day(&contact_zone, now_ms) + 1 + (int32_t)chance_below(chance, 2);

	if (chance_below(chance, 4) == 0)
		world_skip((int64_t)chance_below(chance, 40000000) * 1000);
	else
		world_skip((zone_midnight_ms(&contact_zone, day) - now_ms - chance_below(chance, 3000)) * 1000);
}

/* --- journals --- */

void simulation_keep_disks(void)
{
	for (int i = 0; i < sim.scenario->machines; i++) {
		mem_disk_free(later.old[i]);
		later.old[i] = mem_disk_copy(sim.machines[i].disk.mem);
	}
}

/* Put back or copied with everything at rest: what the older journal holds is in Redis already. */
static void old_journal(struct machine *m)
{
	struct mem_disk **old = &later.old[m - sim.machines];

	if (*old == NULL)
		return;
	m->is_off = true;
	machine_kill(m, false, 0);
	world_cancel(&m->start);
	fake_disk_replace(&m->disk, *old);
	*old = NULL;
	m->has_lost_journal = true;
	m->is_parted_dead = false;
	m->shared_name[0] = '\0';
	m->is_off = false;
	machine_start(m);
}

/* Some of what it holds is not in Redis, and all of it is durable. Both hear of Redis again at the same time. */
static void fill_journal(struct machine *m, struct chance *chance)
{
	bool is_away = chance_below(chance, 2) == 0;

	if (is_away) {
		network.is_refused = true;
		network_cut(true);
		world_set(&later.network_sound, 1000 + a_while(chance));
	}
	simulation_send(m, chance, 1 + chance_below(chance, 20));
	for (int i = 0; i < 1000 && m->core != NULL && !core_is_durable(m->core); i++)
		world_run(100);
}

/* While it runs, or (of every second seed) of one that was killed: then both start on the same journal. */
static void copy_journal(struct machine *m, struct chance *chance)
{
	struct machine *other = &sim.machines[1 - (m - sim.machines)];

	if (sim.scenario->seed % 2 == 1)
		machine_kill(m, false, world_delay_us(100000));
	else
		fill_journal(m, chance);
	other->is_parted_dead = m->is_parted_dead = m->core == NULL;
	other->is_off = true;
	machine_kill(other, false, 0);
	world_cancel(&other->start);
	fake_disk_replace(&other->disk, mem_disk_copy(m->disk.mem));
	snprintf(other->dir, sizeof(other->dir), "%s", m->dir);
	other->has_lost_journal = m->has_lost_journal = true;
	other->shared_name[0] = m->shared_name[0] = '\0';
	if (m->core != NULL)
		memcpy(m->shared_name, m->core->identity.writer, sizeof(m->shared_name));
	other->is_off = false;
	machine_start(other);
}

static void damage_segment(struct machine *m, uint64_t segment, struct chance *chance)
{
	char path[SEGMENT_PATH_MAX], dir[64];
	uint8_t *bytes;
	size_t len, at;

	snprintf(dir, sizeof(dir), "%s/journal", m->dir);
	segment_path(path, dir, segment);
	bytes = mem_disk_bytes(m->disk.mem, path, &len);
	if (len == 0)
		return;
	at = chance_below(chance, chance_below(chance, 2) == 0 && len > SEGMENT_HEAD_BYTES ? SEGMENT_HEAD_BYTES : (uint32_t)len);
	switch (chance_below(chance, 3)) {
	case 0:
		note("%s: gone", path);
		mem_disk_drop(m->disk.mem, path);
		break;
	case 1:
		note("%s: ends at %zu of %zu", path, at, len);
		mem_disk_put(m->disk.mem, path, bytes, at);
		break;
	default:
		note("%s: other bits at %zu of %zu", path, at, len);
		bytes[at] ^= (uint8_t)(1 + chance_below(chance, 255));
	}
}

/* More often than not its last segment. */
static void damage_one(struct machine *m, struct chance *chance)
{
	uint64_t *segments = NULL;
	char dir[64];
	size_t n = 0;

	snprintf(dir, sizeof(dir), "%s/journal", m->dir);
	if (segment_list(&m->disk.mem->table, dir, &segments, &n) == 0 && n > 0)
		damage_segment(m, segments[chance_below(chance, 2) == 0 ? n - 1 : chance_below(chance, (uint32_t)n)], chance);
	free(segments);
}

/* Of nobody who runs. Of every second run all of it is in Redis; then what it counted must stay there. Otherwise the end of it
 * may be on its way, it may be damaged in several places, and Redis may lose some: then nothing may be counted twice. */
static void damage_journal(struct machine *m, struct chance *chance)
{
	m->has_lost_journal = m->is_parted_dead = m->is_damaged = true; /* nothing more that depends on what it knew */
	m->may_lack = chance_below(chance, 2) == 0;
	if (m->may_lack) {
		simulation_send(m, chance, 1 + chance_below(chance, 20));
		world_run(chance_below(chance, 5000));
	}
	m->is_off = true;
	machine_kill(m, false, 0);
	world_cancel(&m->start);
	damage_one(m, chance);
	for (uint32_t more = m->may_lack ? chance_below(chance, 4) : 0; more > 0; more--)
		damage_one(m, chance);
	m->shared_name[0] = '\0';
	m->is_off = false;
	machine_start(m);
}

/* --- all of them --- */

static void fault_of_redis(const struct step *step, struct chance *chance)
{
	switch (step->kind) {
	case STEP_REDIS_DIES:
		redis_dies(chance);
		break;
	case STEP_REDIS_FLUSHED:
		if (may_lose())
			server_flush(&sim.server);
		sim.result->flushed++;
		break;
	case STEP_REDIS_EVICTS:
		redis_evicts(chance);
		break;
	case STEP_REDIS_FORGETS:
		server_forget_functions(&sim.server);
		break;
	case STEP_REDIS_REFUSES:
		redis_refuses(chance);
		break;
	case STEP_REDIS_HANGS:
		sim.server.is_hung = true;
		world_set(&later.redis_sound, a_while(chance));
		break;
	case STEP_CUT:
		network_cut(chance_below(chance, 4) > 0);
		break;
	case STEP_SILENCE:
		network.is_silent = true;
		world_set(&later.network_sound, a_while(chance));
		break;
	default:
		network.is_refused = true;
		network_cut(true);
		world_set(&later.network_sound, a_while(chance));
	}
}

void simulation_fault(const struct step *step, struct machine *m, struct chance *chance)
{
	size_t i = (size_t)(m - sim.machines);

	switch (step->kind) {
	case STEP_KILL:
		world_set(&later.kill[i], chance_below(chance, 50000));
		break;
	case STEP_POWER:
		world_set(&later.power[i], chance_below(chance, 50000));
		break;
	case STEP_DIE_AT:
		m->disk.dies_in = 1 + chance_below(chance, chance_below(chance, 2) == 0 ? 8 : 60);
		m->dies_by_power = chance_below(chance, 2) == 0;
		break;
	case STEP_STORM:
		storm(m, chance);
		break;
	case STEP_STOP:
		machine_stop(m, world_delay_us(100000));
		break;
	case STEP_DISK_FAILS:
		disk_fails(m, chance);
		break;
	case STEP_DISK_FULL:
		disk_full(m, chance);
		break;
	case STEP_DISK_SLOW:
		disk_slow(m, chance);
		break;
	case STEP_DAYS:
		days_go_by(chance);
		break;
	case STEP_CLOCK:
		set_clock(m, chance);
		break;
	case STEP_REBUILD:
		if (m->core != NULL)
			core_rebuild(m->core, -1, NULL, chance_below(chance, 2) == 0);
		break;
	case STEP_OLD_JOURNAL:
		simulation_rest(chance);
		old_journal(m);
		break;
	case STEP_COPY_JOURNAL:
		simulation_rest(chance);
		copy_journal(m, chance);
		break;
	case STEP_DAMAGED_JOURNAL:
		simulation_rest(chance);
		damage_journal(m, chance);
		break;
	default:
		fault_of_redis(step, chance);
	}
}
