/* SPDX-License-Identifier: MPL-2.0 */
/* A Redis: keys, the loaded functions, and everything that goes wrong with one: it dies and comes back with an
 * older state, it is flushed, keys are evicted, the functions forgotten, it refuses, it hangs. One command at
 * a time, as a whole. */
#ifndef SIMULATION_SERVER_H
#define SIMULATION_SERVER_H

#include "function.h"
#include "world.h"

#define SERVER_SNAPSHOTS 16

enum server_refusal {
	REFUSE_NOTHING,
	REFUSE_OOM,
	REFUSE_READONLY,
	REFUSE_MISCONF,
	REFUSE_BUSY,
	REFUSE_LOADING,
	REFUSE_NOPERM,
	REFUSALS
};

struct server {
	struct keys keys;
	struct library *functions; /* NULL: forgotten */
	struct {
		struct keys keys;
		struct library *functions;
		bool is_there;
	} snapshots[SERVER_SNAPSHOTS];
	size_t next_snapshot;
	bool is_up, is_hung;
	enum server_refusal refusal;
	uint64_t commands, calls, refused; /* so far */
};

void server_init(struct server *);
void server_done(struct server *);

void server_run(struct server *, const struct arg *argv, size_t argc, int64_t now_ms, struct answer *);

/* Keeps the present state for a later server_restart(). */
void server_save(struct server *);
/* Comes back with the state of `age` snapshots ago (0: the present one). */
void server_restart(struct server *, size_t age);
void server_flush(struct server *);
void server_forget_functions(struct server *);
/* Evicts this many keys, chosen by `chance`. Returns how many went. */
size_t server_evict(struct server *, struct chance *, size_t n);

#endif
