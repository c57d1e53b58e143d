/* SPDX-License-Identifier: MPL-2.0 */
/* Power cuts by the hundred thousand: a journal is written, committed, marked and folded on a disk in memory, and
 * before every operation that changes the disk the states that a kill and power cuts may leave at that moment are
 * made, each is started on, some starts are cut off in turn, and what is found is judged: everything that was
 * acknowledged is there, nothing is counted twice, and the ids that are known are exactly those that are counted.
 *
 *   disk_states                      as in CI: two processes, each with every second seed
 *   disk_states --states N --seed N  another size, another beginning
 *
 * Prints the seed of the run and the operation where something is wrong. */
#include "fake_disk.h"
#include "recovery.h"
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#define EVENTS	  120
#define CUTS	  4 /* power cuts at each operation */
#define SEALED_MAX 64

struct event {
	struct effect effect;
	uint64_t block;
	bool is_offered;
};

struct run {
	uint64_t seed;
	struct fake_disk disk;
	struct words words;
	struct identity identity;
	struct journal_found found;
	struct journal *journal;
	struct chance chance;
	struct event events[EVENTS];
	size_t offered;
	uint64_t durable, position;
	struct job *first_job, **last_job;
	bool has_worked;
	uint64_t sealed[SEALED_MAX];
	size_t sealed_len;
	uint64_t operations;
	bool is_checking;
};

#define JOBS 2

struct total {
	uint64_t states, most, starts, operations, runs, torn;
};

static struct total total;

static void fail(const struct run *run, uint64_t cut, const char *what, int64_t is, int64_t must)
{
	printf("seed %" PRIu64 ", before operation %" PRIu64 ", cut %" PRIu64 ": %s (%" PRId64 ", must be %" PRId64
	       ")\nagain: disk_states --seed %" PRIu64 " --states 1\n",
	       run->seed, run->operations, cut, what, is, must, run->seed);
	exit(1);
}

/* --- judging --- */

static void judge(struct run *run, uint64_t cut, struct recovery *recovery)
{
	int64_t counted = 0;

	for (size_t i = 0; i < EVENTS; i++) {
		const struct event *event = &run->events[i];
		int known = dedup_offer(recovery->dedup, event->effect.id, event->effect.content,
					event->effect.id_day, 1, false);

		if (known == DEDUP_DUPLICATE) {
			counted += event->effect.count;
			if (!event->is_offered)
				fail(run, cut, "an event that was never offered is known", (int64_t)i, -1);
		} else if (event->is_offered && event->block <= run->durable) {
			fail(run, cut, "an acknowledged event is not known", known, DEDUP_DUPLICATE);
		} else if (known != DEDUP_NEW) {
			fail(run, cut, "an id cannot be looked up", known, DEDUP_NEW);
		}
	}
	if (counted != recovery->counted)
		fail(run, cut, "what is counted is not what is known", recovery->counted, counted);
	if (recovery->damages > 0)
		fail(run, cut, "something is damaged", (int64_t)recovery->damages, 0);
	total.torn += recovery->is_torn;
}

/* Starts on a state; some of the starts are killed or cut off as well, once or twice. */
static void try_state(struct run *run, struct mem_disk *mem, uint64_t cut)
{
	struct fake_disk disk;
	struct error error = { "" };
	struct chance chance = { run->seed * 31 + run->operations * 7 + cut };
	int r;

	total.states++;
	fake_disk_init(&disk);
	fake_disk_replace(&disk, mem);
	disk.chance = chance_random(&chance);
	for (int start = 0;; start++) {
		struct recovery recovery;

		disk.dies_in = start < 2 && chance_below(&chance, 4) == 0 ? 1 + chance_below(&chance, 40) : 0;
		disk.is_dead = disk.has_died = false;
		total.starts++;
		r = recovery_start(&recovery, &disk.table, &run->words, &error);
		if (!disk.has_died && r < 0)
			fail(run, cut, error.text, r, 0);
		if (!disk.has_died)
			judge(run, cut, &recovery);
		recovery_done(&recovery);
		if (fake_disk_has_open(&disk))
			fail(run, cut, "a descriptor was left open", 1, 0);
		if (!disk.has_died)
			break;
		if (chance_below(&chance, 2) == 0)
			mem_disk_cut_power(disk.mem, chance_random(&chance));
	}
	fake_disk_done(&disk);
}

