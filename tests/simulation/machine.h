/* SPDX-License-Identifier: MPL-2.0 */
/* One machine with an effortd on it: the real core (run/core.h) on a fake disk, with fake workers and events, and
 * the client that sends it contacts until they are acknowledged. It is started, killed, cut off from power, ended
 * in order, and its disk copied. */
#ifndef SIMULATION_MACHINE_H
#define SIMULATION_MACHINE_H

#include "contact.h"
#include "fake_disk.h"
#include "fakes.h"

#include "run/core.h"

#define MACHINE_ERRAND_MS (INT64_C(20) * 86400000) /* errand.window: longer than a run lasts */

struct machine_settings {
	size_t segment_bytes, dedup_max_ids, cells;
	int64_t flush_interval_ms, share_interval_ms, probe_interval_ms, timeout_ms;
	int64_t commit_us, keep_us; /* how long jobs usually take */
};

struct machine {
	struct host host;
	char name[8], dir[8];
	struct machine_settings settings;
	struct fake_disk disk;
	struct fake_worker commits, keeper;
	struct event_base *base;
	struct core *core; /* owned; NULL: not running */
	struct timer tick, start;
	struct store_view view;
	const char *codes[CELL_MUNICIPALITIES];
	uint16_t municipality[CONTACT_MUNICIPALITIES], standing[CONTACT_STANDINGS]; /* the ledger's numbers */
	bool dies_by_power; /* when its disk's count has run down */
	bool is_off;	    /* stays down until told otherwise */
	bool has_lost_journal; /* runs on an older journal than it once had, or on a copy */
	bool is_damaged;       /* ... or on one that was damaged: where it gives its name up nobody brings back what that counted */
	bool is_parted_dead;   /* nobody ran on it when it was copied: then nothing may be left to the wrong one */
	char shared_name[33];  /* the writer of that journal; "": not started since */
	/* It died with counts on their way before anything of its run was in Redis, under a name that nobody has taken by writing
	 * a run down: then nobody can tell what it took itself from what was copied, and it leaves both to the other one. Or it
	 * has said itself that it was short of something (core.h). Never above the truth, perhaps below. */
	bool may_lack;
	/* so far */
	uint64_t kills, power_cuts, starts, failed_starts, accepted, duplicates;
	void (*on_durable)(struct machine *, uint64_t block);
	bool (*is_name_taken)(struct machine *); /* in Redis a run stands under its name that it does not know */
	void (*on_ended)(struct machine *); /* dead: what it had not acknowledged must be sent again */
	void *ctx;
};

void machine_init(struct machine *, int number, const struct machine_settings *);
void machine_done(struct machine *); /* kills it when it runs */

/* Starts it now; tries again by itself until it succeeds. With a sound disk it must succeed: else the run has
 * failed. */
void machine_start(struct machine *);
/* SIGKILL, or power cut; starts again after a while unless is_off. */
void machine_kill(struct machine *, bool is_power_cut, int64_t restart_us);
/* An orderly end: everything that is in the loop's hands is durable and, when Redis is there, in Redis. */
void machine_stop(struct machine *, int64_t restart_us);

/* Offers one contact. enum core_answer; core_turn() is the caller's. */
int machine_offer(struct machine *, const struct sent *, bool with_other_content, uint64_t *ret_block);
void machine_turn(struct machine *);
bool machine_is_paused(struct machine *);
uint64_t machine_durable(const struct machine *);
/* Nothing of it is on its way any more. */
bool machine_is_at_rest(const struct machine *);

#endif
