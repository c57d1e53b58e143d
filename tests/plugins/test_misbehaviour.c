/* SPDX-License-Identifier: MPL-2.0 */
/* What becomes of a plugin that passes the gate and then does not behave: wrong verdicts are counted faults
 * and the event is unclassified, slow ones open the breaker, one that crashes or hangs is named. */
#include "trial.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* Three events, the middle one by phone: what the fixture does to it, and that the others are left alone. */
static void try_three(const char *plugin, struct outcome out[static 3], struct area_status *ret)
{
	struct area_def def = trial_def(plugin);
	struct effort_event ev[3] = { trial_event("20.01.10", EFFORT_COUNTER),
				      trial_event("20.01.10", EFFORT_PHONE),
				      trial_event("20.01.10", EFFORT_SELFSERVICE) };
	struct effort_event *events[3] = { &ev[0], &ev[1], &ev[2] };
	struct areas *as = trial_new(&def, 1);

	ck_assert_ptr_nonnull(as);
	areas_classify(as, events, 3, out, trial_now_us);
	ck_assert_int_eq(out[0].answer, EFFORT_COUNT);
	ck_assert_str_eq(areas_class(as, out[0].class)->label, "first");
	ck_assert_int_eq(out[2].answer, EFFORT_COUNT);
	ck_assert_uint_eq(out[2].class, out[0].class);
	areas_status(as, 0, ret);
	ck_assert_uint_eq(ret->events, 3);
	ck_assert_uint_eq(ret->batches, 1);
	areas_free(as);
}

static void faulty(const char *plugin, const char *what)
{
	struct outcome out[3];
	struct area_status status;

	try_three(plugin, out, &status);
	ck_assert_int_eq(out[1].answer, EFFORT_COUNT);
	ck_assert_uint_eq(out[1].class, 0);
	ck_assert_uint_eq(status.faults, 1);
	ck_assert_str_eq(status.last_fault, what);
}

START_TEST(faults)
{
	faulty("too_few", "left a verdict unwritten");
	faulty("unknown_class", "named a class that was never declared");
	faulty("unknown_answer", "gave an answer that does not exist");
	faulty("unknown_reason", "rejected for a reason that was never declared");
	faulty("reserved", "wrote into the reserved words of a verdict");
}
END_TEST

/* What the batch before got must not pass for an answer. */
START_TEST(stale_verdicts)
{
	struct area_def def = trial_def("too_few");
	struct effort_event ev = trial_event("20.01.10", EFFORT_COUNTER), *events[1] = { &ev };
	struct areas *as = trial_new(&def, 1);
	struct area_status status;
	struct outcome out;

	areas_classify(as, events, 1, &out, trial_now_us);
	ck_assert_uint_ne(out.class, 0);
	ev.channel = EFFORT_PHONE;
	areas_classify(as, events, 1, &out, trial_now_us);
	ck_assert_uint_eq(out.class, 0);
	areas_status(as, 0, &status);
	ck_assert_uint_eq(status.faults, 1);
	areas_free(as);
}
END_TEST

START_TEST(no_faults)
{
	struct outcome out[3];
	struct area_status status;

	try_three("fine", out, &status);
	ck_assert_uint_eq(out[1].class, out[0].class);
	ck_assert_uint_eq(status.faults, 0);
	ck_assert_str_eq(status.last_fault, "");
	try_three("rejects", out, &status);
	ck_assert_int_eq(out[1].answer, EFFORT_REJECT);
	ck_assert_uint_eq(status.rejected, 1);
	ck_assert_uint_eq(status.faults, 0);
	try_three("ignores", out, &status);
	ck_assert_int_eq(out[1].answer, EFFORT_IGNORE);
	ck_assert_uint_eq(out[1].class, out[0].class);
	ck_assert_uint_eq(status.ignored, 1);
	try_three("not_mine", out, &status);
	ck_assert_int_eq(out[1].answer, EFFORT_COUNT);
	ck_assert_uint_eq(out[1].class, 0);
	ck_assert_uint_eq(status.not_mine, 1);
	ck_assert_uint_eq(status.faults, 0);
}
END_TEST

START_TEST(reject_names_reason)
{
	struct area_def def = trial_def("rejects");
	struct effort_event ev = trial_event("20.01.10", EFFORT_PHONE), *events[1] = { &ev };
	struct areas *as = trial_new(&def, 1);
	struct outcome out;

	areas_classify(as, events, 1, &out, trial_now_us);
	ck_assert_str_eq(out.reason, "not-today");
	areas_free(as);
}
END_TEST

/* ---- time: a clock that the test moves ---- */

static int64_t clock_us, step_us;

static int64_t fake_now_us(void)
{
	clock_us += step_us;
	return clock_us;
}

static void classify_one(struct areas *as, struct outcome *out)
{
	struct effort_event ev = trial_event("20.01.10", EFFORT_COUNTER), *events[1] = { &ev };

	areas_classify(as, events, 1, out, fake_now_us);
}

/* One event may take 50 us beside the floor. Every call of the clock is one step later than the one before.
 */
