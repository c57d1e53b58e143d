/* SPDX-License-Identifier: MPL-2.0 */
/* Redis: where the counters live. Own nonblocking socket under libevent, hiredis for reading
 * replies only; Redis functions (etc/redis) apply a call and keep sums and shares in the same step.
 *
 * Exactly once, whatever dies: each hash carries the writer's position of the last call that touched it
 * (`_w:<writer>`), `positions` says which one that must be, and each call tells the function both: the one it
 * follows and its own. Already there: skipped; what it follows: applied; anything else: nothing of the call
 * is applied and the hashes that differ are judged here:
 *   - this writer's, and later than the call: has it already;
 *   - this writer's, from what it follows on: applied on top (after a start, when journal marks stand in for
 *     positions that only Redis knows);
 *   - absent, or this writer's and earlier: Redis has lost something. The owner is told (on_gap) and brings
 *     the period's totals (store_repair), which replace what is there. Meanwhile calls leave that hash alone;
 *     the batch does not wait;
 *   - a position this writer has never used: another process counts under our name (on_foreign). So it does when
 *     its run stands in effort:_claim:<id>, where each writes down its own, those before it, and before each batch
 *     the position of that one. That key never expires. A run takes the place of another only where its journal has
 *     all that one may have sent. A batch of
 *     which nothing is in Redis stays here, one of which something is goes there whole, unless the other one has it too;
 *     then nothing more is sent until store_rename().
 * A batch is encoded once, kept until every call of it is answered and sent again after a lost connection.
 * One batch is in flight at a time; whoever owns the store merges new counts meanwhile. What Redis loses
 * without being written to is found by probes: of the running periods every probe_interval and before
 * anything else after a connect, of all others little by little, and of all at once after a connect, when a
 * running one was lost and when Redis was started anew or evicts keys.
 *
 * Connection: CONNECTING -> LOADING (function, index) -> READY, BACKOFF with full jitter between tries.
 * Everything on the loop's thread. Replies are bounded before hiredis' reader sees them. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/error.h"
#include "count/names.h"
#include "count/positions.h"
#include "count/spread.h"
#include "domain/definition.h"
#include "domain/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct store;

struct store_settings {
	const char *url;             /* "redis://[user@]host:port[/db]" or "unix:///path" */
	const char *prefix;          /* "effort:" */
	const char *user;            /* or NULL */
	const char *password_file;   /* or NULL: read at every connect */
	int64_t timeout_ms;          /* for connecting, and for a batch without any answer */
	const char *writer;          /* this writer's id, [a-z0-9]{1,32} */
	uint64_t run;                /* a number that says which run of it this is; not 0 */
	struct positions *positions; /* borrowed: what Redis must hold; kept up to date here */
	int64_t probe_interval_ms;
	const char *version;  /* of effortd, for effort:writer:<id> */
	size_t names_per_key; /* limits.names */
};

/* What the keys are made of; replaced whole by a reload (borrowed: must outlive its use here). */
struct store_view {
	const struct zone *zone;
	size_t municipalities_len;
	const char *const *codes; /* four digits, by municipality index */
	const char *const *municipality_names;
	const struct area_def *areas;
	size_t areas_len;
	const struct group_def *groups;
	size_t groups_len;
	/* id, Danish, English of every task: "<area>/<task>" */
	const struct store_task {
		const char *id, *name_da, *name_en;
	} * tasks;
	size_t tasks_len;
	const char *target_id; /* NULL: no target */
	const struct target_step *target_steps; /* hundredths of a percent, by date; a period has the value of its first day */
	size_t target_steps_len;
	int32_t target_from; /* day number */
	const char *definition;
	const struct definition *definitions; /* by date; len 0: `definition` holds always */
	size_t definitions_len;
};

/* The main target of days first..end-1 in hundredths of a percent, as their hashes have it: they are under the target
 * when the last day is, with the value in force on the first. -1: none. */
int64_t store_view_target(const struct store_view *, int32_t first, int32_t end);

/* The name of the definition of the share of days first..end-1, or the names of all that were in force in them; the day
 * of the change that cuts the period, or INT32_MAX. buf: DEFINITION_NAMES bytes. */
int32_t store_view_definition(const struct store_view *, int32_t first, int32_t end, char *buf);

#define STORE_RUNS     256 /* that are written down in Redis */
#define STORE_NO_BLOCK UINT64_MAX

/* One run of a writer: where its positions begin, and the journal's last block before it. */
struct store_run {
	uint64_t first, block; /* STORE_NO_BLOCK: not known */
};

/* Another writer of this Redis that counts by other definitions of the share; writer "": none does. */
struct store_disagreement {
	char writer[40];
	char theirs[DEFINITION_LINE], ours[DEFINITION_LINE]; /* for people */
};

/* How Redis is not set up to keep counts: it may throw them away, keeps nothing on disk, packs small hashes. */
enum store_advice { ADVICE_EVICTION, ADVICE_PERSISTENCE, ADVICE_ENCODING, STORE_ADVICES };

