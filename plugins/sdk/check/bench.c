/* SPDX-License-Identifier: MPL-2.0 */
/* See bench.h. */
#include "bench.h"

#include "classify/sample.h"
#include "corpus.h"

#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define MADE   2000 /* events made up for a check */
#define BATCH  256
#define PAGE   4096u
#define CANARY 0xa5

/* An opened area with events to try. Lives until the process ends. */
struct bench {
	const struct subject *subject;
	struct area area;
	struct router *router;
	struct corpus corpus;
	struct effort_verdict *first; /* what came out in batches of BATCH */
	char *text;
	size_t size;
};

static bool say(struct bench *b, bool is_fine, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static bool say(struct bench *b, bool is_fine, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b->text, b->size, fmt, ap);
	va_end(ap);
	return is_fine;
}

/* The faults in one line. */
static bool say_faults(struct bench *b, const struct faults *faults)
{
	const struct fault *fault = &faults->list[0];

	return say(b, false, "%s%s%s%s%s", fault->text, fault->hint != NULL ? " (" : "",
		   fault->hint != NULL ? fault->hint : "", fault->hint != NULL ? ")" : "",
		   faults->n > 1 ? "; and more" : "");
}

static void classify_all(const struct area *a, const struct effort_event *const *events, size_t n,
			 size_t batch, struct effort_verdict *verdicts)
{
	memset(verdicts, 0, n * sizeof(*verdicts));
	for (size_t i = 0; i < n; i += batch)
		a->plugin->classify(a->instance, &events[i], n - i < batch ? n - i : batch, &verdicts[i]);
}

static bool open_area(struct bench *b, struct area *area)
{
	const struct subject *s = b->subject;
	static struct faults faults;

	area_init(area, 0, s->def, s->groups, s->groups_len, s->run_dir, false, &faults);
	return faults.n == 0 || say_faults(b, &faults);
}

/* The area and the events; nothing is classified yet. */
static bool bench_open(struct bench *b, const struct subject *s, char *text, size_t size)
{
	static struct faults faults;
	char why[200];
	size_t line;

	memset(b, 0, sizeof(*b));
	b->subject = s;
	b->text = text;
	b->size = size;
	if (!open_area(b, &b->area))
		return false;
	b->router = router_new(s->def, 1, &faults);
	if (b->router == NULL)
		return say_faults(b, &faults);
	if (corpus_init(&b->corpus) < 0)
		return say(b, false, "no memory");
	if (s->events != NULL && !corpus_add_file(&b->corpus, s->events, b->router, &line, why))
		return say(b, false, "%s:%zu: %s", s->events, line, why);
	corpus_add_made(&b->corpus, s->def, b->router, s->seed, MADE);
	b->first = calloc(CORPUS_MAX, sizeof(*b->first));
	return b->first != NULL || say(b, false, "no memory");
}

/* The same with the verdicts the others are compared with. */
static bool bench_init(struct bench *b, const struct subject *s, char *text, size_t size)
{
	if (!bench_open(b, s, text, size))
		return false;
	classify_all(&b->area, b->corpus.batch, b->corpus.len, BATCH, b->first);
	return true;
}

