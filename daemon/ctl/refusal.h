/* SPDX-License-Identifier: MPL-2.0 */
/* What effortctl says of a refusal of the daemon's, in the reader's language: by the word it is answered with ("code").
 * Constant. */
#ifndef CTL_REFUSAL_H
#define CTL_REFUSAL_H

#include "ctl/words.h"

/* What is wrong and the next step; {1} in them stands for the refusal's detail. False: no such word (a daemon of another
 * version), and its own text is shown. */
bool refusal_find(const char *code, enum word *ret_said, enum word *ret_next);

#endif
