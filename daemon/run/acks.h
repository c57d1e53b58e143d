/* SPDX-License-Identifier: MPL-2.0 */
/* Acknowledgements of one connection that asked for them (contract, section 3): counts what became of its
 * lines, and tells once the journal's blocks they lie in are durable:
 *   {"nack":17,"id":"...","code":"E_KLE","detail":"..."}     before the ack that covers line 17
 *   {"ack":20,"accepted":18,"duplicate":1,"refused":1}        cumulative
 * A line settles with the block that was open when it was judged: an accepted line's own; a duplicate's or a
 * conflict's original is in it or before it. So acks go out in order. A client with more than `window` lines
 * unsettled, or that does not take its answers, is not read from until it has; others do not notice.
 * Loop's thread. */
#ifndef RUN_ACKS_H
#define RUN_ACKS_H

#include "event/code.h"
#include "net/net.h"

#include <effort/plugin.h>

#define ACKS_WINDOW   10000
#define ACKS_KEPT_MAX ((size_t)64 << 20) /* bytes of refusals kept for all clients together */

struct acks;
/* All connections with acks. */
struct acks_book {
	struct acks *first; /* those with something unsettled */
	size_t kept;        /* bytes of refusals, of all */
	size_t connections;
	uint64_t unsettled; /* lines, of all */
};

struct acks *acks_new(struct acks_book *, struct conn *); /* NULL: no memory */
void acks_free(struct acks *);                            /* NULL is allowed */

/* What became of the next line; block: journal_last(), the block the answer has to wait for. */
void acks_accepted(struct acks *, uint64_t block);
void acks_duplicate(struct acks *, uint64_t block);
/* id: len 0 when it may not be told; detail: copied, up to 255 bytes. */
void acks_refused(struct acks *, uint64_t block, struct effort_str id, enum code, const char *detail);

/* Blocks up to this one are durable: sends what they settle. Also called at the end of each turn (on_lines,
 * on_fault) with what is durable already, because journal_last() may have been. */
void acks_durable(struct acks_book *, uint64_t block);
/* The connection has taken its answers: goes on. */
void acks_drained(struct acks *);

#endif
