/* SPDX-License-Identifier: MPL-2.0 */
/* Nanoseconds of CPU an event costs in each stage of its way, so that a regression names its stage. Lines of
 * a file go through the daemon's own parts in batches of the same size and in the same order as in
 * run/receive, and the clock is read between stages. It is the CPU time of this thread: what else runs on the
 * machine counts only as far as it takes caches.
 *
 *     bench_stages [-r ROUNDS] [-s key=value]... EVENTS.ndjson
 *
 * decode   bytes to events                      count    cell, tally, names
 * json     of decode: strict reading, byte by byte journal  effects appended, blocks given away (the disk's
 * scan     of decode: the search for personal data          part is another thread's)
 * dedup    key of (source, id), and is it known   apply    all that has been counted, spread over scopes and
 * classify routing, plugins, verdicts                      written as calls for Redis
 *
 * json and scan are what a line costs that is like none before it; decode usually gets by with less. */
#include "event/frame.h"
#include "event/search.h"
#include "event/words.h"
#include "store/encode.h"
#include "world.h"

#include "base/clock.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH      512
#define ROUNDS_MAX 99

enum stage { DECODE, JSON, SCAN, DEDUP, CLASSIFY, COUNT, JOURNAL, APPLY, STAGES };
static const char *const names[STAGES] = { "decode",   "  json", "  scan",  "dedup",
					   "classify", "count",  "journal", "apply" };

struct bench {
	struct world *world;
	struct decoder *decoder;
	struct json *json;
	struct day_cache days;
	int64_t ns[STAGES];
	uint64_t events, cells;
	size_t n;
	struct effort_str lines[BATCH];
	struct effort_event events_of[BATCH];
	struct effort_event *pointers[BATCH];
	struct outcome outcomes[BATCH];
	struct account *accounts[BATCH];
	struct event_key keys[BATCH];
	struct spot spots[BATCH];
	struct effect effects[BATCH];
};

/* False: no further line. */
static bool decode(struct bench *b, const char **at, const char *end)
{
	const struct effort_str none = { "", 0 };
	struct effort_event *ev = &b->events_of[b->n];
	struct effort_str *line = &b->lines[b->n];
	struct frame frame = { 0 };
	struct refusal refusal;

	if (decode_alike(b->decoder, at, end, none, ev, line))
		return true;
	if (frame_next(&frame, at, end, line) != FRAME_LINE)
		return false;
	if (decode_unlike(b->decoder, line->ptr, line->len, none, ev, &refusal) != CODE_OK)
		world_die("a line is refused: only good lines are measured here");
	return true;
}

static void read_json(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (json_read(b->json, b->lines[i].ptr, b->lines[i].len) != CODE_OK)
			world_die("a line is no JSON");
}

/* The search needs what reading found, so its price is that of both less that of reading. */
static void read_and_scan(struct bench *b)
{
	const char *field;
	size_t at;

	for (size_t i = 0; i < b->n; i++)
		if (json_read(b->json, b->lines[i].ptr, b->lines[i].len) != CODE_OK ||
		    search_line(b->json, &at, &field))
			world_die("a line holds personal data");
}

static void dedup(struct bench *b, int64_t now_ms)
{
	struct core *core = &b->world->core;

	for (size_t i = 0; i < b->n; i++) {
		b->keys[i] = core_key(core, &b->events_of[i], now_ms);
		dedup_prefetch(core->dedup, b->keys[i].id);
	}
	for (size_t i = 0; i < b->n; i++)
		dedup_prefetch_place(core->dedup, b->keys[i].id);
	for (size_t i = 0; i < b->n; i++)
		if (dedup_offer(core->dedup, b->keys[i].id, b->keys[i].content, b->keys[i].day, core->segment,
				true) != DEDUP_NEW)
			world_die("an id comes twice");
}

static struct cell cell_of(struct bench *b, size_t i)
{
	const struct snapshot *s = b->world->snapshot;
	const struct effort_event *ev = &b->events_of[i];

	return (struct cell){ .municipality = (uint16_t)(s->municipality[atoi(ev->municipality.ptr)] - 1),
			      .day = ev->day,
			      .standing = snapshot_standing(s, b->outcomes[i].class, ev->day, 0),
			      .channel = ev->channel,
			      .direction = ev->direction,
			      .kind = ev->kind,
			      .population = ev->population,
			      .outcome = ev->outcome,
			      .assisted = ev->assisted };
}

static void count(struct bench *b, int64_t now_ms)
{
	struct ledger *ledger = &b->world->core.ledger;

	for (size_t i = 0; i < b->n; i++) {
		struct spot *spot = &b->spots[i];

		spot->cell = cell_of(b, i);
		spot->packed = cell_pack(&spot->cell);
		spot->source = account_hint(&b->world->accounts, b->accounts[i], spot->cell.municipality);
		ledger_prefetch(ledger, spot);
	}
	for (size_t i = 0; i < b->n; i++) {
		b->effects[i] = (struct effect){ .id = b->keys[i].id,
						 .content = b->keys[i].content,
						 .id_day = b->keys[i].day };
		if (ledger_count(ledger, &b->spots[i], &b->events_of[i], now_ms,
				 &b->effects[i]) < 0)
			world_die("out of memory");
	}
}

static void write_journal(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (journal_effect(b->world->core.journal, &b->effects[i]) < 0)
			world_die("out of memory");
}

static void lap(struct bench *b, enum stage stage, int64_t *t)
{
	int64_t now = world_cpu_ns();

	b->ns[stage] += now - *t;
	*t = now;
}

