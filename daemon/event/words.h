/* SPDX-License-Identifier: MPL-2.0 */
/* The lexicons of everything an event is written with: member names and the closed word lists. Built once per
 * decoder, constant afterwards. */
#ifndef EVENT_WORDS_H
#define EVENT_WORDS_H

#include "event/lexicon.h"

struct words {
	struct lexicon key; /* index: enum key */
	struct lexicon channel, kind, direction, population, assisted, outcome,
		form; /* index: as in vocab.h */
};

/* 0, or -EINVAL: the lists do not fit a lexicon. */
int words_init(struct words *);

#endif
