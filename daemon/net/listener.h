/* SPDX-License-Identifier: MPL-2.0 */
/* Accepts connections and hands the sockets to its owner. Never spins: where the process or the system is out
 * of descriptors or memory, accepting stops and is tried again on a timer and when a descriptor has come
 * free; who waits, waits in the kernel's queue. Holds one spare descriptor, given back to the process while
 * it is starved, or spent on one client (control), so that somebody can still ask what is going on. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "base/error.h"

#include <stdbool.h>

struct event_base;
struct listener;
struct sockaddr_storage;

#define LISTENER_TURN     64  /* connections accepted at most in one turn of the loop */
#define LISTENER_RETRY_MS 250 /* between two attempts while starved */

struct listener_owner {
	void *ctx;
	/* A new socket, nonblocking; the owner's from here. May call listener_hold. */
	void (*on_socket)(void *ctx, int fd, const struct sockaddr_storage *peer);
	/* Accepting stopped (error: why) or goes on (0). Told once each. May be NULL. */
	void (*on_starved)(void *ctx, int error);
};

/* spec: see endpoint.h. replaced: the listener this one follows, or NULL. */
int listener_open(struct event_base *, const char *spec, const struct listener *replaced,
		  const struct listener_owner *, struct listener **ret, struct error *reterr);
int listener_open_path(struct event_base *, const char *path, const struct listener_owner *,
		       struct listener **ret, struct error *reterr);
void listener_close(struct listener *); /* NULL: nothing. Not inside on_socket. */

/* Further clients wait in the kernel's queue while on. */
void listener_hold(struct listener *, bool on);
/* Spend the spare descriptor on a client when there is no other. */
void listener_serve_on_spare(struct listener *);
/* A descriptor came free: try again now, if starved. */
void listener_nudge(struct listener *);
/* Accepts everything that waits, held or not: before closing, because closing resets who waits. */
void listener_empty(struct listener *);

const char *listener_address(const struct listener *);
bool listener_is_starved(const struct listener *);

#endif
