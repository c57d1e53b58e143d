/* SPDX-License-Identifier: MPL-2.0 */
/* See words.h. */
#include "ctl/words.h"

static const char *const words[WORDS][2] = {
#define WORD(name, en, da) [name] = { en, da },
#include "ctl/words.def"
#include "ctl/words_help.def"
#include "ctl/words_journal.def"
#include "ctl/words_dlq.def"
#include "ctl/words_import.def"
#include "ctl/words_efforts.def"
#include "ctl/words_targets.def"
#include "ctl/words_compare.def"
#include "ctl/words_export.def"
#include "ctl/words_measures.def"
#include "ctl/words_shares.def"
#include "ctl/words_refusal.def"
#undef WORD
};

const char *word_text(enum word word, bool is_danish)
{
	return words[word][is_danish];
}
