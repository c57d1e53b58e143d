/* SPDX-License-Identifier: MPL-2.0 */
/* Deterministic simulation of effortd: many runs, each from one seed, in two processes at a time. A run that fails is
 * run again with steps left out for as long as it still fails; then seed, reason and remaining steps are printed.
 *
 *   simulate                                until 20,000 crashes; CI does fewer (CMakeLists.txt)
 *   simulate --crashes N | --runs N | --minutes M    how much; what has begun is run to its end
 *   simulate --runs N --crashes M           N runs, and it is a failure when they have fewer crashes than M
 *   simulate --seed N [--steps M] [--verbose]        one run (or, with --runs, where to begin)
 *   simulate --jobs N                       processes; 2
 *   simulate --no-shrink                    tell a failure as it is
 *   simulate --plain                        no journals that are put back, copied or damaged
 *   simulate --copied                       each run ends with a journal copied, of every second seed while it runs
 *   simulate --damaged                      each run ends with a damaged journal
 *
 * Exit code 0: nothing failed; 1: something did. */
#include "failure.h"
#include "fakes.h"
#include "function.h"
#include "scenario.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX   16
#define RUN_LIMIT_S 300 /* of real time: a run that takes longer does not end */

/* What a child and its parent both see. */
struct shared {
	uint64_t seed, runs;
	struct scenario_result sums;
	char why[FAILURE_TEXT];
	_Atomic uint64_t next; /* of the first one: how many seeds have been given out */
};

static struct {
	uint64_t seed, runs, crashes;
	size_t steps;
	int jobs;
	int64_t minutes;
	bool is_verbose, is_one, no_shrink;
} options = { .jobs = 2 };

static struct shared *shared;

static uint64_t crashes_of(const struct scenario_result *sums)
{
	return sums->kills + sums->power_cuts;
}

static void sum_up(struct scenario_result *sums, const struct scenario_result *more)
{
	uint64_t *to = (uint64_t *)sums;
	const uint64_t *from = (const uint64_t *)more;

	for (size_t i = 0; i < sizeof(*sums) / sizeof(*to); i++)
		to[i] += from[i];
}

static void run_seed(struct shared *mine, uint64_t seed)
{
	static struct scenario scenario;
	struct scenario_result result = { 0 };

	mine->seed = seed;
	alarm(RUN_LIMIT_S);
	scenario_make(&scenario, seed, options.steps);
	scenario_run(&scenario, &result);
	sum_up(&mine->sums, &result);
	mine->runs++;
}

/* --- shrinking --- */

