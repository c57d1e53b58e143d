/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of net/ share: the two structs behind net.h. No other layer includes this (tests do, to
 * shorten the patience).
 *
 * Lifetimes: a connection is freed in one place only, conn_reap(), which runs from the loop when no other
 * function of net is on the stack. So a list may be walked while the owner's callbacks close what they like.
 */
#ifndef NET_INNER_H
#define NET_INNER_H

#include "net/endpoint.h"
#include "net/intake.h"
#include "net/listener.h"
#include "net/net.h"
#include "net/peers.h"

#include <event2/event.h>
#include <event2/event_struct.h>

#define NET_ANSWER_PATIENCE_MS 30000 /* how long they wait without the client reading any */
#define NET_LINGER_MS          2000  /* how long an answered client may go on sending after conn_close() */

enum conn_state {
	CONN_OPEN,
	CONN_OWING,     /* no longer read; the owner has more to answer */
	CONN_FLUSHING,  /* no longer read; closed when the answers are out */
	CONN_LINGERING, /* our side is shut; what still comes is thrown away, so that no RST eats the answer
			 */
	CONN_DEAD,      /* waits for conn_reap() */
};

/* Answers the socket did not take at once. Exists only meanwhile. */
struct outbox {
	struct event writable;
	size_t start, end, cap;
	int64_t since_ms; /* last time the client took something */
	char *bytes;      /* owned */
};

struct conn {
	struct net *net;
	struct conn *prev, *next, *next_dead;
	struct event readable;
	int fd;
	enum conn_state state;
	bool is_answered, is_deaf, is_at_end, is_held, owes;
	uint32_t heard_tick; /* when the last byte came */
	struct intake intake;
	struct outbox *outbox;
	int64_t linger_until_ms;
	void *user;
	struct peer *origin; /* NULL: not limited by address */
	char peer[PEER_TEXT_MAX];
};

struct net {
	struct event_base *base;
	struct net_owner owner;
	struct net_limits limits;

	char *spec; /* NULL: no listener */
	struct listener *listener;
	struct peers peers;
	char *buffer; /* INTAKE_ROOM, then NET_READ_SIZE, then NET_PADDING */
	struct intake_pool pool;

	struct conn *conns, *dead;
	struct event sweep, reap;
	int depth; /* callbacks of ours on the stack */

	/* Time as producers are measured by: whole sweeps. It stands still while we do not read and while the
	 * process does not run, so nobody pays for our own stalls. */
	uint32_t tick, line_ticks, idle_ticks;
	int64_t sweep_ms;
	int64_t patience_ms;

	bool is_paused, is_draining, is_full;
	struct net_status status;
	uint64_t late_lines, idlers, non_readers, refused; /* since the last notice */
};

/* conn.c. conn_add takes the descriptor, also when it fails (no memory). */
void conn_add(struct net *, int fd, const struct sockaddr_storage *);
void conn_read(struct conn *);          /* one recv, what it brought handed over */
bool conn_is_read(const struct conn *); /* open, and neither held nor paused */
void conn_watch(struct conn *);         /* reads, or stops: as conn_is_read says now */
void conn_end(struct conn *);           /* no more input: tells an unfinished line, closes */
void conn_kill(struct conn *);          /* closes without waiting for the answers to go out */
void conn_age(struct conn *, int64_t);  /* closes when answers or lingering took too long */
void conn_reap(struct net *);

/* net.c: a connection is gone for good. */
void net_freed(struct net *);

/* For tests: how long unread answers are kept; control's before its first client. */
void net_set_patience(struct net *, int64_t ms);
void control_set_patience(struct control *, int64_t ms);

#endif
