/* SPDX-License-Identifier: MPL-2.0 */
/* One batch of counts on its way to Redis: calls encoded once and kept until each is answered. Only what the
 * hashes must hold before a call is filled in anew whenever it is sent.
 *
 * Calls of one municipality are a chain: a call is offered for sending only when the one before it was
 * answered with success. So no hash ever holds a later position while an earlier call of it failed, and
 * sending a call again is always right. Calls of different municipalities are independent and go together.
 * When all of a batch is in
 * Redis every hash it changed holds the batch's own, even position. A hash that several calls of a chain change
 * holds an odd one in between, which no other call has. Owns its bytes. Pure. */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/encode.h"

#define BATCH_CHAINS (CELL_COUNTRY + 1)
#define BATCH_NO_DAY INT32_MIN

struct call {
	char *bytes;      /* owned; NULL once it is settled */
	size_t len, mark; /* where in bytes the position lies, and behind it what the hashes must hold */
	uint64_t position; /* the batch's */
	uint64_t own;      /* of hashes that a later call of the chain changes too */
	uint8_t more;      /* bit w: it does so in window w */
	uint32_t next; /* the municipality's next call, 0: none (numbers from 1) */
	int32_t day;   /* BATCH_NO_DAY: names */
	uint16_t municipality;
	struct place_key names; /* of names */
	uint16_t left;          /* bit i: hash i has this call already, as far as this connection knows */
	uint16_t over;    /* bit i: hash i holds another process' position; it is counted upon all the same */
	uint8_t judged;   /* times in a row that its hashes did not hold what they must */
	bool is_out;      /* sent and not answered */
	bool is_doubtful; /* sent and cut off, or refused: hashes may have it */
	bool was_refused;
	uint32_t cells;
};

struct batch {
	struct call *calls; /* owned; [0] unused */
	size_t len, cap, settled;
	struct encode_name *names; /* owned; text lies in name_bytes, at an offset until sorted */
	size_t names_len, names_cap, names_done;
	char *name_bytes; /* owned */
	size_t name_bytes_len, name_bytes_cap;
	uint32_t head[BATCH_CHAINS], tail[BATCH_CHAINS]; /* first call not settled, last call; 0: none */
	struct command command;
	size_t bytes;
	bool is_open, is_sorted, is_finished;
};

void batch_init(struct batch *);
void batch_done(struct batch *);
void batch_clear(struct batch *);

/* 0 or -ENOMEM. */
int batch_group(struct batch *, const struct scene *, const struct spread_group *);
int batch_name(struct batch *, const struct name_record *);
/* Encodes the names, reasons among the cells of their group, and gives all calls their positions. 0; -ENOMEM:
 * nothing is lost, call again. */
int batch_finish(struct batch *, const struct scene *, uint64_t position);
/* The hashes of a call, and what each holds afterwards. */
size_t batch_hashes(const struct call *);
uint64_t batch_position(const struct call *, size_t number);
struct place_hash batch_hash(const struct call *, size_t number);
/* Where what hash `number` must hold lies in the call. */
char *batch_mark(const struct call *, size_t number);

/* Number of a call of this chain that may be sent now; 0: none. */
uint32_t batch_next(const struct batch *, uint16_t municipality);
void batch_settle(struct batch *, uint32_t call);
/* The connection is gone: nothing is out, and what was is doubtful. */
void batch_unsend(struct batch *);
static inline bool batch_is_settled(const struct batch *batch)
{
	return batch->settled == batch->len && batch->names_done == batch->names_len;
}

#endif
