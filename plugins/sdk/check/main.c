/* SPDX-License-Identifier: MPL-2.0 */
/* effort-plugin-check: the host's own test bench for one plugin. Runs every check in a child, so a plugin
 * that crashes is named and one that hangs is ended. Exit 0: all fine; 1: a check failed; 2: called wrongly.
 * Leaves nothing behind. */
#include "bench.h"

#include "conf/area_file.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AREAS_OPTION_MAX 32

static const char usage[] = "usage: effort-plugin-check [options] PLUGIN.so [EVENTS.ndjson]\n"
			    "\n"
			    "Loads the plugin as effortd does and puts it to every test of the plugin ABI.\n"
			    "\n"
			    "  --area FILE.conf   check it with this area file (may be repeated); default: a "
			    "made-up area without tasks\n"
			    "  --seed N           seed of the events made up (default 1)\n"
			    "  --limit SECONDS    time a check may take (default 20)\n"
			    "  --no-static        skip the check of static data (instrumented builds)\n"
			    "  --help\n";

struct settings {
	const char *areas[AREAS_OPTION_MAX];
	size_t areas_len;
	const char *plugin, *events;
	unsigned long long seed;
	int limit_s;
	bool ignores_static;
};

static int read_settings(int argc, char **argv, struct settings *ret)
{
	static const struct option options[] = {
		{ "area", required_argument, NULL, 'a' },  { "seed", required_argument, NULL, 's' },
		{ "limit", required_argument, NULL, 'l' }, { "no-static", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },        { NULL, 0, NULL, 0 },
	};
	int option;

	*ret = (struct settings){ .seed = 1, .limit_s = 20 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'a' && ret->areas_len < AREAS_OPTION_MAX)
			ret->areas[ret->areas_len++] = optarg;
		else if (option == 's')
			ret->seed = strtoull(optarg, NULL, 10);
		else if (option == 'l' && atoi(optarg) > 0)
			ret->limit_s = atoi(optarg);
		else if (option == 'n')
			ret->ignores_static = true;
		else if (option == 'h')
			return fputs(usage, stdout), 0;
		else
			return fputs(usage, stderr), 2;
	}
	if (argc - optind < 1 || argc - optind > 2)
		return fputs(usage, stderr), 2;
	ret->plugin = argv[optind];
	ret->events = argc - optind == 2 ? argv[optind + 1] : NULL;
	return -1;
}

/* ---- one check in a child ---- */

static void run_child(const struct check *check, const struct subject *subject, int fd)
{
	char text[1024] = "";
	bool is_fine = check->run(subject, text, sizeof(text));
	size_t len = strlen(text);

	_exit(write(fd, text, len) == (ssize_t)len && is_fine ? 0 : 1);
}

/* What the child said before it ended or its time was up. False: time was up. */
static bool listen_to(int fd, int limit_s, char *text, size_t size)
{
	size_t have = 0;
	ssize_t n = 1;

	text[0] = '\0';
	while (n > 0 && have + 1 < size) {
		struct pollfd p = { fd, POLLIN, 0 };
		int ready = poll(&p, 1, limit_s * 1000);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return false;
		n = read(fd, text + have, size - 1 - have);
		have += n > 0 ? (size_t)n : 0;
		text[have] = '\0';
	}
	return true;
}

enum result { FINE, FAILED, HANGS };

static enum result run_check(const struct check *check, const struct subject *subject, int limit_s)
{
	bool is_in_time, is_fine;
	char text[1024];
	int fds[2], status = 0;
	pid_t child;

	fflush(stdout);
	if (pipe(fds) < 0 || (child = fork()) < 0) {
		perror("effort-plugin-check");
		exit(2);
	}
	if (child == 0) {
		close(fds[0]);
		run_child(check, subject, fds[1]);
	}
	close(fds[1]);
	is_in_time = listen_to(fds[0], limit_s, text, sizeof(text));
	if (!is_in_time)
		kill(child, SIGKILL);
	close(fds[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	is_fine = is_in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!is_in_time)
		snprintf(text, sizeof(text), "hangs: nothing after %d s", limit_s);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "crashes: %s", strsignal(WTERMSIG(status)));
	else if (!is_fine && text[0] == '\0')
		snprintf(text, sizeof(text), "crashes: ended with exit code %d", WEXITSTATUS(status));
	printf("%-7s %-17s %s\n", is_fine ? "ok" : "FAILED", check->name, text);
	return is_fine ? FINE : is_in_time ? FAILED : HANGS;
}

