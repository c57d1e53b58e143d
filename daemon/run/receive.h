/* SPDX-License-Identifier: MPL-2.0 */
/* From bytes to counts: what happens to the lines of one read. Has them unpacked (run/crew) and classified in
 * batches, gives them to the core in their order, keeps the books per source, the dead letters and the connection's
 * acknowledgements. Allocates nothing per event. Loop's thread. */
#ifndef RUN_RECEIVE_H
#define RUN_RECEIVE_H

#include "journal/deadletter.h"
#include "run/accounts.h"
#include "run/core.h"
#include "run/hello.h"
#include "run/snapshot.h"

struct receiver;

/* All borrowed. */
struct receive_context {
	const struct snapshot *snapshot;
	struct core *core;
	struct accounts *accounts;
	struct deadletters *deadletters;
};

struct receiver *receiver_new(int workers); /* 1 to CREW_MAX threads unpack, this one among them; NULL: no memory */
void receiver_free(struct receiver *);

/* lines: whole lines, DECODE_PADDING readable bytes behind. */
void receive_lines(struct receiver *, const struct receive_context *, struct producer *, const char *lines,
		   size_t len, int64_t now_ms);

/* A line that never became one (E_TOO_LONG, E_PARTIAL); size: bytes of it. */
void receive_fault(const struct receive_context *, struct producer *, enum code, size_t size, int64_t now_ms);

/* Events counted as unclassified since the start. */
uint64_t receiver_unclassified(const struct receiver *);

#endif
