/* SPDX-License-Identifier: MPL-2.0 */
/* From cells to what Redis holds: the amounts of a sorted batch, spread over the groups (municipality, day)
 * and the country's days, each with its Redis cells, its scope sums and its task sums. Pure; work grows with
 * the number of changed cells. */
#ifndef COUNT_SPREAD_H
#define COUNT_SPREAD_H

#include "count/standing.h"
#include "count/tally.h"
#include "domain/area.h"
#include "domain/share.h"

/* Bytes of "<family>:<area>/<task>/<channel>/<kind>" with NUL, for words of event/vocab.h. */
#define SPREAD_WORD_MAX  15
#define SPREAD_FIELD_MAX (3 * (SPREAD_WORD_MAX + 1) + 2 * (AREA_NAME_MAX + 1))

/* One counter of the d:, m: and y: hashes. */
struct spread_cell {
	char field[SPREAD_FIELD_MAX]; /* "n:school/school-enrolment/phone/transaction" */
	int64_t amount;
};

/* The sums of one scope: "all", an area, "group:<group>" or "<area>/<task>". */
struct spread_scope {
	const char *name; /* without the "group:" prefix */
	bool is_group;
	uint32_t changed; /* bit s: sums[s] != 0 */
	int64_t sums[SUMS];
};

/* Everything one municipality (or the country) gained on one local day. Valid during the call. */
struct spread_group {
	uint16_t municipality; /* CELL_COUNTRY: the country */
	int32_t day;
	const struct spread_cell *cells; /* each field once, in no order */
	size_t cells_len;
	const struct spread_cell *reasons; /* further cells: "reason:<reason>"; spread() leaves them out */
	size_t reasons_len;
	const struct spread_scope *scopes; /* of the share hashes; [0] is "all", also when its sums are 0 */
	size_t scopes_len;
	const struct spread_scope *tasks; /* of the tasks hashes */
	size_t tasks_len;
	int64_t contacts; /* sum of the n: cells */
};

/* Calls on_group for each group, the country's last. amounts: sorted as by tally_sorted; they are reordered.
 * Stops at the first nonzero result and returns it. -ENOMEM. */
int spread(struct amount *amounts, size_t n, const struct standings *,
	   int (*on_group)(void *ctx, const struct spread_group *), void *ctx);

/* True: this amount's contact stands in n; true in *ret_self: unassisted self-service too. For counts per
 * name. */
bool spread_in_n(const struct cell *, const struct standing *, bool *ret_self);

#endif
