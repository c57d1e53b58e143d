/* SPDX-License-Identifier: MPL-2.0 */
/* Bytes from producers, and the control socket. Owns listeners and connections; finds out nothing about what
 * the lines mean. Everything runs on the loop's thread.
 *
 * Silent by default: not one byte is written to a connection unless the owner calls conn_answer(), because a
 * server that writes to a client which never reads destroys the client's own unsent data when it closes.
 * Overload is answered by not reading (net_pause), never by dropping. */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct net;
struct conn;

/* Bytes one read takes at most, and what is readable behind the lines handed over. */
#define NET_READ_SIZE (256 * 1024)
#define NET_PADDING   64
/* Bytes of answers that may wait for one client; kept only while some do, and only as much as do. */
#define NET_ANSWER_MAX (256 * 1024)

struct net_limits {
	int max_connections;     /* further ones wait in the kernel's queue: accepting is paused */
	int max_per_address;     /* 0: no limit; further ones are closed at once */
	int64_t line_timeout_ms; /* from the first byte of an unfinished line to its end */
	int64_t idle_timeout_ms; /* INT64_MAX: none */
};

/* Why a piece of input never became a line. */
enum net_fault { NET_TOO_LONG, NET_PARTIAL };

struct net_owner {
	void *ctx;
	/* Whole lines, each ending in LF, in receipt order; NET_PADDING readable bytes follow. The buffer may
	 * be written to, but not the padding, and is the owner's for the call. */
	void (*on_lines)(void *ctx, struct conn *, char *lines, size_t len);
	/* A line over DECODE_MAX_LINE (told once, when it is known; the rest of it is skipped), or a last
	 * line without LF at the end of the connection. size: bytes of it so far. */
	void (*on_fault)(void *ctx, struct conn *, enum net_fault, size_t size);
	/* The connection is gone; its user data ends here. */
	void (*on_close)(void *ctx, struct conn *);
	/* Everything answered has gone out (or never can: nobody listens any more), after conn_answer() had
	 * to put some of it aside. May be NULL. */
	void (*on_drained)(void *ctx, struct conn *);
	/* Something for the log: accepting paused (out of descriptors, max_connections) or resumed, timeouts.
	 * msg and detail are constant text. Must not call back into net. */
	void (*on_notice)(void *ctx, const char *msg, const char *detail, uint64_t n);
};

/* owner and limits are copied. NULL: no memory. */
struct net *net_new(struct event_base *, const struct net_owner *, const struct net_limits *);
void net_free(struct net *); /* closes everything; not inside a callback */

/* Opens the listener for spec ("127.0.0.1:7020", "[::1]:0", "/path.sock", "systemd", "systemd:NAME", "off"),
 * or carries the open one over when spec is unchanged. The old one is closed only after the new one listens.
 */
int net_listen(struct net *, const char *spec, struct error *reterr);
void net_set_limits(struct net *, const struct net_limits *);

/* Where it listens really ("127.0.0.1:41233"); "off". Valid until the next net_listen. */
const char *net_address(const struct net *);

void net_pause(struct net *, bool pause); /* stop or go on reading from all producers */
void net_stop_accepting(struct net *);    /* first step of a shutdown: close the listener, keep connections */
/* Final: each connection is closed once its socket is empty and no line of it is open; those that keep a line
 * open stay until net_close_all. Done when net_status counts no connections. Waits while paused. */
void net_drain(struct net *);
void net_close_all(struct net *);

struct net_status {
	size_t connections;
	uint64_t accepted, refused_per_address, timeouts, bytes;
	bool is_paused, accept_is_paused;
};
void net_status(const struct net *, struct net_status *ret);

void conn_set_user(struct conn *, void *user);
void *conn_user(const struct conn *);
const char *conn_peer(const struct conn *); /* "127.0.0.1:55555", "unix" ; for logs */
/* Sends an answer (hello, acks). Bounded by NET_ANSWER_MAX waiting: past it the client is closed; so is one
 * that reads nothing of it for half a minute. */
void conn_answer(struct conn *, const char *text, size_t len);
size_t conn_unsent(const struct conn *); /* bytes of answers the client has not taken */
/* Stops (or goes on) reading from this connection alone, whatever net_pause says of all. What has been read
 * already is still handed over. Its timeouts stand still meanwhile. */
void conn_hold(struct conn *, bool hold);
/* There are answers to come. A connection whose client has ended (a half-close is a clean end), or that is
 * drained, is kept for them and closed as soon as nothing is owed any more. */
void conn_owe(struct conn *, bool owes);
/* Closes after what was answered has gone out, whatever is still owed. Safe inside on_lines: the rest of the
 * lines is not handed over. */
void conn_close(struct conn *);

/* The control socket: one JSON line a request, one JSON line an answer, for effortctl. Mode 0660, peer must
 * be root, our own user or in our group (by file mode). At most CONTROL_CLIENTS at once, CONTROL_REQUEST_MAX
 * bytes a request. */
#define CONTROL_CLIENTS     32
#define CONTROL_REQUEST_MAX 65536

struct control;
struct control_owner {
	void *ctx;
	/* request: NUL-terminated, without LF, for the call only. Every request is answered once, now or
	 * later, with control_answer(id). */
	void (*on_request)(void *ctx, uint64_t id, const char *request, size_t len);
};
struct control *control_open(struct event_base *, const char *path, const struct control_owner *,
			     struct error *reterr);
void control_close(struct control *); /* removes the socket file; not inside a callback */
/* json: one document without LF; copied. An id whose client has gone is ignored. */
void control_answer(struct control *, uint64_t id, const char *json, size_t len);

#endif
