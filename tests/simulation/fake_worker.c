/* SPDX-License-Identifier: MPL-2.0 */
/* Workers in virtual time (fakes.h). */
#include "fakes.h"

#include <stdlib.h>

static void next(struct fake_worker *worker)
{
	if (worker->first != NULL && !world_is_set(&worker->timer))
		world_set(&worker->timer,
			  world_delay_us(worker->usual_us) / 2 + worker->host->slow_us / 2);
}

static void finish(struct fake_worker *worker)
{
	struct job *job = worker->first;

	worker->has_worked = false;
	worker->first = job->next;
	if (worker->first == NULL)
		worker->last = &worker->first;
	job->done(job);
}

static void on_timer(void *ctx)
{
	struct fake_worker *worker = ctx;
	struct host *host = worker->host;

	if (host->is_dead)
		return;
	host_enter(host);
	if (!worker->has_worked) {
		worker->has_worked = true;
		host->jobs_run++;
		worker->first->work(worker->first);
	} else {
		finish(worker);
	}
	if (host->after != NULL && !host->is_dead)
		host->after(host);
	host_enter(NULL);
	if (!host->is_dead)
		next(worker);
}

static void submit(void *ctx, struct job *job)
{
	struct fake_worker *worker = ctx;

	job->next = NULL;
	*worker->last = job;
	worker->last = &job->next;
	next(worker);
}

void fake_worker_init(struct fake_worker *worker, struct host *host, int64_t usual_us)
{
	*worker = (struct fake_worker){ .host = host,
					.usual_us = usual_us,
					.timer = { .run = on_timer, .ctx = worker },
					.worker = { .ctx = worker, .submit = submit } };
	worker->last = &worker->first;
}

void fake_worker_kill(struct fake_worker *worker)
{
	world_cancel(&worker->timer);
	worker->first = NULL;
	worker->last = &worker->first;
	worker->has_worked = false;
}

void fake_worker_drain(struct fake_worker *worker)
{
	world_cancel(&worker->timer);
	while (worker->first != NULL) {
		if (!worker->has_worked)
			worker->first->work(worker->first);
		finish(worker);
	}
}
