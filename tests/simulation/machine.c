/* SPDX-License-Identifier: MPL-2.0 */
/* See machine.h. */
#include "machine.h"

#include "failure.h"
#include "network.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_US	       200000
#define HOURS_MS       INT64_C(3600000)
#define START_AGAIN_US 500000

static void on_tick(void *ctx);
static void on_start(void *ctx);

/* Whatever has just run may have been the machine's last. */
static void after(struct host *host)
{
	struct machine *m = host->ctx;

	if (m->disk.has_died && m->core != NULL)
		machine_kill(m, m->dies_by_power, world_delay_us(START_AGAIN_US));
}

void machine_init(struct machine *m, int number, const struct machine_settings *settings)
{
	*m = (struct machine){ .settings = *settings };
	snprintf(m->name, sizeof(m->name), "m%d", number);
	snprintf(m->dir, sizeof(m->dir), "/m%d", number);
	m->host = (struct host){ .name = m->name, .after = after, .ctx = m };
	fake_disk_init(&m->disk);
	m->disk.chance = world_random();
	m->tick = (struct timer){ .run = on_tick, .ctx = m };
	m->start = (struct timer){ .run = on_start, .ctx = m };
}

void machine_done(struct machine *m)
{
	m->is_off = true;
	machine_kill(m, false, 0);
	world_cancel(&m->start);
	fake_disk_done(&m->disk);
}

/* --- starting --- */

static void on_durable(void *ctx, uint64_t block)
{
	struct machine *m = ctx;

	if (!m->host.is_dead)
		m->on_durable(m, block);
}

static void on_nothing(void *ctx)
{
	(void)ctx;
}

static int make_numbers(struct machine *m)
{
	struct ledger *ledger = &m->core->ledger;

	for (int i = 0; i < CONTACT_MUNICIPALITIES; i++) {
		int number = ledger_municipality(ledger, contact_view.codes[i]);

		if (number < 0)
			return number;
		m->municipality[i] = (uint16_t)number;
	}
	for (int i = 0; i < CONTACT_STANDINGS; i++) {
		const struct contact_standing *s = &contact_standings[i];
		uint32_t groups = s->group == NULL
					  ? 0
					  : UINT32_C(1) << standings_group(ledger->standings, s->group);
		char rule[SHARE_RULE_WORD];
		int number;

		share_rule_print(&contact_rule, rule);
		if (s->has_rule)
			groups |= UINT32_C(1) << standings_group(ledger->standings, rule);
		number = standings_intern(ledger->standings, s->area, s->task, groups, s->is_municipal, s->is_target);
		if (number < 0)
			return number;
		m->standing[i] = (uint16_t)number;
	}
	m->view = contact_view;
	for (size_t i = 0; i < ledger->codes_len; i++)
		m->codes[i] = ledger->codes[i];
	m->view.codes = m->codes;
	m->view.municipalities_len = ledger->codes_len;
	return 0;
}

static struct core_settings core_settings_of(struct machine *m)
{
	const struct machine_settings *s = &m->settings;

	return (struct core_settings){
		.base = m->base,
		.state_dir = m->dir,
		.disk = &m->disk.table,
		.commits = m->commits.worker,
		.keeper = m->keeper.worker,
		.segment_bytes = s->segment_bytes,
		.names_per_key = 256,
		.names_max = 4096,
		.limits = { .late_ms = 100 * 24 * HOURS_MS,
			    .dedup_ms = 100 * 24 * HOURS_MS,
			    .keep_day_ms = CORE_NEVER,
			    .keep_week_ms = CORE_NEVER,
			    .journal_quota = 64 << 20,
			    .dedup_max_ids = s->dedup_max_ids,
			    .errand_window_ms = MACHINE_ERRAND_MS,
			    .errand_max = 100000,
			    .cells = s->cells,
			    .flush_interval_ms = s->flush_interval_ms,
			    .share_interval_ms = s->share_interval_ms,
			    .probe_interval_ms = s->probe_interval_ms },
	};
}

static uint16_t standing_on(void *ctx, uint16_t standing, int32_t day)
{
	const struct machine *m = ctx;
	struct cell cell = { .day = day };

	while (m->standing[cell.standing] != standing)
		cell.standing++;
	contact_stand(&cell);
	return m->standing[cell.standing];
}

