/* SPDX-License-Identifier: MPL-2.0 */
/* What is known of one producer's connection, and the hello it may begin with (contract, section 3):
 *   {"hello":1,"source":"borger.dk"}
 * A connection that says no hello gets not one byte back. Acknowledgements and tokens are not in this
 * version: a hello that asks for them gets an error and is closed, so that nobody believes in an ack that
 * never comes. Loop's thread. */
#ifndef RUN_HELLO_H
#define RUN_HELLO_H

#include "net/net.h"

#include <effort/plugin.h>

struct producer {
	uint64_t lines; /* non-empty lines so far, the hello not counted */
	char *source;   /* owned; the identity its hello gave, or NULL */
};

/* The producer behind a connection, made at its first use; NULL: no memory. */
struct producer *producer_of(struct conn *);
void producer_free(struct conn *);
struct effort_str producer_source(const struct producer *); /* len 0: none */

/* Takes a hello off the front of a connection's first lines and answers it. False: the connection is being
 * closed and nothing of the lines may be used. */
bool hello_take(struct conn *, struct producer *, char **lines, size_t *len);

#endif
