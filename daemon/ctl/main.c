/* SPDX-License-Identifier: MPL-2.0 */
/* effortctl: the one command-line tool for people and scripts. Finds out who is asking (language, terminal,
 * place of the daemon), then hands over to the command. */
#include "ctl/ctl.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/page.h"

#include "conf/near.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct command {
	const char *name;
	ctl_command *run;
} commands[] = {
	{ "status", status_command },     { "shares", shares_command },   { "send", send_command },
	{ "validate", validate_command }, { "explain", explain_command }, { "reload", reload_command },
	{ "plugins", plugins_command },   { "sources", sources_command },
	{ "journal", journal_command },   { "redis", redis_command },
	{ "dlq", dlq_command },           { "import", import_command },
	{ "efforts", efforts_command },
	{ "targets", targets_command }, { "measures", measures_command },
	{ "compare", compare_command },   { "export", export_command },
};

#define COMMANDS (sizeof commands / sizeof commands[0])

/* Names that are taken: they come with later versions. */
static const char *const later[] = { "top", "health", "doctor", "completion" };

/* ---- what everybody uses ---- */

const char *ctl_note(struct ctl *ctl, const char *fmt, ...)
{
	char *note = ctl->notes[ctl->notes_used++ % CTL_NOTES];
	char text[CTL_NOTE_SIZE]; /* an argument may be a note itself, even the one that is overwritten */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return strcpy(note, text);
}

int ctl_fail_list(struct ctl *ctl, int code, enum word what, enum word next, const char *const *values)
{
	struct page page, step;

	if (ctl->is_quiet)
		return code;
	page_init(&page, ctl);
	page_init(&step, ctl);
	text_puts(&page.text, "effortctl: ");
	page_fill_list(&page, what, values);
	page_line(&page);
	page_spaces(&page, 2);
	page_fill_list(&step, next, values);
	page_paragraph(&page, &step, 2);
	fflush(stdout);
	page_write(&page, stderr);
	page_done(&step);
	page_done(&page);
	return code;
}

int ctl_fail_write(struct ctl *ctl)
{
	return ctl_fail(ctl, CTL_IO, W_WRITE_FAILED, W_NEXT_DISK, failure_text(ctl, errno));
}

void ctl_say_list(struct ctl *ctl, enum word what, const char *const *values)
{
	struct page page;

	page_init(&page, ctl);
	page_fill_list(&page, what, values);
	page_line(&page);
	page_write(&page, stderr);
	page_done(&page);
}

/* ---- who is asking ---- */

/* The first of three variables that says something (POSIX). */
static const char *locale(const char *category)
{
	const char *const names[] = { "LC_ALL", category, "LANG" };

	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "C";
}

static bool is_danish(char **args)
{
	const char *lang = options_peek(args, "--lang");

	if (lang == NULL)
		lang = locale("LC_MESSAGES");
	return strncmp(lang, "da", 2) == 0;
}

static bool is_utf8(void)
{
	const char *name = locale("LC_CTYPE");

	return strcasestr(name, "utf-8") != NULL || strcasestr(name, "utf8") != NULL;
}

void ctl_measure_screen(struct ctl *ctl)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };

	ctl->width = 80;
	ctl->height = 0;
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
		ctl->height = size.ws_row;
		if (size.ws_col > 0)
			ctl->width = size.ws_col;
	}
	if (columns != NULL && atoi(columns) > 0)
		ctl->width = atoi(columns);
	if (ctl->width < 40)
		ctl->width = 40;
	if (ctl->width > 200)
		ctl->width = 200;
}

static void look_around(struct ctl *ctl, char **args)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR"),
		   *run_dir = getenv("EFFORTD_RUN_DIR");

	ctl->is_danish = is_danish(args);
	ctl->is_utf8 = is_utf8();
	ctl->is_terminal =
		isatty(STDOUT_FILENO) && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
	ctl->has_colour = ctl->is_terminal && (no_colour == NULL || no_colour[0] == '\0');
	ctl_measure_screen(ctl);
	if (run_dir != NULL && run_dir[0] != '\0')
		ctl->run_dir = run_dir;
	else
		link_default_dir(ctl);
}

/* ---- what is asked ---- */

static int unknown(struct ctl *ctl, const char *name)
{
	const char *names[COMMANDS], *nearest;

	for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
		if (strcmp(later[i], name) == 0)
			return ctl_fail(ctl, CTL_USAGE, W_COMMAND_LATER, W_NEXT_COMMANDS, name);
	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	nearest = near_find(name, names, COMMANDS);
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_COMMAND_UNKNOWN, W_NEXT_DID_YOU_MEAN, name, nearest);
	return ctl_fail(ctl, CTL_USAGE, W_COMMAND_UNKNOWN, W_NEXT_COMMANDS, name);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* No command on the line: --help, --version, or nothing. */
static int without_command(struct ctl *ctl, char **args)
{
	bool wants_version = false;
	const struct option own[] = { { "--version", NULL, &wants_version }, { NULL, NULL, NULL } };
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (wants_version) {
		puts("effortctl " EFFORT_VERSION);
		return CTL_OK;
	}
	if (ctl->wants_help)
		return help_print(ctl, NULL);
	return ctl_fail(ctl, CTL_USAGE, W_NO_COMMAND, W_NEXT_COMMANDS, "");
}

/* `effortctl help`, `effortctl help COMMAND` */
static int help(struct ctl *ctl, char **args)
{
	const struct option own[] = { { NULL, NULL, NULL } };
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (args[0] == NULL)
		return help_print(ctl, NULL);
	return find(args[0]) == NULL ? unknown(ctl, args[0]) : help_print(ctl, args[0]);
}

int main(int argc, char **argv)
{
	static struct ctl ctl;
	char **args = argv + (argc > 0);
	const struct command *command;
	const char *name;

	look_around(&ctl, args);
	/* Until a daemon or a configuration says otherwise: the default of its `timezone`. */
	if (getenv("TZ") == NULL)
		figure_use_zone("Europe/Copenhagen");
	name = options_take_command(args);
	if (name == NULL)
		return without_command(&ctl, args);
	if (strcmp(name, "help") == 0)
		return help(&ctl, args);
	command = find(name);
	return command == NULL ? unknown(&ctl, name) : command->run(&ctl, args);
}
