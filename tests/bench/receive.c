/* SPDX-License-Identifier: MPL-2.0 */
/* Nanoseconds an event costs from bytes to counted, without sockets and Redis: lines of a file through
 * decoder, checks, plugins and ledger, as the daemon's loop does it. With -d the decoder alone. receive [-d]
 * [-r ROUNDS] EVENTS.ndjson [-s key=value]... Prints best and median of the rounds; compare ratios within one
 * sitting only. */
#include "base/clock.h"
#include "base/str.h"
#include "event/frame.h"
#include "run/receive.h"

#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
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
	struct receiver *receiver;
	struct receive_context context;
	uint64_t lines;
};

static void receive_all(void *ctx, const char *lines, size_t len)
{
	struct whole *whole = ctx;

	receive_lines(whole->receiver, &whole->context, lines, len, (struct effort_str){ "", 0 },
		      &whole->lines, clock_now_ms());
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

static void bench_whole(const struct file *file, int rounds, struct conf *conf)
{
	struct faults faults = { 0 };
	static struct accounts accounts;
	static struct ledger ledger;
	int64_t us[ROUNDS_MAX];
	uint64_t accepted = 0;

	if (ledger_init(&ledger, 256, 262144) < 0 || accounts_init(&accounts) < 0)
		exit(1);
	struct snapshot *snapshot = snapshot_new(conf, &ledger, conf->run_dir, NULL, &faults);

	if (snapshot == NULL) {
		fprintf(stderr, "%s\n", faults.list[0].text);
		exit(1);
	}
	struct whole whole = { receiver_new(), { snapshot, &ledger, &accounts }, 0 };
	struct mallinfo2 before = { 0 };

	for (int i = 0; i < rounds; i++) {
		int64_t t0 = clock_mono_us();

		accepted = accounts.accepted;
		if (i == 1)
			before = mallinfo2();
		in_chunks(file, receive_all, &whole);
		us[i] = clock_mono_us() - t0;
		accepted = accounts.accepted - accepted;
	}
	report("bytes to counted", us, rounds, accepted);
	printf("cells %zu; heap grown after the first round: %zd bytes\n", ledger_cells(&ledger),
	       (ssize_t)(mallinfo2().uordblks - before.uordblks));
	receiver_free(whole.receiver);
	accounts_done(&accounts);
	snapshot_free(snapshot);
	ledger_done(&ledger);
}

int main(int argc, char **argv)
{
	struct conf_override overrides[64] = { { "late_limit", "never" }, { "future_limit", "never" } };
	size_t n = 2;
	struct faults faults = { 0 }, warnings = { 0 };
	bool only_decode = false;
	int option, rounds = 5;

	while ((option = getopt(argc, argv, "dr:s:")) != -1) {
		if (option == 'd') {
			only_decode = true;
		} else if (option == 'r') {
			rounds = atoi(optarg);
		} else if (option == 's' && strchr(optarg, '=') != NULL && n < 64) {
			char *equals = strchr(optarg, '=');

			*equals = '\0';
			overrides[n++] = (struct conf_override){ optarg, equals + 1 };
		} else {
			return 64;
		}
	}
	if (optind >= argc || rounds < 1 || rounds > ROUNDS_MAX)
		return 64;
	struct file file = read_file(argv[optind]);

	bench_decode(&file, rounds);
	if (!only_decode) {
		struct conf *conf =
			conf_load(SOURCE_DIR "/etc/minimal.conf", overrides, n, &faults, &warnings);

		if (conf == NULL) {
			fprintf(stderr, "%s\n", faults.list[0].text);
			return 78;
		}
		bench_whole(&file, rounds, conf);
	}
	free(file.bytes);
	return 0;
}
