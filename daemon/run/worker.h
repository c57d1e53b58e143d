/* SPDX-License-Identifier: MPL-2.0 */
/* A worker (journal/job.h) that is a thread: jobs run there one after the other, and are told done on the
 * loop. The thread blocks all signals. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include "journal/job.h"

struct event_base;
struct worker_thread;

struct worker_thread *worker_start(struct event_base *, const char *name); /* NULL: errno */
/* Waits for the jobs given so far and tells them done. */
void worker_drain(struct worker_thread *);
/* Drains, then ends the thread; what is given to it meanwhile is not begun and not told. NULL is allowed. */
void worker_stop(struct worker_thread *);
struct worker worker_of(struct worker_thread *);

#endif
