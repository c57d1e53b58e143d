/* SPDX-License-Identifier: MPL-2.0 */
/* Building a lexicon: tries factors until every word has a slot of its own. The factors come from a fixed
 * sequence, so the same list gives the same table everywhere. */
#include "event/lexicon.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define TRIES 100000

/* Indexed by length for the tail and by length + 8 for the head. */
const uint64_t lexicon_keep[LEXICON_WORD + 8 + 1] = {
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0xff,
	0xffff,
	0xffffff,
	0xffffffff,
	0xffffffffff,
	0xffffffffffff,
	0xffffffffffffff,
	UINT64_MAX,
	UINT64_MAX,
	UINT64_MAX,
	UINT64_MAX,
	UINT64_MAX,
	UINT64_MAX,
	UINT64_MAX,
	UINT64_MAX,
	UINT64_MAX,
};

static bool place(struct lexicon *lx, const char *word, size_t index)
{
	char text[LEXICON_WORD] = { 0 };

	memcpy(text, word, strlen(word));

	uint64_t head = block_load64(text);
	struct lexeme *slot = &lx->slots[(head * lx->factor) >> 57];

	if (slot->index >= 0)
		return false;
	*slot = (struct lexeme){ head, block_load64(text + 8), (int64_t)index };
	return true;
}

static bool place_all(struct lexicon *lx, const char *const *list, size_t n)
{
	for (size_t i = 0; i < LEXICON_SLOTS; i++)
		lx->slots[i] = (struct lexeme){ 0, 0, -1 };
	for (size_t i = 0; i < n; i++) {
		if (!place(lx, list[i], i))
			return false;
	}
	return true;
}

int lexicon_init(struct lexicon *lx, const char *const *list, size_t n)
{
	if (n > LEXICON_WORDS)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (list[i][0] == '\0' || strlen(list[i]) > LEXICON_WORD)
			return -EINVAL;
	}

	lx->factor = 0x9e3779b97f4a7c15;
	for (unsigned i = 0; i < TRIES; i++) {
		if (place_all(lx, list, n))
			return 0;
		lx->factor = lx->factor * 6364136223846793005u + 1442695040888963407u;
	}
	return -EINVAL;
}
