/* SPDX-License-Identifier: MPL-2.0 */
/* Builds the lexicons from the lists of key.h and vocab.h. */
#include "event/words.h"

#include "event/key.h"
#include "event/vocab.h"

int words_init(struct words *w)
{
	const struct {
		struct lexicon *lexicon;
		const char *const *list;
		size_t n;
	} lists[] = {
		{ &w->key, key_name, KEYS },
		{ &w->channel, vocab_channel, EFFORT_CHANNELS },
		{ &w->kind, vocab_kind, EFFORT_KINDS },
		{ &w->direction, vocab_direction, 2 },
		{ &w->population, vocab_population, 4 },
		{ &w->assisted, vocab_assisted, 7 },
		{ &w->outcome, vocab_outcome, EFFORT_OUTCOMES },
		{ &w->form, vocab_form, 4 },
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		int r = lexicon_init(lists[i].lexicon, lists[i].list, lists[i].n);

		if (r < 0)
			return r;
	}
	return 0;
}
