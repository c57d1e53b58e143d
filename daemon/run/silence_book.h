/* SPDX-License-Identifier: MPL-2.0 */
/* Who was silent when a day ended: remembered in state_dir/silences, so that a period whose hashes Redis has lost comes
 * back as incomplete as it ended. Who is silent now is in it too, for a midnight while nobody runs: then they were
 * silent all the time. Bounded: SILENCE_RUNS_MAX runs of days with the same names, the oldest go first. The loop's
 * thread. */
#ifndef RUN_SILENCE_BOOK_H
#define RUN_SILENCE_BOOK_H

#include "journal/disk.h"

#include <stdbool.h>
#include <stdint.h>

#define SILENCE_RUNS_MAX 512

struct silence_book;

/* Reads the file; one that is not there is empty, one that cannot be read is told in the log and begun anew. NULL: no
 * memory. */
struct silence_book *silence_book_open(const struct disk *, const char *state_dir);
void silence_book_close(struct silence_book *); /* writes what is not written yet */

/* Now it is this local day, and these are silent (comma-separated, "" for none). Called every second or so; the file is
 * written when a day with silent ones has ended, and for names that change at most once a minute; where that fails it is
 * tried again a minute later. */
void silence_book_note(struct silence_book *, int32_t today, const char *names, int64_t now_ms);

/* Who was silent when the day ended; "" for none, and for days not known. Lives until the next note. NULL book: "". */
const char *silence_book_at(const struct silence_book *, int32_t day);
/* False: who was silent on that day has been forgotten, if somebody was. NULL book: true. */
bool silence_book_reaches(const struct silence_book *, int32_t day);

#endif
