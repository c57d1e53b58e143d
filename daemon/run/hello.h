/* SPDX-License-Identifier: MPL-2.0 */
/* What is known of one producer's connection, and the hello it may begin with (contract, section 3):
 *   {"hello":1,"acks":true,"source":"borger.dk"}
 * A connection that says no hello, or asks for no acks, gets not one byte more back. Tokens are not in this
 * version: a hello that brings one gets an error and is closed, so that nobody believes to be authenticated.
 * Loop's thread. */
#ifndef RUN_HELLO_H
#define RUN_HELLO_H

#include "net/net.h"
#include "run/acks.h"

#include <effort/plugin.h>

struct producer {
	bool has_begun;    /* its first non-empty line has come, or come to nothing */
	uint64_t lines;    /* non-empty lines so far, the hello not counted */
	char *source;      /* owned; the identity its hello gave, or NULL */
	struct acks *acks; /* owned; NULL: not asked for */
};

/* The producer behind a connection, made at its first use; NULL: no memory. */
struct producer *producer_of(struct conn *);
void producer_free(struct conn *);
struct effort_str producer_source(const struct producer *); /* len 0: none */

/* Until a connection has begun: takes empty lines off the front, and the hello if the first other line is one, and
 * answers it. False: the connection
 * is being closed and nothing of the lines may be used. True: *len may be 0 now. */
bool hello_take(struct conn *, struct producer *, struct acks_book *, char **lines, size_t *len);

#endif
