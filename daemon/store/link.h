/* SPDX-License-Identifier: MPL-2.0 */
/* One connection to Redis: a nonblocking socket under libevent, bytes out as they are given, replies in
 * (RESP2) through bound.h into hiredis' reader, each to the handler its command was sent with, in order. No
 * retry, no meaning: a link lives from connecting to the first fault and is then told closed, once.
 *
 * Loop's thread. Bounded: BOUND_REPLY in; what is sent is the caller's to bound (link_unsent()). */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct event_base;
struct link;
struct redisReply;

struct link_owner {
	void *ctx;
	void (*on_connected)(void *ctx);
	void (*on_closed)(
		void *ctx,
		const char *why); /* not after link_close(); the owner closes the link, in here or later */
};

/* Answers the reply to one command; reply NULL: the link was closed before it came. arg is the caller's. */
typedef void link_handler(void *ctx, uint64_t arg, const struct redisReply *reply);

/* Starts connecting. timeout_ms: for connecting, and without any byte while a reply is due. NULL: no memory,
 * no socket. */
struct link *link_open(struct event_base *, const struct sockaddr *, socklen_t, int64_t timeout_ms,
		       const struct link_owner *);
/* Handlers still waiting are called with NULL. May be called from any of the link's callbacks. NULL is
 * allowed. */
void link_close(struct link *);

/* 0 or -ENOMEM. The bytes are copied; they hold exactly one command. */
int link_send(struct link *, const char *bytes, size_t len, link_handler *, uint64_t arg);
/* What was sent and is not out yet goes as far as the socket takes it at once: for last words before link_close(). */
void link_push(struct link *);

#endif
