/* SPDX-License-Identifier: MPL-2.0 */
/* What the numbers in one segment stand for, as the segment defines them. Bounded by what a segment can hold;
 * owns its texts. */
#ifndef CTL_JOURNAL_WORDS_H
#define CTL_JOURNAL_WORDS_H

#include "base/str.h"

#include <stdint.h>

struct journal_words;

struct journal_words *journal_words_new(void); /* NULL: no memory */
void journal_words_free(struct journal_words *);
void journal_words_clear(struct journal_words *);

/* 0 or -ENOMEM; a number that is defined again gets its new text. */
int journal_words_municipality(struct journal_words *, uint16_t number, const char *code);
int journal_words_standing(struct journal_words *, uint16_t number, const char *task);
int journal_words_name(struct journal_words *, uint32_t number, struct effort_str name);

/* NULL: not defined. */
const char *journal_words_get_municipality(const struct journal_words *, uint16_t number);
const char *journal_words_get_standing(const struct journal_words *, uint16_t number);
const char *journal_words_get_name(const struct journal_words *, uint32_t number);

#endif
