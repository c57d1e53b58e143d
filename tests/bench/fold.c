/* SPDX-License-Identifier: MPL-2.0 */
/* Nanoseconds of CPU an event costs when its segment is folded: sums, ids and bookings, with everything that goes to
 * files. The segment is only read; what is made of it goes to a folder of its own, which has to be empty or made by an
 * earlier run of this.
 *
 *     bench_fold [-r ROUNDS] JOURNAL-FOLDER SEGMENT FOLDER
 *
 * A segment: run effortd, send it EVENTS, end it: state_dir/journal has the last one. */
#include "journal/fold.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATH 4096

static const char *const kinds[] = { "totals", "ids", "bookings" };

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int remove_file(void *ctx, const char *name)
{
	char path[2 * PATH];

	snprintf(path, sizeof(path), "%s/%s", (const char *)ctx, name);
	return disk_real.remove(disk_real.ctx, path);
}

/* What is there already is not folded again. */
static int empty(char path[PATH], const char *folder, const char *kind)
{
	int r;

	snprintf(path, PATH, "%s/%s", folder, kind);
	r = disk_real.make_folder(disk_real.ctx, path);
	return r < 0 ? r : disk_real.list(disk_real.ctx, path, remove_file, path);
}

static int fold_once(const char *journal, uint64_t segment, const char *folder, struct fold_result *ret, int64_t *ret_ns)
{
	char to[3][PATH];
	struct fold_paths paths = { .journal = journal, .totals = to[0], .ids = to[1], .bookings = to[2] };
	struct error error = { 0 };
	int r = 0;

	for (int i = 0; i < 3 && r == 0; i++)
		r = empty(to[i], folder, kinds[i]);
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", folder, strerror(-r));
		return r;
	}
	*ret_ns = cpu_ns();
	r = fold_segment(&disk_real, &paths, segment, ret, &error);
	*ret_ns = cpu_ns() - *ret_ns;
	if (r < 0)
		fprintf(stderr, "%s\n", error.text);
	return r;
}

int main(int argc, char **argv)
{
	int64_t best = INT64_MAX;
	int rounds = 5, c;

	while ((c = getopt(argc, argv, "r:")) == 'r')
		rounds = atoi(optarg);
	if (c != -1 || argc - optind != 3) {
		fprintf(stderr, "usage: bench_fold [-r ROUNDS] JOURNAL-FOLDER SEGMENT FOLDER\n");
		return 2;
	}
	for (int i = 0; i < rounds; i++) {
		struct fold_result result = { 0 };
		int64_t ns;

		if (fold_once(argv[optind], strtoull(argv[optind + 1], NULL, 10), argv[optind + 2], &result, &ns) < 0)
			return 1;
		best = ns < best ? ns : best;
		printf("%llu events, %.1f ns an event, best %.1f\n", (unsigned long long)result.effects,
		       (double)ns / (double)result.effects, (double)best / (double)result.effects);
	}
	return 0;
}
