/* SPDX-License-Identifier: MPL-2.0 */
/* What is remembered of errands (records of several systems that are one contact), and of meters: journal/errands with
 * the file it was read from, in the ledger's numbers. What a further record or reading changes of what is counted
 * (run/errand, run/meter) is counted here in one change of the journal, so that none is counted twice or torn from the
 * others.
 *
 * An errand is forgotten when its window has passed since its last record came (and since the latest time of
 * one); past errand.max records the oldest errands go first. What is counted stays. Loop's thread. */
#ifndef RUN_ERRAND_BOOK_H
#define RUN_ERRAND_BOOK_H

#include "count/errand.h"
#include "journal/errands.h"
#include "journal/fold.h"
#include "run/event_key.h"

struct core;

#define METER_READINGS_MAX 262144 /* of all meters are remembered */

struct errand_book {
	struct core *core;	 /* borrowed */
	bool is_of_meters;	 /* run/meter.h */
	int64_t before_ms;	 /* what was over before is forgotten */
	struct errands *errands; /* owned */
	char path[4096];
	uint64_t segment;	 /* what is in the file, as it was read */
	uint64_t generation;	 /* of `standings` */
	int standings[STANDINGS_MAX]; /* the dictionary's numbers in the ledger's; -1: not asked for */
	uint64_t merged;	 /* records that were no contact of their own, since the start */
	uint64_t full;		 /* records counted by themselves: their errand has ERRAND_RECORDS */
	uint64_t forgotten;	 /* errands, because there were too many */
	bool is_told;		 /* that there are too many */
};

/* Reads the file. 0 or a negative errno with reterr; a damaged one is told in the log and set aside when the next
 * segment is folded. */
int errand_book_open(struct errand_book *, struct core *, const char *path, bool is_of_meters, struct error *reterr);
void errand_book_close(struct errand_book *);

/* Takes up what the journal has been given; cells in the ledger's numbers, names of the record (errands, meters). */
void errand_book_note(struct errand_book *, const struct change *, const struct effort_str names[DIMENSIONS]);
/* Forgets what is due. */
void errand_book_tick(struct errand_book *, int64_t trusted_ms);
void errand_book_trim(struct errand_book *);
/* What folding is to do with its file. Valid while the book is. */
struct fold_errands errand_book_fold(const struct errand_book *);
/* The cell of a kind in the ledger's numbers; false: there is no number for it. */
bool errand_book_cell(struct errand_book *, uint32_t kind, uint64_t *ret);

/* Counts all parts of a change, writes it down and takes it up: whole or not at all. names: of each part. seen: the part
 * that bears the names of the change's own record. 0 or a negative errno. */
int errand_book_commit(struct errand_book *, struct change *, const struct effort_str **names, size_t seen, int64_t now_ms);

#endif
