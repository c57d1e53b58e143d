/* SPDX-License-Identifier: MPL-2.0 */
/* What definitions of the share have been in force: remembered in state_dir/definitions, so that a changed configuration
 * never reaches back, whether it came by a reload or a restart. A definition whose day has come is neither changed nor
 * taken out; a new one begins at a midnight to come. Main thread. */
#ifndef RUN_DEFINITION_BOOK_H
#define RUN_DEFINITION_BOOK_H

#include "conf/conf.h"
#include "journal/disk.h"

struct definition_book;

/* Reads the file; one that is not there is empty, one that cannot be read is told in the log and begun anew. NULL: no
 * memory. */
struct definition_book *definition_book_open(const struct disk *, const char *state_dir);
void definition_book_close(struct definition_book *);

/* Whether the configured definitions leave alone what has been: today is the local day, has_counted says that contacts
 * have been counted at some time (then an empty book means the shipped definition), ahead how many days contacts may be
 * ahead of today. 0, or -EINVAL with faults that name the next step. */
int definition_book_judge(const struct definition_book *, const struct conf *, int32_t today, bool has_counted,
			  int32_t ahead, struct faults *);
/* They are in force now. What cannot be written is told in the log: the next start will not know of it. */
void definition_book_keep(struct definition_book *, const struct conf *);

#endif