static int before_call(void *ctx, enum mem_call call, const char *path)
{
	struct run *run = ctx;

	(void)path;
	if ((MEM_CHANGES & MEM_CALL(call)) == 0 || run->is_checking || total.states >= total.most)
		return 0;
	run->is_checking = true;
	run->operations++;
	total.operations++;
	try_state(run, mem_disk_copy(run->disk.mem), 0);
	for (uint64_t cut = 1; cut <= CUTS; cut++) {
		struct mem_disk *after = mem_disk_copy(run->disk.mem);

		mem_disk_cut_power(after, run->seed ^ (run->operations << 16) ^ cut);
		try_state(run, after, cut);
	}
	run->is_checking = false;
	return 0;
}

/* --- the run that is recorded --- */

static void submit(void *ctx, struct job *job)
{
	struct run *run = ctx;

	job->next = NULL;
	*run->last_job = job;
	run->last_job = &job->next;
}

/* Half a job: its work, or being told that it is done. */
static void step_job(struct run *run)
{
	struct job *job = run->first_job;

	if (job == NULL)
		return;
	if (!run->has_worked) {
		run->has_worked = true;
		job->work(job);
		return;
	}
	run->has_worked = false;
	run->first_job = job->next;
	if (run->first_job == NULL)
		run->last_job = &run->first_job;
	job->done(job);
}

static void on_durable(void *ctx, uint64_t block)
{
	((struct run *)ctx)->durable = block;
}

static void on_state(void *ctx, enum journal_state state, const char *why)
{
	(void)ctx;
	(void)state;
	(void)why;
}

static void on_sealed(void *ctx, uint64_t segment)
{
	struct run *run = ctx;

	if (run->sealed_len < SEALED_MAX)
		run->sealed[run->sealed_len++] = segment;
}

static void wake_in(void *ctx, int64_t ms)
{
	(void)ctx;
	(void)ms;
}

static void offer(struct run *run)
{
	struct event *event = &run->events[run->offered];

	if (run->offered == EVENTS)
		return;
	if (journal_effect(run->journal, &event->effect) < 0)
		abort();
	event->block = journal_last(run->journal);
	event->is_offered = true;
	run->offered++;
}

static void mark(struct run *run, enum mark_kind kind)
{
	struct mark mark = { ++run->position, kind, INT64_C(1795305600000), INT64_MIN, 0 };

	if (journal_mark(run->journal, &mark) < 0)
		abort();
}

static void fold(struct run *run)
{
	uint64_t damages = 0;
	struct error error;
	int r;

	if (run->sealed_len == 0)
		return;
	r = recovery_fold(&run->disk.table, run->sealed[0], &damages, &error);
	if (r < 0 || damages > 0)
		fail(run, 0, error.text, r, 0);
	journal_folded(run->journal, run->sealed[0]);
	memmove(run->sealed, run->sealed + 1, --run->sealed_len * sizeof(run->sealed[0]));
}

static void step(struct run *run)
{
	switch (chance_below(&run->chance, 10)) {
	case 0:
	case 1:
	case 2:
		offer(run);
		break;
	case 3:
	case 4:
		journal_commit(run->journal);
		break;
	case 5:
	case 6:
	case 7:
		step_job(run);
		break;
	case 8:
		if (chance_below(&run->chance, 3) == 0)
			mark(run, chance_below(&run->chance, 4) == 0 ? MARK_CUT : MARK_FREEZE);
		break;
	default:
		fold(run);
	}
}

static void make_events(struct run *run)
{
	for (size_t i = 0; i < EVENTS; i++) {
		struct effect *effect = &run->events[i].effect;
		struct cell cell = { .municipality = (uint16_t)chance_below(&run->chance, RECOVERY_CODES),
				     .day = RECOVERY_DAY - (int32_t)chance_below(&run->chance, 4),
				     .channel = (uint8_t)chance_below(&run->chance, EFFORT_CHANNELS) };

		*effect = (struct effect){ .id = chance_random(&run->chance),
					   .content = (uint32_t)chance_random(&run->chance),
					   .id_day = cell.day,
					   .cell = cell_pack(&cell),
					   .time_ms = cell.day * INT64_C(86400000),
					   .count = 1 + chance_below(&run->chance, 100000) };
		for (int d = 0; d < DIMENSIONS; d++)
			effect->names[d] = RECORD_NO_NAME;
		if (chance_below(&run->chance, 2) == 0)
			effect->names[BY_UNIT] = run->words.name[chance_below(&run->chance, 4)];
	}
}

