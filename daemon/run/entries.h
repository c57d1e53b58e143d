/* SPDX-License-Identifier: MPL-2.0 */
/* Who entered the share of a period and who did not, for an answer of the control socket:
 *
 *	"explain":{"definition":"kl-2014","definitions":[{"id":"kl-2014","kinds":["transaction"],"left_out":["web","system"],
 *	  ...}],"is_whole":true,"adds_up":true,"scopes":{"all":{"contacts":120,...},"school":{...}}}
 *
 * made of the cells and sums of its days, each under the definition of its day. Where days of it are no longer kept is_whole is false and scopes is empty.
 * Loop's thread. */
#ifndef RUN_ENTRIES_H
#define RUN_ENTRIES_H

#include "base/text.h"
#include "run/effortd.h"

/* Puts `"explain":{...}` behind the text, which is borrowed until on_done is called: exactly once, maybe before this
 * returns. label: of the period. False: Redis does not answer, or there is no memory or no such period. */
void entries_ask(struct effortd *, const char *code, const char *label, struct text *,
		 void (*on_done)(void *ctx, bool is_good), void *ctx);

#endif
