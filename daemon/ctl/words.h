/* SPDX-License-Identifier: MPL-2.0 */
/* Everything effortctl says, in English and Danish: one table (words.def, words_help.def for the help, words_journal.def),
 * in which a text without its translation does not compile. {1} to {9} stand for values (page_fill).
 * Constant. */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include <stdbool.h>

enum word {
#define WORD(name, en, da) name,
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
	WORDS
};

const char *word_text(enum word, bool is_danish);

#endif
