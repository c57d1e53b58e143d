/* SPDX-License-Identifier: MPL-2.0 */
/* Lines that outlive effortctl until they are settled: a folder with numbered files of lines, to which is
 * only appended, and a note of how far they are settled. A file goes when all its lines are settled. What the
 * note does not say yet is sent once more and is a duplicate there, so the note is never forced to disk;
 * files before the one it points into are, too. A number is never used twice. What root adds belongs to the
 * folder's owner. One process at a time has the folder (flock). Says what is wrong itself. */
#ifndef CTL_SPOOL_H
#define CTL_SPOOL_H

#include "ctl/ctl.h"

#include <stdint.h>

struct spool;

/* Makes the folder where it is missing (0700). CTL_OK, CTL_IO, CTL_UNAVAILABLE (another one has it),
 * CTL_INTERNAL. */
int spool_open(struct ctl *, const char *dir, struct spool **ret);
void spool_close(struct spool *); /* NULL is allowed */

/* The next line that an earlier run left unsettled; NULL: there are no more. Before anything is added. The
 * line lives until the next call. CTL_OK; CTL_IO: a file cannot be read. It stays, and nothing may be added
 * then: what comes behind it would be removed with it. */
int spool_rest(struct spool *, const char **ret_line, size_t *ret_len, uint64_t *ret_place);

/* Adds a line; it is safe after spool_sync(). CTL_OK or CTL_IO. */
int spool_add(struct spool *, const char *line, size_t len, uint64_t *ret_place);
int spool_sync(struct spool *);

/* All lines up to this one are settled: told in order, noted by spool_note(), which also removes files. */
void spool_settled(struct spool *, uint64_t place);
void spool_note(struct spool *);

#endif
