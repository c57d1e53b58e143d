/* SPDX-License-Identifier: MPL-2.0 */
/* See world.h. */
#include "world.h"

#include "base/clock.h"
#include "base/log.h"
#include "event/decode.h"

#include <event2/event.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SETTINGS_MAX 64

static struct conf_override settings[SETTINGS_MAX] = { { "late_limit", "never" },
						       { "future_limit", "never" },
						       { "plugins.dir", BUILD_DIR "/plugins" },
						       { "areas_dir", BUILD_DIR "/areas" } };
static size_t settings_len = 4;

void world_die(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

int64_t world_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

struct world_lines world_read(const char *path)
{
	struct world_lines lines = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) < 0 ||
	    (lines.bytes = calloc(1, (size_t)st.st_size + DECODE_PADDING)) == NULL)
		world_die(path);
	while (lines.len < (size_t)st.st_size) {
		ssize_t n = read(fd, lines.bytes + lines.len, (size_t)st.st_size - lines.len);

		if (n <= 0)
			world_die(path);
		lines.len += (size_t)n;
	}
	close(fd);
	return lines;
}

void world_in_chunks(const struct world_lines *lines, void (*take)(void *ctx, const char *lines, size_t len),
		     void *ctx)
{
	size_t from = 0;

	while (from < lines->len) {
		size_t to = from + WORLD_CHUNK < lines->len ? from + WORLD_CHUNK : lines->len;
		const char *end = memrchr(lines->bytes + from, '\n', to - from);

		if (end == NULL)
			break;
		take(ctx, lines->bytes + from, (size_t)(end + 1 - (lines->bytes + from)));
		from = (size_t)(end + 1 - lines->bytes);
	}
}

void world_set(char *setting)
{
	char *equals = strchr(setting, '=');

	if (equals == NULL || settings_len == SETTINGS_MAX)
		world_die("-s key=value");
	*equals = '\0';
	settings[settings_len++] = (struct conf_override){ setting, equals + 1 };
}

static struct conf *load(const char *dir)
{
	struct faults faults = { 0 }, warnings = { 0 };
	struct conf_override all[SETTINGS_MAX + 2];
	struct conf *conf;

	all[0] = (struct conf_override){ "run_dir", dir };
	all[1] = (struct conf_override){ "state_dir", dir };
	memcpy(&all[2], settings, settings_len * sizeof(*settings));
	conf = conf_load(SOURCE_DIR "/etc/minimal.conf", all, settings_len + 2, &faults, &warnings);
	if (conf == NULL)
		world_die(faults.list[0].text);
	return conf;
}

static void on_durable(void *ctx, uint64_t block)
{
	(void)ctx, (void)block;
}

static void on_nothing(void *ctx)
{
	(void)ctx;
}

static void open_core(struct world *world, struct conf *conf)
{
	const struct core_settings core = { world->base,
					    world->dir,
					    &disk_real,
					    worker_of(world->commits),
					    worker_of(world->keeper),
					    JOURNAL_SEGMENT_BYTES,
					    256,
					    262144,
					    { CORE_NEVER, INT64_C(35) * 86400000, CORE_NEVER, CORE_NEVER,
					      INT64_C(1) << 40, 16000000, 10000000, INT64_C(14) * 86400000, 1000000, 20, 200, 30000 } };
	const struct core_owner owner = { NULL, on_durable, on_nothing, on_nothing, NULL, NULL };
	const struct store_settings store = { .url = "unix:///nowhere/redis.sock",
					      .prefix = "effort:",
					      .timeout_ms = 1000,
					      .version = "bench",
					      .names_per_key = 256 };
	struct faults faults = { 0 };
	struct error error;

	if (core_load(&world->core, &core, clock_now_ms(), &error) < 0)
		world_die(error.text);
	world->snapshot = snapshot_new(conf, &world->core.ledger,
				       &(struct snapshot_settings){ .copies_dir = world->dir }, &faults);
	if (world->snapshot == NULL)
		world_die(faults.list[0].text);
	if (core_open(&world->core, &owner, &store, &world->snapshot->view, clock_now_ms(), &error) < 0)
		world_die(error.text);
}

struct world *world_open(void)
{
	struct world *world = calloc(1, sizeof(*world));
	const char *tmp = getenv("TMPDIR");
	struct error error;
	char letters[300];

	log_open(&(struct log_settings){ .level = LOG_ERROR });
	if (world == NULL || accounts_init(&world->accounts) < 0)
		world_die("out of memory");
	snprintf(world->dir, sizeof(world->dir), "%s/bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(world->dir) == NULL)
		world_die("no temporary folder");
	world->base = event_base_new();
	world->commits = worker_start(world->base, "commits");
	world->keeper = worker_start(world->base, "keeper");
	open_core(world, load(world->dir));
	snprintf(letters, sizeof(letters), "%s/letters", world->dir);
	const struct deadletters_settings dead = { letters, &disk_real, worker_of(world->keeper), 1 << 20,
						   world->core.identity.key };
	world->deadletters = deadletters_open(&dead, &error);
	if (world->deadletters == NULL)
		world_die(error.text);
	return world;
}

void world_turn(struct world *world)
{
	core_turn(&world->core);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
}

void world_wait_durable(struct world *world)
{
	while (!core_is_durable(&world->core))
		event_base_loop(world->base, EVLOOP_ONCE);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void world_close(struct world *world)
{
	worker_end(world->commits, true);
	worker_end(world->keeper, false);
	core_close(&world->core);
	deadletters_close(world->deadletters);
	accounts_done(&world->accounts);
	snapshot_free(world->snapshot);
	worker_free(world->commits);
	worker_free(world->keeper);
	event_base_free(world->base);
	nftw(world->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(world);
}
