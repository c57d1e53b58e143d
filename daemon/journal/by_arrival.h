/* SPDX-License-Identifier: MPL-2.0 */
/* A note beside the id files: until which day ids were filed under the day they came (late_limit = never), and not under
 * their event's. As long as those days are remembered an id may lie in any file, whatever the limit is now and however
 * often effortd was started since. "<dir>/by-arrival", replaced as one step. Loop's thread. */
#ifndef JOURNAL_BY_ARRIVAL_H
#define JOURNAL_BY_ARRIVAL_H

#include "journal/disk.h"

#include <stdbool.h>
#include <stdint.h>

#define BY_ARRIVAL_STILL INT32_MAX

struct by_arrival {
	bool is_any;   /* ids have been filed so */
	int32_t until; /* and the last of them on this day at the latest; BY_ARRIVAL_STILL: they are filed so now */
};

/* 0 or a negative errno of the disk. A note that cannot be understood says BY_ARRIVAL_STILL. */
int by_arrival_read(struct by_arrival *, const struct disk *, const char *dir);
/* Puts it there durably, or removes it where there is nothing to note. 0 or a negative errno. */
int by_arrival_write(const struct by_arrival *, const struct disk *, const char *dir);

#endif
