/* SPDX-License-Identifier: MPL-2.0 */
/* A worker (journal/job.h) that is a thread: jobs run there one after the other, and are told done on the
 * loop. The thread blocks all signals. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include "journal/job.h"

#include <stdbool.h>

struct event_base;
struct worker_thread;

struct worker_thread *worker_start(struct event_base *, const char *name); /* NULL: errno */
/* Waits for the jobs given so far and tells them done. */
void worker_drain(struct worker_thread *);
/* Ends the thread after the job it is at; is_drained: after all it was given. What is done is told; what is given to
 * it from then on is not begun and not told. NULL is allowed. */
void worker_end(struct worker_thread *, bool is_drained);
void worker_free(struct worker_thread *); /* ended before, or never used; NULL is allowed */
struct worker worker_of(struct worker_thread *);

#endif
