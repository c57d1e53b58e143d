/* SPDX-License-Identifier: MPL-2.0 */
/* What has been folded before Redis had it: "<totals>/unsent". Folding removes segments, and with them what a start
 * would have sent; this file keeps it as sums: the batch that may be on its way (`frozen`), what is in no batch yet
 * (`next`), and for every place they touch the position it had in Redis before (`places`), so that a start sends the
 * batch again as it was instead of bringing every hash back from the totals.
 *
 * What is in no batch is kept apart by the run that took it: where a copy of the journal has taken the name, each begins a
 * new one with what it took alone (run/renewal.h).
 *
 * The file says with which segment it was last replaced: everything up to that one is in it, and nothing behind.
 * It is replaced before the totals are, and removed once Redis has everything. Never larger than what Redis lacks.
 * Words of all totals have the same numbers. Not thread-safe. */
#ifndef JOURNAL_UNSENT_H
#define JOURNAL_UNSENT_H

#include "journal/totals.h"

#define UNSENT_PARTS 64 /* past it the two oldest are joined */

struct unsent_part {
	uint64_t behind;     /* of the run: as identity_behind() has it */
	struct totals *sums; /* owned */
};

struct unsent {
	uint64_t segment;	    /* the last one that is in it; 0: none, it is about to begin */
	uint64_t from, frozen_from; /* positions: `next` follows the one, `frozen` the other and ends with the one */
	uint64_t behind;	    /* whose counts `next` gains */
	struct totals *frozen, *next, *places; /* owned */
	struct unsent_part earlier[UNSENT_PARTS]; /* in no batch either, of runs before that one, the oldest first */
	size_t earlier_len;
};

/* With nothing in it. 0 or -ENOMEM; unsent_done() either way. */
int unsent_init(struct unsent *);
void unsent_done(struct unsent *);

/* Numbers of a word; negative errno as totals_municipality(). */
int unsent_municipality(struct unsent *, const char *code);
int unsent_standing(struct unsent *, const struct standing_text *);

bool unsent_is_empty(const struct unsent *); /* Redis has everything */
/* The position that the place had in Redis; false: it is not known here. */
bool unsent_place(const struct unsent *, const char *code, int dimension, int32_t period, uint64_t *ret);

/* What `next` gains from here on is of this run. 0 or a negative errno. */
int unsent_begin_run(struct unsent *, uint64_t behind);
/* A batch ends at this position. It is marked only when the one before it was settled. 0 or a negative errno. */
int unsent_freeze(struct unsent *, uint64_t position);
/* Redis has everything up to this position. 0 or a negative errno. */
int unsent_settle(struct unsent *, uint64_t position);

/* Into one that was just begun. 0; -ENOENT: there is none; -EBADMSG: damaged; -EPROTONOSUPPORT: of a later effortd; or
 * another negative errno, with reterr. After an error it is to be done and begun anew. */
int unsent_read(struct unsent *, const struct disk *, const char *totals_dir, struct error *reterr);
int unsent_write(const struct unsent *, const struct disk *, const char *totals_dir);
/* Durably; 0 also where there is none. */
int unsent_remove(const struct disk *, const char *totals_dir);

#endif
