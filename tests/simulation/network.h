/* SPDX-License-Identifier: MPL-2.0 */
/* The way between effortd and Redis, behind store/link.h: commands and replies take their time and keep their
 * order within a connection, not between connections. A connection can be cut at any moment: of the commands on
 * their way some first ones still arrive, perhaps long after, when another connection has gone on; of the
 * replies none. One network and one server a world. */
#ifndef SIMULATION_NETWORK_H
#define SIMULATION_NETWORK_H

#include "server.h"
#include "world.h"

struct network {
	struct server *server; /* borrowed */
	int64_t usual_us;      /* one way */
	bool is_refused;       /* connecting is answered with a refusal */
	bool is_silent;	       /* nothing comes through, nothing is told */
	/* for the report */
	uint64_t connections, cuts, ghosts, lost_replies;
	/* Before a command of an effortd is run, and after; may be NULL. */
	void (*on_command)(void *ctx, bool is_done, const struct arg *argv, size_t argc);
	void *ctx;
};

extern struct network network;

void network_begin(struct server *);
void network_end(void); /* every link must be closed */

/* All connections are cut now. is_told: the clients notice at once; else by their own timeouts. */
void network_cut(bool is_told);
/* The server has died: connections are reset, commands on their way are gone. */
void network_reset(void);
/* SIGCONT, or the network is back: what waits goes on. */
void network_resume(void);
/* Commands of connections whose client is gone that may still arrive. */
size_t network_ghosts(void);

#endif
