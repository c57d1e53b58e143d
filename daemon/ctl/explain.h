/* SPDX-License-Identifier: MPL-2.0 */
/* What a code means, on a page. */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ctl/page.h"
#include "event/code.h"

/* Meaning, what to do, where it is counted. */
void explain_code(struct page *, struct ctl *, enum code);

#endif
