/* SPDX-License-Identifier: MPL-2.0 */
/* How the shares of a period differ from those of the period before and of the same one a year earlier, in percentage
 * points, for an answer of the control socket:
 *
 *	"compare":{"previous":{"label":"season:2026-spring","first":"2026-01-01","last":"2026-05-25","is_part":true,
 *	  "reason":"","definition":"kl-2014","share":{"all.n":"12",...},"change":{"all":{"share":"-1.00",...},...}},
 *	  "year_earlier":{...}}
 *
 * A whole period is read as its hash stands; a part is summed up of its days. A counting period is compared with other
 * counting periods and has its title. What has no number on either side has no change. Loop's thread. */
#ifndef RUN_CHANGES_H
#define RUN_CHANGES_H

#include "base/text.h"
#include "run/effortd.h"

/* Why there is nothing to compare with: "", "no_such_period", "no_data", "days_gone" (the part is older than what is
 * kept as days). */

/* Puts `"compare":{...}` behind the text, which is borrowed until on_done is called; label: of the period, there is such
 * a one; now, its sums, is taken over. on_done(ctx, is_good) is called exactly once, maybe before this returns; false: Redis does not answer
 * or there is no memory. */
void changes_ask(struct effortd *, const char *code, const char *label, struct picture *now, struct text *,
		 void (*on_done)(void *ctx, bool is_good), void *ctx);

#endif
