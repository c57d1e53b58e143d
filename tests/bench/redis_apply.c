/* SPDX-License-Identifier: MPL-2.0 */
/* What a changed cell costs Redis: sweeps of synthetic groups (municipality, day) through the real encoder
 * and the real Redis functions, timed by Redis itself (INFO commandstats) and by its CPU time. Starts its own
 * redis-server on a unix socket in a folder of its own and ends it.
 *
 *     redis_apply [--municipalities 98] [--cells 363] [--tasks 40] [--sweeps 20] [--contacts 3] [--aof]
 *
 * Every sweep changes all cells of all municipalities (and of the country) by 1 to 2*contacts: all sums, all
 * shares, three cell hashes, and six windows with their running copies each. The first sweep, which makes all
 * hashes, is told apart. */
#include "event/vocab.h"
#include "store/encode.h"
#include "store/library.h"

#include <hiredis/hiredis.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int municipalities = 98, cells = 363, tasks = 40, sweeps = 20, contacts = 3;
static bool has_aof;
static char dir[] = "/tmp/redis-apply-XXXXXX", socket_path[64];

static const char *const area_ids[] = { "daycare",        "school",    "eldercare",
					"social",         "technical", "employment",
					"administration", "other",     "unclassified" };
#define AREAS  (int)(sizeof(area_ids) / sizeof(*area_ids))
#define GROUPS 8

static pid_t start_redis(void)
{
	pid_t pid;

	if (!mkdtemp(dir))
		exit(1);
	snprintf(socket_path, sizeof(socket_path), "%s/s", dir);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 1);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path, "--dir",
		       dir, "--save", "", "--appendonly", has_aof ? "yes" : "no", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static redisContext *connect_redis(void)
{
	for (int i = 0; i < 200; i++) {
		redisContext *context = redisConnectUnix(socket_path);

		if (context && !context->err)
			return context;
		if (context)
			redisFree(context);
		usleep(20000);
	}
	fprintf(stderr, "no redis-server\n");
	exit(1);
}

static void load_functions(redisContext *context)
{
	redisReply *reply;
	char *text;
	size_t n;

	if (library_text(&text, &n) < 0)
		exit(1);
	reply = redisCommand(context, "FUNCTION LOAD REPLACE %b", text, n);
	free(text);
	if (!reply || reply->type == REDIS_REPLY_ERROR) {
		fprintf(stderr, "%s\n", reply ? reply->str : context->errstr);
		exit(1);
	}
	freeReplyObject(reply);
}

static double info_number(redisContext *context, const char *section, const char *name)
{
	redisReply *reply = redisCommand(context, "INFO %s", section);
	const char *at = strstr(reply->str, name);
	double value = at ? atof(at + strlen(name)) : 0;

	freeReplyObject(reply);
	return value;
}

static double cpu_s(redisContext *context)
{
	return info_number(context, "cpu", "used_cpu_sys:") + info_number(context, "cpu", "used_cpu_user:");
}

static struct spread_cell *group_cells;
static struct spread_scope scopes[1 + AREAS + GROUPS], *task_scopes;
static char (*task_names)[64];

static void add(struct spread_scope *scope, enum sum sum, int64_t amount)
{
	scope->changed |= UINT32_C(1) << sum;
	scope->sums[sum] += amount;
}

static void count(struct spread_scope *scope, int channel, int kind, int64_t amount)
{
	static const enum sum by_kind[] = { SUM_N, SUM_INFORMATION, SUM_CASE, SUM_UNKNOWN };

	add(scope, SUM_CONTACTS, amount);
	add(scope, by_kind[kind], amount);
	if (kind != EFFORT_TRANSACTION)
		return;
	add(scope, SUM_TARGET_N, amount);
	add(scope, SUM_CHANNEL + (enum sum)channel, amount);
	if (channel == EFFORT_SELFSERVICE)
		add(scope, SUM_SELF, amount), add(scope, SUM_TARGET_SELF, amount),
			add(scope, SUM_DIGITAL, amount);
	else
		add(scope, SUM_MOVABLE, amount);
	if (channel == EFFORT_DIGITALPOST)
		add(scope, SUM_DIGITAL, amount);
}

static struct spread_group make_group(uint16_t municipality, int32_t day)
{
	struct spread_group group = { .municipality = municipality,
				      .day = day,
				      .cells = group_cells,
				      .cells_len = (size_t)cells,
				      .scopes = scopes,
				      .scopes_len = 1 + AREAS + GROUPS,
				      .tasks = task_scopes,
				      .tasks_len = (size_t)tasks };
	static char group_names[GROUPS][16];

	memset(scopes, 0, sizeof(scopes));
	memset(task_scopes, 0, sizeof(*task_scopes) * (size_t)tasks);
	scopes[0].name = "all";
	for (int i = 0; i < AREAS; i++)
		scopes[1 + i].name = area_ids[i];
	for (int i = 0; i < GROUPS; i++) {
		snprintf(group_names[i], sizeof(group_names[i]), "g%d", i);
		scopes[1 + AREAS + i] = (struct spread_scope){ .name = group_names[i], .is_group = true };
	}
	for (int c = 0; c < cells; c++) {
		int task = c % tasks, channel = c / tasks % 10, kind = c / tasks / 10 % EFFORT_KINDS;
		int64_t amount = 1 + random() % (2 * contacts);

		snprintf(task_names[task], sizeof(*task_names), "%s/%s-task-%d", area_ids[task % AREAS],
			 area_ids[task % AREAS], task);
		task_scopes[task].name = task_names[task];
		snprintf(group_cells[c].field, sizeof(group_cells[c].field), "n:%s/%s/%s", task_names[task],
			 vocab_channel[channel], vocab_kind[kind]);
		group_cells[c].amount = amount;
		count(&task_scopes[task], channel, kind, amount);
		count(&scopes[0], channel, kind, amount);
		count(&scopes[1 + task % AREAS], channel, kind, amount);
		count(&scopes[1 + AREAS + task % GROUPS], channel, kind, amount);
		group.contacts += amount;
	}
	return group;
}

