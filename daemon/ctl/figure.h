/* SPDX-License-Identifier: MPL-2.0 */
/* Numbers, moments and periods as people read them, in Danish or English. Percentages keep the decimals they
 * were published with: a share just below the target must not be rounded up to it here. All texts are notes
 * of the struct ctl. Times are shown in the time zone of the daemon (figure_use_zone). */
#ifndef CTL_FIGURE_H
#define CTL_FIGURE_H

#include "ctl/ctl.h"

#include <stdint.h>

const char *figure_count(struct ctl *, int64_t); /* 1.234.567 / 1,234,567 */
/* With its noun, a word "one|many": 1 linje, 1.234 linjer / 1 line, 1,234 lines */
const char *figure_many(struct ctl *, int64_t, enum word noun);
const char *figure_bytes(struct ctl *, int64_t);  /* 512 byte, 12,3 MiB / 512 bytes, 12.3 MiB */
const char *figure_decimal(struct ctl *, const char *raw);   /* "81.20": 81,20 / 81.20; no number: "?" */
const char *figure_percent(struct ctl *, const char *raw);   /* 81,20 % / 81.20% */
const char *figure_points(struct ctl *, int64_t hundredths); /* 1,20 / 1.20, without sign */

/* A plain decimal with up to two decimals, as hundredths. False: it is none. */
bool figure_hundredths(const char *raw, int64_t *ret);

/* All moments are shown in this zone from now on; an odd name is ignored. */
void figure_use_zone(const char *name);
const char *figure_time(struct ctl *, int64_t ms); /* kl. 14.05 / 14:05 */
const char *figure_day_time(struct ctl *,
			    int64_t ms); /* lørdag 21. november kl. 14.05 / Saturday 21 November, 14:05 */
const char *figure_short(struct ctl *, int64_t ms);    /* 21. nov. 14.05 / 21 Nov 14:05 */
const char *figure_duration(struct ctl *, int64_t ms); /* 2 d 3 t / 2 d 3 h */

/* "day:2026-11-21": lørdag 21. november 2026; "week:2026-W47": uge 47, 2026; ... An unknown form as it is. */
const char *figure_period(struct ctl *, const char *label);

#endif
