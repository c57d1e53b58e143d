/* SPDX-License-Identifier: MPL-2.0 */
/* The store's own parts, shared by store.c (what others call), session.c (connecting, loading, trying again),
 * flow.c (the batch), loss.c (what Redis has lost), others.c (other writers in the same hashes), writers.c (who they are), mend.c (totals on their way), probe.c (looking for
 * losses), health.c (how Redis is), agree.c (definitions of other writers), olds.c (functions of other versions) and moment.c (what comes with time). Nobody else in the daemon includes this. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "store/address.h"
#include "store/batch.h"
#include "store/link.h"
#include "store/rank.h"
#include "store/series.h"

#include <event2/event.h>
#include <hiredis/hiredis.h>

#define QUERIES_MAX       64
#define OTHERS_MAX        48
#define OLDS_MAX          16
#define WRITERS_GONE_DAYS 35 /* without a word: gone for good */
#define OTHERS_TEXT       (OTHERS_MAX * 44 + 2) /* ",_w:<writer>" of each */
#define WRITER_EXPIRY_MS  15000 /* effort:alive and effort:writer:<id> */
#define WRITERS_HEARD_MS  30000 /* since Redis has forgotten all: those that run, or start meanwhile, have spoken */
#define RETRY_MIN_MS      50
#define RETRY_MAX_MS      5000
#define RETRY_OPERATOR_MS 30000 /* at most, where only a person can mend it */

enum state { STATE_BACKOFF, STATE_CONNECTING, STATE_LOADING, STATE_READY };

/* What this process knows of a municipality's data in this Redis. */
enum presence { PRESENCE_UNKNOWN, PRESENCE_NONE, PRESENCE_SEEN };

/* What another writer has said (writers.c). */
struct other_writer {
	char name[40];
	int32_t said, keeps_day, keeps_week; /* the day it did; INT32_MIN: never */
	bool lives;
	char missing[STORE_MISSING], heard[STORE_MISSING]; /* sources it expects, with commas between */
};

/* A function library of another version (olds.c). */
struct old_library {
	char name[LIBRARY_NAME_LEN + 1];
	bool is_there, is_used; /* at the last look */
	unsigned unused;	/* looks in a row */
	bool is_deleted;	/* by this process, whoever has brought it back */
};

struct query {
	void (*on_answer)(void *ctx, size_t n, const char *const *text, const size_t *len);
	void *ctx;
};

struct store {
	struct event_base *base;
	struct store_owner owner;
	char *prefix, *user, *password_file, *version; /* owned; user and password_file may be NULL */
	char writer[40];
	int64_t timeout_ms;
	struct address address;
	struct scene scene; /* of this moment: ticks, ranks, series */
	char missing[STORE_MISSING];	 /* of all writers that run */
	char own_missing[STORE_MISSING], own_heard[STORE_MISSING]; /* as the owner says */

	enum state state;
	struct link *link;        /* owned; NULL in STATE_BACKOFF */
	struct event *retry;      /* connects again */
	struct event *resend;     /* offers the batch again after Redis refused a call */
	struct event *soon;       /* rankings and changes wait for their spacing */
	unsigned tries, refusals; /* in a row */
	int64_t retry_max_ms;
	int candidate;       /* of address.at */
	bool has_reported;   /* on_lost was told since the last READY */
	char greeting[2048]; /* scratch */

	struct batch batch;
	struct scene batch_scene;
	char batch_missing[STORE_MISSING];
	uint64_t given_position,
		position;    /* of the batch being made; of the one in flight, or the last one */
	uint32_t generation; /* of answers: those to what was sent under another name go by */
	uint16_t pump_at;    /* municipality to look at next */
	size_t out, out_bytes;
	bool is_sending;             /* the batch is complete and not settled */
	bool is_begun[BATCH_CHAINS]; /* this municipality's part of the batch of `position` was begun */
	bool is_troubled;
	int64_t sent_us;

	uint64_t run;		      /* this one */
	uint64_t seen_run, seen_sent; /* found in Redis, and nothing of it is unknown here: may be replaced */
	uint64_t sent;		      /* the last batch that may be in Redis; 0: none */
	uint64_t asked, granted;      /* the batch that Redis was asked to let pass, and has, on this connection */
	struct positions *positions; /* borrowed */
	int32_t kept_day, kept_week;

