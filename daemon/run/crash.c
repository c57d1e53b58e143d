/* SPDX-License-Identifier: MPL-2.0 */
/* See crash.h. Process-wide by nature: signal handlers have no argument to carry state in. */
#include "run/crash.h"

#include "base/clock.h"
#include "base/log.h"
#include "classify/classify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXIT_INTERNAL 70

static volatile int note_fd = -1;
static volatile int64_t hang_limit_us = INT64_MAX;

static size_t put_decimal(char *at, int64_t number)
{
	char digits[24];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	for (size_t i = 0; i < n; i++)
		at[i] = digits[n - 1 - i];
	return n;
}

/* Async-signal-safe: write() and time() only. */
static void leave_note(const char *area)
{
	char line[128];
	size_t n = put_decimal(line, (int64_t)time(NULL));
	size_t len = strlen(area);

	if (note_fd < 0 || len + n + 2 > sizeof(line))
		return;
	line[n++] = ' ';
	memcpy(line + n, area, len);
	n += len;
	line[n++] = '\n';
	(void)!write(note_fd, line, n);
}

static void on_crash(int sig)
{
	int64_t since_us;
	const char *area = areas_running(&since_us);

	if (area[0] != '\0') {
		leave_note(area);
		log_crash("plugin crashed", "area", area);
	} else {
		log_crash("effortd crashed", "signal",
			  sig == SIGSEGV   ? "SEGV"
			  : sig == SIGABRT ? "ABRT"
					   : "other");
	}
	raise(sig); /* SA_RESETHAND: the default action now, with a core where those are wanted */
}

static void on_watch(int sig)
{
	int64_t since_us;
	const char *area = areas_running(&since_us);

	(void)sig;
	/* 0: it is opened or closed, or its samples run; that is not timed */
	if (area[0] == '\0' || since_us == 0 || clock_mono_us() - since_us < hang_limit_us)
		return;
	leave_note(area);
	log_crash("plugin hangs", "area", area);
	_exit(EXIT_INTERNAL);
}

static void install(void)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	/* of its own, because a plugin that recurses without end has used up the other */
	static char stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction crash = { .sa_handler = on_crash,
				   .sa_flags = (int)SA_RESETHAND | SA_NODEFER | SA_ONSTACK };
	struct sigaction watch = { .sa_handler = on_watch, .sa_flags = SA_RESTART };

	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &crash, NULL);
	sigaction(SIGALRM, &watch, NULL);
}

void crash_set_hang_limit(int64_t hang_limit_ms)
{
	struct itimerval every = { .it_interval = { .tv_usec = 500000 }, .it_value = { .tv_usec = 500000 } };

	hang_limit_us = hang_limit_ms * 1000;
	setitimer(ITIMER_REAL, &every, NULL);
}

int crash_init(const char *state_dir, int64_t hang_limit_ms, struct error *reterr)
{
	char file[4200];

	snprintf(file, sizeof(file), "%s/crashes", state_dir);
	note_fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (note_fd < 0)
		return error_set(reterr, -errno, "cannot open %s: %s", file, strerror(errno));
	install();
	crash_set_hang_limit(hang_limit_ms);
	return 0;
}

void crash_done(void)
{
	struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
	if (note_fd >= 0)
		close(note_fd);
	note_fd = -1;
}

/* How often each area stands in the note since a moment; a note that has grown long is begun anew when
 * nothing in it counts any more. */
const char *const *crash_disabled(const char *state_dir, int64_t now_s)
{
	static char names[AREA_MAX][64];
	static const char *list[AREA_MAX + 1];
	int times[AREA_MAX] = { 0 };
	char file[4200], area[64];
	size_t n = 0, disabled = 0;
	bool is_recent = false;
	long long at;
	FILE *in;

	snprintf(file, sizeof(file), "%s/crashes", state_dir);
	in = fopen(file, "re");
	while (in != NULL && fscanf(in, "%lld %63s\n", &at, area) == 2) {
		size_t i = 0;

		if (now_s - at > CRASH_WINDOW_S)
			continue;
		is_recent = true;
		while (i < n && strcmp(names[i], area) != 0)
			i++;
		if (i == n && n < AREA_MAX)
			strcpy(names[n++], area);
		if (i < AREA_MAX)
			times[i]++;
	}
	if (in != NULL)
		fclose(in);
	if (in != NULL && !is_recent)
		(void)!truncate(file, 0);
	for (size_t i = 0; i < n; i++)
		if (times[i] >= CRASH_TIMES)
			list[disabled++] = names[i];
	list[disabled] = NULL;
	return list;
}
