/* SPDX-License-Identifier: MPL-2.0 */
/* The loop and the threads that help it unpack (parcel.h) one read: cut into pieces, unpacked side by side, handed back
 * one by one in the order they came. Everything begins and ends within one call of the loop, so no line is ever with a
 * thread while the loop does something else: order, snapshot, acknowledgements, pauses and ends are those of one
 * thread, and what is read next waits until this is settled. The loop unpacks too, whatever no thread has begun, so it
 * waits only for what is being unpacked. A read of one piece concerns no thread at all.
 *
 * All functions: loop's thread. The threads block all signals. */
#ifndef RUN_CREW_H
#define RUN_CREW_H

#include "run/parcel.h"

#define CREW_MAX   8		/* workers, the loop among them */
#define CREW_PIECE (32 * 1024) /* bytes of a piece, more where a line is longer */

struct crew;

/* workers: 1 is the loop alone. NULL: errno. */
struct crew *crew_new(int workers);
void crew_free(struct crew *); /* between two reads; NULL is allowed */

/* lines: whole lines with DECODE_PADDING readable bytes behind. They and what the terms point to must stay as they are
 * until crew_next() has returned NULL, and it must be called until it does. */
void crew_take(struct crew *, const struct parcel_terms *, const char *lines, size_t len);
/* The next lines in their order, until the next call; NULL: these were all. */
struct parcel *crew_next(struct crew *);

#endif
