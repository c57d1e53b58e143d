/* SPDX-License-Identifier: MPL-2.0 */
/* What one event adds to the names it carries: the one place that decides it, for what is counted when it
 * comes (ledger) and for what is added up from the journal (fold). Pure. */
#ifndef COUNT_NAMED_H
#define COUNT_NAMED_H

#include "count/names.h"
#include "count/standing.h"
#include "count/tally.h"

/* To its source, unit, portal and answering municipality. count: equal contacts the event stands for; a
 * negative one takes back. What is counted apart adds only that the name was seen. */
struct name_amount named_amount(const struct cell *, const struct standing *, int64_t count);
/* To its reason; events 0: nothing, it is no letter that counts. */
struct name_amount named_letters(const struct cell *, const struct standing *, int64_t count);

#define NAMED_END_MAX 96 /* bytes of a unit and of what stands before it */

/* How a contact to a unit ended, as far as rates per unit are made of it: "resolved/<unit>" and "forwarded/<unit>" by phone
 * and counter, "assisted/<unit>" self-service. Written to buf; len 0: none of them. */
struct effort_str named_end(const struct cell *, const struct standing *, struct effort_str unit, char buf[NAMED_END_MAX]);

#endif