static uint16_t ruled_on(void *ctx, uint16_t standing, int32_t day, int32_t *ret_until)
{
	*ret_until = (day / CONTACT_DEFINITION_DAYS + 1) * CONTACT_DEFINITION_DAYS;
	return standing_on(ctx, standing, day);
}

static int open_core(struct machine *m, struct error *error)
{
	const struct core_settings settings = core_settings_of(m);
	const struct core_owner owner = { m, on_durable, on_nothing, on_nothing, standing_on, ruled_on };
	const struct store_settings store = { .url = "unix:///simulated",
					      .prefix = "effort:",
					      .timeout_ms = m->settings.timeout_ms,
					      .version = "0.1.0",
					      .names_per_key = 256 };
	int r = core_load(m->core, &settings, clock_now_ms(), error);

	if (r == 0)
		r = make_numbers(m);
	return r < 0 ? r : core_open(m->core, &owner, &store, &m->view, clock_now_ms(), error);
}

/* Everything in memory goes. The disk is dead meanwhile: nothing that closing does reaches it. */
static void drop_core(struct machine *m)
{
	m->host.is_dead = true;
	m->disk.is_dead = true;
	fake_worker_kill(&m->commits);
	fake_worker_kill(&m->keeper);
	core_close(m->core);
	free(m->core);
	m->core = NULL;
	world_cancel(&m->tick);
	if (fake_base_events(m->base) != 0)
		failure("%s: core_close left %zu events", m->name, fake_base_events(m->base));
	fake_base_free(m->base);
	m->base = NULL;
	if (fake_disk_has_open(&m->disk))
		failure("%s: core_close left a descriptor open", m->name);
}

static bool is_sound(const struct machine *m)
{
	return m->disk.failures == 0 && !m->disk.has_died && m->disk.mem->capacity > INT64_MAX / 8;
}

void machine_start(struct machine *m)
{
	struct error error = { "" };
	int r;

	if (m->core != NULL || m->is_off)
		return;
	m->disk.is_dead = m->disk.has_died = false;
	m->disk.failures = 0;
	m->host.is_dead = false;
	m->base = fake_base_new(&m->host);
	fake_worker_init(&m->commits, &m->host, m->settings.commit_us);
	fake_worker_init(&m->keeper, &m->host, m->settings.keep_us);
	m->core = calloc(1, sizeof(*m->core));
	if (m->core == NULL)
		abort();
	host_enter(&m->host);
	r = open_core(m, &error);
	host_enter(NULL);
	m->starts++;
	note("%s starts: %s, position %llu, batch %llu, found %llu, cut %llu, segments %llu", m->name,
	     r < 0 ? error.text : "fine", (unsigned long long)m->core->position,
	     (unsigned long long)m->core->batch, (unsigned long long)m->core->found.journal.position,
	     (unsigned long long)m->core->found.journal.cut, (unsigned long long)m->core->found.journal.segments);
	for (size_t i = 0; i < m->core->identity.runs_len && fake_log_is_on; i++)
		note("   run %llu .. %llu", (unsigned long long)m->core->identity.runs[i].first,
		     (unsigned long long)m->core->identity.runs[i].last);
	if (m->has_lost_journal && m->shared_name[0] == '\0')
		snprintf(m->shared_name, sizeof(m->shared_name), "%s", m->core->identity.writer);
	if (r == 0 && !m->disk.has_died) {
		world_set(&m->tick, world_below(TICK_US));
		return;
	}
	if (is_sound(m))
		failure("%s: does not start on a sound disk: %s", m->name, error.text);
	m->failed_starts++;
	machine_kill(m, m->disk.has_died && m->dies_by_power, world_delay_us(START_AGAIN_US));
}

static void on_start(void *ctx)
{
	machine_start(ctx);
}

/* --- ending --- */

static void start_later(struct machine *m, int64_t restart_us)
{
	m->disk.dies_in = 0;
	m->on_ended(m);
	if (!m->is_off)
		world_set(&m->start, restart_us);
}

