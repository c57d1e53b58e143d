/* SPDX-License-Identifier: MPL-2.0 */
/* Nanoseconds an event costs from bytes to counted and to durable, without sockets and Redis: lines of a file
 * through decoder, checks, plugins, deduplication, ledger and journal, as the daemon's loop does it, with a
 * new state folder under TMPDIR each round. Which stage of it costs what: stages.c.
 *
 *     bench_receive [-d] [-r ROUNDS] [-s key=value]... EVENTS.ndjson
 *
 * -d: the decoder alone. Prints best and median of the rounds; compare ratios within one sitting only. */
#include "base/clock.h"
#include "event/frame.h"
#include "world.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS_MAX 99

static uint64_t decoded;

static void decode_only(void *ctx, const char *lines, size_t len)
{
	struct decoder *decoder = ctx;
	const char *at = lines;
	struct effort_str line;
	struct effort_event ev;
	struct refusal refusal;
	struct frame frame = { 0 };

	decoder_reset(decoder);
	for (;;) {
		if (decode_alike(decoder, &at, lines + len, (struct effort_str){ "", 0 }, &ev, &line))
			decoded++;
		else if (frame_next(&frame, &at, lines + len, &line) == FRAME_LINE)
			decoded += decode_unlike(decoder, line.ptr, line.len, (struct effort_str){ "", 0 },
						 &ev, &refusal) == CODE_OK;
		else
			break;
	}
}

struct whole {
	struct world *world;
	struct receiver *receiver;
	struct receive_context context;
	struct producer producer;
};

static void receive_all(void *ctx, const char *lines, size_t len)
{
	struct whole *whole = ctx;

	receive_lines(whole->receiver, &whole->context, &whole->producer, lines, len, clock_now_ms());
	world_turn(whole->world);
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void report(const char *what, int64_t *us, int rounds, uint64_t events)
{
	qsort(us, (size_t)rounds, sizeof(*us), ascending);
	printf("%s: best %.1f median %.1f ns/event (%llu events a round)\n", what,
	       1000.0 * (double)us[0] / (double)events, 1000.0 * (double)us[rounds / 2] / (double)events,
	       (unsigned long long)events);
}

static void bench_decode(const struct world_lines *lines, int rounds)
{
	struct decoder *decoder = decoder_new(2 * WORLD_CHUNK);
	int64_t us[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		int64_t t0 = world_cpu_ns();

		decoded = 0;
		world_in_chunks(lines, decode_only, decoder);
		us[i] = (world_cpu_ns() - t0) / 1000;
	}
	report("decode, CPU", us, rounds, decoded);
	decoder_free(decoder);
}

/* One round with everything new; *ret_counted_us: until the last line was counted. Returns us until all was
 * on disk. */
static int64_t round_of(const struct world_lines *lines, uint64_t *accepted, int64_t *ret_counted_us)
{
	struct world *world = world_open();
	struct whole whole = { world,
			       receiver_new(world->snapshot->conf->workers),
			       { world->snapshot, &world->core, &world->accounts, world->deadletters },
			       { 0 } };
	int64_t t0 = clock_mono_us(), cpu0 = world_cpu_ns(), us;

	world_in_chunks(lines, receive_all, &whole);
	*ret_counted_us = (world_cpu_ns() - cpu0) / 1000;
	world_wait_durable(world);
	us = clock_mono_us() - t0;
	*accepted = world->accounts.accepted;
	receiver_free(whole.receiver);
	world_close(world);
	return us;
}

static void bench_whole(const struct world_lines *lines, int rounds)
{
	int64_t counted[ROUNDS_MAX], durable[ROUNDS_MAX];
	uint64_t accepted = 0;

	for (int i = 0; i < rounds; i++)
		durable[i] = round_of(lines, &accepted, &counted[i]);
	report("bytes to counted, CPU", counted, rounds, accepted);
	report("bytes to durable", durable, rounds, accepted);
}

int main(int argc, char **argv)
{
	bool only_decode = false;
	int option, rounds = 5;

	while ((option = getopt(argc, argv, "dr:s:")) != -1) {
		if (option == 'd')
			only_decode = true;
		else if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 's')
			world_set(optarg);
		else
			return 64;
	}
	if (optind >= argc || rounds < 1 || rounds > ROUNDS_MAX)
		return 64;
	struct world_lines lines = world_read(argv[optind]);

	bench_decode(&lines, rounds);
	if (!only_decode)
		bench_whole(&lines, rounds);
	free(lines.bytes);
	return 0;
}
