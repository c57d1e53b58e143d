/* SPDX-License-Identifier: MPL-2.0 */
/* Workers: jobs in order, told in order on the loop's thread, also those given from within done(); draining and
 * stopping wait for what was given. */
#include "run/worker.h"
#include "suite.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#define JOBS 1000

struct task {
	struct job job;
	int number;
	bool is_worked;
};

static struct event_base *base;
static struct worker_thread *worker;
static int worked, told;
static pthread_t loop;

static void set_up(void)
{
	loop = pthread_self();
	worked = told = 0;
	base = event_base_new();
	worker = worker_start(base, "test");
	ck_assert_ptr_nonnull(worker);
}

static void tear_down(void)
{
	event_base_free(base);
}

static void work(struct job *job)
{
	struct task *task = (struct task *)job;

	ck_assert(!pthread_equal(pthread_self(), loop));
	ck_assert_int_eq(task->number, worked++);
	task->is_worked = true;
}

static void done(struct job *job)
{
	struct task *task = (struct task *)job;

	ck_assert(pthread_equal(pthread_self(), loop));
	ck_assert(task->is_worked);
	ck_assert_int_eq(task->number, told++);
	if (told == JOBS)
		event_base_loopbreak(base);
}

static void give(struct task *tasks, int n)
{
	struct worker w = worker_of(worker);

	for (int i = 0; i < n; i++) {
		tasks[i] = (struct task){ { work, done, NULL }, i, false };
		w.submit(w.ctx, &tasks[i].job);
	}
}

START_TEST(in_order)
{
	static struct task tasks[JOBS];

	give(tasks, JOBS);
	event_base_dispatch(base);
	ck_assert_int_eq(told, JOBS);
	worker_free(worker);
}
END_TEST

START_TEST(drained_means_told)
{
	static struct task tasks[JOBS];

	give(tasks, 50);
	worker_drain(worker);
	ck_assert_int_eq(told, 50);
	worker_free(worker);
}
END_TEST

static struct task again;

static void done_then_more(struct job *job)
{
	struct worker w = worker_of(worker);

	done(job);
	again = (struct task){ { work, done, NULL }, told, false };
	w.submit(w.ctx, &again.job);
}

START_TEST(stopped_after_what_was_given)
{
	static struct task tasks[JOBS];

	give(tasks, 10);
	tasks[9].job.done = done_then_more;
	worker_end(worker, true);
	ck_assert_int_ge(told, 10); /* the one given meanwhile may have been begun */
	worker_of(worker).submit(worker_of(worker).ctx, &tasks[0].job); /* into the void */
	worker_free(worker);
	worker_end(NULL, true);
	worker_free(NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { in_order, drained_means_told, stopped_after_what_was_given };

	return RUN_TESTS_WITHIN("run/worker", tests, set_up, tear_down);
}
