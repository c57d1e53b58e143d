/* SPDX-License-Identifier: MPL-2.0 */
/* effortctl: what every command is given and what it answers with. One struct ctl belongs to the one thread
 * there is. Exit codes are public (help and effortctl(1)); they are those of sysexits.h where that has one.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "ctl/words.h"

#include <stdbool.h>
#include <stddef.h>

#ifndef EFFORT_VERSION
#define EFFORT_VERSION "0.1.0"
#endif

enum ctl_exit {
	CTL_OK = 0,
	CTL_REFUSED = 1,      /* the answer is a refusal: lines refused, the daemon said no */
	CTL_USAGE = 64,       /* the command line is wrong */
	CTL_NO_INPUT = 66,    /* the files asked for are not there */
	CTL_UNAVAILABLE = 69, /* no daemon, or none that answers */
	CTL_INTERNAL = 70,    /* an answer that makes no sense; no memory */
	CTL_IO = 74,          /* a file or connection failed */
	CTL_TEMPORARY = 75,   /* gave up for now: something is not settled and can be sent again */
	CTL_CONFIG = 78       /* the configuration has faults */
};

#define CTL_NOTES     64
#define CTL_NOTE_SIZE 192

struct ctl {
	const char *run_dir; /* where control.sock is; borrowed from argv, environment or run_dir_buf */
	bool is_json, is_danish, is_utf8, has_colour;
	bool is_terminal; /* stdout is one that understands control sequences (TERM is not dumb) */
	bool wants_help;
	bool is_quiet;     /* ctl_fail says nothing: the caller does without what it asked for */
	int width, height; /* of the screen; height 0: endless */

	/* Short texts on their way to a page: the oldest is overwritten by the CTL_NOTESth newer one. */
	char notes[CTL_NOTES][CTL_NOTE_SIZE];
	unsigned notes_used;
	char run_dir_buf[256];
};

/* Width and height, from COLUMNS or the terminal; it may have changed. */
void ctl_measure_screen(struct ctl *);

/* A short text, cut at CTL_NOTE_SIZE. */
const char *ctl_note(struct ctl *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Says on stderr what went wrong and what to do next; both texts are filled from the same values. Returns
 * `code`. */
#define ctl_fail(ctl, code, what, next, ...)                                                                 \
	ctl_fail_list(ctl, code, what, next, (const char *const[]){ __VA_ARGS__, NULL })
int ctl_fail_list(struct ctl *, int code, enum word what, enum word next, const char *const *values);
/* Output could not be written, as errno says. Returns CTL_IO. */
int ctl_fail_write(struct ctl *);

/* Words on stderr. */
#define ctl_say(ctl, what, ...) ctl_say_list(ctl, what, (const char *const[]){ __VA_ARGS__, NULL })
void ctl_say_list(struct ctl *, enum word what, const char *const *values);

/* Every command: its arguments without the command's own name; NULL-terminated; returns enum ctl_exit. */
typedef int ctl_command(struct ctl *, char **args);

ctl_command status_command, shares_command, send_command, validate_command, explain_command, reload_command,
	plugins_command, sources_command, journal_command, redis_command, dlq_command,
	import_command, efforts_command, targets_command, measures_command, compare_command, export_command;

#endif