#define STORE_FOR_EVER INT32_MAX

/* How long the other writers of this Redis keep day and week hashes, in days: the longest of them; and the first that says
 * otherwise than this one. Those that have said nothing for 35 days are gone for good. */
struct store_keeping {
	bool is_whole;	   /* all that keep anything have had time to say so, and there was room for them */
	bool are_too_many; /* there was none */
	int32_t day, week; /* 0: there is no other */
	char other[40];    /* "": none does */
	int32_t other_day, other_week;
};

struct store_owner {
	void *ctx;
	void (*on_ready)(void *ctx); /* READY: send what waits */
	void (*on_lost)(void *ctx,
			const char *why); /* READY was left, or a try failed; why: one line for the log */
	void (*on_settled)(void *ctx, size_t calls); /* every call of the batch is answered */
	/* An error Redis answered that time or an operator mends (OOM, READONLY, NOPERM, ...): the batch is
	 * kept and sent again later. A key of a wrong type is named. Told once until it is over. */
	void (*on_trouble)(void *ctx, const char *error);
	/* Redis lost what it held of this writer in this period (or names of a month): bring its totals. Told
	 * again from time to time until it is repaired. */
	void (*on_gap)(void *ctx, struct place_key);
	void (*on_repaired)(void *ctx, struct place_key);
	/* Somebody else counts as this writer; told once until store_rename(), not within a function called
	 * here. common: the last run of this writer that the other one's journal has too; 0: not known. block: the
	 * last of it that the other one has; STORE_NO_BLOCK: not known, or it is still in that run. */
	void (*on_foreign)(void *ctx, struct place_key, uint64_t found, uint64_t common, uint64_t block);
	/* The batch on its way lies before this block of this run, too. */
	bool (*is_shared)(void *ctx, uint64_t common, uint64_t block);
	bool (*is_own)(void *ctx, uint64_t position);
	bool (*is_own_run)(void *ctx, uint64_t run); /* this one, or one before it */
	/* The last runs of this writer, at most `max`, oldest first, the present one last; how many. */
	size_t (*runs)(void *ctx, struct store_run *ret, size_t max);
	/* advice: one line for the log, once a connection and kind. */
	void (*on_advice)(void *ctx, enum store_advice, const char *advice);
	/* Told when it changes; NULL: nobody wants to know. */
	void (*on_disagreement)(void *ctx, const struct store_disagreement *);
	/* What the other writers say has been read; NULL: nobody wants to know. */
	void (*on_writers)(void *ctx);
	/* Who was silent when a day ended, as store_set_missing() has it; for periods that are brought back. NULL:
	 * nobody. */
	const char *(*missing_at)(void *ctx, int32_t day);
};

/* settings are copied, owner too. Starts connecting at once. */
struct store *store_open(struct event_base *, const struct store_settings *, const struct store_owner *,
			 const struct store_view *, struct error *reterr);
void store_close(struct store *);
/* After a reload: new names, target, definition; the index keys are written again. */
void store_set_view(struct store *, const struct store_view *);
#define STORE_MISSING 4096 /* bytes of a list of sources, with NUL: some 250 names */

/* Names of silent sources, comma-separated, "" for none: shown as `incomplete` and `missing`, but for those that another
 * writer hears, and with those that another one misses. Copied. */
void store_set_missing(struct store *, const char *names);
/* Those that are expected and not silent; told to the others with the next sign of life. */
void store_set_heard(struct store *, const char *names);
const char *store_missing(const struct store *); /* of all writers that run */

bool store_is_ready(const struct store *); /* and nobody else counts under the name */
bool store_is_busy(const struct store *); /* a batch is in flight or waits to be sent again */
uint64_t store_sent(const struct store *); /* no batch behind this position has been sent under this name; 0: none */

/* Makes one batch: begin, any number of groups (spread()) and names, send. Only when not busy; READY is not
 * needed. lag_ms: age of the oldest count in it. position: of its MARK_FREEZE, durable, even. A hash that
 * has all of the batch holds it; one that more days of it are to change holds an odd one in between, of the 2n
 * before it that whoever makes the mark leaves free for n days. 0 or -ENOMEM (then nothing of the
 * batch is kept and the caller still has it all). */
int store_batch_begin(struct store *, int64_t now_ms, int64_t lag_ms, uint64_t position);
int store_batch_group(struct store *, const struct spread_group *);
int store_batch_name(struct store *, const struct name_record *);
void store_batch_send(struct store *);
void store_batch_abandon(struct store *); /* after -ENOMEM */

