/* SPDX-License-Identifier: MPL-2.0 */
/* The periods of the contract (section 4): which one a local day belongs to and what it is called. Weeks are
 * ISO 8601 weeks; seasons are the half-years of the municipal counts: spring = January-June, autumn =
 * July-December. Pure. */
#ifndef DOMAIN_PERIOD_H
#define DOMAIN_PERIOD_H

#include "domain/calendar.h"

enum window { WINDOW_DAY, WINDOW_WEEK, WINDOW_MONTH, WINDOW_QUARTER, WINDOW_SEASON, WINDOW_YEAR, WINDOWS };

extern const char *const window_name[WINDOWS];

struct period {
	enum window window;
	int32_t first, end; /* days: first <= day < end */
};

struct period period_of(enum window, int32_t day);

/* "day:2026-11-21" "week:2026-W47" "month:2026-11" "quarter:2026-Q4" "season:2026-autumn" "year:2026";
 * PERIOD_LABEL bytes are always enough. Returns the length. */
#define PERIOD_LABEL 32
size_t period_label(struct period, char *buf);

/* The period a label names: "week:2026-W47". False: not a label, or no such period. */
bool period_parse(const char *label, size_t len, struct period *ret);
/* The label of a period, or of other days "2011-09-05..2011-09-25" (the last one included). Returns the length. */
size_t period_label_days(int32_t first, int32_t end, char *buf);

/* The window called so; -1: none. */
int window_find(const char *name, size_t len);

#endif
