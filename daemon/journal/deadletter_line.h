/* SPDX-License-Identifier: MPL-2.0 */
/* One refused event as one line of a dead letter file. Decides what may be told of it: nobody's word is
 * taken, each line is read and searched for personal data once more, by the decoder that all events pass. One
 * thread. */
#ifndef JOURNAL_DEADLETTER_LINE_H
#define JOURNAL_DEADLETTER_LINE_H

#include "base/text.h"
#include "journal/deadletter.h"

#define DEADLETTER_EXCERPT 120

struct deadletter_writer;

/* key: 32 bytes, borrowed. NULL: no memory. */
struct deadletter_writer *deadletter_writer_new(const uint8_t *key);
void deadletter_writer_free(struct deadletter_writer *);

/* Appends the line with its LF. Without memory or room nothing is appended: false. */
bool deadletter_write(struct deadletter_writer *, const struct deadletter *, struct text *);

#endif
