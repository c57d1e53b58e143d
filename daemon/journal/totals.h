/* SPDX-License-Identifier: MPL-2.0 */
/* The truth's home: sums of everything this writer has ever counted, as files under
 * "<state_dir>/totals/<writer>/": one for each local day ("2026-11-21": cells and reasons of all
 * municipalities) and one for each month ("names-2026-11": contacts per source, unit, portal and answering
 * municipality). A file is replaced as one step and says which journal segment it was last folded with, so
 * that folding twice is folding once. Weeks, months, seasons and years are sums of days.
 *
 * struct totals is such sums in memory with words of their own: it can be filled on one thread and read on
 * another. Not thread-safe. */
#ifndef JOURNAL_TOTALS_H
#define JOURNAL_TOTALS_H

#include "base/error.h"
#include "journal/disk.h"
#include "journal/record.h"

struct totals;

struct totals *totals_new(void); /* NULL: no memory */
void totals_free(struct totals *);
void totals_clear(struct totals *); /* sums and positions go, words stay */

/* Words: numbers of this totals for a code, a standing (its groups in any order). Negative errno: -ENOSPC
 * past what a cell has bits for. */
int totals_municipality(struct totals *, const char *code);
int totals_standing(struct totals *, const struct standing_text *);

/* Adds; 0 or a negative errno (-EINVAL: a number that is none of this totals'). cell: packed with this
 * totals' numbers. */
int totals_add(struct totals *, uint64_t cell, int64_t count, int64_t seconds);
/* Adds to a name (dimension != BY_REASON: period is the month's first day; BY_REASON: the day). */
int totals_add_name(struct totals *, uint16_t municipality, enum dimension, int32_t period, struct effort_str,
		    const struct name_amount *, int64_t last_ms);
/* The least position the last change of this municipality and day (dimension < 0) can have in Redis, or of
 * the names of this municipality, dimension and month: one behind the mark before it. Keeps the greatest. */
int totals_place(struct totals *, uint16_t municipality, int dimension, int32_t period, uint64_t position);

/* The greatest journal segment of the files read into it: when it is later than the last one folded, a fold
 * was cut off half way and these sums have some of its days already. 0: none. */
uint64_t totals_segment(const struct totals *);

/* Reading in no order; NULL members are skipped; a negative result ends it and is returned. Words live as
 * long as the totals. */
struct totals_visit {
	void *ctx;
	int (*on_amount)(void *ctx, const char *code, const struct standing_text *, const struct cell *,
			 int64_t count, int64_t seconds);
	int (*on_name)(void *ctx, const char *code, enum dimension, int32_t period, struct effort_str name,
		       const struct name_amount *, int64_t last_ms);
	int (*on_position)(void *ctx, const char *code, int dimension, int32_t period, uint64_t position);
};
int totals_visit(const struct totals *, const struct totals_visit *);

/* "<dir>/2026-11-21", "<dir>/names-2026-11". */
#define TOTALS_PATH_MAX 4200
void totals_day_path(char path[TOTALS_PATH_MAX], const char *dir, int32_t day);
void totals_month_path(char path[TOTALS_PATH_MAX], const char *dir, int32_t first_day);

/* Adds what a file holds; the day of cells, of reasons and of positions is set to `as_day` unless that is
 * INT32_MIN (sums of a period). *ret_segment (may be NULL): the journal segment it was last folded with.
 * -ENOENT: no such file; -EBADMSG: damaged (reterr says how; nothing was added); -EPROTONOSUPPORT: whole, but
 * written by a later effortd. After -ENOMEM it may be half there: the totals are to be freed. */
int totals_read(struct totals *, const struct disk *, const char *path, int32_t as_day, uint64_t *ret_segment,
		struct error *reterr);
/* The positions and the segment alone, without reading the sums: a few KiB of a file of any size. */
int totals_read_positions(struct totals *, const struct disk *, const char *path, uint64_t *ret_segment,
			  struct error *reterr);
/* Replaces a file with all of this. Same totals, same bytes. The path's name is one of the above, else
 * -EINVAL. */
int totals_write(const struct totals *, const struct disk *, const char *path, uint64_t segment);

#endif
