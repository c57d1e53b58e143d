/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of the core share. */
#ifndef RUN_CORE_INSIDE_H
#define RUN_CORE_INSIDE_H

#include "run/core.h"

/* settings: as for core_open(). 0 or -EIO with reterr. */
int core_open_store(struct core *, const struct store_settings *settings, const struct store_view *, struct error *reterr);
/* A mark behind everything counted; days: positions the batch may use. 0 or -ENOMEM: no mark was made. */
int core_mark(struct core *, enum mark_kind, size_t days);
/* While is_name_torn, when there are no others: ends the segment with a mark that says by its odd position that the
 * name has not begun. 0 or -ENOMEM. */
int core_give_name_up(struct core *);
/* Ends the segment when it is long enough and no batch will do so soon. */
void core_cut_if_wanted(struct core *);
/* Notices that the journal went on in another segment by itself, because its disk failed. */
void core_watch_segment(struct core *);
/* The clock as what deletes for good may take it: never more than a day ahead of what is known. */
int64_t core_trusted_ms(struct core *, int64_t now_ms);
/* The same without judging the clock: what the journal says of the time, for the next start to judge its clock by. */
int64_t core_known_ms(const struct core *);
/* retention.c: moves the watermark of what Redis keeps, by the clock; deletes a little of what lies before it. */
void core_retain(struct core *, int64_t now_ms);
void core_forget_old(struct core *);
void core_say_retention(struct core *, int64_t now_ms);
void core_advance_horizon(struct core *, int64_t now_ms);

/* Takes a correction off the errand that its event is a record of. -ENOENT: it is of none that is remembered; else enum
 * core_answer. */
int core_correct_errand(struct core *, struct change *, int64_t now_ms);
/* The same for a reading, which is taken back whole. */
int core_correct_meter(struct core *, struct change *, int64_t now_ms);

#endif