	struct positions *losses; /* owned: loss.c */
	size_t losses_told, losses_at;
	bool is_foreign, is_foreign_told;
	bool is_unclaimed; /* since store_rename(): the name, which may not be durable yet, stands nowhere for good */
	bool is_asking; /* a hash has told of somebody else; who it is Redis has not answered yet */
	bool is_shared; /* the other one has the batch on its way, too, and brings it */
	struct place_key foreign_key;
	uint64_t foreign_found, foreign_common, foreign_block;

	struct positions *others; /* owned: others.c; a bit for each name */
	char others_name[OTHERS_MAX][40];
	size_t others_len;

	struct positions *waits; /* owned: the same bits: whom hashes of a place wait for */
	uint64_t withheld_for;	 /* the same bits: who had a part in what was not written anew */

	struct other_writer writers[OTHERS_MAX]; /* writers.c */
	size_t writers_len, lives_out;
	uint32_t writers_serial; /* of what was asked: older answers go by */
	bool has_writers;	 /* on this connection */
	bool has_lives;		 /* which of them run is known, since it was asked */
	bool has_heard;		 /* once: those that keep anything have had time to say so */
	bool are_too_many;	 /* there was no room for one that is not gone */
	bool is_bold;
	int32_t keeps_day, keeps_week, known_day;

	struct mend *mends; /* owned, in order; mend.c */
	uint32_t mend_serial;
	size_t mends_of[BATCH_CHAINS], mend_bytes;

	struct event *probe;
	int64_t probe_ms;
	size_t probes_out, audit_at, slow_at;
	uint64_t audit_moves; /* of positions, since this audit began */
	bool is_auditing, wants_audit;
	bool is_looking; /* connected, and running periods not looked at yet: nothing else is sent */
	bool audit_next[BATCH_CHAINS], audit_now[BATCH_CHAINS];
	uint8_t series_gone[BATCH_CHAINS], series_back[BATCH_CHAINS]; /* bit w: window w */
	bool has_series_back;
	size_t ranks_seen;
	char run_id[48];
	uint64_t evicted;
	unsigned advised;          /* bits: what this connection has been told of */
	bool has_info, has_looked; /* on this connection */

	struct store_disagreement disagreement; /* agree.c */

	char library[LIBRARY_NAME_LEN + 1]; /* whose functions are called */
	struct old_library olds[OLDS_MAX]; /* olds.c */
	size_t olds_len;
	int64_t olds_ms; /* of the next look; monotonic */
	bool is_olds_refused;  /* on this connection */
	bool are_olds_unclear; /* it is not known whether somebody calls them */

	struct command command;
	struct rank rank;
	struct series series;
	bool has_series_out, has_tell;
	int64_t series_began_ms, series_next_ms; /* monotonic */
	size_t ticks_out, ranks_out;
	int64_t tick_ms, minute, alive_ms; /* Unix ms of the last tick; minute and alive likewise */
	int32_t today;
	uint8_t presence[BATCH_CHAINS];
	bool is_changed[BATCH_CHAINS];
	bool is_to_follow[BATCH_CHAINS]; /* store_take_changed() */
	int64_t published_ms[BATCH_CHAINS]; /* monotonic */
	int64_t told_ms; /* Unix ms: when all shares were told to the country */
	int64_t ranked_ms;                  /* monotonic */
	char told_state[32];

	struct query queries[QUERIES_MAX];
	uint64_t query_used; /* bit i: queries[i] waits */
	struct store_status status;
};

/* session.c */
int session_init(struct store *);
void session_stop(struct store *);
/* The connection is given up and tried again later. */
void session_lose(struct store *, const char *why);
/* Redis forgot the functions: load them, then go on. */
void session_reload(struct store *);
void session_index(struct store *);
/* Writes this run down in Redis once more, should it be gone; or finds another there that it does not know. */
void session_claim(struct store *);
/* The batch at hand may be sent. False: Redis is asked, and the batch goes on when it has answered. */
bool session_may_send(struct store *);
/* Finds out whose the position is that a hash has. */
void session_ask(struct store *);
/* Sends store->command. 0 or a negative errno; a failure loses the session. */
int session_send(struct store *, link_handler *, uint64_t arg);
bool session_is_function_missing(const struct redisReply *);
/* What follows from an error Redis answered: functions are loaded again, another server is looked for, the
 * owner is told. The session may be lost afterwards. */