static void begin(struct run *run)
{
	const struct journal_owner owner = { run, on_durable, on_state, on_sealed, wake_in };
	const struct worker worker = { run, submit };
	struct recovery recovery;
	struct error error;

	fake_disk_init(&run->disk);
	run->last_job = &run->first_job;
	if (words_init(&run->words) < 0)
		abort();
	if (recovery_start(&recovery, &run->disk.table, &run->words, &error) < 0)
		fail(run, 0, error.text, 0, 0);
	recovery_done(&recovery);
	make_events(run);
	run->disk.mem->on_call = before_call;
	run->disk.mem->on_call_ctx = run;
	/* The run's own start is part of what is recorded. */
	if (identity_read(&run->identity, &run->disk.table, RECOVERY_JOURNAL, &(bool){ false },
			  &(const char *){ NULL }) < 0)
		abort();
	{
		const struct journal_settings settings = { .dir = RECOVERY_JOURNAL, .disk = &run->disk.table };
		const struct replay nothing = { 0 };

		if (journal_replay(&settings, &nothing, NULL, &run->found, &error) < 0)
			fail(run, 0, error.text, 0, 0);
	}
	run->journal = recovery_open(&run->disk.table, &run->words, worker,
				     chance_below(&run->chance, 2) == 0 ? 600 : 4000, &owner, &run->identity, &run->found,
				     &run->position, &error);
	if (run->journal == NULL)
		fail(run, 0, error.text, 0, 0);
}

static void run_one(uint64_t seed)
{
	struct run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		abort();
	run->seed = seed;
	run->chance.state = seed;
	world_begin(seed, INT64_C(1795305600000));
	begin(run);
	for (int i = 0; i < 400; i++)
		step(run);
	while (run->first_job != NULL)
		step_job(run);
	while (run->sealed_len > 0)
		fold(run);
	run->disk.mem->on_call = NULL;
	try_state(run, mem_disk_copy(run->disk.mem), 0);
	journal_close(run->journal);
	words_done(&run->words);
	fake_disk_done(&run->disk);
	free(run);
	world_end();
	total.runs++;
}

/* In a process of its own. */
static void work(struct total *ret, uint64_t seed)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	total.most /= JOBS;
	for (; total.states < total.most; seed += JOBS)
		run_one(seed);
	fflush(stdout);
	*ret = total;
	_exit(0);
}

static bool run_jobs(uint64_t seed)
{
	struct total *totals = mmap(NULL, JOBS * sizeof(*totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				    -1, 0);
	bool is_fine = totals != MAP_FAILED;
	pid_t children[JOBS];
	int status;

	for (uint64_t job = 0; job < JOBS && is_fine; job++) {
		children[job] = fork();
		if (children[job] == 0)
			work(&totals[job], seed + job);
	}
	for (int job = 0; job < JOBS && totals != MAP_FAILED; job++) {
		is_fine &= waitpid(children[job], &status, 0) > 0 && status == 0;
		total.states += totals[job].states;
		total.starts += totals[job].starts;
		total.operations += totals[job].operations;
		total.runs += totals[job].runs;
		total.torn += totals[job].torn;
	}
	return is_fine;
}

int main(int argc, char **argv)
{
	uint64_t seed = 1;

	total.most = 100000;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--states") == 0)
			total.most = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[i + 1], NULL, 10);
	}
	if (argc % 2 == 0) {
		fprintf(stderr, "usage: disk_states [--states N] [--seed N]\n");
		return 64;
	}
	if (total.most == 1)
		total.most = UINT64_MAX;
	if (total.most == UINT64_MAX)
		run_one(seed);
	else if (!run_jobs(seed))
		return 1;
	printf("%" PRIu64 " disk states of %" PRIu64 " operations in %" PRIu64 " runs, %" PRIu64 " starts on them, %" PRIu64
	       " found a torn end: all acknowledged events found, none twice\n",
	       total.states, total.operations, total.runs, total.starts, total.torn);
	return 0;
}
