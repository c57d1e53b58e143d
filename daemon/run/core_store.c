/* SPDX-License-Identifier: MPL-2.0 */
/* What Redis tells the core (store_owner of store/store.h): that it is there or not, has what was sent, lacks something, or
 * hears another one under our name; and what the store asks of this journal's runs. Part of the core (core_inside.h).
 * Loop's thread. */
#include "run/core_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/renewal.h"
#include "run/silence_book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void on_ready(void *ctx)
{
	struct core *core = ctx;
	struct store_status status;

	store_status(core->store, &status);
	core->was_ready = true;
	LOG(LOG_INFO, "store", "redis ready", F_STR("address", status.address),
	    F_STR("version", status.redis_version), F_INT("cells_waiting", ledger_cells(&core->ledger)));
	flush_poke(&core->flush);
	repair_next(&core->repair);
}

static void on_lost(void *ctx, const char *why)
{
	struct core *core = ctx;

	memset(core->advice, 0, sizeof(core->advice));
	if (!core->was_ready && clock_now_ms() < core->quiet_until_ms)
		return;
	LOG(LOG_WARNING, "store", "redis away; counting goes on", F_STR("why", why));
}

static void on_trouble(void *ctx, const char *error)
{
	struct core *core = ctx;

	core->is_refused = true;
	LOG(LOG_ERROR, "store", "redis refuses; counts are kept and sent again", F_STR("error", error));
}

static void on_advice(void *ctx, enum store_advice kind, const char *advice)
{
	struct core *core = ctx;

	snprintf(core->advice[kind], sizeof(core->advice[kind]), "%s", advice);
	if (strcmp(core->advice_said[kind], core->advice[kind]) == 0)
		return;
	memcpy(core->advice_said[kind], core->advice[kind], sizeof(core->advice[kind]));
	LOG(LOG_WARNING, "store", "redis is not set up to keep counts; they are brought back when lost",
	    F_STR("advice", advice));
}

static void on_disagreement(void *ctx, const struct store_disagreement *d)
{
	(void)ctx;
	if (d->writer[0] == '\0')
		LOG(LOG_INFO, "store", "all effortd on this redis count by the same definitions again");
	else
		LOG(LOG_WARNING, "store", "another effortd on this redis counts by other definitions: shares mix both",
		    F_STR("writer", d->writer), F_STR("theirs", d->theirs), F_STR("ours", d->ours),
		    F_STR("next", "give both the same definitions; see effortctl status"));
}

static void on_settled(void *ctx, size_t calls)
{
	struct core *core = ctx;

	(void)calls;
	if (core->is_refused)
		LOG(LOG_INFO, "store", "redis takes counts again");
	core->is_refused = false;
	core->last_settled = core->covered;
	if (core->batch > core->identity.runs[core->identity.runs_len - 1].first) {
		core->has_settled = true;
		renewal_forget(core);
	}
	if (core->is_proven)
		core->settled = core->last_settled;
	flush_settled(&core->flush);
	core->owner.on_paused(core->owner.ctx);
	core->owner.on_settled(core->owner.ctx);
}

static void on_gap(void *ctx, struct place_key key)
{
	struct core *core = ctx;

	repair_gap(&core->repair, key);
}

static void on_repaired(void *ctx, struct place_key key)
{
	struct core *core = ctx;

	repair_settled(&core->repair, key);
}

/* Dealt with in the next tick, when no function of the store is on the stack. */
static void on_foreign(void *ctx, struct place_key key, uint64_t found, uint64_t common, uint64_t block)
{
	struct core *core = ctx;

	core->is_foreign = true;
	core->common_run = common;
	core->common_block = block;
	core->owner.on_paused(core->owner.ctx);
	LOG(LOG_ERROR, "store",
	    "another process counts under our name: this journal is a copy, or an old one was put back",
	    F_INT("place", key.place), F_INT("position", core->position), F_INT("found", found),
	    F_STR("next", "going on as a new writer; nothing is counted twice"));
}

static bool is_own(void *ctx, uint64_t position)
{
	const struct core *core = ctx;

	return identity_is_own(&core->identity, position, core->position);
}

static bool is_own_run(void *ctx, uint64_t first)
{
	const struct core *core = ctx;

	return identity_find_run(&core->identity, first) != SIZE_MAX;
}

static bool is_shared(void *ctx, uint64_t common, uint64_t block)
{
	const struct core *core = ctx;
	const struct identity *identity = &core->identity;

	return common == identity->runs[identity->runs_len - 1].first && block != STORE_NO_BLOCK &&
	       core->batch_block <= block;
}

static size_t runs(void *ctx, struct store_run *ret, size_t max)
{
	const struct identity *identity = &((const struct core *)ctx)->identity;
	size_t n = identity->runs_len < max ? identity->runs_len : max;

	for (size_t i = 0; i < n; i++) {
		const struct identity_run *run = &identity->runs[identity->runs_len - n + i];

		ret[i] = (struct store_run){ run->first, run->block };
	}
	return n;
}

/* At once, before answers tell what is missing: what nobody keeps any more is not. */
static void on_writers(void *ctx)
{
	struct core *core = ctx;

	core_retain(core, core_known_ms(core));
}

static const char *missing_at(void *ctx, int32_t day)
{
	const struct core *core = ctx;

	return silence_book_at(core->silences, day);
}

int core_open_store(struct core *core, const struct store_settings *given, const struct store_view *view,
		    struct error *reterr)
{
	struct store_settings settings = *given;
	const struct store_owner owner = { .ctx = core,
					   .on_ready = on_ready,
					   .on_lost = on_lost,
					   .on_settled = on_settled,
					   .on_trouble = on_trouble,
					   .on_gap = on_gap,
					   .on_repaired = on_repaired,
					   .on_foreign = on_foreign,
					   .is_own = is_own,
					   .is_own_run = is_own_run,
					   .is_shared = is_shared,
					   .runs = runs,
					   .on_advice = on_advice,
					   .on_disagreement = on_disagreement,
					   .on_writers = on_writers,
					   .missing_at = missing_at };

	settings.writer = core->identity.writer;
	settings.run = core->position;
	settings.positions = core->positions;
	settings.probe_interval_ms = core->settings.limits.probe_interval_ms;
	core->store = store_open(core->settings.base, &settings, &owner, view, reterr);
	if (core->store == NULL)
		return -EIO;
	store_set_kept(core->store, core->identity.day_kept, core->identity.week_kept);
	core_say_retention(core, core_known_ms(core));
	return 0;
}