static bool may_leave_own(struct machine *m)
{
	const struct identity *identity = &m->core->identity;

	if (!m->has_lost_journal || m->is_parted_dead || m->core->store == NULL || strcmp(identity->writer, m->shared_name) != 0 ||
	    core_is_settled(m->core))
		return false;
	return !m->core->has_settled && !m->is_name_taken(m);
}

static bool has_left_name(const struct machine *m)
{
	return m->is_damaged && m->shared_name[0] != '\0' && strcmp(m->core->identity.writer, m->shared_name) != 0;
}

void machine_kill(struct machine *m, bool is_power_cut, int64_t restart_us)
{
	if (m->core == NULL)
		return;
	note("%s dies%s, restart in %lld us", m->name, is_power_cut ? " by power cut" : "", (long long)restart_us);
	m->may_lack |= m->core->is_short || may_leave_own(m) || has_left_name(m);
	drop_core(m);
	*(is_power_cut ? &m->power_cuts : &m->kills) += 1;
	if (is_power_cut) {
		int64_t capacity = m->disk.mem->capacity;

		mem_disk_cut_power(m->disk.mem, world_random());
		m->disk.mem->capacity = capacity;
	}
	start_later(m, restart_us);
}

void machine_stop(struct machine *m, int64_t restart_us)
{
	if (m->core == NULL)
		return;
	note("%s ends in order", m->name);
	host_enter(&m->host);
	core_turn(m->core);
	core_hurry(m->core);
	host_enter(NULL);
	for (int i = 0; i < 50 && m->core != NULL && !core_is_settled(m->core); i++)
		world_run(20000);
	if (m->core == NULL)
		return;
	host_enter(&m->host);
	fake_worker_drain(&m->commits);
	fake_worker_drain(&m->keeper);
	host_enter(NULL);
	drop_core(m);
	start_later(m, restart_us);
}

/* --- what it does --- */

static void on_tick(void *ctx)
{
	struct machine *m = ctx;

	world_set(&m->tick, TICK_US + world_below(5000));
	host_enter(&m->host);
	core_tick(m->core, clock_now_ms(), "running");
	host_enter(NULL);
	after(&m->host);
}

int machine_offer(struct machine *m, const struct sent *sent, bool with_other_content, uint64_t *ret_block)
{
	struct contact_text text;
	struct effort_event ev;
	struct event_key key;
	struct spot spot = { .cell = sent->cell };
	int answer;

	contact_event(sent, &text, &ev);
	ev.count += with_other_content;
	spot.cell.municipality = m->municipality[spot.cell.municipality];
	spot.cell.standing = m->standing[spot.cell.standing];
	spot.packed = cell_pack(&spot.cell);
	host_enter(&m->host);
	key = core_key(m->core, &ev, clock_now_ms());
	if (sent->corrects != 0)
		answer = core_correct(m->core, &key, &ev, clock_now_ms());
	else if (sent->meter != 0)
		answer = core_meter(m->core, &key, &spot, &ev, true, clock_now_ms());
	else if (sent->errand != 0)
		answer = core_errand(m->core, &key, &spot, &ev, true, clock_now_ms());
	else
		answer = core_event(m->core, &key, &spot, &ev, true, clock_now_ms());
	*ret_block = journal_last(m->core->journal);
	host_enter(NULL);
	m->accepted += answer == CORE_ACCEPTED;
	m->duplicates += answer == CORE_DUPLICATE;
	return answer;
}

void machine_turn(struct machine *m)
{
	if (m->core == NULL)
		return;
	host_enter(&m->host);
	core_turn(m->core);
	host_enter(NULL);
	after(&m->host);
}

bool machine_is_paused(struct machine *m)
{
	bool is_paused;

	host_enter(&m->host);
	is_paused = *core_paused(m->core) != '\0';
	host_enter(NULL);
	return is_paused;
}

uint64_t machine_durable(const struct machine *m)
{
	return journal_durable(m->core->journal);
}

bool machine_is_at_rest(const struct machine *m)
{
	return m->core != NULL && core_is_settled(m->core) && repair_len(&m->core->repair) == 0 &&
	       !m->core->is_foreign && store_is_ready(m->core->store) && !store_is_busy(m->core->store);
}
