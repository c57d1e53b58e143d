/* SPDX-License-Identifier: MPL-2.0 */
/* What a start finds on a disk, at the level of the journal: identity, ids, the segments, closed and folded, and
 * what the totals then hold. The steps are those of run/recover.c without a ledger and without Redis. */
#ifndef SIMULATION_RECOVERY_H
#define SIMULATION_RECOVERY_H

#include "base/error.h"
#include "journal/dedup.h"
#include "journal/identity.h"
#include "journal/journal.h"

#define RECOVERY_JOURNAL "/s/journal"
#define RECOVERY_IDS	 "/s/ids"
#define RECOVERY_BOOKINGS "/s/bookings"
#define RECOVERY_TOTALS	 "/s/totals"
#define RECOVERY_CODES	 3
#define RECOVERY_DAY	 20780 /* 2026-11-23: of the newest effects */

struct recovery {
	struct identity identity;
	struct dedup *dedup; /* owned: knows every id that was found */
	int64_t counted;     /* sum of all contacts in the totals */
	uint64_t effects, damages;
	bool is_torn;	     /* the last segment had an end that was not whole */
};

/* Everything a journal's numbers stand for, the same in every run. */
struct words {
	struct standings *standings; /* owned */
	struct names *names;	     /* owned */
	uint32_t name[4];
};
extern const char recovery_codes[RECOVERY_CODES][5];
int words_init(struct words *);
void words_done(struct words *);

/* Starts on this disk, folds everything, ends. 0, or a negative errno with reterr; then recovery_done() too. */
int recovery_start(struct recovery *, const struct disk *, const struct words *, struct error *reterr);
void recovery_done(struct recovery *);

/* A journal for writing on this disk; *ret_found and identity must outlive it. NULL: reterr. */
struct journal *recovery_open(const struct disk *, const struct words *, struct worker, size_t segment_bytes,
			      const struct journal_owner *, struct identity *, struct journal_found *found,
			      uint64_t *ret_position, struct error *reterr);
int recovery_fold(const struct disk *, uint64_t segment, uint64_t *ret_damages, struct error *reterr);

#endif
