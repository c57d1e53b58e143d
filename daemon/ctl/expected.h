/* SPDX-License-Identifier: MPL-2.0 */
/* What was expected instead of what was refused, in the reader's language. The texts that come with a refusal
 * are English and constant; none of them is ever a byte of what was refused. */
#ifndef CTL_EXPECTED_H
#define CTL_EXPECTED_H

#include "ctl/ctl.h"

/* A refusal's detail ("a whole number from 1 to 1000000") in Danish; NULL: there are no words for it here. */
const char *expected_da(const char *detail);

/* What the daemon answered a line it refused with ("count: expected a whole number from 1 to 1000000"). Where
 * there are no words for it the code's meaning; of a code that is not known the answer as it is. */
const char *expected_answer(struct ctl *, const char *code, const char *answer);

#endif
