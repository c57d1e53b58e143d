/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of the store share: a real redis-server on a unix socket in a folder of its own, a store
 * connected to it on an event loop, a second connection to look with, contacts counted both through the
 * product and in a plain list, and an oracle that makes every expected field of a share hash from that list
 * by brute force.
 *
 * Included by one test program each. Everything is ended by bed_close(), by process id. */
#ifndef TESTS_STORE_BED_H
#define TESTS_STORE_BED_H

#include "danish_zone.h"
#include "suite.h"

#include "base/clock.h"
#include "count/names.h"
#include "count/spread.h"
#include "count/tally.h"
#include "domain/area.h"
#include "event/vocab.h"
#include "store/store.h"

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BED_CONTACTS 4096
#define BED_NAMES    256
#define BED_RUNS     64
#define BED_ROOM     512 /* positions of a batch: two for each day of a municipality in it; even */
#define SHARED       __attribute__((unused)) /* not every program uses everything */

struct bed_contact {
	struct cell cell;
	int64_t count;
};

struct bed_name {
	uint16_t municipality;
	uint8_t dimension;
	int32_t period;
	char name[32];
	struct name_amount amount;
	int64_t last_ms;
};

struct bed {
	char dir[64], socket[96], url[112];
	pid_t redis;
	const char *extra[16]; /* further arguments of redis-server */
	redisContext *look;

	struct event_base *base;
	struct store *store;
	struct store_view view;
	const char *prefix;
	const char *user, *password_file;
	int64_t timeout_ms;
	const char *writer;
	uint64_t position; /* of the last batch */
	uint64_t run_first[BED_RUNS], run_last[BED_RUNS];
	size_t runs;
	struct positions *positions;
	int64_t probe_ms;
	int ready, lost, settled, trouble, gaps, repaired, foreign;
	uint64_t found, common, block;
	bool is_shared;
	bool is_lazy; /* gaps are not answered */
	bool has_lost; /* and if they are, with totals that are not whole */
	char why[256], error[256], advice[512];

	struct standings *standings;
	struct tally tally;
	struct names *names;
	struct bed_contact contacts[BED_CONTACTS]; /* all that was counted */
	size_t contacts_len, sent_len;             /* sent_len: of them in batches so far */
	struct bed_name named[BED_NAMES];
	size_t named_len, named_sent;
	struct amount *frozen; /* owned: the batch on its way */
	size_t frozen_len;
	int64_t frozen_ms;
	struct bed *other; /* another writer on the same Redis, or NULL */
};

static struct zone bed_zone;

static void bed_start_redis(struct bed *bed)
{
	pid_t parent = getpid();

	unlink(bed->socket);
	bed->redis = fork();
	ck_assert_int_ge(bed->redis, 0);
	if (bed->redis == 0) {
		const char *argv[32] = { "redis-server", "--port", "0", "--unixsocket", bed->socket, "--dir",
					 bed->dir,       "--save", "",  "--logfile",    "log" };
		int n = 11;

		for (int i = 0; bed->extra[i]; i++)
			argv[n++] = bed->extra[i];
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	for (int i = 0; i < 500; i++) {
		redisReply *reply;

		bed->look = redisConnectUnix(bed->socket);
		if (bed->look && !bed->look->err) {
			reply = redisCommand(bed->look, "PING");
			if (reply && reply->type != REDIS_REPLY_ERROR) {
				freeReplyObject(reply);
				return;
			}
			if (reply)
				freeReplyObject(reply);
		}
		if (bed->look)
			redisFree(bed->look);
		bed->look = NULL;
		usleep(10000);
	}
	ck_abort_msg("redis-server does not answer");
}

static void bed_stop_redis(struct bed *bed, int signal)
{
	if (bed->look)
		redisFree(bed->look);
	bed->look = NULL;
	if (bed->redis > 0) {
		kill(bed->redis, signal);
		waitpid(bed->redis, NULL, 0);
	}
	bed->redis = 0;
}

SHARED static redisReply *bed_ask(struct bed *bed, const char *fmt, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, fmt);
	reply = redisvCommand(bed->look, fmt, args);
	va_end(args);
	ck_assert_msg(reply != NULL, "%s: %s", fmt, bed->look->errstr);
	return reply;
}

SHARED static void bed_do(struct bed *bed, const char *fmt, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, fmt);
	reply = redisvCommand(bed->look, fmt, args);
	va_end(args);
	ck_assert_ptr_nonnull(reply);
	ck_assert_msg(reply->type != REDIS_REPLY_ERROR, "%s: %s", fmt, reply->str);
	freeReplyObject(reply);
}

