/* SPDX-License-Identifier: MPL-2.0 */
/* The folder of id files as deduplication sees it: which there are, opening them, removing old ones. Files
 * are written and joined by others, on another thread, while we look; a list is only believed when two in a
 * row say the same. A file that is not whole is set aside as "damaged-<name>" and counted; it goes with its
 * day. What is whole of it is written anew. One thread. */
#ifndef JOURNAL_ID_FILES_H
#define JOURNAL_ID_FILES_H

#include "base/error.h"
#include "journal/disk.h"
#include "journal/ids.h"

struct id_file {
	char name[64];
	int32_t day;
	uint64_t segment;
	struct ids *ids; /* owned; NULL: not open */
};

struct id_files {
	struct id_file *list; /* owned; newest day first */
	size_t n, cap;
};

struct id_folder {
	const struct disk *disk; /* borrowed */
	char *dir;               /* owned */
	uint64_t damaged;        /* files set aside */
	struct error damage;     /* about the last one; "" */
};

int id_folder_init(struct id_folder *, const struct disk *, const char *dir); /* makes it when missing */
void id_folder_done(struct id_folder *);

/* Files of the days first <= day <= last, none open. *ret is new: id_files_done(). Negative errno. */
int id_files_read(const struct id_folder *, int32_t first, int32_t last, struct id_files *ret);
void id_files_done(struct id_files *);

/* 0; -EBADMSG: it was not whole and is set aside; other negative errnos. */
int id_file_open(struct id_folder *, struct id_file *);
void id_file_close(struct id_file *);
/* An open one turned out not to be whole: it is set aside and replaced by what is whole of it. 0: that is
 * open now; else a negative errno, and the file is closed. */
int id_file_mend(struct id_folder *, struct id_file *);

/* Removes files of days before this one, those set aside too. 0 or the first negative errno. */
int id_folder_remove(const struct id_folder *, int32_t before_day);

#endif
