/* SPDX-License-Identifier: MPL-2.0 */
/* Events read back from the journal: counted in the core's ledger, their ids known to its dedup, errands and meters
 * remembered. Numbers in a segment are the writing process'; they are turned into the ledger's here. Part of recover.c.
 *
 * A start has millions of them to read, so effects that are alike are counted as one: what was read is in the ledger after
 * reread_settle() only, and in dedup after reread_finish(). */
#ifndef RUN_REREAD_H
#define RUN_REREAD_H

#include "journal/alike.h"
#include "run/reread_ids.h"

struct core;

struct reread_name {
	uint8_t dimension;
	struct effort_str text; /* owned */
};

struct reread {
	struct core *core; /* borrowed */
	int64_t now_ms;
	uint64_t segment; /* at hand */
	bool is_former;	  /* it is of a writer we no longer are: its ids are known, nothing is counted */
	uint16_t municipality[CELL_MUNICIPALITIES + 1], standing[STANDINGS_MAX];
	struct reread_name *names; /* owned, by number */
	size_t names_len;
	struct alikes alikes;
	struct reread_ids *ids; /* owned */
};

/* 0 or -ENOMEM; reread_done() either way. */
int reread_init(struct reread *, struct core *, int64_t now_ms);
void reread_done(struct reread *);

/* What a segment tells, as struct replay has it. 0 or a negative errno. */
int reread_municipality(struct reread *, uint16_t number, const char *code);
int reread_standing(struct reread *, uint16_t number, const struct standing_text *);
int reread_name(struct reread *, uint32_t number, const struct name_text *);
int reread_effect(struct reread *, const struct effect *);
int reread_change(struct reread *, const struct change *);
/* In the log, with what may be missing and what to do. */
void reread_tell_damage(const struct damage *);

/* What is told, in the ledger's numbers and in words, without counting it: for those who do that themselves. A cell's
 * false: a word of it is missing. */
bool reread_cell(const struct reread *, uint64_t *packed);
void reread_words(const struct reread *, const uint32_t numbers[DIMENSIONS], struct effort_str ret[DIMENSIONS]);

/* Counts all that was read: before a mark. 0 or a negative errno. */
int reread_settle(struct reread *);
/* The segment ends: the same, and its words are forgotten. */
int reread_end(struct reread *);
/* The last one ends: the same, and all ids are known. */
int reread_finish(struct reread *);

#endif
