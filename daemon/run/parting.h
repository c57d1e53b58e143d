/* SPDX-License-Identifier: MPL-2.0 */
/* Where a copy of this journal was taken while we ran: what we have written behind the last block that it has, read back from
 * the segments. What has been folded meanwhile cannot be told apart any more and stays with the copy, and so does what an
 * earlier run may have sent. What cannot be read is told in the log, and what came before it stays where it may have been
 * sent. Part of renewal.c. Loop's thread; reads what is not folded, so it is for the rare moment in which a name is given up. */
#ifndef RUN_PARTING_H
#define RUN_PARTING_H

#include <stdbool.h>
#include <stdint.h>

struct core;
struct young;

struct parting {
	struct young *own;
	bool is_short;	   /* part of what was ours is left out: folded, not to be read, or perhaps in Redis and perhaps not */
	bool is_forgotten; /* a batch of this run that the copy has not got is in Redis: it had forgotten who counts */
};

/* All that lies in blocks behind this one and in no batch that may be in Redis under the present name; everything must be
 * durable. 0; -ENOMEM, or a negative errno of the disk. */
int parting_own(struct core *, uint64_t block, struct parting *ret);

#endif