static size_t sweep(redisContext *context, const struct scene *scene, int32_t day, uint64_t *position)
{
	struct command command;
	size_t bytes = 0;

	command_init(&command);
	for (int m = 0; m <= municipalities; m++) {
		struct spread_group group = make_group(m == municipalities ? CELL_COUNTRY : (uint16_t)m, day);
		size_t len, mark = encode_group(&command, scene, &group);
		redisReply *reply;
		char *call, *at;

		if (command_format(&command, &call, &len) < 0)
			exit(1);
		at = call + command_offset(&command, mark);
		encode_mark(at, *position + 1);
		for (size_t i = 1; i <= ENCODE_HASHES; i++)
			encode_mark(at + i * ENCODE_STRIDE, *position);
		bytes += len;
		redisAppendFormattedCommand(context, call, len);
		free(call);
		if (redisGetReply(context, (void **)&reply) != REDIS_OK || reply->type != REDIS_REPLY_ARRAY ||
		    reply->element[0]->integer != 0) {
			fprintf(stderr, "%s\n",
				context->err ? context->errstr
				: reply->str ? reply->str
					     : "differing");
			exit(1);
		}
		freeReplyObject(reply);
	}
	++*position;
	command_done(&command);
	return bytes;
}

static double fcall_us(redisContext *context)
{
	redisReply *reply = redisCommand(context, "INFO commandstats");
	const char *at = strstr(reply->str, "cmdstat_fcall:");
	double us = at ? atof(strstr(at, "usec=") + 5) : 0;

	freeReplyObject(reply);
	return us;
}

static void details(redisContext *context)
{
	redisReply *reply = redisCommand(context, "INFO commandstats");

	for (char *line = strtok(reply->str, "\r\n"); line; line = strtok(NULL, "\r\n"))
		printf("  %s\n", line);
	freeReplyObject(reply);
}

static void run(redisContext *context, const char *what, const struct scene *scene, int32_t day, int n,
		uint64_t *position)
{
	double cpu = cpu_s(context), us;
	size_t bytes = 0;
	double changed = (double)cells * (municipalities + 1) * n;

	freeReplyObject(redisCommand(context, "CONFIG RESETSTAT"));
	for (int i = 0; i < n; i++)
		bytes += sweep(context, scene, day, position);
	us = fcall_us(context);
	cpu = cpu_s(context) - cpu;
	printf("%-6s %8.0f changed cells: %5.2f us a cell in FCALL, %5.2f us of Redis CPU, %.0f bytes sent a "
	       "cell\n",
	       what, changed, us / changed, cpu * 1e6 / changed, (double)bytes / changed);
	if (getenv("DETAILS"))
		details(context);
}

int main(int argc, char **argv)
{
	static struct zone zone = { .n = 1, .at_ms = { INT64_MIN }, .offset_s = { 3600 } };
	static const char *codes[1024];
	struct store_view view = { .zone = &zone,
				   .codes = codes,
				   .target_id = "kl-80",
				   .target_steps = &(const struct target_step){ INT32_MIN, 8000 },
				   .target_steps_len = 1,
				   .target_from = 15675,
				   .definition = "kl-80" };
	struct scene scene = { .prefix = "effort:",
			       .writer = "bench",
			       .view = &view,
			       .lag_ms = 0,
			       .missing = "",
			       .names_per_key = 256 };
	uint64_t position = 0;
	redisContext *context;
	pid_t pid;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--aof") == 0)
			has_aof = true;
		else if (i + 1 < argc && strcmp(argv[i], "--municipalities") == 0)
			municipalities = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--cells") == 0)
			cells = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--tasks") == 0)
			tasks = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--sweeps") == 0)
			sweeps = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--contacts") == 0)
			contacts = atoi(argv[++i]);
	}
	view.municipalities_len = (size_t)municipalities;
	for (int m = 0; m < municipalities; m++) {
		static char text[1024][8];

		snprintf(text[m], sizeof(text[m]), "%04d", (101 + m) % 10000);
		codes[m] = text[m];
	}
	group_cells = calloc((size_t)cells, sizeof(*group_cells));
	task_scopes = calloc((size_t)tasks, sizeof(*task_scopes));
	task_names = calloc((size_t)tasks, sizeof(*task_names));
	pid = start_redis();
	context = connect_redis();
	load_functions(context);
	scene_set(&scene, INT64_C(20778) * DAY_MS + 3600000 * 10);
	run(context, "first", &scene, 20778, 1, &position);
	run(context, "then", &scene, 20778, sweeps, &position);
	redisFree(context);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	fflush(stdout);
	return execlp("rm", "rm", "-rf", dir, (char *)NULL);
}