/* After a refusal at the gate or in open(), and after a hang, nothing else can be said. */
static size_t run_checks(const struct subject *subject, const struct settings *settings, size_t *ret_failed)
{
	size_t n = 0;

	for (; n < checks_len; n++) {
		enum result result = run_check(&checks[n], subject, settings->limit_s);
		if (result == FINE)
			continue;
		++*ret_failed;
		if (n < 2 || result == HANGS)
			return n + 1;
	}
	return n;
}

/* ---- what to check with ---- */

/* Every group the tasks name, as if the task package had it. */
static size_t find_groups(const struct area_def *def, struct group_def groups[static AREA_GROUPS_MAX])
{
	size_t n = 0;

	for (size_t t = 0; t < def->tasks_len; t++) {
		for (size_t g = 0; g < def->tasks[t].groups_len; g++) {
			const char *id = def->tasks[t].groups[g];
			size_t i = 0;
			while (i < n && strcmp(groups[i].id, id) != 0)
				i++;
			if (i == n && n < AREA_GROUPS_MAX)
				groups[n++] = (struct group_def){ .id = id, .name_da = id, .name_en = id };
		}
	}
	return n;
}

/* The file's folder and its name without ".so"; both owned by the caller. */
static bool split(const char *path, char **ret_dir, char **ret_name)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name);

	if (len <= 3 || strcmp(name + len - 3, ".so") != 0)
		return false;
	*ret_dir = slash != NULL ? strndup(path, (size_t)(slash - path)) : strdup(".");
	*ret_name = strndup(name, len - 3);
	return *ret_dir != NULL && *ret_name != NULL;
}

static size_t check_area(const struct area_def *read, const struct settings *settings, const char *run_dir,
			 char *dir, char *name, size_t *ret_failed)
{
	struct group_def groups[AREA_GROUPS_MAX];
	struct area_def def = *read;
	struct subject subject = { .path = settings->plugin,
				   .run_dir = run_dir,
				   .def = &def,
				   .groups = groups,
				   .events = settings->events,
				   .seed = settings->seed,
				   .ignores_static = settings->ignores_static };

	def.dir = dir;
	def.plugin = name;
	subject.groups_len = find_groups(&def, groups);
	printf("%s, area %s\n", settings->plugin, def.id);
	return run_checks(&subject, settings, ret_failed);
}

static size_t check_area_file(const char *file, const struct settings *settings, const char *run_dir,
			      char *dir, char *name, size_t *ret_failed)
{
	static struct faults faults;
	struct area_def *def = NULL;
	size_t n = 1;

	if (area_file_read(file, dir, &def, &faults) < 0) {
		for (size_t i = 0; i < faults.n; i++)
			printf("FAILED  area file         %s\n", faults.list[i].text);
		++*ret_failed;
	} else {
		n = check_area(def, settings, run_dir, dir, name, ret_failed);
		area_file_free(def);
	}
	faults_done(&faults);
	return n;
}

static size_t check_all(const struct settings *settings, const char *run_dir, size_t *ret_failed)
{
	static const struct area_claim claims[] = { { .prefix = "99" } };
	struct area_def made = { .name_da = "Prøve", .name_en = "Trial", .claims = claims, .claims_len = 1 };
	char *dir = NULL, *name = NULL;
	size_t n = 0;

	if (!split(settings->plugin, &dir, &name)) {
		printf("FAILED  gate              %s: the name of a plugin ends in .so\n", settings->plugin);
		++*ret_failed;
		return 1;
	}
	made.id = name;
	for (size_t i = 0; i < settings->areas_len; i++)
		n += check_area_file(settings->areas[i], settings, run_dir, dir, name, ret_failed);
	if (settings->areas_len == 0)
		n = check_area(&made, settings, run_dir, dir, name, ret_failed);
	free(dir);
	free(name);
	return n;
}

int main(int argc, char **argv)
{
	char run_dir[] = "/tmp/effort-plugin-check-XXXXXX", copies[64];
	struct settings settings;
	size_t n, failed = 0;
	int result = read_settings(argc, argv, &settings);

	if (result >= 0)
		return result;
	if (mkdtemp(run_dir) == NULL) {
		perror("effort-plugin-check: /tmp");
		return 2;
	}
	n = check_all(&settings, run_dir, &failed);
	snprintf(copies, sizeof(copies), "%s/plugins-private", run_dir);
	rmdir(copies);
	rmdir(run_dir);
	printf("%zu checks, %zu failed\n", n, failed);
	return failed > 0;
}
