/* SPDX-License-Identifier: MPL-2.0 */
/* See journal_survey.h: findings, folders, the lock, and all of it together. */
#include "ctl/journal_survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NAMES_MAX 1000000 /* files of one folder that are looked at */

bool finding_is_damage(enum finding_kind kind)
{
	return kind < FOUND_STRAY;
}

struct finding *survey_add(struct survey *survey, enum finding_kind kind, const char *file)
{
	static struct finding spare;
	size_t n = survey->findings_len, room = n == 0 ? 16 : n * 2;
	struct finding *more;

	survey->damages += finding_is_damage(kind);
	if (n >= SURVEY_FINDINGS) {
		survey->findings_more++;
		return &spare;
	}
	if (n == 0 || (n >= 16 && (n & (n - 1)) == 0)) {
		more = realloc(survey->findings, room * sizeof(*more));
		if (more == NULL) {
			survey->is_cut = true;
			return &spare;
		}
		survey->findings = more;
	}
	survey->findings[n] = (struct finding){
		.kind = kind, .file = strdup(file), .since_ms = INT64_MIN, .until_ms = INT64_MIN
	};
	return &survey->findings[survey->findings_len++];
}

void survey_unread(struct survey *survey, enum finding_kind kind, const char *file, int error, const char *what)
{
	struct finding *finding = survey_add(survey, error == -EBADMSG ? kind : FOUND_UNREADABLE, file);

	if (what == NULL || what[0] == '\0')
		what = error == -EBADMSG ? "checksum" : strerror(-error);
	finding->error = error;
	snprintf(finding->detail, sizeof(finding->detail), "%.199s", what);
}

/* ---- folders ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int keep_name(void *ctx, const char *name)
{
	struct survey_names *names = ctx;
	size_t room = names->room == 0 ? 64 : names->room * 2;
	char **more;

	if (names->n >= NAMES_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (names->n == names->room) {
		more = realloc(names->list, room * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		names->list = more;
		names->room = room;
	}
	names->list[names->n] = strdup(name);
	return names->list[names->n] == NULL ? -ENOMEM : (names->n++, 0);
}

int survey_list(const char *path, struct survey_names *ret)
{
	int r;

	*ret = (struct survey_names){ NULL, 0, 0 };
	r = disk_real.list(disk_real.ctx, path, keep_name, ret);
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		survey_names_done(ret);
		return r;
	}
	if (ret->n > 0)
		qsort(ret->list, ret->n, sizeof(*ret->list), by_name);
	return 0;
}

void survey_names_done(struct survey_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct survey_names){ NULL, 0, 0 };
}

int64_t survey_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

bool survey_is_aside(struct survey *survey, const char *path)
{
	const char *name = strrchr(path, '/');

	if (ends_with(path, ".new")) {
		/* A running effortd is about to finish it. */
		if (!survey->is_running)
			survey_add(survey, FOUND_STRAY, path);
		return true;
	}
	if (name != NULL && (strstr(name, ".damaged") != NULL || strncmp(name, "/damaged-", 9) == 0)) {
		survey_add(survey, FOUND_SET_ASIDE, path);
		return true;
	}
	return false;
}

/* Does another process hold the lock? Asked of the kernel's list: trying the lock ourselves could get into
 * the way of an effortd that starts at this moment. */
static bool is_locked(const char *state_dir)
{
	char path[4200], line[256];
	unsigned major_, minor_;
	unsigned long long inode;
	struct stat st;
	FILE *locks;
	pid_t pid;
	bool found = false;

	snprintf(path, sizeof(path), "%s/lock", state_dir);
	locks = stat(path, &st) == 0 ? fopen("/proc/locks", "re") : NULL;
	if (locks == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), locks) != NULL)
		if (sscanf(line, "%*[^:]: FLOCK %*s WRITE %d %x:%x:%llu", &pid, &major_, &minor_, &inode) ==
		    4)
			/* Devices without a number of their own (overlay, btrfs) are told differently. */
			found = pid != getpid() && inode == st.st_ino &&
				(major(st.st_dev) == 0 ||
				 (major_ == major(st.st_dev) && minor_ == minor(st.st_dev)));
	fclose(locks);
	return found;
}

/* ---- all of it ---- */

static bool is_folder(const char *state_dir, const char *name)
{
	char path[4200];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", state_dir, name);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void survey_top(struct survey *survey)
{
	struct survey_names names;
	char path[4400];

	if (survey_list(survey->state_dir, &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		snprintf(path, sizeof(path), "%s/%s", survey->state_dir, names.list[i]);
		survey_is_aside(survey, path);
	}
	survey_names_done(&names);
}

int survey_new(const char *state_dir, bool is_thorough, struct survey **ret)
{
	struct survey *survey = calloc(1, sizeof(*survey));

	if (survey == NULL)
		return -ENOMEM;
	snprintf(survey->state_dir, sizeof(survey->state_dir), "%s", state_dir);
	survey->horizon_ms = INT64_MIN;
	survey->ids.first_day = INT32_MAX;
	survey->ids.last_day = INT32_MIN;
	survey->is_running = is_locked(state_dir);
	survey->has_journal = is_folder(state_dir, SURVEY_JOURNAL) || is_folder(state_dir, SURVEY_TOTALS);
	if (survey->has_journal) {
		survey_writer(survey);
		survey_top(survey);
		survey_segments(survey);
		survey_totals(survey, is_thorough);
		survey_ids(survey, is_thorough);
		survey_memory(survey, is_thorough);
		survey_deadletters(survey);
	}
	survey->bytes += survey->segment_bytes + survey->ids.bytes + survey->memory_bytes + survey->deadletter_bytes;
	for (size_t i = 0; i < survey->totals_len; i++)
		survey->bytes += survey->totals[i].bytes;
	*ret = survey;
	return 0;
}

void survey_free(struct survey *survey)
{
	if (survey == NULL)
		return;
	for (size_t i = 0; i < survey->findings_len; i++)
		free(survey->findings[i].file);
	free(survey->findings);
	free(survey->segments);
	free(survey->totals);
	free(survey->identity);
	free(survey);
}
