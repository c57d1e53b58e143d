/* SPDX-License-Identifier: MPL-2.0 */
/* effortd -t: what a start would do short of opening sockets and Redis, with all faults told at once. Leaves
 * no trace: plugins are opened from copies in a folder of its own, since run_dir may not be there yet. */
#include "run/effortd.h"

#include "base/clock.h"
#include "journal/segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct place nowhere;

/* Can the log be written, the password read, the private Redis' program run? */
static void check_log(const struct conf *conf, struct faults *faults)
{
	char folder[4096];
	char *slash;

	if (conf->log_file == NULL || access(conf->log_file, W_OK) == 0)
		return;
	snprintf(folder, sizeof(folder), "%s", conf->log_file);
	slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	if (errno != ENOENT || access(folder, W_OK | X_OK) < 0)
		fault_add(faults, conf_place(conf, "log.file"), "make its folder, or correct log.file",
			  "log.file: %s cannot be written: %s", conf->log_file, strerror(errno));
}

static bool is_program(const char *name)
{
	const char *path = getenv("PATH");
	char *list = strdup(path != NULL ? path : "/usr/bin:/bin"), *rest = list, *folder, file[4096];
	bool is_found = strchr(name, '/') != NULL && access(name, X_OK) == 0;

	while (!is_found && strchr(name, '/') == NULL && list != NULL &&
	       (folder = strsep(&rest, ":")) != NULL) {
		snprintf(file, sizeof(file), "%s/%s", folder, name);
		is_found = access(file, X_OK) == 0;
	}
	free(list);
	return is_found;
}

static void check_redis(const struct conf *conf, struct faults *faults)
{
	if (strcmp(conf->redis_url, "private") == 0 && !is_program(conf->redis_server))
		fault_add(faults, conf_place(conf, "redis.server"),
			  "install the package redis-server, or correct redis.server",
			  "redis.server: no program '%s'", conf->redis_server);
	if (conf->redis_password_file != NULL && access(conf->redis_password_file, R_OK) < 0)
		fault_add(faults, conf_place(conf, "redis.password_file"), "make the file, readable by effortd only",
			  "redis.password_file: %s: %s", conf->redis_password_file, strerror(errno));
}

static struct snapshot *check_snapshot(struct conf *conf, struct ledger *ledger, struct faults *faults)
{
	char folder[] = "/tmp/effortd-check-XXXXXX", inner[64];
	struct definition_book *book;
	struct snapshot *snapshot;

	if (mkdtemp(folder) == NULL) {
		fault_add(faults, nowhere, NULL, "cannot make a folder in /tmp: %s", strerror(errno));
		conf_free(conf);
		return NULL;
	}
	book = definition_book_open(&disk_real, conf->state_dir);
	snapshot = snapshot_new(conf, ledger,
				&(struct snapshot_settings){ .copies_dir = folder, .definitions = book, .now_ms = clock_now_ms() },
				faults);
	definition_book_close(book);
	snprintf(inner, sizeof(inner), "%s/plugins-private", folder);
	rmdir(inner);
	rmdir(folder);
	return snapshot;
}

/* A damaged header is read over at a start, so it is a note; what a later version has written stops one. */
static void check_journal(const struct conf *conf, struct faults *faults)
{
	char dir[4200], path[SEGMENT_PATH_MAX];
	struct segment_head head;
	uint64_t *numbers;
	size_t n;

	snprintf(dir, sizeof(dir), "%s/journal", conf->state_dir);
	if (segment_list(&disk_real, dir, &numbers, &n) < 0)
		return; /* not there yet, or not ours to read */
	for (size_t i = 0; i < n; i++) {
		int r;

		segment_path(path, dir, numbers[i]);
		r = segment_head_read(&disk_real, path, &head);
		if (r == -EPROTONOSUPPORT)
			fault_add(faults, nowhere, "start the version of effortd that wrote it",
				  "%s: written by a later version", path);
		else if (r == -EBADMSG)
			fprintf(stderr, "%s: damaged header; the rest of the journal is used\n  hint: effortctl journal verify\n",
				path);
		else if (r < 0)
			fault_add(faults, nowhere, "look after the disk; renamed to .damaged it is left out, with what it holds",
				  "%s: %s", path, strerror(-r));
	}
	free(numbers);
}

int effortd_check(const struct arguments *arguments)
{
	struct faults faults = { 0 };
	struct ledger ledger;
	struct snapshot *snapshot = NULL;
	struct conf *conf = effortd_conf(arguments, &faults);
	int r = EXIT_CONFIG;

	if (conf != NULL) {
		check_log(conf, &faults);
		check_redis(conf, &faults);
		check_journal(conf, &faults);
	}
	if (conf != NULL && ledger_init(&ledger, (size_t)conf->limits_names, BUFSIZ) == 0) {
		snapshot = check_snapshot(conf, &ledger, &faults);
		ledger_done(&ledger);
	}
	effortd_print_faults(&faults);
	if (snapshot != NULL && faults.n == 0) {
		fprintf(stderr, "configuration is good: %zu areas, %zu municipalities\n",
			snapshot->conf->areas_len, snapshot->conf->municipalities_len);
		r = EXIT_OK;
	}
	faults_done(&faults);
	snapshot_free(snapshot);
	return r;
}
