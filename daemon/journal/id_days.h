/* SPDX-License-Identifier: MPL-2.0 */
/* The days ids are filed under: how many of each lie in memory, and the id files that have to be asked
 * because ids of theirs do not. A file whose ids all lie in memory is not open. One thread. */
#ifndef JOURNAL_ID_DAYS_H
#define JOURNAL_ID_DAYS_H

#include "journal/id_files.h"
#include "journal/id_filter.h"

struct id_day {
	int32_t day;
	bool is_moving;              /* its ids leave memory at present */
	bool is_pinned;              /* a file of it is damaged: its ids in memory may be nowhere else */
	uint64_t in_memory, on_disk; /* on_disk: and not in memory */
	/* The segments of its ids in memory lie between these. */
	uint64_t first_segment, last_segment;
	struct id_files asked; /* all open */
	bool is_filtered;      /* all ids that are on disk and not in memory are in the filter */
	struct id_filter filter;
};

struct id_days {
	struct id_folder folder;
	struct id_day *list; /* owned, ascending */
	size_t n, cap;
	size_t last;  /* the one found last */
	size_t asked; /* open files of all days */
	size_t filter_bytes, filter_max;
};

int id_days_init(struct id_days *, const struct disk *, const char *dir); /* 0 or a negative errno */
void id_days_done(struct id_days *);

/* Pointers are valid until a day is added or dropped. */
struct id_day *id_days_find(struct id_days *, int32_t day); /* NULL: none */
struct id_day *id_days_get(struct id_days *, int32_t day);  /* made when missing; NULL: no memory */
/* An id leaves memory; it is in the files that are asked. */
void id_days_leave(struct id_days *, struct id_day *, uint64_t id_key);
/* What is on disk of the day is not known one by one. */
void id_days_unfilter(struct id_days *, struct id_day *);
/* Forgets the days before this one. Returns how many ids of theirs are in memory. */
uint64_t id_days_drop(struct id_days *, int32_t before_day);

/* Opens all files of a day that there are by now and asks them from now on. 0; or a negative errno and asks
 * what it asked before; the day is pinned when it was -EBADMSG. */
int id_days_open(struct id_days *, struct id_day *);
void id_days_close(struct id_days *, struct id_day *); /* asks none of its files any more */
/* Reads all that is asked into the filter, where there is room for it. */
int id_days_filter(struct id_days *, struct id_day *);
/* Asks a day's files, every day's files. 1 found, 0 not, negative errno. */
int id_days_ask(struct id_days *, struct id_day *, uint64_t id, uint32_t *ret_content);
int id_days_ask_all(struct id_days *, uint64_t id, uint32_t *ret_content);

#endif