/* The text of an answer in a buffer of its own ("(nil)" for none). Good for two at a time. */
SHARED static const char *bed_text(struct bed *bed, const char *fmt, ...)
{
	static char buf[4][512];
	static int turn;
	redisReply *reply;
	va_list args;

	turn = (turn + 1) % 4;
	va_start(args, fmt);
	reply = redisvCommand(bed->look, fmt, args);
	va_end(args);
	ck_assert_ptr_nonnull(reply);
	if (reply->type == REDIS_REPLY_INTEGER)
		snprintf(buf[turn], sizeof(buf[turn]), "%lld", reply->integer);
	else
		snprintf(buf[turn], sizeof(buf[turn]), "%s",
			 reply->type == REDIS_REPLY_NIL ? "(nil)" : reply->str);
	freeReplyObject(reply);
	return buf[turn];
}

static void bed_run(struct bed *bed, int64_t ms);

/* Redis answers so, now or when the store has come to it. */
#define bed_is(bed, expected, ...)                                                                           \
	do {                                                                                                 \
		int64_t end_ms = clock_mono_ms() + BED_WAIT_MS;                                              \
		while (strcmp(bed_text(bed, __VA_ARGS__), expected) != 0 && clock_mono_ms() < end_ms)        \
			bed_run(bed, 2);                                                                     \
		ck_assert_str_eq(bed_text(bed, __VA_ARGS__), expected);                                      \
	} while (0)

static void bed_on_ready(void *ctx)
{
	((struct bed *)ctx)->ready++;
}

static void bed_on_lost(void *ctx, const char *why)
{
	struct bed *bed = ctx;

	bed->lost++;
	snprintf(bed->why, sizeof(bed->why), "%s", why);
}

static void bed_on_settled(void *ctx, size_t calls)
{
	(void)calls;
	((struct bed *)ctx)->settled++;
	names_settle(((struct bed *)ctx)->names);
}

static void bed_on_trouble(void *ctx, const char *error)
{
	struct bed *bed = ctx;

	bed->trouble++;
	snprintf(bed->error, sizeof(bed->error), "%s", error);
}

static void bed_repair(struct bed *bed, struct place_key key);

static void bed_on_gap(void *ctx, struct place_key key)
{
	struct bed *bed = ctx;

	bed->gaps++;
	if (!bed->is_lazy)
		bed_repair(bed, key);
}

static void bed_on_repaired(void *ctx, struct place_key key)
{
	(void)key;
	((struct bed *)ctx)->repaired++;
}

static void bed_on_foreign(void *ctx, struct place_key key, uint64_t found, uint64_t common, uint64_t block)
{
	struct bed *bed = ctx;

	(void)key;
	bed->foreign++;
	bed->found = found;
	bed->common = common;
	bed->block = block;
}

static bool bed_is_own(void *ctx, uint64_t position)
{
	const struct bed *bed = ctx;

	for (size_t i = 0; i < bed->runs; i++)
		if (position >= bed->run_first[i] && position <= bed->run_last[i])
			return true;
	return false;
}

static bool bed_is_shared(void *ctx, uint64_t common, uint64_t block)
{
	(void)common;
	return ((struct bed *)ctx)->is_shared && block != STORE_NO_BLOCK;
}

/* Each begins behind a block of its number. */
static size_t bed_runs(void *ctx, struct store_run *ret, size_t max)
{
	const struct bed *bed = ctx;

	ck_assert_uint_le(bed->runs, max);
	for (size_t i = 0; i < bed->runs; i++)
		ret[i] = (struct store_run){ bed->run_first[i], i };
	return bed->runs;
}

static void bed_on_advice(void *ctx, enum store_advice kind, const char *advice)
{
	struct bed *bed = ctx;
	size_t len = strlen(bed->advice);

	ck_assert_int_lt(kind, STORE_ADVICES);
	snprintf(bed->advice + len, sizeof(bed->advice) - len, "%s|", advice);
}

/* A run of effortd begins its positions far behind the last. */
static void bed_begin_run(struct bed *bed)
{
	ck_assert_uint_lt(bed->runs, BED_RUNS);
	bed->position += 1000000;
	bed->run_first[bed->runs] = bed->run_last[bed->runs] = bed->position;
	bed->runs++;
}

