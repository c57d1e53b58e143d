/* SPDX-License-Identifier: MPL-2.0 */
/* See worker.h. Two lists under one lock: jobs to do, jobs done; an eventfd tells the loop of the second. */
#include "run/worker.h"

#include "run/thread.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct jobs {
	struct job *first, **last;
};

struct worker_thread {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* something to do, or the last thing is done */
	struct jobs todo, done;
	bool is_busy, is_ending;
	bool is_ended; /* the loop's */
	int fd;		     /* of the eventfd */
	struct event *event; /* owned */
};

static void put(struct jobs *jobs, struct job *job)
{
	job->next = NULL;
	*jobs->last = job;
	jobs->last = &job->next;
}

static struct job *take_all(struct jobs *jobs)
{
	struct job *first = jobs->first;

	jobs->first = NULL;
	jobs->last = &jobs->first;
	return first;
}

static struct job *take(struct jobs *jobs)
{
	struct job *job = jobs->first;

	jobs->first = job->next;
	if (jobs->first == NULL)
		jobs->last = &jobs->first;
	return job;
}

static void tell(struct worker_thread *w)
{
	uint64_t one = 1;

	while (write(w->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void *run(void *arg)
{
	struct worker_thread *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct job *job;

		while (w->todo.first == NULL && !w->is_ending)
			pthread_cond_wait(&w->changed, &w->lock);
		if (w->is_ending)
			break;
		job = take(&w->todo);
		w->is_busy = true;
		pthread_mutex_unlock(&w->lock);
		job->work(job);
		pthread_mutex_lock(&w->lock);
		w->is_busy = false;
		put(&w->done, job);
		pthread_cond_broadcast(&w->changed);
		tell(w);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void tell_done(struct job *job)
{
	while (job != NULL) {
		struct job *next = job->next;

		job->done(job);
		job = next;
	}
}

static void collect(struct worker_thread *w)
{
	struct job *first;

	pthread_mutex_lock(&w->lock);
	first = take_all(&w->done);
	pthread_mutex_unlock(&w->lock);
	tell_done(first);
}

static void on_told(evutil_socket_t fd, short what, void *arg)
{
	uint64_t n;

	(void)what;
	(void)!read(fd, &n, sizeof(n));
	collect(arg);
}

static void submit(void *ctx, struct job *job)
{
	struct worker_thread *w = ctx;

	pthread_mutex_lock(&w->lock);
	put(&w->todo, job);
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void free_worker(struct worker_thread *w)
{
	if (w->event != NULL)
		event_free(w->event);
	if (w->fd >= 0)
		close(w->fd);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct worker_thread *worker_start(struct event_base *base, const char *name)
{
	struct worker_thread *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	take_all(&w->todo);
	take_all(&w->done);
	w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	w->event = w->fd < 0 ? NULL : event_new(base, w->fd, EV_READ | EV_PERSIST, on_told, w);
	if (w->event == NULL || event_add(w->event, NULL) < 0 || thread_start(&w->thread, name, run, w) < 0) {
		free_worker(w);
		errno = ENOMEM;
		return NULL;
	}
	return w;
}

void worker_drain(struct worker_thread *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->todo.first != NULL || w->is_busy)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
	collect(w);
}

void worker_end(struct worker_thread *w, bool is_drained)
{
	if (w == NULL || w->is_ended)
		return;
	if (is_drained)
		worker_drain(w);
	pthread_mutex_lock(&w->lock);
	w->is_ending = w->is_ended = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	collect(w);
}

void worker_free(struct worker_thread *w)
{
	if (w == NULL)
		return;
	worker_end(w, false);
	free_worker(w);
}

struct worker worker_of(struct worker_thread *w)
{
	return (struct worker){ w, submit };
}
