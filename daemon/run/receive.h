/* SPDX-License-Identifier: MPL-2.0 */
/* From bytes to counts: what happens to the lines of one read. Decodes them, checks what a line alone cannot
 * tell (does the municipality exist, is the time acceptable), has them classified in batches, counts them in
 * the ledger, and keeps the books per source. Allocates nothing per event. Loop's thread. */
#ifndef RUN_RECEIVE_H
#define RUN_RECEIVE_H

#include "run/accounts.h"
#include "run/ledger.h"
#include "run/snapshot.h"

struct receiver;

/* All borrowed. */
struct receive_context {
	const struct snapshot *snapshot;
	struct ledger *ledger;
	struct accounts *accounts;
};

struct receiver *receiver_new(void); /* NULL: no memory */
void receiver_free(struct receiver *);

/* lines: whole lines, DECODE_PADDING readable bytes behind. default_source: the connection's identity or len
 * 0. *line_number: lines of the connection so far, moved on. */
void receive_lines(struct receiver *, const struct receive_context *, const char *lines, size_t len,
		   struct effort_str default_source, uint64_t *line_number, int64_t now_ms);

/* A line that never became one (E_TOO_LONG, E_PARTIAL). */
void receive_fault(const struct receive_context *, enum code, struct effort_str default_source,
		   uint64_t *line_number, int64_t now_ms);

/* Events counted as unclassified since the start. */
uint64_t receiver_unclassified(const struct receiver *);

#endif
