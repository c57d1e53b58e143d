/* SPDX-License-Identifier: MPL-2.0 */
/* The store's own parts, shared by store.c (what others call), session.c (connecting, loading, trying again),
 * flow.c (the batch) and moment.c (what comes with time). Nobody else includes this. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "store/address.h"
#include "store/batch.h"
#include "store/link.h"
#include "store/rank.h"
#include "store/series.h"

#include <event2/event.h>
#include <hiredis/hiredis.h>

#define MISSING_MAX  4096
#define QUERIES_MAX  64
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 5000

enum state { STATE_BACKOFF, STATE_CONNECTING, STATE_LOADING, STATE_READY };

/* What this process knows of a municipality's data in this Redis. */
enum presence { PRESENCE_UNKNOWN, PRESENCE_NONE, PRESENCE_SEEN };

struct query {
	void (*on_answer)(void *ctx, size_t n, const char *const *text, const size_t *len);
	void *ctx;
};

struct store {
	struct event_base *base;
	struct store_owner owner;
	char *prefix, *user, *password_file, *writer,
		*version; /* owned; user and password_file may be NULL */
	int64_t timeout_ms;
	struct address address;
	struct scene scene; /* of this moment: ticks, ranks, series */
	char missing[MISSING_MAX];

	enum state state;
	struct link *link;        /* owned; NULL in STATE_BACKOFF */
	struct event *retry;      /* connects again */
	struct event *resend;     /* offers the batch again after Redis refused a call */
	struct event *soon;       /* rankings and changes wait for their spacing */
	unsigned tries, refusals; /* in a row */
	int candidate;            /* of address.at */
	bool has_reported;        /* on_lost was told since the last READY */
	char greeting[2048];      /* scratch */

	struct batch batch;
	struct scene batch_scene;
	char batch_missing[MISSING_MAX];
	uint64_t position;
	uint16_t pump_at; /* municipality to look at next */
	size_t out, out_bytes;
	bool is_sending; /* the batch is complete and not settled */
	bool is_troubled;
	int64_t sent_us;

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
	int64_t published_ms[BATCH_CHAINS]; /* monotonic */
	int64_t ranked_ms;                  /* monotonic */
	char told_state[32];

	struct query queries[QUERIES_MAX];
	uint64_t query_used; /* bit i: queries[i] waits */
	struct store_status status;
};

/* session.c */
int session_init(struct store *);
void session_start(struct store *);
void session_stop(struct store *);
/* The connection is given up and tried again later. */
void session_lose(struct store *, const char *why);
/* Redis forgot the functions: load them, then go on. */
void session_reload(struct store *);
void session_index(struct store *);
/* Sends store->command. 0 or a negative errno; a failure loses the session. */
int session_send(struct store *, link_handler *, uint64_t arg);
bool session_is_function_missing(const struct redisReply *);
/* Remembers an error Redis answered and tells the owner when it is a new one. */
void session_trouble(struct store *, const char *error);
int64_t session_jitter_ms(unsigned tries);

/* flow.c */
int flow_init(struct store *);
void flow_stop(struct store *);
void flow_resume(struct store *); /* READY: send what is not settled */
void flow_send(struct store *);

/* moment.c */
int moment_init(struct store *);
void moment_stop(struct store *);
void moment_ready(struct store *);
void moment_changed(struct store *, uint16_t municipality);
/* Shares told by a function: { window, scope, share, ... }; first[]: first days of the windows the call was
 * made for. */
void moment_told(struct store *, const struct scene *, uint16_t municipality, const struct redisReply *);
void moment_settled(struct store *); /* a batch is settled: rankings, changes */

#endif
