/* SPDX-License-Identifier: MPL-2.0 */
/* What stands in for the machine, linked in place of the product's own: libevent's events and base/clock.h
 * (fake_event.c), workers (fake_worker.c). Whoever runs is a host: one effortd with its clock; the simulation
 * says which (host_enter), events and jobs of a host say so themselves. */
#ifndef SIMULATION_FAKES_H
#define SIMULATION_FAKES_H

#include "journal/job.h"
#include "world.h"

/* One process on one machine. */
struct host {
	const char *name;
	int64_t wall_shift_ms; /* its wall clock is off by this */
	bool is_dead;	       /* killed: nothing of it happens any more */
	int64_t slow_us;       /* its disk takes this much longer, for each job */
	uint64_t events_run, jobs_run;
	void (*after)(struct host *); /* called when something of it has run; may be NULL */
	void *ctx;
};

void host_enter(struct host *); /* NULL: nobody */
struct host *host_current(void);

/* Events made afterwards with this base belong to the host. */
struct event_base;
struct event_base *fake_base_new(struct host *);
struct host *fake_base_host(const struct event_base *);
void fake_base_free(struct event_base *); /* its events must be gone */
size_t fake_base_events(const struct event_base *); /* that exist */

/* A thread of work in virtual time: a job's work() happens at once as a whole somewhere between its submission
 * and its done(). */
struct fake_worker {
	struct host *host;
	struct job *first, **last;
	struct timer timer;
	int64_t usual_us;
	bool has_worked; /* the first job's work() has run, its done() has not */
	struct worker worker; /* to give to the product */
};

void fake_worker_init(struct fake_worker *, struct host *, int64_t usual_us);
/* The thread dies with its process: the jobs are forgotten. */
void fake_worker_kill(struct fake_worker *);
/* The thread ends as at an orderly end: all jobs are worked and done now. */
void fake_worker_drain(struct fake_worker *);

/* What the product logs is printed (fake_log.c). */
extern bool fake_log_is_on;

#endif