static void bed_open_store(struct bed *bed, const char *url)
{
	struct store_settings settings = { .url = url,
					   .prefix = bed->prefix,
					   .user = bed->user,
					   .password_file = bed->password_file,
					   .timeout_ms = bed->timeout_ms,
					   .writer = bed->writer,
					   .positions = bed->positions,
					   .probe_interval_ms = bed->probe_ms,
					   .version = "0.1.0",
					   .names_per_key = 3 };
	struct store_owner owner = { .ctx = bed,
				     .on_ready = bed_on_ready,
				     .on_lost = bed_on_lost,
				     .on_settled = bed_on_settled,
				     .on_trouble = bed_on_trouble,
				     .on_gap = bed_on_gap,
				     .on_repaired = bed_on_repaired,
				     .on_foreign = bed_on_foreign,
				     .is_own = bed_is_own,
				     .is_own_run = bed_is_own,
				     .is_shared = bed_is_shared,
				     .runs = bed_runs,
				     .on_advice = bed_on_advice };
	struct error error;

	bed_begin_run(bed);
	settings.run = bed->position;
	bed->store = store_open(bed->base, &settings, &owner, &bed->view, &error);
	ck_assert_msg(bed->store != NULL, "%s", error.text);
}

static const char *const bed_codes[] = { "0101", "0751", "0851" };
static const char *const bed_municipalities[] = { "København", "Aarhus", "Aalborg" };
static const struct area_def bed_areas[] = {
	{ .id = "school", .name_da = "Skole", .name_en = "School", .order = 2 },
	{ .id = "eldercare", .name_da = "Ældre", .name_en = "Elderly care", .order = 3 },
};
static const struct group_def bed_groups[] = {
	{ .id = "waves", .name_da = "Bølger", .name_en = "Waves", .order = 1 }
};
static const struct target_step bed_steps[] = { { INT32_MIN, 8000 } };
static const struct store_task bed_tasks[] = { { "school/enrolment", "Indskrivning", "Enrolment" } };

/* A test never waits longer than this for anything. */
#define BED_WAIT_MS 15000

static void bed_run(struct bed *bed, int64_t ms)
{
	struct timeval limit = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(bed->base, &limit);
	event_base_dispatch(bed->base);
}

