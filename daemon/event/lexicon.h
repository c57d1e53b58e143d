/* SPDX-License-Identifier: MPL-2.0 */
/* A few short words, each found with one multiplication and one comparison: no branch depends on the text, so
 * mixed input costs no more than uniform input. Built once from plain lists, constant afterwards. Limits:
 * words of 1 to LEXICON_WORD bytes that differ in their first eight, at most LEXICON_WORDS of them. */
#ifndef EVENT_LEXICON_H
#define EVENT_LEXICON_H

#include "event/block.h"

#include <stddef.h>
#include <stdint.h>

#define LEXICON_WORD  16
#define LEXICON_WORDS 32
#define LEXICON_SLOTS 128

struct lexeme {
	uint64_t head, tail; /* the word's bytes, zeros behind */
	int64_t index;       /* in the list; -1: empty slot */
};

struct lexicon {
	uint64_t factor; /* spreads the words over the slots without collision */
	struct lexeme slots[LEXICON_SLOTS];
};

/* The words list[0..n). 0, or -EINVAL: too many, too long, or two that begin alike. */
int lexicon_init(struct lexicon *, const char *const *list, size_t n);

/* Keeps the first n bytes of a little-endian word of 8. */
extern const uint64_t lexicon_keep[LEXICON_WORD + 8 + 1];

/* Index of the word; -1: not in the list. LEXICON_WORD bytes must be readable at text, whatever len is. */
static inline int lexicon_find(const struct lexicon *lx, const char *text, size_t len)
{
	/* Zeros behind a word would look like what stands behind it in the list. */
	if (__builtin_expect(len > LEXICON_WORD || (len > 0 && text[len - 1] == '\0'), 0))
		return -1;

	uint64_t head = block_load64(text) & lexicon_keep[len + 8];
	uint64_t tail = block_load64(text + 8) & lexicon_keep[len];
	const struct lexeme *slot = &lx->slots[(head * lx->factor) >> 57];

	return ((slot->head ^ head) | (slot->tail ^ tail)) == 0 ? (int)slot->index : -1;
}

#endif