/* Whether this scenario fails, in a process of its own; why says how. */
static bool fails(const struct scenario *scenario, char why[FAILURE_TEXT])
{
	struct shared *mine = &shared[JOBS_MAX];
	pid_t child;
	int status;

	mine->why[0] = '\0';
	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct scenario_result result = { 0 };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(0);
		failure_into(mine->why);
		alarm(RUN_LIMIT_S);
		scenario_run(scenario, &result);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return false;
	if (WIFSIGNALED(status))
		snprintf(mine->why, FAILURE_TEXT, "killed by signal %d%s", WTERMSIG(status),
			 WTERMSIG(status) == SIGALRM ? " (it does not end)" : "");
	snprintf(why, FAILURE_TEXT, "%s", mine->why);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

/* Of the same kind: shrinking must not go on with another failure that it stumbles over. */
static bool is_alike(const char *a, const char *b)
{
	static const char *const words[] = { "more than", "does not come to rest", "absent", "rebuilding", "signal",
					     "moments",	  "answered", "}:by:", "}:d:", "}:m:" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if ((strstr(a, words[i]) == NULL) != (strstr(b, words[i]) == NULL))
			return false;
	return true;
}

static size_t drop_steps(struct scenario *scenario, size_t from, size_t n, char why[FAILURE_TEXT])
{
	bool before[SCENARIO_STEPS];
	char now[FAILURE_TEXT];
	size_t dropped = 0;

	for (size_t i = 0; i < scenario->n; i++) {
		before[i] = scenario->steps[i].is_off;
		if (i >= from && i < from + n && !before[i]) {
			scenario->steps[i].is_off = true;
			dropped++;
		}
	}
	if (dropped > 0 && fails(scenario, now) && is_alike(now, why)) {
		snprintf(why, FAILURE_TEXT, "%s", now);
		return dropped;
	}
	for (size_t i = 0; i < scenario->n; i++)
		scenario->steps[i].is_off = before[i];
	return 0;
}

static void shrink(struct scenario *scenario, char why[FAILURE_TEXT])
{
	time_t until = time(NULL) + 90;

	for (size_t n = scenario->n / 2; n > 0; n = n == 1 ? 0 : n / 2) {
		size_t dropped;

		do {
			dropped = 0;
			for (size_t from = 0; from < scenario->n && time(NULL) < until; from += n)
				dropped += drop_steps(scenario, from, n, why);
		} while (dropped > 0 && n == 1);
	}
}

static void tell(uint64_t seed, const char *first_why)
{
	static struct scenario scenario;
	char why[FAILURE_TEXT];

	printf("seed %" PRIu64 " failed: %s\n", seed, first_why);
	fflush(stdout);
	scenario_make(&scenario, seed, options.steps);
	if (!options.no_shrink && fails(&scenario, why)) {
		shrink(&scenario, why);
		printf("with fewer steps: %s\n", why);
		for (size_t i = 0; i < scenario.n; i++)
			if (!scenario.steps[i].is_off)
				printf("  %3zu %s (m%d)\n", i, step_name[scenario.steps[i].kind],
				       scenario.steps[i].machine);
		printf("these alone: simulate --seed %" PRIu64 " --verbose --only ", seed);
		for (size_t i = 0, n = 0; i < scenario.n; i++)
			if (!scenario.steps[i].is_off)
				printf("%s%zu", n++ == 0 ? "" : ",", i);
		printf("\n");
	}
	printf("all of it:   simulate --seed %" PRIu64 " --verbose\n", seed);
}

/* --- many runs --- */

static struct shared all_of(void)
{
	struct shared sum = { 0 };

	for (int i = 0; i < options.jobs; i++) {
		sum.runs += shared[i].runs;
		sum_up(&sum.sums, &shared[i].sums);
	}
	return sum;
}

/* The next seed, in their order whoever asks; false: there have been enough. */
static bool take_seed(time_t began, uint64_t *ret)
{
	struct shared sum = all_of();
	uint64_t number;

	if (options.minutes > 0 && time(NULL) - began >= options.minutes * 60)
		return false;
	if (options.minutes == 0 && options.runs == 0 && crashes_of(&sum.sums) >= options.crashes)
		return false;
	number = shared->next++;
	*ret = options.seed + number;
	return options.runs == 0 || number < options.runs;
}

static void work(int job, time_t began)
{
	uint64_t seed;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	failure_into(shared[job].why);
	while (take_seed(began, &seed))
		run_seed(&shared[job], seed);
	_exit(0);
}

static pid_t start(int job, time_t began)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		work(job, began);
	return child;
}

/* Until all have ended well, or one has not: that one, else -1. */
static int wait_for_jobs(pid_t *children, int *ret_status)
{
	for (int left = options.jobs; left > 0; left--) {
		pid_t child = waitpid(-1, ret_status, 0);
		int job = 0;

		while (job < options.jobs && children[job] != child)
			job++;
		if (job == options.jobs)
			continue;
		children[job] = 0;
		if (WIFEXITED(*ret_status) && WEXITSTATUS(*ret_status) == 0)
			continue;
		for (int i = 0; i < options.jobs; i++)
			if (children[i] != 0)
				kill(children[i], SIGKILL);
		return job;
	}
	return -1;
}

static int run_many(void)
{
	pid_t children[JOBS_MAX];
	time_t began = time(NULL);
	int failed, status = 0;
	struct shared sum;
	bool is_too_little;

	for (int i = 0; i < options.jobs; i++)
		children[i] = start(i, began);
	failed = wait_for_jobs(children, &status);
	sum = all_of();
	if (failed >= 0) {
		if (WIFSIGNALED(status))
			snprintf(shared[failed].why, FAILURE_TEXT, "killed by signal %d%s", WTERMSIG(status),
				 WTERMSIG(status) == SIGALRM ? " (it does not end)" : "");
		tell(shared[failed].seed, shared[failed].why);
	}
	printf("%" PRIu64 " runs in %ld s, %" PRIu64 " crashes (%" PRIu64 " power cuts), %" PRIu64 " starts, %" PRIu64
	       " contacts (%" PRIu64 " known again, %" PRIu64 " of errands that had begun, %" PRIu64 " readings), %" PRIu64 " commands of Redis, %" PRIu64 " older states of it, %" PRIu64
	       " keys evicted, %" PRIu64 " cuts, %" PRIu64 " late commands, %" PRIu64 " times at rest: %s\n",
	       sum.runs, (long)(time(NULL) - began), crashes_of(&sum.sums), sum.sums.power_cuts, sum.sums.starts,
	       sum.sums.contacts, sum.sums.duplicates, sum.sums.merged, sum.sums.readings, sum.sums.commands, sum.sums.snapshots_back,
	       sum.sums.evicted, sum.sums.cuts, sum.sums.ghosts, sum.sums.rests, failed < 0 ? "all exact" : "FAILED");
	is_too_little = failed < 0 && options.minutes == 0 && crashes_of(&sum.sums) < options.crashes;
	if (is_too_little)
		printf("fewer crashes than the %" PRIu64 " that were asked for\n", options.crashes);
	return failed < 0 && !is_too_little ? 0 : 1;
}

/* --- one run --- */

static int run_one(char *only)
{
	static struct scenario scenario;
	struct scenario_result result = { 0 };

	fake_log_is_on = options.is_verbose;
	setvbuf(stdout, NULL, _IOLBF, 0);
	scenario_make(&scenario, options.seed, options.steps);
	if (only != NULL) {
		for (size_t i = 0; i < scenario.n; i++)
			scenario.steps[i].is_off = true;
		for (char *at = strtok(only, ","); at != NULL; at = strtok(NULL, ","))
			scenario.steps[strtoul(at, NULL, 10) % SCENARIO_STEPS].is_off = false;
	}
	scenario_run(&scenario, &result);
	library_free_all();
	printf("seed %" PRIu64 ": fine; %" PRIu64 " crashes, %" PRIu64 " contacts, %" PRIu64 " commands of Redis\n", options.seed,
	       crashes_of(&result), result.contacts, result.commands);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: simulate [--seed N] [--steps N] [--runs N | --crashes N | --minutes N] [--jobs N] "
			"[--only STEP,...] [--verbose] [--no-shrink] [--plain|--copied|--damaged]\n");
	return 64;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seed", 1, NULL, 's' },    { "steps", 1, NULL, 'n' },	  { "runs", 1, NULL, 'r' },
		{ "crashes", 1, NULL, 'c' }, { "minutes", 1, NULL, 'm' }, { "jobs", 1, NULL, 'j' },
		{ "only", 1, NULL, 'o' },    { "verbose", 0, NULL, 'v' }, { "no-shrink", 0, NULL, 'w' },
		{ "plain", 0, NULL, 'p' },   { "copied", 0, NULL, 'y' },  { "damaged", 0, NULL, 'd' },
		{ NULL, 0, NULL, 0 }
	};
	bool has_seed = false;
	char *only = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "", known, NULL)) != -1) {
		uint64_t number = optarg == NULL ? 0 : strtoull(optarg, NULL, 10);

		switch (opt) {
		case 's': options.seed = number; has_seed = true; break;
		case 'n': options.steps = (size_t)number; break;
		case 'r': options.runs = number; break;
		case 'c': options.crashes = number; break;
		case 'm': options.minutes = (int64_t)number; break;
		case 'j': options.jobs = number == 0 || number > JOBS_MAX ? 2 : (int)number; break;
		case 'o': only = optarg; break;
		case 'v': options.is_verbose = true; break;
		case 'p': scenario_ending = ENDING_PLAIN; break;
		case 'y': scenario_ending = ENDING_COPIED; break;
		case 'd': scenario_ending = ENDING_DAMAGED; break;
		case 'w': options.no_shrink = true; break;
		default: return usage();
		}
	}
	shared = mmap(NULL, (JOBS_MAX + 1) * sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED || optind < argc)
		return usage();
	contact_begin();
	if (has_seed && options.runs == 0 && options.minutes == 0 && options.crashes == 0)
		return run_one(only);
	if (options.crashes == 0 && options.runs == 0)
		options.crashes = 20000;
	if (!has_seed)
		options.seed = 1;
	return run_many();
}