static bool is_same(const struct effort_verdict *a, const struct effort_verdict *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool compare(struct bench *b, const struct effort_verdict *again, const char *what)
{
	for (size_t i = 0; i < b->corpus.len; i++) {
		if (!is_same(&b->first[i], &again[i]))
			return say(
				b, false,
				"%s: event %zu (seed %llu) got answer %u class %u, before answer %u class %u",
				what, i, (unsigned long long)b->subject->seed, again[i].answer,
				again[i].class_id, b->first[i].answer, b->first[i].class_id);
	}
	return say(b, true, "%zu events", b->corpus.len);
}

/* ---- the checks ---- */

static bool check_gate(const struct subject *s, char *text, size_t size)
{
	const struct module *module;
	struct error error;
	const struct effort_plugin *p;

	if (module_open(s->path, s->run_dir, &module, &error) < 0) {
		snprintf(text, size, "%s", error.text);
		return false;
	}
	p = module_plugin(module);
	snprintf(text, size, "%s %s, plugin ABI %u.%u", p->name, p->version, p->abi_major, p->abi_minor);
	return true;
}

static bool check_open(const struct subject *s, char *text, size_t size)
{
	struct bench b = { .subject = s, .text = text, .size = size };
	struct area first, second;

	if (!open_area(&b, &first) || !open_area(&b, &second))
		return false;
	first.plugin->close(NULL);
	say(&b, true, "%zu classes, %zu reasons; twice side by side, closed", first.classes.len,
	    first.classes.reasons_len);
	area_done(&first);
	area_done(&second);
	return true;
}

static bool check_samples(const struct subject *s, char *text, size_t size)
{
	static struct faults faults;
	struct bench b;
	size_t n;

	if (!bench_init(&b, s, text, size))
		return false;
	n = samples_run(&b.area, 0, b.router, &faults);
	return faults.n == 0 ? say(&b, true, "%zu samples", n) : say_faults(&b, &faults);
}

static bool check_answers(const struct subject *s, char *text, size_t size)
{
	size_t seen[EFFORT_NOT_MINE + 1] = { 0 };
	struct bench b;

	if (!bench_init(&b, s, text, size))
		return false;
	for (size_t i = 0; i < b.corpus.len; i++) {
		enum verdict_fault fault = area_check(&b.area, &b.first[i]);
		if (fault != VERDICT_FINE)
			return say(&b, false, "event %zu (seed %llu): it %s", i, (unsigned long long)s->seed,
				   verdict_fault_text(fault));
		seen[b.first[i].answer]++;
	}
	return say(&b, true, "%zu counted, %zu ignored, %zu rejected, %zu not mine", seen[EFFORT_COUNT],
		   seen[EFFORT_IGNORE], seen[EFFORT_REJECT], seen[EFFORT_NOT_MINE]);
}

static bool check_purity(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict again[CORPUS_MAX];
	struct area second;
	struct bench b;

	if (!bench_init(&b, s, text, size) || !open_area(&b, &second))
		return false;
	classify_all(&b.area, b.corpus.batch, b.corpus.len, BATCH, again);
	if (!compare(&b, again, "the second time"))
		return false;
	/* Three times in a row: a plugin that alternates could answer a whole round alike. */
	for (size_t i = 0; i < 3 * b.corpus.len; i++) {
		classify_all(&b.area, &b.corpus.batch[i / 3], 1, 1, &again[i / 3]);
		if (!is_same(&again[i / 3], &b.first[i / 3]))
			return compare(&b, again, "asked again and again");
	}
	classify_all(&second, b.corpus.batch, b.corpus.len, BATCH, again);
	return compare(&b, again, "in a second instance");
}

static bool check_single(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict again[CORPUS_MAX], backwards[CORPUS_MAX];
	static const struct effort_event *reversed[CORPUS_MAX];
	struct bench b;
	size_t n;

	if (!bench_init(&b, s, text, size))
		return false;
	n = b.corpus.len;
	classify_all(&b.area, b.corpus.batch, n, 1, again);
	if (!compare(&b, again, "alone"))
		return false;
	for (size_t i = 0; i < n; i++)
		reversed[i] = b.corpus.batch[n - 1 - i];
	classify_all(&b.area, reversed, n, n, backwards);
	for (size_t i = 0; i < n; i++)
		again[i] = backwards[n - 1 - i];
	return compare(&b, again, "in one batch and reversed");
}

struct worker {
	struct bench *bench;
	struct effort_verdict *verdicts;
	bool is_same;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct corpus *c = &w->bench->corpus;

	w->is_same = true;
	for (int round = 0; round < 20 && w->is_same; round++) {
		classify_all(&w->bench->area, c->batch, c->len, BATCH, w->verdicts);
		for (size_t i = 0; i < c->len; i++)
			w->is_same &= is_same(&w->bench->first[i], &w->verdicts[i]);
	}
	return NULL;
}

static bool check_threads(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict verdicts[2][CORPUS_MAX];
	struct worker workers[2];
	pthread_t threads[2];
	struct bench b;

	if (!bench_init(&b, s, text, size))
		return false;
	for (size_t i = 0; i < 2; i++) {
		workers[i] = (struct worker){ &b, verdicts[i], false };
		if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
			return say(&b, false, "no second thread");
	}
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (!workers[0].is_same || !workers[1].is_same)
		return say(&b, false, "two threads on one instance got other verdicts than one");
	return say(&b, true, "20 rounds of %zu events in two threads", b.corpus.len);
}

static bool check_read_only(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict again[CORPUS_MAX];
	struct bench b;

	if (!bench_init(&b, s, text, size))
		return false;
	if (!corpus_protect(&b.corpus))
		return say(&b, false, "cannot protect memory");
	classify_all(&b.area, b.corpus.batch, b.corpus.len, BATCH, again);
	return compare(&b, again, "read-only");
}

static bool check_edges(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict again[CORPUS_MAX];
	struct edge edge;
	struct bench b;

	if (!bench_init(&b, s, text, size))
		return false;
	if (edge_init(&edge) < 0)
		return say(&b, false, "cannot protect memory");
	for (size_t i = 0; i < b.corpus.len; i++) {
		const struct effort_event *events[1] = { edge_put(&edge, b.corpus.batch[i]) };
		classify_all(&b.area, events, 1, 1, &again[i]);
	}
	return compare(&b, again, "with nothing readable behind its texts");
}

static bool is_filled(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)bytes[i] != CANARY)
			return false;
	}
	return true;
}