/* Runs the loop until the expression holds. */
#define bed_until(bed, expression)                                                                           \
	do {                                                                                                 \
		int64_t end_ms = clock_mono_ms() + BED_WAIT_MS;                                              \
		while (!(expression)) {                                                                      \
			ck_assert_msg(clock_mono_ms() < end_ms, "waited in vain for: %s (%s | %s)",          \
				      #expression, (bed)->why, (bed)->error);                                \
			bed_run(bed, 2);                                                                     \
		}                                                                                            \
	} while (0)

SHARED static void bed_drain(struct bed *bed, int64_t now_ms)
{
	/* A tick's answers may lead to further calls: rankings after 200 ms, series at the next tick. */
	store_tick(bed->store, now_ms, 0, "running");
	bed_run(bed, 250);
	store_tick(bed->store, now_ms, 0, "running");
	bed_run(bed, 250);
}

static void bed_make_dir(struct bed *bed)
{
	memset(bed, 0, sizeof(*bed));
	signal(SIGPIPE, SIG_IGN); /* as effortd does */
	danish_zone(&bed_zone);
	snprintf(bed->dir, sizeof(bed->dir), "/tmp/effort-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(bed->dir));
	snprintf(bed->socket, sizeof(bed->socket), "%s/s", bed->dir);
	snprintf(bed->url, sizeof(bed->url), "unix://%s", bed->socket);
	bed->prefix = "effort:";
	bed->timeout_ms = 2000;
	bed->writer = "w1";
	bed->probe_ms = 30000;
	bed->view = (struct store_view){
		.zone = &bed_zone,
		.municipalities_len = 3,
		.codes = bed_codes,
		.municipality_names = bed_municipalities,
		.areas = bed_areas,
		.areas_len = 2,
		.groups = bed_groups,
		.groups_len = 1,
		.tasks = bed_tasks,
		.tasks_len = 1,
		.target_id = "kl-80",
		.target_steps = bed_steps,
		.target_steps_len = 1,
		.target_from = day_of_date(2012, 12, 1),
		.definition = "kl-series",
	};
	bed->standings = standings_new();
	ck_assert_int_eq(tally_init(&bed->tally, 65536), 0);
	bed->names = names_new(256, 10000);
	bed->positions = positions_new();
	bed->base = event_base_new();
}

SHARED static void bed_open(struct bed *bed)
{
	bed_make_dir(bed);
	bed_start_redis(bed);
	bed_open_store(bed, bed->url);
	bed_until(bed, bed->ready > 0);
}

static void bed_close_writer(struct bed *bed)
{
	store_close(bed->store);
	standings_free(bed->standings);
	tally_done(&bed->tally);
	names_free(bed->names);
	positions_free(bed->positions);
	free(bed->frozen);
}

/* Another writer on the same Redis, with its own counts. Its loop is the first one's. */
SHARED static void bed_open_other(struct bed *bed, struct bed *other, const char *writer)
{
	struct event_base *own;

	bed_make_dir(other);
	rmdir(other->dir);
	own = other->base;
	event_base_free(own);
	other->base = bed->base;
	other->writer = writer;
	other->look = bed->look;
	other->probe_ms = bed->probe_ms;
	other->other = bed;
	bed->other = other;
	bed_open_store(other, bed->url);
	bed_until(bed, other->ready > 0);
}

static void bed_close(struct bed *bed)
{
	pid_t rm;

	bed_close_writer(bed);
	event_base_free(bed->base);
	bed_stop_redis(bed, SIGKILL);
	rm = fork();
	if (rm == 0) {
		execlp("rm", "rm", "-rf", bed->dir, (char *)NULL);
		_exit(127);
	}
	waitpid(rm, NULL, 0);
}

/* Counting
 * ----------------------------------------------------------------------------------------------------------
 */

/* One contact of count. area "school", task "enrolment" or "-"; the task stands in group "waves" when it is a
 * target. */
SHARED static void bed_count(struct bed *bed, int municipality, int32_t day, const char *area,
			     const char *task, bool is_target, struct cell cell, int64_t count)
{
	uint32_t groups = is_target ? UINT32_C(1) << standings_group(bed->standings, "waves") : 0;

	cell.municipality = (uint16_t)municipality;
	cell.day = day;
	cell.standing = (uint16_t)standings_intern(bed->standings, area, task, groups, true, is_target);
	ck_assert_int_eq(tally_add(&bed->tally, cell_pack(&cell), count, 0), 0);
	ck_assert_uint_lt(bed->contacts_len, BED_CONTACTS);
	bed->contacts[bed->contacts_len++] = (struct bed_contact){ cell, count };
}

/* A name; period: first day of the month (of a reason: the day). */
SHARED static void bed_name(struct bed *bed, int municipality, enum dimension dimension, int32_t period,
			    const char *name, struct name_amount amount, int64_t last_ms)
{
	struct bed_name *named = &bed->named[bed->named_len++];

	ck_assert_uint_le(bed->named_len, BED_NAMES);
	*named = (struct bed_name){ .municipality = (uint16_t)municipality,
				    .dimension = (uint8_t)dimension,
				    .period = period,
				    .amount = amount,
				    .last_ms = last_ms };
	snprintf(named->name, sizeof(named->name), "%s", name);
	ck_assert_int_eq(names_add(bed->names, (uint16_t)municipality, dimension, period,
				   (struct effort_str){ named->name, strlen(name) }, amount, last_ms, NULL),
			 0);
}

static int bed_on_group(void *ctx, const struct spread_group *group)
{
	return store_batch_group(((struct bed *)ctx)->store, group);
}

static void bed_on_name(void *ctx, const struct name_record *record)
{
	ck_assert_int_eq(store_batch_name(((struct bed *)ctx)->store, record), 0);
}

/* What was counted becomes a batch with a position. */
static void bed_freeze(struct bed *bed, int64_t now_ms)
{
	free(bed->frozen);
	bed->frozen = calloc(bed->tally.used + 1, sizeof(*bed->frozen));
	bed->frozen_len = tally_sorted(&bed->tally, bed->frozen);
	bed->frozen_ms = now_ms;
	tally_clear(&bed->tally);
	names_freeze(bed->names);
	bed->position += BED_ROOM;
	bed->run_last[bed->runs - 1] = bed->position;
	bed->sent_len = bed->contacts_len;
	bed->named_sent = bed->named_len;
}

/* Gives the frozen batch to the store; can be done again with another store. */
static void bed_submit(struct bed *bed)
{
	struct amount *amounts = malloc((bed->frozen_len + 1) * sizeof(*amounts));

	memcpy(amounts, bed->frozen, bed->frozen_len * sizeof(*amounts));
	ck_assert_int_eq(store_batch_begin(bed->store, bed->frozen_ms, 0, bed->position), 0);
	ck_assert_int_eq(spread(amounts, bed->frozen_len, bed->standings, bed_on_group, bed), 0);
	names_frozen(bed->names, bed_on_name, bed);
	store_batch_send(bed->store);
	free(amounts);
}

static void bed_send(struct bed *bed, int64_t now_ms)
{
	bed_freeze(bed, now_ms);
	bed_submit(bed);
}

SHARED static void bed_send_and_wait(struct bed *bed, int64_t now_ms)
{
	int settled = bed->settled;

	bed_send(bed, now_ms);
	bed_until(bed, bed->settled > settled);
}

/* Noon of a local day. */
SHARED static int64_t bed_noon(int32_t day)
{
	return zone_midnight_ms(&bed_zone, day) + DAY_MS / 2;
}

#include "store_oracle.h"
#include "store_truth.h"

#endif
