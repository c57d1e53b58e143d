/* SPDX-License-Identifier: MPL-2.0 */
/* What a code means, on a page. */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ctl/page.h"
#include "event/decode.h"

/* What was wrong, for the line that names code and field: "expected ..." with the detail, in Danish
 * the meaning of the code where there are no words for the detail. Never what the event says. */
const char *explain_refusal(struct ctl *, const struct refusal *);

/* Meaning, what to do, where it is counted. */
void explain_code(struct page *, struct ctl *, enum code);

#endif