/* Verdicts end at unreadable memory; what lies before them must stay as it is. */
static bool check_verdicts(const struct subject *s, char *text, size_t size)
{
	struct effort_verdict *verdicts;
	struct bench b;
	char *memory;

	if (!bench_init(&b, s, text, size))
		return false;
	memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || mprotect(memory + PAGE, PAGE, PROT_NONE) < 0)
		return say(&b, false, "cannot protect memory");
	for (size_t n = 0; n <= 64; n++) {
		verdicts = (struct effort_verdict *)(memory + PAGE) - n;
		memset(memory, CANARY, PAGE);
		memset(verdicts, 0, n * sizeof(*verdicts));
		b.area.plugin->classify(b.area.instance, b.corpus.batch, n, verdicts);
		if (!is_filled(memory, (size_t)((char *)verdicts - memory)))
			return say(&b, false, "a batch of %zu wrote before its verdicts", n);
		if (memcmp(verdicts, b.first, n * sizeof(*verdicts)) != 0)
			return say(&b, false, "a batch of %zu got other verdicts", n);
	}
	return say(&b, true, "batches of 0 to 64");
}

static bool check_mutated(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict one[CORPUS_MAX], two[CORPUS_MAX];
	struct bench b;

	if (!bench_init(&b, s, text, size))
		return false;
	for (uint64_t round = 0; round < 10; round++) {
		corpus_mutate(&b.corpus, b.router, s->seed + round);
		classify_all(&b.area, b.corpus.batch, b.corpus.len, BATCH, one);
		classify_all(&b.area, b.corpus.batch, b.corpus.len, 7, two);
		for (size_t i = 0; i < b.corpus.len; i++) {
			enum verdict_fault fault = area_check(&b.area, &one[i]);
			if (fault != VERDICT_FINE)
				return say(&b, false, "mutated event %zu (seed %llu): it %s", i,
					   (unsigned long long)(s->seed + round), verdict_fault_text(fault));
			if (!is_same(&one[i], &two[i]))
				return say(&b, false,
					   "mutated event %zu (seed %llu) got two different verdicts", i,
					   (unsigned long long)(s->seed + round));
		}
	}
	return say(&b, true, "10 rounds of %zu events", b.corpus.len);
}