/* Everything this writer has counted in a period up to and with the batch of `position` (frozen, in flight,
 * or the last one settled), as the answer to on_gap: replaces this writer's part of the period's hashes in
 * one step each; hashes that were not lost are left alone. Without a gap all of the period's hashes are
 * replaced. Sent behind the calls of that batch and before those of the next. group: the sums of all days,
 * its day the period's first, reasons among its cells or as such; contents empty: the hashes hold nothing of
 * ours (only the position is written). is_whole false: part of the totals has been lost, so hashes that hold something of
 * ours keep it and only take the position; they, and those that are made of these totals, say rebuilding until whole ones
 * come. May be called in any state; kept until answered. 0; -EAGAIN: a later batch has been built upon the period,
 * bring its totals; -ENOMEM. */
int store_repair(struct store *, struct place_key, uint64_t position, const struct spread_group *, bool is_whole);
/* Without a gap, hashes in which a writer has a part that does not run are left as they are (`withheld`): nobody
 * would bring that part back. Unless is_bold: then they say whom they wait for. */
void store_set_bold(struct store *, bool is_bold);
/* The same for names of a month; records: those of key's municipality, dimension and month; `frozen` holds
 * their amounts. */
int store_repair_names(struct store *, struct place_key, uint64_t position, const struct name_record *const *,
		       size_t n, bool is_whole);
/* The period's own hashes (a day: d:, share, tasks; a week: share, tasks) are deleted for good; their
 * position is forgotten when Redis has answered; one that stays is to be deleted again. After store_set_kept(), with
 * which batches and probes leave them out. 0, -ENOTCONN, -ENOMEM. */
int store_forget(struct store *, struct place_key);
/* First day whose day hashes, and first day whose week's hashes, are kept. */
void store_set_kept(struct store *, int32_t day, int32_t week);
/* Goes on as another writer (after on_foreign), with no batch: the one in flight, if any, is not in Redis,
 * not in part either, and the caller's to count again; positions must be empty. The name need not be durable: nothing
 * that stays is written to Redis under it before its first batch. */
void store_rename(struct store *, const char *writer, uint64_t run);
/* The chains of the batch in flight that are not settled: true when a group is still to be applied. */
bool store_is_pending(const struct store *, uint16_t municipality, int32_t day);
/* How many days this writer means to keep day and week hashes; STORE_FOR_EVER. today: as far as the clock is trusted. */
void store_set_retention(struct store *, int32_t day, int32_t week, int32_t today);
/* False: on this connection nobody has been heard of yet. */
bool store_others_keep(const struct store *, struct store_keeping *ret);
/* Who the other writers are and which of them run is asked anew; true once it is known. */
void store_ask_writers(struct store *);
bool store_knows_writers(const struct store *);
const char *store_writer(const struct store *); /* this one's id */
/* The others that are gone for good, names with commas between; and whether there are any but those. Once
 * store_others_keep() says true. */
void store_gone_writers(const struct store *, char *ret, size_t size);
bool store_has_others(const struct store *);
/* Writers that hashes wait for, and those for whom some were left as they are since store_ask_writers(): names with
 * commas between, as many as there is room for. */
void store_waits_for(const struct store *, char *ret, size_t size);
void store_withheld_for(const struct store *, char *ret, size_t size);
/* Probes everything now. */
void store_audit(struct store *);
void store_set_probe_interval(struct store *, int64_t ms);

/* Called every second or so: refreshes effort:alive and the writer's hash, moves as_of of the running periods
 * on every 5 s, rolls them at local midnight, adds the minute to hist, brings series up to date, publishes
 * effort:changed. lag_ms: age of the oldest count that is not in Redis. */
void store_tick(struct store *, int64_t now_ms, int64_t lag_ms, const char *state);

/* What is told of a municipality and is in no counts (a level) has changed. */
void store_touch(struct store *, uint16_t municipality);
/* True once after a municipality's hashes have changed, as far as this process knows, or store_touch(). */
bool store_take_changed(struct store *, uint16_t municipality);
/* Redis has data of this municipality. */
bool store_has_data(const struct store *, uint16_t municipality);

/* One read, or one call that may be made twice (effort_put), behind what is in flight. The answer's strings live for the call; n = 0 and text
 * NULL: no connection or an error. Bounded: at most 64 waiting. 0, -EAGAIN (too many) or -ENOTCONN. */
int store_query(struct store *, size_t argc, const char *const *argv,
		void (*on_answer)(void *ctx, size_t n, const char *const *text, const size_t *len),
		void *ctx);

struct store_status {
	const char *state; /* "connecting", "loading", "ready", "backoff" */
	const char *address;
	char error[256]; /* last one, "" */
	uint64_t batches, calls, skipped, cells, reconnects;
	uint64_t probed, gaps, repairs; /* hashes looked at; found wanting; brought back */
	bool is_auditing;
	uint64_t withheld;              /* periods not written anew, for somebody who does not run has a part in them */
	size_t waiting;   /* periods with hashes that wait for other writers, as far as they were looked at */
	size_t losses;    /* found wanting and not brought back yet */
	int64_t batch_us; /* how long the last batch took from sending to its last answer */
	size_t batch_bytes;
	char redis_version[32];
};
void store_status(const struct store *, struct store_status *ret);
const struct store_disagreement *store_disagreement(const struct store *);

#endif