START_TEST(breaker)
{
	struct area_def def = trial_def("fine");
	struct areas *as = trial_new(&def, 1);
	struct plugin_change change;
	struct area_status status;
	struct outcome out;

	ck_assert_ptr_nonnull(as);
	clock_us = 1000000;
	step_us = AREAS_FLOOR_US + 50; /* as long as it may be */
	for (int i = 0; i < 10; i++)
		classify_one(as, &out);
	areas_status(as, 0, &status);
	ck_assert_uint_eq(status.slow, 0);
	step_us = AREAS_FLOOR_US + 51;
	classify_one(as, &out);
	classify_one(as, &out);
	step_us = 1; /* one in time: the row begins anew */
	classify_one(as, &out);
	step_us = AREAS_FLOOR_US + 51;
	classify_one(as, &out);
	classify_one(as, &out);
	ck_assert(!areas_take_change(as, &change));
	classify_one(as, &out);
	ck_assert_uint_ne(out.class, 0); /* the third slow one still counts */
	areas_status(as, 0, &status);
	ck_assert(status.breaker_is_open);
	ck_assert_uint_eq(status.slow, 5);
	ck_assert(areas_take_change(as, &change));
	ck_assert(change.area == 0 && change.breaker_opened && !change.breaker_closed);
	ck_assert(!areas_take_change(as, &change));

	step_us = 1;
	classify_one(as, &out);
	ck_assert_int_eq(out.answer, EFFORT_COUNT);
	ck_assert_uint_eq(out.class, 0); /* unclassified while it is open */
	areas_status(as, 0, &status);
	ck_assert_uint_eq(status.skipped, 1);
	ck_assert_uint_eq(status.batches, 16);

	clock_us += 100000; /* breaker_ms: tried again, and slow again at once opens it */
	step_us = AREAS_FLOOR_US + 51;
	classify_one(as, &out);
	ck_assert_uint_ne(out.class, 0);
	step_us = 1;
	classify_one(as, &out);
	ck_assert_uint_eq(out.class, 0);
	ck_assert(!areas_take_change(as, &change));

	clock_us += 100000; /* tried again and in time: closed */
	classify_one(as, &out);
	ck_assert_uint_ne(out.class, 0);
	ck_assert(areas_take_change(as, &change));
	ck_assert(!change.breaker_opened && change.breaker_closed);
	areas_free(as);
}
END_TEST

START_TEST(slow)
{
	struct area_def def = trial_def("slow");
	struct effort_event ev = trial_event("20.01.10", EFFORT_COUNTER), *events[1] = { &ev };
	struct areas *as = trial_new(&def, 1);
	struct area_status status;
	struct outcome out;

	for (int i = 0; i < 3; i++)
		areas_classify(as, events, 1, &out, trial_now_us);
	areas_status(as, 0, &status);
	ck_assert(status.breaker_is_open);
	ck_assert_uint_eq(status.slow, 3);
	ck_assert_int_ge(status.busy_us, 60000);
	areas_free(as);
}
END_TEST

/* One that fails in open() cannot stop the start once it is disabled. */
START_TEST(disabled_from_start)
{
	struct areas_limits limits = trial_limits;
	struct area_def def = trial_def("open_fails");
	struct effort_event ev = trial_event("20.01.10", EFFORT_PHONE), *events[1] = { &ev };
	struct area_status status;
	struct outcome out;
	struct areas *as;

	limits.disabled = 1;
	as = areas_new(&def, 1, NULL, 0, trial_dir, &limits, &trial_faults);
	ck_assert_ptr_nonnull(as);
	areas_classify(as, events, 1, &out, trial_now_us);
	ck_assert_uint_eq(out.class, 0);
	areas_status(as, 0, &status);
	ck_assert(status.is_disabled);
	ck_assert_uint_eq(status.skipped, 1);
	ck_assert_uint_eq(status.batches, 0);
	ck_assert_uint_eq(areas_classes(as), 3); /* labels of the area file stay known */
	areas_free(as);
}
END_TEST

/* ---- crash and hang, in a child whose signal handler tells who was running ---- */

static void tell(int sig)
{
	int64_t since;
	const char *id = areas_running(&since);

	if (since > 0 && write(1, id, strlen(id)) > 0)
		_exit(sig == SIGALRM ? 42 : 43);
	_exit(44);
}

static void named(const char *plugin, int expected)
{
	struct area_def def = trial_def(plugin);
	struct effort_event ev = trial_event("20.01.10", EFFORT_PHONE), *events[1] = { &ev };
	struct outcome out;
	char said[64] = "";
	int fds[2], status;
	ssize_t n;
	pid_t child;

	ck_assert_int_eq(pipe(fds), 0);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		struct areas *as = trial_new(&def, 1);
		if (as == NULL || areas_running(NULL)[0] != '\0')
			_exit(45);
		dup2(fds[1], 1);
		signal(SIGSEGV, tell);
		signal(SIGALRM, tell);
		alarm(1);
		areas_classify(as, events, 1, &out, trial_now_us);
		_exit(46);
	}
	close(fds[1]);
	n = read(fds[0], said, sizeof(said) - 1);
	close(fds[0]);
	while (waitpid(child, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	ck_assert_int_eq(n, (ssize_t)strlen("library"));
	ck_assert_str_eq(said, "library");
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), expected);
}

START_TEST(crash)
{
	named("crash", 43);
}
END_TEST

START_TEST(hang)
{
	named("hang", 42);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("misbehaviour");
	TCase *tc = tcase_create("misbehaviour");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, trial_start, trial_end);
	tcase_add_test(tc, faults);
	tcase_add_test(tc, stale_verdicts);
	tcase_add_test(tc, no_faults);
	tcase_add_test(tc, reject_names_reason);
	tcase_add_test(tc, breaker);
	tcase_add_test(tc, slow);
	tcase_add_test(tc, disabled_from_start);
	tcase_add_test(tc, crash);
	tcase_add_test(tc, hang);
	suite_add_tcase(suite, tc);
	return trial_run(suite);
}
