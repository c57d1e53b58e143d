/* SPDX-License-Identifier: MPL-2.0 */
/* The words of one segment: what the numbers in its effects stand for, defined before they are used. Names
 * get numbers of the segment's own. All definitions are kept as the bytes they are in the segment, so that
 * they can be written again: into the block after the one that needed them first, once more some way on, at
 * the segment's end, and whole into a segment that takes over from one that failed. Loop's thread. */
#ifndef JOURNAL_LABELS_H
#define JOURNAL_LABELS_H

#include "journal/record.h"

#define LABELS_FAR_BYTES (64 * 1024) /* of records between a word and its third place */

/* Where numbers come from; borrowed. */
struct labels_source {
	const struct standings *standings;
	const struct names *names;
	const char (*codes)[5]; /* by municipality index */
};

struct labels_words {
	uint8_t *bytes; /* owned */
	size_t len, cap;
};

struct label_of_name {
	uint32_t serial, number; /* number RECORD_NO_NAME: not defined */
};

struct labels {
	struct labels_source source;
	uint64_t municipalities[(CELL_MUNICIPALITIES + 63) / 64], standings[STANDINGS_MAX / 64]; /* bits */
	struct label_of_name *names; /* owned; by number of the name record */
	size_t names_cap;
	uint32_t names_len; /* defined in this segment */
	struct labels_words words;
	size_t put;          /* words up to here stand in a block; those behind must, before they are used */
	size_t next;         /* up to here in a second one */
	size_t far, far_end; /* up to `far` in a third one; those up to far_end are next */
	size_t far_at;       /* where far_end was set, in bytes of the segment's records */
};

void labels_init(struct labels *, const struct labels_source *);
void labels_done(struct labels *);
/* A new segment: nothing is defined. The words of the one before are the caller's. */
struct labels_words labels_begin(struct labels *);
void labels_words_done(struct labels_words *);

/* Adds to `words` what a cell and its names need and the segment does not have, and gives the numbers of the
 * names. 0 or -ENOMEM. */
int labels_need(struct labels *, uint64_t cell, const uint32_t names[DIMENSIONS],
		uint32_t ret_names[DIMENSIONS]);

/* A standing in words; they live as long as the standings. */
struct standing_text labels_standing(const struct standings *, uint16_t number);

/* Words that must stand again at the beginning of a block, which begins `at` bytes of records into the
 * segment; is_last: before the segment's last mark. They begin at the result and end at `put`. */
size_t labels_again(const struct labels *, size_t at, bool is_last);
/* They do. */
void labels_stand_again(struct labels *, size_t at);
/* Another segment has taken over, with all words in its first block. */
void labels_moved(struct labels *);

#endif