static void through(struct bench *b, int64_t t)
{
	int64_t now_ms = clock_now_ms();

	lap(b, DECODE, &t);
	for (size_t i = 0; i < b->n; i++) {
		struct effort_event *ev = &b->events_of[i];

		ev->day = zone_day_cached(&b->world->snapshot->zone, &b->days, ev->time_ms);
		b->accounts[i] = accounts_of(&b->world->accounts, ev->source);
	}
	t = world_cpu_ns();
	dedup(b, now_ms);
	lap(b, DEDUP, &t);
	areas_classify(b->world->snapshot->areas, b->pointers, b->n, b->outcomes, clock_mono_us);
	lap(b, CLASSIFY, &t);
	count(b, now_ms);
	lap(b, COUNT, &t);
	write_journal(b);
	lap(b, JOURNAL, &t);
	read_json(b);
	lap(b, JSON, &t);
	read_and_scan(b);
	lap(b, SCAN, &t);
	b->events += b->n;
	b->n = 0;
}

static void take(void *ctx, const char *lines, size_t len)
{
	struct bench *b = ctx;
	const char *at = lines;
	int64_t t = world_cpu_ns();

	decoder_reset(b->decoder);
	while (decode(b, &at, lines + len))
		if (++b->n == BATCH) {
			through(b, t);
			t = world_cpu_ns();
		}
	through(b, t);
	t = world_cpu_ns();
	world_turn(b->world);
	lap(b, JOURNAL, &t);
}

struct apply {
	struct scene scene;
	struct command command;
	uint64_t cells;
};

static int write_group(void *ctx, const struct spread_group *group)
{
	struct apply *apply = ctx;
	char *call;
	size_t len;

	encode_group(&apply->command, &apply->scene, group);
	if (command_format(&apply->command, &call, &len) < 0)
		world_die("out of memory");
	free(call);
	apply->cells += group->cells_len;
	return 0;
}

static void write_calls(struct bench *b)
{
	struct ledger *ledger = &b->world->core.ledger;
	struct apply apply = { .scene = { .prefix = "effort:",
					  .writer = "bench",
					  .view = &b->world->snapshot->view,
					  .missing = "",
					  .names_per_key = 256 } };
	struct amount *amounts = malloc((ledger->waiting.used + 1) * sizeof(*amounts));
	int64_t t = world_cpu_ns();

	command_init(&apply.command);
	scene_set(&apply.scene, clock_now_ms());
	if (amounts == NULL || spread(amounts, tally_sorted(&ledger->waiting, amounts), ledger->standings,
				      write_group, &apply) < 0)
		world_die("out of memory");
	lap(b, APPLY, &t);
	b->cells = apply.cells;
	command_done(&apply.command);
	free(amounts);
}

static void round_of(const struct world_lines *lines, struct bench *b)
{
	struct json *json = b->json;
	struct decoder *decoder = b->decoder;

	memset(b, 0, sizeof(*b));
	b->json = json;
	b->decoder = decoder;
	b->world = world_open();
	for (size_t i = 0; i < BATCH; i++)
		b->pointers[i] = &b->events_of[i];
	world_in_chunks(lines, take, b);
	write_calls(b);
	b->ns[SCAN] -= b->ns[JSON];
	world_wait_durable(b->world);
	world_close(b->world);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(double ns[STAGES][ROUNDS_MAX], int rounds, uint64_t events, uint64_t cells)
{
	double best = 0, median = 0;

	printf("%-10s %12s %12s\n", "stage", "best ns", "median ns");
	for (int s = 0; s < STAGES; s++) {
		qsort(ns[s], (size_t)rounds, sizeof(double), ascending);
		printf("%-10s %12.1f %12.1f", names[s], ns[s][0], ns[s][rounds / 2]);
		printf(s == APPLY ? "   %.0f a changed cell\n" : "\n",
		       ns[s][0] * (double)events / (double)cells);
		if (s != JSON && s != SCAN) {
			best += ns[s][0];
			median += ns[s][rounds / 2];
		}
	}
	printf("%-10s %12.1f %12.1f   %llu events, %llu cells, country's with them\n", "all", best, median,
	       (unsigned long long)events, (unsigned long long)cells);
}

int main(int argc, char **argv)
{
	static double ns[STAGES][ROUNDS_MAX];
	static char pool_text[65536 + DECODE_PADDING];
	struct json_pool pool = { pool_text, 0, 65536 };
	static struct words words;
	static struct bench bench;
	int option, rounds = 5;

	while ((option = getopt(argc, argv, "r:s:")) != -1) {
		if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 's')
			world_set(optarg);
		else
			return 64;
	}
	if (optind >= argc || rounds < 1 || rounds > ROUNDS_MAX)
		return 64;
	struct world_lines lines = world_read(argv[optind]);

	bench.json = calloc(1, sizeof(*bench.json));
	bench.decoder = decoder_new(2 * WORLD_CHUNK);
	if (bench.json == NULL || bench.decoder == NULL || words_init(&words) < 0)
		world_die("out of memory");
	bench.json->names = &words.key;
	bench.json->pool = &pool;
	for (int r = 0; r < rounds; r++) {
		round_of(&lines, &bench);
		for (int s = 0; s < STAGES; s++)
			ns[s][r] = (double)bench.ns[s] / (double)bench.events;
	}
	report(ns, rounds, bench.events, bench.cells);
	decoder_free(bench.decoder);
	free(bench.json);
	free(lines.bytes);
	return 0;
}