void session_refused(struct store *, const struct redisReply *);
int64_t session_jitter_ms(const struct store *, unsigned tries);

/* flow.c */
int flow_init(struct store *);
void flow_stop(struct store *);
void flow_resume(struct store *); /* READY: send what is not settled */
void flow_send(struct store *);
void flow_pump(struct store *); /* sends what may be sent now */
void flow_resend_later(struct store *);
/* The municipality's chain is at a call that may or may not have been applied. */
bool flow_is_doubtful(const struct store *, uint16_t municipality);
void flow_forget(struct store *); /* the batch is gone */

/* loss.c */
int loss_init(struct store *);
void loss_stop(struct store *);
void loss_add(struct store *, struct place_key, unsigned hashes);
/* Redis was left in, or has gone back to, the middle of a batch that nobody is sending: the rest of it is missing.
 */
bool loss_is_middle(const struct store *, struct place_key, uint64_t found);
unsigned loss_hashes(const struct store *, struct place_key); /* 0: nothing is lost there */
void loss_given(struct store *, struct place_key, bool is_given);
void loss_remove(struct store *, struct place_key);
void loss_tell(struct store *); /* those there was no room for, and those that take long */
/* Somebody else counts under the name: a hash has told so. */
void loss_foreign(struct store *, struct place_key, uint64_t found);
void loss_clear(struct store *);
/* False: the hashes of this place are deleted for good. */
bool loss_is_kept(const struct store *, struct place_key);
/* A position as Redis answers it: 0 for none, and for what is no position. */
uint64_t loss_position(const struct redisReply *);

/* others.c */
int others_init(struct store *);
void others_stop(struct store *);
/* list: writers' fields with commas between, as a function answers them. */
void others_note(struct store *, struct place_key, const char *list);
/* The same, behind a space; "" for none. */
void others_list(const struct store *, struct place_key, char ret[OTHERS_TEXT]);

/* list: writers' fields that a hash of the place waits for, with commas between; "": for nobody. */
void others_wait(struct store *, struct place_key, const char *list);
void others_wait_no_more(struct store *, struct place_key);
uint64_t others_bits(struct store *, const char *list);

/* writers.c */
void writers_send(struct store *);
void writers_ready(struct store *);
/* Fields of those that run, with commas between. */
void writers_living(const struct store *, char ret[OTHERS_TEXT]);
/* What is missing has changed, or who runs. */
void writers_missing(struct store *);
void writers_leave(struct store *); /* before the end */

/* mend.c */
void mend_pump(struct store *);
void mend_unsend(struct store *);
void mend_clear(struct store *);
void mend_drop(struct store *, struct place_key);
/* Calls of this municipality have to wait: totals of an earlier batch go first. */
bool mend_blocks(const struct store *, uint16_t municipality);

/* probe.c */
int probe_init(struct store *);
void probe_stop(struct store *);
void probe_ready(struct store *);
void probe_lost(struct store *);

/* health.c */
void health_ready(struct store *);
void health_look(struct store *);

/* agree.c */
void agree_send(struct store *);

/* olds.c */
void olds_init(struct store *);
void olds_ready(struct store *);
void olds_look(struct store *);

/* moment.c */
int moment_init(struct store *);
void moment_stop(struct store *);
void moment_ready(struct store *);
void moment_changed(struct store *, uint16_t municipality);
/* Shares told by a function: { window, scope, share, ... }; first[]: first days of the windows the call was
 * made for. */
void moment_told(struct store *, const struct scene *, uint16_t municipality, const struct redisReply *);
/* A period's hashes were written anew. */
void moment_mended(struct store *, struct place_key);
void moment_settled(struct store *); /* a batch is settled: rankings, changes */

#endif
