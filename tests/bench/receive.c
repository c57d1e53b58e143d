/* SPDX-License-Identifier: MPL-2.0 */
/* Nanoseconds an event costs from bytes to counted and to durable, without sockets and Redis: lines of a file through
 * decoder, checks, plugins, deduplication, ledger and journal, as the daemon's loop does it, with a new state folder
 * under TMPDIR each round. With -d the decoder alone. receive [-d]
 * [-r ROUNDS] EVENTS.ndjson [-s key=value]... Prints best and median of the rounds; compare ratios within one
 * sitting only. */
#include "base/clock.h"
#include "base/str.h"
#include "event/frame.h"
#include "run/receive.h"
#include "run/worker.h"

#include <event2/event.h>
#include <fcntl.h>
#include <getopt.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK      (256 * 1024)
#define ROUNDS_MAX 99

struct file {
	char *bytes; /* owned */
	size_t len;
};

static struct file read_file(const char *path)
{
	struct file file = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) < 0 ||
	    (file.bytes = calloc(1, (size_t)st.st_size + DECODE_PADDING)) == NULL ||
	    read(fd, file.bytes, (size_t)st.st_size) != st.st_size) {
		perror(path);
		exit(1);
	}
	close(fd);
	file.len = (size_t)st.st_size;
	return file;
}

/* Calls back with pieces of whole lines, as a read would bring them. */
static void in_chunks(const struct file *file, void (*take)(void *ctx, const char *lines, size_t len),
		      void *ctx)
{
	size_t from = 0;

	while (from < file->len) {
		size_t to = from + CHUNK < file->len ? from + CHUNK : file->len;
		const char *end = memrchr(file->bytes + from, '\n', to - from);

		if (end == NULL)
			break;
		take(ctx, file->bytes + from, (size_t)(end + 1 - (file->bytes + from)));
		from = (size_t)(end + 1 - file->bytes);
	}
}

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
	while (frame_next(&frame, &at, lines + len, &line) == FRAME_LINE)
		decoded += decode_line(decoder, line.ptr, line.len, (struct effort_str){ "", 0 }, &ev,
				       &refusal) == CODE_OK;
}

struct whole {
	struct event_base *base;
	struct receiver *receiver;
	struct receive_context context;
	struct producer producer;
};

