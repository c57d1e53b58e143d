/* SPDX-License-Identifier: MPL-2.0 */
/* Id files: "<dir>/<day>.<segment>", the ids one folded segment filed under one UTC day, sorted; so folding
 * twice writes the same file twice. Files of one day are joined when there are many. Looked up by a sparse
 * index in memory and one read. Any thread may write; an open file belongs to one. */
#ifndef JOURNAL_IDS_H
#define JOURNAL_IDS_H

#include "base/error.h"
#include "journal/disk.h"

struct id_entry {
	uint64_t id;
	uint32_t content;
	int32_t day;
};

/* Writes the ids of one segment, one file a day, durably. entries are sorted in place. *ret_days: files. A
 * file that is there and holds more already (joined) stays. */
int ids_write(const struct disk *, const char *dir, uint64_t segment, struct id_entry *entries, size_t n,
	      size_t *ret_days);
/* "<day>.<segment>" of a file name; false: it is none. */
bool ids_name(const char *name, int32_t *ret_day, uint64_t *ret_segment);

struct ids; /* one open file */
/* NULL with errno and reterr: EBADMSG damaged, ENOENT gone (joined with others), EPROTONOSUPPORT of a later
 * effortd, and what the disk has. */
struct ids *ids_open(const struct disk *, const char *path, struct error *reterr);
void ids_close(struct ids *);
size_t ids_len(const struct ids *);
/* 1 found, 0 not, negative errno; -EBADMSG: the place where it would stand is damaged. */
int ids_find(struct ids *, uint64_t id, uint32_t *ret_content);
/* Every entry that is whole, in ascending order; -EBADMSG at the end when not all are. A nonzero result of
 * visit ends it and is returned. */
int ids_each(struct ids *, int (*visit)(void *ctx, uint64_t id, uint32_t content), void *ctx);

/* Joins the files of one day into one, called after the latest segment among them, when there are more than
 * `most`; the old ones are removed after the new one is durable. With a damaged one among them nothing is
 * done
 * (-EBADMSG). Not while ids_write is at work: the same worker does both. */
int ids_join(const struct disk *, const char *dir, int32_t day, size_t most);

#endif