/* ---- static data ---- */

struct statics {
	uintptr_t inside; /* an address of the module */
	char *copy;       /* owned: its writable memory as it was */
	size_t bytes;
	bool is_changed;
};

static bool is_its(const struct dl_phdr_info *info, uintptr_t address)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		if (ph->p_type == PT_LOAD && address - (info->dlpi_addr + ph->p_vaddr) < ph->p_memsz)
			return true;
	}
	return false;
}

/* Between a module's variables a sanitizer keeps memory that memcpy() may not touch; here all of it is only
 * compared. */
__attribute__((no_sanitize("address"))) static void copy_raw(char *to, const volatile char *from, size_t n)
{
	while (n-- > 0)
		*to++ = *from++;
}

__attribute__((no_sanitize("address"))) static bool is_same_raw(const char *a, const volatile char *b,
								size_t n)
{
	while (n > 0 && *a == *b)
		a++, b++, n--;
	return n == 0;
}

/* First visit: copies; second: compares. */
static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct statics *st = arg;
	bool is_first = st->copy == NULL;

	(void)size;
	if (!is_its(info, st->inside))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const void *memory = (const void *)(info->dlpi_addr + ph->p_vaddr);
		if (ph->p_type != PT_LOAD || (ph->p_flags & PF_W) == 0)
			continue;
		if (is_first) {
			st->copy = malloc(ph->p_memsz);
			st->bytes = ph->p_memsz;
			if (st->copy != NULL)
				copy_raw(st->copy, memory, ph->p_memsz);
		} else {
			st->is_changed = !is_same_raw(st->copy, memory, ph->p_memsz);
		}
		return 1; /* linkers make one such segment */
	}
	return 1;
}

static bool check_static(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict again[CORPUS_MAX];
	struct statics st = { 0 };
	struct bench b;

	if (!bench_open(&b, s, text, size))
		return false;
	if (s->ignores_static)
		return say(&b, true, "not looked at: instrumented build");
	st.inside = (uintptr_t)b.area.plugin;
	dl_iterate_phdr(visit, &st);
	if (st.copy == NULL)
		return say(&b, true, "has none");
	classify_all(&b.area, b.corpus.batch, b.corpus.len, BATCH, again);
	dl_iterate_phdr(visit, &st);
	return st.is_changed
		       ? say(&b, false, "classify() writes static data; keep everything in the instance")
		       : say(&b, true, "%zu bytes unchanged", st.bytes);
}

/* ---- speed: told, not judged ---- */

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static bool check_speed(const struct subject *s, char *text, size_t size)
{
	static struct effort_verdict again[CORPUS_MAX];
	double best = 1e18, start, end, took;
	struct bench b;

	if (!bench_init(&b, s, text, size))
		return false;
	end = now_ns() + 1e8;
	do {
		start = now_ns();
		classify_all(&b.area, b.corpus.batch, b.corpus.len, BATCH, again);
		took = (now_ns() - start) / (double)b.corpus.len;
		best = took < best ? took : best;
	} while (now_ns() < end);
	return say(&b, true, "%.1f ns per event in batches of %d", best, BATCH);
}

const struct check checks[] = {
	{ "gate", check_gate },
	{ "open", check_open },
	{ "samples", check_samples },
	{ "answers", check_answers },
	{ "purity", check_purity },
	{ "batch = single", check_single },
	{ "two threads", check_threads },
	{ "read-only events", check_read_only },
	{ "text ends", check_edges },
	{ "verdict bounds", check_verdicts },
	{ "mutated events", check_mutated },
	{ "static data", check_static },
	{ "speed", check_speed },
};
const size_t checks_len = sizeof(checks) / sizeof(checks[0]);