static void receive_all(void *ctx, const char *lines, size_t len)
{
	struct whole *whole = ctx;

	receive_lines(whole->receiver, &whole->context, &whole->producer, lines, len, clock_now_ms());
	core_turn(whole->context.core);
	event_base_loop(whole->base, EVLOOP_NONBLOCK);
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

static void bench_decode(const struct file *file, int rounds)
{
	struct decoder *decoder = decoder_new(2 * CHUNK);
	int64_t us[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		int64_t t0 = clock_mono_us();

		decoded = 0;
		in_chunks(file, decode_only, decoder);
		us[i] = clock_mono_us() - t0;
	}
	report("decode", us, rounds, decoded);
	decoder_free(decoder);
}

static void on_durable(void *ctx, uint64_t block)
{
	(void)ctx, (void)block;
}

static void on_nothing(void *ctx)
{
	(void)ctx;
}

static void die(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* One round with everything new; *ret_counted_us: until the last line was counted. Returns us until all was on disk. */
static int64_t round_of(const struct file *file, struct conf *conf, struct snapshot **snapshot, uint64_t *accepted,
			int64_t *ret_counted_us)
{
	static struct core core;
	static struct accounts accounts;
	char dir[] = "/tmp/bench-receive-XXXXXX", letters[64];
	struct event_base *base = event_base_new();
	struct worker_thread *commits = worker_start(base, "commits"), *keeper = worker_start(base, "keeper");
	struct faults faults = { 0 };
	struct error error;
	int64_t t0, us;

	if (mkdtemp(dir) == NULL || accounts_init(&accounts) < 0)
		die("no temporary folder");
	const struct core_settings settings = {
		base, dir, &disk_real, worker_of(commits), worker_of(keeper), JOURNAL_SEGMENT_BYTES, 256, 262144,
		{ CORE_NEVER, INT64_C(35) * 86400000, CORE_NEVER, CORE_NEVER, INT64_C(1) << 40, 16000000, 10000000, 20,
		  200, 30000 }
	};
	const struct core_owner owner = { NULL, on_durable, on_nothing, on_nothing };
	const struct store_settings store = { .url = "unix:///nowhere/redis.sock",
					      .prefix = "effort:",
					      .timeout_ms = 1000,
					      .version = "bench",
					      .names_per_key = 256 };

	if (core_load(&core, &settings, clock_now_ms(), &error) < 0)
		die(error.text);
	*snapshot = snapshot_new(conf, &core.ledger, &(struct snapshot_settings){ .copies_dir = conf->run_dir }, &faults);
	if (*snapshot == NULL)
		die(faults.list[0].text);
	if (core_open(&core, &owner, &store, &(*snapshot)->view, clock_now_ms(), &error) < 0)
		die(error.text);
	snprintf(letters, sizeof(letters), "%s/letters", dir);
	const struct deadletters_settings dead = { letters, &disk_real, worker_of(keeper), 1 << 20, core.identity.key };
	struct deadletters *deadletters = deadletters_open(&dead, &error);
	struct whole whole = { base, receiver_new(), { *snapshot, &core, &accounts, deadletters }, { 0 } };

	t0 = clock_mono_us();
	in_chunks(file, receive_all, &whole);
	*ret_counted_us = clock_mono_us() - t0;
	while (!core_is_durable(&core))
		event_base_loop(base, EVLOOP_ONCE);
	us = clock_mono_us() - t0;
	*accepted = accounts.accepted;
	worker_end(commits, true);
	worker_end(keeper, false);
	core_close(&core);
	deadletters_close(deadletters);
	receiver_free(whole.receiver);
	accounts_done(&accounts);
	worker_free(commits);
	worker_free(keeper);
	event_base_free(base);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return us;
}

static void bench_whole(const struct file *file, int rounds, struct conf *(*load)(void))
{
	int64_t counted[ROUNDS_MAX], durable[ROUNDS_MAX];
	uint64_t accepted = 0;

	for (int i = 0; i < rounds; i++) {
		struct snapshot *snapshot;

		durable[i] = round_of(file, load(), &snapshot, &accepted, &counted[i]);
		snapshot_free(snapshot);
	}
	report("bytes to counted", counted, rounds, accepted);
	report("bytes to durable", durable, rounds, accepted);
}

static struct conf_override overrides[64] = { { "late_limit", "never" }, { "future_limit", "never" } };
static size_t overrides_len = 2;

static struct conf *load(void)
{
	struct faults faults = { 0 }, warnings = { 0 };
	struct conf *conf =
		conf_load(SOURCE_DIR "/etc/minimal.conf", overrides, overrides_len, &faults, &warnings);

	if (conf == NULL)
		die(faults.list[0].text);
	return conf;
}

int main(int argc, char **argv)
{
	bool only_decode = false;
	int option, rounds = 5;

	while ((option = getopt(argc, argv, "dr:s:")) != -1) {
		if (option == 'd') {
			only_decode = true;
		} else if (option == 'r') {
			rounds = atoi(optarg);
		} else if (option == 's' && strchr(optarg, '=') != NULL && overrides_len < 64) {
			char *equals = strchr(optarg, '=');

			*equals = '\0';
			overrides[overrides_len++] = (struct conf_override){ optarg, equals + 1 };
		} else {
			return 64;
		}
	}
	if (optind >= argc || rounds < 1 || rounds > ROUNDS_MAX)
		return 64;
	struct file file = read_file(argv[optind]);

	bench_decode(&file, rounds);
	if (!only_decode)
		bench_whole(&file, rounds, load);
	free(file.bytes);
	return 0;
}
