/* SPDX-License-Identifier: MPL-2.0 */
/* The running daemon: what it is made of and the phases of its life. main.c starts it; reload.c, shutdown.c
 * and answers.c are its parts. One thread, one loop. */
#ifndef RUN_EFFORTD_H
#define RUN_EFFORTD_H

#include "journal/deadletter.h"
#include "net/net.h"
#include "run/acks.h"
#include "run/core.h"
#include "run/follow.h"
#include "run/private_redis.h"
#include "run/receive.h"
#include "run/snapshot.h"
#include "run/state_dir.h"
#include "run/watch.h"
#include "run/worker.h"

#define EFFORTD_VERSION "0.1.0"

/* Exit codes (sysexits.h). */
enum { EXIT_OK = 0, EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_INTERNAL = 70, EXIT_CONFIG = 78 };

/* The order of a shutdown; each phase has a deadline (`limits.drain` each). */
enum phase {
	PHASE_RUNNING,
	PHASE_DRAINING, /* no new connections; what clients have sent is read, then they are closed */
	PHASE_FLUSHING, /* everything counted becomes durable and goes to Redis */
	PHASE_ENDED     /* the loop returns; a second signal comes here at once */
};

struct arguments {
	const char *config_file; /* NULL: built-in defaults */
	const struct conf_override *overrides;
	size_t overrides_len;
};

struct effortd {
	struct arguments arguments;
	struct event_base *base; /* owned */
	struct state_dir state;
	struct snapshot *snapshot; /* owned */
	struct worker_thread *commits, *keeper; /* owned */
	struct core core;
	struct deadletters *deadletters; /* owned */
	struct acks_book acks;
	struct accounts accounts;
	struct receiver *receiver;   /* owned */
	struct net *net;             /* owned */
	struct control *control;     /* owned */
	struct private_redis *redis; /* owned; NULL: not private */
	struct watch *watch;             /* owned */
	struct target_book *targets;     /* owned */
	struct definition_book *definitions; /* owned */
	struct silence_book *silences;       /* owned */
	struct ranges *ranges;           /* owned */
	struct follow *follow;           /* owned */
	struct event *tick, *signals[4], *reload; /* owned */
	enum phase phase;
	int64_t phase_deadline_ms; /* monotonic */
	int64_t started_ms, loaded_ms;
	uint64_t reloads;
	bool last_reload_is_ok;
	const char *paused; /* why reading is paused; "" */
	uint64_t dropped_told;   /* dead letters */
	int64_t dropped_told_ms; /* monotonic */
	int exit_code;
};

/* Builds everything in order, runs until a signal ends it, takes everything down. Returns the exit code; what
 * goes wrong is logged, faults of the configuration are printed to stderr. */
int effortd_run(const struct arguments *);

/* -t: what a start would do short of opening sockets and Redis. Prints to stderr. EXIT_OK or EXIT_CONFIG. */
int effortd_check(const struct arguments *);

/* Reads the configuration, printing its warnings to stderr; NULL and faults. */
struct conf *effortd_conf(const struct arguments *, struct faults *faults);

/* One transaction: the old configuration stays in force on any fault. */
int effortd_reload(struct effortd *, struct faults *faults);

/* First call: begin the shutdown; second: end it at once. */
void effortd_shutdown(struct effortd *);
/* Moves the shutdown on; called on every tick and whenever something settles. */
void effortd_shutdown_step(struct effortd *);

/* What the configuration says of the core. */
struct core_limits effortd_limits(const struct conf *);

/* Reads on or stops reading, by what waits for Redis and for the disk. */
void effortd_backpressure(struct effortd *);

/* Answers one request of the control socket (answers.c). */
void effortd_answer(void *effortd, uint64_t id, const char *request, size_t len);

/* Different plugins in force. */
size_t effortd_plugins(const struct effortd *);

void effortd_print_faults(const struct faults *);

#endif
